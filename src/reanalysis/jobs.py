"""The stages as jobs: their files are read and written, a log and a record kept, and what is wrong is explained.

Snakemake starts each by `workflow/scripts/stage.py`; `build` does them one after another in this process.
"""

from __future__ import annotations

import shutil
import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reanalysis.locks import lock
from reanalysis.pipeline import STAGES, Drawing, Given, Made, Stage, before
from reanalysis.problems import BadInput, errors, open_warnings, summary
from reanalysis.provenance import (
    RECORDS,
    Changed,
    build_manifest,
    contents,
    disagreeing,
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
from reanalysis.results.table import Only, column_values, columns, join_tables, read_table, write_table
from reanalysis.schema.config import Config, partial
from reanalysis.stages import (
    FINDINGS_ON_A_PAGE,
    PARTS,
    RAW,
    RESULTS,
    announce,
    announced,
    code,
    data,
    first_outputs,
    keep_build,
    outputs,
    part_folder,
    set_aside,
    size,
)
from reanalysis.store import Call, Store


@contextmanager
def job(
    log: str,
    inputs: Iterable[str],
    outputs: Iterable[str],
    choices: Mapping[str, Mapping] | None = None,
    note: Path | None = None,
) -> Iterator[Config]:
    """Do the work of a job in the body; the record is written last, so that what was cut short proves nothing.

    The body is given the configuration, as far as `choices` has its sections. Paths start from the current folder; the
    record is named after the first output, unless `note` says where it stands.
    On failure the reason is written to `log`, and the process ends with exit code 1. Bad input, input that was edited
    while the job was reading it, and a disk that cannot be written to are explained without a traceback; anything else
    is a defect and leaves its traceback in the log.
    """
    inputs, outputs = list(map(Path, inputs)), list(map(Path, outputs))
    path, note = Path(log), note or record_path(outputs[0])
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


def run_stage(name: str, cores: int = 1, of: int = 1, part: int | None = None) -> None:
    """Do the work of a stage in the current folder, for the run that was announced, on so many cores.

    A stage that works domain by domain may be divided: then each of its `of` parts, numbered from 1, is done by a call
    of its own, in any order, and one without a `part` puts them together. The results are the same, byte for byte.
    Ends the process with exit code 1 where the input is not sound; the log then says why.
    """
    note = announced()
    stage, choices = STAGES[name], note["choices"]
    own = {section: choices[section] for section in stage.choices}
    read = {**data(stage), "code": code(stage)}
    inputs = [path for paths in read.values() for path in paths]
    if part is not None:
        _do_part(stage, part, of, cores, inputs, own)
        return
    work = {"check": _check, "checked": _checked, "described": _described, "changes": _changes, "report": _report}.get(
        name, _tables
    )
    with job(f"{RESULTS}/logs/{name}.log", inputs, outputs(stage), own) as config:
        if of > 1:
            _put_together(stage, of, inputs, own)
            _forget_others(name, [_store(name, part, of) for part in range(1, of + 1)])
            return
        store = Store(_store(name), others=[path for one in before(stage) for path in _stores(one)])
        _forget_others(name, [store.path])
        made = _manifest(read, choices, note["started"]) if name == "manifest" else work(stage, config, store, read)
        _write_all(RESULTS, stage, made, config, store, cores)


def _write_all(place: Path, stage: Stage, made: Made, config: Config, store: Store, cores: int) -> None:
    """Write what a stage has made, and what it computed for that; figures are drawn on so many cores."""
    _empty_folders(place, stage)
    store.prepare([_rendering(one, config) for one in made.values() if isinstance(one, Drawing)], cores)
    for file, content in made.items():
        write(place, file, content, config, store.recall)
    store.save()


def _empty_folders(place: Path, stage: Stage) -> None:
    """Make the folders that a stage fills; nothing of an earlier run stays in them."""
    for folder in (path for path in map(Path, outputs(stage, place)) if not path.suffix):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)


