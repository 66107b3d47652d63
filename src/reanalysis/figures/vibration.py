"""The vibration of effects (Patel, Burford & Ioannidis 2015), for posteriors: where every universe stands.

A circle is a result, its area the share of the universes in which it is found.
"""

from __future__ import annotations

import math

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from reanalysis.figures import style as s
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.plane import Plane, around
from reanalysis.figures.vibration_table import VibrationRow
from reanalysis.schema.vocabulary import METRICS

MARGIN, PLOT = 2.0, 62.0  # mm
AXIS = 12.0  # mm below the plot
LARGEST, SMALLEST = 1.7, 0.4  # mm, radius of a circle
TICKS = (0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001, 0.0001, 1e-5, 1e-6)  # the last also where it is smaller
UP = "posterior probability of the other sign (log scale)"
COLOURS = (s.LEVEL["exact"], s.LEVEL["bounded"], s.LEVEL["direction"], s.SOFT)


def draw_vibration(rows: list[VibrationRow], width_mm: float) -> Figure:
    """Draw the results of one posterior."""
    results = [row for row in rows if row.kind == "result"]
    percentiles = [row for row in rows if row.kind == "percentile"]
    with mpl.rc_context(s.RC):
        width = min(width_mm, s.WIDER)
        first, edges, top = results[0], (MARGIN, width - MARGIN), MARGIN + 8.5
        options = list(dict.fromkeys(row.option for row in results if row.option))
        colours = {option: COLOURS[place % len(COLOURS)] for place, option in enumerate(sorted(options))}
        keys = [
            f"Colour: {first.head}. Dashed: percentiles of the estimates over all universes.",
            [*(_key(colour, option) for option, colour in colours.items()), Entry(_ring, "main analysis")],
        ]
        fig, ax = s.page(width, top + PLOT + AXIS + legend_height(keys, *edges) + MARGIN)
        across = around([row.estimate for row in results] + [0.0], 0.06)
        up = max(_height(row.prob_other) for row in results) + 0.25
        ticks = {_height(p): f"{p:g}" for p in TICKS if _height(p) < max(up, _height(TICKS[2]))}
        low = min(_height(row.prob_other) for row in results) - 0.25
        ticks = {height: text for height, text in ticks.items() if height > low}
        plane = Plane(MARGIN + 10.0, top, width - 2 * MARGIN - 12.0, PLOT, across, (low, up))
        plane.draw(ax, METRICS[first.metric], "", (first.left, first.right), ticks)
        s.say(
            ax,
            plane.left,
            MARGIN + 1.6,
            "posterior probability of the other sign (log scale)",
            size=s.SMALL,
            colour=s.SOFT,
        )
        x = plane.x(0.0)
        ax.add_line(Line2D([x, x], [plane.top, plane.bottom], color=s.SOFT, lw=0.6, zorder=0.5))
        for row in percentiles:
            x = plane.x(row.estimate)
            ax.add_line(Line2D([x, x], [plane.top, plane.bottom], color=s.INK, lw=0.5, dashes=(3, 2), zorder=0.6))
        _percentiles(ax, percentiles, plane)
        most = max(row.universes for row in results)
        for row in results:
            _result(ax, row, plane, colours.get(row.option, s.FAINT), most)
        legend(ax, keys, plane.bottom + AXIS, *edges)
        return fig


def _height(p: float) -> float:
    """Where a probability stands: on a logarithmic scale, the smallest at the top."""
    return -math.log10(max(p, TICKS[-1]))


def _percentiles(ax: Axes, percentiles: list[VibrationRow], plane: Plane) -> None:
    """The names of the percentiles above the plot, those at one place together."""
    places: dict[float, list[str]] = {}
    for row in percentiles:
        near = next((x for x in places if abs(x - plane.x(row.estimate)) < 5.0), plane.x(row.estimate))
        places.setdefault(near, []).append(row.label)
    for x, labels in places.items():
        s.say(ax, x, plane.top - 1.7, ", ".join(labels), size=s.SMALL, align="center")


def _result(ax: Axes, row: VibrationRow, plane: Plane, colour: str, most: int) -> None:
    radius = max(LARGEST * math.sqrt(row.universes / most), SMALLEST)
    at = plane.x(row.estimate), plane.y(_height(row.prob_other))
    circle = Circle(at, radius, fc=colour, ec=s.PAPER, lw=0.3, alpha=0.75, gid=row.mark_id, zorder=2)
    ax.add_patch(circle)
    if row.main:
        ax.add_patch(Circle(at, radius + 0.6, fc="none", ec=s.INK, lw=0.9, zorder=4))


def _key(colour: str, words: str) -> Entry:
    return Entry(lambda ax, x, y: ax.add_patch(Circle((x, y), 1.0, fc=colour, ec="none", alpha=0.75)), words)


def _ring(ax: Axes, x: float, y: float) -> None:
    ax.add_patch(Circle((x, y), 1.0, fc="none", ec=s.INK, lw=0.9))
