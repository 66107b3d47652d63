"""Estimators of the between-study variance tau2, for many data sets at once.

All data sets of one call share the design `x` (k rows, p columns); each has its own effects, variances and its own
subset of the k rows. A row that is left out has weight zero, so leave-one-out, cumulative, all-subsets and permuted
analyses are one call. No matrix of size k x k is ever formed: with the weights w and the hat projection
P = W - W X (X'WX)^-1 X'W everything follows from sums of w, w^2, w^3 and p x p matrices.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reanalysis import numeric

METHODS = ("CE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "DLIT")
ALIASES = {"EE": "CE", "FE": "CE"}
ITERATIVE = {"ML": "ML", "REML": "REML", "PM": "PM", "EB": "PM", "DLIT": "PM"}
TOLERANCE = 1e-12
MAX_ITERATIONS = 200
SLOW = 30
"""Iterations of Newton's method after which the bracket is halved in every other one."""
STEP = 0.8
"""Distance of the nodes, in log(tau2 + smallest vi), at which the likelihood is looked at first."""
MARGIN = 1e-9
"""Added to the bounds of where the maxima lie, for rounding."""
CELLS = 16_000
"""Cells of the arrays worked on at once: they stay within the cache, and below the size (128 KB) from which allocation
maps fresh pages."""


@dataclass(frozen=True)
class Data:
    """B data sets of at most k effects: `yi`, `vi`, `on` are (B, k); `on` is 1.0 where a row belongs, else 0.0.

    `x` is (k, p). Rows that do not belong must hold finite numbers (`vi` > 0); they never enter a sum.
    """

    yi: np.ndarray
    vi: np.ndarray
    on: np.ndarray
    x: np.ndarray
    products: np.ndarray  # (k, p*p): the outer product of each row of x with itself
    k: np.ndarray  # (B,) number of rows that belong

    @classmethod
    def of(cls, yi, vi, on, x) -> "Data":
        return cls(yi, vi, on, x, (x[:, :, None] * x[:, None, :]).reshape(len(x), -1), on.sum(axis=1))

    @property
    def p(self) -> int:
        return self.x.shape[1]

    def rows(self, index) -> "Data":
        """The data sets selected by `index`."""
        return Data(self.yi[index], self.vi[index], self.on[index], self.x, self.products, self.k[index])

    def weights(self, tau2) -> np.ndarray:
        """Inverse total variances, zero where a row does not belong."""
        return self.on / (self.vi + np.asarray(tau2)[..., None])

    def gram(self, w) -> np.ndarray:
        """X' diag(w) X, as (B, p*p)."""
        return w @ self.products


class WeightedFit(NamedTuple):
    """Weighted least squares of every data set: weights, (X'WX)^-1 and X'WX as (B, p*p), coefficients, weighted
    residuals u = P y, and the weighted residual sum of squares y'Py."""

    w: np.ndarray
    inverse: np.ndarray
    gram: np.ndarray
    beta: np.ndarray
    u: np.ndarray
    rss: np.ndarray


def weighted_fit(data: Data, w: np.ndarray) -> WeightedFit:
    """Least squares with weights `w` (B, k); the design must have full rank on the rows of every data set."""
    gram = data.gram(w)
    inverse = _inverse(gram, data.p)
    beta = _times(inverse, (w * data.yi) @ data.x)
    e = data.yi - (beta * data.x[:, 0] if data.p == 1 else beta @ data.x.T)
    u = w * e
    return WeightedFit(w, inverse, gram, beta, u, np.vecdot(u, e))


def trace(data: Data, fit: WeightedFit, a=1.0) -> np.ndarray:
    """tr(P A) with A = diag(a), `a` (B, k)."""
    wa = fit.w * a
    return wa.sum(axis=1) - np.vecdot(fit.inverse, data.gram(fit.w * wa))


def traces(data: Data, fit: WeightedFit, a=None) -> tuple[np.ndarray, np.ndarray]:
    """tr(P A) and tr(P A P A) with A = diag(a), or the identity when `a` (B, k) is not given."""
    wa = fit.w if a is None else fit.w * a
    second = data.gram(fit.w * wa)
    third = data.gram(fit.w * wa * wa)
    first = wa.sum(axis=1) - np.vecdot(fit.inverse, second)
    return first, np.vecdot(wa, wa) - 2 * np.vecdot(fit.inverse, third) + _trace_square(fit.inverse, second, data.p)


