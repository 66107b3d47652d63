"""A study to be added, as a person wrote it: rows of the raw tables, each with its place in the file.

Three forms say the same, with the names of the raw tables and their columns:

- YAML: a mapping of tables to a row, or a list of rows; each row a mapping of columns to cells;
- XLSX: a sheet for each table, with the columns in its first line;
- CSV: a line for each finding, with columns such as `samples.age`; what repeats may be left out.

What follows from the rest may be left out: the only report or sample of the study, `primary` as the coding.
"""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from reanalysis.files.csv_file import lines_of, one_kind_of_line_end, used
from reanalysis.files.text_file import read_text
from reanalysis.files.yaml_file import read_yaml
from reanalysis.problems import BadInput, Problem, choices
from reanalysis.schema.cells import SEPARATOR
from reanalysis.schema.raw import KEYS, RAW_TABLES, FindingRow

FINDINGS = "findings"
TABLES = {name.removesuffix(".csv"): model for name, model in RAW_TABLES.items() if name.endswith(".csv")}
TABLES = {name: model for name, model in TABLES.items() if "/" not in name} | {FINDINGS: FindingRow}
"""The tables of a study by name, with their row models; a finding names its `domain` beside its columns."""
LARGEST = 20_000_000  # bytes of a workbook
EMPTY = ("", "~", "null", "Null", "NULL")  # ways to write an empty cell in YAML


