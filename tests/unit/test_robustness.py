"""What rests on each sample: every row equals the model of the pipeline on those samples alone."""

import math
from dataclasses import fields

import pytest
from scipy import stats
from tests.cells import bounded, effect, samples

from reanalysis.models.diagnostics import subset_samples
from reanalysis.models.pooling import pool
from reanalysis.models.robustness import robustness
from reanalysis.results.rows import Influence, PooledUnit, Subset
from reanalysis.schema.cell_models import ALL_EVIDENCE


def found(effects, config):
    return robustness(pool(effects, config.models).units, config.models, config.robustness)


def headline(effects, config, model="random effects"):
    return next(one for one in pool(effects, config.models).models if one.model == model)


def mixed(k: int):
    """Exact and bounded effects in turn, newest first."""
    kinds = (
        effect(f"s{i}", -0.5 + 0.1 * i, 0.04 + 0.01 * i, year=2020 - i)
        if i % 2
        else bounded(f"s{i}", -math.inf, -0.38, year=2020 - i)
        for i in range(k)
    )
    return list(kinds)


@pytest.mark.parametrize(("k", "rows"), [(2, 0), (4, 0), (5, 5), (12, 12)])
def test_what_k_samples_allow(config, k, rows):
    tables = found(samples(k), config)
    assert (len(tables.left_out), len(tables.cumulative), len(tables.influence)) == (rows, rows, rows)
    assert bool(tables.subsets) == (k >= 5)


def test_leaving_a_sample_out_is_pooling_the_others(config):
    tables = found(samples(7), config)
    assert [row.sample_id for row in tables.left_out] == [f"s{i:02d}" for i in range(7)]
    for row in tables.left_out:
        rest = headline([one for one in samples(7) if one.sample_id != row.sample_id], config)
        assert (row.est, row.ci_lb, row.ci_ub) == pytest.approx((rest.est, rest.ci_lb, rest.ci_ub), rel=1e-6)


def test_all_the_evidence_without_a_sample_is_pooling_the_others(config):
    tables = found(mixed(6), config)
    assert {row.model for row in tables.left_out} == {ALL_EVIDENCE}
    for row in tables.left_out:
        rest = headline([one for one in mixed(6) if one.sample_id != row.sample_id], config, ALL_EVIDENCE)
        assert (row.est, row.ci_lb, row.ci_ub) == pytest.approx((rest.est, rest.ci_lb, rest.ci_ub), rel=1e-6)


def test_samples_come_in_by_year_and_those_without_a_year_last(config):
    years = [2010, None, 2001, 2001, 2020, 2005]
    effects = [effect(f"s{i}", -0.3 - 0.1 * i, 0.05, year=year) for i, year in enumerate(years)]
    rows = found(effects, config).cumulative
    assert [row.sample_id for row in rows] == ["s2", "s3", "s5", "s0", "s4", "s1"]
    assert [row.k for row in rows] == [1, 2, 3, 4, 5, 6]
    whole = headline(effects, config)
    assert (rows[-1].est, rows[-1].ci_lb) == pytest.approx((whole.est, whole.ci_lb), rel=1e-6)
    early = headline([effects[i] for i in (2, 3, 5)], config)
    assert (rows[2].est, rows[2].ci_lb) == pytest.approx((early.est, early.ci_lb), rel=1e-6)


def test_all_the_evidence_needs_two_samples_to_start_with(config):
    rows = found(mixed(6), config).cumulative
    assert [row.k for row in rows] == [2, 3, 4, 5, 6]
    assert rows[0].sample_id == "s4", "the second oldest came in last"


@pytest.mark.parametrize(
    ("effects", "model", "least"), [(samples(6), "random effects", 1), (mixed(6), ALL_EVIDENCE, 2)]
)
def test_subsets_are_models_of_their_samples(config, effects, model, least):
    tables = found(effects, config)
    counts = [math.comb(6, size) for size in range(least, 7)]
    assert len(tables.subsets) == sum(counts)
    row = next(row for row in tables.subsets if row.samples == "011101")
    in_order = sorted(effects, key=lambda one: one.rung != "exact")
    members = [one for one, digit in zip(in_order, row.samples, strict=True) if digit == "1"]
    assert (row.est, row.k) == (pytest.approx(headline(members, config, model).est, rel=1e-6), 4)


