"""Read a CSV of the raw data into validated rows, collecting every problem on the way."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from reanalysis.check import kinds
from reanalysis.check.catalog import Cells, Located, R, Table
from reanalysis.check.corrections import Entry, apply, nearest
from reanalysis.files.csv_file import lines_of, one_kind_of_line_end, used
from reanalysis.files.text_file import UNSEEN, read_text, unseen
from reanalysis.problems import Problem
from reanalysis.schema.cells import Row, formula_fault
from reanalysis.schema.faults import explained

LONGEST = 32_767  # characters of a cell, as in Excel
ERROR_VALUE = re.compile(r"#(NAME\?|REF!|VALUE!|DIV/0!|NUM!|NULL!|N/A|WERT!|BEZUG!|ZAHL!|NV)|#{3,}")


def read_table(path: Path, model: type[R], name: str, corrections: Iterable[Entry] = ()) -> Table[R]:
    """Read a CSV, apply the corrections that name it, and validate every row against its model.

    `name` is the path under `data/raw/`, as messages and corrections call the file. Never raises for bad content: what
    is wrong is in `problems`. Commas, semicolons or tabs may stand between the cells, and any line ends after them;
    empty rows, and empty columns without a name, are passed over.
    """
    text, problem = read_text(path, name)
    if problem and name.startswith("findings/") and not os.path.lexists(path):
        problem = replace(problem, fix=f"{problem.fix} Without findings, the header line alone is enough.")
    if problem:
        return Table(name, (), tuple(kinds.READABLE.stamped([problem])))
    return _parsed(text, model, name, tuple(one for one in corrections if one.content.target.table == name))


@lru_cache(maxsize=128)
def _parsed(text: str, model: type[R], name: str, corrections: tuple[Entry, ...]) -> Table[R]:
    """The table in a text; a text that did not change, nor what corrects it, is parsed once."""
    text, problems = one_kind_of_line_end(text, name)
    lines, torn = lines_of(text, name)
    if not lines and not torn:
        torn = [Problem(name, 0, "", "", "the file is empty", "Write at least the header.")]
    problems = list(kinds.READABLE.stamped([*problems, *torn]))
    if torn:
        return Table(name, (), tuple(problems))
    (first, header), *body = lines
    filled = max((used(cells) for _, cells in body), default=0)
    header = [column if column.strip() else "" for column in header[: max(used(header), filled)]]
    if wrong := list(kinds.HEADER.stamped(_header_problems(name, first, header, body, model))):
        return Table(name, (), (*problems, *wrong))
    records, refused, wrong = _records(name, header, body)
    records, stale = apply(corrections, name, model.model_fields, records)
    problems += [*kinds.ROW_LENGTH.stamped(wrong), *kinds.CORRECTION.stamped(stale)]
    rows: list[Located[R]] = []
    for line, record in records:
        spoilt = {column: fault for column, cell in record.items() if (fault := _from_a_spreadsheet(cell))}
        wrong = [Problem(name, line, column, record[column], *fault) for column, fault in spoilt.items()]
        try:
            rows.append(Located(line, model.model_validate(record)))
        except ValidationError as error:
            refused.append(record)
            details = [detail for detail in error.errors() if detail["loc"][0] not in spoilt]
            wrong += [_cell_problem(name, line, record, model, detail) for detail in details]
        problems += kinds.CELL.stamped(wrong)
    return Table(name, tuple(rows), tuple(problems), tuple(refused), dict(records))


def _records(name: str, header: list[str], lines) -> tuple[list[tuple[int, Cells]], list[Cells], list[Problem]]:
    """Pair the cells with their columns, leaving out the empty ones; rows with too many or too few come apart."""
    records, refused, problems = [], [], []
    for line, cells in lines:
        if not len(cells) >= len(header) >= used(cells):
            message = f"{len(cells)} cells under {len(header)} columns"
            fix = "Give every row one cell per column; quote cells that hold a comma."
            problems.append(Problem(name, line, "", "", message, fix))
            refused.append(dict(zip(header, cells, strict=False)))
            continue
        record = {}
        for column, cell in zip(header, cells, strict=False):
            if not column or not cell:
                continue
            problems += [Problem(name, line, column, cell, *fault) for fault in _faults_of_text(cell)]
            if plain := _plain(cell):
                record[column] = plain
        records.append((line, record))
    return records, refused, problems


def _plain(cell: str) -> str:
    """A cell without what is not seen, and without the space at its ends."""
    if not (cell.isascii() and cell.isprintable()):  # as most are, and quicker than to search them
        cell = UNSEEN.sub("", cell)
    return cell.strip()


def _faults_of_text(cell: str) -> Iterator[tuple[str, str]]:
    """What no cell may hold, whatever its column: what is wrong and what to do."""
    if cell.isprintable() and cell == cell.strip() and len(cell) <= LONGEST and "\ufffd" not in cell:
        return  # as nearly all are
    if found := next(unseen(cell), None):
        at, sign = found
        yield f"character {at} is {sign}", "It came with copied text: delete it, or type the cell anew."
    if re.search(r"[\n\t]", cell.strip()):
        yield "a line break or a tab inside the cell", "Write a space in its place."
    elif cell != cell.strip():
        yield "space at the ends", "Remove it."
    if len(cell) > LONGEST:
        yield f"{len(cell):,} characters in one cell", "A quotation mark that is not closed may swallow the rows below."


def _from_a_spreadsheet(cell: str) -> tuple[str, str] | None:
    """A cell that holds no content of its own: what is wrong and what to do."""
    if ERROR_VALUE.fullmatch(cell):
        return "an error value of a spreadsheet", "Look the content up in the source and type it again."
    return formula_fault(cell)


def _header_problems(
    file: str, line: int, header: list[str], body: list[tuple[int, list[str]]], model: type[Row]
) -> Iterator[Problem]:
    known = model.model_fields
    for index, column in enumerate(header):
        filled = [at for at, cells in body if index < len(cells) and cells[index].strip()]
        if not column and filled:
            message = f"column {index + 1} ({_letters(index)} in a spreadsheet) has cells but no name"
            yield Problem(file, filled[0], "", "", message, "Name it in the header, or empty it.")
        elif column and column not in known:
            plain = _plain(column)
            hint = nearest(plain, known)
            fix = f"{hint} The columns are described in docs/codebook.md."
            signs = "".join(f", with {sign}" for _, sign in unseen(column))
            yield Problem(file, line, repr(column)[1:-1], repr(column)[1:-1], f"unknown column{signs}", fix.strip())
    for column in sorted({column for column in header if column and header.count(column) > 1}):
        yield Problem(file, line, column, column, "the column appears twice", "Keep one.")
    for column, about in known.items():
        if about.is_required() and column not in header:
            yield Problem(file, line, column, "", "required column is missing", "Add it.")


def _letters(index: int) -> str:
    """Name of a column in a spreadsheet: A, ..., Z, AA."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


def _cell_problem(file: str, line: int, record: dict, model: type[Row], detail: dict) -> Problem:
    column = str(detail["loc"][0])
    message, fix = _explain(detail, model.model_fields[column].description or "")
    return Problem(file, line, column, record.get(column, ""), message, fix.strip())


def _explain(detail: dict, description: str) -> tuple[str, str]:
    """What is wrong with a cell and what to do, of an error of pydantic."""
    if detail["type"] == "missing":
        return "must not be empty", f"Fill in: {description}."
    message, fix = explained(detail)
    if detail["type"] in ("fault", "string_too_long"):
        return message, fix
    return message, f"{fix or 'Check it against the source.'} This is: {description}."
