"""Checks that need more than one cell: within a row, within a table, and across tables.

Each rule is a generator of problems over the tables that exist; none of them raises.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from reanalysis.check import plausibility, preconditions
from reanalysis.check.catalog import (
    Check,
    Located,
    Table,
    Tables,
    check,
    domain_of,
    findings,
    own_words,
    rows_of,
    undeclared_word,
)
from reanalysis.check.claims import claim_problems
from reanalysis.problems import Problem, nearest
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cells import split
from reanalysis.schema.raw import KEYS, RAW_TABLES, Finding, FindingRow, key_of, links
from reanalysis.schema.review import Review
from reanalysis.text import count, listed


def across(tables: Tables, review: Review | None) -> list[Problem]:
    """All problems of rows that are valid cell by cell; what is wrong is not asked whether it is plausible."""
    wrong = errors_across(tables, review)
    return [*wrong, *_problems(_without(tables, wrong), plausibility.TABLE_CHECKS, _doubts_of_row)]


def errors_across(tables: Tables, review: Review | None) -> list[Problem]:
    """What is wrong with rows that are valid cell by cell, without the warnings."""
    return [*_problems(tables, TABLE_RULES, _errors_of_row), *claim_problems(tables, review)]


def _problems(tables: Tables, over_tables: Iterable[Check], of_row: Callable) -> Iterator[Problem]:
    for one in over_tables:
        yield from one.of_tables(tables)
    for file, located in findings(tables):
        if located.row.comparison:  # of an unknown contrast nothing more can be said
            yield from of_row(file, located)


# A row says of itself what it said before: where one file of many was edited, the rows of the others are asked once.


@lru_cache(maxsize=2048)
def _errors_of_row(file: str, located: Located[Finding]) -> tuple[Problem, ...]:
    return tuple(problem for one in ROW_RULES for problem in one.of_row(file, located))


@lru_cache(maxsize=2048)
def _doubts_of_row(file: str, located: Located[Finding]) -> tuple[Problem, ...]:
    return tuple(problem for one in plausibility.ROW_CHECKS for problem in one.of_row(file, located))


def _without(tables: Tables, problems: list[Problem]) -> Tables:
    """The tables without the rows that have an error."""
    wrong = {(problem.file, problem.line) for problem in problems}
    return {
        name: replace(table, rows=tuple(one for one in table.rows if (name, one.line) not in wrong))
        for name, table in tables.items()
    }


# ---------------------------------------------------------------- keys and references


@check(
    why="what stands twice is counted twice",
    example="`smith2010` in two rows of `reports.csv`",
    source="keys of the tables (docs/codebook.md)",
)
def _duplicate_keys(tables: Tables) -> Iterator[Problem]:
    """Ids, rows of the reviewed table, and the codings of a finding are unique; a finding stands in one domain."""
    for name, key in KEYS.items():
        rows = rows_of(tables, name)
        yield from _repeated(((name, located, key_of(located.row, name)) for located in rows), key[-1])
    listed_at = ((("reports.csv", located, located.row.in_review)) for located in rows_of(tables, "reports.csv"))
    yield from _repeated(listed_at, "in_review")
    codings = ((file, located, f"{located.row.finding_id} {located.row.coding}") for file, located in findings(tables))
    yield from _repeated(codings, "finding_id")


def _repeated(keyed: Iterable[tuple[str, Located, object]], column: str) -> Iterator[Problem]:
    first: dict[object, str] = {}
    for file, located, key in keyed:
        if key is None:
            continue
        if key in first:
            fix = f"It stands already at {first[key]}: rename or remove one of them."
            yield Problem(file, located.line, column, str(key), "duplicate", fix)
        first.setdefault(key, f"{file}:{located.line}")


@check(
    why="a misspelt id loses the row that it means",
    example="`report_id` `smiht2010`, which no report has",
    source="keys of the tables (docs/codebook.md)",
)
def _references(tables: Tables) -> Iterator[Problem]:
    """Whatever a row names exists: contrasts, outcomes, reports, samples, domains and claims."""
    known = {
        name: tables[name].names(key)
        for name, (key, *more) in KEYS.items()
        if name in tables and not more and not tables[name].unreadable
    }
    named = [
        (file, column, target) for file in tables for column, target in links(RAW_TABLES.get(file, FindingRow)).items()
    ]
    for file, column, target in named:
        if target not in known:
            continue
        for line, one in _named(tables[file], column):
            if one not in known[target]:
                fix = f"Add it to {target} or correct the spelling. {nearest(one, known[target])}"
                yield Problem(file, line, column, one, f"not in {target}", fix)


def _named(table: Table, column: str) -> Iterator[tuple[int, str]]:
    """What the cells of a column name, with their lines: of rows that are refused for another cell, too."""
    for located in table.rows:
        value = getattr(located.row, column)
        yield from ((located.line, one) for one in (value if isinstance(value, tuple) else [value]) if one is not None)
    wrong = {(problem.line, problem.column) for problem in table.problems}
    for line in sorted(table.cells.keys() - {located.line for located in table.rows}):
        cell = table.cells[line].get(column)
        if cell and (line, column) not in wrong:
            yield from ((line, one) for one in split(cell) if one)


@check(
    why="a word that is spelt in two ways is two words",
    example="`matrix` `plazma`",
    source="vocabulary.csv of the review",
)
def _own_words(tables: Tables) -> Iterator[Problem]:
    """Words in the review's own columns stand in vocabulary.csv."""
    if "vocabulary.csv" in tables and tables["vocabulary.csv"].problems:
        return
    known = {column: own_words(tables, column) for column in v.OWN_WORDS}
    places: dict[tuple[str, str], list[tuple[str, int]]] = defaultdict(list)
    rows = [*findings(tables), *(("reports.csv", located) for located in rows_of(tables, "reports.csv"))]
    for file, located in rows:
        for column, words in known.items():
            word = getattr(located.row, column, None)
            if word is not None and word not in words:
                places[column, word].append((file, located.line))
    for (column, word), [(file, line), *others] in places.items():  # a word is said once, whatever cells hold it
        message, fix = undeclared_word(tables, column, word)
        again = f" ({count(len(others), 'more cell has', 'more cells have')} it)" if others else ""
        yield Problem(file, line, column, word, message + again, fix)


