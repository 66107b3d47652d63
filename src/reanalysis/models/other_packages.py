"""Our effects, means of samples and pools beside what other packages find in their place.

What they find of an effect is said by its route (`ladder.routes`), of a pool here. Where a package answers otherwise on
purpose, the difference must be what a named `Cause` makes it: taking that one cause away must turn the package's number
into ours. Anything else is `unexplained`.

statsmodels is slow to import; this module is imported only where one of its functions must be called.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import optimize, stats
from statsmodels.stats import meta_analysis

from reanalysis import meta
from reanalysis.ladder.routes import route_of
from reanalysis.ladder.routes.opinions import Asked, Cause, NoOpinion, Opinion, Silence
from reanalysis.ladder.samples import groups, measurement, several_arms
from reanalysis.results.rows import Effect, Model, PooledUnit, SecondOpinion
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.raw import Finding

TOLERANCE = 1e-9  # relative; the tables hold 12 digits


def finding_opinions(effect: Effect, finding: Finding) -> list[SecondOpinion]:
    """Compare `yi` and `vi` of an exact effect with what its route asks; `finding` is the checked row behind it."""
    second = route_of(effect).second
    if isinstance(second, Silence):
        opinions = [NoOpinion(quantity, second) for quantity in ("yi", "vi")]
    else:
        opinions = second(Asked(finding, effect.metric, effect.vtype, math.sqrt(effect.vi)))
    return [
        _compared(effect, "finding", effect.finding_id, one, getattr(effect, one.quantity), coding=effect.coding)
        for one in opinions
    ]


def sample_opinions(unit: PooledUnit, members: list[Effect]) -> list[SecondOpinion]:
    """Compare an exact sample that averages several findings: a mean of dependent normals has the variance `w' V w`."""
    weights, covariance = _dependent(members, unit.rho)
    mean = float(weights @ [effect.yi for effect in members])
    variance = float(weights @ covariance @ weights)
    return [
        _compared(
            unit,
            "sample",
            unit.sample_id,
            Opinion(quantity, "numpy", theirs, scale=math.sqrt(unit.vi)),
            getattr(unit, quantity),
        )
        for quantity, theirs in (("yi", mean), ("vi", variance))
    ]


def _dependent(members: list[Effect], rho: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Weights and covariances of effects of one sample: `rho` in the same participants, shared groups between arms."""
    k, se = len(members), np.sqrt([effect.vi for effect in members])
    if not several_arms(members):
        return np.full(k, 1 / k), np.outer(se, se) * np.where(np.eye(k), 1.0, rho)
    pairs = groups(members)
    spread = [dict(zip(pair, (1 / e.n1i, 1 / e.n2i), strict=True)) for pair, e in zip(pairs, members, strict=True)]
    everywhere = set(pairs[0]).intersection(*pairs)
    alone = [sum(x for group, x in own.items() if group not in everywhere) for own in spread]
    weights = np.array([1 / x / pairs.count(pair) for x, pair in zip(alone, pairs, strict=True)])
    total = np.sqrt([sum(own.values()) for own in spread])
    common = np.array([[sum(min(a[g], b[g]) for g in a.keys() & b.keys()) for a in spread] for b in spread])
    same = np.array([[a == b for a in pairs] for b in pairs])
    other = np.array([[measurement(a) != measurement(b) for a in members] for b in members])
    correlation = np.where(same, 1.0, common / np.outer(total, total))
    correlation = np.where(same | other, correlation * (1.0 if rho is None else rho), correlation)
    np.fill_diagonal(correlation, 1.0)
    return weights / weights.sum(), np.outer(se, se) * correlation


def cell_opinions(units: list[PooledUnit], models: list[Model]) -> list[SecondOpinion]:
    """Compare the models of a cell, given its exact samples."""
    return [
        _compared(model, "cell", model.model, opinion, getattr(model, opinion.quantity))
        for model in models
        for opinion in _model_opinions(model, *_numbers(units))
    ]


def estimator_opinions(units: list[PooledUnit]) -> list[SecondOpinion]:
    """Compare DL and PM, whichever estimator is configured, on two or more exact samples of a cell."""
    yi, vi = _numbers(units)
    rows = []
    for method in ("DL", "PM"):
        wald, knha = (meta.fit(yi, vi, method=method, test=test) for test in ("z", "knha"))
        ours = {"tau2": wald.tau2, "est": wald.beta[0], "se": wald.se[0], "se_knha": knha.se[0]}
        rows += [
            _compared(units[0], "cell", method, opinion, float(ours[opinion.quantity]))
            for opinion in pool_opinions(yi, vi, method)
        ]
    return rows


