"""A panel of votes: what each sample says of each outcome, with the contrasts side by side in lanes."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, block
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.votes_table import VoteMark
from reanalysis.schema.review import Panel

MARGIN = 4.0
HEAD = 11.0  # mm, room for the heads of the columns, of one line
FUNCTION, STUDY = 0.2, 0.19  # shares of the width, columns of text
GAP = 2.5  # mm between lanes
ROW, LEAD = 4.0, 2.6  # mm: least height of a row, distance of lines of text
SIDES = {"down": -1, "mixed": 0, "none": 0, "up": 1}
REACH = 0.24  # of a lane's width, from its middle to a mark on a side
MEANINGS = (  # colour, filled, side, words
    (s.BLUE, True, 1, "right: better for the person"),
    (s.ORANGE, True, -1, "left: worse"),
    (s.INK, True, 0, "middle: they disagree, or no sign"),
    (s.INK, False, 1, "open: right is higher, left lower"),
    (s.SOFT, False, 1, "grey: shown, not pooled"),
)
NOTE = (
    "Small number: persons. Of an open mark it is not known whether higher is better. A sample is grey where only "
    "excluded codings are known, for the reasons in the ladder."
)


def draw_votes(marks: list[VoteMark], panel: Panel, width_mm: float) -> Figure:
    """Draw the marks: a row for each outcome and sample, a lane for each contrast."""
    title, subtitle, heads = panel.title, panel.subtitle, panel.by["contrast"]
    blocks = [
        [list(row) for _, row in groupby(members, key=lambda mark: (mark.outcome_group, mark.sample_id))]
        for _, members in groupby(marks, key=lambda mark: mark.domain)
    ]
    edges, parts = (
        (MARGIN, width_mm - MARGIN),
        (m.sign_entries(s.BLUE), _meanings(), " ".join(filter(None, (NOTE, panel.note)))),
    )
    with mpl.rc_context(s.RC):
        wide = _lane_width(heads, width_mm)
        most = max(len(s.wrap(words, wide, s.SMALL, "bold")) for words in heads.values())
        top = heading_height(title, subtitle, width_mm, MARGIN) + HEAD + (most - 1) * LEAD
        body = sum(BLOCK + sum(_height(row, width_mm) for row in members) for members in blocks)
        fig, ax = s.page(width_mm, top + body + 2.0 + legend_height(parts, *edges) + MARGIN)
        heading(ax, title, subtitle, width_mm, MARGIN)
        lanes = _lanes(ax, heads, top, top + body, width_mm)
        y = top
        for members in blocks:
            first = members[0][0]
            block(ax, "  ".join(filter(None, (first.section, first.title))), *edges, y)
            y += BLOCK
            for row in members:
                _row(ax, row, y, lanes, width_mm)
                y += _height(row, width_mm)
        ax.add_line(Line2D(edges, [y, y], color=s.INK, lw=0.6))
        legend(ax, parts, y + 2.0, *edges)
        return fig


def _texts(row: list[VoteMark], width_mm: float) -> tuple[list[str], list[str]]:
    """Function and study of a row, in lines."""
    function, study = FUNCTION * width_mm - 3.0, STUDY * width_mm - 2.0
    return s.wrap(row[0].outcome_label, function, s.SMALL), s.wrap(row[0].label, study, s.SMALL)


def _height(row: list[VoteMark], width_mm: float) -> float:
    return ROW + (max(map(len, _texts(row, width_mm))) - 1) * LEAD


def _lane_width(heads: dict[str, str], width_mm: float) -> float:
    return (width_mm * (1 - FUNCTION - STUDY) - 2 * MARGIN - GAP * (len(heads) - 1)) / len(heads)


def _lanes(
    ax: Axes, heads: dict[str, str], top: float, bottom: float, width_mm: float
) -> dict[str, tuple[float, float]]:
    """Draw heads and middle lines of the lanes; returns the middle and the reach of each."""
    wide = _lane_width(heads, width_mm)
    left = MARGIN + (FUNCTION + STUDY) * width_mm
    for x, words in ((MARGIN + 1.0, "Outcome"), (MARGIN + FUNCTION * width_mm, "Study")):
        s.say(ax, x, top - 2.4, words, size=s.SMALL, weight="bold")
    lanes = {}
    for contrast, words in heads.items():
        middle = left + wide / 2
        lanes[contrast] = middle, REACH * wide
        for index, line in enumerate(reversed(s.wrap(words, wide, s.SMALL, "bold"))):
            s.say(ax, middle, top - 6.6 - index * LEAD, line, size=s.SMALL, weight="bold", align="center")
        for sign, word in ((-1, "worse"), (1, "better")):
            s.say(ax, middle + sign * REACH * wide, top - 2.4, word, size=s.SMALL, colour=s.SOFT, align="center")
        ax.add_patch(Rectangle((left, top), wide, bottom - top, fc=s.PAPER, ec=s.FAINT, lw=0.4, zorder=0.2))
        ax.add_line(Line2D([middle, middle], [top, bottom], color=s.FAINT, lw=0.5, zorder=0.4))
        left += wide + GAP
    ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [top - 0.3, top - 0.3], color=s.INK, lw=0.8))
    return lanes


def _row(ax: Axes, row: list[VoteMark], y: float, lanes: dict[str, tuple[float, float]], width_mm: float) -> None:
    middle = y + ROW / 2
    lefts = MARGIN + 1.0, MARGIN + FUNCTION * width_mm
    for x, words in zip(lefts, _texts(row, width_mm), strict=True):
        for index, line in enumerate(words):
            s.say(ax, x, middle + index * LEAD, line, size=s.SMALL)
    for mark in row:
        centre, reach = lanes[mark.contrast]
        x = centre + SIDES[mark.verdict] * reach
        _mark(ax, mark, x, middle)
        if mark.n:
            s.say(ax, x + 2.8, middle + 0.1, str(mark.n), size=s.SMALL, colour=s.SOFT)


def _mark(ax: Axes, mark: VoteMark, x: float, y: float) -> None:
    main = mark.use == "main"
    filled = main and mark.sense == "better"
    colour = {"up": s.BLUE, "down": s.ORANGE}.get(mark.verdict, s.INK) if filled else s.INK
    side = SIDES[mark.verdict]
    m.sign(ax, mark.rung, side, x, y, colour if main else s.SOFT, filled=filled).set_gid(mark.mark_id)


def _meanings() -> list[Entry]:
    """What place and fill mean."""
    return [
        Entry(lambda ax, x, y, look=look: m.sign(ax, "direction", look[2], x, y, look[0], filled=look[1]), look[3], 1.9)
        for look in MEANINGS
    ]
