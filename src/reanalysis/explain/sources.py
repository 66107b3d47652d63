"""A report and a sample: what was read of them, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable

from reanalysis.explain import figures as drawn
from reanalysis.explain.cells import cell_of_answer, unit_line
from reanalysis.explain.findings import finding_line
from reanalysis.explain.raw_lines import decisions, place
from reanalysis.explain.tree import Part, pairs, part, said
from reanalysis.results.build import Build
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.text import listed, number


def report(build: Build, report_id: str) -> Part:
    """A report with its samples, its findings, those read through it, and what it says of the claims that cite it."""
    evidence = build.evidence
    row, key = evidence.reports[report_id], {"report_id": report_id}
    effects = build.tables["2_effects/ladder.csv"]
    notice = evidence.retractions.get(report_id)
    samples = [one for one in evidence.samples.values() if report_id in one.report_ids]
    work = [item for item in build.tables["4_synthesis/worklist.csv"] if item.report_id == report_id]
    asked = [f"rank {item.rank}: {item.finding_id}: {item.needed}" for item in work]
    about = pairs(
        reference=row.reference,
        kind=v.REPORT_KINDS[row.kind],
        row_of_the_review=row.in_review,
        PubMed=row.pmid,
        notices=notice and f"{v.RETRACTION_STATUS[notice.status]} ({notice.source}, {notice.checked_on})",
        raw_data=place(build, "reports.csv", key),
        note=row.note,
    )
    parts = (
        part("Samples", [f"{one.sample_id} (cohort {one.cohort_id})" for one in samples]),
        part("Findings", [finding_line(one) for one in effects if one.report_id == report_id]),
        part("Findings of others, read through it", [finding_line(one) for one in effects if one.via == report_id]),
        part("What it says of statements that cite it", _fidelity(build, report_id)),
        part("Statements that cite it", _citing(build, report_id)),
        part("Numbers to ask its authors for", asked),
    )
    lines = (*about, *decisions(build, "reports.csv", key))
    return Part(f"Report {report_id}: {row.label}", lines, tuple(filter(None, parts)))


def _fidelity(build: Build, report_id: str) -> Iterable[str]:
    for row in build.evidence.fidelity.values():
        if row.report_id == report_id:
            yield f"{row.claim_id}: {said(row)}"


def _citing(build: Build, report_id: str) -> Iterable[str]:
    verdicts = {row.claim_id: row for row in build.tables["4_synthesis/claims.csv"]}
    for name, claim in build.evidence.claims.items():
        if report_id in (claim.cited_reports or ()):
            yield f"{name}: {claim.claim}: {verdicts[name].shown}"


def sample(build: Build, sample_id: str) -> Part:
    """A sample with its findings, the cells that it enters, what they are without it, and how it was judged."""
    evidence = build.evidence
    row, key = evidence.samples[sample_id], {"sample_id": sample_id}
    effects = [effect for effect in build.tables["2_effects/ladder.csv"] if effect.sample_id == sample_id]
    units = [unit for unit in build.tables["3_models/units.csv"] if unit.sample_id == sample_id]
    others = [one for name, one in evidence.samples.items() if one.cohort_id == row.cohort_id and name != sample_id]
    reports = [evidence.reports[name] for name in row.report_ids]
    about = pairs(
        reports=listed(f"{one.report_id} ({one.label})" for one in reports),
        cohort=f"{row.cohort_id}{f', with {listed(one.sample_id for one in others)}' if others else ''}",
        overlap=row.overlap,
        groups=_groups(row.group_1, row.n_group_1, row.group_2, row.n_group_2),
        participants=row.n_total,
        percent_female=row.percent_female,
        age=row.age,
        country=row.country,
        read_in=row.locator,
        raw_data=place(build, "samples.csv", key),
        note=row.note,
    )
    judged = [one for one in evidence.appraisals.values() if one.sample_id == sample_id]
    parts = (
        part("Findings", map(finding_line, effects)),
        part("Cells that it enters", [f"{cell_of_answer(unit)}: {unit_line(unit)}" for unit in units]),
        part(
            "Models without it",
            [
                f"{cell_of_answer(one)}, {MODELS[one.model].label}: {number(one.est)}"
                for one in build.tables["3_models/leave_one_out.csv"]
                if one.sample_id == sample_id and one.est is not None
            ],
        ),
        part("Judgements", [f"{one.tool}, {one.item}: {one.judgement} ({one.by}, {one.date})" for one in judged]),
        drawn.figures(build, drawn.of_sample(sample_id), *map(drawn.of_finding, effects)),
    )
    lines = (*about, *decisions(build, "samples.csv", key))
    return Part(f"Sample {sample_id}", lines, tuple(filter(None, parts)))


def _groups(first: str | None, n_first: int | None, second: str | None, n_second: int | None) -> str:
    told = [f"{name} {n or '(size not known)'}" for name, n in ((first, n_first), (second, n_second)) if name]
    return listed(told)
