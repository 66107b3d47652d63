"""Common-effect and random-effects models and meta-regression for independent effects."""

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta import tau2 as _tau2
from reanalysis.meta.batch import Estimates, fit_all, wald
from reanalysis.meta.columns import (
    check_effects,
    check_unique,
    coefficient_index,
    moderators,
    new_rows,
    numbers,
    variances,
)

TESTS = ("z", "t", "knha", "adhoc")
PI_RULES = ("test", "k-1", "k-2")


class Prediction(NamedTuple):
    """Predicted average effects with confidence (`ci_*`) and prediction intervals (`pi_*`, for a new study's effect).

    `ddf` belongs to the confidence interval, `pi_ddf` to the prediction interval (`inf` means normal), chosen by
    `pi_rule`. Without a between-study variance in the model, or without degrees of freedom, `pi_*` are nan and
    `note` says why.
    """

    pred: np.ndarray
    se: np.ndarray
    ddf: float
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    pi_lb: np.ndarray
    pi_ub: np.ndarray
    pi_ddf: float
    pi_rule: str
    note: str

    def transformed(self, transf) -> "Prediction":
        """The same on another scale, such as `numpy.exp` of log ratios, which has no standard error (nan).

        `transf` must rise or fall all the way; where it falls, the ends of the intervals change places.
        """
        ci, pi = (
            np.sort([transf(a), transf(b)], axis=0) for a, b in ((self.ci_lb, self.ci_ub), (self.pi_lb, self.pi_ub))
        )
        pred, se = transf(self.pred), np.full_like(self.se, np.nan)
        return self._replace(pred=pred, se=se, ci_lb=ci[0], ci_ub=ci[1], pi_lb=pi[0], pi_ub=pi[1])


class Interval(NamedTuple):
    """Estimates with standard errors, tests and intervals, one per row."""

    estimate: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    ddf: float
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray


class Omnibus(NamedTuple):
    """A joint Wald test: chi-square with `df1` (and `df2 = inf`), or F with `df1` and `df2`."""

    stat: float
    df1: int
    df2: float
    pval: float