def estimate(data: Data, method: str) -> tuple[np.ndarray, np.ndarray]:
    """tau2 (B,), truncated at zero, and whether it converged (B,).

    CE sets it to zero. DL, HE, HS, SJ are closed forms, see `_quadratic_form`. ML and REML take the highest maximum of
    the (restricted) likelihood, of which there can be several, see `_highest_peak`. PM solves Q(tau2) = k - p; EB and
    the iterated DL have the same solution as PM (Viechtbauer 2005; DerSimonian & Kacker 2007).
    """
    if method == "CE":
        return np.zeros(len(data.k)), np.ones(len(data.k), bool)
    if ITERATIVE.get(method) == "PM":
        return solve_q(data, data.k - data.p)
    if method in ITERATIVE:
        return _highest_peak(data, method)
    return _moment_estimate(data, method), np.ones(len(data.k), bool)


def solve_q(data: Data, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """tau2 (B,) at which Q(tau2) = y'Py equals `target` (B,), zero where Q(0) is below; and whether it converged.

    The mean k - p of Q gives the Paule-Mandel estimate (Paule & Mandel 1982; with moderators Berkey et al. 1995), its
    chi-square quantiles the Q-profile interval.
    """
    tau2, converged = np.zeros(len(data.k)), np.ones(len(data.k), bool)
    todo = np.flatnonzero(data.k > data.p)
    part, n = data.rows(todo), len(todo)
    start, target = _moment_estimate(part, "HE"), np.asarray(target, float)[todo]
    tau2[todo], converged[todo] = _newton(part, "PM", target, start, np.full(n, -1.0), np.full(n, np.inf))
    return tau2, converged


def standard_error(data: Data, method: str, tau2: np.ndarray, final: WeightedFit) -> np.ndarray:
    """Asymptotic standard error of tau2 (B,); nan for CE and where k <= p.

    Closed forms: the variance of a quadratic form in normal variables, 2 tr(P S P S) with S = diag(vi + tau2), times
    the squared scale (Searle 1971, Linear models; Viechtbauer 2005). ML: inverse expected information
    2 / sum(w^2); REML: 2 / tr(PP) (Viechtbauer 2005). PM, EB, DLIT: Var(Q) = 2 (k - p), and the slope of Q in tau2
    has expectation -tr(P), about -(k - p)/k * sum(w) (delta method; Morris 1983).
    """
    df = data.k - data.p
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "CE":
            variance = np.full(len(tau2), np.nan)
        elif method == "ML":
            variance = 2 / np.vecdot(final.w, final.w)
        elif method == "REML":
            variance = 2 / traces(data, final)[1]
        elif method in ITERATIVE:
            variance = 2 * data.k**2 / df / final.w.sum(axis=1) ** 2
        else:
            fit, scale, _ = _quadratic_form(data, method)
            variance = 2 * scale**2 * traces(data, fit, data.vi + tau2[:, None])[1]
        return np.where(df > 0, np.sqrt(variance), np.nan)


def log_likelihood(data: Data, tau2: np.ndarray, fit: WeightedFit, *, restricted: bool) -> np.ndarray:
    """Log-likelihood (B,) at tau2 and its `fit`, with all constants, up to log|X'X| / 2 in the restricted one."""
    log_v = np.where(data.on > 0, np.log(data.vi + tau2[:, None]), 0.0).sum(axis=1)
    n = data.k - data.p if restricted else data.k
    ll = -0.5 * (n * np.log(2 * np.pi) + log_v + fit.rss)
    if restricted:
        ll -= 0.5 * _log_determinant(fit.gram, data.p)
    return ll


def _moment_estimate(data: Data, method: str) -> np.ndarray:
    fit, scale, expected = _quadratic_form(data, method)
    with np.errstate(invalid="ignore"):
        tau2 = np.maximum(scale * (fit.rss - expected), 0.0)
    return np.where(data.k > data.p, tau2, 0.0)


def _quadratic_form(data: Data, method: str) -> tuple[WeightedFit, np.ndarray, np.ndarray]:
    """tau2 = scale * (y'Py - expected), the method of moments: the weighted fit, `scale`, `expected`.

    DL: w = 1/vi (DerSimonian & Laird 1986; with moderators Raudenbush 2009). HE: w = 1 (Hedges 1983). HS: w = 1/vi,
    against k and without correction for p (Hunter & Schmidt 2004; Viechtbauer 2005). SJ: w = 1/(vi + t0) with
    t0 = sum((yi - mean)^2) / k (Sidik & Jonkman 2005, 2007).
    """
    df = data.k - data.p
    with np.errstate(divide="ignore", invalid="ignore"):
        if method == "SJ":
            mean = np.vecdot(data.on, data.yi) / data.k
            d = data.on * (data.yi - mean[:, None])
            start = np.vecdot(d, d) / data.k
            return weighted_fit(data, data.weights(start)), start / df, np.zeros(len(df))
        if method == "HE":
            fit = weighted_fit(data, data.on)
            return fit, 1 / df, trace(data, fit, data.vi)
        fit = weighted_fit(data, data.weights(np.zeros(len(df))))
        if method == "HS":
            return fit, 1 / fit.w.sum(axis=1), data.k
        return fit, 1 / trace(data, fit), df


def _highest_peak(data: Data, method: str) -> tuple[np.ndarray, np.ndarray]:
    """tau2 (B,) at the highest maximum of the (restricted) likelihood, and whether it was found to full precision.

    In s = log(tau2 + the smallest vi) the profile log-likelihood is analytic for all complex s with an imaginary part
    between -pi and pi: there the sum of x x' / (vi + tau2) is never singular, because its imaginary part is definite
    wherever tau2 is not real. So it has no features much narrower than 1, and values and slopes `STEP` apart show
    every maximum: all are climbed, and the highest counts.
    """
    tau2, converged = np.zeros(len(data.k)), np.ones(len(data.k), bool)
    todo = np.flatnonzero(data.k > data.p)
    if not len(todo):
        return tau2, converged
    part = data if len(todo) == len(data.k) else data.rows(todo)
    nodes, shift = _nodes(part, method)
    value, slope = _at_nodes(part, method, nodes)
    inside, guess = numeric.peaks(np.log(nodes + shift), value, slope * (nodes + shift))
    row, left = np.nonzero(inside)
    at = np.clip(np.exp(guess[row, left]) - shift[row, 0], nodes[row, left], nodes[row, left + 1])
    one_each = len(row) == len(todo) and (row == np.arange(len(todo))).all()
    peaks = part if one_each else part.rows(row)
    at, reached = _newton(peaks, method, peaks.k, at, nodes[row, left], nodes[row, left + 1])
    zero = (nodes[:, 0] == 0) & (slope[:, 0] <= 0)
    if one_each and not zero.any():  # there is nothing to compare
        tau2[todo], converged[todo] = at, reached
        return tau2, converged
    height = _profile(peaks, method, at)[0]
    order = np.argsort(height, kind="stable")  # of the peaks of one set the highest comes last and stays
    order = order[height[order] > np.where(zero, value[:, 0], -np.inf)[row[order]]]
    found, sure = np.zeros(len(todo)), zero.copy()
    found[row[order]], sure[row[order]] = at[order], reached[order]
    tau2[todo], converged[todo] = found, sure
    return tau2, converged


def _nodes(data: Data, method: str) -> tuple[np.ndarray, np.ndarray]:
    """Values of tau2 (B, n) between which all maxima lie, and the smallest vi (B, 1).

    With R the residual sum of squares of the unweighted fit over its degrees of freedom (k for ML), and all vi between
    `low` and `low + D`, y'PPy lies between the residual sum of squares over (low + D + tau2)^2 and over (low + tau2)^2,
    and the trace between the degrees of freedom over the same without the square. For u = low + tau2 the likelihood
    therefore falls where u^2 > R (u + D), and it rises where R u > (u + D)^2.
    """
    low = np.where(data.on > 0, data.vi, np.inf).min(axis=1)
    spread = (data.on * data.vi).max(axis=1) - low
    r = weighted_fit(data, data.on).rss / (data.k - data.p if method == "REML" else data.k)
    highest = 0.5 * (r + np.sqrt(r * (r + 4 * spread)))
    half = 0.5 * r - spread
    risen = np.sqrt(np.maximum(half**2 - spread**2, 0.0))
    always = (half >= spread) & (half - risen <= low)  # it rises from zero on
    first = np.where(always, half + risen, 0.0) * (1 - MARGIN) - low
    last = np.maximum(highest * (1 + MARGIN) - low, 0.0)
    first = np.clip(first, 0.0, last)
    width = np.log1p((last - first) / (first + low))
    n = 2 + int(width.max() / STEP)
    steps = np.arange(n) * (width / (n - 1))[:, None]
    nodes = np.exp(np.log(first + low)[:, None] + steps) - low[:, None]
    nodes[:, 0], nodes[:, -1] = first, last
    return np.maximum.accumulate(nodes, axis=1), low[:, None]


def _at_nodes(data: Data, method: str, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood and slope at the nodes, both (B, n), as many nodes at once as keep the arrays small."""
    sets, n = nodes.shape
    at_once = max(1, CELLS // data.yi.size)
    parts = []
    for first in range(0, n, at_once):
        some = nodes[:, first : first + at_once]
        many = data if some.shape[1] == 1 else data.rows(np.repeat(np.arange(sets), some.shape[1]))
        parts.append([x.reshape(some.shape) for x in _profile(many, method, some.ravel())])
    value, slope = (np.concatenate(x, axis=1) for x in zip(*parts, strict=True))
    return value, slope


def _profile(data: Data, method: str, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The (restricted) log-likelihood at tau2 (B,), maximized over the coefficients, and its slope."""
    fit = weighted_fit(data, data.weights(tau2))
    lost = fit.w.sum(axis=1) if method == "ML" else trace(data, fit)
    return log_likelihood(data, tau2, fit, restricted=method == "REML"), 0.5 * (np.vecdot(fit.u, fit.u) - lost)


def _newton(data: Data, method: str, target, t, low, high) -> tuple[np.ndarray, np.ndarray]:
    """Newton's method for tau2 from `t` between `low` and `high`, all (B,); data sets are dropped as they converge.

    The score is positive below the solution and negative above it; a step that leaves the bracket found so far is
    replaced by its midpoint. The error left after a step is at most about the step times its ratio to the step before
    (less when convergence is quadratic); that is what the stop criterion looks at.
    """
    tau2, converged = np.zeros(len(t)), np.ones(len(t), bool)
    todo = np.arange(len(t))
    part, target = data, np.asarray(target, float)
    typical = part.k / part.weights(np.zeros(len(t))).sum(axis=1)
    before = np.zeros(len(t))
    for iteration in range(MAX_ITERATIONS if len(t) else 0):
        score, curvature = _score(part, method, t, target)
        low, high = np.where(score > 0, t, low), np.where(score < 0, t, high)
        new = np.maximum(t + score / curvature, 0.0)
        outside = ((score > 0) & (new >= high)) | ((score < 0) & (low >= 0) & (new <= low))
        if iteration >= SLOW and iteration % 2:  # where the likelihood is all but flat at its maximum
            outside |= (low >= 0) & np.isfinite(high)
        new = np.where(outside, 0.5 * (low + high), new)
        step = np.abs(new - t)
        t = new
        shrinking = np.divide(step, before, out=np.ones_like(step), where=before > step)
        moving, before = step * shrinking > TOLERANCE * (t + typical), step
        if 2 * np.count_nonzero(moving) > len(moving):
            continue
        tau2[todo] = t
        todo = todo[moving]
        if not len(todo):
            return tau2, converged
        part = part.rows(moving)
        t, before, low, high, typical, target = (a[moving] for a in (t, before, low, high, typical, target))
    tau2[todo], converged[todo] = t, len(t) == 0 or ~moving
    return tau2, converged


def _score(data: Data, method: str, tau2: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Score and curvature of the estimating equation; the Newton step is their ratio.

    REML: y'PPy - tr(P), observed information 2 y'PPPy - tr(PP), expected tr(PP). ML: the same with W for P in the
    traces (Harville 1977). The expected information replaces the observed one where that is not well positive.
    PM: Newton on 1/Q - 1/target, which is concave in tau2, so that the steps cannot overshoot from below.
    """
    fit = weighted_fit(data, data.weights(tau2))
    uu = np.vecdot(fit.u, fit.u)
    if method == "PM":
        with np.errstate(divide="ignore", invalid="ignore"):
            curvature = np.where(fit.rss > 0, uu / fit.rss, 1.0)
        return fit.rss / target - 1, curvature
    wu = fit.w * fit.u
    g = wu @ data.x
    upu = np.vecdot(wu, fit.u) - np.vecdot(g, _times(fit.inverse, g))
    if method == "ML":
        score, expected = uu - fit.w.sum(axis=1), np.vecdot(fit.w, fit.w)
    else:
        first, expected = traces(data, fit)
        score = uu - first
    observed = 2 * upu - expected
    return score, np.where(observed > 0.01 * expected, observed, expected)


def _inverse(flat: np.ndarray, p: int) -> np.ndarray:
    if p == 1:
        return 1 / flat
    return np.linalg.inv(flat.reshape(-1, p, p)).reshape(-1, p * p)


def _log_determinant(flat: np.ndarray, p: int) -> np.ndarray:
    return np.log(flat[:, 0]) if p == 1 else np.linalg.slogdet(flat.reshape(-1, p, p))[1]


def _times(flat: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Matrix times vector, for each data set."""
    p = vectors.shape[1]
    return flat * vectors if p == 1 else np.einsum("bij,bj->bi", flat.reshape(-1, p, p), vectors)


def _trace_square(a: np.ndarray, b: np.ndarray, p: int) -> np.ndarray:
    """tr(AB AB) for each data set."""
    if p == 1:
        return (a * b)[:, 0] ** 2
    ab = a.reshape(-1, p, p) @ b.reshape(-1, p, p)
    return np.einsum("bij,bji->b", ab, ab)
