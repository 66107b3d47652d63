import numpy as np
import pytest
from scipy import stats

from reanalysis import numeric

X = np.array([-8.0, -1.3, 0.0, 0.4, 2.5, 30.0])


def test_normal_and_t_agree_with_scipy_stats():
    assert np.allclose(numeric.norm_cdf(X), stats.norm.cdf(X), rtol=1e-12)
    assert np.allclose(numeric.norm_pdf(X), stats.norm.pdf(X), rtol=1e-12)
    assert np.allclose(numeric.norm_ppf([0.1, 0.5]), stats.norm.ppf([0.1, 0.5]))
    assert np.allclose(numeric.norm_two_sided_p(X), 2 * stats.norm.sf(np.abs(X)), rtol=1e-12)
    assert np.allclose(numeric.t_cdf(X, 3), stats.t.cdf(X, 3), rtol=1e-10)
    assert np.allclose(numeric.t_ppf(0.9, [1, 7]), stats.t.ppf(0.9, [1, 7]))
    assert np.allclose(numeric.t_two_sided_p(X, 4.5), 2 * stats.t.sf(np.abs(X), 4.5), rtol=1e-10)


def test_chi_square_and_f_agree_with_scipy_stats():
    x = np.array([0.0, 0.7, 3.0, 90.0])
    assert np.allclose(numeric.chi2_sf(x, 4), stats.chi2.sf(x, 4), rtol=1e-12)
    assert np.allclose(numeric.chi2_cdf(x, 4), stats.chi2.cdf(x, 4), rtol=1e-12)
    assert np.allclose(numeric.chi2_ppf([0.025, 0.975], 6), stats.chi2.ppf([0.025, 0.975], 6), rtol=1e-12)
    assert np.allclose(numeric.f_sf(x, 2, 9), stats.f.sf(x, 2, 9), rtol=1e-10)


def test_infinite_degrees_of_freedom_are_the_limits():
    assert numeric.t_two_sided_p(1.96, np.inf) == pytest.approx(numeric.norm_two_sided_p(1.96), rel=1e-12)
    assert numeric.t_critical(0.95) == pytest.approx(1.959963984540054, rel=1e-12)
    assert numeric.f_sf(3.0, 2, np.inf) == pytest.approx(numeric.chi2_sf(6.0, 2), rel=1e-12)
    assert numeric.chi2_sf(0.0, 0) == 1.0


@pytest.mark.parametrize("level", [0, 1, 95, -0.1, float("nan")])
def test_level_must_be_a_proportion(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        numeric.check_level(level)