@dataclass(frozen=True, eq=False)
class Fit(Estimates):
    """One fitted model: its estimates, its data (rows with a missing value left out), and what can be asked of it.

    `used` says which of the given rows took part, `given` names the moderators and `columns` says which of them did,
    `notes` what to know when reading the result (rows left out, k = 1, tau2 at the boundary, no convergence, a
    Knapp-Hartung scale below 1).
    """

    p: int
    names: tuple[str, ...]
    intercept: bool
    method: str
    test: str
    level: float
    yi: np.ndarray = field(repr=False)
    vi: np.ndarray = field(repr=False)
    X: np.ndarray = field(repr=False)
    weights: np.ndarray | None = field(repr=False)
    used: np.ndarray = field(repr=False)
    given: tuple[str, ...]
    columns: np.ndarray = field(repr=False)
    tau2_fixed: bool
    notes: tuple[str, ...]

    # ---- per study -------------------------------------------------------------------------------------------

    @property
    def wi(self) -> np.ndarray:
        """Weights used for the coefficients."""
        return 1 / (self.vi + self.tau2) if self.weights is None else self.weights

    @property
    def weights_percent(self) -> np.ndarray:
        """Weights in percent of their sum."""
        return 100 * self.wi / self.wi.sum()

    @property
    def fitted(self) -> np.ndarray:
        """X beta."""
        return self.X @ self.beta

    @property
    def residuals(self) -> np.ndarray:
        """yi - X beta."""
        return self.yi - self.fitted

    @property
    def hat(self) -> np.ndarray:
        """Leverages: the diagonal of X (X'WX)^-1 X'W."""
        q, _ = np.linalg.qr(np.sqrt(self.wi)[:, None] * self.X)
        return np.square(q).sum(axis=1)

    def rstandard(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Internally standardized residuals: `(resid, se, z)`, se^2 the diagonal of (I - H) S (I - H)'.

        Hedges & Olkin (1985), Statistical methods for meta-analysis.
        """
        s, h = self.vi + self.tau2, self.hat
        # H S H' = X Cov(beta) X' with the covariance before any Knapp-Hartung scaling
        variance = s * (1 - 2 * h) + self._x_vb_x(self.X) / self.s2w if self.s2w > 0 else s * (1 - h)
        se = np.sqrt(np.maximum(variance, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.residuals, se, self.residuals / se

    def blup(self, level: float | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Best linear unbiased predictions of the true effects: `(pred, se, pi_lb, pi_ub)`.

        Each is the effect shrunken towards its fitted value by vi / (vi + tau2) (Raudenbush & Bryk 1985).
        """
        shrink = self.vi / (self.vi + self.tau2)
        pred = (1 - shrink) * self.yi + shrink * self.fitted
        se = np.sqrt((1 - shrink) * self.vi + shrink**2 * self._x_vb_x(self.X))
        return self._around(pred, se, level)

    def ranef(self, level: float | None = None) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Predicted deviations of the true effects from their fitted values: `(pred, se, pi_lb, pi_ub)`."""
        share = self.tau2 / (self.vi + self.tau2)
        se = np.sqrt(share * self.vi + share**2 * self._x_vb_x(self.X))
        return self._around(share * self.residuals, se, level)

    # ---- predictions, contrasts, model comparison ------------------------------------------------------------

    def predict(self, newmods=None, *, level: float | None = None, rule: str = "test", transf=None) -> Prediction:
        """Average effects at `newmods` with confidence and prediction intervals.

        Parameters
        ----------
        newmods : moderator values without the intercept: a mapping of names to values or a DataFrame, matched by name,
            or an array (m,) or (m, q) in the order of `mods`. Default: the average effect of a model without
            moderators, else the rows of the data.
        level : default that of the fit.
        rule : degrees of freedom of the prediction interval. "test" follows the test of the coefficients (normal for
            z, t with k - p otherwise; metafor's rule), "k-1" is t with k - p always (k - 1 without moderators), "k-2"
            is t with k - p - 1 (Higgins, Thompson & Spiegelhalter 2009).
        transf : see `Prediction.transformed`; `numpy.exp` for log ratios.

        Raises ValueError for an unknown rule, and names or columns of `newmods` that are not those of the model.
        """
        if rule not in PI_RULES:
            raise ValueError(f"rule must be one of {', '.join(PI_RULES)}, got {rule!r}")
        x = new_rows(self, newmods)
        pred = x @ self.beta
        variance = self._x_vb_x(x)
        level = self.level if level is None else numeric.check_level(level)
        ddf = {"test": self.ddf, "k-1": self.k - self.p, "k-2": self.k - self.p - 1}[rule]
        note = ""
        if self.method == "CE":
            note = "a common-effect model has no distribution of true effects, hence no prediction interval"
        elif self.k <= self.p and not self.tau2_fixed:
            note = "a single effect does not tell how true effects vary, hence no prediction interval"
        elif ddf <= 0:
            note = f"no degrees of freedom for a prediction interval with rule {rule} and k = {self.k}"
        se, crit = np.sqrt(variance), numeric.t_critical(level, self.ddf)
        spread = np.nan if note else numeric.t_critical(level, ddf) * np.sqrt(variance + self.tau2)
        made = Prediction(
            pred, se, self.ddf, pred - crit * se, pred + crit * se, pred - spread, pred + spread, ddf, rule, note
        )
        return made if transf is None else made.transformed(transf)

    def contrast(self, L, level: float | None = None) -> Interval:
        """Wald tests of the linear combinations `L` (m, p) of the coefficients, one at a time."""
        L = np.atleast_2d(numbers(L, "L"))
        if L.shape[1] != self.p:
            raise ValueError(f"a contrast needs {self.p} columns ({', '.join(self.names)}), got {L.shape[1]}")
        estimate, se, ci_lb, ci_ub = self._around(L @ self.beta, np.sqrt(self._x_vb_x(L)), level)
        with np.errstate(divide="ignore", invalid="ignore"):
            stat = estimate / se
        return Interval(estimate, se, stat, self.ddf, numeric.t_two_sided_p(stat, self.ddf), ci_lb, ci_ub)

    def omnibus(self, coefficients) -> Omnibus:
        """Joint Wald test that the named (or indexed) coefficients are all zero; a single name is one coefficient.

        Raises ValueError for none and for unknown ones.
        """
        index = coefficient_index(self.names, coefficients)
        b, v = self.beta[index], self.vb[np.ix_(index, index)]
        stat, pval = wald(b[None], v[None], np.array([self.ddf]))
        return Omnibus(float(stat[0]), len(index), self.ddf, float(pval[0]))

    @cached_property
    def fit_stats(self) -> dict[str, dict[str, float]]:
        """`{"ML": ..., "REML": ...}`, each with `ll, dev, AIC, BIC, AICc`, at the estimated tau2.

        tau2 counts as a parameter unless the effect is common or tau2 was given. The deviance of ML is against the
        saturated model. AICc with at least q + 2 observations, as metafor has it; REML counts k - p observations.
        """
        basis, _ = np.linalg.qr(self.X)  # orthonormal, so that log|X'X| is zero
        data = _tau2.Data.of(self.yi[None], self.vi[None], np.ones((1, self.k)), basis)
        tau2 = np.array([self.tau2])
        best = _tau2.weighted_fit(data, data.weights(tau2))
        at_beta = best._replace(rss=np.array([(self.residuals**2 / (self.vi + self.tau2)).sum()]))
        q = self.p + (self.method != "CE" and not self.tau2_fixed)
        saturated = -0.5 * (self.k * np.log(2 * np.pi) + np.log(self.vi).sum())
        stats = {}
        for name, n, reference in (("ML", self.k, saturated), ("REML", self.k - self.p, 0.0)):
            ll = float(_tau2.log_likelihood(data, tau2, at_beta, restricted=name == "REML")[0])
            n_c = max(n, q + 2)
            stats[name] = {
                "ll": ll,
                "dev": -2 * (ll - reference),
                "AIC": -2 * ll + 2 * q,
                "BIC": -2 * ll + q * (np.log(n) if n > 0 else -np.inf),
                "AICc": -2 * ll + 2 * q * n_c / (n_c - q - 1),
            }
        return stats

    @cached_property
    def R2(self) -> float | None:
        """Percent of heterogeneity that the moderators account for; None without moderators or constant.

        Relative drop of tau2 against the model without moderators (Raudenbush 2009), truncated at zero; with a common
        effect the relative drop of Q / df.
        """
        if self.p == 1 or self.tau2_fixed or not _spans_constant(self.X):
            return None
        null = fit(self.yi, self.vi, method=self.method, test="z")
        before, after = (null.H2, self.H2) if self.method == "CE" else (null.tau2, self.tau2)
        return float(100 * max(0.0, (before - after) / before)) if before > 0 else 0.0

    @property
    def vif(self) -> np.ndarray:
        """Variance inflation factors of the coefficients other than the intercept, from their correlations."""
        v = self.vb[self.intercept :, self.intercept :]
        s = np.sqrt(np.diag(v))
        return np.diag(np.linalg.inv(v / np.outer(s, s))).copy()

    def summary(self, interval=None) -> str:
        """The model as text: heterogeneity, tests, coefficients, prediction interval, notes.

        With `interval`, as `confint` returns it, also its bounds for tau2, I2 and H2.
        """
        return _summary(self, interval)

    def __str__(self) -> str:
        return self.summary()

    def _x_vb_x(self, x: np.ndarray) -> np.ndarray:
        return np.einsum("ij,jk,ik->i", x, self.vb, x)

    def _around(self, pred, se, level):
        crit = numeric.t_critical(self.level if level is None else numeric.check_level(level), self.ddf)
        return pred, se, pred - crit * se, pred + crit * se


def fit(
    yi,
    vi=None,
    mods=None,
    *,
    sei=None,
    method: str = "REML",
    test: str | None = None,
    level: float = 0.95,
    weights=None,
    tau2: float | None = None,
    intercept: bool = True,
) -> Fit:
    """Fit a common-effect, random-effects or meta-regression model to independent effects.

    Parameters
    ----------
    yi, vi : (k,) effects and their sampling variances. Rows with a missing value (nan, None, masked) are left out, and
        noted. Columns go together by position, whatever index a Series has.
    mods : (k,) or (k, q) numeric moderators, a mapping of names to columns, or a DataFrame; the intercept is added.
        Columns that depend linearly on those before them are left out, and noted. `indicators` codes a categorical
        moderator.
    sei : (k,) standard errors in place of `vi`.
    method : CE (also EE, FE), DL, HE, HS, SJ, ML, REML, EB, PM or DLIT (the last three solve the same equation). ML and
        REML take the highest maximum of their likelihood.
    test : "z"; "t" with k - p degrees of freedom; "knha", the same with the covariance of the coefficients scaled by
        the weighted residual mean square (Hartung 1999; Sidik & Jonkman 2002; Knapp & Hartung 2003); "adhoc", that
        scale never below one (Knapp & Hartung 2003). Default: "knha", and "z" for a common effect. A single study is
        always tested by "z".
    level : confidence level of all intervals.
    weights : (k,) weights for the coefficients in place of 1 / (vi + tau2); all ones for an unweighted analysis.
    tau2 : use this between-study variance instead of estimating it.
    intercept : False leaves the intercept out (then `mods` must be given).

    Raises
    ------
    ValueError : no complete row, fewer rows than needed, variances not positive, vi and sei both given
        or neither; infinite, mismatched or absurdly large or small input; a name that stands for two moderators.
    """
    method, test, level = _check_choices(method, test, level)
    rows = _check_rows(yi, variances(vi, sei), mods, weights, intercept)
    if tau2 is not None and (isinstance(tau2, str) or not 0 <= tau2 < np.inf):
        raise ValueError(f"tau2 must be a finite number, zero or above, got {tau2!r}")
    k, p = rows.x.shape
    notes = rows.notes
    estimates_tau2 = method != "CE" and tau2 is None
    if k < p or (k == p and estimates_tau2 and k > 1):
        raise ValueError(
            f"{k} effects cannot carry {p} coefficients{' and tau2' if estimates_tau2 else ''}: leave out moderators"
        )
    if k == 1:
        notes += ("k = 1: the model is the study alone; heterogeneity cannot be estimated, and the test is z",)
        test = "z"
    elif k == p and test != "z":
        raise ValueError(f"test {test} needs more effects than coefficients (k = {k}, p = {p})")
    given = None if rows.weights is None else rows.weights[None]
    many = fit_all(rows.yi[None], rows.vi[None], np.ones((1, k)), rows.x, method, test, level, given, tau2)
    one = {f.name: _first(getattr(many, f.name)) for f in fields(Estimates)}
    if not one["converged"]:
        notes += (f"{method} did not converge in {_tau2.MAX_ITERATIONS} iterations: tau2 is not reliable",)
    if one["boundary"] and k > 1:
        notes += ("tau2 is estimated as zero, the boundary: this is not evidence of homogeneity",)
    if test == "knha" and one["s2w"] < 1:
        notes += (_below_one(one["s2w"], one["ddf"], level),)
    return Fit(
        **one,
        p=p,
        names=rows.names,
        intercept=intercept,
        method=method,
        test=test,
        level=level,
        yi=rows.yi,
        vi=rows.vi,
        X=rows.x,
        weights=rows.weights,
        used=rows.used,
        given=rows.given,
        columns=rows.columns,
        tau2_fixed=tau2 is not None,
        notes=notes,
    )


def fit_many(
    yi,
    vi=None,
    mods=None,
    mask=None,
    *,
    sei=None,
    method: str = "REML",
    test: str | None = None,
    level: float = 0.95,
    intercept: bool = True,
) -> Estimates:
    """Fit the same model to many data sets in one call; fields of the result have a leading axis of B sets.

    `yi` and `vi` (or standard errors `sei`) are (k,) or (B, k); `mods` (k,) or (k, q) is shared by all sets; `mask`
    (B, k) says which rows belong to which set (default: all that are not missing). Sets whose rows cannot carry the
    model (too few, or moderators that do not vary in them) give nan and `converged` False. A set of one row without
    moderators is that row alone. Where the Knapp-Hartung scale `s2w` is below 1 the interval is narrower than without.

    Raises ValueError as `fit` for the rows that take part, and for missing moderators.
    """
    method, test, level = _check_choices(method, test, level)
    yi, vi = np.atleast_2d(numbers(yi, "yi")), np.atleast_2d(variances(vi, sei))
    complete = ~(np.isnan(yi) | np.isnan(vi))
    on = complete if mask is None else complete & np.atleast_2d(np.asarray(mask, bool))
    yi, vi = np.where(on, yi, np.nan), np.where(on, vi, np.nan)
    check_effects(yi, vi)
    x, _ = design(mods, on.shape[1], intercept)
    if not np.isfinite(x).all():
        raise ValueError("moderators must be finite; leave rows without them out beforehand")
    return fit_all(np.where(on, yi, 0.0), np.where(on, vi, 1.0), on.astype(float), x, method, test, level)


def design(mods, k: int, intercept: bool = True) -> tuple[np.ndarray, tuple[str, ...]]:
    """The design matrix (k, p) and the names of the moderators; see `columns.moderators` for its errors."""
    if mods is None:
        if not intercept:
            raise ValueError("a model without intercept needs moderators")
        return np.ones((k, 1)), ()
    table, names = moderators(mods, k)
    if intercept:
        check_unique(("intercept", *names))
    return np.column_stack([np.ones(k), table]) if intercept else table, names


def require(f, what: str, instead: str | None = None) -> None:
    """Raise TypeError unless `f` is a model of independent effects, from `fit`; says what to use `instead`."""
    if not isinstance(f, Fit):
        use = f"; use {instead}" if instead else ""
        raise TypeError(f"{what} takes a model of independent effects from `fit`, not {type(f).__name__}{use}")


def refit(f: Fit, mask, *, yi=None, vi=None) -> Estimates:
    """The model of `f` fitted to B subsets of its rows (`mask`, (B, k)), or to B versions of `yi`, `vi` (B, k)."""
    require(f, "refit", "leave_one_out or fit_multilevel")
    on = np.atleast_2d(np.asarray(mask)).astype(float)
    yi, vi = f.yi if yi is None else yi, f.vi if vi is None else vi
    return fit_all(yi, vi, on, f.X, f.method, f.test, f.level, f.weights, f.tau2 if f.tau2_fixed else None)


def _spans_constant(x: np.ndarray) -> bool:
    one = np.ones(len(x))
    return bool(np.linalg.norm(one - x @ np.linalg.lstsq(x, one, rcond=None)[0]) < 1e-9 * len(x))


def _first(values):
    value = values[0]
    return value.item() if value.ndim == 0 else value


class _Rows(NamedTuple):
    yi: np.ndarray
    vi: np.ndarray
    x: np.ndarray
    names: tuple[str, ...]
    weights: np.ndarray | None
    used: np.ndarray
    given: tuple[str, ...]
    columns: np.ndarray
    notes: tuple[str, ...]


def _below_one(s2w: float, ddf: float, level: float) -> str:
    """What a Knapp-Hartung scale below one does to the intervals."""
    if s2w == 0:
        return (
            "the effects agree exactly, so that Knapp-Hartung leaves no standard error (scale s2w = 0): this is not "
            'certainty; test="adhoc" keeps the scale at 1'
        )
    than = "without the adjustment (test t)"
    if numeric.t_critical(level, ddf) * np.sqrt(s2w) < numeric.t_critical(level):
        than += " and even than by test z"
    return (
        f"the Knapp-Hartung scale s2w = {s2w:.4f} is below 1: the effects differ less than their sampling errors let "
        f'expect, and the intervals are narrower than {than}; test="adhoc" keeps the scale at 1 or above'
    )


def _check_choices(method: str, test: str | None, level: float) -> tuple[str, str, float]:
    method = _tau2.ALIASES.get(method, method)
    if method not in _tau2.METHODS:
        raise ValueError(f"unknown method {method!r}: choose one of {', '.join(_tau2.METHODS)}")
    if test is None:
        test = "z" if method == "CE" else "knha"
    if test not in TESTS:
        raise ValueError(f"unknown test {test!r}: choose one of {', '.join(TESTS)}")
    return method, test, numeric.check_level(level)


def _check_rows(yi, vi, mods, weights, intercept) -> _Rows:
    yi = numbers(yi, "yi")
    if yi.ndim != 1 or yi.shape != vi.shape:
        raise ValueError(f"yi and vi must be one-dimensional and equally long, got {yi.shape} and {vi.shape}")
    k = len(yi)
    x, given = design(mods, k, intercept)
    names = (("intercept",) if intercept else ()) + given
    used = ~(np.isnan(yi) | np.isnan(vi) | np.isnan(x).any(axis=1))
    if weights is not None:
        weights = numbers(weights, "weights")
        if weights.shape != yi.shape:
            raise ValueError(f"weights must be as long as yi ({k}), got {weights.shape}")
        used &= ~np.isnan(weights)
    notes = ()
    if not used.all():
        yi, vi, x = yi[used], vi[used], x[used]
        weights = None if weights is None else weights[used]
        notes += (f"{k - len(yi)} of {k} rows have a missing value and are left out",)
    if not len(yi):
        raise ValueError("no effect to analyse: every row misses yi, vi or a moderator")
    check_effects(yi, vi)
    if not np.isfinite(x).all():
        raise ValueError("moderators must be finite")
    if weights is not None and not ((weights >= 0).all() and weights.sum() > 0 and np.isfinite(weights).all()):
        raise ValueError("weights must be finite, not negative, and not all zero")
    keep = _independent_columns(x)
    if not keep.all():
        dropped = [name for name, kept in zip(names, keep, strict=True) if not kept]
        notes += (f"moderators left out because they depend on those before them: {', '.join(dropped)}",)
        x, names = x[:, keep], tuple(name for name, kept in zip(names, keep, strict=True) if kept)
    return _Rows(yi, vi, x, names, weights, used, given, keep[int(intercept) :], notes)


def _independent_columns(x: np.ndarray) -> np.ndarray:
    """Which columns are not, to rounding, linear combinations of the columns before them."""
    keep = np.ones(x.shape[1], bool)
    if x.shape[1] == 1:
        return keep
    basis = np.empty((len(x), 0))
    for j, column in enumerate(x.T):
        rest = column
        for _ in range(2):  # twice is enough for orthogonality to rounding
            rest = rest - basis @ (basis.T @ rest)
        size = np.linalg.norm(rest)
        if size > 1e-9 * np.linalg.norm(column):
            basis = np.column_stack([basis, rest / size])
        else:
            keep[j] = False
    return keep


def _p_text(p: float) -> str:
    return "< .0001" if p < 1e-4 else f"{p:.4f}"


def _heterogeneity_lines(f: Fit, interval) -> list[str]:
    def bounds(name, digits):
        r = getattr(interval, name, None)
        return "" if r is None else f" [{r.ci_lb:.{digits}f}, {r.ci_ub:.{digits}f}]"

    lines = []
    if f.method != "CE":
        se = "given" if f.tau2_fixed else "SE unknown" if np.isnan(f.se_tau2) else f"SE {f.se_tau2:.4f}"
        lines.append(f"tau2  {f.tau2:.4f}{bounds('tau2', 4)} ({se}), tau {np.sqrt(f.tau2):.4f}{bounds('tau', 4)}")
    lines.append(f"I2    {f.I2:.1f} %{bounds('I2', 1)}, H2 {f.H2:.2f}{bounds('H2', 2)}")
    if interval is not None:
        lines.append(f"      intervals: {100 * interval.level:g} %, {interval.type}")
    if f.R2 is not None:
        lines.append(f"R2    {f.R2:.1f} %")
    lines.append(f"{'Q' if f.p == 1 else 'QE':5} {f.QE:.4f}, df = {f.QE_df}, p = {_p_text(f.QEp)}".replace("= <", "<"))
    if f.p > 1:
        name, df = ("QM", f"{f.QM_df}") if np.isinf(f.ddf) else ("F", f"{f.QM_df}, {f.ddf:g}")
        lines.append(f"{name:5} {f.QM:.4f}, df = {df}, p = {_p_text(f.QMp)}".replace("= <", "<"))
    return lines


def _summary(f: Fit, interval) -> str:
    percent = f"{100 * f.level:g} %"

    kind = "Common-effect model" if f.method == "CE" else "Random-effects model"
    if f.p > 1:
        kind = "Common-effect meta-regression" if f.method == "CE" else "Mixed-effects meta-regression"
    lines = [f"{kind} (k = {f.k}; {f.method if f.method != 'CE' else 'inverse variance'}; test {f.test})"]
    if f.k > 1:
        lines += ["", *_heterogeneity_lines(f, interval)]
    width = max(len("coefficient"), *(len(n) for n in f.names))
    stat = "z" if np.isinf(f.ddf) else f"t({f.ddf:g})"
    lines += ["", f"{'coefficient':{width}} {'estimate':>10} {'SE':>9} {stat:>9} {'p':>8}   {percent} interval"]
    for n, b, se, t, p, lb, ub in zip(f.names, f.beta, f.se, f.stat, f.pval, f.ci_lb, f.ci_ub, strict=True):
        lines.append(f"{n:{width}} {b:10.4f} {se:9.4f} {t:9.3f} {_p_text(p):>8}   [{lb:.4f}, {ub:.4f}]")
    if f.p == 1 and f.intercept and f.k > 1:
        pr = f.predict()
        if pr.note:
            lines += ["", pr.note]
        else:
            rule = "normal" if np.isinf(pr.pi_ddf) else f"t with {pr.pi_ddf:g} df"
            lines += ["", f"{percent} prediction interval [{pr.pi_lb[0]:.4f}, {pr.pi_ub[0]:.4f}] ({rule})"]
    lines += [f"Note: {note}" for note in f.notes]
    return "\n".join(lines)
