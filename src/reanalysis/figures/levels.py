"""The levels panel: peripheral oxytocin in BPD and controls, by study, with body fluid, assay and sample as dots."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, Numbers, Persons, block
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.levels_table import ASSAYS, MATRICES, LevelRow
from reanalysis.schema.vocabulary import CONTRASTS
from reanalysis.text import capital, in_words

MARGIN, GAP, ARROWS = 4.0, 3.0, 2.0  # mm
STUDY = 46.0  # mm, the longest name before it wraps
STEP, APART = 4.3, 1.6  # mm between dots, and between their groups
HEAD = 21.0  # mm, room for the heads of the dots
ROW, LEAD = 4.0, 2.7  # mm: least height of a row, distance of its lines
GROUPS = (
    tuple(("matrix", name, name) for name in MATRICES),
    tuple(("assay", name, name.upper() if name != "not named" else "assay not named") for name in ASSAYS),
    (("exclusion", True, "after exclusion"), ("mothers", True, "mothers")),
)
PERSONS = "BPD / control"
TITLE = "Peripheral oxytocin in BPD and controls"
SUBTITLE = "Hedges' g, BPD minus control. A dot says what was measured, how, and in whom; exclusion: social exclusion."


def draw_levels(rows: list[LevelRow], width_mm: float) -> Figure:
    """Draw the rows, a block for each outcome."""
    blocks = [list(members) for _, members in groupby(rows, key=lambda row: (row.domain, row.outcome_group))]
    edges = MARGIN, width_mm - MARGIN
    with mpl.rc_context(s.RC):
        layout = _layout(rows, width_mm)
        keys = [_keys(rows)]
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + HEAD
        body = sum(BLOCK + sum(_height(row, layout) for row in members) for members in blocks)
        fig, ax = s.page(width_mm, top + body + m.AXIS + 2.0 + legend_height(keys, *edges) + MARGIN)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        _heads(ax, layout, top, edges)
        y = top
        for members in blocks:
            words = in_words(members[0].outcome_group)
            block(ax, capital(words), *edges, y)
            y += BLOCK
            for row in members:
                _row(ax, row, y + ROW / 2, layout)
                y += _height(row, layout)
        m.axis(ax, layout.scale, top, y)
        legend(ax, keys, y + m.AXIS + 2.0, *edges)
        return fig


@dataclass(frozen=True)
class _Layout:
    """Where the columns stand, in millimetres: width of the names, right edge of n, middles of the dots, effects."""

    study: float
    persons: float
    sizes: Persons
    dots: dict[tuple[str, str], float]
    scale: m.Scale
    effect: float
    numbers: Numbers


def _layout(rows: list[LevelRow], width_mm: float) -> _Layout:
    study = min(max((s.text_width(row.label, s.SMALL, _weight(row)) for row in rows), default=0.0), STUDY)
    sizes = Persons.of([(row.n, "normal") for row in rows if row.n], s.SMALL)
    persons = MARGIN + 1.0 + study + GAP + max(sizes.width, s.text_width(PERSONS, s.SMALL, "bold"))
    dots, x = {}, persons + GAP + STEP / 2
    for group in GROUPS:
        for field, value, _ in group:
            dots[field, value] = x
            x += STEP
        x += APART
    numbers = Numbers.of([(row.effect, _weight(row)) for row in rows], s.SMALL)
    effect = width_mm - MARGIN - max(numbers.width, s.text_width("Effect [interval]", s.SMALL, "bold"))
    ends = (end for row in rows for end in m.ends(row))
    scale = m.Scale.over(ends, x + ARROWS, effect - GAP - ARROWS - x - ARROWS)
    return _Layout(study, persons, sizes, dots, scale, effect, numbers)


def _weight(row: LevelRow) -> str:
    return "bold" if row.kind == "model" else "normal"


def _name(row: LevelRow, layout: _Layout) -> list[str]:
    return s.wrap(row.label, layout.study + 0.1, s.SMALL, _weight(row))


def _height(row: LevelRow, layout: _Layout) -> float:
    return ROW + (len(_name(row, layout)) - 1) * LEAD


def _heads(ax: Axes, layout: _Layout, top: float, edges: tuple[float, float]) -> None:
    y, how = top - 2.4, {"size": s.SMALL, "weight": "bold"}
    s.say(ax, MARGIN + 1.0, y, "Study", **how)
    s.say(ax, layout.persons, y, PERSONS, align="right", **how)
    for field, value, words in (entry for group in GROUPS for entry in group):
        ax.text(layout.dots[field, value], top - 1.4, words, size=s.SMALL, rotation=90, ha="center", va="bottom")
    words = CONTRASTS["bpd_vs_control"]
    left, right = m.sides(layout.scale, words.left, words.right, (ARROWS, ARROWS))
    m.point(ax, layout.scale.x(0), y + s.LINE / 2 - max(len(left), len(right)) * s.LINE, left, right)
    s.say(ax, layout.effect, y, "Effect [interval]", **how)
    ax.add_line(Line2D(edges, [top - 0.3, top - 0.3], color=s.INK, lw=0.8))


def _row(ax: Axes, row: LevelRow, y: float, layout: _Layout) -> None:
    colour, weight = s.SOFT if row.use == "excluded" else s.INK, _weight(row)
    for index, line in enumerate(_name(row, layout)):
        s.say(ax, MARGIN + 1.0, y + index * LEAD, line, size=s.SMALL, colour=colour, weight=weight)
    layout.numbers.say(ax, layout.effect, y, row.effect, colour=colour, weight=weight)
    if row.kind == "model":
        if row.estimate is not None:
            m.model(ax, row, y, layout.scale)
        return
    layout.sizes.say(ax, layout.persons, y, row.n, colour=colour)
    for (field, value), x in layout.dots.items():
        holds = getattr(row, field) == value
        paint = {"fc": colour, "ec": colour} if holds else {"fc": s.PAPER, "ec": s.FAINT}
        ax.add_patch(Circle((x, y), 0.95 if holds else 0.5, lw=0.5, **paint))
    m.effect(ax, row, y, layout.scale)
    if row.rung == "unusable":
        m.cross(ax, layout.scale.x(0), y).set_gid(row.mark_id)


def _keys(rows: list[LevelRow]) -> list[Entry]:
    """The marks that occur, in words."""
    shapes = {row.rung for row in rows} | {row.use for row in rows}
    keys = m.entries({name: words for name, words in m.KEYS.items() if name in shapes})
    unusable = Entry(m.cross, "not usable: neither a value nor a sign is known", m.KEY / 2)
    return [*keys, unusable] if "unusable" in shapes else keys
