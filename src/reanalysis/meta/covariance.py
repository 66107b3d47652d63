"""Sampling covariances of dependent effects: several effects of one sample, shared groups, repeated measurements.

Effects of different clusters are independent, so a covariance matrix is kept as the blocks of its clusters and the
blocks of one size lie in one array: all work is done for every cluster of a size at once, and no k x k matrix is made.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reanalysis.meta.columns import check_effects, labels, numbers


class Aggregated(NamedTuple):
    """One effect for each cluster, in the order in which the clusters first appear; `n_effects` went into it."""

    yi: np.ndarray
    vi: np.ndarray
    cluster: np.ndarray
    n_effects: np.ndarray


@dataclass(frozen=True)
class BlockCovariance:
    """A k x k covariance matrix that is zero between clusters.

    `groups` holds, for each cluster size m, the row numbers (B, m) of the B clusters of that size and their
    blocks (B, m, m).
    """

    k: int
    groups: tuple[tuple[np.ndarray, np.ndarray], ...]

    @classmethod
    def of(cls, v) -> "BlockCovariance":
        """From sampling variances (k,), from a full matrix (k, k), or unchanged from a `BlockCovariance`.

        Raises ValueError unless the matrix is symmetric and positive definite.
        """
        if isinstance(v, cls):
            return v
        v = numbers(v, "V")
        if v.ndim == 1:
            _check_variances(v)
            return cls(len(v), ((np.arange(len(v))[:, None], v[:, None, None]),))
        if v.ndim != 2 or v.shape[0] != v.shape[1]:
            raise ValueError(f"V must be variances (k,) or a matrix (k, k), got an array of shape {v.shape}")
        _check_variances(np.diag(v))
        if not np.allclose(v, v.T, rtol=1e-8, atol=0):
            raise ValueError("V must be symmetric")
        groups = tuple((rows, v[rows[:, :, None], rows[:, None, :]]) for rows in same_size(_linked(v != 0)))
        return cls(len(v), groups).check()

    def check(self) -> "BlockCovariance":
        """Return this matrix if it is positive definite, else raise ValueError naming rows that are at fault."""
        for rows, blocks in self.groups:
            # Cholesky lets an exactly singular matrix pass when rounding is kind; correlations have a known scale.
            sd = np.sqrt(np.einsum("bii->bi", blocks))
            with np.errstate(divide="ignore", invalid="ignore"):
                smallest = np.linalg.eigvalsh(blocks / (sd[:, :, None] * sd[:, None, :]))[:, 0]
            bad = np.flatnonzero(~(smallest > 1e-12))
            if len(bad):
                raise ValueError(
                    f"V is not positive definite for the rows {rows[bad[0]].tolist()} (one cluster): the correlations "
                    "cannot all be true, or two effects are the same one; check rho, phi and the labels"
                )
        return self

    def diagonal(self) -> np.ndarray:
        """The variances (k,)."""
        out = np.empty(self.k)
        for rows, blocks in self.groups:
            out[rows] = np.einsum("bii->bi", blocks)
        return out

    def toarray(self) -> np.ndarray:
        """The full (k, k) matrix: for looking at, and for other software."""
        out = np.zeros((self.k, self.k))
        for rows, blocks in self.groups:
            out[rows[:, :, None], rows[:, None, :]] = blocks
        return out

    def take(self, keep: np.ndarray) -> "BlockCovariance":
        """The matrix of the rows where `keep` (k,) is true."""
        place = np.cumsum(keep) - 1
        parts: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
        for rows, blocks in self.groups:
            patterns, which = np.unique(keep[rows], axis=0, return_inverse=True)
            for i, pattern in enumerate(patterns):
                if pattern.any():
                    own = which.ravel() == i
                    part = blocks[own][:, pattern][:, :, pattern]
                    parts.setdefault(int(pattern.sum()), []).append((place[rows[own][:, pattern]], part))
        joined = (tuple(map(np.concatenate, zip(*parts[m], strict=True))) for m in sorted(parts))
        return BlockCovariance(int(keep.sum()), tuple(joined))

    def regroup(self, cluster: np.ndarray) -> "BlockCovariance":
        """The same matrix in the blocks of `cluster` (integer codes), which must not cut through a block."""
        wide = same_size(cluster)
        size, index, place = (np.empty(self.k, int) for _ in range(3))
        for rows in wide:
            size[rows] = rows.shape[1]
            index[rows] = np.arange(len(rows))[:, None]
            place[rows] = np.arange(rows.shape[1])
        blocks = {rows.shape[1]: np.zeros((*rows.shape, rows.shape[1])) for rows in wide}
        for rows, narrow in self.groups:
            if np.any(cluster[rows] != cluster[rows[:, :1]]):
                raise ValueError("effects with a sampling covariance lie in different clusters; use wider clusters")
            first = size[rows[:, 0]]
            for m in np.unique(first):
                at, part = rows[first == m], narrow[first == m]
                blocks[m][index[at][:, :, None], place[at][:, :, None], place[at][:, None, :]] = part
        return BlockCovariance(self.k, tuple((rows, blocks[rows.shape[1]]) for rows in wide))


def codes(values, name: str = "cluster") -> tuple[np.ndarray, np.ndarray]:
    """Integer codes (k,) of labels, numbered in the order of first appearance, and the labels they stand for.

    Raises ValueError for missing labels; see `columns.labels`.
    """
    known, missing = labels(values, name)
    if missing.any():
        rows = ", ".join(map(str, np.flatnonzero(missing)[:5]))
        raise ValueError(f"{name} must be one label for each effect, none missing (row {rows})")
    unique, first, inverse = np.unique(known, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), int)
    rank[order] = np.arange(len(order))
    return rank[inverse.reshape(-1)], unique[order]


def nested(*factors) -> np.ndarray:
    """Labels (k,) of the combinations of several labels: effects numbered 1, 2, ... anew in each sample, say."""
    out = codes(factors[0])[0]
    for inner in factors[1:]:
        inner, names = codes(inner)
        out = codes(out * len(names) + inner)[0]
    return out


def same_size(cluster: np.ndarray) -> list[np.ndarray]:
    """Row numbers of the clusters (integer codes), one array (B, m) for each cluster size m."""
    counts = np.bincount(cluster)
    order, starts = np.argsort(cluster, kind="stable"), np.cumsum(counts) - counts
    return [order[starts[counts == m][:, None] + np.arange(m)] for m in np.unique(counts[counts > 0])]


def vcalc(
    vi, cluster, *, rho=None, obs=None, type=None, time=None, phi=None, grp1=None, grp2=None, w1=None, w2=None
) -> BlockCovariance:
    """Sampling covariances of effects that share participants, from assumed correlations.

    The covariance of two effects of a cluster is `sqrt(vi * vj)` times the product of

    - 1 for the same observation of the same type, else `rho`: one correlation, or a pair (same type, different
      types). Without `obs` every row is an observation of its own, or the same one if `rho` is not given but times
      or groups are;
    - `phi ** abs(time_i - time_j)`, if `time` is given;
    - the share of the contrast that two effects have in common, if `grp1` and `grp2` are given: with group means
      of variance 1/w, a shared first (or second) group contributes `1/w`, a group that is first in one and second in
      the other `-1/w`, relative to the variances `1/w1 + 1/w2` of the contrasts. Without `w1`, `w2` (group sizes)
      the groups count as equally large: two arms against one control correlate by 1/2.

    Effects of different clusters are independent. The constant correlation is the working model of Pustejovsky &
    Tipton (2022, Prevention Science 23, 425-438); shared groups follow Gleser & Olkin (2009, in The handbook of
    research synthesis and meta-analysis, 2nd ed.); names and rules are those of metafor's `vcalc`.

    Parameters
    ----------
    vi : sampling variances (k,)
    cluster : labels (k,); participants are shared only within a cluster
    rho : correlation in [-1, 1], or a pair; needed when a cluster has different observations
    phi : correlation in [0, 1] over one unit of `time`
    obs, type, time, grp1, grp2, w1, w2 : labels or numbers (k,)

    Raises
    ------
    ValueError
        for correlations outside [-1, 1], missing ones, or a result that is not positive definite.
    """
    vi = numbers(vi, "vi")
    _check_variances(vi)
    k = len(vi)
    cluster = _codes_of(cluster, k, "cluster")
    if (grp1 is None) != (grp2 is None) or (w1 is None) != (w2 is None) or (w1 is not None and grp1 is None):
        raise ValueError("grp1 and grp2 belong together, and so do w1 and w2, which need the groups")
    if (time is None) != (phi is None):
        raise ValueError("time and phi (the correlation over one unit of time) belong together")
    if obs is None:
        one_each = rho is None and (time is not None or grp1 is not None)
        obs = np.zeros(k, int) if one_each else np.arange(k)
    else:
        obs = _codes_of(obs, k, "obs")
    type = np.zeros(k, int) if type is None else _codes_of(type, k, "type")
    groups = []
    for rows in same_size(cluster):
        left, right = rows[:, :, None], rows[:, None, :]
        same_type = type[left] == type[right]
        r = np.ones((*rows.shape, rows.shape[1]))
        different = ~same_type | (obs[left] != obs[right])
        if different.any():
            within, between = _rho_pair(rho)
            r = np.where(different, np.where(same_type, within, between), r)
        if time is not None:
            times = _numbers(time, k, "time")
            r = r * _correlation(phi, "phi", 0) ** np.abs(times[left] - times[right])
        if grp1 is not None:
            r = r * _shared(grp1, grp2, w1, w2, k, left, right)
        r[:, np.arange(rows.shape[1]), np.arange(rows.shape[1])] = 1.0
        groups.append((rows, r * np.sqrt(vi[left] * vi[right])))
    return BlockCovariance(k, tuple(groups)).check()


def aggregate_effects(yi, vi, cluster, *, rho: float, weighted: bool = True) -> Aggregated:
    """One effect for each cluster from several whose sampling errors correlate by `rho`.

    `weighted` gives the generalized least squares mean, which has the smallest variance but can weigh effects
    negatively when their variances differ and `rho` is high; else the plain mean (Borenstein et al. 2009, Introduction
    to meta-analysis, ch. 24). metafor calls both `aggregate`. With the inverse of a constant correlation matrix known
    in closed form, everything is sums over the cluster.

    Parameters
    ----------
    yi, vi : effects and sampling variances (k,)
    cluster : labels (k,), usually the sample
    rho : correlation of the sampling errors in a cluster, in (-1, 1); 1 too if not `weighted`

    Raises
    ------
    ValueError
        for missing or non-positive numbers, or a `rho` impossible for the largest cluster (below -1/(m - 1)).
    """
    vi = numbers(vi, "vi")
    _check_variances(vi)
    yi = _numbers(yi, len(vi), "yi")
    code, clusters = codes(cluster)
    if len(code) != len(yi):
        raise ValueError(f"cluster must have one label for each of the {len(yi)} effects")
    rho = _correlation(rho, "rho")

    def total(x):
        return np.bincount(code, x)

    m = np.bincount(code)
    if np.any((m > 1) & (1 + (m - 1) * rho <= 0)) or (weighted and rho == 1 and m.max() > 1):
        raise ValueError(f"{m.max()} effects cannot have a positive definite correlation matrix with rho = {rho:g}")
    if not weighted:
        variance = ((1 - rho) * total(vi) + rho * total(np.sqrt(vi)) ** 2) / m**2
        return Aggregated(total(yi) / m, variance, clusters, m)
    s = 1 / np.sqrt(vi)
    scale = np.where(m > 1, 1 - rho, 1.0)
    shrink = np.where(m > 1, rho / (1 + (m - 1) * rho), 0.0)
    precision = (total(s * s) - shrink * total(s) ** 2) / scale
    # around the plain mean, so that a large common offset does not cancel
    mean = total(yi) / m
    d = yi - mean[code]
    shift = (total(d * s * s) - shrink * total(s) * total(d * s)) / scale / precision
    return Aggregated(mean + shift, 1 / precision, clusters, m)


def _shared(grp1, grp2, w1, w2, k, left, right) -> np.ndarray:
    """Correlation of contrasts group 1 - group 2 that share groups, for pairs of rows of one cluster."""
    both, _ = codes([*grp1, *grp2], "grp1, grp2")
    if len(both) != 2 * k:
        raise ValueError(f"grp1 and grp2 must have one label for each of the {k} effects")
    a, b = both[:k], both[k:]
    sizes = [np.ones(k) if w is None else _numbers(w, k, "w1, w2") for w in (w1, w2)]
    if any(np.any(w <= 0) for w in sizes):
        raise ValueError("w1 and w2 (group sizes) must be positive")
    sa, sb = (1 / np.sqrt(w) for w in sizes)
    covariance = sum(
        sign * (x[left] == y[right]) * sx[left] * sy[right]
        for sign, x, sx, y, sy in ((1, a, sa, a, sa), (1, b, sb, b, sb), (-1, a, sa, b, sb), (-1, b, sb, a, sa))
    )
    variance = sa**2 + sb**2
    return covariance / np.sqrt(variance[left] * variance[right])


def _linked(near: np.ndarray) -> np.ndarray:
    """Connected components (integer codes) of a symmetric relation given as a (k, k) boolean array."""
    label = np.arange(len(near))
    while True:
        new = np.where(near, label[None, :], len(near)).min(axis=1, initial=len(near))
        new = np.minimum(new, label)
        if np.array_equal(new, label):
            return codes(label)[0]
        label = new


def _rho_pair(rho) -> tuple[float, float]:
    if rho is None:
        raise ValueError("a cluster has several observations: rho, their correlation, is needed")
    pair = np.broadcast_to(np.asarray(rho, float), (2,)) if np.size(rho) in (1, 2) else None
    if pair is None:
        raise ValueError("rho must be one correlation or a pair (same type, different types)")
    return _correlation(pair[0], "rho"), _correlation(pair[1], "rho")


def _correlation(value, name: str, lowest: float = -1) -> float:
    if not lowest <= value <= 1:
        raise ValueError(f"{name} must be a correlation between {lowest} and 1, got {value!r}")
    return float(value)


def _codes_of(labels, k: int, name: str) -> np.ndarray:
    out, _ = codes(labels, name)
    if len(out) != k:
        raise ValueError(f"{name} must have one label for each of the {k} effects")
    return out


def _numbers(x, k: int, name: str) -> np.ndarray:
    x = numbers(x, name)
    if x.shape != (k,) or not np.all(np.isfinite(x)):
        raise ValueError(f"{name} must be {k} finite numbers, one for each effect")
    return x


def _check_variances(vi: np.ndarray) -> None:
    if vi.ndim != 1 or len(vi) == 0 or not np.all(np.isfinite(vi) & (vi > 0)):
        raise ValueError("sampling variances must be a one-dimensional array of finite numbers above zero")
    check_effects(np.zeros(1), vi)
