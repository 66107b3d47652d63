"""A cell's model on parts of its evidence: without each sample, by year, or under other choices, below one another."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.refits_table import RefitRow
from reanalysis.schema.vocabulary import METRICS

MARGIN, GAP = 5.0, 3.0  # mm
ROW = 1.6  # mm above and below the text of a row, together
LABEL, K, EFFECT = 0.34, 7.0, 29.0  # at most this share of the width, and mm
SIDES, AXIS = 3.4, 11.0  # mm for what the sides of zero mean, above the rows, and for the scale below them


def draw_refits(rows: list[RefitRow], title: str, subtitle: str, width_mm: float) -> Figure:
    """Draw the rows of a table of refits; the line through the plot is the estimate of the whole model."""
    with mpl.rc_context(s.RC):
        needed = max(s.text_width(row.label, s.BODY, _weight(row)) for row in rows)
        wide = min(needed + 1.0, LABEL * width_mm)
        texts = [s.wrap(row.label, wide, s.BODY, _weight(row)) for row in rows]
        heights = [len(text) * s.LINE + ROW for text in texts]
        top = heading_height(title, subtitle, width_mm, MARGIN) + 5.0 + SIDES
        bottom = top + sum(heights)
        fig, ax = s.page(width_mm, bottom + AXIS)
        heading(ax, title, subtitle, width_mm, MARGIN)
        k, effect = MARGIN + wide + K, width_mm - MARGIN - EFFECT
        scale = m.Scale.over(_ends(rows), k + 2 * GAP, effect - k - 4 * GAP)
        whole = rows[-1]
        _header(ax, whole, k, effect, top, scale)
        if whole.estimate is not None and not scale.clipped(whole.estimate):
            x = scale.x(whole.estimate)
            ax.add_line(Line2D([x, x], [top, bottom], color=s.FAINT, lw=0.8, dashes=(3, 2), zorder=0.4))
        y = top
        for row, text, height in zip(rows, texts, heights, strict=True):
            _row(ax, row, text, y, k, effect, scale)
            y += height
        m.axis(ax, scale, top, bottom, METRICS[whole.metric])
        return fig


def _ends(rows: list[RefitRow]) -> list[float | None]:
    return [end for row in rows for end in (row.estimate, row.lower, row.upper) if row.kind != "heading"]


def _weight(row: RefitRow) -> str:
    return "normal" if row.kind == "refit" else "bold"


def _header(ax: Axes, whole: RefitRow, k: float, effect: float, top: float, scale: m.Scale) -> None:
    y = top - SIDES - 2.4
    how = {"size": s.SMALL, "weight": "bold"}
    s.say(ax, MARGIN, y, "Model", **how)
    s.say(ax, k, y, "k", align="right", **how)
    s.say(ax, effect, y, "Effect [interval]", **how)
    ax.add_line(Line2D([MARGIN, effect + EFFECT], [y + 1.8, y + 1.8], color=s.INK, lw=0.8))
    zero, how, y = scale.x(0), {"size": s.SMALL, "colour": s.SOFT}, y + 4.1
    s.say(ax, zero - 1.2, y, f"\N{LEFTWARDS ARROW} {whole.left}", align="right", **how)
    s.say(ax, zero + 1.2, y, f"{whole.right} \N{RIGHTWARDS ARROW}", **how)


def _row(ax: Axes, row: RefitRow, text: list[str], y: float, k: float, effect: float, scale: m.Scale) -> None:
    weight = _weight(row)
    s.lines(ax, MARGIN, y + ROW / 2, text, weight=weight, colour=s.SOFT if row.kind == "heading" else s.INK)
    if row.kind == "heading":
        return
    first = y + (ROW + s.LINE) / 2
    s.say(ax, k, first, str(row.k), align="right", weight=weight)
    s.say(ax, effect, first, row.effect, weight=weight)
    if row.mark_id and row.kind == "whole":
        m.model(ax, row, first, scale)
    elif row.mark_id:
        _refit(ax, row, first, scale)


def _refit(ax: Axes, row: RefitRow, y: float, scale: m.Scale) -> None:
    """A square on its interval, in the colour of the whole model's diamond; a bar where there are only bounds."""
    colour, _ = m.MODEL_COLOURS[row.use]
    if row.rung == "bounded":
        mark = m.bar(ax, scale.x(row.lower), scale.x(row.upper), y, colour)
    else:
        m.interval(ax, row.lower, row.upper, y, scale, colour)
        mark = m.square(ax, scale.x(row.estimate), y, 0.8, colour)
    mark.set(gid=row.mark_id, zorder=m.ABOVE)
