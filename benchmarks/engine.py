"""How fast the statistics engine is, and how much faster than the R package metafor on the same data in the same run.

    python benchmarks/engine.py              # milliseconds of this engine
    python benchmarks/engine.py --metafor    # beside metafor, where R has it (takes some minutes)

Both run on one thread. Every call returns the full result: estimates, tests, intervals, heterogeneity. This is a
measurement to read, not a test: times depend on the machine, and ratios within one run to about a factor of two.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402 - the number of threads is read when numpy is loaded

from reanalysis import meta  # noqa: E402

SECONDS = 0.5  # spent on each task
STUDIES, EFFECTS = 500, 3


@dataclass(frozen=True)
class Task:
    """One thing to time: a call of ours, the same in R (on the data frame `d`), and how many times faster to be."""

    name: str
    data: str
    run: Callable[[], object]
    prepare: str
    r: str
    goal: float


def simulated(k: int) -> dict[str, np.ndarray]:
    """Effects of k studies with one moderator."""
    rng = np.random.default_rng(1000 + k)
    vi, x = rng.uniform(0.02, 0.3, k), rng.normal(size=k)
    return {"yi": rng.normal(0.3 + 0.1 * x, np.sqrt(vi + 0.08)), "vi": vi, "x": x}


def nested() -> dict[str, np.ndarray]:
    """Several effects of each of many studies."""
    rng = np.random.default_rng(5)
    study = np.repeat(np.arange(STUDIES), EFFECTS)
    k = len(study)
    vi = rng.uniform(0.02, 0.3, k)
    yi = 0.3 + rng.normal(scale=0.3, size=STUDIES)[study] + rng.normal(scale=np.sqrt(vi + 0.04))
    return {"yi": yi, "vi": vi, "study": study, "effect": np.arange(k)}


def tasks(data: dict[str, dict[str, np.ndarray]]) -> list[Task]:
    """What is measured, with the goals of the project."""

    def reml(name: str, goal: float) -> Task:
        d = data[name]
        k = len(d["yi"])
        return Task(
            f"REML, k = {k}", name, lambda: meta.fit(d["yi"], d["vi"]), "", 'rma(yi, vi, data=d, test="knha")', goal
        )

    small, middle, deep = data["k20"], data["k200"], data["nested"]
    fitted = {name: meta.fit(d["yi"], d["vi"]) for name, d in (("small", small), ("middle", middle))}
    regression = meta.fit(small["yi"], small["vi"], small["x"])
    random = {"study": deep["study"], "effect": deep["effect"]}
    multilevel = meta.fit_multilevel(deep["yi"], deep["vi"], random=random)
    rma = 'f <- rma(yi, vi, data=d, test="knha")'
    mv = "rma.mv(yi, vi, random=~1|study/effect, data=d, sparse=TRUE)"
    return [
        reml("k20", 4),
        reml("k200", 30),
        reml("k2000", 2000),
        Task("leave one out, k = 200", "k200", lambda: meta.leave_one_out(fitted["middle"]), rma, "leave1out(f)", 350),
        Task(
            "GOSH, 10,000 subsets, k = 20",
            "k20",
            lambda: meta.gosh(fitted["small"], n=10_000),
            rma,
            "gosh(f, subsets=10000, progbar=FALSE)",
            450,
        ),
        Task(
            "permutation, 1,000, moderator, k = 20",
            "k20",
            lambda: meta.permutation_test(regression, n=1000),
            'f <- rma(yi, vi, mods=~x, data=d, test="knha")',
            "permutest(f, iter=1000, progbar=FALSE)",
            100,
        ),
        Task(
            f"three-level, {STUDIES} x {EFFECTS}",
            "nested",
            lambda: meta.fit_multilevel(deep["yi"], deep["vi"], random=random),
            "",
            mv,
            90,
        ),
        Task(
            f"CR2, Satterthwaite, {STUDIES} x {EFFECTS}",
            "nested",
            lambda: meta.robust(multilevel, deep["study"]),
            f"f <- {mv}",
            "robust(f, cluster=d$study, clubSandwich=TRUE)",
            90,
        ),
    ]


def milliseconds(run: Callable[[], object]) -> float:
    """Shortest time of a call, after one to warm up: what else the machine does only ever adds."""
    run()
    times = []
    while sum(times) < SECONDS or len(times) < 5:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def metafor_milliseconds(todo: list[Task], data: dict[str, dict[str, np.ndarray]]) -> tuple[str, list[float | None]]:
    """Shortest times of the same calls in R, and which metafor it was; None where a call fails there."""
    timing = """suppressPackageStartupMessages(library(metafor))
cat(as.character(packageVersion("metafor")), "\\n")
shortest <- function(run) { run(); spent <- c()
  while (sum(spent) < SECONDS || length(spent) < 1) spent <- c(spent, system.time(run())[["elapsed"]])
  cat(1000 * min(spent), "\\n") }
timed <- function(run) tryCatch(suppressWarnings(shortest(run)), error = function(e) cat("NA\\n"))
""".replace("SECONDS", str(SECONDS))
    calls = [f'd <- read.csv("{t.data}.csv")\n{t.prepare}\ntimed(function() {t.r})' for t in todo]
    with tempfile.TemporaryDirectory() as folder:
        for name, columns in data.items():
            table = np.column_stack(list(columns.values()))
            np.savetxt(Path(folder) / f"{name}.csv", table, delimiter=",", header=",".join(columns), comments="")
        done = subprocess.run(
            ["Rscript", "-e", timing + "\n".join(calls)], cwd=folder, text=True, capture_output=True, check=True
        )
    version, *times = done.stdout.split()
    return version, [None if cell == "NA" else float(cell) for cell in times]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--metafor", action="store_true", help="compare with metafor through Rscript")
    beside = parser.parse_args().metafor
    if beside and not shutil.which("Rscript"):
        parser.error("Rscript is not installed")
    data = {f"k{k}": simulated(k) for k in (20, 200, 2000)} | {"nested": nested()}
    todo = tasks(data)
    ours = [milliseconds(task.run) for task in todo]
    version, theirs = metafor_milliseconds(todo, data) if beside else ("", [None] * len(todo))
    print(f"| task | ms | metafor {version} ms | times faster | goal |\n|---|--:|--:|--:|--:|")
    for task, own, other in zip(todo, ours, theirs, strict=True):
        compared = f"{other:,.1f} | {other / own:,.0f}" if other else " | "
        print(f"| {task.name} | {own:.2f} | {compared} | {task.goal:,.0f} |")


if __name__ == "__main__":
    main()
