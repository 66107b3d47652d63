"""Maximum likelihood and profile likelihood intervals of mu and tau from `Evidence`, for many data sets at once."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta.evidence import MM, MT, TT, Evidence, L, M, T

Array = np.ndarray

TOLERANCE = 1e-12
FLAT = 1e-14
"""A rise of the log-likelihood that is no rise."""
ITERATIONS = 100
FAR = 1e3
"""How many times the spread of the known points an estimate or a bound may lie away before it counts as infinite."""
STEP = 0.8
"""Distance of the nodes, in log(tau2 + smallest variance), at which the likelihood is looked at first; see `tau2`."""
LEVEL = 1e-6
"""Largest slope of the log-likelihood, in the same logarithm, that counts as none."""


class Estimates(NamedTuple):
    """Estimates of B data sets, each (B,); names as in `AllEvidenceFit` of `reanalysis.meta.allevidence`."""

    est: Array
    se: Array
    ci_lb: Array
    ci_ub: Array
    pval: Array
    ddf: Array
    k_eff: Array
    tau2: Array
    loglik: Array
    no_maximum: Array
    converged: Array


def estimate(evidence: Evidence, level: float = 0.95) -> Estimates:
    """Maximum likelihood and calibrated profile intervals of mu, for all data sets of `evidence`."""
    est, tau2, converged = _maximize(evidence)
    d = evidence.derivatives(est[:, None], tau2[:, None])[:, :, 0]
    loglik = d[L]
    k_eff, heterogeneity = _effective_number(evidence, est, tau2)
    interior = tau2 > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        information = -d[MM] + np.where(interior & (d[TT] < 0), d[MT] ** 2 / d[TT], 0.0)
        se = 1 / np.sqrt(np.where(information > 0, information, -d[MM]))
    ddf = np.maximum(k_eff - 1, 1)
    ddf = ddf / _kept(heterogeneity * np.sqrt(ddf / 2))
    no_maximum = ~evidence.limited
    ddf = np.where(no_maximum, np.inf, ddf)
    threshold = ratio_quantile(numeric.t_critical(level, ddf), ddf)

    ci_lb, ci_ub = _interval(evidence, loglik, est, np.where(no_maximum, evidence.scale, se), threshold)
    w0 = np.maximum(likelihood_ratio(evidence, loglik, np.zeros_like(est))[0], 0.0)
    with np.errstate(invalid="ignore"):
        stat = np.where(np.isinf(ddf), np.sqrt(w0), np.sqrt(ddf * np.expm1(w0 / (ddf + 1))))
    return Estimates(
        np.where(no_maximum, np.where(loglik > -np.sqrt(FLAT), np.copysign(np.inf, est - evidence.low), np.nan), est),
        np.where(no_maximum, np.nan, se),
        ci_lb,
        ci_ub,
        numeric.t_two_sided_p(stat, ddf),
        ddf,
        k_eff,
        np.where(no_maximum, np.nan, tau2),
        loglik,
        no_maximum,
        converged,
    )


def _interval(evidence: Evidence, loglik: Array, est: Array, step: Array, threshold: Array) -> Array:
    """Where the likelihood ratio reaches `threshold` (B,) on each side of `est`, (2, B), both sides in one search."""
    ends = evidence.twice()
    top, start, threshold = (np.concatenate([x, x]) for x in (loglik, est, threshold))
    found = _cross(
        lambda mu: likelihood_ratio(ends, top, mu), start, np.concatenate([-step, step]), threshold, _reach(ends)
    )
    return found.reshape(2, -1)


def maximum(evidence: Evidence) -> tuple[Array, Array]:
    """mu and tau2 of the highest likelihood, each (B,), nan where there is none: `estimate` without intervals."""
    est, tau2, _ = _maximize(evidence)
    known = np.where(evidence.limited, 1.0, np.nan)
    return est * known, tau2 * known


def likelihood_ratio(evidence: Evidence, loglik: Array, mu: Array) -> tuple[Array, Array]:
    """Twice the fall of the log-likelihood from its maximum `loglik` (B,) to its best at `mu` (B,), and its slope."""
    at = evidence.derivatives(mu[:, None], _best_tau2(evidence, mu))[:, :, 0]
    return 2 * (loglik - at[L]), -2 * at[M]


def ratio_quantile(t: Array, df: Array) -> Array:
    """Quantile of the likelihood ratio of a normal mean where t is that of the t test; t^2 with infinite df."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(df), t**2, (df + 1) * np.log1p(t**2 / df))


