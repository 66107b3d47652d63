"""What a check is, and what people must know of it: docs/checks.md is written from this.

A check over a row is a generator of complaints `(column, message, fix)`. A check over the tables is a generator of
problems with their place. Neither raises, and neither says its own name or severity: `Check` adds them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Literal, TypeVar

from reanalysis.problems import Problem, nearest
from reanalysis.schema.cells import Row

R = TypeVar("R", bound=Row)
Cells = dict[str, str]
Severity = Literal["error", "warning"]


@dataclass(frozen=True, eq=False)
class Located(Generic[R]):
    """A row and the line of its file, so that later checks can point at it.

    One is the same as itself alone: numbers of other digits, 0.1 and 0.10, are equal, and are not checked alike.
    """

    line: int
    row: R


@dataclass(frozen=True)
class Table(Generic[R]):
    """A table as read: the rows that are valid in themselves, and the others, as text, with their problems."""

    file: str
    rows: tuple[Located[R], ...]
    problems: tuple[Problem, ...]
    refused: tuple[Cells, ...] = ()
    cells: dict[int, Cells] = field(default_factory=dict)
    """The filled cells of each line after corrections, of valid and of refused rows."""

    @property
    def unreadable(self) -> bool:
        """Whether the file as a whole is at fault, so that nothing is known of its rows."""
        return bool(self.problems) and not self.rows and not self.refused

    def names(self, key: str) -> set[str]:
        """Values of a key column, of refused rows too: what refers to a row with a bad cell is not wrong for that."""
        refused = {cells[key] for cells in self.refused if key in cells}
        return {getattr(located.row, key) for located in self.rows} | refused


Tables = Mapping[str, Table]  # by the name of the file
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


def own_words(tables: Tables, column: str) -> set[str]:
    """The words that vocabulary.csv declares for a column; none where the file is missing."""
    return {located.row.word for located in rows_of(tables, "vocabulary.csv") if located.row.field == column}


def undeclared_word(tables: Tables, column: str, word: str) -> tuple[str, str]:
    """What is wrong with a word that vocabulary.csv does not declare for its column, and what to do."""
    known = own_words(tables, column)
    if "vocabulary.csv" not in tables:
        fix = f"Create it as docs/codebook.md describes it, with a row for `{word}`."
        return f"vocabulary.csv is missing, which declares the words for {column}", fix
    if not known:
        return f"vocabulary.csv declares no words for {column}", f"Add a row for `{word}` to it."
    fix = f"Add it to vocabulary.csv or correct the spelling. {nearest(word, known)}"
    return f"no word of vocabulary.csv for {column}", fix


def domain_of(file: str) -> str:
    """The domain whose findings a table holds."""
    return file.removeprefix("findings/").removesuffix(".csv")


def findings(tables: Tables) -> Iterator[tuple[str, Located]]:
    """The findings of all domains, each with the name of its file."""
    for file, table in tables.items():
        if file.startswith("findings/"):
            yield from ((file, located) for located in table.rows)


def unread_findings(tables: Tables) -> bool:
    """Whether a finding or a domain could not be read, so that a cell can have findings that are not known."""
    return any(table.problems for name, table in tables.items() if name.startswith(("findings/", "domains.csv")))
