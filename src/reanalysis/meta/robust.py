"""Cluster-robust covariances of coefficients, with small-sample corrections.

The working model - the fitted one - need not be true; only effects of different clusters must be independent. All
clusters of one size are worked on at once. Degrees of freedom need quadratic forms for every pair of clusters: these
are a diagonal plus a matrix of low rank, so no table of clusters by clusters is made.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta.columns import new_rows
from reanalysis.meta.covariance import BlockCovariance, codes
from reanalysis.meta.multilevel import (
    MultilevelFit,
    coefficient_lines,
    coefficient_tests,
    joint_test,
    moderator_rows,
    prediction,
)
from reanalysis.meta.univariate import Fit, Omnibus, Prediction

KINDS = ("CR0", "CR1", "CR1p", "CR1S", "CR2")
LEAST_SHARE = 0.9


@dataclass(frozen=True)
class RobustFit:
    """Coefficients of a fit with a cluster-robust covariance `vb`.

    `ddf` has degrees of freedom for each coefficient. Where they fall below `min_df` the normal theory behind them
    fails (Tipton 2015): `low_df` is True, the interval is given, `pval` is nan, and `notes` says so. `QM` is the F of
    the joint test of the moderators (of the intercept, if alone) with `QM_df` and `QM_ddf` degrees of freedom.
    """

    k: int
    p: int
    n_clusters: int
    names: tuple[str, ...]
    kind: str
    level: float
    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    ddf: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    low_df: np.ndarray
    min_df: float
    QM: float
    QM_df: int
    QM_ddf: float
    QMp: float
    heterogeneity: float
    given: tuple[str, ...]
    columns: np.ndarray = field(repr=False)
    intercept: bool
    X: np.ndarray = field(repr=False)
    notes: tuple[str, ...] = ()
    _moments: "_Moments | None" = field(default=None, repr=False)

    def predict(self, newmods=None, *, level: float | None = None, transf=None) -> Prediction:
        """Average effects at `newmods`, as `Fit.predict`, each with the degrees of freedom of its own contrast.

        The prediction interval adds the heterogeneity of the working model.
        """
        x = new_rows(self, newmods)
        se = np.sqrt(np.einsum("ij,jk,ik->i", x, self.vb, x))
        ddf = np.full(len(x), self.ddf[0]) if self._moments is None else self._moments.satterthwaite(x)
        level = self.level if level is None else numeric.check_level(level)
        made = prediction(x @ self.beta, se, ddf, self.heterogeneity, level)
        return made if transf is None else made.transformed(transf)

    def summary(self) -> str:
        """The coefficients as text."""
        lines = [f"Cluster-robust inference ({self.kind}; k = {self.k} effects in {self.n_clusters} clusters)"]
        return "\n".join(lines + coefficient_lines(self) + [f"Note: {note}" for note in self.notes])

    def __str__(self) -> str:
        return self.summary()


def robust(
    fit: Fit | MultilevelFit, cluster, *, kind: str = "CR2", dfs: str | None = None, min_df: float = 4.0
) -> RobustFit:
    """Replace the covariance of the coefficients by one that is robust to dependence within clusters.

    CR0 is the sandwich of residuals (Liang & Zeger 1986); CR1, CR1p and CR1S scale it by m/(m-1), m/(m-p) and
    m(k-1)/((m-1)(k-p)) for m clusters. CR2 corrects each cluster's residuals so that the result is unbiased if the
    working model is true (Bell & McCaffrey 2002; in meta-analysis Tipton 2015, Psychological Methods 20, 375-393), with
    the adjustment matrices D'(D G D')^(-1/2) D of Pustejovsky & Tipton (2018, Journal of Business & Economic Statistics
    36, 672-683): D the upper Cholesky factor of the cluster's covariance, G the covariance of its residuals.

    Parameters
    ----------
    fit : a model with independent effects, or a multilevel one.
    cluster : labels (k,); every random effect and every sampling covariance must lie within a cluster.
    kind : CR0, CR1, CR1p, CR1S or CR2.
    dfs : "satterthwaite", of each coefficient's variance under the working model, and for the joint test the
        approximate Hotelling T^2 (AHT, "HTZ") of Tipton & Pustejovsky (2015, Journal of Educational and Behavioral
        Statistics 40, 604-634); or "clusters", m - p. Default: the former for CR2, the latter for the others.
    min_df : no p value is given below so many degrees of freedom, nor where CR2 is expected to miss more than a tenth
        of the variance (a moderator of one cluster alone; `notes` says so); 0 gives them all.

    Raises
    ------
    ValueError : unknown kind, labels that do not fit, no more clusters than coefficients, or dependence that crosses
        clusters.
    """
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {kind!r}")
    dfs = dfs or ("satterthwaite" if kind == "CR2" else "clusters")
    if dfs not in ("satterthwaite", "clusters"):
        raise ValueError(f"dfs must be 'satterthwaite' or 'clusters', got {dfs!r}")
    if not isinstance(fit, Fit | MultilevelFit):
        raise TypeError(f"robust takes a model from `fit` or `fit_multilevel`, not {type(fit).__name__}")
    if isinstance(fit, Fit) and np.shape(cluster) == fit.used.shape:
        cluster = [label for label, used in zip(cluster, fit.used, strict=True) if used]
    code, labels = codes(cluster)
    k, p = fit.X.shape
    m = len(labels)
    if len(code) != k:
        raise ValueError(f"cluster has {len(code)} labels for {k} effects")
    if m <= p:
        raise ValueError(f"{m} clusters cannot give a robust covariance of {p} coefficients: more clusters are needed")

    moments, scores = _moments(fit, code, m, kind == "CR2")
    vb = _SCALE[kind](m, k, p) * moments.back @ (scores.T @ scores) @ moments.back.T
    se = np.sqrt(np.diag(vb))
    if dfs == "clusters":
        ddf, joint = np.full(p, float(m - p)), joint_test(fit.beta, vb, np.full(p, float(m - p)))
    else:
        ddf, joint = moments.satterthwaite(np.eye(p)), _hotelling(fit.beta, vb, moments)
    notes = ()
    if np.isnan(joint.pval):
        notes += ("the moderators vary over too few clusters for a joint test",)
    # CR2 is unbiased by construction, unless the coefficients leave a cluster's residuals no room in some direction
    share = moments.expected_share(np.eye(p)) if kind == "CR2" else np.ones(p)
    for name, part in zip(fit.names, share, strict=True):
        if part < LEAST_SHARE:
            notes += (f"{name}: a cluster is fitted by itself; the robust variance is expected {part:.0%} of the true",)
    tests = coefficient_tests(fit.beta, se, ddf, fit.level)
    low = ~(ddf >= min_df)
    if low.any():
        few = ", ".join(name for name, is_low in zip(fit.names, low, strict=True) if is_low)
        notes += (f"fewer than {min_df:g} degrees of freedom, no p value: {few}",)
    if min_df > 0:
        missed = share < LEAST_SHARE
        tests["pval"] = np.where(low | missed, np.nan, tests["pval"])
        if joint.df2 < min_df or missed[moderator_rows(p)].any():
            joint = joint._replace(pval=np.nan)
    return RobustFit(
        k=k,
        p=p,
        n_clusters=m,
        names=fit.names,
        kind=kind,
        level=fit.level,
        beta=fit.beta,
        se=se,
        **tests,
        vb=vb,
        low_df=low,
        min_df=min_df,
        QM=joint.stat,
        QM_df=joint.df1,
        QM_ddf=joint.df2,
        QMp=joint.pval,
        heterogeneity=float(np.sum(fit.tau2 if isinstance(fit, Fit) else fit.sigma2)),
        given=fit.given,
        columns=fit.columns,
        intercept=fit.intercept,
        X=fit.X,
        notes=notes,
        _moments=moments if dfs == "satterthwaite" else None,
    )


_SCALE = {
    "CR0": lambda m, k, p: 1.0,
    "CR1": lambda m, k, p: m / (m - 1),
    "CR1p": lambda m, k, p: m / (m - p),
    "CR1S": lambda m, k, p: m * (k - 1) / ((m - 1) * (k - p)),
    "CR2": lambda m, k, p: 1.0,
}


class _Form(NamedTuple):
    """A symmetric array over clusters, diag(d) + left right'."""

    d: np.ndarray
    left: np.ndarray
    right: np.ndarray

    @property
    def diagonal(self) -> np.ndarray:
        return self.d + np.einsum("jq,jq->j", self.left, self.right)

    def dot(self, other: "_Form") -> float:
        """Sum over all pairs of clusters of the products of the entries."""
        own, others = self.diagonal - self.d, other.diagonal - other.d
        low_rank = np.sum((self.left.T @ other.left) * (self.right.T @ other.right))
        return float(self.d @ other.d + self.d @ others + own @ other.d + low_rank)


