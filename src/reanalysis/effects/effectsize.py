"""What all effect sizes share: the result type, the checks of input, and how a difference is standardized."""

from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]
Vtype = Literal["LS", "LS2", "UB", "AV"]
MANY = 1000
"""Rows from which on a function of their degrees of freedom is computed for each value rather than for each row."""
BLOCK = 8192
"""Rows that are worked on at once: what is between is then small, and stays where the processor has it at hand."""


class EffectSize(NamedTuple):
    """Estimates `yi` and their sampling variances `vi`, in the broadcast shape of the inputs."""

    yi: Array
    vi: Array

    @property
    def sei(self) -> Array:
        """Standard errors, `sqrt(vi)`."""
        return np.sqrt(self.vi)


class Contrast(NamedTuple):
    """What a design says of a standardized contrast, apart from its size.

    `error` is the variance of the contrast in units of the standardizer's variance (so `t = d / sqrt(error)`), `df`
    the degrees of freedom of the standardizer, and `y^2 / (2 total)` the variance that estimating it adds.
    """

    error: Array
    df: Array
    total: Array


def arrays(*values: ArrayLike) -> tuple[Array, ...]:
    """The inputs as float arrays of one broadcast shape; nan means missing and stays missing, and so do masked ones.

    Raises ValueError for infinite input, which no source reports.
    """
    known = [_floats(value) for value in values]
    for column in known:
        refuse(np.isinf(column), "an input is infinite: check it, or leave it empty")
    return tuple(np.broadcast_arrays(*known))


def _floats(value: ArrayLike) -> Array:
    if isinstance(value, np.ma.MaskedArray):
        return np.ma.filled(value.astype(float), np.nan)
    return np.asarray(value, dtype=float)


def refuse(bad: ArrayLike, message: str) -> None:
    """Raise ValueError with `message` and the positions where `bad` is true.

    Comparisons with nan are false, so missing input passes through as missing output.
    """
    bad = np.asarray(bad)
    if bad.any():
        where = f" (row {', '.join(map(str, np.flatnonzero(bad)[:5]))})" if bad.ndim else ""
        raise ValueError(message + where)


def check_n(*sizes: Array, least: int = 2) -> None:
    """Refuse sample sizes under `least`."""
    for n in sizes:
        refuse(n < least, f"a sample size is under {least}: no variance can be estimated; check the counts")


def check_sd(*sds: Array) -> None:
    """Refuse standard deviations that are not positive."""
    for sd in sds:
        refuse(sd <= 0, "a standard deviation is zero or negative: check it, or leave it empty")


def check_r(r: Array, name: str = "a correlation") -> None:
    """Refuse correlations that are not inside (-1, 1)."""
    refuse(np.abs(r) >= 1, f"{name} is not between -1 and 1 (exclusive): check its sign and decimals")


def hedges_j(df: ArrayLike) -> Array:
    """Exact small-sample correction of a standardized difference, Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)).

    Hedges (1981, Distribution theory for Glass's estimator of effect size, J. Educ. Stat. 6, 107-128).
    `df` are the degrees of freedom of the standardizer. Raises ValueError where df <= 1: it is not defined there.

    From 200 on by the asymptotic series of Gamma(z + 1/2) / Gamma(z), which is exact to rounding there, while the
    difference of two large log-gammas loses digits (Tricomi & Erdelyi 1951, Pac. J. Math. 1, 133-142).
    """
    df = np.asarray(df, dtype=float)
    refuse(df <= 1, "the standardizer has 1 degree of freedom or less: the corrected difference is undefined")
    if df.size >= MANY and df.max() < df.size and (np.floor(df) == df).all():  # of each value once
        return _whole_j(1 << int(df.max()).bit_length())[df.astype(int) - 2]
    return _j(df)


@cache
def _whole_j(most: int) -> Array:
    """J of 2, 3, ..., most degrees of freedom."""
    return _j(np.arange(2.0, most + 1))


