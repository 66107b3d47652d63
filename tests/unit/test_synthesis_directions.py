"""One vote for each independent sample, cast by the sign alone; nothing is lost and nothing excluded votes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.project import CONTRASTS, NAMES, RAW

from reanalysis.check import load
from reanalysis.ladder import domain_effects
from reanalysis.results.rows import Effect
from reanalysis.schema.vocabulary import RUNGS
from reanalysis.synthesis.directions import (
    VERDICTS,
    Vote,
    agreement,
    cells,
    clopper_pearson,
    count_directions,
    sample_directions,
    sign_test,
    votes,
)


def effect(number=1, **columns) -> Effect:
    """A finding of the main analysis of which only a positive sign is known."""
    known = {
        "domain": "some-domain",
        "contrast": "bpd_vs_control",
        "outcome_group": "level",
        "finding_id": f"finding-{number}",
        "coding": "primary",
        "label": f"Author {number}",
        "sample_id": f"sample-{number}",
        "cohort_id": f"cohort-{number}",
        "higher_is_better": "not_applicable",
        "rung": "direction",
        "yi_lb": 0.0,
        "yi_ub": math.inf,
        "use": "main",
    }
    return Effect(**(known | columns))


DOWN = {"yi_lb": -math.inf, "yi_ub": 0.0}
SILENT = {"rung": "bounded", "yi_lb": -0.5, "yi_ub": 0.5}
UNUSABLE = {"rung": "unusable", "yi_lb": None, "yi_ub": None}


def exact(yi: float) -> dict:
    return {"rung": "exact", "yi": yi, "vi": 0.1, "yi_lb": None, "yi_ub": None}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (exact(0.01), 1),
        (exact(-3.0), -1),
        (exact(0.0), 0),
        ({"rung": "bounded", "yi_lb": 0.4, "yi_ub": math.inf}, 1),
        ({"rung": "bounded", "yi_lb": -0.5, "yi_ub": 0.0}, -1),  # a trend: not significant, with a sign
        (SILENT, 0),
        ({}, 1),
        (DOWN, -1),
        (UNUSABLE, 0),
    ],
)
def test_the_sign_is_that_of_the_effect_or_of_bounds_on_one_side_of_zero(columns, expected):
    assert effect(**columns).sign == expected


@pytest.mark.parametrize(
    ("signs", "verdict"),
    [
        ([1], "up"),
        ([-1, -1], "down"),
        ([1, -1], "mixed"),
        ([1] * 7 + [-1] * 3, "up"),  # exactly 70 percent
        ([1] * 2 + [-1] * 4, "mixed"),  # 67 percent
        ([-1] * 3 + [1], "down"),
        ([0, 0], "none"),
        ([1, 0, 0, 0], "up"),  # findings without a sign do not count against
    ],
)
def test_findings_of_one_unit_amount_to_one_verdict(signs, verdict):
    looks = {1: {}, -1: DOWN, 0: SILENT}
    assert Vote(tuple(effect(number, **looks[sign]) for number, sign in enumerate(signs))).verdict == verdict


@pytest.mark.parametrize(("better", "verdict"), [("yes", "up"), ("no", "down"), ("unclear", "up")])
def test_up_is_better_where_that_is_known(better, verdict):
    assert Vote((effect(higher_is_better=better),)).verdict == verdict


def test_a_cohort_has_one_vote_however_many_samples_and_findings():
    shared = [effect(number, cohort_id="one", sample_id=f"sample-{number % 2}") for number in range(5)]
    (row,) = count_directions([*shared, effect(9, **DOWN)], NAMES, 0.95)
    assert (row.findings, row.units, row.up, row.down) == (6, 2, 1, 1)
    assert row.up_samples == ("sample-0", "sample-1")
    assert row.down_samples == ("sample-9",)


def test_excluded_codings_are_counted_and_never_vote():
    (row,) = count_directions([effect(1), effect(2, use="excluded", **DOWN)], NAMES, 0.95)
    assert (row.codings, row.excluded, row.units, row.up, row.down) == (2, 1, 1, 1, 0)
    (alone,) = count_directions([effect(1, use="excluded")], NAMES, 0.95)
    assert (alone.codings, alone.units, alone.share, alone.pval) == (1, 0, None, None)


def test_significance_has_no_part_in_the_vote():
    tiny = [effect(number, **exact(0.01) | {"vi": 9.0}) for number in range(6)]
    clear = [effect(number, **exact(2.0) | {"vi": 0.01}) for number in range(6)]
    assert count_directions(tiny, NAMES, 0.95) == count_directions(clear, NAMES, 0.95)
    assert count_directions(tiny, NAMES, 0.95)[0].pval == pytest.approx(2 / 64)


def test_outcomes_of_a_contrast_are_counted_together_only_as_better():
    outcomes = [
        effect(1, outcome_group="accuracy", higher_is_better="yes"),
        effect(2, outcome_group="distress", higher_is_better="no", **DOWN),
        effect(3, outcome_group="gaze", higher_is_better="unclear", **DOWN),
    ]
    rows = count_directions(outcomes, NAMES, 0.95)
    assert [(row.outcome_group, row.sense) for row in rows] == [
        ("accuracy", "better"),
        ("distress", "better"),
        ("gaze", "higher"),
        (None, "better"),
    ]
    assert (rows[-1].up, rows[-1].down, rows[-1].findings) == (2, 0, 2)


# ---------------------------------------------------------------- single samples


def outcomes(**changes):
    """Findings of one sample: two outcomes with a known better and worse, and two without."""
    known = {"sample_id": "one", "cohort_id": "one", **changes}
    return [
        effect(1, outcome_group="accuracy", higher_is_better="yes", **known),
        effect(2, outcome_group="distress", higher_is_better="no", **known),
        effect(3, outcome_group="gaze", **known),
        effect(4, outcome_group="level", **known, **DOWN),
    ]


def test_a_sample_has_a_direction_for_each_outcome_and_over_those_that_mean_the_same():
    rows = sample_directions(outcomes())
    said = [(row.outcome_group, row.sense, row.verdict, row.findings) for row in rows]
    assert said == [
        ("accuracy", "better", "up", ("finding-1",)),
        ("distress", "better", "down", ("finding-2",)),
        ("gaze", "higher", "up", ("finding-3",)),
        ("level", "higher", "down", ("finding-4",)),
        (None, "better", "mixed", ("finding-1", "finding-2")),
        (None, "higher", "up", ("finding-3",)),
        (None, "higher", "down", ("finding-4",)),
    ]


def test_excluded_codings_tell_an_outcome_only_where_nothing_else_does():
    first, *others = outcomes()
    rows = sample_directions([first, *outcomes(use="excluded")[1:]])
    assert {row.outcome_group: row.use for row in rows if row.outcome_group} == {
        "accuracy": "main",
        "distress": "excluded",
        "gaze": "excluded",
        "level": "excluded",
    }
    assert [row.findings for row in rows if row.outcome_group is None] == [("finding-1",)]
    (row,) = sample_directions([effect(1), effect(2, sample_id="sample-1", use="excluded", **DOWN)])[:-1]
    assert (row.verdict, row.findings) == ("up", ("finding-1",))
    assert sample_directions([effect(1, sample_id=None, use="excluded")]) == []


def test_samples_of_one_cohort_have_a_direction_each():
    rows = sample_directions([effect(1, cohort_id="one"), effect(2, cohort_id="one", **DOWN)])
    assert [(row.sample_id, row.verdict) for row in rows if row.outcome_group] == [
        ("sample-1", "up"),
        ("sample-2", "down"),
    ]


@pytest.mark.parametrize(
    ("up", "down", "signed", "expected"),
    [(0, 0, 0, "none"), (7, 3, 10, "up"), (2, 1, 3, "mixed"), (0, 3, 4, "down"), (2, 0, 3, "mixed"), (1, 0, 1, "up")],
)
def test_what_is_mixed_counts_against_agreement(up, down, signed, expected):
    assert agreement(up, down, signed) == expected


# ---------------------------------------------------------------- the test and its interval


@given(st.integers(0, 60), st.integers(0, 60))
def test_sign_test_and_interval_are_those_of_scipy(up, down):
    if up + down == 0:
        with pytest.raises(ValueError, match="no vote"):
            sign_test(up, down)
        return
    expected = stats.binomtest(up, up + down)
    assert sign_test(up, down) == pytest.approx(expected.pvalue, rel=1e-12)
    assert sign_test(up, down) == sign_test(down, up)
    for level in (0.8, 0.95):
        interval = expected.proportion_ci(level, method="exact")
        assert clopper_pearson(up, up + down, level) == pytest.approx((interval.low, interval.high), abs=1e-12)


# ---------------------------------------------------------------- nothing is lost


COLUMNS = st.fixed_dictionaries(
    {
        "contrast": st.sampled_from(list(CONTRASTS)[:3]),
        "outcome_group": st.sampled_from(["level", "distress"]),
        "higher_is_better": st.sampled_from(["yes", "no", "unclear"]),
        "cohort_id": st.sampled_from(["a", "b", "c"]),
        "use": st.sampled_from(["main", "excluded"]),
    }
)
LOOKS = st.sampled_from([{}, DOWN, SILENT, UNUSABLE, exact(0.3), exact(-0.3), exact(0.0)])


@given(st.lists(st.tuples(COLUMNS, LOOKS), max_size=25))
def test_every_coding_is_in_one_cell_and_every_unit_has_one_vote(drawn):
    effects = [effect(number, **columns, **look) for number, (columns, look) in enumerate(drawn)]
    found = [cell for cell in cells(effects, NAMES) if cell.outcome_group]
    assert sorted(e.finding_id for cell in found for e in cell.codings) == sorted(e.finding_id for e in effects)
    for cell in cells(effects, NAMES):
        cast = votes(cell.findings)
        assert len(cast) == len({e.cohort_id for e in cell.findings})
        assert sum(len(vote.findings) for vote in cast) == len(cell.findings)
        assert all(e.use == "main" for vote in cast for e in vote.findings)
        assert all(vote.rung in RUNGS and vote.verdict in VERDICTS for vote in cast)
    for row in count_directions(effects, NAMES, 0.95):
        assert row.units == row.up + row.down + row.mixed + row.none
        assert row.codings == row.findings + row.excluded


@given(st.lists(st.tuples(COLUMNS, LOOKS), max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(drawn, random):
    effects = [effect(number, **columns, **look) for number, (columns, look) in enumerate(drawn)]
    shuffled = random.sample(effects, len(effects))
    numbers = ("domain", "contrast", "outcome_group", "sense", "codings", "up", "down", "mixed", "none", "pval")
    rows = [[getattr(row, name) for name in numbers] for row in count_directions(effects, NAMES, 0.95)]
    assert rows == [[getattr(row, name) for name in numbers] for row in count_directions(shuffled, NAMES, 0.95)]


def test_all_findings_of_the_project_are_counted_and_agree_with_their_stated_sign(config):
    evidence = load(RAW)
    effects = [row for name in evidence.domains for row in domain_effects(evidence, name, config.effects)]
    rows = count_directions(effects, NAMES, config.models.level)
    assert sum(row.codings for row in rows if row.outcome_group) == len(effects)
    assert sum(row.findings for row in rows if row.outcome_group) == sum(e.use == "main" for e in effects)
    stated = {"group_1_higher": 1, "positive": 1, "group_2_higher": -1, "negative": -1}
    for e in effects:
        assert e.sign == stated.get(e.direction, 0) or (e.rung == "exact" and e.sign == math.copysign(1, e.yi))
    (level,) = [row for row in rows if row.outcome_group == "oxt-level" and row.contrast == "bpd_vs_control"]
    assert level.down >= 5, "five samples with a lower level were known when this was written"
    assert level.up + level.down + level.mixed < level.units, "and some without a sign"
