"""From the statistics that papers report to the inputs of the effect sizes."""

import numpy as np
from numpy.typing import ArrayLike

from ..numeric import norm_ppf, t_ppf
from .effectsize import Array, arrays, refuse


def t_from_p(pi: ArrayLike, df: ArrayLike) -> Array:
    """|t| whose two-sided p value is `pi` on `df` degrees of freedom; the sign must come from the source.

    Raises ValueError for p outside (0, 1]: a p printed as .000 is a bound (p < .0005), not a value.
    """
    pi, df = arrays(pi, df)
    refuse((pi <= 0) | (pi > 1), "p must lie in (0, 1]; a p printed as .000 is a bound: give p < .0005")
    refuse(df <= 0, "degrees of freedom must be positive")
    return np.abs(t_ppf(pi / 2, df))


def t_from_f(fi: ArrayLike, df1: ArrayLike) -> Array:
    """|t| = sqrt(F) of an F(1, df2); the sign must come from the source.

    Raises ValueError where df1 > 1: such an F tests several contrasts at once and fixes neither the size nor the
    sign of any of them (Cochrane Handbook, 6.5.2).
    """
    fi, df1 = arrays(fi, df1)
    refuse(
        df1 != 1,
        "an F with df1 other than 1 tests several contrasts at once: no single effect follows from it",
    )
    refuse(fi < 0, "F is negative: check the value")
    return np.sqrt(fi)


def sei_from_ci(
    ci_lb: ArrayLike, ci_ub: ArrayLike, level: float = 0.95, df: ArrayLike | None = None
) -> Array:
    """Standard error from a Wald interval on the scale where it is symmetric (log scale for ratios, z for r).

    `df` are the degrees of freedom if the interval used Student's t; None means the normal quantile.
    """
    ci_lb, ci_ub = arrays(ci_lb, ci_ub)
    refuse(ci_ub <= ci_lb, "the upper limit is not above the lower one: check the limits and their order")
    if not 0 < level < 1:
        raise ValueError(f"level is a proportion such as 0.95, not {level}")
    upper = (1 + level) / 2
    return (ci_ub - ci_lb) / (2 * (norm_ppf(upper) if df is None else t_ppf(upper, np.asarray(df, float))))
