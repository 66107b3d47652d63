"""Which rows are meant, in words of the data: conditions on columns, as `review.yaml` states them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

R = TypeVar("R")


def _several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Text = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_several, json_schema_input_type=Text | list[Text])]


class Condition(BaseModel):
    """What a cell must hold: one of some words, all of some texts within it, or a number in a range."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    any_of: Words = Field(default=(), description="the cell is one of these")
    contains: Words = Field(default=(), description="the cell has each of these texts in it, whatever their case")
    at_least: float | None = Field(default=None, description="the number is not smaller")
    below: float | None = Field(default=None, description="the number is smaller")

    @property
    def of_numbers(self) -> bool:
        """Whether the condition is a range, which text cannot meet."""
        return self.at_least is not None or self.below is not None

    def holds(self, value: Any) -> bool:
        """Whether a cell meets the condition: of several in a cell, one of them; an empty cell meets none."""
        if value is None:
            return False
        several = list(map(str, value)) if isinstance(value, tuple) else [str(value)]
        text = "; ".join(several)
        return (
            (not self.any_of or any(one in self.any_of for one in several))
            and all(part.casefold() in text.casefold() for part in self.contains)
            and (self.at_least is None or float(value) >= self.at_least)
            and (self.below is None or float(value) < self.below)
        )


def _condition(value: Any) -> Any:
    """A word, or a list of words, stands for `any_of`."""
    return value if isinstance(value, dict) else {"any_of": value}


Where = dict[
    str, Annotated[Condition, BeforeValidator(_condition, json_schema_input_type=Text | list[Text] | Condition)]
]
"""Conditions by column, all of which must hold."""


def where(rows: Iterable[R], conditions: Mapping[str, Condition]) -> list[R]:
    """The rows that meet every condition."""
    return [row for row in rows if all(one.holds(getattr(row, column)) for column, one in conditions.items())]
