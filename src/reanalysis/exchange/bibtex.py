"""BibTeX (Patashnik 1988, "BibTeXing"), for LaTeX and reference managers."""

from __future__ import annotations

from bibtexparser import dumps
from bibtexparser.bibdatabase import BibDatabase
from bibtexparser.bwriter import BibTexWriter

from reanalysis.exchange import Files
from reanalysis.exchange.bibliography import Entry, bibliographies
from reanalysis.results.build import Build

MEANT = str.maketrans(
    {sign: f"\\{sign}" for sign in "&%$#_"}
    | {"~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "\\": r"\textbackslash{}"}
    | {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
)
"""What LaTeX would take for a command."""
VERBATIM = ("ID", "ENTRYTYPE", "author", "doi", "pmid")
CASED = ("title", "booktitle")
"""Fields that a style would set in small letters, names and abbreviations too."""


def files(build: Build) -> Files:
    """`reports.bib` and `methods.bib`."""
    return {f"{name}.bib": _text(found) for name, found in bibliographies(build).items()}


def _text(found: list[Entry]) -> str:
    database = BibDatabase()
    database.entries = [{name: _value(name, text) for name, text in entry.items()} for entry in found]
    writer = BibTexWriter()
    writer.order_entries_by = None
    writer.display_order = ("author", "editor", "title", "booktitle", "journal", "year")
    return dumps(database, writer)


def _value(name: str, text: str) -> str:
    """A field as LaTeX reads it; accents stay as they are, as UTF-8."""
    marked = text if name in VERBATIM else text.translate(MEANT)
    return f"{{{marked}}}" if name in CASED else marked
