"""What a row of a result table is, and how tables are written and read.

A row in memory is the row that its file holds: missing is None, numbers carry the digits of the file, lists are tuples.
So a stage gives the same result whether the one before it ran in this process or left its tables on disk.
"""

from __future__ import annotations

import csv
import io
import math
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, fields, replace
from functools import cache
from operator import index
from pathlib import Path
from sys import intern
from typing import Any, NamedTuple, TypeVar, get_origin, get_type_hints

from reanalysis.files.text_file import read_text
from reanalysis.problems import BadInput, Problem
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.cells import bare

SIGNIFICANT_DIGITS = 12  # beyond what any input supports, short of where machines differ
SEPARATOR = "; "
MADE_AGAIN = (
    "No run has finished it, or it was changed since, or is of another version: `reanalysis run` makes it again."
)
R = TypeVar("R")
T = TypeVar("T", bound="Row")
D = TypeVar("D")  # has a domain


def col(description: str, of: str | None = None) -> Any:
    """A column with its entry for the codebook; empty unless given. `of` is the checked table whose keys it holds."""
    return field(default=None, metadata={"description": description, "of": of})


def several(description: str, of: str | None = None) -> Any:
    """A column that holds any number of texts, which stand in one cell, separated by `;`; `of` is as for `col`."""
    return field(default=(), metadata={"description": f"{description}, separated by `;`", "of": of})


