"""The forest plot of a domain: every finding on its rung, blocks by contrast, models as diamonds.

Everything is laid out in millimetres on one page, so that columns align and nothing can overlap: each row is as high as
its longest wrapped text.
"""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.forest_table import ForestRow
from reanalysis.schema.raw import Domain

PAD = 1.3  # mm, above and below the text of a row
MARGIN = 5.0
GAP = 2.0
ARROW = 2.5  # room for the arrows at the ends of the plot


HEADINGS = {
    "study": "Study",
    "outcome": "Outcome",
    "n": "n",
    "detail": "Dose, assay",
    "effect": "Effect [interval]",
    "weight": "Weight",
}
COLUMNS = {"study": 30.0, "outcome": 37.0, "n": 12.5, "detail": 13.5, "plot": None, "effect": 27.0, "weight": 8.5}


@dataclass(frozen=True)
class _Column:
    """Left edge, width and right edge of a column, in millimetres."""

    left: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


def draw_forest(rows: list[ForestRow], domain: Domain, width_mm: float) -> Figure:
    """Draw the rows of a forest table. An empty table gives a page that says so."""
    section = "Added domain" if domain.section == "added" else f"Section {domain.section} of the review"
    title, subtitle = domain.title, f"{section}. {domain.note[0].upper()}{domain.note[1:]}." if domain.note else section
    with mpl.rc_context(s.RC):
        columns = _columns(width_mm, rows)
        texts = [_texts(row, columns) for row in rows]
        heights = [_height(row, text) for row, text in zip(rows, texts, strict=True)]
        top = _heading_height(title, subtitle, width_mm)
        body = sum(heights) if rows else 12.0
        fig, ax = s.page(width_mm, top + body + (26.0 if rows else MARGIN))
        _heading(ax, title, subtitle, width_mm)
        if not rows:
            s.say(
                ax, MARGIN, top + 4, "No finding of any kind is known for this domain.", colour=s.SOFT, style="italic"
            )
            return fig
        scale = _scale(rows, columns)
        _header(ax, columns, top)
        y = top
        for row, text, height in zip(rows, texts, heights, strict=True):
            _row(ax, row, text, y, height, columns, scale)
            y += height
        m.axis(ax, scale, top, y)
        _legend(ax, y + 13.0, width_mm, rows)
        return fig


def _scale(rows: list[ForestRow], columns: dict[str, _Column]) -> m.Scale:
    ends = (end for row in rows for end in (row.estimate, row.lower, row.upper, row.pi_lower, row.pi_upper))
    return m.Scale.over(ends, columns["plot"].left + ARROW, columns["plot"].width - 2 * ARROW)


def _columns(width: float, rows: list[ForestRow]) -> dict[str, _Column]:
    """The columns from left to right; the plot takes what the text leaves, and no weights need no column."""
    widths = dict(COLUMNS)
    if all(row.weight is None for row in rows):
        del widths["weight"]
    text = sum(part for part in widths.values() if part is not None)
    widths["plot"] = width - 2 * MARGIN - text - GAP * (len(widths) - 1)
    columns, left = {}, MARGIN
    for name, part in widths.items():
        columns[name] = _Column(left, part)
        left += part + GAP
    return columns


def _right(columns: dict[str, _Column]) -> float:
    """Right edge of the page's content."""
    return next(reversed(columns.values())).right


def _texts(row: ForestRow, c: dict[str, _Column]) -> dict[str, list[str]]:
    """Wrapped text of a row's cells."""
    wide = c["plot"].left - c["study"].left - GAP
    match row.kind:
        case "contrast":
            return {"head": s.wrap(row.label, wide, s.BODY + 0.6, "bold")}
        case "group":
            return {"head": s.wrap(row.label, wide, s.BODY, "normal")}
        case "model":
            note = s.wrap(row.note, wide - 3, s.SMALL) if row.note else []
            return {"head": s.wrap(row.label, wide - 3, s.BODY, "bold"), "note": note}
    note = s.wrap(row.note, c["plot"].left - c["outcome"].left - GAP, s.SMALL) if row.note else []
    return {
        "study": s.wrap(row.label, c["study"].width - 3, s.BODY),
        "outcome": s.wrap(row.outcome, c["outcome"].width, s.BODY),
        "n": s.wrap(row.n or "", c["n"].width, s.BODY),
        "detail": s.wrap(row.detail or "", c["detail"].width, s.BODY),
        "note": note,
    }


def _height(row: ForestRow, text: dict[str, list[str]]) -> float:
    beside = len(text.get("study", ()))
    extra = {"contrast": 2.6, "group": 0.6}.get(row.kind, 0.0)
    return max(beside, _above_note(text) + 0.9 * len(text.get("note", ()))) * s.LINE + PAD + extra


def _above_note(text: dict[str, list[str]]) -> int:
    """Lines of the cells that stand above a row's note."""
    return max(len(lines) for name, lines in text.items() if name not in ("note", "study"))


