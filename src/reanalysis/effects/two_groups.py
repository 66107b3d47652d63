"""Contrasts of two independent groups on a quantitative outcome. Positive means: higher in group 1."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .effectsize import (
    Array,
    EffectSize,
    arrays,
    check_n,
    check_sd,
    hedges_j,
    unbiased_square,
    weighted_mean,
)

Vtype = Literal["LS", "LS2", "UB", "AV"]


def pooled_sd(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> Array:
    """Square root of the pooled within-group variance (n - 1 denominators), in the unit of the SDs."""
    sd1i, n1i, sd2i, n2i = arrays(sd1i, n1i, sd2i, n2i)
    check_n(n1i, n2i)
    check_sd(sd1i, sd2i)
    return np.sqrt(((n1i - 1) * sd1i**2 + (n2i - 1) * sd2i**2) / (n1i + n2i - 2))


def md(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> EffectSize:
    """Raw mean difference `m1i - m2i` with variances not assumed equal (metafor: MD, vtype LS).

    In the unit of the outcome, so not to be pooled across assays.
    """
    m1i, sd1i, n1i, m2i, sd2i, n2i = arrays(m1i, sd1i, n1i, m2i, sd2i, n2i)
    check_n(n1i, n2i)
    check_sd(sd1i, sd2i)
    return EffectSize(m1i - m2i, sd1i**2 / n1i + sd2i**2 / n2i)


def smd(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    *,
    vtype: Vtype = "LS",
    correct: bool = True,
) -> EffectSize:
    """Standardized mean difference by the pooled SD: Hedges' g, or Cohen's d with `correct=False`.

    Variances as in `smd_from_d`. Raises ValueError on groups under 2 or SDs that are not positive.
    """
    sd = pooled_sd(sd1i, n1i, sd2i, n2i)
    di = (np.asarray(m1i, dtype=float) - np.asarray(m2i, dtype=float)) / sd
    return smd_from_d(di, n1i, n2i, vtype=vtype, correct=correct)


def smd_from_d(
    di: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True
) -> EffectSize:
    """Hedges' g from uncorrected Cohen's `di` (metafor: SMD), with m = n1 + n2 - 2 and g = J(m) d.

    `vtype` names the variance as metafor's `escalc` does:
    LS   `1/n1 + 1/n2 + g^2 / (2 (n1 + n2))`, Hedges (1982, Psychol. Bull. 92, 490-499);
    LS2  `J^2 (1/n1 + 1/n2 + d^2 / (2 (n1 + n2)))`, Borenstein et al. (2009, Introduction to Meta-Analysis, ch. 4);
    UB   unbiased, Hedges (1983, Psychol. Bull. 93, 388-395);
    AV   LS with the mean of all g (weighted by n) in place of each: weights that do not depend on the effects,
         Lin & Aloe (2021, Stat. Med. 40, 403-426). It depends on which rows are passed together.
    `correct=False` returns d itself, with d in place of g (and J = 1).
    """
    di, n1i, n2i = arrays(di, n1i, n2i)
    check_n(n1i, n2i, least=1)
    total, m = n1i + n2i, n1i + n2i - 2
    j = hedges_j(m) if correct else np.ones_like(m)
    yi, error = j * di, 1 / n1i + 1 / n2i
    match vtype:
        case "LS":
            vi = error + yi**2 / (2 * total)
        case "LS2":
            vi = j**2 * (error + di**2 / (2 * total))
        case "UB":
            vi = error + unbiased_square(yi, m, j)
        case "AV":
            vi = error + weighted_mean(yi, total) ** 2 / (2 * total)
        case _:
            raise ValueError(f"vtype must be LS, LS2, UB or AV, not {vtype!r}")
    return EffectSize(yi, vi)


def smd_from_t(
    ti: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True
) -> EffectSize:
    """Hedges' g from the t of two independent groups with a pooled variance: `d = t sqrt(1/n1 + 1/n2)`.

    The sign of `ti` is the sign of the result. Cooper, Hedges & Valentine (2019, Handbook of Research Synthesis, ch. 11).
    """
    ti, n1i, n2i = arrays(ti, n1i, n2i)
    check_n(n1i, n2i, least=1)
    return smd_from_d(ti * np.sqrt(1 / n1i + 1 / n2i), n1i, n2i, vtype=vtype, correct=correct)
