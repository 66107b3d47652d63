"""Letters that the font of the figures does not have: a reader of a figure would see an empty box in their place.

The font comes with the project, so that figures are the same on every machine. It has the Latin, Greek, Cyrillic,
Hebrew and Arabic scripts, and neither Chinese, Japanese nor Korean; a font with these is tens of megabytes large, so
such a label is named instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from reanalysis.check.catalog import Table
from reanalysis.check.kinds import LETTERS
from reanalysis.fonts import letters
from reanalysis.problems import Problem

DRAWN = {
    "contrasts.csv": ("label", "family", "side_1", "side_2", "lower", "higher"),
    "outcomes.csv": ("label",),
    "vocabulary.csv": ("label",),
    "domains.csv": ("section", "title"),
    "reports.csv": ("label", "country"),
    "claims.csv": ("section",),
    "flow.csv": ("label",),
    "findings": ("outcome", "population"),
}
BASIC = 0xA0  # below are ASCII and control characters, which another check names


def letters_without_glyph(tables: Mapping[str, Table]) -> Iterator[Problem]:
    """A warning for each cell that figures show and their font cannot."""
    for file, table in tables.items():
        for line, cells in table.cells.items():
            for column in DRAWN.get(file.partition("/")[0], ()):
                if lost := _lost(cells.get(column, "")):
                    message = f"the font of the figures lacks {', '.join(lost)}: empty boxes stand in their place"
                    fix = "Write it in Latin letters here; the original spelling can stand in `note` or `authors`."
                    yield Problem(file, line, column, cells[column], message, fix, LETTERS.severity, LETTERS.id)


def _lost(text: str) -> list[str]:
    """The letters of a text that have no glyph, each once."""
    return [letter for letter in dict.fromkeys(text) if ord(letter) >= BASIC and ord(letter) not in letters()]
