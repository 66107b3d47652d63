"""A cell's model on parts of its evidence: without each sample, by year, or under other choices, below one another."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import Numbers
from reanalysis.figures.legend import legend, legend_height
from reanalysis.figures.refits_table import RefitRow
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import capital

MARGIN, GAP = 2.0, 3.0  # mm
ROW = 1.2  # mm above and below the text of a row, together
LABEL, K = 0.33, 7.0  # at most this share of the width, and mm
HEAD = 5.5  # mm, the names of the columns


def draw_refits(rows: list[RefitRow], width_mm: float) -> Figure:
    """Draw the rows of a table of refits; the line through the plot is the estimate of the whole model."""
    width = min(width_mm, s.WIDER)
    notes, rows = [row.label for row in rows if row.kind == "note"], [row for row in rows if row.kind != "note"]
    whole, edges = rows[-1], (MARGIN, width - MARGIN)
    with mpl.rc_context(s.RC):
        needed = max(
            s.text_width(whole.head, s.BODY, "bold"), *(s.text_width(r.label, s.BODY, _weight(r)) for r in rows)
        )
        wide = min(needed + 1.0, LABEL * width)
        texts = [s.wrap(row.label, wide, s.BODY, _weight(row)) for row in rows]
        heights = [len(text) * s.LINE + ROW for text in texts]
        head = s.wrap(capital(whole.head), wide, s.BODY, "bold")
        top = MARGIN + HEAD + (len(head) - 1) * s.LINE
        bottom = top + sum(heights)
        end = bottom + m.AXIS + s.LINE
        fig, ax = s.page(width, end + legend_height(notes, *edges) + MARGIN)
        numbers = Numbers.of([(row.effect, _weight(row)) for row in rows if row.effect], s.BODY)
        heading = f"{METRICS[whole.metric]} [{m.level_of(rows)} {whole.interval}]"
        ending = max(numbers.width, s.text_width(heading, s.BODY, "bold"))
        k, effect = MARGIN + wide + K, width - MARGIN - numbers.width
        scale = m.Scale.over(_ends(rows), k + 2 * GAP, width - MARGIN - ending - k - 4 * GAP)
        _header(ax, head, heading, k, edges, top)
        if whole.estimate is not None and not scale.clipped(whole.estimate):
            x = scale.x(whole.estimate)
            ax.add_line(Line2D([x, x], [top, bottom], color=s.SOFT, lw=0.5, dashes=(3, 2), zorder=0.4))
        m.zero(ax, scale, top, bottom)
        y = top
        for row, text, height in zip(rows, texts, heights, strict=True):
            _row(ax, row, text, y, k, effect, numbers, scale)
            y += height
        m.axis(ax, scale, bottom, whole.metric, (whole.left, whole.right))
        legend(ax, notes, end, *edges)
        return fig


def _ends(rows: list[RefitRow]) -> list[float | None]:
    return [end for row in rows for end in (row.estimate, row.lower, row.upper) if row.kind != "heading"]


def _weight(row: RefitRow) -> str:
    return "bold" if row.kind in ("heading", "whole") else "normal"


def _header(ax: Axes, head: list[str], heading: str, k: float, edges: tuple[float, float], top: float) -> None:
    y, how = top - 2.6, {"weight": "bold"}
    for index, line in enumerate(reversed(head)):
        s.say(ax, MARGIN, y - index * s.LINE, line, **how)
    s.say(ax, k, y, "k", align="right", **how)
    s.say(ax, edges[1], y, heading, align="right", **how)
    ax.add_line(Line2D(edges, [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _row(
    ax: Axes, row: RefitRow, text: list[str], y: float, k: float, effect: float, numbers: Numbers, scale: m.Scale
) -> None:
    weight = _weight(row)
    s.lines(ax, MARGIN, y + ROW / 2, text, weight=weight)
    if row.kind == "heading":
        return
    first = y + (ROW + s.LINE) / 2
    s.say(ax, k, first, str(row.k), align="right", weight=weight)
    numbers.say(ax, effect, first, row.effect, weight=weight)
    if row.mark_id and row.kind in ("whole", "pool"):
        m.model(ax, row, first, scale)
    elif row.mark_id:
        _refit(ax, row, first, scale)


def _refit(ax: Axes, row: RefitRow, y: float, scale: m.Scale) -> None:
    """A square on its interval; the interval alone where there is no estimate."""
    line = m.interval(ax, row.lower, row.upper, y, scale, s.INK)
    mark = line if row.estimate is None else m.square(ax, scale.x(row.estimate), y, 0.8, s.INK)
    mark.set(gid=row.mark_id, zorder=m.ABOVE)
