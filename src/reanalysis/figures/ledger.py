"""The claim ledger: each claim of the review stands in the row of its section and the column of its verdict."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.columns import band
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.ledger_table import SIGNS, LedgerMark
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.schema.vocabulary import VERDICTS

MARGIN = 4.0
SECTION, WIDEST = 8.0, 24.0  # mm, column of the sections: by their names within these limits
NAME = 0.18  # share of the width: column of their titles
GAP = 1.4  # mm between columns
HEAD = 17.0  # mm, length of the heads of the columns
HIGH, STEP = 2.4, 2.75  # mm, height of a mark, and from line to line
INNER, APART = 0.5, 0.7  # mm, beside the id in its mark, and between marks
PAD = 0.7  # mm above and below the marks of a row
COLOURS = {
    "supported": s.BLUE,
    "supported but fragile": s.BLUE,
    "mixed": s.GREEN,
    "no difference shown": s.GREEN,
    "not supported": s.ORANGE,
    "contradicted": s.ORANGE,
}  # any other verdict does not judge the claim: grey
MEANINGS = {
    s.BLUE: "the evidence agrees",
    s.GREEN: "both ways, or no difference",
    s.ORANGE: "the evidence disagrees",
    s.SOFT: "no evidence that could decide",
}
TITLE = "What the evidence says of each claim of the review"
SUBTITLE = (
    "Each mark is a claim that could be tested, by section and recomputed verdict; statements of background are left "
    "out. Not testable is no judgement of the claim."
)
NOTE = "Letters beside a claim, whatever its verdict: "
NOTE += f"{', '.join(f'{sign} {words}' for sign, words in SIGNS.items())} another."

Row = dict[str, list[LedgerMark]]  # the marks of a section by their verdict


def draw_ledger(marks: list[LedgerMark], width_mm: float) -> Figure:
    """Draw the marks; every verdict has its column, also one that no claim got."""
    rows = [_by_verdict(list(members)) for _, members in groupby(marks, key=lambda mark: mark.section)]
    edges, parts = (MARGIN, width_mm - MARGIN), ([*_kinds(), *_meanings()], NOTE)
    with mpl.rc_context(s.RC):
        longest = max((s.text_width(_first(row).section, s.SMALL) for row in rows), default=0.0)
        aside = min(max(SECTION, longest + 1.0), WIDEST)
        left = MARGIN + aside + NAME * width_mm + GAP
        wide = _shares(rows, width_mm - MARGIN - left - GAP * (len(VERDICTS) - 1))
        top = heading_height(TITLE, SUBTITLE, width_mm, MARGIN) + HEAD + s.LINE + 1.0
        titles = [s.wrap(_first(row).title, NAME * width_mm, s.SMALL) for row in rows]
        names = [s.wrap(_first(row).section, aside - 0.9, s.SMALL) for row in rows]
        heights = [
            max(_lines(row, wide) * STEP, max(len(name), len(title)) * 0.85 * s.LINE) + 2 * PAD
            for row, name, title in zip(rows, names, titles, strict=True)
        ]
        fig, ax = s.page(width_mm, top + sum(heights) + 2.0 + legend_height(parts, *edges) + MARGIN)
        heading(ax, TITLE, SUBTITLE, width_mm, MARGIN)
        places = _columns(ax, wide, left, marks, top)
        s.say(ax, MARGIN, top - 2.4, "Section", size=s.SMALL, weight="bold")
        y = top
        for index, (row, name, title, height) in enumerate(zip(rows, names, titles, heights, strict=True)):
            if index % 2:
                band(ax, *edges, y, height)
            for line, words in enumerate(name):
                s.say(ax, MARGIN, y + PAD + STEP / 2 + line * 0.85 * s.LINE, words, size=s.SMALL, colour=s.SOFT)
            s.lines(ax, MARGIN + aside, y + PAD - 0.1, title, size=s.SMALL, step=0.85)
            for verdict, members in row.items():
                for line, packed in enumerate(_packed(members, wide[verdict])):
                    x = places[verdict]
                    for mark in packed:
                        _chip(ax, mark, x, y + PAD + (line + 0.5) * STEP)
                        x += _wide(mark) + APART
            y += height
        ax.add_line(Line2D(edges, [y, y], color=s.INK, lw=0.6))
        legend(ax, parts, y + 2.0, *edges)
        return fig


def _by_verdict(members: list[LedgerMark]) -> Row:
    return {verdict: own for verdict in VERDICTS if (own := [mark for mark in members if mark.verdict == verdict])}


def _first(row: Row) -> LedgerMark:
    return next(iter(row.values()))[0]


def _box(mark: LedgerMark) -> float:
    """Width of the box around the id of a claim, in millimetres."""
    return s.text_width(mark.mark_id, s.SMALL, "bold") + 2 * INNER


def _wide(mark: LedgerMark) -> float:
    """Width of a mark, its signs included."""
    return _box(mark) + (s.text_width(mark.signs, s.SMALL) + 0.3 if mark.signs else 0.0)


def _packed(members: list[LedgerMark], room: float) -> list[list[LedgerMark]]:
    """Marks in lines no longer than the room."""
    lines: list[list[LedgerMark]] = [[]]
    taken = 0.0
    for mark in members:
        if lines[-1] and taken + _wide(mark) > room:
            lines.append([])
            taken = 0.0
        lines[-1].append(mark)
        taken += _wide(mark) + APART
    return lines


def _lines(row: Row, wide: dict[str, float]) -> int:
    """Lines that the longest cell of a row takes."""
    return max(len(_packed(members, wide[verdict])) for verdict, members in row.items())


def _shares(rows: list[Row], room: float) -> dict[str, float]:
    """Widths of the columns: one mark each, then one more wherever that saves the most lines."""
    wide = one = {
        verdict: max((_wide(mark) for row in rows for mark in row.get(verdict, ())), default=6.0)
        for verdict in VERDICTS
    }

    def lines(verdict: str) -> int:
        wider = wide | {verdict: wide[verdict] + one[verdict] + APART}
        return sum(_lines(row, wider) for row in rows)

    while fitting := [verdict for verdict in VERDICTS if sum(wide.values()) + one[verdict] + APART <= room]:
        best = min(fitting, key=lines)
        wide = wide | {best: wide[best] + one[best] + APART}
    return wide


def _columns(ax: Axes, wide: dict[str, float], left: float, marks: list[LedgerMark], top: float) -> dict[str, float]:
    """Draw the heads of the columns, with the number of claims; returns where each column begins."""
    places = {}
    for verdict in VERDICTS:
        places[verdict] = left
        count = sum(mark.verdict == verdict for mark in marks)
        words = "\n".join(s.wrap(verdict, HEAD, s.SMALL, "bold"))
        look = {"size": s.SMALL, "weight": "bold", "color": COLOURS.get(verdict, s.SOFT), "linespacing": 1.1}
        ax.text(left, top - s.LINE - 1.4, words, rotation=90, ha="left", va="bottom", **look)
        s.say(ax, left, top - 2.4, str(count), size=s.SMALL)
        ax.add_line(Line2D([left, left + wide[verdict]], [top, top], color=s.INK, lw=0.8))
        left += wide[verdict] + GAP
    return places


def _chip(ax: Axes, mark: LedgerMark, x: float, y: float) -> None:
    """The claim's id in a box, filled for a core claim, with its signs behind."""
    colour, core, wide = COLOURS.get(mark.verdict, s.SOFT), mark.core, _box(mark)
    ax.add_patch(
        Rectangle((x, y - HIGH / 2), wide, HIGH, fc=colour if core else s.PAPER, ec=colour, lw=0.5, gid=mark.mark_id)
    )
    paint = {"colour": s.PAPER, "weight": "bold"} if core else {}
    s.say(ax, x + wide / 2, y, mark.mark_id, size=s.SMALL, align="center", **paint)
    if mark.signs:
        s.say(ax, x + wide + 0.3, y, mark.signs, size=s.SMALL)


def _kinds() -> list[Entry]:
    """Filled and open marks."""
    return [
        Entry(lambda ax, x, y: _patch(ax, x, y, s.SOFT), "core: the conclusion of the review rests on it", 2.6),
        Entry(lambda ax, x, y: _patch(ax, x, y, s.PAPER), "other claim", 2.6),
    ]


def _patch(ax: Axes, x: float, y: float, fill: str) -> None:
    ax.add_patch(Rectangle((x - 2.6, y - HIGH / 2), 5.2, HIGH, fc=fill, ec=s.SOFT, lw=0.5))


def _meanings() -> list[Entry]:
    """Colours of marks."""
    return [
        Entry(lambda ax, x, y, c=c: ax.add_patch(Rectangle((x - 1.2, y - HIGH / 2), 2.4, HIGH, color=c, lw=0)), words)
        for c, words in MEANINGS.items()
    ]
