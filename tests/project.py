"""Copies of the project to run and to damage: the tests never write into the tree they come from."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from reanalysis.check.reading import read_table
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Contrast, Outcome
from reanalysis.store import Store

ROOT = Path(__file__).resolve().parents[1]
RAW = ROOT / "data/raw"
EXAMPLE = ROOT / "examples/antidepressants-fibromyalgia"
"""The second review."""
PARTS = ("Snakefile", "Makefile", "pyproject.toml", "config", "data", "profiles", "requirements", "src", "workflow")

Records = list[dict[str, str]]
RECALL = Store().recall
"""Calls a function, or knows its value: the same code on the same content is computed once for all tests."""
CONTRASTS = {located.row.contrast: located.row for located in read_table(RAW / "contrasts.csv", Contrast, "").rows}
"""The contrasts of the project."""


class _Outcomes(dict[str, Outcome]):
    """The outcomes of the project; one that a test made up is called by its name."""

    def __missing__(self, group: str) -> Outcome:
        return Outcome(outcome_group=group, label=group.replace("-", " "), higher_is_better="unclear")


_KNOWN = (located.row for located in read_table(RAW / "outcomes.csv", Outcome, "").rows)
NAMES = Names(CONTRASTS, _Outcomes((row.outcome_group, row) for row in _KNOWN))
"""How the project calls its contrasts and outcomes, and any outcome of a test."""


def evidence_with(**parts) -> Evidence:
    """Evidence of these parts and no others, with the contrasts of the project and outcomes of any name."""
    nothing = dict.fromkeys(("domains", "reports", "samples", "findings"), {})
    return Evidence(**(nothing | {"contrasts": NAMES.contrasts, "outcomes": NAMES.outcomes} | parts))


def copy_raw(target: Path, source: Path = RAW) -> Path:
    """A copy of the raw data, of the project unless another folder is named; returns its folder."""
    return Path(shutil.copytree(source, target / "raw"))


def copy_project(target: Path) -> Path:
    """A copy of everything the pipeline needs, without results; returns its folder.

    Compiled modules come along, which stay valid: to compile the library takes longer than many a run of a stage.
    """
    target.mkdir(parents=True, exist_ok=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name)
        else:
            shutil.copy2(source, target / name)
    return target


def _environment(project: Path, more: Mapping[str, str]) -> dict[str, str]:
    """That of a process with the library of a project."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": str(project / "src"), **more}


def _run(project: Path, command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess:
    """Run this Python in a project with the library of the project; stdout and stderr come together."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env=_environment(project, environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=1800,
        check=False,
    )


def snakemake(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """Run the pipeline of a copy with the library of that copy, as a user would."""
    return _run(project, ["-m", "snakemake", *arguments], environment)


BUILD = "from pathlib import Path; from reanalysis.files.config_file import read_config; from reanalysis import jobs; "
BUILD += "jobs.build(read_config(Path('config/config.yaml'), {}).plain)"


def build(project: Path, **environment: str) -> subprocess.CompletedProcess:
    """All stages in one process, without Snakemake, by the library of the project."""
    return _run(project, ["-c", BUILD], environment)


def reanalysis(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """A command of the command line in a project, with its library."""
    return _run(project, ["-m", "reanalysis.cli", *arguments], environment)


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below a folder, by its path in it; what is hidden, such as records of jobs, apart."""
    paths = {path.relative_to(folder): path for path in sorted(folder.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in paths.items()
        if not any(part.startswith(".") for part in name.parts)
    }


# ---------------------------------------------------------------- tables as text


def read_csv(path: Path) -> tuple[list[str], Records]:
    """Columns and records of a table, every cell as text."""
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        records = list(reader)
    return list(reader.fieldnames), records


def write_csv(path: Path, columns: list[str], records: Records) -> None:
    """Write records as a table; columns that a record lacks stay empty."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(records)


def change_row(path: Path, key: str, **cells: str) -> int:
    """Set cells of the row whose first cell is `key`, of a finding in its primary coding; returns the line of the row.

    Columns that the table lacks are added.
    """
    columns, records = read_csv(path)
    (index,) = (
        index
        for index, record in enumerate(records)
        if record[columns[0]] == key and record.get("coding", "primary") == "primary"
    )
    records[index] |= cells
    write_csv(path, list(dict.fromkeys([*columns, *cells])), records)
    return index + 2


def change_text(path: Path, change: Callable[[str], str]) -> None:
    """Rewrite a file; fails when the change changes nothing, so that no test passes on an edit that missed."""
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before, f"nothing was changed in {path}"
    path.write_text(after, encoding="utf-8")


def keep(raw: Path, names: list[str]) -> None:
    """Leave these domains in raw data, and of the claims those on the first of them that name no others."""
    columns, records = read_csv(raw / "domains.csv")
    write_csv(raw / "domains.csv", columns, [record for record in records if record["domain"] in names])
    for path in (raw / "findings").iterdir():
        if path.stem not in names:
            path.unlink()
    (raw / "corrections.yaml").write_text("[]\n", encoding="utf-8")
    columns, records = read_csv(raw / "claims.csv")
    alone = [r for r in records if r["domain"] == names[0] and not r["restates"] and not r["conflicts_with"]]
    write_csv(raw / "claims.csv", columns, alone)
    columns, records = read_csv(raw / "fidelity.csv")
    claims = {record["claim_id"] for record in alone}
    write_csv(raw / "fidelity.csv", columns, [record for record in records if record["claim_id"] in claims])


def take_out(raw: Path, report_id: str) -> dict[str, Records]:
    """Remove a report, its samples and its findings from raw data; returns their filled cells as a study to add."""
    study: dict[str, Records] = {}
    for path in (raw / "reports.csv", raw / "samples.csv", *sorted((raw / "findings").iterdir())):
        table = "findings" if path.parent.name == "findings" else path.stem
        key = "report_ids" if table == "samples" else "report_id"
        domain = {"domain": path.stem} if table == "findings" else {}
        columns, records = read_csv(path)
        own = [record for record in records if record[key] == report_id]
        if own:
            write_csv(path, columns, [record for record in records if record[key] != report_id])
            filled = ({name: cell for name, cell in record.items() if cell} for record in own)
            study.setdefault(table, []).extend(domain | record for record in filled)
    return study
