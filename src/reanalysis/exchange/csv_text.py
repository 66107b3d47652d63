"""The CSV files that are handed out: what a spreadsheet would run is inert, and numbers are those of the tables."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from reanalysis.results.table import SEPARATOR, SIGNIFICANT_DIGITS

FORMULA = "=+-@\t\r"
"""What a spreadsheet takes for the beginning of a formula."""


def csv_text(
    columns: Iterable[str],
    rows: Iterable[Mapping[str, Any]],
    *,
    separator: str = ",",
    decimal: str = ".",
    missing: str = "",
) -> str:
    """Rows as CSV with these columns; a value that a row lacks is missing.

    Truth values and infinities are written as R writes them: TRUE, FALSE, Inf, -Inf. A text that a spreadsheet would
    run as a formula gets an apostrophe before it, which keeps it a text in every program; R reads the apostrophe, too.
    Numbers, and with them every estimate, are never changed.
    """
    columns, buffer = list(columns), io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name), decimal, missing) for name in columns] for row in rows)
    return buffer.getvalue()


def _cell(value: Any, decimal: str, missing: str) -> str:
    if value is None or (isinstance(value, str | tuple) and not value):
        return missing
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | Decimal):
        return _number(value).replace(".", decimal)
    return inert(SEPARATOR.join(value) if isinstance(value, tuple) else value)


def _number(value: float | Decimal) -> str:
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    return f"{value:.{SIGNIFICANT_DIGITS}g}" if isinstance(value, float) else str(value)


def inert(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would run as a formula."""
    return f"'{text}" if text[0] in FORMULA else text
