"""The forest plot of a domain: every finding on its rung, blocks by contrast, models as diamonds.

Everything is laid out in millimetres on one page, so that columns align and nothing can overlap: each row is as high as
its longest wrapped text.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.forest_table import ForestRow
from reanalysis.schema.raw import Domain

PAD = 1.3  # mm, above and below the text of a row
MARGIN = 5.0
LIMIT = 3.0  # standardized effects beyond this are clipped, with an arrow
GAP = 2.0
ARROW = 2.5  # room for the arrows at the ends of the plot
ABOVE = 4  # drawing order of marks, over the lines of their intervals


HEADINGS = {
    "study": "Study",
    "outcome": "Outcome",
    "n": "n",
    "detail": "Dose, assay",
    "effect": "Effect [interval]",
    "weight": "Weight",
}
COLUMNS = {"study": 30.0, "outcome": 37.0, "n": 12.5, "detail": 13.5, "plot": None, "effect": 27.0, "weight": 8.5}


MODEL_COLOURS = {"main": (s.INK, s.INK), "other": (s.PAPER, s.INK), "all": (s.ORANGE, s.INK)}  # fill and edge
LEGEND = {
    "exact": "effect with its interval",
    "bounded": "only bounds are known: the effect lies somewhere in the bar, or beyond an arrow",
    "direction": "only the sign is known",
    "model": "model of the exact effects (other estimators open)",
    "all": "model of all the evidence",
    "interval": "prediction interval",
    "excluded": "grey: shown, not pooled",
}


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
        scale = _Scale.of(rows, columns)
        _header(ax, columns, top)
        y = top
        for row, text, height in zip(rows, texts, heights, strict=True):
            _row(ax, row, text, y, height, columns, scale)
            y += height
        _axis(ax, scale, top, y)
        _legend(ax, y + 13.0, width_mm, rows)
        return fig


@dataclass(frozen=True)
class _Scale:
    """From effects to millimetres, clipped at the limits of the plot."""

    low: float
    high: float
    left: float
    width: float

    @classmethod
    def of(cls, rows: list[ForestRow], columns: dict[str, _Column]) -> _Scale:
        ends = [
            abs(end)
            for row in rows
            for end in (row.estimate, row.lower, row.upper, row.pi_lower, row.pi_upper)
            if end is not None and math.isfinite(end)
        ]
        reach = min(max([1.0, *ends]) * 1.08, LIMIT)
        reach = math.ceil(reach * 2) / 2
        return cls(-reach, reach, columns["plot"].left + ARROW, columns["plot"].width - 2 * ARROW)

    def x(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return self.left + (value - self.low) / (self.high - self.low) * self.width

    def clipped(self, value: float) -> bool:
        return not self.low <= value <= self.high

    @property
    def ticks(self) -> list[float]:
        step = next(step for step in (0.5, 1.0, 2.0) if step / (self.high - self.low) * self.width > 6.0)
        count = int(self.high / step + 1e-9)
        return [step * i for i in range(-count, count + 1)]


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


def _row(ax: Axes, row: ForestRow, text: dict, y: float, height: float, c: dict[str, _Column], scale: _Scale) -> None:
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


def _finding_row(ax: Axes, row: ForestRow, text: dict, y: float, c: dict[str, _Column], scale: _Scale) -> None:
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
    _mark(ax, row, middle, scale)


def _mark(ax: Axes, row: ForestRow, y: float, scale: _Scale) -> None:
    """Square with interval, open bar, or arrow: the rung is the shape."""
    main = row.use == "main"
    if row.rung == "exact":
        colour = s.BLUE if main else s.SOFT
        _interval(ax, row.lower, row.upper, y, scale, colour)
        precision = 1 / max((row.upper - row.lower) ** 2, 1e-6)
        half = 0.55 + 0.65 * min(math.sqrt(precision / 1.2), 1.0)
        x = scale.x(row.estimate)
        fill = colour if main else s.PAPER
        if scale.clipped(row.estimate):
            square = s.arrowhead(ax, x, y, 1 if row.estimate > 0 else -1, colour, size=1.6)
        else:
            square = ax.add_patch(Rectangle((x - half, y - half), 2 * half, 2 * half, fc=fill, ec=colour, lw=0.7))
        square.set(gid=row.mark_id, zorder=ABOVE)
    elif row.rung == "bounded":
        colour = s.ORANGE if main else s.SOFT
        left, right = scale.x(row.lower), scale.x(row.upper)
        bar = Rectangle((left, y - 0.95), right - left, 1.9, fc=s.PAPER, ec=colour, lw=0.8, hatch=None)
        bar.set_gid(row.mark_id)
        ax.add_patch(bar)
        for end, x, sign in ((row.lower, left, -1), (row.upper, right, 1)):
            if scale.clipped(end):
                s.arrowhead(ax, x, y, sign, colour, size=1.25)
    elif row.rung == "direction":
        colour = s.GREEN if main else s.SOFT
        sign = 1 if math.isinf(row.upper) else -1
        start, stop = scale.x(0), scale.x(sign * 0.28 * scale.high)
        line = Line2D([start, stop], [y, y], color=colour, lw=1.0)
        line.set_gid(row.mark_id)
        ax.add_line(line)
        s.arrowhead(ax, stop, y, sign, colour, size=1.1)


def _model_row(ax: Axes, row: ForestRow, text: dict, y: float, c: dict[str, _Column], scale: _Scale) -> None:
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
        _interval(ax, row.pi_lower, row.pi_upper, middle, scale, s.SAND, width=1.6)
    fill, edge = MODEL_COLOURS[row.use]
    _diamond(ax, *(scale.x(x) for x in (row.lower, row.estimate, row.upper)), middle, fill, edge).set_gid(row.mark_id)
    for end, sign in ((row.lower, -1), (row.upper, 1)):
        if scale.clipped(end):
            s.arrowhead(ax, scale.x(end), middle, sign, edge, size=0.9)


def _diamond(ax: Axes, left: float, centre: float, right: float, y: float, fill: str, edge: str) -> Polygon:
    points = [(left, y), (centre, y - 1.15), (right, y), (centre, y + 1.15)]
    return ax.add_patch(Polygon(points, closed=True, fc=fill, ec=edge, lw=0.6, zorder=ABOVE))


def _interval(ax: Axes, low: float, high: float, y: float, scale: _Scale, colour: str, width: float = 0.8) -> None:
    ax.add_line(Line2D([scale.x(low), scale.x(high)], [y, y], color=colour, lw=width, solid_capstyle="butt"))
    for end, sign in ((low, -1), (high, 1)):
        if scale.clipped(end):
            s.arrowhead(ax, scale.x(end), y, sign, colour, size=0.9)


def _sides(ax: Axes, row: ForestRow, y: float, scale: _Scale) -> None:
    """What left and right of zero mean in this block."""
    zero = scale.x(0)
    how = {"size": s.SMALL, "colour": s.SOFT}
    s.say(ax, zero - 1.2, y + s.LINE / 2, f"\N{LEFTWARDS ARROW} {row.left}", align="right", **how)
    s.say(ax, zero + 1.2, y + s.LINE / 2, f"{row.right} \N{RIGHTWARDS ARROW}", **how)


def _axis(ax: Axes, scale: _Scale, top: float, bottom: float) -> None:
    zero = scale.x(0)
    ax.add_line(Line2D([zero, zero], [top, bottom + 1], color=s.SOFT, lw=0.6, zorder=0.5))
    y = bottom + 1.5
    ax.add_line(Line2D([scale.left, scale.left + scale.width], [y, y], color=s.INK, lw=0.6))
    for tick in scale.ticks:
        x = scale.x(tick)
        ax.add_line(Line2D([x, x], [y, y + 0.9], color=s.INK, lw=0.6))
        label = f"{tick:g}".replace("-", "\N{MINUS SIGN}")
        s.say(ax, x, y + 2.6, label, size=s.SMALL, align="center")
    s.say(
        ax, zero, y + 6.0, "standardized effect, first side minus second", size=s.SMALL, align="center", colour=s.SOFT
    )


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
    x = MARGIN
    for name, words in LEGEND.items():
        if name not in present:
            continue
        length = s.text_width(words, s.SMALL) + 8
        if x + length > width - MARGIN:
            x, y = MARGIN, y + 4.0
        _legend_mark(ax, name, x, y)
        s.say(ax, x + 8, y, words, size=s.SMALL)
        x += length + 4


def _legend_mark(ax: Axes, name: str, x: float, y: float) -> None:
    match name:
        case "exact":
            ax.add_line(Line2D([x, x + 6.5], [y, y], color=s.BLUE, lw=0.8))
            ax.add_patch(Rectangle((x + 2.3, y - 0.95), 1.9, 1.9, color=s.BLUE, lw=0))
        case "bounded":
            ax.add_patch(Rectangle((x, y - 0.95), 6.5, 1.9, fc=s.PAPER, ec=s.ORANGE, lw=0.8))
        case "direction":
            ax.add_line(Line2D([x, x + 5], [y, y], color=s.GREEN, lw=1.0))
            s.arrowhead(ax, x + 5, y, 1, s.GREEN, size=1.1)
        case "model":
            _diamond(ax, x, x + 3.2, x + 6.5, y, *MODEL_COLOURS["main"])
        case "all":
            _diamond(ax, x, x + 3.2, x + 6.5, y, *MODEL_COLOURS["all"])
        case "interval":
            ax.add_line(Line2D([x, x + 6.5], [y, y], color=s.SAND, lw=1.6))
        case "excluded":
            ax.add_line(Line2D([x, x + 6.5], [y, y], color=s.SOFT, lw=0.8))
            ax.add_patch(Rectangle((x + 2.3, y - 0.95), 1.9, 1.9, fc=s.PAPER, ec=s.SOFT, lw=0.7))
