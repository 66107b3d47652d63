"""Crossover and parallel trials of one question on one scale, which needs a correlation that papers seldom print.

A change within participants is standardized by the SD of the differences, a difference between groups by that of the
outcome. With the correlation r of the two conditions the first becomes the second by the factor sqrt(2 (1 - r))
(Morris & DeShon 2002, Psychological Methods 7, 105-125, equation 12), and its variance by the square of it, to
2 (1 - r) / n + y^2 / (2 n). As r is not known it is varied, and no answer of the main analysis rests on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from reanalysis.models.cell_models import posteriors
from reanalysis.results.rows import AcrossDesigns, Effect, PooledUnit
from reanalysis.results.table import CellKey
from reanalysis.schema.cell_models import ALL_EVIDENCE_BAYES
from reanalysis.schema.config import Models
from reanalysis.store import compute

BETWEEN, WITHIN = "SMD", "SMCC"


def across_designs(
    effects: Iterable[Effect],
    units: Iterable[PooledUnit],
    config: Models,
    correlations: list[float],
    recall: Callable = compute,
) -> list[AcrossDesigns]:
    """A row for each correlation and question that was asked in both ways, or one that says what is missing."""
    asked = dict.fromkeys(effect.cell for effect in effects if effect.use == "main" and effect.metric == WITHIN)
    known: dict[CellKey, list[PooledUnit]] = {}
    for unit in units:
        known.setdefault(unit.cell, []).append(unit)
    both = {effect.cell for effect in effects if effect.use == "main"}
    rows = []
    for cell in asked:
        other = cell._replace(metric=BETWEEN)
        if other in both:
            rows += _question(other, known.get(other, []), known.get(cell, []), config, correlations, recall)
    return rows


def _question(cell, between, within, config, correlations, recall) -> list[AcrossDesigns]:
    lacking = [name for name, own in (("between groups", between), ("within participants", within)) if not own]
    if lacking or not correlations:
        why = f"no sample {lacking[0]} enters a model" if lacking else "no correlation is declared"
        return [AcrossDesigns(**cell._asdict(), model=ALL_EVIDENCE_BAYES, k=len(between) + len(within), note=why)]
    lists = [[*between, *(as_between(unit, r) for unit in within)] for r in correlations]
    columns = recall(posteriors, lists, [config] * len(lists), [1.0] * len(lists))
    return [
        AcrossDesigns(**cell._asdict(), model=ALL_EVIDENCE_BAYES, r=r, k=len(one), k_within=len(within), **numbers)
        for r, one, numbers in zip(correlations, lists, columns, strict=True)
    ]


def as_between(unit: PooledUnit, r: float) -> PooledUnit:
    """A change within participants as a difference between groups, for the correlation r of the two conditions.

    Its precision is that of two groups of n / (1 - r) participants each, rounded to whole participants.
    """
    by = math.sqrt(2 * (1 - r))

    def scaled(value: float | None, factor: float) -> float | None:
        return None if value is None else value * factor

    n = None if unit.ni is None else max(2, round(unit.ni / (1 - r)))
    return replace(
        unit,
        metric=BETWEEN,
        yi=scaled(unit.yi, by),
        vi=scaled(unit.vi, by**2),
        yi_lb=scaled(unit.yi_lb, by),
        yi_ub=scaled(unit.yi_ub, by),
        n1i=n,
        n2i=n,
        ni=None,
    )
