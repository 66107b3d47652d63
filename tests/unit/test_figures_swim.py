"""Effect direction plots: each finding is behind one mark of one question, and all text can be read."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from matplotlib.colors import to_rgba
from tests.drawing import gids, unreadable
from tests.project import NAMES

from reanalysis.figures.effect_direction import draw_effect_direction
from reanalysis.figures.effect_direction_table import effect_direction_table, is_drawn
from reanalysis.figures.style import SCORES, TALLEST
from reanalysis.results.rows import Effect
from reanalysis.schema.raw import Appraisal, Outcome
from reanalysis.synthesis.directions import count_directions, sample_directions

WIDTHS = (170, 180, 400)  # mm: the least and the most that the configuration allows, and what it says


@pytest.fixture(scope="module")
def tables(evidence, effects):
    return directions(evidence, effects)


def directions(evidence, effects, appraisals=()):
    tests = count_directions(effects, NAMES, 0.95)
    return effect_direction_table(
        sample_directions(effects), tests, effects, evidence.domains.values(), NAMES, appraisals
    )


def draw(marks, evidence, width=180):
    return draw_effect_direction(marks, list(evidence.domains), width)


def test_every_question_has_its_figure(tables, evidence):
    assert tables.keys() <= evidence.review.questions.keys()
    assert len(tables) > 1
    for question, marks in tables.items():
        asked = {NAMES.outcomes[name].question for mark in marks for name in _outcomes(mark, evidence)}
        assert asked == {question}
        assert {mark.outcome_group for mark in marks} == {name for mark in marks for name in _outcomes(mark, evidence)}


def _outcomes(mark, evidence):
    return {row.outcome_group for row in evidence.findings[mark.domain] if row.finding_id == mark.finding_ids[0]}


@pytest.mark.parametrize("width", WIDTHS)
def test_all_text_can_be_read(width, tables, evidence):
    for marks in tables.values():
        figure = draw(marks, evidence, width)
        assert unreadable(figure) == []
        wide, high = figure.get_size_inches() * 25.4
        assert wide <= width + 1e-9
        assert high <= TALLEST


@pytest.mark.parametrize("sign", ["W", "i"])
def test_names_as_long_as_the_schema_allows_are_drawn(tables, evidence, sign):
    label = f"{sign * 40} {sign * 40} {sign * 38}"
    assert Outcome(outcome_group="x", label=label, higher_is_better="yes").label == label
    for marks in tables.values():
        assert draw([replace(mark, outcome_label=label) for mark in marks], evidence)


def test_every_row_of_the_table_is_a_mark_with_its_id(tables, evidence):
    for marks in tables.values():
        ids = [row.mark_id for row in marks if row.mark_id]
        assert len(set(ids)) == len(ids)
        assert sorted(gids(draw(marks, evidence))) == sorted(ids)


def test_more_evidence_makes_a_longer_page_and_no_overlap(evidence, effects):
    more = [
        replace(effect, label=f"{effect.label}, replicated", sample_id=f"{effect.sample_id}-2", finding_id=f"{n}-2")
        for n, effect in enumerate(effects)
        if effect.sample_id and effect.use == "main"
    ]
    for marks in directions(evidence, [*effects, *more]).values():
        assert unreadable(draw(marks, evidence)) == []


def test_every_finding_is_behind_one_mark(tables, main):
    behind = Counter(name for marks in tables.values() for row in marks for name in row.finding_ids)
    assert behind == Counter(effect.finding_id for effect in main)


def test_counts_of_a_mark_add_up(tables):
    for marks in tables.values():
        for mark in marks:
            assert mark.findings == mark.up + mark.down + mark.silent == len(mark.finding_ids)


def test_sign_tests_are_the_stored_ones(tables, effects, evidence):
    """That of the outcome, from five samples with a direction on."""
    stored = {
        (row.domain, row.contrast, row.outcome_group, row.sense): row for row in count_directions(effects, NAMES, 0.95)
    }
    shown = [mark for marks in tables.values() for mark in marks if mark.pval is not None]
    assert shown
    for mark in shown:
        test = stored[mark.domain, mark.contrast, mark.outcome_group, mark.sense]
        assert mark.pval == test.pval
        assert test.up + test.down >= 5
    tested = {(mark.domain, mark.contrast, mark.outcome_group, mark.sense) for mark in shown}
    assert tested == {key for key, row in stored.items() if key[2] and row.up + row.down >= 5}


def test_a_judged_study_has_its_ground(evidence, effects):
    samples = sorted({effect.sample_id for effect in effects if effect.use == "main" and effect.sample_id})
    levels = ("low", "some", "high")
    whole = {"tool": "RoB 2", "item": "overall", "reason": "made up", "by": "nobody", "date": "2020-01-01"}
    judged = [
        Appraisal(appraisal_id=name, sample_id=name, judgement=level, level=level, **whole)
        for name, level in zip(samples, levels * len(samples), strict=False)
    ]
    marks = [mark for own in directions(evidence, effects, judged).values() for mark in own]
    assert {mark.appraisal_level for mark in marks} == set(levels)
    for own in directions(evidence, effects, judged).values():
        assert unreadable(draw(own, evidence)) == []


def finding(number, **columns) -> Effect:
    known = {
        "domain": "early-stress",
        "contrast": "bpd_vs_control",
        "outcome_group": "oxt-level",
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


def marks_of(evidence, *effects):
    (own,) = directions(evidence, effects).values()
    return own


DOWN = {"yi_lb": -math.inf, "yi_ub": 0.0}
NOTHING = {"rung": "unusable", "yi_lb": None, "yi_ub": None}


def test_each_outcome_has_a_column_of_its_own(evidence):
    """Outcomes that are neither good nor bad are not averaged, and neither are the others."""
    groups = [{"outcome_group": name} for name in ("oxt-level", "oxt-daily-variation", "oxt-reactivity-stress")]
    found = marks_of(evidence, *(finding(n, **group, **(DOWN if n else {})) for n, group in enumerate(groups)))
    shown = {mark.outcome_group: (mark.symbol, mark.findings) for mark in found}
    assert shown == {
        "oxt-level": ("higher", 1),
        "oxt-daily-variation": ("lower", 1),
        "oxt-reactivity-stress": ("lower", 1),
    }
    assert {mark.outcome_label for mark in found} == {NAMES.outcome(group["outcome_group"]) for group in groups}


def test_results_of_one_outcome_stand_in_one_cell(evidence):
    words = ("yes", "no", "no")
    (mark,) = marks_of(
        evidence, *(finding(n, higher_is_better="yes", **(DOWN if n else {})) for n, _ in enumerate(words))
    )
    assert (mark.symbol, mark.verdict, mark.up, mark.down, mark.findings) == ("disagree", "mixed", 1, 2, 3)


@pytest.mark.parametrize(
    ("columns", "symbol"),
    [
        ({"higher_is_better": "no"}, "worse"),
        (NOTHING | {"direction": "none"}, "no difference"),
        (NOTHING | {"direction": "not_visible"}, "not usable"),
        ({"rung": "bounded", "yi_lb": -0.5, "yi_ub": 0.5}, "no difference"),
        ({"rung": "exact", "yi": 0.0, "yi_lb": None, "yi_ub": None}, "no difference"),
        ({"rung": "exact", "yi": 1e-4, "yi_lb": None, "yi_ub": None}, "higher"),
    ],
)
def test_what_a_symbol_says(columns, symbol, evidence):
    (mark,) = marks_of(evidence, finding(1, **columns))
    assert mark.symbol == symbol


def test_a_review_that_fits_a_page_has_one_figure(evidence):
    other = {"outcome_group": "affective-empathy", "contrast": "oxt_vs_placebo_bpd"}
    assert set(directions(evidence, [finding(1), finding(2, **other)])) == {"all"}


def test_a_figure_says_more_than_a_sentence(evidence):
    """Four studies and two outcomes at least."""

    def studies(k, groups):
        return [
            finding(f"{n}-{group}", sample_id=f"s{n}", cohort_id=f"s{n}", outcome_group=group)
            for n in range(k)
            for group in groups
        ]

    two = ("oxt-level", "oxt-daily-variation")
    drawn = {
        (k, len(groups)): is_drawn(marks_of(evidence, *studies(k, groups))) for k in (3, 4) for groups in (two, two[:1])
    }
    assert drawn == {(3, 2): False, (3, 1): False, (4, 2): True, (4, 1): False}


def test_an_outcome_whose_only_result_is_not_usable_is_named_where_columns_do_not_fit(tables, evidence):
    named = [mark for mark in tables["treatment"] if mark.mark_id is None]
    assert named
    assert {mark.symbol for mark in named} == {"not usable"}
    note = " ".join(text.get_text() for text in draw(tables["treatment"], evidence).axes[0].texts)
    assert all(mark.label in note for mark in named)
    assert all(mark.mark_id for mark in tables["levels"])


def test_an_unknown_number_of_participants_is_said(tables, evidence):
    said = [text.get_text() for text in draw(tables["levels"], evidence).axes[0].texts]
    assert any(mark.n is None for mark in tables["levels"])
    assert "NR" in said
    assert any("not reported (NR)" in text for text in said)


def test_scores_without_a_level_have_grounds_from_light_to_dark(evidence, effects):
    samples = sorted({effect.sample_id for effect in effects if effect.use == "main" and effect.sample_id})
    whole = {"tool": "Some scale", "item": "overall", "reason": "made up", "by": "nobody", "date": "2020-01-01"}
    judged = [
        Appraisal(appraisal_id=name, sample_id=name, judgement=str(1 + n % 3), **whole)
        for n, name in enumerate(samples)
    ]
    (ax,) = draw(directions(evidence, effects, judged)["levels"], evidence).axes
    said = [text.get_text() for text in ax.texts if text.get_text().startswith("Some scale")]
    assert said == ["Some scale: 3", "Some scale: 2", "Some scale: 1"]
    grounds = {patch.get_facecolor() for patch in ax.patches}
    assert {to_rgba(SCORES[place]) for place in (0, 2, 4)} <= grounds
