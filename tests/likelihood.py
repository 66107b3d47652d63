"""Random data sets, and the highest point of their likelihoods by brute force: no code is shared with the engine."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
from scipy import special

LOG_2PI = np.log(2 * np.pi)


def _of_groups(rng, shape):
    return 1 / rng.integers(10, 101, shape) + 1 / rng.integers(10, 101, shape)


VARIANCES: dict[str, Callable] = {
    "uniform, 0.02 to 0.2": lambda rng, shape: rng.uniform(0.02, 0.2, shape),
    "0.3 / chi2(3)": lambda rng, shape: 0.3 / rng.chisquare(3, shape),
    "ratio up to 100": lambda rng, shape: 10 ** rng.uniform(-2, 0, shape),
    "ratio up to 10,000": lambda rng, shape: 10 ** rng.uniform(-4, 0, shape),
    "groups of 10 to 100": _of_groups,
}
TAU = (0.0, 0.1, 0.3, 1.0)


def random_sets(rng, variances: str, sets: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Effects and variances, both (sets, k)."""
    vi = VARIANCES[variances](rng, (sets, k))
    return rng.normal(size=(sets, k)) * np.sqrt(vi + rng.choice(TAU, (sets, 1)) ** 2), vi


def log_likelihood(yi, vi, x, tau2, *, restricted: bool) -> np.ndarray:
    """Profile log-likelihood (B,) of B data sets (B, k) with the design `x` (k, p) at tau2 (B,)."""
    v = vi + tau2[:, None]
    k, p = x.shape
    e, logdet = _residuals(yi, 1 / v, x)
    twice = np.log(v).sum(axis=1) + (e * e / v).sum(axis=1)
    if restricted:
        return -0.5 * (twice + (k - p) * LOG_2PI + logdet - np.linalg.slogdet(x.T @ x)[1])
    return -0.5 * (twice + k * LOG_2PI)


def _residuals(yi, w, x) -> tuple[np.ndarray, np.ndarray]:
    """What the design leaves of yi (B, k) at weights (B, k), and log |x'wx| (B,): column after column is taken out.

    This is Gram and Schmidt's way, whose sums are several times as fast as many small matrices.
    """
    columns, logdet = [*x.T, yi], np.zeros(len(w))
    while len(columns) > 1:
        first, *others = columns
        weighted = w * first
        square = (weighted * first).sum(axis=1)
        columns = [one - ((weighted * one).sum(axis=1) / square)[:, None] * first for one in others]
        logdet += np.log(square)
    return columns[0], logdet


def highest(yi, vi, x, *, restricted: bool, points: int) -> np.ndarray:
    """The highest log-likelihood (B,): a grid from zero over all sizes of tau2, all its best peaks refined."""
    top = 4 * np.maximum(np.ptp(yi, axis=1) ** 2, vi.max(axis=1))
    grid = np.vstack([np.zeros(len(yi)), np.geomspace(1e-4 * vi.min(axis=1), top, points - 1)])
    values = np.array([log_likelihood(yi, vi, x, tau2, restricted=restricted) for tau2 in grid])
    padded = np.pad(values, ((1, 1), (0, 0)), constant_values=-np.inf)
    peak = (values >= padded[:-2]) & (values >= padded[2:]) & (values > values.max(axis=0) - 0.1)
    node, row = np.nonzero(peak)
    low, high = grid[np.maximum(node - 1, 0), row], grid[np.minimum(node + 1, points - 1), row]
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(45):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        left, right = (log_likelihood(yi[row], vi[row], x, t, restricted=restricted) for t in (a, b))
        low, high = np.where(left < right, a, low), np.where(left < right, high, b)
    best = values.max(axis=0)
    np.maximum.at(best, row, np.maximum(left, right))
    return best


def refine(value: Callable, at: np.ndarray, step: np.ndarray) -> float:
    """The maximum that a shrinking pattern of points reaches from `at`; `value` takes points (n, d)."""
    pattern = np.array(list(product((-1.0, -0.5, 0.0, 0.5, 1.0), repeat=len(at))))
    best = -np.inf
    while step.max() > 1e-6:
        points = at + pattern * step
        values = value(points)
        if values.max() <= best + 1e-13 * abs(best):
            step = step / 2
        else:
            at, best = points[values.argmax()], values.max()
    return float(best)


def highest_on_grid(value: Callable, axes: list[np.ndarray]) -> float:
    """The maximum of `value` over evenly spaced `axes`: the grid peaks that come near the best are refined."""
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    values = value(grid.reshape(-1, len(axes))).reshape(grid.shape[:-1])
    padded = np.pad(values, 1, constant_values=-np.inf)
    peak = values > values.max() - 0.3
    for moves in product((0, 1, 2), repeat=len(axes)):
        peak &= values >= padded[tuple(slice(m, m + n) for m, n in zip(moves, values.shape, strict=True))]
    step = np.array([axis[1] - axis[0] for axis in axes])
    return max(refine(value, start, step) for start in grid[peak])


