"""The checked evidence as tables: the raw data with corrections applied, the findings of all domains as one table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from reanalysis.results.table import read_records
from reanalysis.schema.cells import SEPARATOR, Id, column
from reanalysis.schema.cells import Row as RawRow
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Claim, Domain, Finding, FlowCount, Report, Retraction, Sample


class FindingOfDomain(Finding):
    """A finding in the joined table, which says its domain."""

    domain: Id = column("domain", required=True)


CHECKED: dict[str, type[RawRow]] = {
    "1_checked/domains.csv": Domain,
    "1_checked/reports.csv": Report,
    "1_checked/samples.csv": Sample,
    "1_checked/findings.csv": FindingOfDomain,
    "1_checked/claims.csv": Claim,
    "1_checked/flow.csv": FlowCount,
    "1_checked/retractions.csv": Retraction,
}
KEYS = {
    "domains": "domain",
    "reports": "report_id",
    "samples": "sample_id",
    "claims": "claim_id",
    "flow": "box",
    "retractions": "report_id",
}


def checked_tables(evidence: Evidence, files: Iterable[str] = tuple(CHECKED)) -> dict[str, list[RawRow]]:
    """The rows of the evidence by checked table, of those that are named."""
    findings = [
        FindingOfDomain.model_construct(**dict(row), domain=domain)
        for domain, rows in evidence.findings.items()
        for row in rows
    ]
    tables = {f"1_checked/{part}.csv": list(getattr(evidence, part).values()) for part in KEYS}
    tables["1_checked/findings.csv"] = findings
    return {file: tables[file] for file in CHECKED if file in set(files)}


def evidence_of(tables: Mapping[str, list[RawRow]]) -> Evidence:
    """The evidence that tables hold: the inverse of `checked_tables`; what is not among them is empty."""
    parts = {
        part: {getattr(row, key): row for row in tables.get(f"1_checked/{part}.csv", ())} for part, key in KEYS.items()
    }
    findings: dict[str, list[Finding]] = {domain: [] for domain in parts["domains"]}
    for row in tables.get("1_checked/findings.csv", ()):
        values = dict(row)
        findings[values.pop("domain")].append(Finding.model_construct(**values))
    return Evidence(**parts, findings={domain: tuple(rows) for domain, rows in findings.items()})


def read_checked(results: Path, files: Iterable[str] = tuple(CHECKED)) -> Evidence:
    """The evidence in checked tables of a run; raises BadInput when a table is damaged or missing."""
    return evidence_of({file: read_rows(results / file, CHECKED[file]) for file in files})


def write_rows(path: Path, model: type[RawRow], rows: Iterable[RawRow]) -> None:
    """Write rows as people would: numbers keep their digits, and a cell of several has them separated by `;`."""
    buffer, names = io.StringIO(newline=""), list(model.model_fields)
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")


def read_rows(path: Path, model: type[RawRow]) -> list[RawRow]:
    """Read back what `write_rows` wrote; raises BadInput, with file and line, where it is not as it was written."""

    def row_of(cells: dict[str, str]) -> RawRow:
        try:
            return model.model_validate(cells)
        except ValidationError as error:
            raise ValueError(error.errors()[0]["msg"]) from None

    return read_records(path, list(model.model_fields), row_of)


def _cell(value) -> str:
    if value is None:
        return ""
    return f"{SEPARATOR} ".join(value) if isinstance(value, tuple) else str(value)
