"""What a significance statement says of an effect."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import effects as es
from reanalysis.numeric import t_two_sided_p

sizes = st.integers(3, 300)
alphas = st.sampled_from([0.001, 0.01, 0.05, 0.1])


def test_significantly_lower_53_versus_31():
    lower, upper = es.smd_bounds_from_p(53, 31, 0.05, "<", -1)
    assert lower == -np.inf
    assert upper == pytest.approx(-0.4457, abs=5e-5)


def test_not_significant_is_an_interval_around_zero_and_a_direction_halves_it():
    lower, upper = es.smd_bounds_from_p(53, 31, 0.05, "ns", 0)
    assert lower == -upper
    assert es.smd_bounds_from_p(53, 31, 0.05, ">", -1) == (lower, 0)
    assert es.smd_bounds_from_p(53, 31, 0.05, "ns", 1) == (0, upper)


def test_a_direction_alone_is_a_half_line():
    assert es.smd_bounds_from_p(53, 31, 1, "<=", 1) == (0, np.inf)
    assert es.zcor_bounds_from_p(40, 1, "<=", -1) == (-np.inf, 0)
    assert es.cor_bounds_from_p(40, 1, "<=", -1) == (-1, 0)


@given(sizes, sizes, alphas, st.floats(-6, 6))
def test_the_effect_lies_inside_the_bounds_that_its_own_p_implies(n1, n2, alpha, t):
    sign = np.sign(t)
    designs = [
        (es.two_groups(n1, n2), n1 + n2 - 2),
        (es.paired(n1), n1 - 1),
        (es.paired_raw(n1, 0.4), n1 - 1),
        (es.four_groups(n1, n2, n1, n2), 2 * (n1 + n2) - 4),
        (es.two_paired_groups(n1, 0.4, n2, 0.7), n1 + n2 - 2),
    ]
    for contrast, df in designs:
        significant = t_two_sided_p(t, df) < alpha
        bounds = es.bounds_from_p(contrast, alpha, "<" if significant else "ns", sign)
        assert bounds.yi_lb <= es.standardized_from_t(t, contrast).yi <= bounds.yi_ub


@given(st.integers(4, 300), st.floats(-0.9, 0.9), alphas)
def test_the_same_for_correlations(n, r, alpha):
    p = t_two_sided_p(r * np.sqrt((n - 2) / (1 - r**2)), n - 2)
    relation = "<" if p < alpha else "ns"
    lower, upper = es.cor_bounds_from_p(n, alpha, relation, np.sign(r))
    assert lower <= r <= upper
    z = es.zcor_bounds_from_p(n, alpha, relation, np.sign(r))
    assert np.tanh(z) == pytest.approx((lower, upper))


def test_an_exact_p_is_a_point():
    lower, upper = es.smd_bounds_from_p(50, 28, 0.002, "=", -1)
    assert lower == upper == pytest.approx(-0.748, abs=5e-4)


def test_short_cuts_and_rows():
    assert es.smcc_bounds_from_p(20, 0.05, "ns", 0) == es.bounds_from_p(es.paired(20), 0.05, "ns", 0)
    assert es.smcr_bounds_from_p(20, 0.5, 0.05, "<", 1) == es.bounds_from_p(es.paired_raw(20, 0.5), 0.05, "<", 1)
    bounds = es.smd_bounds_from_p([53, 20], [31, 20], 0.05, ["<", "ns"], [-1, 0])
    assert bounds.yi_lb == pytest.approx([-np.inf, -0.6275], abs=5e-4)
    partial = es.zcor_bounds_from_p(30, 0.05, "ns", 0, mi=4)
    assert partial.yi_ub > es.zcor_bounds_from_p(30, 0.05, "ns", 0).yi_ub


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: es.smd_bounds_from_p(53, 31, 0.05, "<", 0), "give the direction"),
        (lambda: es.smd_bounds_from_p(53, 31, 0.05, "~", 1), "relation"),
        (lambda: es.smd_bounds_from_p(53, 31, 0.05, "<", 2), "direction must be"),
        (lambda: es.smd_bounds_from_p(53, 31, 0, "<", 1), "p must lie"),
        (lambda: es.zcor_bounds_from_p(2, 0.05, "<", 1), "too few people"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
