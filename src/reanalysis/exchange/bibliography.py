"""The reports of a review, and the works that its methods cite, by the names of BibTeX's fields.

Values are plain text; each format marks up what it has to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from reanalysis.report.methods import Methods, write_methods
from reanalysis.report.references import entries
from reanalysis.results.build import Build
from reanalysis.schema.raw import Report
from reanalysis.text import in_words

Entry = dict[str, str]
"""A publication: its fields, its key (`ID`) and its type (`ENTRYTYPE`); `and` joins its authors."""
OTHERS = "others"
"""In the place of a last author: there are more, whose names are not known."""
INITIALS = re.compile(r"[^\W\d_]+(-[^\W\d_]+)*")


def bibliographies(build: Build) -> dict[str, list[Entry]]:
    """The reports of the review, in the order of `reports.csv`, and the works that the methods of the run cite."""
    return {
        "reports": [_entry(report) for report in build.evidence.reports.values()],
        "methods": [entries()[work.key] for work in methods(build).works],
    }


def methods(build: Build) -> Methods:
    """The methods section of the run, with the works that it cites."""
    tables = build.tables
    return write_methods(
        build.config,
        tables["2_effects/ladder.csv"],
        tables["2_effects/formulas.csv"],
        tables["3_models/models.csv"],
        {file for file, rows in tables.items() if rows},
    )


def _entry(report: Report) -> Entry:
    """A report. What it appeared in is not known to be a journal, but for theses and registries it is not."""
    kind, place = {"thesis": ("phdthesis", "school"), "registry": ("misc", "howpublished")}.get(
        report.kind, ("article" if report.journal else "misc", "journal")
    )
    fields = {
        "ID": report.report_id,
        "ENTRYTYPE": kind,
        "author": " and ".join(_people(report.authors)),
        "title": report.title,
        place: report.journal,
        "year": report.year,
        "doi": report.doi,
        "pmid": report.pmid,
        "keywords": in_words(report.kind),
        "annote": report.note,
    }
    return {name: str(value) for name, value in fields.items() if value}


def _people(authors: Iterable[str]) -> list[str]:
    """The authors whose names are known, and whether there are more; `not visible` and the like are no names."""
    names, more = [], False
    for author in authors:
        name = author.removesuffix("et al.").strip()
        more |= name != author or author.startswith(OTHERS)
        if name != name.casefold():
            names.append(_person(name))
    return names + [OTHERS] * more


def _person(name: str) -> str:
    """`Bartz JA` as `Bartz, J. A.`; what has no initials, such as a group of authors, stays as it is."""
    family, _, initials = name.rpartition(" ")
    if not family or not initials.isupper() or not INITIALS.fullmatch(initials):
        return f"{{{name}}}" if family else name
    return f"{family}, {'-'.join(_dotted(part) for part in initials.split('-'))}"


def _dotted(initials: str) -> str:
    return " ".join(f"{letter}." for letter in initials)
