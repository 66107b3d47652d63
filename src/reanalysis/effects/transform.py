"""From one effect-size scale to another, and to scales that are easier to read."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.effects.between import two_groups
from reanalysis.effects.effectsize import Array, EffectSize, arrays, check_r, refuse
from reanalysis.numeric import norm_cdf

_LOG_OR_PER_D = {"logistic": np.pi / np.sqrt(3), "normal": 1.65}


def log_or_from_smd(
    yi: ArrayLike, vi: ArrayLike, *, distribution: Literal["logistic", "normal"] = "logistic"
) -> EffectSize:
    """Log odds ratio from a standardized difference (metafor: D2OR, D2ORL; `normal`: D2ORN).

    logistic: times pi / sqrt(3), Hasselblad & Hedges (1995, Psychol. Bull. 117, 167-178), Chinn (2000, Stat. Med.
    19, 3127-3131). normal: times 1.65, Cox & Snell (1989, Analysis of Binary Data).
    """
    return _scaled(yi, vi, _LOG_OR_PER_D[distribution])


def smd_from_log_or(
    yi: ArrayLike, vi: ArrayLike, *, distribution: Literal["logistic", "normal"] = "logistic"
) -> EffectSize:
    """Standardized difference from a log odds ratio, the inverse of `log_or_from_smd` (metafor: OR2D, OR2DL, OR2DN)."""
    return _scaled(yi, vi, 1 / _LOG_OR_PER_D[distribution])


def rtoz(ri: ArrayLike) -> Array:
    """Fisher's z of a correlation."""
    (ri,) = arrays(ri)
    check_r(ri)
    return np.arctanh(ri)


def ztor(zi: ArrayLike) -> Array:
    """Correlation of a Fisher's z."""
    return np.tanh(np.asarray(zi, dtype=float))


def ztor_int(zi: ArrayLike, tau2: ArrayLike) -> Array:
    """Mean of the true correlations when their z are normal with mean `zi` and variance `tau2`.

    `ztor` of a random-effects mean is the correlation of the average study; this is the average correlation. By
    Gauss-Hermite quadrature.
    """
    zi, tau2 = arrays(zi, tau2)
    refuse(tau2 < 0, "tau2 is negative")
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return np.tanh(zi[..., None] + np.sqrt(tau2)[..., None] * nodes) @ (weights / np.sqrt(2 * np.pi))


def exp_int(yi: ArrayLike, tau2: ArrayLike) -> Array:
    """Mean of the true ratios when their logs are normal with mean `yi` and variance `tau2`: `exp(yi + tau2 / 2)`."""
    yi, tau2 = arrays(yi, tau2)
    refuse(tau2 < 0, "tau2 is negative")
    return np.exp(yi + tau2 / 2)


def dtou3(di: ArrayLike) -> Array:
    """Cohen's U3: the share of group 2 that lies below the mean of group 1, in normal data of equal spread."""
    return norm_cdf(np.asarray(di, dtype=float))


def dtocles(di: ArrayLike) -> Array:
    """Common language effect size: the chance that someone of group 1 lies above someone of group 2.

    McGraw & Wong (1992, Psychol. Bull. 111, 361-365); normal data of equal spread.
    """
    return norm_cdf(np.asarray(di, dtype=float) / np.sqrt(2))


def dtorpb(di: ArrayLike, n1i: ArrayLike | None = None, n2i: ArrayLike | None = None) -> Array:
    """Point-biserial correlation of a standardized difference, `d / sqrt(d^2 + h)`.

    With group sizes `h = (n1 + n2 - 2) (1/n1 + 1/n2)`, exact for Cohen's d; without them h = 4, large groups of one
    size. Jacobs & Viechtbauer (2017, Res. Synth. Methods 8, 161-180).
    """
    (di,) = arrays(di)
    if n1i is None or n2i is None:
        return di / np.sqrt(di**2 + 4)
    contrast = two_groups(n1i, n2i)
    return di / np.sqrt(di**2 + contrast.df * contrast.error)


def dtomd(di: ArrayLike, sd: ArrayLike) -> Array:
    """Mean difference in the unit of a scale whose SD is `sd`: Cochrane Handbook (version 6, section 15.5.3)."""
    di, sd = arrays(di, sd)
    return di * sd


def _scaled(yi: ArrayLike, vi: ArrayLike, factor: float) -> EffectSize:
    yi, vi = arrays(yi, vi)
    return EffectSize(yi * factor, vi * factor**2)
