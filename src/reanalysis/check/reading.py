"""Read a CSV of the raw data into validated rows, collecting every problem on the way."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from reanalysis.check.corrections import Cells, Correction, apply
from reanalysis.check.problems import Problem
from reanalysis.schema.cells import Row

R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Located(Generic[R]):
    """A row and the line of its file, so that later checks can point at it."""

    line: int
    row: R


@dataclass(frozen=True)
class Table(Generic[R]):
    """A table as read: the rows that are valid in themselves, and the others, as text, with their problems."""

    file: str
    rows: tuple[Located[R], ...]
    problems: tuple[Problem, ...]
    refused: tuple[Cells, ...] = ()

    @property
    def unreadable(self) -> bool:
        """Whether the file as a whole is at fault, so that nothing is known of its rows."""
        return bool(self.problems) and not self.rows and not self.refused

    def names(self, key: str) -> set[str]:
        """Values of a key column, of refused rows too: what refers to a row with a bad cell is not wrong for that."""
        refused = {cells[key] for cells in self.refused if key in cells}
        return {getattr(located.row, key) for located in self.rows} | refused


def read_table(path: Path, model: type[R], name: str, corrections: list[Correction] = ()) -> Table[R]:
    """Read a CSV, apply the corrections that name it, and validate every row against its model.

    `name` is the path under `data/raw/`, as messages and corrections call the file. Never raises for bad content: what
    is wrong is in `problems`.
    """
    text, problem = _decoded(path, name)
    if problem:
        return Table(name, (), (problem,))
    lines = list(_lines(text))
    if not lines:
        return Table(name, (), (Problem(name, 0, "", "", "the file is empty", "Write at least the header."),))
    header = lines[0][1]
    if problems := list(_header_problems(name, header, model)):
        return Table(name, (), tuple(problems))
    records, refused, problems = _records(name, header, lines[1:])
    records, stale = apply(list(corrections), name, records)
    problems += stale
    rows: list[Located[R]] = []
    for line, record in records:
        try:
            rows.append(Located(line, model.model_validate(record)))
        except ValidationError as error:
            refused.append(record)
            problems += [_cell_problem(name, line, record, model, detail) for detail in error.errors()]
    return Table(name, tuple(rows), tuple(problems), tuple(refused))


def _records(name: str, header: list[str], lines) -> tuple[list[tuple[int, Cells]], list[Cells], list[Problem]]:
    """Pair the cells with their columns, leaving out the empty ones; rows with too many or too few come apart."""
    records, refused, problems = [], [], []
    for line, cells in lines:
        if len(cells) != len(header):
            message = f"{len(cells)} cells under {len(header)} columns"
            fix = "Give every row one cell per column; quote cells that hold a comma."
            problems.append(Problem(name, line, "", "", message, fix))
            refused.append(dict(zip(header, cells, strict=False)))
            continue
        records.append((line, {column: cell for column, cell in zip(header, cells, strict=True) if cell != ""}))
        problems += [
            Problem(name, line, column, cell, "space at the ends or a line break inside", "Remove it.")
            for column, cell in zip(header, cells, strict=True)
            if cell != cell.strip() or "\n" in cell
        ]
    return records, refused, problems


def _decoded(path: Path, file: str) -> tuple[str, Problem | None]:
    if not path.exists():
        return "", Problem(file, 0, "", "", "the file is missing", "Create it, with at least its header.")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        value = data[error.start : error.start + 1].hex()
        return "", Problem(file, line, "", f"byte {value}", "not UTF-8", "Save the file as UTF-8 (CSV UTF-8).")
    return text.removeprefix("\ufeff"), None


def _lines(text: str):
    reader = csv.reader(io.StringIO(text))
    start = 1
    for cells in reader:
        if cells:
            yield start, cells
        start = reader.line_num + 1


def _header_problems(file: str, header: list[str], model: type[Row]):
    known = model.model_fields
    if len(header) == 1 and header[0].count(";") > 1:
        fix = "Save the file with commas between the cells and points in the numbers."
        yield Problem(file, 1, "", "", "semicolons between the cells", fix)
        return
    for column in header:
        if column not in known:
            fix = f"{_nearest(column, known)} The columns are described in docs/codebook.md."
            yield Problem(file, 1, column, column, "unknown column", fix)
    for column in {column for column in header if header.count(column) > 1}:
        yield Problem(file, 1, column, column, "the column appears twice", "Keep one.")
    for column, field in known.items():
        if field.is_required() and column not in header:
            yield Problem(file, 1, column, "", "required column is missing", "Add it.")


def _cell_problem(file: str, line: int, record: dict, model: type[Row], detail: dict) -> Problem:
    column = str(detail["loc"][0])
    message, fix = _explain(detail, model.model_fields[column].description or "")
    return Problem(file, line, column, record.get(column, ""), message, fix)


def _explain(detail: dict, description: str) -> tuple[str, str]:
    """Turn a validation error of pydantic into what is wrong and what to do."""
    context = detail.get("ctx", {})
    match detail["type"]:
        case "missing":
            return "must not be empty", f"Fill in: {description}."
        case "decimal_comma":
            return "decimal comma", "Write the number with a point, such as 1.5, and no thousands separator."
        case "finite_number":
            return "not a finite number", "Leave the cell empty when the value is unknown."
        case "decimal_parsing" | "decimal_type" | "int_parsing" | "int_type" | "int_from_float":
            kind = "a whole number" if detail["type"].startswith("int") else "a number"
            return f"not {kind}", "Write digits only, as printed; put anything else into `note`."
        case "greater_than" | "greater_than_equal" | "less_than" | "less_than_equal":
            words = {"gt": "above", "ge": "at least", "lt": "below", "le": "at most"}
            (key, limit) = next((key, context[key]) for key in words if key in context)
            return f"must be {words[key]} {limit}", f"This is: {description}. Check it against the source."
        case "literal_error":
            expected = [word.strip("'") for word in context["expected"].replace(" or ", ", ").split(", ")]
            return (
                "not one of the allowed words",
                f"{_nearest(str(detail['input']), expected)} Allowed: {', '.join(expected)}.",
            )
        case "taken":
            return detail["msg"], f"Choose another {description}."
        case "string_pattern_mismatch":
            return "not in the expected form", f"This is: {description}. Expected pattern: {context['pattern']}"
    return detail["msg"], f"This is: {description}."


def _nearest(word: str, known) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f"Did you mean `{close[0]}`?" if close else ""
