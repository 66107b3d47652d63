"""Random effects from all the evidence: exact effects, significance statements and directions together.

The likelihood is that of `reanalysis.meta.evidence`, maximized over mu and tau2 >= 0. Intervals for mu invert the
likelihood-ratio test, with a threshold from Student's t instead of the chi-square: the variance of the average is
itself estimated, and its degrees of freedom are Satterthwaite's. docs/all-evidence.md shows how well that works.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reanalysis import numeric
from reanalysis.meta.evidence import MM, MT, RUNGS, TT, Evidence, L, M, Sampling, T, sampling

Array = np.ndarray

TOLERANCE = 1e-12
FLAT = 1e-14
"""A rise of the log-likelihood that is no rise."""
ITERATIONS = 100
FAR = 1e3
"""How many times the spread of the known points an estimate or a bound may lie away before it counts as infinite."""
TAU2_GRID = np.concatenate([[0.0], 10.0 ** np.arange(-4, 0.1, 0.5)])
"""Where the maximum over tau2 is looked for first, relative to the largest value that makes sense."""


class Estimates(NamedTuple):
    """Estimates of B data sets, each (B,); names as in `AllEvidenceFit`."""

    est: Array
    se: Array
    ci_lb: Array
    ci_ub: Array
    pval: Array
    ddf: Array
    k_eff: Array
    tau2: Array
    loglik: Array
    no_maximum: Array
    converged: Array


@dataclass(frozen=True)
class AllEvidenceFit:
    """Random effects fitted to all findings; see `all_evidence`.

    `est` is the average effect with its standard error from the observed information, the interval `ci_*` and the
    two-sided `pval` of mu = 0 by likelihood ratio, calibrated by a t with `ddf` degrees of freedom; `k_eff` is how many
    equally informative findings would hold the same information. `tau_*` is the profile likelihood interval of tau
    (chi-square). `pi_*` holds the true effect of a new study. `information` (k,) is the observed information about mu
    in each finding, `shares` its distribution over the rungs. `no_maximum`: the likelihood rises without end, `est` is
    infinite (or nan), and only bounds are given.
    """

    metric: str
    level: float
    k: int
    k_exact: int
    k_bounded: int
    k_direction: int
    est: float
    se: float
    ci_lb: float
    ci_ub: float
    pval: float
    ddf: float
    k_eff: float
    tau2: float
    tau: float
    tau_lb: float
    tau_ub: float
    pi_lb: float
    pi_ub: float
    loglik: float
    converged: bool
    boundary: bool
    no_maximum: bool
    information: Array = field(repr=False)
    shares: dict[str, float]
    notes: tuple[str, ...]
    findings: "Findings" = field(repr=False)

    def summary(self) -> str:
        """The model as text."""
        percent = f"{100 * self.level:g} %"
        return "\n".join(
            [
                f"All-evidence random effects, {self.metric} (k = {self.k}: {self.k_exact} exact, {self.k_bounded} "
                f"bounded, {self.k_direction} direction only; maximum likelihood)",
                "",
                f"mu    {self.est:.4f} (SE {self.se:.4f}), {percent} interval [{self.ci_lb:.4f}, {self.ci_ub:.4f}], "
                f"p = {self.pval:.4g} (t with {self.ddf:.1f} degrees of freedom)",
                f"tau   {self.tau:.4f}, {percent} interval [{self.tau_lb:.4f}, {self.tau_ub:.4f}]",
                f"new   {percent} prediction interval [{self.pi_lb:.4f}, {self.pi_ub:.4f}]",
                *(f"information about mu from {rung} findings: {100 * s:.0f} %" for rung, s in self.shares.items()),
                *(f"note: {note}" for note in self.notes),
            ]
        )

    def __str__(self) -> str:
        return self.summary()


class Findings(NamedTuple):
    """Checked input, each (k,); `rung` is exact, bounded or direction."""

    metric: str
    yi: Array
    vi: Array
    yi_lb: Array
    yi_ub: Array
    size: Sampling
    rung: Array
    notes: tuple[str, ...]

    def evidence(self, use: Array | None = None, omega: float = 1.0) -> Evidence:
        """The likelihood of the findings, once for each row of `use` (B, k)."""
        use = np.ones((1, len(self.yi)), bool) if use is None else use
        columns = (np.broadcast_to(x, use.shape) for x in (self.yi, self.vi, self.yi_lb, self.yi_ub))
        return Evidence.of(*columns, self.size, use=use, omega=omega)


def all_evidence(
    yi: ArrayLike,
    vi: ArrayLike,
    yi_lb: ArrayLike,
    yi_ub: ArrayLike,
    *,
    metric: str = "SMD",
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    level: float = 0.95,
) -> AllEvidenceFit:
    """Fit random effects by maximum likelihood to exact effects and to intervals that hold an effect.

    Parameters
    ----------
    yi, vi : (k,) exact effects and their sampling variances, nan where not known.
    yi_lb, yi_ub : (k,) the interval that holds the effect where `yi` is nan (`effects.smd_bounds_from_p` and its like);
        an end may be infinite. A direction alone is a half line from 0. Both nan where `yi` is known.
    metric : SMD (between groups, Hedges' g), SMCC (within persons, d_z) or ZCOR (Fisher's z).
    n1i, n2i : group sizes of SMD; where only `ni`, the total, is known, equal groups are assumed, and noted.
    ni : persons of SMCC and ZCOR.
    level : confidence level of all intervals.

    One finding per independent sample: findings that share persons must be reduced to one before. The likelihood
    assumes that what was reported of a finding (the number, or only its significance or direction) depends on nothing
    but its significance; `sensitivity` asks what if not.

    The interval of mu holds every value that the likelihood-ratio test W does not reject: W is compared with
    `(df + 1) log(1 + t^2 / df)`, its exact quantile in a normal sample, t being Student's with Satterthwaite's degrees
    of freedom `df` for the variance of the estimate (Satterthwaite 1946, Biometrics Bulletin 2, 110-114). Here
    `df = (k_eff - 1) / r`, where `k_eff = (sum w)^2 / sum w^2` of the information `w` in each finding, and `r <= 1` is
    what an estimate of tau2 that cannot fall below zero keeps of its variance. The profile likelihood of tau is that
    of Hardy & Thompson (1996, Statistics in Medicine 15, 619-629). The prediction interval takes t with k_eff - 1
    degrees of freedom.

    Raises
    ------
    ValueError : fewer than two findings, a finding with neither effect nor interval, an interval without sample sizes.
    """
    level = numeric.check_level(level)
    findings = check_findings(yi, vi, yi_lb, yi_ub, metric=metric, n1i=n1i, n2i=n2i, ni=ni)
    if len(findings.yi) < 2:
        raise ValueError("one finding tells nothing of how studies differ; use all_evidence_bayes for it")
    evidence = findings.evidence()
    e = Estimates(*(x.item() for x in estimate(evidence, level)))
    tau_lb, tau_ub = (x.item() for x in _tau_interval(evidence, level))
    counts = {rung: int((findings.rung == rung).sum()) for rung in RUNGS}
    information, shares = np.full(len(findings.yi), np.nan), {}
    if not e.no_maximum:
        exact = findings.rung == "exact"
        information[exact], information[~exact] = evidence.information(e.est, e.tau2)
        shares = {rung: float(information[findings.rung == rung].sum() / information.sum()) for rung in RUNGS}
    spread = numeric.t_critical(level, max(e.k_eff - 1, 1)) * np.sqrt(e.tau2 + e.se**2)
    return AllEvidenceFit(
        metric=metric,
        level=level,
        k=len(findings.yi),
        **{f"k_{rung}": n for rung, n in counts.items()},
        **{name: getattr(e, name) for name in Estimates._fields},
        tau=float(np.sqrt(e.tau2)),
        tau_lb=tau_lb,
        tau_ub=tau_ub,
        pi_lb=e.est - spread,
        pi_ub=e.est + spread,
        boundary=e.tau2 == 0,
        information=information,
        shares=shares,
        notes=findings.notes + _notes(e, counts),
        findings=findings,
    )


def check_findings(yi, vi, yi_lb, yi_ub, *, metric, n1i, n2i, ni) -> Findings:
    """Checked columns of `all_evidence`; raises its ValueErrors."""
    columns = [np.asarray(x, float) for x in (yi, vi, yi_lb, yi_ub, n1i, n2i, ni)]
    yi, vi, yi_lb, yi_ub, n1i, n2i, ni = (x.ravel() for x in np.broadcast_arrays(*np.atleast_1d(*columns)))
    exact, bounded = ~np.isnan(yi), ~(np.isnan(yi_lb) | np.isnan(yi_ub))

    def refuse(bad: Array, message: str) -> None:
        if bad.any():
            raise ValueError(f"{message} (row {', '.join(map(str, np.flatnonzero(bad)[:5]))})")

    refuse(~exact & ~bounded, "a finding has neither an effect nor an interval: leave it out")
    refuse(exact & bounded, "a finding has both an effect and an interval: give the effect alone")
    refuse(exact & ~(np.isfinite(yi) & np.isfinite(vi) & (vi > 0)), "an effect needs a variance, finite and above zero")
    refuse(bounded & ~(yi_lb < yi_ub), "the lower end of an interval is not below its upper end")
    refuse(bounded & np.isinf(yi_lb) & np.isinf(yi_ub), "an interval without any end tells nothing: leave it out")
    size = sampling(metric, n1i=n1i, n2i=n2i, ni=ni)
    refuse(bounded & ~(np.isfinite(size.contrast.error) & (size.contrast.error > 0)), "an interval needs sample sizes")
    half = bounded & (((yi_lb == 0) & np.isinf(yi_ub)) | ((yi_ub == 0) & np.isinf(yi_lb)))
    split = metric == "SMD" and (bounded & (np.isnan(n1i) | np.isnan(n2i))).any()
    notes = ("only the total sample size of some findings is known: equal groups assumed",) if split else ()
    rung = np.where(exact, "exact", np.where(half, "direction", "bounded"))
    return Findings(metric, yi, vi, yi_lb, yi_ub, size, rung, notes)


def _notes(e: Estimates, counts: dict[str, int]) -> tuple[str, ...]:
    """What a reader must know: where the method has little to go on, by docs/all-evidence.md."""
    k, exact = sum(counts.values()), counts["exact"]
    notes = []
    if e.no_maximum:
        notes.append(
            "no exact effect and no interval with two ends: the likelihood has no maximum, only bounds are shown; the "
            "Bayesian answer depends on its priors"
        )
    if not e.converged:
        notes.append("the maximum was not found to full precision")
    if not exact:
        notes.append("no exact effect: heterogeneity rests on bounds alone")
    elif exact < 0.2 * k:
        notes.append("fewer than a fifth of the findings are exact: less than was tried in simulations")
    if k < 5:
        notes.append("fewer than five findings: the interval was not tried in simulations for so few")
    if e.tau2 == 0:
        notes.append("tau is estimated as zero, the end of its range: it may well be larger, see its interval")
    return tuple(notes)


# ---- estimation, many data sets at once ----------------------------------------------------------------------


def estimate(evidence: Evidence, level: float = 0.95) -> Estimates:
    """Maximum likelihood and calibrated profile intervals of mu, for all data sets of `evidence`."""
    est, tau2, converged = _maximize(evidence)
    d = evidence.derivatives(est[:, None], tau2[:, None])[:, :, 0]
    loglik = d[L]
    k_eff, heterogeneity = _effective_number(evidence, est, tau2)
    interior = tau2 > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        information = -d[MM] + np.where(interior & (d[TT] < 0), d[MT] ** 2 / d[TT], 0.0)
        se = 1 / np.sqrt(np.where(information > 0, information, -d[MM]))
    ddf = np.maximum(k_eff - 1, 1)
    ddf = ddf / _kept(heterogeneity * np.sqrt(ddf / 2))
    no_maximum = ~evidence.limited
    ddf = np.where(no_maximum, np.inf, ddf)
    threshold = _threshold(numeric.t_critical(level, ddf), ddf)

    def distance(mu: Array) -> tuple[Array, Array]:
        """Likelihood ratio W of mu, and its slope."""
        best = _best_tau2(evidence, mu[:, None])
        at = evidence.derivatives(mu[:, None], best)[:, :, 0]
        return 2 * (loglik - at[L]), -2 * at[M]

    step = np.where(no_maximum, evidence.scale, se)
    ci_lb, ci_ub = (_cross(distance, est, side * step, threshold, _reach(evidence)) for side in (-1.0, 1.0))
    w0 = np.maximum(distance(np.zeros_like(est))[0], 0.0)
    with np.errstate(invalid="ignore"):
        stat = np.where(np.isinf(ddf), np.sqrt(w0), np.sqrt(ddf * np.expm1(w0 / (ddf + 1))))
    return Estimates(
        np.where(no_maximum, _open_end(ci_lb, ci_ub), est),
        np.where(no_maximum, np.nan, se),
        ci_lb,
        ci_ub,
        numeric.t_two_sided_p(stat, ddf),
        ddf,
        k_eff,
        np.where(no_maximum, np.nan, tau2),
        loglik,
        no_maximum,
        converged,
    )


def _open_end(ci_lb: Array, ci_ub: Array) -> Array:
    """The infinite end of each interval; nan where both ends are infinite, or none."""
    return np.select(
        [np.isfinite(ci_lb) & np.isinf(ci_ub), np.isinf(ci_lb) & np.isfinite(ci_ub)], [ci_ub, ci_lb], np.nan
    )


def _threshold(t: Array, df: Array) -> Array:
    """Quantile of the likelihood ratio of a normal mean where t is that of the t test; t^2 with infinite df."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(df), t**2, (df + 1) * np.log1p(t**2 / df))


