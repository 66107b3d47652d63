"""A number of a table: which stage made it, from which rows, and what these are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from reanalysis.explain.cells import cell, cells_named
from reanalysis.explain.claims import claim
from reanalysis.explain.figures import records
from reanalysis.explain.findings import finding
from reanalysis.explain.raw_lines import place
from reanalysis.explain.sources import report, sample
from reanalysis.explain.tree import Part, part, rows_of
from reanalysis.figures.tables import row_type
from reanalysis.pipeline import STAGES, Stage
from reanalysis.problems import choices, nearest
from reanalysis.refused import Refused
from reanalysis.report.tables import descriptions
from reanalysis.results.build import Build
from reanalysis.results.checked import CHECKED, FINDINGS
from reanalysis.results.table import CellKey
from reanalysis.schema.raw import KEYS
from reanalysis.stages import RAW, RESULTS

Record = Mapping[str, str]
ABOUT = {
    ("finding_id", "coding"): "version of a finding",
    ("finding_id",): "finding",
    ("claim_id",): "claim",
    (*CellKey._fields, "sample_id"): "sample in the same cell",
    CellKey._fields: "cell",
    CellKey._fields[:3]: "outcome",
}
WIDER = {("sample_id",): "sample", ("report_id",): "report", ("domain",): "domain"}
"""Columns by which rows of two tables are about the same, the narrowest first; the wider ones for rows about neither a
finding nor a claim nor a cell."""


def number(build: Build, file: str, row: str, column: str | None = None) -> Part:
    """A row of a table, or one number of it.

    Parameters
    ----------
    file : a table of the results, by its path in their folder.
    row : its row, as a spreadsheet counts: the header is row 1.
    column : a column, all that are filled unless given.

    Raises Refused where there is no such table, row or column.
    """
    results = build.folder / RESULTS
    file = file.removeprefix(f"{RESULTS.as_posix()}/").removeprefix("./")
    rows, stage = dict(_read(results, file)), _stage(file)
    if not row.isdecimal() or int(row) not in rows:
        last = max(rows, default=1)
        raise Refused(f"{file} has no row {row}: its rows are 2 to {last}, below the header in row 1.")
    record = rows[int(row)]
    if column is not None and column not in record:
        raise Refused(f"{file} has no column `{column}`. {choices(column, record)}")
    meanings = descriptions(CHECKED.get(file) or row_type(file))
    shown = [column] if column else [name for name, value in record.items() if value]
    lines = [f"{name} = {record[name] or '(empty)'} ({meanings.get(name, name)})" for name in shown]
    lines.append(f"made by the stage `{stage.name}`: {stage.purpose}")
    at = f"{file}, row {row}{f', {column}' if column else ''}"
    named = _named(build, record)
    parts = (part("From these rows", _upstream(build, stage, file, named)), *_subjects(build, named))
    return Part(at, tuple(lines), tuple(filter(None, parts)))


def _read(results: Path, file: str) -> Iterable[tuple[int, Record]]:
    path = results / file
    if path.suffix == ".csv" and path.is_file() and results.resolve() in path.resolve().parents:
        return records(path)
    known = sorted(one.relative_to(results).as_posix() for one in results.rglob("*.csv") if "logs" not in one.parts)
    near = nearest(file, known) or f"The tables are in {RESULTS.as_posix()}/, such as 3_models/models.csv."
    raise Refused(f"There is no table `{file}` in {RESULTS.as_posix()}/. {near}")


def _stage(file: str) -> Stage:
    """The stage that makes a table, or the folder that it lies in; raises Refused where none does any more."""
    for stage in STAGES.values():
        if any(file == made or file.startswith(f"{made}/") for made in stage.makes):
            return stage
    raise Refused(f"No stage makes {file}: it was left by an earlier run. `reanalysis tidy` removes such files.")


def _named(build: Build, record: Record) -> dict[str, str]:
    """What a row is about: its columns, and what the id of a mark in a figure says beyond them."""
    named = {name: value for name, value in record.items() if value}
    mark, _, coding = named.get("mark_id", "").rpartition("--")
    if (mark, coding) in build.evidence.codings:
        named |= {"finding_id": mark, "coding": coding}
    return named


# ---------------------------------------------------------------- where it comes from


def _upstream(build: Build, stage: Stage, file: str, named: Record) -> Iterator[str]:
    """The rows of the tables that the stage reads, and that are about the same."""
    if file in CHECKED:
        yield from _raw(build, file, named)
        return
    about = {keys: word for keys, word in ABOUT.items() if all(key in named for key in keys)} or WIDER
    if "model" in named:  # a model rests on all samples of its cell
        about = {keys: word for keys, word in about.items() if "sample_id" not in keys}
    for source in (one for one in stage.reads if one.endswith(".csv")):
        path = build.folder / RESULTS / source
        rows = list(records(path)) if path.is_file() else []
        shared = next((keys for keys in about if rows and all(k in named and k in rows[0][1] for k in keys)), None)
        if shared is None:
            continue
        same = [at for at, row in rows if all(row[key] == named[key] for key in shared)]
        if same:
            yield f"{source}, {rows_of(same)} (the same {about[shared]})"


def _raw(build: Build, file: str, named: Record) -> Iterator[str]:
    """The line of the raw data behind a row of the checked tables."""
    table = file.removeprefix("1_checked/")
    key = ("finding_id", "coding") if file == FINDINGS else KEYS[table]
    table = f"findings/{named['domain']}.csv" if file == FINDINGS else table
    found = place(build, table, {name: named.get(name, "") for name in key})
    yield found or f"{(RAW / table).as_posix()}"


def _subjects(build: Build, named: Record) -> Iterator[Part]:
    """What the row is about, explained: a finding, a claim or a cell, or else its report or sample."""
    name = "/".join(named.get(key, "") for key in CellKey._fields[:3])
    if named.get("finding_id") in {key for key, _ in build.evidence.codings}:
        yield finding(build, named["finding_id"])
    elif named.get("claim_id") in build.evidence.claims:
        yield claim(build, named["claim_id"])
    elif name in cells_named(build):
        metric = named.get("metric")
        whole = f"{name}/{metric}"
        yield cell(build, whole if metric and whole in cells_named(build) else name)
    elif named.get("sample_id") in build.evidence.samples:
        yield sample(build, named["sample_id"])
    elif named.get("report_id") in build.evidence.reports:
        yield report(build, named["report_id"])
