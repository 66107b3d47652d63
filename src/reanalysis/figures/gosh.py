"""The GOSH plot (Olkin, Dahabreh & Trikalinos 2012): the model on all subsets of its samples.

Above it, how often each estimate occurs; black are the subsets that hold the sample that moves the estimates most.
"""

from __future__ import annotations

import math
from collections import Counter

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.gosh_table import LEAST, GoshCell
from reanalysis.figures.plane import Plane, around

MARGIN = 2.0  # mm
HISTOGRAM, PLOT = 16.0, 52.0  # mm, heights
PALEST = 0.25  # share of ink in a cell with a single subset


def draw_gosh(cells: list[GoshCell], width_mm: float) -> Figure:
    """Draw the cells of one model."""
    with mpl.rc_context(s.RC):
        width = min(width_mm, s.WIDER)
        top = MARGIN + 4.0
        names = s.wrap(f"with {cells[0].label}", width - 2 * MARGIN - 4.0, s.SMALL)
        fig, ax = s.page(width, top + HISTOGRAM + PLOT + 21.0 + len(names) * s.LINE)
        sides = [side for cell in cells for side in (cell.est_from, cell.est_to)]
        highest = max(LEAST, *(cell.tau_to for cell in cells))
        left, wide = MARGIN + 10.0, width - 2 * MARGIN - 12.0
        plane = Plane(left, top + HISTOGRAM + 5.0, wide, PLOT, around([cells[0].whole, *sides], 0.0), (0.0, highest))
        plane.draw(ax, "estimate of the subset", "tau of the subset")
        most = max(cell.subsets for cell in cells)
        for cell in cells:
            _cell(ax, cell, plane, most)
        _histogram(ax, cells, plane, top)
        _scale(ax, cells, plane, top)
        x = plane.x(cells[0].whole)
        for start, end in ((top, top + HISTOGRAM), (plane.top, plane.bottom)):
            ax.add_line(Line2D([x, x], [start, end], color=s.INK, lw=0.8, dashes=(3, 2), zorder=3))
        _legend(ax, names, plane.bottom + 8.5)
        return fig


def _cell(ax: Axes, cell: GoshCell, plane: Plane, most: int) -> None:
    ink = PALEST + (1 - PALEST) * (math.log(cell.subsets) / math.log(most) if most > 1 else 1.0)
    x, y = plane.x(cell.est_from), plane.y(cell.tau_to)
    wide, high = plane.x(cell.est_to) - x, plane.y(cell.tau_from) - y
    colour = _blend(s.PAPER, _blend(s.LEVEL["exact"], s.INK, cell.with_sample / cell.subsets), ink)
    ax.add_patch(Rectangle((x, y), wide, high, fc=colour, ec="none", zorder=2))


def _histogram(ax: Axes, cells: list[GoshCell], plane: Plane, top: float) -> None:
    """Subsets by their estimate: those with the sample in black upon those without it in blue."""
    counts: dict[str, Counter] = {"without": Counter(), "with": Counter()}
    for cell in cells:
        place = cell.est_from, cell.est_to
        counts["with"][place] += cell.with_sample
        counts["without"][place] += cell.subsets - cell.with_sample
    tallest = max(counts["with"][place] + counts["without"][place] for place in counts["with"])
    for place in counts["with"]:
        x, base = plane.x(place[0]), top + HISTOGRAM
        for kind, colour in (("without", s.LEVEL["exact"]), ("with", s.INK)):
            high = counts[kind][place] / tallest * HISTOGRAM
            base -= high
            ax.add_patch(Rectangle((x, base), plane.x(place[1]) - x, high, fc=colour, ec="none"))


def _scale(ax: Axes, cells: list[GoshCell], plane: Plane, top: float) -> None:
    """How many subsets the tallest bar stands for."""
    counts: Counter = Counter()
    for cell in cells:
        counts[cell.est_from] += cell.subsets
    ax.add_line(Line2D([plane.left] * 2, [top, top + HISTOGRAM], color=s.INK, lw=0.6))
    for value, y in ((max(counts.values()), top), (0, top + HISTOGRAM)):
        ax.add_line(Line2D([plane.left - 0.9, plane.left], [y, y], color=s.INK, lw=0.6))
        s.say(ax, plane.left - 1.5, y, str(value), size=s.SMALL, align="right")
    s.say(ax, plane.left, top - 2.0, "subsets", size=s.SMALL, colour=s.SOFT)


def _legend(ax: Axes, names: list[str], y: float) -> None:
    for colour, words in ((s.INK, names), (s.LEVEL["exact"], ["without it"])):
        ax.add_patch(Rectangle((MARGIN, y + 0.5), 2.6, 2.0, fc=colour, ec="none"))
        s.lines(ax, MARGIN + 3.8, y, words, size=s.SMALL)
        y += len(words) * s.LINE + 0.6
    s.lines(ax, MARGIN, y, ["darker: more subsets; dashed: estimate with all samples"], size=s.SMALL, colour=s.SOFT)


def _blend(first: str, second: str, share: float) -> str:
    return to_hex([a + (b - a) * share for a, b in zip(to_rgb(first), to_rgb(second), strict=True)])