def test_random_subsets_follow_the_seed(config):
    def masks(seed, n=50):
        parts = config.robustness.model_copy(update={"subsets": n, "seed": seed})
        units = pool(samples(12), config.models).units
        return [row.samples for row in robustness(units, config.models, parts).subsets]

    assert len(masks(1)) == 50
    assert masks(1) == masks(1) != masks(2)


def test_without_a_maximum_there_is_no_estimate(config):
    """Of half lines to one side alone the likelihood rises without end: nothing is written where it has no maximum."""
    effects = [bounded(f"s{i}", -math.inf, -0.4) for i in range(4)] + [effect("exact", -0.6, 0.05)]
    row = next(row for row in found(effects, config).left_out if row.sample_id == "exact")
    assert row.est is None
    assert row.ci_lb == -math.inf


def test_the_funnel_is_tested_by_size_where_sizes_are_known(config):
    known = found([effect(f"s{i}", -0.5 + 0.01 * i, n1i=20 + i) for i in range(10)], config).asymmetry[0]
    assert (known.predictor, known.k, known.ddf) == ("sqrtninv", 10, 8)
    unknown = [effect(f"s{i}", -0.5 + 0.01 * i, 0.04 + 0.01 * i, n1i=None, n2i=None) for i in range(10)]
    assert found(unknown, config).asymmetry[0].predictor == "sei"
    assert not found(samples(10), config).asymmetry, "all of one size: nothing to look for"


# ---------------------------------------------------------------- what the diagnostics are held against


def test_each_limit_is_metafors(config):
    tables = found(samples(7), config)
    limits = {row.measure: row for row in tables.limits}
    model = headline(samples(7), config)
    assert limits.keys() <= {field.name for field in fields(Influence)}
    assert (limits["rstudent"].low, limits["rstudent"].high) == pytest.approx(stats.norm.interval(0.95))
    assert limits["dffits"].high == -limits["dffits"].low == pytest.approx(3 / math.sqrt(6))
    assert limits["cook_d"].high == pytest.approx(stats.chi2.median(1))
    assert (limits["hat"].high, limits["hat"].middle) == pytest.approx((3 / 7, 1 / 7))
    assert limits["weight"].middle == pytest.approx(100 / 7)
    assert (limits["tau2_del"].middle, limits["QE_del"].middle) == (model.tau2, model.QE)
    assert not found(samples(4), config).limits


def test_contours_of_a_funnel_are_where_every_sample_has_their_p(config):
    contours = found(samples(10), config).contours
    assert {row.pval: row.slope for row in contours} == {
        p: pytest.approx(stats.norm.isf(p / 2)) for p in (0.10, 0.05, 0.01)
    }
    assert not found(samples(9), config).contours


def test_the_sample_that_moves_the_subsets_most_is_known(config):
    effects = [effect(f"s{i}", 1.4 if i == 3 else -0.5 + 0.02 * i, 0.05) for i in range(7)]
    tables = found(effects, config)
    assert [row.sample_id for row in tables.subset_samples if row.moves_most] == ["s3"]
    for row in tables.subset_samples:
        for side, mean in (("1", row.est_with), ("0", row.est_without)):
            own = [one.est for one in tables.subsets if one.samples[row.digit - 1] == side]
            assert mean == pytest.approx(sum(own) / len(own))


def test_of_subsets_without_an_estimate_no_sample_is_told():
    units = [PooledUnit(sample_id=name) for name in "ab"]
    assert list(subset_samples(units, [Subset(samples="11", est=math.nan), Subset(samples="01", est=-math.inf)])) == []
    (first, second) = subset_samples(units, [Subset(samples="11", est=0.3), Subset(samples="10", est=0.1)])
    assert (first.est_with, first.est_without, first.moves_most) == (0.2, None, False)
    assert (second.est_with, second.est_without, second.moves_most) == (0.3, 0.1, True)


def test_the_funnel_shows_the_p_and_error_of_each_exact_sample(config):
    units = pool(mixed(6), config.models).units
    for unit in units:
        if unit.rung == "exact":
            assert unit.pval == pytest.approx(2 * stats.norm.sf(abs(unit.yi) / math.sqrt(unit.vi)))
            assert unit.sei == pytest.approx(math.sqrt(unit.vi))
        else:
            assert (unit.pval, unit.sei, unit.weight_each) == (None, None, None)
    assert sum(unit.weight_each * len(unit.findings) for unit in units if unit.rung == "exact") == pytest.approx(100)
