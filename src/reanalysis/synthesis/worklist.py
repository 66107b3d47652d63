"""What someone with access to a paper could do, and how much it would be worth.

The worth of a finding is by how much the interval of its cell would shrink if its exact effect came: the expectation
over the values that the effect can still have, given its bounds and what the other findings say.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from reanalysis import effects as es
from reanalysis import meta
from reanalysis.models.pooling import all_evidence_columns, one_finding_unit
from reanalysis.numeric import norm_cdf, norm_ppf
from reanalysis.results.rows import Effect, PooledUnit, WorkItem
from reanalysis.results.table import CellKey
from reanalysis.schema.config import Models
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.vocabulary import RUNGS
from reanalysis.store import compute

PLAUSIBLE = (0.1, 0.3, 0.5, 0.7, 0.9)  # quantiles at which the expectation is taken


def list_work(
    evidence: Evidence,
    effects: Iterable[Effect],
    units: Iterable[PooledUnit],
    config: Models,
    recall: Callable = compute,
) -> list[WorkItem]:
    """What to look for in which paper, for every finding of the main analysis below the top rung, most valuable first.

    Findings of unknown size come last: how much they would add cannot be said. `recall` calls a function, or knows its
    value.
    """
    cells: dict[CellKey, list[PooledUnit]] = defaultdict(list)
    for unit in units:
        cells[unit.cell].append(unit)
    below = [effect for effect in effects if effect.use == "main" and effect.rung != "exact"]
    items = [
        WorkItem(
            finding_id=effect.finding_id,
            domain=effect.domain,
            contrast=effect.contrast,
            rung=effect.rung,
            lifts_to="exact",
            needed=effect.missing,
            report_id=effect.report_id,
            label=effect.label,
            doi=evidence.reports[effect.report_id].doi,
            n=effect.persons,
            outcome=effect.outcome,
            **recall(worth, effect, cells[effect.cell], config),
        )
        for effect in below
    ]
    rungs = list(RUNGS)
    return sorted(items, key=lambda i: (-(i.shrinks or -1), rungs.index(i.rung), -(i.n or 0), i.finding_id))


def worth(effect: Effect, units: list[PooledUnit], config: Models) -> dict[str, float | None]:
    """Width of the cell's interval now and expected with the exact effect, and the share by which it shrinks.

    `units` are those of its cell; all are None where the sizes do not say how precise an exact effect would be.
    """
    others = [unit for unit in units if unit.sample_id != effect.sample_id]
    own = [unit for unit in units if unit.sample_id == effect.sample_id]
    contrast = _design(effect)
    if contrast is None or effect.contrast == "group_by_drug" or any(unit.rung == "exact" for unit in own):
        return {"width_now": None, "width_then": None, "shrinks": None}
    cell = _Cell.of(units, config)
    then = float(np.mean([_width([*others, unit], config) for unit in _plausible(effect, contrast, cell)]))
    return {
        "width_now": cell.width if math.isfinite(cell.width) else None,
        "width_then": then,
        "shrinks": 1 - then / cell.width if math.isfinite(cell.width) else 1.0,
    }


@dataclass(frozen=True)
class _Cell:
    """What a cell says today: the width of its interval, and where a new effect may lie."""

    width: float
    centre: float | None
    spread: float

    @classmethod
    def of(cls, units: list[PooledUnit], config: Models) -> _Cell:
        if len(units) < 2:
            return cls(_width(units, config), None, math.nan)
        fitted = _fit(units, config)
        centre = None if fitted.no_maximum else fitted.est
        return cls(fitted.ci_ub - fitted.ci_lb, centre, math.hypot(fitted.tau, fitted.se))


def _plausible(effect: Effect, contrast: es.Contrast, cell: _Cell) -> list[PooledUnit]:
    """The finding with exact effects that it may turn out to have."""
    low = -math.inf if effect.yi_lb is None else effect.yi_lb
    high = math.inf if effect.yi_ub is None else effect.yi_ub
    if cell.centre is None:  # nothing else is known of the cell: the possible effect nearest to zero
        values = [min(max(0.0, low), high)]
    else:
        scale = math.sqrt(cell.spread**2 + float(contrast.error))
        start, end = (float(norm_cdf((bound - cell.centre) / scale)) for bound in (low, high))
        values = [cell.centre + scale * float(norm_ppf(start + (end - start) * q)) for q in PLAUSIBLE]
    template = replace(one_finding_unit(effect), rung="exact", yi_lb=None, yi_ub=None)
    return [replace(template, yi=y, vi=float(contrast.error + y**2 / (2 * contrast.total))) for y in values]


def _width(units: list[PooledUnit], config: Models) -> float:
    """Width of the interval that the units give together; infinite where they give none."""
    if not units:
        return math.inf
    if len(units) == 1:
        half = float(norm_ppf((1 + config.level) / 2))
        return 2 * half * math.sqrt(units[0].vi) if units[0].rung == "exact" else math.inf
    fitted = _fit(units, config)
    return fitted.ci_ub - fitted.ci_lb


def _fit(units: list[PooledUnit], config: Models) -> meta.AllEvidenceFit:
    return meta.all_evidence(**all_evidence_columns(units), metric=units[0].metric, level=config.level)


def _design(effect: Effect) -> es.Contrast | None:
    """What the sample size says of the precision that an exact effect would have."""
    if effect.metric == "ZCOR":
        return es.Contrast(1 / (effect.ni - 3), math.inf, math.inf) if effect.ni and effect.ni > 3 else None
    if effect.metric == "SMCC":
        return es.paired(effect.ni) if effect.ni and effect.ni > 2 else None
    if effect.n1i and effect.n2i:
        return es.two_groups(effect.n1i, effect.n2i)
    return es.two_groups(effect.ni / 2, effect.ni / 2) if effect.ni and effect.ni > 3 else None
