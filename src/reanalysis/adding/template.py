"""Forms for a study, written from the schema: YAML with its columns explained, a workbook, or CSV with a header."""

from __future__ import annotations

from io import BytesIO
from textwrap import wrap
from typing import Literal, get_args, get_origin, get_type_hints

from pydantic.fields import FieldInfo

from reanalysis.adding.study import FINDINGS, TABLES, as_csv
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cells import bare
from reanalysis.schema.evidence import Evidence

FORM = ("reports", "samples", FINDINGS)
"""The tables that a study usually has rows of; the other tables may be named as well."""
SELDOM = {"in_review", "theme", "about", "via", "composite_of", "published_yi", "published_sei", "scale_items", "doubt"}
"""Columns that few studies need: not in the YAML form, which stays short, and allowed in it."""


def columns(table: str) -> dict[str, FieldInfo]:
    """The columns of a table of a study: those of the raw table; of a finding, first the domain."""
    own = dict(TABLES[table].model_fields)
    domain = {"domain": FieldInfo(description="domain: the table in data/raw/findings/ that gets it")}
    return domain | own if table == FINDINGS else own


def allowed(table: str, column: str, evidence: Evidence) -> list[str]:
    """The words that a cell may hold where they are few: those of the schema, or names that the review declares."""
    if column == "domain":
        return list(evidence.domains)
    if column in v.OWN_WORDS:
        return [word.word for word in evidence.vocabulary.values() if word.field == column]
    if (table, column) in ((FINDINGS, "contrast"), (FINDINGS, "outcome_group")):
        return list(evidence.contrasts if column == "contrast" else evidence.outcomes)
    kind, _ = bare(get_type_hints(TABLES[table], include_extras=True)[column])
    return list(get_args(kind)) if get_origin(kind) is Literal else []


def _example(field: FieldInfo) -> str:
    return (field.json_schema_extra or {}).get("example", "")


# ---------------------------------------------------------------- YAML


def yaml_form(evidence: Evidence) -> str:
    """A study to be filled in: every usual column, empty, with what it means."""
    lines = [
        "# A study, to be added with `reanalysis add FILE`. Fill in what the source prints, numbers as printed; leave",
        "# empty, or delete, what it does not say. Columns with a * must be filled. docs/codebook.md has all columns.",
        "# The report and the sample of a finding follow from the others where there is one of each.",
    ]
    for table in FORM:
        lines += ["", f"{table}:"]
        for index, (name, field) in enumerate(columns(table).items()):
            if name in SELDOM or name in v.STAT_CELLS or name == "coding":
                continue
            said = [*_key(table, name, field, evidence), *(_statistics() if name == "stat_type" else [])]
            lines += [f"  {'  ' if index or at else '- '}{line}" for at, line in enumerate(said)]
    return "\n".join(lines) + "\n"


def _key(table: str, name: str, field: FieldInfo, evidence: Evidence) -> list[str]:
    said = f"{'* ' if field.is_required() else ''}{field.description}{_such_as(field)}"
    words = allowed(table, name, evidence)
    said += f": {', '.join(words)}" if words and name != "stat_type" else ""
    return [*(f"# {line}" for line in wrap(said, 112, break_on_hyphens=False)), f"{name}:"]


def _statistics() -> list[str]:
    """The statistics and their cells, as comments."""
    lines = ["# Each with the cells that it needs (and may have): write those below, such as `n1i: 31`."]
    for name, kind in v.STAT_TYPES.items():
        cells = ", ".join(kind.required) + (f" ({', '.join(kind.optional)})" if kind.optional else "")
        lines += [f"# {line}" for line in wrap(f"{name}: {kind.meaning}: {cells}", 112, subsequent_indent="  ")]
    return lines


# ---------------------------------------------------------------- CSV and XLSX


def csv_form() -> str:
    """The header of a table with a line for each finding; what it does not use may be deleted."""
    return as_csv([f"{table}.{name}" for table in FORM for name in columns(table)], [])


def xlsx_form(evidence: Evidence) -> bytes:
    """A workbook with a sheet for each table: what must be filled is coloured, words are chosen from lists."""
    from openpyxl import Workbook
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    book, rows = Workbook(), range(2, 202)
    book.remove(book.active)
    lists = book.create_sheet("words")
    for table in FORM:
        sheet = book.create_sheet(table, len(book.sheetnames) - 1)
        sheet.freeze_panes = "B2"
        for at, (name, field) in enumerate(columns(table).items(), start=1):
            head, letter = sheet.cell(1, at, name), get_column_letter(at)
            head.font = Font(bold=True)
            head.comment = Comment(f"{field.description}{_such_as(field)}", "reanalysis", width=320, height=120)
            if field.is_required():
                head.fill = PatternFill("solid", fgColor="FFE8D9B5")
            sheet.column_dimensions[letter].width = max(12, len(name) + 3)
            for row in rows:
                sheet.cell(row, at).number_format = "@"  # so that a spreadsheet keeps what is typed
            if words := allowed(table, name, evidence):
                column = lists.max_column + (lists.max_row > 1 or lists.cell(1, 1).value is not None)
                for row, word in enumerate([f"{table}.{name}", *words], start=1):
                    lists.cell(row, column, word)
                source = get_column_letter(column)
                choice = DataValidation(
                    "list", formula1=f"words!${source}$2:${source}${len(words) + 1}", allow_blank=True
                )
                choice.add(f"{letter}{rows[0]}:{letter}{rows[-1]}")
                sheet.add_data_validation(choice)
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def _such_as(field: FieldInfo) -> str:
    return f", such as {_example(field)}" if _example(field) else ""
