"""Pool the exact effects of each cell of a domain, by one rule on how much k independent samples allow.

A cell is a domain, contrast, outcome group and metric: what may be pooled. Effects of one sample are never treated as
independent: they become one first (`ladder.samples`), so that k counts samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

import numpy as np

from reanalysis import meta
from reanalysis.ladder.samples import combine, combine_bounds, entering, how, sized, sizes
from reanalysis.schema.config import Models
from reanalysis.schema.results import Effect, Model, PooledUnit
from reanalysis.schema.vocabulary import ALL_EVIDENCE, RUNGS

MIN_K_RANDOM = 3
MIN_K_PREDICTION = 5
MIN_K_ASYMMETRY = 10

HEADLINES = ("single study", "common effect", "random effects")
MAIN_MODELS = (*HEADLINES, ALL_EVIDENCE)

# What is shown from how many samples on (docs/codebook.md prints this).
K_RULE = {
    1: "the single sample with its own interval; nothing is pooled",
    2: "common effect as headline, Bayesian random effects beside it",
    MIN_K_RANDOM: "random effects with Knapp-Hartung as headline; its ad hoc version and Bayes beside it",
    MIN_K_PREDICTION: "the same, with a prediction interval, and what rests on each sample: left out in turn, added by "
    "year, deletion diagnostics, subsets",
    MIN_K_ASYMMETRY: "the same, with a funnel plot and its test",
}


@dataclass(frozen=True)
class Pooled:
    """Everything that stage 3 writes for a domain."""

    models: list[Model]
    units: list[PooledUnit]


def pool_domain(effects: list[Effect], config: Models) -> Pooled:
    """Pool every cell of a domain: the exact effects classically, and all findings by the all-evidence model."""
    main = [effect for effect in effects if effect.use == "main"]
    pooled = Pooled([], [])
    for _, group in groupby(sorted(main, key=_cell), key=_cell):
        members = list(group)
        everything = sample_units(members, config.rho)
        left_out = len(members) - sum(map(_k_findings, everything))
        exact = [unit for unit in everything if unit.rung == "exact"]
        others = everything[len(exact) :]
        if exact:
            exact = _pool_exact(exact, left_out, pooled, config)
        if has_all_evidence(everything):
            kept = tuple(everything), left_out, config.level, config.tau_prior_scale
            pooled.models.extend(_all_evidence_models(*kept))
        pooled.units.extend(exact + others)
    return pooled


def _pool_exact(units: list[PooledUnit], left_out: int, pooled: Pooled, config: Models) -> list[PooledUnit]:
    """Add the classical models of a cell to `pooled`; returns its units with their weights in the headline model."""
    context = {
        **cell_columns(units[0]),
        "k_effects": sum(map(_k_findings, units)),
        "k_left_out": left_out,
        "level": config.level,
        "rho": _rho(units),
    }
    fits = list(fit_cell(units, config))
    headline, fitted = fits[0]
    pooled.models.extend(_model(name, one, context, headline=name == headline) for name, one in fits)
    return [replace(unit, weight=float(weight)) for unit, weight in zip(units, fitted.weights_percent, strict=True)]


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
        findings="; ".join(effect.finding_id for effect in used),
        left_out="; ".join(left_out) or None,
        **sizes(used)._asdict(),
    )
    if used[0].rung == "exact":
        mean = combine(used, rho)
        return replace(unit, yi=mean.yi, vi=mean.vi, rho=mean.rho, how=how(used) or None)
    lower, upper = combine_bounds(used, rho)
    return replace(unit, yi_lb=lower, yi_ub=upper, how=how(used) or None)


def one_finding_unit(effect: Effect) -> PooledUnit:
    """A sample of which one finding is used."""
    return PooledUnit(
        **cell_columns(effect),
        sample_id=effect.sample_id,
        label=effect.label,
        year=effect.year,
        rung=effect.rung,
        findings=effect.finding_id,
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


def has_all_evidence(units: list[PooledUnit]) -> bool:
    """Whether a cell has an all-evidence model: two samples or more, and not all of them exact.

    The difference of drug effects between groups has sampling variances of its own and is left to the ladder.
    """
    all_exact = all(unit.rung == "exact" for unit in units)
    return len(units) > 1 and not all_exact and units[0].contrast != "group_by_drug"


@lru_cache(maxsize=1000)
def _all_evidence_models(
    units: tuple[PooledUnit, ...], left_out: int, level: float, tau_prior_scale: float
) -> tuple[Model, Model]:
    """The all-evidence models of a cell, by likelihood and by Bayes.

    Kept, because most alternatives of a sensitivity analysis leave most cells as they are.
    """
    rungs = [unit.rung for unit in units]
    columns = all_evidence_columns(units)
    context = {
        **cell_columns(units[0]),
        "headline": "no",
        "k_effects": sum(map(_k_findings, units)),
        "k_left_out": left_out,
        "k": len(units),
        **{f"k_{rung}": rungs.count(rung) for rung in ("exact", "bounded", "direction")},
        "level": level,
        "rho": _rho(units),
    }
    fitted = meta.all_evidence(**columns, metric=units[0].metric, level=level)
    prior = meta.HalfNormal(tau_prior_scale)
    posterior = meta.all_evidence_bayes(**columns, metric=units[0].metric, tau_prior=prior, level=level)
    bayes = _bayes(posterior, 1 - posterior.p_positive)
    return (
        Model(**context, model=ALL_EVIDENCE, **_all_evidence(fitted)),
        Model(**context, model=f"{ALL_EVIDENCE}, Bayesian", **bayes),
    )


def _all_evidence(fitted: meta.AllEvidenceFit) -> dict:
    # No prediction interval: that of the likelihood was too short in simulations; the Bayesian one is shown.
    names = ("est", "se", "ci_lb", "ci_ub", "pval", "tau2", "ddf")
    return {
        **{name: float(getattr(fitted, name)) for name in names},
        "tau2_lb": float(fitted.tau_lb) ** 2,
        "tau2_ub": float(fitted.tau_ub) ** 2,
        "method": "ML",
        "test": "likelihood ratio, t-calibrated",
        "converged": "yes" if fitted.converged else "no",
        "boundary": "yes" if fitted.boundary else "no",
        "note": "; ".join(fitted.notes) or None,
    }


def fit_cell(units: list[PooledUnit], config: Models) -> Iterator[tuple[str, meta.Fit | meta.BayesFit]]:
    """The models that k samples allow (K_RULE), by name, the headline first."""
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
    return Model(**context, model=name, headline="yes" if headline else "no", k=fitted.k, k_exact=fitted.k, **columns)


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
        "converged": "yes" if fitted.converged else "no",
        "boundary": "yes" if random and fitted.boundary else "no",
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
        "converged": "yes",
        "boundary": "no",
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
    return len(unit.findings.split("; "))


def _rho(units: Iterable[PooledUnit]) -> float | None:
    return next((unit.rho for unit in units if unit.rho is not None), None)


def _cell(effect: Effect) -> tuple[str, str, str]:
    return effect.contrast, effect.outcome_group, effect.metric


def cell_columns(effect: Effect | PooledUnit) -> dict[str, str]:
    """The columns that name the cell of an effect or unit."""
    return {name: getattr(effect, name) for name in ("domain", "contrast", "outcome_group", "metric")}
