"""The marks of effects and models, the same in every figure: the shape says how much is reported."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle

from reanalysis.figures import style as s
from reanalysis.figures.legend import Entry
from reanalysis.schema.vocabulary import METRICS

LIMIT = 3.0  # standardized effects beyond this are clipped, with an arrow
OPEN = 0.4  # a bar without an end is drawn so far at least
STEPS = (0.1, 0.5, 1.0, 2.0)  # between ticks: the least that leaves room for their labels
KEY = 6.5  # mm, width of a mark in a legend
SQUARE = 0.95  # mm, half the side of the square of an effect
ABOVE = 4  # drawing order of marks, over the lines of their intervals
MODEL_FILLS = {"main": s.INK, "other": s.PAPER, "subgroup": s.FAINT, "all": s.FAINT}  # of diamonds
BOX = 0.95  # mm, half the height of the box around an observed effect
BESIDE = 1.9  # mm from the line of no effect to the middle of a pointer


class EffectMark(Protocol):
    """What a row of a table must hold so that its effect can be drawn on a scale.

    `lower` and `upper` are the ends of the interval of the true effect, `observed_lower` and `observed_upper` those of
    the range in which the observed effect must lie, where it is not reported.
    """

    mark_id: str
    rung: str
    use: str
    estimate: float | None
    lower: float | None
    upper: float | None
    observed_lower: float | None
    observed_upper: float | None


class ModelMark(Protocol):
    """What a row must hold so that its model can be drawn."""

    mark_id: str
    use: str
    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Scale:
    """From effects to millimetres, clipped at the limits of the plot."""

    low: float
    high: float
    left: float
    width: float

    @classmethod
    def over(cls, ends: Iterable[float | None], left: float, width: float) -> Scale:
        """A scale that holds zero and all finite ends, as far as the limit.

        Each side is at least half as long as the other, so that what it means can stand below it, and ends at a tick.
        """
        known = [end for end in ends if end is not None]
        below, above = _reach([-end for end in known]), _reach(known)
        below, above = max(below, math.ceil(above) / 2), max(above, math.ceil(below) / 2)
        rounded = (
            cls(-math.ceil(below / step - 1e-9) * step, math.ceil(above / step - 1e-9) * step, left, width)
            for step in STEPS
        )
        return next((scale for scale in rounded if scale.has_room), cls(-below, above, left, width))

    def x(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return self.left + (value - self.low) / (self.high - self.low) * self.width

    def clipped(self, value: float) -> bool:
        return not self.low <= value <= self.high

    @property
    def has_room(self) -> bool:
        """Whether some step leads from end to end with room for the labels of its ticks."""
        return self._even is not None

    @property
    def _even(self) -> float | None:
        """The least step that leads from end to end and keeps the labels of ticks apart."""
        even = (
            step for step in STEPS if all(abs(end / step - round(end / step)) < 1e-9 for end in (self.low, self.high))
        )
        return next((step for step in even if self._apart(step)), None)

    def _apart(self, step: float) -> bool:
        longest = s.text_width(_tick(-LIMIT, STEPS[0]), s.SMALL) + 1.2
        return step / (self.high - self.low) * self.width > longest

    @property
    def step(self) -> float:
        """Between ticks: the least that keeps their labels apart, and ends where the scale does if one can."""
        steps = [step for step in STEPS if step <= max(-self.low, self.high)]
        return self._even or next((step for step in steps if self._apart(step)), steps[-1])

    @property
    def ticks(self) -> list[float]:
        step = self.step
        return [step * i for i in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)]


def _reach(ends: list[float]) -> float:
    """How far a side goes, in halves: to 0.5 at least, so that small effects do not look large."""
    reach = max([0.5, *(end for end in ends if math.isfinite(end))])
    return min(math.ceil(reach * 2) / 2, LIMIT)


def ends(row: EffectMark) -> Iterator[float | None]:
    """What a scale must hold of a row; beyond a bound that is open, a part in which this can be seen."""
    yield row.estimate
    if row.rung != "direction":
        pairs = (row.lower, row.upper), (row.observed_lower, row.observed_upper)
        for low, high in pairs:
            yield high - OPEN if low is not None and math.isinf(low) else low
            yield low + OPEN if high is not None and math.isinf(high) else high


def colour_of(row: EffectMark) -> str:
    """The colour of a finding: how much is reported of it, or that it is excluded."""
    return s.LEVEL[row.rung] if row.use == "main" else s.SOFT


def effect(ax: Axes, row: EffectMark, y: float, scale: Scale, half: float = SQUARE) -> None:
    """A finding on a scale: its interval as a line, its value as a square, or the range that holds it as an open box.

    A direction is a pointer at a fixed place beside zero. `half` is half the side of a square in millimetres.
    """
    colour = colour_of(row)
    if row.rung == "exact":
        interval(ax, row.lower, row.upper, y, scale, colour)
        if scale.clipped(row.estimate):
            beyond = 1 if row.estimate > 0 else -1
            mark = s.arrowhead(ax, scale.x(row.estimate), y, beyond, colour, size=1.6)
        else:
            mark = square(ax, scale.x(row.estimate), y, half, colour)
        mark.set(gid=row.mark_id, zorder=ABOVE)
    elif row.rung == "bounded":
        if row.lower is not None:
            interval(ax, row.lower, row.upper, y, scale, colour)
        mark = observed(ax, row.observed_lower, row.observed_upper, y, scale, colour)
        mark.set(gid=row.mark_id, zorder=ABOVE - 1)
    elif row.rung == "direction":
        side = 1 if math.isinf(row.observed_upper) else -1
        sign(ax, "direction", side, scale.x(0) + side * BESIDE, y, colour).set_gid(row.mark_id)


def square(ax: Axes, x: float, y: float, half: float, colour: str, *, filled: bool = True) -> Rectangle:
    """An effect size."""
    paint = {"fc": colour if filled else s.PAPER, "ec": colour, "lw": 0.7}
    return ax.add_patch(Rectangle((x - half, y - half), 2 * half, 2 * half, **paint))


def observed(ax: Axes, low: float, high: float, y: float, scale: Scale, colour: str) -> Rectangle:
    """The range that holds an observed effect: a box; a side beyond the plot has no edge."""
    return box(ax, scale.x(low), scale.x(high), y, colour, edges=(low >= scale.low, high <= scale.high))


def box(ax: Axes, left: float, right: float, y: float, colour: str, *, edges: tuple[bool, bool]) -> Rectangle:
    """A box from left to right, in millimetres, with or without an edge on each of these sides."""
    top, bottom = y - BOX, y + BOX
    strokes = [([left, right], [top, top]), ([left, right], [bottom, bottom])]
    strokes += [([x, x], [top, bottom]) for x, edge in zip((left, right), edges, strict=True) if edge]
    for stroke in strokes:
        ax.add_line(Line2D(*stroke, color=colour, lw=0.7, solid_capstyle="projecting", zorder=ABOVE - 0.5))
    return ax.add_patch(Rectangle((left, top), right - left, 2 * BOX, fc=s.PAPER, ec="none"))


def cross(ax: Axes, x: float, y: float) -> Line2D:
    """Nothing usable is reported."""
    arms = [x - 0.6, x + 0.6, x, x - 0.6, x + 0.6], [y - 0.6, y + 0.6, y, y + 0.6, y - 0.6]
    return ax.add_line(Line2D(*arms, color=s.SOFT, lw=0.8))


def ring(ax: Axes, x: float, y: float) -> Circle:
    """No difference is reported, and no size."""
    return ax.add_patch(Circle((x, y), 0.9, fc=s.PAPER, ec=s.SOFT, lw=0.7))


def interval(ax: Axes, low: float, high: float, y: float, scale: Scale, colour: str) -> Line2D:
    """A line from end to end, with an arrowhead where the plot ends first."""
    _beyond(ax, low, high, y, scale, colour)
    line = Line2D([scale.x(low), scale.x(high)], [y, y], color=colour, lw=0.8, solid_capstyle="butt")
    return ax.add_line(line)


def _beyond(ax: Axes, low: float, high: float, y: float, scale: Scale, colour: str, size: float = 0.9) -> None:
    """An arrowhead at each side where something goes on beyond the plot."""
    for side, on in ((-1, low < scale.low), (1, high > scale.high)):
        if on:
            s.arrowhead(ax, scale.x(side * math.inf), y, side, colour, size).set_zorder(ABOVE)


def prediction(ax: Axes, low: float, high: float, y: float, scale: Scale) -> None:
    """A prediction interval: thin, with a cap at each end that the plot shows."""
    interval(ax, low, high, y, scale, s.INK)
    for end in (low, high):
        if not scale.clipped(end):
            _cap(ax, scale.x(end), y)


def _cap(ax: Axes, x: float, y: float) -> None:
    ax.add_line(Line2D([x, x], [y - 0.8, y + 0.8], color=s.INK, lw=0.8))


def model(ax: Axes, row: ModelMark, y: float, scale: Scale) -> None:
    """A pool: a diamond from end to end of its interval."""
    x = [scale.x(value) for value in (row.lower, row.estimate, row.upper)]
    diamond(ax, *x, y, MODEL_FILLS[row.use]).set_gid(row.mark_id)
    _beyond(ax, row.lower, row.upper, y, scale, s.INK)


def average(ax: Axes, row: ModelMark, y: float, scale: Scale) -> None:
    """The mean of several effects of one study, which is no pool: a square like those of studies, in black."""
    interval(ax, row.lower, row.upper, y, scale, s.INK)
    square(ax, scale.x(row.estimate), y, SQUARE, s.INK).set(gid=row.mark_id, zorder=ABOVE)


def diamond(ax: Axes, left: float, centre: float, right: float, y: float, fill: str) -> Polygon:
    points = [(left, y), (centre, y - 1.15), (right, y), (centre, y + 1.15)]
    return ax.add_patch(Polygon(points, closed=True, fc=fill, ec=s.INK, lw=0.6, zorder=ABOVE))


AXIS = 9.0  # mm below the rows, to the end of the axis and its label


def zero(ax: Axes, scale: Scale, top: float, bottom: float) -> None:
    """The line of no effect."""
    x = scale.x(0)
    ax.add_line(Line2D([x, x], [top, bottom], color=s.SOFT, lw=0.6, zorder=0.5, solid_capstyle="butt"))


def axis(
    ax: Axes,
    scale: Scale,
    bottom: float,
    metric: str,
    sides: tuple[str, str] | None = None,
    edges: tuple[float, float] | None = None,
) -> None:
    """The scale below the rows, with what its sides mean: in lines that fit the edges, where these are given.

    Its id gives the metric and the values at its ends, so that the report can draw on it.
    """
    middle, y = scale.x(0), bottom + 1.5
    zero(ax, scale, bottom, y)
    gid = f"axis_{metric}_{scale.low:g}_{scale.high:g}"
    ax.add_line(Line2D([scale.left, scale.left + scale.width], [y, y], color=s.INK, lw=0.6, gid=gid))
    for tick in scale.ticks:
        x = scale.x(tick)
        ax.add_line(Line2D([x, x], [y, y + 0.9], color=s.INK, lw=0.6))
        s.say(ax, x, y + 2.6, _tick(tick, scale.step), size=s.SMALL, align="center")
    if sides:
        left, right = below_axis(scale, sides, edges)
        point(ax, middle, y + 5.6 - s.LINE / 2, left, right, colour=s.INK)
        y += max(len(left), len(right)) * s.LINE
    s.say(ax, scale.left + scale.width / 2, y + 5.8, METRICS[metric], size=s.SMALL, align="center", colour=s.SOFT)


def below_axis(
    scale: Scale, words: tuple[str, str], edges: tuple[float, float] | None = None
) -> tuple[list[str], list[str]]:
    """What the sides of a scale mean, in lines that fit the edges; in one line each without edges."""
    return sides(scale.x(0), edges, *words) if edges else ([words[0]], [words[1]])


def sides(zero: float, edges: tuple[float, float], left: str, right: str) -> tuple[list[str], list[str]]:
    """What left and right of zero mean, in lines of text that fit between zero and the edges, in millimetres."""
    arrow = 3.7
    return s.wrap(left, zero - edges[0] - arrow, s.SMALL), s.wrap(right, edges[1] - zero - arrow, s.SMALL)


def point(ax: Axes, zero: float, y: float, left: list[str], right: list[str], colour: str = s.SOFT) -> None:
    """What left and right of zero mean, in lines of text from y downwards."""
    how = {"size": s.SMALL, "colour": colour}
    s.lines(ax, zero - 1.2, y, [f"\N{LEFTWARDS ARROW} {left[0]}", *left[1:]], align="right", **how)
    s.lines(ax, zero + 1.2, y, [*right[:-1], f"{right[-1]} \N{RIGHTWARDS ARROW}"], **how)


def _tick(value: float, step: float) -> str:
    """A tick with as many decimals as the step has."""
    return f"{value:.{int(step < 1)}f}".replace("-", "\N{MINUS SIGN}") if value else "0"


KEYS = {
    "exact": "effect size with its {level} interval",
    "bounded": "significance only: the box holds the observed effect, the line is the {level} interval of the true one",
    "direction": "direction only, without a scale",
    "average": "mean of several effects of one study",
    "main": "pooled estimate",
    "other": "estimate of a second model",
    "subgroup": "estimate of a subgroup",
    "prediction": "prediction interval",
    "none": "reported as no difference, size not reported",
    "unusable": "neither size nor direction reported",
    "excluded": "excluded from the synthesis",
}
LEVEL = "95%"  # of an interval, where no row says another


def level_of(rows: Iterable) -> str:
    """The level of the intervals of rows, as printed; each level where they differ."""
    return " or ".join(sorted({f"{row.level:.0%}" for row in rows if row.level is not None})) or LEVEL


def present(rows: Iterable) -> set[str]:
    """The marks that rows of findings and models need, by their names in a legend."""
    found: set[str] = set()
    for row in rows:
        if row.kind == "finding":
            found.add(mark_of(row))
        elif row.kind == "model" and row.estimate is not None:
            found.add(row.use if row.k > 1 else "average")
            found |= {"prediction"} if getattr(row, "pi_lower", None) is not None else set()
    return found


def mark_of(row: EffectMark) -> str:
    """The name of a finding's mark in a legend."""
    if row.rung == "unusable":
        return "none" if row.direction == "none" else "unusable"
    return row.rung if row.use == "main" else "excluded"