def _kept(z: Array) -> Array:
    """Variance of max(0, N(z, 1)), relative to 1: what an estimate that cannot be negative keeps of its variance."""
    p, density = numeric.norm_cdf(z), numeric.norm_pdf(z)
    return (z**2 + 1) * p + z * density - (z * p + density) ** 2


def _effective_number(evidence: Evidence, mu: Array, tau2: Array) -> tuple[Array, Array]:
    """Effective number of findings, and the share of the variance of an average finding that is heterogeneity."""
    total, squares = evidence.information_sums(mu[:, None], tau2[:, None])
    alone, _ = evidence.information_sums(mu[:, None], np.zeros_like(tau2)[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.nan_to_num(1 - total / alone)
        return np.nan_to_num(total**2 / squares), np.clip(share, 0, 1)


def _maximize(evidence: Evidence) -> tuple[Array, Array, Array]:
    """The joint maximum: mu, tau2 >= 0 and whether it was reached, each (B,)."""
    middle = (evidence.low + evidence.high)[:, None] / 2
    grid = _grid(evidence, middle)[:, 0]
    mu, _ = _best_mu(evidence, grid)
    best = np.argmax(evidence.log_likelihood(mu, grid), axis=1)

    def slope(tau2: Array) -> tuple[Array, Array]:
        d = evidence.derivatives(_best_mu(evidence, tau2)[0], tau2)
        with np.errstate(divide="ignore", invalid="ignore"):
            return d[T], d[TT] - d[MT] ** 2 / d[MM]

    tau2, converged = _climb(slope, grid[:, None], best[:, None])
    mu, found = _best_mu(evidence, tau2)
    return mu[:, 0], tau2[:, 0], (converged & found)[:, 0]


def _best_mu(evidence: Evidence, tau2: Array) -> tuple[Array, Array]:
    """The mu (B, G) that maximizes the likelihood given `tau2` (B, G), and whether it was reached."""

    def slope(mu: Array) -> tuple[Array, Array]:
        d = evidence.derivatives(mu, tau2)
        return d[M], d[MM]

    width = np.sqrt(evidence.scale[:, None] ** 2 + tau2)
    low, high = evidence.low[:, None] - width, evidence.high[:, None] + width
    reach = _reach(evidence)[:, None]
    for _ in range(12):  # half lines can pull the maximum out of the range of the known points
        beyond, below = slope(high)[0] > 0, slope(low)[0] < 0
        if not (beyond | below).any():
            break
        high, low = np.where(beyond, high + width, high), np.where(below, low - width, low)
        width = np.minimum(4 * width, reach)
    return _root(slope, low, high, (low + high) / 2)


def _best_tau2(evidence: Evidence, mu: Array) -> Array:
    """The tau2 >= 0 (B, 1) that maximizes the likelihood given `mu` (B, 1)."""

    def slope(tau2: Array) -> tuple[Array, Array]:
        d = evidence.derivatives(mu, tau2)
        return d[T], d[TT]

    grid = _grid(evidence, mu)
    best = np.argmax(evidence.log_likelihood(np.broadcast_to(mu, grid[:, 0].shape), grid[:, 0]), axis=1)
    return _climb(slope, grid[:, 0][:, None], best[:, None])[0]


def _grid(evidence: Evidence, mu: Array) -> Array:
    """Values of tau2 (B, 1, n) to begin with: up to the largest squared distance from mu (B, 1) to a known point."""
    distance = np.maximum(np.abs(evidence.low[:, None] - mu), np.abs(evidence.high[:, None] - mu))
    top = distance**2 + evidence.scale[:, None] ** 2
    top = top * np.where(evidence.limited, 1.0, FAR)[:, None]
    return top[:, :, None] * TAU2_GRID


def _climb(slope: Callable, grid: Array, best: Array) -> tuple[Array, Array]:
    """The maximum near the grid point `best` of each set (B, 1), zero included; and whether it was reached."""
    at = np.take_along_axis(grid[:, 0], best, axis=1)
    rising = slope(at)[0] > 0
    last = grid.shape[-1] - 1
    before = np.take_along_axis(grid[:, 0], np.maximum(best - 1, 0), axis=1)
    after = np.take_along_axis(grid[:, 0], np.minimum(best + 1, last), axis=1)
    low, high = np.where(rising, at, before), np.where(rising, after, at)
    high = np.where(rising & (best == last), 10 * at, high)
    x, converged = _root(slope, low, high, np.where(rising, 0.5 * (low + high), at))
    stuck = (best == 0) & ~rising
    return np.where(stuck, 0.0, x), converged | stuck


def _reach(evidence: Evidence) -> Array:
    return FAR * (evidence.high - evidence.low + evidence.scale)


def _root(f: Callable, low: Array, high: Array, x: Array) -> tuple[Array, Array]:
    """Where a slope falls through zero between `low` and `high`: Newton's method, bisection where it leaves them.

    Also done where the likelihood is so flat that it cannot rise any more.
    """
    for _ in range(ITERATIONS):
        value, slope = f(x)
        low, high = np.where(value > 0, x, low), np.where(value < 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = x - value / slope
        new = np.where((new >= low) & (new <= high), new, 0.5 * (low + high))
        new = np.where(value == 0, x, new)
        done = (np.abs(new - x) <= TOLERANCE * (np.abs(x) + high - low)) | (np.abs(value) * (high - low) <= FLAT)
        x = new
        if done.all():
            break
    return x, done


def _cross(f: Callable, start: Array, step: Array, threshold: Array, limit: Array) -> Array:
    """Where W, zero at `start`, reaches `threshold` in the direction of `step`; infinite if not within `limit`.

    Newton's method on sqrt(W), which is nearly straight.
    """
    side = np.sign(step)
    target = np.sqrt(threshold)
    near, far = np.zeros_like(start), np.full_like(start, np.inf)
    x = np.minimum(np.abs(step) * target, limit)
    for _ in range(ITERATIONS):
        w, slope = f(start + side * x)
        root = np.sqrt(np.maximum(w, 0))
        near, far = np.where(root < target, x, near), np.where(root >= target, x, far)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = x - (root - target) * 2 * root / (side * slope)
        outer = np.minimum(np.where(np.isinf(far), 4 * x, far), limit)
        inside = (new > near) & (new < outer)
        new = np.where(inside, new, np.where(np.isinf(far), outer, 0.5 * (near + outer)))
        done = np.abs(new - x) <= 1e-11 * x
        x = new
        if done.all():
            break
    return np.where(np.isinf(far) & (x >= limit), side * np.inf, start + side * x)


def _tau_interval(evidence: Evidence, level: float) -> tuple[Array, Array]:
    """Profile likelihood interval of tau, each end (B,)."""
    mu, tau2, _ = _maximize(evidence)
    top = evidence.log_likelihood(mu[:, None], tau2[:, None])[:, 0]
    tau = np.sqrt(tau2)

    def distance(t: Array) -> tuple[Array, Array]:
        squared = np.maximum(t, 0)[:, None] ** 2
        d = evidence.derivatives(_best_mu(evidence, squared)[0], squared)[:, :, 0]
        return 2 * (top - d[L]), -4 * t * d[T]

    threshold = np.full_like(tau, numeric.t_critical(level) ** 2)
    step = np.sqrt(tau2 + evidence.scale**2) / 4
    upper = _cross(distance, tau, step, threshold, _reach(evidence))
    lower = np.zeros_like(tau)
    if (inside := distance(lower)[0] > threshold).any():
        lower = np.where(inside, _cross(distance, tau, -np.minimum(step, tau / 4), threshold, tau), lower)
    return lower, upper
