"""Where a row stands in the files that people wrote, and what was corrected or accepted of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from reanalysis.check.corrections import Correction, read_corrections
from reanalysis.files.csv_file import lines_of, one_kind_of_line_end
from reanalysis.files.raw_files import CORRECTIONS
from reanalysis.files.text_file import read_text
from reanalysis.results.build import Build
from reanalysis.stages import RAW

Key = Mapping[str, str]


def place(build: Build, table: str, key: Key) -> str | None:
    """File and line of the row with this key, as the file is now; None where it is not there."""
    path = build.folder / RAW / table
    for line, cells in _rows(path, table, path.stat().st_mtime_ns) if path.is_file() else ():
        if all(cells.get(name, "") == value for name, value in key.items()):
            return f"{(RAW / table).as_posix()}, line {line}"
    return None


@lru_cache(maxsize=128)
def _rows(path: Path, table: str, _: int) -> list[tuple[int, dict[str, str]]]:
    """The rows of a raw table by line, cells as text; one that did not change is read once."""
    text, problem = read_text(path, table)
    if problem:
        return []
    lines, _ = lines_of(one_kind_of_line_end(text, table)[0], table)
    if not lines:
        return []
    (_, header), *body = lines
    names = [name.strip() for name in header]
    return [(line, {n: cell.strip() for n, cell in zip(names, cells, strict=False)}) for line, cells in body]


def decisions(build: Build, table: str, key: Key) -> Iterator[str]:
    """What people decided of a row: corrections of its cells, then warnings that are accepted or open."""
    entries, _ = read_corrections(build.folder / RAW / CORRECTIONS)
    for entry in entries:
        one = entry.content
        if isinstance(one, Correction) and one.target.table == table and _is_of(one.target.row, key):
            read = f"is read as {one.value}" if one.action == "replace" else "is left out"
            where = f"{(RAW / CORRECTIONS).as_posix()}, line {entry.line}"
            yield f"correction: {one.target.column} {one.expect} {read}, since {one.reason.rstrip('.')} ({where})"
    for row in build.tables.get("1_checked/problems.csv", ()):
        if row.file == table and row.key and _is_of(row.key, key):
            cell = f"{row.column} = {row.value}: " if row.column else ""
            state = f"accepted: {row.accepted}" if row.accepted else "open"
            yield f"warning ({row.check}): {cell}{row.message}; {state}"


def _is_of(row: Key, key: Key) -> bool:
    """Whether the cells that name a row are those of a key; a correction may leave out the coding."""
    return all(key.get(name) == value for name, value in row.items())
