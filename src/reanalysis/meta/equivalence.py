"""Is an effect small enough not to matter? Two one-sided tests against a margin."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.numeric import t_cdf, t_ppf, t_two_sided_p

RELIABLE_DF = 4
"""Below this many degrees of freedom a p-value built on a Satterthwaite df is not to be trusted (Tipton 2015)."""


@dataclass(frozen=True)
class Equivalence:
    """Result of `tost`; every field has the broadcast shape of the inputs."""

    estimate: np.ndarray
    se: np.ndarray
    ddf: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    """The margin: effects strictly between are too small to matter."""
    p_lower: np.ndarray
    """One-sided p against "the effect is `lower` or less"."""
    p_upper: np.ndarray
    """One-sided p against "the effect is `upper` or more"."""
    pval: np.ndarray
    """The larger of the two: p of the equivalence test."""
    pval_difference: np.ndarray
    """Two-sided p against "the effect is zero"."""
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    """Interval with confidence 1 - 2 alpha: equivalence is shown where it lies inside the margin."""
    alpha: float
    equivalent: np.ndarray
    different: np.ndarray
    conclusion: np.ndarray
    """equivalent, different, different but within the margin, or undecided."""
    note: str


def tost(
    estimate: ArrayLike, se: ArrayLike, margin: ArrayLike, *, ddf: ArrayLike = np.inf, alpha: float = 0.05
) -> Equivalence:
    """Two one-sided tests of a pooled or a single estimate against a margin.

    `margin` is one positive number (plus and minus it) or a pair (lower, upper); `ddf` are the degrees of freedom of
    the estimate (infinite: normal). Not being significantly different from zero is *not* being equivalent: the
    two answers together make the four conclusions of Lakens (2017, Social Psychological and Personality Science
    8:355). The procedure is Schuirmann's (1987, J Pharmacokinet Biopharm 15:657).

    Raises
    ------
    ValueError
        If an estimate or its standard error is missing, a standard error or df is not positive, the margin does
        not enclose zero, or alpha is not between 0 and 0.5.
    """
    if not 0 < alpha < 0.5:
        raise ValueError(f"alpha must lie between 0 and 0.5, not {alpha}")
    lower, upper = _margin(margin)
    estimate, se, ddf = np.broadcast_arrays(*(np.asarray(x, float) for x in (estimate, se, ddf)))
    if not np.all(np.isfinite(estimate) & np.isfinite(se)):
        raise ValueError("an equivalence test needs an estimate and its standard error; leave out what has none")
    if not (np.all(se > 0) and np.all(ddf > 0)):
        raise ValueError("standard errors and degrees of freedom must be positive")
    p_lower = t_cdf((lower - estimate) / se, ddf)
    p_upper = t_cdf((estimate - upper) / se, ddf)
    pval = np.maximum(p_lower, p_upper)
    pval_difference = t_two_sided_p(estimate / se, ddf)
    half = t_ppf(1 - alpha, ddf) * se
    equivalent, different = pval < alpha, pval_difference < alpha
    return Equivalence(
        estimate=estimate,
        se=se,
        ddf=ddf,
        lower=np.broadcast_to(lower, estimate.shape),
        upper=np.broadcast_to(upper, estimate.shape),
        p_lower=p_lower,
        p_upper=p_upper,
        pval=pval,
        pval_difference=pval_difference,
        ci_lb=estimate - half,
        ci_ub=estimate + half,
        alpha=alpha,
        equivalent=equivalent,
        different=different,
        conclusion=np.select(
            [equivalent & different, equivalent, different],
            ["different but within the margin", "equivalent", "different"],
            "undecided",
        ),
        note=f"df < {RELIABLE_DF}: the p-values are not reliable" if np.any(ddf < RELIABLE_DF) else "",
    )


def _margin(margin: ArrayLike) -> tuple[float, float]:
    bounds = np.ravel(np.asarray(margin, float))
    if bounds.size == 1:
        bounds = np.array([-bounds[0], bounds[0]])
    if bounds.size != 2 or not bounds[0] < 0 < bounds[1]:
        raise ValueError(f"the margin must be a positive number or a pair (lower < 0, upper > 0), not {margin!r}")
    return float(bounds[0]), float(bounds[1])
