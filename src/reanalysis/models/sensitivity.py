"""Would the answer be another if a choice had been another? One alternative at a time, each by the whole pipeline.

An alternative changes how findings are read, which of them count, or how they are pooled; everything after it is as in
the main analysis, which is the first variant. Only cells that an alternative changes are fitted again.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from reanalysis.ladder import domain_effects
from reanalysis.models.cell_models import all_evidence_estimates, fit_cell, has_all_evidence
from reanalysis.models.pooling import main_cells, pool, sample_units
from reanalysis.results.rows import MAIN, Effect, Model, PooledUnit, Variant
from reanalysis.results.table import CellKey
from reanalysis.schema import config as choices
from reanalysis.schema.cell_models import ALL_EVIDENCE, MODELS
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.vocabulary import TESTS
from reanalysis.store import compute


@dataclass(frozen=True)
class Alternative:
    """A named alternative: the effects of a domain and the models' configuration under it."""

    kind: str
    name: str
    effects: list[Effect]
    models: choices.Models
    findings_as_units: bool = False


def sensitivity(evidence: Evidence, config: choices.Config, recall: Callable = compute) -> list[Variant]:
    """The main models of every cell under every alternative that changes them, domain by domain.

    A variant is left out where it changes nothing: no finding was read differently, no effects were averaged. `recall`
    calls a function, or knows its value.
    """
    return [row for domain in evidence.domains for row in domain_variants(evidence, domain, config, recall)]


def domain_variants(
    evidence: Evidence, domain: str, config: choices.Config, recall: Callable = compute
) -> list[Variant]:
    """The variants of one domain."""
    first, *others = alternatives(evidence, domain, config)
    models = pool(first.effects, first.models, recall).models
    main = {model.fit: model for model in models if MODELS[model.model].main}
    found = []
    for changes in _changes(first, others).values():
        estimates = recall(main_estimates, [one.units for one in changes], [one.alternative.models for one in changes])
        for change, rows in zip(changes, estimates, strict=True):
            new = [row for row in rows if row.fit not in main or not _same(row, main[row.fit])]
            found += [(change.place, _variant(change.alternative, row, main.get(row.fit))) for row in new]
    found.sort(key=lambda pair: (pair[0], pair[1].cell))
    return [*(_variant(first, model, model) for model in main.values()), *(row for _, row in found)]


class _Change(NamedTuple):
    """An alternative, its place among all, and the samples of a cell under it."""

    place: int
    alternative: Alternative
    units: list[PooledUnit]


def _changes(first: Alternative, others: list[Alternative]) -> dict[CellKey, list[_Change]]:
    """For each cell the alternatives in which other findings count than at first, or other choices of models."""
    known = {members[0].cell: members for members in main_cells(first.effects)}
    changes = defaultdict(list)
    for place, other in enumerate(others):
        for members in main_cells(other.effects):
            cell = members[0].cell
            if other.models != first.models or members != known.get(cell) or other.findings_as_units:
                units = sample_units(members, other.models, findings_as_units=other.findings_as_units)
                changes[cell].append(_Change(place, other, units))
    return changes


def main_estimates(cells: list[list[PooledUnit]], models: list[choices.Models]) -> list[list[Variant]]:
    """The main models of lists of units of one cell, each by its own choices: estimates and intervals as in `pool`.

    The all-evidence model is fitted to all lists at once.
    """
    found: list[list[Variant]] = []
    for units, own in zip(cells, models, strict=True):
        exact = [unit for unit in units if unit.rung == "exact"]
        found.append([_headline(exact, own)] if exact else [])
    mixed = [(units, rows) for units, rows in zip(cells, found, strict=True) if has_all_evidence(units)]
    if mixed:
        fitted = all_evidence_estimates([units for units, _ in mixed], models[0].level)
        for (units, rows), *numbers in zip(mixed, fitted.est, fitted.ci_lb, fitted.ci_ub, strict=True):
            rows.append(_estimate(units, ALL_EVIDENCE, *numbers))
    return found


def _headline(units: list[PooledUnit], models: choices.Models) -> Variant:
    name, fitted = next(fit_cell(units, models))
    return _estimate(units, name, fitted.beta[0], fitted.ci_lb[0], fitted.ci_ub[0])


def _estimate(units: list[PooledUnit], model: str, est: float, ci_lb: float, ci_ub: float) -> Variant:
    """A row that does not say yet under which alternative it is found."""
    numbers = {"est": float(est), "ci_lb": float(ci_lb), "ci_ub": float(ci_ub)}
    return Variant(**units[0].cell._asdict(), model=model, k=len(units), **numbers)


