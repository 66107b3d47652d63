"""What the effect direction plot shows, as a table: one row for each mark, with every number drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.figures.forest_table import findings_mark
from reanalysis.results.rows import SampleDirection
from reanalysis.results.table import Row, col, several
from reanalysis.schema.evidence import Names

# Columns that a mark has from its row.
SAME = ("contrast", "sample_id", "label", "domain", "sense", "verdict", "up", "down", "silent", "rung")


@dataclass(frozen=True, kw_only=True)
class DirectionMark(Row):
    """What findings of one sample in one domain and contrast say together."""

    mark_id: str | None = col("id of the mark in the figure: its findings and their coding")
    contrast: str | None = col("contrast: a block of rows")
    contrast_label: str | None = col("the same in words")
    sample_id: str | None = col("sample: a row of the block")
    label: str | None = col("short name of the report")
    domain: str | None = col("domain: a column")
    sense: str | None = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    up: int | None = col("findings that point up")
    down: int | None = col("findings that point down")
    silent: int | None = col("findings without a sign")
    findings: int | None = col("findings in all")
    n: int | None = col("persons behind the largest of them; empty where not known")
    rung: str | None = col("highest rung of the ladder among them")
    finding_ids: tuple[str, ...] = several("the findings")


def effect_direction_table(directions: Iterable[SampleDirection], names: Names) -> list[DirectionMark]:
    """What each sample says over the outcomes of a domain, by contrast, then report, then domain."""
    together = [row for row in directions if row.outcome_group is None]
    together.sort(key=lambda row: (names.order(row.contrast), row.label.casefold(), row.sample_id))
    return [
        DirectionMark(
            mark_id=findings_mark(row),
            **{name: getattr(row, name) for name in SAME},
            contrast_label=names.contrasts[row.contrast].label,
            findings=len(row.findings),
            n=row.persons,
            finding_ids=row.findings,
        )
        for row in together
    ]
