"""The tables that go into the page, cell by cell as they are stored: nothing is rounded or computed again."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from reanalysis.figures.tables import FIGURE_TABLES, row_type
from reanalysis.results.checked import CHECKED
from reanalysis.results.rows import TABLES

FOREST = "5_figures/forest/<domain>.csv"


@dataclass(frozen=True)
class Table:
    """A stored table: its file (with `<domain>` where there is one for each), what a row is, columns and rows."""

    name: str
    meaning: str
    columns: dict[str, str]  # with their descriptions
    rows: list[list[str]]

    def records(self) -> list[dict[str, str]]:
        """The rows by column, every cell as text."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def for_script(tables: Mapping[str, Table]) -> dict:
    """What the script of the page needs of the tables: every text once, the most frequent first, and rows of places.

    Most cells recur, in their own table or in others: so the page is half as large.
    """
    counted = Counter(cell for table in tables.values() for row in table.rows for cell in row)
    texts = [text for text, _ in counted.most_common()]
    place = {text: n for n, text in enumerate(texts)}
    return {
        "texts": texts,
        "tables": {
            name: {
                "meaning": table.meaning,
                "columns": table.columns,
                "rows": [[place[cell] for cell in row] for row in table.rows],
            }
            for name, table in tables.items()
        },
    }


def stored_tables(results: Path, made: Collection[Path]) -> dict[str, Table]:
    """Every table among the files `made`, in the order of stages; the tables of the forest plots are one."""
    tables = sorted(path.relative_to(results).as_posix() for path in made if path.suffix == ".csv")
    known = [*CHECKED, *TABLES, *FIGURE_TABLES]
    groups: dict[str, list[str]] = {name: [] for name in known}
    for file in tables:
        groups.setdefault(FOREST if file.startswith("5_figures/forest/") else file, []).append(file)
    return {name: _read(name, [results / file for file in files]) for name, files in groups.items() if files}


def _read(name: str, paths: list[Path]) -> Table:
    model = CHECKED.get(name) or row_type(name)
    columns, rows = [], []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            columns, *body = csv.reader(handle)
            rows += body
    known = descriptions(model)
    return Table(name, meaning(model), {column: known.get(column, "") for column in columns}, rows)


def meaning(model: type) -> str:
    """What a row is."""
    return (model.__doc__ or "").partition("\n")[0].rstrip(".")


def descriptions(model: type) -> dict[str, str]:
    """What the columns of a table mean, by name, in their order."""
    if is_dataclass(model):
        return {field.name: field.metadata.get("description", "") for field in fields(model)}
    return {name: field.description or "" for name, field in model.model_fields.items()}
