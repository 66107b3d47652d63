"""Posterior of mu and tau from `Evidence`, on a grid, for many data sets at once.

The grid is laid where the posterior is, and summed by the trapezoidal rule, whose error vanishes faster than any power
of the step for smooth functions that fall to zero at both ends. The posterior is an even function of tau, so that
tau = 0 is no end: the point there counts half.
"""

from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta.evidence import Evidence
from reanalysis.meta.evidence_fit import root

Array = np.ndarray

COARSE, FINE = (15, 15), (73, 37)
"""Points in mu and in tau while the place is looked for, and in the end."""
DEPTH = 25.0
"""How far below its top the log posterior is no longer looked at."""
PRIOR_REACH = 10.0
"""Standard deviations of the priors from which the search begins."""
AT_ONCE = 100_000
"""Values of a likelihood that are held at once: so many stay in the cache, and large data sets fit into memory."""


class Priors(NamedTuple):
    """Priors of B data sets, each (B,): mu is normal, or flat with an infinite SD, and tau half-normal."""

    mu_mean: Array
    mu_sd: Array
    tau_scale: Array


class Summary(NamedTuple):
    """The posterior of B data sets, each (B,): mean, median, SD and central interval of mu.

    `p_below`: P(mu < 0). `p_beyond_below`, `p_beyond_above`: P(mu < -margin) and P(mu > margin). `p_new_below`: P(the
    true effect of a new study < 0). `p_mixed`: the probability that at least `share` of the true effects lie beyond the
    margin on either side. `log_marginal` is the log density of the data, `error` its relative numerical error.
    """

    mu: Array
    median: Array
    sd_mu: Array
    ci_lb: Array
    ci_ub: Array
    p_below: Array
    p_beyond_below: Array
    p_beyond_above: Array
    p_new_below: Array
    p_mixed: Array
    log_marginal: Array
    error: Array


class Spread(NamedTuple):
    """How much effects differ, each (B,): median and interval of tau, interval of the true effect of a new study."""

    median_tau: Array
    tau_lb: Array
    tau_ub: Array
    pi_lb: Array
    pi_ub: Array


