"""The claim ledger: each claim of the review stands in the row of its section and the column of its verdict."""

from __future__ import annotations

from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.ledger_table import SIGNS, LedgerMark
from reanalysis.schema.vocabulary import VERDICTS

MARGIN = 4.0
TITLE, FOOT = 14.0, 16.0  # mm
SECTION, NAME = 7.5, 33.0  # mm, columns of text on the left
GAP = 1.6  # mm between columns
HEAD = 15.0  # mm, length of the heads of the columns
CHIP, HIGH, STEP = 7.8, 2.35, 2.75  # mm, width and height of a mark, and from line to line
SIZE, SIGN = 5.2, 4.6  # points, of a claim and of its signs
PAD = 0.9  # mm above and below the marks of a row
COLOURS = {
    "supported": s.BLUE,
    "supported but fragile": s.BLUE,
    "mixed": s.GREEN,
    "no difference shown": s.GREEN,
    "not supported": s.ORANGE,
    "contradicted": s.ORANGE,
}  # any other verdict does not judge the content: grey

Row = dict[str, list[LedgerMark]]  # the marks of a section by their verdict


def draw_ledger(marks: list[LedgerMark], width_mm: float) -> Figure:
    """Draw the marks; every verdict has its column, also one that no claim got."""
    rows = [_by_verdict(list(members)) for _, members in groupby(marks, key=lambda mark: mark.section)]
    with mpl.rc_context(s.RC):
        left = MARGIN + SECTION + NAME + GAP
        wide = _shares(rows, int((width_mm - MARGIN - left - GAP * (len(VERDICTS) - 1)) / CHIP))
        heads = {verdict: s.wrap(verdict, HEAD, s.SMALL, "bold") for verdict in VERDICTS}
        top = TITLE + HEAD + s.LINE + 1.0
        titles = [s.wrap(_first(row).title, NAME, s.SMALL) for row in rows]
        heights = [
            max(_lines(row, wide) * STEP, len(title) * 0.85 * s.LINE) + 2 * PAD
            for row, title in zip(rows, titles, strict=True)
        ]
        fig, ax = s.page(width_mm, top + sum(heights) + FOOT)
        s.say(ax, MARGIN, 5.5, "What the evidence says of each claim of the review", size=s.HEAD, weight="bold")
        subtitle = "Each mark is a claim, by section and recomputed verdict. Not testable is no judgement of the claim."
        s.say(ax, MARGIN, 10.0, subtitle, colour=s.SOFT)
        places = _columns(ax, heads, wide, left, marks, top)
        s.say(ax, MARGIN, top - 2.4, "Section", size=s.SMALL, weight="bold")
        y = top
        for index, (row, title, height) in enumerate(zip(rows, titles, heights, strict=True)):
            if index % 2:
                ax.add_patch(Rectangle((MARGIN, y), width_mm - 2 * MARGIN, height, color=s.BAND, lw=0, zorder=0.2))
            s.say(ax, MARGIN, y + PAD + STEP / 2, _first(row).section, size=s.SMALL, colour=s.SOFT)
            s.lines(ax, MARGIN + SECTION, y + PAD - 0.1, title, size=s.SMALL, step=0.85)
            for verdict, members in row.items():
                for place, mark in enumerate(members):
                    line, column = divmod(place, wide[verdict])
                    _chip(ax, mark, places[verdict] + column * CHIP, y + PAD + (line + 0.5) * STEP)
            y += height
        ax.add_line(Line2D([MARGIN, width_mm - MARGIN], [y, y], color=s.INK, lw=0.6))
        _legend(ax, y + 4.5)
        return fig


def _by_verdict(members: list[LedgerMark]) -> Row:
    return {verdict: own for verdict in VERDICTS if (own := [mark for mark in members if mark.verdict == verdict])}


def _first(row: Row) -> LedgerMark:
    return next(iter(row.values()))[0]


def _lines(row: Row, wide: dict[str, int]) -> int:
    """Lines that the longest cell of a row takes."""
    return max(-(-len(members) // wide[verdict]) for verdict, members in row.items())


def _shares(rows: list[Row], room: int) -> dict[str, int]:
    """Marks side by side in each column: one, then one more wherever that saves the most lines."""
    wide = dict.fromkeys(VERDICTS, 1)
    for _ in range(room - len(wide)):
        wider = {verdict: wide | {verdict: wide[verdict] + 1} for verdict in wide}
        wide = wider[min(wider, key=lambda verdict: sum(_lines(row, wider[verdict]) for row in rows))]
    return wide


def _columns(
    ax: Axes, heads: dict[str, list[str]], wide: dict[str, int], left: float, marks: list[LedgerMark], top: float
) -> dict[str, float]:
    """Draw the heads of the columns, with the number of claims; returns where each column begins."""
    places = {}
    for verdict, words in heads.items():
        places[verdict] = left
        count = sum(mark.verdict == verdict for mark in marks)
        look = {"size": s.SMALL, "weight": "bold", "color": COLOURS.get(verdict, s.SOFT), "linespacing": 1.1}
        ax.text(left, top - s.LINE - 1.4, "\n".join(words), rotation=90, ha="left", va="bottom", **look)
        s.say(ax, left, top - 2.4, str(count), size=s.SMALL)
        end = left + wide[verdict] * CHIP
        ax.add_line(Line2D([left, end - 0.3], [top, top], color=s.INK, lw=0.8))
        left = end + GAP
    return places


def _chip(ax: Axes, mark: LedgerMark, x: float, y: float) -> None:
    """The claim's id in a box, filled for a core claim, with its signs behind."""
    colour, core = COLOURS.get(mark.verdict, s.SOFT), mark.core == "yes"
    wide = CHIP - 2.3
    ax.add_patch(
        Rectangle((x, y - HIGH / 2), wide, HIGH, fc=colour if core else s.PAPER, ec=colour, lw=0.5, gid=mark.mark_id)
    )
    paint = {"colour": s.PAPER, "weight": "bold"} if core else {}
    s.say(ax, x + wide / 2, y, mark.mark_id, size=SIZE, align="center", **paint)
    if mark.signs:
        s.say(ax, x + wide + 0.2, y - 0.5, mark.signs, size=SIGN)


def _legend(ax: Axes, y: float) -> None:
    entries = ((True, "core: the conclusion of the review rests on it"), (False, "other claim"))
    x = MARGIN
    for core, text in entries:
        paint = {"fc": s.SOFT if core else s.PAPER, "ec": s.SOFT}
        ax.add_patch(Rectangle((x, y - HIGH / 2), CHIP - 2.3, HIGH, lw=0.5, **paint))
        s.say(ax, x + CHIP - 1.3, y, text, size=s.SMALL)
        x += CHIP + s.text_width(text, s.SMALL) + 3.0
    x, y = MARGIN, y + 4.0
    for colour, text in (
        (s.BLUE, "the evidence agrees"),
        (s.GREEN, "both ways, or no difference"),
        (s.ORANGE, "the evidence disagrees"),
        (s.SOFT, "the content is not judged"),
    ):
        ax.add_patch(Rectangle((x, y - HIGH / 2), 2.4, HIGH, color=colour, lw=0))
        s.say(ax, x + 3.4, y, text, size=s.SMALL)
        x += s.text_width(text, s.SMALL) + 6.5
    signs = ", ".join(f"{sign} {words}" for sign, words in SIGNS.items())
    s.say(ax, MARGIN, y + 4.0, f"Letters beside a claim, whatever its verdict: {signs} another.", size=s.SMALL)
