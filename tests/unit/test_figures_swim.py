"""Effect direction and albatross plots: each finding is drawn once or named, and all text can be read."""

import math
from collections import Counter
from dataclasses import replace
from functools import cache

import pytest
from reanalysis.figures.albatross import draw_albatross
from reanalysis.figures.albatross_table import albatross_table
from tests.drawing import gids, unreadable
from tests.project import NAMES

from reanalysis.figures.effect_direction import draw_effect_direction
from reanalysis.figures.effect_direction_table import effect_direction_table
from reanalysis.results.rows import Effect
from reanalysis.synthesis.directions import sample_directions
from reanalysis.synthesis.p_values import p_contours, p_values

WIDTH, PAGE = 180, 250  # mm
WIDTHS = (170, 180, 400)  # mm: the least and the most that the configuration allows, and what it says


@pytest.fixture(scope="module")
def values(evidence, effects):
    return p_values(evidence, effects)


@pytest.fixture(scope="module")
def albatross(values):
    return albatross_table(values, p_contours(values), NAMES)


def directions(effects):
    return effect_direction_table(sample_directions(effects), NAMES)


def albatross_of(evidence, effects):
    values = p_values(evidence, effects)
    return albatross_table(values, p_contours(values), NAMES)


@pytest.fixture(scope="module")
def draw(evidence, effects, albatross):
    """Draws one of the plots at a width, once."""
    ways = {
        "effect direction": lambda width: draw_effect_direction(directions(effects), evidence.domains, width),
        "albatross": lambda width: draw_albatross(albatross, width),
    }
    return cache(lambda plot, width: ways[plot](width))


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("plot", ["effect direction", "albatross"])
def test_all_text_can_be_read(plot, width, draw):
    assert unreadable(draw(plot, width)) == []


@pytest.mark.parametrize("plot", ["effect direction", "albatross"])
def test_a_figure_fits_a_page_of_a_journal(plot, draw):
    wide, high = draw(plot, WIDTH).get_size_inches() * 25.4
    assert wide == pytest.approx(WIDTH)
    assert high <= PAGE


def test_a_figure_without_findings_is_a_page_that_can_be_saved(evidence, tmp_path):
    for name, figure in (
        ("effect direction", draw_effect_direction(directions([]), evidence.domains, WIDTH)),
        ("albatross", draw_albatross(albatross_of(evidence, []), WIDTH)),
    ):
        figure.savefig(tmp_path / f"{name}.svg")
        assert (tmp_path / f"{name}.svg").stat().st_size > 0


def test_more_evidence_makes_a_longer_page_and_no_overlap(evidence, effects, albatross):
    more = [
        replace(effect, label=f"{effect.label}, replicated", sample_id=f"{effect.sample_id}-2", finding_id=f"{n}-2")
        for n, effect in enumerate(effects)
        if effect.sample_id and effect.use == "main"
    ]
    assert unreadable(draw_effect_direction(directions([*effects, *more]), evidence.domains, WIDTH)) == []
    marks = [row for row in albatross if row.number]
    others = [replace(row, number=row.number + 100, n=row.n * 1.3) for row in marks]
    overlaps = unreadable(draw_albatross([*marks, *others, *albatross[len(marks) :]], WIDTH))
    assert len(overlaps) <= 4, overlaps


# ---------------------------------------------------------------- effect direction


def test_every_finding_is_behind_one_mark(effects, main):
    behind = Counter(name for row in directions(effects) for name in row.finding_ids)
    assert behind == Counter(effect.finding_id for effect in main)


def test_every_row_of_the_table_is_a_mark_with_its_id(draw, effects):
    ids = [row.mark_id for row in directions(effects)]
    assert len(set(ids)) == len(ids)
    assert sorted(gids(draw("effect direction", WIDTH))) == sorted(ids)


def test_counts_of_a_mark_add_up(effects):
    for mark in directions(effects):
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
    marks = directions([finding(1), finding(2, **down), finding(3, **down)])
    assert [(mark.verdict, mark.findings) for mark in marks] == [("up", 1), ("down", 2)]
    better = [finding(1, higher_is_better="yes"), finding(2, higher_is_better="no"), finding(3, higher_is_better="no")]
    assert [(mark.verdict, mark.up, mark.down) for mark in directions(better)] == [("mixed", 1, 2)]


# ---------------------------------------------------------------- albatross


def test_every_finding_is_a_mark_or_named_with_a_reason(albatross, main, draw):
    found = [row for row in albatross if row.kind != "contour"]
    assert sorted(row.mark_id for row in found) == sorted(f"{e.finding_id}--{e.coding}" for e in main)
    assert all(row.note for row in found if row.kind == "not drawn")
    marks = [row for row in found if row.number]
    assert sorted(gids(draw("albatross", WIDTH))) == sorted(row.mark_id for row in marks)
    assert sorted({row.number for row in marks}) == list(range(1, len({row.number for row in marks}) + 1))


def test_marks_stand_where_the_stored_p_says(albatross, values):
    stored = {f"{row.finding_id}--{row.coding}": row for row in values}
    for row in albatross:
        if row.kind == "contour":
            continue
        known = stored[row.mark_id]
        assert (row.p, row.n, row.x, row.note) == (known.p, known.n, known.log_p, known.note)
        assert (row.x_from, row.x_to) == (known.log_p_lb, known.log_p_ub)
        assert row.kind == ("not drawn" if known.note else "segment" if known.p is None else "point")


def test_every_contour_is_drawn_where_it_is_stored(albatross, values):
    points = [(row.metric, row.effect, row.n, row.x) for row in albatross if row.kind == "contour"]
    assert points == [(row.metric, row.effect, row.n, row.log_p) for row in p_contours(values)]


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_findings_can_be_read(count, evidence, effects):
    rows = albatross_of(evidence, [effect for effect in effects if effect.use == "main"][:count])
    assert unreadable(draw_albatross(rows, WIDTH)) == []
