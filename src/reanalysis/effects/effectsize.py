"""The result type of every effect size, input checking, and Hedges' small-sample correction."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

Array = NDArray[np.float64]


class EffectSize(NamedTuple):
    """Estimates `yi` and their sampling variances `vi`, in the broadcast shape of the inputs."""

    yi: Array
    vi: Array

    @property
    def sei(self) -> Array:
        """Standard errors, `sqrt(vi)`."""
        return np.sqrt(self.vi)


def arrays(*values: ArrayLike) -> list[Array]:
    """The inputs as float arrays of one broadcast shape; nan means missing and stays missing."""
    return np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values))


def refuse(bad: ArrayLike, message: str) -> None:
    """Raise ValueError with `message` and the positions where `bad` is true.

    Comparisons with nan are false, so missing input passes through as missing output.
    """
    bad = np.asarray(bad)
    if bad.any():
        where = f" (row {', '.join(map(str, np.flatnonzero(bad)[:5]))})" if bad.ndim else ""
        raise ValueError(message + where)


def check_n(*sizes: Array, least: int = 2) -> None:
    """Refuse group sizes under `least`."""
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
    """Exact small-sample correction J = Gamma(df/2) / (sqrt(df/2) Gamma((df-1)/2)) of a standardized difference.

    Hedges (1981, Distribution theory for Glass's estimator of effect size, J. Educ. Stat. 6, 107-128).
    `df` are the degrees of freedom of the standardizer. Raises ValueError where df <= 1: J is 0 there or undefined.
    """
    df = np.asarray(df, dtype=float)
    refuse(df <= 1, "the standardizer has 1 degree of freedom or less: the corrected difference is undefined")
    return np.exp(gammaln(df / 2) - gammaln((df - 1) / 2) - np.log(df / 2) / 2)


def unbiased_square(yi: Array, df: Array, j: Array) -> Array:
    """What is added to the error variance of a corrected standardized difference to estimate var(yi) without bias.

    `(1 - (df - 2) / (df J^2)) yi^2`: Hedges (1983, A random effects model for effect sizes, Psychol. Bull. 93,
    388-395); the non-central t moments give it for any standardizer with `df` degrees of freedom.
    """
    return (1 - (df - 2) / (df * j**2)) * yi**2


def weighted_mean(yi: Array, ni: Array) -> Array:
    """Mean of `yi` weighted by sample size, over all rows, ignoring missing ones."""
    known = np.isfinite(yi) & np.isfinite(ni)
    return np.sum(yi * ni, where=known) / np.sum(ni, where=known)
