"""The stages of the pipeline on files: the paths that each rests on and makes, from the folder of the project."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from reanalysis.files.raw_files import FINDINGS, REVIEW, data_files
from reanalysis.imports import code_files, imported_by, imported_first, module_file
from reanalysis.pipeline import COMPARED, FIGURES, STAGES, Stage
from reanalysis.problems import Problem, nearest, summary
from reanalysis.provenance import RECORDS, hashes, replace_file, versions
from reanalysis.refused import Refused
from reanalysis.results.build import Basis, keep, kept_basis
from reanalysis.results.rows import DataProblem
from reanalysis.results.table import read_table
from reanalysis.schema.raw import APART

RAW, CONFIG, RESULTS = Path("data/raw"), Path("config/config.yaml"), Path("results")
PARTS = RESULTS / ".parts"  # what jobs make of some of the domains, until it is put together
PARTS_ASKED = "REANALYSIS_PARTS"  # in the environment: into how many parts; no choice of the analysis
FINDINGS_ON_A_PAGE = 500  # beyond which the report is divided
NOTE = RESULTS / RECORDS / "run.json"
LAST, BEFORE_LAST, PREVIOUS = (RESULTS / RECORDS / f"{name}.build" for name in ("last", "before_last", "previous"))
HOME = Path(__file__).parents[2]  # where code and workflow are; the review may be in any folder
SCRIPT = HOME / "workflow/scripts/stage.py"
JOBS, PIPELINE = "reanalysis.jobs", "reanalysis.pipeline"  # modules of which a stage needs its own functions alone


def open_in(results: Path) -> str:
    """The warnings of the last run that nobody has accepted, for the end of the screen; empty when there are none."""
    rows = read_table(results / "1_checked/problems.csv", DataProblem)
    return summary(
        Problem(row.file, row.line, row.column or "", row.value or "", row.message, row.fix or "", row.severity)
        for row in rows
        if row.accepted is None
    )


def no_review(folder: Path) -> str:
    """What to say of a folder that holds no review, such as one whose name is misspelt; empty where it does."""
    if (folder / CONFIG).exists() or (folder / RAW).exists():
        return ""
    folder = folder.resolve()
    reviews = {path.parents[1] for path in folder.parent.glob(f"*/{CONFIG}")}
    hint = nearest(folder.name, (review.name for review in reviews if (review / RAW).is_dir()))
    said = f"{folder.name} holds no review: neither {CONFIG} nor {RAW} is in it. {hint}".strip()
    return f"{said}\nA new review begins with `reanalysis new my-review`."


def demand_review(folder: Path) -> None:
    """Raise Refused where a folder holds no review."""
    if fault := no_review(folder):
        raise Refused(fault)


def data(stage: Stage) -> dict[str, list[str]]:
    """Paths of the data that a stage reads, from the current folder and by kind: results, raw data, configuration."""
    made = [f"{RESULTS}/{file}" for file in stage.reads]
    raw = [path.as_posix() for path in data_files(RAW)]
    match stage.name:
        case "check":
            return {"raw": raw}
        case "checked":
            apart = {f"{RAW}/{name}" for name in (*APART, REVIEW)}
            return {"raw": [path for path in raw if path not in apart]}
        case "described":
            return {"raw": [path for path in raw if path == f"{RAW}/{REVIEW}"]}
        case "changes":
            return {"made": made, "previous": [str(PREVIOUS)]}
        case "report" | "manifest":
            names = list(STAGES)
            before = (STAGES[name] for name in names[: names.index(stage.name)])
            return {
                "made": [path for one in before for path in outputs(one)],
                "raw": raw,
                "config": [str(CONFIG)],
            }
    return {"made": made}


def outputs(stage: Stage, place: Path = RESULTS) -> list[str]:
    """Paths of everything that a stage makes, files and folders, in the results or in the folder of a part."""
    return [f"{place}/{file}" for file in stage.makes]


def first_outputs() -> list[str]:
    """The first output of every job, after which its record is named."""
    return [outputs(stage)[0] for stage in STAGES.values()]


def code(stage: Stage) -> list[str]:
    """Paths of the code that a stage rests on, computed from the imports; of the manifest, all code there is."""
    if stage.name == "manifest":
        folders = (path for folder in ("src", "workflow") for path in (HOME / folder).rglob("*"))
        paths = [path for path in folders if path.is_file() and path.suffix != ".pyc"]
        return [os.path.relpath(path) for path in (HOME / "Snakefile", HOME / "requirements/lock.txt", *sorted(paths))]
    roots = imported_first(JOBS) | imported_first(PIPELINE) | {*imports(stage)}
    found = {path for root in roots for path in code_files(root, apart=PIPELINE)}
    found |= {module_file(JOBS), module_file("reanalysis.server")}
    return sorted(os.path.relpath(path) for path in {*found, SCRIPT})


def imports(stage: Stage) -> list[str]:
    """The modules that a stage imports when it is at work."""
    own = imported_by(JOBS, f"_{stage.name}") if stage.function is None else imported_by(PIPELINE, stage.name)
    draws = any(file.startswith(FIGURES) for file in stage.makes)
    return sorted(own | (imported_by(JOBS, "_figure_row") if draws else frozenset()))


# ---------------------------------------------------------------- stages in parts


def divided() -> dict[str, int]:
    """Into how many parts each stage is divided, by its name, for the review in the current folder; 1 is none.

    Of a stage that works domain by domain as many as the environment says; else a power of two, so that a review that
    grows seldom changes its parts. Raises Refused where the environment says something else.
    """
    if (asked := os.environ.get(PARTS_ASKED)) and (not asked.isdecimal() or int(asked) == 0):
        raise Refused(f"{PARTS_ASKED} is `{asked}`: it takes the number of parts, from 1 on, or nothing.")
    domains, findings = len(_findings_files()), size()

    def parts(stage: Stage) -> int:
        if not stage.by_domain:
            return 1
        if asked:
            return int(asked)
        number = 1
        while number * stage.at_once < findings and 2 * number <= domains:
            number *= 2
        return number

    return {name: parts(stage) for name, stage in STAGES.items()}


def size() -> int:
    """About how many findings the review in the current folder has: the lines of their files."""
    return sum(path.read_bytes().count(b"\n") for path in _findings_files())


def _findings_files() -> list[Path]:
    return [path for path in data_files(RAW) if path.parent.name == FINDINGS]


def part_folder(stage: Stage, part: int | str) -> str:
    """Path of the folder in which a part of a stage, which are numbered from 1, leaves what it makes."""
    return f"{PARTS}/{stage.name}/{part}"


# ---------------------------------------------------------------- a run tells its jobs


def announce(choices: Mapping[str, Mapping], parts: Mapping[str, int] | None = None) -> None:
    """Note for the jobs of a run in the current folder its choices and software, and its input when it began.

    `parts` is what `divided` gave when the run began.
    """
    began = hashes([*data_files(RAW), CONFIG])
    note = {"choices": choices, "software": software(), "started": began, "parts": parts or divided()}
    NOTE.parent.mkdir(parents=True, exist_ok=True)
    NOTE.write_text(json.dumps(note), encoding="utf-8")


def announced() -> dict:
    """What the run has noted: its choices by section, software, hashes of its input, and parts by stage."""
    return json.loads(NOTE.read_text(encoding="utf-8"))


# ---------------------------------------------------------------- builds that are compared


@cache
def software() -> dict[str, str]:
    """Versions by package, and under `code` one hash of all code of the analysis."""
    files = {path.resolve().relative_to(HOME).as_posix(): path for path in map(Path, code(STAGES["manifest"]))}
    texts = [name.encode() + path.read_bytes() for name, path in sorted(files.items())]
    return versions() | {"code": sha256(b"\0".join(texts)).hexdigest()[:12]}


def basis(choices: Mapping[str, Mapping], folder: Path = Path()) -> Basis:
    """What a build of a review follows from, in the current folder unless another is named."""
    return Basis(raw_hashes(folder), choices, software())


def raw_hashes(folder: Path = Path()) -> dict[str, str]:
    """SHA-256 of the raw data of a review, by path from its folder."""
    found = hashes(data_files(folder / RAW))
    return {Path(path).relative_to(folder).as_posix(): digest for path, digest in found.items()}


def set_aside(choices: Mapping[str, Mapping]) -> None:
    """Before a run: choose what it will be compared with, which is `PREVIOUS` and always there, if only empty.

    That is the last build; or, where data, choices and software are those of the last build still, the one that it was
    compared with itself: so a run that repairs or repeats tells the same.
    """
    source = BEFORE_LAST if kept_basis(LAST) == basis(choices) else LAST
    _copy(source, PREVIOUS)


def keep_build(choices: Mapping[str, Mapping]) -> None:
    """At the end of a run: keep it, and what it was compared with."""
    keep(LAST, RESULTS, basis(choices), COMPARED)
    _copy(PREVIOUS, BEFORE_LAST)


def _copy(source: Path, target: Path) -> None:
    """Make a file hold what another one holds, nothing if there is none; one that does already is left alone."""
    content = source.read_bytes() if source.exists() else b""
    if not target.exists() or target.read_bytes() != content:
        replace_file(target, content)