def _compared(
    row: Effect | Model | PooledUnit,
    level: str,
    item: str,
    opinion: Opinion | NoOpinion,
    ours: float,
    coding: str | None = None,
) -> SecondOpinion:
    """One comparison with its verdict; `row` has the columns of the cell."""
    columns = row.cell._asdict()
    columns |= {"level": level, "item": item, "coding": coding, "quantity": opinion.quantity, "ours": ours}
    if isinstance(opinion, NoOpinion):
        return SecondOpinion(**columns, cause=opinion.cause.value, verdict="no second opinion")
    theirs = opinion.theirs
    agrees = _close(ours, theirs, opinion.scale)
    mended = opinion.cause is not None and _close(ours, opinion.mended, opinion.scale)
    return SecondOpinion(
        **columns,
        theirs=theirs,
        difference=theirs - ours,
        relative_difference=abs(theirs - ours) / max(abs(ours), abs(theirs)) if theirs != ours else 0.0,
        package=opinion.package,
        cause=None if agrees or opinion.cause is None else opinion.cause.value,
        verdict="agrees" if agrees else "explained" if mended else "unexplained",
    )


def _numbers(units: list[PooledUnit]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([unit.yi for unit in units]), np.array([unit.vi for unit in units])


def _close(a: float, b: float, scale: float) -> bool:
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE * scale)


# ---- pools ---------------------------------------------------------------------------------------------------


def pool_opinions(yi: np.ndarray, vi: np.ndarray, method: str) -> list[Opinion]:
    """statsmodels' random effects of two or more samples by DL or PM: tau2, estimate, standard error, Knapp-Hartung's.

    The cause that it may differ by is taken away by its own common-effect pool with the tau2 that solves the equation
    of the estimator, or zero.
    """
    pooled = _combine(yi, vi, method.lower())
    if method == "DL":
        cause, tau2 = Cause.NEGATIVE_TAU2, max(0.0, float(pooled.tau2))
    else:
        cause, tau2 = Cause.EARLY_STOP, _paule_mandel(yi, vi)
    at = _combine(yi, vi + tau2)
    scale = float(np.sqrt(vi.mean()))
    return [
        Opinion("tau2", "statsmodels", float(pooled.tau2), cause, tau2, scale**2),
        Opinion("est", "statsmodels", float(pooled.mean_effect_re), cause, float(at.mean_effect_fe), scale),
        Opinion("se", "statsmodels", float(pooled.sd_eff_w_re), cause, float(at.sd_eff_w_fe)),
        Opinion("se_knha", "statsmodels", float(pooled.sd_eff_w_re_hksj), cause, float(at.sd_eff_w_fe_hksj), scale),
    ]


def _model_opinions(model: Model, yi: np.ndarray, vi: np.ndarray) -> Iterator[Opinion | NoOpinion]:
    """statsmodels' pool at the tau2 of a model, which is its common effect of variances with tau2 added."""
    if not MODELS[model.model].classical:
        yield NoOpinion("est", Silence.MODEL)
        return
    at = _combine(yi, vi + (model.tau2 or 0.0))
    scale = float(np.sqrt(vi.mean()))
    est, se = float(at.mean_effect_fe), float(at.sd_eff_w_fe)
    if model.test in ("knha", "adhoc"):
        scaled = float(at.sd_eff_w_fe_hksj)
        se = scaled if model.test == "knha" else max(se, scaled)
    df = math.inf if model.test == "z" else len(yi) - 1
    half = float(stats.t.isf((1 - model.level) / 2, df)) * se
    yield Opinion("est", "statsmodels", est, scale=scale)
    yield Opinion("se", "statsmodels", se)
    yield Opinion("ci_lb", "statsmodels", est - half, scale=scale)
    yield Opinion("ci_ub", "statsmodels", est + half, scale=scale)
    if len(yi) > 1:
        homogeneity = _combine(yi, vi).test_homogeneity()
        yield Opinion("QE", "statsmodels", float(homogeneity.statistic), scale=1.0)
        # next to Q = 0 its last digits move p by much more: there the density of chi-square(1) has no limit
        at_zero = math.sqrt(TOLERANCE) / TOLERANCE if homogeneity.statistic < TOLERANCE else 0.0
        yield Opinion("QEp", "statsmodels", float(homogeneity.pvalue), scale=at_zero)
    if model.method in ("DL", "PM"):
        yield pool_opinions(yi, vi, model.method)[0]
    elif model.method != "CE":
        yield NoOpinion("tau2", Silence.ESTIMATOR)


def _combine(yi: np.ndarray, vi: np.ndarray, method: str = "dl") -> meta_analysis.CombineResults:
    with np.errstate(divide="ignore", invalid="ignore"):  # a single sample has no degrees of freedom
        return meta_analysis.combine_effects(yi, vi, method_re=method)


def _paule_mandel(yi: np.ndarray, vi: np.ndarray) -> float:
    """The root of Q(tau2) = k - 1, zero where Q(0) is below, with statsmodels' Q."""

    def excess(tau2: float) -> float:
        return float(_combine(yi, vi + tau2).q) - (len(yi) - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.ptp(yi) ** 2)  # Q <= sum (yi - mean)^2 / tau2 <= (k / 4) range^2 / tau2
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-14 * high, rtol=1e-14))
