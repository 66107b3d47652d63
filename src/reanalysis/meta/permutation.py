"""Permutation tests and intervals: exact where the arrangements can be counted out, else sampled."""

from math import factorial, prod
from typing import NamedTuple

import numpy as np

from reanalysis.meta.univariate import Fit, refit, require

STATISTICS = ("stat", "coef")


class PermutationTest(NamedTuple):
    """Two-sided permutation p values: `pval` (p,) for the coefficients, `QMp` for the omnibus test.

    `n` counts the arrangements; `exact` says whether they are all there are. `note` says when these are so few that no
    p value can fall below the level of the test.
    """

    pval: np.ndarray
    QMp: float
    n: int
    exact: bool
    note: str


def permutation_test(f: Fit, *, stat: str = "stat", n: int = 1000, seed: int = 1) -> PermutationTest:
    """Permutation test of the coefficients (Higgins & Thompson 2004; Follmann & Proschan 1999).

    Without moderators the signs of the effects are flipped, with moderators the rows of the design are permuted against
    the effects. If the distinct arrangements are at most `n`, all are used; else `n` random ones beside the observed.
    `stat` is the test statistic ("stat") or the coefficient itself ("coef"); the omnibus test always uses QM.
    """
    require(f, "permutation_test", "`robust` with CR2, whose test is right with few samples")
    if stat not in STATISTICS:
        raise ValueError(f"stat must be one of {', '.join(STATISTICS)}, got {stat!r}")
    if f.weights is not None:
        raise ValueError("permutation is defined for inverse-variance weights")
    if f.p == 1 and f.intercept:
        signs, exact, total = _signs(f.k, n, seed)
        yi, vi = signs * f.yi, np.broadcast_to(f.vi, signs.shape)
    else:
        order, exact = _arrangements(f.X, n, seed)
        yi, vi, total = f.yi[order], f.vi[order], len(order)
    # the first arrangement is always the observed one
    e = refit(f, np.ones(yi.shape, bool), yi=yi, vi=vi)
    values = np.abs(e.stat if stat == "stat" else e.beta)
    # flipping all signs is one more arrangement that is as extreme as the observed one
    least = (2 if f.p == 1 and f.intercept else 1) / total
    note = f"{f.k} effects have {total} arrangements: p cannot fall below {least:.3g}" if least > 1 - f.level else ""
    return PermutationTest(_share(values), float(_share(e.QM)), total, exact, note)


def permutation_interval(f: Fit, *, stat: str = "stat", n: int = 2**15, seed: int = 1) -> tuple[float, float]:
    """Confidence interval of the average effect: the values that a permutation test at 1 - f.level does not reject.

    Follmann & Proschan (1999). Models without moderators. With fewer than six effects no value can be rejected at
    level 0.95: the interval is infinite.
    """
    require(f, "permutation_interval", "`robust` with CR2, whose interval is right with few samples")
    if not (f.p == 1 and f.intercept):
        raise ValueError("a permutation interval is defined for models without moderators")
    if stat not in STATISTICS:
        raise ValueError(f"stat must be one of {', '.join(STATISTICS)}, got {stat!r}")
    signs, _, _ = _signs(f.k, n, seed)
    alpha, center, mask = 1 - f.level, float(f.beta[0]), np.ones(signs.shape, bool)

    def p(value: float) -> float:
        e = refit(f, mask, yi=signs * (f.yi - value), vi=np.broadcast_to(f.vi, signs.shape))
        return float(_share(np.abs(e.stat if stat == "stat" else e.beta))[0])

    if 2 * 0.5**f.k > alpha:
        return -np.inf, np.inf

    def bound(side: float) -> float:
        inside, outside = center, center + side * np.ptp(f.yi)
        while p(outside) > alpha:
            inside, outside = outside, outside + 2 * (outside - center)
        while abs(outside - inside) > 1e-8 * np.ptp(f.yi):
            middle = 0.5 * (inside + outside)
            inside, outside = (middle, outside) if p(middle) > alpha else (inside, middle)
        return 0.5 * (inside + outside)

    return bound(-1.0), bound(1.0)


def _share(values: np.ndarray) -> np.ndarray:
    """Share of arrangements at least as extreme as the first; equal up to rounding counts."""
    return (values >= values[0] * (1 - 1e-9)).mean(axis=0)


def _signs(k: int, n: int, seed: int) -> tuple[np.ndarray, bool, int]:
    """Sign vectors (B, k), the first all positive. Flipping all signs changes no two-sided test, so half suffice."""
    if k < 63 and 2**k <= n:
        flips = (np.arange(2 ** (k - 1))[:, None] >> np.arange(k)) & 1
        return 1.0 - 2.0 * flips, True, 2**k
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=(n + 1, k))
    signs[0] = 1.0
    return signs, False, n + 1


def _arrangements(x: np.ndarray, n: int, seed: int) -> tuple[np.ndarray, bool]:
    """Orders (B, k) of the effects against the design rows, the first the observed; equal rows are exchangeable."""
    k = len(x)
    _, kind, counts = np.unique(x, axis=0, return_inverse=True, return_counts=True)
    kind = kind.ravel()
    if factorial(k) // prod(factorial(c) for c in counts.tolist()) > n:
        rng = np.random.default_rng(seed)
        return np.vstack([np.arange(k), rng.permuted(np.tile(np.arange(k), (n, 1)), axis=1)]), False
    kinds = _multiset_permutations(np.sort(kind))
    kinds = np.vstack([kind, kinds[(kinds != kind).any(axis=1)]])
    order = np.empty_like(kinds)
    # the rows of one kind, in their order, take the effects that were dealt that kind, in theirs
    order[:, np.argsort(kind, kind="stable")] = np.argsort(kinds, axis=1, kind="stable")
    return order, True


def _multiset_permutations(items: np.ndarray) -> np.ndarray:
    """All distinct orders of the sorted `items`, one a row, in lexicographic order."""
    kinds, counts = np.unique(items, return_counts=True)
    orders, left = np.empty((1, 0), int), counts[None]
    for _ in items:  # every order so far is followed by each kind of which some are left
        row, kind = np.nonzero(left)
        orders = np.column_stack([orders[row], kind])
        left = left[row]
        left[np.arange(len(row)), kind] -= 1
    return kinds[orders]
