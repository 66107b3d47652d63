import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from reanalysis.effects import log_rr
from reanalysis.meta import HalfCauchy, HalfNormal, LogStudentT, Normal, bayes_re, fit

# tuberculosis vaccine trials: cases and non-cases, vaccinated and not (Colditz et al. 1994)
BCG = log_rr(
    [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27],
    [119, 300, 228, 13536, 5036, 1361, 2537, 87886, 7470, 1699, 50448, 2493, 16886],
    [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29],
    [128, 274, 209, 12619, 5761, 1079, 619, 87892, 7232, 1600, 27197, 2338, 17825],
)
YI, VI = np.array([0.9, 0.1, 0.35, -0.2]), np.array([0.1, 0.05, 0.2, 0.08])
RHODES = LogStudentT(-2.85, 2.6)
PRIORS = [HalfNormal(0.5), HalfCauchy(0.3), RHODES, LogStudentT(-2.5, 1.4, np.inf)]


def brute_force(yi, vi, tau_prior, mu_prior):
    """Moments of mu, tau and a true effect, limit of mu, marginal density, on a grid of mu and log tau."""
    mu = np.linspace(-5, 5, 1601)[:, None]
    log_tau = np.linspace(-60, 8, 1601)[None, :]
    tau = np.exp(log_tau)
    log_p = tau_prior.log_density(log_tau) + (0 if np.isinf(mu_prior.sd) else stats.norm.logpdf(mu, 0, mu_prior.sd))
    for y, v in zip(yi, vi, strict=True):
        log_p = log_p + stats.norm.logpdf(y, mu, np.sqrt(v + tau**2))
    p = np.exp(log_p)
    area = (mu[1, 0] - mu[0, 0]) * (log_tau[0, 1] - log_tau[0, 0])
    total = p.sum() * area
    p /= p.sum()
    mean = (p * mu).sum()
    shrunken = (yi[0] * tau**2 + mu * vi[0]) / (tau**2 + vi[0])
    theta = (p * shrunken).sum()
    return {
        "mu": mean,
        "sd_mu": np.sqrt((p * (mu - mean) ** 2).sum()),
        "mean_tau": (p * tau).sum(),
        "theta": theta,
        "sd_theta": np.sqrt((p * (shrunken**2 + vi[0] * tau**2 / (tau**2 + vi[0]))).sum() - theta**2),
        "ci_ub": np.interp(0.975, p.sum(axis=1).cumsum() - p.sum(axis=1) / 2, mu[:, 0]),
        "log_marginal": np.log(total),
    }


@pytest.mark.parametrize("tau_prior", PRIORS, ids=str)
def test_against_a_grid(tau_prior):
    mu_prior = Normal(0, 0.8)
    b, grid = bayes_re(YI, VI, tau_prior=tau_prior, mu_prior=mu_prior), brute_force(YI, VI, tau_prior, mu_prior)
    for name in ("mu", "sd_mu", "log_marginal"):
        assert getattr(b, name) == pytest.approx(grid[name], abs=2e-6), name
    assert b.ci_ub == pytest.approx(grid["ci_ub"], abs=1e-4)  # the grid is interpolated
    assert b.theta[0] == pytest.approx(grid["theta"], abs=2e-6)
    assert b.sd_theta[0] == pytest.approx(grid["sd_theta"], abs=2e-6)
    if tau_prior is not RHODES:
        assert b.mean_tau == pytest.approx(grid["mean_tau"], rel=1e-4)


def test_tuberculosis_trials():
    b = bayes_re(*BCG)
    assert (b.mu, b.sd_mu) == pytest.approx((-0.7119, 0.1873), abs=5e-5)
    assert (b.mean_tau, b.sd_tau) == pytest.approx((0.5719, 0.1430), abs=5e-5)
    assert b.error < 1e-10
    assert b.pi_lb < b.ci_lb < b.mu < b.ci_ub < b.pi_ub
    assert "[-1.09" in str(b)


def test_priors_are_the_named_densities():
    x = np.linspace(-6, 3, 50)
    tau = np.exp(x)
    pairs = [
        (HalfNormal(0.5), stats.halfnorm(scale=0.5).logpdf(tau) + x),
        (HalfCauchy(0.3), stats.halfcauchy(scale=0.3).logpdf(tau) + x),
        (RHODES, stats.t(5, loc=-2.85, scale=2.6).logpdf(2 * x) + np.log(2)),
        (LogStudentT(-2.5, 1.4, np.inf), stats.lognorm(1.4, scale=np.exp(-2.5)).logpdf(tau**2) + np.log(2) + 2 * x),
    ]
    for prior, expected in pairs:
        assert prior.log_density(x) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("prior", [HalfNormal(0.5), HalfCauchy(0.5), RHODES], ids=str)
def test_one_study_tells_nothing_of_tau(prior):
    b = bayes_re([0.4], [0.1], tau_prior=prior)
    quantiles = [b.tau_lb, b.median_tau, b.tau_ub]
    p = [0.025, 0.5, 0.975]
    if isinstance(prior, LogStudentT):
        expected = np.exp(stats.t(5, loc=-2.85, scale=2.6).ppf(p) / 2)
    else:
        expected = (stats.halfnorm if isinstance(prior, HalfNormal) else stats.halfcauchy)(scale=0.5).ppf(p)
    assert quantiles == pytest.approx(list(expected), rel=1e-7)
    assert b.mu == pytest.approx(0.4)
    assert b.ci_lb + b.ci_ub == pytest.approx(0.8)
    assert np.isinf(b.sd_mu) == (not isinstance(prior, HalfNormal))


