"""How the models of a cell (`schema.cell_models`) are fitted to its samples, and the columns that each gives.

Exact effects are pooled classically; the all-evidence model takes what stands on lower rungs, too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from reanalysis import meta
from reanalysis.ladder.samples import sized
from reanalysis.results.rows import PooledUnit
from reanalysis.schema.cell_models import (
    AD_HOC,
    ALL_EVIDENCE,
    ALL_EVIDENCE_BAYES,
    BAYES,
    COMMON_EFFECT,
    KNAPP_HARTUNG,
    MIN_K_PREDICTION,
    MIN_K_RANDOM,
    MODELS,
    RANDOM_EFFECTS,
    SINGLE_STUDY,
    CellModel,
)
from reanalysis.schema.config import Models


@dataclass(frozen=True)
class Fitting:
    """How a model is fitted: to its samples, by the choices of the configuration; `columns` are those of `Model`.

    `wanted` says whether the choices ask for it at all.
    """

    fit: Callable[[list[PooledUnit], Models], Any]
    columns: Callable[[Any], dict]
    wanted: Callable[[Models], bool] = lambda config: True


def fit_cell(units: list[PooledUnit], config: Models) -> Iterator[tuple[str, Any]]:
    """The models that the units of a cell allow, by name: that of the headline first, where there is one."""
    for name, own in MODELS.items():
        if FITTINGS[name].wanted(config) and (used := takes(own, units)):
            yield name, FITTINGS[name].fit(used, config)


def headlines(cells: Sequence[list[PooledUnit]], configs: Sequence[Models]) -> list[tuple[str, dict]]:
    """The headline of each list of exact units, one at least: its model, and estimate and interval as in `fit_cell`.

    Those with the same model, choices and number of samples are fitted at once.
    """
    alike: dict[tuple, list[int]] = defaultdict(list)
    for place, (units, config) in enumerate(zip(cells, configs, strict=True)):
        name = next(name for name, own in MODELS.items() if own.headline and own.least <= len(units) <= own.most)
        random = name == RANDOM_EFFECTS
        alike[name, len(units), config.level, *((config.method, config.test) if random else ("CE", "z"))].append(place)
    found: list[tuple[str, dict]] = [("", {})] * len(cells)
    for (name, _, level, method, test), places in alike.items():
        yi, vi = (np.array([[getattr(unit, value) for unit in cells[i]] for i in places]) for value in ("yi", "vi"))
        fitted = meta.fit_many(yi, vi, method=method, test=test, level=level)
        for place, *numbers in zip(places, fitted.beta[:, 0], fitted.ci_lb[:, 0], fitted.ci_ub[:, 0], strict=True):
            found[place] = name, dict(zip(("est", "ci_lb", "ci_ub"), map(float, numbers), strict=True))
    return found


def takes(own: CellModel, units: list[PooledUnit]) -> list[PooledUnit]:
    """The units of a cell that a model is fitted to; none where they are too few or too many for it."""
    if own.everything:
        used = [] if own.mixed and not has_all_evidence(units) else units
    else:
        used = [unit for unit in units if unit.rung == "exact"]
    return used if own.least <= len(used) <= own.most else []


# ---- exact effects


def _numbers(units: list[PooledUnit]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([unit.yi for unit in units]), np.array([unit.vi for unit in units])


def _common(units: list[PooledUnit], config: Models) -> meta.Fit:
    return meta.fit(*_numbers(units), method="CE", level=config.level)


def _random(test: str | None = None) -> Callable[[list[PooledUnit], Models], meta.Fit]:
    """Random effects, by the configured test unless another is named."""
    return lambda units, config: meta.fit(
        *_numbers(units), method=config.method, test=test or config.test, level=config.level
    )


def _bayes_random(units: list[PooledUnit], config: Models) -> meta.BayesFit:
    prior = meta.HalfNormal(config.tau_prior_scale)
    return meta.bayes_re(*_numbers(units), tau_prior=prior, level=config.level)


def _classical(fitted: meta.Fit) -> dict:
    """Columns of a common-effect or random-effects fit; heterogeneity where there is more than one sample."""
    random = fitted.method != "CE"
    columns = {
        "est": float(fitted.beta[0]),
        "se": float(fitted.se[0]),
        "ci_lb": float(fitted.ci_lb[0]),
        "ci_ub": float(fitted.ci_ub[0]),
        "zval": float(fitted.stat[0]),
        "pval": float(fitted.pval[0]),
        "method": fitted.method,
        "test": fitted.test,
        "ddf": _ddf(fitted),
        "converged": fitted.converged,
        "boundary": random and fitted.boundary,
        "note": _note(fitted),
    }
    if fitted.k > 1:
        columns |= {name: float(getattr(fitted, name)) for name in ("I2", "H2", "QE", "QEp")}
    if random:
        interval = meta.confint(fitted).tau2
        columns |= {"tau2": float(fitted.tau2), "tau2_lb": float(interval.ci_lb), "tau2_ub": float(interval.ci_ub)}
    if random and fitted.k >= MIN_K_PREDICTION:
        prediction = fitted.predict(rule="k-1")
        columns |= {"pi_lb": float(prediction.pi_lb[0]), "pi_ub": float(prediction.pi_ub[0])}
        columns["pi_rule"] = f"t with k - 1 = {fitted.k - 1} degrees of freedom"
    return columns


def _note(fitted: meta.Fit) -> str | None:
    if fitted.k == 1:
        return "one sample: nothing is pooled"
    if fitted.k < MIN_K_RANDOM:
        return "two samples do not tell heterogeneity apart from chance"
    if fitted.k < MIN_K_PREDICTION:
        return f"no prediction interval from fewer than {MIN_K_PREDICTION} samples"
    return None


def _bayes(fitted: meta.BayesFit) -> dict:
    """Columns of a Bayesian fit to exact effects, with a flat prior on the average."""
    return {
        "est": float(fitted.mu),
        "prob_below": float(fitted.mu_cdf(0.0)),
        "method": f"half-normal prior on tau, scale {fitted.tau_prior.scale:g}",
        **_posterior(fitted),
    }


def _posterior(fitted: meta.BayesFit | meta.AllEvidencePosterior) -> dict:
    """Columns of any Bayesian fit: SD, credible and prediction intervals."""
    return {
        "se": float(fitted.sd_mu),
        "ci_lb": float(fitted.ci_lb),
        "ci_ub": float(fitted.ci_ub),
        "pi_lb": float(fitted.pi_lb),
        "pi_ub": float(fitted.pi_ub),
        "pi_rule": "posterior predictive",
        "tau2": float(fitted.median_tau) ** 2,
        "tau2_lb": float(fitted.tau_lb) ** 2,
        "tau2_ub": float(fitted.tau_ub) ** 2,
        "converged": True,
        "boundary": False,
    }


# ---- all evidence


def all_evidence_columns(units: Sequence[PooledUnit]) -> dict[str, np.ndarray]:
    """The columns of units that the all-evidence model takes; nan where empty, or too few participants for a test."""
    columns = {
        name: np.array([np.nan if (value := getattr(unit, name)) is None else value for unit in units], dtype=float)
        for name in ("yi", "vi", "yi_lb", "yi_ub", "n1i", "n2i", "ni")
    }
    few = ~np.array([sized(unit) for unit in units], dtype=bool)
    sizes = {name: np.where(few, np.nan, columns[name]) for name in ("n1i", "n2i", "ni")}
    return columns | sizes | {"four_arms": np.array([bool(unit.four_arms) for unit in units])}


def all_evidence_estimates(
    cells: Sequence[list[PooledUnit]], level: float, reported: Sequence[float] | float = 1.0
) -> meta.AllEvidenceEstimates:
    """The all-evidence model of each list of two units or more, all of one metric, all at once.

    `reported`, one or one for each list, is how often a result that is not significant is reported, relative to one
    that is.
    """
    units = [unit for cell in cells for unit in cell]
    counts, metric = [len(cell) for cell in cells], units[0].metric
    return meta.all_evidence_sets(counts, **all_evidence_columns(units), metric=metric, omega=reported, level=level)


def posteriors(cells: Sequence[list[PooledUnit]], configs: Sequence[Models], reported: Sequence[float]) -> list[dict]:
    """The columns of the posterior of each list of units, all of one metric, all at once; see `posterior_summaries`."""
    if not cells:
        return []
    found = posterior_summaries(cells, configs, reported)
    return [_judged(meta.AllEvidencePosteriors(*values)) for values in zip(*found, strict=True)]


def posterior_summaries(
    cells: Sequence[list[PooledUnit]], configs: Sequence[Models], reported: Sequence[float]
) -> meta.AllEvidencePosteriors:
    """The posterior of each list of units, one at least and all of one metric, all at once.

    Each has its own priors; the margin, the level and what is called mixed are the same for all. `reported` as above.
    """
    units = [unit for cell in cells for unit in cell]
    counts, metric = [len(cell) for cell in cells], units[0].metric
    mu_sd, tau_scale = zip(*(config.prior_scales(metric) for config in configs), strict=True)
    priors = {"mu_mean": 0.0, "mu_sd": mu_sd, "tau_scale": tau_scale}
    columns, rules = all_evidence_columns(units), _rules(metric, configs[0])
    return meta.all_evidence_posteriors(counts, **columns, metric=metric, omega=reported, **priors, **rules)


def at_limit(units: list[PooledUnit], sign: int) -> list[PooledUnit]:
    """The units as the least that their statements mean for an effect of a sign.

    Significant ones of this sign lie at their limit, and mere directions of it are left out; the others stay.
    """
    if not units:
        return []
    least = meta.all_evidence_at_limit(**all_evidence_columns(units), sign=sign, metric=units[0].metric)
    kept = []
    for unit, keep, yi, vi in zip(units, least["keep"], least["yi"], least["vi"], strict=True):
        if keep and unit.rung != "exact" and not math.isnan(yi):
            kept.append(replace(unit, rung="exact", yi=yi, vi=vi, yi_lb=None, yi_ub=None))
        elif keep:
            kept.append(unit)
    return kept


def has_all_evidence(units: list[PooledUnit]) -> bool:
    """Whether a cell has an all-evidence model: two samples or more, and not all of them exact."""
    return len(units) > 1 and any(unit.rung != "exact" for unit in units)


def pinned(units: Sequence[PooledUnit]) -> bool:
    """Whether units hold enough for a point estimate: an exact effect, or as many as random effects need."""
    return len(units) >= MIN_K_RANDOM or any(unit.rung == "exact" for unit in units)


def _likelihood(units: list[PooledUnit], config: Models) -> meta.AllEvidenceFit:
    return meta.all_evidence(**all_evidence_columns(units), metric=units[0].metric, level=config.level)


def _rules(metric: str, config: Models) -> dict:
    """What is told of a posterior on a metric."""
    return {"margin": config.margin(metric), "mixed_share": config.mixed_share, "level": config.level}


def _bayes_all_evidence(units: list[PooledUnit], config: Models) -> meta.AllEvidencePosterior:
    metric = units[0].metric
    mu, tau = config.prior_scales(metric)
    priors = {"mu_prior": meta.Normal(0.0, mu), "tau_prior": meta.HalfNormal(tau)}
    columns, rules = all_evidence_columns(units), _rules(metric, config)
    return meta.all_evidence_bayes(**columns, metric=metric, **priors, **rules)


def _bayes_everything(fitted: meta.AllEvidencePosterior) -> dict:
    mu, tau = fitted.mu_prior.sd, fitted.tau_prior.scale
    return {
        **_judged(fitted),
        **_posterior(fitted),
        "method": f"priors: normal on the average, SD {mu:g}; half-normal on tau, scale {tau:g}",
        "note": "one sample: how much effects differ is known from the prior alone" if fitted.k == 1 else None,
    }


def _judged(fitted: meta.AllEvidencePosteriors | meta.AllEvidencePosterior) -> dict:
    """What claims are judged by: the median, its interval, and the probabilities of what the margin divides."""
    median = float(fitted.median)
    return {
        "est": median if abs(median) > ROUNDING else 0.0,
        "ci_lb": float(fitted.ci_lb),
        "ci_ub": float(fitted.ci_ub),
        "prob_below": float(fitted.p_below),
        "prob_beyond_below": float(fitted.p_beyond_below),
        "prob_beyond_above": float(fitted.p_beyond_above),
        "prob_new_below": float(fitted.p_new_below),
        "prob_mixed": float(fitted.p_mixed),
    }


ROUNDING = 1e-9
"""What is not told from zero: a symmetric posterior has its median there, but for rounding."""


def _ddf(fitted: meta.Fit | meta.AllEvidenceFit) -> float | None:
    """Degrees of freedom of a test; None of a normal one, which has no end of them."""
    return float(fitted.ddf) if np.isfinite(fitted.ddf) else None


def _all_evidence(fitted: meta.AllEvidenceFit) -> dict:
    # No prediction interval: that of the likelihood was too short in simulations; the Bayesian one is shown.
    names = ("est", "se", "ci_lb", "ci_ub", "pval", "tau2", "k_eff")
    return {
        **{name: float(getattr(fitted, name)) for name in names},
        "ddf": _ddf(fitted),
        "tau2_lb": float(fitted.tau_lb) ** 2,
        "tau2_ub": float(fitted.tau_ub) ** 2,
        "method": "ML",
        "test": "likelihood ratio, t-calibrated",
        "converged": fitted.converged,
        "boundary": fitted.boundary,
        "note": "; ".join(fitted.notes) or None,
    }


FITTINGS: dict[str, Fitting] = {
    SINGLE_STUDY: Fitting(_common, _classical),
    COMMON_EFFECT: Fitting(_common, _classical),
    RANDOM_EFFECTS: Fitting(_random(), _classical),
    AD_HOC: Fitting(_random("adhoc"), _classical, lambda config: config.test == "knha"),
    KNAPP_HARTUNG: Fitting(_random("knha"), _classical, lambda config: config.test != "knha"),
    BAYES: Fitting(_bayes_random, _bayes),
    ALL_EVIDENCE: Fitting(_likelihood, _all_evidence),
    ALL_EVIDENCE_BAYES: Fitting(_bayes_all_evidence, _bayes_everything),
}