class _Moments(NamedTuple):
    """What the distribution of the robust covariance under the working model depends on.

    With U_j = A_j W_j X_j: `spread` U'Phi U, `lever` C X'U and `cross` X'W Phi U of each cluster (m, p, p); `bread` C,
    `middle` X'W Phi W X, and `back` from the orthonormal basis used here to the coefficients.
    """

    spread: np.ndarray
    lever: np.ndarray
    cross: np.ndarray
    bread: np.ndarray
    middle: np.ndarray
    back: np.ndarray

    def form(self, s: np.ndarray, t: np.ndarray) -> _Form:
        """Covariances of the contributions of every two clusters to contrasts s and t (in the orthonormal basis)."""
        a, b = self.bread @ s, self.bread @ t
        lever_a, cross_a = self.lever @ a, self.cross @ a
        lever_b, cross_b = (lever_a, cross_a) if s is t else (self.lever @ b, self.cross @ b)
        left = np.concatenate([lever_a, cross_a], axis=1)
        right = np.concatenate([lever_b @ self.middle - cross_b, -lever_b], axis=1)
        return _Form(np.einsum("p,jpq,q->j", a, self.spread, b, optimize=True), left, right)

    def satterthwaite(self, contrasts: np.ndarray) -> np.ndarray:
        """Degrees of freedom 2 E(v)^2 / Var(v) of the robust variance v of each contrast (rows).

        Pustejovsky & Tipton (2018), section on the t test.
        """
        forms = [self.form(contrast, contrast) for contrast in contrasts @ self.back]
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.array([form.diagonal.sum() ** 2 / form.dot(form) for form in forms])

    def expected_share(self, contrasts: np.ndarray) -> np.ndarray:
        """Expectation of the robust variance of each contrast, relative to its variance under the working model."""
        c = contrasts @ self.back
        model = np.einsum("ip,pq,iq->i", c, self.bread @ self.middle @ self.bread, c)
        return np.array([self.form(s, s).diagonal.sum() for s in c]) / model