def _j(df: Array) -> Array:
    few = np.where(df < 200, df, 200.0)
    z = (np.where(df < 200, 200.0, df) - 1) / 2
    series = np.log1p(-1 / (2 * z + 1)) / 2 - 1 / (8 * z) + 1 / (192 * z**3) - 1 / (640 * z**5)
    exact = gammaln(few / 2) - gammaln((few - 1) / 2) - np.log(few / 2) / 2
    return np.exp(np.where(df < 200, exact, series))


def in_blocks(rowwise: Callable[..., EffectSize], *columns: Array) -> EffectSize:
    """The effect sizes that a function gives row by row of columns of one shape, block by block."""
    shape, size = columns[0].shape, columns[0].size
    if size <= BLOCK:
        return rowwise(*columns)
    flat = [column.ravel() for column in columns]
    parts = [rowwise(*(column[at : at + BLOCK] for column in flat)) for at in range(0, size, BLOCK)]
    return EffectSize(*(np.concatenate(part).reshape(shape) for part in zip(*parts, strict=True)))


def weighted_mean(values: Array, weights: Array) -> Array:
    """Weighted mean over all rows, ignoring missing ones."""
    known = np.isfinite(values) & np.isfinite(weights)
    return np.sum(values * weights, where=known) / np.sum(weights, where=known)


def standardized(di: Array, contrast: Contrast, *, vtype: Vtype = "LS", correct: bool = True) -> EffectSize:
    """Standardized contrast from the uncorrected `di`: y = J(df) d, or d itself with `correct=False`.

    `vtype` names the variance as metafor's `escalc` does, c being `contrast.error`:
    LS   `c + y^2 / (2 total)`, the large-sample variance, Hedges (1982, Psychol. Bull. 92, 490-499, eq. 8);
    LS2  `J^2 (c + d^2 / (2 total))`, Borenstein et al. (2009, Introduction to Meta-Analysis, ch. 4);
    UB   unbiased, from the moments of the non-central t, Hedges (1983, Psychol. Bull. 93, 388-395, eq. 9);
    AV   LS with the mean of all y (weighted by `total`) in place of each, so that weights do not depend on the
         effects, Lin & Aloe (2021, Stat. Med. 40, 403-426). It depends on which rows are passed together.
    """
    error, df, total = contrast
    j = hedges_j(df)
    factor = j if correct else np.ones_like(j)
    yi = factor * di
    match vtype:
        case "LS":
            vi = error + yi**2 / (2 * total)
        case "LS2":
            vi = factor**2 * (error + di**2 / (2 * total))
        case "UB":  # E(y)^2 is (factor / J)^2 delta^2, and (df - 2) / df * d^2 - error is unbiased for delta^2
            vi = yi**2 - (factor / j) ** 2 * ((df - 2) / df * di**2 - error)
        case "AV":
            vi = error + weighted_mean(yi, total) ** 2 / (2 * total)
        case _:
            raise ValueError(f"vtype must be LS, LS2, UB or AV, not {vtype!r}")
    return EffectSize(yi, vi)


def standardized_from_t(ti: ArrayLike, contrast: Contrast, *, vtype: Vtype = "LS", correct: bool = True) -> EffectSize:
    """Standardized contrast from the t that tests it; the sign of `ti` is the sign of the result."""
    ti = np.asarray(ti, dtype=float)
    return standardized(ti * np.sqrt(contrast.error), contrast, vtype=vtype, correct=correct)


def corrected(di: ArrayLike, sei: ArrayLike, df: ArrayLike) -> EffectSize:
    """Hedges' g from Cohen's `di` and its standard error: `J(df) d`, variance `J^2 se^2`.

    Borenstein et al. (2009, Introduction to Meta-Analysis, eq. 4.23 and 4.24), with the exact J.
    """
    di, sei = arrays(di, sei)
    refuse(sei <= 0, "a standard error is zero or negative: check it")
    j = hedges_j(df)
    return EffectSize(j * di, (j * sei) ** 2)
