"""What a claim is tested on, in words that can be checked: cells and findings."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from typing import Generic, Protocol, TypeVar

SLASH, LEVEL = "/", re.compile(r"\[(\w+)=([\w.-]+)\]$")
SECTION = "section:"
PATTERN = re.compile(r"[*?[]")


class InCell(Protocol):
    """A finding, or its effect, that knows its cell."""

    contrast: str
    outcome_group: str
    finding_id: str


R = TypeVar("R", bound=InCell)


def in_scope(item: str, domain: str, row: InCell) -> bool:
    """Whether one item of a scope, a cell, a level in it or a finding id, names this finding of a domain."""
    if SLASH in item:
        level, cell = _parts(item)
        if level is not None and getattr(row, level[0], None) != level[1]:
            return False
        return cell.match(f"{domain}{SLASH}{row.contrast}{SLASH}{row.outcome_group}") is not None
    return row.finding_id == item


@lru_cache(maxsize=4096)
def _parts(item: str) -> tuple[tuple[str, str] | None, re.Pattern[str]]:
    """The level that an item names, and the pattern of its cell; every finding is asked for each item."""
    return level_of(item), re.compile(translate(LEVEL.sub("", item)))


def level_of(item: str) -> tuple[str, str] | None:
    """The level of a moderator that an item of a scope names, as column and word; None where it names none."""
    found = LEVEL.search(item)
    return (found[1], found[2]) if found else None


def any_in_scope(scope: Iterable[str] | None, domain: str, row: InCell) -> bool:
    """Whether any item of a scope names this finding."""
    return any(in_scope(item, domain, row) for item in scope or ())


class Scoped(Generic[R]):
    """Findings of all domains, or their effects, found by the items of scopes.

    An item that names a domain is looked for in that domain alone, so that the scopes of a review take no longer than
    there are items and findings in them.
    """

    def __init__(self, rows: Iterable[tuple[str, R]]):
        self.rows: list[R] = []
        self._ids: dict[str, list[int]] = defaultdict(list)
        self._cells: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        for place, (domain, row) in enumerate(rows):
            self.rows.append(row)
            self._ids[row.finding_id].append(place)
            self._cells[domain][f"{domain}{SLASH}{row.contrast}{SLASH}{row.outcome_group}"].append(place)

    def named(self, scope: Iterable[str] | None) -> list[R]:
        """The rows that any item of a scope names (`any_in_scope`), each once and in their order."""
        return [self.rows[place] for place in self.places(scope)]

    def places(self, scope: Iterable[str] | None) -> list[int]:
        """Their places among all rows."""
        return sorted({place for item in scope or () for place in self._places(item)})

    def _places(self, item: str) -> list[int]:
        if SLASH not in item:
            return self._ids.get(item, [])
        domain, _, _ = item.partition(SLASH)
        level, cell = _parts(item)
        own = self._cells.values() if PATTERN.search(domain) else filter(None, [self._cells.get(domain)])
        found = [place for cells in own for name, places in cells.items() if cell.match(name) for place in places]
        return [place for place in found if level is None or getattr(self.rows[place], level[0], None) == level[1]]


def in_section(section: str, whole: str) -> bool:
    """Whether a section is a part of another one, or that one itself."""
    return section == whole or section.startswith(f"{whole}.")
