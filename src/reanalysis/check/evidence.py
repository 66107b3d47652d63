"""Load the raw data as one immutable object, with every problem that its cells and rows have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from reanalysis.check import kinds, rules
from reanalysis.check.catalog import Table
from reanalysis.check.corrections import Entry, accept, read_corrections, unknown_tables
from reanalysis.check.letters import letters_without_glyph
from reanalysis.check.reading import read_table
from reanalysis.files.raw_files import CORRECTIONS, strangers, undeclared
from reanalysis.problems import BadInput, Problem, errors
from reanalysis.schema.evidence import Evidence
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


def findings_file(domain: str) -> str:
    """Name of a domain's table under `data/raw/`."""
    return f"findings/{domain}.csv"


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
    problems += rules.across(tables)
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


def load_evidence(raw: Path) -> Evidence:
    """Load what the effects rest on: domains, reports, samples and findings, without claims and flow.

    Raises BadInput when a row of these tables is wrong.
    """
    entries, problems = read_corrections(raw / CORRECTIONS)
    tables = _tables(raw, [name for name in TABLES if name not in ("claims.csv", "flow.csv")], entries)
    names = [located.row.domain for located in tables["domains.csv"].rows]
    tables |= _tables(raw, map(findings_file, names), entries)
    problems += [problem for table in tables.values() for problem in table.problems]
    problems += rules.errors_across(tables)
    if errors(problems):
        raise BadInput(problems)
    return _evidence(tables, names)


def _tables(raw: Path, names: Iterable[str], entries: list[Entry]) -> dict[str, Table]:
    there = [name for name in names if name not in OPTIONAL or (raw / name).exists()]
    return {name: read_table(raw / name, TABLES.get(name, Finding), name, entries) for name in there}


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
