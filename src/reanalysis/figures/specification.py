"""The specification curve (Simonsohn, Simmons & Nelson 2020): every result of a multiverse, and the options behind it.

Results go from the lowest estimate to the highest, each as wide as the share of the universes in which it is found.
"""

from __future__ import annotations

import math

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.plane import Plane, around, tick, ticks
from reanalysis.figures.specification_table import SpecificationRow
from reanalysis.schema.vocabulary import METRICS

MARGIN, CURVE = 2.0, 48.0  # mm
LABEL = 0.36  # share of the width for the names of options
SCALE = 9.0  # mm below the curve, for its scale
ROW = 3.2  # mm, a row of an option
FARTHEST = 4.0  # an interval is cut off where it goes farther from zero
LEAST = 0.15  # mm, no result is narrower
MOVES = "Percent: share of the variance of the estimates that the choice explains, alone and together with others."


def draw_specification(rows: list[SpecificationRow], width_mm: float) -> Figure:
    """Draw the results of one answer, and below them which options each is found under."""
    results = [row for row in rows if row.kind == "result"]
    options = [row for row in rows if row.kind == "option"]
    with mpl.rc_context(s.RC):
        width = min(width_mm, s.WIDER)
        left = MARGIN + LABEL * width
        texts = [s.wrap(row.head, left - 2 * MARGIN, s.SMALL, "bold") if row.head else [] for row in options]
        heights = [ROW + len(text) * s.LINE + (1.0 if text else 0.0) for text in texts]
        top = MARGIN + 5.5
        edges = MARGIN, width - MARGIN
        keys = [_keys(), MOVES]
        below = top + CURVE + SCALE
        end = below + sum(heights) + 2.0
        fig, ax = s.page(width, end + legend_height(keys, *edges) + MARGIN)
        ends = [min(max(v, -FARTHEST), FARTHEST) for r in results for v in (r.lower, r.estimate, r.upper)]
        plane = Plane(left, top, width - MARGIN - left, CURVE, (0.0, 1.0), around([0.0, *ends], 0.04))
        _axes(ax, plane, results[0])
        for row in results:
            _result(ax, row, plane)
        _main(ax, next((row for row in results if row.main), None), plane, end - 2.0)
        y = below
        for row, text, height in zip(options, texts, heights, strict=True):
            _option(ax, row, text, y, height, plane, results)
            y += height
        legend(ax, keys, end, *edges)
        return fig


def _axes(ax: Axes, plane: Plane, first: SpecificationRow) -> None:
    """The scale of the effect, what its sides mean, and that of the share of the universes."""
    ax.add_line(Line2D([plane.left] * 2, [plane.top, plane.bottom], color=s.INK, lw=0.6))
    for value in ticks(plane.y_range, plane.height / 8):
        y = plane.y(value)
        ax.add_line(Line2D([plane.left - 0.9, plane.left], [y, y], color=s.INK, lw=0.6))
        s.say(ax, plane.left - 1.5, y, tick(value), size=s.SMALL, align="right")
    zero = plane.y(0.0)
    ax.add_line(Line2D([plane.left, plane.right], [zero, zero], color=s.SOFT, lw=0.6, zorder=0.5))
    s.say(ax, plane.left, plane.top - 2.6, METRICS[first.metric], size=s.SMALL, colour=s.SOFT)
    room = plane.left - 2 * MARGIN - 8.0
    for words, arrow, y in ((first.right, "\N{UPWARDS ARROW}", plane.top), (first.left, "\N{DOWNWARDS ARROW}", None)):
        text = s.wrap(f"{arrow} {words}", room, s.SMALL)
        s.lines(ax, MARGIN, plane.bottom - len(text) * s.LINE if y is None else y, text, size=s.SMALL)
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = plane.x(share)
        ax.add_line(Line2D([x, x], [plane.bottom + 0.4, plane.bottom + 1.2], color=s.INK, lw=0.6))
        align = "left" if share == 0 else "right" if share == 1 else "center"
        s.say(ax, x, plane.bottom + 2.9, f"{share:.0%}", size=s.SMALL, align=align)
    middle = (plane.left + plane.right) / 2
    s.say(ax, middle, plane.bottom + 5.8, "share of the universes", size=s.SMALL, align="center", colour=s.SOFT)


def _result(ax: Axes, row: SpecificationRow, plane: Plane) -> None:
    """The interval as a bar, the estimate as a line across it; dark where the interval leaves out zero."""
    x, wide = plane.x(row.start), max(plane.x(row.end) - plane.x(row.start), LEAST)
    low, high = (min(max(end, -FARTHEST), FARTHEST) for end in (row.lower, row.upper))
    clear = row.lower > 0 or row.upper < 0
    bar = Rectangle(
        (x, plane.y(high)), wide, plane.y(low) - plane.y(high), fc=s.INTERVAL["clear" if clear else "open"], ec="none"
    )
    bar.set(gid=row.mark_id, zorder=1)
    ax.add_patch(bar)
    y = plane.y(row.estimate)
    ax.add_line(Line2D([x, x + wide], [y, y], color=s.INK, lw=1.2, solid_capstyle="butt", zorder=3))


def _main(ax: Axes, row: SpecificationRow | None, plane: Plane, bottom: float) -> None:
    """Where the main analysis stands, beside the words of the scale; nowhere if it has no number."""
    if row is None:
        return
    x = (plane.x(row.start) + plane.x(row.end)) / 2
    for ends in ((plane.top - 0.6, plane.bottom + 1.2), (plane.bottom + SCALE, bottom)):
        ax.add_line(Line2D([x, x], ends, color=s.LEVEL["bounded"], lw=0.7, zorder=2))
    ax.add_line(Line2D([x], [plane.y(row.estimate)], color=s.LEVEL["bounded"], marker="D", ms=3.2, ls="", zorder=4))


def _option(
    ax: Axes,
    row: SpecificationRow,
    head: list[str],
    y: float,
    height: float,
    plane: Plane,
    results: list[SpecificationRow],
) -> None:
    """An option, and the results that are found under it, those side by side as one bar."""
    if head:
        s.lines(ax, MARGIN, y + 1.0, head, size=s.SMALL, weight="bold")
    middle = y + height - ROW / 2
    s.say(ax, plane.left - 1.5, middle, row.label, size=s.SMALL, align="right", weight="bold" if row.main else "normal")
    ax.add_line(Line2D([plane.left, plane.right], [middle, middle], color=s.FAINT, lw=0.3, zorder=0.5))
    start, end = math.nan, math.nan
    for one in [*(result for result in results if row.choice in result.choices), None]:
        if one is not None and one.start == end:
            end = one.end
            continue
        if not math.isnan(start):
            wide = max(plane.x(end) - plane.x(start), LEAST)
            ax.add_patch(Rectangle((plane.x(start), middle - 0.8), wide, 1.6, fc=s.INK, ec="none", zorder=1))
        start, end = (one.start, one.end) if one is not None else (math.nan, math.nan)


def _keys() -> list[Entry]:
    def bar(colour: str):
        return lambda ax, x, y: ax.add_patch(Rectangle((x - 1.2, y - 1.0), 2.4, 2.0, fc=colour, ec="none"))

    return [
        Entry(bar(s.INTERVAL["clear"]), "interval that excludes zero"),
        Entry(bar(s.INTERVAL["open"]), "interval that includes zero"),
        Entry(_diamond, "main analysis; its options are bold"),
    ]


def _diamond(ax: Axes, x: float, y: float) -> None:
    ax.add_line(Line2D([x], [y], color=s.LEVEL["bounded"], marker="D", ms=3.2, ls=""))