@check(
    why="an effect of another design answers another question",
    example="a before-after study in a contrast of two groups",
    source="rule of this project",
)
def _design_of_the_contrast(tables: Tables) -> Iterator[Problem]:
    """The design of a finding is one that its contrast declares."""
    declared = {located.row.contrast: located.row for located in rows_of(tables, "contrasts.csv")}
    for file, located in findings(tables):
        row, contrast = located.row, declared.get(located.row.contrast)
        if contrast is None or contrast.comparison != "difference" or row.design is None:
            continue
        if not set(v.FITTING_DESIGNS[row.design]).intersection(contrast.design):
            message = f"contrast {row.contrast} is declared as {listed(contrast.design)}"
            fix = "Correct the design or the contrast, or declare one more design in contrasts.csv."
            yield Problem(file, located.line, "design", row.design, message, fix)


@check(
    why="a contrast that is two things at once has no scale",
    example="`design` `between; association`",
    source="rule of this project",
)
def _one_comparison(tables: Tables) -> Iterator[Problem]:
    """A contrast is one of differences, or an association, or an interaction; it names both sides, or none, apart."""
    for located in rows_of(tables, "contrasts.csv"):
        row = located.row
        if len(row.design) > 1 and {"association", "interaction"}.intersection(row.design):
            fix = "An association and an interaction have no other design: make it two contrasts."
            yield Problem("contrasts.csv", located.line, "design", "; ".join(row.design), "designs that differ", fix)
        if (row.side_1 is None) != (row.side_2 is None):
            column = "side_1" if row.side_1 is None else "side_2"
            yield Problem("contrasts.csv", located.line, column, "", "one side alone is named", "Name both, or none.")
        for first, second in (("side_1", "side_2"), ("lower", "higher")):
            words = getattr(row, second)
            if words is not None and words == getattr(row, first):
                message, fix = f"the same words as {first}", "Say how the two differ."
                yield Problem("contrasts.csv", located.line, second, words, message, fix)


