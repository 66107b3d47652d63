"""How a run grows with the review: time, memory and files of each stage on made-up reviews of growing size.

    python -m benchmarks.growth                  # all sizes, ten minutes for a stage at most
    python -m benchmarks.growth 20000 3600       # up to 20,000 findings, an hour for a stage at most

Each stage runs in a process of its own, so that the most memory it takes is its own, on one core; where a run would
divide it, so does each of its parts, one after another, and its memory is that of the largest. It writes
`benchmarks/results/growth.csv`, a row for each size and stage, and prints for each stage the exponents of CPU time and
of memory: the slopes of their logarithms on that of the number of findings, over the largest sizes that were measured.
An exponent of 1 is linear; less than 1 says that a fixed part, such as imports, still counts.

Where drawing would take hours, nothing is drawn (`drawn`): the tables of the figures are made, and the page holds no
figure. Of a divided stage that at the rate of the size before would take longer than the limit, a few parts are done,
and counted as if they were all; one that is not divided is not tried, nor is what rests on it, and what takes longer is
stopped: their rows say so (`note`). Some stages are tried without those that take longest (`WITHOUT`): where that is
`robustness`, the claims are judged by the main analysis alone, as in a review that declares no alternatives, and the
page holds no others.

Of each report it writes into `benchmarks/results/report.csv` how large its pages are, and how fast they open in
Chromium.
"""

from __future__ import annotations

import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from importlib import import_module
from pathlib import Path

from benchmarks.measured import RESULTS, load, machine, read, today, write
from reanalysis import jobs, stages
from reanalysis.figures.tables import FIGURE_TABLES, row_type
from reanalysis.files.config_file import read_config
from reanalysis.pipeline import FIGURES, STAGES, Drawing
from reanalysis.provenance import files, versions
from reanalysis.results.rows import MAIN, TABLES, Model, Variant
from reanalysis.results.table import column_values, read_table, write_table

SIZES = ((10, 100), (32, 640), (100, 2000), (316, 6320), (1000, 20_000), (5000, 100_000))
"""Domains and findings."""
DRAWN_UP_TO = 32
"""Domains of the largest review whose figures are drawn."""
LIMIT = 600.0
"""Seconds of CPU time that a stage may take."""
SOME = 4
"""Parts that are done of a stage that would take longer."""
WITHOUT = {
    "claims": {"robustness"},
    "figures": {"robustness"},
    "report": {"robustness", "multiverse", "forks", "claim_universes", "cell_figures"},
}
"""Stages that are tried without some of those that they rest on, where these take too long."""
RESULT, PAGES = "growth.csv", "report.csv"
MB = 1e6


@dataclass(frozen=True)
class Measured:
    """A stage at one size: its parts, CPU and wall seconds on one core, peak memory, what it wrote, and keeps."""

    domains: int
    findings: int
    stage: str
    parts: int | None
    drawn: bool | None
    seconds: float | None
    cpu_seconds: float | None
    peak_mb: float | None
    written_mb: float | None
    kept_mb: float | None
    files: int | None
    note: str
    machine: str
    versions: str
    date: str
    load: float


@dataclass(frozen=True)
class Opened:
    """A page of a report: megabytes, seconds until it answers, and milliseconds of a filter where it has a search."""

    domains: int
    findings: int
    page: str
    mb: float
    interactive_s: float
    filter_ms: float | None


