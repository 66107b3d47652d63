"""The decision rule: from posteriors to verdicts, and what must hold of it whatever the numbers are."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cells import bounded, effect
from tests.project import ROOT

from reanalysis import meta
from reanalysis.claims.evidence import Part
from reanalysis.claims.size import sized
from reanalysis.claims.verdict import (
    BOTH,
    HOLDS,
    OPEN,
    OPPOSITE,
    RULED_OUT,
    WITHIN,
    Judged,
    Judgement,
    Question,
    Seen,
    all_of,
    standing,
)
from reanalysis.effects import smd_bounds_from_p
from reanalysis.models.cell_models import at_limit, posteriors
from reanalysis.models.pooling import sample_units
from reanalysis.results.rows import Variant
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import ALL_EVIDENCE_BAYES
from reanalysis.schema.raw import Claim

STRENGTH = ("contradicted", "not supported", "mixed", "no difference shown", "not testable")
STRENGTH += ("supported but fragile", "supported")


def row(**columns) -> Variant:
    """A posterior with these probabilities."""
    given = {"prob_below": 0.5, "prob_beyond_below": 0.25, "prob_beyond_above": 0.25, "prob_new_below": 0.5}
    return Variant(**{"model": ALL_EVIDENCE_BAYES, "kind": "main", "k": 5, "prob_mixed": 0.0, **given, **columns})


def judged(findings, config, sign=1, **claim) -> Judged:
    """The judgement of a claim of this sign on findings of one cell, without alternatives."""
    units = sample_units(findings, config.models)
    lists = {0: units, **{sign: least for sign in (1, -1) if (least := at_limit(units, sign))}}
    columns = posteriors(list(lists.values()), [config.models] * len(lists), [1.0] * len(lists))
    rows = {
        sign: Variant(model=ALL_EVIDENCE_BAYES, kind="main", k=len(one), **numbers)
        for (sign, one), numbers in zip(lists.items(), columns, strict=True)
    }
    part = Part(tuple(findings), rows.pop(0), {1: rows.get(1), -1: rows.get(-1)})
    return Judged.of(part, sign, config.claims, **claim)


def readings(one: Judged) -> list[Seen]:
    """The posterior, and the one with what speaks for the claimed sign at its limit."""
    return [Seen.of(row, 1) for row in (one.part.answer, one.part.limits[1]) if row is not None]


def exact(name: str, yi: float, n: int = 30):
    return effect(name, yi, 2 / n + yi**2 / (4 * n), n1i=n, n2i=n)


def significant(name: str, sign: int = 1, n: int = 30, p: float = 0.05):
    lb, ub = smd_bounds_from_p(n, n, p, "<", sign)
    return bounded(name, float(lb), float(ub), n1i=n, n2i=n)


def direction(name: str, sign: int = 1, n: int = 30):
    lb, ub = (0.0, math.inf) if sign > 0 else (-math.inf, 0.0)
    return effect(name, None, None, rung="direction", yi_lb=lb, yi_ub=ub, n1i=n, n2i=n)


@pytest.mark.parametrize(
    ("lower", "upper", "size", "verdict"),
    [
        (0.85, 1.2, "large", "supported"),
        (0.3, 0.79, "large", "mixed"),  # the effect is there, but it is not large
        (0.5, 1.1, "large", "not testable"),
        (0.25, 0.45, "small", "supported"),
        (0.55, 0.9, "small", "mixed"),
        (0.1, 0.6, "medium", "not testable"),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_size_that_is_named_has_to_hold_as_the_sign_has(config, lower, upper, size, verdict, sign):
    ends = sorted((sign * lower, sign * upper))
    answer = row(metric="SMD", ci_lb=ends[0], ci_ub=ends[1], est=sum(ends) / 2)
    part = Part((effect("a", yi=sign * 0.7),), answer, {1: None, -1: None})
    one = Judged(part, Question(sign, False, config.claims), False, None, "supported")
    found = sized(claim_of_size(size), [one], Judgement("supported", ("as claimed",)))
    assert found.verdict == verdict
    assert f"a {size} effect is |g|" in found.why[-1]
    unsized = sized(claim_of_size(None), [one], Judgement("supported", ("as claimed",)))
    assert (unsized.verdict, unsized.why) == ("supported", ("as claimed",))
    assert sized(claim_of_size(size), [one], Judgement("not testable", ())).verdict == "not testable"


def claim_of_size(size):
    """A claim that names a size, or none."""
    return Claim.model_construct(size=size)


# ---------------------------------------------------------------- from a posterior to a side


@pytest.mark.parametrize(
    ("columns", "side", "firm"),
    [
        ({"prob_below": 0.01, "prob_beyond_above": 0.9, "prob_beyond_below": 0.0}, HOLDS, True),
        ({"prob_below": 0.05, "prob_beyond_above": 0.8, "prob_beyond_below": 0.0}, HOLDS, False),
        ({"prob_below": 0.15, "prob_beyond_above": 0.7, "prob_beyond_below": 0.05}, OPEN, True),
        ({"prob_below": 0.99, "prob_beyond_above": 0.0, "prob_beyond_below": 0.9}, OPPOSITE, True),
        ({"prob_below": 0.01, "prob_beyond_above": 0.4, "prob_beyond_below": 0.0}, OPEN, True),
        ({"prob_below": 0.01, "prob_beyond_above": 0.01, "prob_beyond_below": 0.0}, WITHIN, True),
        ({"prob_below": 0.7, "prob_beyond_above": 0.02, "prob_beyond_below": 0.3}, RULED_OUT, True),
        ({"prob_below": 0.01, "prob_beyond_above": 0.9, "prob_beyond_below": 0.0, "prob_mixed": 0.8}, BOTH, True),
    ],
)
def test_side_of_a_posterior(config, columns, side, firm):
    found = standing(row(**columns), Question.of(1, None, config.claims))
    assert found.side == side
    assert found.firm == firm or side == OPEN


def test_an_effect_of_either_sign_needs_more(config):
    one = row(prob_below=0.02, prob_beyond_above=0.9, prob_beyond_below=0.0)
    either = Question.of(0, one, config.claims)
    assert standing(one, Question.of(1, one, config.claims)).firm
    assert not standing(one, either).firm
    assert standing(one, either).side == HOLDS


def test_either_sign_is_the_likelier_one_in_every_alternative(config):
    """An alternative in which the other sign is as clear does not keep the side."""
    up = row(prob_below=0.001, prob_beyond_above=0.99, prob_beyond_below=0.0)
    down = row(kind="reading", prob_below=0.999, prob_beyond_above=0.0, prob_beyond_below=0.99)
    hint = row(kind="prior", prob_below=0.07, prob_beyond_above=0.9, prob_beyond_below=0.0)
    judged = Judged.of(Part((), up, {1: up, -1: up}, (down, hint)), 0, config.claims)
    assert judged.standing.side == HOLDS
    assert judged.kept == {"reading": (0, 1), "prior": (0, 1)}
    assert Judged.of(Part((), up, {1: down, -1: up}), 0, config.claims).standing.side == OPEN


def test_nothing_known_is_open(config):
    assert standing(None, Question.of(1, None, config.claims)).side == OPEN


# ---------------------------------------------------------------- several parts


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        (["supported", "supported"], "supported"),
        (["supported", "supported but fragile"], "supported but fragile"),
        (["supported", "not testable"], "supported but fragile"),
        (["supported", "not testable", "not testable"], "not testable"),
        (["supported", "contradicted"], "mixed"),
        (["supported", "supported", "supported", "not supported"], "mixed"),
        (["supported", "mixed"], "mixed"),
        (["contradicted", "contradicted"], "contradicted"),
        (["contradicted", "not testable"], "not supported"),
        (["contradicted", "no difference shown"], "not supported"),
        (["no difference shown", "no difference shown"], "no difference shown"),
        (["not testable"], "not testable"),
        ([], "not testable"),
    ],
)
def test_a_statement_of_several_parts_is_not_judged_by_its_worst(parts, verdict):
    assert all_of(parts) == verdict
    assert all_of(parts[::-1]) == verdict


# ---------------------------------------------------------------- what must not happen again


def test_seven_homogeneous_studies_are_not_mixed_because_one_has_the_other_sign_by_chance(config):
    effects = [exact(f"s{i}", yi) for i, yi in enumerate((-0.75, -0.9, -0.6, -0.7, -0.8, -0.65, 0.04))]
    assert judged(effects, config, -1).verdict == "supported"


def test_effects_that_do_differ_are_mixed(config):
    effects = [
        exact(f"s{i}", yi, n=100) for i, yi in enumerate((-1.0, -0.8, -0.9, 0.9, 1.0, 0.8, -0.1, 0.2, 0.7, -0.7))
    ]
    for sign in (1, -1):
        assert judged(effects, config, sign).verdict == "mixed"
    assert judged(effects, config, null=True).verdict == "mixed"


@pytest.mark.parametrize("p", [0.05, 0.01, 0.001])
def test_a_statement_of_significance_is_no_better_in_a_small_study(config, p):
    ranks = [STRENGTH.index(judged([significant("one", n=n, p=p)], config).verdict) for n in (9, 30, 200, 500, 5000)]
    assert ranks == sorted(ranks)


def test_ten_studies_that_agree_support_and_two_are_fragile(config):
    assert judged([exact(f"s{i}", 0.6) for i in range(10)], config).verdict == "supported"
    assert judged([exact(f"s{i}", 0.9, n=60) for i in range(2)], config).verdict == "supported but fragile"
    assert judged([exact(f"s{i}", -0.6) for i in range(10)], config).verdict == "contradicted"


def test_effects_and_absences_are_symmetric(config):
    nothing = [exact(f"s{i}", 0.0, n=200) for i in range(12)]
    something = [exact(f"s{i}", 0.6, n=200) for i in range(12)]
    assert judged(nothing, config, null=True).verdict == "supported"
    assert judged(nothing, config).verdict == "no difference shown"
    assert judged(something, config, null=True).verdict == "contradicted"
    assert judged(something, config).verdict == "supported"


# ---------------------------------------------------------------- the worked examples of docs/claims.md

APART = (-1.0, -0.8, -0.9, 0.9, 1.0, 0.8, -0.1, 0.2, 0.7, -0.7)
EXAMPLES = {
    "ten studies of 30 + 30, g from 0.35 to 0.80": [exact(f"s{i}", 0.35 + 0.05 * i) for i in range(10)],
    "two studies of 60 + 60, g 0.8 and 1.0": [exact(f"s{i}", yi, 60) for i, yi in enumerate((0.8, 1.0))],
    "ten studies of 100 + 100, four near -0.85, four near 0.85, two between": [
        exact(f"s{i}", yi, 100) for i, yi in enumerate(APART)
    ],
    "two studies of 60 + 60, g -0.8 and -1.0": [exact(f"s{i}", yi, 60) for i, yi in enumerate((-0.8, -1.0))],
    "ten studies of 30 + 30, g from -0.80 to -0.35": [exact(f"s{i}", -0.8 + 0.05 * i) for i in range(10)],
    "twelve studies of 200 + 200, g 0.05 or -0.05": [exact(f"s{i}", 0.05 * (-1) ** i, 200) for i in range(12)],
    "one study of 9 + 9: p < .05, higher": [significant("one", n=9)],
    "one study of 500 + 500: higher": [direction("one", n=500)],
    "five studies of 30 + 30: p < .05, higher": [significant(f"s{i}") for i in range(5)],
}


def worked(config) -> list[str]:
    """The rows of the table: a positive effect is claimed."""
    rows = []
    for evidence, findings in EXAMPLES.items():
        one = judged(findings, config)
        limit = "–" if one.sign_at_limit is None else f"{one.sign_at_limit:.3f}"
        seen = [f"{getattr(one.seen, name):.3f}" for name in ("sign", "beyond", "within", "mixed")]
        rows.append(f"| {evidence} | {seen[0]} | {limit} | {' | '.join(seen[1:])} | {one.verdict} |")
    return rows


def test_the_worked_examples_of_the_document_are_those_of_the_rule(config):
    document = (ROOT / "docs/claims.md").read_text(encoding="utf-8")
    for line in worked(config):
        assert line in document, line
    assert {line.split(" | ")[-1].removesuffix(" |") for line in worked(config)} == set(v.VERDICTS)


# ---------------------------------------------------------------- properties

SIZES = st.integers(10, 200)
VALUES = st.floats(-1.5, 1.5)


@st.composite
def cells(draw, least=1, most=8):
    """Findings of one cell: exact, significant, not significant, or of a known sign."""
    found = []
    for i in range(draw(st.integers(least, most))):
        n, sign = draw(SIZES), draw(st.sampled_from((1, -1)))
        match draw(st.sampled_from(("exact", "exact", "significant", "ns", "direction"))):
            case "exact":
                found.append(exact(f"s{i}", draw(VALUES), n))
            case "significant":
                found.append(significant(f"s{i}", sign, n))
            case "ns":
                lb, ub = smd_bounds_from_p(n, n, 0.05, "ns", draw(st.sampled_from((0, 1, -1))))
                found.append(bounded(f"s{i}", float(lb), float(ub), n1i=n, n2i=n))
            case "direction":
                found.append(direction(f"s{i}", sign, n))
    return found


def turned(effect):
    """The effect with its groups swapped."""
    numbers = {"yi": None if effect.yi is None else -effect.yi}
    if effect.yi_lb is not None:
        numbers |= {"yi_lb": -effect.yi_ub, "yi_ub": -effect.yi_lb}
    return replace(effect, **numbers)


@settings(max_examples=60, deadline=None)
@given(cells())
def test_swapping_the_groups_and_the_sign_changes_nothing(config, findings):
    one, other = judged(findings, config, 1), judged([turned(e) for e in findings], config, -1)
    assert other.seen.sign == pytest.approx(one.seen.sign, abs=1e-6)
    assert other.seen.within == pytest.approx(one.seen.within, abs=1e-6)
    assert other.verdict == one.verdict


@settings(max_examples=40, deadline=None)
@given(cells(), st.randoms())
def test_the_order_of_findings_changes_nothing(config, findings, random):
    again = [*findings]
    random.shuffle(again)
    assert judged(again, config).verdict == judged(findings, config).verdict


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(VALUES, st.floats(0.005, 0.3)), min_size=1, max_size=8), st.floats(0.2, 5))
def test_a_scale_on_which_everything_is_larger_changes_nothing(pairs, by):
    """Effects, the margin and both priors in another unit."""
    yi, vi = map(np.array, zip(*pairs, strict=True))
    empty = np.full(len(yi), np.nan)
    found = [
        meta.all_evidence_posteriors(
            [len(yi)], yi * c, vi * c**2, empty, empty, mu_sd=0.5 * c, tau_scale=0.5 * c, margin=0.2 * c
        )
        for c in (1.0, by)
    ]
    for name in ("p_below", "p_beyond_below", "p_beyond_above", "p_new_below", "p_mixed"):
        one, other = (getattr(summary, name).item() for summary in found)
        assert other == pytest.approx(one, abs=2e-4), name


@settings(max_examples=60, deadline=None)
@given(cells(), st.integers(10, 400))
def test_a_further_study_that_agrees_with_a_supported_claim_does_not_weaken_it(config, findings, n):
    before = judged(findings, config)
    if before.verdict in ("supported", "supported but fragile"):
        more = [*findings, exact("more", before.part.answer.est, n)]
        assert STRENGTH.index(judged(more, config).verdict) >= STRENGTH.index(before.verdict)


@settings(max_examples=60, deadline=None)
@given(st.floats(0.0, 3.0), SIZES)
def test_less_known_of_a_single_finding_is_never_a_stronger_verdict(config, yi, n):
    """As a number, as significant where it is, by its sign: each says no more than the one before."""
    limit = float(smd_bounds_from_p(n, n, 0.05, "ns", 0).yi_ub)
    told = [exact("one", yi, n), *([significant("one", n=n)] if yi > limit else []), direction("one", n=n)]
    found = [judged([one], config) for one in told]
    ranks = [STRENGTH.index(one.verdict) for one in found]
    assert ranks == sorted(ranks, reverse=True)


@settings(max_examples=60, deadline=None)
@given(cells(most=6), SIZES)
def test_significant_in_a_pool_is_never_better_than_the_p_that_just_made_it_so(config, others, n):
    """The number at p = .05 exactly, and the same told only as significant: the lesser of its two readings.

    But for less than 0.02: other significant results, in full, can say a little less than at their limit, by the
    differences between studies that they make likely.
    """
    limit = float(smd_bounds_from_p(n, n, 0.05, "ns", 0).yi_ub)
    number, statement = (judged([*others, one], config) for one in (exact("one", limit, n), significant("one", n=n)))
    assert statement.sign_at_limit == pytest.approx(number.sign_at_limit, abs=1e-6)
    for column in ("sign", "beyond"):
        (of_number, of_statement) = (min(getattr(seen, column) for seen in readings(j)) for j in (number, statement))
        assert of_statement <= of_number + 0.02


def test_what_is_left_open_averages_out():
    """Of significant results told as such the posterior is the average of those of the numbers that they could be."""
    n, limit = 40, float(smd_bounds_from_p(40, 40, 0.05, "ns", 0).yi_ub)
    grid = limit + np.linspace(0.0, 4.0, 4001)
    sizes = {"n1i": np.full(len(grid), n), "n2i": np.full(len(grid), n), "mu_sd": 0.5}
    empty = np.full(len(grid), np.nan)
    # the variance at the limit, as the probability of an interval has it
    contrast = meta.evidence.sampling("SMD", n1i=float(n), n2i=float(n)).contrast
    at, var = meta.evidence.cut(np.array(limit), contrast)
    shift = grid - limit + float(at)
    each = meta.all_evidence_posteriors([1] * len(grid), shift, np.full(len(grid), float(var)), empty, empty, **sizes)
    weight = np.exp(each.log_marginal)
    average = (weight * each.p_below).sum() / weight.sum()
    told = meta.all_evidence_posteriors([1], np.nan, np.nan, limit, np.inf, n1i=n, n2i=n, mu_sd=0.5)
    assert told.p_below.item() == pytest.approx(average, abs=2e-4)
    assert told.p_below.item() < each.p_below[0]


def test_the_probability_of_mixed_effects_is_that_of_the_grid():
    """P(tau >= (|mu| + margin) / z) by brute force over the posterior of exact effects."""
    yi, vi = np.array([-0.6, 0.7, 0.5, -0.4, 0.1]), np.full(5, 0.03)
    mu, tau = np.linspace(-2, 2, 801)[:, None], np.linspace(0, 3, 1501)[None]
    s2 = vi[:, None, None] + tau**2
    log_p = (-0.5 * np.log(s2) - 0.5 * (yi[:, None, None] - mu) ** 2 / s2).sum(axis=0)
    p = np.exp(log_p - log_p.max() - 0.5 * (mu / 0.5) ** 2 - 0.5 * (tau / 0.5) ** 2)
    p[:, 0] /= 2
    p /= p.sum()
    expected = p[np.broadcast_to(tau >= (np.abs(mu) + 0.2) / 1.2815515655, p.shape)].sum()
    empty = np.full(5, np.nan)
    found = meta.all_evidence_posteriors([5], yi, vi, empty, empty, mu_sd=0.5, margin=0.2, mixed_share=0.1)
    assert found.p_mixed.item() == pytest.approx(expected, abs=1e-3)
    assert found.p_below.item() == pytest.approx(p[(mu < 0).ravel()].sum() + p[(mu == 0).ravel()].sum() / 2, abs=1e-4)
