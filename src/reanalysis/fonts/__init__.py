"""The font of the figures: DejaVu Sans with the letters that names and texts need, small enough to go into every file.

Without hinting, kerning and ligatures a text has the same width in every format and every browser. It has a name of its
own, as its licence (`LICENSE`) asks of a changed font. `build.py` makes the files beside this one.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

FAMILY = "Reanalysis Sans"
HERE = Path(__file__).parent
LETTERS = HERE / "letters.txt"


@dataclass(frozen=True)
class Face:
    """A face of the family; weight and style in the words of CSS."""

    name: str
    weight: int
    style: str

    def file(self, form: str) -> Path:
        """Its file: `ttf` for drawing, `woff` for pages."""
        return HERE / f"ReanalysisSans-{self.name}.{form}"

    @cached_property
    def css(self) -> str:
        """The rule that declares it, on one line and with the font inside."""
        font = base64.b64encode(self.file("woff").read_bytes()).decode("ascii")
        return (
            f'@font-face{{font-family:"{FAMILY}";font-weight:{self.weight};font-style:{self.style};'
            f'src:url(data:font/woff;base64,{font})format("woff")}}'
        )


FACES = (
    Face("Regular", 400, "normal"),
    Face("Bold", 700, "normal"),
    Face("Oblique", 400, "italic"),
    Face("BoldOblique", 700, "italic"),
)


@cache
def letters() -> frozenset[int]:
    """Code points that the upright faces have; the slanted ones have them too, but for Arabic."""
    ends = ([int(end, 16) for end in line.split("-")] for line in LETTERS.read_text(encoding="ascii").split())
    return frozenset(point for low, high in ends for point in range(low, high + 1))
