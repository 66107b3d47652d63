"""Corrections to what a source prints: applied to the raw cells, each guarded by the value it expects to find.

A correction whose target is missing, whose guard does not hold, or that changes nothing is an error: it is stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reanalysis.check.problems import Problem

Cells = dict[str, str]


class Target(BaseModel):
    """The cell that a correction is about; `row` names the key cells that pick the row."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    table: str
    row: Annotated[dict[str, str], Field(min_length=1)]
    column: str


class Correction(BaseModel):
    """One correction, with the reason and the guard."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    target: Target
    expect: str
    action: Literal["replace", "empty"]
    value: str = ""
    reason: Annotated[str, Field(min_length=10)]


def read_corrections(path: Path) -> tuple[list[Correction], list[Problem]]:
    """Read `corrections.yaml`; a missing file means no corrections."""
    if not path.exists():
        return [], []
    fix = "See the comment at the head of the file for the form of an entry."
    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        return TypeAdapter(list[Correction]).validate_python(entries), []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return [], [Problem(path.name, 0, "", "", f"cannot be read: {error}".replace("\n", " "), fix)]
    except ValidationError as error:
        return [], [
            Problem(path.name, 0, ".".join(map(str, detail["loc"])), str(detail["input"])[:60], detail["msg"], fix)
            for detail in error.errors()
        ]


def apply(
    corrections: list[Correction], table: str, records: list[tuple[int, Cells]]
) -> tuple[list[tuple[int, Cells]], list[Problem]]:
    """Apply the corrections of one table to its records `(line, cells)`; returns new records and problems."""
    problems: list[Problem] = []
    records = list(records)
    for correction in corrections:
        target = correction.target
        if target.table != table:
            continue
        hits = [i for i, (_, cells) in enumerate(records) if _matches(cells, target.row)]
        if len(hits) != 1:
            problems.append(_stale(correction, f"matches {len(hits)} rows of {table} instead of one"))
            continue
        line, cells = records[hits[0]]
        found = cells.get(target.column, "")
        new = correction.value if correction.action == "replace" else ""
        if found != correction.expect:
            problems.append(_stale(correction, f"expects {correction.expect!r} at {table}:{line} but finds {found!r}"))
        elif found == new:
            problems.append(_stale(correction, f"changes nothing at {table}:{line}"))
        else:
            changed = {**cells, target.column: new}
            records[hits[0]] = line, {column: cell for column, cell in changed.items() if cell}
    return records, problems


def unused(corrections: list[Correction], tables: Mapping[str, object] | set[str]) -> list[Problem]:
    """Corrections that name a table which does not exist."""
    return [_stale(c, f"names an unknown table {c.target.table}") for c in corrections if c.target.table not in tables]


def _matches(cells: Cells, key: dict[str, str]) -> bool:
    return all(cells.get(column) == value for column, value in key.items())


def _stale(correction: Correction, message: str) -> Problem:
    row = ", ".join(correction.target.row.values())
    fix = "Remove the correction if the data were mended, or update it."
    return Problem("corrections.yaml", 0, correction.target.column, row, message, fix)
