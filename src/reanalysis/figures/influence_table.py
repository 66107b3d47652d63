"""What the influence plot shows, as a table: the stored diagnostics of each sample, with rules of thumb."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.results.rows import Influence, InfluenceLimit
from reanalysis.results.table import Row, col


@dataclass(frozen=True, kw_only=True, slots=True)
class InfluenceMark(Row):
    """One diagnostic of one sample."""

    mark_id: str | None = col("id of the mark in the figure; empty where there is no value")
    sample_id: str | None = col("sample")
    label: str | None = col("short name of the report")
    measure: str | None = col("diagnostic, named as in metafor")
    value: float | None = col("its value")
    low: float | None = col("line drawn on the left: below it is unusual; empty where there is none")
    high: float | None = col("line drawn on the right: above it is unusual")
    middle: float | None = col("line drawn in the middle: the value of the whole model, or the expected one")
    flagged: bool | None = col("whether the sample is flagged as influential")


def influence_table(rows: Iterable[Influence], limits: Iterable[InfluenceLimit]) -> list[InfluenceMark]:
    """The diagnostics of each sample, each with the lines of what is usual."""
    limits = list(limits)
    return [
        InfluenceMark(
            mark_id=f"{limit.measure}--{row.sample_id}" if value is not None else None,
            sample_id=row.sample_id,
            label=row.label,
            measure=limit.measure,
            value=value,
            low=limit.low,
            high=limit.high,
            middle=limit.middle,
            flagged=row.is_infl,
        )
        for row in rows
        for limit in limits
        for value in [getattr(row, limit.measure)]
    ]
