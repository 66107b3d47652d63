"""The treatment panel: what intranasal oxytocin does, function by function, in BPD and in controls side by side."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.treatment_table import LANES, TreatmentMark
from reanalysis.schema.vocabulary import in_words

MARGIN = 4.0
TITLE, HEAD, FOOT = 14.0, 9.5, 19.0  # mm
FUNCTION, STUDY, GAP = 36.5, 34.5, 2.5  # mm, columns of text, and between columns
BLOCK, ROW, LEAD = 4.4, 4.0, 2.6  # mm: heading of a domain, least height of a row, distance of lines of text
SIDES = {"down": -1, "mixed": 0, "none": 0, "up": 1}
GREY = "#9a9a9a"
REACH = 0.28  # of a lane's width, from its middle to a mark on a side


def draw_treatment(marks: list[TreatmentMark], width_mm: float) -> Figure:
    """Draw the marks: a row for each function and sample, a lane for each group of persons."""
    blocks = [
        [list(row) for _, row in groupby(block, key=lambda mark: (mark.outcome_group, mark.sample_id))]
        for _, block in groupby(marks, key=lambda mark: mark.domain)
    ]
    with mpl.rc_context(s.RC):
        top = TITLE + HEAD
        body = sum(BLOCK + sum(map(_height, block)) for block in blocks)
        fig, ax = s.page(width_mm, top + body + FOOT)
        s.say(ax, MARGIN, 5.5, "What intranasal oxytocin does, function by function", size=s.HEAD, weight="bold")
        subtitle = (
            "Oxytocin against placebo; one vote for each sample. The shape tells how much is known of the effect."
        )
        s.say(ax, MARGIN, 10.0, subtitle, colour=s.SOFT)
        lanes = _lanes(ax, top, top + body, width_mm)
        y = top
        for block in blocks:
            first = block[0][0]
            ax.add_patch(
                Rectangle((MARGIN, y + 0.3), width_mm - 2 * MARGIN, BLOCK - 0.6, color=s.BAND, lw=0, zorder=0.6)
            )
            s.say(ax, MARGIN + 0.5, y + BLOCK / 2, f"{first.section}  {first.title}", size=s.SMALL, weight="bold")
            y += BLOCK
            for row in block:
                _row(ax, row, y, lanes)
                y += _height(row)
        ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [y, y], color=s.INK, lw=0.6))
        _legend(ax, y + 4.0, width_mm)
        return fig


def _texts(row: list[TreatmentMark]) -> tuple[list[str], list[str]]:
    """Function and study of a row, in lines."""
    words = in_words(row[0].outcome_group)
    return s.wrap(words, FUNCTION - 3.0, s.SMALL), s.wrap(row[0].label, STUDY - 2.0, s.SMALL)


def _height(row: list[TreatmentMark]) -> float:
    return ROW + (max(map(len, _texts(row))) - 1) * LEAD


def _lanes(ax: Axes, top: float, bottom: float, width_mm: float) -> dict[str, tuple[float, float]]:
    """Draw heads and middle lines of the lanes; returns the middle and the reach of each."""
    left = MARGIN + FUNCTION + STUDY
    wide = (width_mm - MARGIN - left - GAP * (len(LANES) - 1)) / len(LANES)
    for x, words in ((MARGIN + 1.0, "Function, or outcome"), (MARGIN + FUNCTION, "Study")):
        s.say(ax, x, top - 2.4, words, size=s.SMALL, weight="bold")
    lanes = {}
    for contrast, words in LANES.items():
        middle = left + wide / 2
        lanes[contrast] = middle, REACH * wide
        s.say(ax, middle, top - 6.6, words, size=s.SMALL, weight="bold", align="center")
        for sign, word in ((-1, "worse"), (1, "better")):
            s.say(ax, middle + sign * REACH * wide, top - 2.4, word, size=s.SMALL, colour=s.SOFT, align="center")
        ax.add_patch(Rectangle((middle - wide / 2, top), wide, bottom - top, fc="#fafbfc", lw=0, zorder=0.2))
        ax.add_line(Line2D([middle, middle], [top, bottom], color=s.FAINT, lw=0.5, zorder=0.4))
        left += wide + GAP
    ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [top - 0.3, top - 0.3], color=s.INK, lw=0.8))
    return lanes


def _row(ax: Axes, row: list[TreatmentMark], y: float, lanes: dict[str, tuple[float, float]]) -> None:
    middle = y + ROW / 2
    for x, words in zip((MARGIN + 1.0, MARGIN + FUNCTION), _texts(row), strict=True):
        for index, line in enumerate(words):
            s.say(ax, x, middle + index * LEAD, line, size=s.SMALL)
    for mark in row:
        centre, reach = lanes[mark.contrast]
        x = centre + SIDES[mark.verdict] * reach
        _mark(ax, mark, x, middle)
        if mark.n:
            s.say(ax, x + 2.6, middle + 0.1, str(mark.n), size=5.0, colour=s.SOFT)


def _mark(ax: Axes, mark: TreatmentMark, x: float, y: float) -> None:
    filled = mark.use == "main" and mark.sense == "better"
    colour = {"up": s.BLUE, "down": s.ORANGE}.get(mark.verdict, s.INK) if filled else s.INK
    look = {"colour": colour if mark.use == "main" else GREY, "filled": filled}
    m.sign(ax, mark.rung, SIDES[mark.verdict], x, y, **look).set_gid(mark.mark_id)


def _legend(ax: Axes, y: float, width_mm: float) -> None:
    """What shape, place, fill and number mean."""
    x = MARGIN + 1.5
    for rung, text in m.SIGNS.items():
        m.sign(ax, rung, 1, x, y, s.BLUE)
        s.say(ax, x + 3.0, y, text, size=s.SMALL)
        x += s.text_width(text, s.SMALL) + 8.0
    x, y = MARGIN + 1.5, y + 4.0
    for colour, filled, side, text in (
        (s.BLUE, True, 1, "right: better for the person"),
        (s.ORANGE, True, -1, "left: worse"),
        (s.INK, True, 0, "middle: they disagree, or no sign"),
        (s.INK, False, 1, "open: right is higher, left lower"),
        (GREY, False, 1, "grey: shown, not pooled"),
    ):
        m.sign(ax, "direction", side, x, y, colour, filled=filled)
        s.say(ax, x + 3.0, y, text, size=s.SMALL)
        x += s.text_width(text, s.SMALL) + 7.0
    words = (
        "Small number: persons. Of an open mark it is not known whether higher is better. A sample is grey where only "
        "excluded codings are known, for the reasons in the ladder. "
        "Interaction: the drug effect in BPD minus that in the other group of the study, where a source tells it."
    )
    s.lines(ax, MARGIN, y + 2.2, s.wrap(words, width_mm - 2 * MARGIN - 4.0, s.SMALL), size=s.SMALL, colour=s.SOFT)
