"""What the funnel plot shows, as a table: each sample by effect and standard error, the contours and the model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.results.rows import FunnelContour, Model, PooledUnit
from reanalysis.results.table import Row, col


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelRow(Row):
    """A sample of the funnel plot, a contour of significance, or the pooled estimate."""

    kind: str | None = col("sample, contour or model")
    mark_id: str | None = col("id of the mark in the figure; empty for contours")
    label: str | None = col("short name of the report")
    estimate: float | None = col("effect of the sample, or the pooled effect")
    se: float | None = col("standard error of the sample")
    pval: float | None = col("two-sided p of the sample against zero, or that of the contour")
    metric: str | None = col("scale of the effect, in the row of the model")
    left: str | None = col("what a negative value means, in the row of the model")
    right: str | None = col("what a positive value means, there")
    slope: float | None = col("contours: effect over standard error along it, on both sides of zero")


def funnel_table(
    units: Iterable[PooledUnit], contours: Iterable[FunnelContour], model: Model, sides: tuple[str, str]
) -> list[FunnelRow]:
    """The exact samples, the contours and the headline model; `sides` are what a negative and a positive value mean."""
    samples = [
        FunnelRow(
            kind="sample",
            mark_id=f"funnel--{unit.sample_id}",
            label=unit.label,
            estimate=unit.yi,
            se=unit.sei,
            pval=unit.pval,
        )
        for unit in units
        if unit.rung == "exact"
    ]
    lines = [FunnelRow(kind="contour", pval=contour.pval, slope=contour.slope) for contour in contours]
    whole = {"label": model.model, "estimate": model.est, "metric": model.metric}
    return [*samples, *lines, FunnelRow(kind="model", **whole, left=sides[0], right=sides[1])]
