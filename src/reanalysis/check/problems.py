"""What is wrong with the data, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


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

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        cell = f" [{self.column}]" if self.column else ""
        value = f" {self.value!r}:" if self.value else ""
        return f"{self.severity}: {place}{cell}{value} {self.message}. {self.fix}"


class BadInput(Exception):
    """Raised when the data cannot be used; carries every problem found, not just the first."""

    def __init__(self, problems: Iterable[Problem]):
        self.problems = sorted(problems)
        super().__init__(summary(self.problems))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """The problems that stop the pipeline."""
    return [problem for problem in problems if problem.severity == "error"]


def summary(problems: list[Problem]) -> str:
    """All problems, one a line, with a closing count."""
    count = len(errors(problems))
    noun = "error" if count == 1 else "errors"
    return "\n".join([*map(str, problems), f"{count} {noun} in the input: mend the cells named above and run again."])