@check(
    why="a judgement of nothing, or of two things, cannot be shown",
    example="neither `sample_id` nor `cell`",
    source="rule of this project",
)
def _appraised(tables: Tables) -> Iterator[Problem]:
    """A judgement is of one sample, or of one answer that exists."""
    incomplete = any(table.problems for file, table in tables.items() if file.startswith(("findings/", "domains")))
    cells = {
        f"{domain_of(file)}/{located.row.contrast}/{located.row.outcome_group}" for file, located in findings(tables)
    }
    for located in rows_of(tables, "appraisals.csv"):
        row = located.row
        if (row.sample_id is None) == (row.cell is None):
            fix = "Fill `sample_id` for a risk of bias, or `cell` for the certainty of an answer."
            yield Problem("appraisals.csv", located.line, "sample_id", row.sample_id or "", "one of two is needed", fix)
        elif row.cell is not None and row.cell not in cells and not incomplete:
            fix = f"Name it as domain/contrast/outcome_group. {nearest(row.cell, cells)}"
            yield Problem("appraisals.csv", located.line, "cell", row.cell, "no findings of this answer", fix)


@check(
    why="what a source says of a claim can be checked only where it was read",
    example="`yes` without a locator",
    source="rule of this project",
)
def _fidelity(tables: Tables) -> Iterator[Problem]:
    """What a source says of a claim has a locator; what it does not say, and what was not seen of it, are named."""
    for located in rows_of(tables, "fidelity.csv"):
        row, read = located.row, ("seen", "locator", "told")
        empty = [cell for cell in read if getattr(row, cell) is None]
        if row.says != "not_seen" and empty:
            fix = "Say what was read, where, and what it says; or write not_seen."
            yield Problem("fidelity.csv", located.line, empty[0], "", f"must not be empty: it {row.says} says so", fix)
        if row.says == "not_seen" and len(empty) < len(read):
            cell = next(cell for cell in read if cell not in empty)
            fix = "Empty it, or say what the source says."
            yield Problem("fidelity.csv", located.line, cell, getattr(row, cell), "of a source that was not seen", fix)
        if (row.missing is None) != (row.says == "yes"):
            fix = "Name what the source does not say, or what would have to be read; where it says all, nothing."
            value = row.missing or ""
            yield Problem("fidelity.csv", located.line, "missing", value, f"does not fit `{row.says}`", fix)


@check(
    why="the primary coding is the one that is analysed",
    example="a finding with the codings `abstract` and `figure` and no `primary`",
    source="rule of this project",
)
def _codings(tables: Tables) -> Iterator[Problem]:
    """A finding has exactly one primary coding; its codings agree on report, sample, contrast and outcome group."""
    groups: dict[str, list[tuple[str, Located[Finding]]]] = defaultdict(list)
    for file, located in findings(tables):
        groups[located.row.finding_id].append((file, located))
    refused = Counter(
        cells.get("finding_id")
        for table in tables.values()
        for cells in table.refused
        if cells.get("coding") == "primary"
    )
    for finding, codings in groups.items():
        file, located = codings[0]
        primaries = sum(located.row.coding == "primary" for _, located in codings) + refused[finding]
        if not primaries:  # two of them are one row twice, which is a fault of its own
            message = f"no coding of {finding} is `primary`"
            fix = "Name the coding that is analysed `primary`."
            yield Problem(file, located.line, "coding", located.row.coding, message, fix)
        for column in ("report_id", "sample_id", "contrast", "outcome_group", "higher_is_better"):
            if len({getattr(located.row, column) for _, located in codings} | {None}) > 2:
                fix = "Codings are versions of one finding: make the cells equal, or make it another finding."
                yield Problem(file, located.line, column, finding, "differs between the codings of a finding", fix)


@check(
    why="a mean pooled with its parts counts them twice",
    example="`composite_of` names a finding of another domain",
    source="Borenstein et al. 2009, ch. 24 (several outcomes of one study)",
)
def _composites(tables: Tables) -> Iterator[Problem]:
    """The parts of a composite are other findings of the same domain."""
    for file, table in tables.items():
        if not file.startswith("findings/"):
            continue
        here = table.names("finding_id")
        for located in table.rows:
            for part in located.row.composite_of or ():
                if part not in here or part == located.row.finding_id:
                    fix = f"Name findings of the same file. {nearest(part, here)}"
                    yield Problem(file, located.line, "composite_of", part, "not a part that can be found", fix)


