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

LINE = 2.9  # mm, one line of text
PAD = 1.3  # mm, above and below the text of a row
MARGIN = 5.0
LIMIT = 3.0  # standardized effects beyond this are clipped, with an arrow
GAP = 3.0


@dataclass(frozen=True)
class _Columns:
    """Left edges and widths of the columns, in millimetres."""

    study: float
    study_width: float
    outcome: float
    outcome_width: float
    n: float
    n_width: float
    detail: float
    detail_width: float
    plot: float
    plot_width: float
    effect: float
    effect_width: float
    weight: float
    right: float


def draw_forest(rows: list[ForestRow], domain: Domain, width_mm: float) -> Figure:
    """Draw the rows of a forest table. An empty table gives a page that says so."""
    section = "Added domain" if domain.section == "added" else f"Section {domain.section} of the review"
    title, subtitle = domain.title, f"{section}. {domain.note[0].upper()}{domain.note[1:]}." if domain.note else section
    with mpl.rc_context(s.RC):
        columns = _columns(width_mm)
        texts = [_texts(row, columns) for row in rows]
        heights = [_height(row, text) for row, text in zip(rows, texts, strict=True)]
        top = _heading_height(title, subtitle, width_mm)
        body = sum(heights) if rows else 12.0
        fig, ax = s.page(width_mm, top + body + (26.0 if rows else MARGIN))
        _heading(ax, title, subtitle, width_mm)
        if not rows:
            _say(ax, MARGIN, top + 4, "No finding of any kind is known for this domain.", colour=s.SOFT, style="italic")
            return fig
        scale = _Scale.of(rows, columns)
        _header(ax, columns, top)
        y = top
        for row, text, height in zip(rows, texts, heights, strict=True):
            _row(ax, row, text, y, height, columns, scale)
            y += height
        _axis(ax, scale, columns, top, y)
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
    def of(cls, rows: list[ForestRow], columns: _Columns) -> _Scale:
        ends = [
            abs(end)
            for row in rows
            for end in (row.estimate, row.lower, row.upper, row.pi_lower, row.pi_upper)
            if end is not None and math.isfinite(end)
        ]
        reach = min(max([1.0, *ends]) * 1.08, LIMIT)
        reach = math.ceil(reach * 2) / 2
        return cls(-reach, reach, columns.plot, columns.plot_width)

    def x(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return self.left + (value - self.low) / (self.high - self.low) * self.width

    def clipped(self, value: float) -> bool:
        return not self.low <= value <= self.high

    @property
    def ticks(self) -> list[float]:
        step = 0.5 if self.high <= 1.5 else 1.0
        count = int(self.high / step + 1e-9)
        return [step * i for i in range(-count, count + 1)]


def _columns(width: float) -> _Columns:
    study, outcome, n, detail = 33.0, 40.0, 13.0, 15.0
    effect, weight = 26.0, 9.0
    plot = width - 2 * MARGIN - study - outcome - n - detail - effect - weight - 6 * GAP + 6.0
    edges = [MARGIN]
    for part in (study, outcome, n, detail, plot, effect):
        edges.append(edges[-1] + part + GAP - 1.0)
    return _Columns(
        edges[0], study, edges[1], outcome, edges[2], n, edges[3], detail, edges[4], plot, edges[5], effect,
        width - MARGIN, width - MARGIN,
    )  # fmt: skip


def _texts(row: ForestRow, c: _Columns) -> dict[str, list[str]]:
    """Wrapped text of a row's cells."""
    wide = c.plot - c.study - GAP
    match row.kind:
        case "contrast":
            return {"head": s.wrap(row.label, wide, s.BODY + 0.6, "bold")}
        case "group":
            return {"head": s.wrap(row.label, wide, s.BODY, "normal")}
        case "model":
            note = s.wrap(row.note, wide - 3, s.SMALL) if row.note else []
            return {"head": s.wrap(row.label, wide - 3, s.BODY, "bold"), "note": note}
    note = s.wrap(row.note, c.plot - c.outcome - GAP, s.SMALL) if row.note else []
    return {
        "study": s.wrap(row.label, c.study_width - 3, s.BODY),
        "outcome": s.wrap(row.outcome, c.outcome_width, s.BODY),
        "n": s.wrap(row.n or "", c.n_width, s.BODY),
        "detail": s.wrap(row.detail or "", c.detail_width, s.BODY),
        "note": note,
    }


def _height(row: ForestRow, text: dict[str, list[str]]) -> float:
    note = len(text.get("note", ()))
    cells = max(len(lines) for name, lines in text.items() if name != "note")
    extra = {"contrast": 2.6, "group": 0.6}.get(row.kind, 0.0)
    return (cells + 0.9 * note) * LINE + PAD + extra


def _row(ax: Axes, row: ForestRow, text: dict, y: float, height: float, c: _Columns, scale: _Scale) -> None:
    match row.kind:
        case "contrast":
            ax.add_patch(Rectangle((MARGIN, y + 1.2), c.right - MARGIN, height - 1.4, color=s.BAND, lw=0))
            _lines(ax, c.study + 1, y + 2.6, text["head"], size=s.BODY + 0.6, weight="bold")
            _sides(ax, row, y + 2.6, c, scale)
        case "group":
            _lines(ax, c.study + 1, y + 1.0, text["head"], style="italic", colour=s.SOFT)
        case "model":
            _model_row(ax, row, text, y, c, scale)
        case "finding":
            _finding_row(ax, row, text, y, c, scale)


def _finding_row(ax: Axes, row: ForestRow, text: dict, y: float, c: _Columns, scale: _Scale) -> None:
    colour = s.INK if row.use == "main" else s.SOFT
    top = y + PAD / 2
    _lines(ax, c.study + 3, top, text["study"], colour=colour)
    _lines(ax, c.outcome, top, text["outcome"], colour=colour)
    _lines(ax, c.n + c.n_width, top, text["n"], colour=colour, align="right")
    _lines(ax, c.detail, top, text["detail"], colour=colour)
    cells = max(len(text[name]) for name in ("study", "outcome", "n", "detail"))
    _lines(ax, c.outcome, top + cells * LINE, text["note"], size=s.SMALL, colour=s.SOFT, style="italic", step=0.9)
    middle = top + LINE / 2
    _say(ax, c.effect, middle, row.effect, colour=colour)
    if row.weight is not None:
        _say(ax, c.weight, middle, f"{row.weight:.1f}%", align="right")
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
        square = Rectangle((x - half, y - half), 2 * half, 2 * half, fc=colour if main else s.PAPER, ec=colour, lw=0.7)
        square.set_gid(row.mark_id)
        ax.add_patch(square)
    elif row.rung == "bounded":
        colour = s.ORANGE if main else s.SOFT
        left, right = scale.x(row.lower), scale.x(row.upper)
        bar = Rectangle((left, y - 0.95), right - left, 1.9, fc=s.PAPER, ec=colour, lw=0.8, hatch=None)
        bar.set_gid(row.mark_id)
        ax.add_patch(bar)
        for end, x, sign in ((row.lower, left, -1), (row.upper, right, 1)):
            if scale.clipped(end):
                _arrowhead(ax, x, y, sign, colour, size=1.25)
    elif row.rung == "direction":
        colour = s.GREEN if main else s.SOFT
        sign = 1 if math.isinf(row.upper) else -1
        start, stop = scale.x(0), scale.x(sign * 0.28 * scale.high)
        line = Line2D([start, stop], [y, y], color=colour, lw=1.0)
        line.set_gid(row.mark_id)
        ax.add_line(line)
        _arrowhead(ax, stop, y, sign, colour, size=1.1)


def _model_row(ax: Axes, row: ForestRow, text: dict, y: float, c: _Columns, scale: _Scale) -> None:
    top = y + PAD / 2
    _lines(ax, c.study + 3, top, text["head"], weight="bold")
    _lines(ax, c.study + 3, top + len(text["head"]) * LINE, text["note"], size=s.SMALL, colour=s.SOFT, step=0.9)
    middle = top + LINE / 2
    _say(ax, c.effect, middle, row.effect, weight="bold")
    if row.pi_lower is not None:
        _interval(ax, row.pi_lower, row.pi_upper, middle, scale, s.SAND, width=1.6)
    left, centre, right = scale.x(row.lower), scale.x(row.estimate), scale.x(row.upper)
    points = [(left, middle), (centre, middle - 1.15), (right, middle), (centre, middle + 1.15)]
    diamond = Polygon(points, closed=True, fc=s.INK, ec=s.INK, lw=0.6)
    diamond.set_gid(row.mark_id)
    ax.add_patch(diamond)


def _interval(ax: Axes, low: float, high: float, y: float, scale: _Scale, colour: str, width: float = 0.8) -> None:
    ax.add_line(Line2D([scale.x(low), scale.x(high)], [y, y], color=colour, lw=width, solid_capstyle="butt"))
    for end, sign in ((low, -1), (high, 1)):
        if scale.clipped(end):
            _arrowhead(ax, scale.x(end), y, sign, colour, size=0.9)


def _arrowhead(ax: Axes, x: float, y: float, sign: int, colour: str, size: float) -> None:
    points = [(x, y - size * 0.8), (x + sign * size * 1.4, y), (x, y + size * 0.8)]
    ax.add_patch(Polygon(points, closed=True, fc=colour, ec=colour, lw=0.3))


def _sides(ax: Axes, row: ForestRow, y: float, c: _Columns, scale: _Scale) -> None:
    """What left and right of zero mean in this block, above the plot area, each in its own half."""
    half = c.plot_width / 2 - 3.0
    zero = scale.x(0)
    for text, x, align, arrow in (
        (row.left, zero - 1.2, "right", "\N{LEFTWARDS ARROW} {}"),
        (row.right, zero + 1.2, "left", "{} \N{RIGHTWARDS ARROW}"),
    ):
        if text:
            words = arrow.format(text)
            size = min(s.SMALL, s.SMALL * (half + 22) / max(s.text_width(words, s.SMALL), 1e-6))
            _say(ax, x, y + LINE / 2, words, size=size, colour=s.SOFT, align=align)


def _axis(ax: Axes, scale: _Scale, c: _Columns, top: float, bottom: float) -> None:
    zero = scale.x(0)
    ax.add_line(Line2D([zero, zero], [top, bottom + 1], color=s.SOFT, lw=0.6, zorder=0.5))
    y = bottom + 1.5
    ax.add_line(Line2D([scale.left, scale.left + scale.width], [y, y], color=s.INK, lw=0.6))
    for tick in scale.ticks:
        x = scale.x(tick)
        ax.add_line(Line2D([x, x], [y, y + 0.9], color=s.INK, lw=0.6))
        label = f"{tick:g}".replace("-", "\N{MINUS SIGN}")
        _say(ax, x, y + 2.6, label, size=s.SMALL, align="center")
    _say(ax, zero, y + 6.0, "standardized effect, first side minus second", size=s.SMALL, align="center", colour=s.SOFT)


def _header(ax: Axes, c: _Columns, top: float) -> None:
    y = top - 2.6
    for x, text, align in (
        (c.study + 1, "Study", "left"),
        (c.outcome, "Outcome", "left"),
        (c.n + c.n_width, "n", "right"),
        (c.detail, "Dose or assay", "left"),
        (c.effect, "Effect [interval]", "left"),
        (c.weight, "Weight", "right"),
    ):
        _say(ax, x, y, text, weight="bold", align=align)
    ax.add_line(Line2D([MARGIN, c.right], [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _heading_height(title: str, subtitle: str, width: float) -> float:
    lines = len(s.wrap(title, width - 2 * MARGIN, s.HEAD, "bold"))
    small = len(s.wrap(subtitle, width - 2 * MARGIN, s.BODY))
    return 5.0 + lines * 4.0 + small * LINE + 7.0


def _heading(ax: Axes, title: str, subtitle: str, width: float) -> None:
    lines = s.wrap(title, width - 2 * MARGIN, s.HEAD, "bold")
    _lines(ax, MARGIN, 4.0, lines, size=s.HEAD, weight="bold", step=4.0 / LINE)
    below = 4.0 + len(lines) * 4.0 + 0.4
    _lines(ax, MARGIN, below, s.wrap(subtitle, width - 2 * MARGIN, s.BODY), colour=s.SOFT)


def _legend(ax: Axes, y: float, width: float, rows: list[ForestRow]) -> None:
    """The marks in words, so that bars and arrows need no other explanation."""
    x = MARGIN + 1
    entries = (
        ("exact", "effect with interval"),
        ("bounded", "only bounds are known: the effect lies within the bar"),
        ("direction", "only the sign is known"),
        ("model", "model"),
        ("excluded", "grey: shown, not pooled"),
    )
    for name, words in entries:
        length = s.text_width(words, s.SMALL) + 12
        if x + length > width - MARGIN:
            x, y = MARGIN + 1, y + 4.0
        _legend_mark(ax, name, x, y)
        _say(ax, x + 8, y, words, size=s.SMALL)
        x += length + 3


def _legend_mark(ax: Axes, name: str, x: float, y: float) -> None:
    match name:
        case "exact":
            ax.add_line(Line2D([x, x + 6.5], [y, y], color=s.BLUE, lw=0.8))
            ax.add_patch(Rectangle((x + 2.3, y - 0.95), 1.9, 1.9, color=s.BLUE, lw=0))
        case "bounded":
            ax.add_patch(Rectangle((x, y - 0.95), 6.5, 1.9, fc=s.PAPER, ec=s.ORANGE, lw=0.8))
        case "direction":
            ax.add_line(Line2D([x, x + 5], [y, y], color=s.GREEN, lw=1.0))
            _arrowhead(ax, x + 5, y, 1, s.GREEN, size=1.1)
        case "model":
            points = [(x, y), (x + 3.2, y - 1.15), (x + 6.5, y), (x + 3.2, y + 1.15)]
            ax.add_patch(Polygon(points, closed=True, color=s.INK, lw=0))
        case "excluded":
            ax.add_line(Line2D([x, x + 6.5], [y, y], color=s.SOFT, lw=0.8))
            ax.add_patch(Rectangle((x + 2.3, y - 0.95), 1.9, 1.9, fc=s.PAPER, ec=s.SOFT, lw=0.7))


def _lines(ax: Axes, x: float, y: float, lines: list[str], *, step: float = 1.0, **how) -> None:
    for index, line in enumerate(lines):
        _say(ax, x, y + (index * step + 0.5) * LINE, line, **how)


def _say(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float = s.BODY,
    colour: str = s.INK,
    weight: str = "normal",
    style: str = "normal",
    align: str = "left",
) -> None:
    """Text centred vertically on y."""
    ax.text(x, y, text, size=size, color=colour, weight=weight, style=style, ha=align, va="center_baseline")
