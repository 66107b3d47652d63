"""Effect direction plots: each finding is behind one mark of one question, and all text can be read."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from tests.drawing import gids, unreadable
from tests.project import NAMES

from reanalysis.figures.effect_direction import draw_effect_direction
from reanalysis.figures.effect_direction_table import effect_direction_table
from reanalysis.figures.style import TALLEST
from reanalysis.results.rows import Effect
from reanalysis.schema.raw import Appraisal
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


def test_every_row_of_the_table_is_a_mark_with_its_id(tables, evidence):
    for marks in tables.values():
        ids = [row.mark_id for row in marks]
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
    """That over all outcomes of a domain that mean the same; without two votes there is none."""
    stored = {}
    for row in count_directions(effects, NAMES, 0.95):
        stored.setdefault((row.domain, row.contrast, row.sense), []).append(row)
    shown = [mark for marks in tables.values() for mark in marks if mark.pval is not None]
    assert shown
    for mark in shown:
        own = stored[mark.domain, mark.contrast, mark.sense]
        (test,) = [row for row in own if row.outcome_group is None] or own
        assert mark.pval == test.pval
        assert test.up + test.down > 1


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


def test_outcomes_that_are_neither_good_nor_bad_are_not_averaged(evidence):
    def marks(*effects):
        (own,) = directions(evidence, effects).values()
        return own

    groups = [{"outcome_group": name} for name in ("oxt-level", "oxtr-protein", "oxt-reactivity-stress")]
    groups[1] = {"outcome_group": "oxt-daily-variation"}
    down = {"yi_lb": -math.inf, "yi_ub": 0.0}
    found = marks(finding(1, **groups[0]), finding(2, **groups[1], **down), finding(3, **groups[2], **down))
    assert [(mark.verdict, mark.findings) for mark in found] == [("up", 1), ("down", 2)]
    words = zip(groups, ("yes", "no", "no"), strict=True)
    better = [finding(n, **group, higher_is_better=word) for n, (group, word) in enumerate(words)]
    assert [(mark.verdict, mark.up, mark.down) for mark in marks(*better)] == [("mixed", 1, 2)]
