"""The effect direction plot (Hilton Boon & Thomson 2021): samples by outcomes, an arrow for what their findings say.

Filled arrows are better or worse for the person, open ones higher or lower where neither is known to be better. Their
size follows the number of participants, and the ground of a row the judgement of its study, where there is one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from string import ascii_uppercase

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, block, widest
from reanalysis.figures.effect_direction_table import DirectionMark, columns_of
from reanalysis.figures.legend import Entry, Part, legend, legend_height
from reanalysis.figures.verdicts import WORDS
from reanalysis.text import listed, p_value

MARGIN, GAP, N = 2.0, 2.0, 10.0  # mm
STUDY = 44.0  # mm, the longest name of a study before it wraps
STEP = 22.0  # mm between columns, at most
ROW, LEAD = 3.9, 2.6  # mm: least height of a row, distance of lines of text
LINES, SLANT = 4, 2  # lines of the name of an outcome, and where it is slanted
ANGLES = (60, 75, 90)  # degrees: the first that keeps names apart
TALL = range(20, 60, 2)  # mm, lengths of a slanted name: the least that holds all
SAME = 1e-9  # of a cosine: upright
TOPICS = 3.4  # mm, the letters of topics above their columns
MIXED = 0.6  # of half the height of a mark: what two heads are wider than one
BESIDE = 3.4  # mm between marks of one cell
SIZES = (  # participants, half height in mm
    (300, 1.55, "300 participants or more"),
    (50, 1.05, "50 to 299"),
    (0, 0.6, "under 50"),
)
NOT_REPORTED, MIDDLE = "NR", 1  # a number of participants, and the size of its mark
SEVERAL = "Small number: results (arms, conditions or measures) behind a symbol, where several."
TESTED = (
    "Sign test: two-sided, exact, over the samples of a column that have a direction; those that may share "
    "participants count once."
)


def draw_effect_direction(marks: list[DirectionMark], order: Sequence[str], width_mm: float) -> Figure:
    """Draw the marks of one figure; `order` is that of the domains."""
    heads, named = columns_of(marks, list(order)), [mark for mark in marks if not mark.mark_id]
    marks = [mark for mark in marks if mark.mark_id]
    blocks = [
        [list(row) for _, row in groupby(members, key=lambda mark: mark.sample_id)]
        for _, members in groupby(marks, key=lambda mark: mark.contrast)
    ]
    topics = _topics(heads)
    parts = _parts(marks, named, topics)
    with mpl.rc_context(s.RC):
        study = min(widest((mark.label for mark in marks), s.SMALL) + 0.1, STUDY)
        left = MARGIN + 1.0 + study + GAP + N + GAP
        names = _Names.of([head.outcome_label for head in heads], width_mm - MARGIN - left)
        width = max(left + names.width + MARGIN, min(s.WIDER, width_mm))
        edges = MARGIN, width - MARGIN
        columns = {head.column: left + (index + 0.5) * names.step for index, head in enumerate(heads)}
        above = TOPICS if topics else 0.0
        top = MARGIN + names.height + above + 2.0
        page = _Page(study, left - GAP, columns, names.step, _grounds(marks))
        heights = [_block_height(members, page) for members in blocks]
        bottom = top + sum(heights)
        fig, ax = s.page(width, bottom + 2.0 + legend_height(parts, *edges) + MARGIN)
        names.draw(ax, columns.values(), top - above - 1.2)
        _letters(ax, topics, page, top)
        _heads(ax, page, top, bottom, edges)
        y = top
        for members, height in zip(blocks, heights, strict=True):
            _block(ax, members, y, page, edges)
            y += height
        ax.add_line(Line2D(edges, [y, y], color=s.INK, lw=0.6))
        legend(ax, parts, y + 2.0, *edges)
        return fig


@dataclass(frozen=True)
class _Names:
    """The names of the columns, in lines: across, or at an angle where columns are narrow; all in millimetres."""

    lines: list[list[str]]
    step: float
    angle: int
    height: float
    width: float

    @classmethod
    def of(cls, labels: list[str], room: float) -> _Names:
        step = min(STEP, room / len(labels))
        across = [s.wrap(label, step - 1.5, s.SMALL) for label in labels]
        whole = {word for label in labels for word in label.split()}
        if max(map(len, across)) <= LINES and widest(whole, s.SMALL) <= step - 1.5:
            return cls(across, step, 0, max(map(len, across)) * LEAD, step * len(labels))
        wrapped = [[s.wrap(one, tall, s.SMALL) for one in labels] for tall in TALL]
        turned = next((lines for lines in wrapped if max(map(len, lines)) <= SLANT), wrapped[-1])
        longest = max(widest(lines, s.SMALL) for lines in turned)
        for angle in ANGLES:
            high, along = math.sin(math.radians(angle)), math.cos(math.radians(angle))
            overhang = longest * along + LEAD * (along > SAME)
            step = min(STEP / 2, (room - overhang) / len(labels))
            if step * high >= max(map(len, turned)) * LEAD:
                break
        return cls(turned, step, angle, longest * high + LEAD, step * len(labels) + overhang)

    def draw(self, ax: Axes, middles: Sequence[float], bottom: float) -> None:
        """Write the names above their columns."""
        down, right = (of(math.radians(self.angle)) * LEAD for of in (math.cos, math.sin))
        for lines, x in zip(self.lines, middles, strict=True):
            for index, line in enumerate(lines):
                if self.angle:
                    place = index - (len(lines) - 1) / 2
                    look = {"rotation": self.angle, "rotation_mode": "anchor", "va": "center_baseline"}
                    ax.text(x + down / 3 + place * right, bottom - 0.7 + place * down, line, size=s.SMALL, **look)
                else:
                    s.say(ax, x, bottom - (len(lines) - index - 0.5) * LEAD, line, size=s.SMALL, align="center")


@dataclass(frozen=True)
class _Page:
    """In millimetres: width of the names, right edge of the numbers of participants, middles of the columns, a step.

    `grounds` are the colours of rows by judgement.
    """

    study: float
    n: float
    columns: dict[tuple[str, str], float]
    step: float
    grounds: dict[str, str]

    def name(self, row: list[DirectionMark]) -> list[str]:
        """The sample of a row, in lines."""
        return s.wrap(row[0].label, self.study, s.SMALL)

    def height(self, row: list[DirectionMark]) -> float:
        """Height of a row."""
        return ROW + (len(self.name(row)) - 1) * LEAD


def _topics(heads: list[DirectionMark]) -> list[list[DirectionMark]]:
    """The columns of each topic; none where each topic has one column, or all have the same."""
    found = [list(own) for _, own in groupby(heads, key=lambda head: head.domain)]
    return found if 1 < len(found) < len(heads) else []


def _letters(ax: Axes, topics: list[list[DirectionMark]], page: _Page, top: float) -> None:
    """A letter for each topic on a line over its columns."""
    for letter, own in zip(ascii_uppercase, topics, strict=False):
        ends = [page.columns[own[0].column] - page.step / 2 + 0.5, page.columns[own[-1].column] + page.step / 2 - 0.5]
        y = top - TOPICS
        ax.add_line(Line2D(ends, [y, y], color=s.INK, lw=0.6))
        s.say(ax, sum(ends) / 2, y + 1.7, letter, size=s.SMALL, weight="bold", align="center")


def _tests(members: list[list[DirectionMark]]) -> dict[tuple[str, str], float]:
    """The p of the sign test of each column of a block that has one."""
    return {mark.column: mark.pval for row in members for mark in row if mark.pval is not None}


def _block_height(members: list[list[DirectionMark]], page: _Page) -> float:
    return BLOCK + sum(map(page.height, members)) + (ROW if _tests(members) else 0.0)


def _heads(ax: Axes, page: _Page, top: float, bottom: float, edges: tuple[float, float]) -> None:
    for x in page.columns.values():
        ax.add_line(Line2D([x, x], [top, bottom], color=s.FAINT, lw=0.35, zorder=0.4))
    s.say(ax, MARGIN + 1.0, top - 1.8, "Study", size=s.SMALL, weight="bold")
    s.say(ax, page.n, top - 1.8, "n", size=s.SMALL, weight="bold", align="right")
    ax.add_line(Line2D(edges, [top, top], color=s.INK, lw=0.8))


def _block(ax: Axes, members: list[list[DirectionMark]], y: float, page: _Page, edges: tuple[float, float]) -> None:
    """The samples of one contrast, and the sign tests over them."""
    block(ax, members[0][0].contrast_label, *edges, y)
    y += BLOCK
    for row in members:
        height, middle = page.height(row), y + ROW / 2
        if ground := page.grounds.get(row[0].appraisal):
            ax.add_patch(Rectangle((edges[0], y), edges[1] - edges[0], height, fc=ground, ec="none", zorder=0.3))
        for index, line in enumerate(page.name(row)):
            s.say(ax, MARGIN + 1.0, middle + index * LEAD, line, size=s.SMALL)
        s.say(ax, page.n, middle, _participants(row), size=s.SMALL, align="right")
        for column, cell in groupby(row, key=lambda mark: mark.column):
            here = list(cell)
            for place, mark in enumerate(here):
                _mark(ax, mark, page.columns[column] + (place - (len(here) - 1) / 2) * BESIDE, middle)
        y += height
    if tests := _tests(members):
        s.say(ax, MARGIN + 1.0, y + ROW / 2, "Sign test", size=s.SMALL, style="italic")
        for column, p in tests.items():
            words, x = p_value(p), page.columns[column]
            wide = s.text_width(words, s.SMALL) / 2 + 0.3
            ax.add_patch(Rectangle((x - wide, y + 0.4), 2 * wide, ROW - 0.8, fc=s.PAPER, ec="none", zorder=0.5))
            s.say(ax, x, y + ROW / 2, words, size=s.SMALL, align="center")


def _participants(row: list[DirectionMark]) -> str:
    """Participants behind the marks of a row; a range where they differ."""
    known = [mark.n for mark in row if mark.n is not None]
    return "\N{EN DASH}".join(dict.fromkeys((str(min(known)), str(max(known))))) if known else NOT_REPORTED


def _half(n: int | None) -> float:
    """Half the height of a mark of so many participants."""
    return SIZES[MIDDLE][1] if n is None else next(half for least, half, _ in SIZES if n >= least)


def _mark(ax: Axes, mark: DirectionMark, x: float, y: float) -> None:
    half = _half(mark.n)
    _symbol(ax, mark.symbol, mark.sense, x, y, half).set_gid(mark.mark_id)
    if mark.findings > 1:
        beside = half + 0.3 + (MIXED * half if mark.verdict == "mixed" else 0.0)
        s.say(ax, x + beside, y - 0.6, str(mark.findings), size=s.SMALL)


def _symbol(ax: Axes, symbol: str, sense: str, x: float, y: float, half: float) -> Artist:
    """A symbol of a sample: filled where it is known what is better."""
    match symbol:
        case "not usable":
            return m.cross(ax, x, y)
        case "no difference":
            return m.pointer(ax, "none", x, y, filled=False)
        case "disagree":
            return m.pointer(ax, "mixed", x, y, filled=sense == "better", half=half)
    way = "up" if symbol in ("better", "higher") else "down"
    return m.pointer(ax, way, x, y, filled=sense == "better", half=half)


def _parts(marks: list[DirectionMark], named: list[DirectionMark], topics: list[list[DirectionMark]]) -> list[Part]:
    """What the symbols, their sizes and the grounds of rows mean, and what is not drawn."""
    present = {mark.symbol: mark.sense for mark in sorted(marks, key=lambda mark: mark.sense, reverse=True)}
    symbols = [_entry(name, present[name], words) for name, words in WORDS.items() if name in present]
    sizes = []
    for index, (_, half, words) in reversed(list(enumerate(SIZES))):
        unknown = index == MIDDLE and any(mark.n is None for mark in marks)
        sizes.append(_entry("higher", "higher", f"{words}, or not reported (NR)" if unknown else words, half))
    judged = _grounds(marks)
    tool = next((mark.appraisal_tool for mark in marks if mark.appraisal_tool), "")
    grounds = [Entry(_Ground(colour), f"{tool}: {words}", 2.0) for words, colour in judged.items()]
    letters = (f"{letter}, {own[0].title}" for letter, own in zip(ascii_uppercase, topics, strict=False))
    notes = [
        f"{'; '.join(letters)}." if topics else "",
        SEVERAL if any(mark.findings > 1 for mark in marks) else "",
        TESTED if any(mark.pval is not None for mark in marks) else "",
        f"Without a column, since their only result is not usable: {listed(map(_named, named))}." if named else "",
    ]
    return [symbols, sizes, *([grounds] if grounds else []), *filter(None, notes)]


def _named(mark: DirectionMark) -> str:
    return f"{mark.outcome_label} ({mark.label})"


def _entry(symbol: str, sense: str, words: str, half: float = SIZES[MIDDLE][1]) -> Entry:
    return Entry(lambda ax, x, y: _symbol(ax, symbol, sense, x, y, half), words)


@dataclass(frozen=True)
class _Ground:
    """The ground of rows as it stands in a legend."""

    colour: str

    def __call__(self, ax: Axes, x: float, y: float) -> None:
        ax.add_patch(Rectangle((x - 2.0, y - 1.2), 4.0, 2.4, fc=self.colour, ec=s.SOFT, lw=0.4))


def _grounds(marks: list[DirectionMark]) -> dict[str, str]:
    """Colours of judgements, the best first: by their level, or where the tool has none by their score."""
    judged = {mark.appraisal: mark.appraisal_level for mark in marks if mark.appraisal}
    if all(judged.values()):
        return {words: s.QUALITY[level] for words, level in sorted(judged.items(), key=lambda one: _place(one[1]))}
    if not all(words.isdecimal() for words in judged):
        return {}
    scores = sorted(judged, key=int, reverse=True)
    last = max(len(scores) - 1, 1)
    return {score: s.SCORES[round(place * (len(s.SCORES) - 1) / last)] for place, score in enumerate(scores)}


def _place(level: str) -> int:
    return list(s.QUALITY).index(level)
