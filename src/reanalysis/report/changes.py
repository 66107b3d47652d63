"""What has changed between two builds, in words: for the screen, the page of the report, and a page of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from reanalysis import text
from reanalysis.results.rows import Change
from reanalysis.schema import vocabulary as v

LEVELS = {
    "choice": "Choices",
    "software": "Software",
    "data": "Data",
    "effect": "Effects",
    "pool": "Pooled estimates",
    "answer": "Answers",
    "verdict": "Verdicts",
}
"""What is compared, in the order in which one follows from the other."""
NOUNS = {
    "choice": "choice",
    "software": "software version",
    "data": "row of data",
    "effect": "effect",
    "pool": "pooled estimate",
    "answer": "answer",
    "verdict": "verdict",
}
PLURALS = {"data": "rows of data"}
PAIRS = {("yi_lb", "yi_ub"): "bounds", ("ci_lb", "ci_ub"): "interval"}
"""Columns that are printed together, as an interval."""
WORDS = {
    "yi": "effect",
    "yi_lb": "lower bound",
    "yi_ub": "upper bound",
    "est": "estimate",
    "ci_lb": "lower end of the interval",
    "ci_ub": "upper end of the interval",
    "tau2": "tau\N{SUPERSCRIPT TWO}",
    "k": "samples",
    "participants": "participants of the samples with a usable result",
    **dict.fromkeys(("value", "version", "verdict", "rung", "use", "statement"), ""),
    "es_method": "formula",
    "robustness": "share of alternatives under which it holds",
}
NUMBERS = {"yi", "yi_lb", "yi_ub", "est", "ci_lb", "ci_ub", "tau2", "probability", "robustness"}
VALUES = {"use": {"main": "in the main analysis", "excluded": "excluded"}, "rung": v.REPORTING}
COUNTED = {"k": "sample", "samples": "sample", "participants": "participant"}
UNTOLD = {"vi"}
"""Columns that are in the table and not in the words: the interval says the same."""
ARROW = " \N{RIGHTWARDS ARROW} "
NOTHING = "none"


class Entry(NamedTuple):
    """What has changed of one item: a finding, a pool, a claim, a choice."""

    name: str
    what: str


class Told(NamedTuple):
    """What has changed on one level; `smaller` items changed by less than is printed."""

    level: str
    entries: list[Entry]
    smaller: int

    @property
    def heading(self) -> str:
        """The level in words."""
        return LEVELS[self.level]

    @property
    def rest(self) -> str:
        """How many items changed by less than is printed."""
        items = text.count(self.smaller, NOUNS[self.level], PLURALS.get(self.level))
        return f"{items} changed by less than is printed."


def told(changes: Iterable[Change]) -> list[Told]:
    """The changes in words, by level and item; of a level on which nothing has changed there is nothing."""
    found: dict[str, dict[tuple, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for row in changes:
        found[row.level][row.table, row.item].append(row)
    return [_told(level, found[level].values()) for level in LEVELS if level in found]


def _told(level: str, items: Collection[list[Change]]) -> Told:
    entries = [entry for rows in items if (entry := _entry(rows)).what]
    return Told(level, entries, len(items) - len(entries))


def _entry(rows: list[Change]) -> Entry:
    first = rows[0]
    what = "; ".join(filter(None, _parts(rows)))
    table = f" in {_table(first)}" if first.level == "data" else ""
    said = {"added": f"new{table}", "removed": f"removed{table}", "changed": ""}[first.change]
    return Entry(_name(first), ": ".join(filter(None, (said, what))))


def _table(row: Change) -> str:
    """The raw table that holds a row."""
    name = row.table.removeprefix("1_checked/")
    return f"findings/{row.domain}.csv" if name == "findings.csv" else name


def _name(row: Change) -> str:
    """What the item is called, with its id where people write one."""
    match row.level:
        case "verdict":
            return f"{row.item}: {row.label}"
        case "data" | "effect" if row.label:
            return f"{row.label} ({row.item.removesuffix(' primary')})"
    name = row.label or row.item
    return text.capital(name) if row.level in ("pool", "answer") else name


def _parts(rows: list[Change]) -> Iterator[str]:
    by_column = {row.column: row for row in rows if row.column and row.column not in UNTOLD}
    for low, high in PAIRS:
        if low in by_column and high in by_column:
            by_column[low] = _interval(by_column[low], by_column.pop(high), PAIRS[low, high])
    for row in by_column.values():
        yield row if isinstance(row, str) else _part(row)


def _part(row: Change) -> str:
    """A column before and after; nothing where both are printed alike."""
    before, after = (_value(row, value) for value in (row.before, row.after))
    return _moved(row, WORDS.get(row.column, row.column), before, after)


def _interval(low: Change, high: Change, name: str) -> str:
    ends = ((low.before, high.before), (low.after, high.after))
    return _moved(
        low,
        name,
        *(NOTHING if one is None or other is None else text.interval(float(one), float(other)) for one, other in ends),
    )


def _moved(row: Change, name: str, before: str, after: str) -> str:
    if before == after:
        return ""
    if row.change != "changed" and row.column in COUNTED:
        name = ""
    said = {"added": after, "removed": before}.get(row.change, f"{before}{ARROW}{after}")
    return f"{name} {said}".strip()


def _value(row: Change, value: str | None) -> str:
    if value is None:
        return NOTHING
    if row.column in COUNTED and row.change != "changed":
        return text.count(int(value), COUNTED[row.column])
    words = VALUES.get(row.column, {})
    return text.number(float(value)) if row.column in NUMBERS else words.get(value, value).removesuffix(".")


# ---------------------------------------------------------------- as text


def summary(changes: Iterable[Change]) -> str:
    """How many items have changed on each level, in one sentence."""
    counts = [(one.level, len(one.entries) + one.smaller) for one in told(changes)]
    if not counts:
        return "Nothing has changed."
    verb = "has" if sum(n for _, n in counts) == 1 else "have"
    return f"{text.listed(text.count(n, NOUNS[level], PLURALS.get(level)) for level, n in counts)} {verb} changed."


def lines(changes: Iterable[Change]) -> list[str]:
    """The changes as lines of a text, each level under its heading; one line where nothing has changed."""
    changes = list(changes)
    said = [summary(changes)]
    for one in told(changes):
        said += ["", *_lines(one, len(one.entries))]
    return said


def conclusions(changes: Iterable[Change], most: int) -> list[str]:
    """The changes of answers and verdicts alone as lines of a text, at most so many of each."""
    return [line for one in told(changes) if one.level in ("answer", "verdict") for line in _lines(one, most)]


def _lines(one: Told, most: int) -> list[str]:
    said = [one.heading]
    for entry in one.entries[:most]:
        said += [f"  {entry.name}", f"    {entry.what}"]
    if len(one.entries) > most:
        said.append(f"  and {len(one.entries) - most} more")
    return said + ([f"  {one.rest}"] if one.smaller else [])