@check(
    why="findings of one group are pooled, and a reversed scale cancels them",
    example="`higher_is_better` `no` beside `not_applicable` in one group",
    source="Cochrane Handbook 6.5, section 6.5.1.2 (scales that point the same way)",
)
def _one_meaning_of_higher(tables: Tables) -> Iterator[Problem]:
    """Findings that are pooled together agree on whether higher is better."""
    for file, table in tables.items():
        if not file.startswith("findings/"):
            continue
        meaning: dict[tuple, Located[Finding]] = {}
        for located in table.rows:
            row = located.row
            first = meaning.setdefault((row.contrast, row.outcome_group), located)
            if first.row.higher_is_better != row.higher_is_better:
                message = f"line {first.line} says {first.row.higher_is_better} for the same contrast and outcome_group"
                fix = (
                    "Findings of one group are pooled. Where higher is neither good nor bad, as with a level, write "
                    "`not_applicable`, or `unclear` where no source says; where this scale runs the other way, give "
                    "the outcome a group of its own."
                )
                yield Problem(file, located.line, "higher_is_better", row.higher_is_better, message, fix)


@check(
    why="a count that does not add up is a misprint, here or in the review",
    example="310 records of which the boxes give 311",
    source="PRISMA 2020 flow diagram (Page et al. 2021, BMJ 372, n71)",
)
def _flow_arithmetic(tables: Tables) -> Iterator[Problem]:
    """Counts, bounds and status of a flow box fit together, and the sums named as its basis hold."""
    rows = rows_of(tables, "flow.csv")
    boxes = {located.row.box: located.row.count for located in rows}
    refused = tables["flow.csv"].names("box") - boxes.keys() if rows else set()
    for located in rows:
        row, place = located.row, ("flow.csv", located.line)
        if (row.count is not None) != (row.status in ("reported", "derived")):
            fix = "A count is filled for reported and derived boxes only."
            yield Problem(*place, "count", str(row.count or ""), f"does not fit status {row.status}", fix)
        if (row.lower is not None or row.upper is not None) != (row.status == "bounded"):
            yield Problem(*place, "status", row.status, "bounds do not fit", "Only bounded boxes have lower or upper.")
        if row.status == "derived" and not row.basis:
            yield Problem(*place, "basis", "", "must not be empty", "Say from which boxes the count is derived.")
        if row.basis is None or row.count is None or not re.fullmatch(r"[a-z0-9-]+( [+-] [a-z0-9-]+)+", row.basis):
            continue
        terms = re.findall(r"(?:^|([+-]) )([a-z0-9-]+)", row.basis)
        unknown = [name for _, name in terms if boxes.get(name) is None]
        if refused.intersection(unknown):
            continue
        if unknown:
            fix = "Use boxes that have a count."
            yield Problem(*place, "basis", ", ".join(unknown), "names boxes without a count", fix)
        elif (total := sum(-boxes[n] if s == "-" else boxes[n] for s, n in terms)) != row.count:
            yield Problem(*place, "count", str(row.count), f"{row.basis} is {total}", "Check the counts.")


TABLE_RULES = (
    _duplicate_keys,
    _references,
    _own_words,
    _one_comparison,
    _design_of_the_contrast,
    _appraised,
    _fidelity,
    _codings,
    _composites,
    _one_meaning_of_higher,
    _flow_arithmetic,
)


# ---------------------------------------------------------------- rows of findings


@check(
    why="what a row declares decides the formula; a number that it does not use would be lost",
    example="`stat_type` `means` without `sd2i`",
    source="statistics of docs/codebook.md; names as in metafor's `escalc`",
)
def _cells_of_stat_type(row: Finding):
    """The cells of the declared statistic are filled, those of another are empty; sizes are of groups or in all."""
    kind = v.STAT_TYPES[row.stat_type]
    allowed = (*kind.required, *kind.optional)
    for cell in v.STAT_CELLS:
        if cell in kind.required and getattr(row, cell) is None:
            yield cell, f"must not be empty for stat_type {row.stat_type}", "Fill it or declare another stat_type."
        elif cell not in allowed and getattr(row, cell) is not None:
            fix = (
                f"{row.stat_type} takes {', '.join(allowed) or 'no statistic'}: empty it or declare another stat_type."
            )
            yield cell, f"does not belong to stat_type {row.stat_type}", fix
    if row.ni is not None and (row.n1i is not None or row.n2i is not None):
        yield "ni", "a total beside group sizes", "Give the sizes of the two groups, or the total, not both."