def test_no_heterogeneity_is_the_common_effect():
    b, f = bayes_re(*BCG, tau_prior=HalfNormal(1e-9)), fit(*BCG, method="CE")
    assert b.mu == pytest.approx(f.beta[0], rel=1e-9)
    assert b.sd_mu == pytest.approx(f.se[0], rel=1e-9)
    assert (b.ci_lb, b.ci_ub) == pytest.approx((f.ci_lb[0], f.ci_ub[0]), rel=1e-9)
    assert (b.pi_lb, b.pi_ub) == pytest.approx((f.ci_lb[0], f.ci_ub[0]), rel=1e-6)
    assert b.theta == pytest.approx(np.full(13, b.mu), abs=1e-6)


def test_many_studies_and_a_vague_prior_come_near_reml():
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.01, 0.1, 1000)
    yi = 0.3 + rng.normal(size=1000) * np.sqrt(vi + 0.04)
    b, f = bayes_re(yi, vi, tau_prior=HalfNormal(100)), fit(yi, vi, test="z")
    assert b.mu == pytest.approx(f.beta[0], abs=1e-4)
    assert b.sd_mu == pytest.approx(f.se[0], rel=1e-2)
    assert b.median_tau == pytest.approx(np.sqrt(f.tau2), rel=1e-2)
    assert b.error < 1e-10


@pytest.mark.parametrize("mu_prior", [Normal(), Normal(0.2, 0.5)], ids=str)
@pytest.mark.parametrize("tau_prior", PRIORS, ids=str)
def test_densities_integrate_to_one_and_agree_with_the_intervals(tau_prior, mu_prior):
    b = bayes_re(YI, VI, tau_prior=tau_prior, mu_prior=mu_prior, level=0.9)
    for density, cdf, ends in (
        (b.mu_density, b.mu_cdf, (b.ci_lb, b.ci_ub)),
        (b.predictive_density, b.predictive_cdf, (b.pi_lb, b.pi_ub)),
    ):
        assert cdf(np.array(ends)) == pytest.approx([0.05, 0.95], abs=1e-12)
        inside, _ = integrate.quad(density, *ends)
        assert inside == pytest.approx(0.9, abs=1e-8)
        assert cdf(np.array([-1e9, 1e9])) == pytest.approx([0, 1], abs=1e-7)
    inside, _ = integrate.quad(b.tau_density, b.tau_lb, b.tau_ub)
    assert inside == pytest.approx(0.9, abs=1e-8)


@given(st.floats(-5, 5), st.floats(1e-3, 1e3))
@settings(max_examples=25, deadline=None)
def test_shift_and_scale(shift, scale):
    b = bayes_re(YI, VI, tau_prior=HalfNormal(0.5), mu_prior=Normal(0, 1))
    moved = bayes_re(
        shift + scale * YI, scale**2 * VI, tau_prior=HalfNormal(0.5 * scale), mu_prior=Normal(shift, scale)
    )
    for name in ("mu", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "theta"):
        assert getattr(moved, name) == pytest.approx(shift + scale * getattr(b, name), rel=1e-7, abs=1e-7 * scale), name
    for name in ("sd_mu", "median_tau", "mean_tau", "sd_tau", "tau_lb", "tau_ub", "sd_theta"):
        assert getattr(moved, name) == pytest.approx(scale * getattr(b, name), rel=1e-7), name


def test_order_and_sign_do_not_matter():
    b = bayes_re(YI, VI, mu_prior=Normal(0, 1))
    reverse = bayes_re(-YI[::-1], VI[::-1], mu_prior=Normal(0, 1))
    assert reverse.mu == pytest.approx(-b.mu)
    assert reverse.ci_lb == pytest.approx(-b.ci_ub)
    assert reverse.theta[::-1] == pytest.approx(-b.theta)
    assert reverse.bf10 == pytest.approx(b.bf10)


def test_bayes_factor():
    # at mu = 0 the posterior over the prior density is the inverse factor, where tau has one prior in both models
    # (Savage-Dickey; Dickey 1971)
    b = bayes_re(YI, VI, mu_prior=Normal(0, 0.7))
    assert b.bf10 == pytest.approx(stats.norm.pdf(0, 0, 0.7) / b.mu_density(0.0), rel=1e-9)
    assert bayes_re(YI + 3, VI, mu_prior=Normal(0, 0.7)).bf10 > 100
    assert bayes_re(YI, VI).bf10 is None
    assert "flat" in bayes_re(YI, VI).summary()


def test_moments_that_do_not_exist_are_infinite():
    two, three = (bayes_re(YI[:k], VI[:k], tau_prior=HalfCauchy(0.5)) for k in (2, 3))
    assert np.isinf([two.sd_tau, two.sd_mu]).all()
    assert np.isfinite([two.mean_tau, three.mean_tau, three.sd_mu, three.sd_tau]).all()


def test_shrinkage_lies_between_study_and_average():
    b = bayes_re(YI, VI)
    assert np.all((b.theta - YI) * (b.theta - b.mu) <= 0)
    assert np.all(b.sd_theta < np.sqrt(VI))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: bayes_re([], []), "empty"),
        (lambda: bayes_re([0.1, 0.2], [0.1]), "equally long"),
        (lambda: bayes_re([0.1], [0.0]), "above zero"),
        (lambda: bayes_re([np.nan], [0.1]), "finite"),
        (lambda: bayes_re([0.1], [0.1], level=95), "level"),
        (lambda: HalfNormal(0), "scale"),
        (lambda: HalfCauchy(np.inf), "scale"),
        (lambda: LogStudentT(np.nan, 1), "location"),
        (lambda: Normal(0, 0), "standard deviation"),
    ],
)
def test_bad_input_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
