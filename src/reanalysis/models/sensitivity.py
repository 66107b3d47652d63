"""Would the answer be another if a choice had been another? One alternative at a time, each by the whole pipeline.

An alternative changes how findings are read, which of them count, or how they are pooled; everything after it is as in
the main analysis, which is the first variant. Only cells that an alternative changes are fitted again.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

from reanalysis.ladder import domain_effects, told_not_significant
from reanalysis.ladder.samples import can_enter
from reanalysis.models.cell_models import (
    all_evidence_estimates,
    at_limit,
    fit_cell,
    has_all_evidence,
    pinned,
    posteriors,
)
from reanalysis.models.pooling import main_cells, pool, sample_units
from reanalysis.results.rows import MAIN, Effect, Model, PooledUnit, Variant
from reanalysis.results.table import AnswerRow, CellKey
from reanalysis.schema import config as choices
from reanalysis.schema.cell_models import ALL_EVIDENCE, ALL_EVIDENCE_BAYES, MODELS
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Finding
from reanalysis.schema.vocabulary import ESTIMATORS, TESTS, VARIANCES
from reanalysis.store import compute
from reanalysis.text import listed


@dataclass(frozen=True)
class Alternative:
    """A named alternative: the effects of a domain and how they are pooled under it.

    `reported` is how often a result that is not significant is reported, relative to one that is. With `at_limit`, a
    sign, the posterior takes statements for the least that they mean for an effect of it (`cell_models.at_limit`).
    """

    kind: str
    name: str
    effects: list[Effect]
    models: choices.Models
    findings_as_units: bool = False
    reported: float = 1.0
    at_limit: int = 0


def sensitivity(evidence: Evidence, config: choices.Config, recall: Callable = compute) -> list[Variant]:
    """The main models of every cell under every alternative that changes them, domain by domain.

    A variant is left out where it changes nothing: no finding was read differently, no effects were averaged. `recall`
    calls a function, or knows its value.
    """
    parts = ((evidence.of(domain), domain) for domain in evidence.domains)
    return [row for part, domain in parts for row in recall(domain_variants, part, domain, config, nested=True)]


def domain_variants(
    evidence: Evidence,
    domain: str,
    config: choices.Config,
    recall: Callable = compute,
    wanted: Callable[[Effect], bool] = lambda effect: True,
) -> list[Variant]:
    """The variants of one domain, or of the findings in it that are `wanted`."""
    first, *others = (
        replace(one, effects=[effect for effect in one.effects if wanted(effect)])
        for one in alternatives(evidence, domain, config)
    )
    models = pool(first.effects, first.models, recall).models
    main = {model.fit: model for model in models if MODELS[model.model].main}
    found = []
    for changes in _changes(first, others).values():
        for change, rows in zip(changes, recall(main_estimates, changes), strict=True):
            new = [row for row in rows if row.fit not in main or not _same(row, main[row.fit])]
            found += [(change.place, _variant(change.kind, change.name, row, main.get(row.fit))) for row in new]
    found.sort(key=lambda pair: (pair[0], pair[1].cell))
    varied = [row for _, row in found]
    return [
        *(_variant("main", MAIN, model, model) for model in main.values()),
        *varied,
        *(_variant(row.kind, row.variant, row, main[row.fit]) for row in _tipped(first, main.values(), recall)),
    ]


class Change(NamedTuple):
    """An alternative to a cell: its place among all, what it is called, and the samples and choices under it."""

    place: int
    kind: str
    name: str
    units: list[PooledUnit]
    models: choices.Models
    reported: float
    at_limit: int = 0

    @property
    def judged(self) -> list[PooledUnit]:
        """The samples as the posterior takes them; none where only directions are known, and left out."""
        return at_limit(self.units, self.at_limit) if self.at_limit else self.units


def unit_variants(unit: PooledUnit, config: choices.Config) -> list[Variant]:
    """The posterior of one unit that is in no table, such as a difference of two effects, and that by other priors."""
    named = [("main", MAIN, config.models)]
    for kind, key, name in CHOICES:
        if kind == "prior":
            for value in getattr(config.sensitivity, key):
                named.append((kind, name(value), config.models.model_copy(update={key: value})))
    columns = posteriors([[unit]] * len(named), [models for *_, models in named], [1.0] * len(named))
    return [
        replace(_row([unit], ALL_EVIDENCE_BAYES, numbers), kind=kind, variant=name)
        for (kind, name, _), numbers in zip(named, columns, strict=True)
    ]


def _changes(first: Alternative, others: list[Alternative]) -> dict[CellKey, list[Change]]:
    """For each cell the alternatives in which other findings count than at first, or other choices of models."""
    known = {members[0].cell: members for members in main_cells(first.effects)}
    changes = defaultdict(list)
    for place, other in enumerate(others):
        anew = other.models != first.models or other.findings_as_units or other.reported < 1 or other.at_limit
        for members in main_cells(other.effects):
            cell = members[0].cell
            if anew or members != known.get(cell):
                units = sample_units(members, other.models, findings_as_units=other.findings_as_units)
                how = other.models, other.reported, other.at_limit
                changes[cell].append(Change(place, other.kind, other.name, units, *how))
    return changes


def main_estimates(changes: list[Change]) -> list[list[Variant]]:
    """The main models of one cell under each change: estimates and intervals as in `pool`.

    The models of all evidence are fitted to all lists of units at once.
    """
    found: list[list[Variant]] = [
        [_headline(exact, one.models)] if (exact := [unit for unit in one.units if unit.rung == "exact"]) else []
        for one in changes
    ]
    mixed = [(place, one) for place, one in enumerate(changes) if has_all_evidence(one.units)]
    if mixed:
        lists, reported = [one.units for _, one in mixed], [one.reported for _, one in mixed]
        fitted = all_evidence_estimates(lists, mixed[0][1].models.level, reported)
        for (place, one), *numbers in zip(mixed, fitted.est, fitted.ci_lb, fitted.ci_ub, strict=True):
            found[place].append(_estimate(one.units, ALL_EVIDENCE, *numbers))
    judged = [(place, one, units) for place, one in enumerate(changes) if (units := one.judged)]
    lists = [units for _, _, units in judged]
    columns = posteriors(lists, [one.models for _, one, _ in judged], [one.reported for _, one, _ in judged])
    for (place, _, units), numbers in zip(judged, columns, strict=True):
        found[place].append(_row(units, ALL_EVIDENCE_BAYES, numbers))
    return found


def _headline(units: list[PooledUnit], models: choices.Models) -> Variant:
    name, fitted = next(fit_cell(units, models))
    return _estimate(units, name, fitted.beta[0], fitted.ci_lb[0], fitted.ci_ub[0])


def _estimate(units: list[PooledUnit], model: str, est: float, ci_lb: float, ci_ub: float) -> Variant:
    known = float(est) if model != ALL_EVIDENCE or pinned(units) else None
    return _row(units, model, {"est": known, "ci_lb": float(ci_lb), "ci_ub": float(ci_ub)})


def _row(units: list[PooledUnit], model: str, columns: dict) -> Variant:
    """A row that does not say yet under which alternative it is found."""
    return Variant(**units[0].cell._asdict(), model=model, k=len(units), **columns)


def _tipped(first: Alternative, models: Iterable[Model], recall: Callable) -> Iterator[Variant]:
    """For each cell whose interval excludes zero, from which selective reporting on it would come to hold zero.

    The chance that a result which is not significant is reported, relative to one that is, is lowered step by step.
    Nothing where no step makes the interval hold zero.
    """
    clear = {row.cell for row in models if row.model == ALL_EVIDENCE_BAYES and not _holds_zero(row)}
    for members in main_cells(first.effects):
        if members[0].cell in clear:
            units = sample_units(members, first.models)
            steps = [Change(0, "tipping point", TIPPED.format(one), units, first.models, one) for one in TIPPING]
            rows = [found[-1] for found in recall(main_estimates, steps)]
            at = next((place for place, row in enumerate(rows) if _holds_zero(row)), None)
            if at is not None:
                yield replace(rows[at], kind=steps[at].kind, variant=steps[at].name)


def _holds_zero(row: Model | Variant) -> bool:
    return row.ci_lb <= 0 <= row.ci_ub


TIPPING = (0.5, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.015, 0.01)
"""Chances of being reported that are tried for a tipping point."""
NOT_REPORTED = "results that are not significant reported {:g} times as often"
TIPPED = f"{NOT_REPORTED}: the interval comes to hold zero"
AT_LIMIT = {
    sign: f"significant {word} results set at their bound, direction-only {word} results left out"
    for sign, word in ((1, "positive"), (-1, "negative"))
}


def alternatives(evidence: Evidence, domain: str, config: choices.Config) -> Iterator[Alternative]:
    """The main analysis first, then one change at a time."""
    effects = domain_effects(evidence, domain, config.effects)
    first = Alternative("main", MAIN, effects, config.models)
    yield first
    for sign, name in AT_LIMIT.items():
        yield replace(first, kind="reading", name=name, at_limit=sign)
    for alpha in config.sensitivity.alpha:
        read = domain_effects(evidence, domain, config.effects.model_copy(update={"alpha": alpha}))
        yield replace(first, kind="reading", name=f"significant means p < {alpha:g}", effects=read)
    for variance in config.sensitivity.smd_variance:
        read = domain_effects(evidence, domain, config.effects.model_copy(update={"smd_variance": variance}))
        yield replace(first, kind="model choice", name=f"variance by {VARIANCES[variance]}", effects=read)
    for kind, key, name in CHOICES:
        for value in getattr(config.sensitivity, key):
            changed = config.models.model_copy(update={key: value})
            yield replace(first, kind=kind, name=name(value), models=changed)
    if config.sensitivity.findings_as_units:
        yield replace(first, kind="model choice", name="every finding a sample of its own", findings_as_units=True)
    for one in config.sensitivity.together:
        changed = {name: value for name, value in one if value is not None and name != "name"}
        read = config.effects.model_copy(update={n: changed[n] for n in changed.keys() & dict(config.effects).keys()})
        models = config.models.model_copy(update={n: changed[n] for n in changed.keys() & dict(config.models).keys()})
        found = domain_effects(evidence, domain, read)
        yield Alternative("several choices", one.name, found, models, one.findings_as_units)
    for reported in config.sensitivity.reported:
        yield replace(first, kind="selection", name=NOT_REPORTED.format(reported), reported=reported)
    for name, silent in SILENT.items():
        read = domain_effects(_not_significant(evidence, domain, silent), domain, config.effects)
        yield replace(first, kind="selection", name=name, effects=read)
    for kind, name, changed in _other_findings(effects, evidence.names):
        yield replace(first, kind=kind, name=name, effects=changed)


CHOICES: tuple[tuple[str, str, Callable], ...] = (
    ("model choice", "method", lambda method: f"tau² by {ESTIMATORS[method]}"),
    ("model choice", "test", lambda test: f"{TESTS[test]} intervals"),
    ("model choice", "rho", "correlation {:g} of effects of one sample".format),
    ("prior", "mu_prior_scale", "prior on the average with SD {:g}".format),
    ("prior", "tau_prior_scale", "prior on tau with scale {:g}".format),
)
"""Choices of models that are varied one at a time: of which kind, their key, and what an alternative is called."""

SILENT: dict[str, Callable[[Finding], bool]] = {
    "direction-only results assumed not significant": lambda row: row.direction not in (None, "none", "not_visible"),
    "unavailable results assumed not significant": lambda row: row.direction == "not_visible",
}
"""Findings of which a source may have told no more than it did because they were not significant."""


def _not_significant(evidence: Evidence, domain: str, silent: Callable[[Finding], bool]) -> Evidence:
    """The evidence with such findings of a domain, of which no statistic is known, read as not significant.

    A result that was not seen may then have either sign.
    """
    rows = [told_not_significant(row) if silent(row) else row for row in evidence.findings[domain]]
    return replace(evidence, findings={**evidence.findings, domain: tuple(rows)})


def _other_findings(effects: list[Effect], names: Names) -> Iterator[tuple[str, str, list[Effect]]]:
    """Alternatives in which other findings count: without a sample, another sample or coding, one kind of rung."""
    labels = {effect.sample_id: effect.label for effect in effects if effect.use == "main" and effect.sample_id}
    for sample, label in labels.items():
        yield "sample left out", f"without {label}", _without(effects, lambda e, sample=sample: e.sample_id == sample)
    known: set[tuple] = set()
    for excluded in effects:
        kind = REPLACEABLE.get(excluded.use_code)
        own = (excluded.finding_id, excluded.coding) if kind == "coding" else (excluded.sample_id, *_of(excluded))
        what = (kind, *own)
        if kind and what not in known and not (kind == "cohort" and not _stands_in(excluded, effects)):
            known.add(what)
            yield (
                kind,
                _swap_name(excluded, kind, effects, names),
                [_swap(effect, excluded, kind) for effect in effects],
            )
    yield "rung", "effect sizes only", _without(effects, lambda e: e.rung != "exact")
    yield "rung", "without effect sizes", _without(effects, lambda e: e.rung == "exact")


def _without(effects: list[Effect], drop: Callable[[Effect], bool]) -> list[Effect]:
    return [replace(effect, use="excluded") if drop(effect) else effect for effect in effects]


REPLACEABLE = {"alternative": "coding", "doubtful": "coding", "overlap": "cohort"}


def _of(effect: Effect) -> tuple[str, str]:
    return effect.contrast, effect.outcome_group


def _stands_in(excluded: Effect, effects: list[Effect]) -> bool:
    """Whether a sample could take the place of another: else that is the analysis without the other."""
    return any(can_enter(effect) for effect in effects if _counts_with(effect, excluded))


def _counts_with(effect: Effect, excluded: Effect) -> bool:
    """Whether a row counts when the sample of `excluded` does."""
    return (effect.sample_id, effect.use_code, _of(effect)) == (
        excluded.sample_id,
        excluded.use_code,
        _of(excluded),
    )


def _swap(effect: Effect, excluded: Effect, kind: str) -> Effect:
    """The row as it counts when `excluded` counts, or all findings of its sample: what that stands in for does not."""
    if _of(effect) != _of(excluded):
        return effect
    if kind == "coding":
        replaced, counted = effect.finding_id == excluded.finding_id, effect is excluded
    else:
        replaced = effect.cohort_id == excluded.cohort_id
        counted = _counts_with(effect, excluded)
    return replace(effect, use="main") if counted else replace(effect, use="excluded") if replaced else effect


def _swap_name(excluded: Effect, kind: str, effects: list[Effect], names: Names) -> str:
    if kind == "cohort":
        counted = (one for one in effects if one.use == "main" and one.cohort_id == excluded.cohort_id)
        instead = listed(dict.fromkeys(one.label for one in counted if _of(one) == _of(excluded)))
        swap = f"{excluded.label} instead of {instead}" if instead else f"{excluded.label} counted"
        return f"{swap} (overlapping samples, {names.outcome(excluded.outcome_group)})"
    if excluded.coding == "primary":
        return f"doubtful {excluded.finding_id} counted"
    return f"version {excluded.coding} of {excluded.finding_id}"


def _same(model: Variant, main: Model) -> bool:
    """Whether a variant gives the numbers of the main analysis, rounding apart."""
    pairs = ((getattr(model, name), getattr(main, name)) for name in ("est", "ci_lb", "ci_ub"))
    return model.k == main.k and all(
        math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) if None not in (one, other) else one == other
        for one, other in pairs
    )


def _variant(kind: str, name: str, model: Model | Variant, main: Model | None) -> Variant:
    known = main is not None and None not in (model.est, main.est)
    own = {field.name: getattr(model, field.name) for field in fields(AnswerRow)}
    return Variant(
        **own,
        kind=kind,
        variant=name,
        k=model.k,
        est=model.est,
        ci_lb=model.ci_lb,
        ci_ub=model.ci_ub,
        shift=model.est - main.est if known else None,
    )
