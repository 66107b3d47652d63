"""The p of every finding: that of a t test of its design."""

import math

import pytest

from reanalysis.synthesis.p_values import p_values


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