def entries(names: Iterable[str], level: str = LEVEL, **words: str) -> list[Entry]:
    """These marks as they stand in a legend, in the order of KEYS; `words` may say more of one."""
    texts = KEYS | words
    return [Entry(partial(_key, name), texts[name].format(level=level), KEY / 2) for name in KEYS if name in set(names)]


def _key(name: str, ax: Axes, x: float, y: float) -> None:
    """A mark as it stands in a legend, with x in its middle."""
    left, right = x - KEY / 2, x + KEY / 2
    colour = s.LEVEL.get(name, s.INK)
    match name:
        case "exact" | "average":
            ax.add_line(Line2D([left, right], [y, y], color=colour, lw=0.8))
            square(ax, x, y, SQUARE, colour)
        case "bounded":
            ax.add_line(Line2D([left, right], [y, y], color=colour, lw=0.8))
            box(ax, left + 1.4, right - 1.4, y, colour, edges=(True, True)).set_zorder(ABOVE - 1)
        case "direction":
            sign(ax, name, -1, x - BESIDE, y, colour)
            sign(ax, name, 1, x + BESIDE, y, colour)
            ax.add_line(Line2D([x, x], [y - 1.4, y + 1.4], color=s.SOFT, lw=0.6))
        case "main" | "subgroup" | "other":
            diamond(ax, left, x, right, y, MODEL_FILLS[name])
        case "prediction":
            ax.add_line(Line2D([left, right], [y, y], color=s.INK, lw=0.8))
            _cap(ax, left, y)
            _cap(ax, right, y)
        case "none":
            ring(ax, x, y)
        case "unusable":
            cross(ax, x, y)
        case "excluded":
            square(ax, x, y, SQUARE, s.SOFT, filled=False)
        case _:
            raise ValueError(f"no such mark: {name}")


