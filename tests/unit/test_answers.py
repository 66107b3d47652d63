"""Answers: which number is quoted, how sure a sentence may sound, and that every number in it is the stored one."""

import re
from dataclasses import replace

import pytest
from tests.cells import bounded, effect, samples
from tests.project import evidence_with

from reanalysis.models.pooling import pool
from reanalysis.report import answers as told
from reanalysis.report.citation import cite
from reanalysis.report.links import Link, plain
from reanalysis.results.rows import Answer
from reanalysis.schema.cell_models import ALL_EVIDENCE_BAYES, RANDOM_EFFECTS, SINGLE_STUDY
from reanalysis.schema.raw import Appraisal, Outcome
from reanalysis.schema.review import Question, Review
from reanalysis.synthesis.answers import answers
from reanalysis.text import interval, number

LEVEL = Outcome(outcome_group="oxytocin-level", label="oxytocin level", higher_is_better="no", question="levels")
CELL = "early-stress/bpd_vs_control/oxytocin-level"
LEVELS = Question(asks="Is the level lower?", about="whether the level is lower")


@pytest.fixture
def answer(config):
    """The answer of one made-up cell."""

    def made(findings, **parts) -> Answer:
        evidence = evidence_with(outcomes={"oxytocin-level": LEVEL}, **parts)
        models = pool(findings, config.models).models
        (row,) = answers(evidence, findings, models, config)
        return row

    return made


def appraised(judgement):
    row = Appraisal(
        appraisal_id="a", cell=CELL, tool="GRADE", item="overall", judgement=judgement, reason="r", by="AB",
        date="2026-01-01",
    )  # fmt: skip
    return {"a": row}


# ---------------------------------------------------------------- which number, and how sure


def test_pooled_effects_are_quoted_before_the_posterior_and_a_single_sample_by_itself(answer):
    assert answer(samples(5)).model == RANDOM_EFFECTS
    mixed = [effect("a"), *(bounded(name, -9.0, -0.4) for name in "bcd")]
    assert answer(mixed).model == ALL_EVIDENCE_BAYES
    assert answer([effect("a")]).model == SINGLE_STUDY
    one = bounded("a", -9.0, -0.4, ci_lb=-9.0, ci_ub=0.1, level=0.95)
    row = answer([one])
    assert (row.model, row.est, row.ci_lb, row.ci_ub) == (None, None, -9.0, 0.1)


def test_what_is_known_may_be_and_what_is_not_is_very_uncertain(answer):
    known = answer([effect(name, -0.5, 0.02) for name in "abcde"])
    assert (known.sign, known.worded_as, known.statement) == (-1, "low", "Oxytocin level may be lower in BPD.")
    alone = answer([effect("a", -0.5, 0.2)])
    assert (alone.sign, alone.worded_as, alone.certainty) == (0, "very low", None)
    assert alone.statement == "Oxytocin level: very uncertain; lower in BPD in the only sample."


def test_enough_pooled_effects_that_show_no_sign_are_not_very_uncertain(answer):
    row = answer([effect(name, yi, 0.05) for name, yi in zip("abcde", (-0.4, 0.3, -0.5, 0.2, -0.3), strict=True)])
    assert (row.sign, row.worded_as) == (0, "low")
    assert row.statement == ("Oxytocin level: direction uncertain; lower in BPD in 3 samples and higher in BPD in 2.")


def test_an_effect_within_the_margin_may_be_negligible(answer):
    row = answer([effect(name, 0.0, 0.0004) for name in "abcdefgh"])
    assert (row.sign, row.within) == (0, True)
    assert row.statement == "Oxytocin level: the difference may be negligible."


@pytest.mark.parametrize(
    ("judgement", "statement"),
    [
        ("high", "Oxytocin level is lower in BPD."),
        ("Moderate", "Oxytocin level is probably lower in BPD."),
        ("very low", "Oxytocin level: very uncertain; lower in BPD in all 5 samples."),
        ("some concerns", "Oxytocin level may be lower in BPD."),  # not a word of GRADE
    ],
)
def test_a_person_decides_how_sure_it_sounds(answer, judgement, statement):
    row = answer([effect(name, -0.5, 0.02) for name in "abcde"], appraisals=appraised(judgement))
    assert row.statement == statement
    assert row.rated_by == (None if judgement == "some concerns" else "AB")


