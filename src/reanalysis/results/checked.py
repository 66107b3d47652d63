"""The checked evidence as tables: the raw data with corrections applied, the findings of all domains as one table."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from reanalysis.files.text_file import read_text
from reanalysis.problems import BadInput, Problem
from reanalysis.results.table import MADE_AGAIN, Only, read_records
from reanalysis.schema.cells import SEPARATOR, Id, column
from reanalysis.schema.cells import Row as RawRow
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.faults import explained
from reanalysis.schema.raw import KEYS, RAW_TABLES, Finding, key_of
from reanalysis.schema.review import Review


class FindingOfDomain(Finding):
    """A finding in the joined table, which says its domain."""

    domain: Id = column("domain", required=True)


FINDINGS, REVIEW = "1_checked/findings.csv", "1_checked/review.json"
CHECKED: dict[str, type[RawRow]] = {
    FINDINGS: FindingOfDomain,
    **{f"1_checked/{name}": RAW_TABLES[name] for name in KEYS},
}


def checked_tables(evidence: Evidence, files: Iterable[str] = (*CHECKED, REVIEW)) -> dict[str, list[RawRow] | str]:
    """The rows of the evidence by checked table, of those that are named; what the review says of itself as JSON."""
    named = set(files)
    findings = [
        FindingOfDomain.model_construct(**dict(row), domain=domain)
        for domain, rows in evidence.findings.items()
        for row in rows
    ]
    tables: dict[str, list[RawRow] | str] = {
        f"1_checked/{name}": list(getattr(evidence, _part(name)).values()) for name in KEYS
    }
    tables[FINDINGS] = findings
    if REVIEW in named:
        tables[REVIEW] = review_text(evidence.review)
    return {file: tables[file] for file in (*CHECKED, REVIEW) if file in named}


def review_text(review: Review) -> str:
    """What the review says of itself, as JSON."""
    return f"{review.model_dump_json(indent=1)}\n"


def evidence_of(tables: Mapping[str, list[RawRow]], review: Review | None = None) -> Evidence:
    """The evidence that tables hold: the inverse of `checked_tables`; what is not among them is empty."""
    parts = {_part(name): {key_of(row, name): row for row in tables.get(f"1_checked/{name}", ())} for name in KEYS}
    findings: dict[str, list[Finding]] = {domain: [] for domain in parts["domains"]}
    for row in tables.get(FINDINGS, ()):
        values = dict(row)
        findings[values.pop("domain")].append(Finding.model_construct(**values))
    return Evidence(**parts, findings={domain: tuple(rows) for domain, rows in findings.items()}, review=review)


def read_checked(
    results: Path, files: Iterable[str] = (*CHECKED, REVIEW), domains: Collection[str] | None = None
) -> Evidence:
    """The evidence in checked tables of a run, or what the effects of some of its domains follow from.

    Raises BadInput when a table is damaged or missing.
    """
    wanted = [file for file in CHECKED if file in {*files}]  # findings first: they name reports and samples
    review = read_checked_review(results / REVIEW) if REVIEW in files else None
    tables: dict[str, list[RawRow]] = {}
    for file in wanted:
        only = None if domains is None else _of_domains(file, domains, tables.get(FINDINGS))
        tables[file] = read_rows(results / file, CHECKED[file], only)
    return evidence_of(tables, review)


def _of_domains(file: str, domains: Collection[str], findings: list[RawRow] | None) -> Only | None:
    """The rows of a table that belong to these domains, of which these are the findings; all where none is told."""
    match file:
        case "1_checked/domains.csv" | "1_checked/findings.csv":
            return Only("domain", domains)
        case "1_checked/reports.csv" if findings is not None:
            return Only("report_id", {row.report_id for row in findings})
        case "1_checked/samples.csv" if findings is not None:
            return Only("sample_id", {row.sample_id for row in findings})
    return None


def read_checked_review(path: Path) -> Review:
    """What the review says of itself, as `checked_tables` gave it; raises BadInput where the file is damaged."""
    text, problem = read_text(path, str(path))
    if problem:
        raise BadInput([problem])
    try:
        return Review.model_validate_json(text)
    except ValidationError as error:
        raise BadInput([Problem(str(path), 0, "", "", explained(error.errors()[0])[0], MADE_AGAIN)]) from None


def _part(name: str) -> str:
    """What holds the rows of a table in the evidence."""
    return name.removesuffix(".csv")


def write_rows(path: Path, model: type[RawRow], rows: Iterable[RawRow]) -> None:
    """Write rows as people would: numbers keep their digits, and a cell of several has them separated by `;`."""
    buffer, names = io.StringIO(newline=""), list(model.model_fields)
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(getattr(row, name)) for name in names] for row in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(buffer.getvalue(), encoding="utf-8", newline="")


def read_rows(path: Path, model: type[RawRow], only: Only | None = None) -> list[RawRow]:
    """Read back what `write_rows` wrote, or only some rows.

    Raises BadInput, with file and line, where the table is not as it was written.
    """

    def row_of(cells: dict[str, str]) -> RawRow:
        try:
            return model.model_validate(cells)
        except ValidationError as error:
            raise ValueError(explained(error.errors()[0])[0]) from None

    return read_records(path, list(model.model_fields), row_of, only)


def _cell(value) -> str:
    if value is None:
        return ""
    return f"{SEPARATOR} ".join(value) if isinstance(value, tuple) else str(value)
