"""One model for independent effects, fitted to many data sets at once: the engine under `fit`, `fit_many`, `refit`."""

from dataclasses import dataclass, fields, replace

import numpy as np

from reanalysis import numeric
from reanalysis.meta import tau2 as _tau2

CHUNK_CELLS = _tau2.CELLS


@dataclass(frozen=True, eq=False)
class Estimates:
    """What a model estimates, with metafor's names; from `fit_many` every field has a leading axis of B data sets.

    `ddf` is `inf` where the test is normal. `I2` is in percent; with a common effect it and `H2` follow from Q, else
    from tau2 and the typical sampling variance `vt` (Higgins & Thompson 2002, eq. 9). `QM` is chi-square for z tests
    and F otherwise. `boundary` says that tau2 was estimated as exactly zero.
    """

    k: int
    beta: np.ndarray
    se: np.ndarray
    stat: np.ndarray
    ddf: float
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    tau2: float
    se_tau2: float
    I2: float
    H2: float
    vt: float
    s2w: float
    QE: float
    QE_df: int
    QEp: float
    QM: float
    QM_df: int
    QMp: float
    converged: bool
    boundary: bool


def fit_all(yi, vi, on, x, method, test, level, weights=None, tau2=None) -> Estimates:
    """All estimates of B data sets (`yi`, `vi`, `on` broadcast to (B, k)), in chunks that bound the memory."""
    n_sets, k = np.broadcast_shapes(np.shape(yi), np.shape(vi), on.shape)
    arrays = [a if np.shape(a) == (n_sets, k) else np.broadcast_to(a, (n_sets, k)) for a in (yi, vi, on)]
    weights = None if weights is None else np.broadcast_to(weights, (n_sets, k))
    rows = max(1, CHUNK_CELLS // k)
    parts = []
    for i in range(0, n_sets, rows):
        own = None if weights is None else weights[i : i + rows]
        chunk = [a[i : i + rows] for a in arrays]
        parts.append(_fit_batch(*chunk, x, method, test, level, own, tau2))
    if len(parts) == 1:
        return parts[0]
    return Estimates(**{f.name: np.concatenate([getattr(e, f.name) for e in parts]) for f in fields(Estimates)})


def _fit_batch(yi, vi, on, x, method, test, level, weights, tau2) -> Estimates:
    """All estimates of B data sets; rows out of a set have `on` zero. `weights` (B, k) and `tau2` are optional."""
    # an orthonormal basis of the design keeps X'WX well conditioned whatever the units of the moderators
    q, r = (x, None) if x.shape[1] == 1 else np.linalg.qr(x)
    data = _tau2.Data.of(yi, vi, on, q)
    n_sets, p = len(data.k), data.p
    estimable = (data.k >= p) & ((data.k > p) | (data.k == 1) | (method == "CE"))
    if p > 1 and not on.all():
        estimable[estimable] = _full_rank(data.gram(on[estimable]).reshape(-1, p, p))
    if not estimable.all():
        own = None if weights is None else weights[estimable]
        part = _fit_batch(*(a[estimable] for a in (yi, vi, on)), x, method, test, level, own, tau2)
        return _spread(part, estimable, data.k)
    # effects relative to one of them: results cannot depend on the origin, and equal effects leave exact zeros
    intercept = bool((x[:, 0] == 1).all())
    origin = yi[np.arange(n_sets), on.argmax(axis=1)] if intercept else np.zeros(n_sets)
    data = replace(data, yi=yi - origin[:, None])

    common = _tau2.weighted_fit(data, data.weights(np.zeros(n_sets)))
    given = tau2 is not None
    if given:
        tau2, converged = np.full(n_sets, float(tau2)), np.ones(n_sets, bool)
    else:
        tau2, converged = _tau2.estimate(data, method)
    final = common if method == "CE" else _tau2.weighted_fit(data, data.weights(tau2))
    df = data.k - p

    with np.errstate(divide="ignore", invalid="ignore"):
        se_tau2 = np.full(n_sets, np.nan) if given else _tau2.standard_error(data, method, tau2, final)
        vt = np.where(df > 0, df / _tau2.trace(data, common), 0.0)
        if method == "CE":
            H2 = np.where(df > 0, common.rss / df, 1.0)
            I2 = 100 * np.maximum(0.0, 1 - 1 / H2)
        else:
            H2 = np.where(df > 0, 1 + tau2 / vt, 1.0)
            I2 = np.where(df > 0, 100 * tau2 / (tau2 + vt), 0.0)
        mean_square = np.where(df > 0, final.rss / df, 1.0)
    beta, vb = final.beta, final.inverse.reshape(-1, p, p)
    if weights is not None:
        beta, vb = _own_weights(data, on * weights, tau2)
    s2w = {"knha": mean_square, "adhoc": np.maximum(mean_square, 1.0)}.get(test, np.ones(n_sets))
    ddf = np.full(n_sets, np.inf) if test == "z" else np.where(df > 0, df, np.inf)
    vb = s2w[:, None, None] * vb
    if p > 1:
        back = np.linalg.inv(r)
        beta, vb = beta @ back.T, back @ vb @ back.T
    if intercept:
        beta[:, 0] += origin
    se = np.sqrt(np.diagonal(vb, axis1=1, axis2=2))
    with np.errstate(divide="ignore", invalid="ignore"):
        stat = beta / se
    pval = numeric.t_two_sided_p(stat, ddf[:, None])
    few, which = (ddf, 0) if n_sets == 1 else np.unique(ddf, return_inverse=True)
    half = numeric.t_critical(level, few)[which, None] * se
    first = int(intercept and p > 1)
    if p - first == 1:  # the joint test of one coefficient is its own
        QM, QMp = stat[:, first] ** 2, pval[:, first]
    else:
        QM, QMp = wald(beta[:, first:], vb[:, first:, first:], ddf)
    return Estimates(
        k=data.k.astype(int),
        beta=beta,
        se=se,
        stat=stat,
        ddf=ddf,
        pval=pval,
        ci_lb=beta - half,
        ci_ub=beta + half,
        vb=vb,
        tau2=tau2,
        se_tau2=se_tau2,
        I2=I2,
        H2=H2,
        vt=vt,
        s2w=s2w,
        QE=common.rss,
        QE_df=df.astype(int),
        QEp=numeric.chi2_sf(common.rss, df),
        QM=QM,
        QM_df=np.full(n_sets, p - first),
        QMp=QMp,
        converged=converged,
        boundary=(tau2 == 0) & (method != "CE") & (not given),
    )


def _own_weights(data: _tau2.Data, w: np.ndarray, tau2: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients with weights `w` other than the inverse variances, and their covariance (the sandwich)."""
    fit, p = _tau2.weighted_fit(data, w), data.p
    inverse = fit.inverse.reshape(-1, p, p)
    middle = data.gram(w**2 * (data.vi + tau2[:, None])).reshape(-1, p, p)
    return fit.beta, inverse @ middle @ inverse


def _spread(part: Estimates, estimable: np.ndarray, k: np.ndarray) -> Estimates:
    """Put the estimates of the estimable sets in their places; the others get nan (integers -1, flags False)."""

    def place(values):
        fill = False if values.dtype == bool else -1 if values.dtype == int else np.nan
        out = np.full((len(estimable), *values.shape[1:]), fill, values.dtype)
        out[estimable] = values
        return out

    placed = {f.name: place(getattr(part, f.name)) for f in fields(Estimates)}
    return Estimates(**placed | {"k": k.astype(int)})


def wald(beta: np.ndarray, vb: np.ndarray, ddf: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Joint Wald statistic of (B, m) coefficients and its p value: chi-square where `ddf` is inf, else F."""
    m = beta.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.sqrt(np.diagonal(vb, axis1=1, axis2=2))
        b, v = beta / scale, vb / (scale[:, :, None] * scale[:, None, :])
        chi2 = np.vecdot(b, np.linalg.solve(v, b[:, :, None])[:, :, 0])
    stat = np.where(np.isinf(ddf), chi2, chi2 / m)
    return stat, numeric.f_sf(chi2 / m, m, ddf)


def _full_rank(gram: np.ndarray) -> np.ndarray:
    values = np.linalg.eigvalsh(gram)
    return values[:, 0] > 1e-10 * values[:, -1]
