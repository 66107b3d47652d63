"""What R answers on the exports of three reviews: `python -m tests.golden.exported` asks it again, where R is.

The reviews are the project's own, the example and the made-up data of a new review. `answers/<review>/metafor.csv` is
what `all.R` of the export `r` writes, and `answers/inputs.json` tells on which numbers. README.md says of the rest.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from reanalysis.builds import compute_build
from reanalysis.exchange import Files, export, r_scripts
from reanalysis.new import SKELETON
from reanalysis.results.build import Build
from tests.project import EXAMPLE, ROOT

FOLDER = Path(__file__).with_name("answers")
INPUTS = FOLDER / "inputs.json"
REVIEWS = {"main": ROOT, "example": EXAMPLE, "skeleton": SKELETON}
CELL = ("domain", "contrast", "outcome_group", "metric")
STATISTICS = ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i", "ni", "ri", "ai", "ci")
NUMBERS = (*CELL, "sample_id", "finding_id", "coding", "yi", "vi", "size", *STATISTICS)


def rows(text: str | bytes, separator: str = ",") -> list[dict[str, str]]:
    """The rows of a CSV, every cell as text."""
    plain = text if isinstance(text, str) else text.decode()
    return list(csv.DictReader(io.StringIO(plain.removeprefix("\ufeff"), newline=""), delimiter=separator))


def stored(path: Path) -> list[dict[str, str]]:
    """The rows of a file of `answers/`."""
    return rows(path.read_text(encoding="utf-8"))


def fingerprint(files: Files) -> str:
    """Of the numbers that the R scripts start from."""
    given = [[row.get(name) for name in NUMBERS] for file in ("units.csv", "effects.csv") for row in rows(files[file])]
    return hashlib.sha256(json.dumps(given).encode()).hexdigest()


def metafor_here() -> bool:
    """Whether R and metafor are installed."""
    command = ["Rscript", "-e", "library(metafor)"]
    return bool(shutil.which("Rscript")) and subprocess.run(command, capture_output=True, check=False).returncode == 0


def run_r(folder: Path, script: str, *arguments: str) -> subprocess.CompletedProcess:
    """Run an R script of a folder there."""
    command = ["Rscript", script, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def ask(build: Build, to: Path) -> None:
    """Write what metafor answers on a build; raises RuntimeError where a number differs, or R fails."""
    with tempfile.TemporaryDirectory() as folder:
        export(build, "r", Path(folder))
        run = run_r(Path(folder, "r"), "all.R", str(to.resolve()))
    if run.returncode:
        raise RuntimeError(run.stdout + run.stderr)


if __name__ == "__main__":
    builds = {name: compute_build(review) for name, review in REVIEWS.items()}
    for name, build in builds.items():
        ask(build, FOLDER / name / "metafor.csv")
    inputs = {"main": fingerprint(r_scripts.files(builds["main"]))}
    INPUTS.write_text(f"{json.dumps(inputs, indent=1)}\n", encoding="utf-8")