@check(
    why="the sign is data and must say of what",
    example="`direction` `positive` for a comparison of two groups",
    source="rule of this project",
)
def _direction_words(row: Finding):
    """Associations are positive or negative, contrasts say which group is higher, and then name the groups."""
    association = row.comparison == "association"
    wrong = ("group_1_higher", "group_2_higher") if association else ("positive", "negative")
    if row.direction in wrong:
        fix = "Associations are positive or negative; group contrasts say which group is higher."
        yield "direction", f"does not fit contrast {row.contrast}", fix
    for side in ("group_1", "group_2"):
        if not association and getattr(row, side) is None and row.direction in v.SIGN:
            yield side, "must not be empty where the direction says which group is higher", "Name the group."


@check(
    why="a reversed sign is the costliest slip of an extraction",
    example="means of 92.1 and 88.9 with `group_2_higher`",
    source="Gøtzsche et al. 2007, JAMA 298, 430-437 (errors of extraction in SMDs)",
)
def _sign_against_direction(row: Finding):
    """Means, t, r, d, coefficients and effects have the sign that the direction states."""
    stated = v.SIGN.get(row.direction)
    for column, number in _signed_numbers(row):
        if stated is not None and number * stated < 0:
            fix = "Check the sign at the source, or correct `direction`."
            yield column, f"has the other sign than direction {row.direction}", fix
        elif row.direction == "not_visible":
            yield column, "a number although direction says the result is not visible", "Give the direction."


def _signed_numbers(row: Finding):
    pairs = (("m1i", "m2i"), ("med1i", "med2i"))
    yield from (
        (first, getattr(row, first) - getattr(row, second))
        for first, second in pairs
        if getattr(row, first) is not None and getattr(row, second) is not None
    )
    single = ("ti", "ri", "di", "bi", "yi")
    yield from ((name, getattr(row, name)) for name in single if getattr(row, name) is not None)


@check(
    why="an interval that does not hold its effect is misprinted or misread",
    example="0.70 with the interval -1.33 to -0.06",
    source="definition of a confidence interval",
)
def _published_bounds(row: Finding):
    """A confidence interval is in order and holds its effect."""
    if row.ci_lb is None or row.ci_ub is None:
        return
    middle = row.yi if row.yi is not None else row.di
    if not row.ci_lb < row.ci_ub:
        yield "ci_lb", "not below the upper bound", "Check both bounds at the source."
    elif middle is not None and not row.ci_lb <= middle <= row.ci_ub:
        yield "ci_lb", "the interval does not hold the effect", "Check the bounds and the effect at the source."


@check(
    why="a p is a number only with its relation, and a bound is not a number",
    example="`pi` 0 with `=`",
    source="Nuijten et al. 2016, Behav. Res. Methods 48, 1205-1226 (p = .000 is an error)",
)
def _p_value(row: Finding):
    """A printed p comes with its relation and is not zero; an exact p is stat_type p, a bound is significance."""
    printed = {"=", "<", ">"}
    if row.p_relation in printed and row.pi is None:
        yield "pi", f"must not be empty where p_relation is {row.p_relation}", "Give the printed p."
    if row.p_relation is not None and row.p_relation not in printed and row.pi is not None:
        yield "pi", f"a p beside p_relation {row.p_relation}", "Use =, < or > where a p is printed."
    if row.pi is not None and row.p_relation is None:
        yield "p_relation", "must not be empty beside a p", "Say whether p is =, < or > the printed value."
    if row.stat_type == "p" and row.p_relation not in (None, "="):
        yield "p_relation", "stat_type p needs an exact p", "Declare `significance` for a bound or a statement."
    if row.stat_type == "significance" and row.p_relation == "=":
        yield "p_relation", "an exact p is more than a significance statement", "Declare stat_type p."
    if row.pi == 0:
        yield "pi", "a p of zero does not exist", "Write the bound that is meant, such as p_relation < and 0.001."


ROW_RULES = (
    *(_cells_of_stat_type, _direction_words, _sign_against_direction, _published_bounds, _p_value),
    *preconditions.ROW_RULES,
)
