"""The PRISMA flow of the review, with reported, derived, bounded and unknown counts told apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.schema.raw import FlowCount
from reanalysis.schema.vocabulary import FLOW_PHASES
from reanalysis.text import capital

MARGIN = 4.0
LINE = 3.0
ABREAST = 4  # sources side by side
STEP, FRAME = 7.0, 1.5  # mm between levels, and around the sources
TITLE = "Flow of records and reports in the review"
SUBTITLE = "What the review prints of it, what follows from that, and what is not known."
LOOKS = {
    "reported": {"ec": s.INK, "ls": "-", "fc": s.PAPER},
    "derived": {"ec": s.BLUE, "ls": "-", "fc": s.PAPER},
    "bounded": {"ec": s.ORANGE, "ls": (0, (4, 2)), "fc": s.PAPER},
    "not_read": {"ec": s.SOFT, "ls": (0, (1, 1.5)), "fc": s.PAPER},
    "not_reported": {"ec": s.SOFT, "ls": (0, (1, 1.5)), "fc": s.BAND},
}
NOT_KNOWN = {"not_reported": "n not reported", "not_read": "n not read"}
WORDS = {
    "reported": "printed in the review",
    "derived": "follows from printed counts",
    "bounded": "not printed: limits follow from printed counts",
    "not_reported": "not printed",
    "not_read": "not read here",
}


@dataclass
class Level:
    """Boxes of one height: sources side by side, or one of the main line with what stands beside it."""

    phase: str
    main: list[FlowCount] = field(default_factory=list)
    side: list[FlowCount] = field(default_factory=list)
    source: bool = False


def levels(counts: Iterable[FlowCount]) -> list[Level]:
    """The boxes that are drawn, in the order of the table within each phase: a side box beside the last main one."""
    drawn = [count for count in counts if count.place != "table"]
    rows: list[Level] = []
    for phase in FLOW_PHASES:
        own = [count for count in drawn if count.phase == phase]
        sources = [count for count in own if count.place == "source"]
        rows += [Level(phase, sources[at : at + ABREAST], source=True) for at in range(0, len(sources), ABREAST)]
        for count in own:
            if count.place in (None, "main"):
                rows.append(Level(phase, [count]))
            elif count.place == "side":
                if not rows or rows[-1].phase != phase or rows[-1].source:
                    rows.append(Level(phase))
                rows[-1].side.append(count)
    return rows


def draw_flow(counts: dict[str, FlowCount], width_mm: float) -> Figure:
    """Draw the flow from the rows of the flow table, keyed by box."""
    rows = levels(counts.values())
    left, gutter = MARGIN + 8.0, 10.0
    whole = width_mm - left - MARGIN
    main = side = (whole - gutter) / 2 if any(row.side for row in rows) else whole
    right = left + main + gutter
    edges, parts = (left, width_mm - MARGIN), [_meanings(count for row in rows for count in (*row.main, *row.side))]
    with mpl.rc_context(s.RC):
        heights = _heights(rows, main, side)
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + 4.0
        end = STEP * len(rows) + legend_height(parts, *edges) + MARGIN
        fig, ax = s.page(width_mm, top + sum(heights) + end)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        tops = list(accumulate((height + STEP for height in heights[:-1]), initial=top))
        previous = None
        for row, y, height in zip(rows, tops, heights, strict=True):
            above, tall = _main(ax, row, left, main, y, height)
            if previous is not None and row.main and not row.source:
                _arrow(ax, (left + main / 2, previous), (left + main / 2, above))
            below = y + (height - _stacked(row.side, side)) / 2
            for count in row.side:
                _box(ax, count, right, below, side, _height(count, side))
                below += _height(count, side) + 1.5
            if row.side:
                start = left + main if row.main else left + main / 2
                # what is included is told apart, not lost
                _arrow(ax, (start, y + height / 2), (right, y + height / 2), "-" if row.phase == "included" else "-|>")
            if row.main:
                previous = above + tall + (FRAME if row.source else 0.0)
        _frame_sources(ax, rows, tops, heights, left, main)
        _phases(ax, rows, tops, heights)
        legend(ax, parts, tops[-1] + heights[-1] + STEP, *edges)
        return fig


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
    for index, count in enumerate(row.main):
        _box(ax, count, left + index * (each + 3.0), above, each, tall)
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


def _words(count: FlowCount, width: float) -> list[str]:
    return s.wrap(capital(count.label), width - 4.0, s.BODY)


def _counted(count: FlowCount, width: float) -> list[str]:
    return s.wrap(count_text(count), width - 2.0, s.BODY, "bold")


def _height(count: FlowCount, width: float) -> float:
    return (len(_words(count, width)) + len(_counted(count, width))) * LINE + 2.4


def _each(boxes: list[FlowCount], main: float) -> float:
    """Width of each of the boxes that share the main line."""
    return (main - 3.0 * (len(boxes) - 1)) / max(len(boxes), 1)


def _tallest(boxes: list[FlowCount], main: float) -> float:
    return max((_height(count, _each(boxes, main)) for count in boxes), default=0.0)


def _stacked(boxes: list[FlowCount], width: float) -> float:
    return sum(_height(count, width) + 1.5 for count in boxes)


def _box(ax: Axes, count: FlowCount, x: float, y: float, width: float, height: float) -> None:
    look = LOOKS[count.status]
    box = Rectangle((x, y), width, height, lw=0.9, **look)
    box.set_gid(f"flow--{count.box}")
    ax.add_patch(box)
    words = _words(count, width)
    lines = [*words, *_counted(count, width)]
    start = y + height / 2 - (len(lines) - 1) * LINE / 2
    for index, line in enumerate(lines):
        weight = "bold" if index >= len(words) else "normal"
        _say(ax, x + width / 2, start + index * LINE, line, ha="center", weight=weight)


def _arrow(ax: Axes, start: tuple[float, float], stop: tuple[float, float], style: str = "-|>") -> None:
    look = {"arrowstyle": style, "mutation_scale": 6, "lw": 0.8, "color": s.INK, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(start, stop, **look))


def _meanings(counts: Iterable[FlowCount]) -> list[Entry]:
    present = {count.status for count in counts}
    return [
        Entry(lambda ax, x, y, look=LOOKS[status]: _outline(ax, x, y, look), words, 2.5)
        for status, words in WORDS.items()
        if status in present
    ]


def _outline(ax: Axes, x: float, y: float, look: dict) -> None:
    ax.add_patch(Rectangle((x - 2.5, y - 1.3), 5.0, 2.6, lw=0.9, **look))


def _say(ax: Axes, x: float, y: float, text: str, **how) -> None:
    """Text centred vertically on y."""
    ax.text(x, y, text, va="center" if "rotation" in how else "center_baseline", **how)
