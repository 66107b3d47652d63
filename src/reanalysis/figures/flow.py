"""The PRISMA flow of the review, with reported, derived, bounded and unknown counts told apart."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.schema.raw import FlowCount
from reanalysis.schema.vocabulary import capital

MARGIN = 4.0
LINE = 3.0
TITLE = "Flow of records and reports in the review"
SUBTITLE = "What the review prints of it, what follows from that, and what is not known."
STAGES = (
    ("", ("records-pubmed", "records-embase", "records-psycinfo"), ()),
    (
        "Identification",
        ("records-identified",),
        ("duplicates-removed", "removed-by-automation", "removed-for-other-reasons"),
    ),
    ("Screening", ("records-screened",), ("records-excluded",)),
    ("Retrieval", ("reports-sought",), ("reports-not-retrieved",)),
    ("Eligibility", ("reports-assessed",), ("reports-excluded", "reports-excluded-by-reason")),
    ("Included", ("articles-included",), ("table1-rows", "articles-not-in-table1")),
)
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


def draw_flow(counts: dict[str, FlowCount], width_mm: float) -> Figure:
    """Draw the flow from the rows of the flow table, keyed by box."""
    left, gutter = MARGIN + 8.0, 10.0
    main = side = (width_mm - left - gutter - MARGIN) / 2
    right = left + main + gutter
    edges, parts = (left, width_mm - MARGIN), [_meanings()]
    with mpl.rc_context(s.RC):
        heights = [max(_tallest(counts, stage, main), _stacked(counts, aside, side)) for _, stage, aside in STAGES]
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + 4.0
        end = 7.0 * len(STAGES) + legend_height(parts, *edges) + MARGIN
        fig, ax = s.page(width_mm, top + sum(heights) + end)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        y = top
        previous = None
        for (name, stage, aside), height in zip(STAGES, heights, strict=True):
            if name:
                _say(ax, MARGIN + 3.0, y + height / 2, name, weight="bold", rotation=90, ha="center")
            each = (main - 3.0 * (len(stage) - 1)) / len(stage)
            tall = _tallest(counts, stage, main)
            above = y + (height - tall) / 2
            for index, box in enumerate(stage):
                _box(ax, counts[box], left + index * (each + 3.0), above, each, tall)
            if previous is not None:
                _arrow(ax, (left + main / 2, previous), (left + main / 2, above))
            below = y
            for box in aside:
                _box(ax, counts[box], right, below, side, _height(counts[box], side))
                below += _height(counts[box], side) + 1.5
            if aside:
                # what is included is told apart, not lost
                style = "-" if name == "Included" else "-|>"
                _arrow(ax, (left + main, y + height / 2), (right, y + height / 2), style)
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


def _tallest(counts: dict[str, FlowCount], boxes: tuple[str, ...], main: float) -> float:
    each = (main - 3.0 * (len(boxes) - 1)) / len(boxes)
    return max(_height(counts[box], each) for box in boxes)


def _stacked(counts: dict[str, FlowCount], boxes: tuple[str, ...], width: float) -> float:
    return sum(_height(counts[box], width) + 1.5 for box in boxes)


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
