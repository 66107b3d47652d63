"""How fast the statistics are beside other packages, on the same data in the same run, and that the numbers agree.

`python -m benchmarks.peers` writes benchmarks/results/peers.csv; `--only TEXT` chooses tasks by name. Peers that are
not installed are named and left out: metafor and bayesmeta in R (r-cran-metafor of Debian; `--r-library FOLDER`, which
may be given several times, adds what another library of R holds, such as a newer metafor), PyMARE and statsmodels in
Python (`make peers`). Each task replaces its rows in the table, with day and load, as soon as it is measured.

Every side works on one thread and is called once before it is timed, and then in turns with the others (A B A B), so
that what else the machine does meets all alike. What takes longer than 5 s is timed by its first call alone. The
numbers of all sides are compared before anything is timed: where they differ by more than the tolerance of the task,
it stops.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

from benchmarks.measured import Disagreement, difference, keep, load, machine, say, spread, today
from benchmarks.tasks import (
    BAYESMETA,
    DATA,
    METAFOR,
    OURS,
    PYMARE,
    STATSMODELS,
    TASKS,
    Data,
    Python,
    R,
    Task,
)

BUDGET = 4.0  # seconds for one side of a task
LEAST, MOST = 5, 25  # repetitions, where the budget allows
LONG = 5.0  # seconds: a call that takes longer is not repeated
SHORT = 0.02  # seconds: so long are the calls of one repetition together


# ---------------------------------------------------------------- the sides


class PythonSide:
    """A package of this process, whose modules are imported at once."""

    def __init__(self, tool: str, package: str, modules: Iterable[str]):
        self.tool, self.version = tool, version(package)
        for module in modules:
            import_module(module)

    def start(self, call: Python, data: Data, file: Path) -> float:
        """Prepare, and give the seconds of the first call."""
        self.call, self.data = call, data
        self.prepared = call.prepare(data)
        start = time.perf_counter()
        self.result = call.run(data, self.prepared)
        return time.perf_counter() - start

    def numbers(self) -> np.ndarray:
        """What is compared, of the first call."""
        return np.asarray(self.call.numbers(self.result), float)

    def times(self, n: int) -> float:
        """Seconds of n calls."""
        run, data, prepared = self.call.run, self.data, self.prepared
        start = time.perf_counter()
        for _ in range(n):
            run(data, prepared)
        return time.perf_counter() - start


@dataclass
class RProcess:
    """R with the packages of one library, which answers line by line (worker.R)."""

    library: str | None

    def __post_init__(self):
        environment = os.environ | ({"R_LIBS": self.library} if self.library else {})
        worker = Path(__file__).with_name("worker.R")
        self.process = subprocess.Popen(
            ["Rscript", str(worker)], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        words = self.process.stdout.readline().split()
        self.versions = dict(zip(words[::2], words[1::2], strict=True))

    def ask(self, request: str, rest: str) -> np.ndarray:
        """The numbers that a request is answered with; RuntimeError for an error of R."""
        self.process.stdin.write(f"{request} {rest}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer or answer.startswith("error:"):
            raise RuntimeError(f"R, {request} {rest}: {answer.strip() or 'R has ended'}")
        return np.array([float(word) for word in answer.split()])

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()


class RSide:
    """A package in a process of R."""

    def __init__(self, tool: str, process: RProcess):
        self.tool, self.process, self.version = tool, process, process.versions[tool]

    def start(self, call: R, data: Data, file: Path) -> float:
        """Prepare, and give the seconds of the first call."""
        self.call = call
        self.process.ask("data", str(file))
        if call.prepare:
            self.process.ask("prepare", call.prepare)
        seconds = float(self.process.ask("once", call.run)[0])
        if call.keep:
            self.process.ask("keep", call.keep)
        return seconds

    def numbers(self) -> np.ndarray:
        """What is compared, of the first call."""
        return self.process.ask("numbers", self.call.numbers)

    def times(self, n: int) -> float:
        """Seconds of n calls."""
        return float(self.process.ask("times", f"{n} {self.call.run}")[0])


def python_sides() -> Iterator[PythonSide]:
    """This project, and the other packages of Python that are installed."""
    for tool, package, modules in (
        (OURS, "reanalysis", ()),
        (PYMARE, "pymare", ("pymare.estimators", "pymare.effectsize")),
        (STATSMODELS, "statsmodels", ("statsmodels.stats.meta_analysis",)),
    ):
        try:
            yield PythonSide(tool, package, modules)
        except PackageNotFoundError:
            say(f"{tool} is not installed: its rows are missing (`make peers` installs it)")


def r_processes(libraries: Iterable[str]) -> list[RProcess]:
    """A process of R for each library that has metafor, beginning with that of the system."""
    if not shutil.which("Rscript"):
        say("R is not installed: the rows of metafor and bayesmeta are missing")
        return []
    found: list[RProcess] = []
    for library in (None, *libraries):
        try:
            found.append(RProcess(library))
        except ValueError:
            say(f"R has no metafor in {library or 'its own library'}: its rows are missing")
    return found


def r_sides(processes: Iterable[RProcess]) -> Iterator[RSide]:
    """The packages of these processes, each version once."""
    known = set()
    for process in processes:
        for tool in (METAFOR, BAYESMETA):
            if tool in process.versions and (tool, process.versions[tool]) not in known:
                known.add((tool, process.versions[tool]))
                yield RSide(tool, process)
    for tool in (METAFOR, BAYESMETA):
        if processes and tool not in {name for name, _ in known}:
            say(f"{tool} is not installed in R: its rows are missing")


# ---------------------------------------------------------------- one task


def agreed(task: Task, sides: list, data: Data, file: Path) -> dict[object, tuple[float, float]]:
    """Of each side the seconds of its first call and how far its numbers are from ours.

    Raises Disagreement where that is more than the tolerance.
    """
    found, ours = {}, None
    for side in sides:
        call = task.calls[side.tool]
        seconds = side.start(call, data, file)
        numbers = side.numbers()
        ours = numbers if ours is None else ours
        off = difference(ours, numbers)
        if off > call.tolerance:
            raise Disagreement(
                f"{task.name}: {side.tool} {side.version} differs by {off:.2g}, more than {call.tolerance:g}"
            )
        found[side] = seconds, off
    return found


def measure(task: Task, sides: list, data: Data, file: Path) -> Iterator[dict[str, object]]:
    """The rows of a task, one for each side: medians of calls that are timed in turns."""
    first = agreed(task, sides, data, file)
    calls, wanted, times = {}, {}, {side: [] for side in sides}
    for side, (seconds, _) in first.items():
        if seconds > LONG:
            times[side].append(seconds)
            wanted[side] = 0
            continue
        seconds = side.times(1) if seconds < 1 else seconds  # the first call imports and compiles
        calls[side] = max(1, round(SHORT / seconds))
        wanted[side] = int(np.clip(BUDGET / (calls[side] * seconds), LEAST if seconds < 1 else 3, MOST))
    for repetition in range(max(wanted.values())):
        for side in sides:
            if repetition < wanted[side]:
                times[side].append(side.times(calls[side]) / calls[side])
    for side in sides:
        yield {
            "task": task.name,
            "family": task.family,
            "tool": side.tool,
            "version": side.version,
            "k": task.k,
            **spread(times[side]),
            "difference": f"{first[side][1]:.1e}",
            "tolerance": task.calls[side.tool].tolerance,
            "differs": task.calls[side.tool].differs,
            "goal": task.goal,
        }


# ---------------------------------------------------------------- all


def main(arguments: list[str] | None = None) -> None:
    """Measure all tasks and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="tasks whose name holds this text")
    parser.add_argument("--r-library", action="append", default=[], metavar="FOLDER", help="a further library of R")
    options = parser.parse_args(arguments)
    processes = r_processes(options.r_library)
    sides = [*python_sides(), *r_sides(processes)]
    common = {"date": today(), "machine": _machine(processes)}
    with tempfile.TemporaryDirectory() as folder:
        files = {name: _written(Path(folder), name, make()) for name, make in DATA.items()}
        for task in TASKS:
            if options.only.lower() in task.name.lower():
                own = [side for side in sides if side.tool in task.calls]
                rows = [row | common | {"load": load()} for row in measure(task, own, *files[task.data])]
                for row in rows:
                    say(_line(row, rows[0]))
                keep("peers.csv", "task", rows, [task.name for task in TASKS])
    for process in processes:
        process.close()


def _machine(processes: list[RProcess]) -> str:
    return machine() + (f", R {processes[0].versions['R']}" if processes else "")


def _written(folder: Path, name: str, data: Data) -> tuple[Data, Path]:
    """The data of a task, and the file that R reads them from."""
    path = folder / f"{name}.csv"
    formats = ["%d" if column.dtype.kind == "i" else "%.17g" for column in data.values()]
    np.savetxt(path, np.column_stack([*data.values()]), fmt=formats, delimiter=",", header=",".join(data), comments="")
    return data, path


def _line(row: dict, ours: dict) -> str:
    ratio = "" if row is ours else f"{row['median'] / ours['median']:10,.1f} times as long"
    name = f"{row['tool']} {row['version']}"
    return f"{row['task']:42} {name:20} {1e3 * row['median']:12,.3f} ms{ratio}"


if __name__ == "__main__":
    main()
