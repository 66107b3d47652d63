"""The effect direction plot (Hilton Boon & Thomson 2021): samples by domains, an arrow for what their findings say.

Filled arrows are better or worse for the person, open ones higher or lower where neither is known to be better. Their
size follows the number of participants, and the ground of a row the judgement of its study, where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, block, widest
from reanalysis.figures.effect_direction_table import DirectionMark
from reanalysis.figures.legend import Entry, Part, legend, legend_height
from reanalysis.text import probability

MARGIN, GAP, N = 2.0, 2.0, 10.0  # mm
STUDY = 44.0  # mm, the longest name of a study before it wraps
TALL = 42.0  # mm, the longest name of a domain before it wraps
STEP = 14.0  # mm between columns, at most
ROW, LEAD = 3.5, 2.6  # mm: least height of a row, distance of lines of text
MIXED = 0.6  # of half the height of a mark: what two heads are wider than one
BESIDE = 3.4  # mm between marks of one cell
SIZES = (  # participants, half height in mm
    (300, 1.2, "300 participants or more"),
    (50, 0.95, "50 to 299"),
    (0, 0.7, "under 50, or not known"),
)
LEGEND = (  # verdict, whether better and worse are known, words
    ("up", True, "better"),
    ("down", True, "worse"),
    ("mixed", True, "outcomes of the sample disagree"),
    ("none", False, "no difference shown"),
    ("up", False, "higher, or positive association"),
    ("down", False, "lower, or negative association"),
)
NOTE = "Small number: outcomes behind an arrow, where several. P: sign test over the samples of a column."


def draw_effect_direction(marks: list[DirectionMark], order: Sequence[str], width_mm: float) -> Figure:
    """Draw the marks of one question; `order` is that of the domains."""
    titles = {mark.domain: mark.title for mark in sorted(marks, key=lambda mark: order.index(mark.domain))}
    blocks = [
        [list(row) for _, row in groupby(members, key=lambda mark: mark.sample_id)]
        for _, members in groupby(marks, key=lambda mark: mark.contrast)
    ]
    parts = _parts(marks)
    with mpl.rc_context(s.RC):
        study = min(widest((mark.label for mark in marks), s.SMALL) + 0.1, STUDY)
        heads = {name: s.wrap(title, TALL, s.SMALL) for name, title in titles.items()}
        left = MARGIN + 1.0 + study + GAP + N
        step = min(STEP, (width_mm - MARGIN - left - GAP) / len(titles))
        width = max(left + GAP + step * len(titles) + MARGIN, min(s.WIDER, width_mm))
        edges = MARGIN, width - MARGIN
        columns = {name: left + GAP + (index + 0.5) * step for index, name in enumerate(titles)}
        top = MARGIN + widest((line for lines in heads.values() for line in lines), s.SMALL) + 2.5
        page = _Page(study, left, columns, step)
        heights = [_block_height(members, page) for members in blocks]
        fig, ax = s.page(width, top + sum(heights) + 2.0 + legend_height(parts, *edges) + MARGIN)
        _heads(ax, heads, page, top, top + sum(heights), edges)
        y = top
        for members, height in zip(blocks, heights, strict=True):
            _block(ax, members, y, page, edges)
            y += height
        ax.add_line(Line2D(edges, [y, y], color=s.INK, lw=0.6))
        legend(ax, parts, y + 2.0, *edges)
        return fig


@dataclass(frozen=True)
class _Page:
    """In millimetres: width of the names, right edge of the numbers of participants, middles of the columns, a step."""

    study: float
    n: float
    columns: dict[str, float]
    step: float

    def name(self, row: list[DirectionMark]) -> list[str]:
        """The sample of a row, in lines."""
        return s.wrap(row[0].label, self.study, s.SMALL)

    def height(self, row: list[DirectionMark]) -> float:
        """Height of a row."""
        return ROW + (len(self.name(row)) - 1) * LEAD


def _tests(members: list[list[DirectionMark]]) -> dict[str, float]:
    """The p of the sign test of each column of a block that has one."""
    return {mark.domain: mark.pval for row in members for mark in row if mark.pval is not None}


def _block_height(members: list[list[DirectionMark]], page: _Page) -> float:
    return BLOCK + sum(map(page.height, members)) + (ROW if _tests(members) else 0.0)


def _heads(
    ax: Axes, heads: dict[str, list[str]], page: _Page, top: float, bottom: float, edges: tuple[float, float]
) -> None:
    for name, lines in heads.items():
        middle = page.columns[name]
        ax.add_line(Line2D([middle] * 2, [top, bottom], color=s.FAINT, lw=0.35, zorder=0.4))
        for index, line in enumerate(lines):
            x = middle + (index - (len(lines) - 1) / 2) * LEAD
            ax.text(x, top - 1.2, line, size=s.SMALL, rotation=90, ha="center", va="bottom")
    s.say(ax, MARGIN + 1.0, top - 2.2, "Study", size=s.SMALL, weight="bold")
    s.say(ax, page.n, top - 2.2, "n", size=s.SMALL, weight="bold", align="right")
    ax.add_line(Line2D(edges, [top, top], color=s.INK, lw=0.8))


def _block(ax: Axes, members: list[list[DirectionMark]], y: float, page: _Page, edges: tuple[float, float]) -> None:
    """The samples of one contrast, and the sign tests over them."""
    block(ax, members[0][0].contrast_label, *edges, y)
    y += BLOCK
    for row in members:
        height, middle = page.height(row), y + ROW / 2
        if level := row[0].appraisal_level:
            ground = Rectangle((MARGIN, y + 0.2), page.n - MARGIN, height - 0.4, fc=s.QUALITY[level], ec="none")
            ax.add_patch(ground).set_zorder(0.3)
        for index, line in enumerate(page.name(row)):
            s.say(ax, MARGIN + 1.0, middle + index * LEAD, line, size=s.SMALL)
        s.say(ax, page.n, middle, _participants(row), size=s.SMALL, align="right")
        for domain, cell in groupby(row, key=lambda mark: mark.domain):
            here = list(cell)
            for place, mark in enumerate(here):
                _mark(ax, mark, page.columns[domain] + (place - (len(here) - 1) / 2) * BESIDE, middle)
        y += height
    if tests := _tests(members):
        s.say(ax, MARGIN + 1.0, y + ROW / 2, "Sign test", size=s.SMALL, style="italic")
        for domain, p in tests.items():
            words = f"P {shown}" if (shown := probability(p))[0] in "<>" else f"P = {shown}"
            x = page.columns[domain]
            wide = s.text_width(words, s.SMALL) / 2 + 0.3
            ax.add_patch(Rectangle((x - wide, y + 0.4), 2 * wide, ROW - 0.8, fc=s.PAPER, ec="none", zorder=0.5))
            s.say(ax, x, y + ROW / 2, words, size=s.SMALL, align="center")


def _participants(row: list[DirectionMark]) -> str:
    """Participants behind the marks of a row; a range where they differ."""
    known = [mark.n for mark in row if mark.n is not None]
    return "\N{EN DASH}".join(dict.fromkeys((str(min(known)), str(max(known))))) if known else "?"


def _mark(ax: Axes, mark: DirectionMark, x: float, y: float) -> None:
    half = next(half for least, half, _ in SIZES if (mark.n or 0) >= least)
    if mark.rung == "unusable":
        m.cross(ax, x, y).set_gid(mark.mark_id)
    else:
        m.pointer(ax, mark.verdict, x, y, filled=mark.sense == "better", half=half).set_gid(mark.mark_id)
    if mark.findings > 1:
        beside = half + 0.3 + (MIXED * half if mark.verdict == "mixed" else 0.0)
        s.say(ax, x + beside, y - 0.6, str(mark.findings), size=s.SMALL)


def _parts(marks: list[DirectionMark]) -> list[Part]:
    """What the marks, their sizes and the grounds of rows mean."""
    present = {(mark.verdict, mark.sense == "better" or mark.verdict == "none") for mark in marks}
    pointers = [
        Entry(lambda ax, x, y, way=way, known=known: m.pointer(ax, way, x, y, filled=known), words)
        for way, known, words in LEGEND
        if (way, known or way == "none") in present
    ]
    unusable = any(mark.rung == "unusable" for mark in marks)
    pointers += [Entry(m.cross, m.KEYS["unusable"])] if unusable else []
    sizes = [
        Entry(lambda ax, x, y, half=half: m.pointer(ax, "up", x, y, filled=False, half=half), words)
        for _, half, words in reversed(SIZES)
    ]
    judged = {mark.appraisal_level: mark.appraisal for mark in marks if mark.appraisal_level}
    grounds = [Entry(lambda ax, x, y, level=level: _ground(ax, level, x, y), judged[level], 2.0) for level in judged]
    return [pointers, sizes, *([grounds] if grounds else []), NOTE]


def _ground(ax: Axes, level: str, x: float, y: float) -> None:
    ax.add_patch(Rectangle((x - 2.0, y - 1.2), 4.0, 2.4, fc=s.QUALITY[level], ec=s.SOFT, lw=0.4))
