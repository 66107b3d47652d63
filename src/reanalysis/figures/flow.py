"""The PRISMA flow of the review, with reported, derived, bounded and unknown counts told apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.heading import heading, heading_alone, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.schema.raw import FlowCount
from reanalysis.schema.vocabulary import FLOW_STAGES
from reanalysis.text import capital

MARGIN = 4.0
LINE = 3.0
ABREAST = 4  # sources side by side
TITLE = "Flow of records and reports in the review"
SUBTITLE = "What the review prints of it, what follows from that, and what is not known."
LOOKS = {
    "reported": {"ec": s.INK, "ls": "-", "fc": s.PAPER},
    "derived": {"ec": s.BLUE, "ls": "-", "fc": s.PAPER},
    "bounded": {"ec": s.ORANGE, "ls": (0, (4, 2)), "fc": s.PAPER},
    "not_reported": {"ec": s.SOFT, "ls": (0, (1, 1.5)), "fc": s.BAND},
}
WORDS = {
    "reported": "printed in the review",
    "derived": "follows from printed counts",
    "bounded": "not printed: limits follow from printed counts",
    "not_reported": "not printed",
}


@dataclass(frozen=True)
class Level:
    """Boxes of one height: on the main line, or side by side above it, and what leaves it."""

    stage: str  # name of the stage, empty where another level of it bears the name
    main: tuple[FlowCount, ...] = ()
    side: tuple[FlowCount, ...] = ()
    arrow: str = "-|>"  # to what stands beside
    flows_in: bool = True  # whether an arrow comes from the level above


def levels(counts: Iterable[FlowCount]) -> list[Level]:
    """Boxes by stage, in the order of the table: sources, then each box of the main line, the last with its side."""
    drawn = [count for count in counts if count.place != "table"]
    rows = []
    for stage in FLOW_STAGES:
        own = [count for count in drawn if count.stage == stage]
        sources = tuple(count for count in own if count.place == "source")
        side = tuple(count for count in own if count.place == "side")
        main = [count for count in own if count.place in (None, "main")]
        rows += [Level("", sources[at : at + ABREAST], flows_in=False) for at in range(0, len(sources), ABREAST)]
        rows += [Level("", (count,)) for count in main[:-1]]
        if main or side:
            # what is included is told apart, not lost
            rows.append(Level(capital(stage), tuple(main[-1:]), side, "-" if stage == "included" else "-|>"))
        elif sources:
            rows[-1] = replace(rows[-1], stage=capital(stage))
    return rows


def draw_flow(counts: dict[str, FlowCount], width_mm: float) -> Figure:
    """Draw the flow from the rows of the flow table, keyed by box."""
    rows = levels(counts.values())
    if not rows:
        return heading_alone(TITLE, "No count of it is recorded.", width_mm, MARGIN)
    left, gutter = MARGIN + 8.0, 10.0
    main = side = (width_mm - left - gutter - MARGIN) / 2
    right = left + main + gutter
    edges, parts = (left, width_mm - MARGIN), [_meanings()]
    with mpl.rc_context(s.RC):
        heights = [max(_tallest(row.main, main), _stacked(row.side, side), _label(row.stage)) for row in rows]
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + 4.0
        end = 7.0 * len(rows) + legend_height(parts, *edges) + MARGIN
        fig, ax = s.page(width_mm, top + sum(heights) + end)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        y = top
        previous = None
        for row, height in zip(rows, heights, strict=True):
            if row.stage:
                _say(ax, MARGIN + 3.0, y + height / 2, row.stage, weight="bold", rotation=90, ha="center")
            tall = _tallest(row.main, main)
            above = y + (height - tall) / 2
            each = _each(row.main, main)
            for index, count in enumerate(row.main):
                _box(ax, count, left + index * (each + 3.0), above, each, tall)
            if previous is not None and row.main and row.flows_in:
                _arrow(ax, (left + main / 2, previous), (left + main / 2, above))
            below = y + (height - _stacked(row.side, side)) / 2
            for count in row.side:
                _box(ax, count, right, below, side, _height(count, side))
                below += _height(count, side) + 1.5
            if row.side:
                start = left + main if row.main else left + main / 2
                _arrow(ax, (start, y + height / 2), (right, y + height / 2), row.arrow)
            if row.main:
                previous = above + tall
            y += height + 7.0
        legend(ax, parts, y, *edges)
        return fig


def count_text(count: FlowCount) -> str:
    """The count as the figure prints it."""
    if count.count is not None:
        return f"n = {count.count}"
    if count.status == "not_reported":
        return "n not reported"
    if count.upper is None:
        return f"n at least {count.lower}"
    return f"n not reported, between {count.lower} and {count.upper}"


def _words(count: FlowCount, width: float) -> list[str]:
    return s.wrap(capital(count.label), width - 4.0, s.BODY)


def _height(count: FlowCount, width: float) -> float:
    return (len(_words(count, width)) + 1) * LINE + 2.4


def _each(boxes: tuple[FlowCount, ...], main: float) -> float:
    """Width of each of the boxes that share the main line."""
    return (main - 3.0 * (len(boxes) - 1)) / max(len(boxes), 1)


def _tallest(boxes: tuple[FlowCount, ...], main: float) -> float:
    return max((_height(count, _each(boxes, main)) for count in boxes), default=0.0)


def _stacked(boxes: tuple[FlowCount, ...], width: float) -> float:
    return sum(_height(count, width) + 1.5 for count in boxes)


def _label(stage: str) -> float:
    """Height that the name of a stage needs, written upwards; it may reach into the gaps above and below."""
    return s.text_width(stage, s.BODY, "bold") - 6.0 if stage else 0.0


def _box(ax: Axes, count: FlowCount, x: float, y: float, width: float, height: float) -> None:
    look = LOOKS[count.status]
    box = Rectangle((x, y), width, height, lw=0.9, **look)
    box.set_gid(f"flow--{count.box}")
    ax.add_patch(box)
    lines = [*_words(count, width), count_text(count)]
    start = y + height / 2 - (len(lines) - 1) * LINE / 2
    for index, line in enumerate(lines):
        weight = "bold" if index == len(lines) - 1 else "normal"
        _say(ax, x + width / 2, start + index * LINE, line, ha="center", weight=weight)


def _arrow(ax: Axes, start: tuple[float, float], stop: tuple[float, float], style: str = "-|>") -> None:
    look = {"arrowstyle": style, "mutation_scale": 6, "lw": 0.8, "color": s.INK, "shrinkA": 0, "shrinkB": 0}
    ax.add_patch(FancyArrowPatch(start, stop, **look))


def _meanings() -> list[Entry]:
    return [
        Entry(lambda ax, x, y, look=LOOKS[status]: _outline(ax, x, y, look), words, 2.5)
        for status, words in WORDS.items()
    ]


def _outline(ax: Axes, x: float, y: float, look: dict) -> None:
    ax.add_patch(Rectangle((x - 2.5, y - 1.3), 5.0, 2.6, lw=0.9, **look))


def _say(ax: Axes, x: float, y: float, text: str, **how) -> None:
    """Text centred vertically on y."""
    ax.text(x, y, text, va="center" if "rotation" in how else "center_baseline", **how)
