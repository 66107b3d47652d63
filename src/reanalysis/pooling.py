"""Pool the exact effects of each cell of a domain, by one rule on how much k independent samples allow.

A cell is a domain, contrast, outcome group and metric: what may be pooled. Effects of one sample are never treated as
independent: they are averaged first, with the correlation that the configuration states, so that k counts samples.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np

from reanalysis import meta
from reanalysis.schema.config import Models
from reanalysis.schema.results import Effect, Model, PooledUnit

MIN_K_RANDOM = 3
MIN_K_PREDICTION = 5

K_RULE = (
    (1, "the single study with its own interval; no pooling"),
    (2, "common effect as headline, Bayesian random effects beside it"),
    (3, "random effects by REML with Knapp-Hartung as headline; its ad hoc version and Bayes beside it"),
    (5, "the same, with a prediction interval and leave-one-out"),
    (10, "the same, with small-study tests and one moderator"),
)


def pool_domain(effects: list[Effect], config: Models) -> tuple[list[Model], list[PooledUnit]]:
    """Models and independent units of every cell of a domain that has an exact effect in the main analysis."""
    exact = [effect for effect in effects if effect.use == "main" and effect.rung == "exact"]
    models: list[Model] = []
    units: list[PooledUnit] = []
    for _, group in groupby(sorted(exact, key=_cell), key=_cell):
        members = list(group)
        cell_units = average_samples(members, config.rho)
        cell_models = list(_models(members, cell_units, config))
        models += cell_models
        units += _weighted(cell_units, cell_models[0])
    return models, units


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
            **_cell_columns(members[0]),
            sample_id=str(sample),
            label=own[sample][0].label,
            findings="; ".join(effect.finding_id for effect in own[sample]),
            rho=rho if n > 1 else None,
            yi=float(yi),
            vi=float(vi),
        )
        for sample, yi, vi, n in zip(pooled.cluster, pooled.yi, pooled.vi, pooled.n_effects, strict=True)
    ]


def _models(members: list[Effect], units: list[PooledUnit], config: Models) -> Iterator[Model]:
    """The models that k samples allow (K_RULE), the headline first."""
    yi, vi = np.array([unit.yi for unit in units]), np.array([unit.vi for unit in units])
    k = len(units)
    common = {
        **_cell_columns(members[0]),
        "k_effects": len(members),
        "k": k,
        "level": config.level,
        "rho": config.rho if len(members) > k else None,
    }
    if k == 1:
        yield _model(
            "single study", meta.fit(yi, vi, method="CE", level=config.level), common, "one sample: nothing pooled"
        )
        return
    if k < MIN_K_RANDOM:
        note = "two samples do not tell heterogeneity apart from chance"
        yield _model("common effect", meta.fit(yi, vi, method="CE", level=config.level), common, note)
    else:
        for test, name in (("knha", "random effects"), ("adhoc", "random effects, ad hoc")):
            fitted = meta.fit(yi, vi, method=config.method, test=test, level=config.level)
            note = "" if k >= MIN_K_PREDICTION else f"no prediction interval from fewer than {MIN_K_PREDICTION} samples"
            yield _model(name, fitted, common, note)


def _model(name: str, fitted: meta.Fit, common: dict, note: str) -> Model:
    random = fitted.method != "CE"
    prediction = fitted.predict(rule="k-1") if random and fitted.k >= MIN_K_PREDICTION else None
    several = fitted.k > 1
    return Model(
        **common,
        model=name,
        headline="yes" if name in ("single study", "common effect", "random effects") else "no",
        est=float(fitted.beta[0]),
        se=float(fitted.se[0]),
        ci_lb=float(fitted.ci_lb[0]),
        ci_ub=float(fitted.ci_ub[0]),
        pval=float(fitted.pval[0]),
        pi_lb=float(prediction.pi_lb[0]) if prediction else None,
        pi_ub=float(prediction.pi_ub[0]) if prediction else None,
        pi_rule=f"t with k - 1 = {fitted.k - 1} degrees of freedom" if prediction else None,
        tau2=float(fitted.tau2) if random else None,
        I2=float(fitted.I2) if several else None,
        H2=float(fitted.H2) if several else None,
        QE=float(fitted.QE) if several else None,
        QEp=float(fitted.QEp) if several else None,
        method=fitted.method,
        test=fitted.test,
        ddf=float(fitted.ddf) if np.isfinite(fitted.ddf) else None,
        converged="yes" if fitted.converged else "no",
        boundary="yes" if fitted.boundary and random else "no",
        note=note or None,
    )


def _weighted(units: list[PooledUnit], headline: Model) -> list[PooledUnit]:
    """The units with their weights in the headline model."""
    weights = np.array([1 / (unit.vi + (headline.tau2 or 0)) for unit in units])
    percent = 100 * weights / weights.sum()
    return [PooledUnit(**{**vars(unit), "weight": float(w)}) for unit, w in zip(units, percent, strict=True)]


def _cell(effect: Effect) -> tuple[str, str, str]:
    return effect.contrast, effect.outcome_group, effect.metric


def _cell_columns(effect: Effect) -> dict[str, str]:
    return {name: getattr(effect, name) for name in ("domain", "contrast", "outcome_group", "metric")}