def _kept(z: Array) -> Array:
    """Variance of max(0, N(z, 1)), relative to 1: what an estimate that cannot be negative keeps of its variance."""
    p, density = numeric.norm_cdf(z), numeric.norm_pdf(z)
    return (z**2 + 1) * p + z * density - (z * p + density) ** 2


def _effective_number(evidence: Evidence, mu: Array, tau2: Array) -> tuple[Array, Array]:
    """Effective number of findings, and the share of the variance of an average finding that is heterogeneity."""
    total, squares = evidence.information_sums(mu[:, None], tau2[:, None])
    alone, _ = evidence.information_sums(mu[:, None], np.zeros_like(tau2)[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num(1 - total / alone)
        return np.nan_to_num(total**2 / squares), np.clip(share, 0, 1)


def _maximize(evidence: Evidence) -> tuple[Array, Array, Array]:
    """The joint maximum: mu, tau2 >= 0 and whether it was reached, each (B,)."""

    def profile(tau2: Array) -> tuple[Array, Array, Array]:
        d = evidence.derivatives(_best_mu(evidence, tau2)[0], tau2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return d[L], d[T], d[TT] - d[MT] ** 2 / d[MM]

    tau2 = _highest(profile, _nodes(evidence, (evidence.low + evidence.high) / 2), evidence)
    mu, found = _best_mu(evidence, tau2)
    level = np.abs(evidence.derivatives(mu, tau2)[T]) * (tau2 + evidence.least[:, None]) <= LEVEL
    return mu[:, 0], tau2[:, 0], (found & (level | (tau2 == 0) | ~evidence.limited[:, None]))[:, 0]


def _best_mu(evidence: Evidence, tau2: Array) -> tuple[Array, Array]:
    """The mu (B, G) that maximizes the likelihood given `tau2` (B, G), and whether it was reached."""

    def slope(mu: Array) -> tuple[Array, Array]:
        d = evidence.derivatives(mu, tau2)
        return d[M], d[MM]

    width = np.sqrt(evidence.scale[:, None] ** 2 + tau2)
    low, high = evidence.low[:, None] - width, evidence.high[:, None] + width
    reach = _reach(evidence)[:, None]
    for _ in range(12):  # half lines can pull the maximum out of the range of the known points
        at_low, at_high = np.split(evidence.derivatives(np.hstack([low, high]), np.hstack([tau2, tau2]))[M], 2, axis=1)
        beyond, below = at_high > 0, at_low < 0
        if not (beyond | below).any():
            break
        high, low = np.where(beyond, high + width, high), np.where(below, low - width, low)
        width = np.minimum(4 * width, reach)
    with np.errstate(invalid="ignore"):
        straight = at_low / (at_low - at_high)  # of exact effects alone the slope is a straight line
    return root(slope, low, high, low + (high - low) * np.where(beyond | below | ~np.isfinite(straight), 0.5, straight))


def _best_tau2(evidence: Evidence, mu: Array) -> Array:
    """The tau2 >= 0 (B, 1) that maximizes the likelihood given `mu` (B,)."""

    def profile(tau2: Array) -> tuple[Array, Array, Array]:
        d = evidence.derivatives(np.broadcast_to(mu[:, None], tau2.shape), tau2)
        return d[L], d[T], d[TT]

    return _highest(profile, _nodes(evidence, mu), evidence)


def _nodes(evidence: Evidence, mu: Array) -> Array:
    """Values of tau2 (B, n) to begin with: from zero to the largest squared distance from mu (B,) to a known point."""
    distance = np.maximum(np.abs(evidence.low - mu), np.abs(evidence.high - mu))
    width = np.log1p((distance**2 + evidence.scale**2) / evidence.least)
    return evidence.least[:, None] * np.expm1(np.linspace(0, width, 2 + int(width.max() / STEP), axis=1))


def _highest(profile: Callable, nodes: Array, evidence: Evidence) -> Array:
    """The tau2 >= 0 (B, 1) of the highest maximum of `profile`, which gives value, slope and second derivative.

    Every maximum between two nodes is climbed, and zero is compared. More nodes are added until the likelihood falls
    beyond the last. Where nothing limits it (`evidence.limited`) it may rise for ever: then its value so far away that
    this is all but its value at infinity is compared, too.
    """
    least, limited = evidence.least[:, None], evidence.limited[:, None]
    value, slope, _ = profile(nodes)
    end = nodes[:, -1:] * np.where(limited, np.inf, FAR)
    while ((slope[:, -1:] > 0) & (nodes[:, -1:] < end)).any():
        more = np.exp(STEP * np.arange(1, 4)) * (nodes[:, -1:] + least) - least
        further = profile(more)
        nodes, value, slope = (
            np.hstack(pair) for pair in zip((nodes, value, slope), (more, *further[:2]), strict=True)
        )
    inside, guess = numeric.peaks(np.log(nodes + least), value, slope * (nodes + least))
    first = np.argsort(~inside, axis=1, kind="stable")[:, : max(1, inside.sum(axis=1).max())]
    found = np.take_along_axis(inside, first, axis=1)
    low, high = (np.where(found, np.take_along_axis(nodes, first + side, axis=1), 0.0) for side in (0, 1))
    start = np.clip(np.exp(np.take_along_axis(guess, first, axis=1)) - least, low, high)
    peak, _ = root(lambda t: profile(t)[1:], low, high, start)
    tau2 = np.hstack([peak, nodes[:, :1], nodes[:, -1:] * np.where(limited, 1, FAR**3)])
    best = np.argmax(profile(tau2)[0], axis=1)
    return np.take_along_axis(tau2, best[:, None], axis=1)


def _reach(evidence: Evidence) -> Array:
    return FAR * (evidence.high - evidence.low + evidence.scale)


def root(f: Callable, low: Array, high: Array, x: Array) -> tuple[Array, Array]:
    """Where a slope falls through zero between `low` and `high`: Newton's method, bisection where it leaves them.

    Also done where the likelihood is so flat that it cannot rise any more.
    """
    for _ in range(ITERATIONS):
        value, slope = f(x)
        low, high = np.where(value > 0, x, low), np.where(value < 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = x - value / slope
        new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
        new = np.where(value == 0, x, new)
        done = (np.abs(new - x) <= TOLERANCE * (np.abs(x) + high - low)) | (np.abs(value) * (high - low) <= FLAT)
        x = new
        if done.all():
            break
    return x, done


def _cross(f: Callable, start: Array, step: Array, threshold: Array, limit: Array) -> Array:
    """Where W, zero at `start`, reaches `threshold` in the direction of `step`; infinite if not within `limit`.

    Newton's method on sqrt(W), which is nearly straight.
    """
    side = np.sign(step)
    target = np.sqrt(threshold)
    near, far = np.zeros_like(start), np.full_like(start, np.inf)
    x = np.minimum(np.abs(step) * target, limit)
    for _ in range(ITERATIONS):
        w, slope = f(start + side * x)
        root = np.sqrt(np.maximum(w, 0))
        near, far = np.where(root < target, x, near), np.where(root >= target, x, far)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = x - (root - target) * 2 * root / (side * slope)
        outer = np.minimum(np.where(np.isinf(far), 4 * x, far), limit)
        inside = (new > near) & (new < outer)
        new = np.where(inside, new, np.where(np.isinf(far), outer, 0.5 * (near + outer)))
        done = np.abs(new - x) <= 1e-11 * x
        x = new
        if done.all():
            break
    return np.where(np.isinf(far) & (x >= limit), side * np.inf, start + side * x)


def tau_interval(evidence: Evidence, level: float) -> tuple[Array, Array]:
    """Profile likelihood interval of tau, each end (B,)."""
    mu, tau2, _ = _maximize(evidence)
    top = evidence.log_likelihood(mu[:, None], tau2[:, None])[:, 0]
    tau = np.sqrt(tau2)

    def distance(t: Array) -> tuple[Array, Array]:
        squared = np.maximum(t, 0)[:, None] ** 2
        d = evidence.derivatives(_best_mu(evidence, squared)[0], squared)[:, :, 0]
        return 2 * (top - d[L]), -4 * t * d[T]

    threshold = np.full_like(tau, numeric.t_critical(level) ** 2)
    step = np.sqrt(tau2 + evidence.scale**2) / 4
    upper = _cross(distance, tau, step, threshold, _reach(evidence))
    lower = np.zeros_like(tau)
    if (inside := distance(lower)[0] > threshold).any():
        lower = np.where(inside, _cross(distance, tau, -np.minimum(step, tau / 4), threshold, tau), lower)
    return lower, upper
