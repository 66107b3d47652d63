"""What the checks found, as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from reanalysis.check.registry import CHECKS
from reanalysis.problems import Problem
from reanalysis.results.rows import CheckRun, DataProblem


def listed(problems: Iterable[Problem]) -> list[DataProblem]:
    """The problems, each with what its check expects of the data."""
    return [DataProblem(**asdict(problem), expected=CHECKS[problem.check].expected) for problem in problems]


def counted(problems: Iterable[Problem]) -> list[CheckRun]:
    """Every check that the data were put to, with what it found and how much of that is accepted."""
    problems = list(problems)
    found = Counter(problem.check for problem in problems)
    accepted = Counter(problem.check for problem in problems if problem.accepted)
    return [
        CheckRun(check=name, severity=kind.severity, found=found[name], accepted=accepted[name])
        for name, kind in CHECKS.items()
    ]
