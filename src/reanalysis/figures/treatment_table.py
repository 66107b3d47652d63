"""What the treatment panel shows, as a table: one row for each sample, function and group of persons."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.figures.forest_table import findings_mark
from reanalysis.results.rows import SampleDirection
from reanalysis.results.table import Row, col, several
from reanalysis.schema.raw import Domain

# The columns of the panel, by contrast.
LANES = {
    "oxt_vs_placebo_bpd": "in BPD",
    "oxt_vs_placebo_control": "in controls",
    "oxt_vs_placebo_other": "others, or mixed",
    "group_by_drug": "interaction",
}

# Columns that a mark has from its row.
SAME = ("domain", "outcome_group", "sample_id", "label", "contrast", "sense", "use", "verdict", "rung")


@dataclass(frozen=True, kw_only=True)
class TreatmentMark(Row):
    """What oxytocin does to one function in one sample: one vote."""

    mark_id: str | None = col("id of the mark in the figure: its findings and their coding")
    domain: str | None = col("domain: a block")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    outcome_group: str | None = col("function, or outcome: a row")
    sample_id: str | None = col("sample: rows of one function are its samples")
    label: str | None = col("short name of the report")
    contrast: str | None = col("who took it, or the difference of the drug effects: a column")
    sense: str | None = col("what up means: better (for the person) or higher (neither is known to be better)")
    use: str | None = col("main, or excluded where only excluded codings are known: grey")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    rung: str | None = col("highest rung of the ladder among the findings")
    n: int | None = col("persons behind the largest finding; empty where not known")
    findings: int | None = col("findings behind the mark")
    finding_ids: tuple[str, ...] = several("the findings")


def treatment_table(directions: Iterable[SampleDirection], domains: Iterable[Domain]) -> list[TreatmentMark]:
    """Marks by domain, function, sample and column."""
    known, lanes = {domain.domain: domain for domain in domains}, list(LANES)
    names = list(known)
    treated = [row for row in directions if row.contrast in LANES and row.outcome_group]
    treated.sort(key=lambda r: (names.index(r.domain), r.outcome_group, r.sample_id, lanes.index(r.contrast)))
    return [_mark(row, known[row.domain]) for row in treated]


def _mark(row: SampleDirection, domain: Domain) -> TreatmentMark:
    return TreatmentMark(
        mark_id=findings_mark(row),
        **{name: getattr(row, name) for name in SAME},
        section=domain.section,
        title=domain.title,
        n=row.persons,
        findings=len(row.findings),
        finding_ids=row.findings,
    )
