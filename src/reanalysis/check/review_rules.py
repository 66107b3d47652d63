"""Checks of `review.yaml` against the tables: what it names exists, and its counts are those of the flow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, get_type_hints

from reanalysis.check.catalog import (
    Tables,
    check,
    domain_of,
    findings,
    own_words,
    rows_of,
    undeclared_word,
    unread_findings,
)
from reanalysis.files.raw_files import REVIEW
from reanalysis.files.yaml_file import KeyPath, line_of
from reanalysis.problems import Problem, choices, nearest
from reanalysis.results.rows import Effect, SampleDirection
from reanalysis.results.table import Row
from reanalysis.schema.cells import Row as RawRow
from reanalysis.schema.cells import is_number
from reanalysis.schema.filters import Where
from reanalysis.schema.raw import Finding, Report
from reanalysis.schema.review import NO_WORD, PANEL_COLUMNS, Review
from reanalysis.schema.scope import in_scope
from reanalysis.schema.vocabulary import DESIGNS, OWN_WORDS
from reanalysis.text import listed

# What a panel shows, whose columns its conditions can name, and the columns that it can tell apart.
PANEL_ROWS = {"studies": Effect, "votes": SampleDirection, "signs": Effect}
BY = {"studies": PANEL_COLUMNS, "votes": ("contrast",), "signs": (*PANEL_COLUMNS, "contrast")}
PLACES = {"contrast": "in contrasts.csv", "design": "a design of docs/codebook.md"}


@dataclass(frozen=True)
class _World:
    """The description of the review with the line of every key, and the tables."""

    review: Review
    lines: dict[KeyPath, int]
    tables: Tables

    def problem(self, path: KeyPath, value: str, message: str, fix: str) -> Problem:
        return Problem(REVIEW, line_of(self.lines, path), ".".join(map(str, path)), value, message, fix)

    def unknown(self, path: KeyPath, value: str, known: Iterable[str], what: str) -> Problem:
        return self.problem(path, value, f"not {what}", choices(value, known))


def review_problems(review: Review, lines: dict[KeyPath, int], tables: Tables) -> Iterator[Problem]:
    """What is wrong with the description of a review, given its tables."""
    world = _World(review, lines, tables)
    for one in REVIEW_CHECKS:
        yield from one.stamped(one.find(world))


@check(
    why="a condition on a misspelt column selects nothing, and nobody notices",
    example="`where: {matrx: plasma}`",
    source="columns of docs/codebook.md",
)
def _columns_of_the_review(world: _World) -> Iterator[Problem]:
    """Counts and panels name columns that exist, and a panel tells apart columns that its kind can."""
    for name, count in world.review.counts.items():
        yield from _conditions(world, ("counts", name), count.where, _columns(Report), "a column of reports.csv")
    for index, panel in enumerate(world.review.panels):
        columns, what = _columns_of_panels(panel.kind), f"a column that a panel of {panel.kind} knows"
        yield from _conditions(world, ("panels", index), panel.where, columns, what)
        for column in panel.by:
            if column not in BY[panel.kind]:
                path = ("panels", index, "by", column)
                yield world.unknown(path, column, BY[panel.kind], f"a column that a panel of {panel.kind} tells apart")
        if panel.kind != "studies" and len(panel.by) != 1:
            message = f"{len(panel.by)} columns in a panel of {panel.kind}"
            yield world.problem(("panels", index, "by"), listed(panel.by), message, "Name one column.")
        if panel.name in [other.name for other in world.review.panels[:index]]:
            yield world.problem(("panels", index, "name"), panel.name, "a second panel of this name", "Rename it.")


@cache
def _columns(row: type[RawRow] | type[Row]) -> dict[str, Any]:
    """The columns of a table of such rows, with what their cells hold."""
    names = row.model_fields if issubclass(row, RawRow) else [one.name for one in fields(row)]
    hints = get_type_hints(row)
    return {name: hints[name] for name in names}


def _columns_of_panels(kind: str) -> dict[str, Any]:
    """The columns of what a panel of a kind shows; numbers that are kept as they were printed are numbers."""
    printed = _columns(Finding)
    return {name: printed.get(name, hint) for name, hint in _columns(PANEL_ROWS[kind]).items()}


def _conditions(
    world: _World, path: KeyPath, conditions: Where, columns: Mapping[str, Any], what: str
) -> Iterator[Problem]:
    """Conditions on columns that a table has not, and ranges of what is no number."""
    for column, condition in conditions.items():
        at = (*path, "where", column)
        if column not in columns:
            yield world.unknown(at, column, columns, what)
        elif condition.of_numbers and not is_number(columns[column]):
            fix = "`at_least` and `below` are for columns of numbers: name words by `any_of` or `contains`."
            yield world.problem(at, column, "a range of a column that holds no numbers", fix)


@check(
    why="a panel of a misspelt contrast or word stays empty",
    example="a lane for `drug_vs_plcebo`",
    source="rule of this project",
)
def _words_of_the_panels(world: _World) -> Iterator[Problem]:
    """The contrasts and words that panels tell apart are those of contrasts.csv, vocabulary.csv and the codebook."""
    known = _known_words(world.tables)
    for index, panel in enumerate(world.review.panels):
        for column, words in panel.by.items():
            for word in words if column in known else ():
                if word in known[column] | {NO_WORD}:
                    continue
                path = ("panels", index, "by", column, word)
                if column in OWN_WORDS:
                    yield world.problem(path, word, *undeclared_word(world.tables, column, word))
                else:
                    yield world.unknown(path, word, sorted(known[column]), PLACES[column])


def _known_words(tables: Tables) -> dict[str, set[str]]:
    """The words of each column that panels tell apart; without the columns whose words could not be read."""
    known = {"design": set(DESIGNS)}
    if not tables["contrasts.csv"].unreadable:
        known["contrast"] = tables["contrasts.csv"].names("contrast")
    if "vocabulary.csv" not in tables or not tables["vocabulary.csv"].problems:
        known |= {column: own_words(tables, column) for column in OWN_WORDS}
    return known


@check(
    why="a panel or an answer of a misspelt cell stays empty",
    example='`cells: ["pain/drug_vs_plcebo/*"]`',
    source="rule of this project",
    severity="warning",
)
def _cells_of_the_panels(world: _World) -> Iterator[Problem]:
    """Each cell that a panel or a question names has findings."""
    tables = world.tables
    if unread_findings(tables):
        return
    rows = [(domain_of(file), located.row) for file, located in findings(tables)]
    known = {f"{domain}/{row.contrast}/{row.outcome_group}" for domain, row in rows}
    named = [
        (("panels", index, "cells", place), item, f"panel {panel.name}")
        for index, panel in enumerate(world.review.panels)
        for place, item in enumerate(panel.cells)
    ]
    named += [
        (("questions", name, "main", place), item, f"question {name}")
        for name, question in world.review.questions.items()
        for place, item in enumerate(question.main)
    ]
    for path, item, of in named:
        if not any(in_scope(item, domain, row) for domain, row in rows):
            fix = f"Name cells as domain/contrast/outcome_group, or remove the entry. {nearest(item, known)}"
            yield world.problem(path, item, f"{of}: matches no cell", fix.strip())


@check(
    why="an answer under a misspelt question is told nowhere",
    example="`question` `treatmnt`",
    source="rule of this project",
)
def _questions(world: _World) -> Iterator[Problem]:
    """The questions that outcomes belong to are asked in review.yaml."""
    asked = world.review.questions
    for located in rows_of(world.tables, "outcomes.csv"):
        name = located.row.question
        if name is not None and name not in asked:
            fix = f"Add it to `questions` of {REVIEW}, or empty the cell. {nearest(name, asked)}"
            yield Problem("outcomes.csv", located.line, "question", name, f"not a question of {REVIEW}", fix)


@check(
    why="two tables state the same count",
    example="69 rows of the reviewed table in `flow.csv`, 68 in `reports.csv`",
    source="rule of this project",
)
def _flow_against_reports(world: _World) -> Iterator[Problem]:
    """A box of the flow that bears the name of a count of review.yaml has its number."""
    if "reports.csv" not in world.tables or world.tables["reports.csv"].problems:
        return
    reports = [located.row for located in world.tables["reports.csv"].rows]
    for located in rows_of(world.tables, "flow.csv"):
        row, count = located.row, world.review.counts.get(located.row.box)
        if count is None or any(_conditions(world, (), count.where, _columns(Report), "")):
            continue
        if (found := count.of(reports)) != row.count:
            fix = "Correct the count, or the rows of reports.csv."
            value = "" if row.count is None else str(row.count)
            yield Problem("flow.csv", located.line, "count", value, f"reports.csv has {found} {count.label}", fix)


REVIEW_CHECKS = (_columns_of_the_review, _words_of_the_panels, _cells_of_the_panels, _questions, _flow_against_reports)
