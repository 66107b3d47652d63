"""What the albatross plot shows, as a table: marks, contours, and the findings that cannot be drawn, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from reanalysis.results.rows import PContour, PValue
from reanalysis.results.table import CellRow, col
from reanalysis.schema.evidence import Names
from reanalysis.schema.vocabulary import METRICS


@dataclass(frozen=True, kw_only=True)
class AlbatrossRow(CellRow):
    """A finding of the main analysis, or a point of a contour."""

    kind: str | None = col("point (exact p), segment (bounded p), not drawn, or contour")
    mark_id: str | None = col("id of the mark in the figure: finding and coding")
    number: int | None = col("number in the figure: one for each sample, contrast, outcome and metric")
    family: str | None = col("family of the contrast: the shape of the mark")
    contrast_label: str | None = col("contrast in words")
    outcome_label: str | None = col("outcome in words")
    sample_id: str | None = col("sample")
    label: str | None = col("short name of the report")
    n: float | None = col("persons; in panel SMD as many as two groups of equal size would need for the same precision")
    p: float | None = col("exact two-sided p of a point, or p of a point of a contour")
    basis: str | None = col("where the exact p comes from")
    x: float | None = col("place of a point or contour: minus log10 p, negative where the effect is")
    x_from: float | None = col("left end of a segment; minus infinity when open")
    x_to: float | None = col("right end; infinity when open")
    effect: float | None = col("effect along a contour: g, standardized change, or r")
    note: str | None = col("why a finding is not drawn")


def albatross_table(values: Iterable[PValue], contours: Iterable[PContour], names: Names) -> list[AlbatrossRow]:
    """Findings by contrast, metric and report, numbered as drawn; then the contours of each panel."""
    metrics = list(METRICS)
    rows = [_mark(value, names) for value in values]
    rows.sort(key=lambda row: (names.order(row.contrast), metrics.index(row.metric), row.label.casefold()))
    drawn = [row for row in rows if row.kind != "not drawn"]
    numbers = {what: number for number, what in enumerate(dict.fromkeys(map(_what, drawn)), start=1)}
    numbered = [replace(row, number=numbers[_what(row)]) for row in drawn]
    return [*numbered, *(row for row in rows if row.kind == "not drawn"), *map(_contour, contours)]


def _what(row: AlbatrossRow) -> tuple[str, ...]:
    """What has one number in the figure."""
    return row.contrast, row.metric, row.label, row.sample_id, row.domain, row.outcome_group


def _mark(value: PValue, names: Names) -> AlbatrossRow:
    contrast = names.contrasts[value.contrast]
    return AlbatrossRow(
        **value.cell._asdict(),
        kind="point" if value.p is not None else "segment" if value.p_lb is not None else "not drawn",
        family=contrast.kind,
        contrast_label=contrast.label,
        outcome_label=names.outcome(value.outcome_group),
        mark_id=f"{value.finding_id}--{value.coding}",
        sample_id=value.sample_id,
        label=value.label,
        n=value.n,
        p=value.p,
        basis=value.basis,
        x=value.log_p,
        x_from=value.log_p_lb,
        x_to=value.log_p_ub,
        note=value.note,
    )


def _contour(point: PContour) -> AlbatrossRow:
    return AlbatrossRow(kind="contour", metric=point.metric, effect=point.effect, n=point.n, p=point.p, x=point.log_p)
