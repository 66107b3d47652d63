"""The p of every finding, and of effects of any size: those of a t test of the design."""

import math

import pytest
from scipy import stats

from reanalysis.synthesis.p_values import CONTOURS, ROOM, STEPS, p_contours, p_values


@pytest.fixture(scope="module")
def values(evidence, effects):
    return p_values(evidence, effects)


@pytest.fixture(scope="module")
def behind(main):
    return {(effect.finding_id, effect.coding): effect for effect in main}


def test_every_finding_has_a_p_or_an_interval_or_the_reason(values, main, behind):
    assert [(row.finding_id, row.coding) for row in values] == list(behind)
    for row in values:
        assert [row.p is not None, row.p_lb is not None, row.note is not None].count(True) == 1
        assert row.note or row.n
        assert (row.p is None) == (row.basis is None) == (row.log_p is None)


def test_logarithms_stand_on_the_side_of_the_effect(values, behind):
    for row in values:
        effect = behind[row.finding_id, row.coding]
        if row.p is not None:
            assert row.sign == effect.sign
            assert row.log_p == pytest.approx(effect.sign * -math.log10(row.p), abs=1e-11)
        if row.p_lb is not None:
            assert row.log_p_lb < row.log_p_ub
            assert effect.sign == (row.log_p_lb >= 0) - (row.log_p_ub <= 0)
            for p, log_p in ((row.p_lb, row.log_p_lb), (row.p_ub, row.log_p_ub)):
                assert abs(log_p) == (math.inf if p == 0 else pytest.approx(-math.log10(p), abs=1e-11))


def test_a_bounded_p_reaches_from_its_bound_outwards_or_inwards(values, behind):
    for row in values:
        if row.p_lb is not None:
            effect = behind[row.finding_id, row.coding]
            limits = {p for p in (effect.p_above, effect.p_below) if p is not None}
            assert sorted({p for p in (row.p_lb, row.p_ub) if 0 < p < 0.999}) == pytest.approx(sorted(limits))


def test_n_is_that_of_two_equal_groups_of_the_same_precision(values, behind):
    checked = 0
    for row in values:
        effect = behind[row.finding_id, row.coding]
        if row.n and row.metric == "SMD" and row.contrast != "group_by_drug" and effect.n1i and effect.n2i:
            assert row.n == pytest.approx(4 / (1 / effect.n1i + 1 / effect.n2i))
            checked += 1
        elif row.n and row.metric != "SMD" and effect.ni:
            assert row.n == effect.ni
    assert checked > 10


def test_contours_are_where_a_t_test_of_that_effect_stands(values):
    points = p_contours(values)
    assert {abs(row.effect) for row in points if row.metric == "ZCOR"} == set(CONTOURS["ZCOR"])
    for row in points[::37]:
        df = row.n - (1 if row.metric == "SMCC" else 2)
        if row.metric == "ZCOR":
            t = row.effect * math.sqrt(df / (1 - row.effect**2))
        else:
            j = math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
            t = row.effect / j * math.sqrt(row.n) / (1 if row.metric == "SMCC" else 2)
        assert row.p == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9)
        assert row.log_p == pytest.approx(math.copysign(-math.log10(row.p), row.effect))


def test_contours_reach_beyond_the_findings_that_have_a_p(values):
    points = p_contours(values)
    for metric in CONTOURS:
        sizes = [row.n for row in values if row.metric == metric and row.note is None]
        reach = [row.n for row in points if row.metric == metric]
        assert len(reach) == 2 * len(CONTOURS[metric]) * STEPS
        assert max(reach) == pytest.approx(ROOM * max(sizes))
        assert min(reach) <= min(sizes)
    assert p_contours([row for row in values if row.note]) == []
