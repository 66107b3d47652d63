"""Small reviews whose numbers were once read wrongly, or not at all: what they give today."""

from __future__ import annotations

import math
import random
from dataclasses import replace

import pytest
from scipy import stats
from tests.cases import raw_of

from reanalysis.check import check
from reanalysis.effects import hedges_j
from reanalysis.ladder import domain_effects
from reanalysis.models.pooling import pool
from reanalysis.models.robustness import robustness
from reanalysis.models.second_opinion import explained, findings_opinions, samples_opinions
from reanalysis.models.sensitivity import domain_variants
from reanalysis.synthesis.combine import combine_p
from reanalysis.synthesis.directions import count_directions, votes
from reanalysis.synthesis.swim import report_swim


@pytest.fixture
def case(config):
    """The evidence of a case, the errors of its check, and the effects of its one domain by finding."""

    def read(name):
        evidence, problems = check(raw_of(name))
        (domain,) = evidence.domains
        effects = domain_effects(evidence, domain, config.effects)
        return (
            evidence,
            [p for p in problems if p.severity == "error"],
            {effect.finding_id: effect for effect in effects},
        )

    return read


def test_a_change_takes_its_paired_t_or_exact_p(case):
    _, problems, effects = case("change-with-paired-t")
    assert problems == []
    a, b = effects["one-f1"], effects["one-f2"]
    assert a.yi == pytest.approx(float(hedges_j(24)) * 3.10 / 5)
    assert (a.yi, a.vi) == pytest.approx((0.6004, 0.0472), abs=5e-5)
    assert b.yi == pytest.approx(0.5985, abs=5e-5)
    assert "paired t" in a.es_method
    assert "m1i = 18.2" in a.shown


def test_a_within_person_contrast_with_sizes_of_groups_is_an_error(case):
    _, problems, effects = case("crossover-t-as-groups")
    assert [(p.file, p.line, p.column) for p in problems] == [("findings/one.csv", 2, "n1i")]
    assert effects["one-f1"].rung == "direction"
    assert effects["one-f2"].yi == pytest.approx(float(hedges_j(19)) * 3 / math.sqrt(20))


def test_a_d_is_corrected_on_every_route(case):
    _, problems, effects = case("d-without-group-sizes")
    assert problems == []
    a, b, c, d = (effects[f"one-f{i}"] for i in (1, 2, 3, 4))
    assert (a.yi, a.vi) == pytest.approx((0.766, 0.215), abs=5e-4)
    assert (b.yi, b.vi) == pytest.approx((a.yi, a.vi), abs=2e-4)  # t has three decimals
    j = float(hedges_j(18))
    assert c.yi == pytest.approx(j * 0.80)
    assert math.sqrt(c.vi) == pytest.approx(j * 1.82 / (2 * stats.norm.ppf(0.975)))
    assert d.vi == pytest.approx(a.vi)
    assert "sei" not in d.inputs
    assert d.shown == "sei = 0.30"
    assert "the variance follows from the sizes" in d.why


def test_a_p_of_one_does_not_tell_the_n_of_a_correlation(case):
    _, problems, effects = case("p-of-one-crash")
    assert problems == []
    assert effects["one-f1"].rung == "direction"
    assert "a p of 1, does not tell it" in effects["one-f1"].why
    assert effects["one-f2"].rung == "exact"


def test_three_persons_are_too_few_for_a_variance(case, config):
    evidence, problems, effects = case("tiny-n-crash")
    assert problems == []
    few = effects["r-of-three-f1"]
    assert (few.rung, few.ni) == ("direction", 3)
    assert "3 participants are too few for a variance" in few.why
    assert few.enters is False
    assert few.enters_why
    models = pool(list(effects.values()), config.models).models
    assert {(model.k, model.k_left_out) for model in models} == {(1, 1)}
    assert domain_variants(evidence, few.domain, config)


def test_numbers_that_cannot_be_are_named(case):
    _, problems, _ = case("impossible-numbers-downgraded")
    assert [(p.file, p.line, p.column) for p in problems] == [
        ("findings/one.csv", 2, "q1_1i"),
        ("findings/one.csv", 3, "ai"),
        ("findings/one.csv", 4, "ri"),
        ("findings/one.csv", 5, "pre_post_r"),
    ]


def test_unknown_sizes_leave_the_combined_p_unknown_and_this_is_said(case, config):
    evidence, problems, effects = case("published-effects-without-sizes")
    assert problems == []
    own = list(effects.values())
    pooled = pool(own, config.models)
    combined = combine_p(evidence, own, config.models.rho)
    items = report_swim(evidence, own, count_directions(own, evidence.names, 0.95), combined, pooled.models)
    (results,) = (item.text for item in items if item.name == "Results")
    assert combined[0].stouffer_p is None
    assert "Stouffer p not known, for an n is not" in results


