"""Random effects at several levels: effects within samples, or crossed factors, with known sampling covariances.

`yi = X beta + sum over factors of u[level] + e`, `u ~ N(0, sigma2)` for each factor, `e ~ N(0, V)`. Effects that
share no level and no sampling covariance are independent, so the marginal covariance falls into blocks: the samples,
in a three-level model. Blocks of one size are inverted together; nothing of size k x k is formed unless crossed
factors tie all effects together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta.columns import check_effects, coefficient_index, new_rows, numbers, variances
from reanalysis.meta.covariance import BlockCovariance, codes
from reanalysis.meta.univariate import Interval, Omnibus, Prediction, design

TOLERANCE = 1e-10
MAX_ITERATIONS = 500
STEP = 0.6
"""Distance of the nodes of the grid, in the logarithm of a variance plus its smallest scale."""
WORK = 1e8
"""Most cells times block size of the whole grid: it is coarser for large blocks, but for four nodes a factor."""
CELLS = 60_000
"""Cells of the arrays that one round of elimination works on."""
ROUNDING = 1e-9


class RandomEffects(NamedTuple):
    """Predicted random effects of the levels of one factor, with their standard errors."""

    level: np.ndarray
    intrcpt: np.ndarray
    se: np.ndarray


@dataclass(frozen=True)
class MultilevelFit:
    """A fitted multilevel model; names as in metafor's `rma.mv`, with `_` for `.`.

    `sigma2`, `s_nlevels` and `I2` go with `s_names`; `I2` is each variance in percent of all of them and the typical
    sampling variance `vt` (Higgins & Thompson 2002, eq. 9; for several variances Nakagawa & Santos 2012). `ddf` has
    the degrees of freedom of each coefficient (`inf` for z). `QM` is a chi-square for z and an F with `QM_df` and
    `QM_ddf` for t tests. `boundary` says that an estimated variance is exactly zero, `notes` what to know when reading
    the result. `confint`, `leave_one_out`, `influence`, `cumulative`, `likelihood_ratio_test` and `robust` take this
    model as they take a `Fit`.
    """

    k: int
    p: int
    names: tuple[str, ...]
    method: str
    test: str
    dfs: str
    level: float
    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    ddf: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    sigma2: np.ndarray
    s_names: tuple[str, ...]
    s_nlevels: tuple[int, ...]
    I2: np.ndarray
    vt: float
    QE: float
    QE_df: int
    QEp: float
    QM: float
    QM_df: int
    QM_ddf: float
    QMp: float
    fit_stats: dict[str, dict[str, float]]
    converged: bool
    boundary: bool
    iterations: int
    notes: tuple[str, ...]
    given: tuple[str, ...]
    columns: np.ndarray = field(repr=False)
    intercept: bool
    yi: np.ndarray = field(repr=False)
    X: np.ndarray = field(repr=False)
    V: BlockCovariance = field(repr=False)
    random: dict[str, np.ndarray] = field(repr=False)
    fixed: np.ndarray = field(repr=False)

    @property
    def ll(self) -> float:
        """The log-likelihood that was maximized, with all constants."""
        return self.fit_stats[self.method]["ll"]

    @property
    def residuals(self) -> np.ndarray:
        """yi - X beta."""
        return self.yi - self.X @ self.beta

    def marginal(self, cluster=None) -> BlockCovariance:
        """The fitted covariance of the effects, V plus the random effects, in blocks.

        The blocks are the smallest independent ones, or those of `cluster` (k,), which dependence must not cross.
        """
        levels = [code for code, _ in _factors(self.random, self.k).values()]
        cluster = _components(self.V, levels) if cluster is None else codes(cluster)[0]
        for name, code in zip(self.s_names, levels, strict=True):
            if not np.array_equal(cluster[np.unique(code, return_index=True)[1]][code], cluster):
                raise ValueError(f"a level of factor {name!r} lies in several clusters; use wider clusters")
        blocks = _blocks(self.V.regroup(cluster), levels, self.X)
        return BlockCovariance(self.k, tuple((b.rows, b.covariance(self.sigma2)) for b in blocks))

    @property
    def hat(self) -> np.ndarray:
        """Leverages: the diagonal of X (X'WX)^-1 X'W, W the inverse of the fitted covariance of the effects."""
        out = np.empty(self.k)
        for rows, m in self.marginal().groups:
            x = self.X[rows]
            out[rows] = np.einsum("bmp,pq,bmq->bm", x, self.vb, np.linalg.solve(m, x))
        return out

    def predict(self, newmods=None, *, level: float | None = None, transf=None) -> Prediction:
        """Average effects at `newmods`, as `Fit.predict` takes them, with confidence and prediction intervals.

        The prediction interval is for one true effect at a new level of every factor, variance
        `se^2 + sum(sigma2)`, with the quantile of the confidence interval (metafor's rule).

        Raises ValueError for names or columns of `newmods` that are not those of the model.
        """
        x = new_rows(self, newmods)
        se = np.sqrt(np.einsum("ij,jk,ik->i", x, self.vb, x))
        level = self.level if level is None else numeric.check_level(level)
        made = prediction(x @ self.beta, se, self.ddf.min(), self.sigma2.sum(), level)
        return made if transf is None else made.transformed(transf)

    def contrast(self, L, level: float | None = None) -> Interval:
        """Wald tests of the linear combinations `L` (m, p) of the coefficients, one at a time.

        Each has the smallest degrees of freedom among the coefficients that enter it (metafor's rule).
        """
        L = np.atleast_2d(numbers(L, "L"))
        if L.shape[1] != self.p:
            raise ValueError(f"a contrast needs {self.p} columns ({', '.join(self.names)}), got {L.shape[1]}")
        level = self.level if level is None else numeric.check_level(level)
        ddf = np.where(L != 0, self.ddf, np.inf).min(axis=1)
        estimate, se = L @ self.beta, np.sqrt(np.einsum("ij,jk,ik->i", L, self.vb, L))
        return Interval(estimate, se, **coefficient_tests(estimate, se, ddf, level))

    def omnibus(self, coefficients) -> Omnibus:
        """Joint Wald test that the named (or indexed) coefficients are all zero; a single name is one coefficient.

        Raises ValueError for none and for unknown ones.
        """
        index = coefficient_index(self.names, coefficients)
        return _wald(self.beta[index], self.vb[np.ix_(index, index)], float(self.ddf[index].min()))

    def ranef(self) -> dict[str, RandomEffects]:
        """Best linear unbiased predictions of the random effects of each factor.

        u = sigma2 Z'Py, with variance sigma2 - sigma2^2 Z'PZ, which counts the uncertainty of beta (Henderson 1975;
        Robinson 1991, Statistical Science 6, 15-32).
        """
        residuals, marginal = self.residuals, self.marginal()
        out = {}
        for (name, (code, labels)), s2 in zip(_factors(self.random, self.k).items(), self.sigma2, strict=True):
            u, zpz = np.zeros(len(labels)), np.zeros(len(labels))
            for rows, m in marginal.groups:
                w = np.linalg.inv(m)
                wx = w @ self.X[rows]
                p = w - wx @ self.vb @ wx.transpose(0, 2, 1)
                same = code[rows][:, :, None] == code[rows][:, None, :]
                np.add.at(u, code[rows], (w @ residuals[rows][:, :, None])[:, :, 0])
                np.add.at(zpz, code[rows], (p * same).sum(axis=2))
            out[name] = RandomEffects(labels, s2 * u, np.sqrt(np.maximum(s2 - s2**2 * zpz, 0.0)))
        return out

    def confint(self, name: str, *, level: float | None = None) -> tuple[float, float]:
        """Profile likelihood interval of the variance of factor `name`.

        Its limits are where the likelihood, maximized over the other variances, has fallen by half the chi-square
        quantile with one df (Hardy & Thompson 1996; Viechtbauer 2007), the outermost ones where it falls so far
        several times. The lower limit is 0 where it never falls so far.

        Raises ValueError for a variance that was not estimated, or on which the likelihood hardly depends.
        """
        if name not in self.s_names or self.fixed[self.s_names.index(name)]:
            raise ValueError(f"{name!r} is not an estimated variance of this model ({', '.join(self.s_names)})")
        j = self.s_names.index(name)
        problem = _problem(self.yi, self.X, self.V, _factors(self.random, self.k))
        given = np.where(self.fixed, self.sigma2, np.nan)
        drop = 0.5 * numeric.chi2_ppf(self.level if level is None else numeric.check_level(level), 1)

        def above(value: float) -> float:
            given[j] = value
            return _maximize(problem, given, self.method == "REML").state.ll - self.ll + drop

        return numeric.outer_limits(above, float(self.sigma2[j]), _axes(problem, ~self.fixed)[j])

    def summary(self) -> str:
        """The model as text: variances, heterogeneity, coefficients, warnings."""
        lines = [f"Multilevel model (k = {self.k}; {self.method}; test {self.test}; ll {self.ll:.4f})", ""]
        for name, s2, n, i2 in zip(self.s_names, self.sigma2, self.s_nlevels, self.I2, strict=True):
            lines.append(f"sigma2 {name}: {s2:.4f} (sigma {np.sqrt(s2):.4f}; {n} levels; I2 {i2:.2f} %)")
        lines += [f"QE    {self.QE:.4f}, df = {self.QE_df}, p = {self.QEp:.4g}", *coefficient_lines(self)]
        return "\n".join(lines + [f"Note: {note}" for note in self.notes])

    def __str__(self) -> str:
        return self.summary()


def fit_multilevel(
    yi,
    V=None,
    *,
    random: Mapping,
    mods=None,
    sei=None,
    method: str = "REML",
    test: str = "t",
    dfs: str = "contain",
    sigma2=None,
    level: float = 0.95,
) -> MultilevelFit:
    """Fit a model with random effects of one or more factors by (restricted) maximum likelihood.

    The three-level model is `random={"sample": sample_id, "effect": effect_id}`: effects vary between samples and
    within them (Konstantopoulos 2011, Research Synthesis Methods 2, 61-76). With `V = vcalc(...)` and `robust` it is
    the correlated and hierarchical effects model (Pustejovsky & Tipton 2022, Prevention Science 23, 425-438). Equal
    labels mean the same level, whatever the other factors say, so factors may be crossed; for effects numbered anew
    in each sample give `nested(sample_id, number)`.

    The likelihood is maximized under sigma2 >= 0. It can have several maxima: every peak of a grid over all variances
    is climbed by Newton's method with the observed information (Harville 1977, JASA 72, 320-338) until no variance
    moves by more than a relative 1e-10, and the highest counts. No grid can prove that there is none between its nodes
    (benchmarks/global_maximum.py looks for failures).

    Parameters
    ----------
    yi : (k,) effects, none missing.
    V : (k,) sampling variances, a covariance matrix (k, k), or a `BlockCovariance`, as from `vcalc`.
    random : labels (k,) of each factor, by name, none missing.
    mods : as in `fit`; the intercept is added.
    sei : (k,) standard errors in place of `V`.
    method : "REML" or "ML".
    test : "t" with degrees of freedom by `dfs`, or "z" (metafor's default, too liberal with few levels). `fit` has t
        too; the scale of Knapp & Hartung is not defined for several variances.
    dfs : "contain": the levels of the factor within which a moderator does not vary, less the coefficients of that
        kind; the smallest over the factors (metafor's rule). For the average effect this is the number of samples
        less one. "residual": k - p.
    sigma2 : variances to hold fixed, one for each factor; nan where one is to be estimated.
    level : confidence level of all intervals.

    Raises
    ------
    ValueError : mismatched, missing or infinite input, V and sei both given or neither, collinear moderators, k <= p, a
        factor with one level, two factors that group the effects alike (their variances cannot be told apart), or no
        degrees of freedom for a coefficient.
    """
    if method not in ("ML", "REML"):
        raise ValueError(f"method must be 'ML' or 'REML', got {method!r}")
    if test not in ("z", "t") or dfs not in ("residual", "contain"):
        raise ValueError("test must be 'z' or 't', and dfs 'residual' or 'contain'")
    numeric.check_level(level)
    V = BlockCovariance.of(V if sei is None and V is not None else variances(V, sei))
    yi = numbers(yi, "yi")
    if yi.shape != (V.k,) or not np.all(np.isfinite(yi)):
        raise ValueError(f"yi must be {V.k} finite numbers, one for each variance; leave out rows with missing ones")
    check_effects(yi, V.diagonal())
    X, mod_names = design(mods, V.k)
    k, p = X.shape
    if k <= p:
        raise ValueError(
            f"{k} effects cannot carry {p} coefficients and the variances: leave out moderators or factors"
        )
    if not np.all(np.isfinite(X)) or np.linalg.matrix_rank(X / np.linalg.norm(X, axis=0)) < p:
        raise ValueError("moderators must be finite and linearly independent")
    factors = _factors(random, k)
    given = np.full(len(factors), np.nan) if sigma2 is None else numbers(sigma2, "sigma2")
    if given.shape != (len(factors),) or np.any(given < 0):
        raise ValueError(f"sigma2 must have one value >= 0, or nan, for each of the {len(factors)} factors")
    free = np.isnan(given)
    _check_identifiable({name: code for (name, (code, _)), f in zip(factors.items(), free, strict=True) if f})

    for name, (code, levels) in factors.items():
        # only as many coefficients as levels can take up all their differences
        if np.isnan(given[list(factors).index(name)]) and len(levels) <= p and _spanned(X, code):
            raise ValueError(
                f"the moderators take up all differences between the {len(levels)} levels of {name!r}: nothing is left "
                "to estimate its variance from, and a coefficient has no degrees of freedom; leave out moderators"
            )
    problem = _problem(yi, X, V, factors)
    common = _state(problem, np.zeros(len(factors)), reml=False)
    vt = (k - p) / _trace_p(common)
    best = _maximize(problem, given, method == "REML")
    final = best.state

    beta, vb = problem.back @ (problem.offset + final.beta), problem.back @ final.inverse @ problem.back.T
    se = np.sqrt(np.diag(vb))
    ddf = np.full(p, np.inf if test == "z" else float(k - p))
    if test == "t" and dfs == "contain":
        ddf = _containment(X, factors, k - p)
    QM = joint_test(beta, vb, ddf)
    notes = _crossed(factors)
    if not best.converged:
        notes += (f"{method} did not converge: the variances are not reliable",)
    if boundary := bool(np.any(final.sigma2[free] == 0)):
        notes += ("a variance is estimated as zero, the boundary: this is not evidence of homogeneity",)
    return MultilevelFit(
        k=k,
        p=p,
        names=("intercept", *mod_names),
        method=method,
        test=test,
        dfs=dfs,
        level=level,
        beta=beta,
        se=se,
        **coefficient_tests(beta, se, ddf, level),
        vb=vb,
        sigma2=final.sigma2,
        s_names=tuple(factors),
        s_nlevels=tuple(len(labels) for _, labels in factors.values()),
        I2=100 * final.sigma2 / (final.sigma2.sum() + vt),
        vt=vt,
        QE=common.rss,
        QE_df=k - p,
        QEp=float(numeric.chi2_sf(common.rss, k - p)),
        QM=QM.stat,
        QM_df=QM.df1,
        QM_ddf=QM.df2,
        QMp=QM.pval,
        fit_stats=_fit_stats(final, X, common.logdet, p + int(free.sum())),
        converged=best.converged,
        boundary=boundary,
        iterations=best.iterations,
        notes=notes,
        given=mod_names,
        columns=np.ones(len(mod_names), bool),
        intercept=True,
        yi=yi,
        X=X,
        V=V,
        random={name: labels[code] for name, (code, labels) in factors.items()},
        fixed=~free,
    )


class MultilevelEstimates(NamedTuple):
    """Estimates of B multilevel models, names as in `MultilevelFit`, every field with a leading axis of B.

    A model that the rows cannot carry is nan, `k` apart, and `converged` False.
    """

    k: np.ndarray
    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    ddf: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    sigma2: np.ndarray
    QE: np.ndarray
    QEp: np.ndarray
    ll: np.ndarray
    converged: np.ndarray


def refit_multilevel(f: MultilevelFit, mask) -> MultilevelEstimates:
    """The model of `f` fitted to B subsets of its rows, `mask` (B, k); one after the other, some milliseconds each."""
    rows = []
    for keep in np.atleast_2d(np.asarray(mask, bool)):
        try:
            one = _refitted(f, keep)
        except ValueError:  # the rows do not carry the model
            nan = np.full(f.p, np.nan)
            known = dict.fromkeys(("beta", "se", "stat", "ddf", "pval", "ci_lb", "ci_ub"), nan)
            known |= {"vb": np.full((f.p, f.p), np.nan), "sigma2": np.full(len(f.sigma2), np.nan)}
            known |= {"QE": np.nan, "QEp": np.nan, "ll": np.nan, "converged": False}
            rows.append([keep.sum(), *(known[name] for name in MultilevelEstimates._fields[1:])])
        else:
            rows.append([getattr(one, name) for name in MultilevelEstimates._fields])
    return MultilevelEstimates(*(np.array(column) for column in zip(*rows, strict=True)))


def _refitted(f: MultilevelFit, keep: np.ndarray) -> MultilevelFit:
    return fit_multilevel(
        f.yi[keep],
        f.V.take(keep),
        random={name: labels[keep] for name, labels in f.random.items()},
        mods=dict(zip(f.given, f.X[keep, 1:].T, strict=True)) or None,
        method=f.method,
        test=f.test,
        dfs=f.dfs,
        sigma2=np.where(f.fixed, f.sigma2, np.nan),
        level=f.level,
    )


def coefficient_variances(f: MultilevelFit, sigma2: np.ndarray) -> np.ndarray:
    """Variances (p,) of the coefficients on all rows of `f` if the variances of its factors were `sigma2`."""
    marginal = replace(f, sigma2=sigma2).marginal()
    gram = sum(np.einsum("bmp,bmq->pq", f.X[rows], np.linalg.solve(m, f.X[rows])) for rows, m in marginal.groups)
    return np.diag(np.linalg.inv(gram))


# ---- shared with the robust variances ------------------------------------------------------------------------


def coefficient_tests(beta, se, ddf, level: float) -> dict[str, np.ndarray]:
    """Wald tests and intervals of coefficients that each have degrees of freedom of their own."""
    with np.errstate(divide="ignore", invalid="ignore"):
        stat, half = beta / se, numeric.t_critical(level, ddf) * se
    pval = numeric.t_two_sided_p(stat, ddf)
    return {"stat": stat, "ddf": ddf, "pval": pval, "ci_lb": beta - half, "ci_ub": beta + half}


def moderator_rows(p: int) -> slice:
    """The coefficients a joint test is about: the moderators, or the intercept where it is alone."""
    return slice(1, None) if p > 1 else slice(None)


def joint_test(beta, vb, ddf) -> Omnibus:
    """Joint Wald test of the moderators (of the intercept, if it is alone): chi-square, or F with the smallest df."""
    tested = moderator_rows(len(beta))
    return _wald(beta[tested], vb[tested, tested], float(ddf[tested].min()))


def _wald(b, v, df: float) -> Omnibus:
    chi2 = float(b @ np.linalg.solve(v, b))
    return Omnibus(chi2 if np.isinf(df) else chi2 / len(b), len(b), df, float(numeric.f_sf(chi2 / len(b), len(b), df)))


def prediction(pred, se, ddf, heterogeneity: float, level: float) -> Prediction:
    """Confidence intervals, and prediction intervals that add the `heterogeneity` variance, with the same quantile."""
    crit = numeric.t_critical(level, ddf)
    spread = crit * np.sqrt(se**2 + heterogeneity)
    return Prediction(pred, se, ddf, pred - crit * se, pred + crit * se, pred - spread, pred + spread, ddf, "test", "")


def coefficient_lines(result) -> list[str]:
    """The table of coefficients as lines of text."""
    width = max(len("coefficient"), *(len(name) for name in result.names))
    head = f"{'coefficient':{width}} {'estimate':>10} {'SE':>9} {'stat':>9} {'df':>7} {'p':>8}"
    lines = ["", f"{head}   {100 * result.level:g} % interval"]
    for j, name in enumerate(result.names):
        df = "normal" if np.isinf(result.ddf[j]) else f"{result.ddf[j]:.2f}"
        p = "none" if np.isnan(result.pval[j]) else f"{result.pval[j]:.4f}"
        numbers = f"{result.beta[j]:10.4f} {result.se[j]:9.4f} {result.stat[j]:9.3f} {df:>7} {p:>8}"
        lines.append(f"{name:{width}} {numbers}   [{result.ci_lb[j]:.4f}, {result.ci_ub[j]:.4f}]")
    return lines


# ---- the likelihood ------------------------------------------------------------------------------------------


class _Block(NamedTuple):
    """All independent blocks of one size m: rows (B, m), V (B, m, m), for each of s factors which effects share a
    level (s, B, m, m), and the design with the effects as last column (B, m, p + 1)."""

    rows: np.ndarray
    v: np.ndarray
    same: np.ndarray
    xy: np.ndarray

    def covariance(self, sigma2: np.ndarray) -> np.ndarray:
        return self.v + np.tensordot(sigma2, self.same, 1)


class _Problem(NamedTuple):
    """The blocks, in an orthonormal basis of the design and with its least squares fit (`offset`) subtracted from the
    effects, so that sums of squares do not cancel; `back` leads back to the coefficients of the original columns."""

    blocks: list[_Block]
    k: int
    p: int
    offset: np.ndarray
    back: np.ndarray


class _State(NamedTuple):
    """Generalized least squares at given variances. `solved` has for each block W = M^-1 and W [X, e]."""

    sigma2: np.ndarray
    beta: np.ndarray
    inverse: np.ndarray
    rss: float
    logdet: float
    ml: float
    reml: float
    ll: float
    solved: list[tuple[np.ndarray, np.ndarray]]


class _Optimum(NamedTuple):
    state: _State
    converged: bool
    iterations: int


def _problem(yi, X, V: BlockCovariance, factors) -> _Problem:
    k, p = X.shape
    basis, r = np.linalg.qr(X)
    offset = basis.T @ yi
    xy = np.column_stack([basis, yi - basis @ offset])
    levels = [code for code, _ in factors.values()]
    blocks = _blocks(V.regroup(_components(V, levels)), levels, xy)
    return _Problem(blocks, k, p, offset, np.linalg.inv(r))


def _blocks(V: BlockCovariance, levels: list[np.ndarray], xy: np.ndarray) -> list[_Block]:
    blocks = []
    for rows, v in V.groups:
        same = [code[rows][:, :, None] == code[rows][:, None, :] for code in levels]
        blocks.append(_Block(rows, v, np.array(same, float).reshape(len(levels), *v.shape), xy[rows]))
    return blocks


def _state(problem: _Problem, sigma2: np.ndarray, reml: bool) -> _State:
    k, p = problem.k, problem.p
    gram, logdet, solved = np.zeros((p + 1, p + 1)), 0.0, []
    for block in problem.blocks:
        m = block.covariance(sigma2)
        logdet += 2 * np.log(np.einsum("bii->bi", np.linalg.cholesky(m))).sum()
        w = np.linalg.inv(m)
        wxy = w @ block.xy
        gram += _flat(block.xy).T @ _flat(wxy)
        solved.append((w, wxy))
    inverse = np.linalg.inv(gram[:p, :p])
    beta = inverse @ gram[:p, p]
    rss = float(gram[p, p] - gram[:p, p] @ beta)
    for _, wxy in solved:
        wxy[:, :, p] -= wxy[:, :, :p] @ beta
    ml = -0.5 * (k * np.log(2 * np.pi) + logdet + rss)
    reml_ll = -0.5 * ((k - p) * np.log(2 * np.pi) + logdet + rss + np.linalg.slogdet(gram[:p, :p])[1])
    return _State(sigma2, beta, inverse, rss, logdet, ml, reml_ll, reml_ll if reml else ml, solved)


def _derivatives(problem: _Problem, state: _State, reml: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score, observed and expected information of the variances.

    With P = W - W X C X'W, u = Py and S_s marking the effects that share a level of factor s: score
    (u'S_s u - tr(P S_s)) / 2, expected tr(P S_s P S_t) / 2, observed u'S_s P S_t u less the expected one; ML has W for
    P in the traces (Harville 1977).
    """
    p, s, c = problem.p, len(state.sigma2), state.inverse
    trace, trace2 = np.zeros(s), np.zeros((s, s))
    first, second = np.zeros((s, p + 1, p + 1)), np.zeros((s, s, p + 1, p + 1))
    for block, (w, wxe) in zip(problem.blocks, state.solved, strict=True):
        sw, sx = block.same @ w, block.same @ wxe
        trace += np.einsum("sbii->s", sw)
        trace2 += np.einsum("sbij,tbji->st", sw, sw)
        left, right = _flat(sx), _flat(w @ sx)
        first += _flat(wxe).T @ left
        second += left.transpose(0, 2, 1)[:, None] @ right[None]
    if reml:
        cf = c @ first[:, :p, :p]
        trace = trace - np.einsum("sii->s", cf)
        trace2 = trace2 - 2 * np.einsum("ij,stji->st", c, second[:, :, :p, :p]) + np.einsum("sij,tji->st", cf, cf)
    g = first[:, :p, p]
    upu = second[:, :, p, p] - g @ c @ g.T
    return 0.5 * (first[:, p, p] - trace), upu - 0.5 * trace2, 0.5 * trace2


def _maximize(problem: _Problem, given: np.ndarray, reml: bool) -> _Optimum:
    """The highest maximum over the variances that are nan in `given` (s,): each peak of a grid is climbed.

    The grid is even in the logarithm of each variance, from its own smallest scale on, which is that of the
    information about it; see `reanalysis.meta.tau2`, where the same reasoning is exact for one variance.
    """
    free = np.isnan(given)
    axes = _axes(problem, free)
    axes = [axis if np.isnan(value) else np.array([value]) for axis, value in zip(axes, given, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(given))
    values = _log_likelihoods(problem, grid, reml).reshape([len(axis) for axis in axes])
    highest = values >= _largest_beside(values)
    climbs = [_climb(problem, start, free, reml) for start in grid[highest.ravel()]]
    best = max(climbs, key=lambda climb: climb.state.ll)
    # the same peak reached from two sides differs by rounding
    return next((c for c in climbs if c.converged and c.state.ll >= best.state.ll - ROUNDING), best)


def _axes(problem: _Problem, free: np.ndarray) -> list[np.ndarray]:
    """For each variance the values, zero first, at which the likelihood is looked at."""
    smallest = min(np.linalg.eigvalsh(block.v).min() for block in problem.blocks)
    most = [max(block.same[j].sum(axis=-1).max() for block in problem.blocks) for j in range(len(free))]
    top = max(np.square(block.xy[:, :, -1]).max() + np.einsum("bii->bi", block.v).max() for block in problem.blocks)
    work = sum(block.v.size * block.v.shape[1] for block in problem.blocks)
    low = smallest / np.array(most)
    width = np.log1p(top / low)
    most_nodes = (WORK / work) ** (1 / max(free.sum(), 1))
    steps = np.clip(np.minimum(width / STEP, most_nodes), 3, None).astype(int)
    return [own * np.expm1(np.linspace(0, w, n + 1)) for own, w, n in zip(low, width, steps, strict=True)]


def _log_likelihoods(problem: _Problem, sigma2: np.ndarray, reml: bool) -> np.ndarray:
    """Log-likelihood (n,) at each row of `sigma2` (n, s): elimination in all blocks and for all rows side by side."""
    k, p, n = problem.k, problem.p, len(sigma2)
    logdet, gram = np.zeros(n), np.zeros((p + 1, p + 1, n))
    for block in problem.blocks:
        sets, m = block.rows.shape
        at_once = max(1, CELLS // (sets * m * (m + p + 1)))
        v, same = (np.moveaxis(a, -3, -1)[..., None, :] for a in (block.v, block.same))
        xy = np.moveaxis(block.xy, 0, -1)[..., None, :]
        for first in range(0, n, at_once):
            part = slice(first, first + at_once)
            weights = sigma2[part].T[:, None, None, :, None]
            covariance = v + sum(w * one for w, one in zip(weights, same, strict=True))
            a = np.concatenate([covariance, np.broadcast_to(xy, (*xy.shape[:2], *covariance.shape[2:]))], axis=1)
            for i in range(m):
                logdet[part] += np.log(a[i, i]).sum(axis=-1)
                scaled = a[i, m:] / a[i, i]
                gram[..., part] += (a[i, m:, None] * scaled).sum(axis=-1)
                a[i + 1 :, i + 1 :] -= a[i + 1 :, i, None] * (a[i, i + 1 :] / a[i, i])
    gram = np.moveaxis(gram, -1, 0)
    beta = np.linalg.solve(gram[:, :p, :p], gram[:, :p, p:])[:, :, 0]
    twice = logdet + gram[:, p, p] - np.vecdot(gram[:, :p, p], beta) + (k - p * reml) * np.log(2 * np.pi)
    return -0.5 * (twice + np.linalg.slogdet(gram[:, :p, :p])[1] if reml else twice)


def _largest_beside(values: np.ndarray) -> np.ndarray:
    """The largest of the values around each entry, diagonals too."""
    padded = np.pad(values, 1, constant_values=-np.inf)
    largest = np.full(values.shape, -np.inf)
    for moves in product((0, 1, 2), repeat=values.ndim):
        if set(moves) != {1}:
            beside = tuple(slice(m, m + n) for m, n in zip(moves, values.shape, strict=True))
            largest = np.maximum(largest, padded[beside])
    return largest


def _climb(problem: _Problem, start: np.ndarray, free: np.ndarray, reml: bool) -> _Optimum:
    """Newton's method from `start` on the free variances, kept at sigma2 >= 0, halving steps that lose likelihood."""
    state = _state(problem, np.asarray(start, float), reml)
    scale = np.mean([np.einsum("bii->bi", block.v).mean() for block in problem.blocks])
    for iteration in range(MAX_ITERATIONS):
        step = _newton_step(state.sigma2, free, *_derivatives(problem, state, reml))
        small = TOLERANCE * (state.sigma2 + scale)
        if np.all(np.abs(step) <= small):
            return _Optimum(state, True, iteration)
        slack = 1e-12 * max(1.0, abs(state.ll))
        for _ in range(30):
            trial = _state(problem, state.sigma2 + step, reml)
            if trial.ll >= state.ll - slack:
                break
            step = step / 2
        else:
            return _Optimum(state, False, iteration)
        state = trial
    return _Optimum(state, False, MAX_ITERATIONS)


def _newton_step(sigma2, free, score, observed, expected) -> np.ndarray:
    """The step of the free variances to the maximum of the quadratic approximation where sigma2 >= 0.

    Variances at zero stay there while the likelihood falls from it. The maximum over the others puts some of them at
    zero and solves for the rest; with so few, all choices are tried, none first.
    """
    step = np.zeros(len(sigma2))
    index = np.flatnonzero(free & ((sigma2 > 0) | (score > 0)))
    if not len(index):
        return step
    now, g = sigma2[index], score[index]
    part = np.ix_(index, index)
    # the observed information is used where it is well positive against the expected one
    well = np.linalg.eigvalsh(observed[part] - 0.01 * expected[part])[0] > 0
    h = (observed if well else expected)[part]
    best = -np.inf
    for choice in product((False, True), repeat=len(index)):
        to_zero = np.array(choice)
        inside = ~to_zero
        d = -now
        if inside.any():
            d[inside] = np.linalg.solve(h[np.ix_(inside, inside)], g[inside] - h[np.ix_(inside, to_zero)] @ d[to_zero])
        gain = g @ d - 0.5 * d @ h @ d
        if np.all(d >= -now) and gain > best:
            best, step[index] = gain, d
            if not to_zero.any():
                break
    return step


def _fit_stats(state: _State, X, logdet_v: float, q: int) -> dict[str, dict[str, float]]:
    """Both likelihoods at the estimates, as `Fit.fit_stats` has them; q parameters were estimated."""
    k, p = X.shape
    saturated = -0.5 * (k * np.log(2 * np.pi) + logdet_v)
    stats = {}
    for name, ll, n, reference in (("ML", state.ml, k, saturated), ("REML", state.reml, k - p, 0.0)):
        n_c = max(n, q + 2)
        stats[name] = {
            "ll": float(ll),
            "dev": float(-2 * (ll - reference)),
            "AIC": float(-2 * ll + 2 * q),
            "BIC": float(-2 * ll + q * np.log(n)),
            "AICc": float(-2 * ll + 2 * q * n_c / (n_c - q - 1)),
        }
    return stats


def _trace_p(state: _State) -> float:
    p = len(state.beta)
    xwwx = sum(_flat(wxe[:, :, :p]).T @ _flat(wxe[:, :, :p]) for _, wxe in state.solved)
    return float(sum(np.einsum("bii->", w) for w, _ in state.solved) - np.sum(state.inverse * xwwx))


def _flat(blocks: np.ndarray) -> np.ndarray:
    """(..., B, m, q) as (..., B m, q)."""
    return blocks.reshape(*blocks.shape[:-3], -1, blocks.shape[-1])


# ---- factors -------------------------------------------------------------------------------------------------


def _factors(random: Mapping, k: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Integer codes and labels of each factor."""
    if not random:
        raise ValueError("random must name at least one factor, such as {'sample': ..., 'effect': ...}")
    factors = {name: codes(labels, name) for name, labels in random.items()}
    for name, (code, _) in factors.items():
        if len(code) != k:
            raise ValueError(f"random factor {name!r} has {len(code)} labels for {k} effects")
    return factors


def _check_identifiable(estimated: dict[str, np.ndarray]) -> None:
    for name, code in estimated.items():
        if code.max() == 0:
            raise ValueError(f"factor {name!r} has only one level: its variance cannot be estimated")
        for other, same in estimated.items():
            if other != name and np.array_equal(code, same):
                raise ValueError(
                    f"factors {name!r} and {other!r} group the effects alike: their variances cannot be told apart; "
                    "leave one out, or use `fit` where every sample has one effect"
                )


def _crossed(factors) -> tuple[str, ...]:
    """A note for each pair of factors of which the later seems to be numbered anew in each level of the earlier."""
    notes = []
    for (outer, (code, labels)), (inner, (within, _)) in combinations(factors.items(), 2):
        cells = np.unique(np.column_stack([within, code]), axis=0)[:, 0]
        if np.bincount(cells).max() == len(labels) > 1:
            notes.append(
                f"labels of {inner!r} come again in every level of {outer!r}: the factors are taken to be crossed; if "
                f"they are numbered anew in each {outer}, give nested({outer}, {inner})"
            )
    return tuple(notes)


def _components(V: BlockCovariance, levels: list[np.ndarray]) -> np.ndarray:
    """Codes of the smallest groups of effects that are independent of one another."""
    own = np.empty(V.k, int)
    for rows, _ in V.groups:
        own[rows] = rows[:, :1]
    label = codes(own)[0]
    links = [label, *levels]
    while True:
        before = label
        for link in links:
            lowest = np.full(link.max() + 1, V.k)
            np.minimum.at(lowest, link, label)
            label = lowest[link]
        if np.array_equal(label, before):
            return codes(label)[0]


def _spanned(X: np.ndarray, code: np.ndarray) -> bool:
    """Whether the levels of a factor are, to rounding, combinations of the columns of the design."""
    z = (code[:, None] == np.arange(code.max() + 1)).astype(float)
    basis, _ = np.linalg.qr(X)
    return bool(np.linalg.norm(z - basis @ (basis.T @ z)) < 1e-8 * len(z))


def _containment(X: np.ndarray, factors, residual: int) -> np.ndarray:
    ddf = np.full(X.shape[1], float(residual))
    for code, labels in factors.values():
        first = np.unique(code, return_index=True)[1]
        constant = np.all(X[first][code] == X, axis=0)
        ddf = np.where(constant, np.minimum(ddf, len(labels) - constant.sum()), ddf)
    if np.any(ddf <= 0):
        raise ValueError(
            "a coefficient has no degrees of freedom by containment, for it varies between too few levels: leave out "
            "moderators, or use dfs='residual', test='z' or robust()"
        )
    return ddf
