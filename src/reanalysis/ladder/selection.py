"""Place the findings of a domain on the ladder, and say which of them enter the main analysis.

Nothing is dropped: an excluded coding stays in the table with its rung and the reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from reanalysis.ladder.intervals import with_interval
from reanalysis.ladder.reading import Reading, printed_means, ratio_of_means, read_finding
from reanalysis.ladder.samples import entering, sizes
from reanalysis.results.rows import Effect
from reanalysis.results.table import CellKey
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding, Report
from reanalysis.schema.vocabulary import EXCLUSIONS, RUNGS

if TYPE_CHECKING:
    from reanalysis.schema.evidence import Evidence

OWN_DATA = ("primary", "thesis", "registry")
LATEST = 9999  # a report without a known year comes after those that have one


class Exclusion(NamedTuple):
    """Why a coding does not enter the main analysis: a code of `vocabulary.EXCLUSIONS`, and a sentence."""

    code: str
    why: str


def all_effects(evidence: Evidence, config: Effects, level: float) -> list[Effect]:
    """All codings of all findings on their rungs with their intervals at this level, domain by domain."""
    return [
        with_interval(effect, finding, level)
        for domain in evidence.domains
        for effect, finding in zip(domain_effects(evidence, domain, config), evidence.findings[domain], strict=True)
    ]


def domain_effects(evidence: Evidence, domain: str, config: Effects, cohort: str = "highest_rung") -> list[Effect]:
    """All codings of all findings of a domain on their rungs, in the order of the file.

    `cohort` says which of the samples that may share participants counts: one of `FIRST`, or `all` of them.
    """
    rows = evidence.findings[domain]
    readings = [read_finding(row, config) for row in rows]
    reasons = [_excluded(row, evidence.reports[row.report_id]) for row in rows]
    overlap = _overlapping(rows, readings, reasons, evidence, FIRST[cohort]) if cohort != "all" else {}
    reasons = [reason or overlap.get(index) for index, reason in enumerate(reasons)]
    return with_entry(
        [
            _effect(domain, row, reading, reason, evidence)
            for row, reading, reason in zip(rows, readings, reasons, strict=True)
        ]
    )


def with_entry(effects: list[Effect]) -> list[Effect]:
    """The effects, each with whether it enters the models of its cell, or why not."""
    members: dict[tuple[CellKey, str], list[int]] = defaultdict(list)
    for index, effect in enumerate(effects):
        if effect.use == "main":
            members[effect.cell, effect.sample_id].append(index)
    why = dict.fromkeys(range(len(effects)), "excluded")
    for own in members.values():
        for index, reason in zip(own, entering([effects[i] for i in own]), strict=True):
            why[index] = reason
    return [replace(effect, enters=not why[index], enters_why=why[index]) for index, effect in enumerate(effects)]


def _excluded(row: Finding, report: Report) -> Exclusion | None:
    """Why a coding does not enter the main analysis for reasons of its own; None when it may."""
    if row.coding != "primary":
        return Exclusion("alternative", EXCLUSIONS["alternative"])
    if row.sample_id is None or report.kind not in OWN_DATA:
        return Exclusion("no_sample", f"the report is a {report.kind.replace('_', '-')}, not a sample")
    if row.composite_of:
        why = f"average of {len(row.composite_of)} results already included"
        return Exclusion("composite", why)
    if row.doubt:
        return Exclusion("doubtful", f"doubtful numbers: {row.doubt}")
    return None


FIRST = {
    "highest_rung": ("rung", "size", "year"),
    "larger": ("size", "rung", "year"),
    "earlier": ("year", "rung", "size"),
}
"""By what a sample is kept, of those that may share participants: the highest rung, the size, the earlier report."""


def _overlapping(
    rows: tuple[Finding, ...],
    readings: list[Reading],
    reasons: list[Exclusion | None],
    evidence: Evidence,
    first: tuple[str, ...],
) -> dict[int, Exclusion]:
    """Of samples that may share participants, keep the `first` one for each contrast and outcome group."""
    groups: dict[tuple, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for index, row in enumerate(rows):
        if not reasons[index]:
            cohort = evidence.samples[row.sample_id].cohort_id
            groups[row.contrast, row.outcome_group, cohort][row.sample_id].append(index)
    dropped = {}
    for samples in groups.values():
        if len(samples) == 1:
            continue

        def rank(sample: str, samples=samples) -> tuple:
            indices = samples[sample]
            known = {
                "rung": min(list(RUNGS).index(readings[i].rung) for i in indices),
                "size": -(sizes([rows[i] for i in indices]).persons or 0),
                "year": min(evidence.reports[rows[i].report_id].year or LATEST for i in indices),
            }
            return *(known[name] for name in first), sample

        kept = min(samples, key=rank)
        for sample, indices in samples.items():
            if sample != kept:
                label = evidence.reports[rows[samples[kept][0]].report_id].label
                reason = Exclusion("overlap", f"may share participants with {label}, which is included")
                dropped |= dict.fromkeys(indices, reason)
    return dropped


def _effect(domain: str, row: Finding, reading: Reading, reason: Exclusion | None, evidence: Evidence) -> Effect:
    sample = evidence.samples.get(row.sample_id) if row.sample_id else None
    report = evidence.reports[row.report_id]
    return Effect(
        domain=domain,
        label=report.label,
        year=report.year,
        cohort_id=sample.cohort_id if sample else None,
        use="excluded" if reason else "main",
        use_code=reason.code if reason else None,
        use_why=reason.why if reason else None,
        means=printed_means(row),
        ratio_of_means=ratio_of_means(row),
        **{name: getattr(row, name) for name in _COPIED},
        **{name: getattr(reading, name) for name in _READ},
    )


_COPIED = (
    *("contrast", "outcome_group", "finding_id", "coding", "report_id", "sample_id", "via", "population", "outcome"),
    *(
        "group_1",
        "group_2",
        "matrix",
        "assay",
        "exposure",
        "population_kind",
        "design",
        "dose",
        "dose_unit",
        "timepoint",
    ),
    *("direction", "higher_is_better", "comparison"),
    *("stat_type", "n1i", "n2i", "ni", "source_kind", "locator"),
)
_READ = (
    *("rung", "why", "metric", "es_method", "route", "vtype", "p_above", "p_below", "inputs", "shown", "assumed"),
    *("yi", "vi", "yi_lb", "yi_ub", "missing"),
)
