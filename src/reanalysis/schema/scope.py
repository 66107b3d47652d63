"""What a claim is tested on, in words that can be checked: cells and findings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache
from typing import Protocol

SLASH, LEVEL = "/", re.compile(r"\[(\w+)=([\w.-]+)\]$")
SECTION = "section:"


class InCell(Protocol):
    """A finding, or its effect, that knows its cell."""

    contrast: str
    outcome_group: str
    finding_id: str


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


def in_section(section: str, whole: str) -> bool:
    """Whether a section is a part of another one, or that one itself."""
    return section == whole or section.startswith(f"{whole}.")
