"""The orchard plot (Nakagawa et al. 2021): all effects of an outcome as a swarm around what they amount to.

The area of an effect is its precision, the thick line the interval of the pooled effect, the thin one that of
prediction.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import BLOCK, Numbers, block, widest
from reanalysis.figures.legend import Entry, Part, legend, legend_height
from reanalysis.figures.orchard_table import OrchardRow

MARGIN, GAP, K = 2.0, 3.0, 7.0  # mm
LABEL = 0.24  # at most this share of the width
HEAD = 5.5  # mm, the names of the columns
LARGEST = 1.7  # mm, radius of the most precise effect
LEAST = 0.35  # mm, no radius is smaller
APART, STEP = 0.15, 0.1  # mm between effects, and by which a place beside the middle is tried
ROOM = 1.3  # mm above and below a swarm, together
CLEAR = 1.1  # mm from the middle, which the intervals take
PRECISIONS = (1, 2, 5, 10, 20, 50, 100)  # of which a legend shows some
SHOWN = 3  # of them
BELOW = m.AXIS + s.LINE + 1.0  # mm, an axis with what its sides mean


@dataclass(frozen=True)
class _Swarm:
    """The effects of an outcome, each with its place above (-) or below (+) the middle of its row, in millimetres."""

    model: OrchardRow
    effects: list[tuple[OrchardRow, float]]
    half: float


@dataclass(frozen=True)
class _Page:
    """In millimetres: right edge of k, left edge of estimates, width of names, edges; and what is drawn in between."""

    k: float
    effect: float
    wide: float
    edges: tuple[float, float]
    numbers: Numbers
    scale: m.Scale
    swarms: dict[str, _Swarm]
    precisest: float

    def height(self, row: OrchardRow) -> float:
        """Height of a row."""
        if row.kind == "contrast":
            return BLOCK
        return 2 * self.swarms[row.mark_id].half + ROOM if row.kind == "model" else 0.0


def draw_orchard(rows: list[OrchardRow], width_mm: float) -> Figure:
    """Draw the rows: an axis for each metric."""
    level = m.level_of(row for row in rows if row.kind == "model")
    heading = f"Estimate [{level} CI]"
    panels = [list(own) for _, own in groupby(rows, key=lambda row: row.metric)]
    with mpl.rc_context(s.RC):
        page = _page(rows, heading, width_mm)
        parts = _parts(page.precisest, level)
        top = MARGIN + HEAD
        body = sum(map(page.height, rows)) + len(panels) * BELOW
        fig, ax = s.page(width_mm, top + body + legend_height(parts, *page.edges) + MARGIN)
        _header(ax, heading, page, top)
        y = top
        for own in panels:
            y = _panel(ax, own, page, y)
        legend(ax, parts, y, *page.edges)
        return fig


def _page(rows: list[OrchardRow], heading: str, width_mm: float) -> _Page:
    models = [row for row in rows if row.kind == "model"]
    precisest = max(1 / row.se for row in rows if row.kind == "sample")
    wide = min(widest((row.label for row in models), s.BODY) + 1.0, LABEL * width_mm)
    numbers = Numbers.of([(row.effect, "normal") for row in models], s.BODY)
    ending = max(numbers.width, s.text_width(heading, s.BODY, "bold"))
    k = MARGIN + wide + K
    left, right = k + 2 * GAP, width_mm - MARGIN - ending - 2 * GAP
    scale = m.Scale.over(_ends(rows), left, right - left)
    swarms = {row.mark_id: _swarm(row, rows, scale, precisest) for row in models}
    edges = MARGIN, width_mm - MARGIN
    return _Page(k, edges[1] - numbers.width, wide, edges, numbers, scale, swarms, precisest)


def _ends(rows: Iterable[OrchardRow]) -> Iterable[float | None]:
    return [end for row in rows for end in (row.estimate, row.lower, row.upper, row.pi_lower, row.pi_upper)]


def _radius(se: float, precisest: float) -> float:
    """Radius of an effect whose area is its precision."""
    return max(LARGEST * math.sqrt(1 / se / precisest), LEAST)


def _swarm(model: OrchardRow, rows: list[OrchardRow], scale: m.Scale, precisest: float) -> _Swarm:
    """Places of effects that cover neither one another nor the intervals, the most precise nearest to the middle."""
    own = [row for row in rows if row.kind == "sample" and row.cell == model.cell]
    placed: list[tuple[float, float, float]] = []
    effects = []
    for index, row in enumerate(sorted(own, key=lambda row: (row.se, row.sample_id))):
        x, radius = scale.x(row.estimate), _radius(row.se, precisest)
        y = CLEAR + radius
        sides = (1, -1) if index % 2 else (-1, 1)
        place = next(
            side * at
            for at in (y + step * STEP for step in range(10_000))
            for side in sides
            if all(math.hypot(x - a, side * at - b) >= radius + c + APART for a, b, c in placed)
        )
        placed.append((x, place, radius))
        effects.append((row, place))
    half = max((abs(place) + radius for _, place, radius in placed), default=CLEAR)
    return _Swarm(model, effects, half)


def _header(ax: Axes, heading: str, page: _Page, top: float) -> None:
    y, how = top - 2.6, {"weight": "bold"}
    s.say(ax, MARGIN, y, "Outcome", **how)
    s.say(ax, page.k, y, "k", align="right", **how)
    s.say(ax, page.edges[1], y, heading, align="right", **how)
    ax.add_line(Line2D(page.edges, [top - 0.6, top - 0.6], color=s.INK, lw=0.8))


def _panel(ax: Axes, rows: list[OrchardRow], page: _Page, y: float) -> float:
    """The outcomes of one metric on their axis; gives where it ends."""
    top, sides = y, {(row.left, row.right) for row in rows if row.kind == "contrast"}
    for row in rows:
        height = page.height(row)
        if row.kind == "contrast":
            block(ax, row.label, *page.edges, y)
        elif row.kind == "model":
            _outcome(ax, page.swarms[row.mark_id], page, y + height / 2)
        y += height
    m.zero(ax, page.scale, top + BLOCK, y)
    m.axis(ax, page.scale, y, rows[0].metric, sides.pop() if len(sides) == 1 else None)
    return y + BELOW


def _outcome(ax: Axes, swarm: _Swarm, page: _Page, middle: float) -> None:
    """The swarm, over it both intervals with the estimate, and beside them the numbers."""
    scale, model = page.scale, swarm.model
    for row, place in swarm.effects:
        _effect(ax, scale.x(row.estimate), middle + place, _radius(row.se, page.precisest)).set_gid(row.mark_id)
    if model.pi_lower is not None:
        m.interval(ax, model.pi_lower, model.pi_upper, middle, scale, s.INK).set_zorder(m.ABOVE)
    ends = [scale.x(model.lower), scale.x(model.upper)]
    ax.add_line(Line2D(ends, [middle] * 2, color=s.INK, lw=2.2, solid_capstyle="butt", zorder=m.ABOVE))
    _estimate(ax, scale.x(model.estimate), middle).set_gid(model.mark_id)
    lines = s.wrap(model.label, page.wide, s.BODY)
    s.lines(ax, MARGIN, middle - len(lines) * s.LINE / 2, lines)
    s.say(ax, page.k, middle, str(model.k), align="right")
    page.numbers.say(ax, page.effect, middle, model.effect)


def _effect(ax: Axes, x: float, y: float, radius: float) -> Circle:
    paint = {"fc": s.LEVEL["exact"], "ec": s.PAPER, "lw": 0.2, "alpha": 0.8}
    return ax.add_patch(Circle((x, y), radius, zorder=3, **paint))


def _estimate(ax: Axes, x: float, y: float) -> Circle:
    return ax.add_patch(Circle((x, y), 0.9, fc=s.PAPER, ec=s.INK, lw=1.0, zorder=m.ABOVE + 1))


def _parts(precisest: float, level: str) -> list[Part]:
    """What areas and lines mean."""
    shown = [one for one in PRECISIONS if one <= precisest][-SHOWN:] or [precisest]
    sizes = [_precision(one, precisest) for one in shown]
    lines = [
        Entry(lambda ax, x, y: _key(ax, x, y, 2.2), f"pooled effect with its {level} confidence interval", m.KEY / 2),
        Entry(lambda ax, x, y: _key(ax, x, y, 0.8), f"{level} prediction interval", m.KEY / 2),
    ]
    return [sizes, lines, "k, independent samples. Heights within a row only keep effects apart."]


def _precision(one: float, precisest: float) -> Entry:
    radius = _radius(1 / one, precisest)
    return Entry(lambda ax, x, y: _effect(ax, x, y, radius), f"effect size, precision (1/SE) {one:g}", LARGEST)


def _key(ax: Axes, x: float, y: float, width: float) -> None:
    ends = [x - m.KEY / 2, x + m.KEY / 2]
    ax.add_line(Line2D(ends, [y, y], color=s.INK, lw=width, solid_capstyle="butt"))
    if width > 1:
        _estimate(ax, x, y)
