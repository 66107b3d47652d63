"""Load the raw data as one immutable object, with every problem that its cells and rows have."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from reanalysis.check import kinds
from reanalysis.check.corrections import Entry, accept, read_corrections, unknown_tables
from reanalysis.check.letters import letters_without_glyph
from reanalysis.check.raw_files import CORRECTIONS, strangers, undeclared
from reanalysis.check.reading import Table, read_table
from reanalysis.problems import BadInput, Problem, errors
from reanalysis.schema.cells import SEPARATOR, Id, Row, column
from reanalysis.schema.raw import Claim, Domain, Finding, FlowCount, Report, Retraction, Sample

TABLES = {
    "domains.csv": Domain,
    "reports.csv": Report,
    "samples.csv": Sample,
    "claims.csv": Claim,
    "flow.csv": FlowCount,
    "retractions.csv": Retraction,
}
KEYS = {  # of a row; of the other tables, which hold findings: the finding and its coding
    "domains.csv": ("domain",),
    "reports.csv": ("report_id",),
    "samples.csv": ("sample_id",),
    "claims.csv": ("claim_id",),
    "flow.csv": ("box",),
    "retractions.csv": ("report_id",),
}
OPTIONAL = frozenset({"retractions.csv"})


@dataclass(frozen=True)
class Evidence:
    """The raw data after corrections: all tables by file name, and the findings by domain."""

    domains: dict[str, Domain]
    reports: dict[str, Report]
    samples: dict[str, Sample]
    claims: dict[str, Claim]
    flow: dict[str, FlowCount]
    findings: dict[str, tuple[Finding, ...]]
    retractions: dict[str, Retraction] = field(default_factory=dict)


def findings_file(domain: str) -> str:
    """Name of a domain's table under `data/raw/`."""
    return f"findings/{domain}.csv"


def read_domains(raw: Path) -> dict[str, Domain]:
    """The domains by name, in the order of `domains.csv`; raises BadInput when the table cannot be read."""
    table = read_table(raw / "domains.csv", Domain, "domains.csv", read_corrections(raw / CORRECTIONS)[0])
    if errors(table.problems):
        raise BadInput(table.problems)
    return {located.row.domain: located.row for located in table.rows}


def check(raw: Path) -> tuple[Evidence, list[Problem]]:
    """Load everything under `raw` and run every check, so that all problems are known at once.

    Warnings that `corrections.yaml` accepts carry the reason in `accepted`. Never raises for what the files hold.
    """
    entries, found = read_corrections(raw / CORRECTIONS)
    problems = list(kinds.CORRECTION.stamped(found))
    tables = _tables(raw, TABLES, entries)
    names = [located.row.domain for located in tables["domains.csv"].rows]
    tables |= _tables(raw, map(findings_file, names), entries)
    problems += [problem for table in tables.values() for problem in table.problems]
    problems += kinds.STRANGER.stamped(strangers(raw))
    if not tables["domains.csv"].problems:
        problems += kinds.CORRECTION.stamped(unknown_tables(entries, tables))
        problems += kinds.UNDECLARED.stamped(undeclared(raw, names))
    problems += _rules().across(tables)
    problems += letters_without_glyph(tables)
    problems = accept(
        sorted(_with_rows(problems, tables)), entries, {name: table.cells for name, table in tables.items()}
    )
    return _evidence(tables, names), sorted(problems)


def _with_rows(problems: Iterable[Problem], tables: dict[str, Table]) -> set[Problem]:
    """The problems, each once, with the key cells of the row that they are about."""
    named = set()
    for problem in problems:
        cells = tables[problem.file].cells.get(problem.line, {}) if problem.file in tables else {}
        keys = KEYS.get(problem.file, ("finding_id", "coding"))
        row = ", ".join(f"{key}: {cells[key]}" for key in keys if key in cells)
        named.add(replace(problem, row=row))
    return named


def load(raw: Path) -> Evidence:
    """Load everything; raises BadInput with all problems when any of them is an error."""
    evidence, problems = check(raw)
    if errors(problems):
        raise BadInput(problems)
    return evidence