def alternatives(evidence: Evidence, domain: str, config: choices.Config) -> Iterator[Alternative]:
    """The main analysis first, then one change at a time."""
    effects = domain_effects(evidence, domain, config.effects)
    yield Alternative("main", MAIN, effects, config.models)
    for alpha in config.sensitivity.alpha:
        read = domain_effects(evidence, domain, config.effects.model_copy(update={"alpha": alpha}))
        yield Alternative("reading", f"significant means p < {alpha:g}", read, config.models)
    for variance in config.sensitivity.smd_variance:
        read = domain_effects(evidence, domain, config.effects.model_copy(update={"smd_variance": variance}))
        yield Alternative("model choice", f"variance {variance} of Hedges' g", read, config.models)
    for method in config.sensitivity.method:
        changed = config.models.model_copy(update={"method": method})
        yield Alternative("model choice", f"tau2 by {method}", effects, changed)
    for test in config.sensitivity.test:
        changed = config.models.model_copy(update={"test": test})
        yield Alternative("model choice", f"{TESTS[test]} intervals", effects, changed)
    for rho in config.sensitivity.rho:
        changed = config.models.model_copy(update={"rho": rho})
        yield Alternative("model choice", f"correlation {rho:g} of effects of one sample", effects, changed)
    if config.sensitivity.findings_as_units:
        yield Alternative("model choice", "every finding a sample of its own", effects, config.models, True)
    for one in config.sensitivity.together:
        changed = {name: value for name, value in one if value is not None and name != "name"}
        read = config.effects.model_copy(update={n: changed[n] for n in changed.keys() & dict(config.effects).keys()})
        models = config.models.model_copy(update={n: changed[n] for n in changed.keys() & dict(config.models).keys()})
        found = domain_effects(evidence, domain, read)
        yield Alternative("several choices", one.name, found, models, one.findings_as_units)
    for kind, name, changed in _other_findings(effects, evidence.names):
        yield Alternative(kind, name, changed, config.models)


def _other_findings(effects: list[Effect], names: Names) -> Iterator[tuple[str, str, list[Effect]]]:
    """Alternatives in which other findings count: without a sample, another sample or coding, one kind of rung."""
    labels = {effect.sample_id: effect.label for effect in effects if effect.use == "main" and effect.sample_id}
    for sample, label in labels.items():
        yield "sample left out", f"without {label}", _without(effects, lambda e, sample=sample: e.sample_id == sample)
    for excluded in effects:
        if excluded.use == "excluded":
            kind = _replaceable(excluded)
            if kind:
                swapped = [_swap(effect, excluded, kind) for effect in effects]
                yield kind, _swap_name(excluded, kind, names), swapped
    yield "rung", "exact effects only", _without(effects, lambda e: e.rung != "exact")
    yield "rung", "bounds and directions only", _without(effects, lambda e: e.rung == "exact")


def _without(effects: list[Effect], drop: Callable[[Effect], bool]) -> list[Effect]:
    return [replace(effect, use="excluded") if drop(effect) else effect for effect in effects]


REPLACEABLE = {"alternative": "coding", "doubtful": "coding", "overlap": "cohort"}


def _replaceable(effect: Effect) -> str | None:
    """Which kind of alternative an excluded row is, if it can stand in for what the main analysis uses."""
    return REPLACEABLE.get(effect.use_code)


def _swap(effect: Effect, excluded: Effect, kind: str) -> Effect:
    """The row as it counts when `excluded` counts: the row that it stands in for does not."""
    if effect is excluded:
        return replace(effect, use="main")
    same_cell = (effect.contrast, effect.outcome_group) == (excluded.contrast, excluded.outcome_group)
    replaced = effect.finding_id == excluded.finding_id if kind == "coding" else effect.cohort_id == excluded.cohort_id
    return replace(effect, use="excluded") if same_cell and replaced else effect


def _swap_name(excluded: Effect, kind: str, names: Names) -> str:
    if kind == "cohort":
        return f"{excluded.label} counted for its cohort ({names.outcome(excluded.outcome_group)})"
    if excluded.coding == "primary":
        return f"doubtful {excluded.finding_id} counted"
    return f"coding {excluded.coding} of {excluded.finding_id}"


def _same(model: Variant, main: Model) -> bool:
    """Whether a variant gives the numbers of the main analysis, rounding apart."""
    pairs = ((getattr(model, name), getattr(main, name)) for name in ("est", "ci_lb", "ci_ub"))
    return model.k == main.k and all(
        math.isclose(one, other, rel_tol=1e-9) if None not in (one, other) else one == other for one, other in pairs
    )


def _variant(alternative: Alternative, model: Model | Variant, main: Model | None) -> Variant:
    known = main is not None and None not in (model.est, main.est)
    return Variant(
        **model.cell._asdict(),
        model=model.model,
        kind=alternative.kind,
        variant=alternative.name,
        k=model.k,
        est=model.est,
        ci_lb=model.ci_lb,
        ci_ub=model.ci_ub,
        shift=model.est - main.est if known else None,
    )
