"""The stages of the pipeline on files: what each reads below a project, what it writes, and its work in between.

Snakemake starts each as a job (`workflow/scripts/stage.py`); `build` runs them one after another in this process.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from reanalysis.files.raw_files import data_files
from reanalysis.imports import code_files, imported_by, imported_first, module_file
from reanalysis.jobs import job
from reanalysis.pipeline import CLAIMS, FIGURES, FLOW, STAGES, Drawing, Given, Made, Stage
from reanalysis.problems import BadInput, errors, open_warnings, summary
from reanalysis.provenance import RECORDS, build_manifest, files, hashes, read_records, record_text
from reanalysis.results.checked import CHECKED, read_checked, write_rows
from reanalysis.results.rows import TABLES
from reanalysis.results.table import read_table, write_table
from reanalysis.schema.config import Config
from reanalysis.store import Store

RAW, CONFIG, RESULTS = Path("data/raw"), Path("config/config.yaml"), Path("results")
SCRIPT = "workflow/scripts/stage.py"
OWN = ("check", "checked", "report", "manifest")  # stages that work on files, each by a function of this module


# ---------------------------------------------------------------- what a stage rests on


def inputs(stage: Stage, formats: list[str]) -> dict[str, list[str]]:
    """Paths of what a stage reads, from the current folder and by kind: results, raw data, configuration and code."""
    found = {"made": [f"{RESULTS}/{file}" for file in stage.reads], "code": code(stage)}
    raw = [path.as_posix() for path in data_files(RAW)]
    match stage.name:
        case "check":
            found["raw"] = raw
        case "checked":
            apart = {f"{RAW}/{Path(file).name}" for file in (CLAIMS, FLOW)}
            found["raw"] = [path for path in raw if path not in apart]
        case "report" | "manifest":
            figures = (file for one in STAGES.values() for file in one.outputs(formats))
            found["made"] = list(dict.fromkeys([*found["made"], *(f"{RESULTS}/{file}" for file in figures)]))
            found["made"] = [path for path in found["made"] if path.removeprefix(f"{RESULTS}/") not in _later(stage)]
            found |= {"raw": raw, "config": [CONFIG.as_posix()]}
    return found


def _later(stage: Stage) -> set[str]:
    """What a stage and those after it make."""
    names = list(STAGES)
    return {file for name in names[names.index(stage.name) :] for file in STAGES[name].makes}


def outputs(stage: Stage, formats: list[str]) -> list[str]:
    """Paths of everything that a stage makes, files and folders."""
    return [f"{RESULTS}/{file}" for file in stage.outputs(formats)]


def code(stage: Stage) -> list[str]:
    """Paths of the code that a stage rests on, computed from the imports; of the manifest, all code there is."""
    if stage.name == "manifest":
        folders = (path for folder in ("src", "workflow") for path in Path(folder).rglob("*"))
        names = [path.as_posix() for path in folders if path.is_file() and path.suffix != ".pyc"]
        return ["Snakefile", "requirements/lock.txt", *sorted(names)]
    here, wiring = "reanalysis.stages", "reanalysis.pipeline"
    roots = imported_first(here) | imported_first(wiring) | imported_by(wiring, stage.name)
    roots |= imported_by(here, f"_{stage.name}") if stage.name in OWN else frozenset()
    roots |= imported_by(here, "_figure_row") if any(file.startswith(FIGURES) for file in stage.makes) else frozenset()
    roots -= {wiring}  # of which a stage needs its own function alone
    found = {module_file(here), module_file(wiring), *(path for root in roots for path in code_files(root))}
    return sorted({os.path.relpath(path) for path in found} | {SCRIPT})


# ---------------------------------------------------------------- its work


def run_stage(name: str, choices: Mapping[str, Mapping], started: Mapping[str, str] | None = None) -> None:
    """Do the work of a stage in the current folder.

    Parameters
    ----------
    name : of the stage.
    choices : the configuration of the run, by section.
    started : hashes of the raw data and the configuration when the run began, for the manifest.

    Ends the process with exit code 1 where the input is not sound; the log then says why.
    """
    stage, formats = STAGES[name], choices["figures"]["formats"]
    own = {section: choices[section] for section in stage.choices}
    read, makes = inputs(stage, formats), outputs(stage, formats)
    work = {"check": _check, "checked": _checked, "report": _report, "manifest": _manifest}.get(name, _tables)
    with job(f"{RESULTS}/logs/{name}.log", [path for paths in read.values() for path in paths], makes, own) as config:
        store = Store(RESULTS / RECORDS / f"{name}.store")
        made = _manifest(read, choices, started) if name == "manifest" else work(stage, config, store, read)
        for folder in (path for path in map(Path, makes) if not path.suffix):
            folder.mkdir(parents=True, exist_ok=True)
        for file, content in made.items():
            _write(RESULTS / file, file, content, config, store)
        store.save()


def _tables(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """What a stage makes of the tables that it reads."""
    evidence = read_checked(RESULTS, [file for file in stage.reads if file in CHECKED])
    tables = {file: read_table(RESULTS / file, TABLES[file]) for file in stage.reads if file in TABLES}
    return stage.function(Given(evidence, tables, config, store.recall))


def _check(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """What the checks found; warnings are told as well, and errors end the run."""
    from reanalysis.check import check, counted, listed
    from reanalysis.results.checked import checked_tables

    evidence, problems = check(RAW)
    if errors(problems):
        raise BadInput(problems)
    if open_warnings(problems):
        print(summary(problems), file=sys.stderr)
    found: Made = {"1_checked/problems.csv": listed(problems), "1_checked/checks.csv": counted(problems)}
    return found | checked_tables(evidence, stage.makes)


def _checked(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """The evidence as the analysis uses it."""
    from reanalysis.check import load_evidence
    from reanalysis.results.checked import checked_tables

    return dict(checked_tables(load_evidence(RAW), stage.makes))


def _report(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """The page, from the tables and figures of this run alone."""
    from reanalysis.report import build_report

    made = files(map(Path, read["made"]))
    return {"report.html": build_report(RESULTS, config, made, map(Path, [*read["raw"], *read["config"]]))}


def _manifest(read: Mapping[str, list[str]], choices: Mapping[str, Mapping], started: Mapping[str, str]) -> Made:
    """The record of the whole run; files that no stage makes any more are named."""
    others = hashes(map(Path, [*read["code"], *read["config"]]))
    records = read_records(RESULTS)
    records.pop(f"{RESULTS}/manifest.json", None)  # of this job, which is at work
    manifest = build_manifest(records, read["made"], dict(started), others, choices, Path())
    if manifest.orphans:
        names = "\n".join(f"  {path}" for path in manifest.orphans)
        print(f"These files of earlier runs are made no more; `make tidy` removes them:\n{names}", file=sys.stderr)
    return {"manifest.json": record_text(manifest)}


def _write(path: Path, file: str, content: object, config: Config, store: Store) -> None:
    """Write one thing that a stage has made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    match content:
        case Drawing(draw, arguments):
            formats, width = config.figures.formats, config.figures.width_mm
            render, rests_on = "reanalysis.figures.style:render", draw.partition(":")[0]
            pictures = store.recall(render, draw, arguments, width, formats, rests_on=rests_on)
            for form, picture in zip(formats, pictures, strict=True):
                path.with_name(f"{path.name}.{form}").write_bytes(picture)
        case str():
            path.write_text(content, encoding="utf-8", newline="")
        case _ if file in CHECKED:
            write_rows(path, CHECKED[file], content)
        case _:
            write_table(path, TABLES.get(file) or _figure_row(file), content)


def _figure_row(file: str) -> type:
    """What a row of the table of a figure is."""
    from reanalysis.figures.tables import row_type

    return row_type(file)


# ---------------------------------------------------------------- all stages in this process


def build(choices: Mapping[str, Mapping]) -> None:
    """Do all stages one after another in the current folder, as a run of Snakemake does."""
    started = hashes([*data_files(RAW), CONFIG])
    for name in STAGES:
        run_stage(name, choices, started)
