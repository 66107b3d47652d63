"""Footnotes of a figure: a mark for each text, beside what it is about and below the figure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from string import ascii_lowercase

from matplotlib.axes import Axes

from reanalysis.figures import style as s

DAGGER = "\N{DAGGER}"
RAISED = 0.7  # mm, a mark above the line of its text
BESIDE = 0.7  # mm between a text and its marks


def marks_of(texts: Iterable[str], daggered: Collection[str] = ()) -> dict[str, str]:
    """A mark for each different text, in their order: a letter, or a dagger for the one that is told so."""
    different = list(dict.fromkeys(texts))
    lettered = [text for text in different if text not in daggered]
    letters = dict(zip(lettered, _letters(len(lettered)), strict=True))
    return {text: letters.get(text, DAGGER) for text in different}


def _letters(n: int) -> list[str]:
    """a, b, c and on; after z two of each."""
    return [ascii_lowercase[i % 26] * (1 + i // 26) for i in range(n)]


def room(marks: str) -> float:
    """Millimetres that marks take at the end of a text."""
    return BESIDE + s.text_width(marks, s.SMALL) if marks else 0.0


def say(ax: Axes, x: float, y: float, marks: str) -> None:
    """Marks at the end of a text that ends at x."""
    if marks:
        s.say(ax, x + BESIDE, y - RAISED, marks, size=s.SMALL)


def told(marks: dict[str, str]) -> list[str]:
    """The footnotes as they stand below the figure."""
    return [f"{mark}: {text[:1].upper()}{text[1:]}." for text, mark in marks.items()]
