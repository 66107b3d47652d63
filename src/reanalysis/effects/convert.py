"""From the statistics that papers report to the inputs of the effect sizes."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.effects.effectsize import Array, EffectSize, arrays, check_n, check_sd, refuse
from reanalysis.numeric import check_level, norm_ppf, t_critical, t_ppf


def t_from_p(pi: ArrayLike, df: ArrayLike) -> Array:
    """|t| whose two-sided p value is `pi` on `df` degrees of freedom (infinite: z); the sign must come from the source.

    Raises ValueError for p outside (0, 1]: a p printed as .000 is a bound (p < .0005), not a value.
    """
    pi, df = np.broadcast_arrays(*arrays(pi), np.asarray(df, dtype=float))
    refuse((pi <= 0) | (pi > 1), "p must lie in (0, 1]; a p printed as .000 is a bound: give p < .0005")
    refuse(df <= 0, "degrees of freedom must be positive")
    return np.abs(t_ppf(pi / 2, df))


def t_from_f(fi: ArrayLike, df1: ArrayLike) -> Array:
    """|t| = sqrt(F) of an F(1, df2); the sign must come from the source.

    Raises ValueError where df1 is not 1: such an F tests several contrasts at once and fixes neither the size nor
    the sign of any of them.
    """
    fi, df1 = arrays(fi, df1)
    refuse(df1 != 1, "an F with df1 other than 1 tests several contrasts at once: no single effect follows from it")
    refuse(fi < 0, "F is negative: check the value")
    return np.sqrt(fi)


def sei_from_ci(ci_lb: ArrayLike, ci_ub: ArrayLike, level: float = 0.95, df: ArrayLike | None = None) -> Array:
    """Standard error from a Wald interval on the scale where it is symmetric (log scale for ratios, z for r).

    `df` are the degrees of freedom if the interval used Student's t; None means the normal quantile.
    """
    ci_lb, ci_ub = arrays(ci_lb, ci_ub)
    refuse(ci_ub <= ci_lb, "the upper limit is not above the lower one: check the limits and their order")
    return (ci_ub - ci_lb) / (2 * t_critical(check_level(level), np.inf if df is None else df))


def effect_from_sei(yi: ArrayLike, sei: ArrayLike) -> EffectSize:
    """An effect reported with its standard error, as it is."""
    yi, sei = arrays(yi, sei)
    refuse(sei <= 0, "a standard error is zero or negative: check it")
    return EffectSize(yi, sei**2)


def effect_from_ci(
    yi: ArrayLike, ci_lb: ArrayLike, ci_ub: ArrayLike, level: float = 0.95, df: ArrayLike | None = None
) -> EffectSize:
    """An effect reported with its interval, on the scale where that is symmetric (take logs of ratios first)."""
    yi, ci_lb, ci_ub = arrays(yi, ci_lb, ci_ub)
    refuse((yi < ci_lb) | (yi > ci_ub), "the estimate lies outside its own interval: check signs and order")
    return effect_from_sei(yi, sei_from_ci(ci_lb, ci_ub, level, df))


def sd_from_sei(sei: ArrayLike, ni: ArrayLike) -> Array:
    """SD of a sample from the standard error of its mean, `SE sqrt(n)`."""
    sei, ni = arrays(sei, ni)
    refuse(sei <= 0, "a standard error is zero or negative: check it")
    check_n(ni)
    return sei * np.sqrt(ni)


def sd_from_ci(ci_lb: ArrayLike, ci_ub: ArrayLike, ni: ArrayLike, level: float = 0.95) -> Array:
    """SD of a sample from the interval of its mean, which is taken to be Student's t on n - 1.

    Cochrane Handbook (version 6, section 6.5.2.2), with the t quantile at every n.
    """
    ci_lb, ci_ub, ni = arrays(ci_lb, ci_ub, ni)
    check_n(ni)
    return sd_from_sei(sei_from_ci(ci_lb, ci_ub, level, df=ni - 1), ni)


class MeanSD(NamedTuple):
    """Mean and SD estimated from quantiles; `skewed` where these contradict a normal distribution at the 5 % level."""

    mi: Array
    sdi: Array
    skewed: np.ndarray


def mean_sd_from_quantiles(
    ni: ArrayLike,
    median: ArrayLike,
    *,
    q1: ArrayLike | None = None,
    q3: ArrayLike | None = None,
    lowest: ArrayLike | None = None,
    highest: ArrayLike | None = None,
) -> MeanSD:
    """Mean and SD of a normal sample from its median with quartiles, range, or both.

    Mean: Luo et al. (2018, Stat. Methods Med. Res. 27, 1785-1805, eq. 7, 11, 15). SD: Wan et al. (2014, BMC Med.
    Res. Methodol. 14, 135, eq. 9 and 16) from one spread, Shi et al. (2020, Res. Synth. Methods 11, 641-654, eq. 10)
    from both. `skewed`: test of Shi et al. (2023, Stat. Methods Med. Res. 32, 1338-1360); where it is true the
    estimates do not hold and the finding needs a log scale or a person's judgement.

    Raises ValueError where n < 5, the quantiles are out of order or have no spread, or neither pair is given.
    """
    pairs = [pair for pair in ((q1, q3), (lowest, highest)) if pair[0] is not None and pair[1] is not None]
    if not pairs:
        raise ValueError("give the quartiles (q1 and q3), the range (lowest and highest), or both")
    ni, median, *ends = arrays(ni, median, *(end for pair in pairs for end in pair))
    check_n(ni, least=5)
    for lower, upper in zip(ends[::2], ends[1::2], strict=True):
        refuse((lower > median) | (median > upper), "the quantiles are not in order: check the columns")
        refuse(lower == upper, "the quantiles are all equal: no spread can be estimated")
    if len(pairs) == 2:
        refuse((ends[2] > ends[0]) | (ends[1] > ends[3]), "the quartiles lie outside the range: check the columns")
        return _from_five(ni, median, *ends)
    return (_from_range if q1 is None or q3 is None else _from_quartiles)(ni, median, *ends)


def _range_width(ni: Array) -> Array:
    """Half the expected range of n standard normals (Blom's approximation)."""
    return norm_ppf((ni - 0.375) / (ni + 0.25))


def _quartile_width(ni: Array) -> Array:
    """Half the expected interquartile range of n standard normals."""
    return norm_ppf((0.75 * ni - 0.125) / (ni + 0.25))


def _asymmetry(median: Array, lower: Array, upper: Array) -> Array:
    return np.abs(lower + upper - 2 * median) / (upper - lower)


def _from_range(ni: Array, median: Array, lowest: Array, highest: Array) -> MeanSD:
    weight = 4 / (4 + ni**0.75)
    mean = weight * (lowest + highest) / 2 + (1 - weight) * median
    skewed = _asymmetry(median, lowest, highest) > 1 / np.log(ni + 9) + 2.5 / (ni + 1)
    return MeanSD(mean, (highest - lowest) / (2 * _range_width(ni)), skewed)


def _from_quartiles(ni: Array, median: Array, q1: Array, q3: Array) -> MeanSD:
    weight = 0.7 + 0.39 / ni
    mean = weight * (q1 + q3) / 2 + (1 - weight) * median
    skewed = _asymmetry(median, q1, q3) > 2.65 / np.sqrt(ni) - 6 / ni**2
    return MeanSD(mean, (q3 - q1) / (2 * _quartile_width(ni)), skewed)


def _from_five(ni: Array, median: Array, q1: Array, q3: Array, lowest: Array, highest: Array) -> MeanSD:
    weight1, weight2 = 2.2 / (2.2 + ni**0.75), 0.7 - 0.72 / ni**0.55
    mean = weight1 * (lowest + highest) / 2 + weight2 * (q1 + q3) / 2 + (1 - weight1 - weight2) * median
    weight = 1 / (1 + 0.07 * ni**0.6)
    sd = weight * (highest - lowest) / (2 * _range_width(ni)) + (1 - weight) * (q3 - q1) / (2 * _quartile_width(ni))
    range_part = 2.65 * np.log(0.6 * ni) / np.sqrt(ni) * _asymmetry(median, lowest, highest)
    statistic = np.maximum(range_part, _asymmetry(median, q1, q3))
    return MeanSD(mean, sd, statistic > 3 / np.sqrt(ni) - 40 / ni**3)


class PrePostR(NamedTuple):
    """Correlation of two conditions in the same people, where it came from, and the values to try in its place."""

    ri: float
    source: Literal["recovered", "borrowed", "assumed"]
    grid: tuple[float, ...]


def pre_post_r(
    *,
    ni: float | None = None,
    m1i: float | None = None,
    m2i: float | None = None,
    sd1i: float | None = None,
    sd2i: float | None = None,
    sd_diff: float | None = None,
    ci_diff: tuple[float, float] | None = None,
    ti: float | None = None,
    pi: float | None = None,
    level: float = 0.95,
    borrowed: float | None = None,
    assumed: Sequence[float] = (0.5, 0.2, 0.8),
) -> PrePostR:
    """The correlation of two conditions for one finding: recovered from what it reports, else borrowed, else assumed.

    Recovered from the two SDs and the SD of the differences, `r = (sd1^2 + sd2^2 - sdd^2) / (2 sd1 sd2)`. The latter
    is taken as reported (`sd_diff`), or from the interval of the mean difference (`ci_diff`, t on n - 1), or from the
    paired t (or its exact two-sided p) and the means: Cochrane Handbook (version 6, sections 6.5.2.8 and 23.2.7).
    `borrowed` is the correlation of a like study. `assumed` is a grid whose first value is used. A recovered or
    borrowed r has itself alone as its grid.

    Raises ValueError if the recovered value is not between -1 and 1: then the numbers contradict one another.
    """
    sdd = _sd_of_differences(ni, m1i, m2i, sd_diff, ci_diff, ti, pi, level)
    if sdd is not None and sd1i is not None and sd2i is not None:
        ri = float(r_from_sd_change(sd1i, sd2i, sdd))
        return PrePostR(ri, "recovered", (ri,))
    if borrowed is not None:
        return PrePostR(borrowed, "borrowed", (borrowed,))
    return PrePostR(assumed[0], "assumed", tuple(assumed))


def r_from_sd_change(sd1i: ArrayLike, sd2i: ArrayLike, sd_diff: ArrayLike) -> Array:
    """Correlation of two conditions from their SDs and the SD of the within-person differences."""
    sd1i, sd2i, sd_diff = arrays(sd1i, sd2i, sd_diff)
    check_sd(sd1i, sd2i, sd_diff)
    ri = (sd1i**2 + sd2i**2 - sd_diff**2) / (2 * sd1i * sd2i)
    refuse(
        np.abs(ri) >= 1,
        "no correlation fits these SDs: the SD of the differences contradicts them (an SE in place of an SD?)",
    )
    return ri


def _sd_of_differences(ni, m1i, m2i, sd_diff, ci_diff, ti, pi, level) -> float | None:
    if sd_diff is not None:
        return sd_diff
    if ni is None:
        return None
    if ci_diff is not None:
        return float(sd_from_ci(*ci_diff, ni, level))
    if ti is None and pi is not None:
        ti = float(t_from_p(pi, ni - 1))
    if not ti or m1i is None or m2i is None or m1i == m2i:  # a t of 0 fits any SD
        return None
    return abs(m1i - m2i) * np.sqrt(ni) / abs(ti)
