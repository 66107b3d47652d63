"""Parts of a Word document (Office Open XML, ECMA-376, part 1) that python-docx leaves to its user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import NamedTuple

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from reanalysis.exchange.archives import undated

FONT = "Times New Roman"
TABLE_TEXT, REFERENCE = "Table Text", "Reference"
BLACK = RGBColor(0, 0, 0)
SHORT, LONG = 210, 297  # sides of an A4 page, mm
TEXT, WIDE = 25, 15  # margins of pages of text, and of pages of tables and figures, mm
CAPTION = 30  # height that is left to the caption of a figure, mm
BOLD, FAINT = {"sz": "8", "color": "000000"}, {"sz": "4", "color": "BFBFBF"}  # lines, in eighths of a point
SHADE = "E8EDF2"


def paper(title: str, authors: str, day: datetime) -> Paper:
    """An empty document on A4, with its properties; `day` is the date that it bears."""
    made = Document()
    _page(made, SHORT, LONG, TEXT)
    own = made.core_properties
    own.title, own.author, own.last_modified_by, own.comments = title, authors, authors, ""
    own.created = own.modified = day
    sizes = {"Normal": 11, "Title": 20, "Heading 1": 15, "Heading 2": 12, "Caption": 10, "List Bullet": 11}
    for name, size in sizes.items():
        _style(made.styles[name], size)
    made.styles["Normal"].paragraph_format.space_after = Pt(6)
    made.styles["Caption"].paragraph_format.keep_with_next = True
    made.styles["Caption"].font.bold = False
    for name, size in ((TABLE_TEXT, 8.5), (REFERENCE, 10)):
        style = made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = made.styles["Normal"]
        _style(style, size)
    made.styles[TABLE_TEXT].paragraph_format.space_after = Pt(1)
    reference = made.styles[REFERENCE].paragraph_format
    reference.left_indent, reference.first_line_indent, reference.space_after = Mm(8), Mm(-8), Pt(3)
    number = made.sections[0].footer.paragraphs[0]
    number.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(number, "PAGE", "1")
    return made


def saved(document: Paper) -> bytes:
    """The document as a file; same content, same bytes."""
    buffer = BytesIO()
    document.save(buffer)
    return undated(buffer.getvalue())


def _style(style: ParagraphStyle, size: float) -> None:
    """A style in the font of the document, without the colours and lines of the template."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        del fonts.attrib[attribute]  # those of the template's theme come before a name
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    style.font.size, style.font.color.rgb = Pt(size), BLACK
    for border in style.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


# ---------------------------------------------------------------- pages


def upright(document: Paper) -> None:
    """Begin a page for figures: upright, with narrow margins."""
    document.add_section(WD_SECTION.NEW_PAGE)
    _page(document, SHORT, LONG, WIDE)


def broad(document: Paper) -> None:
    """Begin a page for tables: on its side, with narrow margins."""
    document.add_section(WD_SECTION.NEW_PAGE)
    _page(document, LONG, SHORT, WIDE)


def _page(document: Paper, width: int, height: int, margin: int) -> None:
    section = document.sections[-1]
    section.orientation = WD_ORIENT.LANDSCAPE if width > height else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(margin)


# ---------------------------------------------------------------- captions, tables, figures


def caption(document: Paper, kind: str, number: int, text: str) -> Paragraph:
    """`Table 1. …`, with a number that Word can count anew and refer to."""
    line = document.add_paragraph(style="Caption")
    line.add_run(f"{kind} ").bold = True
    _field(line, f"SEQ {kind} \\* ARABIC", str(number))
    line.add_run(". ").bold = True
    line.add_run(text)
    return line


def _field(line: Paragraph, instruction: str, shown: str) -> None:
    """A field, with what it shows until it is updated (17.16.19)."""
    field = _with("w:fldSimple", {"instr": instruction})
    run = line.add_run(shown)
    run.bold = line.style.name == "Caption"
    field.append(run._r)
    line._p.append(field)


class Heading(NamedTuple):
    """A row of a table that says what follows, across all columns; 1 is the highest level, 3 the lowest."""

    text: str
    level: int


def table(
    document: Paper, head: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[str] | Heading]
) -> Table:
    """A table with a line above, below its head and below.

    The head stands again on each page, and no row is broken between two. Widths are in millimetres.
    """
    rows = list(rows)
    made = document.add_table(len(rows) + 1, len(head))
    made.autofit = False
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Mm(width)
    lines = _lines("tblBorders", top=BOLD, bottom=BOLD, insideH=FAINT)
    made._tbl.tblPr.insert_element_before(lines, "w:tblLayout", "w:tblLook")  # the order of 17.4.59
    first, *others = made.rows
    _marked(first, "tblHeader")
    _filled(first, head, widths, bold=True)
    for cell in first.cells:
        cell._tc.get_or_add_tcPr().append(_lines("tcBorders", bottom=BOLD))
    for row, content in zip(others, rows, strict=True):
        if isinstance(content, Heading):
            _headed(row, content)
        else:
            _filled(row, content, widths)
    return made


def _headed(row: _Row, heading: Heading) -> None:
    cell = row.cells[0].merge(row.cells[-1])
    _put(cell, heading.text, bold=heading.level < 3, italic=heading.level == 3)
    cell.paragraphs[0].paragraph_format.keep_with_next = True
    if heading.level == 1:
        cell._tc.get_or_add_tcPr().append(_with("w:shd", {"val": "clear", "color": "auto", "fill": SHADE}))
    _marked(row, "cantSplit")


def _filled(row: _Row, texts: Sequence[str], widths: Sequence[float], bold: bool = False) -> None:
    _marked(row, "cantSplit")
    for cell, text, width in zip(row.cells, texts, widths, strict=True):
        cell.width = Mm(width)
        _put(cell, text, bold)


def _put(cell: _Cell, text: str, bold: bool = False, italic: bool = False) -> None:
    line = cell.paragraphs[0]
    line._p.style = TABLE_TEXT.replace(" ", "")  # its id: to look it up by name takes longer than all the rest
    run = line.add_run(text)
    run.bold, run.italic = bold or None, italic or None


def _marked(row: _Row, name: str) -> None:
    """A property of a row that is on (17.4.6 and 17.4.49)."""
    row._tr.get_or_add_trPr().append(OxmlElement(f"w:{name}"))


def _lines(name: str, **sides: dict[str, str]) -> BaseOxmlElement:
    """Lines around or within a table or a cell (17.4.38 and 17.4.66)."""
    borders = OxmlElement(f"w:{name}")
    for side, looks in sides.items():
        borders.append(_with(f"w:{side}", {"val": "single", **looks}))
    return borders


def _with(name: str, attributes: Mapping[str, str]) -> BaseOxmlElement:
    element = OxmlElement(name)
    for attribute, value in attributes.items():
        element.set(qn(f"w:{attribute}"), value)
    return element


def figure(document: Paper, picture: bytes, alternative: str) -> None:
    """A picture in its own size, or as large as the page allows, with a text for those who cannot see it."""
    section = document.sections[-1]
    line = document.add_paragraph()
    line.paragraph_format.keep_with_next = True
    shape = line.add_run().add_picture(BytesIO(picture))
    widest = section.page_width - section.left_margin - section.right_margin
    highest = section.page_height - section.top_margin - section.bottom_margin - Mm(CAPTION)
    scale = min(1, widest / shape.width, highest / shape.height)
    shape.width, shape.height = round(shape.width * scale), round(shape.height * scale)
    shape._inline.docPr.set("descr", alternative)
