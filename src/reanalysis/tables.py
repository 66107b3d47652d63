"""Write and read the result tables: tidy CSV, UTF-8, `.` decimals, empty for missing; same data, same bytes."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path
from typing import TypeVar, get_type_hints

from reanalysis.problems import BadInput, Problem
from reanalysis.schema.results import columns
from reanalysis.text_file import read_text

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
    """Read back what `write_table` wrote, with the types of the row's fields; empty cells become None.

    Raises BadInput, with file and line, where the table is not as it was written: cut, changed or of another version.
    """
    types = get_type_hints(row_type)
    text, problem = read_text(Path(path), str(path), math.inf)
    if problem:
        raise BadInput([problem])
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        if (header := next(records, [])) != columns(row_type):
            raise ValueError(f"the columns are not {', '.join(columns(row_type))}")
        for cells in records:
            values = zip(header, cells, strict=True)
            rows.append(row_type(**{name: types[name](cell) if cell else None for name, cell in values}))
    except (csv.Error, ValueError) as error:
        fix = "The file was cut or changed after it was written: remove it and run again."
        raise BadInput([Problem(str(path), records.line_num, "", "", str(error), fix)]) from None
    return rows


def _text(value) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return f"{value:.{SIGNIFICANT_DIGITS}g}" if isinstance(value, float) else str(value)
