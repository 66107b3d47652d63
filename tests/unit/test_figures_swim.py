"""Effect direction and albatross plots: each finding is drawn once or named, and all text can be read."""

import math
import re
from collections import Counter
from dataclasses import replace

import pytest
from scipy import stats
from tests.drawing import gids, unreadable

from reanalysis.figures.albatross import draw_albatross
from reanalysis.figures.albatross_table import CONTOURS, albatross_table
from reanalysis.figures.effect_direction import draw_effect_direction
from reanalysis.figures.effect_direction_table import effect_direction_table
from reanalysis.results.rows import Effect
from reanalysis.synthesis.directions import sign

WIDTH, PAGE = 180, 250  # mm
WIDTHS = (170, 180, 400)  # mm: the least and the most that the configuration allows, and what it says


@pytest.fixture(scope="module")
def albatross(evidence, effects):
    return albatross_table(evidence, effects)


def drawn(plot, evidence, effects, rows=None, width=WIDTH):
    if plot == "effect direction":
        return draw_effect_direction(effect_direction_table(effects), evidence.domains, width)
    return draw_albatross(albatross_table(evidence, effects) if rows is None else rows, width)


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("plot", ["effect direction", "albatross"])
def test_all_text_can_be_read(plot, width, evidence, effects):
    assert unreadable(drawn(plot, evidence, effects, width=width)) == []


@pytest.mark.parametrize("plot", ["effect direction", "albatross"])
def test_a_figure_fits_a_page_of_a_journal(plot, evidence, effects):
    wide, high = drawn(plot, evidence, effects).get_size_inches() * 25.4
    assert wide == pytest.approx(WIDTH)
    assert high <= PAGE


@pytest.mark.parametrize("plot", ["effect direction", "albatross"])
def test_a_figure_without_findings_is_a_page_that_can_be_saved(plot, evidence, tmp_path):
    drawn(plot, evidence, []).savefig(tmp_path / "empty.svg")
    assert (tmp_path / "empty.svg").stat().st_size > 0


@pytest.mark.parametrize("plot", ["effect direction", "albatross"])
def test_more_evidence_makes_a_longer_page_and_no_overlap(plot, evidence, effects):
    rows = albatross_table(evidence, effects) if plot == "albatross" else None
    more = [
        replace(effect, label=f"{effect.label}, replicated", sample_id=f"{effect.sample_id}-2", finding_id=f"{n}-2")
        for n, effect in enumerate(effects)
        if effect.sample_id and effect.use == "main"
    ]
    if plot == "albatross":
        marks = [row for row in rows if row.number]
        rows = [*marks, *(replace(row, number=row.number + 100, n=row.n * 1.3) for row in marks), *rows[len(marks) :]]
    overlaps = unreadable(drawn(plot, evidence, [*effects, *more], rows))
    assert len(overlaps) <= (4 if plot == "albatross" else 0), overlaps


# ---------------------------------------------------------------- effect direction


def test_every_finding_is_behind_one_mark(effects, main):
    behind = Counter(name for row in effect_direction_table(effects) for name in row.finding_ids)
    assert behind == Counter(effect.finding_id for effect in main)


def test_every_row_of_the_table_is_a_mark_with_its_id(evidence, effects):
    ids = [row.mark_id for row in effect_direction_table(effects)]
    assert len(set(ids)) == len(ids)
    assert sorted(gids(drawn("effect direction", evidence, effects))) == sorted(ids)


def test_counts_of_a_mark_add_up(effects):
    for mark in effect_direction_table(effects):
        assert mark.findings == mark.up + mark.down + mark.silent == len(mark.finding_ids)


def finding(number, **columns) -> Effect:
    known = {
        "domain": "early-stress",
        "contrast": "bpd_vs_control",
        "outcome_group": f"outcome-{number}",
        "finding_id": f"finding-{number}",
        "coding": "primary",
        "label": "Author 2020",
        "sample_id": "author2020",
        "cohort_id": "author2020",
        "higher_is_better": "unclear",
        "rung": "direction",
        "yi_lb": 0.0,
        "yi_ub": math.inf,
        "use": "main",
    }
    return Effect(**(known | columns))


