"""Contrasts of two conditions measured on the same people. Positive means: higher in condition 1."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from .effectsize import (
    Array,
    EffectSize,
    arrays,
    check_n,
    check_r,
    check_sd,
    hedges_j,
    unbiased_square,
)

Vtype = Literal["LS", "UB"]


def sd_change(sd1i: ArrayLike, sd2i: ArrayLike, ri: ArrayLike) -> Array:
    """SD of the within-person difference from the two SDs and their correlation `ri`."""
    sd1i, sd2i, ri = arrays(sd1i, sd2i, ri)
    check_sd(sd1i, sd2i)
    check_r(ri, "the correlation of the two conditions")
    return np.sqrt(sd1i**2 + sd2i**2 - 2 * ri * sd1i * sd2i)


def mc(
    m1i: ArrayLike, m2i: ArrayLike, sd1i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike
) -> EffectSize:
    """Raw mean change `m1i - m2i`, in the unit of the outcome (metafor: MC)."""
    m1i, m2i, sdd, ni = arrays(m1i, m2i, sd_change(sd1i, sd2i, ri), ni)
    check_n(ni)
    return EffectSize(m1i - m2i, sdd**2 / ni)


def smcc(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    sd2i: ArrayLike,
    ni: ArrayLike,
    ri: ArrayLike,
    *,
    vtype: Vtype = "LS",
) -> EffectSize:
    """Mean change standardized by the SD of the change (d_z; metafor: SMCC). See `smcc_from_d`.

    Not on the scale of a two-group g: its size depends on `ri`. Never pool it with `smcr` or `smd`.
    """
    return smcc_from_d((np.asarray(m1i, float) - m2i) / sd_change(sd1i, sd2i, ri), ni, vtype=vtype)


def smcc_from_d(di: ArrayLike, ni: ArrayLike, *, vtype: Vtype = "LS") -> EffectSize:
    """Corrected d_z from the uncorrected one, `J(n - 1) d`, variance `1/n + y^2 / (2n)` (LS) or unbiased (UB).

    Gibbons, Hedeker & Davis (1993, J. Educ. Stat. 18, 271-279).
    """
    di, ni = arrays(di, ni)
    return _standardized_change(di, ni, 1 / ni, vtype)


def smcc_from_t(ti: ArrayLike, ni: ArrayLike, *, vtype: Vtype = "LS") -> EffectSize:
    """Corrected d_z from a paired t: `d = t / sqrt(n)`."""
    ti, ni = arrays(ti, ni)
    return smcc_from_d(ti / np.sqrt(ni), ni, vtype=vtype)


def smcr(
    m1i: ArrayLike, m2i: ArrayLike, sd1i: ArrayLike, ni: ArrayLike, ri: ArrayLike, *, vtype: Vtype = "LS"
) -> EffectSize:
    """Mean change standardized by the SD `sd1i` of one condition (raw score metric; metafor: SMCR).

    For OXT against placebo `sd1i` is the SD under placebo. See `smcr_from_d`.
    """
    check_sd(np.asarray(sd1i, float))
    return smcr_from_d((np.asarray(m1i, float) - m2i) / np.asarray(sd1i, float), ni, ri, vtype=vtype)


def smcr_from_d(di: ArrayLike, ni: ArrayLike, ri: ArrayLike, *, vtype: Vtype = "LS") -> EffectSize:
    """Corrected raw-score standardized change, `J(n - 1) d`, variance `2 (1 - r) / n + y^2 / (2n)` (LS) or unbiased.

    Becker (1988, Br. J. Math. Stat. Psychol. 41, 257-278, eq. 13). Assumes equal variances in the two conditions;
    `smcrh` does not. The Cochrane Handbook (5.1, 16.4.6.2) instead uses `2 (1 - r) (1/n + d^2 / (2n))`.
    """
    di, ni, ri = arrays(di, ni, ri)
    check_r(ri, "the correlation of the two conditions")
    return _standardized_change(di, ni, 2 * (1 - ri) / ni, vtype)


def smcr_from_t(ti: ArrayLike, ni: ArrayLike, ri: ArrayLike, *, vtype: Vtype = "LS") -> EffectSize:
    """Raw-score standardized change from a paired t, taking equal SDs: `d = t sqrt(2 (1 - r) / n)`.

    Morris & DeShon (2002, Psychol. Methods 7, 105-125, table 2).
    """
    ti, ni, ri = arrays(ti, ni, ri)
    return smcr_from_d(ti * np.sqrt(2 * (1 - ri) / ni), ni, ri, vtype=vtype)


def _standardized_change(di: Array, ni: Array, error: Array, vtype: str) -> EffectSize:
    check_n(ni, least=3)
    m = ni - 1
    j = hedges_j(m)
    yi = j * di
    match vtype:
        case "LS":
            return EffectSize(yi, error + yi**2 / (2 * ni))
        case "UB":
            return EffectSize(yi, error + unbiased_square(yi, m, j))
    raise ValueError(f"vtype must be LS or UB, not {vtype!r}")
