"""The effect direction plot (Hilton Boon & Thomson 2021): samples by domains, an arrow for what their findings say.

Filled arrows are better or worse for the person, open ones higher or lower where neither is known to be better. Their
size follows the number of persons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import widest
from reanalysis.figures.effect_direction_table import DirectionMark
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.schema.raw import Domain
from reanalysis.text import in_words

MARGIN = 4.0
CONTRAST, PERSONS, GAP = 0.19, 9.0, 2.0  # share of the width, and mm: columns of text and the space between them
SAMPLE = 50.0  # mm, the longest name of a sample before it wraps
PAGE = 250.0  # mm that a page of a journal can hold: rows close up towards it
TIGHT, LOOSE = 2.35, 3.2  # mm, height of a line
BESIDE = 3.2  # mm between marks of one cell
SIZES = (  # persons, half height in mm
    (300, 1.18, "300 persons or more"),
    (50, 0.94, "50 to 299 persons"),
    (0, 0.7, "under 50, or n not known"),
)
LEGEND = (  # verdict, whether better and worse are known, words
    ("up", True, "better"),
    ("down", True, "worse"),
    ("mixed", True, "findings of the sample disagree"),
    ("none", False, "no sign, but bounds around zero"),
    ("up", False, "higher, or positive association"),
    ("down", False, "lower, or negative association"),
    ("mixed", False, "one outcome, higher and lower"),
)
TITLE = "Direction of effects"
SUBTITLE = "Each row is a sample in one contrast; excluded codings are left out. Directions only, never significance."


def draw_effect_direction(marks: list[DirectionMark], domains: Mapping[str, Domain], width_mm: float) -> Figure:
    """Draw the marks; `domains` gives the columns their order and section. Domains without a mark are named below."""
    shown = [name for name in domains if any(mark.domain == name for mark in marks)]
    missing = [in_words(name) for name in domains if name not in shown]
    blocks = [
        [list(row) for _, row in groupby(members, key=lambda mark: mark.sample_id)]
        for _, members in groupby(marks, key=lambda mark: mark.contrast)
    ]
    edges = MARGIN, width_mm - MARGIN
    parts = [_signs(), _sizes()] + ([f"No finding is known of: {', '.join(missing)}."] if missing else [])
    with mpl.rc_context(s.RC):
        heads = {name: _head(domains[name]) for name in shown}
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + widest(heads.values(), s.SMALL) + 4.0
        sample = min(widest((mark.label for mark in marks), s.SMALL) + 0.1, SAMPLE)
        left = _Left(CONTRAST * width_mm, sample)
        fixed = top + 2.0 + legend_height(parts, *edges) + MARGIN
        lines = sum(len(left.name(row)) for members in blocks for row in members) + len(blocks)
        pitch = min(LOOSE, max(TIGHT, (PAGE - fixed) / max(lines, 1)))
        heights = [_block_height(members, pitch, left) for members in blocks]
        fig, ax = s.page(width_mm, fixed + sum(heights))
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        columns = _columns(ax, heads, left, width_mm, top, top + sum(heights))
        y = top
        for members, height in zip(blocks, heights, strict=True):
            _block(ax, members, y, pitch, left, columns)
            y += height
            ax.add_line(Line2D(edges, [y, y], color=s.FAINT, lw=0.6))
        legend(ax, parts, y + 2.0, *edges)
        return fig


@dataclass(frozen=True)
class _Left:
    """Where the columns of text stand, given the widths of a contrast and of a sample."""

    contrast: float
    width: float

    @property
    def sample(self) -> float:
        return MARGIN + self.contrast + GAP

    @property
    def persons(self) -> float:
        """Right edge of that column."""
        return self.sample + self.width + GAP + PERSONS

    @property
    def end(self) -> float:
        return self.persons + GAP

    def name(self, row: list[DirectionMark]) -> list[str]:
        """The sample of a row, in lines."""
        return s.wrap(row[0].label, self.width, s.SMALL)

    def heading(self, block: list[list[DirectionMark]]) -> list[str]:
        """The contrast of a block, in lines."""
        return s.wrap(block[0][0].contrast_label, self.contrast, s.BODY, "bold")


def _head(domain: Domain) -> str:
    return "  ".join(filter(None, (domain.section, in_words(domain.domain))))


def _block_height(block: list[list[DirectionMark]], pitch: float, left: _Left) -> float:
    lines = sum(len(left.name(row)) for row in block)
    return max(lines * pitch, len(left.heading(block)) * s.LINE) + 1.0


def _columns(
    ax: Axes, heads: dict[str, str], left: _Left, width_mm: float, top: float, bottom: float
) -> dict[str, float]:
    """Draw the heads and the grid; returns the middle of each column."""
    step = (width_mm - MARGIN - left.end) / max(len(heads), 1)
    middles = {name: left.end + (index + 0.5) * step for index, name in enumerate(heads)}
    for name, text in heads.items():
        ax.add_line(Line2D([middles[name]] * 2, [top, bottom], color=s.FAINT, lw=0.35, zorder=0.4))
        ax.text(middles[name], top - 1.6, text, size=s.SMALL, rotation=90, ha="center", va="bottom")
    for x, text, align in (
        (MARGIN, "Contrast", "left"),
        (left.sample, "Sample", "left"),
        (left.persons, "n", "right"),
    ):
        s.say(ax, x, top - 2.6, text, weight="bold", align=align)
    ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [top, top], color=s.INK, lw=0.8))
    return middles


def _block(
    ax: Axes,
    block: list[list[DirectionMark]],
    y: float,
    pitch: float,
    left: _Left,
    columns: dict[str, float],
) -> None:
    """The samples of one contrast."""
    s.lines(ax, MARGIN, y + 0.5, left.heading(block), weight="bold")
    middle = y + 0.5 + pitch / 2
    for row in block:
        names = left.name(row)
        for index, line in enumerate(names):
            s.say(ax, left.sample, middle + index * pitch, line, size=s.SMALL)
        s.say(ax, left.persons, middle, _persons(row), size=s.SMALL, align="right")
        for domain, cell in groupby(row, key=lambda mark: mark.domain):
            here = list(cell)
            for place, mark in enumerate(here):
                _mark(ax, mark, columns[domain] + (place - (len(here) - 1) / 2) * BESIDE, middle)
        middle += len(names) * pitch


def _persons(row: list[DirectionMark]) -> str:
    """Persons behind the marks of a row; a range where they differ."""
    known = [mark.n for mark in row if mark.n is not None]
    return "\N{EN DASH}".join(dict.fromkeys((str(min(known)), str(max(known))))) if known else "?"


def _mark(ax: Axes, mark: DirectionMark, x: float, y: float) -> None:
    half = next(half for least, half, _ in SIZES if (mark.n or 0) >= least)
    if mark.rung == "unusable":
        m.cross(ax, x, y).set_gid(mark.mark_id)
    else:
        m.pointer(ax, mark.verdict, x, y, known=mark.sense == "better", half=half).set_gid(mark.mark_id)
    if mark.findings > 1:
        s.say(ax, x + half + 0.35, y + 0.3, str(mark.findings), size=s.SMALL)


def _signs() -> list[Entry]:
    """What the marks mean."""
    pointers = [
        Entry(lambda ax, x, y, way=way, known=known: m.pointer(ax, way, x, y, known=known), words)
        for way, known, words in LEGEND
    ]
    return [*pointers, Entry(m.cross, "nothing usable is known")]


def _sizes() -> list[Entry]:
    """What their sizes mean, and the numbers beside them."""
    sizes = [
        Entry(lambda ax, x, y, half=half: m.pointer(ax, "up", x, y, known=False, half=half), words)
        for _, half, words in reversed(SIZES)
    ]
    two = Entry(
        lambda ax, x, y: s.say(ax, x, y, "2", size=s.SMALL, align="center"), "number of findings, where several"
    )
    return [*sizes, two]
