"""The tables that go into the page, cell by cell as they are stored: nothing is rounded or computed again."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from reanalysis.figures.cells_table import PLOTS
from reanalysis.figures.tables import FIGURE_TABLES
from reanalysis.problems import Problem
from reanalysis.schema.raw import RAW_TABLES
from reanalysis.schema.results import RESULT_TABLES

DOMAIN = "<domain>"


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

    def for_script(self) -> dict:
        """What the script of the page needs of it."""
        return {"meaning": self.meaning, "columns": self.columns, "rows": self.rows}


def stored_tables(results: Path, made: Collection[Path], domains: list[str]) -> dict[str, Table]:
    """Every table among the files `made`, by name; one that exists for each domain is joined in their order."""
    known = {
        "1_checked/problems.csv": Problem,
        **{f"1_checked/{_checked(name)}": model for name, model in RAW_TABLES.items()},
        **{name.split(", ")[-1]: row for name, row in RESULT_TABLES.items()},
        **FIGURE_TABLES,
        "5_figures/table1.csv": None,
    }
    tables = {}
    for name, model in known.items():
        names = [name.replace(DOMAIN, domain) for domain in domains] if DOMAIN in name else [name]
        paths = [results / name for name in names if results / name in made]
        if paths:
            tables[name] = _read(name, paths, model)
    return tables | {table.name: table for table in _of_cells(results, made)}


def _of_cells(results: Path, made: Collection[Path]) -> Iterator[Table]:
    """The tables beside the figures of cells; the last part of a name is the kind of the figure."""
    for path in sorted(path for path in made if path.parent == results / "5_figures/cells" and path.suffix == ".csv"):
        yield _read(path.relative_to(results).as_posix(), [path], PLOTS[path.stem.rpartition("--")[2]])


def _checked(name: str) -> str:
    """Name of a raw table after checking, where the findings of all domains are one table."""
    return f"{name.partition('/')[0]}.csv" if "/" in name else name


def _read(name: str, paths: list[Path], model: type | None) -> Table:
    columns, rows = [], []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            columns, *body = csv.reader(handle)
            rows += body
    known = _descriptions(model)
    meaning = (model.__doc__ or "").partition("\n")[0].rstrip(".") if model else ""
    return Table(name, meaning, {column: known.get(column, "") for column in columns}, rows)


def _descriptions(model: type | None) -> dict[str, str]:
    if model is None:
        return {}
    if is_dataclass(model):
        return {field.name: field.metadata.get("description", "") for field in fields(model)}
    return {name: field.description or "" for name, field in model.model_fields.items()}