def _tables(
    stage: Stage, config: Config, store: Store, read: Mapping[str, list[str]], domains: Collection[str] | None = None
) -> Made:
    """What a stage makes of the tables that it reads, of all domains or of some."""
    evidence = read_checked(RESULTS, [file for file in stage.reads if file in (*CHECKED, REVIEW)], domains)
    only = None if domains is None else Only("domain", domains)
    whole = {file for file in TABLES if "domain" not in columns(TABLES[file])}
    tables = {
        file: read_table(RESULTS / file, TABLES[file], None if file in whole else only)
        for file in stage.reads
        if file in TABLES
    }
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
    """The page, or in a large review a page for each topic too, from the tables and figures of this run alone."""
    from reanalysis.report import build_report

    made, inputs = files(map(Path, read["made"])), map(Path, [*read["raw"], *read["config"]])
    return build_report(RESULTS, config, made, inputs, divided=size() > FINDINGS_ON_A_PAGE)


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
    """Write one thing that a stage has made: rows of a table, a Drawing in every configured format, or text.

    A text may be given as what makes it, so that not all of them are held at once.
    """
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
        case _ if callable(content):
            path.write_text(content(), encoding="utf-8", newline="")
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


# ---------------------------------------------------------------- a stage in parts


def _do_part(stage: Stage, part: int, of: int, cores: int, inputs: list[str], choices: Mapping[str, Mapping]) -> None:
    """Do a stage for its share of the domains, into a folder of its own, with a record there."""
    place = Path(part_folder(stage, part))
    log = f"{RESULTS}/logs/parts/{stage.name}-{part}.log"
    shutil.rmtree(place, ignore_errors=True)
    with job(log, inputs, outputs(stage, place), choices, _part_record(place)) as config:
        domains = column_values(RESULTS / stage.by_domain, "domain")
        own = domains[len(domains) * (part - 1) // of : len(domains) * part // of]
        store = Store(_store(stage.name, part, of))
        _write_all(place, stage, _tables(stage, config, store, {}, own), config, store, cores)


def _put_together(stage: Stage, of: int, inputs: list[str], choices: Mapping[str, Mapping]) -> None:
    """Make the results of a stage of its parts, if all were made of what the stage reads now."""
    places = [Path(part_folder(stage, part)) for part in range(1, of + 1)]
    records = [read_record(_part_record(place)) for place in places]
    if differing := disagreeing(records, inputs, choices, Path()):
        names = "\n".join(f"  {name}" for name in sorted(differing))
        raise Changed(f"Not the same for all parts of {stage.name}:\n{names}\nRun again: they are made again.")
    join_parts(stage, places)


def join_parts(stage: Stage, places: Iterable[Path]) -> None:
    """Make the results of a stage of what parts have left in these folders, in their order."""
    _empty_folders(RESULTS, stage)
    for file in stage.makes:
        if Path(file).suffix:
            join_tables(RESULTS / file, [place / file for place in places])
            continue
        for place in places:
            shutil.copytree(place / file, RESULTS / file, dirs_exist_ok=True)


def _part_record(place: Path) -> Path:
    return place / "record.json"


def _store(name: str, part: int | None = None, of: int = 1) -> Path:
    """Where it is kept what a stage, or a part of it, has computed."""
    return RESULTS / RECORDS / (f"{name}.store" if part is None else f"{name}.{part}-{of}.store")


def _stores(name: str) -> list[Path]:
    """All that a stage keeps of what it has computed, whole or in parts."""
    return sorted((RESULTS / RECORDS).glob(f"{name}.*store"))


def _forget_others(name: str, own: Collection[Path]) -> None:
    """Remove what a stage kept when it was divided otherwise: it would never be asked for again."""
    for path in set(_stores(name)).difference(own):
        path.unlink(missing_ok=True)


# ---------------------------------------------------------------- all stages in this process


def build(choices: Mapping[str, Mapping], cores: int = 1, tell: Callable[[str], None] = lambda purpose: None) -> None:
    """Do all stages one after another in the current folder, as a run of Snakemake does.

    `tell` is given the purpose of each stage when it begins.
    """
    set_aside(choices)
    announce(choices)
    parts = announced()["parts"]
    for name, stage in STAGES.items():
        tell(stage.purpose)
        of = parts[name]
        for part in range(1, of + 1) if of > 1 else ():
            run_stage(name, cores, of, part)
        run_stage(name, cores, of)
        shutil.rmtree(PARTS, ignore_errors=True)
