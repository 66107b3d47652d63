"""What samples could have shown, whether significance fits its model, designs on one scale, and parts of certainty."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.cells import bounded, effect

from reanalysis import meta
from reanalysis.models.designs import across_designs, as_between
from reanalysis.models.pooling import pool
from reanalysis.models.power import power, significant
from reanalysis.synthesis.certainty import certainty

ALPHA = 0.05


def of(effects, config):
    """The row of one cell."""
    found = pool(effects, config.models)
    (row,) = power(found.units, found.models, config.models, ALPHA)
    return row


# ---------------------------------------------------------------- power and equivalence


def test_smallest_effects_that_samples_could_show_by_hand(config):
    """Two standard errors of nil: 1.96 + 0.84 of them, for the larger sample and for both together."""
    row = of([effect("a", 0.1, 0.05, n1i=40, n2i=40), effect("b", 0.2, 0.1, n1i=20, n2i=20)], config)
    errors = np.array([2 / 40, 2 / 20])
    by = stats.norm.ppf(0.975) + stats.norm.ppf(0.8)
    assert row.detectable_one == pytest.approx(by * math.sqrt(errors.min()), rel=1e-3)
    assert row.detectable_all == pytest.approx(by * math.sqrt(1 / (1 / errors).sum()), rel=1e-3)
    assert row.could_show_margin is False
    assert (row.k, row.k_sized, row.margin) == (2, 2, config.models.margin_smd)


def test_large_samples_could_show_the_margin_and_are_equivalent(config):
    row = of([effect(f"s{i}", 0.01 * (-1) ** i, 2 / 2000, n1i=2000, n2i=2000) for i in range(4)], config)
    assert row.could_show_margin
    assert row.equivalence == "equivalent"
    assert row.pval_equivalence < 0.001
    assert row.prob_within > 0.95


def test_effects_that_are_the_same_to_the_last_digit_have_no_equivalence_test(config):
    row = of([effect(f"s{i}", 0.2) for i in range(4)], config)
    assert (row.pval_equivalence, row.equivalence) == (None, None)
    assert row.prob_within is not None


def test_every_cell_of_the_review_has_its_row(pooled, config):
    rows = power(pooled.units, pooled.models, config.models, ALPHA)
    assert [row.cell for row in rows] == list(dict.fromkeys(unit.cell for unit in pooled.units))
    for row in rows:
        assert 0 < row.detectable_all <= row.detectable_one
        assert 0 <= row.prob_within <= 1
        assert row.significant <= row.told <= row.k


# ---------------------------------------------------------------- what was called significant


def test_what_is_significant(config):
    assert significant(pool([effect("a", 0.8, 0.04)], config.models).units[0], ALPHA) is True
    assert significant(pool([effect("a", 0.3, 0.04)], config.models).units[0], ALPHA) is False
    assert significant(pool([bounded("a", 0.4, math.inf)], config.models).units[0], ALPHA) is True
    assert significant(pool([bounded("a", -0.4, 0.4)], config.models).units[0], ALPHA) is False
    only_sign = effect("a", None, None, rung="direction", yi_lb=0.0, yi_ub=math.inf)
    assert significant(pool([only_sign], config.models).units[0], ALPHA) is None


def test_the_expected_number_of_significant_results_is_that_of_simulated_ones():
    """Draw mu and tau from their posterior by weights on a grid, then a result for each study."""
    yi, vi, n = np.array([0.5, 0.7, 0.2]), np.array([0.08, 0.1, 0.05]), np.array([25.0, 20, 40])
    empty = np.full(3, np.nan)
    found = meta.all_evidence_predicted(1, yi, vi, empty, empty, n1i=n, n2i=n, mu_sd=0.5)
    mu, tau = np.linspace(-1.5, 2.5, 401)[:, None], np.linspace(0, 2, 401)[None]
    s2 = vi[:, None, None] + tau**2
    log_p = (-0.5 * np.log(s2) - 0.5 * (yi[:, None, None] - mu) ** 2 / s2).sum(axis=0)
    weight = np.exp(log_p - log_p.max() - 0.5 * (mu / 0.5) ** 2 - 0.5 * (tau / 0.5) ** 2)
    weight[:, 0] /= 2
    rng = np.random.default_rng(4)
    drawn = rng.choice(weight.size, 200_000, p=(weight / weight.sum()).ravel())
    at_mu, at_tau = (np.broadcast_to(x, weight.shape).ravel()[drawn] for x in (mu, tau))
    theta = at_mu + at_tau * rng.standard_normal((3, len(drawn)))
    df = 2 * n[:, None] - 2
    t = (rng.standard_normal(theta.shape) + theta * np.sqrt(n[:, None] / 2)) / np.sqrt(
        rng.chisquare(df, theta.shape) / df
    )
    above, below = t > stats.t.ppf(0.975, df), t < stats.t.ppf(0.025, df)
    assert found.above == pytest.approx(above.sum(axis=0).mean(), abs=0.02)
    assert found.below == pytest.approx(below.sum(axis=0).mean(), abs=0.02)
    number = (above | below).sum(axis=0)
    assert found.at_least == pytest.approx((number >= 1).mean(), abs=0.01)
    assert found.at_most == pytest.approx((number <= 1).mean(), abs=0.01)


def test_a_model_that_does_not_fit_is_seen(config):
    """Eight large studies near 0.1, and six small ones that are all significant."""
    near = [effect(f"a{i}", 0.1 + 0.02 * (-1) ** i, 2 / 400, n1i=400, n2i=400) for i in range(8)]
    far = [bounded(f"b{i}", 0.92, math.inf, n1i=10, n2i=10) for i in range(6)]
    row = of([*near, *far], config)
    assert row.significant == 6
    fitting = of([*near, bounded("b", -0.92, 0.92, n1i=10, n2i=10)], config)
    assert row.prob_as_many < fitting.prob_as_many
    assert fitting.prob_as_few > 0.05


# ---------------------------------------------------------------- crossover and parallel trials


def test_a_change_within_persons_becomes_a_difference_by_the_correlation(config):
    within = effect("w", 0.6, 1 / 20 + 0.36 / 40, metric="SMCC", n1i=None, n2i=None, ni=20)
    (unit,) = pool([within], config.models).units
    for r in (0.2, 0.5, 0.8):
        other = as_between(unit, r)
        assert other.yi == pytest.approx(0.6 * math.sqrt(2 * (1 - r)))
        assert other.vi == pytest.approx(2 * (1 - r) / 20 + other.yi**2 / 40)  # metafor: SMCR with equal SD
        assert 2 / other.n1i == pytest.approx(2 * (1 - r) / 20, rel=0.03)
    half = as_between(unit, 0.5)
    assert (half.yi, half.vi) == (pytest.approx(unit.yi), pytest.approx(unit.vi))


def test_questions_asked_in_both_ways_are_set_side_by_side(config):
    found = [effect("b", 0.5, 0.1), effect("w", 0.6, 0.06, metric="SMCC", n1i=None, n2i=None, ni=20)]
    rows = across_designs(found, pool(found, config.models).units, config.models, [0.3, 0.5])
    assert [(row.r, row.k, row.k_within, row.metric) for row in rows] == [(0.3, 2, 1, "SMD"), (0.5, 2, 1, "SMD")]
    assert rows[0].est > rows[1].est
    unknown = replace(found[1], rung="unusable", yi=None, vi=None)
    (row,) = across_designs([found[0], unknown], pool([found[0]], config.models).units, config.models, [0.5])
    assert row.note == "no sample within participants enters a model"


# ---------------------------------------------------------------- certainty


@pytest.fixture(scope="module")
def parts(evidence, effects, pooled, variants, config):
    rows = certainty(evidence, effects, pooled.units, pooled.models, variants, config)
    return {(row.cell, row.item): row for row in rows}


def test_every_answer_has_every_part(parts, pooled):
    items = {item for _, item in parts}
    assert len(items) == 7
    assert len(parts) == len(items) * len({model.cell for model in pooled.models})
    assert {row.concern for row in parts.values()} <= {"none", "some", "serious", "not assessed"}


def test_nobody_has_judged_the_risk_of_bias(parts):
    assert {row.concern for (_, item), row in parts.items() if item == "risk of bias"} == {"not assessed"}


def test_the_parts_of_the_main_answer(parts):
    own = {item: row for (cell, item), row in parts.items() if cell.outcome_group == "oxt-level"}
    assert own["imprecision"].concern == "none"
    assert own["missing results"].concern == "serious"
    assert "Bonfig 2022" in own["missing results"].why
    assert "1 of 6 samples with an effect size" in own["reporting"].why
    assert own["sources"].why.startswith("0 of 6 results read in full text")
    assert "with unavailable results assumed not significant" in own["selection"].why
