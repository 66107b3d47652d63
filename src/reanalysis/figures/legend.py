"""What stands below a figure: marks with what they mean, as many on a line as it holds, and notes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from reanalysis.figures import style as s

LINE = 4.0  # mm between lines of marks
APART = 3.5  # mm between entries of a line


@dataclass(frozen=True)
class Entry:
    """A mark with its words: `draw` takes the axes, the middle of the mark and its height on the page, in mm."""

    draw: Callable[[Axes, float, float], Any]
    words: str
    half: float = 1.2  # mm, half the width of the mark

    @property
    def width(self) -> float:
        return 2 * self.half + 1.4 + s.text_width(self.words, s.SMALL)


Part = Sequence[Entry] | str  # a legend, or a note


def legend_height(parts: Sequence[Part], left: float, right: float) -> float:
    """Millimetres that legends and notes take between two edges."""
    return sum(_height(part, left, right) for part in parts)


def legend(ax: Axes, parts: Sequence[Part], y: float, left: float, right: float) -> None:
    """Draw legends and notes from y downwards."""
    for part in parts:
        if isinstance(part, str):
            s.lines(ax, left, y, s.wrap(part, right - left, s.SMALL), size=s.SMALL, colour=s.SOFT)
        else:
            for entry, x, line in _places(part, left, right):
                middle = y + (line + 0.5) * LINE
                entry.draw(ax, x + entry.half, middle)
                s.say(ax, x + entry.width - s.text_width(entry.words, s.SMALL), middle, entry.words, size=s.SMALL)
        y += _height(part, left, right)


def _height(part: Part, left: float, right: float) -> float:
    if isinstance(part, str):
        return len(s.wrap(part, right - left, s.SMALL)) * s.LINE
    return LINE * (1 + max((line for *_, line in _places(part, left, right)), default=-1))


def _places(entries: Sequence[Entry], left: float, right: float) -> Iterator[tuple[Entry, float, int]]:
    """Each entry with its left edge and its line."""
    x, line = left, 0
    for entry in entries:
        if x > left and x + entry.width > right:
            x, line = left, line + 1
        yield entry, x, line
        x += entry.width + APART
