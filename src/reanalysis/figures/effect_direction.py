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
from matplotlib.patches import Circle, Polygon

from reanalysis.figures import style as s
from reanalysis.figures.effect_direction_table import DirectionMark
from reanalysis.schema.raw import Domain
from reanalysis.schema.vocabulary import CONTRASTS, in_words

MARGIN = 4.0
CONTRAST, PERSONS, GAP = 35.0, 9.0, 2.0  # mm, columns of text and the space between them
TITLE, FOOT = 13.0, 16.5  # mm, above the column heads and below the rows
PAGE = 250.0  # mm that a page of a journal can hold: rows close up towards it
TIGHT, LOOSE = 2.3, 3.2  # mm, height of a row
BESIDE = 2.7  # mm between marks of one cell
SIZES = (  # persons, half height in mm
    (300, 1.3, "300 persons or more"),
    (50, 1.05, "50 to 299 persons"),
    (0, 0.8, "under 50, or n not known"),
)

LEGEND = (
    (("up", "better"), "better"),
    (("down", "better"), "worse"),
    (("mixed", "better"), "findings of the sample disagree"),
    (("none", "bounded"), "no sign, but bounds around zero"),
    (("up", "higher"), "higher, or positive association"),
    (("down", "higher"), "lower, or negative association"),
    (("mixed", "higher"), "one outcome, higher and lower"),
    (("none", "unusable"), "nothing usable is known"),
)


def draw_effect_direction(marks: list[DirectionMark], domains: Mapping[str, Domain], width_mm: float) -> Figure:
    """Draw the marks; `domains` gives the columns their order and section. Domains without a mark are named below."""
    shown = [name for name in domains if any(mark.domain == name for mark in marks)]
    missing = [in_words(name) for name in domains if name not in shown]
    blocks = [
        [list(row) for _, row in groupby(block, key=lambda mark: mark.sample_id)]
        for _, block in groupby(marks, key=lambda mark: mark.contrast)
    ]
    with mpl.rc_context(s.RC):
        heads = {name: _head(domains[name]) for name in shown}
        top = TITLE + max((s.text_width(head, s.SMALL) for head in heads.values()), default=0.0) + 3.0
        left = _Left(max((s.text_width(mark.label, s.SMALL) for mark in marks), default=0.0))
        note = f"No finding is known of: {', '.join(missing)}." if missing else ""
        note = s.wrap(note, width_mm - 2 * MARGIN, s.SMALL)
        fixed = top + FOOT + len(note) * s.LINE
        pitch = min(LOOSE, max(TIGHT, (PAGE - fixed) / max(sum(len(block) for block in blocks) + len(blocks), 1)))
        heights = [_block_height(block, pitch) for block in blocks]
        fig, ax = s.page(width_mm, fixed + sum(heights))
        s.say(ax, MARGIN, 5.5, "Direction of effects", size=s.HEAD, weight="bold")
        subtitle = (
            "Each row is a sample in one contrast; excluded codings are left out. Directions only, never significance."
        )
        s.say(ax, MARGIN, 10.0, subtitle, colour=s.SOFT)
        columns = _columns(ax, heads, left, width_mm, top, top + sum(heights))
        y = top
        for block, height in zip(blocks, heights, strict=True):
            _block(ax, block, y, pitch, left, columns)
            y += height
            ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [y, y], color=s.FAINT, lw=0.6))
        s.lines(ax, MARGIN, _legend(ax, y + 4.0, width_mm), note, size=s.SMALL, colour=s.SOFT)
        return fig


@dataclass(frozen=True)
class _Left:
    """Where the columns of text stand, given the longest name of a sample."""

    longest: float

    @property
    def sample(self) -> float:
        return MARGIN + CONTRAST + GAP

    @property
    def persons(self) -> float:
        """Right edge of that column."""
        return self.sample + self.longest + GAP + PERSONS

    @property
    def end(self) -> float:
        return self.persons + GAP


def _head(domain: Domain) -> str:
    section = "added" if domain.section == "added" else domain.section
    return f"{section}  {in_words(domain.domain)}"