def links(row: type[Row]) -> dict[str, str]:
    """The columns that hold keys, and of which checked table."""
    return {f.name: f.metadata["of"] for f in fields(row) if f.metadata.get("of")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A row of a result table. Every cell may be empty: None, or no items where it holds several.

    Values are brought to what the file holds: nan and empty text are missing, a number has 12 significant digits, and
    numpy's types become Python's. Raises ValueError where a text of several would be read as two.

    A row has slots and no dictionary: a large review has hundreds of thousands of rows, with up to 60 columns each.
    """

    def __post_init__(self):
        for name, kind in _kinds(type(self)).items():
            if (stored := kind.stored(given := getattr(self, name))) is not given:
                object.__setattr__(self, name, stored)  # a frozen row sets its own cells here, and nowhere else

    def by_column(self) -> dict[str, Any]:
        """The values of the row by the names of their columns, in order."""
        return {name: getattr(self, name) for name in _kinds(type(self))}


class Only(NamedTuple):
    """Which lines of a table are wanted: those with one of these values in a column."""

    column: str
    values: Collection[str]


class CellKey(NamedTuple):
    """What may be pooled together: findings of one domain, contrast, outcome group and metric."""

    domain: str
    contrast: str
    outcome_group: str
    metric: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CellRow(Row):
    """A row that belongs to one cell: what may be pooled together."""

    domain: str | None = col("domain", of="domains")
    contrast: str | None = col("what is compared", of="contrasts")
    outcome_group: str | None = col("what is measured", of="outcomes")
    metric: str | None = col("scale of the effect: SMD (Hedges' g), SMCC (within participants) or ZCOR (Fisher's z)")

    @property
    def cell(self) -> CellKey:
        """The cell that the row belongs to."""
        return CellKey(self.domain, self.contrast, self.outcome_group, self.metric)


C = TypeVar("C", bound=CellRow)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelRow(CellRow):
    """A row that belongs to one model of one cell."""

    model: str | None = col("name of the model")

    @property
    def fit(self) -> tuple[CellKey, str]:
        """The cell and the model."""
        return self.cell, self.model


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerRow(ModelRow):
    """A row of a model that may be Bayesian: then it has the posterior probabilities by which claims are judged."""

    prob_below: float | None = col("posterior probability that the average effect is below zero (Bayesian models)")
    prob_beyond_below: float | None = col("that it is below minus the margin, the smallest effect that matters")
    prob_beyond_above: float | None = col("that it is above the margin")
    prob_new_below: float | None = col("that the true effect of a new study is below zero")
    prob_mixed: float | None = col(
        "that at least `models.mixed_share` of the true effects lie beyond the margin on either side"
    )

    @property
    def shown(self) -> bool:
        """Whether figures show it as an answer: the posterior of a single sample is there for the claims alone."""
        return self.k > 1 or not MODELS[self.model].judges


def fit_of(row: ModelRow) -> tuple[CellKey, str]:
    """The cell and the model of a row, as a key to sort and group by."""
    return row.fit


def cell_of(row: CellRow) -> CellKey:
    """The cell that a row belongs to, as a key to sort and group by."""
    return row.cell


def places(names: Iterable[str]) -> dict[str, int]:
    """The place of each name among those that differ, in the order in which they first come."""
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def by_domain(rows: Iterable[D]) -> dict[str | None, list[D]]:
    """Rows by their domain, in their order; a domain without a row has an empty list."""
    found: dict[str | None, list[D]] = defaultdict(list)
    for row in rows:
        found[row.domain].append(row)
    return found


def by_cell(rows: Iterable[C]) -> dict[CellKey, list[C]]:
    """Rows by their cell, both in the order in which they come; a cell without a row has an empty list."""
    found: dict[CellKey, list[C]] = defaultdict(list)
    for row in rows:
        found[row.cell].append(row)
    return found


# ---------------------------------------------------------------- kinds of columns


class _Kind(NamedTuple):
    """How a column keeps a value in memory, writes it into a cell, and reads it from a cell that is not empty."""

    stored: Callable[[Any], Any]
    text: Callable[[Any], str]
    read: Callable[[str], Any]


def _number(value: Any) -> float | None:
    if value is None or math.isnan(value):
        return None
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") + 0.0  # no negative zero


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(f"`{text}` is neither true nor false")
    return text == "true"


def _known_truth(value: Any) -> bool:
    if value not in (True, False):
        raise ValueError(f"`{value}` is neither true nor false")
    return bool(value)


def _texts(values: Iterable[str]) -> tuple[str, ...]:
    if isinstance(values, str):
        raise ValueError(f"`{values}` is one text in the place of several")
    kept = tuple(map(str, values))
    if any(not text or SEPARATOR in text for text in kept):
        raise ValueError(f"no text of several may be empty or hold `{SEPARATOR}`: {kept}")
    return kept


def _missing_or(kind: type) -> Callable[[Any], Any]:
    return lambda value: None if value is None else kind(value)


KINDS = {
    float: _Kind(_number, lambda value: f"{value:.{SIGNIFICANT_DIGITS}g}", float),
    int: _Kind(_missing_or(index), str, int),
    bool: _Kind(_missing_or(_known_truth), lambda value: str(value).lower(), _truth),
    str: _Kind(lambda value: None if value is None else str(value) or None, str, intern),
    tuple: _Kind(_texts, SEPARATOR.join, lambda text: tuple(text.split(SEPARATOR))),
}


@cache
def _kinds(row: type[Row]) -> dict[str, _Kind]:
    """The kind of each column of a row type."""
    return {name: KINDS[kind] for name, kind in column_types(row).items()}


def column_types(row: type[Row]) -> dict[str, type]:
    """What the columns of a table hold, each where it is not empty: a key of `KINDS`."""
    hints = get_type_hints(row)
    kinds = {f.name: bare(hints[f.name])[0] for f in fields(row)}
    return {name: get_origin(kind) or kind for name, kind in kinds.items()}


# ---------------------------------------------------------------- files


def columns(row: type[Row]) -> list[str]:
    """Column names of a table, in order."""
    return [f.name for f in fields(row)]


def table_text(row_type: type[T], rows: Iterable[T]) -> str:
    """Rows as tidy CSV: `.` decimals, an empty cell for missing; same rows, same text."""
    buffer, kinds = io.StringIO(newline=""), _kinds(row_type)
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(kinds)
    writer.writerows([_cell(kind, getattr(row, name)) for name, kind in kinds.items()] for row in rows)
    return buffer.getvalue()


def _cell(kind: _Kind, value: Any) -> str:
    return "" if value is None else kind.text(value)


def write_table(path: str | Path, row_type: type[T], rows: Iterable[T]) -> None:
    """Write rows as CSV in UTF-8 with one column per field, creating the folder."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table_text(row_type, rows), encoding="utf-8", newline="")


def read_table(path: str | Path, row_type: type[T], only: Only | None = None) -> list[T]:
    """Read back what `write_table` wrote: the same rows, or only some of them.

    Raises BadInput, with file and line, where the table is not as it was written: cut, changed or of another version.
    """
    kinds = _kinds(row_type)
    return read_records(
        Path(path),
        list(kinds),
        lambda cells: row_type(**{name: kinds[name].read(c) for name, c in cells.items()}),
        only,
    )


def read_records(
    path: Path, names: list[str], row_of: Callable[[dict[str, str]], R], only: Only | None = None
) -> list[R]:
    """What `row_of` makes of the filled cells of each line of a table with these columns, or only of some lines.

    The file is read line by line, so that no more is in memory than what is returned. Raises BadInput, with file and
    line, where the columns are others or `row_of` raises ValueError.
    """
    if not path.is_file():
        raise _unreadable(path)
    rows = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            records = csv.reader(handle, strict=True)
            if next(records, []) != names:
                raise ValueError(f"the columns are not {', '.join(names)}")
            place = names.index(only.column) if only else 0
            for cells in records:
                if only is None or len(cells) <= place or cells[place] in only.values:
                    rows.append(row_of({name: cell for name, cell in zip(names, cells, strict=True) if cell}))
    except (OSError, UnicodeDecodeError):
        raise _unreadable(path) from None
    except (csv.Error, ValueError) as error:
        raise BadInput([Problem(str(path), records.line_num, "", "", str(error), MADE_AGAIN)]) from None
    return rows


def column_values(path: Path, column: str) -> list[str]:
    """The values of a column of a table in the order of their first rows, each once."""
    with path.open(encoding="utf-8", newline="") as handle:
        rows = csv.reader(handle)
        place = next(rows).index(column)
        return list(dict.fromkeys(row[place] for row in rows))


def join_tables(target: Path, parts: Iterable[Path]) -> None:
    """Write the rows of tables that have the same columns as one table, in their order, creating the folder."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as joined:
        for place, path in enumerate(parts):
            with path.open("rb") as part:
                names = part.readline()
                joined.write(b"" if place else names)
                shutil.copyfileobj(part, joined)


def _unreadable(path: Path) -> BadInput:
    """Why a file is no text that can be read."""
    _, problem = read_text(path, str(path), math.inf)
    return BadInput([replace(problem, fix=MADE_AGAIN)])
