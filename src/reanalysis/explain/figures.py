"""Which figures show a row, by the tables that lie beside them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from reanalysis.explain.tree import Part, part, rows_of
from reanalysis.figures.forest_table import finding_mark
from reanalysis.pipeline import FIGURES
from reanalysis.results.build import Build
from reanalysis.results.rows import Effect
from reanalysis.results.table import SEPARATOR, CellKey
from reanalysis.stages import RESULTS

Record = Mapping[str, str]
Shows = Callable[[str, Record], bool]
"""Whether the row of a table, whose file comes first, shows something."""
CELLS = f"{FIGURES}/cells.csv"


def figures(build: Build, *shows: Shows) -> Part | None:
    """The figures in whose tables any of `shows` finds a row: their files, and the numbers of the rows.

    A table without a picture, such as that of a domain in which no effect has a size, counts as well.
    """
    results = build.folder / RESULTS
    lines = []
    for path in sorted((results / FIGURES).rglob("*.csv")):
        file = path.relative_to(results).as_posix()
        places = [at for at, row in records(path) if file != CELLS and any(one(file, row) for one in shows)]
        if places:
            drawn = [end.lstrip(".") for end in (".svg", ".pdf", ".png") if path.with_suffix(end).is_file()]
            lines.append(f"{file} ({', '.join(drawn) or 'a table alone'}), {rows_of(places)}")
    return part("Figures that show it", lines)


def records(path: Path) -> Iterator[tuple[int, Record]]:
    """The rows of a table as text, with their numbers as a spreadsheet counts them."""
    yield from _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def _read(path: Path, _: int) -> list[tuple[int, Record]]:
    """The rows of a table; one that did not change is read once."""
    with path.open(encoding="utf-8", newline="") as handle:
        return list(enumerate(csv.DictReader(handle), 2))


def of_finding(effect: Effect) -> Shows:
    """A coding of a finding, alone or with others of its sample."""
    mark = finding_mark(effect)

    def shows(_: str, record: Record) -> bool:
        together = record.get("finding_ids", "").split(SEPARATOR)
        return record.get("mark_id") == mark or (effect.coding == "primary" and effect.finding_id in together)

    return shows


def of_sample(sample_id: str) -> Shows:
    """A sample, or a model without it or up to it."""

    def shows(_: str, record: Record) -> bool:
        return record.get("sample_id") == sample_id or record.get("mark_id", "").endswith(f"--{sample_id}")

    return shows


def of_cell(build: Build, cell: CellKey) -> Shows:
    """A cell; in figures that know no metric, its outcome."""
    own, needed = _of_cell_alone(build, cell), cell._asdict()

    def shows(file: str, record: Record) -> bool:
        names = CellKey._fields if "metric" in record else CellKey._fields[:3]
        return file in own or all(record.get(name) == needed[name] for name in names)

    return shows


def of_unit(build: Build, cell: CellKey, sample_id: str) -> Shows:
    """A sample among those that are pooled in a cell, as a whole."""
    in_cell, is_sample = of_cell(build, cell), of_sample(sample_id)
    return lambda file, record: record.get("kind") != "finding" and is_sample(file, record) and in_cell(file, record)


def _of_cell_alone(build: Build, cell: CellKey) -> set[str]:
    """The tables of the figures about a cell alone."""
    path = build.folder / RESULTS / CELLS
    rows = records(path) if path.is_file() else ()
    return {f"{FIGURES}/{row['file']}.csv" for _, row in rows if tuple(row[name] for name in CellKey._fields) == cell}
