"""Contrasts of two independent groups on a quantitative outcome. Positive means: higher in group 1.

Those that start from means take `m1i, sd1i, n1i, m2i, sd2i, n2i`, so that one finding can go through any of them.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.effects.effectsize import (
    Array,
    Contrast,
    EffectSize,
    Vtype,
    arrays,
    check_n,
    check_sd,
    hedges_j,
    in_blocks,
    refuse,
    standardized,
    standardized_from_t,
    weighted_mean,
)


def two_groups(n1i: ArrayLike, n2i: ArrayLike) -> Contrast:
    """The contrast of two independent groups by their pooled SD."""
    n1i, n2i = arrays(n1i, n2i)
    check_n(n1i, n2i, least=1)
    return _two_groups(n1i, n2i)


def _two_groups(n1i: Array, n2i: Array) -> Contrast:
    return Contrast(1 / n1i + 1 / n2i, n1i + n2i - 2, n1i + n2i)


def pooled_sd(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> Array:
    """Square root of the pooled within-group variance (n - 1 denominators), in the unit of the SDs."""
    sd1i, n1i, sd2i, n2i = arrays(sd1i, n1i, sd2i, n2i)
    _check(sd1i, n1i, sd2i, n2i)
    return _pooled_sd(sd1i, n1i, sd2i, n2i)


def _pooled_sd(sd1i: Array, n1i: Array, sd2i: Array, n2i: Array) -> Array:
    return np.sqrt(((n1i - 1) * sd1i**2 + (n2i - 1) * sd2i**2) / (n1i + n2i - 2))


def md(m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> EffectSize:
    """Raw mean difference in the unit of the outcome, variances not assumed equal (metafor: MD, vtype LS)."""
    m1i, sd1i, n1i, m2i, sd2i, n2i = arrays(m1i, sd1i, n1i, m2i, sd2i, n2i)
    _check(sd1i, n1i, sd2i, n2i)
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
    """Standardized mean difference by the pooled SD: Hedges' g, or Cohen's d with `correct=False` (metafor: SMD).

    Raises ValueError on groups under 2 or SDs that are not positive.
    """
    columns = m1i, sd1i, n1i, m2i, sd2i, n2i = arrays(m1i, sd1i, n1i, m2i, sd2i, n2i)
    _check(sd1i, n1i, sd2i, n2i)

    def rowwise(m1i, sd1i, n1i, m2i, sd2i, n2i) -> EffectSize:
        di = (m1i - m2i) / _pooled_sd(sd1i, n1i, sd2i, n2i)
        return standardized(di, _two_groups(n1i, n2i), vtype=vtype, correct=correct)

    return rowwise(*columns) if vtype == "AV" else in_blocks(rowwise, *columns)


def smd_from_d(
    di: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True
) -> EffectSize:
    """Hedges' g from uncorrected Cohen's `di`; variances as in `standardized`, with c = 1/n1 + 1/n2."""
    di, n1i, n2i = arrays(di, n1i, n2i)
    return standardized(di, two_groups(n1i, n2i), vtype=vtype, correct=correct)


def smd_from_g(gi: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, vtype: Vtype = "LS") -> EffectSize:
    """Hedges' g and its variance from a reported g, taken to be corrected exactly, and the group sizes."""
    gi, n1i, n2i = arrays(gi, n1i, n2i)
    return smd_from_d(gi / hedges_j(n1i + n2i - 2), n1i, n2i, vtype=vtype)


def smd_from_t(
    ti: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, *, vtype: Vtype = "LS", correct: bool = True
) -> EffectSize:
    """Hedges' g from the t of two independent groups with a pooled variance: `d = t sqrt(1/n1 + 1/n2)`.

    The sign of `ti` is the sign of the result. Cochrane Handbook (version 6, section 6.5.2.3).
    """
    ti, n1i, n2i = arrays(ti, n1i, n2i)
    return standardized_from_t(ti, two_groups(n1i, n2i), vtype=vtype, correct=correct)


