"""What is wrong with the data, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from reanalysis.refused import Refused
from reanalysis.text import count

REPORT = "results/1_checked/problems.csv"
FEW = 3  # warnings that are told on the screen, and not only counted


@dataclass(frozen=True, order=True)
class Problem:
    """One problem of one cell, row or file. Line 1 is the header; line 0 means the file as a whole.

    An error stops the run. A warning stays visible in `problems.csv` and in the report until a person accepts it in
    `corrections.yaml`, with a reason that then stands in `accepted`.
    """

    file: str
    line: int
    column: str
    value: str
    message: str
    fix: str
    severity: Literal["error", "warning"] = "error"
    check: str = ""
    """Name of the check that found it (docs/checks.md), by which a warning is accepted."""
    accepted: str = ""
    row: str = ""
    """Key cells of the row, as an entry of `corrections.yaml` names them."""

    def __post_init__(self):
        object.__setattr__(self, "fix", self.fix.strip())  # a hint at what was meant may be empty

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        cell = f" [{self.column}]" if self.column else ""
        value = f" {_short(self.value)!r}:" if self.value else ""
        return f"{self.severity}: {place}{cell}{value} {self.message}. {self.fix}"


class BadInput(Refused):
    """Raised when the data cannot be used; carries every problem found, not just the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(problems)
        super().__init__(summary(self.problems))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop the pipeline."""
    return [problem for problem in problems if problem.severity == "error"]


def open_warnings(problems: Iterable[Problem]) -> list[Problem]:
    """The warnings that nobody has accepted yet."""
    return [problem for problem in problems if problem.severity == "warning" and not problem.accepted]


def summary(problems: Iterable[Problem]) -> str:
    """What a person reads at the end of a run: how many warnings are open, then all errors and what to do."""
    problems = list(problems)
    wrong, doubtful = errors(problems), open_warnings(problems)
    lines = []
    if doubtful:
        when = " as well: listed, once the errors below are mended," if wrong else ", listed"
        lines.append(f"{count(len(doubtful), 'warning is', 'warnings are')} open{when} in {REPORT}.")
        if not wrong and len(doubtful) <= FEW:
            lines += map(str, doubtful)
    if wrong:
        n = count(len(wrong), "error")
        lines += [*map(str, wrong), f"{n} in the input: fix what is listed above and run again."]
    return "\n".join(lines)


def nearest(word: str, known: Iterable[str], alike: float = 0.6) -> str:
    """A hint at the known word that was probably meant, whatever its case; empty where none is near."""
    by_case = {name.casefold(): name for name in sorted(known)}
    close = get_close_matches(word.casefold(), list(by_case), n=1, cutoff=alike)
    return f"Did you mean `{by_case[close[0]]}`?" if close else ""


def choices(word: str, known: Iterable[str]) -> str:
    """The word that was probably meant, and all that are known."""
    known = list(known)
    return f"{nearest(word, known)} Known: {', '.join(known) or 'none so far'}.".strip()


def _short(value: str) -> str:
    return value if len(value) <= 80 else f"{value[:80]}…"
