"""The stages as jobs: their files are read and written, a log and a record kept, and what is wrong is explained.

Snakemake starts each by `workflow/scripts/stage.py`; `build` does them one after another in this process.
"""

from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reanalysis.locks import lock
from reanalysis.pipeline import STAGES, Drawing, Given, Made, Stage
from reanalysis.problems import BadInput, errors, open_warnings, summary
from reanalysis.provenance import (
    RECORDS,
    Changed,
    build_manifest,
    contents,
    files,
    finished,
    hashes,
    read_record,
    read_records,
    record_path,
    record_text,
    unfinished,
    write_record,
)
from reanalysis.refused import refusal
from reanalysis.results.checked import CHECKED, REVIEW, checked_tables, read_checked, review_text, write_rows
from reanalysis.results.rows import TABLES
from reanalysis.results.table import read_table, write_table
from reanalysis.schema.config import Config, partial
from reanalysis.stages import (
    RAW,
    RESULTS,
    announce,
    announced,
    code,
    data,
    first_outputs,
    keep_build,
    outputs,
    set_aside,
)
from reanalysis.store import Call, Store


@contextmanager
def job(
    log: str, inputs: Iterable[str], outputs: Iterable[str], choices: Mapping[str, Mapping] | None = None
) -> Iterator[Config]:
    """Do the work of a job in the body; the record is written last, so that what was cut short proves nothing.

    The body is given the configuration, as far as `choices` has its sections. Paths start from the current folder.
    On failure the reason is written to `log`, and the process ends with exit code 1. Bad input, input that was edited
    while the job was reading it, and a disk that cannot be written to are explained without a traceback; anything else
    is a defect and leaves its traceback in the log.
    """
    inputs, outputs = list(map(Path, inputs)), list(map(Path, outputs))
    path, note = Path(log), record_path(outputs[0])
    own = lock(Path(outputs[0].parts[0], RECORDS, "jobs.lock"), exclusive=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
        before = hashes(files(inputs))
        record = unfinished(read_record(note))
        write_record(note, record)
        yield partial(choices or {})
        now = contents(Path())
        if edited := [name for name, value in before.items() if now(name) != value]:
            raise Changed(f"{', '.join(edited)}: edited while it was being read. Run again.")
        write_record(note, finished(record, before, outputs, choices or {}))
    except Exception as error:
        _say_why(path, refusal(error) or traceback.format_exc().rstrip())
        sys.exit(1)
    finally:
        if own:
            own.close()


def _say_why(log: Path, reason: str) -> None:
    """Write to the log why a job ends; on the screen, where the disk is full."""
    try:
        log.write_text(f"{reason}\n", encoding="utf-8")
    except OSError:
        print(reason, file=sys.stderr)


# ---------------------------------------------------------------- the work of a stage


def run_stage(name: str, cores: int = 1) -> None:
    """Do the work of a stage in the current folder, for the run that was announced, on so many cores.

    Ends the process with exit code 1 where the input is not sound; the log then says why.
    """
    note = announced()
    stage, choices = STAGES[name], note["choices"]
    own = {section: choices[section] for section in stage.choices}
    read, makes = {**data(stage), "code": code(stage)}, outputs(stage)
    work = {"check": _check, "checked": _checked, "described": _described, "changes": _changes, "report": _report}.get(
        name, _tables
    )
    with job(f"{RESULTS}/logs/{name}.log", [path for paths in read.values() for path in paths], makes, own) as config:
        store = Store(RESULTS / RECORDS / f"{name}.store")
        made = _manifest(read, choices, note["started"]) if name == "manifest" else work(stage, config, store, read)
        for folder in (path for path in map(Path, makes) if not path.suffix):
            shutil.rmtree(folder, ignore_errors=True)  # nothing of an earlier run stays in it
            folder.mkdir(parents=True)
        store.prepare([_rendering(one, config) for one in made.values() if isinstance(one, Drawing)], cores)
        for file, content in made.items():
            write(RESULTS, file, content, config, store.recall)
        store.save()


def _tables(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """What a stage makes of the tables that it reads."""
    evidence = read_checked(RESULTS, [file for file in stage.reads if file in (*CHECKED, REVIEW)])
    tables = {file: read_table(RESULTS / file, TABLES[file]) for file in stage.reads if file in TABLES}
    return stage.function(Given(evidence, tables, config, store.recall))


def _check(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """What the checks found; warnings are told as well, and errors end the run."""
    from reanalysis.check import check, counted, listed

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

    return dict(checked_tables(load_evidence(RAW), stage.makes))


def _described(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """What the review says of itself."""
    from reanalysis.check import load_review

    return {REVIEW: review_text(load_review(RAW))}


def _changes(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """What has changed since the previous build; nothing in the first one."""
    from tempfile import TemporaryDirectory

    from reanalysis.changes import compare
    from reanalysis.results.build import Build, Stored, kept_build

    now = Build(read_checked(RESULTS), config, Stored(RESULTS), announced()["software"])
    with TemporaryDirectory() as folder:
        before = kept_build(Path(*read["previous"]), Path(folder))
        return {stage.makes[0]: compare(before, now) if before else []}


def _report(stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]]) -> Made:
    """The page, from the tables and figures of this run alone."""
    from reanalysis.report import build_report

    made = files(map(Path, read["made"]))
    return {"report.html": build_report(RESULTS, config, made, map(Path, [*read["raw"], *read["config"]]))}


def _manifest(read: Mapping[str, list[str]], choices: Mapping[str, Mapping], started: dict[str, str]) -> Made:
    """The record of the whole run; files that no stage makes any more are named."""
    others = hashes(map(Path, [*read["code"], *read["config"]]))
    records = read_records(RESULTS)
    records.pop(f"{RESULTS}/manifest.json", None)  # of this job, which is at work
    manifest = build_manifest(records, read["made"], started, others, choices, Path(), first_outputs())
    if manifest.orphans:
        names = "\n".join(f"  {path}" for path in manifest.orphans)
        print(f"These files of earlier runs are made no more; `make tidy` removes them:\n{names}", file=sys.stderr)
    keep_build(choices)
    return {"manifest.json": record_text(manifest)}


def write(results: Path, file: str, content: object, config: Config, recall: Callable) -> None:
    """Write one thing that a stage has made: rows of a table, a Drawing in every configured format, or text."""
    path = results / file
    path.parent.mkdir(parents=True, exist_ok=True)
    match content:
        case Drawing():
            function, arguments, rests_on = _rendering(content, config)
            pictures = recall(function, *arguments, rests_on=rests_on)
            for form, picture in zip(config.figures.formats, pictures, strict=True):
                path.with_name(f"{path.name}.{form}").write_bytes(picture)
        case str():
            path.write_text(content, encoding="utf-8", newline="")
        case _ if file in CHECKED:
            write_rows(path, CHECKED[file], content)
        case _:
            write_table(path, TABLES.get(file) or _figure_row(file), content)


def _rendering(drawing: Drawing, config: Config) -> Call:
    """The call that gives the files of a drawing, one for each format."""
    arguments = drawing.draw, drawing.arguments, config.figures.width_mm, config.figures.formats
    return Call("reanalysis.figures.style:render", arguments, drawing.draw.partition(":")[0])


def _figure_row(file: str) -> type:
    """What a row of the table of a figure is."""
    from reanalysis.figures.tables import row_type

    return row_type(file)


# ---------------------------------------------------------------- all stages in this process


def build(choices: Mapping[str, Mapping], cores: int = 1, tell: Callable[[str], None] = lambda purpose: None) -> None:
    """Do all stages one after another in the current folder, as a run of Snakemake does.

    `tell` is given the purpose of each stage when it begins.
    """
    set_aside(choices)
    announce(choices)
    for name, stage in STAGES.items():
        tell(stage.purpose)
        run_stage(name, cores)
