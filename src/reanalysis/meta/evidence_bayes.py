"""Posterior of mu and tau from `Evidence`, on a grid, for many data sets at once.

The grid is laid where the posterior is, and summed by the trapezoidal rule, whose error vanishes faster than any power
of the step for smooth functions that fall to zero at both ends. The posterior is an even function of tau, so that
tau = 0 is no end: the point there counts half.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from reanalysis import numeric
from reanalysis.meta.bayes import HalfNormal, Normal
from reanalysis.meta.evidence import Evidence
from reanalysis.meta.evidence_fit import root

Array = np.ndarray

COARSE, FINE = (15, 15), (97, 49)
"""Points in mu and in tau while the place is looked for, and in the end."""
DEPTH = 25.0
"""How far below its top the log posterior is no longer looked at."""
PRIOR_REACH = 10.0
"""Standard deviations of the priors from which the search begins."""


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
        return self.centre + self.width * np.sinh(_quantile(self.z, self.weight.sum(axis=1), q))

    def mu_cdf(self, x: float) -> Array:
        """P(mu <= x), (B,)."""
        return _cdf(self.z, self.weight.sum(axis=1), np.arcsinh((x - self.centre) / self.width))[0]

    def tau_quantile(self, q: float) -> Array:
        """Quantile of tau, (B,)."""
        return _quantile(self.tau, self.weight.sum(axis=2), q)

    def new_quantile(self, q: float) -> Array:
        """Quantile of the true effect of a new study, (B,)."""
        mu = self.mu
        step = np.gradient(mu, axis=1)[:, None]
        sd = np.sqrt(self.tau[:, :, None] ** 2 + step**2 / 12)  # a weight stands for a step of mu, not for a point

        def excess(x: Array) -> tuple[Array, Array]:
            z = (x[:, None, None] - mu[:, None]) / sd
            density = (self.weight * numeric.norm_pdf(z) / sd).sum(axis=(1, 2))
            return q - (self.weight * numeric.norm_cdf(z)).sum(axis=(1, 2)), -density

        far = 10 * self.tau[:, -1]
        return root(excess, mu[:, 0] - far, mu[:, -1] + far, self.mu_quantile(q))[0]


def posterior(evidence: Evidence, tau_prior: HalfNormal, mu_prior: Normal, points: tuple[int, int] = FINE) -> Posterior:
    """Posterior of each data set on a grid of `points` in mu and in tau.

    Raises ValueError where the posterior would be improper.
    """
    if np.isinf(mu_prior.sd) and not evidence.limited.all():
        raise ValueError(
            "without an exact effect or an interval with two ends, mu needs a proper prior: give Normal(0, sd)"
        )
    log_p = partial(_log_posterior, evidence, tau_prior, mu_prior)
    tau = np.array([0.0, PRIOR_REACH * tau_prior.scale]) * np.ones((evidence.n_sets, 1))
    around = 8 * np.sqrt(evidence.scale**2 + tau[:, 1] ** 2)
    prior_sd = 0.0 if np.isinf(mu_prior.sd) else PRIOR_REACH * mu_prior.sd
    low = np.minimum(evidence.low - around, mu_prior.mean - prior_sd)
    high = np.maximum(evidence.high + around, mu_prior.mean + prior_sd)
    mu = np.stack([low, high], axis=1)
    for _ in range(20):
        before = np.stack([np.ptp(mu, axis=1), np.ptp(tau, axis=1)])
        grid_mu, grid_tau = _even(mu, COARSE[0]), _even(tau, COARSE[1])
        values = log_p(grid_mu, grid_tau)
        mu, tau = _narrower(grid_mu, grid_tau, values)
        if (np.stack([np.ptp(mu, axis=1), np.ptp(tau, axis=1)]) > 0.7 * before).all():
            break
    weight, _ = _normalized(values)
    p = weight.sum(axis=1)
    centre = (p * grid_mu).sum(axis=1)
    width = np.sqrt((p * (grid_mu - centre[:, None]) ** 2).sum(axis=1))
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


def _log_posterior(evidence: Evidence, tau_prior: HalfNormal, mu_prior: Normal, mu: Array, tau: Array) -> Array:
    """Log density (B, n, m) of the data, mu (B, m) and tau (B, n)."""
    # one tau at a time, so that large data sets fit into memory
    likelihood = [evidence.log_likelihood(mu, np.broadcast_to(t[:, None] ** 2, mu.shape)) for t in tau.T]
    prior_tau = 0.5 * np.log(2 / np.pi) - np.log(tau_prior.scale) - 0.5 * (tau / tau_prior.scale) ** 2
    log_p = np.stack(likelihood, axis=1) + prior_tau[:, :, None]
    if np.isfinite(mu_prior.sd):
        deviation = (mu - mu_prior.mean) / mu_prior.sd
        log_p -= (0.5 * np.log(2 * np.pi) + np.log(mu_prior.sd) + 0.5 * deviation**2)[:, None]
    return log_p


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


def _cdf(x: Array, p: Array, at: Array) -> tuple[Array, Array]:
    """P(X <= at) and the density there, (B,), from the probabilities `p` of the points of the grid `x`, both (B, n).

    Between the points a cubic with the right values and slopes.
    """
    step = x[:, 1] - x[:, 0]
    density = p / step[:, None]
    density[:, 0] *= 1 + (x[:, 0] == 0)  # tau = 0 had counted half
    slope = np.gradient(density, axis=1)
    slope[:, 0] = 0.0
    # trapezoidal sums with the first term of the Euler-Maclaurin correction
    below = np.cumsum(density, axis=1) - (density + density[:, :1]) / 2 - slope / 12
    rows = np.arange(len(x))
    cell = np.clip(((at - x[:, 0]) // step).astype(int), 0, x.shape[1] - 2)
    u = np.clip((at - x[rows, cell]) / step, 0, 1)
    f0, f1, d0, d1 = below[rows, cell], below[rows, cell + 1], density[rows, cell], density[rows, cell + 1]
    rise = f1 - f0
    bend, twist = 3 * rise - 2 * d0 - d1, d0 + d1 - 2 * rise
    return step * (f0 + u * (d0 + u * (bend + u * twist))), d0 + u * (2 * bend + 3 * u * twist)


def _quantile(x: Array, p: Array, q: float) -> Array:
    def excess(at: Array) -> tuple[Array, Array]:
        below, density = _cdf(x, p, at)
        return q - below, -density

    return root(excess, x[:, 0], x[:, -1], x[np.arange(len(x)), np.argmax(np.cumsum(p, axis=1) >= q, axis=1)])[0]