# ---------------------------------------------------------------- several arms against one control


def combined_arms(arms, control):
    """Hedges' g of all arms as one group: Cochrane Handbook, version 6, table 6.5.a."""
    n, mean, square = 0, 0.0, 0.0
    for n1, m1, sd1 in arms:
        total = (n - 1) * square + (n1 - 1) * sd1**2 + n * n1 / (n + n1) * (mean - m1) ** 2 if n else (n1 - 1) * sd1**2
        mean, n = (n * mean + n1 * m1) / (n + n1), n + n1
        square = total / (n - 1)
    n2, m2, sd2 = control
    d = (mean - m2) / math.sqrt(((n - 1) * square + (n2 - 1) * sd2**2) / (n + n2 - 2))
    g = float(hedges_j(n + n2 - 2)) * d
    return g, 1 / n + 1 / n2 + g**2 / (2 * (n + n2))


def test_arms_are_combined_and_their_persons_counted_once(case, config):
    _, problems, effects = case("pooled-n-of-first-arm")
    assert problems == []
    own = list(effects.values())
    pooled = pool(own, config.models)
    (trial,) = (unit for unit in pooled.units if unit.sample_id == "tx-1")
    assert (trial.n1i, trial.n2i, trial.rho) == (376, 144, None)
    assert [sum(getattr(unit, n) for unit in pooled.units) for n in ("n1i", "n2i")] == [476, 243]
    expected = combined_arms([(79, -0.8, 2.5), (150, -0.6, 2.5), (147, -0.9, 2.5)], (144, 0, 2.5))
    assert (trial.yi, trial.vi) == pytest.approx(expected, rel=5e-3)
    weights = {name: n / 376 for name, n in (("tx1-low", 79), ("tx1-mid", 150), ("tx1-high", 147))}
    assert trial.yi == pytest.approx(sum(w * effects[name].yi for name, w in weights.items()))
    assert max(vote.persons for vote in votes(own)) == 520


def test_the_covariance_of_arms_is_that_of_gleser_and_olkin(case, config):
    """`1 / n + g g' / (2 N)` between two arms against n controls: the two agree where effects are not huge."""
    _, _, effects = case("pooled-n-of-first-arm")
    arms = [effects[name] for name in ("tx1-low", "tx1-mid", "tx1-high")]
    w = [n / 376 for n in (79, 150, 147)]
    total = 376 + 144
    variance = sum(
        w[i] * w[j] * (arms[i].vi if i == j else 1 / 144 + arms[i].yi * arms[j].yi / (2 * total))
        for i in range(3) for j in range(3)
    )  # fmt: skip
    (unit,) = pool(arms, config.models).units
    assert unit.vi == pytest.approx(variance, rel=5e-3)


def test_the_order_of_the_rows_has_no_part_in_it(case, config):
    _, _, effects = case("pooled-n-of-first-arm")
    own = list(effects.values())
    first = pool(own, config.models)
    for seed in range(5):
        shuffled = random.Random(seed).sample(own, len(own))
        assert pool(shuffled, config.models) == first


def test_arms_with_names_of_their_own_and_several_outcomes(case, config):
    """Two drugs against one placebo, two outcomes each, with a person missing here and there."""
    _, _, effects = case("pooled-n-of-first-arm")
    one = effects["tx2"]
    own = [
        replace(
            one, finding_id=f"{drug}-{outcome}", group_1=drug, outcome=outcome, n1i=n, n2i=30 - lost, vi=1 / n + 1 / 30
        )
        for drug, n in (("a", 40), ("b", 20))
        for outcome, lost in (("pain", 0), ("sleep", 2))
    ]
    (unit,) = pool(own, config.models).units
    assert (unit.n1i, unit.n2i) == (60, 30)
    assert unit.rho == config.models.rho
    assert unit.how == "mean of 4 findings, by the participants of the arms"
    assert explained(samples_opinions(own, [unit]))
    single = pool([replace(effect, yi=1.0) for effect in own], config.models).units[0]
    assert single.yi == pytest.approx(1.0)


def test_the_second_opinion_follows(case, config):
    for name in ("change-with-paired-t", "d-without-group-sizes", "pooled-n-of-first-arm"):
        evidence, _, effects = case(name)
        rows = {(row.finding_id, row.coding): row for table in evidence.findings.values() for row in table}
        own = list(effects.values())
        units = pool(own, config.models).units
        assert explained([*findings_opinions(own, rows), *samples_opinions(own, units)])
        assert robustness(units, config.models, config.robustness)
