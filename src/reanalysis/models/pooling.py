"""Pool the exact effects of each cell, by one rule on how much k independent samples allow.

A cell is a domain, contrast, outcome group and metric: what may be pooled. Effects of one sample are never treated as
independent: they become one first (`ladder.samples`), so that k counts samples.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from reanalysis.ladder.samples import combine, combine_bounds, entering, how, sizes
from reanalysis.models.cell_models import FITTINGS, fit_cell, pinned, takes
from reanalysis.results.rows import Effect, Model, PooledUnit
from reanalysis.results.table import cell_of, places
from reanalysis.schema.cell_models import MIN_K_RANDOM, MODELS, CellModel
from reanalysis.schema.config import Models
from reanalysis.schema.vocabulary import RUNGS
from reanalysis.store import compute


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
        units = sample_units(members, config)
        left_out = len(members) - sum(map(_k_findings, units))
        models, weights, information = recall(fit_units, units, left_out, config)
        pooled.models.extend(models)
        pooled.units.extend(
            _in_model(unit, weights.get(unit.sample_id), information.get(unit.sample_id)) for unit in units
        )
    return pooled


def _in_model(unit: PooledUnit, weight: float | None, information: float | None) -> PooledUnit:
    """A unit with its weight and information in the models of its cell, and what a funnel plot shows of it."""
    unit = replace(unit, information=information)
    if unit.rung != "exact":
        return unit
    pval = math.erfc(abs(unit.yi) / math.sqrt(2 * unit.vi))
    unit = replace(unit, weight=weight, sei=math.sqrt(unit.vi), pval=pval)
    return replace(unit, weight_each=unit.weight / len(unit.findings))


def main_cells(effects: Iterable[Effect]) -> Iterator[list[Effect]]:
    """The findings of the main analysis, cell by cell."""
    main = [effect for effect in effects if effect.use == "main"]
    domains = places(effect.domain for effect in main)
    main.sort(key=lambda effect: (domains[effect.domain], effect.cell))
    for _, members in groupby(main, key=cell_of):
        yield list(members)


def fit_units(
    units: list[PooledUnit], left_out: int, config: Models
) -> tuple[list[Model], dict[str, float], dict[str, float]]:
    """The models of a cell; of each sample its weight in the headline and its information on that of all evidence.

    Both are in percent.
    """
    models, weights, information = [], {}, {}
    for name, fitted in fit_cell(units, config):
        own = MODELS[name]
        used = takes(own, units)
        columns = FITTINGS[name].columns(fitted)
        if own.mixed and not pinned(used):
            columns |= NOT_PINNED
        models.append(Model(**_context(used, left_out, config.level), **_kinds(own, used), model=name, **columns))
        if own.headline:
            weights = _by_sample(used, fitted.weights_percent)
        elif own.mixed and not fitted.no_maximum:
            information = _by_sample(used, 100 * fitted.information / fitted.information.sum())
    return models, weights, information


NOT_PINNED = {
    **dict.fromkeys(("est", "se", "pval", "tau2", "k_eff")),
    "note": f"no point estimate: fewer than {MIN_K_RANDOM} samples, none of them with an effect size",
}


def _by_sample(units: Iterable[PooledUnit], percent: Iterable[float]) -> dict[str, float]:
    return {unit.sample_id: float(share) for unit, share in zip(units, percent, strict=True)}


def _kinds(own: CellModel, units: list[PooledUnit]) -> dict:
    """Whether a model is the headline, and how many samples of which rungs are in it."""
    rungs = Counter(unit.rung for unit in units)
    counted = ("exact", "bounded", "direction") if own.everything else ("exact",)
    return {"headline": own.headline, "k": len(units), **{f"k_{rung}": rungs[rung] for rung in counted}}


def _context(units: list[PooledUnit], left_out: int, level: float) -> dict:
    """What every model of a cell says of the evidence in it."""
    return {
        **units[0].cell._asdict(),
        "k_effects": sum(map(_k_findings, units)),
        "k_left_out": left_out,
        "level": level,
        "rho": _rho(units),
    }


def sample_units(members: Iterable[Effect], config: Models, *, findings_as_units: bool = False) -> list[PooledUnit]:
    """One unit for each sample of a cell that has a finding which can enter: exact ones first, each rung by sample.

    With `findings_as_units` every finding is a unit, as if those of one sample were independent; this only shows what
    their dependence changes.
    """
    own: dict[str, list[Effect]] = {}
    for effect in sorted(members, key=lambda effect: effect.finding_id):
        own.setdefault(effect.finding_id if findings_as_units else effect.sample_id, []).append(effect)
    found = [unit for sample in sorted(own) if (unit := _unit(own[sample], config))]
    return sorted(found, key=lambda unit: list(RUNGS).index(unit.rung))


def _unit(findings: list[Effect], config: Models) -> PooledUnit | None:
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
        mean = combine(used, config.rho, config.arms)
        return replace(unit, yi=mean.yi, vi=mean.vi, rho=mean.rho, how=how(used, config.arms) or None)
    lower, upper = combine_bounds(used, config.arms)
    return replace(unit, yi_lb=lower, yi_ub=upper, how=how(used, config.arms) or None)


def one_finding_unit(effect: Effect) -> PooledUnit:
    """A sample of which one finding is used."""
    return PooledUnit(
        **effect.cell._asdict(),
        comparison=effect.comparison,
        sample_id=effect.sample_id,
        label=effect.label,
        year=effect.year,
        four_arms=effect.comparison == "interaction" and effect.design == "parallel",
        rung=effect.rung,
        findings=[effect.finding_id],
        yi=effect.yi,
        vi=effect.vi,
        yi_lb=effect.yi_lb,
        yi_ub=effect.yi_ub,
        **sizes([effect])._asdict(),
    )


def _k_findings(unit: PooledUnit) -> int:
    return len(unit.findings)


def _rho(units: Iterable[PooledUnit]) -> float | None:
    return next((unit.rho for unit in units if unit.rho is not None), None)
