"""Pool the exact effects of each cell, by one rule on how much k independent samples allow.

A cell is a domain, contrast, outcome group and metric: what may be pooled. Effects of one sample are never treated as
independent: they become one first (`ladder.samples`), so that k counts samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import numpy as np

from reanalysis import meta
from reanalysis.ladder.samples import combine, combine_bounds, entering, how, sized, sizes
from reanalysis.results.rows import Effect, Model, PooledUnit
from reanalysis.results.table import cell_of
from reanalysis.schema.config import Models
from reanalysis.schema.k_rule import MIN_K_PREDICTION, MIN_K_RANDOM
from reanalysis.schema.vocabulary import ALL_EVIDENCE, RUNGS
from reanalysis.store import compute

HEADLINES = ("single study", "common effect", "random effects")
MAIN_MODELS = (*HEADLINES, ALL_EVIDENCE)


class Pooled(NamedTuple):
    """What stage 3 writes: the models of all cells, and the independent units in them."""

    models: list[Model]
    units: list[PooledUnit]


def pool(effects: Iterable[Effect], config: Models, recall: Callable = compute) -> Pooled:
    """Pool every cell: the exact effects classically, and all findings by the all-evidence model.

    Domains keep their order, and the cells of a domain are sorted. `recall` calls a function, or knows its value.
    """
    pooled = Pooled([], [])
    for members in main_cells(effects):
        units = sample_units(members, config.rho)
        left_out = len(members) - sum(map(_k_findings, units))
        models, weights = recall(fit_units, units, left_out, config)
        pooled.models.extend(models)
        pooled.units.extend(_in_model(unit, weights.get(unit.sample_id)) for unit in units)
    return pooled


def _in_model(unit: PooledUnit, weight: float | None) -> PooledUnit:
    """A unit with its weight in the headline model, and what a funnel plot shows of it."""
    if unit.rung != "exact":
        return unit
    pval = math.erfc(abs(unit.yi) / math.sqrt(2 * unit.vi))
    unit = replace(unit, weight=weight, sei=math.sqrt(unit.vi), pval=pval)
    return replace(unit, weight_each=unit.weight / len(unit.findings))


def main_cells(effects: Iterable[Effect]) -> Iterator[list[Effect]]:
    """The findings of the main analysis, cell by cell."""
    main = [effect for effect in effects if effect.use == "main"]
    domains = list(dict.fromkeys(effect.domain for effect in main))
    main.sort(key=lambda effect: (domains.index(effect.domain), effect.cell))
    for _, members in groupby(main, key=cell_of):
        yield list(members)


def fit_units(units: list[PooledUnit], left_out: int, config: Models) -> tuple[list[Model], dict[str, float]]:
    """The models of a cell, and the weight of each exact sample in its headline model, in percent."""
    models, weights = [], {}
    if exact := [unit for unit in units if unit.rung == "exact"]:
        fits = list(fit_cell(exact, config))
        context = _context(exact, left_out, config.level)
        headline = fits[0][0]
        models += [_model(name, one, context, headline=name == headline) for name, one in fits]
        for unit, weight in zip(exact, fits[0][1].weights_percent, strict=True):
            weights[unit.sample_id] = float(weight)
    if has_all_evidence(units):
        models += _all_evidence_models(units, left_out, config)
    return models, weights


def _context(units: list[PooledUnit], left_out: int, level: float) -> dict:
    """What every model of a cell says of the evidence in it."""
    return {
        **units[0].cell._asdict(),
        "k_effects": sum(map(_k_findings, units)),
        "k_left_out": left_out,
        "level": level,
        "rho": _rho(units),
    }


def sample_units(members: Iterable[Effect], rho: float) -> list[PooledUnit]:
    """One unit for each sample of a cell that has a finding which can enter: exact ones first, each rung by sample."""
    own: dict[str, list[Effect]] = {}
    for effect in sorted(members, key=lambda effect: effect.finding_id):
        own.setdefault(effect.sample_id, []).append(effect)
    found = [unit for sample in sorted(own) if (unit := _unit(own[sample], rho))]
    return sorted(found, key=lambda unit: list(RUNGS).index(unit.rung))


def _unit(findings: list[Effect], rho: float) -> PooledUnit | None:
    """The mean of the findings of a sample on its highest rung; None where none can enter."""
    reasons = entering(findings)
    used = [effect for effect, reason in zip(findings, reasons, strict=True) if not reason]
    if not used:
        return None
    left_out = [effect.finding_id for effect, reason in zip(findings, reasons, strict=True) if reason]
    unit = replace(
        one_finding_unit(used[0]),
        findings=[effect.finding_id for effect in used],
        left_out=left_out,
        **sizes(used)._asdict(),
    )
    if used[0].rung == "exact":
        mean = combine(used, rho)
        return replace(unit, yi=mean.yi, vi=mean.vi, rho=mean.rho, how=how(used) or None)
    lower, upper = combine_bounds(used)
    return replace(unit, yi_lb=lower, yi_ub=upper, how=how(used) or None)


def one_finding_unit(effect: Effect) -> PooledUnit:
    """A sample of which one finding is used."""
    return PooledUnit(
        **effect.cell._asdict(),
        sample_id=effect.sample_id,
        label=effect.label,
        year=effect.year,
        rung=effect.rung,
        findings=[effect.finding_id],
        yi=effect.yi,
        vi=effect.vi,
        yi_lb=effect.yi_lb,
        yi_ub=effect.yi_ub,
        **sizes([effect])._asdict(),
    )


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

    The difference of drug effects between groups has sampling variances of its own and is left to the ladder.
    """
    all_exact = all(unit.rung == "exact" for unit in units)
    return len(units) > 1 and not all_exact and units[0].contrast != "group_by_drug"