def multilevel_log_likelihood(yi, vi, factors, sigma2, *, restricted: bool) -> np.ndarray:
    """Log-likelihood (n,) of a mean with random `factors` (labels) at variances (n, s), from k x k matrices."""
    k = len(yi)
    same = np.array([labels[:, None] == labels for labels in factors], float)
    m = np.diag(vi) + np.tensordot(sigma2, same, 1)
    solved = np.linalg.solve(m, np.column_stack([np.ones(k), yi]))
    total, cross, squares = solved[:, :, 0].sum(1), solved[:, :, 1].sum(1), solved[:, :, 1] @ yi
    twice = np.linalg.slogdet(m)[1] + squares - cross**2 / total
    return -0.5 * (twice + (k - 1) * LOG_2PI + np.log(total) - np.log(k) if restricted else twice + k * LOG_2PI)


def highest_multilevel(yi, vi, factors, *, restricted: bool, points: int = 40) -> float:
    """The highest log-likelihood over the variances of all `factors`."""
    small = 1e-2 * vi.min() / len(yi)
    axis = np.linspace(np.log(small), np.log(small + 4 * np.ptp(yi) ** 2 + 4 * vi.max()), points)

    def value(logs):
        return multilevel_log_likelihood(yi, vi, factors, np.maximum(np.exp(logs) - small, 0), restricted=restricted)

    return highest_on_grid(value, [axis] * len(factors))


def evidence_log_likelihood(yi, vi, lower, upper, mu, tau2) -> np.ndarray:
    """Log-likelihood (n,) of exact effects and of intervals, whose bounds are pairs (place, variance)."""
    s2 = vi + tau2[:, None]
    exact = -0.5 * (LOG_2PI + np.log(s2) + (yi - mu[:, None]) ** 2 / s2)
    a, b = ((at - mu[:, None]) / np.sqrt(var + tau2[:, None]) for at, var in (lower, upper))
    flip = a + b > 0
    a, b = np.where(flip, -b, a), np.where(flip, -a, b)
    with np.errstate(invalid="ignore"):
        inside = special.log_ndtr(b) + np.log1p(-np.exp(special.log_ndtr(a) - special.log_ndtr(b)))
    return exact.sum(axis=1) + inside.sum(axis=1)


def normal_cut(bound, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Where a bound of Hedges' g in two groups of n lies and its variance (Abramowitz & Stegun 1964, 26.7.10)."""
    df, c = 2 * n - 2, 2 / n
    j = np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / np.sqrt(df / 2)
    t = np.where(np.isfinite(bound), bound, 0.0) / (j * np.sqrt(c))
    return np.where(np.isfinite(bound), t * (1 - 1 / (4 * df)) * np.sqrt(c), bound), c * (1 + t**2 / (2 * df))


def highest_evidence(yi, vi, yi_lb, yi_ub, n: int) -> float:
    """The highest log-likelihood over mu and tau2; arrays as `all_evidence` takes them, groups of n."""
    exact = ~np.isnan(yi)
    lower, upper = normal_cut(yi_lb[~exact], n), normal_cut(yi_ub[~exact], n)
    known = np.concatenate([yi[exact], *(at[np.isfinite(at)] for at, _ in (lower, upper))])
    least = min(v.min() for v in (vi[exact], lower[1], upper[1]) if v.size)
    small, width = 1e-2 * least, np.ptp(known) + 1
    mu = np.linspace(known.min() - width, known.max() + width, 81)
    logs = np.linspace(np.log(small), np.log(100 * width**2), 60)

    def value(points):
        tau2 = np.maximum(np.exp(points[:, 1]) - small, 0)
        return evidence_log_likelihood(yi[exact], vi[exact], lower, upper, points[:, 0], tau2)

    return highest_on_grid(value, [mu, logs])


def random_evidence(rng, k: int, n: int) -> tuple[np.ndarray, ...]:
    """yi, vi, yi_lb, yi_ub of k findings in groups of n, one or more of them exact, the rest bounds and directions."""
    from reanalysis.effects import smd_bounds_from_p

    tau = rng.choice([0.0, 0.3, 1.0, 2.0])
    y = rng.normal(rng.choice([0.0, 0.5]), np.sqrt(tau**2 + 2 / n), k)
    cut = float(smd_bounds_from_p(n, n, 0.05, "ns", 0)[1])
    exact = rng.random(k) < rng.choice([0.2, 0.5])
    exact[rng.integers(k)] = True
    sign, significant, told = np.sign(y), np.abs(y) > cut, rng.random(k) < 0.7
    lower = np.where(significant, cut, np.where(told, -cut, 0.0))
    upper = np.where(told & ~significant, cut, np.inf)
    yi_lb = np.where(sign > 0, lower, -upper)
    yi_ub = np.where(sign > 0, upper, -lower)
    none = np.full(k, np.nan)
    # variances of exact effects differ: not all studies are of one size
    vi = 2 / n * 10 ** rng.uniform(-1, 1, k)
    return (
        np.where(exact, y, none),
        np.where(exact, vi, none),
        np.where(exact, none, yi_lb),
        np.where(exact, none, yi_ub),
    )
