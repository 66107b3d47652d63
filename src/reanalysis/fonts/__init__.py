"""The font of the figures: DejaVu Sans with the letters that names and texts need, small enough to go into every file.

It comes as two families. The first has the letters of nearly every text, and a file is written fast with it; the full
one has these too, and is used where a text needs another letter: a letter and the marks on it must be of one face.

Without hinting, kerning and ligatures a text has the same width in every format and every browser. The font has names
of its own, as its licence (`LICENSE`) asks of a changed one. `build.py` makes the files beside this one.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

COMMON, FULL = FAMILIES = ("Reanalysis Sans", "Reanalysis Sans Full")  # in the order in which a letter is looked for
HERE = Path(__file__).parent
LETTERS = HERE / "letters.txt"


@dataclass(frozen=True)
class Face:
    """A face of a family; weight and style in the words of CSS."""

    family: str
    name: str
    weight: int
    style: str

    def file(self, form: str) -> Path:
        """Its file: `ttf` for drawing, `woff` for pages."""
        return HERE / f"{self.family.replace(' ', '')}-{self.name}.{form}"

    @cached_property
    def css(self) -> str:
        """The rule that declares it, on one line and with the font inside."""
        font = base64.b64encode(self.file("woff").read_bytes()).decode("ascii")
        return (
            f'@font-face{{font-family:"{self.family}";font-weight:{self.weight};font-style:{self.style};'
            f'src:url(data:font/woff;base64,{font})format("woff")}}'
        )


FACES = tuple(
    Face(family, *look)
    for family in FAMILIES
    for look in (("Regular", 400, "normal"), ("Bold", 700, "normal"), ("Oblique", 400, "italic"))
)


@cache
def letters() -> frozenset[int]:
    """Code points that the upright faces of the full family have; the slanted one has them too, but for Arabic."""
    ends = ([int(end, 16) for end in line.split("-")] for line in LETTERS.read_text(encoding="ascii").split())
    return frozenset(point for low, high in ends for point in range(low, high + 1))
