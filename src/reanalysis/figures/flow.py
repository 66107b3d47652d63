"""Boxes joined by arrows: the flow of the reviewed work in the form of PRISMA 2020, and that of the reanalysis.

Counts that are printed, that follow from printed ones, that have limits, and that are not known are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.progress_table import Stage
from reanalysis.schema.raw import FlowCount
from reanalysis.schema.vocabulary import FLOW_PHASES, FLOW_WORDS
from reanalysis.text import capital, count

MARGIN = 2.0
LINE = 3.0
ABREAST = 4  # sources side by side
STEP, FRAME = 6.0, 1.5  # mm between levels, and around the sources
APART, BRACE = 1.5, 4.0  # mm between boxes beside one another, and before them
WIDTH = 150.0  # mm: wider boxes are no easier to read
ASIDE = {"identification": "Removed before screening"}  # what stands above the side boxes of a phase
APART_FROM = (
    "outcomes"  # phase in which what stands beside does not come from the main box: it follows from what was left
)
LOOKS = {
    "reported": {"ec": s.INK, "ls": "-", "fc": s.PAPER},
    "derived": {"ec": s.INK, "ls": "-", "fc": s.BAND},
    "bounded": {"ec": s.INK, "ls": (0, (4, 2)), "fc": s.PAPER},
    "not_read": {"ec": s.SOFT, "ls": (0, (1, 1.5)), "fc": s.PAPER},
    "not_reported": {"ec": s.SOFT, "ls": (0, (1, 1.5)), "fc": s.BAND},
}
NOT_KNOWN = {"not_reported": "n not reported", "not_read": "n not read"}


@dataclass(frozen=True)
class Box:
    """A box: its name, its place in the flow, its words, its count as printed, and how sure that is."""

    name: str
    phase: str
    place: str
    label: str
    counted: str
    status: str = "reported"


@dataclass
class Level:
    """Boxes of one height: sources side by side, or one of the main line with what stands beside it."""

    phase: str
    main: list[Box] = field(default_factory=list)
    side: list[Box] = field(default_factory=list)
    source: bool = False


def levels(drawn: Iterable[Box], phases: Iterable[str]) -> list[Level]:
    """The boxes in the order in which they come within each phase: a side box beside the last main one."""
    drawn = list(drawn)
    rows: list[Level] = []
    for phase in phases:
        own = [box for box in drawn if box.phase == phase]
        sources = [box for box in own if box.place == "source"]
        rows += [Level(phase, sources[at : at + ABREAST], source=True) for at in range(0, len(sources), ABREAST)]
        for box in own:
            if box.place == "main":
                rows.append(Level(phase, [box]))
            elif box.place == "side":
                if not rows or rows[-1].phase != phase or rows[-1].source:
                    rows.append(Level(phase))
                rows[-1].side.append(box)
    return rows


def draw_flow(counts: dict[str, FlowCount], width_mm: float) -> Figure:
    """Draw the flow of the reviewed work from the rows of its table, keyed by box."""
    return _draw(boxes(counts.values()), FLOW_PHASES, width_mm)


def boxes(counts: Iterable[FlowCount]) -> list[Box]:
    """The boxes that are drawn."""
    return [
        Box(one.box, one.phase, one.place or "main", one.label, count_text(one), one.status)
        for one in counts
        if one.place != "table"
    ]


def draw_progress(rows: list[Stage], width_mm: float) -> Figure:
    """Draw the flow of the reanalysis."""
    steps = [Box(row.box, row.phase, row.place, row.label, _amount(row)) for row in rows]
    return _draw(steps, dict.fromkeys(step.phase for step in steps), width_mm)


def _amount(row: Stage) -> str:
    """What a box of the reanalysis counts."""
    if row.outcomes is not None:
        return f"n = {row.outcomes}"
    if row.findings is None:
        return f"n = {row.reports}"
    return f"{count(row.findings, 'result')} of {count(row.reports, 'report')}"


def _draw(drawn: list[Box], phases: Iterable[str], width_mm: float) -> Figure:
    rows, width = levels(drawn, phases), min(width_mm, WIDTH)
    left, gutter = MARGIN + 8.0, 10.0
    whole = width - left - MARGIN
    main = side = (whole - gutter) / 2 if any(row.side for row in rows) else whole
    right = left + main + gutter
    edges, parts = (left, width - MARGIN), _meanings(drawn)
    with mpl.rc_context(s.RC):
        heights = _heights(rows, main, side)
        top = MARGIN + FRAME
        end = (STEP + legend_height(parts, *edges) if parts else 0.0) + MARGIN
        fig, ax = s.page(width, top + sum(heights) + STEP * (len(rows) - 1) + end)
        tops = list(accumulate((height + STEP for height in heights[:-1]), initial=top))
        previous = beside = None
        for row, y, height in zip(rows, tops, heights, strict=True):
            above, tall = _main(ax, row, left, main, y, height)
            if previous is not None and row.main and not row.source:
                _arrow(ax, (left + main / 2, previous), (left + main / 2, above))
            below = first = y + (height - _stacked(row.side, side)) / 2
            for box in row.side:
                _box(ax, box, right, below, side, _height(box, side))
                below += _height(box, side) + APART
            if row.side and row.phase in ASIDE:
                _say(ax, right, first - 1.6, ASIDE[row.phase], size=s.SMALL, style="italic")
            if row.side and row.phase == APART_FROM and beside is not None:
                _arrow(ax, (right + side / 2, beside), (right + side / 2, first))
            elif row.side:
                start = left + main if row.main else left + main / 2
                _arrow(ax, (start, y + height / 2), (right - BRACE, y + height / 2), "-")
                _branches(ax, row, right, first, side)
            beside = below - APART if row.side else beside
            if row.main:
                previous = above + tall + (FRAME if row.source else 0.0)
        _frame_sources(ax, rows, tops, heights, left, main)
        _phases(ax, rows, tops, heights)
        if parts:
            legend(ax, parts, tops[-1] + heights[-1] + STEP - 2.0, *edges)
        return fig


def _branches(ax: Axes, row: Level, right: float, top: float, width: float) -> None:
    """From the line that leads to the side, an arrow to each box."""
    middles = []
    for box in row.side:
        middles.append(top + _height(box, width) / 2)
        top += _height(box, width) + APART
    x = right - BRACE
    for middle in middles:
        _arrow(ax, (x, middle), (right, middle))
    if len(middles) > 1:
        _arrow(ax, (x, middles[0]), (x, middles[-1]), "-")


def _heights(rows: list[Level], main: float, side: float) -> list[float]:
    """Heights of the levels, and of a phase no less than its name needs."""
    heights = [max(_tallest(row.main, main), _stacked(row.side, side)) for row in rows]
    for phase in dict.fromkeys(row.phase for row in rows):
        own = [index for index, row in enumerate(rows) if row.phase == phase]
        short = s.text_width(phase, s.BODY, "bold") + 4.0 - sum(heights[i] for i in own) - STEP * (len(own) - 1)
        heights[own[-1]] += max(short, 0.0)
    return heights


def _main(ax: Axes, row: Level, left: float, main: float, y: float, height: float) -> tuple[float, float]:
    """Draw the boxes on the main line; returns where they begin, and how tall they are."""
    tall = _tallest(row.main, main)
    above, each = y + (height - tall) / 2, _each(row.main, main)
    for index, box in enumerate(row.main):
        _box(ax, box, left + index * (each + 3.0), above, each, tall)
    return above, tall


def _frame_sources(
    ax: Axes, rows: list[Level], tops: list[float], heights: list[float], left: float, main: float
) -> None:
    """A frame around the sources, from which one arrow leads to what they give together."""
    spans = [(y, y + height) for row, y, height in zip(rows, tops, heights, strict=True) if row.source]
    if spans:
        start, end = spans[0][0] - FRAME, spans[-1][1] + FRAME
        look = {"fc": "none", "ec": s.SOFT, "lw": 0.6, "ls": (0, (1, 1.5))}
        ax.add_patch(Rectangle((left - FRAME, start), main + 2 * FRAME, end - start, **look))


def _phases(ax: Axes, rows: list[Level], tops: list[float], heights: list[float]) -> None:
    """The names of the phases, each beside its levels."""
    for phase in dict.fromkeys(row.phase for row in rows):
        own = [(y, y + height) for row, y, height in zip(rows, tops, heights, strict=True) if row.phase == phase]
        start, end = own[0][0], own[-1][1]
        ax.add_patch(Rectangle((MARGIN, start), 4.5, end - start, fc=s.BAND, ec="none"))
        _say(ax, MARGIN + 2.25, (start + end) / 2, capital(phase), weight="bold", rotation=90, ha="center")


def count_text(count: FlowCount) -> str:
    """The count as the figure prints it."""
    if count.count is not None:
        return f"n = {count.count}"
    if count.status in NOT_KNOWN:
        return NOT_KNOWN[count.status]
    if count.upper is None:
        return f"n at least {count.lower}"
    return f"n not reported, between {count.lower} and {count.upper}"


def _words(box: Box, width: float) -> list[str]:
    return s.wrap(capital(box.label), width - 4.0, s.BODY)


def _counted(box: Box, width: float) -> list[str]:
    return s.wrap(box.counted, width - 2.0, s.BODY, "bold")


def _height(box: Box, width: float) -> float:
    return (len(_words(box, width)) + len(_counted(box, width))) * LINE + 2.4


def _each(boxes: list[Box], main: float) -> float:
    """Width of each of the boxes that share the main line."""
    return (main - 3.0 * (len(boxes) - 1)) / max(len(boxes), 1)


def _tallest(boxes: list[Box], main: float) -> float:
    return max((_height(box, _each(boxes, main)) for box in boxes), default=0.0)


def _stacked(boxes: list[Box], width: float) -> float:
    return sum(_height(box, width) for box in boxes) + APART * max(len(boxes) - 1, 0)


def _box(ax: Axes, box: Box, x: float, y: float, width: float, height: float) -> None:
    ax.add_patch(Rectangle((x, y), width, height, lw=0.8, gid=f"flow--{box.name}", **LOOKS[box.status]))
    words = _words(box, width)
    lines = [*words, *_counted(box, width)]
    start = y + height / 2 - (len(lines) - 1) * LINE / 2
    for index, line in enumerate(lines):
        weight = "bold" if index >= len(words) else "normal"
        _say(ax, x + width / 2, start + index * LINE, line, ha="center", weight=weight)


def _arrow(ax: Axes, start: tuple[float, float], stop: tuple[float, float], style: str = "-|>") -> None:
    look = {"arrowstyle": style, "mutation_scale": 6, "lw": 0.8, "color": s.INK, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(start, stop, **look))


def _meanings(drawn: Iterable[Box]) -> list[list[Entry]]:
    """The looks of boxes in words, where there are several."""
    present = {box.status for box in drawn}
    entries = [
        Entry(lambda ax, x, y, look=LOOKS[status]: _outline(ax, x, y, look), words, 2.5)
        for status, words in FLOW_WORDS.items()
        if status in present
    ]
    return [entries] if len(entries) > 1 else []


def _outline(ax: Axes, x: float, y: float, look: dict) -> None:
    ax.add_patch(Rectangle((x - 2.5, y - 1.3), 5.0, 2.6, lw=0.9, **look))


def _say(ax: Axes, x: float, y: float, text: str, **how) -> None:
    """Text centred vertically on y."""
    ax.text(x, y, text, va="center" if "rotation" in how else "center_baseline", **how)
