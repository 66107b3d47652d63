"""How a run grows with the review: time, memory and files of each stage on made-up reviews of growing size.

    python -m benchmarks.growth                  # all sizes, ten minutes for a stage at most
    python -m benchmarks.growth 20000 3600       # up to 20,000 findings, an hour for a stage at most

Each stage runs in a process of its own, so that the most memory it takes is its own, on one core. It writes
`benchmarks/results/growth.csv`, a row for each size and stage, and prints for each stage the exponents of CPU time and
of memory: the slopes of their logarithms on that of the number of findings, over the largest sizes that were measured.
An exponent of 1 is linear; less than 1 says that a fixed part, such as imports, still counts.

Where drawing would take hours, nothing is drawn (`drawn`): the tables of the figures are made, and the page holds no
figure. A stage that at the rate of the size before would take longer than the limit is not tried, nor is what rests on
it, and one that does is stopped: their rows say so (`note`). Some stages are tried without those that take longest
(`WITHOUT`): where that is `robustness`, the claims are judged by the main analysis alone, as in a review that declares
no alternatives, and the page holds no others.

Of each report it writes into `benchmarks/results/report.csv` how large its pages are, and how fast they open in
Chromium.
"""

from __future__ import annotations

import csv
import json
import math
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

from benchmarks.made_up_review import write_review
from reanalysis import jobs, stages
from reanalysis.figures.tables import FIGURE_TABLES, row_type
from reanalysis.files.config_file import read_config
from reanalysis.pipeline import FIGURES, STAGES, Drawing
from reanalysis.provenance import files, versions
from reanalysis.results.rows import MAIN, TABLES, Model, Variant
from reanalysis.results.table import read_table, write_table

SIZES = ((10, 100), (32, 640), (100, 2000), (316, 6320), (1000, 20_000), (5000, 100_000))
"""Domains and findings."""
DRAWN_UP_TO = 32
"""Domains of the largest review whose figures are drawn."""
LIMIT = 600.0
"""Seconds of CPU time that a stage may take."""
WITHOUT = {
    "claims": {"robustness"},
    "figures": {"robustness"},
    "report": {"robustness", "multiverse", "forks", "claim_universes", "cell_figures"},
}
"""Stages that are tried without some of those that they rest on, where these take too long."""
RESULT, PAGES = (Path(__file__).parent / f"results/{name}.csv" for name in ("growth", "report"))
MB = 1e6


@dataclass(frozen=True)
class Measured:
    """A stage at one size: one core, CPU and wall seconds, peak memory, what it wrote, and what it keeps for later."""

    domains: int
    findings: int
    stage: str
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
    write_review(folder, domains, findings)
    left_out: set[str] = set()
    for name in STAGES:
        draws = domains <= DRAWN_UP_TO if _draws(name) else None
        row = Measured(domains, findings, name, draws, *[None] * 6, "", machine(), software())
        if why := _not_tried(name, findings, limit, before, left_out):
            row = replace(row, note=why)
        elif found := _run(folder, name, draws is not False, limit):
            lacking = [one for one in STAGES if one in left_out & WITHOUT.get(name, set())]
            row = replace(row, **found, note=f"without {', '.join(lacking)}" if lacking else "")
        else:
            row = replace(row, note=f"stopped after {limit:g} s of CPU time")
        if row.cpu_seconds is None:
            left_out.add(name)
            _stand_in(folder, name)
        yield row


def _draws(name: str) -> bool:
    return any(file.startswith(FIGURES) for file in STAGES[name].makes)


def _not_tried(name: str, findings: int, limit: float, before: dict[str, Measured], left_out: set[str]) -> str:
    """Why a stage is not tried at a size; empty where it is."""
    reads = set(STAGES[name].reads)
    lacking = [one for one in left_out - WITHOUT.get(name, set()) if reads & {*STAGES[one].makes}]
    if lacking:
        return f"not tried: rests on {lacking[0]}"
    if (last := before.get(name)) is None:
        return ""
    if last.cpu_seconds is None:
        return last.note
    expected = last.cpu_seconds * findings / last.findings
    return f"not tried: about {expected:.0f} s of CPU time at the rate before" if expected > limit else ""


def _run(folder: Path, stage: str, drawn: bool, limit: float) -> dict | None:
    """What a stage took and wrote; None where it was stopped. Raises RuntimeError where it failed."""
    command = [sys.executable, "-m", "benchmarks.growth", "stage", stage, str(folder), str(int(drawn)), str(limit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode < 0:  # the operating system stops a process that has had its time
        return None
    if done.returncode:
        log = folder / f"results/logs/{stage}.log"
        raise RuntimeError(f"{stage}: {log.read_text(encoding='utf-8') if log.exists() else ''}{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def run_stage(stage: str, folder: Path, drawn: bool, limit: float) -> dict:
    """Do a stage in this process, and say what it took and wrote."""
    os.chdir(folder)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit), math.ceil(limit) + 5))
    if stage == next(iter(STAGES)):
        choices = read_config(stages.CONFIG, {"figures": {"formats": ["svg"]}}).plain
        stages.set_aside(choices)
        stages.announce(choices)
    if not drawn:
        _draw_nothing(stage)
    start, used = time.perf_counter(), time.process_time()
    jobs.run_stage(stage)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    written = [path.stat().st_size for path in files(map(Path, stages.outputs(STAGES[stage])))]
    store = stages.RESULTS / f".record/{stage}.store"
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(used, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB),
        "written_mb": round(sum(written) / MB, 3),
        "kept_mb": round(store.stat().st_size / MB, 3) if store.exists() else 0.0,
        "files": len(written),
    }


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


def machine() -> str:
    """The machine, as far as times depend on it."""
    names = {line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")}
    return f"{', '.join(sorted(names)) or platform.machine()}; {os.cpu_count()} cores; {platform.system()}"


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []


def software() -> str:
    """Versions of Python and of the packages that compute."""
    known = versions()
    named = [f"{name} {known[name]}" for name in ("numpy", "scipy", "pydantic", "matplotlib") if name in known]
    return "; ".join([f"Python {platform.python_version()}", *named])


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
                write(RESULT, rows)
                if row.stage == "report" and row.cpu_seconds is not None:
                    opened += _opened(Path(folder, "review/results"), domains, findings)
                    write(PAGES, opened)
    from benchmarks.document import exponents  # after all is measured: a process counts the memory of its parent
    from benchmarks.measured import read

    for stage, *numbers in exponents(read(RESULT)):
        print(f"{stage}: {', '.join(numbers)} (findings, CPU seconds there, exponents of time and of memory)")


def write(path: Path, rows: list[Measured] | list[Opened]) -> None:
    """Write a table of measurements."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, [one.name for one in fields(rows[0])], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


if __name__ == "__main__":
    if sys.argv[1:2] == ["stage"]:
        _, _, one, where, draw, most = sys.argv
        print(json.dumps(run_stage(one, Path(where), draw == "1", float(most))))
    else:
        given = [float(one) for one in sys.argv[1:]]
        main(int(given[0]) if given else SIZES[-1][1], given[1] if given[1:] else LIMIT)