@dataclass(frozen=True)
class Posterior:
    """`weight` (B, n, m) is the probability of each pair of `tau` (B, n) and `mu` (B, m); they sum to one.

    tau is evenly spaced, and so is z in `mu = centre + width sinh(z)`: close where the posterior is, wide in its tails.
    `log_marginal` (B,) is the log density of the data, `error` (B,) its change from a grid half as fine.
    """

    z: Array
    centre: Array
    width: Array
    tau: Array
    weight: Array
    log_marginal: Array
    error: Array

    @property
    def mu(self) -> Array:
        """The points in mu, (B, m)."""
        return self.centre[:, None] + self.width[:, None] * np.sinh(self.z)

    def mean_sd(self) -> tuple[Array, Array]:
        """Mean and standard deviation of mu, (B,)."""
        p = self.weight.sum(axis=1)
        mean = (p * self.mu).sum(axis=1)
        return mean, np.sqrt((p * (self.mu - mean[:, None]) ** 2).sum(axis=1))

    def mu_quantile(self, q: float) -> Array:
        """Quantile of mu, (B,)."""
        return self.centre + self.width * np.sinh(self._of_z.quantile(q))

    def mu_cdf(self, x: float) -> Array:
        """P(mu <= x), (B,)."""
        return self._of_z(np.arcsinh((x - self.centre) / self.width))[0]

    def tau_quantile(self, q: float) -> Array:
        """Quantile of tau, (B,)."""
        return self._of_tau.quantile(q)

    @cached_property
    def _of_z(self) -> "_Cdf":
        return _Cdf(self.z, self.weight.sum(axis=1))

    @cached_property
    def _of_tau(self) -> "_Cdf":
        return _Cdf(self.tau, self.weight.sum(axis=2))

    def new_cdf(self, x: Array | float) -> tuple[Array, Array]:
        """P(the true effect of a new study <= x), and its density there, (B,)."""
        mu, sd = self._new
        z = (np.reshape(x, (-1, 1, 1)) - mu) / sd
        return (
            (self.weight * numeric.norm_cdf(z)).sum(axis=(1, 2)),
            (self.weight * numeric.norm_pdf(z) / sd).sum(axis=(1, 2)),
        )

    @cached_property
    def _new(self) -> tuple[Array, Array]:
        """Mean (B, 1, m) and SD (B, n, m) of the true effects around each point of the grid."""
        step = np.gradient(self.mu, axis=1)[:, None]
        # a weight stands for a step of mu, not for a point
        return self.mu[:, None], np.sqrt(self.tau[:, :, None] ** 2 + step**2 / 12)

    def new_quantile(self, q: float) -> Array:
        """Quantile of the true effect of a new study, (B,)."""

        def excess(x: Array) -> tuple[Array, Array]:
            below, density = self.new_cdf(x)
            return q - below, -density

        far = 10 * self.tau[:, -1]
        return root(excess, self.mu[:, 0] - far, self.mu[:, -1] + far, self.mu_quantile(q))[0]

    def p_mixed(self, margin: float, share: float) -> Array:
        """P(at least `share` of the true effects lie beyond the margin on either side), (B,).

        Of normal true effects the smaller of the two shares is Phi(-(|mu| + margin) / tau): tau must reach
        (|mu| + margin) / z of the share. Shares of true effects beyond a threshold, as a summary of heterogeneity, are
        those of Mathur & VanderWeele (2019, Statistics in Medicine 38, 1336-1342).
        """
        least = (np.abs(self.mu) + margin) / -numeric.norm_ppf(share)
        sets, n, m = self.weight.shape
        columns = self.weight.transpose(0, 2, 1).reshape(sets * m, n)
        tau = np.repeat(self.tau, m, axis=0)
        at = np.minimum(least.ravel(), tau[:, -1])
        below = np.where(at > tau[:, 0], _Cdf(tau, columns)(at)[0], 0.0)
        return 1 - below.reshape(sets, m).sum(axis=1)

    def significant(self, limit: Array, var: Array) -> tuple[Array, Array, Array]:
        """How many findings this posterior of one data set expects to be significant; see `allevidence.predicted`.

        `limit` and `var` (2, k) say where the lower and the upper limit of significance lie, as in `evidence.Cut`.
        Returns the expected numbers below and above, and the probability of each number in all, (k + 1,).
        """
        sd = np.sqrt(var[:, :, None, None] + self.tau[0][None, None, :, None] ** 2)
        z = (limit[:, :, None, None] - self.mu[0][None, None, None, :]) / sd
        below, above = numeric.norm_cdf(z[0]), numeric.norm_cdf(-z[1])  # (k, n, m)
        weight = self.weight[0]
        numbers = np.zeros((len(below) + 1, *weight.shape))
        numbers[0] = 1.0
        for p in below + above:  # one finding after the other: the number of those that are significant
            numbers[1:] = numbers[1:] * (1 - p) + numbers[:-1] * p
            numbers[0] *= 1 - p
        return (below * weight).sum(axis=(1, 2)), (above * weight).sum(axis=(1, 2)), (numbers * weight).sum(axis=(1, 2))

    def summary(self, level: float, margin: float, share: float) -> Summary:
        """What is told of mu: its interval at this level, and the probabilities of what the margin divides."""
        mean, sd = self.mean_sd()
        lower, upper = 0.5 - level / 2, 0.5 + level / 2
        return Summary(
            mu=mean,
            median=self.mu_quantile(0.5),
            sd_mu=sd,
            ci_lb=self.mu_quantile(lower),
            ci_ub=self.mu_quantile(upper),
            p_below=self.mu_cdf(0.0),
            p_beyond_below=self.mu_cdf(-margin),
            p_beyond_above=1 - self.mu_cdf(margin),
            p_new_below=self.new_cdf(0.0)[0],
            p_mixed=self.p_mixed(margin, share),
            log_marginal=self.log_marginal,
            error=self.error,
        )

    def spread(self, level: float) -> Spread:
        """What is told of tau and of a new study, with intervals at this level."""
        lower, upper = 0.5 - level / 2, 0.5 + level / 2
        return Spread(
            self.tau_quantile(0.5),
            self.tau_quantile(lower),
            self.tau_quantile(upper),
            self.new_quantile(lower),
            self.new_quantile(upper),
        )


