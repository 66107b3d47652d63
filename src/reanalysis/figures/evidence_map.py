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
from reanalysis.figures.evidence_map_table import EvidenceCell
from reanalysis.schema.vocabulary import CONTRASTS

MARGIN = 4.0
TITLE, HEAD, FOOT = 13.0, 33.0, 21.0  # mm: title, heads of the columns, legend
SECTION, NAME = 8.5, 49.5  # mm, columns of text
HIGH, SPACE = 6.0, 0.35  # mm, height of a cell, and around it
TINTS = {"exact": "#a9b4be", "bounded": "#cfd6dc", "direction": "#edf0f2", "unusable": s.PAPER}
KNOWN = {
    "exact": "an effect with its interval",
    "bounded": "bounds of the effect",
    "direction": "the sign only",
    "unusable": "nothing usable",
}
POINTERS = (
    ("up", True, "better"),
    ("down", True, "worse"),
    ("up", False, "higher, or positive"),
    ("down", False, "lower, or negative"),
    ("mixed", False, "(filled or open) they disagree"),
    ("none", False, "no sign is known"),
)


def draw_evidence_map(cells: list[EvidenceCell], width_mm: float) -> Figure:
    """Draw the cells; one without any finding is a question mark."""
    rows = [list(row) for _, row in groupby(cells, key=lambda cell: cell.domain)]
    with mpl.rc_context(s.RC):
        top = TITLE + HEAD
        fig, ax = s.page(width_mm, top + len(rows) * HIGH + FOOT)
        s.say(ax, MARGIN, 5.5, "Evidence map", size=s.HEAD, weight="bold")
        subtitle = "Number: independent samples. Shade: the best that is known of them. Pointer: where the findings go."
        s.say(ax, MARGIN, 10.0, subtitle, colour=s.SOFT)
        left = MARGIN + SECTION + NAME
        wide = (width_mm - MARGIN - left) / len(CONTRASTS)
        for index, contrast in enumerate(CONTRASTS.values()):
            words = "\n".join(s.wrap(contrast.label, HEAD - 3.0, s.SMALL))
            ax.text(left + (index + 0.5) * wide, top - 1.5, words, size=s.SMALL, rotation=90, ha="center", va="bottom")
        for row, y in zip(rows, (top + index * HIGH for index in range(len(rows))), strict=True):
            s.say(ax, MARGIN, y + HIGH / 2, row[0].section, size=s.SMALL, colour=s.SOFT)
            words = s.wrap(row[0].title, NAME - 1.5, s.SMALL)
            s.lines(ax, MARGIN + SECTION, y + (HIGH - len(words) * 0.85 * s.LINE) / 2, words, size=s.SMALL, step=0.85)
            for index, cell in enumerate(row):
                _cell(ax, cell, left + index * wide, y, wide)
        _legend(ax, top + len(rows) * HIGH + 3.5, width_mm)
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
        s.say(ax, x + wide / 2, middle, "excl.", size=5.0, colour=s.SOFT, align="center")
    else:
        ax.add_patch(Rectangle(*box, fc=s.PAPER, ec=s.FAINT, lw=0.3))
        s.say(ax, x + wide / 2, middle, "?", size=s.SMALL, colour="#9a9a9a", align="center")


def _legend(ax: Axes, y: float, width_mm: float) -> None:
    x = MARGIN
    for rung, text in KNOWN.items():
        ax.add_patch(Rectangle((x, y - 1.4), 5.0, 2.8, fc=TINTS[rung], ec=s.SOFT, lw=0.4))
        s.say(ax, x + 6.2, y, text, size=s.SMALL)
        x += s.text_width(text, s.SMALL) + 10.0
    s.say(ax, x, y, "excl.  excluded codings only", size=s.SMALL)
    s.say(ax, x + s.text_width("excl.  excluded codings only", s.SMALL) + 4, y, "?  unknown: no finding", size=s.SMALL)
    x, y = MARGIN + 1.2, y + 4.8
    for way, known, text in POINTERS:
        m.pointer(ax, way, x, y, known=known)
        s.say(ax, x + 2.6, y, text, size=s.SMALL)
        x += s.text_width(text, s.SMALL) + 6.8
    note = (
        "A cell points up or down where at least 70 percent of its votes with a sign agree; a sample, and all that may "
        "share persons with it, has one vote on an outcome. Two pointers: outcomes of both kinds."
    )
    s.lines(ax, MARGIN, y + 2.6, s.wrap(note, width_mm - 2 * MARGIN, s.SMALL), size=s.SMALL, colour=s.SOFT)
    ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [y - 8.0, y - 8.0], color=s.INK, lw=0.6))
