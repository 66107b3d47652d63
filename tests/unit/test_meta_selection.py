import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden import oracle

from reanalysis.meta import fit, selection
from reanalysis.meta.selection import VEVEA_WOODS, VEVEA_WOODS_STEPS, selmodel


@pytest.fixture(scope="module")
def smoking():
    d = oracle.inputs("39_trimfill_hackshaw1998")["input"]
    return d["yi"], d["vi"]


def selected_studies(rng, k, mu=0.2, tau=0.2, weight=0.2):
    """Studies seen always if significant (one-sided .025), else with probability `weight`."""
    y, v = np.empty(0), np.empty(0)
    while y.size < k:
        vi = rng.uniform(0.01, 0.2, k)
        yi = rng.normal(mu, np.sqrt(tau**2 + vi))
        seen = (yi / np.sqrt(vi) > 1.96) | (rng.uniform(size=k) < weight)
        y, v = np.r_[y, yi[seen]], np.r_[v, vi[seen]]
    return y[:k], v[:k]


def density(y, v, beta, tau2, steps, delta):
    """Density of one observed effect by brute force: weight times normal, normalized on a grid (one-sided p)."""
    from scipy.integrate import trapezoid
    from scipy.special import ndtr

    def weighted(x):
        weight = np.asarray(delta)[np.searchsorted(steps, ndtr(-x / np.sqrt(v)))]
        return weight * np.exp(-((x - beta) ** 2) / (2 * (v + tau2)))

    grid = np.linspace(beta - 10 * np.sqrt(v + tau2), beta + 10 * np.sqrt(v + tau2), 400_001)
    return weighted(np.array(y)) / trapezoid(weighted(grid), grid)


def test_likelihood_is_the_density_of_what_is_seen(smoking):
    y, v = smoking
    steps, delta = np.array([0.025, 0.5, 1]), np.array([1, 0.4, 0.2])
    model = selection._model(y, np.sqrt(v), steps, "greater")
    args = np.array([[0.3]]), np.array([0.02]), delta[None]
    ll, _, _ = selection._derivatives(*args, y, v, np.ones((37, 1)), model)
    brute = sum(np.log(density(a, b, 0.3, 0.02, steps, delta)) for a, b in zip(y, v, strict=True))
    assert ll[0] == pytest.approx(brute, abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.floats(-0.5, 0.8), st.floats(0.01, 0.5), st.floats(0.1, 3), st.sampled_from(["greater", "less", "two.sided"]))
def test_derivatives(beta, tau2, weight, alternative):
    rng = np.random.default_rng(5)
    v = rng.uniform(0.02, 0.3, 12)
    y = rng.normal(0.2, np.sqrt(v + 0.1))
    X = np.column_stack([np.ones(12), rng.normal(size=12)])
    model = selection._model(y, np.sqrt(v), np.array([0.05, 0.4, 1]), alternative)

    def at(theta):
        theta = np.atleast_2d(theta)
        return selection._derivatives(theta[:, :2], theta[:, 2], theta[:, 3:], y, v, X, model)

    theta, h = np.array([beta, 0.1, tau2, 1.0, weight, 0.5]), 1e-5
    _, gradient, hessian = at(theta)
    up, down = at(theta + h * np.eye(6)), at(theta - h * np.eye(6))
    assert gradient[0] == pytest.approx((up[0] - down[0]) / (2 * h), rel=1e-5, abs=1e-5)
    assert hessian[0] == pytest.approx((up[1] - down[1]) / (2 * h), rel=1e-4, abs=1e-4)


def test_recovers_what_generated_the_data():
    y, v = selected_studies(np.random.default_rng(11), 3000)
    result = selmodel(y, v)
    assert result.converged
    assert result.alternative == "greater"
    assert result.beta[0] == pytest.approx(0.2, abs=4 * result.se[0])
    assert result.delta[1] == pytest.approx(0.2, abs=4 * result.se_delta[1])
    assert result.LRTp < 1e-6
    assert fit(y, v).beta[0] > result.beta[0] + 0.05


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.025, (0.025, 0.5)]))
def test_converges_mirrors_and_ignores_order_and_unit(seed, steps):
    rng = np.random.default_rng(seed)
    y, v = selected_studies(rng, 25)
    result = selmodel(y, v, steps=steps, alternative="greater")
    assert result.converged
    assert result.ll >= result.ll_unselected - 1e-10
    order = rng.permutation(25)
    for other, unit in (
        (selmodel(-y, v, steps=steps, alternative="less"), -1),
        (selmodel(y[order], v[order], steps=steps, alternative="greater"), 1),
        (selmodel(100 * y, 1e4 * v, steps=steps, alternative="greater"), 100),
    ):
        assert other.ll + 25 * np.log(abs(unit)) == pytest.approx(result.ll, abs=1e-7)
        if not result.boundary:
            assert other.beta[0] / unit == pytest.approx(result.beta[0], rel=1e-4, abs=1e-5)


def test_weights_one_is_the_model_without_selection(smoking):
    result, plain = selmodel(*smoking, delta=[1, 1]), fit(*smoking, method="ML", test="z")
    assert (result.beta[0], result.tau2) == pytest.approx((plain.beta[0], plain.tau2), rel=1e-7)
    assert result.LRT < 1e-9


@pytest.mark.parametrize("strength", VEVEA_WOODS)
def test_fixed_weights_need_no_minimal_number(smoking, strength):
    y, v = smoking[0][:6], smoking[1][:6]
    result = selmodel(y, v, steps=VEVEA_WOODS_STEPS, delta=VEVEA_WOODS[strength])
    assert (result.LRTdf, result.k) == (0, 6)
    assert np.isnan(result.LRTp)
    assert abs(result.beta[0]) < abs(fit(y, v, method="ML").beta[0])


def test_no_study_in_an_interval_is_flagged(smoking):
    y, v = smoking[0] + 2, smoking[1] / 10
    result = selmodel(y, v)
    assert result.counts.tolist() == [37, 0]
    assert (result.delta[1], result.boundary) == (0, True)
    assert any("without any study" in note for note in result.notes)


def test_bad_input_is_refused(smoking):
    y, v = smoking
    for message, call in {
        "needs at least 10 studies, there are 9": lambda: selmodel(y[:9], v[:9]),
        "at least one p-value": lambda: selmodel(y, v, steps=1),
        "weights for the intervals": lambda: selmodel(y, v, delta=[1, 0.5, 0.5]),
        "first 1": lambda: selmodel(y, v, delta=[0.5, 1]),
        "alternative must be": lambda: selmodel(y, v, alternative="up"),
    }.items():
        with pytest.raises(ValueError, match=message):
            call()
    assert selmodel(y[:9], v[:9], min_k=9).k == 9
