"""A panel with two scales, in millimetres, on which names stand beside their marks and cover nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from reanalysis.figures import style as s

Box = tuple[float, float, float, float]  # left, top, right, bottom
AROUND = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))  # where a name may stand, best first
RINGS = (1.2, 2.0)  # mm from the mark
APART = 13.0  # mm between ticks, about


@dataclass
class Plane:
    """A panel: where it stands, what its sides mean, and which places are taken.

    `x_range` goes from left to right, `y_range` from bottom to top; either may fall.
    """

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    taken: list[Box] = field(default_factory=list)

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, value: float) -> float:
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * self.width

    def y(self, value: float) -> float:
        low, high = self.y_range
        return self.bottom - (value - low) / (high - low) * self.height

    def draw(
        self,
        ax: Axes,
        x_label: str,
        y_label: str,
        sides: tuple[str, str] | None = None,
        y_ticks: Mapping[float, str] | None = None,
    ) -> None:
        """The frame, with ticks and what they mean; `sides` are what left and right of zero mean.

        `y_ticks` are the ticks of the second scale as printed, where this is not an even one.
        """
        frame = Rectangle((self.left, self.top), self.width, self.height, fc="none", ec=s.INK, lw=0.6, zorder=3)
        ax.add_patch(frame)
        for value in ticks(self.x_range, self.width / APART):
            x = self.x(value)
            ax.add_line(Line2D([x, x], [self.bottom, self.bottom + 0.9], color=s.INK, lw=0.6))
            s.say(ax, x, self.bottom + 2.6, tick(value), size=s.SMALL, align="center")
        for value, printed in (y_ticks or {v: tick(v) for v in ticks(self.y_range, self.height / APART)}).items():
            y = self.y(value)
            ax.add_line(Line2D([self.left - 0.9, self.left], [y, y], color=s.INK, lw=0.6))
            s.say(ax, self.left - 1.5, y, printed, size=s.SMALL, align="right")
        low = self.bottom + 6.0
        if sides:
            s.say(ax, self.left, low, f"\N{LEFTWARDS ARROW} {sides[0]}", size=s.SMALL)
            s.say(ax, self.right, low, f"{sides[1]} \N{RIGHTWARDS ARROW}", size=s.SMALL, align="right")
            low += s.LINE
        s.say(ax, self.left + self.width / 2, low, x_label, size=s.SMALL, align="center", colour=s.SOFT)
        s.say(ax, self.left, self.top - 2.2, y_label, size=s.SMALL, colour=s.SOFT)

    def take(self, x: float, y: float, half: float) -> None:
        """Keep names off the square around a place, in millimetres."""
        self.taken.append((x - half, y - half, x + half, y + half))

    def name(self, ax: Axes, text: str, x: float, y: float, **how) -> bool:
        """Write a name beside the place, in millimetres, where it covers nothing; says whether there was room."""
        wide, high = s.text_width(text, s.SMALL) / 2 + 0.2, 1.0
        for ring in RINGS:
            for across, down in AROUND:
                at = x + across * (ring + wide), y + down * (0.6 * ring + 0.9)
                box = (at[0] - wide, at[1] - high, at[0] + wide, at[1] + high)
                if self._holds(box) and not any(meet(box, other) for other in self.taken):
                    self.taken.append(box)
                    s.say(ax, *at, text, size=s.SMALL, align="center", **how)
                    return True
        return False

    def _holds(self, box: Box) -> bool:
        left, top, right, bottom = box
        return self.left < left and right < self.right and self.top < top and bottom < self.bottom


def around(values: list[float], share: float = 0.08, least: float = 1e-9) -> tuple[float, float]:
    """A range that holds the values with some room on both sides."""
    low, high = min(values), max(values)
    room = max(share * (high - low), least)
    return low - room, high + room


def ticks(ends: tuple[float, float], count: float) -> list[float]:
    """Round numbers within a range, about as many as `count`."""
    low, high = sorted(ends)
    found = MaxNLocator(nbins=max(int(count), 2), steps=[1, 2, 5, 10]).tick_values(low, high)
    return [float(value) for value in found if low <= value <= high]


def tick(value: float) -> str:
    """A tick as printed."""
    return f"{value + 0.0:g}".replace("-", "\N{MINUS SIGN}")


def meet(a: Box, b: Box) -> bool:
    """Whether two boxes share some place."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
