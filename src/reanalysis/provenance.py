"""What made what: the record of every job, the manifest as that of a whole run, and what no longer agrees with them.

Freshness rests on content. A job notes the SHA-256 of everything that it read and made, its choices, and the versions
of the packages that computed; a result is up to date only as long as all of this is as it was. No time stamp counts.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from reanalysis.refused import Refused

NUMERIC_PACKAGES = (
    "fonttools",
    "matplotlib",
    "numpy",
    "pandas",
    "pingouin",
    "pydantic",
    "pypdfium2",
    "scipy",
    "seaborn",
    "snakemake",
    "statsmodels",
)
CODE = ("src/", "workflow/", "Snakefile")
RECORDS = ".record"
Hashes = dict[str, str]


class Changed(Refused):
    """Raised when a file was edited while the run was using it; the message says which and what to do."""


@dataclass(frozen=True)
class Record:
    """What a job, or a whole run, read and made: SHA-256 by path, and the choices and versions that it rests on."""

    versions: dict[str, str] = field(default_factory=dict)
    choices: dict[str, dict] = field(default_factory=dict)
    inputs: Hashes = field(default_factory=dict)
    outputs: Hashes = field(default_factory=dict)
    orphans: Hashes = field(default_factory=dict)
    """What earlier runs made and this one does not make any more."""


Kind = Literal[
    *("edited input", "missing input", "new input", "edited code", "missing code", "other choice", "other version"),
    *("edited output", "missing output", "unrecorded output"),
]


class Difference(NamedTuple):
    """What is not as the record says: a path, a choice such as `models.rho`, or a package."""

    kind: Kind
    what: str


# ---------------------------------------------------------------- content


def files(paths: Iterable[Path]) -> list[Path]:
    """The paths, with each folder replaced by the files in it, of which hidden ones, such as records, do not count."""
    return [file for path in paths for file in (sorted(_inside(path)) if path.is_dir() else [path])]


def _inside(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def hashes(paths: Iterable[Path]) -> Hashes:
    """SHA-256 of each file, by path, sorted."""
    return {path.as_posix(): _sha256(path) for path in sorted(set(paths))}


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def contents(root: Path) -> Callable[[str], str | None]:
    """SHA-256 of a path below `root` as it is now, None where there is no such file; each file is read once."""

    @cache
    def now(path: str) -> str | None:
        return _sha256(root / path) if (root / path).is_file() else None

    return now


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that compute and draw."""
    return {"python": platform.python_version()} | {name: _version(name) for name in NUMERIC_PACKAGES}


_version = cache(version)  # each is looked up in its installed files


# ---------------------------------------------------------------- records on disk


def record_path(output: Path) -> Path:
    """Where the record of the job stands whose first output this is: `results/.record/<output>.json`."""
    top, *rest = output.parts
    return Path(top, RECORDS, *rest[:-1], f"{rest[-1]}.json")


def write_record(path: Path, record: Record) -> None:
    """Write a record as JSON, the same bytes for the same content; never half of it."""
    replace_file(path, record_text(record).encode())