def _opened(results: Path, domains: int, findings: int) -> list[Opened]:
    """The pages of a report, as a browser opens them."""
    command = [sys.executable, "-m", "benchmarks.report", str(results)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [Opened(domains, findings, **row) for row in json.loads(told)]


def measure(folder: Path, domains: int, findings: int, limit: float, before: dict[str, Measured]) -> Iterable[Measured]:
    """Run the stages on a made-up review in `folder`; `before` are their rows at smaller sizes, the last of each."""
    # in a process of its own: each process counts the memory of the one that has started it
    command = [sys.executable, "-m", "benchmarks.made_up_review", str(folder), str(domains), str(findings)]
    subprocess.run(command, check=True)
    lacking: set[str] = set()  # stages of which there is nothing
    partial: set[str] = set()  # stages of which there are some parts
    for name in STAGES:
        draws = domains <= DRAWN_UP_TO if _draws(name) else None
        row = Measured(domains, findings, name, None, draws, *[None] * 6, "", machine(), software(), today(), load())
        parts, too_long = _parts(folder, name), _too_long(before.get(name), findings, limit)
        rests_on = _rests_on(name, lacking | partial)
        sampled = parts > SOME and bool(too_long or rests_on) and not _rests_on(name, lacking)
        if rests_on and not (sampled and _same_parts(folder, name, rests_on)):
            row = replace(row, note=f"not tried: rests on {rests_on[0]}")
        elif too_long and not sampled:
            row = replace(row, note=f"not tried: {too_long}")
        elif found := _run(folder, name, draws is not False, limit, sampled):
            notes = [f"{SOME} of {parts} parts, counted as all"] if sampled else []
            without = [one for one in STAGES if one in (lacking | partial) & WITHOUT.get(name, set())]
            notes += [f"without {', '.join(without)}"] if without else []
            row = replace(row, parts=parts, **found, note="; ".join(notes))
        else:
            row = replace(row, note=f"stopped after {limit:g} s of CPU time")
        if row.cpu_seconds is None or (sampled and any(name in others for others in WITHOUT.values())):
            lacking.add(name)
            _stand_in(folder, name)
        elif sampled:
            partial.add(name)
        yield row


def _parts(folder: Path, name: str) -> int:
    """Into how many parts a run divides a stage."""
    note = folder / stages.NOTE  # there is none before the first stage, which is not divided
    return json.loads(note.read_text(encoding="utf-8"))["parts"][name] if note.exists() else 1


def _rests_on(name: str, others: set[str]) -> list[str]:
    """Of these stages, those that a stage rests on, and is not tried without."""
    reads = {*STAGES[name].reads}
    return [one for one in STAGES if one in others - WITHOUT.get(name, set()) and reads & {*STAGES[one].makes}]


def _same_parts(folder: Path, name: str, others: Iterable[str]) -> bool:
    """Whether a part of a stage concerns the same domains as the part of others at the same place."""
    tables = {STAGES[one].by_domain for one in (name, *others)}
    if tables & {file for one in others for file in STAGES[one].makes}:
        return False  # it has the domains of some parts alone
    first, *further = (column_values(folder / "results" / table, "domain") for table in tables)
    return all(one == first for one in further)


def _too_long(last: Measured | None, findings: int, limit: float) -> str:
    """Why a stage is not tried as a whole, by what it took before; empty where it is."""
    if last is None:
        return ""
    if last.cpu_seconds is None:
        return last.note.removeprefix("not tried: ")
    expected = last.cpu_seconds * findings / last.findings
    return f"about {expected:.0f} s of CPU time at the rate before" if expected > limit else ""


def _draws(name: str) -> bool:
    return any(file.startswith(FIGURES) for file in STAGES[name].makes)


def _run(folder: Path, stage: str, drawn: bool, limit: float, sampled: bool) -> dict | None:
    """What a stage took and wrote; None where it was stopped. Raises RuntimeError where it failed."""
    numbers = (str(folder), str(int(drawn)), str(limit), str(int(sampled)))
    command = [sys.executable, "-m", "benchmarks.growth", "stage", stage, *numbers]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode < 0:  # the operating system stops a process that has had its time
        return None
    if done.returncode:
        logs = sorted((folder / "results/logs").rglob(f"{stage}*.log"))
        raise RuntimeError(f"{stage}: {' '.join(log.read_text(encoding='utf-8') for log in logs)}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run_stage(name: str, folder: Path, drawn: bool, limit: float, sampled: bool) -> dict:
    """Do a stage in this process, its parts in copies of it, and say what it took and wrote."""
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), math.ceil(limit) + 5))
    stage = STAGES[name]
    if name == next(iter(STAGES)):
        choices = read_config(stages.CONFIG, {"figures": {"formats": ["svg"]}}).plain
        stages.set_aside(choices)
        stages.announce(choices)
    if not drawn:
        _draw_nothing(name)
    start, used = time.perf_counter(), time.process_time()
    of = _parts(Path(), name)
    done = range(1, of + 1)
    if sampled:
        done = [of * place // SOME + 1 for place in range(SOME)]
    share = len(done) / of
    peaks = _do_parts(name, of, done) if of > 1 else []
    if share < 1:
        jobs.join_parts(stage, [Path(stages.part_folder(stage, part)) for part in done])
    else:
        jobs.run_stage(name, 1, of)
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = time.process_time() - used + children.ru_utime + children.ru_stime
    written = [path.stat().st_size for path in files(map(Path, stages.outputs(stage)))]
    stores = (stages.RESULTS / stages.RECORDS).glob(f"{name}.*store")
    found = {
        "seconds": round((time.perf_counter() - start) / share, 2),
        "cpu_seconds": round(used / share, 2),
        "peak_mb": round(max([own.ru_maxrss, *peaks]) * 1024 / MB),
        "written_mb": round(sum(written) / share / MB, 3),
        "kept_mb": round(sum(path.stat().st_size for path in stores) / share / MB, 3),
        "files": round(len(written) / share),
    }
    shutil.rmtree(stages.PARTS, ignore_errors=True)
    return found


def _do_parts(name: str, of: int, parts: Iterable[int]) -> list[int]:
    """Do parts of a stage one after another, each in a copy of this process as in a run (`server`): their peaks."""
    for module in ("reanalysis.jobs", *stages.imports(STAGES[name])):
        import_module(module)
    peaks = []
    for part in parts:
        if (child := os.fork()) == 0:
            code = 1
            try:
                jobs.run_stage(name, 1, of, part)
                code = 0
            finally:
                os._exit(code)
        _, status, usage = os.wait4(child, 0)
        if status:
            raise RuntimeError(f"part {part} of {name} failed")
        peaks.append(usage.ru_maxrss)
    return peaks


def _draw_nothing(name: str) -> None:
    """Have a stage make the tables of its figures alone."""
    stage = STAGES[name]

    def tables(given: object) -> dict:
        return {file: one for file, one in stage.function(given).items() if not isinstance(one, Drawing)}

    STAGES[name] = replace(stage, function=tables)


def _stand_in(folder: Path, name: str) -> None:
    """What the next stages read of a stage that was left out: empty tables, of the alternatives the main analysis."""
    results = folder / "results"
    for file in STAGES[name].makes:
        path = results / file
        if not path.suffix:
            path.mkdir(parents=True, exist_ok=True)
        elif file in TABLES or file in FIGURE_TABLES:
            rows = _main_rows(results) if file == "3_models/sensitivity.csv" else []
            path.parent.mkdir(parents=True, exist_ok=True)
            write_table(path, TABLES.get(file) or row_type(file), rows)


def _main_rows(results: Path) -> list[Variant]:
    """The main analysis as the first of its alternatives."""
    rows = read_table(results / "3_models/models.csv", Model)
    names = {one.name for one in fields(Variant)} & {one.name for one in fields(Model)}
    return [Variant(**{name: getattr(row, name) for name in names}, kind="main", variant=MAIN) for row in rows]


# ---------------------------------------------------------------- what is told


def software() -> str:
    """Versions of the packages that compute."""
    known = versions()
    named = [f"{name} {known[name]}" for name in ("numpy", "scipy", "pydantic", "matplotlib") if name in known]
    return "; ".join(named)


def main(largest: int, limit: float) -> None:
    """Measure all sizes up to the largest, write the table after each, and print the exponents."""
    rows: list[Measured] = []
    opened: list[Opened] = []
    for domains, findings in SIZES:
        if findings > largest:
            break
        with tempfile.TemporaryDirectory() as folder:
            before = {row.stage: row for row in rows}
            for row in measure(Path(folder, "review"), domains, findings, limit, before):
                rows.append(row)
                told = f"{row.cpu_seconds} s of CPU time, {row.peak_mb} MB, {row.written_mb} MB written"
                told = told if row.cpu_seconds is not None else row.note
                print(f"{domains:,} domains, {findings:,} findings, {row.stage}: {told}", flush=True)
                write(RESULT, map(asdict, rows))
                if row.stage == "report" and row.cpu_seconds is not None:
                    opened += _opened(Path(folder, "review/results"), domains, findings)
                    write(PAGES, map(asdict, opened))
    from benchmarks.document import EXPONENTS, exponents  # after all is measured: a process counts that of its parent

    for stage, *numbers in exponents(read(RESULTS / RESULT)):
        print(f"{stage}: {', '.join(f'{name} {number}' for name, number in zip(EXPONENTS, numbers, strict=True))}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["stage"]:
        _, _, one, where, draw, most, part = sys.argv
        print(json.dumps(run_stage(one, Path(where), draw == "1", float(most), part == "1")))
    else:
        given = [float(one) for one in sys.argv[1:]]
        main(int(given[0]) if given else SIZES[-1][1], given[1] if given[1:] else LIMIT)
