"""The albatross plot (Harrison et al. 2017): p against n, with contours along which an effect has the same size.

The p axis is logarithmic and folded, so that small p stand far out on the side of their effect. A bounded p is the
segment that it may lie on. The n axis is (log10 n) squared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import cycle, groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.albatross_table import AlbatrossRow
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.plane import AROUND, Box, meet, tick
from reanalysis.text import count

MARGIN = 4.0
TALL, LOW = 80.0, 44.0  # mm, height of the plots
HEAD, AXIS, LEFT, RIGHT = 9.0, 11.0, 9.0, 6.0  # mm around a plot
KEY, KEYS, INDENT = 2.6, 3, 4.8  # mm between lines of the key, its columns, and mm for its numbers
TITLE = "Albatross plot"
SUBTITLE = "The p of each finding against the size of its sample, on the side of its effect. Numbers as in the key."
NOTE = (
    "n: persons, for unequal groups those of two equal groups as precise; segments of one n are set a little apart. "
    "Not drawn, for want of p or n: {}."
)
P_TICKS = (1.0, 0.05, 0.01, 0.001, 0.0001, 0.1)  # the first ones go before those that would come too close
N_TICKS = (10, 100, 1000, 10000, 20, 50, 200, 500, 2000, 5000, 15, 30, 70, 150, 300, 700)
LEAST = 3.3  # the p axis reaches at least this far, as minus log10 p
RINGS = (1.1, 2.2, 3.5, 5.0, 7.0, 9.5)  # mm, how far from its mark a number may stand
LEADER = 3.0  # mm from which on a line leads from a mark to its number
CLEAR = 1.1  # mm between segments of the same n
NEAR = 7.0  # mm within which marks of one number need it only once

PANELS = {
    "SMD": ("Differences between groups: contours of Hedges' g", "lower in the first group", "higher"),
    "SMCC": ("Changes within persons: contours of the standardized change", "lower, falls", "higher, rises"),
    "ZCOR": ("Associations: contours of r", "negative", "positive"),
}
LOOKS = (("o", s.BLUE), ("s", s.ORANGE), ("^", s.GREEN), ("D", s.INK), ("v", s.SKY), ("P", s.SAND))  # by family
Looks = dict[str, tuple[str, str]]
Line = tuple[str, str, str]  # of the key: number, text and weight of type


def draw_albatross(rows: list[AlbatrossRow], width_mm: float) -> Figure:
    """Draw a panel for each metric, and the key to the numbers."""
    marks = [row for row in rows if row.number is not None]
    looks = _looks(marks)
    reach = max([LEAST, *(abs(row.x) for row in marks if row.x is not None)]) + 0.25
    note = NOTE.format(count(sum(row.kind == "not drawn" for row in rows), "finding"))
    edges, parts = (MARGIN, width_mm - MARGIN), (_families(looks), _kinds(), note)
    with mpl.rc_context(s.RC):
        column = (width_mm - 2 * MARGIN) / KEYS
        key = _key(marks, column - 1.5)
        key = _in_columns(key)
        metrics = [metric for metric in PANELS if any(row.metric == metric for row in marks)]
        upper, lower = metrics[:1], metrics[1:]
        heights = [HEAD + TALL + AXIS] * bool(upper) + [HEAD + LOW + AXIS] * bool(lower)
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + 1.0
        below = legend_height(parts, *edges) + 1.0 + max(map(len, key)) * KEY + MARGIN
        fig, ax = s.page(width_mm, top + sum(heights) + below)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        y = top
        for line, tall in ((upper, TALL), (lower, LOW)):
            step = (width_mm - 2 * MARGIN) / max(len(line), 1)
            for index, metric in enumerate(line):
                own = [row for row in rows if row.metric == metric and row.kind != "not drawn"]
                left = MARGIN + index * step
                plot = _Plot.of(own, looks, left + LEFT, y + HEAD, step - LEFT - RIGHT, tall, reach)
                plot.draw(ax, own, *PANELS[metric])
            y += HEAD + tall + AXIS if line else 0.0
        legend(ax, parts, y, *edges)
        _draw_key(ax, key, y + legend_height(parts, *edges) + 1.0, column)
        return fig


@dataclass
class _Plot:
    """One panel: from p and n to millimetres, and the boxes (left, top, right, bottom) that marks and numbers take."""

    left: float
    top: float
    width: float
    height: float
    reach: float
    least: float
    most: float
    looks: Looks
    taken: list[Box] = field(default_factory=list)
    segments: list[tuple[float, float, float]] = field(default_factory=list)  # left, right, y

    @classmethod
    def of(
        cls,
        rows: list[AlbatrossRow],
        looks: Looks,
        left: float,
        top: float,
        width: float,
        height: float,
        reach: float,
    ) -> _Plot:
        sizes = [row.n for row in rows]
        return cls(left, top, width, height, reach, min(sizes), max(sizes), looks)

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, place: float) -> float:
        return self.left + (place + self.reach) / (2 * self.reach) * self.width

    def y(self, n: float) -> float:
        low, high = math.log10(self.least) ** 2, math.log10(self.most) ** 2
        return self.bottom - self.height * (math.log10(n) ** 2 - low) / (high - low)

    def draw(self, ax: Axes, rows: list[AlbatrossRow], title: str, lower: str, higher: str) -> None:
        s.say(ax, self.left, self.top - 6.6, title, weight="bold")
        self._axes(ax, lower, higher)
        contours = [list(points) for _, points in groupby(rows, key=lambda row: row.effect or 0.0) if _]
        marks = [row for row in rows if row.kind != "contour"]
        for points in contours:
            self._contour(ax, points)
        anchors = [self._segment(ax, row) if row.kind == "segment" else self._point(ax, row) for row in marks]
        for points in contours:
            self._name(ax, points)
        said: list[tuple[int, float, float]] = []
        for row, (x, y) in zip(marks, anchors, strict=True):
            if not any(row.number == number and math.dist((x, y), (a, b)) < NEAR for number, a, b in said):
                self._number(ax, row.number, x, y)
                said.append((row.number, x, y))

    def _axes(self, ax: Axes, lower: str, higher: str) -> None:
        frame = Rectangle((self.left, self.top), self.width, self.height, fc="none", ec=s.INK, lw=0.6, zorder=0.6)
        ax.add_patch(frame)
        ax.add_line(Line2D([self.x(0)] * 2, [self.top, self.bottom], color=s.SOFT, lw=0.6, zorder=0.5))
        places = [(self.x(side * -math.log10(p)), p) for p in P_TICKS for side in ((-1, 1) if p < 1 else (1,))]
        for x, p in _apart(places, self.left, self.left + self.width, 5.0):
            ax.add_line(Line2D([x, x], [self.bottom, self.bottom + 0.9], color=s.INK, lw=0.6))
            s.say(ax, x, self.bottom + 2.5, f"{p:g}", size=s.SMALL, align="center")
        for y, n in _apart([(self.y(n), n) for n in N_TICKS], self.top, self.bottom, 4.5):
            ax.add_line(Line2D([self.left - 0.9, self.left], [y, y], color=s.INK, lw=0.6))
            s.say(ax, self.left - 1.4, y, str(n), size=s.SMALL, align="right")
        s.say(ax, self.left - 1.4, self.top - 2.0, "n", size=s.SMALL, align="right", style="italic")
        s.say(ax, self.x(0), self.bottom + 5.4, "two-sided p", size=s.SMALL, align="center", colour=s.SOFT)
        how = {"size": s.SMALL, "colour": s.SOFT}
        s.say(ax, self.left, self.bottom + 5.4, f"\N{LEFTWARDS ARROW} {lower}", **how)
        s.say(ax, self.left + self.width, self.bottom + 5.4, f"{higher} \N{RIGHTWARDS ARROW}", align="right", **how)

    def _contour(self, ax: Axes, points: list[AlbatrossRow]) -> None:
        """A line of equal effect within the frame."""
        across, down = [self.x(row.x) for row in points], [self.y(row.n) for row in points]
        line = ax.add_line(Line2D(across, down, color=s.FAINT, lw=0.8, zorder=0.5))
        line.set_clip_path(Rectangle((self.left, self.top), self.width, self.height, transform=ax.transData))

    def _name(self, ax: Axes, points: list[AlbatrossRow]) -> None:
        """The effect of a contour: above the frame, or on the line where that leaves the frame at a side."""
        name = tick(points[0].effect)
        room = self.width / 2 - s.text_width(name, s.SMALL)
        inside = [(self.x(row.x), self.y(row.n)) for row in points if abs(self.x(row.x) - self.x(0)) < room]
        if len(inside) == len(points):
            s.say(ax, inside[-1][0], self.top - 1.5, name, size=s.SMALL, colour=s.SOFT, align="center")
        elif inside:
            self._write(ax, name, inside[::-1], s.SOFT)

    def _point(self, ax: Axes, row: AlbatrossRow) -> tuple[float, float]:
        marker, colour = self.looks[row.family]
        x, y = self.x(row.x), self.y(row.n)
        _dot(ax, x, y, marker, colour, colour).set_gid(row.mark_id)
        self.taken.append((x - 0.7, y - 0.7, x + 0.7, y + 0.7))
        return x, y

    def _segment(self, ax: Axes, row: AlbatrossRow) -> tuple[float, float]:
        """A segment, set off from others that it would cover; returns its inner end, or its right one."""
        marker, colour = self.looks[row.family]
        left, right = self.x(max(row.x_from, -self.reach)), self.x(min(row.x_to, self.reach))
        y = self.y(row.n) + self._shift(left, right, self.y(row.n))
        ax.add_line(Line2D([left, right], [y, y], color=colour, lw=1.0, gid=row.mark_id))
        for end, x, side in ((row.x_from, left, 1), (row.x_to, right, -1)):
            if math.isinf(end):
                s.arrowhead(ax, x + side * 1.4, y, -side, colour, 1.0)
            else:
                _dot(ax, x, y, marker, s.PAPER, colour, 2.2)
        self.segments.append((left, right, y))
        self.taken += [(x - 0.5, y - 0.5, x + 0.5, y + 0.5) for x in (left, right)]
        return (right, y) if math.isinf(row.x_from) or not math.isinf(row.x_to) else (left, y)

    def _shift(self, left: float, right: float, y: float) -> float:
        """The least shift that keeps a segment clear of those drawn before, upwards where both sides are as near."""
        near = [other for a, b, other in self.segments if a < right and left < b]
        shifts = [0.0, *(side * step * CLEAR / 4 for step in range(1, 100) for side in (-1, 1))]
        return next(shift for shift in shifts if all(abs(y + shift - other) >= CLEAR - 1e-9 for other in near))

    def _number(self, ax: Axes, number: int, x: float, y: float) -> None:
        """The number of a mark, close to it."""
        wide = s.text_width(str(number), s.SMALL) / 2
        places = [
            (x + across * (0.9 * ring + wide), y + down * (0.6 * ring + 0.8))
            for ring in RINGS
            for across, down in AROUND
        ]
        far = self._write(ax, str(number), places, s.INK)
        if math.dist(far, (x, y)) > LEADER + wide:
            ax.add_line(Line2D([x, far[0]], [y, far[1]], color=s.SOFT, lw=0.3, zorder=2.4))

    def _write(self, ax: Axes, text: str, places: list[tuple[float, float]], colour: str) -> tuple[float, float]:
        """Text on white at the first place that is free; a line is better written over than a mark or other text.

        Returns that place.
        """
        wide, high = s.text_width(text, s.SMALL) / 2 + 0.2, 1.05

        def cost(rank: int) -> float:
            x, y = places[rank]
            box = (x - wide, y - high, x + wide, y + high)
            lines = sum(meet(box, (left, at, right, at)) for left, right, at in self.segments)
            return rank + 6 * lines + 100 * sum(meet(box, other) for other in self.taken)

        x, y = places[min(range(len(places)), key=cost)]
        self.taken.append((x - wide, y - high, x + wide, y + high))
        ax.add_patch(Rectangle((x - wide, y - high), 2 * wide, 2 * high, fc=s.PAPER, ec="none", zorder=2.5))
        s.say(ax, x, y, text, size=s.SMALL, colour=colour, align="center")
        return x, y


def _apart(places: list[tuple[float, float]], low: float, high: float, gap: float) -> list[tuple[float, float]]:
    """The places between two ends, without those too close to an earlier one."""
    kept: list[tuple[float, float]] = []
    for place, value in places:
        if low <= place <= high and all(abs(place - other) >= gap for other, _ in kept):
            kept.append((place, value))
    return kept


def _key(marks: list[AlbatrossRow], width: float) -> list[Line]:
    """Lines of the key: number, text and weight. Headings and continued lines have no number."""
    lines = []
    for contrast, members in groupby(marks, key=lambda row: row.contrast_label):
        lines += [("", text, "bold") for text in s.wrap(contrast, width, s.SMALL, "bold")]
        texts = {row.number: f"{row.label}, {row.outcome_label}" for row in members}
        for number, text in texts.items():
            first, *more = s.wrap(text, width - INDENT, s.SMALL)
            lines += [(str(number), first, "normal"), *(("", line, "normal") for line in more)]
    return lines


def _in_columns(key: list[Line]) -> list[list[Line]]:
    """The key in columns as low as can be, none of which ends with a heading."""
    for lines in range(math.ceil(len(key) / KEYS), len(key) + 1):
        columns: list[list[Line]] = [[]]
        for line in key:
            if len(columns[-1]) == lines:
                columns.append([])
                while columns[-2] and columns[-2][-1][2] == "bold":
                    columns[-1].insert(0, columns[-2].pop())
            columns[-1].append(line)
        if len(columns) <= KEYS and all(columns):
            return columns
    return [key]


def _draw_key(ax: Axes, key: list[list[Line]], y: float, step: float) -> None:
    for column, lines in enumerate(key):
        x = MARGIN + column * step
        for line, (number, text, weight) in enumerate(lines):
            middle = y + (line + 0.5) * KEY
            s.say(ax, x + INDENT - 1.0, middle, number, size=s.SMALL, align="right")
            s.say(ax, x + (0.0 if weight == "bold" else INDENT), middle, text, size=s.SMALL, weight=weight)


def _looks(marks: list[AlbatrossRow]) -> Looks:
    """Shape and colour of each family of contrasts, in the order of the key."""
    return dict(zip(dict.fromkeys(row.family for row in marks), cycle(LOOKS)))


def _families(looks: Looks) -> list[Entry]:
    """The shapes and colours that occur."""
    return [
        Entry(lambda ax, x, y, marker=marker, colour=colour: _dot(ax, x, y, marker, colour, colour), name)
        for name, (marker, colour) in looks.items()
    ]


def _kinds() -> list[Entry]:
    """Segments."""
    return [Entry(_open_segment, "only bounds of p are known: it lies on the segment, or beyond an arrow", 3.6)]


def _dot(ax: Axes, x: float, y: float, marker: str, fill: str, edge: str, size: float = 3.4) -> Line2D:
    return ax.add_line(Line2D([x], [y], marker=marker, ms=size, mfc=fill, mec=edge, mew=0.8, ls="", zorder=3))


def _open_segment(ax: Axes, x: float, y: float) -> None:
    ax.add_line(Line2D([x - 3.0, x + 3.0], [y, y], color=s.INK, lw=1.0))
    _dot(ax, x + 3.0, y, "o", s.PAPER, s.INK, 2.2)
    s.arrowhead(ax, x - 2.2, y, -1, s.INK, 1.0)
