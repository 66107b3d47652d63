"""The interval of the true effect: as wide as its variance says, or as its bounds and chance allow."""

import math

import pytest
from scipy import stats

from reanalysis.ladder.design import design_of
from reanalysis.ladder.intervals import with_interval
from reanalysis.schema import vocabulary as v


@pytest.fixture(scope="module")
def read(evidence, effects):
    """Each effect with the raw row behind it."""
    raw = {(row.finding_id, row.coding): row for rows in evidence.findings.values() for row in rows}
    return [(effect, raw[effect.finding_id, effect.coding]) for effect in effects]


def test_an_exact_effect_has_the_interval_of_its_variance(effects, config):
    exact = [effect for effect in effects if effect.rung == "exact"]
    assert len(exact) > 10
    for effect in exact:
        expected = stats.norm.interval(config.models.level, effect.yi, math.sqrt(effect.vi))
        assert (effect.ci_lb, effect.ci_ub) == pytest.approx(expected, abs=1e-9)
        assert effect.level == config.models.level


@pytest.mark.parametrize("level", [0.8, 0.99])
def test_an_interval_has_the_level_that_was_asked_for(level, read):
    effect, finding = next(pair for pair in read if pair[0].rung == "exact")
    other = with_interval(effect, finding, level)
    assert (other.ci_ub - other.ci_lb) / (effect.ci_ub - effect.ci_lb) == pytest.approx(
        stats.norm.ppf((1 + level) / 2) / stats.norm.ppf(0.975)
    )


def test_significant_excludes_zero_just_and_not_significant_is_twice_its_bounds(read):
    kinds = set()
    for effect, finding in read:
        if effect.rung != "bounded" or finding.p_relation not in ("sig", "ns") or finding.p_sides == "one":
            continue
        kinds.add((finding.p_relation, effect.sign))
        if finding.p_relation == "sig":
            near, far = sorted((effect.ci_lb, effect.ci_ub), key=abs)
            assert near == pytest.approx(0, abs=1e-9)
            assert math.isinf(far)
        elif effect.sign == 0:
            assert (effect.ci_lb, effect.ci_ub) == pytest.approx((2 * effect.yi_lb, 2 * effect.yi_ub))
    assert {("sig", 1), ("sig", -1), ("ns", 0)} <= kinds


def test_there_is_an_interval_wherever_the_sample_says_how_precise_an_effect_is(read):
    for effect, finding in read:
        known = effect.rung == "exact" or (effect.rung != "unusable" and design_of(finding).known)
        assert known == (effect.ci_lb is not None) == (effect.ci_ub is not None) == (effect.level is not None)
        if effect.rung == "direction" and known:
            assert math.isinf(effect.ci_lb) != math.isinf(effect.ci_ub)
            assert v.SIGN[effect.direction] == effect.sign
