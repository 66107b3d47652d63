"""Which files under `data/raw/` are data: the one answer for the check, for what is hashed and for what is read."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from pathlib import Path

from reanalysis.problems import Problem, nearest
from reanalysis.text import listed

TABLE_NAMES = (
    *("contrasts.csv", "outcomes.csv", "vocabulary.csv", "domains.csv", "reports.csv", "samples.csv", "claims.csv"),
    *("fidelity.csv", "flow.csv", "retractions.csv", "appraisals.csv"),
)
CORRECTIONS, REVIEW = "corrections.yaml", "review.yaml"
FILES = (REVIEW, *TABLE_NAMES, CORRECTIONS)
FINDINGS = "findings"
# Hidden files, and what operating systems, spreadsheets and editors leave beside a file that is open.
JUNK = re.compile(
    r"\..*|~\$.*|.*~|#.*#|Icon\r|__MACOSX|(eh)?Thumbs\.db|desktop\.ini|.*\.(bak|tmp|part|crdownload)",
    re.IGNORECASE | re.DOTALL,
)
FOLDERS = {FileNotFoundError: "the folder is missing", NotADirectoryError: "a file in the place of a folder"}
TABLE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.csv")


def is_junk(name: str) -> bool:
    """Whether a file or folder of this name is none of a person's making, and is passed over in silence."""
    return bool(JUNK.fullmatch(name))


def is_table(name: str) -> bool:
    """Whether a path under `data/raw/` is that of a table."""
    folder, _, file = name.rpartition("/")
    return name in TABLE_NAMES or (folder == FINDINGS and bool(TABLE.fullmatch(file)))


def data_files(raw: Path) -> list[Path]:
    """The files that the analysis reads, as far as they exist: the tables, the findings and the corrections, sorted."""
    return sorted(path for path in _entries(raw)[0] if _is_data(raw, path) and _is_file(path))


def strangers(raw: Path) -> list[Problem]:
    """A problem for each file or folder that would otherwise be ignored in silence, such as a misspelt table."""
    entries, problems = _entries(raw)
    for path in entries:
        if not _is_data(raw, path):
            name = repr(path.relative_to(raw).as_posix())[1:-1]  # a name can hold a line break
            problems.append(Problem(name, 0, "", "", "no file of the raw data", _advice(name)))
    return problems


def undeclared(raw: Path, domains: Iterable[str]) -> list[Problem]:
    """A problem for each table of findings whose domain `domains.csv` does not know: nothing would read it."""
    domains = list(domains)
    files = [path for path in _entries(raw)[0] if path.parent != raw and _is_data(raw, path)]
    message = "no domain of this name in domains.csv"
    return [
        Problem(f"{FINDINGS}/{path.name}", 0, "", "", message, _declare(path.stem, domains))
        for path in files
        if path.stem not in domains
    ]


def _declare(name: str, domains: list[str]) -> str:
    return f"Add the domain to domains.csv or remove the file. {nearest(name, domains)}".strip()


def _is_data(raw: Path, path: Path) -> bool:
    if path.parent == raw:
        return path.name in FILES
    return path.parent == raw / FINDINGS and bool(TABLE.fullmatch(path.name))


def _advice(name: str) -> str:
    if re.search(r"correct", name, re.IGNORECASE) and re.search(r"\.(ya?ml|txt)", name, re.IGNORECASE):
        return f"Rename it to `{CORRECTIONS}`: under this name no correction would be applied."
    if name.startswith(f"{FINDINGS}/"):
        return (
            "Findings are CSV files named as their domain: small letters, digits and hyphens, such as `my-domain.csv`."
        )
    hint = nearest(name, (*FILES, FINDINGS), alike=0.7)
    hint = f"{hint} Rename it" if hint else "Move it out of data/raw"
    known = listed([*FILES, f"{FINDINGS}/<domain>.csv"])
    return f"{hint}: the analysis reads {known} alone."


def _entries(raw: Path) -> tuple[list[Path], list[Problem]]:
    """What stands in the folder and in `findings/`, without junk; and the problem of a folder that cannot be listed."""
    found: list[Path] = []
    problems: list[Problem] = []
    for folder in (raw, raw / FINDINGS):
        try:
            names = [entry.name for entry in os.scandir(folder) if not is_junk(entry.name)]
        except OSError as error:
            message = FOLDERS.get(type(error), f"the folder cannot be read: {error.strerror}")
            name = "data/raw" if folder == raw else FINDINGS
            problems.append(Problem(name, 0, "", "", message, "Put the folder with its tables in its place."))
            continue
        found += sorted(folder / name for name in names if folder / name != raw / FINDINGS)
    return found, problems


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
