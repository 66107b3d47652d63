"""How long a run takes: clean, after an edit, with nothing to do; beside bare Snakemake and beside a script of R.

`python -m benchmarks.pipeline` measures on a copy of the project and writes benchmarks/results/pipeline.csv;
`--only TEXT` chooses runs, `--repetitions` says how many. Leave the machine alone then.

The sides take turns: the pipeline, a Snakemake file of one rule, and, clean and after one changed finding, the same
analysis in R with metafor (end_to_end/) and the stages of the pipeline that do what that script does. The effects and
models of both are compared before.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tests.project import change_row, change_text, copy_project

from benchmarks.measured import Disagreement, difference, keep, load, machine, read, say, spread, today, write

BARE = """
rule all:
    input: "made.txt"
rule make:
    output: "made.txt"
    shell: "touch {output}"
"""
PIPELINE, BARE_SNAKEMAKE, R_SCRIPT, SAME_STEPS = "pipeline", "bare Snakemake", "R script", "the steps of the R script"
STEPS = ("results/3_models/leave_one_out.csv", "results/5_figures/forest")
"""What the stages make that do what the R script does, with all that they rest on."""
ANALYSIS = Path(__file__).parent / "end_to_end/analysis.R"
TOLERANCE = {"effects": 1e-9, "models": 1e-4}
"""Of effects and variances, and of estimates: metafor's REML ends at a step below 1e-5."""


def clean(project: Path) -> None:
    """Everything is made from nothing."""
    for name in ("results", ".snakemake"):
        shutil.rmtree(project / name, ignore_errors=True)


def finding(project: Path) -> None:
    """One finding says something else."""
    other = f"0.5{time.time_ns() % 1000:03d}"
    change_row(project / "data/raw/findings/cardiac.csv", "back2022-hrv-bpd", p_relation=">", pi=other, test_of="")


def claim(project: Path) -> None:
    """One claim expects another direction."""
    path = project / "data/raw/claims.csv"
    other = "increase" if ",decrease," in _row(path, "C010") else "decrease"
    change_row(path, "C010", expected_direction=other)


def _row(path: Path, name: str) -> str:
    return next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(f"{name},"))


def figure(project: Path) -> None:
    """One line of the code of a figure changes."""
    change_text(project / "src/reanalysis/figures/votes.py", lambda text: f"{text}# {time.time_ns()}\n")


def nothing(project: Path) -> None:
    """Nothing has changed."""


EDITS: dict[str, Callable[[Path], None]] = {
    "clean run": clean,
    "one finding": finding,
    "one claim": claim,
    "code of one figure": figure,
    "nothing to do": nothing,
}
IN_R = ("clean run", "one finding")
"""The runs that the R script does, too."""


# ---------------------------------------------------------------- the sides


