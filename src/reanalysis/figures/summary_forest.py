"""The summary forest: every estimate and interval of the review on one page, cell by cell.

The classical answer (exact effects) and that of all the evidence stand below one another.
"""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.summary_forest_table import SummaryRow
from reanalysis.schema.vocabulary import CONTRASTS, METRICS, in_words

MARGIN = 4.0
TITLE, FOOT = 17.0, 21.0  # mm
BLOCK, ROW, LEAD = 4.2, 3.5, 2.7  # mm: heading of a domain, least height of a cell, distance of lines in a cell
LEFT = {"contrast": MARGIN + 1.0, "outcome": 41.5, "evidence": 77.5}  # mm, columns of text
WIDTH = {"contrast": 35.5, "outcome": 35.0, "evidence": 32.5}
K, SCALE = 112.5, 114.5  # mm: right edge of k, left edge of the scale
PLOT, EFFECT = (119.0, 31.5), 153.3  # mm: left edge and width of the plot, left edge of the numbers
SYMBOLS = {"SMD": "g", "SMCC": "d", "ZCOR": "z"}
KEYS = {
    "exact": "one exact sample, with its interval",
    "model": "model of several exact effects",
    "all": "model of all the evidence: exact, bounds and directions",
    "bounded": "bounds of one sample, where no model has an estimate; the effect is in the bar, or beyond an arrow",
}


def draw_summary_forest(rows: list[SummaryRow], width_mm: float) -> Figure:
    """Draw the rows, a block for each domain."""
    blocks = [list(block) for _, block in groupby(rows, key=lambda row: row.domain)]
    cells = [[list(cell) for _, cell in groupby(block, key=_cell)] for block in blocks]
    with mpl.rc_context(s.RC):
        body = sum(BLOCK + sum(_height(cell) for cell in block) for block in cells)
        fig, ax = s.page(width_mm, TITLE + body + FOOT)
        s.say(ax, MARGIN, 5.5, "Every estimate, in the order of the review", size=s.HEAD, weight="bold")
        scales = ", ".join(f"{SYMBOLS[name]} {words}" for name, words in METRICS.items())
        subtitle = f"k samples each; outcomes of which only a sign is known are not here. Scales differ: {scales}."
        s.say(ax, MARGIN, 10.0, subtitle, colour=s.SOFT)
        for name, x in LEFT.items():
            s.say(ax, x, TITLE - 2.6, name.capitalize(), size=s.SMALL, weight="bold")
        s.say(ax, K, TITLE - 2.6, "k", size=s.SMALL, weight="bold", align="right")
        s.say(ax, EFFECT, TITLE - 2.6, "Effect [interval]", size=s.SMALL, weight="bold")
        ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [TITLE - 0.6, TITLE - 0.6], color=s.INK, lw=0.8))
        left, wide = PLOT
        scale = m.Scale.over((end for row in rows for end in (row.estimate, row.lower, row.upper)), left, wide)
        y = TITLE
        for block in cells:
            first = block[0][0]
            ax.add_patch(
                Rectangle((MARGIN, y + 0.3), width_mm - 2 * MARGIN, BLOCK - 0.6, color=s.BAND, lw=0, zorder=0.2)
            )
            s.say(ax, MARGIN + 0.5, y + BLOCK / 2, f"{first.section}  {first.title}", size=s.SMALL, weight="bold")
            y += BLOCK
            for cell in block:
                _draw_cell(ax, cell, y, scale)
                y += _height(cell)
        m.axis(ax, scale, TITLE - 0.6, y)
        present = {row.rung or ("all" if row.use == "all" else "model") for row in rows}
        m.keys(ax, {name: KEYS[name] for name in KEYS if name in present}, y + 12.5, MARGIN, width_mm - MARGIN)
        return fig


def _cell(row: SummaryRow) -> tuple[str, str, str]:
    return row.contrast, row.outcome_group, row.metric


def _texts(cell: list[SummaryRow]) -> dict[str, list[str]]:
    """The lines of the columns of text; each row of the cell has one in the column of the evidence."""
    first = cell[0]
    return {
        "contrast": s.wrap(CONTRASTS[first.contrast].label, WIDTH["contrast"], s.SMALL),
        "outcome": s.wrap(in_words(first.outcome_group), WIDTH["outcome"], s.SMALL),
        "evidence": [row.label or row.kind for row in cell],
    }


def _height(cell: list[SummaryRow]) -> float:
    return ROW + (max(map(len, _texts(cell).values())) - 1) * LEAD


def _draw_cell(ax: Axes, cell: list[SummaryRow], y: float, scale: m.Scale) -> None:
    first = y + ROW / 2
    for name, words in _texts(cell).items():
        for index, line in enumerate(words):
            s.say(ax, LEFT[name], first + index * LEAD, line, size=s.SMALL)
    for index, row in enumerate(cell):
        middle = first + index * LEAD
        s.say(ax, K, middle, str(row.k), size=s.SMALL, align="right")
        s.say(ax, SCALE, middle, SYMBOLS[row.metric], size=s.SMALL, style="italic")
        s.say(ax, EFFECT, middle, row.effect, size=s.SMALL)
        if row.rung:
            m.effect(ax, row, middle, scale)
        elif row.estimate is not None:
            m.model(ax, row, middle, scale)