def posterior(evidence: Evidence, priors: Priors, points: tuple[int, int] = FINE) -> Posterior:
    """Posterior of each data set on a grid of `points` in mu and in tau.

    Raises ValueError where the posterior would be improper.
    """
    flat = np.isinf(priors.mu_sd)
    if not evidence.limited[flat].all():
        raise ValueError(
            "without an exact effect or an interval with two ends, mu needs a proper prior: give Normal(0, sd)"
        )
    log_p = partial(_log_posterior, evidence, priors)
    tau = np.stack([np.zeros(evidence.n_sets), PRIOR_REACH * priors.tau_scale], axis=1)
    around = 8 * np.sqrt(evidence.scale**2 + tau[:, 1] ** 2)
    reach = np.where(flat, 0.0, PRIOR_REACH * priors.mu_sd)
    low = np.minimum(evidence.low - around, priors.mu_mean - reach)
    high = np.maximum(evidence.high + around, priors.mu_mean + reach)
    mu = np.stack([low, high], axis=1)
    # a set is left alone once its place is found, so that it does not matter which others it is among
    found, centre, width = np.zeros((evidence.n_sets, 1), bool), *np.zeros((2, evidence.n_sets))
    for _ in range(20):
        grid_mu, grid_tau = _even(mu, COARSE[0]), _even(tau, COARSE[1])
        values = log_p(grid_mu, grid_tau)
        p = _normalized(values)[0].sum(axis=1)
        mean = (p * grid_mu).sum(axis=1)
        sd = np.sqrt((p * (grid_mu - mean[:, None]) ** 2).sum(axis=1))
        centre, width = (np.where(found[:, 0], old, new) for old, new in ((centre, mean), (width, sd)))
        before, (new_mu, new_tau) = (mu, tau), _narrower(grid_mu, grid_tau, values)
        mu, tau = np.where(found, mu, new_mu), np.where(found, tau, new_tau)
        shrunk = [np.ptp(new, axis=1) / np.ptp(old, axis=1) for new, old in zip((mu, tau), before, strict=True)]
        found |= (np.minimum(*shrunk) > 0.7)[:, None]
        if found.all():
            break
    z = _even(np.arcsinh((mu - centre[:, None]) / width[:, None]), points[0])
    tau = _even(tau, points[1])
    stretch = width[:, None] * np.cosh(z)
    values = log_p(centre[:, None] + width[:, None] * np.sinh(z), tau) + np.log(stretch)[:, None]
    weight, log_sum = _normalized(values)
    _, log_half = _normalized(values[:, ::2, ::2])
    log_cell = np.log((z[:, 1] - z[:, 0]) * (tau[:, 1] - tau[:, 0]))
    error = np.abs(np.expm1(log_half + np.log(4) - log_sum))
    return Posterior(z, centre, width, tau, weight, log_sum + log_cell, error)


def _even(ends: Array, n: int) -> Array:
    """`n` evenly spaced points between the ends (B, 2)."""
    return np.linspace(ends[:, 0], ends[:, 1], n, axis=1)


