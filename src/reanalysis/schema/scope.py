"""What a claim is tested on, in words that can be checked: cells and findings."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Protocol

SLASH = "/"


class InCell(Protocol):
    """A finding, or its effect, that knows its cell."""

    contrast: str
    outcome_group: str
    finding_id: str


def in_scope(item: str, domain: str, row: InCell) -> bool:
    """Whether one item of a scope, a cell or a finding id, names this finding of a domain."""
    if SLASH in item:
        return fnmatchcase(f"{domain}{SLASH}{row.contrast}{SLASH}{row.outcome_group}", item)
    return row.finding_id == item


def any_in_scope(scope: Iterable[str] | None, domain: str, row: InCell) -> bool:
    """Whether any item of a scope names this finding."""
    return any(in_scope(item, domain, row) for item in scope or ())
