"""The multiverse: where the estimate of each cell lies under every declared alternative."""

from __future__ import annotations

from functools import partial
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.multiverse_table import MultiverseMark
from reanalysis.results.table import fit_of
from reanalysis.text import capital

MARGIN = 5.0
LABEL, COUNT, EFFECT = 0.44, 13.0, 23.0  # share of the width for what a row is, and mm for the numbers
ROW = 1.8  # mm above and below the text of a row, together
LANE = 1.9  # mm for the marks of one kind
AXIS = 12.0
TITLE = "Would another choice give another answer?"
SUBTITLE = (
    "Line and bar: estimate and interval of the main analysis. Marks: the estimate under each alternative that "
    "changes it."
)
# marker and colour of a kind of alternative
KINDS = {
    "reading": ("o", s.BLUE),
    "coding": ("s", s.ORANGE),
    "cohort": ("^", s.GREEN),
    "rung": ("D", s.INK),
    "sample left out": ("v", s.SKY),
    "model choice": ("P", s.SAND),
    "prior": ("<", s.SAND),
    "selection": (">", s.ORANGE),
    "tipping point": ("*", s.INK),
    "several choices": ("X", s.INK),
}


def draw_multiverse(rows: list[MultiverseMark], width_mm: float) -> Figure:
    """Draw a row for each model; an empty table gives a page that says so."""
    with mpl.rc_context(s.RC):
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + 5.0
        cells = [list(own) for _, own in groupby(rows, key=fit_of)]
        texts = [_text(own[0], LABEL * width_mm - MARGIN - COUNT) for own in cells]
        heights = [
            max(len(text) * s.LINE, len(_kinds(own)) * LANE) + ROW for own, text in zip(cells, texts, strict=True)
        ]
        bottom = top + sum(heights)
        keys, edges = [_keys(_kinds(rows))], (MARGIN, width_mm - MARGIN)
        below = AXIS + legend_height(keys, *edges) if rows else 0.0
        fig, ax = s.page(width_mm, bottom + below + MARGIN)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        if not rows:
            s.say(ax, MARGIN, top, "No estimate depends on a declared choice.", colour=s.SOFT, style="italic")
            return fig
        left, right = LABEL * width_mm + 4.0, width_mm - MARGIN - EFFECT - 4.0
        ends = (end for row in rows for end in (row.estimate, row.lower, row.upper))
        scale = m.Scale.over(ends, left, right - left)
        how = {"size": s.SMALL, "weight": "bold"}
        s.say(ax, LABEL * width_mm, top - 2.4, "Alternatives", align="right", **how)
        s.say(ax, width_mm - MARGIN - EFFECT, top - 2.4, "Estimates", **how)
        ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [top - 0.6, top - 0.6], color=s.INK, lw=0.8))
        y = top
        for own, text, height in zip(cells, texts, heights, strict=True):
            s.lines(ax, MARGIN, y + ROW / 2, text[:1], weight="bold")
            s.lines(ax, MARGIN, y + ROW / 2 + s.LINE, text[1:])
            s.say(ax, LABEL * width_mm, y + height / 2, str(own[0].others), align="right")
            s.say(ax, width_mm - MARGIN - EFFECT, y + height / 2, own[0].effect)
            _draw(ax, own, y, height, scale)
            y += height
            ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [y, y], color=s.FAINT, lw=0.3))
        m.axis(ax, scale, top, bottom)
        legend(ax, keys, bottom + AXIS, *edges)
        return fig


def _kinds(rows: list[MultiverseMark]) -> list[str]:
    """The kinds of alternatives that occur, each of which has a lane."""
    return [kind for kind in KINDS if any(row.kind == kind for row in rows)]


def _text(row: MultiverseMark, width: float) -> list[str]:
    """Title of the domain in one line, and what is estimated."""
    title = s.wrap(row.title, width, s.BODY, "bold")
    words = f"{capital(row.question)}: {row.model}"
    return [title[0] + (" \N{HORIZONTAL ELLIPSIS}" if len(title) > 1 else ""), *s.wrap(words, width, s.BODY)]


def _draw(ax: Axes, rows: list[MultiverseMark], y: float, height: float, scale: m.Scale) -> None:
    """The main analysis on the middle line of its row; alternatives on a line of their kind."""
    main, *others = rows
    middle = y + height / 2
    m.interval(ax, main.lower, main.upper, middle, scale, s.FAINT, width=3.0)
    x = scale.x(main.estimate)
    line = Line2D([x, x], [y + 0.6, y + height - 0.6], color=s.INK, lw=1.2, gid=main.mark_id, zorder=m.ABOVE)
    ax.add_line(line)
    kinds = _kinds(others)
    for index, kind in enumerate(kinds):
        at = y + height * (index + 1) / (len(kinds) + 1)
        for row in others:
            if row.kind == kind:
                x = scale.x(row.estimate)
                _mark(ax, x, at, KINDS[kind], 3.0, gid=row.mark_id, zorder=m.ABOVE + 1)


def _keys(kinds: list[str]) -> list[Entry]:
    """The marks of the kinds of alternatives."""
    return [Entry(partial(_mark, look=KINDS[kind]), kind) for kind in kinds]


def _mark(ax: Axes, x: float, y: float, look: tuple[str, str], size: float = 3.4, **how) -> None:
    """An estimate under an alternative, by the marker and colour of its kind."""
    marker, colour = look
    ax.add_line(Line2D([x], [y], marker=marker, ms=size, mfc=colour, mec=s.PAPER, mew=0.3, ls="", **how))
