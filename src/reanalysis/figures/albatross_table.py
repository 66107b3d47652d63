"""What the albatross plot shows, as a table: marks, contours, and the findings that cannot be drawn, and why."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from reanalysis import effects as es
from reanalysis.ladder.design import Design, design_of
from reanalysis.results.rows import Effect
from reanalysis.results.table import CellRow, col
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Finding
from reanalysis.schema.vocabulary import CONTRASTS, METRICS
from reanalysis.synthesis.combine import NoExactP, exact_p, p_of_effect

CONTOURS = {"SMD": (0.2, 0.5, 0.8), "SMCC": (0.2, 0.5, 0.8), "ZCOR": (0.1, 0.3, 0.5)}  # ZCOR: as r
STEPS = 40  # points of a contour
ROOM = 1.25  # the contours reach beyond the smallest and largest n by this factor


@dataclass(frozen=True, kw_only=True)
class AlbatrossRow(CellRow):
    """A finding of the main analysis, or a point of a contour."""

    kind: str | None = col("point (exact p), segment (bounded p), not drawn, or contour")
    mark_id: str | None = col("id of the mark in the figure: finding and coding")
    number: int | None = col("number in the figure: one for each sample, contrast, outcome and metric")
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


def albatross_table(evidence: Evidence, effects: Iterable[Effect]) -> list[AlbatrossRow]:
    """Findings by contrast, metric and report, numbered as drawn; then the contours of each panel.

    Axes and contours as in Harrison et al. (2017, Res. Synth. Methods 8, 281-289), with the t test of the design in
    place of the normal approximation.
    """
    raw = {(row.finding_id, row.coding): row for rows in evidence.findings.values() for row in rows}
    metrics, contrasts = list(METRICS), list(CONTRASTS)
    rows = [_mark(effect, raw[effect.finding_id, effect.coding]) for effect in effects if effect.use == "main"]
    rows.sort(key=lambda row: (contrasts.index(row.contrast), metrics.index(row.metric), row.label.casefold()))
    drawn = [row for row in rows if row.kind != "not drawn"]
    numbers = {what: number for number, what in enumerate(dict.fromkeys(map(_what, drawn)), start=1)}
    numbered = [replace(row, number=numbers[_what(row)]) for row in drawn]
    return [*numbered, *(row for row in rows if row.kind == "not drawn"), *_contours(numbered)]


def _what(row: AlbatrossRow) -> tuple[str, ...]:
    """What has one number in the figure."""
    return row.contrast, row.metric, row.label, row.sample_id, row.domain, row.outcome_group


def _mark(effect: Effect, finding: Finding) -> AlbatrossRow:
    design = design_of(finding)
    names = ("metric", "contrast", "domain", "outcome_group", "sample_id", "label")
    row = AlbatrossRow(
        kind="not drawn",
        mark_id=f"{effect.finding_id}--{effect.coding}",
        n=_size(design),
        **{name: getattr(effect, name) for name in names},
    )
    if effect.rung in ("direction", "unusable"):
        return replace(row, note=effect.why)
    if not design.known:
        return replace(row, note=design.lack)
    try:
        exact = exact_p(effect, finding)
    except NoExactP:
        ends = (_place(end, p_of_effect(end, design)) for end in (effect.yi_lb, effect.yi_ub))
        return replace(row, kind="segment", **dict(zip(("x_from", "x_to"), ends, strict=True)))
    return replace(row, kind="point", p=exact.p, basis=exact.basis, x=_place(exact.sign, exact.p))


def _size(design: Design) -> float | None:
    """The n on the axis: persons, or for two or four groups the n of two equal groups with the same error variance."""
    if not design.known:
        return None
    if design.contrast is None:
        return float(design.ni)
    return (4.0 if design.metric == "SMD" else 1.0) / float(design.contrast.error)


def _place(sign: float, p: float) -> float:
    """Where a two-sided p with this sign stands on the folded logarithmic axis."""
    return math.copysign(-math.log10(p) if p else math.inf, sign) + 0.0


def _contours(marks: list[AlbatrossRow]) -> Iterator[AlbatrossRow]:
    """Points along which an effect has the same size, from the smallest to the largest n of each panel."""
    for metric, sizes in CONTOURS.items():
        drawn = [mark.n for mark in marks if mark.metric == metric]
        if not drawn:
            continue
        for size in (*(-size for size in reversed(sizes)), *sizes):
            for n in np.geomspace(max(min(drawn) / ROOM, 4.0), max(drawn) * ROOM, STEPS):
                p = p_of_effect(math.atanh(size) if metric == "ZCOR" else size, _equal(metric, float(n)))
                row = AlbatrossRow(kind="contour", metric=metric, effect=size, n=float(n), p=p, x=_place(size, p))
                yield row


def _equal(metric: str, n: float) -> Design:
    """The design of a study of n persons, in two equal groups where it has groups."""
    match metric:
        case "SMD":
            return Design(metric, es.two_groups(n / 2, n / 2))
        case "SMCC":
            return Design(metric, es.paired(n))
    return Design(metric, ni=n)
