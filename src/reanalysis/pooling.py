"""Pool the exact effects of each cell of a domain, by one rule on how much k independent samples allow.

A cell is a domain, contrast, outcome group and metric: what may be pooled. Effects of one sample are never treated as
independent: they are averaged first, with the correlation that the configuration states, so that k counts samples.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

import numpy as np

from reanalysis import meta
from reanalysis.schema.config import Models
from reanalysis.schema.results import Effect, Model, PooledUnit
from reanalysis.schema.vocabulary import ALL_EVIDENCE

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
    main = [effect for effect in effects if effect.use == "main" and effect.rung != "unusable"]
    pooled = Pooled([], [])
    for _, group in groupby(sorted(main, key=_cell), key=_cell):
        members = list(group)
        exact = [effect for effect in members if effect.rung == "exact"]
        units = average_samples(exact, config.rho) if exact else []
        everything = units + other_samples(members, {unit.sample_id for unit in units})
        if units:
            units = _pool_exact(exact, units, pooled, config)
        if has_all_evidence(everything):
            pooled.models.extend(_all_evidence_models(tuple(everything), config.level, config.tau_prior_scale))
        pooled.units.extend(units + everything[len(units) :])
    return pooled


def _pool_exact(exact: list[Effect], units: list[PooledUnit], pooled: Pooled, config: Models) -> list[PooledUnit]:
    """Add the classical models of a cell to `pooled`; returns its units with their weights in the headline model."""
    context = {
        **cell_columns(exact[0]),
        "k_effects": len(exact),
        "level": config.level,
        "rho": config.rho if len(exact) > len(units) else None,
    }
    fits = list(fit_cell(units, config))
    headline, fitted = fits[0]
    pooled.models.extend(_model(name, one, context, headline=name == headline) for name, one in fits)
    return [replace(unit, weight=float(weight)) for unit, weight in zip(units, fitted.weights_percent, strict=True)]


def average_samples(members: list[Effect], rho: float) -> list[PooledUnit]:
    """One unit for each sample: its effect, or the plain mean of its effects whose errors correlate by `rho`."""
    pooled = meta.aggregate_effects(
        [effect.yi for effect in members],
        [effect.vi for effect in members],
        [effect.sample_id for effect in members],
        rho=rho,
        weighted=False,
    )
    own = {sample: [effect for effect in members if effect.sample_id == sample] for sample in pooled.cluster}
    return [
        PooledUnit(
            **cell_columns(members[0]),
            sample_id=str(sample),
            label=own[sample][0].label,
            year=own[sample][0].year,
            rung="exact",
            findings="; ".join(effect.finding_id for effect in own[sample]),
            rho=rho if n > 1 else None,
            yi=float(yi),
            vi=float(vi),
            **_sizes(own[sample][0]),
        )
        for sample, yi, vi, n in zip(pooled.cluster, pooled.yi, pooled.vi, pooled.n_effects, strict=True)
    ]


def other_samples(members: list[Effect], taken: set[str]) -> list[PooledUnit]:
    """One unit for each sample without an exact effect: its finding on the highest rung, the first of these.

    A direction enters only where its sample size is known: without it the finding has no likelihood.
    """
    usable = [
        effect
        for effect in members
        if effect.sample_id not in taken and (effect.rung == "bounded" or _sized(effect)) and effect.rung != "exact"
    ]
    best: dict[str, Effect] = {}
    for effect in sorted(usable, key=lambda effect: effect.rung != "bounded"):
        best.setdefault(effect.sample_id, effect)
    return [one_finding_unit(effect) for effect in best.values()]


def one_finding_unit(effect: Effect) -> PooledUnit:
    """A sample of which one finding is used that has no exact effect."""
    return PooledUnit(
        **cell_columns(effect),
        sample_id=effect.sample_id,
        label=effect.label,
        year=effect.year,
        rung=effect.rung,
        findings=effect.finding_id,
        yi_lb=effect.yi_lb,
        yi_ub=effect.yi_ub,
        **_sizes(effect),
    )


def all_evidence_columns(units: Sequence[PooledUnit]) -> dict[str, np.ndarray]:
    """The columns of units that the all-evidence model takes, nan where empty."""
    return {
        name: np.array([np.nan if (value := getattr(unit, name)) is None else value for unit in units], dtype=float)
        for name in ("yi", "vi", "yi_lb", "yi_ub", "n1i", "n2i", "ni")
    }


def has_all_evidence(units: list[PooledUnit]) -> bool:
    """Whether a cell has an all-evidence model: two samples or more, and not all of them exact.

    The difference of drug effects between groups has sampling variances of its own and is left to the ladder.
    """
    all_exact = all(unit.rung == "exact" for unit in units)
    return len(units) > 1 and not all_exact and units[0].contrast != "group_by_drug"


@lru_cache(maxsize=1000)
def _all_evidence_models(units: tuple[PooledUnit, ...], level: float, tau_prior_scale: float) -> tuple[Model, Model]:
    """The all-evidence models of a cell, by likelihood and by Bayes.

    Kept, because most alternatives of a sensitivity analysis leave most cells as they are.
    """
    rungs = [unit.rung for unit in units]
    columns = all_evidence_columns(units)
    context = {
        **cell_columns(units[0]),
        "headline": "no",
        "k_effects": sum(len(unit.findings.split("; ")) for unit in units),
        "k": len(units),
        **{f"k_{rung}": rungs.count(rung) for rung in ("exact", "bounded", "direction")},
        "level": level,
        "rho": next((unit.rho for unit in units if unit.rho is not None), None),
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


def _sized(effect: Effect) -> bool:
    return effect.ni is not None or (effect.n1i is not None and effect.n2i is not None)


def _sizes(effect: Effect) -> dict[str, int | None]:
    return {name: getattr(effect, name) for name in ("n1i", "n2i", "ni")}


def _cell(effect: Effect) -> tuple[str, str, str]:
    return effect.contrast, effect.outcome_group, effect.metric


def cell_columns(effect: Effect | PooledUnit) -> dict[str, str]:
    """The columns that name the cell of an effect or unit."""
    return {name: getattr(effect, name) for name in ("domain", "contrast", "outcome_group", "metric")}
