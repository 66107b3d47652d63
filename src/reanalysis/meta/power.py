"""Power of single studies, and of a body of studies, from their standard errors alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.numeric import norm_cdf, norm_pdf, norm_ppf

EFFECTS = np.arange(1, 11) / 10
"""True effects at which `firepower` is drawn unless told otherwise: 0.1, 0.2, ... 1 (Quintana 2023)."""


@dataclass(frozen=True)
class Firepower:
    """Power of `k` studies at each of a set of true effects."""

    effects: np.ndarray
    """True effects, shape (E,)."""
    power: np.ndarray
    """Power of each study at each effect, shape (E, k)."""
    median: np.ndarray
    """Median over the studies, shape (E,): what the firepower plot of Quintana (2023) shows."""
    k: int
    alpha: float


def study_power(effect: ArrayLike, sei: ArrayLike, *, alpha: float = 0.05) -> np.ndarray:
    """Power of a two-sided Wald test to detect a true `effect` with standard error `sei`.

    Broadcasts over both arguments; the sign of the effect does not matter. The normal approximation is the one of
    the test of excess significance (Ioannidis & Trikalinos 2007, Clinical Trials 4:245) and of study-level power in
    meta-analyses (Quintana 2023): with small groups a t-test has somewhat less power.

    Raises
    ------
    ValueError
        If a standard error is not positive and finite, or `alpha` is not between 0 and 1.
    """
    sei = _positive(sei)
    ncp = np.asarray(effect, float) / sei
    critical = norm_ppf(1 - _probability("alpha", alpha) / 2)
    return norm_cdf(ncp - critical) + norm_cdf(-ncp - critical)


def firepower(sei: ArrayLike, effects: ArrayLike = EFFECTS, *, alpha: float = 0.05) -> Firepower:
    """Power of each of the studies with standard errors `sei`, shape (k,), at each true effect, and its median.

    Source: Quintana (2023), "A guide for calculating study-level statistical power for meta-analyses", Advances in
    Methods and Practices in Psychological Science, doi 10.1177/25152459221147260.

    Raises
    ------
    ValueError
        As `study_power`, and if there is no study.
    """
    sei, effects = np.atleast_1d(np.asarray(sei, float)), np.atleast_1d(np.asarray(effects, float))
    if sei.ndim != 1 or sei.size == 0:
        raise ValueError("firepower needs the standard errors of at least one study, as a flat list")
    power = study_power(effects[:, None], sei, alpha=alpha)
    return Firepower(effects, power, np.median(power, axis=1), sei.size, alpha)


def minimal_detectable_effect(sei: ArrayLike, *, power: float = 0.8, alpha: float = 0.05) -> np.ndarray:
    """Smallest true effect that a study with standard error `sei` detects with the given power; shape of `sei`.

    The inverse of `study_power`: a constant (2.80 for 80 % power at alpha .05) times the standard error.

    Raises
    ------
    ValueError
        If a standard error is not positive and finite, or not 0 < alpha < power < 1.
    """
    if not _probability("alpha", alpha) < _probability("power", power):
        raise ValueError(f"power ({power}) must exceed alpha ({alpha}): that much is reached without any effect")
    critical = norm_ppf(1 - alpha / 2)
    ncp = critical + norm_ppf(power)
    for _ in range(60):  # Newton: the start ignores the far tail, so it is already close
        slope = norm_pdf(ncp - critical) - norm_pdf(ncp + critical)
        step = (norm_cdf(ncp - critical) + norm_cdf(-ncp - critical) - power) / slope
        ncp -= step
        if abs(step) <= 1e-14 * ncp:
            break
    return ncp * _positive(sei)


def _positive(sei: ArrayLike) -> np.ndarray:
    sei = np.asarray(sei, float)
    if not np.all(np.isfinite(sei) & (sei > 0)):
        raise ValueError("every standard error must be a positive number; leave out studies without one")
    return sei


def _probability(name: str, value: float) -> float:
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1, not {value}")
    return value
