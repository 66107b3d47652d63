"""What a claim is tested on, in words that can be checked: cells and findings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
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
        level = level_of(item)
        if level is not None and getattr(row, level[0], None) != level[1]:
            return False
        return fnmatchcase(f"{domain}{SLASH}{row.contrast}{SLASH}{row.outcome_group}", LEVEL.sub("", item))
    return row.finding_id == item


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
