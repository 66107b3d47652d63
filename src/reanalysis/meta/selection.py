"""Step selection models: what if a study's chance of being seen depends on its p-value?

The model (Hedges 1992, Statistical Science 7:246; Vevea & Hedges 1995, Psychometrika 60:419): the probability of being
observed is constant within intervals of the p-value, `delta[j]` relative to the first interval. One cutpoint gives the
three-parameter model, two the four-parameter model (McShane et al. 2016; Carter et al. 2019).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.meta.bias import MIN_K, enough_studies
from reanalysis.meta.univariate import Fit, fit
from reanalysis.numeric import check_level, chi2_sf, norm_cdf, norm_pdf, norm_ppf, norm_two_sided_p, t_critical

DELTA_MAX = 100.0
"""Upper bound of an estimated weight, as in metafor: beyond it the likelihood is flat."""
_LOG_DELTA = (np.log(1e-8), np.log(DELTA_MAX))
_ITERATIONS = 500

VEVEA_WOODS_STEPS = (0.005, 0.01, 0.05, 0.10, 0.25, 0.35, 0.50, 0.65, 0.75, 0.90, 0.95, 0.99, 0.995, 1)
VEVEA_WOODS = {
    "moderate one-tailed": (1, 0.99, 0.95, 0.80, 0.75, 0.65, 0.60, 0.55, 0.50, 0.50, 0.50, 0.50, 0.50, 0.50),
    "severe one-tailed": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.40, 0.35, 0.30, 0.25, 0.10, 0.10, 0.10, 0.10),
    "moderate two-tailed": (1, 0.99, 0.95, 0.90, 0.80, 0.75, 0.60, 0.60, 0.75, 0.80, 0.90, 0.95, 0.99, 1.00),
    "severe two-tailed": (1, 0.99, 0.90, 0.75, 0.60, 0.50, 0.25, 0.25, 0.50, 0.60, 0.75, 0.90, 0.99, 1.00),
}
"""Weights of Vevea & Woods (2005, Psychological Methods 10:428, Table 1) for `VEVEA_WOODS_STEPS` of a *one-sided* p:
examples to try what selection of that strength would do, "not to be regarded as canonical"."""


@dataclass(frozen=True)
class SelectionModel:
    """A fitted step selection model; maximum likelihood, Wald tests."""

    names: tuple[str, ...]
    beta: np.ndarray
    """Coefficients adjusted for selection, shape (p,); the next six belong to them."""
    se: np.ndarray
    stat: np.ndarray
    pval: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray
    vb: np.ndarray
    tau2: float
    se_tau2: float
    delta: np.ndarray
    """Weight of each interval of p, relative to the first, shape (J,)."""
    se_delta: np.ndarray
    """nan where the weight is fixed."""
    steps: np.ndarray
    """Upper ends of the intervals, the last is 1."""
    counts: np.ndarray
    """Number of studies per interval."""
    alternative: str
    ll: float
    ll_unselected: float
    """Log-likelihood with all weights 1."""
    LRT: float
    """Likelihood-ratio statistic of "no selection" against the fitted weights."""
    LRTdf: int
    """0 where all weights are fixed: then there is no test (`LRTp` nan)."""
    LRTp: float
    k: int
    p: int
    converged: bool
    boundary: bool
    """tau2 is 0, or a weight ended at a bound: Wald tests and the LRT are then approximate at best."""
    notes: tuple[str, ...]


def selmodel(
    yi: ArrayLike,
    vi: ArrayLike | None = None,
    mods: ArrayLike | None = None,
    *,
    sei: ArrayLike | None = None,
    steps: ArrayLike = 0.025,
    delta: ArrayLike | None = None,
    alternative: str = "auto",
    level: float = 0.95,
    min_k: int = MIN_K,
) -> SelectionModel:
    """Fit a random-effects step selection model by maximum likelihood.

    Parameters
    ----------
    yi, vi, mods, sei : as in `fit`.
    steps : cutpoints of the p-value; 1 is added. One-sided .025 is two-sided .05 in the expected direction.
    delta : one weight per interval, to fix some (numbers) and estimate others (nan); default: estimate all but the
        first. With all fixed (`VEVEA_WOODS`) it is a sensitivity analysis that needs no minimal number of studies.
    alternative : which p decides: "greater" or "less" (one-sided), "two.sided", or "auto": the side of the pooled
        estimate. The result says which.

    The likelihood is that of Vevea & Hedges (1995) with the variance tau2 + vi; standard errors from its exact second
    derivatives. Newton's method from several starts; the best is kept, for these likelihoods can have two tops.

    Raises
    ------
    ValueError
        If weights are to be estimated from fewer than `min_k` studies, or an argument makes no sense.
    """
    level = check_level(level)
    plain = fit(yi, vi, mods, sei=sei, method="ML", test="z")
    yi, vi, X, k, p = plain.yi, plain.vi, plain.X, plain.k, plain.p
    ll_unselected = plain.fit_stats["ML"]["ll"]
    steps = _steps(steps)
    delta = _delta(delta, steps)
    free = np.isnan(delta)
    if free.any():
        enough_studies(k, min_k, "a selection model with estimated weights")

    if alternative == "auto":
        alternative = "greater" if plain.fitted.mean() >= 0 else "less"
    model = _model(yi, np.sqrt(vi), steps, alternative)
    counts = np.bincount(model.interval, minlength=steps.size)
    # An estimated weight of an interval without a study can only be 0: the likelihood falls with it everywhere.
    empty = free & (counts == 0)
    best = _maximize(plain, model, np.where(empty, 0.0, delta), free & ~empty)

    cov, note = _covariance(yi, vi, X, model, best, free & ~empty)
    se = np.sqrt(np.diag(cov))
    stat = best.beta / se[:p]
    half = t_critical(level) * se[:p]
    se_delta = np.full(steps.size, np.nan)
    se_delta[free & ~empty] = se[p + 1 :]
    LRT, LRTdf = max(0.0, 2 * (best.ll - ll_unselected)), int(free.sum())
    # where all weights may be 1 the plain model is a special case: ending below it is a lower maximum
    lower = bool((delta[~free] == 1).all() and best.ll < ll_unselected - 1e-8)
    at_bound = bool(np.any(best.delta[free & ~empty] >= DELTA_MAX * (1 - 1e-6)))
    notes = [n for n in plain.notes if "tau2" not in n]  # its tau2 is not the one reported here
    notes += [note] if note else []
    if lower:
        notes.append("a lower maximum than that of the model without selection: the estimates are not reliable")
    if np.any(counts == 0) and free.any():
        notes.append("there is an interval of p without any study: weights that depend on it end at a bound")
    elif at_bound:
        notes.append(f"a weight ended at its upper bound {DELTA_MAX:g}")
    return SelectionModel(
        names=plain.names,
        beta=best.beta,
        se=se[:p],
        stat=stat,
        pval=norm_two_sided_p(stat),
        ci_lb=best.beta - half,
        ci_ub=best.beta + half,
        vb=cov[:p, :p],
        tau2=best.tau2,
        se_tau2=float(se[p]),
        delta=best.delta,
        se_delta=se_delta,
        steps=steps,
        counts=counts,
        alternative=alternative,
        ll=best.ll,
        ll_unselected=ll_unselected,
        LRT=LRT,
        LRTdf=LRTdf,
        LRTp=float(chi2_sf(LRT, LRTdf)) if LRTdf else np.nan,
        k=k,
        p=p,
        converged=best.converged and plain.converged and not lower,
        boundary=best.tau2 == 0 or at_bound or bool(empty.any()),
        notes=tuple(notes),
    )


class _Steps(NamedTuple):
    """The weight function as a function of the effect: constant between cutpoints."""

    cuts: np.ndarray  # (k, M) cutpoints on the scale of the effect, ascending
    member: np.ndarray  # (M + 1, J) the interval of p that each segment between cutpoints belongs to
    interval: np.ndarray  # (k,) the interval of each study's own p


class _Fitted(NamedTuple):
    beta: np.ndarray
    tau2: float
    delta: np.ndarray
    ll: float
    converged: bool


def _model(yi, sei, steps, alternative) -> _Steps:
    inner = steps[:-1]
    down = np.arange(steps.size)
    z = yi / sei
    if alternative == "greater":
        p, cuts, order = norm_cdf(-z), -norm_ppf(inner)[::-1], down[::-1]
    elif alternative == "less":
        p, cuts, order = norm_cdf(z), norm_ppf(inner), down
    elif alternative == "two.sided":
        half = norm_ppf(inner / 2)
        p, cuts, order = norm_two_sided_p(z), np.r_[half, -half[::-1]], np.r_[down, down[-2::-1]]
    else:
        raise ValueError(f'alternative must be "auto", "greater", "less" or "two.sided", not {alternative!r}')
    member = np.eye(steps.size)[order]
    interval = np.minimum(np.searchsorted(steps, p), steps.size - 1)
    return _Steps(sei[:, None] * cuts, member, interval)


def _derivatives(beta, tau2, delta, yi, vi, X, model: _Steps):
    """Log-likelihood, gradient and Hessian in (beta, tau2, delta), for a batch of B parameter points.

    Shapes: beta (B, p), tau2 (B,), delta (B, J) -> (B,), (B, p+1+J), (B, p+1+J, p+1+J).
    """
    J = delta.shape[1]
    s2 = vi + tau2[:, None]
    s = np.sqrt(s2)
    mu = beta @ X.T
    r = yi - mu
    t = (model.cuts - mu[..., None]) / s[..., None]
    density = norm_pdf(t)
    turns = model.member[:-1] - model.member[1:]  # which interval ends (+1) and which begins (-1) at a cutpoint
    P = _between(t) @ model.member
    A = np.einsum("bkj,bj->bk", P, delta)
    own = np.eye(J)[model.interval]
    own_delta = delta[:, model.interval]
    ll = np.sum(np.log(own_delta) - (np.log(2 * np.pi * s2) + r**2 / s2) / 2 - np.log(A), axis=1)

    # Per study in (mu, v, delta): derivatives of the normal log density, less those of log A.
    P_mu = -(density / s[..., None]) @ turns
    P_v = -(density * t / (2 * s2[..., None])) @ turns
    A1 = np.concatenate([_on(P_mu, delta), _on(P_v, delta), P], axis=2) / A[..., None]
    grad = -A1
    grad[..., 0] += r / s2
    grad[..., 1] += (r**2 / s2 - 1) / (2 * s2)
    grad[..., 2:] += own / own_delta[..., None]
    hess = A1[..., :, None] * A1[..., None, :]
    second = np.zeros_like(hess)
    second[..., :1, :1] = _on(-(density * t) @ turns, delta)[..., None] / s2[..., None, None]
    second[..., :1, 1:2] = _on(density * (1 - t**2) @ turns, delta)[..., None] / (2 * s**3)[..., None, None]
    second[..., 1:2, 1:2] = _on(density * (3 * t - t**3) @ turns, delta)[..., None] / (4 * s2**2)[..., None, None]
    second[..., 0, 2:], second[..., 1, 2:] = P_mu, P_v
    second[..., 1, 0] = second[..., 0, 1]
    second[..., 2:, 0], second[..., 2:, 1] = P_mu, P_v
    hess -= second / A[..., None, None]
    hess[..., 0, 0] -= 1 / s2
    hess[..., 0, 1] -= r / s2**2
    hess[..., 1, 0] -= r / s2**2
    hess[..., 1, 1] += (0.5 - r**2 / s2) / s2**2
    hess[..., 2:, 2:] -= own[..., None] * own[..., None, :] / own_delta[..., None, None] ** 2

    k, p = X.shape
    chain = np.zeros((k, 2 + J, p + 1 + J))  # d (mu, v, delta) / d (beta, tau2, delta)
    chain[:, 0, :p] = X
    chain[:, 1:, p:] = np.eye(1 + J)
    return ll, np.einsum("bka,kaq->bq", grad, chain), np.einsum("kaq,bkac,kcr->bqr", chain, hess, chain, optimize=True)


def _between(t):
    """Probabilities of the segments between the standard normal points `t` (..., M), each from its nearer tail."""
    edge = np.broadcast_to(np.inf, (*t.shape[:-1], 1))
    low, high = np.concatenate([-edge, t], axis=-1), np.concatenate([t, edge], axis=-1)
    flip = low > 0
    return norm_cdf(np.where(flip, -low, high)) - norm_cdf(np.where(flip, -high, low))


def _on(change, delta):
    """Change of A (B, k, 1) from changes of the interval probabilities (B, k, J)."""
    return np.einsum("bkj,bj->bk", change, delta)[..., None]


def _maximize(plain: Fit, model: _Steps, delta, free) -> _Fitted:
    """Damped Newton from several starts at once on (beta, tau2, log of the free weights); the best one."""
    p = plain.p
    pick = np.r_[np.ones(p + 1, bool), free]
    lower = np.r_[np.full(p, -np.inf), 0.0, np.full(free.sum(), _LOG_DELTA[0])]
    upper = np.r_[np.full(p + 1, np.inf), np.full(free.sum(), _LOG_DELTA[1])]

    def evaluate(theta):
        full = np.tile(delta, (len(theta), 1))
        full[:, free] = np.exp(theta[:, p + 1 :])
        ll, g, H = _derivatives(theta[:, :p], theta[:, p], full, plain.yi, plain.vi, plain.X, model)
        scale = np.ones_like(theta)
        scale[:, p + 1 :] = full[:, free]
        g = g[:, pick] * scale
        H = H[:, pick][:, :, pick] * scale[:, :, None] * scale[:, None, :]
        j = np.arange(p + 1, pick.sum())
        H[:, j, j] += g[:, j]
        return ll, g, H

    theta = np.clip(_starts(plain, free.sum()), lower, upper)
    ll, g, H = evaluate(theta)
    damping = np.full(len(theta), 1e-3)
    done = np.zeros(len(theta), bool)
    diag = np.arange(theta.shape[1])
    for _ in range(_ITERATIONS):
        held = ((theta <= lower) & (g <= 0)) | ((theta >= upper) & (g >= 0))
        M = -H
        M[held[:, :, None] | held[:, None, :]] = 0
        size = np.abs(M[:, diag, diag])
        size = np.where(size > 0, size, 1.0)
        M[:, diag, diag] = np.where(held, 1.0, M[:, diag, diag] + damping[:, None] * size)
        values, vectors = np.linalg.eigh(M / np.sqrt(size[:, :, None] * size[:, None, :]))
        uphill = np.where(held, 0.0, g) / np.sqrt(size)
        coordinate = np.einsum("bji,bj->bi", vectors, uphill) / np.maximum(np.abs(values), 1e-10)
        step = np.where(held, 0.0, np.einsum("bij,bj->bi", vectors, coordinate) / np.sqrt(size))
        new = np.clip(theta + step, lower, upper)
        with np.errstate(all="ignore"):
            new_ll, new_g, new_H = evaluate(new)
        decrement = np.abs(np.sum(np.where(held, 0.0, g) * (new - theta), axis=1))
        better = np.isfinite(new_ll) & (new_ll >= ll - 1e-13 * (1 + np.abs(ll)))
        theta, ll = np.where(better[:, None], new, theta), np.where(better, new_ll, ll)
        g, H = np.where(better[:, None], new_g, g), np.where(better[:, None, None], new_H, H)
        damping = np.where(better, damping / 10, np.minimum(damping * 10, 1e8) + 1e-8)
        done |= better & (decrement < 1e-20)
        if done.all():
            break
    best = int(np.argmax(np.where(np.isfinite(ll), ll, -np.inf)))
    weights = delta.astype(float).copy()
    weights[free] = np.exp(theta[best, p + 1 :])
    return _Fitted(theta[best, :p], float(theta[best, p]), weights, float(ll[best]), bool(done[best]))


def _starts(plain: Fit, n_free: int) -> np.ndarray:
    """Starting points: the model without selection, and towards no effect as selection is taken to be stronger."""
    tau2 = plain.tau2 + 0.1 * np.mean(plain.vi)
    points = [(1.0, 1.0, 1.0), (0.8, 1.0, 0.3), (0.3, 1.5, 0.05), (1.0, 0.1, 3.0)]
    return np.array([np.r_[shrink * plain.beta, f * tau2, np.full(n_free, np.log(d))] for shrink, f, d in points])


def _covariance(yi, vi, X, model: _Steps, best: _Fitted, free) -> tuple[np.ndarray, str]:
    """Inverse observed information of (beta, tau2, free delta); nan rows for what lies on the boundary."""
    p = X.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        _, _, H = _derivatives(best.beta[None], np.array([best.tau2]), best.delta[None], yi, vi, X, model)
    information = -H[0][np.ix_(*[np.r_[np.ones(p + 1, bool), free]] * 2)]
    inside = np.r_[np.ones(p, bool), best.tau2 > 0, np.ones(free.sum(), bool)]
    cov = np.full_like(information, np.nan)
    try:
        root = np.linalg.cholesky(information[np.ix_(inside, inside)])
    except np.linalg.LinAlgError:
        return cov, "the likelihood has no clear top: no standard errors"
    inverse = np.linalg.inv(root)
    cov[np.ix_(inside, inside)] = inverse.T @ inverse
    return cov, "" if best.tau2 > 0 else "tau2 is 0: standard errors are those with tau2 held there"


def _steps(steps: ArrayLike) -> np.ndarray:
    steps = np.unique(np.r_[np.asarray(steps, float).ravel(), 1.0])
    if not (steps.size > 1 and np.all((steps > 0) & (steps <= 1))):
        raise ValueError("steps must hold at least one p-value between 0 and 1")
    return steps


def _delta(delta: ArrayLike | None, steps: np.ndarray) -> np.ndarray:
    if delta is None:
        return np.r_[1.0, np.full(steps.size - 1, np.nan)]
    delta = np.asarray(delta, float)
    if delta.shape != steps.shape or delta[0] != 1 or np.any(delta <= 0) or np.any(delta > DELTA_MAX):
        raise ValueError(
            f"delta needs {steps.size} weights for the intervals that end at {steps.tolist()}: the first 1, the others "
            f"positive and at most {DELTA_MAX:g}, or nan to be estimated"
        )
    return delta
