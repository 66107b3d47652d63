"""Columns of text in millimetres: effects with their decimal points below one another, and bands of headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s

BLOCK = 4.4  # mm, height of the heading of a block
_PART = re.compile(r"(?P<before>.*?)(?P<after>(?:\.\d+)?[,\]]?)")


@dataclass(frozen=True)
class Numbers:
    """A column of effects as printed: estimate, lower and upper end, each with its decimal points below one another.

    `points` are the places of these points, in millimetres from the left edge of the column.
    """

    size: float
    points: tuple[float, ...]
    width: float

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str]], size: float) -> Numbers:
        """A column for effects as printed in a table, each with its weight of type."""
        space = s.text_width("\N{NO-BREAK SPACE}", size)
        rows = [{place: _halves(part, size, weight) for place, part in _parts(text).items()} for text, weight in texts]
        points: list[float] = []
        for place in range(3):
            needed = [0.0]
            for row in rows:
                if place in row:
                    taken = [points[other] + after + space for other, (_, after) in row.items() if other < place]
                    needed.append(max(taken, default=0.0) + row[place][0])
            points.append(max(needed))
        ends = [points[place] + after for row in rows for place, (_, after) in row.items()]
        return cls(size, tuple(points), max(ends, default=0.0))

    def say(self, ax: Axes, left: float, y: float, text: str, *, weight: str = "normal", colour: str = s.INK) -> None:
        """Write an effect into the column that begins at `left`."""
        for place, part in _parts(text).items():
            x = left + self.points[place] + _halves(part, self.size, weight)[1]
            s.say(ax, x, y, part, size=self.size, weight=weight, colour=colour, align="right")


def _parts(text: str) -> dict[int, str]:
    """The parts of an effect as printed, by where they stand: 0 estimate, 1 lower and 2 upper end."""
    match text.split():
        case [estimate, lower, upper] if lower.startswith("["):
            return {0: estimate, 1: lower, 2: upper}
        case [lower, "to", upper]:
            return {1: lower, 2: f"to {upper}"}
    return {2: text}


def _halves(part: str, size: float, weight: str) -> tuple[float, float]:
    """Millimetres before and after the decimal point; a whole number or a word ends where that would be."""
    match = _PART.fullmatch(part)
    return s.text_width(match["before"], size, weight), s.text_width(match["after"], size, weight)


@dataclass(frozen=True)
class Persons:
    """A column of group sizes, `one / other`, with the strokes below one another; totals stand at its right edge."""

    size: float
    other: float
    width: float

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str]], size: float) -> Persons:
        """A column for sizes as printed in a table, each with its weight of type."""
        widths = [(*_sizes(text, size, weight), s.text_width(text, size, weight)) for text, weight in texts]
        one, other, whole = (max((width[i] for width in widths), default=0.0) for i in range(3))
        return cls(size, other, max(one + other, whole))

    def say(self, ax: Axes, right: float, y: float, text: str, *, weight: str = "normal", colour: str = s.INK) -> None:
        """Write sizes into the column that ends at `right`."""
        past = self.other - _sizes(text, self.size, weight)[1] if "/" in text else 0.0
        s.say(ax, right - past, y, text, size=self.size, weight=weight, colour=colour, align="right")


def _sizes(text: str, size: float, weight: str) -> tuple[float, float]:
    """Millimetres before and after the stroke between two sizes; nothing without one."""
    one, stroke, other = text.partition("/")
    return (s.text_width(one, size, weight), s.text_width(f"/{other}", size, weight)) if stroke else (0.0, 0.0)


def fitted(widths: dict[str, float], room: float) -> dict[str, float]:
    """Widths of columns that fill no more than the room: the widest give way, down to a common width."""
    narrowed: dict[str, float] = {}
    for place, name in enumerate(sorted(widths, key=widths.get)):
        share = (room - sum(narrowed.values())) / (len(widths) - place)
        narrowed[name] = min(widths[name], share)
    return {name: narrowed[name] for name in widths}


def widest(texts: Iterable[str | None], size: float, weight: str = "normal") -> float:
    """Width in millimetres of the longest text."""
    return max((s.text_width(text, size, weight) for text in texts if text), default=0.0)


def band(ax: Axes, left: float, right: float, y: float, height: float, zorder: float = 0.2) -> None:
    """The tinted ground of a heading."""
    ax.add_patch(Rectangle((left, y), right - left, height, color=s.BAND, lw=0, zorder=zorder))


def block(ax: Axes, words: str, left: float, right: float, y: float) -> None:
    """The heading of a block of rows, BLOCK high."""
    band(ax, left, right, y + 0.3, BLOCK - 0.6, zorder=0.6)
    s.say(ax, left + 0.5, y + BLOCK / 2, words, size=s.SMALL, weight="bold")
