"""What a cell of a table may hold: the types that the row models in this package are built from.

Every cell arrives as text. Numbers become `Decimal`, which keeps the digits as printed (`0.10` stays `0.10`), so that
the rounding of a source is known when it matters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

SEPARATOR = ";"
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
LONGEST_WORD = 40  # characters, in what figures show
LONGEST_NUMBER = 40  # characters; a computer prints at most 25
MINUS = "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"
MONTHS = "jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
DATE = re.compile(
    rf"\d{{1,4}}[-./ ]+({MONTHS})[a-zä]*\.?|({MONTHS})[a-zä]*\.?[-./ ]+\d{{1,4}}|\d+[-./]\d+[-./]\d+", re.IGNORECASE
)
NAME = r"^[a-z0-9]+([._-][a-z0-9]+)*$"
HYPHENATED = r"^[a-z0-9]+(-[a-z0-9]+)*$"
CLAIM = r"^[A-Z]\d{3,4}$"
DOI = r"^10\.\d+/\S+$"
DIGITS = r"^\d+$"
DAY = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
FORMS = {
    NAME: "lower-case letters (a to z) and digits, parts joined by `-`, `_` or `.`",
    HYPHENATED: "lower-case letters (a to z) and digits, parts joined by `-`",
    CLAIM: "a capital letter and three or four digits, such as C001",
    DOI: "a DOI from its 10. on, such as 10.1000/182",
    DIGITS: "digits alone",
    DAY: "a day in the form 2026-01-31",
}
"""Every pattern that a text of the review may have to fit, in words: people are shown these, never the pattern."""
RELATION = re.compile(r"[pP]?\s*(<=|>=|[<>=≤≥])\s*([\d.,]+)", re.ASCII)
GENERAL = "Write digits only, as printed; put anything else into `note`."
STATED = "Write digits only; a statement without a p is a word in `p_relation`: `sig`, `ns` or `trend`."
PRINTED = "Write {} into `pi`, `{}` into `p_relation`, and `{}` into `stat_type`."


# What a spreadsheet would run on opening a table (CWE-1236): = and @, also as wide letters, begin a formula; + and -
# one that calls or links something. It is refused where it is written, so that no table of results must change it.
FORMULA = re.compile(r"[=@\uff1d\uff20].+|[+\uff0b\uff0d-].*[|(!].*", re.DOTALL)


class Row(BaseModel):
    """A row of a table: unknown columns are errors, values never change after reading.

    Which columns were given pydantic would note row by row, in more memory than the values take: nothing asks for it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    def model_post_init(self, context: Any) -> None:
        object.__setattr__(self, "__pydantic_fields_set__", _columns(type(self)))


@cache
def _columns(row: type[Row]) -> set[str]:
    """The columns of a table, in one set for all its rows."""
    return set(row.model_fields)


def formula_fault(text: str) -> tuple[str, str] | None:
    """What is wrong with a text that a spreadsheet takes for a formula, and what to do; None of any other text."""
    if FORMULA.fullmatch(text) and not RELATION.fullmatch(text):
        return "begins as a formula of a spreadsheet does", "Write its value, or put a word before the sign."
    return None


def is_date(text: str) -> bool:
    """Whether a cell looks like what a spreadsheet makes of `3-5` or `5.3`."""
    return bool(DATE.fullmatch(text.strip()))


