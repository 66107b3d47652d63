"""What a check is, and what people must know of it: docs/checks.md is written from this.

A check over a row is a generator of complaints `(column, message, fix)`. A check over the tables is a generator of
problems with their place. Neither raises, and neither says its own name or severity: `Check` adds them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from reanalysis.problems import Problem

if TYPE_CHECKING:
    from reanalysis.check.reading import Located, Table

Severity = Literal["error", "warning"]
Tables = Mapping[str, "Table"]  # by the name of the file
Complaint = tuple[str, str, str]  # column, what is wrong, what to do


@dataclass(frozen=True)
class Kind:
    """A kind of problem: its name, what is expected of the data and why, an example, and the source of the rule."""

    id: str
    severity: Severity
    expected: str
    why: str
    example: str
    source: str

    def stamped(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """The problems with the name and the severity of this kind."""
        return (replace(problem, severity=self.severity, check=self.id) for problem in problems)


@dataclass(frozen=True)
class Check(Kind):
    """A kind of problem with the function that finds it."""

    find: Callable[..., Iterable[Any]]

    def of_row(self, file: str, located: Located) -> Iterator[Problem]:
        """What a check over a row finds in this one."""
        for column, message, fix in self.find(located.row):
            value = getattr(located.row, column)
            yield Problem(file, located.line, column, cell(value), message, fix, self.severity, self.id)

    def of_tables(self, tables: Tables) -> Iterator[Problem]:
        """What a check over the tables finds."""
        return self.stamped(self.find(tables))


def check(
    *, why: str, example: str, source: str, severity: Severity = "error"
) -> Callable[[Callable[..., Iterable[Any]]], Check]:
    """Make a check of a generator: its name is that of the function, what it expects of the data the docstring."""

    def made(find: Callable[..., Iterable[Any]]) -> Check:
        name = find.__name__.strip("_").replace("_", "-")
        return Check(name, severity, " ".join(inspect.getdoc(find).split()), why, example, source, find)

    return made


def cell(value: Any) -> str:
    """A value as it stands in its cell."""
    if value is None:
        return ""
    return "; ".join(value) if isinstance(value, tuple) else str(value)


def rows_of(tables: Tables, name: str) -> Sequence[Located]:
    """The rows of a table; none where the table is not there."""
    return tables[name].rows if name in tables else ()


def findings(tables: Tables) -> Iterator[tuple[str, Located]]:
    """The findings of all domains, each with the name of its file."""
    for file, table in tables.items():
        if file.startswith("findings/"):
            yield from ((file, located) for located in table.rows)
