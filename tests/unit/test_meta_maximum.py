"""Every fit is the highest maximum of its likelihood: known hard data sets, and seeded batches against brute force."""

import numpy as np
import pytest
from tests import likelihood

from reanalysis.effects import smd_bounds_from_p
from reanalysis.meta import (
    all_evidence,
    confint,
    fit,
    fit_many,
    fit_multilevel,
    leave_one_out,
    likelihood_ratio_test,
    regtest,
    selmodel,
)

NAN = np.nan
# data on which Newton's method ends at a lower maximum, mostly at tau2 = 0: method, yi, vi, tau2 of the highest one
HARD = [
    (
        "REML",
        [-0.157, -1.477, 0.219, 1.694, -0.056, 0.863, 0.018],
        [0.1689, 0.3333, 0.0608, 0.3684, 0.0487, 0.3418, 0.0232],
        0.3774,
    ),
    ("REML", [0.377, 0.114, -8.276, 1.006], [1.1288, 0.3488, 6.7168, 0.7308], 10.05),
    ("ML", [0.945, 0.41, -2.188], [0.1675, 0.0145, 0.3674], 1.466),
]


def highest(yi, vi, method, mods=None, points=400):
    x = np.column_stack([np.ones(len(yi)), *([] if mods is None else [mods])])
    return likelihood.highest(np.array([yi]), np.array([vi]), x, restricted=method == "REML", points=points)[0]


def reached(yi, vi, method, tau2, mods=None):
    x = np.column_stack([np.ones(len(yi)), *([] if mods is None else [mods])])
    at = np.array([tau2])
    return likelihood.log_likelihood(np.array([yi]), np.array([vi]), x, at, restricted=method == "REML")[0]


@pytest.mark.parametrize(("method", "yi", "vi", "tau2"), HARD)
def test_hard_data_by_every_way(method, yi, vi, tau2):
    f, many = fit(yi, vi, method=method), fit_many([yi, yi], vi, method=method)
    m = fit_multilevel(yi, vi, random={"effect": range(len(yi))}, method=method)
    assert f.tau2 == pytest.approx(tau2, rel=5e-4)
    assert f.tau2 == pytest.approx(many.tau2[1], rel=1e-9) == pytest.approx(m.sigma2[0], rel=1e-7)
    assert f.converged
    assert reached(yi, vi, method, f.tau2) == pytest.approx(highest(yi, vi, method), abs=1e-9)
    if method == "ML":
        a = all_evidence(yi, vi)
        assert (a.tau2, a.est) == pytest.approx((f.tau2, f.beta[0]), rel=1e-7)


def test_the_hardest_in_full():
    _, yi, vi, _ = HARD[0]
    f = fit(yi, vi)
    assert pytest.approx(80.8, abs=0.05) == f.I2
    assert (f.beta[0], f.ci_lb[0], f.ci_ub[0]) == pytest.approx((0.1160, -0.6618, 0.8939), abs=5e-5)
    assert not f.boundary
    left = leave_one_out(f)
    for mask, t in zip(left.mask, left.estimates.tau2, strict=True):
        y, v = np.array(yi)[mask], np.array(vi)[mask]
        assert reached(y, v, "REML", t) == pytest.approx(highest(y, v, "REML"), abs=1e-9)


def test_likelihood_ratio_test_of_hard_data():
    yi, vi, x = [1.139, -1.214, 0.525, 1.172], [0.1956, 0.2378, 0.0119, 0.2344], [-0.2, 0.6, -0.72, -1.87]
    t = likelihood_ratio_test(fit(yi, vi, x, method="ML"), fit(yi, vi, method="ML"))
    assert (t.stat, t.pval) == pytest.approx((4.72, 0.030), abs=5e-3)


def test_what_rests_on_the_fit_is_at_the_highest_maximum_too():
    _, yi, vi, _ = HARD[0]
    selected = selmodel(yi, vi, min_k=3)
    assert selected.ll_unselected == pytest.approx(highest(yi, vi, "ML"), abs=1e-9)
    assert selected.ll >= selected.ll_unselected - 1e-9
    rng = np.random.default_rng(158)
    for _ in range(15):
        (yi,), (vi,) = likelihood.random_sets(rng, "ratio up to 100", 1, 5)
        r = regtest(yi, vi, predictor="sei", model="rma", min_k=3)
        best = highest(yi, vi, "REML", np.sqrt(vi))
        assert reached(yi, vi, "REML", r.fit.tau2, np.sqrt(vi)) == pytest.approx(best, abs=1e-8)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_twenty_thousand_data_sets(method):
    rng = np.random.default_rng(2)
    lost, total = [], 0
    for variances in likelihood.VARIANCES:
        for k, moderators, sets in (
            (2, 0, 800),
            (3, 0, 800),
            (3, 1, 400),
            (4, 0, 800),
            (5, 1, 400),
            (7, 0, 600),
            (12, 0, 300),
        ):
            yi, vi = likelihood.random_sets(rng, variances, sets, k)
            x = np.column_stack([np.ones(k), *rng.normal(size=(moderators, k))])
            many = fit_many(yi, vi, x[:, 1] if moderators else None, method=method)
            best = likelihood.highest(yi, vi, x, restricted=method == "REML", points=100)
            lost.append(best - likelihood.log_likelihood(yi, vi, x, many.tau2, restricted=method == "REML"))
            assert many.converged.all()
            total += sets
    lost = np.concatenate(lost)
    assert total >= 20_000
    assert lost.max() < 1e-8
    # and the grid is no blind judge: it nearly always finds as much
    assert np.mean(lost > -1e-6) > 0.999


