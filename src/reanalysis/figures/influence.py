"""Deletion diagnostics: a row for each sample, a column for each measure; flagged samples are black diamonds."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.influence_table import InfluenceMark
from reanalysis.figures.legend import legend, legend_height
from reanalysis.figures.plane import Plane, around, tick, ticks
from reanalysis.text import number

MARGIN, GAP = 2.0, 2.0  # mm
LABEL = 0.17  # of the width
ROW = 1.4  # mm above and below the text of a row, together
HEAD, AXIS = 3.5, 12.0  # mm above and below the columns, names apart
MEASURES = {
    "rstudent": "deleted residual",
    "dffits": "DFFITS",
    "cook_d": "Cook's distance",
    "cov_r": "covariance ratio",
    "tau2_del": "tau\N{SUPERSCRIPT TWO} without",
    "QE_del": "Q without",
    "hat": "leverage",
    "weight": "weight, %",
}
NOTE = (
    "Dotted: expected, or the whole model. Dashed: limit of what is usual. Black diamond: influential, since DFFITS, "
    "Cook's distance or leverage is beyond its limit, or the estimate moves by more than one standard error."
)
SAME = 1e-6  # values that differ by less are a constant


def draw_influence(rows: list[InfluenceMark], width_mm: float) -> Figure:
    """Draw the diagnostics of the samples of one model."""
    samples = [list(own) for _, own in groupby(rows, key=lambda row: row.sample_id)]
    with mpl.rc_context(s.RC):
        wide = LABEL * width_mm
        texts = [s.wrap(own[0].label, wide, s.BODY) for own in samples]
        heights = [len(text) * s.LINE + ROW for text in texts]
        left = MARGIN + wide + GAP
        step = (width_mm - MARGIN - left + GAP) / len(MEASURES)
        names = {measure: s.wrap(name, step - 0.5, s.SMALL, "bold") for measure, name in MEASURES.items()}
        top = MARGIN + HEAD + max(map(len, names.values())) * s.LINE
        bottom = top + sum(heights)
        edges = MARGIN, width_mm - MARGIN
        fig, ax = s.page(width_mm, bottom + AXIS - 5.0 + legend_height([NOTE], *edges) + MARGIN)
        panels = {}
        for index, (measure, name) in enumerate(names.items()):
            own = [row for row in rows if row.measure == measure]
            panels[measure] = _column(ax, own, name, left + index * step, step - GAP, top, bottom)
        y = top
        for own, text, height in zip(samples, texts, heights, strict=True):
            flagged = own[0].flagged
            if flagged:
                band = (MARGIN - 1, y), width_mm - 2 * MARGIN + 2, height
                ax.add_patch(Rectangle(*band, color=s.BAND, lw=0, zorder=0.1))
            s.lines(ax, MARGIN, y + ROW / 2, text, weight="bold" if flagged else "normal")
            for row in own:
                if row.value is not None:
                    _dot(ax, row, panels[row.measure].x(row.value), y + height / 2)
            y += height
        legend(ax, [NOTE], bottom + AXIS - 5.0, *edges)
        return fig


def _column(
    ax: Axes, rows: list[InfluenceMark], name: list[str], left: float, width: float, top: float, bottom: float
) -> Plane:
    """One measure: its name, its lines and its scale."""
    values = [row.value for row in rows if row.value is not None]
    lines = {"low": (3, 2), "high": (3, 2), "middle": (1, 1.5)}
    places = {side: getattr(rows[0], side) for side in lines if getattr(rows[0], side) is not None}
    shown = [*values, *places.values()] or [0.0, 1.0]
    constant = max(shown) - min(shown) < SAME
    plane = Plane(left, top, width, bottom - top, around(shown, 0.1, 1.0 if constant else SAME), (0.0, 1.0))
    for index, line in enumerate(reversed(name)):
        s.say(ax, left + width / 2, top - 2.4 - index * s.LINE, line, size=s.SMALL, weight="bold", align="center")
    ax.add_patch(Rectangle((left, top), width, bottom - top, fc="none", ec=s.FAINT, lw=0.5, zorder=0.3))
    for side, value in places.items():
        x = plane.x(value)
        ax.add_line(Line2D([x, x], [top, bottom], color=s.SOFT, lw=0.6, dashes=lines[side], zorder=0.4))
    if constant:
        s.lines(ax, left + width / 2, bottom + 0.9, ["always", number(shown[0])], size=s.SMALL, align="center")
        return plane
    for value, x in _ends(ticks(plane.x_range, 3), plane):
        ax.add_line(Line2D([plane.x(value)] * 2, [bottom, bottom + 0.8], color=s.INK, lw=0.5))
        s.say(ax, x, bottom + 2.4, tick(value), size=s.SMALL, align="center")
    return plane


def _ends(values: list[float], plane: Plane) -> list[tuple[float, float]]:
    """The first and the last tick with the places of their labels; only the last where both do not fit."""
    room, places = GAP / 2 - 0.3, []
    for value in (values[-1], values[0]) if len(values) > 1 else values:
        half = s.text_width(tick(value), s.SMALL) / 2
        x = min(max(plane.x(value), plane.left - room + half), plane.right + room - half)
        if not places or x + half + 0.6 < places[0][1] - s.text_width(tick(values[-1]), s.SMALL) / 2:
            places.append((value, x))
    return places


def _dot(ax: Axes, row: InfluenceMark, x: float, y: float) -> None:
    """A sample: a diamond where it is flagged."""
    marker, colour = ("D", s.INK) if row.flagged else ("o", s.LEVEL["exact"])
    look = {"marker": marker, "ms": 3.6, "mfc": colour, "mec": s.PAPER, "mew": 0.4, "ls": "", "zorder": 4}
    ax.add_line(Line2D([x], [y], gid=row.mark_id, **look))
