"""The contour-enhanced funnel plot (Peters et al. 2008): small samples at the bottom, shades where p is small."""

from __future__ import annotations

from functools import partial

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.funnel_table import FunnelRow
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.plane import Plane
from reanalysis.schema.vocabulary import METRICS

HIGH, MARGIN = 0.66, 2.0  # height of the plot over its width, and mm
AXIS = 11.5  # mm for the scale below the plot


def draw_funnel(rows: list[FunnelRow], width_mm: float) -> Figure:
    """Draw the samples of one model."""
    samples = [row for row in rows if row.kind == "sample"]
    contours = sorted((row for row in rows if row.kind == "contour"), key=lambda row: -row.pval)
    (model,) = (row for row in rows if row.kind == "model")
    with mpl.rc_context(s.RC):
        width = min(width_mm, s.WIDER)
        top = MARGIN + 6.0
        side = width - 2 * MARGIN - 12.0
        keys, edges = (
            [
                _keys(contours),
                "Dashed: pooled effect, in the middle of the plot. Shades: two-sided p of a sample against no effect.",
            ],
            (MARGIN, width - MARGIN),
        )
        fig, ax = s.page(width, top + HIGH * side + AXIS + legend_height(keys, *edges) + 3.0)
        lowest = 1.06 * max(row.se for row in samples)
        reach = 1.08 * max(abs(value - model.estimate) for value in (0.0, *(row.estimate for row in samples)))
        ends = model.estimate - reach, model.estimate + reach  # on both sides alike, so that a missing half shows
        plane = Plane(MARGIN + 10.0, top, side, HIGH * side, ends, (lowest, 0.0))
        _shade(ax, plane, contours, lowest)
        plane.draw(ax, METRICS[model.metric], "standard error", (model.left, model.right))
        for value, look in ((0.0, {"color": s.SOFT}), (model.estimate, {"color": s.INK, "dashes": (3, 2)})):
            x = plane.x(value)
            ax.add_line(Line2D([x, x], [plane.top, plane.bottom], lw=0.7, zorder=1.5, **look))
        for row in samples:
            x, y = plane.x(row.estimate), plane.y(row.se)
            look = {
                "marker": "o",
                "ms": 3.8,
                "mfc": s.LEVEL["exact"],
                "mec": s.PAPER,
                "mew": 0.5,
                "ls": "",
                "zorder": 4,
            }
            ax.add_line(Line2D([x], [y], gid=row.mark_id, **look))
        legend(ax, keys, plane.bottom + AXIS, *edges)
        return fig


def _shade(ax: Axes, plane: Plane, contours: list[FunnelRow], lowest: float) -> None:
    """The frame in the shade of the smallest p, and on it the cones of larger p, the widest first."""
    frame = Rectangle((plane.left, plane.top), plane.width, plane.height, fc=s.SHADES[-1], ec="none", zorder=0.1)
    ax.add_patch(frame)
    tip = plane.x(0.0), plane.top
    for shade, row in reversed(list(zip(s.SHADES, contours, strict=False))):
        corners = [(plane.x(side * row.slope * lowest), plane.bottom) for side in (-1, 1)]
        cone = ax.add_patch(Polygon([tip, *corners], closed=True, fc=shade, ec="none", zorder=0.2))
        cone.set_clip_path(Rectangle(frame.get_xy(), plane.width, plane.height, transform=ax.transData))


def _keys(contours: list[FunnelRow]) -> list[Entry]:
    """The shades, by the p that they stand for."""
    levels = [row.pval for row in contours]
    between = [f"p {high:g} to {low:g}" for high, low in zip(levels, levels[1:], strict=False)]
    names = [f"p > {levels[0]:g}", *between, f"p < {levels[-1]:g}"]
    return [Entry(partial(_patch, shade=shade), words, 2.0) for shade, words in zip(s.SHADES, names, strict=True)]


def _patch(ax: Axes, x: float, y: float, shade: str) -> None:
    ax.add_patch(Rectangle((x - 2.0, y - 1.2), 4.0, 2.4, fc=shade, ec=s.SOFT, lw=0.4))