def _row(ax: Axes, row: ForestRow, text: dict, y: float, height: float, c: dict[str, _Column], scale: m.Scale) -> None:
    match row.kind:
        case "contrast":
            ax.add_patch(Rectangle((MARGIN, y + 1.2), _right(c) - MARGIN, height - 1.4, color=s.BAND, lw=0))
            s.lines(ax, c["study"].left + 1, y + 2.6, text["head"], size=s.BODY + 0.6, weight="bold")
            _sides(ax, row, y + 2.6, scale)
        case "group":
            s.lines(ax, c["study"].left + 1, y + 1.0, text["head"], style="italic", colour=s.SOFT)
        case "model":
            _model_row(ax, row, text, y, c, scale)
        case "finding":
            _finding_row(ax, row, text, y, c, scale)


def _finding_row(ax: Axes, row: ForestRow, text: dict, y: float, c: dict[str, _Column], scale: m.Scale) -> None:
    colour = s.INK if row.use == "main" else s.SOFT
    top = y + PAD / 2
    s.lines(ax, c["study"].left + 3, top, text["study"], colour=colour)
    s.lines(ax, c["outcome"].left, top, text["outcome"], colour=colour)
    s.lines(ax, c["n"].right, top, text["n"], colour=colour, align="right")
    s.lines(ax, c["detail"].left, top, text["detail"], colour=colour)
    below = top + _above_note(text) * s.LINE
    s.lines(ax, c["outcome"].left, below, text["note"], size=s.SMALL, colour=s.SOFT, style="italic", step=0.9)
    middle = top + s.LINE / 2
    s.say(ax, c["effect"].left, middle, row.effect, colour=colour)
    if row.weight is not None:
        s.say(ax, c["weight"].right, middle, f"{row.weight:.1f}%", align="right")
    m.effect(ax, row, middle, scale)


def _model_row(ax: Axes, row: ForestRow, text: dict, y: float, c: dict[str, _Column], scale: m.Scale) -> None:
    top = y + PAD / 2
    weight = "normal" if row.use == "other" else "bold"
    s.lines(ax, c["study"].left + 3, top, text["head"], weight=weight)
    s.lines(
        ax, c["study"].left + 3, top + len(text["head"]) * s.LINE, text["note"], size=s.SMALL, colour=s.SOFT, step=0.9
    )
    middle = top + s.LINE / 2
    s.say(ax, c["effect"].left, middle, row.effect, weight=weight)
    if row.estimate is None:  # an all-evidence model whose likelihood has no maximum: there is nothing to draw
        return
    if row.pi_lower is not None:
        m.interval(ax, row.pi_lower, row.pi_upper, middle, scale, s.SAND, width=1.6)
    m.model(ax, row, middle, scale)


def _sides(ax: Axes, row: ForestRow, y: float, scale: m.Scale) -> None:
    """What left and right of zero mean in this block."""
    zero = scale.x(0)
    how = {"size": s.SMALL, "colour": s.SOFT}
    s.say(ax, zero - 1.2, y + s.LINE / 2, f"\N{LEFTWARDS ARROW} {row.left}", align="right", **how)
    s.say(ax, zero + 1.2, y + s.LINE / 2, f"{row.right} \N{RIGHTWARDS ARROW}", **how)


def _header(ax: Axes, c: dict[str, _Column], top: float) -> None:
    y = top - 2.6
    for name, text in HEADINGS.items():
        if name in c:
            right = name in ("n", "weight")
            s.say(
                ax, c[name].right if right else c[name].left, y, text, weight="bold", align="right" if right else "left"
            )
    ax.add_line(Line2D([MARGIN, _right(c)], [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _heading_height(title: str, subtitle: str, width: float) -> float:
    lines = len(s.wrap(title, width - 2 * MARGIN, s.HEAD, "bold"))
    small = len(s.wrap(subtitle, width - 2 * MARGIN, s.BODY))
    return 5.0 + lines * 4.0 + small * s.LINE + 7.0


def _heading(ax: Axes, title: str, subtitle: str, width: float) -> None:
    lines = s.wrap(title, width - 2 * MARGIN, s.HEAD, "bold")
    s.lines(ax, MARGIN, 4.0, lines, size=s.HEAD, weight="bold", step=4.0 / s.LINE)
    below = 4.0 + len(lines) * 4.0 + 0.4
    s.lines(ax, MARGIN, below, s.wrap(subtitle, width - 2 * MARGIN, s.BODY), colour=s.SOFT)


def _legend(ax: Axes, y: float, width: float, rows: list[ForestRow]) -> None:
    """The marks that occur, in words, so that bars and arrows need no other explanation."""
    models = [row for row in rows if row.kind == "model" and row.estimate is not None]
    present = {row.rung for row in rows} | {row.use for row in rows}
    present |= {"model"} if any(row.use != "all" for row in models) else set()
    present |= {"interval"} if any(row.pi_lower is not None for row in models) else set()
    m.keys(ax, {name: words for name, words in m.KEYS.items() if name in present}, y, MARGIN, width - MARGIN)
