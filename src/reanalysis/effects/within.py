"""Contrasts of two conditions measured on the same people. Positive means: higher in condition 1.

`ri` is the correlation of the two conditions; `pre_post_r` finds or assumes it.
"""

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.effects.association import unbiased_r
from reanalysis.effects.between import check_positive_means
from reanalysis.effects.effectsize import (
    Array,
    Contrast,
    EffectSize,
    Vtype,
    arrays,
    check_n,
    check_r,
    check_sd,
    standardized,
    standardized_from_t,
)


def paired(ni: ArrayLike) -> Contrast:
    """A within-person contrast standardized by the SD of the differences."""
    (ni,) = arrays(ni)
    check_n(ni, least=3)
    return Contrast(1 / ni, ni - 1, ni)


def paired_raw(ni: ArrayLike, ri: ArrayLike) -> Contrast:
    """A within-person contrast standardized by the SD of one condition, variances of the two taken to be equal."""
    ni, ri = arrays(ni, ri)
    check_n(ni, least=3)
    check_r(ri, "the correlation of the two conditions")
    return Contrast(2 * (1 - ri) / ni, ni - 1, ni)


def sd_change(sd1i: ArrayLike, sd2i: ArrayLike, ri: ArrayLike) -> Array:
    """SD of the within-person differences from the SDs of the two conditions and their correlation."""
    sd1i, sd2i, ri = arrays(sd1i, sd2i, ri)
    check_sd(sd1i, sd2i)
    check_r(ri, "the correlation of the two conditions")
    return np.sqrt(sd1i**2 + sd2i**2 - 2 * ri * sd1i * sd2i)


def mc(m1i: ArrayLike, m2i: ArrayLike, sd1i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike) -> EffectSize:
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
    correct: bool = True,
) -> EffectSize:
    """Mean change standardized by the SD of the change, "d_z" (metafor: SMCC).

    Its size depends on `ri`, so it is not on the scale of a two-group g: never pool it with `smcr` or `smd`.
    """
    di = np.subtract(m1i, m2i) / sd_change(sd1i, sd2i, ri)
    return smcc_from_d(di, ni, vtype=vtype, correct=correct)


def smcc_from_d(di: ArrayLike, ni: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True) -> EffectSize:
    """Corrected d_z from the uncorrected one, variances as in `standardized` with c = 1/n.

    Gibbons, Hedeker & Davis (1993, J. Educ. Stat. 18, 271-279, eq. 21), with n in place of n - 1 as in metafor.
    """
    di, ni = arrays(di, ni)
    return standardized(di, paired(ni), vtype=vtype, correct=correct)


def smcc_from_t(ti: ArrayLike, ni: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True) -> EffectSize:
    """Corrected d_z from a paired t: `d = t / sqrt(n)`."""
    ti, ni = arrays(ti, ni)
    return standardized_from_t(ti, paired(ni), vtype=vtype, correct=correct)


def smcr(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    ni: ArrayLike,
    ri: ArrayLike,
    *,
    vtype: Vtype = "LS",
    correct: bool = True,
) -> EffectSize:
    """Mean change standardized by the SD `sd1i` of one condition: raw score metric (metafor: SMCR).

    Of a drug against a control condition, `sd1i` is the SD under the control condition.
    """
    m1i, m2i, sd1i, ni, ri = arrays(m1i, m2i, sd1i, ni, ri)
    check_sd(sd1i)
    return smcr_from_d((m1i - m2i) / sd1i, ni, ri, vtype=vtype, correct=correct)


def smcr_from_d(
    di: ArrayLike, ni: ArrayLike, ri: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True
) -> EffectSize:
    """Corrected raw-score standardized change, variances as in `standardized` with c = 2 (1 - r) / n.

    Becker (1988, Br. J. Math. Stat. Psychol. 41, 257-278, eq. 13). For vtype UB, r is replaced by its unbiased
    estimate, as metafor does. Equal variances in the two conditions are assumed; `smcrh` does not. The Cochrane
    Handbook (5.1, 16.4.6.2) has another variance: `2 (1 - r) (1/n + d^2 / (2n))`.
    """
    di, ni, ri = arrays(di, ni, ri)
    contrast = paired_raw(ni, ri)
    if vtype == "UB":
        contrast = contrast._replace(error=2 * (1 - unbiased_r(ri, ni)) / ni)
    return standardized(di, contrast, vtype=vtype, correct=correct)