def number_fault(text: str, kind: str = "a number", of_p: bool = False) -> tuple[str, str] | None:
    """What is wrong with a number as it is written, and what to do; None when nothing is.

    Signs and digits of other scripts could be read, but the raw tables are for every program, and many read such a
    column as text: the person who typed them is asked for the plain number instead.
    """
    if NUMBER.fullmatch(text):
        return ("a number of more than 40 characters", "Round it.") if len(text) > LONGEST_NUMBER else None
    faults, plain = _typed(text)
    if faults and NUMBER.fullmatch(plain):
        return f"{', '.join(faults)} in a number", f"Type {plain} on the keyboard."
    if relation := RELATION.fullmatch(text):
        sign = {"<=": "<", "≤": "<", ">=": ">", "≥": ">"}.get(relation[1], relation[1])
        printed = PRINTED.format(relation[2], sign, "p" if sign == "=" else "significance")
        fix = printed if of_p else "Write the number alone, and the sign into `note`."
        return f"the sign {relation[1]} before the number", fix
    if is_date(text):
        fix = "A spreadsheet makes dates of cells: set the column to text there and type the number again."
        return "a date in the place of a number", fix
    if text.lstrip("+-").lower() in ("nan", "inf", "infinity"):
        return "not a finite number", "Leave the cell empty when the value is unknown."
    if text.lower() in ("na", "n/a", "n.a.", "none", "null", "-", "--", ".", "?", *MINUS):
        return "a word for a missing number", "Leave the cell empty when the value is unknown."
    if "," in text:
        return "decimal comma", "Write the number with a point, such as 1.5, and no thousands separator."
    return f"not {kind}", STATED if of_p else GENERAL


def form_fault(text: str, pattern: str) -> tuple[str, str]:
    """What is wrong with a text that does not fit a pattern, and what to do."""
    if pattern == DAY:
        return f"not {FORMS[DAY]}", "Write it so; in a spreadsheet, set the cell to text first."
    if is_date(text):
        return "a date in the place of a name", "A spreadsheet made a date of it: type it again as text."
    fitting = as_name(text, pattern)
    hint = f", such as `{fitting}`" if fitting else ""
    return "not in the expected form", f"Expected: {FORMS[pattern]}{hint}."


def as_name(text: str, pattern: str) -> str:
    """The name nearest to a text that fits a pattern; empty where there is none."""
    return next((form for form in _as_names(text) if re.search(pattern, form)), "")


