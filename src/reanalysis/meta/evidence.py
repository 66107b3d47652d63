"""Log-likelihood of random effects when some effects are known exactly and others only to lie in an interval.

`theta_i ~ N(mu, tau2)`. An exact effect has the density `yi ~ N(mu, vi + tau2)`. Of the others only an interval is
known, and its probability counts. The chance of an estimate below a bound b follows from the non-central t; its normal
approximation (Abramowitz & Stegun 1964, 26.7.10) puts the sampling variance *at the bound*,

    P(y < b | theta) = Phi((t (1 - 1/(4 df)) sqrt(c) - theta) / sqrt(c + c t^2 / (2 df))),   t the statistic at b,

which averages over theta without any further approximation: add tau2 to that variance. Fisher's z is nearly normal
about zeta + rho / (2 (n - 1)) (Hotelling 1953, Journal of the Royal Statistical Society B 15, 193-232), which `_z_cut`
solves for zeta.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from reanalysis.effects import Contrast, bounds_from_p, four_groups, hedges_j, paired, two_groups, zcor_bounds_from_p
from reanalysis.numeric import norm_ppf

Array = np.ndarray
METRICS = ("SMD", "SMCC", "ZCOR")
RUNGS = ("exact", "bounded", "direction")

L, M, T, MM, MT, TT = range(6)
"""Rows of the arrays below: a log-likelihood, its first derivatives by mu and tau2, its second derivatives."""
LOG_ROOT_2PI = 0.5 * np.log(2 * np.pi)
SIGN = np.array([-1.0, 1.0])[:, None, None]
"""Of the two ends of an interval in its probability, Phi(upper) - Phi(lower)."""


class Cut(NamedTuple):
    """Bounds as the normal distribution of the estimate sees them: P(below) = Phi((at - mu) / sqrt(var + tau2))."""

    at: Array
    var: Array


class Region(NamedTuple):
    """Intervals, one per entry: lower and upper ends as in `Cut`, (2, N)."""

    at: Array
    var: Array

    def joined(self, other: "Region") -> "Region":
        """The entries of both."""
        return Region(*(np.concatenate(pair, axis=1) for pair in zip(self, other, strict=True)))

    def take(self, order: Array) -> "Region":
        """The entries in another order."""
        return Region(self.at[:, order], self.var[:, order])


class Sampling(NamedTuple):
    """How precisely each finding was measured: its contrast, and the bound beyond which it is significant."""

    contrast: Contrast
    significant: Array

    def of(self, chosen: Array) -> "Sampling":
        """That of the findings where `chosen` (B, k) is true, in order."""
        picked = (np.broadcast_to(values, chosen.shape)[chosen] for values in (*self.contrast, self.significant))
        *contrast, significant = picked
        return Sampling(Contrast(*contrast), significant)

    def or_variance(self, vi: Array) -> "Sampling":
        """The same, with the sampling variance of an exact effect in place of a sample size that is not known."""
        error, df, total = self.contrast
        unknown = np.isnan(error)
        contrast = Contrast(
            np.where(unknown, vi, error), np.where(unknown, np.inf, df), np.where(unknown, np.inf, total)
        )
        return Sampling(contrast, np.where(unknown, norm_ppf(0.975) * np.sqrt(vi), self.significant))

    def region(self, lower: Array, upper: Array) -> Region:
        """The intervals between two bounds of each finding."""
        return Region(*cut(np.stack([lower, upper]), self.contrast))


def sampling(
    metric: str,
    *,
    n1i: ArrayLike = np.nan,
    n2i: ArrayLike = np.nan,
    ni: ArrayLike = np.nan,
    four_arms: ArrayLike = False,
    alpha: float = 0.05,
) -> Sampling:
    """Precision of findings from their sample sizes; missing where these are.

    SMD takes the group sizes, or splits a total `ni` into equal groups (the most precise split); where `four_arms`,
    each group is two arms of equal size, and the effect the difference of their differences. SMCC and ZCOR take `ni`.
    Raises ValueError for another metric.
    """
    n1i, n2i, ni = np.broadcast_arrays(*(np.asarray(n, float) for n in (n1i, n2i, ni)))
    if metric == "SMD":
        split = np.isnan(n1i) | np.isnan(n2i)
        n1i, n2i = np.where(split, ni / 2, n1i), np.where(split, ni / 2, n2i)
        half1, half2 = np.where(four_arms, n1i / 2, np.nan), np.where(four_arms, n2i / 2, np.nan)
        pairs = zip(four_groups(half1, half1, half2, half2), two_groups(n1i, n2i), strict=True)
        contrast = Contrast(*(np.where(four_arms, *pair) for pair in pairs))
        bounds = bounds_from_p(contrast, alpha, "ns", 0)
    elif metric == "SMCC":
        contrast = paired(ni)
        bounds = bounds_from_p(contrast, alpha, "ns", 0)
    elif metric == "ZCOR":
        contrast = Contrast(1 / (ni - 3), ni - 2, np.full_like(ni, np.inf))
        bounds = zcor_bounds_from_p(ni, alpha, "ns", 0)
    else:
        raise ValueError(f"metric must be one of {', '.join(METRICS)}, got {metric!r}")
    return Sampling(contrast, bounds.yi_ub)


def cut(bound: Array, contrast: Contrast) -> Cut:
    """Where the bound lies and with which sampling variance; infinite bounds stay infinite (see the module).

    A contrast without a total is that of Fisher's z, one without degrees of freedom is normal with a known variance.
    """
    finite = np.isfinite(bound)
    b = np.where(finite, bound, 0.0)
    normal = np.isinf(contrast.total)
    t = np.where(normal, 0.0, b / (hedges_j(np.where(normal, 2.0, contrast.df)) * np.sqrt(contrast.error)))
    at, var = t * (1 - 1 / (4 * contrast.df)) * np.sqrt(contrast.error), contrast.error * (1 + t**2 / (2 * contrast.df))
    at, var = (np.where(normal, z, other) for z, other in zip(_z_cut(b, contrast), (at, var), strict=True))
    return Cut(np.where(finite, at, bound), var)


def _z_cut(b: Array, contrast: Contrast) -> tuple[Array, Array]:
    """A bound of Fisher's z on the scale of zeta: the mean zeta + rho / (2 (n - 1)) made linear at the bound.

    The variance is 1 / (n - 1) + (4 - rho^2) / (2 (n - 1)^2). Probabilities are right to 0.005 from n = 20 on.
    """
    rho, n_less_1 = np.tanh(b), contrast.df + 1
    stretch = 1 + (1 - rho**2) / (2 * n_less_1)
    known = np.isfinite(contrast.df)
    var = np.where(known, 1 / n_less_1 + (4 - rho**2) / (2 * n_less_1**2), contrast.error)
    return b - rho / (2 * n_less_1) / stretch, var / stretch**2


@dataclass(frozen=True)
class Evidence:
    """Findings of B data sets, flattened to exact effects and interval terms; `row` says to which set each belongs.

    An interval term is `sign * log(P(region) - spare * P(less))`, `spare` being that of its set; in the plain model
    `less` is None. `low`, `high`,
    `scale` and `least` (B,) say where the known points lie, how large a typical standard error is, and the smallest
    sampling variance. `limited` (B,) says that
    something, an exact effect or an interval with two ends, limits how large effects can be.
    """

    n_sets: int
    row: Array
    yi: Array
    vi: Array
    interval_row: Array
    region: Region
    less: Region | None
    spare: Array
    sign: Array
    low: Array
    high: Array
    scale: Array
    least: Array
    limited: Array

    @classmethod
    def of(
        cls,
        yi: Array,
        vi: Array,
        yi_lb: Array,
        yi_ub: Array,
        size: Sampling,
        *,
        use: Array | None = None,
        omega: ArrayLike = 1.0,
    ) -> "Evidence":
        """Collect (B, k) findings: exact where `yi` is known, else an interval; `use` false leaves one out.

        `omega`, one or (B,), is the chance of being reported at all of a non-significant finding, relative to a
        significant one: each finding then counts given that it was reported (Hedges 1992, Statistical Science 7,
        246-255).
        """
        use = np.ones(yi.shape, bool) if use is None else use
        exact, interval = use & ~np.isnan(yi), use & np.isnan(yi)
        row, sets = np.nonzero(exact)[0], len(yi)
        interval_row = np.nonzero(interval)[0]
        lb, ub = yi_lb[interval], yi_ub[interval]
        own = size.of(interval)
        region = own.region(lb, ub)
        low, high, scale, least = _extent(
            np.concatenate([row, interval_row, interval_row]),
            np.concatenate([yi[exact], *region.at]),
            np.concatenate([vi[exact], *region.var]),
            sets,
        )
        limited = (
            np.bincount(row, minlength=sets) + np.bincount(interval_row, np.isfinite(lb) & np.isfinite(ub), sets) > 0
        )
        sign, less, omega = np.ones(len(lb)), None, np.broadcast_to(omega, sets)
        if (omega < 1).any():  # each is divided by the chance that it was reported, 1 - (1 - omega) P(not significant)
            reported = size.or_variance(vi).of(use)
            anywhere = np.full(len(reported.significant), np.inf)
            region = region.joined(reported.region(-anywhere, anywhere))
            less = own.region(np.maximum(lb, -own.significant), np.minimum(ub, own.significant)).joined(
                reported.region(-reported.significant, reported.significant)
            )
            sign = np.concatenate([sign, -np.ones(len(anywhere))])
            interval_row = np.concatenate([interval_row, np.nonzero(use)[0]])
            order = np.argsort(interval_row, kind="stable")  # sums over a set need its entries side by side
            interval_row, sign, region, less = interval_row[order], sign[order], region.take(order), less.take(order)
        return cls(
            sets,
            row,
            yi[exact],
            vi[exact],
            interval_row,
            region,
            less,
            1 - omega[interval_row, None],
            sign,
            low,
            high,
            scale,
            least,
            limited,
        )

    @property
    def terms(self) -> int:
        """Exact effects and interval terms, of all data sets together."""
        return len(self.row) + len(self.interval_row)

    def twice(self) -> "Evidence":
        """Every data set again after all of them, as 2 B sets."""

        def again(x: Array) -> Array:
            return np.concatenate([x, x])

        return Evidence(
            2 * self.n_sets,
            np.concatenate([self.row, self.row + self.n_sets]),
            again(self.yi),
            again(self.vi),
            np.concatenate([self.interval_row, self.interval_row + self.n_sets]),
            self.region.joined(self.region),
            self.less and self.less.joined(self.less),
            *map(again, (self.spare, self.sign, self.low, self.high, self.scale, self.least, self.limited)),
        )

    def log_likelihood(self, mu: Array, tau2: Array) -> Array:
        """Log-likelihood (B, G) at `mu` and `tau2`, both (B, G)."""
        return self._sum(mu, tau2, derivatives=False)[L]

    def derivatives(self, mu: Array, tau2: Array) -> Array:
        """Log-likelihood with its derivatives, (6, B, G): see L, M, T, MM, MT, TT."""
        return self._sum(mu, tau2)

    def information(self, mu: float, tau2: float) -> tuple[Array, Array]:
        """Observed information about mu in each exact effect and each interval term (of a single data set)."""
        exact, interval = self._terms(np.array([[mu]]), np.array([[tau2]]))
        return -exact[MM, :, 0], -interval[MM, :, 0]

    def information_sums(self, mu: Array, tau2: Array) -> tuple[Array, Array]:
        """Sums (B,) of the information about mu in each finding, and of its squares; `mu` and `tau2` are (B, 1)."""
        exact, interval = (np.maximum(-terms[MM], 0) for terms in self._terms(mu, tau2))
        both = (np.stack([w, w**2]) for w in (exact, interval * (self.sign > 0)[:, None]))
        total = sum(_sum_rows(w, r, self.n_sets) for w, r in zip(both, (self.row, self.interval_row), strict=True))
        return total[0, :, 0], total[1, :, 0]

    def _terms(self, mu: Array, tau2: Array, derivatives: bool = True) -> tuple[Array, Array]:
        exact = _log_density(self.yi, self.vi, mu[self.row], tau2[self.row], derivatives)
        mu, tau2 = mu[self.interval_row], tau2[self.interval_row]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            interval = _log_probability(self.region, mu, tau2, derivatives)
            if self.less is not None:
                less = _log_probability(self.less, mu, tau2, derivatives)
                interval = _minus(interval, less, self.spare) * self.sign[:, None]
        return exact, interval

    def _sum(self, mu: Array, tau2: Array, derivatives: bool = True) -> Array:
        exact, interval = self._terms(mu, tau2, derivatives)
        return _sum_rows(exact, self.row, self.n_sets) + _sum_rows(interval, self.interval_row, self.n_sets)


def _extent(row: Array, at: Array, var: Array, sets: int) -> tuple[Array, Array, Array, Array]:
    """Lowest and highest finite point of each set, and the root mean and the smallest sampling variance there."""
    finite = np.isfinite(at)
    row, at, var = row[finite], at[finite], var[finite]
    low, high, least = np.full(sets, np.inf), np.full(sets, -np.inf), np.full(sets, np.inf)
    np.minimum.at(low, row, at)
    np.maximum.at(high, row, at)
    np.minimum.at(least, row, var)
    return low, high, np.sqrt(np.bincount(row, var, sets) / np.maximum(np.bincount(row, minlength=sets), 1)), least


def _sum_rows(values: Array, row: Array, sets: int) -> Array:
    """Sum (n, N, G) over the entries N of each set, to (n, B, G); `row` is sorted."""
    if sets == 1:
        return values.sum(axis=1, keepdims=True)
    ends = np.searchsorted(row, np.arange(sets + 1))
    filled = ends[1:] > ends[:-1]
    total = np.zeros((len(values), sets, values.shape[2]))
    total[:, filled] = np.add.reduceat(values, ends[:-1][filled], axis=1)
    return total


def _log_density(yi: Array, vi: Array, mu: Array, tau2: Array, derivatives: bool = True) -> Array:
    """Normal log density of exact effects with its derivatives, (6, N, G)."""
    s2 = vi[:, None] + tau2
    slope = (yi[:, None] - mu) / s2
    z2 = slope**2 * s2
    value = -0.5 * (np.log(2 * np.pi * s2) + z2)
    if not derivatives:
        return value[None]
    terms = np.empty((6, *value.shape))
    terms[L] = value
    terms[M] = slope
    terms[T] = 0.5 * (z2 - 1) / s2
    terms[MM] = -1 / s2
    terms[MT] = -slope / s2
    terms[TT] = (0.5 - z2) / s2**2
    return terms


def _log_probability(region: Region, mu: Array, tau2: Array, derivatives: bool = True) -> Array:
    """Log probability of intervals with its derivatives, (6, N, G); an empty interval has -inf and no slope."""
    s2 = region.var[:, :, None] + tau2
    s = np.sqrt(s2)
    z = (region.at[:, :, None] - mu) / s  # of both ends, (2, N, G)
    value = _log_between(region.at, z)
    if not derivatives:
        return value[None]
    density = np.exp(-0.5 * z**2 - LOG_ROOT_2PI - np.where(np.isneginf(value), np.inf, value)) / s
    z = np.where(np.isinf(z), 0.0, z)  # where the density is zero, and so must be its products with z
    # by P: the sums over both ends of the derivatives, by which the density enters with the sign of its end
    r = density * SIGN
    bend = r * z / s
    m, t = -np.add(*r), -0.5 * np.add(*bend)
    terms = np.empty((6, *value.shape))
    terms[L] = value
    terms[M] = m
    terms[T] = t
    terms[MM] = 2 * t - m**2
    terms[MT] = 0.5 * np.add(*((r - bend * z * s) / s2)) - m * t
    terms[TT] = 0.25 * np.add(*(bend * (3 - z**2) / s2)) - t**2
    return terms


def _log_between(at: Array, z: Array) -> Array:
    """log(Phi(upper) - Phi(lower)) of z (2, N, G), the standardized ends `at` (2, N); -inf where upper <= lower.

    Most intervals are open on a side, where there is nothing to take away: the logarithms are what takes time.
    """
    (lower, upper), (below, above) = at, z
    open_below, open_above = np.isneginf(lower), np.isposinf(upper)
    value = np.where(upper > lower, 0.0, -np.inf)[:, None] + np.zeros_like(below)
    for some, tail in ((open_below & np.isfinite(upper), above), (open_above & np.isfinite(lower), -below)):
        value[some] = special.log_ndtr(tail[some])
    if (closed := ~(open_below | open_above)).any():
        value[closed] = _log_ndtr_difference(z[:, closed])
    return value


def _log_ndtr_difference(z: Array) -> Array:
    """log(Phi(upper) - Phi(lower)) of z = (lower, upper), accurate in both tails; -inf where upper <= lower."""
    lower, upper = z
    below, top = special.log_ndtr(np.where(lower + upper > 0, -z[::-1], z))
    # of ends that are as good as one, rounding may put the lower tail above the upper one
    return np.where(upper > lower, top + np.log1p(-np.exp(np.minimum(below - top, 0.0))), -np.inf)


def _minus(whole: Array, part: Array, spare: Array) -> Array:
    """log(P_whole - spare * P_part), `spare` (N, 1), with its derivatives, from those of the two logarithms."""
    # a part is no likelier than the whole, whatever rounding says of both in the far tails
    share = spare * np.exp(np.where(np.isneginf(part[L]), -np.inf, np.minimum(part[L] - whole[L], 0.0)))
    value = whole[L] + np.log1p(-share)
    if len(whole) == 1:
        return value[None]

    def relative(terms: Array) -> Array:
        _, m, t, mm, mt, tt = terms
        return np.stack([m, t, mm + m * m, mt + m * t, tt + t * t])

    m, t, mm, mt, tt = (relative(whole) - share * relative(part)) / (1 - share)
    return np.stack([value, m, t, mm - m * m, mt - m * t, tt - t * t])