def replace_file(path: Path, content: bytes) -> None:
    """Write a file as a whole or not at all, creating its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)


def record_text(record: Record) -> str:
    """A record as JSON; same record, same text."""
    return json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n"


def read_record(path: Path) -> Record:
    """Read a record; one that is missing or damaged is an empty one, which proves nothing."""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        record = Record(**values)
        parts = vars(record).values()
    except (OSError, ValueError, TypeError):
        return Record()
    return record if all(isinstance(part, dict) for part in parts) else Record()


def read_records(results: Path) -> dict[str, Record]:
    """The records of all jobs, by their first output, such as `results/2_effects/ladder.csv`."""
    folder = results / RECORDS
    return {
        (results / path.relative_to(folder).with_suffix("")).as_posix(): read_record(path)
        for path in sorted(folder.rglob("*.json"))
    }


def unfinished(record: Record) -> Record:
    """The record of a job that is at work again: what it made before is proven no more, but was made here."""
    return Record(orphans=record.orphans | record.outputs)


def finished(record: Record, inputs: Hashes, outputs: Iterable[Path], choices: Mapping) -> Record:
    """The record of a job that has ended, given its unfinished one and the hashes of what it read."""
    made = hashes(files(outputs))
    left = {path: value for path, value in record.orphans.items() if path not in made and Path(path).is_file()}
    return Record(versions(), dict(choices), inputs, made, left)


# ---------------------------------------------------------------- what differs


def differences(record: Record, root: Path, choices: Mapping[str, Mapping] | None = None) -> list[Difference]:
    """Everything below `root` that is not as a record or manifest says; an empty list means that nothing differs.

    `choices` are those of now, by section of the configuration; without them the choices are not compared.
    """
    return _differences(record, contents(root), choices, versions())


def disagreeing(
    records: Iterable[Record], inputs: Iterable[str], choices: Mapping[str, Mapping], root: Path
) -> set[str]:
    """What parts of one job must not differ in, and do, given their records and the paths that each has to have read.

    Empty where all were made of these inputs as they are now, under these choices and by the packages of now, and what
    they made is as they left it.
    """
    now, installed, inputs = contents(root), versions(), set(inputs)
    found: set[str] = set()
    for record in records:
        found |= inputs ^ record.inputs.keys()
        found |= {difference.what for difference in _differences(record, now, choices, installed)}
    return found


def _differences(record: Record, now: Callable, choices: Mapping | None, installed: Mapping) -> list[Difference]:
    found = [_file(path, now(path), "code" if path.startswith(CODE) else "input", value)
             for path, value in record.inputs.items()]  # fmt: skip
    found += [_file(path, now(path), "output", value) for path, value in record.outputs.items()]
    if choices is not None:
        found += [
            Difference("other choice", f"{section}.{key}")
            for section, values in record.choices.items()
            for key in sorted({*values, *choices.get(section, {})})
            if values.get(key) != choices.get(section, {}).get(key)
        ]
    found += [
        Difference("other version", f"{name} {installed.get(name)} instead of {value}")
        for name, value in record.versions.items()
        if installed.get(name) != value
    ]
    return sorted(set(filter(None, found)))


def _file(path: str, now: str | None, role: str, value: str) -> Difference | None:
    if now == value:
        return None
    return Difference(f"{'missing' if now is None else 'edited'} {role}", path)


def outdated(
    records: Mapping[str, Record],
    planned: Iterable[str],
    raw: Iterable[str],
    choices: Mapping[str, Mapping],
    root: Path,
    jobs: Iterable[str] | None = None,
) -> tuple[set[str], list[Difference]]:
    """The outputs that must be made again, and why.

    Parameters
    ----------
    records : the records of all jobs, by their first output.
    planned : every output of the pipeline, files and folders.
    raw : the raw data files as they are now; a new one concerns every job that reads raw data.
    choices : those of now, by section of the configuration.
    root : the folder that all paths start from.
    jobs : the first output of every job, after which records are named; every planned output unless given. A record of
        a job that now begins with another output proves nothing.

    Returns
    -------
    Planned outputs, at least one of every job whose record does not agree with what is on disk, and the differences;
    a result that merely rests on another result is not named again.
    """
    planned = set(planned)
    records = {name: record for name, record in records.items() if name in (planned if jobs is None else jobs)}
    now, installed = contents(root), versions()
    made = {path for record in records.values() for path in record.outputs}
    begun = {path for record in records.values() if not record.versions for path in record.orphans}
    raw, read = set(raw), {path for record in records.values() for path in record.inputs}
    # Only a job that has read all the other raw data can tell that a file was not there.
    new = raw - read if any(raw & read <= record.inputs.keys() for record in records.values()) else set()
    folders = {Path(path).parent.as_posix() for path in raw}
    stale = {name for name, record in records.items() if not record.versions}  # those of jobs that were cut short
    found = {Difference("new input", path) for path in new}
    for name, record in records.items():
        differ = _differences(record, now, choices, installed)
        concerned = new and any(Path(path).parent.as_posix() in folders for path in record.inputs)
        if differ or concerned:
            stale.add(name)
        found |= {one for one in differ if one.kind[-5:] != "input" or one.what not in made | begun}
    proven = made | {parent.as_posix() for path in made for parent in Path(path).parents}
    left = {path for path in planned - proven if any(file.is_file() for file in files([root / path]))}
    return stale | left, sorted(found | {Difference("unrecorded output", path) for path in left})


SAID = {  # of one, of several
    "edited input": ("has changed: what rests on it is", "have changed: what rests on them is"),
    "missing input": ("is gone: what rested on it is", "are gone: what rested on them is"),
    "new input": ("is new: what rests on it is", "are new: what rests on them is"),
    "edited code": ("has changed: what it computes is", "have changed: what they compute is"),
    "missing code": ("is gone: what it computed is", "are gone: what they computed is"),
    "other choice": ("is chosen otherwise: what rests on it is", ""),
    "other version": ("computes now: everything is", ""),
    "edited output": ("is not as the run left it: it is", "are not as the run left them: they are"),
    "missing output": ("is missing: it is", "are missing: they are"),
    "unrecorded output": ("is from a run that did not finish: it is", "are from a run that did not finish: they are"),
}


def explain(found: Iterable[Difference]) -> list[str]:
    """A line for each difference, or for each folder with several: what is seen, and what is made again for it."""
    lines = []
    told = (difference for difference in found if RECORDS not in Path(difference.what).parts)
    for (kind, folder), group in groupby(sorted(told, key=_place), key=_place):
        names = [difference.what for difference in group]
        one, several = SAID[kind]
        if several and len(names) > 3:
            lines.append(f"{len(names)} files in {folder} {several} made again.")
        else:
            lines += [f"{name} {one} made again." for name in names]
    return lines


def _place(difference: Difference) -> tuple[str, str]:
    if difference.kind.endswith("code"):
        return difference.kind, "the code"
    return difference.kind, Path(difference.what).parent.as_posix()


# ---------------------------------------------------------------- the manifest


def build_manifest(
    records: Mapping[str, Record],
    planned: Iterable[str],
    started: Hashes,
    others: Hashes,
    choices: Mapping[str, Mapping],
    root: Path,
    jobs: Iterable[str] | None = None,
) -> Record:
    """The record of the whole run, made of the records of its jobs.

    Parameters
    ----------
    records : the records of all jobs, by their first output.
    planned : every output of the pipeline but the manifest, files and folders.
    started : hashes of the raw data and the configuration when the run began.
    others : hashes of further inputs, such as code that no job reads by itself.
    choices : those of the run, by section of the configuration.
    root : the folder that all paths start from.
    jobs : the first output of every job, as for `outdated`.

    Raises Changed when a file is not the one that was analysed, so that no manifest ever names such a file.
    """
    planned = set(planned)
    now = contents(root)
    edited = [path for path, value in started.items() if now(path) != value]
    named = planned if jobs is None else set(jobs)
    stale, found = outdated(records, planned, started, choices, root, named)
    edited += [difference.what for difference in found]
    if edited or stale:
        names = "\n".join(f"  {name}" for name in sorted(set(edited or stale)))
        raise Changed(f"Edited while the run was going on:\n{names}\nRun again: what rests on this is made again.")
    used = [record for name, record in records.items() if name in named]
    outputs = {path: value for record in used for path, value in record.outputs.items()}
    inputs = {path: value for record in used for path, value in record.inputs.items() if path not in outputs}
    earlier = [record.outputs for name, record in records.items() if name not in named]
    earlier += [record.orphans for record in records.values()]
    orphans = {path: value for part in earlier for path, value in part.items() if path not in outputs and now(path)}
    return Record(versions(), dict(choices), _sorted(others | started | inputs), _sorted(outputs), _sorted(orphans))


def _sorted(values: Hashes) -> Hashes:
    return dict(sorted(values.items()))