def test_what_is_good_for_the_person_stands_beside_the_direction(answer):
    good = answer([effect(name, -0.5, 0.02, higher_is_better="no") for name in "abcde"])
    assert (good.good_sign, good.statement) == (-1, "Oxytocin level may be lower in BPD (better).")
    both = answer([effect("a", higher_is_better="no"), effect("b", higher_is_better="yes")])
    assert both.good_sign is None
    assert "better" not in both.statement


def test_samples_count_once_and_sizes_that_are_not_known_are_told(answer):
    row = answer([effect("a"), effect("a", finding_id="a2"), effect("b", n1i=None, n2i=None)])
    assert (row.findings, row.samples, row.participants, row.samples_without_n) == (3, 2, 100, 1)
    assert told.participants(row) == "at least 100 participants"


def test_a_review_without_questions_has_answers_and_its_title_as_headline(answer, config):
    row = answer(samples(3))
    assert row.main is False
    review = Review(title="A title")
    assert told.headline([row], review, evidence_with().names) == "A title"
    assert told.cards([row], [], review, evidence_with().names) == []


# ---------------------------------------------------------------- headline, cards, leads


def rows_of(*specs):
    """Answers of the question `levels` from statement, sign and samples."""
    return [
        Answer(
            question=name, main=True, domain="d", contrast="bpd_vs_control", outcome_group=group, sign=sign,
            statement=statement, worded_as="low" if sign else "very low", samples=k, lower=k, if_lower="lower in BPD",
            if_higher="higher in BPD", direction=k, higher=0, mixed=0, no_difference=0, no_sign=0, exact=0, bounded=0,
            unusable=0,
        )
        for name, group, sign, statement, k in specs
    ]  # fmt: skip


REVIEW = Review(
    title="A title",
    questions={"levels": LEVELS, "harm": Question(asks="Does it harm?", about="whether it harms")},
)


def test_the_headline_is_the_finding_and_then_what_is_not_known():
    names = evidence_with().names
    known = ("levels", "oxt-level", -1, "Peripheral oxytocin may be lower in BPD.", 5)
    second = ("levels", "relationship-status", -1, "Oxytocin level by relationship status may be lower in BPD.", 3)
    unknown = ("harm", "cortisol", 0, "Cortisol under stress: very uncertain; lower in BPD in the only sample.", 1)
    assert told.headline(rows_of(known, unknown), REVIEW, names) == (
        "Peripheral oxytocin may be lower in BPD; whether it harms is very uncertain"
    )
    assert told.headline(rows_of(known, second), REVIEW, names) == (
        "Peripheral oxytocin and oxytocin level by relationship status may be lower in BPD"
    )
    assert told.headline(rows_of(unknown), REVIEW, names) == "Whether it harms is very uncertain"


def test_many_outcomes_are_named_in_part():
    """A headline can be read, and a card, however many outcomes there are."""
    names = evidence_with().names
    many = [("levels", f"outcome-{i:02d}", -1, f"Outcome {i:02d} may be lower in BPD.", 40 - i) for i in range(20)]
    four = "Outcome 00, outcome 01, outcome 02 and outcome 03 may be lower in BPD"
    assert told.headline(rows_of(*many[:4]), REVIEW, names) == four
    five = "Outcome 00, outcome 01, outcome 02 and 2 other outcomes may be lower in BPD"
    assert told.headline(rows_of(*many[:5]), REVIEW, names) == five
    assert [len(way) for way in told.counted(rows_of(*many[:15]), "outcome", names).ways.values()] == [15]
    (way,) = told.counted(rows_of(*many), "outcome", names).ways.values()
    assert (len(way), way[-2:]) == (15, ["outcome 13", "6 others"])


def test_a_card_tells_what_is_known_and_counts_the_rest():
    names = evidence_with().names
    known = ("levels", "oxt-level", -1, "Peripheral oxytocin may be lower in BPD.", 5)
    others = ("cortisol", "trust", "empathy-kind")
    unknown = [("levels", name, 0, f"{name}: very uncertain; lower in BPD.", 1) for name in others]
    (card,) = told.cards(rows_of(known, *unknown), [], REVIEW, names)
    assert [line.statement for line in card.lines] == ["Peripheral oxytocin may be lower in BPD."]
    assert card.rest.lead == "3 more outcomes, all very uncertain"
    assert card.rest.ways == {"Lower in BPD": [names.outcome(name) for name in others]}
    (card,) = told.cards(rows_of(*unknown), [], REVIEW, names)
    assert (card.lines, card.rest.lead) == ([], "3 outcomes, all very uncertain")


