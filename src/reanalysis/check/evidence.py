"""Load the raw data as one immutable object, with every problem that its cells and rows have."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from pathlib import Path

from reanalysis.check import kinds, rules
from reanalysis.check.catalog import Located, Table
from reanalysis.check.corrections import Entry, accept, read_corrections, unknown_tables
from reanalysis.check.letters import letters_without_glyph
from reanalysis.check.reading import read_table
from reanalysis.check.review_file import read_review
from reanalysis.check.review_rules import review_problems
from reanalysis.files.raw_files import CORRECTIONS, REVIEW, data_files, strangers, undeclared
from reanalysis.problems import BadInput, Problem, errors
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import (
    APART,
    FINDING_KEY,
    KEYS,
    OPTIONAL,
    RAW_TABLES,
    Contrast,
    Finding,
    FindingRow,
    Outcome,
    key_of,
)
from reanalysis.schema.review import Review


def findings_file(domain: str) -> str:
    """Name of a domain's table under `data/raw/`."""
    return f"findings/{domain}.csv"


@dataclass(frozen=True)
class _Read:
    """What was read: the tables with what their findings are, and all problems."""

    tables: dict[str, Table]
    domains: list[str]
    entries: list[Entry]
    problems: list[Problem]

    def evidence(self) -> Evidence:
        tables = self.tables
        parts = {
            name.removesuffix(".csv"): {key_of(located.row, name): located.row for located in tables[name].rows}
            for name in KEYS
            if name in tables
        }
        findings = {d: tuple(located.row for located in tables[findings_file(d)].rows) for d in self.domains}
        rows: dict[str, list[FindingRow]] = defaultdict(list)
        for row in chain.from_iterable(findings.values()):
            rows[row.contrast].append(row)
        contrasts = {name: with_sides(contrast, rows[name]) for name, contrast in parts.pop("contrasts").items()}
        return Evidence(**parts, contrasts=contrasts, findings=findings)


def check(raw: Path) -> tuple[Evidence, list[Problem]]:
    """Load everything under `raw` and run every check, so that all problems are known at once.

    Warnings that `corrections.yaml` accepts carry the reason in `accepted`. Never raises for what the files hold.
    """
    read = _read(raw, KEYS)
    tables, entries = read.tables, read.entries
    review, lines, found = read_review(raw / REVIEW)
    problems = [*read.problems, *kinds.REVIEW.stamped(found), *kinds.STRANGER.stamped(strangers(raw))]
    problems += review_problems(review, lines, tables) if review else []
    if not tables["domains.csv"].problems:
        problems += kinds.CORRECTION.stamped(unknown_tables(entries, {*tables, REVIEW}))
        problems += kinds.UNDECLARED.stamped(undeclared(raw, read.domains))
    problems += rules.across(tables, review)
    problems += letters_without_glyph(tables)
    problems = accept(
        sorted(_with_rows(problems, tables)),
        entries,
        {REVIEW: {}, **{name: table.cells for name, table in tables.items()}},
    )
    return replace(read.evidence(), review=review), sorted(problems)


def _with_rows(problems: Iterable[Problem], tables: dict[str, Table]) -> set[Problem]:
    """The problems, each once, with the key cells of the row that they are about."""
    named = set()
    for problem in problems:
        cells = tables[problem.file].cells.get(problem.line, {}) if problem.file in tables else {}
        keys = KEYS.get(problem.file, FINDING_KEY)
        row = ", ".join(f"{key}: {cells[key]}" for key in keys if key in cells)
        named.add(replace(problem, row=row))
    return named


def load(raw: Path) -> Evidence:
    """Load everything; raises BadInput with all problems when any of them is an error."""
    evidence, problems = check(raw)
    if errors(problems):
        raise BadInput(problems)
    return evidence


def load_evidence(raw: Path) -> Evidence:
    """Load what the effects rest on: all but the claims, the flow, and what the review says of itself.

    Raises BadInput when a row of these tables is wrong.
    """
    read = _read(raw, [name for name in KEYS if name not in APART])
    problems = [*read.problems, *rules.errors_across(read.tables, None)]
    if errors(problems):
        raise BadInput(problems)
    return read.evidence()


def load_review(raw: Path) -> Review:
    """What the review says of itself; raises BadInput where `review.yaml` cannot be used."""
    review, _, problems = read_review(raw / REVIEW)
    if review is None:
        raise BadInput(kinds.REVIEW.stamped(problems))
    return review


def _read(raw: Path, names: Iterable[str]) -> _Read:
    entries, found = read_corrections(raw / CORRECTIONS)
    problems = list(kinds.CORRECTION.stamped(found))
    tables = _tables(raw, names, entries)
    domains = list(dict.fromkeys(located.row.domain for located in tables["domains.csv"].rows))
    there = [path.stem for path in data_files(raw) if path.parent != raw]  # read though its domain may be misspelt
    tables |= _tables(raw, dict.fromkeys(map(findings_file, [*domains, *there])), entries)
    problems += [problem for table in tables.values() for problem in table.problems]
    return _Read(_with_meaning(tables), domains, entries, problems)


def _tables(raw: Path, names: Iterable[str], entries: list[Entry]) -> dict[str, Table]:
    there = [name for name in names if name not in OPTIONAL or os.path.lexists(raw / name)]
    return {name: read_table(raw / name, RAW_TABLES.get(name, FindingRow), name, entries) for name in there}


# ---------------------------------------------------------------- what findings are


def _with_meaning(tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables, the findings with what the review declares of their contrast and outcome, as far as it does."""
    contrasts = {located.row.contrast: located.row for located in tables["contrasts.csv"].rows}
    outcomes = {located.row.outcome_group: located.row for located in tables["outcomes.csv"].rows}

    def meant(located: Located[FindingRow]) -> Located[Finding]:
        row = located.row
        return _meant(located, contrasts.get(row.contrast), outcomes.get(row.outcome_group))

    return {
        name: replace(table, rows=tuple(map(meant, table.rows))) if name.startswith("findings/") else table
        for name, table in tables.items()
    }


@lru_cache(maxsize=2048)
def _meant(located: Located[FindingRow], contrast: Contrast | None, outcome: Outcome | None) -> Located[Finding]:
    """The row in its place with what it means; the same one again where none of these has changed."""
    return Located(located.line, finding(located.row, contrast, outcome))


def with_sides(contrast: Contrast, findings: Iterable[FindingRow]) -> Contrast:
    """A contrast without sides with those that its findings name, where they name the same; any other as it is.

    A change in time has before and after, which are no sides.
    """
    if contrast.side_1 or contrast.side_2 or contrast.design == ("change",):
        return contrast
    own = (row for row in findings if row.contrast == contrast.contrast)
    named = {(row.group_1, row.group_2) for row in own if row.group_1 and row.group_2}
    if len(named) != 1:
        return contrast
    ((first, second),) = named
    return contrast.between(first, second)


def finding(row: FindingRow, contrast: Contrast | None, outcome: Outcome | None) -> Finding:
    """A row with what its contrast compares, and whether more of its outcome is good."""
    better = row.higher_is_better or (outcome.higher_is_better if outcome else None)
    values = {**dict(row), "higher_is_better": better, "comparison": contrast.comparison if contrast else None}
    return Finding.model_construct(**values)
