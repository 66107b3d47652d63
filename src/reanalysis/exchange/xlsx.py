"""A workbook for Excel and LibreOffice (Office Open XML, ECMA-376): a sheet for each table, numbers as numbers.

A text stands in its cell as it is, also one that a spreadsheet would otherwise take for a formula. What no number of a
spreadsheet can be, such as the open end of an interval (`inf`), is a text.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from importlib.metadata import version
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from reanalysis.exchange import Files
from reanalysis.exchange.archives import day_of, undated
from reanalysis.refused import Refused
from reanalysis.report.citation import cite
from reanalysis.report.tables import descriptions, meaning
from reanalysis.results.build import Build
from reanalysis.results.checked import CHECKED
from reanalysis.results.rows import TABLES
from reanalysis.results.table import SEPARATOR
from reanalysis.text import capital, in_words, listed

LONGEST = 32_767  # characters of a cell
MOST = 1_048_576  # rows of a sheet
WIDEST = 60  # characters of a column that is shown as a whole
SAMPLED = 100  # rows by which the width of a column is chosen
SHOWN = 30  # decimals that a number format can ask for
BOLD = Font(bold=True)
LINK = Font(color="0563C1", underline="single")
HEAD = PatternFill("solid", fgColor="E8EDF2")
WRAPPED = Alignment(wrap_text=True, vertical="top")


class TooLarge(Refused):
    """Raised where a workbook cannot hold a table."""


class _Sheet(NamedTuple):
    """A table of the workbook: the name of its sheet, its file, what a row is, its columns, and its rows."""

    name: str
    file: str
    meaning: str
    columns: Mapping[str, str]
    rows: list


def files(build: Build) -> Files:
    """`tables.xlsx`. Raises TooLarge where Excel cannot hold a table."""
    sheets = list(_sheets(build))
    book = Workbook()
    review = build.evidence.review
    title = cite(review, version("reanalysis")).licensed
    _contents(book.active, title, sheets)
    _columns(book.create_sheet("Columns"), sheets)
    for sheet in sheets:
        if sheet.rows:
            _fill(book.create_sheet(sheet.name), sheet)
    book.properties.title, book.properties.creator = review.title, listed(review.authors)
    book.properties.created = book.properties.modified = day_of(review)
    buffer = BytesIO()
    ExcelWriter(book, ZipFile(buffer, "w")).save()  # `Workbook.save` would write the time of today into it
    return {"tables.xlsx": undated(buffer.getvalue())}


def _sheets(build: Build) -> Iterator[_Sheet]:
    """All tables, in the order of the stages that make them."""
    tables = {**CHECKED, **TABLES}
    for file in sorted(tables, key=lambda file: (file.partition("/")[0], list(tables).index(file))):
        stage, name = file.removesuffix(".csv").split("/")
        rows = build.checked[file] if file in CHECKED else build.tables[file]
        columns = descriptions(tables[file])
        yield _Sheet(f"{stage[0]} {capital(in_words(name))}", file, meaning(tables[file]), columns, rows)


# ---------------------------------------------------------------- sheets


def _contents(sheet: Worksheet, title: str, sheets: list[_Sheet]) -> None:
    """The first sheet: what the workbook is, and where each table stands in it."""
    sheet.title = "Contents"
    _write(sheet.cell(1, 1), title)
    _head(sheet, 3, ("Sheet", "File", "A row is", "Rows"))
    for line, table in enumerate(sheets, start=4):
        for column, value in enumerate((table.name, table.file, table.meaning, len(table.rows)), start=1):
            _write(sheet.cell(line, column), value)
        if table.rows:
            name = sheet.cell(line, 1)
            name.hyperlink = Hyperlink(ref=name.coordinate, location=f"'{table.name}'!A1")
            name.font = LINK
    note = "A table without rows has no sheet. The open end of an interval stands as the text inf or -inf."
    _write(sheet.cell(len(sheets) + 5, 1), note)
    _widths(sheet, (26, 34, 90, 8))


def _columns(sheet: Worksheet, sheets: list[_Sheet]) -> None:
    """The second sheet: what every column means."""
    _head(sheet, 1, ("Sheet", "Column", "Description"))
    described = ((table.name, name, text) for table in sheets for name, text in table.columns.items())
    for line, values in enumerate(described, start=2):
        for column, value in enumerate(values, start=1):
            _write(sheet.cell(line, column), value)
        sheet.cell(line, 3).alignment = WRAPPED
    sheet.freeze_panes = "A2"
    _widths(sheet, (26, 22, 110))


def _fill(sheet: Worksheet, table: _Sheet) -> None:
    """A table: its columns in the first row, which stays in sight, and its rows."""
    if len(table.rows) >= MOST:
        raise TooLarge(f"{table.file} has more rows than a sheet of Excel ({MOST:,}): use the CSV file itself.")
    _head(sheet, 1, tuple(table.columns))
    for line, row in enumerate(table.rows, start=2):
        for column, name in enumerate(table.columns, start=1):
            value = getattr(row, name)
            text = SEPARATOR.join(value) if isinstance(value, tuple) else value
            if isinstance(text, str) and len(text) > LONGEST:
                raise TooLarge(
                    f"{table.file}, line {line}, {name}: {len(text):,} characters are more than a cell of Excel holds "
                    f"({LONGEST:,}): use the CSV file itself."
                )
            if text not in (None, ""):
                _write(sheet.cell(line, column), text)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    seen = zip(*sheet.iter_rows(max_row=min(SAMPLED, sheet.max_row), values_only=True), strict=True)
    _widths(sheet, [min(WIDEST, 2 + max(len(str(value)) for value in cells if value is not None)) for cells in seen])


# ---------------------------------------------------------------- cells


def _head(sheet: Worksheet, line: int, names: tuple[str, ...]) -> None:
    for column, name in enumerate(names, start=1):
        cell = sheet.cell(line, column)
        _write(cell, name)
        cell.font, cell.fill = BOLD, HEAD


def _write(cell: Cell, value: Any) -> None:
    """A value as what it is; a printed number is shown with its digits."""
    if isinstance(value, float) and math.isinf(value):
        value = str(value)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"  # whatever it begins with
        cell.quotePrefix = value[0] in "=+-@"  # and so it stays when it is edited
    if isinstance(value, Decimal) and 0 < (digits := -value.as_tuple().exponent) <= SHOWN:
        cell.number_format = f"0.{'0' * digits}"


def _widths(sheet: Worksheet, widths: list[int] | tuple[int, ...]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
