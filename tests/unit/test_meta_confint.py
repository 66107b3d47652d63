import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis.meta import confint, fit
from reanalysis.numeric import chi2_cdf

RNG = np.random.default_rng(5)
VI = RNG.uniform(0.02, 0.2, 12)
X = RNG.normal(size=12)
YI = RNG.normal(0.2, np.sqrt(VI + 0.6))


def q(tau2, x):
    w = 1 / (VI + tau2)
    beta = np.linalg.solve(x.T @ (w[:, None] * x), x.T @ (w * YI))
    return (w * (YI - x @ beta) ** 2).sum()


@pytest.mark.parametrize("mods", [None, X])
def test_q_profile_bounds_are_the_quantiles_of_q(mods):
    x = np.ones((12, 1)) if mods is None else np.column_stack([np.ones(12), X])
    c = confint(fit(YI, VI, mods), level=0.9)
    df = 12 - x.shape[1]
    assert chi2_cdf(q(c.tau2.ci_lb, x), df) == pytest.approx(0.95, rel=1e-9)
    assert chi2_cdf(q(c.tau2.ci_ub, x), df) == pytest.approx(0.05, rel=1e-9)


def test_q_profile_does_not_depend_on_the_estimator():
    intervals = {confint(fit(YI, VI, method=m)).tau2[1:] for m in ("DL", "REML", "SJ")}
    assert len(intervals) == 1


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_profile_likelihood_bounds_lie_the_quantile_below_the_peak(method):
    f = fit(YI, VI, method=method)
    c = confint(f, type="PL")
    drop = 2 * (f.fit_stats[method]["ll"] - fit(YI, VI, tau2=c.tau2.ci_ub).fit_stats[method]["ll"])
    assert drop == pytest.approx(3.841458820694124, rel=1e-8)
    assert c.tau2.ci_lb < f.tau2 < c.tau2.ci_ub


def test_wald_is_cut_at_zero():
    f = fit(YI, VI)
    c = confint(f, type="Wald")
    assert c.tau2.ci_lb == max(0, f.tau2 - 1.959963984540054 * f.se_tau2)
    assert c.tau2.ci_ub == pytest.approx(f.tau2 + 1.959963984540054 * f.se_tau2)


def test_other_measures_follow_from_tau2():
    f = fit(YI, VI)
    c = confint(f)
    for bound in ("estimate", "ci_lb", "ci_ub"):
        t = getattr(c.tau2, bound)
        assert getattr(c.tau, bound) == pytest.approx(np.sqrt(t))
        assert getattr(c.I2, bound) == pytest.approx(100 * t / (t + f.vt))
        assert getattr(c.H2, bound) == pytest.approx((t + f.vt) / f.vt)
    assert c.I2.estimate == pytest.approx(f.I2)
    assert c.H2.estimate == pytest.approx(f.H2)


def test_an_empty_interval_says_so():
    c = confint(fit([0.20, 0.25, 0.18, 0.22, 0.30], [0.04, 0.06, 0.05, 0.03, 0.08]))
    assert c.tau2 == (0, 0, 0)
    assert "empty" in c.note
    assert confint(fit(YI, VI)).note == ""


@pytest.mark.parametrize(
    ("make", "options", "words"),
    [
        (lambda: fit(YI, VI, method="CE"), {}, "not estimated"),
        (lambda: fit(YI, VI, tau2=0.1), {}, "not estimated"),
        (lambda: fit([0.1], [0.2]), {}, "k = 1"),
        (lambda: fit(YI, VI, method="DL"), {"type": "PL"}, "profile likelihood"),
        (lambda: fit(YI, VI), {"type": "BT"}, "type must be"),
        (lambda: fit(YI, VI), {"level": 95}, "between 0 and 1"),
    ],
)
def test_refusals(make, options, words):
    with pytest.raises(ValueError, match=words):
        confint(make(), **options)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(1e-3, 1e3))
def test_intervals_scale_and_nest(seed, factor):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.01, 0.3, 6)
    yi = rng.normal(0, np.sqrt(vi + rng.uniform(0, 0.5)))
    wide, narrow = confint(fit(yi, vi)), confint(fit(yi, vi), level=0.5)
    assert wide.tau2.ci_lb <= narrow.tau2.ci_lb + 1e-12
    assert wide.tau2.ci_ub >= narrow.tau2.ci_ub - 1e-12
    scaled = confint(fit(factor * yi, factor**2 * vi))
    assert np.allclose(scaled.tau2, factor**2 * np.array(wide.tau2), rtol=1e-7, atol=1e-9 * factor**2)
    assert np.allclose(scaled.I2, wide.I2, rtol=1e-7, atol=1e-6)
