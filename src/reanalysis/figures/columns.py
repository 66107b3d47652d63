"""Columns of text in millimetres: effects with their decimal points below one another, and bands of headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s

BLOCK = 4.4  # mm, height of the heading of a block
_NUMBER = re.compile("\N{MINUS SIGN}?[0-9]+([.][0-9]+)?")


@dataclass(frozen=True)
class Numbers:
    """A column of effects as printed: estimates with their decimal points below one another, then their intervals.

    `point` is the place of these points, in millimetres from the left edge; intervals and words end at the right edge.
    """

    size: float
    point: float
    width: float

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str]], size: float) -> Numbers:
        """A column for effects as printed in a table, each with its weight of type."""
        space = 1.5 * s.text_width("\N{NO-BREAK SPACE}", size)
        before, after, rest, alone = 0.0, 0.0, 0.0, 0.0
        for text, weight in texts:
            estimate, words = _parts(text)
            halves, wide = _halves(estimate, size, weight), s.text_width(words, size, weight)
            before, after = max(before, halves[0]), max(after, halves[1])
            rest, alone = (max(rest, wide), alone) if estimate and words else (rest, max(alone, wide))
        interval = space + rest if rest else 0.0
        width = max(before + after + interval, alone)
        return cls(size, width - interval - after, width)

    def say(self, ax: Axes, left: float, y: float, text: str, *, weight: str = "normal", colour: str = s.INK) -> None:
        """Write an effect into the column that begins at `left`."""
        estimate, words = _parts(text)
        how = {"size": self.size, "weight": weight, "colour": colour, "align": "right"}
        if estimate:
            s.say(ax, left + self.point + _halves(estimate, self.size, weight)[1], y, estimate, **how)
        s.say(ax, left + self.width, y, words, **how)


def _parts(text: str) -> tuple[str, str]:
    """An estimate, and its interval or words; either may be empty."""
    estimate, gap, rest = text.partition(" [")
    if gap:
        return estimate, gap.strip() + rest
    return (text, "") if _NUMBER.fullmatch(text) else ("", text)


def _halves(estimate: str, size: float, weight: str) -> tuple[float, float]:
    """Millimetres before the decimal point, and from it on; a whole number ends where that would be."""
    whole, point, decimals = estimate.partition(".")
    return s.text_width(whole, size, weight), s.text_width(point + decimals, size, weight)


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


def fitted(widths: dict[str, float], room: float, least: Mapping[str, float] | None = None) -> dict[str, float]:
    """Widths of columns that fill no more than the room: the widest give way, down to a common width.

    None becomes narrower than its `least`, as long as there is room for these.
    """
    least = {name: min(wide, (least or {}).get(name, 0.0)) for name, wide in widths.items()}
    if sum(least.values()) > room:
        least = dict.fromkeys(widths, 0.0)
    if sum(widths.values()) <= room:
        return dict(widths)
    low, high = 0.0, max(widths.values())
    for _ in range(40):  # the common width, to far below what is drawn
        common = (low + high) / 2
        taken = sum(max(least[name], min(wide, common)) for name, wide in widths.items())
        low, high = (low, common) if taken > room else (common, high)
    return {name: max(least[name], min(wide, low)) for name, wide in widths.items()}


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
