"""The levels panel: peripheral oxytocin in BPD and controls, by study, with body fluid, assay and sample as dots."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.levels_table import ASSAYS, MATRICES, LevelRow
from reanalysis.schema.vocabulary import CONTRASTS, in_words

MARGIN = 4.0
TITLE, HEAD, FOOT = 13.0, 18.0, 23.0  # mm
STUDY, PERSONS = 42.0, 59.0  # mm: width of the names, right edge of the numbers of persons
DOTS, STEP, APART = 65.0, 4.6, 2.2  # mm: left edge of the dots, between them, and between their groups
EFFECT = 27.0  # mm, width of the numbers
BLOCK, ROW = 4.6, 4.0  # mm, height of a heading and of a row
GROUPS = (
    tuple(("matrix", name, name) for name in MATRICES),
    tuple(("assay", name, name.upper() if name != "not named" else "assay not named") for name in ASSAYS),
    (("exclusion", "yes", "after social exclusion"), ("mothers", "yes", "mothers")),
)


def draw_levels(rows: list[LevelRow], width_mm: float) -> Figure:
    """Draw the rows, a block for each outcome."""
    blocks = [list(block) for _, block in groupby(rows, key=lambda row: (row.domain, row.outcome_group))]
    with mpl.rc_context(s.RC):
        top = TITLE + HEAD
        body = sum(BLOCK + len(block) * ROW for block in blocks)
        fig, ax = s.page(width_mm, top + body + FOOT)
        s.say(ax, MARGIN, 5.5, "Peripheral oxytocin in BPD and controls", size=s.HEAD, weight="bold")
        subtitle = "Hedges' g, BPD minus control. A dot says what was measured, how, and in whom."
        s.say(ax, MARGIN, 10.0, subtitle, colour=s.SOFT)
        columns = _columns()
        left = max(columns.values()) + STEP + 3.0
        ends = [end for row in rows for end in (row.estimate, row.lower, row.upper)]
        scale = m.Scale.over(ends, left, width_mm - MARGIN - EFFECT - left - 4.0)
        _heads(ax, columns, scale, top, width_mm)
        y = top
        for block in blocks:
            ax.add_patch(
                Rectangle((MARGIN, y + 0.3), width_mm - 2 * MARGIN, BLOCK - 0.6, color=s.BAND, lw=0, zorder=0.2)
            )
            words = in_words(block[0].outcome_group)
            s.say(ax, MARGIN + 0.5, y + BLOCK / 2, f"{words[0].upper()}{words[1:]}", size=s.SMALL, weight="bold")
            y += BLOCK
            for row in block:
                _row(ax, row, y + ROW / 2, columns, scale, width_mm)
                y += ROW
        m.axis(ax, scale, top, y)
        shapes = {row.rung for row in rows} | {row.use for row in rows}
        keys = {name: words for name, words in m.KEYS.items() if name in shapes}
        below = m.keys(ax, keys, y + 12.0, MARGIN, width_mm - MARGIN)
        m.cross(ax, MARGIN + 3.2, below + 4.0)
        s.say(ax, MARGIN + 8, below + 4.0, "not usable: neither a value nor a sign is known", size=s.SMALL)
        return fig


def _columns() -> dict[tuple[str, str], float]:
    """The middle of each column of dots, by what it says."""
    places, x = {}, DOTS
    for group in GROUPS:
        for field, value, _ in group:
            places[field, value] = x
            x += STEP
        x += APART
    return places


def _heads(ax: Axes, columns: dict[tuple[str, str], float], scale: m.Scale, top: float, width_mm: float) -> None:
    s.say(ax, MARGIN + 1.0, top - 2.4, "Study", size=s.SMALL, weight="bold")
    s.say(ax, PERSONS, top - 2.4, "BPD / control", size=s.SMALL, weight="bold", align="right")
    for field, value, words in (entry for group in GROUPS for entry in group):
        text = "\n".join(s.wrap(words, HEAD - 4.0, s.SMALL))
        ax.text(columns[field, value], top - 1.4, text, size=s.SMALL, rotation=90, ha="center", va="bottom")
    sides = CONTRASTS["bpd_vs_control"]
    zero = scale.x(0)
    for sign, text, align in (
        (-1, f"\N{LEFTWARDS ARROW} {sides.left}", "right"),
        (1, f"{sides.right} \N{RIGHTWARDS ARROW}", "left"),
    ):
        s.say(ax, zero + sign * 1.0, top - 2.4, text, size=s.SMALL, colour=s.SOFT, align=align)
    s.say(ax, width_mm - MARGIN - EFFECT, top - 2.4, "Effect [interval]", size=s.SMALL, weight="bold")
    ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [top - 0.3, top - 0.3], color=s.INK, lw=0.8))


def _row(
    ax: Axes, row: LevelRow, y: float, columns: dict[tuple[str, str], float], scale: m.Scale, width_mm: float
) -> None:
    colour = s.SOFT if row.use == "excluded" else s.INK
    weight = "bold" if row.kind == "model" else "normal"
    s.say(ax, MARGIN + 1.0, y, row.label, size=s.SMALL, colour=colour, weight=weight)
    s.say(ax, width_mm - MARGIN - EFFECT, y, row.effect, size=s.SMALL, colour=colour, weight=weight)
    if row.kind == "model":
        if row.estimate is not None:
            m.model(ax, row, y, scale)
        return
    s.say(ax, PERSONS, y, row.n, size=s.SMALL, colour=colour, align="right")
    for (field, value), x in columns.items():
        holds = getattr(row, field) == value
        paint = {"fc": colour, "ec": colour} if holds else {"fc": s.PAPER, "ec": s.FAINT}
        ax.add_patch(Circle((x, y), 0.95 if holds else 0.5, lw=0.5, **paint))
    m.effect(ax, row, y, scale)
    if row.rung == "unusable":
        m.cross(ax, scale.x(0), y).set_gid(row.mark_id)
