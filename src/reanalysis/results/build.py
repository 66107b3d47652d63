"""A review with everything that follows from it, as one object; and the last builds, kept to be compared."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reanalysis.provenance import replace_file
from reanalysis.results.checked import CHECKED, REVIEW, checked_tables, read_checked
from reanalysis.results.rows import TABLES
from reanalysis.results.table import Row, read_table
from reanalysis.schema.config import Config, partial
from reanalysis.schema.evidence import Evidence


class Stored(Mapping[str, list[Row]]):
    """The tables in a folder of results, by file; each is read when it is asked for."""

    def __init__(self, results: Path):
        self._results, self._read = results, {}

    def __getitem__(self, file: str) -> list[Row]:
        if file not in self._read:
            self._read[file] = read_table(self._results / file, TABLES[file])
        return self._read[file]

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


@dataclass(frozen=True)
class Build:
    """A review: its evidence, its choices, and every table that follows from them, by file."""

    evidence: Evidence
    config: Config
    tables: Mapping[str, list[Row]]
    software: Mapping[str, str]
    """Versions by package, and the hash of the code."""
    folder: Path = Path()
    """Of the review, from which `data/raw/` and `results/` start."""

    @cached_property
    def checked(self) -> Mapping[str, list]:
        """The evidence as tables."""
        return checked_tables(self.evidence, CHECKED)


# ---------------------------------------------------------------- kept builds


@dataclass(frozen=True)
class Basis:
    """What a build follows from: the hashes of its raw data, its choices, its software."""

    raw: Mapping[str, str]
    choices: Mapping[str, Mapping]
    software: Mapping[str, str]


def keep(archive: Path, results: Path, basis: Basis, tables: Iterable[str]) -> None:
    """Keep what later builds are compared with: the checked evidence and these tables; never half of it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as kept:
        kept.writestr(_entry("basis.json"), json.dumps(vars(basis), sort_keys=True))
        for file in (*CHECKED, REVIEW, *tables):
            kept.writestr(_entry(file), (results / file).read_bytes())
    replace_file(archive, packed.getvalue())


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry without a time, so that the same build gives the same bytes."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def kept_basis(archive: Path) -> Basis | None:
    """What a kept build followed from; None where there is none, or where it is damaged."""
    try:
        with zipfile.ZipFile(archive) as kept:
            return Basis(**json.loads(kept.read("basis.json")))
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile):
        return None


def kept_build(archive: Path, folder: Path) -> Build | None:
    """A kept build, unpacked to a folder that is empty; None where there is none.

    Raises BadInput where a table of it cannot be read, such as one of an earlier version of the program.
    """
    if (basis := kept_basis(archive)) is None:
        return None
    with zipfile.ZipFile(archive) as kept:
        kept.extractall(folder)
    return Build(read_checked(folder), partial(basis.choices), Stored(folder), basis.software)