def test_outcomes_that_are_neither_good_nor_bad_are_not_averaged():
    down = {"yi_lb": -math.inf, "yi_ub": 0.0}
    marks = effect_direction_table([finding(1), finding(2, **down), finding(3, **down)])
    assert [(mark.verdict, mark.findings) for mark in marks] == [("up", 1), ("down", 2)]
    better = [finding(1, higher_is_better="yes"), finding(2, higher_is_better="no"), finding(3, higher_is_better="no")]
    assert [(mark.verdict, mark.up, mark.down) for mark in effect_direction_table(better)] == [("mixed", 1, 2)]


# ---------------------------------------------------------------- albatross


def test_every_finding_is_a_mark_or_named_with_a_reason(albatross, main, evidence, effects):
    found = [row for row in albatross if row.kind != "contour"]
    assert sorted(row.mark_id for row in found) == sorted(f"{e.finding_id}--{e.coding}" for e in main)
    assert all(row.note for row in found if row.kind == "not drawn")
    marks = [row for row in found if row.number]
    assert sorted(gids(drawn("albatross", evidence, effects))) == sorted(row.mark_id for row in marks)
    assert sorted({row.number for row in marks}) == list(range(1, len({row.number for row in marks}) + 1))


def test_marks_stand_on_the_side_of_their_effect(albatross, main):
    sides = {f"{effect.finding_id}--{effect.coding}": effect for effect in main}
    for row in albatross:
        if row.kind == "point":
            assert row.x == pytest.approx(sign(sides[row.mark_id]) * -math.log10(row.p), abs=1e-12)
        if row.kind == "segment":
            assert row.x_from < row.x_to
            assert sign(sides[row.mark_id]) == (row.x_from >= 0) - (row.x_to <= 0)


def test_a_bounded_p_reaches_from_its_bound_outwards_or_inwards(albatross, main):
    statements = {f"{effect.finding_id}--{effect.coding}": effect.es_method for effect in main}
    for row in albatross:
        if row.kind == "segment":
            ends = [abs(end) for end in (row.x_from, row.x_to) if end and math.isfinite(end)]
            said = statements[row.mark_id].partition(" from ")[2]
            limits = [-math.log10(float(p)) for p in re.findall(r"[\d.]+", said)]
            assert sorted(set(ends)) == pytest.approx(sorted(limits))
            assert math.isinf(row.x_from) or math.isinf(row.x_to) or said == "p > 0.05" or len(limits) == 2


def test_n_is_that_of_two_equal_groups_of_the_same_precision(albatross, main):
    sizes = {f"{effect.finding_id}--{effect.coding}": effect for effect in main}
    checked = 0
    for row in albatross:
        effect = sizes.get(row.mark_id)
        if row.number and row.metric == "SMD" and row.contrast != "group_by_drug" and effect.n1i:
            assert row.n == pytest.approx(4 / (1 / effect.n1i + 1 / effect.n2i))
            checked += 1
        elif row.number and row.metric != "SMD":
            assert row.n == effect.ni
    assert checked > 10


def test_contours_are_where_a_t_test_of_that_effect_stands(albatross):
    points = [row for row in albatross if row.kind == "contour"]
    assert {abs(row.effect) for row in points if row.metric == "ZCOR"} == set(CONTOURS["ZCOR"])
    for row in points[::37]:
        df = row.n - (1 if row.metric == "SMCC" else 2)
        if row.metric == "ZCOR":
            t = row.effect * math.sqrt(df / (1 - row.effect**2))
        else:
            j = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
            t = row.effect / j * math.sqrt(row.n) / (1 if row.metric == "SMCC" else 2)
        assert row.p == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9)
        assert row.x == pytest.approx(math.copysign(-math.log10(row.p), row.effect))


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_findings_can_be_read(count, evidence, effects):
    rows = albatross_table(evidence, [effect for effect in effects if effect.use == "main"][:count])
    assert unreadable(draw_albatross(rows, WIDTH)) == []
