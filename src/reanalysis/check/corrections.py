"""What people decided about single cells: corrections to what a source prints, and warnings that they accept.

Each is guarded by the value it expects to find. One whose target is missing, whose guard does not hold, or that changes
nothing is an error: it is stale.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date as Date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reanalysis.check.catalog import Cells
from reanalysis.check.kinds import CORRECTION
from reanalysis.check.review_file import malformed
from reanalysis.files.raw_files import CORRECTIONS
from reanalysis.files.text_file import read_text
from reanalysis.files.yaml_file import yaml_of
from reanalysis.problems import Problem, choices, errors, nearest
from reanalysis.schema.cells import NO_FORMULA

Reason = Annotated[str, Field(min_length=10), NO_FORMULA]
Name = Annotated[str, Field(min_length=2), NO_FORMULA]
FORM = "See the comment at the head of the file for the form of an entry."


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Target(_Strict):
    """The cell that a correction is about; `row` names the key cells that pick the row."""

    table: str
    row: Annotated[dict[str, str], Field(min_length=1)]
    column: str


class Place(_Strict):
    """What an accepted warning is about: a cell, a row, or a table as a whole."""

    table: str
    row: dict[str, str] = {}
    column: str = ""


class Correction(_Strict):
    """A cell that is read as something else, with the reason and the guard."""

    target: Target
    expect: str
    action: Literal["replace", "empty"]
    value: str = ""
    reason: Reason
    by: Name | None = None
    date: Date | None = None


class Acceptance(_Strict):
    """A warning that a person has looked into: `check` and `expect` are its name and value in `problems.csv`."""

    target: Place
    action: Literal["accept"]
    check: Annotated[str, Field(min_length=1)]
    expect: str
    reason: Reason
    by: Name
    date: Date


ACTIONS = [word for model in (Correction, Acceptance) for word in get_args(model.model_fields["action"].annotation)]


@dataclass(frozen=True, eq=False)
class Entry:
    """An entry of the file, with its line."""

    line: int
    content: Correction | Acceptance

    def stale(self, message: str, fix: str = "") -> Problem:
        """The problem of an entry that does not fit the data."""
        target = self.content.target
        fix = fix or "Remove the entry if the data have changed, or update it."
        place = (CORRECTIONS, self.line, target.column, ", ".join(target.row.values()))
        return Problem(*place, message, fix, CORRECTION.severity, CORRECTION.id)


def read_corrections(path: Path) -> tuple[list[Entry], list[Problem]]:
    """Read `corrections.yaml`; a missing file means no corrections."""
    if not (path.exists() or path.is_symlink()):
        return [], []
    text, problem = read_text(path, CORRECTIONS)
    if problem:
        return [], [problem]
    entries, problems = _entries(text)
    return list(entries), list(problems)


@lru_cache(maxsize=4)
def _entries(text: str) -> tuple[list[Entry], list[Problem]]:
    """The entries in a text, and what is wrong with it; a text that did not change is read once."""
    file = yaml_of(text, CORRECTIONS, as_text=True)
    problems = list(file.problems)
    if file.data in (None, ""):
        return [], problems
    if not isinstance(file.data, list):
        message = "not a list of entries"
        return [], [*problems, Problem(CORRECTIONS, 1, "", "", message, f"Begin every entry with `- target:`. {FORM}")]
    entries: list[Entry] = []
    for index, values in enumerate(file.data):
        action = values.get("action") if isinstance(values, dict) else None
        if isinstance(action, str) and action not in ACTIONS:
            line, fix = file.line((index, "action")), choices(action, ACTIONS)
            problems.append(Problem(CORRECTIONS, line, "action", action, "not one of the allowed words", fix))
            continue
        model = Acceptance if action == "accept" else Correction
        try:
            entries.append(Entry(file.line((index,)), model.model_validate(values)))
        except ValidationError as error:
            problems += [malformed(file, model, detail, FORM, (index,)) for detail in error.errors()]
    return entries, problems


def apply(
    entries: Iterable[Entry], table: str, columns: Collection[str], records: list[tuple[int, Cells]]
) -> tuple[list[tuple[int, Cells]], list[Problem]]:
    """Apply the corrections of one table to its records `(line, cells)`; returns new records and problems.

    `columns` are those that the table may have.
    """
    problems: list[Problem] = []
    records = list(records)
    rows = _Rows({place: cells for place, (_, cells) in enumerate(records)})
    for entry in entries:
        correction = entry.content
        if not isinstance(correction, Correction) or correction.target.table != table:
            continue
        target = correction.target
        if unknown := _unknown(entry, columns):
            problems.append(unknown)
            continue
        hits = rows.matching(target.row)
        if len(hits) != 1:
            problems.append(entry.stale(f"matches {len(hits)} rows of {table} instead of one"))
            continue
        line, cells = records[hits[0]]
        found = cells.get(target.column, "")
        new = correction.value if correction.action == "replace" else ""
        if found != correction.expect:
            problems.append(entry.stale(f"expects {correction.expect!r} at {table}:{line} but finds {found!r}"))
        elif found == new:
            problems.append(entry.stale(f"changes nothing at {table}:{line}"))
        else:
            changed = {column: cell for column, cell in {**cells, target.column: new}.items() if cell}
            records[hits[0]] = line, changed
            rows.change(hits[0], changed, target.column)
    return records, problems


def accept(
    problems: Iterable[Problem], entries: Iterable[Entry], rows: Mapping[str, Mapping[int, Cells]]
) -> list[Problem]:
    """The problems, with the reason in `accepted` for each warning that a person has accepted.

    `rows` are the cells of each table by line, after corrections. An entry is an error where it matches no warning,
    where the warning has another value than it expects, or where what it names is an error. While there are errors,
    warnings may not have been looked for yet, so that no entry is blamed for one that is missing.
    """
    problems = list(problems)
    sound = not errors(problems)
    entries = [one for one in entries if isinstance(one.content, Acceptance) and one.content.target.table in rows]
    tables = {table: _Rows(dict(rows[table])) for table in {entry.content.target.table for entry in entries}}
    found_by: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, problem in enumerate(problems):
        found_by[problem.file, problem.check].append(place)
    wrong: list[Problem] = []
    stale: list[Problem] = []
    for entry in entries:
        asked = entry.content
        own = rows[asked.target.table]
        count = len(tables[asked.target.table].matching(asked.target.row))
        if asked.target.row and count != 1:
            stale.append(entry.stale(f"matches {count} rows of {asked.target.table} instead of one"))
            continue
        here = [i for i in found_by[asked.target.table, asked.check] if _is_about(problems[i], asked, own)]
        open_ones = [i for i in here if problems[i].severity == "warning"]
        hits = [i for i in open_ones if problems[i].value == asked.expect]
        if here and not open_ones:
            wrong.append(entry.stale(f"{asked.check} is an error here, not a warning", "Correct the data instead."))
        elif not open_ones:
            stale.append(entry.stale(f"no warning of {asked.check} in this place"))
        elif not hits:
            found = ", ".join(repr(problems[i].value) for i in open_ones)
            stale.append(entry.stale(f"expects {asked.expect!r} but the warning is about {found}"))
        elif any(problems[i].accepted for i in hits):
            stale.append(entry.stale("accepts a warning that is accepted already"))
        for i in hits:
            problems[i] = replace(problems[i], accepted=f"{asked.reason} ({asked.by}, {asked.date})")
    return problems + wrong + (stale if sound else [])


def unknown_tables(entries: Iterable[Entry], tables: Collection[str]) -> list[Problem]:
    """Entries that name a table which does not exist."""
    unknown = [entry for entry in entries if entry.content.target.table not in tables]
    return [
        entry.stale(f"names an unknown table {table}", f"{nearest(table, tables)} Name a file below data/raw.")
        for entry in unknown
        for table in [entry.content.target.table]
    ]


class _Rows:
    """Rows that are found by some of their cells, without a look at all of them."""

    def __init__(self, rows: dict[int, Cells]):
        self.rows = rows
        self.by: dict[str, dict[str, list[int]]] = {}

    def matching(self, key: Mapping[str, str]) -> list[int]:
        """The places of the rows with these cells, of all rows where none are given."""
        if not key:
            return list(self.rows)
        column, value = next(iter(key.items()))
        if column not in self.by:
            self.by[column] = defaultdict(list)
            for place, cells in self.rows.items():
                self.by[column][cells.get(column, "")].append(place)
        return [place for place in self.by[column].get(value, ()) if _matches(self.rows[place], key)]

    def change(self, place: int, cells: Cells, column: str) -> None:
        """Put another row in a place, which differs in a column."""
        self.rows[place] = cells
        self.by.pop(column, None)


def _is_about(problem: Problem, asked: Acceptance, rows: Mapping[int, Cells]) -> bool:
    """Whether a problem of the check and the table that are asked for is in the place that is."""
    place = asked.target
    return place.column in ("", problem.column) and (
        _matches(rows.get(problem.line, {}), place.row) if place.row else problem.line not in rows
    )


def _unknown(entry: Entry, columns: Collection[str]) -> Problem | None:
    """The problem of an entry that names a column which the table cannot have."""
    target = entry.content.target
    for column in (*target.row, target.column):
        if column not in columns:
            fix = f"{nearest(column, columns)} The columns are described in docs/codebook.md."
            return entry.stale(f"names an unknown column `{column}` of {target.table}", fix)
    return None


def _matches(cells: Cells, key: Mapping[str, str]) -> bool:
    return all(cells.get(column, "") == value for column, value in key.items())
