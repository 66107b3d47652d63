"""Letters that the font of the figures does not have: a reader of a figure would see an empty box in their place.

The figures are set in DejaVu Sans, which comes with matplotlib, so that they are the same on every machine. It has
the Latin, Greek, Cyrillic, Hebrew and Arabic scripts, and neither Chinese, Japanese nor Korean; a font with these is
tens of megabytes large, and none is kept up as a package, so such a label is named instead.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from reanalysis.check.kinds import LETTERS
from reanalysis.check.reading import Table
from reanalysis.problems import Problem

DRAWN = {
    "domains.csv": ("section", "title"),
    "reports.csv": ("label", "country"),
    "claims.csv": ("section",),
    "flow.csv": ("label",),
    "findings": ("outcome", "population"),
}
FACES = ("DejaVuSans", "DejaVuSans-Bold")
ALWAYS = 0x250  # below it every letter has its glyph


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
    if all(ord(letter) < ALWAYS for letter in text):
        return []
    return [letter for letter in dict.fromkeys(text) if ord(letter) >= ALWAYS and ord(letter) not in _glyphs()]


@cache
def _glyphs() -> frozenset[int]:
    """Code points that the upright and the bold face have; the imports are left to the rare text that needs them."""
    from fontTools.ttLib import TTFont
    from matplotlib import get_data_path

    folder = Path(get_data_path()) / "fonts/ttf"
    return frozenset.intersection(*(frozenset(TTFont(folder / f"{face}.ttf").getBestCmap()) for face in FACES))
