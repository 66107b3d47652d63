"""Bayesian random effects by quadrature: exact posteriors without simulation, the same at every run.

`yi ~ N(theta_i, vi)`, `theta_i ~ N(mu, tau^2)`, with a normal or flat prior on mu and a proper prior on tau. Given tau
everything is normal, so posteriors are mixtures over tau, and only tau is integrated numerically: Gauss-Legendre on
panels of `z`, where `log tau = centre + width * sinh(z)`. The map puts the panels where the posterior is and reaches
into tails of any weight, polynomial or exponential, and down to tau = 0.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from scipy import special

from reanalysis import numeric
from reanalysis.meta.columns import check_effects, numbers, variances

NODES, WEIGHTS = np.polynomial.legendre.leggauss(8)
PANELS = (32, 64, 128, 256, 512)
TOLERANCE = 1e-10
REACH = 150.0  # of log(tau) to both sides of the mode


@dataclass(frozen=True)
class Normal:
    """Prior of mu. `sd = inf` is flat: improper, and without Bayes factor."""

    mean: float = 0.0
    sd: float = np.inf

    def __post_init__(self):
        if not (np.isfinite(self.mean) and self.sd > 0):
            raise ValueError("the prior of mu needs a finite mean and a standard deviation above zero")


@dataclass(frozen=True)
class HalfNormal:
    """tau ~ |N(0, scale^2)|; scale 0.5 suits standardized mean differences (Roever et al. 2021, RSM 12, 448-474)."""

    scale: float
    tail = np.inf  # the density falls as tau^-tail

    def __post_init__(self):
        _check_scale(self.scale)

    def log_density(self, log_tau: np.ndarray) -> np.ndarray:
        """Log density of log(tau)."""
        return log_tau + 0.5 * np.log(2 / np.pi) - np.log(self.scale) - 0.5 * np.exp(2 * (log_tau - np.log(self.scale)))


@dataclass(frozen=True)
class HalfCauchy:
    """tau ~ |Cauchy(0, scale)| (Gelman 2006, Bayesian Analysis 1, 515-534)."""

    scale: float
    tail = 2.0

    def __post_init__(self):
        _check_scale(self.scale)

    def log_density(self, log_tau: np.ndarray) -> np.ndarray:
        """Log density of log(tau)."""
        t = log_tau - np.log(self.scale)
        return t + np.log(2 / np.pi) - np.logaddexp(0, 2 * t)


@dataclass(frozen=True)
class LogStudentT:
    """log(tau^2) ~ location + scale * t(df): empirical priors from many meta-analyses.

    Rhodes et al. (2015, Journal of Clinical Epidemiology 68, 52-60) give location and scale with df = 5 for
    standardized mean differences, by outcome and intervention; Turner et al. (2015, Statistics in Medicine 34, 984-998)
    log-normal ones (df = inf) for log odds ratios.
    """

    location: float
    scale: float
    df: float = 5.0

    def __post_init__(self):
        _check_scale(self.scale)
        if not (np.isfinite(self.location) and self.df > 0):
            raise ValueError("the prior needs a finite location and degrees of freedom above zero")

    @property
    def tail(self) -> float:
        """With a t the density falls as 1/tau and powers of log(tau): just faster than 1/tau."""
        return np.inf if np.isinf(self.df) else 1.0 + 1e-9

    def log_density(self, log_tau: np.ndarray) -> np.ndarray:
        """Log density of log(tau)."""
        t = (2 * log_tau - self.location) / self.scale
        if np.isinf(self.df):
            return np.log(2 / self.scale) - 0.5 * np.log(2 * np.pi) - 0.5 * t**2
        norm = special.gammaln((self.df + 1) / 2) - special.gammaln(self.df / 2) - 0.5 * np.log(self.df * np.pi)
        return np.log(2 / self.scale) + norm - 0.5 * (self.df + 1) * np.log1p(t**2 / self.df)


TauPrior = HalfNormal | HalfCauchy | LogStudentT


@dataclass(frozen=True)
class BayesFit:
    """Posterior of the average effect mu, of tau, and of a new true effect; intervals are central (equal tails).

    `mu` is the posterior mean with standard deviation `sd_mu`; `pi_lb`, `pi_ub` hold a new study's true effect;
    `theta` and `sd_theta` (k,) are the shrunken true effects. `bf10` is the Bayes factor of mu ~ prior against mu = 0,
    None with a flat prior. `log_marginal` is the log density of the data; with a flat prior it only compares priors of
    tau. `sd_mu`, `mean_tau` and `sd_tau` are inf where the posterior is too heavy-tailed to have them (few effects, or
    a heavy-tailed prior). `error` is the relative error of the quadrature, estimated by doubling the panels.
    """

    k: int
    level: float
    tau_prior: TauPrior
    mu_prior: Normal
    mu: float
    sd_mu: float
    ci_lb: float
    ci_ub: float
    median_tau: float
    mean_tau: float
    sd_tau: float
    tau_lb: float
    tau_ub: float
    pi_lb: float
    pi_ub: float
    theta: np.ndarray
    sd_theta: np.ndarray
    bf10: float | None
    log_marginal: float
    error: float
    _mixture: "_Mixture" = field(repr=False)
    _tau: "_Quadrature" = field(repr=False)

    def mu_density(self, x) -> np.ndarray:
        """Posterior density of mu at `x`."""
        return self._mixture.density(x, self._mixture.s2)

    def mu_cdf(self, x) -> np.ndarray:
        """Posterior probability that mu <= x."""
        return self._mixture.cdf(x, self._mixture.s2)

    def predictive_density(self, x) -> np.ndarray:
        """Density of a new true effect at `x`."""
        return self._mixture.density(x, self._mixture.new)

    def predictive_cdf(self, x) -> np.ndarray:
        """Probability that a new true effect is <= x."""
        return self._mixture.cdf(x, self._mixture.new)

    def tau_density(self, tau) -> np.ndarray:
        """Posterior density of tau at `tau` > 0."""
        tau = np.asarray(tau, float)
        return np.exp(self._tau.log_f(np.log(tau)) - self._tau.log_total) / tau

    def summary(self) -> str:
        """The posterior as text."""
        percent = f"{100 * self.level:g} %"
        bayes_factor = "none, the prior of mu is flat" if self.bf10 is None else f"{self.bf10:.4g}"
        return "\n".join(
            [
                f"Bayesian random-effects model (k = {self.k}; tau ~ {self.tau_prior}; mu ~ {self.mu_prior})",
                "",
                f"mu    {self.mu:.4f} (SD {self.sd_mu:.4f}), {percent} interval [{self.ci_lb:.4f}, {self.ci_ub:.4f}]",
                f"tau   {self.median_tau:.4f} (median), {percent} interval [{self.tau_lb:.4f}, {self.tau_ub:.4f}]",
                f"new   {percent} prediction interval [{self.pi_lb:.4f}, {self.pi_ub:.4f}]",
                f"BF10  {bayes_factor}",
            ]
        )

    def __str__(self) -> str:
        return self.summary()


def bayes_re(
    yi,
    vi=None,
    *,
    sei=None,
    tau_prior: TauPrior | None = None,
    mu_prior: Normal | None = None,
    level: float = 0.95,
) -> BayesFit:
    """Bayesian random-effects meta-analysis of independent effects.

    The model and its form as a mixture over tau are those of Roever (2020, Journal of Statistical Software 93(6)); for
    few studies and weakly informative priors see Roever et al. (2021, Research Synthesis Methods 12, 448-474).

    Parameters
    ----------
    yi, vi : (k,) effects and sampling variances (or standard errors `sei`), none missing; k = 1 is allowed.
    tau_prior : HalfNormal, HalfCauchy or LogStudentT. Default HalfNormal(0.5), for standardized mean differences and
        log ratios.
    mu_prior : default flat. A proper one, such as Normal(0, 1), gives a Bayes factor against mu = 0.
    level : probability of all intervals.

    Raises
    ------
    ValueError : mismatched, missing, infinite or empty input, or variances that are not positive.
    """
    yi, vi = numbers(yi, "yi"), variances(vi, sei)
    if yi.ndim != 1 or yi.shape != vi.shape or not len(yi):
        raise ValueError(
            f"yi and vi must be one-dimensional, equally long and not empty, got {yi.shape} and {vi.shape}"
        )
    if not (np.all(np.isfinite(yi)) and np.all(np.isfinite(vi) & (vi > 0))):
        raise ValueError("yi must be finite and vi finite and above zero; leave out rows with missing ones")
    check_effects(yi, vi)
    tails = np.array([0.5 - numeric.check_level(level) / 2, 0.5 + level / 2])
    tau_prior = tau_prior or HalfNormal(0.5)
    mu_prior = mu_prior or Normal()

    def quadrature(mean, sd) -> _Quadrature:
        return _quadrature(lambda log_tau: _log_likelihood(yi, vi, mean, sd, log_tau) + tau_prior.log_density(log_tau))

    over_tau = quadrature(mu_prior.mean, mu_prior.sd)
    mixture = _mixture(yi, vi, mu_prior, over_tau)
    flat = np.isinf(mu_prior.sd)
    # the posterior of tau falls as tau^-tail: each effect adds a power, less one where mu takes it
    tail = tau_prior.tail + len(yi) - flat

    mu = mixture.mean(mixture.m)
    variance = mixture.mean(mixture.s2 + (mixture.m - mu) ** 2) if tail > 3 or not flat else np.inf
    mean_tau = mixture.mean(mixture.tau) if tail > 2 else np.inf
    variance_tau = mixture.mean((mixture.tau - mean_tau) ** 2) if tail > 3 else np.inf
    own = mixture.tau[:, None] ** 2 / (vi + mixture.tau[:, None] ** 2)
    theta = own * yi + (1 - own) * mixture.m[:, None]
    mean_theta = mixture.mean(theta)
    variance_theta = mixture.mean(own * vi + (1 - own) ** 2 * mixture.s2[:, None] + (theta - mean_theta) ** 2)

    ci_lb, ci_ub = mixture.quantile(tails, mixture.s2)
    pi_lb, pi_ub = mixture.quantile(tails, mixture.new)
    tau_lb, median_tau, tau_ub = over_tau.quantile(np.array([tails[0], 0.5, tails[1]]))
    with np.errstate(over="ignore"):
        bf10 = None if flat else float(np.exp(over_tau.log_total - quadrature(0.0, 0.0).log_total))
    return BayesFit(
        k=len(yi),
        level=level,
        tau_prior=tau_prior,
        mu_prior=mu_prior,
        mu=float(mu),
        sd_mu=float(np.sqrt(variance)),
        ci_lb=ci_lb,
        ci_ub=ci_ub,
        median_tau=median_tau,
        mean_tau=float(mean_tau),
        sd_tau=float(np.sqrt(variance_tau)),
        tau_lb=tau_lb,
        tau_ub=tau_ub,
        pi_lb=pi_lb,
        pi_ub=pi_ub,
        theta=mean_theta,
        sd_theta=np.sqrt(variance_theta),
        bf10=bf10,
        log_marginal=over_tau.log_total,
        error=over_tau.error,
        _mixture=mixture,
        _tau=over_tau,
    )


# ---- given tau, everything is normal -------------------------------------------------------------------------


def _average(yi, vi, log_tau) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """For each tau (n,): total variances (n, k), their inverses, the sum of these, and the weighted average."""
    total = vi + np.exp(2 * np.asarray(log_tau))[..., None]
    w = 1 / total
    sum_w = w.sum(axis=-1)
    # weights relative to the largest, and effects to the first: no overflow and no cancellation
    return total, w, sum_w, yi[0] + (w * (yi - yi[0])).sum(axis=-1) / sum_w


def _log_likelihood(yi, vi, mean: float, sd: float, log_tau) -> np.ndarray:
    """Log density of the data given tau, over mu ~ N(mean, sd^2); `sd` may be 0, or inf: then over a uniform mu."""
    total, w, sum_w, average = _average(yi, vi, log_tau)
    within = (w * (yi - average[..., None]) ** 2).sum(axis=-1)
    ll = -0.5 * (len(yi) * np.log(2 * np.pi) + np.log(total).sum(axis=-1) + within)
    if np.isinf(sd):
        return ll + 0.5 * np.log(2 * np.pi / sum_w)
    return ll - 0.5 * np.log1p(sum_w * sd**2) - 0.5 * sum_w * (average - mean) ** 2 / (1 + sum_w * sd**2)


class _Mixture(NamedTuple):
    """Posterior weight of each tau; mean and variance of mu given tau; variance of a new true effect given tau."""

    weight: np.ndarray
    tau: np.ndarray
    m: np.ndarray
    s2: np.ndarray
    new: np.ndarray

    def mean(self, values: np.ndarray) -> np.ndarray:
        return self.weight @ values

    def density(self, x, variance: np.ndarray) -> np.ndarray:
        z = (np.asarray(x, float)[..., None] - self.m) / np.sqrt(variance)
        return (numeric.norm_pdf(z) / np.sqrt(variance)) @ self.weight

    def cdf(self, x, variance: np.ndarray) -> np.ndarray:
        return numeric.norm_cdf((np.asarray(x, float)[..., None] - self.m) / np.sqrt(variance)) @ self.weight

    def quantile(self, q: np.ndarray, variance: np.ndarray) -> list[float]:
        middle = np.searchsorted(np.cumsum(self.weight), 0.5)
        centre, half = self.m[middle], np.sqrt(variance[middle])
        while np.any(self.cdf(centre + half, variance) < q) or np.any(self.cdf(centre - half, variance) > q):
            half *= 2
        ends = np.full(len(q), centre - half), np.full(len(q), centre + half)
        return _solve(lambda x: (self.cdf(x, variance) - q, self.density(x, variance)), *ends)


def _mixture(yi, vi, prior: Normal, over_tau: "_Quadrature") -> _Mixture:
    log_tau, weight = over_tau.nodes()
    kept = weight > 1e-18
    log_tau, weight = log_tau[kept], weight[kept]
    _, _, sum_w, average = _average(yi, vi, log_tau)
    s2 = 1 / (sum_w + prior.sd**-2.0)
    m = prior.mean + (average - prior.mean) * sum_w * s2
    tau = np.exp(log_tau)
    return _Mixture(weight / weight.sum(), tau, m, s2, s2 + tau**2)


# ---- quadrature over log(tau) --------------------------------------------------------------------------------


class _Quadrature(NamedTuple):
    """A density over log(tau) = centre + width sinh(z), integrated over panels of z."""

    log_f: Callable
    centre: float
    width: float
    edges: np.ndarray
    masses: np.ndarray
    log_total: float
    error: float

    def log_integrand(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """log(tau), and the log of the density of z."""
        log_tau = self.centre + self.width * np.sinh(z)
        return log_tau, self.log_f(log_tau) + np.log(self.width * np.cosh(z))

    def nodes(self) -> tuple[np.ndarray, np.ndarray]:
        """log(tau) and the posterior probability each stands for."""
        z, weights = _gauss(self.edges[:-1], self.edges[1:])
        log_tau, log_p = self.log_integrand(z.ravel())
        return log_tau, weights.ravel() * np.exp(log_p - self.log_total)

    def quantile(self, q: np.ndarray) -> list[float]:
        """Quantiles of tau: within its panel, the cumulative integral is taken by the same rule."""
        below = np.concatenate([[0.0], np.cumsum(self.masses)]) / self.masses.sum()
        panel = np.clip(np.searchsorted(below, q) - 1, 0, len(self.masses) - 1)
        start = self.edges[panel]

        def excess(z):
            nodes, weights = _gauss(start, z)
            inner = np.exp(self.log_integrand(nodes)[1] - self.log_total)
            return below[panel] + (weights * inner).sum(axis=1) - q, np.exp(self.log_integrand(z)[1] - self.log_total)

        z = np.array(_solve(excess, start, self.edges[panel + 1]))
        return np.exp(self.centre + self.width * np.sinh(z)).tolist()


def _quadrature(log_f: Callable) -> _Quadrature:
    """Find the mode and width of a density over log(tau), and integrate it with panels doubled until it settles."""
    x = np.linspace(-60.0, 60.0, 481)
    for _ in range(5):
        best = int(np.argmax(log_f(x)))
        step = x[1] - x[0]
        centre = x[best]
        x = np.linspace(centre - step, centre + step, 21)
    peak = float(log_f(np.array([centre]))[0])
    offsets = 2.0 ** np.arange(-20, 7)
    fallen = np.minimum(log_f(centre - offsets), log_f(centre + offsets)) < peak - 1
    width = offsets[np.argmax(fallen)]
    reach = np.arcsinh(REACH / width)
    log_before = -np.inf
    for panels in PANELS:
        edges = np.linspace(-reach, reach, panels + 1)
        rule = _Quadrature(log_f, centre, width, edges, np.zeros(panels), 0.0, np.inf)
        z, weights = _gauss(edges[:-1], edges[1:])
        masses = (weights * np.exp(rule.log_integrand(z)[1] - peak)).sum(axis=1)
        log_total = peak + float(np.log(masses.sum()))
        error = abs(np.expm1(log_before - log_total))
        if error < TOLERANCE:
            break
        log_before = log_total
    return rule._replace(masses=masses, log_total=log_total, error=float(error))


def _gauss(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights (panels, nodes) of the Gauss-Legendre rule between `low` and `high`."""
    half = 0.5 * (high - low)[:, None]
    return 0.5 * (low + high)[:, None] + half * NODES, half * WEIGHTS


def _solve(f: Callable, low: np.ndarray, high: np.ndarray) -> list[float]:
    """Roots of increasing functions between `low` and `high` by Newton's method, or bisection where it leaves them."""
    x = 0.5 * (low + high)
    for _ in range(100):
        value, slope = f(x)
        low, high = np.where(value < 0, x, low), np.where(value > 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = x - value / slope
        new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
        done = np.abs(new - x) <= 1e-14 * (np.abs(x) + high - low)
        x = new
        if done.all():
            break
    return x.tolist()


def _check_scale(scale: float) -> None:
    if not (np.isfinite(scale) and scale > 0):
        raise ValueError(f"the prior needs a finite scale above zero, got {scale!r}")
