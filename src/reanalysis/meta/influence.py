"""How much each effect, sample or subset carries a model: all refits of one diagnostic are a single batched call."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta.batch import Estimates
from reanalysis.meta.columns import labels as column_labels
from reanalysis.meta.multilevel import MultilevelEstimates, MultilevelFit, coefficient_variances, refit_multilevel
from reanalysis.meta.univariate import Fit, refit, require

MIN_DF = 4  # of the residuals: below, leaving out an effect leaves the model next to nothing to go by


class Refits(NamedTuple):
    """Refits of one model to subsets of its rows.

    `labels` (B,) names each refit: the row or sample left out, or the row or sample added last. `estimates` (for a
    multilevel model `MultilevelEstimates`) has a leading axis of B; refits that the remaining rows cannot carry are
    nan. `mask` (B, k) says which rows took part.
    """

    labels: np.ndarray
    estimates: Estimates | MultilevelEstimates
    mask: np.ndarray


def leave_one_out(f: Fit | MultilevelFit, groups=None) -> Refits:
    """The model without each row in turn, or without each group (sample, cohort) in turn.

    `groups` has one label for each row given to `fit`, or is the name of a factor of a multilevel model, whose samples
    rather than rows should be left out; groups come in order of first appearance.

    Raises ValueError for missing labels, and fewer than two rows or groups.
    """
    rows = _own_rows(f)
    labels = rows if groups is None else _per_row(f, groups, "groups")
    unique = _in_order(labels)
    if len(unique) < 2:
        raise ValueError("leaving one out needs at least two rows (or groups)")
    mask = labels[None, :] != unique[:, None]
    return Refits(unique, _refit(f, mask), mask)


def cumulative(f: Fit | MultilevelFit, order=None, groups=None) -> Refits:
    """The model on the first row, the first two, and so on; rows sorted by `order` (ties keep their order).

    With `groups`, as in `leave_one_out`, the rows of a group come in together, at the earliest `order` in the group.

    Raises ValueError for a model with moderators, and missing labels.
    """
    rows = _own_rows(f)
    if f.p > 1:
        raise ValueError("cumulative meta-analysis is defined for models without moderators")
    labels = rows if groups is None else _per_row(f, groups, "groups")
    key = rows if order is None else _per_row(f, order, "order")
    unique = _in_order(labels[np.argsort(key, kind="stable")])
    rank = np.argmax(labels[None, :] == unique[:, None], axis=0)
    mask = rank[None, :] <= np.arange(len(unique))[:, None]
    return Refits(unique, _refit(f, mask), mask)


@dataclass(frozen=True, eq=False)
class Influence:
    """Case diagnostics, each (k,) unless noted; rows whose deletion leaves an inestimable model are nan.

    rstudent, rstudent_se : deleted residual over its standard error, and that error
    dffits : change of the fitted value, in standard errors
    cook_d : Cook's distance: squared change of all coefficients in the metric of their covariance
    cov_r : ratio of the generalized variances of the coefficients, without and with the row
    tau2_del, QE_del : tau2 and Q without the row
    hat, weight : leverage; weight in percent
    dfbs : (k, p) change of each coefficient, in standard errors
    is_infl : flagged by the thresholds in `influence`
    note : set where the effects are too few for these thresholds
    """

    rstudent: np.ndarray
    rstudent_se: np.ndarray
    dffits: np.ndarray
    cook_d: np.ndarray
    cov_r: np.ndarray
    tau2_del: np.ndarray
    QE_del: np.ndarray
    hat: np.ndarray
    weight: np.ndarray
    dfbs: np.ndarray
    is_infl: np.ndarray
    note: str


@dataclass(frozen=True, eq=False)
class ClusterInfluence:
    """Deletion diagnostics of a multilevel model, each (B,) unless noted, for each group of rows that is left out.

    cook_d, dfbs, cov_r : as in `Influence`, `dfbs` (B, p)
    hat : leverage: the sum over the rows of the group
    sigma2_del, QE_del : variances (B, s) and Q without the group
    note : set where the groups are so few that each is influential
    """

    labels: np.ndarray
    cook_d: np.ndarray
    cov_r: np.ndarray
    dfbs: np.ndarray
    hat: np.ndarray
    sigma2_del: np.ndarray
    QE_del: np.ndarray
    note: str


def influence(f: Fit | MultilevelFit, groups=None) -> Influence | ClusterInfluence:
    """Deletion diagnostics (Viechtbauer & Cheung 2010, Research Synthesis Methods, 1, 112-125).

    For a multilevel model by group, `groups` as in `leave_one_out`; without it the first factor, usually the sample.
    Cook's distances and DFBETAS are those of metafor's `cooks.distance.rma.mv` and `dfbetas.rma.mv`: all variances are
    estimated anew without the group, and a change is measured in the standard error on all rows with these variances.

    For independent effects a row is flagged where |dffits| > 3 sqrt(p / (k - p)), or Cook's distance has a
    chi-square(p) probability above one half, or hat > 3 p / k, or any |dfbs| > 1: the rule of metafor's `influence`.
    """
    if isinstance(f, MultilevelFit):
        return _by_cluster(f, f.s_names[0] if groups is None else groups)
    if groups is not None:
        raise ValueError(
            "the diagnostics of a model for independent effects are by row; see `leave_one_out` for groups"
        )
    require(f, "influence", "the model that it was made from")
    without = leave_one_out(f).estimates
    change = f.beta - without.beta
    on_row = np.einsum("kp,kp->k", f.X, change)
    own = np.einsum("ki,kij,kj->k", f.X, without.vb, f.X)
    # under Knapp-Hartung the whole deleted variance is scaled by the residual mean square, as in regression
    total = without.s2w * (f.vi + without.tau2)
    known = np.linalg.det(f.vb) > 0  # not where all effects agree and Knapp-Hartung leaves no variance
    precision = np.linalg.inv(f.vb) if known else np.full_like(f.vb, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        rstudent_se = np.sqrt(total + own)
        rstudent = (f.yi - f.fitted + on_row) / rstudent_se
        dffits = on_row / np.sqrt(f.hat * total)
        cook_d = np.einsum("ki,ij,kj->k", change, precision, change)
        cov_r = np.linalg.det(without.vb) / np.linalg.det(f.vb)
        dfbs = change / np.sqrt(without.s2w[:, None] * _coefficient_variances(f, without.tau2))
        flagged = (
            (np.abs(dffits) > 3 * np.sqrt(f.p / (f.k - f.p)))
            | (numeric.chi2_cdf(cook_d, f.p) > 0.5)
            | (f.hat > 3 * f.p / f.k)
            | (np.abs(dfbs) > 1).any(axis=1)
        )
    return Influence(
        rstudent,
        rstudent_se,
        dffits,
        cook_d,
        cov_r,
        without.tau2,
        without.QE,
        f.hat,
        f.weights_percent,
        dfbs,
        flagged,
        ""
        if f.k - f.p >= MIN_DF
        else f"k = {f.k}: with so few effects each one is influential, and the flags say little",
    )


def _by_cluster(f: MultilevelFit, groups) -> ClusterInfluence:
    left = leave_one_out(f, groups)
    without, change = left.estimates, f.beta - left.estimates.beta
    variances = np.array(
        [coefficient_variances(f, s2) if np.isfinite(s2).all() else np.full(f.p, np.nan) for s2 in without.sigma2]
    )
    few = len(left.labels) - f.p < MIN_DF
    return ClusterInfluence(
        labels=left.labels,
        cook_d=np.einsum("bi,ij,bj->b", change, np.linalg.inv(f.vb), change),
        cov_r=np.linalg.det(without.vb) / np.linalg.det(f.vb),
        dfbs=change / np.sqrt(variances),
        hat=(~left.mask * f.hat).sum(axis=1),
        sigma2_del=without.sigma2,
        QE_del=without.QE,
        note=f"only {len(left.labels)} groups: each one is influential, and these numbers say little" if few else "",
    )


class Baujat(NamedTuple):
    """`x`: contribution of each row to the residual Q; `y`: influence on its fitted value (Baujat et al. 2002)."""

    x: np.ndarray
    y: np.ndarray


def baujat(f: Fit) -> Baujat:
    """Coordinates of the Baujat plot (Baujat, Mahe, Pignon & Hill 2002, Statistics in Medicine, 21, 2641-2652).

    Squared Pearson residual, and squared change of the fitted value over its variance without the row.
    """
    require(f, "a Baujat plot", "influence")
    without = leave_one_out(f).estimates
    change = np.einsum("kp,kp->k", f.X, f.beta - without.beta)
    variance = np.einsum("ki,kij,kj->k", f.X, without.vb, f.X)
    with np.errstate(divide="ignore", invalid="ignore"):
        return Baujat(f.residuals**2 / (f.vi + f.tau2), change**2 / variance)


class Gosh(NamedTuple):
    """Estimates on subsets of the rows: `mask` (B, k), `estimates` with leading axis B, `exact` for all subsets."""

    mask: np.ndarray
    estimates: Estimates
    exact: bool


def gosh(f: Fit, *, n: int = 10_000, seed: int = 1) -> Gosh:
    """The model on all subsets of its rows, if they are at most `n`, else on `n` random ones (`subsets`).

    Subsets have at least p rows; those the model cannot be fitted to are nan.
    """
    require(f, "gosh", "leave_one_out with the name of a factor as groups")
    mask, exact = subsets(f.k, at_least=f.p, n=n, seed=seed)
    return Gosh(mask, refit(f, mask), exact)


def subsets(k: int, *, at_least: int = 1, n: int = 10_000, seed: int = 1) -> tuple[np.ndarray, bool]:
    """Subsets of k rows, each with `at_least` so many, as a mask (B, k); and whether these are all there are.

    All of them, if 2^k - 1 is at most `n`, else `n` random ones, of which each holds each row with probability one half
    (Olkin, Dahabreh & Trikalinos 2012, Research Synthesis Methods, 3, 214-223).
    """
    if n < 1:
        raise ValueError(f"n must be positive, got {n}")
    if not 1 <= at_least <= k:
        raise ValueError(f"at_least must lie between 1 and {k}, got {at_least}")
    exact = k < 63 and 2**k - 1 <= n
    if exact:
        mask = (np.arange(1, 2**k)[:, None] >> np.arange(k)) & 1 > 0
        return mask[mask.sum(axis=1) >= at_least], True
    rng = np.random.default_rng(seed)
    mask = rng.random((n, k)) < 0.5
    while (small := mask.sum(axis=1) < at_least).any():
        mask[small] = rng.random((int(small.sum()), k)) < 0.5
    return mask, False


def _coefficient_variances(f: Fit, tau2: np.ndarray) -> np.ndarray:
    """Diagonal of (X'WX)^-1 on all rows at each of the given tau2, (B, p)."""
    w = 1 / (f.vi + tau2[:, None])
    gram = np.einsum("bk,ki,kj->bij", w, f.X, f.X)
    scale = np.sqrt(np.diagonal(gram, axis1=1, axis2=2))
    missing = np.isnan(tau2)
    scaled = np.where(missing[:, None, None], np.eye(f.p), gram / (scale[:, :, None] * scale[:, None, :]))
    return np.diagonal(np.linalg.inv(scaled), axis1=1, axis2=2) / scale**2


def _refit(f: Fit | MultilevelFit, mask: np.ndarray) -> Estimates | MultilevelEstimates:
    return refit_multilevel(f, mask) if isinstance(f, MultilevelFit) else refit(f, mask)


def _own_rows(f) -> np.ndarray:
    """Numbers of the rows of a model that can be refitted; raises TypeError for another."""
    if not isinstance(f, MultilevelFit):
        require(f, "refitting without rows", "the model that it was made from")
    return np.arange(f.k)


def _per_row(f: Fit | MultilevelFit, values, name: str) -> np.ndarray:
    """Labels or numbers of the rows that took part, from one for each row given, or the name of a factor."""
    if isinstance(values, str):
        if values not in getattr(f, "random", {}):
            raise ValueError(f"{name} = {values!r} names no random factor of this model; give a label for each row")
        return f.random[values]
    known, missing = column_labels(values, name)
    used = getattr(f, "used", np.ones(f.k, bool))
    if known.shape != used.shape:
        raise ValueError(f"{name} needs one value for each of the {len(used)} rows given to fit, got {known.shape}")
    if missing[used].any():
        raise ValueError(f"{name} is missing in row {', '.join(map(str, np.flatnonzero(missing & used)[:5]))}")
    return known[used]


def _in_order(labels: np.ndarray) -> np.ndarray:
    """Distinct labels in order of first appearance."""
    unique, first = np.unique(labels, return_index=True)
    return unique[np.argsort(first)]