def run(folder: Path, *arguments: str) -> float:
    """Wall seconds of Snakemake in a folder."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPATH"] = str(folder / "src")
    return _seconds([sys.executable, "-m", "snakemake", *arguments], cwd=folder, env=env)


def script(project: Path, results: Path) -> float:
    """Wall seconds of the R script on the data of a project."""
    shutil.rmtree(results, ignore_errors=True)
    return _seconds(["Rscript", str(ANALYSIS), str(project), str(results)])


def _seconds(command: list[str], **where) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, **where)
    return time.perf_counter() - start


def metafor() -> str | None:
    """The version of metafor in R; None where it is not there."""
    if not shutil.which("Rscript"):
        return None
    command = ["Rscript", "-e", "cat(as.character(packageVersion('metafor')))"]
    return subprocess.run(command, text=True, capture_output=True).stdout.strip() or None


def compare(project: Path, results: Path) -> None:
    """Raise Disagreement unless the R script has found the same effects and models as the pipeline."""
    effects = {row["finding_id"]: row for row in read(project / "results/2_effects/ladder.csv") if row["use"] == "main"}
    theirs = {row["finding_id"]: row for row in read(results / "effects.csv")}
    _same("effects", {name for name, row in effects.items() if row["rung"] == "exact"}, set(theirs))
    for name, row in theirs.items():
        _agree("effects", name, effects[name], row, ("yi", "vi"))
    cell = ("domain", "contrast", "outcome_group", "metric")
    headlines = (row for row in read(project / "results/3_models/models.csv") if row["headline"] == "true")
    models = {" | ".join(row[name] for name in cell): row for row in headlines if row["k_exact"] == row["k"]}
    fits = {row["cell"]: row for row in read(results / "models.csv")}
    _same("models", set(models), set(fits))
    for name, row in fits.items():
        _agree("models", name, models[name], row, ("est", "se", "ci_lb", "ci_ub"))


def _same(what: str, ours: set[str], theirs: set[str]) -> None:
    if ours != theirs:
        raise Disagreement(f"{what} of one side alone: {', '.join(sorted(ours ^ theirs))}")


def _agree(what: str, name: str, ours: dict, theirs: dict, columns: tuple[str, ...]) -> None:
    off = difference(*(np.array([float(row[column]) for column in columns]) for row in (ours, theirs)))
    if off > TOLERANCE[what]:
        raise Disagreement(f"{what}, {name}: the R script differs by {off:.2g}")


# ---------------------------------------------------------------- the runs


def measure(folder: Path, repetitions: int, only: str = "") -> Iterator[list[dict[str, object]]]:
    """The rows of each run, one for each side."""
    project, bare, results = copy_project(folder / "project"), folder / "bare", folder / "r"
    bare.mkdir()
    (bare / "Snakefile").write_text(BARE, encoding="utf-8")
    run(bare, "--cores", "2")
    run(project)  # compiles the code
    r = metafor()
    if r is None:
        say("R with metafor is not installed: the rows of the R script are missing")
    else:
        script(project, results)
        compare(project, results)
    versions = {
        PIPELINE: version("reanalysis"),
        SAME_STEPS: version("reanalysis"),
        BARE_SNAKEMAKE: version("snakemake"),
    }
    versions[R_SCRIPT] = f"metafor {r}"
    for name, edit in EDITS.items():
        if only.lower() not in name.lower():
            continue
        times: dict[str, list[float]] = {}
        for _ in range(repetitions):
            for side, seconds in _turn(name, edit, project, bare, results if r else None):
                times.setdefault(side, []).append(seconds)
        yield [{"run": name, "tool": side, "version": versions[side], **spread(own)} for side, own in times.items()]
        if name == "clean run":
            write("stages.csv", stages(project))


def _turn(name: str, edit: Callable, project: Path, bare: Path, results: Path | None) -> Iterator[tuple[str, float]]:
    """Each side once."""
    in_r = results is not None and name in IN_R
    if in_r:
        edit(project)
        yield SAME_STEPS, run(project, *STEPS)
        yield R_SCRIPT, script(project, results)
    edit(project)
    yield PIPELINE, run(project)
    yield BARE_SNAKEMAKE, run(bare, "--cores", "2")


def stages(project: Path) -> Iterator[dict[str, object]]:
    """What each stage of the last run took, as Snakemake's benchmarks say."""
    for path in sorted((project / "results/logs").glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file, delimiter="\t")
        yield {"stage": path.stem, "seconds": row["s"]}


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", default="", metavar="TEXT", help="runs whose name holds this text")
    options = parser.parse_args(arguments)
    common = {"date": today(), "machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        for rows in measure(Path(folder), options.repetitions, options.only):
            for row in rows:
                say(f"{row['run']:20} {row['tool']:26} {row['median']:8.2f} s ({row['min']:.2f} to {row['max']:.2f})")
            keep("pipeline.csv", "run", [row | common | {"load": load()} for row in rows], list(EDITS))


if __name__ == "__main__":
    main()
