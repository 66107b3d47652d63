"""The evidence map: which contrast is known in which domain, how well, from how many samples, and where it points."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import widest
from reanalysis.figures.evidence_map_table import EvidenceCell
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height

MARGIN = 4.0
SECTION, NAME = 8.5, 0.27  # mm, and share of the width: columns of text
HIGH, SPACE = 6.0, 0.35  # mm, height of a cell, and around it
HEAD, WIDEST = 27.0, 18.0  # mm, the longest line in a head of a column, and the widest column
TINTS = {"exact": "#a9b4be", "bounded": "#cfd6dc", "direction": "#edf0f2", "unusable": s.PAPER}
POINTERS = (
    ("up", True, "better"),
    ("down", True, "worse"),
    ("up", False, "higher, or positive"),
    ("down", False, "lower, or negative"),
    ("mixed", False, "(filled or open) they disagree"),
    ("none", False, "no sign is known"),
)
TITLE = "Evidence map"
SUBTITLE = "Number: independent samples. Shade: the best that is known of them. Pointer: where the findings go."
NOTE = (
    "A cell points up or down where at least 70 percent of its votes with a sign agree; a sample, and all that may "
    "share persons with it, has one vote on an outcome. Two pointers: outcomes of both kinds."
)


def draw_evidence_map(cells: list[EvidenceCell], width_mm: float) -> Figure:
    """Draw the cells; one without any finding is a question mark."""
    rows = [list(row) for _, row in groupby(cells, key=lambda cell: cell.domain)]
    edges, parts = (MARGIN, width_mm - MARGIN), (_shades(), _pointers(), NOTE)
    with mpl.rc_context(s.RC):
        heads = [s.wrap(cell.contrast_label, HEAD, s.SMALL) for cell in rows[0]]
        longest = widest((line for head in heads for line in head), s.SMALL)
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + longest + 4.0
        bottom = top + len(rows) * HIGH
        fig, ax = s.page(width_mm, bottom + 2.0 + legend_height(parts, *edges) + MARGIN)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        left = MARGIN + SECTION + NAME * width_mm
        wide = min((width_mm - MARGIN - left) / len(heads), WIDEST)
        for index, head in enumerate(heads):
            words = "\n".join(head)
            ax.text(left + (index + 0.5) * wide, top - 1.5, words, size=s.SMALL, rotation=90, ha="center", va="bottom")
        for row, y in zip(rows, (top + index * HIGH for index in range(len(rows))), strict=True):
            s.say(ax, MARGIN, y + HIGH / 2, row[0].section or "", size=s.SMALL, colour=s.SOFT)
            words = s.wrap(row[0].title, NAME * width_mm - 1.5, s.SMALL)
            s.lines(ax, MARGIN + SECTION, y + (HIGH - len(words) * 0.85 * s.LINE) / 2, words, size=s.SMALL, step=0.85)
            for index, cell in enumerate(row):
                _cell(ax, cell, left + index * wide, y, wide)
        ax.add_line(Line2D(edges, [bottom + 0.8, bottom + 0.8], color=s.INK, lw=0.6))
        legend(ax, parts, bottom + 2.0, *edges)
        return fig


def _cell(ax: Axes, cell: EvidenceCell, x: float, y: float, wide: float) -> None:
    box = (x + SPACE, y + SPACE), wide - 2 * SPACE, HIGH - 2 * SPACE
    middle = y + HIGH / 2
    if cell.rung:
        ax.add_patch(Rectangle(*box, fc=TINTS[cell.rung], ec=s.SOFT, lw=0.4, gid=cell.mark_id))
        s.say(ax, x + wide * 0.2, middle, str(cell.samples), weight="bold", align="center")
        known = [(way, cell_known) for way, cell_known in ((cell.better, True), (cell.higher, False)) if way]
        for place, (way, cell_known) in enumerate(known):
            centre = x + wide * 0.64 + (place - (len(known) - 1) / 2) * 2.9
            m.pointer(ax, way, centre, middle, known=cell_known)
    elif cell.excluded:
        ax.add_patch(Rectangle(*box, fc=s.PAPER, ec=s.SOFT, lw=0.4, ls=(0, (2, 2)), gid=cell.mark_id))
        s.say(ax, x + wide / 2, middle, "excl.", size=s.SMALL, colour=s.SOFT, align="center")
    else:
        ax.add_patch(Rectangle(*box, fc=s.PAPER, ec=s.FAINT, lw=0.3))
        s.say(ax, x + wide / 2, middle, "?", size=s.SMALL, colour=s.SOFT, align="center")


def _shades() -> list[Entry]:
    """What the shades of cells mean, and the words in those without one."""
    shades = [
        Entry(lambda ax, x, y, tint=TINTS[rung]: _shade(ax, x, y, tint), words, 2.5) for rung, words in m.SIGNS.items()
    ]
    excluded = Entry(lambda ax, x, y: s.say(ax, x, y, "excl.", size=s.SMALL, align="center"), "excluded only", 2.4)
    unknown = Entry(lambda ax, x, y: s.say(ax, x, y, "?", size=s.SMALL, align="center"), "no finding", 0.8)
    return [*shades, excluded, unknown]


def _shade(ax: Axes, x: float, y: float, tint: str) -> None:
    ax.add_patch(Rectangle((x - 2.5, y - 1.4), 5.0, 2.8, fc=tint, ec=s.SOFT, lw=0.4))


def _pointers() -> list[Entry]:
    return [
        Entry(lambda ax, x, y, way=way, known=known: m.pointer(ax, way, x, y, known=known), words)
        for way, known, words in POINTERS
    ]
