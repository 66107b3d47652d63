"""What the funnel plot shows, as a table: each sample by effect and standard error, the contours and the model."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.numeric import norm_ppf
from reanalysis.results.rows import Model, PooledUnit
from reanalysis.results.table import Row, col

LEVELS = (0.10, 0.05, 0.01)


@dataclass(frozen=True, kw_only=True)
class FunnelRow(Row):
    """A sample of the funnel plot, a contour of significance, or the pooled estimate."""

    kind: str | None = col("sample, contour or model")
    mark_id: str | None = col("id of the mark in the figure; empty for contours")
    label: str | None = col("short name of the report")
    estimate: float | None = col("effect of the sample, or the pooled effect")
    se: float | None = col("standard error of the sample")
    pval: float | None = col("two-sided p of the sample against zero, or that of the contour")
    slope: float | None = col("contours: effect over standard error along it, on both sides of zero")


def funnel_table(units: Iterable[PooledUnit], model: Model) -> list[FunnelRow]:
    """Exact samples, contours at p = 0.10, 0.05 and 0.01 (Peters et al. 2008), and the headline model."""
    samples = [
        FunnelRow(
            kind="sample",
            mark_id=f"funnel--{unit.sample_id}",
            label=unit.label,
            estimate=unit.yi,
            se=math.sqrt(unit.vi),
            pval=math.erfc(abs(unit.yi) / math.sqrt(2 * unit.vi)),
        )
        for unit in units
        if unit.rung == "exact"
    ]
    contours = [FunnelRow(kind="contour", pval=p, slope=float(norm_ppf(1 - p / 2))) for p in LEVELS]
    return [*samples, *contours, FunnelRow(kind="model", label=model.model, estimate=model.est)]
