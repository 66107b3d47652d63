"""Which findings a panel shows, and in which order, as `review.yaml` states it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from reanalysis.results.rows import Effect, SampleDirection
from reanalysis.schema.filters import where
from reanalysis.schema.review import NO_WORD, Panel
from reanalysis.schema.scope import in_scope

R = TypeVar("R", Effect, SampleDirection)


def chosen(panel: Panel, rows: Iterable[R]) -> list[R]:
    """The rows in the cells of a panel that meet its conditions, and in `signs` have one of its words."""
    found = where((row for row in rows if row.outcome_group and place(panel, row) < len(panel.cells)), panel.where)
    told = panel.by.items() if panel.kind == "signs" else ()
    return [row for row in found if all((getattr(row, column) or NO_WORD) in words for column, words in told)]


def place(panel: Panel, row: R) -> int:
    """Which of the cells that a panel names is the first to hold a row; their number where none does."""
    found = (index for index, item in enumerate(panel.cells) if in_scope(item, row.domain, row))
    return next(found, len(panel.cells))