def pointer(
    ax: Axes, verdict: str, x: float, y: float, *, colour: str = s.INK, filled: bool = True, half: float = 1.05
) -> Artist:
    """Where findings point: up or down, two heads that part (mixed), or a ring (none)."""
    paint = {"fc": colour if filled else s.PAPER, "ec": colour, "lw": 0.6}
    match verdict:
        case "up" | "down":
            tip = -half if verdict == "up" else half
            points = [(x - half, y - tip), (x + half, y - tip), (x, y + tip)]
            return ax.add_patch(Polygon(points, closed=True, **paint))
        case "mixed":
            left, right = (
                [(x + a, y - half), (x + a, y + half), (x + a + math.copysign(1.3 * half, a), y)] for a in (-0.25, 0.25)
            )
            ax.add_patch(Polygon(left, closed=True, **paint))
            return ax.add_patch(Polygon(right, closed=True, **paint))
        case "none":
            return ax.add_patch(Circle((x, y), 0.7, fc=s.PAPER, ec=colour, lw=0.7))
    raise ValueError(f"no such verdict: {verdict}")


def sign(ax: Axes, rung: str, side: int, x: float, y: float, colour: str, *, filled: bool = True) -> Artist:
    """The mark of a finding where only its direction is drawn: how much is reported is the shape, as on a scale.

    `side` is 1 where the finding points right, -1 left, 0 neither: the head of a direction then becomes a ring.
    """
    paint = {"fc": colour if filled else s.PAPER, "ec": colour, "lw": 0.7}
    match rung:
        case "exact":
            return square(ax, x, y, SQUARE, colour, filled=filled)
        case "bounded":
            return ax.add_patch(Rectangle((x - 1.7, y - 0.7), 3.4, 1.4, **paint))
        case "direction" if side:
            points = [(x - side * 1.1, y - 1.0), (x + side * 1.2, y), (x - side * 1.1, y + 1.0)]
            return ax.add_patch(Polygon(points, closed=True, **paint))
        case "direction":
            return ax.add_patch(Circle((x, y), 0.9, **paint))
        case "unusable":
            return cross(ax, x, y)
    raise ValueError(f"no such rung: {rung}")