def smcr_from_t(
    ti: ArrayLike, ni: ArrayLike, ri: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True
) -> EffectSize:
    """Raw-score standardized change from a paired t, taking equal SDs: `d = t sqrt(2 (1 - r) / n)`.

    Morris & DeShon (2002, Psychol. Methods 7, 105-125).
    """
    ti, ni, ri = arrays(ti, ni, ri)
    return smcr_from_d(ti * np.sqrt(paired_raw(ni, ri).error), ni, ri, vtype=vtype, correct=correct)


def smcrh(m1i: ArrayLike, m2i: ArrayLike, sd1i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike) -> EffectSize:
    """`smcr` (standardized by `sd1i`) with variances not assumed equal in the two conditions (metafor: SMCRH).

    Bonett (2008, Psychol. Methods 13, 99-109, eq. 13), n - 1 denominators as in metafor 5.
    """
    m1i, m2i, sd1i, sdd, ni = arrays(m1i, m2i, sd1i, sd_change(sd1i, sd2i, ri), ni)
    check_n(ni, least=3)
    contrast = Contrast((sdd / sd1i) ** 2 / (ni - 1), ni - 1, ni - 1)
    return standardized((m1i - m2i) / sd1i, contrast)


def smcrp(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    sd2i: ArrayLike,
    ni: ArrayLike,
    ri: ArrayLike,
    *,
    correct: bool = True,
) -> EffectSize:
    """Mean change standardized by the root of the average variance of the two conditions (metafor: SMCRP).

    That standardizer has `2 (n - 1) / (1 + r^2)` degrees of freedom: Cousineau (2020, Quant. Methods Psychol. 16,
    418-421). Variance `2 (1 - r) / n + y^2 (1 + r^2) / (4n)`.
    """
    m1i, m2i, sd1i, sd2i, ni, ri = arrays(m1i, m2i, sd1i, sd2i, ni, ri)
    check_n(ni, least=3)
    check_sd(sd1i, sd2i)
    check_r(ri, "the correlation of the two conditions")
    contrast = Contrast(2 * (1 - ri) / ni, 2 * (ni - 1) / (1 + ri**2), 2 * ni / (1 + ri**2))
    return standardized((m1i - m2i) / np.sqrt((sd1i**2 + sd2i**2) / 2), contrast, correct=correct)


def romc(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    sd2i: ArrayLike,
    ni: ArrayLike,
    ri: ArrayLike,
    *,
    correct: bool = True,
) -> EffectSize:
    """Log ratio of the means of two conditions in the same people (metafor: ROMC).

    Lajeunesse (2011, Ecology 92, 2049-2055, eq. 6); second-order correction as in `rom`.
    """
    m1i, m2i, sd1i, sd2i, ni, ri = arrays(m1i, m2i, sd1i, sd2i, ni, ri)
    check_n(ni)
    check_sd(sd1i, sd2i)
    check_r(ri, "the correlation of the two conditions")
    check_positive_means(m1i, m2i)
    cv1, cv2 = sd1i / m1i, sd2i / m2i
    yi = np.log(m1i / m2i) + correct * (cv1**2 - cv2**2) / (2 * ni)
    return EffectSize(yi, (cv1**2 + cv2**2 - 2 * ri * cv1 * cv2) / ni)


def vrc(sd1i: ArrayLike, sd2i: ArrayLike, ni: ArrayLike, ri: ArrayLike) -> EffectSize:
    """Log ratio of the SDs of two conditions in the same people, variance `(1 - r^2) / (n - 1)` (metafor: VRC).

    Senior, Viechtbauer & Nakagawa (2020, Res. Synth. Methods 11, 553-567, eq. 8 and 21).
    """
    sd1i, sd2i, ni, ri = arrays(sd1i, sd2i, ni, ri)
    check_n(ni)
    check_sd(sd1i, sd2i)
    check_r(ri, "the correlation of the two conditions")
    return EffectSize(np.log(sd1i / sd2i), (1 - ri**2) / (ni - 1))


def cvrc(
    m1i: ArrayLike,
    m2i: ArrayLike,
    sd1i: ArrayLike,
    sd2i: ArrayLike,
    ni: ArrayLike,
    ri: ArrayLike,
    *,
    correct: bool = True,
) -> EffectSize:
    """Log ratio of the coefficients of variation of two conditions: `vrc` minus `romc` (metafor: CVRC)."""
    spread = vrc(sd1i, sd2i, ni, ri)
    ratio = romc(m1i, m2i, sd1i, sd2i, ni, ri, correct=correct)
    return EffectSize(spread.yi - ratio.yi, spread.vi + ratio.vi)
