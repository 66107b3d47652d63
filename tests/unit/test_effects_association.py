"""Correlations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import effects as es

rs = st.floats(-0.95, 0.95)


def test_fisher_z():
    assert es.zcor(0.5, 28) == pytest.approx((0.5493061443340548, 0.04))
    assert es.zcor(0.5, 28, kind="spearman").vi == pytest.approx(0.04 * 1.125)


@given(rs, st.integers(5, 500))
def test_r_to_t_to_r(r, n):
    t = r * np.sqrt((n - 2) / (1 - r**2))
    assert es.r_from_t(t, n - 2) == pytest.approx(r, abs=1e-12)
    assert es.zpcor(r, n, 1) == pytest.approx(es.zcor(r, n))


@given(rs, st.integers(5, 5000))
def test_the_sign_flips_and_correction_enlarges(r, n):
    for effect in (es.cor, es.ucor, es.zcor):
        assert effect(-r, n).yi == pytest.approx(-effect(r, n).yi)
        assert effect(-r, n).vi == pytest.approx(effect(r, n).vi)
    assert abs(es.unbiased_r(r, n)) >= abs(r)


def test_unbiased_r_is_continuous_where_its_series_takes_over():
    n = np.array([101.999, 102.001])
    assert np.diff(es.unbiased_r(0.3, n)) == pytest.approx(0, abs=1e-6)
    assert es.ucor(0.3, 1e6).yi == pytest.approx(0.3, abs=1e-6)


def test_ucor_is_unbiased_in_value_and_variance():
    rng = np.random.default_rng(6)
    n, rho, draws = 8, 0.5, 200_000
    x, e = rng.standard_normal((2, draws, n))
    y = rho * x + np.sqrt(1 - rho**2) * e
    x, y = x - x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    r = (x * y).sum(1) / np.sqrt((x**2).sum(1) * (y**2).sum(1))
    u = es.ucor(r, n, vtype="UB")
    assert u.yi.mean() == pytest.approx(rho, abs=0.003)
    assert u.vi.mean() == pytest.approx(u.yi.var(), rel=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: es.zcor(1.0, 20), "between -1 and 1"),
        (lambda: es.zcor(0.3, 3), "n > 3"),
        (lambda: es.zcor(0.3, 20, kind="kendall"), "kind"),
        (lambda: es.cor(0.3, 20, vtype="UB"), "vtype"),
        (lambda: es.pcor(0.3, 20, 0), "at least 1"),
        (lambda: es.spcor(9.0, 20, 2, 0.1), "larger than the R\\^2"),
        (lambda: es.r_from_t(2.0, 0), "degree of freedom"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
