"""A review with all its tables, as a run left them on disk or computed in memory: what commands compare and explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from reanalysis import pipeline
from reanalysis.check import check
from reanalysis.files.config_file import read_config
from reanalysis.problems import BadInput, Problem, errors
from reanalysis.provenance import RECORDS, read_record
from reanalysis.refused import Refused
from reanalysis.results.checked import CHECKED, checked_tables, read_checked
from reanalysis.results.rows import TABLES
from reanalysis.results.table import Row, read_table
from reanalysis.schema.config import Config, partial
from reanalysis.schema.evidence import Evidence
from reanalysis.stages import CONFIG, RAW, RESULTS, no_review
from reanalysis.store import Store


class NoResults(Refused):
    """Raised where a folder holds no finished run."""


class _FromDisk(Mapping[str, list[Row]]):
    """The tables in a folder of results, each read when it is asked for."""

    def __init__(self, results: Path):
        self._results, self._read = results, {}

    def __getitem__(self, file: str) -> list[Row]:
        if file not in self._read:
            self._read[file] = read_table(self._results / file, TABLES[file])
        return self._read[file]

    def __iter__(self):
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)


@dataclass(frozen=True)
class Build:
    """A review: its evidence, its choices, and every table that follows from them, by file."""

    evidence: Evidence
    config: Config
    tables: Mapping[str, list[Row]]
    folder: Path
    """Of the review, from which `data/raw/` and `results/` start."""
    problems: tuple[Problem, ...] = ()
    """What the check found, where the build was computed."""

    @cached_property
    def checked(self) -> Mapping[str, list]:
        """The evidence as tables."""
        return checked_tables(self.evidence, CHECKED)


def read_build(folder: Path) -> Build:
    """The build that the last run left in `results/` of a review.

    Raises NoResults where no run has finished there, BadInput where a table is damaged.
    """
    results = folder / RESULTS
    manifest = read_record(results / "manifest.json")
    if not manifest.choices:
        raise NoResults(no_review(folder) or f"{results} holds no finished run. Run `reanalysis run` first.")
    return Build(read_checked(results), partial(manifest.choices), _FromDisk(results), folder)


def compute_build(folder: Path, store: Store | None = None) -> Build:
    """The build that follows from `config/` and `data/raw/` of a review, computed in memory; nothing is written.

    What the last run in `folder` computed is not computed again, unless another store is given. Raises BadInput where
    the data or the choices cannot be used.
    """
    if fault := no_review(folder):
        raise Refused(fault)
    config = read_config(folder / CONFIG)
    evidence, problems = check(folder / RAW)
    if errors(problems):
        raise BadInput(problems)
    tables = pipeline.run(evidence, config, (store or last_run(folder)).recall)
    return Build(evidence, config, tables, folder, tuple(problems))


def examine(folder: Path) -> list[Problem]:
    """Everything that is wrong with the data and the choices of a review, sorted.

    Raises Refused where the folder holds no review.
    """
    if fault := no_review(folder):
        raise Refused(fault)
    problems = check(folder / RAW)[1]
    try:
        read_config(folder / CONFIG)
    except BadInput as error:
        problems += error.problems
    return sorted(problems)


def last_run(folder: Path) -> Store:
    """What the last run in a folder has computed, to be recalled."""
    return Store(others=sorted((folder / RESULTS / RECORDS).glob("*.store")))
