"""Checks of words: those that mean nothing where a word changes what is computed, and those that are spelt alike."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

from reanalysis.check.catalog import Located, Tables, cell, check, findings, rows_of
from reanalysis.problems import Problem
from reanalysis.text import count

NOTHING = frozenset(
    ("na", "n/a", "n.a", "nan", "nil", "no", "none", "null", "not applicable", "not available", "missing", "unknown")
    + ("", "x", "?", "??", "-", "--", "–", "—", ".", "...", "/", "0", "false", "f", "n", "tbd", "todo")
)
# A word in these cells leaves a row out, links it or overrules a verdict: an empty cell is the only `no`.
SWITCHES = {
    "findings/": ("doubt", "composite_of", "via", "sample_id"),
    "samples.csv": ("overlap",),
    "reports.csv": ("about",),
    "claims.csv": (
        "overruled_verdict",
        "overruled_by",
        "overruled_reason",
        "restates",
        "conflicts_with",
        "credited_to",
    ),
}
NEEDED = {
    "findings/": ("population", "outcome", "locator", "coder"),
    "reports.csv": ("label", "authors", "title"),
    "claims.csv": ("claim", "section", "lines"),
    "retractions.csv": ("source",),
}


def _cells(tables: Tables, columns: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, Located, str, str]]:
    """File, row, column and text of the filled cells of these columns."""
    for file, table in tables.items():
        for name in columns.get("findings/" if file.startswith("findings/") else file, ()):
            for located in table.rows:
                value = getattr(located.row, name)
                if value is not None:
                    yield file, located, name, cell(value)


def means_nothing(text: str) -> bool:
    """Whether a text is a word for `nothing`, such as NA, no or a dash."""
    return text.strip().rstrip(".").strip().lower() in NOTHING


@check(
    why="any word in `doubt` leaves the finding out of the analysis, `no` as well",
    example="`doubt` NA in every row: nothing is pooled, and nothing is said",
    source="empty cells of docs/codebook.md",
)
def _word_for_nothing(tables: Tables) -> Iterator[Problem]:
    """A cell that has an effect as soon as it is filled holds no word for `nothing` (NA, no, none, -, ?)."""
    for file, located, column, text in _cells(tables, SWITCHES):
        if means_nothing(text):
            fix = "Leave the cell empty; if something is meant, say what."
            yield Problem(file, located.line, column, text, "a word for nothing in a cell that has an effect", fix)


@check(
    severity="warning",
    why="a locator `-` says that nobody can look the number up",
    example="`locator` ?",
    source="rule of this project: every number can be looked up",
)
def _placeholder(tables: Tables) -> Iterator[Problem]:
    """A text that is needed is no word for `nothing`."""
    for file, located, column, text in _cells(tables, NEEDED):
        if means_nothing(text):
            yield Problem(file, located.line, column, text, "a placeholder", "Fill in what the column asks for.")


# ---------------------------------------------------------------- spelling


@check(
    severity="warning",
    why="a finding is pooled with those of the same domain, contrast and outcome_group, letter by letter",
    example="`hormone-levels` or `hormone` where the other studies have `hormone-level`",
    source="edit distance of Damerau 1964, Commun. ACM 7, 171-176",
)
def _lonely_outcome_group(tables: Tables) -> Iterator[Problem]:
    """An outcome_group of one study has not nearly the name, nor the outcome, of one of other studies."""
    studies: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    outcomes: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for file, located in findings(tables):
        row = located.row
        key = file, row.contrast, row.outcome_group
        studies[key].add(row.report_id)
        outcomes[key].add(plain(row.outcome))
    labels = {located.row.outcome_group: located.row.label for located in rows_of(tables, "outcomes.csv")}
    said: set[tuple[str, str, str]] = set()
    ranked = sorted(studies, key=lambda one: (-len(studies[one]), one))
    together: dict[tuple, list[int]] = defaultdict(list)  # places in this order of those that could be alike
    for place, (*own, name) in enumerate(ranked):
        for trait in (tuple(own), *near_traits(name)):
            together[trait].append(place)
    for file, located in findings(tables):
        row = located.row
        key = file, row.contrast, row.outcome_group
        if key in said or len(studies[key]) > 1:
            continue
        places = sorted({place for trait in (key[:2], *near_traits(key[2])) for place in together[trait]})
        for other in sorted((ranked[place] for place in places), key=lambda one: one[:2] != key[:2]):
            how = _alike(key, other, studies, outcomes, labels) if other not in said else ""
            if how:
                said.add(key)
                elsewhere = "" if other[0] == file else f" in {other[0]}"
                n = count(len(studies[other]), "study", "studies")
                message = f"stands alone; {how} `{other[2]}`{elsewhere}, which has {n}"
                fix = "Write the same word where the same is meant; accept this where the two must not be pooled."
                yield Problem(file, located.line, "outcome_group", row.outcome_group, message, fix)
                break


def _alike(key, other, studies, outcomes, labels) -> str:
    """How the group `key` of one study is nearly the group `other`; empty where it is not."""
    own, name = key[2], other[2]
    if own == name or studies[other] <= studies[key]:
        return ""
    if near_names(own, name):
        return "it is spelt nearly like"
    if key[:2] != other[:2]:
        return ""
    if _within(own, name) or (own in labels and name in labels and _within(labels[own], labels[name])):
        return "it is a part of the name of"
    several = len(studies[other] - studies[key]) > 1
    return "it has the outcome of" if several and outcomes[key] & outcomes[other] else ""


def _within(text: str, other: str) -> bool:
    """Whether all words of a text are words of another, which has more."""
    return set(plain(text).split()) < set(plain(other).split())


def near_traits(name: str) -> Iterator[tuple]:
    """What names that differ by spelling have in common, so that they are found without comparing each with each.

    All letters, or all words but one that could be misspelt.
    """
    words = plain(name).split()
    yield ("".join(words),)
    for at, word in enumerate(words):
        if len(word) >= 5 and not re.search(r"\d", word):
            yield ("all but", *words[:at], None, *words[at + 1 :])


@cache
def near_names(first: str, second: str) -> bool:
    """Whether two names differ by spelling: hyphens, plural, or one letter of a word of five letters or more.

    Words with a digit are never near: T1 and T2 are different times.
    """
    if plain(first).replace(" ", "") == plain(second).replace(" ", ""):
        return True
    pairs = list(zip(plain(first).split(), plain(second).split(), strict=False))
    if len(plain(first).split()) != len(plain(second).split()):
        return False
    different = [(a, b) for a, b in pairs if a != b]
    if len(different) != 1:
        return False
    ((a, b),) = different
    return min(len(a), len(b)) >= 5 and not re.search(r"\d", a + b) and one_slip(a, b)


def one_slip(first: str, second: str) -> bool:
    """Whether one letter too many, too few, wrong, or two swapped make one word of the other (Damerau 1964)."""
    if abs(len(first) - len(second)) > 1:
        return False
    start = next(
        (i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    a, b = first[start:], second[start:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


@check(
    severity="warning",
    why="one scale under two spellings reads as two",
    example="`pg/ml` and `pg/mL`",
    source="rule of this project",
)
def _spelt_in_two_ways(tables: Tables) -> Iterator[Problem]:
    """Units, instruments, groups and populations are spelt in one way, in case, spaces and punctuation."""
    columns = ("unit", "instrument", "group_1", "group_2", "population")
    spellings: dict[tuple[str, str], dict[str, list[tuple[str, int]]]] = defaultdict(lambda: defaultdict(list))
    for file, located in findings(tables):
        for column in columns:
            text = getattr(located.row, column)
            if text is not None:
                kind = "group" if column.startswith("group") else column
                spellings[kind, plain(text).replace(" ", "")][text].append((file, located.line, column))
    for found in spellings.values():
        ranked = sorted(found, key=lambda text: (-len(found[text]), text))
        for text in ranked[1:]:
            file, line, column = found[text][0]
            message = f"also spelt `{ranked[0]}`"
            yield Problem(file, line, column, text, message, "Write it in one way.")


@cache
def plain(text: str) -> str:
    """A text in small letters, its words parted by single spaces, without punctuation."""
    return " ".join(re.sub(r"[^\w%+<>=/]+|_", " ", text.lower()).split())


TABLE_CHECKS = (_word_for_nothing, _placeholder, _lonely_outcome_group, _spelt_in_two_ways)