def test_one_by_one_as_in_the_batch():
    rng = np.random.default_rng(3)
    for variances in likelihood.VARIANCES:
        yi, vi = likelihood.random_sets(rng, variances, 60, 5)
        for method in ("REML", "ML"):
            one_by_one = [fit(y, v, method=method).tau2 for y, v in zip(yi, vi, strict=True)]
            assert fit_many(yi, vi, method=method).tau2 == pytest.approx(one_by_one, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_several_levels(method):
    rng = np.random.default_rng(11)
    names, lost = list(likelihood.VARIANCES), []
    for i in range(60):
        sample = np.repeat(np.arange(4), rng.integers(1, 4, 4) + (np.arange(4) == 0))
        vi = likelihood.VARIANCES[names[i % 5]](rng, len(sample))
        yi = rng.choice(likelihood.TAU) * rng.normal(size=4)[sample] + rng.normal(size=len(vi)) * np.sqrt(vi)
        factors = {"sample": sample, "effect": np.arange(len(vi))}
        f = fit_multilevel(yi, vi, random=factors, method=method)
        labels, restricted = list(factors.values()), method == "REML"
        best = likelihood.highest_multilevel(yi, vi, labels, restricted=restricted, points=24)
        lost.append(
            best - likelihood.multilevel_log_likelihood(yi, vi, labels, f.sigma2[None], restricted=restricted)[0]
        )
        assert f.converged
    assert max(lost) < 1e-8
    assert np.median(lost) > -1e-6


def test_all_evidence_mixed_and_exact():
    rng = np.random.default_rng(5)
    lost = []
    for _ in range(20):
        columns = likelihood.random_evidence(rng, rng.integers(3, 10), 20)
        a = all_evidence(*columns, n1i=20, n2i=20)
        assert a.converged
        lost.append(likelihood.highest_evidence(*columns, 20) - a.loglik)
    assert max(lost) < 1e-8
    assert np.median(lost) > -1e-6
    for variances in likelihood.VARIANCES:
        yi, vi = likelihood.random_sets(rng, variances, 4, 5)
        for y, v in zip(yi, vi, strict=True):
            a, f = all_evidence(y, v), fit(y, v, method="ML")
            assert (a.est, a.tau2) == pytest.approx((f.beta[0], f.tau2), rel=1e-6, abs=1e-8)
            assert a.loglik == pytest.approx(f.fit_stats["ML"]["ll"], abs=1e-9)


@pytest.mark.parametrize(("up", "down", "n"), [(5, 3, 50), (6, 4, 100)])
def test_a_tau2_far_beyond_the_known_points(up, down, n):
    """One exact effect, the rest significant in both directions: tau2 lies above ten times the squared spread."""
    cut = float(smd_bounds_from_p(n, n, 0.05, "ns", 0)[1])
    yi, vi = [0.3] + [NAN] * (up + down), [2 / n] + [NAN] * (up + down)
    yi_lb = np.array([NAN] + [cut] * up + [-np.inf] * down)
    yi_ub = np.array([NAN] + [np.inf] * up + [-cut] * down)
    a = all_evidence(yi, vi, yi_lb, yi_ub, n1i=n, n2i=n)
    assert a.converged
    assert a.tau > 2
    assert a.loglik == pytest.approx(likelihood.highest_evidence(np.array(yi), np.array(vi), yi_lb, yi_ub, n), abs=1e-8)


@pytest.mark.parametrize(
    ("yi", "vi"),
    [
        ([1.81, 0.09, 2.2, 0.22], [0.468, 0.044, 0.748, 0.025]),
        ([0.24, -0.41, -2.38, 1.65], [0.016, 0.201, 0.993, 0.678]),
        ([0.25, -0.26, -1.86, -0.1], [0.068, 0.301, 0.322, 0.013]),
        ([-2.07, 0.01, 2.07, 0.09], [0.932, 0.034, 0.52, 0.068]),
    ],
)
def test_profile_limits_reach_over_all_peaks(yi, vi):
    """The values that the likelihood-ratio test does not reject fall into two parts: the interval holds both."""
    f = fit(yi, vi, method="ML")
    grid = np.concatenate([[0.0], np.geomspace(1e-3, 50, 400)])
    values = np.array([reached(yi, vi, "ML", t) for t in grid])
    inside = np.flatnonzero(values > highest(yi, vi, "ML") - 0.454936423119572 / 2)
    assert np.diff(inside).max() > 1
    limits = confint(f, type="PL", level=0.5).tau2
    assert limits.ci_lb <= grid[inside[0]]
    assert grid[inside[-1]] <= limits.ci_ub < grid[inside[-1] + 1]
    m = fit_multilevel(yi, vi, random={"effect": range(4)}, method="ML")
    assert confint(m, level=0.5).sigma2["effect"] == pytest.approx(tuple(limits), rel=1e-6, abs=1e-9)


def test_a_maximum_on_a_flat_ridge_is_reached_in_full():
    yi = [0.13762034, 0.2843875, 0.42384267, -0.49697688, 1.30245746, -0.57749149]
    vi = [0.08587762, 0.06488457, 0.11438101, 0.34443208, 0.21292657, 0.59516938]
    f = fit_multilevel(yi, vi, random={"sample": [0, 1, 2, 3, 3, 4], "effect": range(6)})
    assert f.converged
    assert f.iterations < 50
