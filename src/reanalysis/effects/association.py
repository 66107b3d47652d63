"""Correlations: raw, Fisher z, partial and semi-partial."""

import numpy as np
from numpy.typing import ArrayLike

from .effectsize import Array, EffectSize, arrays, check_n, check_r, refuse


def cor(ri: ArrayLike, ni: ArrayLike) -> EffectSize:
    """Pearson correlation with its large-sample variance `(1 - r^2)^2 / (n - 1)` (metafor: COR, vtype LS).

    For pooling prefer `zcor`: this variance depends on r itself.
    """
    ri, ni = arrays(ri, ni)
    check_r(ri)
    check_n(ni)
    return EffectSize(ri, (1 - ri**2) ** 2 / (ni - 1))


def zcor(ri: ArrayLike, ni: ArrayLike) -> EffectSize:
    """Fisher's z of a correlation, `atanh(r)`, with variance `1 / (n - 3)`: Fisher (1921, Metron 1, 3-32).

    Raises ValueError where |r| >= 1 (z is infinite) or n <= 3 (no variance).
    """
    ri, ni = arrays(ri, ni)
    check_r(ri)
    refuse(ni <= 3, "Fisher z needs n > 3: with fewer it has no sampling variance")
    return EffectSize(np.arctanh(ri), 1 / (ni - 3))


def r_from_t(ti: ArrayLike, df: ArrayLike) -> Array:
    """Correlation whose test has statistic `ti` on `df` degrees of freedom: `t / sqrt(t^2 + df)` (zero order: df = n - 2)."""
    ti, df = arrays(ti, df)
    refuse(df <= 0, "a correlation test needs at least 1 degree of freedom")
    return ti / np.sqrt(ti**2 + df)
