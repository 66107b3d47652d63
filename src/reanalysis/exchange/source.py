"""A file of another program, as lines of cells; and a result as such a file tells it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import NamedTuple

from reanalysis.files.csv_file import delimiter_of, lines_of, one_kind_of_line_end
from reanalysis.files.text_file import read_text
from reanalysis.problems import BadInput, Problem

MISSING = frozenset({"", "NA", "NaN", "#N/A", "NULL"})
INERT = re.compile(r"^'(?=[=+@-])")
"""The apostrophe that keeps a spreadsheet from running a cell as a formula."""
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")


class Record(NamedTuple):
    """A line of a file: its number, and its filled cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Source:
    """A file with its lines."""

    path: Path
    columns: list[str]
    records: list[Record]

    def problem(self, line: int, column: str, message: str, fix: str) -> Problem:
        """What is wrong with a line of the file, or with all of it (line 0)."""
        return Problem(self.path.name, line, column, "", message, fix)


@dataclass(frozen=True)
class Found:
    """A result as a file tells it."""

    line: int
    study: str
    """Label of the study."""
    cells: dict[str, str]
    """Cells of the finding, by their columns in the raw tables."""
    report: dict[str, str] = field(default_factory=dict)
    """What the file tells of the report: its year, its authors, a note."""
    labels: dict[str, str] = field(default_factory=dict)
    """How the file calls the contrast and the outcome, where that is more than a name."""
    comparison: str = "difference"
    """What its effect is: a difference of two sides, an association, or an interaction."""


def read_source(path: Path) -> Source:
    """The lines of a CSV, with commas, semicolons or tabs between the cells.

    Where these are no commas, a comma within a number is a decimal comma. A column without a name, which R writes for
    the names of rows, is passed over. Raises BadInput where the file cannot be read.
    """
    text, problem = read_text(path, path.name)
    if problem:
        raise BadInput([problem])
    text, _ = one_kind_of_line_end(text, path.name)
    lines, problems = lines_of(text, path.name)
    if not lines and not problems:
        problems = [Problem(path.name, 0, "", "", "the file is empty", "Name a file with a header and rows.")]
    if problems:
        raise BadInput(problems)
    (first, names), *body = lines
    header = [name.strip() for name in names]
    twice = sorted({name for name in header if name and header.count(name) > 1})
    problems = [Problem(path.name, first, name, name, "the column appears twice", "Keep one.") for name in twice]
    for line, cells in body:
        if len(cells) > len(header):
            message, fix = f"{len(cells)} cells under {len(header)} columns", "Quote cells that hold the separator."
            problems.append(Problem(path.name, line, "", "", message, fix))
    if problems:
        raise BadInput(problems)
    plain = _with_point if delimiter_of(text)[0] != "," else str
    return Source(path, header, [Record(line, _filled(header, map(plain, cells))) for line, cells in body])


def _filled(header: list[str], cells: Iterable[str]) -> dict[str, str]:
    plain = (INERT.sub("", " ".join(cell.split())) for cell in cells)
    return {name: cell for name, cell in zip(header, plain, strict=False) if name and cell not in MISSING}


def _with_point(cell: str) -> str:
    return cell.replace(",", ".") if DECIMAL_COMMA.fullmatch(cell) else cell


# ---------------------------------------------------------------- cells


def picked(cells: Mapping[str, str], *names: str, **renamed: str) -> dict[str, str]:
    """The filled cells among these columns; `renamed` gives the column of the file for one of the raw tables."""
    columns = {name: name for name in names} | renamed
    return {name: cells[column] for name, column in columns.items() if column in cells}


def has(cells: Mapping[str, str], *names: str) -> bool:
    """Whether all of these are filled."""
    return all(name in cells for name in names)


def sized(cells: Mapping[str, str]) -> dict[str, str]:
    """The cells with counts as whole numbers: `155.0`, as many programs write them, becomes `155`."""
    counts = ("n1i", "n2i", "ni", "ai", "ci")
    return {name: re.sub(r"\.0+$", "", cell) if name in counts else cell for name, cell in cells.items()}


def number(cell: str | None) -> Decimal | None:
    """The number in a cell; None where it holds none."""
    try:
        value = Decimal(cell or "")
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def direction(comparison: str, *, positive: bool) -> str:
    """The sign of an effect, in the words of the raw tables."""
    if comparison == "association":
        return "positive" if positive else "negative"
    return "group_1_higher" if positive else "group_2_higher"
