"""The gene panel: what genotype and receptor go with, finding by finding, by direction."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.genes_table import BLOCKS, GeneMark
from reanalysis.schema.vocabulary import CONTRASTS

MARGIN = 4.0
TITLE, HEAD, FOOT = 14.0, 5.0, 14.5  # mm
STUDY, OUTCOME, PEOPLE = 28.0, 61.0, 37.0  # mm, columns of text
PERSONS = MARGIN + STUDY + OUTCOME + PEOPLE + 6.0  # right edge of the number of persons
BLOCK, PAD, LEAD = 4.6, 1.7, 2.6  # mm: heading of a block, around the text of a row, distance of its lines
REACH = 9.0  # mm from the middle to a mark on a side
GREY = "#9a9a9a"


def draw_genes(marks: list[GeneMark], width_mm: float) -> Figure:
    """Draw the marks, a row for each finding, blocks by what was looked at and by contrast."""
    blocks = [list(block) for _, block in groupby(marks, key=lambda mark: (mark.block, mark.contrast))]
    with mpl.rc_context(s.RC):
        top = TITLE + HEAD
        body = sum(BLOCK + sum(map(_height, block)) for block in blocks)
        fig, ax = s.page(width_mm, top + body + FOOT)
        s.say(ax, MARGIN, 5.5, "Oxytocin receptor: genotype, environment, protein", size=s.HEAD, weight="bold")
        subtitle = (
            "One row for each finding. What a positive sign means stands with the outcome; findings are not pooled."
        )
        s.say(ax, MARGIN, 10.0, subtitle, colour=s.SOFT)
        middle = (PERSONS + width_mm - MARGIN) / 2
        _heads(ax, top, middle, width_mm)
        y = top
        for block in blocks:
            ax.add_patch(
                Rectangle((MARGIN, y + 0.3), width_mm - 2 * MARGIN, BLOCK - 0.6, color=s.BAND, lw=0, zorder=0.6)
            )
            contrast = CONTRASTS[block[0].contrast]
            words = f"{BLOCKS[block[0].block]}: {contrast.label}"
            s.say(ax, MARGIN + 0.5, y + BLOCK / 2, words, size=s.SMALL, weight="bold")
            start = y
            y += BLOCK
            for mark in block:
                _row(ax, mark, y, middle)
                y += _height(mark)
            ax.add_line(Line2D([middle, middle], [start, y], color=s.FAINT, lw=0.5, zorder=0.4))
        ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [y, y], color=s.INK, lw=0.6))
        _legend(ax, y + 4.0)
        return fig


def _texts(mark: GeneMark) -> tuple[list[str], list[str], list[str]]:
    wide = (STUDY - 2.0, OUTCOME - 2.0, PEOPLE - 2.0)
    texts = (mark.label, mark.outcome, mark.population)
    return tuple(s.wrap(text, width, s.SMALL) for text, width in zip(texts, wide, strict=True))


def _height(mark: GeneMark) -> float:
    return max(map(len, _texts(mark))) * LEAD + PAD


def _heads(ax: Axes, top: float, middle: float, width_mm: float) -> None:
    heads = (
        (MARGIN + 1.0, "Study", "left"),
        (MARGIN + STUDY, "What was compared, or associated", "left"),
        (MARGIN + STUDY + OUTCOME, "In whom", "left"),
        (PERSONS, "n", "right"),
    )
    for x, words, align in heads:
        s.say(ax, x, top - 2.4, words, size=s.SMALL, weight="bold", align=align)
    for side, words in ((-1, "lower, negative"), (1, "higher, positive")):
        s.say(ax, middle + side * REACH, top - 2.4, words, size=s.SMALL, colour=s.SOFT, align="center")
    ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [top - 0.3, top - 0.3], color=s.INK, lw=0.8))


def _row(ax: Axes, mark: GeneMark, y: float, middle: float) -> None:
    main = mark.use == "main"
    colour = s.INK if main else s.SOFT
    first = y + PAD / 2 + LEAD / 2
    columns = (MARGIN + 1.0, MARGIN + STUDY, MARGIN + STUDY + OUTCOME)
    for x, words in zip(columns, _texts(mark), strict=True):
        for index, line in enumerate(words):
            s.say(ax, x, first + index * LEAD, line, size=s.SMALL, colour=colour)
    s.say(ax, PERSONS, first, "?" if mark.n is None else str(mark.n), size=s.SMALL, colour=colour, align="right")
    look = {"colour": s.INK if main else GREY, "filled": main}
    m.sign(ax, mark.rung, mark.sign, middle + mark.sign * REACH, first, **look).set_gid(mark.mark_id)


def _legend(ax: Axes, y: float) -> None:
    x = MARGIN + 1.5
    for rung, text in m.SIGNS.items():
        m.sign(ax, rung, 1, x, y, s.INK)
        s.say(ax, x + 3.0, y, text, size=s.SMALL)
        x += s.text_width(text, s.SMALL) + 8.0
    m.sign(ax, "direction", 1, x, y, GREY, filled=False)
    s.say(ax, x + 3.0, y, "open, grey: shown, not pooled", size=s.SMALL)
    s.say(ax, MARGIN, y + 4.4, "?  persons not known.  A mark in the middle has no sign.", size=s.SMALL, colour=s.SOFT)
