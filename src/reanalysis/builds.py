"""Builds of a review: what the last run left, what follows from the data, and the data of a git revision."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from reanalysis import pipeline
from reanalysis.changes import compare
from reanalysis.check import check, load
from reanalysis.files.config_file import read_config
from reanalysis.files.raw_writing import finish
from reanalysis.problems import BadInput, Problem, errors
from reanalysis.provenance import RECORDS, read_record
from reanalysis.refused import Refused
from reanalysis.results.build import Basis, Build, Stored, kept_basis, kept_build
from reanalysis.results.checked import read_checked
from reanalysis.results.rows import Change
from reanalysis.schema.cells import is_day
from reanalysis.schema.config import Config, partial
from reanalysis.schema.evidence import Evidence
from reanalysis.stages import (
    CONFIG,
    LAST,
    PREVIOUS,
    RAW,
    RESULTS,
    basis,
    demand_review,
    no_review,
    raw_hashes,
    software,
)
from reanalysis.store import Store


class NoResults(Refused):
    """Raised where a folder holds no finished run."""


def read_build(folder: Path) -> Build:
    """The build that the last run left in `results/` of a review.

    Raises NoResults where no run has finished there, BadInput where a table is damaged.
    """
    if not (folder / RESULTS / "manifest.json").is_file():
        raise NoResults(no_review(folder) or f"{folder / RESULTS} holds no finished run. Run `reanalysis run` first.")
    return read_results(folder / RESULTS)


def read_last(folder: Path, tell: Callable[[str], None]) -> Build:
    """The same; where the data or the choices are others than those of that run, this is told."""
    build = read_build(folder)
    if (kept := kept_basis(folder / LAST)) and _changed_since(kept, folder):
        said = "The data or the choices have changed since the last run, whose numbers these are"
        tell(f"{said}: `reanalysis run` renews them.")
    return build


def _changed_since(kept: Basis, folder: Path) -> bool:
    try:
        choices = read_config(folder / CONFIG).plain
    except BadInput:
        return True
    return (kept.raw, kept.choices) != (raw_hashes(folder), choices)


def read_results(results: Path) -> Build:
    """The build in a folder of results.

    Raises NoResults where its manifest is damaged, BadInput where a table is.
    """
    manifest = read_record(results / "manifest.json")
    if not manifest.choices:
        raise NoResults(f"{results / 'manifest.json'} is damaged. Run `reanalysis run` again.")
    return Build(read_checked(results), partial(manifest.choices), Stored(results), manifest.versions, results.parent)


def compute_build(folder: Path, store: Store | None = None, wanted: Iterable[str] | None = None) -> Build:
    """The build that follows from `config/` and `data/raw/` of a review, computed in memory; no result is written.

    What the last run in `folder` computed is not computed again, unless another store is given. `wanted` are the tables
    that are needed, all unless given. Raises BadInput where the data or the choices cannot be used, Refused where the
    folder holds no review.
    """
    demand_review(folder)
    finish(folder / RAW)
    config = read_config(folder / CONFIG)
    evidence, problems = check(folder / RAW)
    if errors(problems):
        raise BadInput(problems)
    return build_of(evidence, config, store or last_run(folder), wanted, folder)


def build_of(
    evidence: Evidence, config: Config, store: Store, wanted: Iterable[str] | None = None, folder: Path = Path()
) -> Build:
    """The build that follows from checked evidence; of the tables, only those that are wanted, unless all are."""
    return Build(evidence, config, pipeline.run(evidence, config, store.recall, wanted), software(), folder)


@contextmanager
def standing_build(
    folder: Path, evidence: Evidence, problems: Iterable[Problem], config: Config, store: Store
) -> Iterator[Build | None]:
    """The build of a review as it stands, of which this is the evidence and what was found wrong with it.

    Where nothing has changed since the last run, it is the one which that run has kept. Where the data cannot be used,
    it is that of the last run as well; None if there was no run.
    """
    with TemporaryDirectory() as scratch:
        if errors(problems) or kept_basis(folder / LAST) == basis(config.plain, folder):
            yield kept_build(folder / LAST, Path(scratch))
        else:
            yield build_of(evidence, config, store, pipeline.COMPARED)


def evidence_now(folder: Path) -> Evidence:
    """The evidence of a review as it stands in `data/raw/`.

    Raises BadInput where it cannot be used, Refused where the folder holds no review.
    """
    demand_review(folder)
    return load(folder / RAW)


def examine(folder: Path, overrides: Mapping | None = None) -> list[Problem]:
    """Everything that is wrong with the data and the choices of a review, sorted.

    `overrides` are choices of the command line, by section. Raises Refused where the folder holds no review.
    """
    demand_review(folder)
    finish(folder / RAW)
    problems = check(folder / RAW)[1]
    try:
        read_config(folder / CONFIG, overrides)
    except BadInput as error:
        problems += error.problems
    return sorted(problems)


def last_run(folder: Path) -> Store:
    """What the last run in a folder has computed, to be recalled."""
    return Store(others=sorted((folder / RESULTS / RECORDS).glob("*.store")))


# ---------------------------------------------------------------- versions by name


@contextmanager
def version(name: str) -> Iterator[Build]:
    """A build by its name, as `reanalysis diff` takes it, for the review in the current folder.

    `previous`, `last` and `now` are those of this folder; any other name is a folder of results, a folder of a review,
    or a git revision, in this order. Raises Refused where there is none, BadInput where its data cannot be used.
    """
    with TemporaryDirectory() as scratch:
        if name == "previous":
            if (build := kept_build(PREVIOUS, Path(scratch))) is None:
                raise NoResults(
                    no_review(Path()) or "There is no previous build yet: it is kept when a run follows a change."
                )
            yield build
        elif name == "last":
            yield read_build(Path())
        elif name == "now":
            yield compute_build(Path(), wanted=pipeline.COMPARED)
        elif (Path(name) / "manifest.json").is_file():
            yield read_results(Path(name))
        elif Path(name).is_dir():
            yield compute_build(Path(name), last_run(Path()), pipeline.COMPARED)
        else:
            _check_out(name, Path(scratch))
            yield compute_build(Path(scratch), last_run(Path()), pipeline.COMPARED)


def difference(before: str, after: str) -> tuple[list[Change], str]:
    """What has changed between two versions, each by its name, and the title of the review."""
    with version(before) as old, version(after) as new:
        return compare(old, new), new.evidence.review.title


def _check_out(name: str, target: Path) -> None:
    """Write `config/` and `data/raw/` of the review in the current folder, as a git revision holds them, to a folder.

    A day, such as 2026-01-31, stands for the last revision of that day or before it. Raises Refused where git knows no
    such revision, or where it holds no review.
    """
    revision = name
    if is_day(name):
        revision = _git("rev-list", "-1", f"--before={name} 23:59:59", "HEAD").stdout.decode().strip()
        if not revision:
            oldest = _git("log", "--reverse", "--format=%cs", "HEAD").stdout.decode().partition("\n")[0]
            raise Refused(f"git has no revision of {name} or before it: the oldest is of {oldest}.")
    packed = _git("archive", "--format=tar", f"{revision}:./", str(CONFIG.parent), str(RAW))
    said = packed.stderr.decode()
    if "only goes back to" in said:  # of `HEAD@{1 month ago}` in a clone git knows nothing, and gives what is oldest
        raise Refused(f"This copy does not know how far back `{name}` is. Name the day, such as 2026-01-31, instead.")
    if packed.returncode:
        raise Refused(
            f"`{name}` is none of previous, last and now, no folder, no day in the form 2026-01-31, and no revision of "
            "git with a review in this folder."
        )
    subprocess.run(["tar", "-x", "-C", str(target)], input=packed.stdout, check=True)


def _git(*arguments: str) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(["git", *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        raise Refused("git is not installed: name builds or folders instead of revisions.") from None
