"""The kernels against dense matrices, the definition of each estimator, and the global optimum."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis.meta import tau2 as engine


def data(yi, vi, x=None):
    yi, vi = np.asarray(yi, float), np.asarray(vi, float)
    x = np.ones((len(yi), 1)) if x is None else np.linalg.qr(x)[0]
    return engine.Data.of(yi[None], vi[None], np.ones((1, len(yi))), x)


def dense(yi, vi, x, tau2):
    """P = W - WX(X'WX)^-1 X'W as a matrix."""
    w = np.diag(1 / (np.asarray(vi) + tau2))
    return w - w @ x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w


RNG = np.random.default_rng(3)
VI = RNG.uniform(0.02, 0.3, 15)
YI = RNG.normal(0.4, np.sqrt(VI + 0.5))
X = np.column_stack([np.ones(15), RNG.normal(size=15), np.arange(15) > 7])


@pytest.mark.parametrize("x", [X[:, :1], X])
def test_sums_replace_the_projection_matrix(x):
    d = data(YI, VI, x)
    p = dense(YI, VI, x, 0.07)
    fit = engine.weighted_fit(d, d.weights(np.array([0.07])))
    a = RNG.uniform(1, 2, 15)
    assert fit.rss[0] == pytest.approx(YI @ p @ YI)
    assert fit.u[0] == pytest.approx(p @ YI)
    assert [t[0] for t in engine.traces(d, fit)] == pytest.approx([np.trace(p), np.trace(p @ p)])
    weighted = [t[0] for t in engine.traces(d, fit, a[None])]
    assert weighted == pytest.approx([np.trace(p @ np.diag(a)), np.trace(p @ np.diag(a) @ p @ np.diag(a))])


def log_likelihood(d, tau2, restricted):
    t = np.array([tau2])
    return engine.log_likelihood(d, t, engine.weighted_fit(d, d.weights(t)), restricted=restricted)[0]


@pytest.mark.parametrize("x", [X[:, :1], X])
def test_likelihoods_against_dense_matrices(x):
    d = data(YI, VI, x)
    p, v = dense(YI, VI, x, 0.07), VI + 0.07
    q = np.linalg.qr(x)[0]
    ml = -0.5 * (15 * np.log(2 * np.pi) + np.log(v).sum() + YI @ p @ YI)
    df = 15 - x.shape[1]
    gram = q.T @ np.diag(1 / v) @ q
    reml = -0.5 * (df * np.log(2 * np.pi) + np.log(v).sum() + np.linalg.slogdet(gram)[1] + YI @ p @ YI)
    assert log_likelihood(d, 0.07, False) == pytest.approx(ml)
    assert log_likelihood(d, 0.07, True) == pytest.approx(reml)


@pytest.mark.parametrize("x", [X[:, :1], X])
def test_iterative_estimates_satisfy_their_equations(x):
    d, df = data(YI, VI, x), 15 - x.shape[1]
    for method in ("PM", "EB", "DLIT"):
        t, converged = engine.estimate(d, method)
        assert converged.all()
        assert YI @ dense(YI, VI, x, t[0]) @ YI == pytest.approx(df, rel=1e-11)
    for method, restricted in (("ML", False), ("REML", True)):
        t, converged = engine.estimate(d, method)
        assert converged.all()
        p = dense(YI, VI, x, t[0])
        information = p if restricted else np.diag(1 / (VI + t[0]))
        if t[0] > 0:
            assert YI @ p @ p @ YI == pytest.approx(np.trace(information), rel=1e-9)


def test_moment_estimators_from_their_definitions():
    d = data(YI, VI)
    w = 1 / VI
    q = (w * (YI - w @ YI / w.sum()) ** 2).sum()
    assert engine.estimate(d, "DL")[0][0] == pytest.approx((q - 14) / (w.sum() - (w**2).sum() / w.sum()))
    assert engine.estimate(d, "HE")[0][0] == pytest.approx(YI.var(ddof=1) - VI.mean())
    assert engine.estimate(d, "HS")[0][0] == pytest.approx((q - 15) / w.sum())
    start = YI.var()
    v = 1 / (VI / start + 1)
    assert engine.estimate(d, "SJ")[0][0] == pytest.approx((v * (YI - v @ YI / v.sum()) ** 2).sum() / 14)


def test_two_effects_have_a_closed_form():
    expected = (0.75**2 - 0.04 - 0.025) / 2
    for method in ("DL", "HE", "REML", "PM"):
        assert engine.estimate(data([0.1, 0.85], [0.04, 0.025]), method)[0][0] == pytest.approx(expected, rel=1e-12)


def test_several_peaks_are_told_apart():
    # the moment estimate is zero and the likelihood falls at zero, but its maximum is far beyond
    yi = np.array([0.0, 6.0, -5.0, 4.0, 7.0, -6.0, 3.0])
    vi = np.array([1e-4, 50.0, 60.0, 1e-3, 80.0, 70.0, 0.1])
    d = data(yi, vi)
    assert engine.estimate(d, "HE")[0][0] == 0
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1e3, 2000)])
    for method in ("ML", "REML"):
        t = engine.estimate(d, method)[0][0]
        best = max(log_likelihood(d, g, method == "REML") for g in grid)
        assert log_likelihood(d, t, method == "REML") >= best - 1e-9


def test_a_flat_likelihood_still_converges():
    yi = [-0.4951819243566868, 0.2235593541716775, 0.7755269449349413, -4.2706338559298915, -0.60596083, -0.157115984]
    vi = [0.007496370913761992, 0.005835163139316412, 0.2976358739261476, 1.15057816, 0.0672450028615088, 0.0011006102]
    t, converged = engine.estimate(data(yi, vi), "ML")
    assert converged.all()
    fit = engine.weighted_fit(data(yi, vi), 1 / (np.array(vi) + t[0])[None])
    assert (fit.u**2).sum() == pytest.approx(fit.w.sum(), rel=1e-9)


effects = st.integers(2, 12).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-3, 3), min_size=k, max_size=k),
        st.lists(st.floats(0.005, 1), min_size=k, max_size=k),
    )
)


@settings(deadline=None, max_examples=60)
@given(effects, st.floats(1e-6, 1e6), st.floats(-100, 100))
def test_scale_and_origin_carry_over(sample, factor, shift):
    yi, vi = (np.array(column) for column in sample)
    for method in engine.METHODS:
        before, converged = engine.estimate(data(yi, vi), method)
        after, _ = engine.estimate(data(factor * yi, factor**2 * vi), method)
        assert converged.all()
        assert after[0] == pytest.approx(factor**2 * before[0], rel=1e-6, abs=1e-9 * factor**2)
        moved, _ = engine.estimate(data(yi + shift, vi), method)
        assert moved[0] == pytest.approx(before[0], rel=1e-6, abs=1e-7)


@settings(deadline=None, max_examples=40)
@given(effects, st.floats(0.01, 50))
def test_solve_q_inverts_q(sample, target):
    d = data(*sample)
    t, converged = engine.solve_q(d, np.array([target]))
    assert converged.all()
    q = engine.weighted_fit(d, d.weights(t)).rss[0]
    assert q == pytest.approx(target, rel=1e-8) if t[0] > 0 else q <= target * (1 + 1e-9)