def smd_from_adjusted_t(
    ti: ArrayLike, n1i: ArrayLike, n2i: ArrayLike, r2i: ArrayLike, n_covariates: ArrayLike
) -> EffectSize:
    """Hedges' g from the t (or sqrt F) of two groups in an analysis of covariance.

    `r2i` is the squared (multiple) correlation of the covariates with the outcome within groups: it returns the
    residual SD to the SD of the outcome, and without it such a t has no g. `d = t sqrt(c) sqrt(1 - R^2)`: Borenstein
    & Hedges (2019, in The Handbook of Research Synthesis and Meta-Analysis, 3rd ed., ch. 11). Variance as LS in
    `standardized`, `c (1 - R^2) + g^2 / (2n)`.
    """
    ti, n1i, n2i, r2i, n_covariates = arrays(ti, n1i, n2i, r2i, n_covariates)
    refuse((r2i < 0) | (r2i >= 1), "the R^2 of the covariates must lie in [0, 1)")
    error, df, total = two_groups(n1i, n2i)
    return standardized_from_t(ti, Contrast(error * (1 - r2i), df - n_covariates, total))


def smd_from_beta(
    bi: ArrayLike, sdi: ArrayLike | None, n1i: ArrayLike, n2i: ArrayLike, *, vtype: Vtype = "LS"
) -> EffectSize:
    """Hedges' g from the coefficient `bi` of a 0/1 group variable and the pooled within-group SD of the outcome.

    Lipsey & Wilson (2001, Practical Meta-Analysis). Raises ValueError without that SD: a coefficient with only its
    standard error is on the scale of the outcome, or of a residual whose size is not known. Such a coefficient still
    gives a partial correlation: `pcor(r_from_t(bi / sei, df), ...)`.
    """
    if sdi is None:
        raise ValueError(
            "a regression coefficient can only be standardized by the within-group SD of the outcome, which is "
            "missing; enter t = beta / SE as a partial correlation instead"
        )
    bi, sdi, n1i, n2i = arrays(bi, sdi, n1i, n2i)
    check_sd(sdi)
    return smd_from_d(bi / sdi, n1i, n2i, vtype=vtype)


def smdh(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    *,
    correct: bool = True,
) -> EffectSize:
    """Standardized mean difference by the root of the average variance, variances not assumed equal.

    Bonett (2008, Psychol. Methods 13, 99-109, eq. 8), n - 1 denominators and J(n1 + n2 - 2) as in metafor 5 (SMDH).
    """
    m1i, sd1i, n1i, m2i, sd2i, n2i = arrays(m1i, sd1i, n1i, m2i, sd2i, n2i)
    _check(sd1i, n1i, sd2i, n2i)
    var = (sd1i**2 + sd2i**2) / 2
    error = (sd1i**2 / (n1i - 1) + sd2i**2 / (n2i - 1)) / var
    total = 4 * var**2 / (sd1i**4 / (n1i - 1) + sd2i**4 / (n2i - 1))
    return standardized((m1i - m2i) / np.sqrt(var), Contrast(error, n1i + n2i - 2, total), correct=correct)


