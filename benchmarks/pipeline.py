"""How long a run takes: clean, after an edit, with nothing to do; each beside a bare Snakemake run in the same minute.

`python -m benchmarks.pipeline [repetitions]` prints medians on a copy of the project. Leave the machine alone then.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.project import change_row, change_text, copy_project

BARE = """
rule all:
    input: "made.txt"
rule make:
    output: "made.txt"
    shell: "touch {output}"
"""


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


def run(folder: Path, *arguments: str) -> float:
    """Wall seconds of Snakemake in a folder."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPATH"] = str(folder / "src")
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "snakemake", *arguments], cwd=folder, env=env, check=True, capture_output=True
    )
    return time.perf_counter() - start


def main(repetitions: int) -> None:
    """Print a table of medians."""
    with tempfile.TemporaryDirectory() as folder:
        project, bare = copy_project(Path(folder, "project")), Path(folder, "bare")
        bare.mkdir()
        (bare / "Snakefile").write_text(BARE, encoding="utf-8")
        run(bare, "--cores", "2")
        run(project)  # compiles the code
        print("| run | wall, s | bare Snakemake, s | ratio |\n|---|---|---|---|")
        for name, edit in EDITS.items():
            walls, bares = [], []
            for _ in range(repetitions):
                edit(project)
                walls.append(run(project))
                bares.append(run(bare, "--cores", "2"))
            wall, plain = statistics.median(walls), statistics.median(bares)
            print(f"| {name} | {wall:.1f} | {plain:.1f} | {wall / plain:.1f} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