def _hotelling(beta: np.ndarray, vb: np.ndarray, moments: _Moments) -> Omnibus:
    """Joint test by the approximate Hotelling T^2 of Tipton & Pustejovsky (2015): the robust covariance, scaled by its
    expectation, is taken as Wishart with the degrees of freedom that match its total variance."""
    tested = moderator_rows(len(beta))
    contrasts = np.eye(len(beta))[tested] @ moments.back
    q = len(contrasts)

    def forms(rows):
        return [[moments.form(s, t) for t in rows] for s in rows]

    expected = np.array([[form.diagonal.sum() for form in row] for row in forms(contrasts)])
    size = np.sqrt(np.diag(expected))
    contrasts = contrasts / size[:, None]
    values, vectors = np.linalg.eigh(expected / np.outer(size, size))
    if not values[0] > 1e-10:
        return Omnibus(np.nan, q, np.nan, np.nan)
    scaled = forms((vectors / np.sqrt(values)).T @ contrasts)
    pairs = [(s, t) for s in range(q) for t in range(q)]
    total = sum(scaled[s][s].dot(scaled[t][t]) + scaled[s][t].dot(scaled[t][s]) for s, t in pairs)
    eta = q * (q + 1) / total
    ddf = eta - q + 1
    if ddf <= 0:
        return Omnibus(np.nan, q, ddf, np.nan)
    b = beta[tested]
    stat = float(b @ np.linalg.solve(vb[tested, tested], b)) * ddf / (eta * q)
    return Omnibus(stat, q, ddf, float(numeric.f_sf(stat, q, ddf)))


def _moments(fit, code: np.ndarray, m: int, corrected: bool) -> tuple[_Moments, np.ndarray]:
    """The moments, and the contribution of each cluster to the coefficients (m, p)."""
    basis, r = np.linalg.qr(fit.X)
    p = basis.shape[1]
    if isinstance(fit, Fit):
        covariance, weights = BlockCovariance.of(fit.vi + fit.tau2).regroup(code), fit.weights
    else:
        covariance, weights = fit.marginal(code), None
    e = fit.residuals
    groups = []
    for rows, phi in covariance.groups:
        w = np.linalg.inv(phi) if weights is None else weights[rows][:, :, None] * np.eye(rows.shape[1])
        x = basis[rows]
        wx = w @ x
        groups.append((rows, phi, x, wx, phi @ wx))
    bread = np.linalg.inv(sum(np.einsum("bmp,bmq->pq", x, wx) for _, _, x, wx, _ in groups))
    middle = sum(np.einsum("bmp,bmq->pq", wx, pwx) for _, _, _, wx, pwx in groups)
    around = bread @ middle @ bread

    spread, lever, cross = (np.empty((m, p, p)) for _ in range(3))
    scores = np.empty((m, p))
    for rows, phi, x, wx, pwx in groups:
        u = wx
        if corrected:
            xt = x.transpose(0, 2, 1)
            half = x @ bread @ pwx.transpose(0, 2, 1)
            left_over = phi - half - half.transpose(0, 2, 1) + x @ around @ xt
            lower = np.linalg.cholesky(phi)
            upper = lower.transpose(0, 2, 1)
            u = lower @ _inverse_root(upper @ left_over @ lower) @ upper @ wx
        at, ut = code[rows[:, 0]], u.transpose(0, 2, 1)
        spread[at] = ut @ phi @ u
        lever[at] = bread @ (x.transpose(0, 2, 1) @ u)
        cross[at] = pwx.transpose(0, 2, 1) @ u
        scores[at] = (ut @ e[rows][:, :, None])[:, :, 0] @ bread
    return _Moments(spread, lever, cross, bread, middle, np.linalg.inv(r)), scores


def _inverse_root(blocks: np.ndarray) -> np.ndarray:
    """Symmetric square roots of the Moore-Penrose inverses of symmetric positive semi-definite blocks."""
    values, vectors = np.linalg.eigh(blocks)
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(values > 1e-12 * values[:, -1:], 1 / np.sqrt(values), 0.0)
    return (vectors * root[:, None, :]) @ vectors.transpose(0, 2, 1)
