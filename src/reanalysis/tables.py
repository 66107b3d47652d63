"""Write and read the result tables: tidy CSV, UTF-8, `.` decimals, empty for missing; same data, same bytes."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path
from typing import TypeVar, get_type_hints

from reanalysis.schema.results import columns

T = TypeVar("T")
SIGNIFICANT_DIGITS = 12  # beyond what any input supports, short of where machines differ


def write_table(path: str | Path, row_type: type[T], rows: Iterable[T]) -> None:
    """Write dataclass rows as CSV with one column per field, creating the folder."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns(row_type))
        writer.writerows([_text(value) for value in astuple(row)] for row in rows)


def read_table(path: str | Path, row_type: type[T]) -> list[T]:
    """Read back what `write_table` wrote, with the types of the row's fields; empty cells become None."""
    types = get_type_hints(row_type)
    with Path(path).open(encoding="utf-8", newline="") as handle:
        return [
            row_type(**{name: types[name](cell) if cell else None for name, cell in record.items()})
            for record in csv.DictReader(handle)
        ]


def _text(value) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.{SIGNIFICANT_DIGITS}g}" if isinstance(value, float) else str(value)
