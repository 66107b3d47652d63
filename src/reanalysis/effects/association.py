"""Correlations: raw, unbiased, Fisher z, partial and semi-partial."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import hyp2f1

from reanalysis.effects.effectsize import Array, EffectSize, arrays, check_n, check_r, refuse, weighted_mean


def cor(ri: ArrayLike, ni: ArrayLike, *, vtype: Literal["LS", "AV"] = "LS") -> EffectSize:
    """Pearson correlation with its large-sample variance `(1 - r^2)^2 / (n - 1)` (metafor: COR).

    AV puts the mean r of all rows (weighted by n) into the variance. For pooling prefer `zcor`.
    """
    ri, ni = arrays(ri, ni)
    check_r(ri)
    check_n(ni)
    return EffectSize(ri, _large_sample_variance(ri, ni, vtype))


def unbiased_r(ri: ArrayLike, ni: ArrayLike) -> Array:
    """Unbiased estimate of the correlation, `r F(1/2, 1/2; (n-2)/2; 1 - r^2)`.

    Olkin & Pratt (1958, Ann. Math. Stat. 29, 201-211, eq. 2.3). Raises ValueError where n < 5: at 4 the
    function is infinite at r = 0.
    """
    ri, ni = arrays(ri, ni)
    check_r(ri)
    check_n(ni, least=5)
    return ri * _hyp2f1(0.5, (ni - 2) / 2, 1 - ri**2)


def ucor(ri: ArrayLike, ni: ArrayLike, *, vtype: Literal["LS", "UB", "AV"] = "LS") -> EffectSize:
    """Correlation corrected for its bias (metafor: UCOR).

    vtype LS and AV as in `cor`, with the corrected value; UB is unbiased: Hedges (1989, J. Appl. Psychol. 74,
    469-477), with the exact estimate of the squared correlation of Olkin & Pratt (1958).
    """
    ri, ni = arrays(ri, ni)
    yi = unbiased_r(ri, ni)
    if vtype != "UB":
        return EffectSize(yi, _large_sample_variance(yi, ni, vtype))
    rho2 = 1 - (ni - 3) / (ni - 2) * (1 - ri**2) * _hyp2f1(1, ni / 2, 1 - ri**2)
    return EffectSize(yi, yi**2 - rho2)


def zcor(ri: ArrayLike, ni: ArrayLike, *, kind: Literal["pearson", "spearman"] = "pearson") -> EffectSize:
    """Fisher's z of a correlation, `atanh(r)`, with variance `1 / (n - 3)`: Fisher (1921, Metron 1, 3-32).

    A Spearman correlation has variance `(1 + r^2 / 2) / (n - 3)`: Bonett & Wright (2000, Psychometrika 65, 23-28).
    Raises ValueError where |r| >= 1 (z is infinite) or n <= 3 (no variance).
    """
    ri, ni = arrays(ri, ni)
    if kind not in ("pearson", "spearman"):
        raise ValueError(f"kind must be pearson or spearman, not {kind!r}")
    z = zpcor(ri, ni, 1)
    return EffectSize(z.yi, z.vi * (1 + ri**2 / 2)) if kind == "spearman" else z


def r_from_t(ti: ArrayLike, df: ArrayLike) -> Array:
    """Correlation whose test is t on `df` degrees of freedom, `t / sqrt(t^2 + df)`.

    A zero-order correlation has df = n - 2; a partial one, or a regression coefficient, the residual df.
    """
    ti, df = arrays(ti, df)
    refuse(df <= 0, "the test of a correlation needs at least 1 degree of freedom")
    return ti / np.sqrt(ti**2 + df)


def pcor(ri: ArrayLike, ni: ArrayLike, mi: ArrayLike) -> EffectSize:
    """Partial correlation, variance `(1 - r^2)^2 / (n - m)` (metafor: PCOR).

    `mi` counts the predictors, the focal one included, as metafor does since 4.4. From a regression t:
    `r_from_t(t, n - m - 1)`. Aloe & Thompson (2013, J. Soc. Soc. Work Res. 4, 390-405). Never pool partial with
    zero-order correlations unlabelled: they estimate different things.
    """
    ri, ni, mi = _partial(ri, ni, mi)
    refuse(ni - mi <= 0, "more predictors than people: the partial correlation has no variance")
    return EffectSize(ri, (1 - ri**2) ** 2 / (ni - mi))


def zpcor(ri: ArrayLike, ni: ArrayLike, mi: ArrayLike) -> EffectSize:
    """Fisher's z of a partial correlation, variance `1 / (n - m - 2)`, `mi` as in `pcor` (metafor: ZPCOR).

    Fisher (1924, Metron 3, 329-332): each variable partialled out costs one observation.
    """
    ri, ni, mi = _partial(ri, ni, mi)
    refuse(ni - mi <= 2, "Fisher z needs n > 3, and one more person for each variable partialled out")
    return EffectSize(np.arctanh(ri), 1 / (ni - mi - 2))


def spcor(ti: ArrayLike, ni: ArrayLike, mi: ArrayLike, r2i: ArrayLike) -> EffectSize:
    """Semi-partial correlation from the t of a regression coefficient and the R^2 of the full model (metafor: SPCOR).

    Aloe & Becker (2012, J. Educ. Behav. Stat. 37, 278-297). `mi` as in `pcor`.
    """
    ti, ni, mi, r2i = arrays(ti, ni, mi, r2i)
    df = ni - mi - 1
    refuse(df <= 0, "more predictors than people: the coefficient has no test")
    refuse((r2i < 0) | (r2i >= 1), "the R^2 of the model must lie in [0, 1)")
    yi = ti * np.sqrt((1 - r2i) / df)
    rest = r2i - yi**2  # R^2 of the model without the focal predictor
    refuse(rest < -0.005, "t is larger than the R^2 of the model allows: check both")
    return EffectSize(yi, (r2i**2 - 2 * r2i + rest + 1 - rest**2) / ni)


def _partial(ri: ArrayLike, ni: ArrayLike, mi: ArrayLike) -> tuple[Array, ...]:
    ri, ni, mi = arrays(ri, ni, mi)
    check_r(ri)
    refuse(mi < 1, "the number of predictors counts the focal one: it is at least 1")
    return ri, ni, mi


def _hyp2f1(a: float, c: Array, x: Array) -> Array:
    """Gauss' hypergeometric function F(a, a; c; x), also for the large `c` where scipy's overflows."""
    k = np.arange(30)  # at c >= 50 the 30th term is under 1e-20 for a <= 1
    ratios = (a + k) ** 2 / ((c[..., None] + k) * (k + 1)) * x[..., None]
    series = 1 + np.cumprod(ratios, axis=-1).sum(axis=-1)
    return np.where(c < 50, hyp2f1(a, a, np.minimum(c, 50), x), series)


def _large_sample_variance(yi: Array, ni: Array, vtype: str) -> Array:
    match vtype:
        case "LS":
            return (1 - yi**2) ** 2 / (ni - 1)
        case "AV":
            return (1 - weighted_mean(yi, ni) ** 2) ** 2 / (ni - 1)
    raise ValueError(f"vtype must be LS or AV here, not {vtype!r}")
