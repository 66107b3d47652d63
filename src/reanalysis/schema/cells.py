"""What a cell of a table may hold: the types that the row models in this package are built from.

Every cell arrives as text. Numbers become `Decimal`, which keeps the digits as printed (`0.10` stays `0.10`), so that
the rounding of a source is known when it matters.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

SEPARATOR = ";"


class Row(BaseModel):
    """A row of a table: unknown columns are errors, values never change after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _plain_number(text: Any) -> Any:
    if isinstance(text, str) and "," in text:
        raise PydanticCustomError("decimal_comma", "a number is written with a decimal point, not a comma")
    return text


def split(text: Any) -> Any:
    """The parts of a cell that holds several."""
    return tuple(part.strip() for part in text.split(SEPARATOR)) if isinstance(text, str) else text


Id = Annotated[str, Field(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$")]
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[Decimal, BeforeValidator(_plain_number)]
Positive = Annotated[Number, Field(gt=0)]
Probability = Annotated[Number, Field(ge=0, le=1)]
Level = Annotated[Number, Field(gt=0, lt=1)]
Correlation = Annotated[Number, Field(ge=-1, le=1)]
Percent = Annotated[Number, Field(ge=0, le=100)]
Count = Annotated[int, BeforeValidator(_plain_number), Field(ge=0, le=10**9)]
GroupSize = Annotated[int, BeforeValidator(_plain_number), Field(ge=2, le=10**8)]
Year = Annotated[int, Field(ge=1900, le=2100)]
YesNo = Literal["yes", "no"]
Ids = Annotated[tuple[Id, ...], BeforeValidator(split)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(split)]


def column(description: str, *, example: str = "", default: Any = None, required: bool = False) -> Any:
    """A column with its entry for the codebook; optional and empty unless `required`."""
    extra = {"example": example}
    if required:
        return Field(description=description, json_schema_extra=extra)
    return Field(default=default, description=description, json_schema_extra=extra)
