"""Recompute effects and pools with other packages; a difference that no named cause explains is an error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping

from reanalysis.results.rows import Effect, Model, PooledUnit, SecondOpinion
from reanalysis.results.table import CellKey, CellRow
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Finding
from reanalysis.store import compute

PACKAGES = "reanalysis.models.other_packages:"  # by reference: it is imported only where there is something to compare


class Unexplained(Exception):
    """A package answers otherwise than we do, and no named cause explains it; the message names every such number."""


def second_opinion(
    evidence: Evidence,
    effects: list[Effect],
    units: list[PooledUnit],
    models: list[Model],
    recall: Callable = compute,
) -> list[SecondOpinion]:
    """Every exact effect, every sample that averages several, and every model, beside what other packages find.

    Domains keep their order; of each come the findings first, then the samples, then the cells. `recall` calls a
    function, or knows its value. Raises Unexplained, which names the numbers that differ without a known cause.
    """
    codings, found = evidence.codings, []
    for own_effects, own_units, own_models in _by_domain(effects, units, models):
        found += findings_opinions(own_effects, codings, recall)
        found += samples_opinions(own_effects, own_units, recall)
        found += cells_opinions(own_units, own_models, recall)
    return explained(found)


def _by_domain(*tables: Iterable[CellRow]) -> Iterable[tuple[list, ...]]:
    """The rows of these tables for each domain, in the order of the first table."""
    found: dict[str, tuple[list, ...]] = {}
    for place, rows in enumerate(tables):
        for row in rows:
            found.setdefault(row.domain, tuple([] for _ in tables))[place].append(row)
    return found.values()


def findings_opinions(
    effects: Iterable[Effect], rows: Mapping[tuple[str, str], Finding], recall: Callable = compute
) -> Iterator[SecondOpinion]:
    """Compare every exact effect; `rows` are the checked findings by finding and coding."""
    for effect in effects:
        if effect.rung == "exact":
            finding = rows[effect.finding_id, effect.coding]
            yield from recall(f"{PACKAGES}finding_opinions", effect, finding)


def samples_opinions(
    effects: Iterable[Effect], units: Iterable[PooledUnit], recall: Callable = compute
) -> Iterator[SecondOpinion]:
    """Compare every exact sample that averages several findings."""
    main = {(effect.domain, effect.finding_id): effect for effect in effects if effect.use == "main"}
    for unit in units:
        if unit.rung == "exact" and len(unit.findings) > 1:
            members = [main[unit.domain, name] for name in unit.findings]
            yield from recall(f"{PACKAGES}sample_opinions", unit, members)


def cells_opinions(
    units: Iterable[PooledUnit], models: Iterable[Model], recall: Callable = compute
) -> Iterator[SecondOpinion]:
    """Compare every model, and from two samples on DL and PM."""
    samples: dict[CellKey, list[PooledUnit]] = defaultdict(list)
    for unit in units:
        if unit.rung == "exact":
            samples[unit.cell].append(unit)
    for model in models:
        yield from recall(f"{PACKAGES}cell_opinions", samples[model.cell], [model])
    for own in samples.values():
        if len(own) > 1:
            yield from recall(f"{PACKAGES}estimator_opinions", own)


def explained(rows: Iterable[SecondOpinion]) -> list[SecondOpinion]:
    """The rows, if each agrees or is explained; else raises Unexplained, which names those that are not."""
    rows = list(rows)
    if bad := [row for row in rows if row.verdict == "unexplained"]:
        lines = [
            f"{row.domain}, {row.contrast}, {row.outcome_group}, {row.level} {row.item}"
            f"{f' ({row.coding})' if row.coding else ''}: {row.quantity} is {row.ours:.12g}, {row.package} says "
            f"{row.theirs:.12g}{f' (not explained by: {row.cause})' if row.cause else ''}"
            for row in bad
        ]
        raise Unexplained("\n".join(["The second opinion differs, and no named cause explains it:", *lines]))
    return rows