@dataclass(frozen=True)
class PlacedRow:
    """A row to be added: its filled cells by column, and where it was written."""

    table: str
    cells: dict[str, str]
    file: str
    line: int
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of each cell, where cells have lines of their own."""

    def place(self, column: str) -> int:
        """Line of a cell, or of the row."""
        return self.lines.get(column, self.line)

    def names_domain(self, column: str) -> bool:
        """Whether a cell says in which table of findings the row belongs, and is none of its own."""
        return self.table == FINDINGS and column == "domain"

    @property
    def target(self) -> str:
        """The raw table that gets the row."""
        return f"{FINDINGS}/{self.cells.get('domain', '')}.csv" if self.table == FINDINGS else f"{self.table}.csv"


def read_study(path: Path) -> list[PlacedRow]:
    """The rows of a study, in the order of the file, with what follows from the rest filled in.

    Raises BadInput with all problems: where the file cannot be read, or names a table or a column that there is not.
    """
    readers = {".yaml": _of_yaml, ".yml": _of_yaml, ".csv": _of_csv, ".xlsx": _of_xlsx}
    if path.suffix.lower() not in readers:
        fix = f"Write it as {', '.join(readers)}: `reanalysis add --template study.yaml` begins one."
        raise BadInput([Problem(path.name, 0, "", path.suffix, "a study in a form that is not known", fix)])
    rows, problems = readers[path.suffix.lower()](path)
    problems += [problem for row in rows for problem in _strange_cells(row)]
    rows = _completed([row for row in rows if row.cells])
    problems += [problem for row in rows for problem in _without_domain(row)]
    if not rows and not problems:
        problems.append(Problem(path.name, 0, "", "", "no row to add", "Fill at least one row of findings."))
    if problems:
        raise BadInput(problems)
    return rows


def _strange_cells(row: PlacedRow) -> Iterator[Problem]:
    known = [*TABLES[row.table].model_fields, *(["domain"] if row.table == FINDINGS else [])]
    for column, value in row.cells.items():
        if column not in known:
            message = f"{row.table} has no such column"
            yield Problem(row.file, row.place(column), column, value, message, choices(column, known))


def _without_domain(row: PlacedRow) -> Iterator[Problem]:
    if row.table == FINDINGS and "domain" not in row.cells:
        message, fix = "a finding without a domain", "Name the domain, which is its table in data/raw/findings/."
        yield Problem(row.file, row.line, "domain", "", message, fix)


# ---------------------------------------------------------------- what follows from the rest


def _completed(rows: list[PlacedRow]) -> list[PlacedRow]:
    """The rows with what was left out: the report and sample of the study, the name and coding of a finding.

    Rows that hold nothing but their key only refer to what is there already.
    """
    report, sample = (_only(rows, table, key) for table, key in (("reports", "report_id"), ("samples", "sample_id")))
    named = []
    for row in rows:
        cells = dict(row.cells)
        if row.table == "samples" and len(cells) > 1:
            _fill(cells, report_ids=report, cohort_id=cells.get("sample_id"))
        if row.table == FINDINGS:
            _fill(cells, report_id=report, sample_id=sample, coding="primary")
            who = cells.get("sample_id") or cells.get("report_id")
            _fill(cells, finding_id=f"{who}-{cells['outcome_group']}" if who and "outcome_group" in cells else None)
        if row.table == FINDINGS or cells.keys() > set(KEYS[f"{row.table}.csv"]):
            named.append(PlacedRow(row.table, cells, row.file, row.line, row.lines))
    return named


def _only(rows: list[PlacedRow], table: str, key: str) -> str | None:
    found = {row.cells[key] for row in rows if row.table == table and key in row.cells}
    return found.pop() if len(found) == 1 else None


def _fill(cells: dict[str, str], **values: str | None) -> None:
    for column, value in values.items():
        if value is not None:
            cells.setdefault(column, value)


# ---------------------------------------------------------------- YAML


def _of_yaml(path: Path) -> tuple[list[PlacedRow], list[Problem]]:
    file = read_yaml(path, path.name, as_text=True)
    rows, problems = [], list(file.problems)
    if problems:
        return rows, problems
    if not isinstance(file.data, dict):
        fix = "`reanalysis add --template study.yaml` begins one."
        return rows, [Problem(path.name, 0, "", "", "no tables with rows", fix)]
    for table, content in file.data.items():
        if table not in TABLES:
            line = file.line((table,))
            problems.append(Problem(path.name, line, "", table, "no table of a review", choices(table, TABLES)))
            continue
        several = isinstance(content, list)
        for index, row in enumerate(content if several else [content]):
            at = (table, index) if several else (table,)
            if isinstance(row, dict):
                cells, found = _cells_of_yaml(row, at, file)
                lines = {column: file.line((*at, column)) for column in row}
                rows.append(PlacedRow(table, cells, path.name, file.line(at), lines))
                problems += found
            elif row:
                fix = "Write a row as columns with their cells, such as `report_id: smith2010`."
                problems.append(Problem(path.name, file.line(at), "", str(row), "not a row", fix))
    return rows, problems


def _cells_of_yaml(row: dict, at: tuple, file) -> tuple[dict[str, str], list[Problem]]:
    """The filled cells of a row; a list stands for several in one cell."""
    cells, problems = {}, []
    for column, value in row.items():
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            value = f"{SEPARATOR} ".join(value)
        if not isinstance(value, str):
            fix = "A cell is a text, a number, or a list of texts."
            problems.append(Problem(file.name, file.line((*at, column)), str(column), "", "not a cell", fix))
        elif value.strip() not in EMPTY:
            cells[str(column)] = value.strip()
    return cells, problems


# ---------------------------------------------------------------- CSV and XLSX


def _of_csv(path: Path) -> tuple[list[PlacedRow], list[Problem]]:
    text, problem = read_text(path, path.name)
    if problem:
        return [], [problem]
    text, problems = one_kind_of_line_end(text, path.name)
    lines, torn = lines_of(text, path.name)
    if torn or not lines:
        return [], problems + torn
    (number, header), *records = lines
    columns = [name.strip().partition(".")[::2] for name in header[: used(header)]]
    for table, column in columns:
        if table not in TABLES:
            fix = f"Name the table and the column, such as `{FINDINGS}.stat_type`. {choices(table, TABLES)}"
            problems.append(Problem(path.name, number, "", f"{table}.{column}", "no column of a study", fix))
    if problems:
        return [], problems
    rows = []
    for line, values in records:
        by_table: dict[str, dict[str, str]] = defaultdict(dict)
        for (table, column), value in zip(columns, values, strict=False):
            if value.strip():
                by_table[table][column] = value.strip()
        rows += [PlacedRow(table, cells, path.name, line) for table, cells in by_table.items()]
    return _once(rows)


def _once(rows: list[PlacedRow]) -> tuple[list[PlacedRow], list[Problem]]:
    """Each row once, where a line repeats a report or a sample of one above it, and what contradicts it."""
    kept: dict[tuple, PlacedRow] = {}
    problems = []
    for row in rows:
        key = () if row.table == FINDINGS else tuple(row.cells.get(name) for name in KEYS[f"{row.table}.csv"])
        first = kept.get((row.table, *key)) if key else None
        if first is None:
            kept[(row.table, *(key or (row.line,)))] = row
            continue
        for column, value in row.cells.items():
            if first.cells.setdefault(column, value) != value:
                message = f"line {first.line} says `{first.cells[column]}` of the same row"
                fix = "Leave the cell empty, or make both the same."
                problems.append(Problem(row.file, row.line, f"{row.table}.{column}", value, message, fix))
    return list(kept.values()), problems


def _of_xlsx(path: Path) -> tuple[list[PlacedRow], list[Problem]]:
    rows, problems = [], []
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError("the file is too large")
        sheets = _sheets(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        fix = "Save it anew as an Excel workbook (.xlsx)."
        return [], [Problem(path.name, 0, "", "", f"no workbook that can be read: {error}", fix)]
    for name, lines in sheets.items():
        if name not in TABLES:
            continue  # notes, and the explanation of the columns
        place = f"{path.name}, sheet {name}"
        header, *records = [[_text(cell) for cell, _ in line] for line in lines] or [[]]
        for line, values in enumerate(records, start=2):
            cells = dict(zip(header, values, strict=False))
            for column in [column for column in cells if not column and cells[column]]:
                problems.append(Problem(place, line, "", cells[column], "a cell under no column", "Move or delete it."))
            for column, (cell, entered) in zip(header, lines[line - 1], strict=False):
                if fault := _fault(column, cell, entered):
                    problems.append(Problem(place, line, column, *fault))
            rows.append(
                PlacedRow(name, {column: value for column, value in cells.items() if column and value}, place, line)
            )
    if not any(name in TABLES for name in sheets):
        fix = f"Name the sheets as the tables: {', '.join(TABLES)}."
        problems.append(Problem(path.name, 0, "", "", "no sheet of a table", fix))
    return rows, problems


def _sheets(content: bytes) -> dict[str, list[list[tuple[Any, Any]]]]:
    """The lines of each sheet of a workbook: for every cell its value, and what was entered, such as a formula."""
    from openpyxl import load_workbook

    values, entries = (load_workbook(io.BytesIO(content), read_only=True, data_only=only) for only in (True, False))
    return {
        sheet.title: [
            list(zip(line, other, strict=True))
            for line, other in zip(
                sheet.iter_rows(values_only=True), entries[sheet.title].iter_rows(values_only=True), strict=True
            )
        ]
        for sheet in values.worksheets
    }


def _fault(column: str, cell: Any, entered: Any) -> tuple[str, str, str] | None:
    """A cell that a spreadsheet has made something else of: it, what is wrong with it, and what to do."""
    from openpyxl.cell.cell import ERROR_CODES

    if isinstance(cell, date | time | timedelta) and column != "date":
        return _text(cell), "a date that a spreadsheet made of it", "Set the cell to text and type it again."
    if isinstance(cell, str) and cell in ERROR_CODES:
        return cell, "an error of a formula", "Write the value."
    if cell is None and entered is not None:
        fix = "Save the file in a spreadsheet program, which computes it, or write the value."
        return str(entered), "a formula without its value", fix
    return None


def _text(value: Any) -> str:
    """A cell as a person sees it: whole numbers without a point, days without a time."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    return str(value).strip()


def as_csv(header: list[str], records: list[list[str]]) -> str:
    """Lines of a CSV file."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\n").writerows([header, *records])
    return buffer.getvalue()