def smd1(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> EffectSize:
    """Glass' delta: the difference standardized by the SD of group 2, the controls (metafor: SMD1).

    Glass (1976, Educ. Res. 5, 3-8), Hedges (1981). Equal population variances are assumed, so `sd1i` has no part
    in it; `smd1h` does without that assumption.
    """
    m1i, n1i, m2i, sd2i, n2i = arrays(m1i, n1i, m2i, sd2i, n2i)
    _check(sd2i, n1i, sd2i, n2i)
    return standardized((m1i - m2i) / sd2i, Contrast(1 / n1i + 1 / n2i, n2i - 1, n2i))


def smd1h(
    m1i: ArrayLike, sd1i: ArrayLike, n1i: ArrayLike, m2i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike
) -> EffectSize:
    """Glass' delta with variances not assumed equal: Bonett (2008, eq. 12), n - 1 denominators (metafor 5: SMD1H)."""
    m1i, sd1i, n1i, m2i, sd2i, n2i = arrays(m1i, sd1i, n1i, m2i, sd2i, n2i)
    _check(sd1i, n1i, sd2i, n2i)
    error = (sd1i / sd2i) ** 2 / (n1i - 1) + 1 / (n2i - 1)
    return standardized((m1i - m2i) / sd2i, Contrast(error, n2i - 1, n2i - 1))


def rom(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    *,
    vtype: Literal["LS", "AV"] = "LS",
    correct: bool = True,
) -> EffectSize:
    """Log ratio of means, for outcomes with a true zero (metafor: ROM); exp(yi) is the ratio.

    With the second-order bias correction `(cv1^2 / n1 - cv2^2 / n2) / 2` of Lajeunesse (2015, Ecology 96,
    2056-2063, eq. 8), which metafor 5 applies by default; `correct=False` is the plain log ratio. Variance (LS)
    `cv1^2 / n1 + cv2^2 / n2`: Hedges, Gurevitch & Curtis (1999, Ecology 80, 1150-1156, eq. 1). AV replaces each
    coefficient of variation by its mean over all rows (weighted by n), which is steadier where n is small:
    Nakagawa et al. (2023, Ecol. Lett. 26, 232-244). Raises ValueError on means that are not positive.
    """
    m1i, sd1i, n1i, m2i, sd2i, n2i = arrays(m1i, sd1i, n1i, m2i, sd2i, n2i)
    _check(sd1i, n1i, sd2i, n2i)
    check_positive_means(m1i, m2i)
    cv1, cv2 = sd1i / m1i, sd2i / m2i
    yi = np.log(m1i / m2i) + correct * (cv1**2 / n1i - cv2**2 / n2i) / 2
    match vtype:
        case "LS":
            return EffectSize(yi, cv1**2 / n1i + cv2**2 / n2i)
        case "AV":
            return EffectSize(yi, weighted_mean(cv1, n1i) ** 2 / n1i + weighted_mean(cv2, n2i) ** 2 / n2i)
    raise ValueError(f"vtype must be LS or AV, not {vtype!r}")


def vr(sd1i: ArrayLike, n1i: ArrayLike, sd2i: ArrayLike, n2i: ArrayLike) -> EffectSize:
    """Log variability ratio, `log(sd1 / sd2)` corrected for bias (metafor: VR); for normal data.

    Nakagawa et al. (2015, Methods Ecol. Evol. 6, 143-152, eq. 9).
    """
    sd1i, n1i, sd2i, n2i = arrays(sd1i, n1i, sd2i, n2i)
    _check(sd1i, n1i, sd2i, n2i)
    half1, half2 = 1 / (2 * (n1i - 1)), 1 / (2 * (n2i - 1))
    return EffectSize(np.log(sd1i / sd2i) + half1 - half2, half1 + half2)


def cvr(
    m1i: ArrayLike,
    sd1i: ArrayLike,
    n1i: ArrayLike,
    m2i: ArrayLike,
    sd2i: ArrayLike,
    n2i: ArrayLike,
    *,
    correct: bool = True,
) -> EffectSize:
    """Log ratio of the coefficients of variation: `vr` minus `rom`, variances added (metafor: CVR).

    Nakagawa et al. (2015, eq. 12, without the correlation of mean and SD: they are independent in normal data);
    second-order correction as in Senior, Viechtbauer & Nakagawa (2020, Res. Synth. Methods 11, 553-567, eq. 6).
    """
    spread = vr(sd1i, n1i, sd2i, n2i)
    ratio = rom(m1i, sd1i, n1i, m2i, sd2i, n2i, correct=correct)
    return EffectSize(spread.yi - ratio.yi, spread.vi + ratio.vi)


def check_positive_means(*means: Array) -> None:
    """Refuse means that have no logarithm."""
    for mean in means:
        refuse(mean <= 0, "a mean is zero or negative: a ratio of means needs an outcome with a true zero")


def _check(sd1i: Array, n1i: Array, sd2i: Array, n2i: Array) -> None:
    check_n(n1i, n2i)
    check_sd(sd1i, sd2i)