def _as_names(text: str) -> Iterator[str]:
    """A text in the forms of a name: in lower case without accents, joined as it is or by hyphens alone."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)).lower()
    for kept in (r"[^a-z0-9._-]+", r"[^a-z0-9]+"):
        yield re.sub(kept, "-", plain).strip("._-")


def _typed(text: str) -> tuple[list[str], str]:
    """What a number has in the place of the signs of a keyboard, and how it is typed."""
    faults = []
    for sign in dict.fromkeys(text):
        named = f"{unicodedata.name(sign, 'a control character')} (U+{ord(sign):04X})"
        if sign in MINUS:
            faults.append(f"{named} in the place of a hyphen-minus")
            text = text.replace(sign, "-")
        elif sign.isspace() or sign == "_":
            faults.append(named)
            text = text.replace(sign, "")
        elif not sign.isascii() and (plain := unicodedata.normalize("NFKC", sign)) and plain.isdecimal():
            faults.append(named)
            text = text.replace(sign, "".join(str(unicodedata.decimal(digit)) for digit in plain))
        elif sign in "\u066b\uff0e":
            faults.append(named)
            text = text.replace(sign, ".")
    return faults, text


def _number(whole: bool = False, smallest: str = "1e-12", largest: str = "1e12", of_p: bool = False) -> BeforeValidator:
    """A number as it is typed, of a size that can be calculated with."""
    kind = "a whole number" if whole else "a number"

    def plain(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        if found := number_fault(text, kind, of_p):
            raise fault(*found)
        size = abs(Decimal(text))
        if size > Decimal(largest) or 0 < size < Decimal(smallest):
            fix = f"Sizes from {smallest} to {largest} can be calculated with: check the cell, or use another unit."
            raise fault("out of any range", fix)
        return text

    return BeforeValidator(plain)


def fault(message: str, fix: str) -> PydanticCustomError:
    """What a validator raises: what is wrong with a value, and what to do."""
    return PydanticCustomError("fault", "{message}. {fix}", {"message": message, "fix": fix})


def _no_formula(text: str) -> str:
    if found := formula_fault(text):
        raise fault(*found)
    return text


def _breakable(text: str) -> str:
    if longest := next((word for word in text.split() if len(word) > LONGEST_WORD), ""):
        message = f"a word of {len(longest)} characters, which no line of a figure can hold"
        raise fault(message, f"Write words of at most {LONGEST_WORD} characters.")
    return text


def _in_the_calendar(text: str) -> str:
    if not is_day(text):
        raise fault("no day of the calendar", "Correct it.")
    return text


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, in the form 2026-01-31."""
    try:
        return bool(re.fullmatch(DAY, text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def split(text: Any) -> Any:
    """The parts of a cell that holds several."""
    return tuple(part.strip() for part in text.split(SEPARATOR)) if isinstance(text, str) else text


Id = Annotated[str, Field(pattern=NAME, max_length=100)]
Name = Annotated[str, Field(pattern=NAME, max_length=60)]  # three of them stand in the name of a file
Doi = Annotated[str, Field(pattern=DOI)]
NO_FORMULA = AfterValidator(_no_formula)
Text = Annotated[str, Field(min_length=1), NO_FORMULA]
Label = Annotated[str, Field(min_length=1, max_length=120), NO_FORMULA, AfterValidator(_breakable)]
Told = Annotated[str, Field(min_length=1, max_length=400), NO_FORMULA, AfterValidator(_breakable)]
Number = Annotated[Decimal, _number()]
Positive = Annotated[Number, Field(gt=0)]
Probability = Annotated[Decimal, _number(smallest="1e-300", of_p=True), Field(ge=0, le=1)]
Level = Annotated[Number, Field(gt=0, lt=1)]
Correlation = Annotated[Number, Field(ge=-1, le=1)]
Percent = Annotated[Number, Field(ge=0, le=100)]
Whole = Annotated[int, _number(whole=True, largest="1e9")]
Count = Annotated[Whole, Field(ge=0)]
GroupSize = Annotated[Whole, Field(ge=2, le=10**8)]
Rank = Annotated[Whole, Field(ge=1)]
Year = Annotated[Whole, Field(ge=1900, le=2100)]
Day = Annotated[str, Field(pattern=DAY), AfterValidator(_in_the_calendar)]
YesNo = Literal["yes", "no"]
Ids = Annotated[tuple[Id, ...], BeforeValidator(split)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(split)]
Labels = Annotated[tuple[Label, ...], BeforeValidator(split)]


def is_number(annotation: Any) -> bool:
    """Whether a column of this type holds numbers, such as a year or a mean."""
    kind, _ = bare(annotation)
    return kind in (int, float, Decimal)


def bare(annotation: Any) -> tuple[Any, dict[str, Any]]:
    """The type below `Annotated` and `| None`, and the limits that the annotations set, such as `gt` or `pattern`."""
    if get_origin(annotation) is Annotated:
        below, *extras = get_args(annotation)
        kind, limits = bare(below)
        for one in (item for extra in extras for item in (extra.metadata if isinstance(extra, FieldInfo) else [extra])):
            limits |= {name: found for name in LIMITS if (found := getattr(one, name, None)) is not None}
        return kind, limits
    if get_origin(annotation) in (Union, UnionType):
        (below,) = set(get_args(annotation)) - {NoneType}
        return bare(below)
    return annotation, {}


LIMITS = ("gt", "ge", "lt", "le", "pattern")


def column(description: str, *, example: str = "", default: Any = None, required: bool = False, of: str = "") -> Any:
    """A column with its entry for the codebook; optional and empty unless `required`.

    `of` is the table of whose rows it holds keys.
    """
    extra = {"example": example, "of": of}
    if required:
        return Field(description=description, json_schema_extra=extra)
    return Field(default=default, description=description, json_schema_extra=extra)
