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
from reanalysis.models.cell_models import all_evidence_estimates
from reanalysis.models.pooling import one_finding_unit
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
    pooled: dict[CellKey, list[PooledUnit]] = defaultdict(list)
    for unit in units:
        pooled[unit.cell].append(unit)
    below: dict[CellKey, list[Effect]] = defaultdict(list)
    for effect in effects:
        if effect.use == "main" and effect.rung != "exact":
            below[effect.cell].append(effect)
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
            **worth,
        )
        for cell, members in below.items()
        for effect, worth in zip(members, recall(worths, members, pooled[cell], config), strict=True)
    ]
    rungs = list(RUNGS)
    return sorted(items, key=lambda i: (-(i.shrinks or -1), rungs.index(i.rung), -(i.n or 0), i.finding_id))


def worths(effects: list[Effect], units: list[PooledUnit], config: Models) -> list[dict[str, float | None]]:
    """Width of a cell's interval now and expected with an exact effect, and the share by which it shrinks, for each.

    `units` are those of the cell; all are None where the sizes do not say how precise an exact effect would be.
    """
    exact = {unit.sample_id for unit in units if unit.rung == "exact"}
    designs = [None if effect.sample_id in exact else _design(effect) for effect in effects]
    if not any(designs):
        return [_worth(math.nan, []) for _ in effects]
    now = _Cell.of(units, config)
    possible = [
        _possible(effect, design, units, now) if design else [] for effect, design in zip(effects, designs, strict=True)
    ]
    widths = iter(_widths([cell for cells in possible for cell in cells], config))
    return [_worth(now.width, [next(widths) for _ in cells]) for cells in possible]


def _worth(now: float, then: list[float]) -> dict[str, float | None]:
    """What a finding is worth, from the width of the interval now and with each of its possible exact effects."""
    if not then:
        return {"width_now": None, "width_then": None, "shrinks": None}
    expected, finite = float(np.mean(then)), math.isfinite(now)
    return {
        "width_now": now if finite else None,
        "width_then": expected,
        "shrinks": 1 - expected / now if finite else 1.0,
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
            return cls(*_widths([units], config), None, math.nan)
        fitted = all_evidence_estimates([units], config.level)
        centre = None if fitted.no_maximum[0] else float(fitted.est[0])
        return cls(float(fitted.ci_ub[0] - fitted.ci_lb[0]), centre, math.hypot(fitted.tau2[0] ** 0.5, fitted.se[0]))


def _possible(effect: Effect, design: es.Contrast, units: list[PooledUnit], cell: _Cell) -> list[list[PooledUnit]]:
    """The units of the cell with each of the exact effects that the finding may turn out to have."""
    low = -math.inf if effect.yi_lb is None else effect.yi_lb
    high = math.inf if effect.yi_ub is None else effect.yi_ub
    if cell.centre is None:  # nothing else is known of the cell: the possible effect nearest to zero
        values = [min(max(0.0, low), high)]
    else:
        scale = math.sqrt(cell.spread**2 + float(design.error))
        start, end = (float(norm_cdf((bound - cell.centre) / scale)) for bound in (low, high))
        values = [cell.centre + scale * float(norm_ppf(start + (end - start) * q)) for q in PLAUSIBLE]
    others = [unit for unit in units if unit.sample_id != effect.sample_id]
    known = replace(one_finding_unit(effect), rung="exact", yi_lb=None, yi_ub=None)
    return [[*others, replace(known, yi=y, vi=float(design.error + y**2 / (2 * design.total)))] for y in values]


def _widths(cells: list[list[PooledUnit]], config: Models) -> list[float]:
    """Width of the interval that the units of each list give together; infinite where they give none."""
    several = [units for units in cells if len(units) > 1]
    fitted = all_evidence_estimates(several, config.level) if several else None
    widths = iter((fitted.ci_ub - fitted.ci_lb).tolist() if fitted else ())
    return [next(widths) if len(units) > 1 else _alone(units, config) for units in cells]


def _alone(units: list[PooledUnit], config: Models) -> float:
    """Width of the interval of one exact effect; infinite without one."""
    if not units or units[0].rung != "exact":
        return math.inf
    return 2 * float(norm_ppf((1 + config.level) / 2)) * math.sqrt(units[0].vi)


def _design(effect: Effect) -> es.Contrast | None:
    """What the sample size says of the precision that an exact effect would have.

    The difference of drug effects between groups has sampling variances of its own, which the sizes do not tell.
    """
    if effect.comparison == "interaction":
        return None
    if effect.metric == "ZCOR":
        return es.Contrast(1 / (effect.ni - 3), math.inf, math.inf) if effect.ni and effect.ni > 3 else None
    if effect.metric == "SMCC":
        return es.paired(effect.ni) if effect.ni and effect.ni > 2 else None
    if effect.n1i and effect.n2i:
        return es.two_groups(effect.n1i, effect.n2i)
    return es.two_groups(effect.ni / 2, effect.ni / 2) if effect.ni and effect.ni > 3 else None
