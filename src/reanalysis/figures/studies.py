"""A panel of studies: the findings of a contrast one by one, with dots that say how each was obtained."""

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
from reanalysis.figures.columns import BLOCK, Numbers, Persons, block, widest
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.studies_table import StudyRow
from reanalysis.schema.raw import Contrast
from reanalysis.schema.review import NO_WORD, Panel
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import capital, listed

MARGIN, GAP, ARROWS = 4.0, 3.0, 2.0  # mm
STUDY = 46.0  # mm, the longest name before it wraps
SIDES = 8.0  # mm, room for what the sides of zero mean
STEP, APART = 4.3, 1.6  # mm between dots, and between their groups
HEAD = 4.0  # mm, room around the heads of the dots
ROW, LEAD = 4.0, 2.7  # mm: least height of a row, distance of its lines


def draw_studies(rows: list[StudyRow], panel: Panel, contrast: Contrast, width_mm: float) -> Figure:
    """Draw the rows, a block for each outcome; `contrast` is what the first of them compares."""
    title, subtitle = panel.title, panel.subtitle
    blocks = [list(members) for _, members in groupby(rows, key=lambda row: (row.domain, row.outcome_group))]
    edges = MARGIN, width_mm - MARGIN
    with mpl.rc_context(s.RC):
        layout = _layout(rows, panel, contrast, width_mm)
        keys = [_keys(rows)]
        heads = [head for words in panel.by.values() for head in words.values()]
        top = heading_height(title, subtitle, width_mm, MARGIN) + HEAD + max(SIDES, widest(heads, s.SMALL))
        body = sum(BLOCK + sum(_height(row, layout) for row in members) for members in blocks)
        fig, ax = s.page(width_mm, top + body + m.AXIS + 2.0 + legend_height(keys, *edges) + MARGIN)
        heading(ax, title, subtitle, width_mm, MARGIN)
        _heads(ax, layout, panel, contrast, top, edges)
        y = top
        for members in blocks:
            block(ax, capital(members[0].outcome_label), *edges, y)
            y += BLOCK
            for row in members:
                _row(ax, row, y + ROW / 2, layout)
                y += _height(row, layout)
        m.axis(ax, layout.scale, top, y, listed(dict.fromkeys(METRICS[row.metric] for row in rows), "or"))
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
    sides: tuple[str, str]


def _layout(rows: list[StudyRow], panel: Panel, contrast: Contrast, width_mm: float) -> _Layout:
    study = min(max((s.text_width(row.label, s.SMALL, _weight(row)) for row in rows), default=0.0), STUDY)
    sizes = Persons.of([(row.n, "normal") for row in rows if row.n], s.SMALL)
    persons = MARGIN + 1.0 + study + GAP + max(sizes.width, s.text_width(_persons(contrast), s.SMALL, "bold"))
    dots, x = {}, persons + GAP + STEP / 2
    for column, words in panel.by.items():
        for word in words:
            dots[column, word] = x
            x += STEP
        x += APART
    numbers = Numbers.of([(row.effect, _weight(row)) for row in rows], s.SMALL)
    effect = width_mm - MARGIN - max(numbers.width, s.text_width("Effect [interval]", s.SMALL, "bold"))
    ends = (end for row in rows for end in m.ends(row))
    scale = m.Scale.over(ends, x + ARROWS, effect - GAP - ARROWS - x - ARROWS)
    sides = contrast.sides([row.higher_is_better for row in rows if row.kind == "finding"])
    return _Layout(study, persons, sizes, dots, scale, effect, numbers, sides)


def _persons(contrast: Contrast) -> str:
    """What stands above the numbers of persons."""
    return f"{contrast.side_1} / {contrast.side_2}" if contrast.side_1 else "n"


def _weight(row: StudyRow) -> str:
    return "bold" if row.kind == "model" else "normal"


def _name(row: StudyRow, layout: _Layout) -> list[str]:
    return s.wrap(row.label, layout.study + 0.1, s.SMALL, _weight(row))


def _height(row: StudyRow, layout: _Layout) -> float:
    return ROW + (len(_name(row, layout)) - 1) * LEAD


def _heads(ax: Axes, layout: _Layout, panel: Panel, contrast: Contrast, top: float, edges: tuple[float, float]) -> None:
    y, how = top - 2.4, {"size": s.SMALL, "weight": "bold"}
    s.say(ax, MARGIN + 1.0, y, "Study", **how)
    s.say(ax, layout.persons, y, _persons(contrast), align="right", **how)
    for (column, word), x in layout.dots.items():
        ax.text(x, top - 1.4, panel.by[column][word], size=s.SMALL, rotation=90, ha="center", va="bottom")
    left, right = m.sides(layout.scale, *layout.sides, (ARROWS, ARROWS))
    m.point(ax, layout.scale.x(0), y + s.LINE / 2 - max(len(left), len(right)) * s.LINE, left, right)
    s.say(ax, layout.effect, y, "Effect [interval]", **how)
    ax.add_line(Line2D(edges, [top - 0.3, top - 0.3], color=s.INK, lw=0.8))


def _row(ax: Axes, row: StudyRow, y: float, layout: _Layout) -> None:
    colour, weight = s.SOFT if row.use == "excluded" else s.INK, _weight(row)
    for index, line in enumerate(_name(row, layout)):
        s.say(ax, MARGIN + 1.0, y + index * LEAD, line, size=s.SMALL, colour=colour, weight=weight)
    layout.numbers.say(ax, layout.effect, y, row.effect, colour=colour, weight=weight)
    if row.kind == "model":
        if row.estimate is not None:
            m.model(ax, row, y, layout.scale)
        return
    layout.sizes.say(ax, layout.persons, y, row.n, colour=colour)
    for (column, word), x in layout.dots.items():
        holds = (getattr(row, column) or NO_WORD) == word
        paint = {"fc": colour, "ec": colour} if holds else {"fc": s.PAPER, "ec": s.FAINT}
        ax.add_patch(Circle((x, y), 0.95 if holds else 0.5, lw=0.5, **paint))
    m.effect(ax, row, y, layout.scale)
    if row.rung == "unusable":
        m.cross(ax, layout.scale.x(0), y).set_gid(row.mark_id)


def _keys(rows: list[StudyRow]) -> list[Entry]:
    """The marks that occur, in words."""
    shapes = {row.rung for row in rows} | {row.use for row in rows}
    shapes |= {"model"} if any(row.kind == "model" and row.use == "main" for row in rows) else set()
    keys = m.entries({name: words for name, words in m.KEYS.items() if name in shapes})
    unusable = Entry(m.cross, "not usable: neither a value nor a sign is known", m.KEY / 2)
    return [*keys, unusable] if "unusable" in shapes else keys