def _block_height(block: list[list[DirectionMark]], pitch: float) -> float:
    words = s.wrap(CONTRASTS[block[0][0].contrast].label, CONTRAST, s.BODY, "bold")
    return max(len(block) * pitch, len(words) * s.LINE) + 1.0


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
    words = s.wrap(CONTRASTS[block[0][0].contrast].label, CONTRAST, s.BODY, "bold")
    s.lines(ax, MARGIN, y + 0.5, words, weight="bold")
    for index, row in enumerate(block):
        middle = y + 0.5 + (index + 0.5) * pitch
        s.say(ax, left.sample, middle, row[0].label, size=s.SMALL)
        s.say(ax, left.persons, middle, _persons(row), size=s.SMALL, align="right")
        for domain, cell in groupby(row, key=lambda mark: mark.domain):
            here = list(cell)
            for place, mark in enumerate(here):
                _mark(ax, mark, columns[domain] + (place - (len(here) - 1) / 2) * BESIDE, middle)


def _persons(row: list[DirectionMark]) -> str:
    """Persons behind the marks of a row; a range where they differ."""
    known = [mark.n for mark in row if mark.n is not None]
    return "\N{EN DASH}".join(dict.fromkeys((str(min(known)), str(max(known))))) if known else "?"


def _mark(ax: Axes, mark: DirectionMark, x: float, y: float) -> None:
    half = next(half for least, half, _ in SIZES if (mark.n or 0) >= least)
    _symbol(ax, mark.verdict, "unusable" if mark.rung == "unusable" else mark.sense, x, y, half, mark.mark_id)
    if mark.findings > 1:
        s.say(ax, x + half + 0.25, y + 0.3, str(mark.findings), size=5.0)


def _symbol(ax: Axes, verdict: str, look: str, x: float, y: float, half: float, gid: str | None = None) -> None:
    """An arrow up or down, two heads that part, a ring, or a cross."""
    colour = {"up": s.BLUE, "down": s.ORANGE}.get(verdict, s.INK) if look == "better" else s.INK
    paint = {"fc": colour if look == "better" else s.PAPER, "ec": colour, "lw": 0.6}
    wide = half * 0.95
    match verdict:
        case "up" | "down":
            tip = -half if verdict == "up" else half
            points = [(x - wide, y - tip), (x + wide, y - tip), (x, y + tip)]
            ax.add_patch(Polygon(points, closed=True, gid=gid, **paint))
        case "mixed":
            for side in (-1, 1):
                points = [(x + side * 0.2, y - 0.75), (x + side * 0.2, y + 0.75), (x + side * (0.2 + wide), y)]
                ax.add_patch(Polygon(points, closed=True, gid=gid if side < 0 else None, **paint))
        case _ if look == "unusable":
            for slope in (-1, 1):
                ends = [y - slope * 0.5, y + slope * 0.5]
                ax.add_line(Line2D([x - 0.5, x + 0.5], ends, color=s.SOFT, lw=0.7, gid=gid if slope < 0 else None))
        case _:
            ax.add_patch(Circle((x, y), 0.6, fc=s.PAPER, ec=s.SOFT, lw=0.7, gid=gid))


def _legend(ax: Axes, y: float, width_mm: float) -> float:
    """What the marks mean, in words; returns where the next line starts."""
    entries = [(verdict, look, 1.05, text) for (verdict, look), text in LEGEND]
    entries += [("up", "higher", half, text) for _, half, text in reversed(SIZES)]
    step = (width_mm - 2 * MARGIN) / 4
    for index, (verdict, look, half, text) in enumerate(entries):
        row, column = divmod(index, 4)
        x, middle = MARGIN + 1.5 + column * step, y + row * 3.6
        _symbol(ax, verdict, look, x, middle, half)
        s.say(ax, x + 2.8, middle, text, size=s.SMALL)
    s.say(ax, x + step - 1.5, middle, "2  number of findings, where several", size=s.SMALL)
    return middle + 2.2
