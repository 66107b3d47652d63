"""How the models of a cell (`schema.cell_models`) are fitted to its samples, and the columns that each gives.

Exact effects are pooled classically; the all-evidence model takes what stands on lower rungs, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
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


def takes(own: CellModel, units: list[PooledUnit]) -> list[PooledUnit]:
    """The units of a cell that a model is fitted to; none where they are too few or too many for it."""
    if own.everything:
        used = units if has_all_evidence(units) else []
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
        "pval": float(fitted.pval[0]),
        "method": fitted.method,
        "test": fitted.test,
        "ddf": float(fitted.ddf) if np.isfinite(fitted.ddf) else None,
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


def _posterior(fitted: meta.BayesFit | meta.AllEvidencePosterior, prob_below: float) -> dict:
    """Columns of a Bayesian fit: posterior mean, its SD, credible and prediction intervals."""
    return {
        "est": float(fitted.mu),
        "se": float(fitted.sd_mu),
        "ci_lb": float(fitted.ci_lb),
        "ci_ub": float(fitted.ci_ub),
        "prob_below": prob_below,
        "pi_lb": float(fitted.pi_lb),
        "pi_ub": float(fitted.pi_ub),
        "pi_rule": "posterior predictive",
        "tau2": float(fitted.median_tau) ** 2,
        "tau2_lb": float(fitted.tau_lb) ** 2,
        "tau2_ub": float(fitted.tau_ub) ** 2,
        "method": f"half-normal prior on tau, scale {fitted.tau_prior.scale:g}",
        "converged": True,
        "boundary": False,
    }


# ---- all evidence


def all_evidence_columns(units: Sequence[PooledUnit]) -> dict[str, np.ndarray]:
    """The columns of units that the all-evidence model takes, nan where empty, or of too few persons for a test."""
    columns = {
        name: np.array([np.nan if (value := getattr(unit, name)) is None else value for unit in units], dtype=float)
        for name in ("yi", "vi", "yi_lb", "yi_ub", "n1i", "n2i", "ni")
    }
    few = ~np.array([sized(unit) for unit in units], dtype=bool)
    return columns | {name: np.where(few, np.nan, columns[name]) for name in ("n1i", "n2i", "ni")}


def all_evidence_estimates(cells: Sequence[list[PooledUnit]], level: float) -> meta.AllEvidenceEstimates:
    """The all-evidence model of each list of two units or more, all of one metric, all at once."""
    units = [unit for cell in cells for unit in cell]
    return meta.all_evidence_sets(
        [len(cell) for cell in cells], **all_evidence_columns(units), metric=units[0].metric, level=level
    )


def has_all_evidence(units: list[PooledUnit]) -> bool:
    """Whether a cell has an all-evidence model: two samples or more, and not all of them exact.

    A difference of differences has sampling variances of its own and is left to the ladder.
    """
    all_exact = all(unit.rung == "exact" for unit in units)
    return len(units) > 1 and not all_exact and units[0].comparison != "interaction"


def _likelihood(units: list[PooledUnit], config: Models) -> meta.AllEvidenceFit:
    return meta.all_evidence(**all_evidence_columns(units), metric=units[0].metric, level=config.level)


def _bayes_all_evidence(units: list[PooledUnit], config: Models) -> meta.AllEvidencePosterior:
    prior = meta.HalfNormal(config.tau_prior_scale)
    columns = all_evidence_columns(units)
    return meta.all_evidence_bayes(**columns, metric=units[0].metric, tau_prior=prior, level=config.level)


def _all_evidence(fitted: meta.AllEvidenceFit) -> dict:
    # No prediction interval: that of the likelihood was too short in simulations; the Bayesian one is shown.
    names = ("est", "se", "ci_lb", "ci_ub", "pval", "tau2", "ddf")
    return {
        **{name: float(getattr(fitted, name)) for name in names},
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
    BAYES: Fitting(_bayes_random, lambda fitted: _posterior(fitted, float(fitted.mu_cdf(0.0)))),
    ALL_EVIDENCE: Fitting(_likelihood, _all_evidence),
    ALL_EVIDENCE_BAYES: Fitting(_bayes_all_evidence, lambda fitted: _posterior(fitted, 1 - fitted.p_positive)),
}
