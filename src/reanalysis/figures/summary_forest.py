"""The summary forest: every estimate and interval of the review on one page, cell by cell.

The classical answer (exact effects) and that of all the evidence stand below one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, Numbers, block, fitted, widest
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import legend, legend_height
from reanalysis.figures.summary_forest_table import SummaryRow
from reanalysis.results.table import cell_of
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import capital

MARGIN, GAP = 4.0, 1.5  # mm
ROW, LEAD = 3.5, 2.7  # mm: least height of a cell, distance of lines in a cell
K, SYMBOL, ARROWS = 5.0, 2.5, 2.0  # mm: number of samples, symbol of the scale, and the arrows on each side of the plot
PLOT = 0.16  # share of the page's width
TEXTS = ("contrast", "outcome", "evidence")
SYMBOLS = {"SMD": "g", "SMCC": "d", "ZCOR": "z"}
KEYS = {
    "exact": "one exact sample, with its interval",
    "model": "model of several exact effects",
    "all": "model of all the evidence: exact, bounds and directions",
    "bounded": "bounds of one sample, where no model has an estimate: its effect is in the bar, or beyond an arrow",
}


def draw_summary_forest(rows: list[SummaryRow], width_mm: float) -> Figure:
    """Draw the rows, a block for each domain."""
    blocks = [list(members) for _, members in groupby(rows, key=lambda row: row.domain)]
    cells = [[list(cell) for _, cell in groupby(members, key=cell_of)] for members in blocks]
    scales = ", ".join(f"{SYMBOLS[name]} {words}" for name, words in METRICS.items())
    title = "Every estimate, in the order of the review"
    subtitle = f"k samples each; outcomes of which only a sign is known are not here. Scales differ: {scales}."
    present = {row.rung or ("all" if row.use == "all" else "model") for row in rows}
    edges = MARGIN, width_mm - MARGIN
    with mpl.rc_context(s.RC):
        layout = _layout(rows, width_mm)
        texts = [[_texts(cell, layout) for cell in members] for members in cells]
        keys = [m.entries({name: KEYS[name] for name in KEYS if name in present})]
        top = heading_height(title, subtitle, width_mm, MARGIN) + 5.0
        body = sum(BLOCK + sum(map(_height, members)) for members in texts)
        fig, ax = s.page(width_mm, top + body + m.AXIS + 2.0 + legend_height(keys, *edges) + MARGIN)
        heading(ax, title, subtitle, width_mm, MARGIN)
        _heads(ax, layout, top, edges)
        y = top
        for members, words in zip(cells, texts, strict=True):
            first = members[0][0]
            block(ax, "  ".join(filter(None, (first.section, first.title))), *edges, y)
            y += BLOCK
            for cell, lines in zip(members, words, strict=True):
                _draw_cell(ax, cell, lines, y, layout)
                y += _height(lines)
        m.axis(ax, layout.scale, top - 0.6, y)
        legend(ax, keys, y + m.AXIS + 2.0, *edges)
        return fig


@dataclass(frozen=True)
class _Layout:
    """Where the columns stand: left edges and widths of the texts, right edge of k, left edges of the others, in mm."""

    left: dict[str, float]
    width: dict[str, float]
    k: float
    symbol: float
    effect: float
    numbers: Numbers
    scale: m.Scale


def _layout(rows: list[SummaryRow], width_mm: float) -> _Layout:
    numbers = Numbers.of([(row.effect, "normal") for row in rows], s.SMALL)
    right = max(numbers.width, s.text_width("Effect [interval]", s.SMALL, "bold"))
    plot = PLOT * width_mm
    words = {name: widest((_words(row)[name] for row in rows), s.SMALL) for name in TEXTS}
    others = K + SYMBOL + plot + 2 * ARROWS + right
    width = fitted(words, width_mm - 2 * MARGIN - 1.0 - others - GAP * (len(TEXTS) + 2))
    left, x = {}, MARGIN + 1.0
    for name in TEXTS:
        left[name] = x
        x += width[name] + GAP
    effect = width_mm - MARGIN - right
    start = effect - GAP - ARROWS - plot
    symbol = start - ARROWS - GAP - SYMBOL
    scale = m.Scale.over((end for row in rows for end in m.ends(row)), start, plot)
    return _Layout(left, width, symbol - GAP, symbol, effect, numbers, scale)


def _words(row: SummaryRow) -> dict[str, str]:
    """What stands in the columns of text."""
    return {"contrast": row.contrast_label, "outcome": row.outcome_label, "evidence": row.label or row.kind}


def _texts(cell: list[SummaryRow], layout: _Layout) -> dict[str, list[list[str]]]:
    """The lines of the columns of text; each row of the cell has its own in the column of the evidence."""
    wrapped = [{name: s.wrap(text, layout.width[name], s.SMALL) for name, text in _words(row).items()} for row in cell]
    first = {name: [wrapped[0][name]] for name in ("contrast", "outcome")}
    return first | {"evidence": [words["evidence"] for words in wrapped]}


def _height(texts: dict[str, list[list[str]]]) -> float:
    return ROW + (max(sum(map(len, column)) for column in texts.values()) - 1) * LEAD


def _heads(ax: Axes, layout: _Layout, top: float, edges: tuple[float, float]) -> None:
    y, how = top - 2.6, {"size": s.SMALL, "weight": "bold"}
    for name, x in layout.left.items():
        s.say(ax, x, y, capital(name), **how)
    s.say(ax, layout.k, y, "k", align="right", **how)
    s.say(ax, layout.effect, y, "Effect [interval]", **how)
    ax.add_line(Line2D(edges, [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _draw_cell(ax: Axes, cell: list[SummaryRow], texts: dict, y: float, layout: _Layout) -> None:
    y += ROW / 2
    for name, column in texts.items():
        for index, line in enumerate(line for lines in column for line in lines):
            s.say(ax, layout.left[name], y + index * LEAD, line, size=s.SMALL)
    for row, lines in zip(cell, texts["evidence"], strict=True):
        s.say(ax, layout.k, y, str(row.k), size=s.SMALL, align="right")
        s.say(ax, layout.symbol, y, SYMBOLS[row.metric], size=s.SMALL, style="italic")
        layout.numbers.say(ax, layout.effect, y, row.effect)
        if row.rung:
            m.effect(ax, row, y, layout.scale)
        elif row.estimate is not None:
            m.model(ax, row, y, layout.scale)
        y += len(lines) * LEAD