def _all_evidence_models(units: list[PooledUnit], left_out: int, config: Models) -> list[Model]:
    """The all-evidence models of a cell, by likelihood and by Bayes."""
    rungs = [unit.rung for unit in units]
    columns, metric, level = all_evidence_columns(units), units[0].metric, config.level
    context = {
        **_context(units, left_out, level),
        "headline": False,
        "k": len(units),
        **{f"k_{rung}": rungs.count(rung) for rung in ("exact", "bounded", "direction")},
    }
    fitted = meta.all_evidence(**columns, metric=metric, level=level)
    prior = meta.HalfNormal(config.tau_prior_scale)
    posterior = meta.all_evidence_bayes(**columns, metric=metric, tau_prior=prior, level=level)
    bayes = _bayes(posterior, 1 - posterior.p_positive)
    return [
        Model(**context, model=ALL_EVIDENCE, **_all_evidence(fitted)),
        Model(**context, model=f"{ALL_EVIDENCE}, Bayesian", **bayes),
    ]


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


def fit_cell(units: list[PooledUnit], config: Models) -> Iterator[tuple[str, meta.Fit | meta.BayesFit]]:
    """The models that k samples allow (`k_rule.K_RULE`), by name, the headline first."""
    yi, vi = np.array([unit.yi for unit in units]), np.array([unit.vi for unit in units])
    if len(units) < MIN_K_RANDOM:
        name = "single study" if len(units) == 1 else "common effect"
        yield name, meta.fit(yi, vi, method="CE", level=config.level)
    else:
        for name, test in (("random effects", "knha"), ("random effects, ad hoc", "adhoc")):
            yield name, meta.fit(yi, vi, method=config.method, test=test, level=config.level)
    if len(units) > 1:
        prior = meta.HalfNormal(config.tau_prior_scale)
        yield "Bayesian random effects", meta.bayes_re(yi, vi, tau_prior=prior, level=config.level)


def _model(name: str, fitted: meta.Fit | meta.BayesFit, context: dict, *, headline: bool) -> Model:
    bayes = isinstance(fitted, meta.BayesFit)
    columns = _bayes(fitted, float(fitted.mu_cdf(0.0))) if bayes else _classical(fitted)
    return Model(**context, model=name, headline=headline, k=fitted.k, k_exact=fitted.k, **columns)


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


def _bayes(fitted: meta.BayesFit | meta.AllEvidencePosterior, prob_below: float) -> dict:
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


def _note(fitted: meta.Fit) -> str | None:
    if fitted.k == 1:
        return "one sample: nothing is pooled"
    if fitted.k < MIN_K_RANDOM:
        return "two samples do not tell heterogeneity apart from chance"
    if fitted.k < MIN_K_PREDICTION:
        return f"no prediction interval from fewer than {MIN_K_PREDICTION} samples"
    return None


def _k_findings(unit: PooledUnit) -> int:
    return len(unit.findings)


def _rho(units: Iterable[PooledUnit]) -> float | None:
    return next((unit.rho for unit in units if unit.rho is not None), None)
