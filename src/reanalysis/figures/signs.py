"""A panel of signs: the findings one by one, each with its direction."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, block
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.signs_table import SignMark
from reanalysis.schema.review import Panel

MARGIN = 4.0
HEAD = 7.0  # mm, room for the heads of the columns
SHARES = {"study": 0.16, "outcome": 0.33, "people": 0.2}  # of the width; the sides take what is left
N, GAP = 8.0, 2.0  # mm, the column of persons, and between columns
PAD, LEAD = 1.7, 2.6  # mm: around the text of a row, distance of its lines
LEGEND = (
    [
        *m.sign_entries(s.INK),
        Entry(lambda ax, x, y: m.sign(ax, "direction", 1, x, y, s.SOFT, filled=False), "open, grey: shown, not pooled"),
    ],
    "?  persons not known.  A mark in the middle has no sign.",
)


def draw_signs(marks: list[SignMark], panel: Panel, width_mm: float) -> Figure:
    """Draw the marks, a row for each finding, blocks by a word of the panel and by contrast."""
    title, subtitle = panel.title, panel.subtitle
    (words,) = panel.by.values()
    blocks = [list(members) for _, members in groupby(marks, key=lambda mark: (mark.block, mark.contrast))]
    edges = MARGIN, width_mm - MARGIN
    with mpl.rc_context(s.RC):
        columns = _columns(width_mm)
        top = heading_height(title, subtitle, width_mm, MARGIN) + HEAD
        body = sum(BLOCK + sum(_height(mark, columns) for mark in members) for members in blocks)
        fig, ax = s.page(width_mm, top + body + 2.0 + legend_height(LEGEND, *edges) + MARGIN)
        heading(ax, title, subtitle, width_mm, MARGIN)
        _heads(ax, columns, top, edges)
        y = top
        for members in blocks:
            block(ax, f"{words[members[0].block]}: {members[0].contrast_label}", *edges, y)
            start = y
            y += BLOCK
            for mark in members:
                _row(ax, mark, y, columns)
                y += _height(mark, columns)
            middle = columns["sides"]
            ax.add_line(Line2D([middle, middle], [start, y], color=s.FAINT, lw=0.5, zorder=0.4))
        ax.add_line(Line2D(edges, [y, y], color=s.INK, lw=0.6))
        legend(ax, LEGEND, y + 2.0, *edges)
        return fig


def _columns(width_mm: float) -> dict[str, float]:
    """Left edges of the columns of text, right edge of the persons, middle and reach of the sides, in mm."""
    columns, x = {}, MARGIN + 1.0
    for name, share in SHARES.items():
        columns[name] = x
        x += share * width_mm
    columns["n"] = x + N - GAP
    wide = width_mm - MARGIN - columns["n"] - GAP
    columns["sides"] = columns["n"] + GAP + wide / 2
    columns["reach"] = 0.26 * wide
    return columns


def _texts(mark: SignMark, columns: dict[str, float]) -> dict[str, list[str]]:
    """Study, outcome and people, in lines."""
    words = {"study": mark.label, "outcome": mark.outcome, "people": mark.population or ""}
    ends = {"study": columns["outcome"], "outcome": columns["people"], "people": columns["n"] - N + GAP}
    return {name: s.wrap(text, ends[name] - columns[name] - GAP, s.SMALL) for name, text in words.items()}


def _height(mark: SignMark, columns: dict[str, float]) -> float:
    return max(map(len, _texts(mark, columns).values())) * LEAD + PAD


def _heads(ax: Axes, columns: dict[str, float], top: float, edges: tuple[float, float]) -> None:
    y, how = top - 2.4, {"size": s.SMALL, "weight": "bold"}
    s.say(ax, columns["study"], y, "Study", **how)
    s.say(ax, columns["outcome"], y, "What was compared, or associated", **how)
    s.say(ax, columns["people"], y, "In whom", **how)
    s.say(ax, columns["n"], y, "n", align="right", **how)
    for side, words in ((-1, "lower, negative"), (1, "higher, positive")):
        x = columns["sides"] + side * columns["reach"]
        s.say(ax, x, y, words, size=s.SMALL, colour=s.SOFT, align="center")
    ax.add_line(Line2D(edges, [top - 0.3, top - 0.3], color=s.INK, lw=0.8))


def _row(ax: Axes, mark: SignMark, y: float, columns: dict[str, float]) -> None:
    main = mark.use == "main"
    colour = s.INK if main else s.SOFT
    first = y + PAD / 2 + LEAD / 2
    for name, lines in _texts(mark, columns).items():
        for index, line in enumerate(lines):
            s.say(ax, columns[name], first + index * LEAD, line, size=s.SMALL, colour=colour)
    s.say(ax, columns["n"], first, "?" if mark.n is None else str(mark.n), size=s.SMALL, colour=colour, align="right")
    x = columns["sides"] + mark.sign * columns["reach"]
    m.sign(ax, mark.rung, mark.sign, x, first, colour, filled=main).set_gid(mark.mark_id)
