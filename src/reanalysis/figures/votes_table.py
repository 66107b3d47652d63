"""What a panel of votes shows, as a table: one row for each sample, outcome and lane."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.figures.forest_table import findings_mark
from reanalysis.figures.panels import chosen
from reanalysis.results.rows import SampleDirection
from reanalysis.results.table import Row, col, several
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Domain
from reanalysis.schema.review import Panel

# Columns that a mark has from its row.
SAME = ("domain", "outcome_group", "sample_id", "label", "contrast", "sense", "use", "verdict", "rung")


@dataclass(frozen=True, kw_only=True)
class VoteMark(Row):
    """What the findings of one sample say of one outcome in one contrast: one vote."""

    mark_id: str | None = col("id of the mark in the figure: its findings and their coding")
    domain: str | None = col("domain: a block")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    outcome_group: str | None = col("outcome: a row")
    outcome_label: str | None = col("the same in words")
    sample_id: str | None = col("sample: rows of one outcome are its samples")
    label: str | None = col("short name of the report")
    contrast: str | None = col("contrast: a lane")
    sense: str | None = col("what up means: better (for the person) or higher (neither is known to be better)")
    use: str | None = col("main, or excluded where only excluded codings are known: grey")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    rung: str | None = col("highest rung of the ladder among the findings")
    n: int | None = col("persons behind the largest finding; empty where not known")
    findings: int | None = col("findings behind the mark")
    finding_ids: tuple[str, ...] = several("the findings")


def votes_table(
    directions: Iterable[SampleDirection], domains: Iterable[Domain], panel: Panel, names: Names
) -> list[VoteMark]:
    """Marks by domain, outcome, sample and lane."""
    known, lanes = {domain.domain: domain for domain in domains}, list(panel.by["contrast"])
    order = list(known)
    rows = [row for row in chosen(panel, directions) if row.contrast in lanes]
    rows.sort(key=lambda r: (order.index(r.domain), r.outcome_group, r.sample_id, lanes.index(r.contrast)))
    return [_mark(row, known[row.domain], names) for row in rows]


def _mark(row: SampleDirection, domain: Domain, names: Names) -> VoteMark:
    return VoteMark(
        mark_id=findings_mark(row),
        **{name: getattr(row, name) for name in SAME},
        outcome_label=names.outcome(row.outcome_group),
        section=domain.section,
        title=domain.title,
        n=row.persons,
        findings=len(row.findings),
        finding_ids=row.findings,
    )
