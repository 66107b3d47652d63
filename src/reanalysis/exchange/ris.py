"""RIS, for EndNote, Zotero, Covidence and Rayyan (tags as in rispy's mapping of the specification of 2011)."""

from __future__ import annotations

import re

import rispy
from rispy.writer import RisWriter

from reanalysis.exchange import Files
from reanalysis.exchange.bibliography import OTHERS, Entry, bibliographies
from reanalysis.results.build import Build

TYPES = {"article": "JOUR", "book": "BOOK", "incollection": "CHAP", "phdthesis": "THES", "misc": "GEN"}
FIELDS = {
    "ID": "id",
    "title": "title",
    "journal": "secondary_title",
    "booktitle": "secondary_title",
    "howpublished": "secondary_title",
    "school": "publisher",
    "publisher": "publisher",
    "year": "year",
    "volume": "volume",
    "number": "number",
    "edition": "edition",
    "version": "edition",
    "chapter": "section",
    "doi": "doi",
    "pmid": "accession_number",
}
AND = re.compile(r" and (?![^{]*\})")
"""Between two names, and not within one in braces."""
FURTHER = "Further authors are not listed here."


class _Writer(RisWriter):
    """RIS without numbers before the references, which the specification does not have."""

    def set_header(self, count: int) -> str:
        return ""


def files(build: Build) -> Files:
    """`reports.ris` and `methods.ris`."""
    return {f"{name}.ris": _text(found) for name, found in bibliographies(build).items()}


def _text(found: list[Entry]) -> str:
    return rispy.dumps([_reference(entry) for entry in found], implementation=_Writer)


def _reference(entry: Entry) -> dict[str, str | list[str]]:
    authors = _names(entry.get("author", ""))
    first, _, last = entry.get("pages", "").partition("--")
    reference = {
        "type_of_reference": TYPES[entry["ENTRYTYPE"]],
        "authors": [name for name in authors if name != OTHERS],
        "secondary_authors": [name for name in _names(entry.get("editor", "")) if name != OTHERS],
        **{tag: entry[name] for name, tag in FIELDS.items() if name in entry},
        "start_page": first,
        "end_page": last,
        "name_of_database": "PubMed" if "pmid" in entry else "",
        "keywords": [entry["keywords"]] if "keywords" in entry else [],
        "notes": [FURTHER] * (OTHERS in authors) + ([entry["annote"]] if "annote" in entry else []),
    }
    return {name: value for name, value in reference.items() if value}


def _names(people: str) -> list[str]:
    return [name.strip("{}") for name in AND.split(people) if name]