def test_outcomes_are_counted_by_what_they_mean_for_the_person():
    (row,) = rows_of(("harm", "cortisol", 0, "Cortisol: very uncertain.", 1))
    better, worse = replace(row, good_sign=-1), replace(row, good_sign=1)
    unknown, torn = replace(row, lower=0, no_sign=1), replace(row, higher=1)
    null = replace(row, lower=0, no_difference=1)
    names = evidence_with().names
    rest = told.counted([better, better, worse, row, unknown, torn, null], "outcome", names)
    assert rest.lead == "7 outcomes, all very uncertain"
    assert {way: len(labels) for way, labels in rest.ways.items()} == {
        "Better": 2, "Worse": 1, "Lower in BPD": 1, "Direction not known": 1, "Inconsistent": 1,
        "No difference reported": 1,
    }  # fmt: skip
    assert not told.counted([], "outcome", names)
    assert str(told.counted([row], "more outcome", names)) == (
        f"1 more outcome, very uncertain. Lower in BPD: {names.question(row).split(',')[0]}."
    )
    assert str(told.counted([row, row], "outcome", names)).startswith("2 outcomes, both very uncertain. Lower in BPD: ")


# ---------------------------------------------------------------- every number is the stored one

NUMBER = r"−?(?:\d+\.\d+|∞)"


def test_every_number_of_every_sentence_is_the_one_of_its_row(evidence, effects, config):
    models = pool(effects, config.models).models
    rows = answers(evidence, effects, models, config)
    assert len(rows) > 60
    for row in rows:
        text = plain(told.numbers(row, models))
        ends = re.search(rf"\[({NUMBER}), ({NUMBER})\]", text)
        if ends:
            assert ends[0] == interval(row.ci_lb, row.ci_ub)
            assert f"{row.level:.0%}" in text
        if row.est is not None:
            assert f"{number(row.est)}, " in text
        limit = re.search(rf"at (most|least) ({NUMBER})", text)
        if limit:
            assert limit[2] == number(row.ci_ub if limit[1] == "most" else row.ci_lb)
        usable = row.exact + row.bounded + row.direction
        if row.participants or row.participants_unusable:
            known = row.participants if usable else row.participants_unusable
            assert re.search(r"(\d+) participant", text)[1] == str(known)
        counts = re.findall(r"(?:effect size|significance only|direction only) in (\d+)", text)
        assert sum(map(int, counts)) in (0, usable)
        without = re.search(r"(\d+) further samples?(?: \((?:at least )?(\d+) participants?\))? without", text)
        assert bool(without) == bool(row.unusable and usable)
        if without:
            assert (int(without[1]), without[2]) == (row.unusable, str(row.participants_unusable or "") or None)
        for link in told.numbers(row, models):
            if isinstance(link, Link):
                assert link.key.endswith(row.model.replace(" ", "-"))


def test_samples_of_an_answer_are_those_of_its_findings(evidence, effects, config):
    rows = answers(evidence, effects, pool(effects, config.models).models, config)
    for row in rows:
        cell = row.domain, row.contrast, row.outcome_group
        own = [e for e in effects if e.use == "main" and (e.domain, e.contrast, e.outcome_group) == cell]
        assert row.findings == len(own)
        assert row.samples == len({e.cohort_id for e in own})
        assert row.samples == row.exact + row.bounded + row.direction + row.unusable
        assert row.samples == row.higher + row.lower + row.mixed + row.no_difference + row.no_sign


def test_no_sentence_is_surer_than_may_while_nobody_has_rated_it(evidence, effects, config):
    rows = answers(evidence, effects, pool(effects, config.models).models, config)
    assert {row.certainty for row in rows} == {None}
    assert {row.worded_as for row in rows} <= {"low", "very low"}
    assert not any(" is probably " in row.statement for row in rows)


# ---------------------------------------------------------------- how the page is cited


def test_the_page_is_cited_with_what_the_review_says_of_itself():
    review = Review(title="A title", authors=["Nobody A", "Nobody B"], date="2026-01-31")
    made = cite(review, "1.0")
    assert made.text == "Nobody A and Nobody B (2026-01-31). A title: a living synthesis. Version 1.0."
    assert "@misc{a-title2026," in made.bibtex
    assert "author = {{Nobody A} and {Nobody B}}" in made.bibtex
    assert cite(Review(title="A title"), "1.0").text == "A title: a living synthesis. Version 1.0."
