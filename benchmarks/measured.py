"""What every measurement says beside its numbers: the machine, the day, and how medians and tables are written."""

from __future__ import annotations

import csv
import datetime
import os
import platform
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

RESULTS = Path(__file__).parent / "results"


class Disagreement(Exception):
    """Two sides give different numbers."""


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    """The largest difference of numbers, relative to these where they are above 1; inf where one is missing."""
    if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return np.inf
    return float((np.abs(ours - theirs) / np.maximum(np.abs(ours), 1.0)).max())


def say(line: str) -> None:
    """A line on the screen at once."""
    print(line, file=sys.stderr, flush=True)


def machine() -> str:
    """The machine and what runs on it, in one line."""
    names = (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name"))
    processor = next(names, platform.processor() or platform.machine())
    return f"{os.cpu_count()} cores, {processor}; {platform.system()}, Python {platform.python_version()}"


def load() -> float:
    """How many processes have wanted a core at a time in the last minute; above their number, times are too long."""
    return round(os.getloadavg()[0], 1)


def today() -> str:
    """The day of a measurement."""
    return datetime.date.today().isoformat()


def spread(seconds: Sequence[float]) -> dict[str, float | int]:
    """Median, shortest and longest time, and how many there are."""
    return {
        "median": float(f"{statistics.median(seconds):.4g}"),
        "min": float(f"{min(seconds):.4g}"),
        "max": float(f"{max(seconds):.4g}"),
        "repetitions": len(seconds),
    }


def write(name: str | Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write a table of measurements into the folder of results, or to a path."""
    rows = list(rows)
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a table of measurements; none where it has not been measured."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keep(name: str, column: str, rows: Sequence[Mapping[str, object]], order: Sequence[str]) -> None:
    """Put the rows of one task into a table, in place of those that were measured before; `order` is that of tasks."""
    known = [row for row in read(RESULTS / name) if row[column] in order and row[column] != rows[0][column]]
    write(name, sorted([*known, *rows], key=lambda row: order.index(row[column])))


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines() if Path(path).exists() else []