def _log_posterior(evidence: Evidence, priors: Priors, mu: Array, tau: Array) -> Array:
    """Log density (B, n, m) of the data, mu (B, m) and tau (B, n)."""
    sets, (n, m) = len(mu), (tau.shape[1], mu.shape[1])
    likelihood = np.empty((sets, n, m))
    at_once = max(1, AT_ONCE // (m * evidence.terms))  # so many tau
    for first in range(0, n, at_once):
        some = tau[:, first : first + at_once]
        pairs = np.broadcast_arrays(mu[:, None], some[:, :, None] ** 2)
        values = evidence.log_likelihood(*(x.reshape(sets, -1) for x in pairs))
        likelihood[:, first : first + at_once] = values.reshape(sets, -1, m)
    scale, sd = priors.tau_scale[:, None], priors.mu_sd[:, None]
    prior_tau = 0.5 * np.log(2 / np.pi) - np.log(scale) - 0.5 * (tau / scale) ** 2
    flat = np.isinf(sd)
    deviation = (mu - priors.mu_mean[:, None]) / sd
    prior_mu = np.where(flat, 0.0, -0.5 * np.log(2 * np.pi) - np.log(np.where(flat, 1.0, sd)) - 0.5 * deviation**2)
    return likelihood + prior_tau[:, :, None] + prior_mu[:, None]


def _narrower(mu: Array, tau: Array, log_p: Array) -> tuple[Array, Array]:
    """Ranges (B, 2) of mu and tau that hold the posterior, one step wider than where it is seen."""
    seen = log_p > log_p.max(axis=(1, 2), keepdims=True) - DEPTH

    def ends(grid: Array, where: Array) -> Array:
        rows, last = np.arange(len(grid)), grid.shape[1] - 1
        first, final = where.argmax(axis=1), last - where[:, ::-1].argmax(axis=1)
        return np.stack([grid[rows, np.maximum(first - 1, 0)], grid[rows, np.minimum(final + 1, last)]], axis=1)

    return ends(mu, seen.any(axis=1)), ends(tau, seen.any(axis=2))


def _normalized(log_p: Array) -> tuple[Array, Array]:
    """Probabilities of the grid points, the first tau counting half, and the log of what they summed to, (B,)."""
    top = log_p.max(axis=(1, 2))
    weight = np.exp(log_p - top[:, None, None])
    weight[:, 0] *= 0.5
    total = weight.sum(axis=(1, 2))
    return weight / total[:, None, None], top + np.log(total)


class _Cdf:
    """P(X <= at) and the density there, from the probabilities `p` of the points of the grid `x`, both (B, n).

    Between the points a cubic with the right values and slopes.
    """

    def __init__(self, x: Array, p: Array):
        self.x, self.step, self.rows = x, x[:, 1] - x[:, 0], np.arange(len(x))
        self.summed = np.cumsum(p, axis=1)
        density = p / self.step[:, None]
        density[:, 0] *= 1 + (x[:, 0] == 0)  # tau = 0 had counted half
        slope = np.gradient(density, axis=1)
        slope[:, 0] = 0.0
        # trapezoidal sums with the first term of the Euler-Maclaurin correction
        self.below = np.cumsum(density, axis=1) - (density + density[:, :1]) / 2 - slope / 12
        self.density = density

    def __call__(self, at: Array) -> tuple[Array, Array]:
        """Probability and density at one point of each grid, (B,)."""
        x, step, rows = self.x, self.step, self.rows
        cell = np.clip(((at - x[:, 0]) // step).astype(int), 0, x.shape[1] - 2)
        u = np.clip((at - x[rows, cell]) / step, 0, 1)
        f0, f1 = self.below[rows, cell], self.below[rows, cell + 1]
        d0, d1 = self.density[rows, cell], self.density[rows, cell + 1]
        rise = f1 - f0
        bend, twist = 3 * rise - 2 * d0 - d1, d0 + d1 - 2 * rise
        return step * (f0 + u * (d0 + u * (bend + u * twist))), d0 + u * (2 * bend + 3 * u * twist)

    def quantile(self, q: float) -> Array:
        """Where the probability is `q`, (B,)."""

        def excess(at: Array) -> tuple[Array, Array]:
            below, density = self(at)
            return q - below, -density

        start = self.x[self.rows, np.argmax(self.summed >= q, axis=1)]
        return root(excess, self.x[:, 0], self.x[:, -1], start)[0]
