"""Confidence intervals for the between-study variance and what follows from it."""

from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta import tau2 as _tau2
from reanalysis.meta.multilevel import MultilevelFit
from reanalysis.meta.univariate import Fit, require

TYPES = ("QP", "PL", "Wald")


class Range(NamedTuple):
    """An estimate with its confidence interval."""

    estimate: float
    ci_lb: float
    ci_ub: float


class HeterogeneityInterval(NamedTuple):
    """Intervals for tau2, tau, I2 (percent) and H2, all from the one for tau2; `note` is empty or a warning."""

    tau2: Range
    tau: Range
    I2: Range
    H2: Range
    type: str
    level: float
    note: str


class VarianceIntervals(NamedTuple):
    """Intervals for the variances of a multilevel model and their roots, by the name of the factor."""

    sigma2: dict[str, Range]
    sigma: dict[str, Range]
    type: str
    level: float


def confint(
    f: Fit | MultilevelFit, *, type: str | None = None, level: float | None = None
) -> HeterogeneityInterval | VarianceIntervals:
    """Confidence interval for tau2 of a random-effects fit, and for tau, I2 and H2 by transformation.

    For a multilevel model the profile likelihood intervals ("PL", the only type) of all estimated variances, as
    `MultilevelFit.confint` gives them one by one.

    `type` "QP", the default, inverts the test with Q(tau2), which is chi-square with k - p degrees of freedom at the
    true tau2: exact for any estimator (Viechtbauer 2007; with moderators Jackson, Turner, Rhodes & Viechtbauer 2014).
    "PL" is the profile (restricted) likelihood of an ML or REML fit (Hardy & Thompson 1996), to the outermost points
    where it has fallen so far. "Wald" is tau2 plus and minus the normal quantile times its standard error, cut at zero.
    I2 and H2 take the typical sampling variance `f.vt` as known.

    Raises ValueError for a common effect, k = 1, and PL of other estimators, and TypeError for other models.
    """
    if isinstance(f, MultilevelFit):
        return _of_variances(f, type, level)
    require(f, "confint", "the model that it was made from")
    type = "QP" if type is None else type
    if type not in TYPES:
        raise ValueError(f"type must be one of {', '.join(TYPES)}, got {type!r}")
    if f.method == "CE" or f.tau2_fixed:
        raise ValueError("tau2 was not estimated in this model, so it has no confidence interval")
    if f.k <= f.p:
        raise ValueError(f"tau2 needs more effects than coefficients (k = {f.k}, p = {f.p})")
    level = f.level if level is None else numeric.check_level(level)
    lower, upper, note = {"QP": _q_profile, "PL": _profile_likelihood, "Wald": _wald}[type](f, level)
    bounds = np.array([f.tau2, lower, upper])
    return HeterogeneityInterval(
        Range(*bounds.tolist()),
        Range(*np.sqrt(bounds).tolist()),
        Range(*(100 * bounds / (bounds + f.vt)).tolist()),
        Range(*(1 + bounds / f.vt).tolist()),
        type,
        level,
        note,
    )


def _of_variances(f: MultilevelFit, type: str | None, level: float | None) -> VarianceIntervals:
    if type not in (None, "PL"):
        raise ValueError(
            f"the variances of a multilevel model have profile likelihood intervals, type PL, not {type!r}"
        )
    level = f.level if level is None else numeric.check_level(level)
    estimated = [(n, s2) for n, s2, fixed in zip(f.s_names, f.sigma2.tolist(), f.fixed, strict=True) if not fixed]
    if not estimated:
        raise ValueError("no variance was estimated in this model, so none has a confidence interval")
    sigma2 = {name: Range(s2, *f.confint(name, level=level)) for name, s2 in estimated}
    return VarianceIntervals(sigma2, {n: Range(*np.sqrt(r).tolist()) for n, r in sigma2.items()}, "PL", level)


def _data(f: Fit, n_sets: int = 1) -> _tau2.Data:
    q, _ = np.linalg.qr(f.X)
    shape = (n_sets, f.k)
    return _tau2.Data.of(np.broadcast_to(f.yi, shape), np.broadcast_to(f.vi, shape), np.ones(shape), q)


def _q_profile(f: Fit, level: float) -> tuple[float, float, str]:
    df, tail = f.k - f.p, (1 - level) / 2
    targets = numeric.chi2_ppf(np.array([1 - tail, tail]), df)
    (lower, upper), _ = _tau2.solve_q(_data(f, 2), targets)
    empty = targets[1] > f.QE
    note = "Q is below its lower chi-square quantile even at tau2 = 0: the interval is empty, shown as 0 to 0"
    return lower, upper, note if empty else ""


def _profile_likelihood(f: Fit, level: float) -> tuple[float, float, str]:
    if f.method not in ("ML", "REML"):
        raise ValueError(f"a profile likelihood interval needs an ML or REML fit, not {f.method}; use type QP")
    data = _data(f)

    def log_likelihood(tau2: float) -> float:
        at = np.array([tau2])
        fit = _tau2.weighted_fit(data, data.weights(at))
        return float(_tau2.log_likelihood(data, at, fit, restricted=f.method == "REML")[0])

    floor = log_likelihood(f.tau2) - numeric.t_critical(level) ** 2 / 2

    def above(tau2: float) -> float:
        return log_likelihood(tau2) - floor

    low = f.vi.min()
    top = np.square(f.residuals).max() + f.vi.max()
    nodes = low * np.expm1(np.linspace(0, np.log1p(top / low), 2 + int(np.log1p(top / low) / _tau2.STEP)))
    return *numeric.outer_limits(above, f.tau2, nodes), ""


def _wald(f: Fit, level: float) -> tuple[float, float, str]:
    half = numeric.t_critical(level) * f.se_tau2
    return max(0.0, f.tau2 - half), f.tau2 + half, ""