def load_domain(raw: Path, domain: str) -> Evidence:
    """Load what one domain rests on: its findings, the reports and the samples.

    Raises BadInput when a row of these tables is wrong. Claims and flow counts are left empty.
    """
    entries, problems = read_corrections(raw / CORRECTIONS)
    tables = _tables(raw, ("domains.csv", "reports.csv", "samples.csv", findings_file(domain)), entries)
    problems += [problem for table in tables.values() for problem in table.problems]
    problems += _rules().errors_across(tables)
    if errors(problems):
        raise BadInput(problems)
    return _evidence(tables, [domain])


def _tables(raw: Path, names: Iterable[str], entries: list[Entry]) -> dict[str, Table]:
    there = [name for name in names if name not in OPTIONAL or (raw / name).exists()]
    return {name: read_table(raw / name, TABLES.get(name, Finding), name, entries) for name in there}


def write_checked(evidence: Evidence, folder: Path) -> None:
    """Write the tables as they are used, corrections applied; the findings of all domains come as one table."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (model, rows) in _checked_tables(evidence).items():
        columns = list(model.model_fields)
        with (folder / name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_cell(getattr(row, column)) for column in columns] for row in rows)


def _rules():
    """The rules, imported only when needed: they compute, and what they import would double the start of every job."""
    from reanalysis.check import rules

    return rules


def read_checked(folder: Path) -> Evidence:
    """Read back what `write_checked` wrote; raises BadInput when a table is damaged or missing."""
    tables = {name: read_table(folder / name, model, name) for name, model in TABLES.items()}
    findings = read_table(folder / "findings.csv", FindingOfDomain, "findings.csv")
    damaged = [problem for table in (*tables.values(), findings) for problem in table.problems]
    if damaged:
        fix = "The file was changed or cut after it was written: remove it, and run again."
        raise BadInput(replace(problem, file=str(folder / problem.file), fix=fix) for problem in damaged)
    evidence = _evidence(tables, [])
    by_domain: dict[str, list[Finding]] = {domain: [] for domain in evidence.domains}
    for located in findings.rows:
        by_domain[located.row.domain].append(located.row)
    return replace(evidence, findings={domain: tuple(rows) for domain, rows in by_domain.items()})


class FindingOfDomain(Finding):
    """A finding in the joined table, which says its domain."""

    domain: Id = column("domain", required=True)


def _checked_tables(evidence: Evidence) -> dict[str, tuple[type[Row], list[Row]]]:
    findings = [
        FindingOfDomain.model_construct(**dict(row), domain=domain)
        for domain, rows in evidence.findings.items()
        for row in rows
    ]
    return {
        "domains.csv": (Domain, list(evidence.domains.values())),
        "reports.csv": (Report, list(evidence.reports.values())),
        "samples.csv": (Sample, list(evidence.samples.values())),
        "findings.csv": (FindingOfDomain, findings),
        "claims.csv": (Claim, list(evidence.claims.values())),
        "flow.csv": (FlowCount, list(evidence.flow.values())),
        "retractions.csv": (Retraction, list(evidence.retractions.values())),
    }


def _cell(value) -> str:
    """A cell as people would write it; numbers keep their digits."""
    if value is None:
        return ""
    return f"{SEPARATOR} ".join(value) if isinstance(value, tuple) else str(value)


def _evidence(tables: dict[str, Table], domains: list[str]) -> Evidence:
    def keyed(name: str, key: str) -> dict:
        return {getattr(located.row, key): located.row for located in tables[name].rows} if name in tables else {}

    return Evidence(
        domains=keyed("domains.csv", "domain"),
        reports=keyed("reports.csv", "report_id"),
        samples=keyed("samples.csv", "sample_id"),
        claims=keyed("claims.csv", "claim_id"),
        flow=keyed("flow.csv", "box"),
        retractions=keyed("retractions.csv", "report_id"),
        findings={d: tuple(located.row for located in tables[findings_file(d)].rows) for d in domains},
    )
