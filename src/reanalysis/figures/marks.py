"""The marks of effects and models, the same in every figure: the rung is the shape."""

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

LIMIT = 3.0  # standardized effects beyond this are clipped, with an arrow
OPEN = 0.4  # a bar without an end is drawn so far at least
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0)  # between ticks, where there is room
KEY = 6.5  # mm, width of a mark in a legend
SQUARE = 0.95  # mm, half the side of the square of an effect
DASHED = (0, (2.2, 1.2))  # lines of what is not pooled
ABOVE = 4  # drawing order of marks, over the lines of their intervals
LABEL = "standardized effect, first side minus second"
MODEL_COLOURS = {"main": (s.INK, s.INK), "other": (s.PAPER, s.INK), "all": (s.ORANGE, s.INK)}  # fill and edge


class EffectMark(Protocol):
    """What a row of a table must hold so that its effect can be drawn."""

    mark_id: str
    rung: str
    use: str
    estimate: float | None
    lower: float | None
    upper: float | None


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

        Each side is at least half as long as the other, so that what it means can stand below it.
        """
        known = [end for end in ends if end is not None]
        below, above = _reach([-end for end in known]), _reach(known)
        return cls(-max(below, math.ceil(above) / 2), max(above, math.ceil(below) / 2), left, width)

    def x(self, value: float) -> float:
        value = min(max(value, self.low), self.high)
        return self.left + (value - self.low) / (self.high - self.low) * self.width

    def clipped(self, value: float) -> bool:
        return not self.low <= value <= self.high

    @property
    def step(self) -> float:
        """Between ticks: the least that keeps their labels apart."""
        longest = s.text_width(_tick(-LIMIT, STEPS[0]), s.SMALL) + 1.2
        steps = [step for step in STEPS if step <= max(-self.low, self.high)]
        return next((step for step in steps if step / (self.high - self.low) * self.width > longest), steps[-1])

    @property
    def ticks(self) -> list[float]:
        step = self.step
        return [step * i for i in range(math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9) + 1)]


def _reach(ends: list[float]) -> float:
    """How far a side goes, in halves: to 0.5 at least, so that small effects do not look large."""
    reach = max([0.5, *(end for end in ends if math.isfinite(end))])
    return min(math.ceil(reach * 2) / 2, LIMIT)


def ends(row: EffectMark) -> Iterator[float | None]:
    """What a scale must hold of a row; of a bar without an end, a part that can be seen."""
    yield row.estimate
    for end, other, sign in ((row.lower, row.upper, -1), (row.upper, row.lower, 1)):
        yield other + sign * OPEN if end is not None and math.isinf(end) else end


def effect(ax: Axes, row: EffectMark, y: float, scale: Scale, half: float = SQUARE) -> None:
    """Square with interval, open bar, or arrow; `half` is half the side of a square."""
    main = row.use == "main"
    if row.rung == "exact":
        colour = s.BLUE if main else s.SOFT
        interval(ax, row.lower, row.upper, y, scale, colour)
        x = scale.x(row.estimate)
        if scale.clipped(row.estimate):
            mark = s.arrowhead(ax, x, y, 1 if row.estimate > 0 else -1, colour, size=1.6)
        else:
            mark = square(ax, x, y, half, colour, filled=main)
        mark.set(gid=row.mark_id, zorder=ABOVE)
    elif row.rung == "bounded":
        colour = s.ORANGE if main else s.SOFT
        left, right = scale.x(row.lower), scale.x(row.upper)
        bar(ax, left, right, y, colour, dashed=not main).set_gid(row.mark_id)
        _beyond(ax, row.lower, row.upper, y, scale, colour, size=1.25)
    elif row.rung == "direction":
        colour = s.GREEN if main else s.SOFT
        sign = 1 if math.isinf(row.upper) else -1
        tip = scale.x(sign * 0.14 * (scale.high - scale.low))
        arrow(ax, scale.x(0), tip, y, colour, dashed=not main).set_gid(row.mark_id)


def square(ax: Axes, x: float, y: float, half: float, colour: str, *, filled: bool = True) -> Rectangle:
    """An exact effect."""
    paint = {"fc": colour if filled else s.PAPER, "ec": colour, "lw": 0.7}
    return ax.add_patch(Rectangle((x - half, y - half), 2 * half, 2 * half, **paint))


def bar(ax: Axes, left: float, right: float, y: float, colour: str, *, dashed: bool = False) -> Rectangle:
    """Bounds of an effect."""
    line = DASHED if dashed else "-"
    return ax.add_patch(Rectangle((left, y - 0.95), right - left, 1.9, fc=s.PAPER, ec=colour, lw=0.8, ls=line))


def arrow(ax: Axes, start: float, stop: float, y: float, colour: str, *, dashed: bool = False) -> Line2D:
    """The direction of an effect."""
    line = ax.add_line(Line2D([start, stop], [y, y], color=colour, lw=1.0, ls=DASHED if dashed else "-"))
    s.arrowhead(ax, stop, y, 1 if stop > start else -1, colour, size=1.1)
    return line


def cross(ax: Axes, x: float, y: float) -> Line2D:
    """Nothing usable is known."""
    for slope in (-1, 1):
        line = ax.add_line(Line2D([x - 0.6, x + 0.6], [y - slope * 0.6, y + slope * 0.6], color=s.SOFT, lw=0.8))
    return line


def interval(ax: Axes, low: float, high: float, y: float, scale: Scale, colour: str, width: float = 0.8) -> None:
    """A line from end to end, with an arrow where the plot ends first."""
    ax.add_line(Line2D([scale.x(low), scale.x(high)], [y, y], color=colour, lw=width, solid_capstyle="butt"))
    _beyond(ax, low, high, y, scale, colour)


def _beyond(ax: Axes, low: float, high: float, y: float, scale: Scale, colour: str, size: float = 0.9) -> None:
    """An arrow at each side where something goes on beyond the plot."""
    for sign, on in ((-1, low < scale.low), (1, high > scale.high)):
        if on:
            s.arrowhead(ax, scale.x(sign * math.inf), y, sign, colour, size)


def prediction(ax: Axes, low: float, high: float, y: float, scale: Scale) -> None:
    """A prediction interval: thin, with a cap at each end that the plot shows."""
    interval(ax, low, high, y, scale, s.INK)
    for end in (low, high):
        if not scale.clipped(end):
            _cap(ax, scale.x(end), y)


def _cap(ax: Axes, x: float, y: float) -> None:
    ax.add_line(Line2D([x, x], [y - 0.8, y + 0.8], color=s.INK, lw=0.8))


def model(ax: Axes, row: EffectMark, y: float, scale: Scale) -> None:
    """A diamond from end to end of the interval."""
    fill, edge = MODEL_COLOURS[row.use]
    diamond(ax, *(scale.x(x) for x in (row.lower, row.estimate, row.upper)), y, fill, edge).set_gid(row.mark_id)
    _beyond(ax, row.lower, row.upper, y, scale, edge)


def diamond(ax: Axes, left: float, centre: float, right: float, y: float, fill: str, edge: str) -> Polygon:
    points = [(left, y), (centre, y - 1.15), (right, y), (centre, y + 1.15)]
    return ax.add_patch(Polygon(points, closed=True, fc=fill, ec=edge, lw=0.6, zorder=ABOVE))


AXIS = 9.0  # mm below the rows, to the end of the axis and its label


def axis(
    ax: Axes, scale: Scale, top: float, bottom: float, label: str = LABEL, sides: tuple[str, str] | None = None
) -> None:
    """The line of no effect from top to bottom, and the scale below it, with what its sides mean.

    The id of the scale gives the values at its ends, so that the report can draw on it.
    """
    zero = scale.x(0)
    ax.add_line(Line2D([zero, zero], [top, bottom + 1], color=s.SOFT, lw=0.6, zorder=0.5))
    y = bottom + 1.5
    gid = f"axis_{scale.low:g}_{scale.high:g}"
    ax.add_line(Line2D([scale.left, scale.left + scale.width], [y, y], color=s.INK, lw=0.6, gid=gid))
    for tick in scale.ticks:
        x = scale.x(tick)
        ax.add_line(Line2D([x, x], [y, y + 0.9], color=s.INK, lw=0.6))
        s.say(ax, x, y + 2.6, _tick(tick, scale.step), size=s.SMALL, align="center")
    if sides:
        point(ax, zero, y + 4.2, [sides[0]], [sides[1]])
        y += s.LINE
    s.say(ax, scale.left + scale.width / 2, y + 5.8, label, size=s.SMALL, align="center", colour=s.SOFT)


def sides(scale: Scale, left: str, right: str, spare: tuple[float, float]) -> tuple[list[str], list[str]]:
    """What left and right of zero mean, in lines that fit that side of the plot and the spare millimetres beside it."""
    zero, arrow = scale.x(0), 3.7
    rooms = zero - scale.left + spare[0] - arrow, scale.left + scale.width - zero + spare[1] - arrow
    return s.wrap(left, rooms[0], s.SMALL), s.wrap(right, rooms[1], s.SMALL)


def point(ax: Axes, zero: float, y: float, left: list[str], right: list[str]) -> None:
    """What left and right of zero mean, in lines of text from y downwards."""
    how = {"size": s.SMALL, "colour": s.SOFT}
    s.lines(ax, zero - 1.2, y, [f"\N{LEFTWARDS ARROW} {left[0]}", *left[1:]], align="right", **how)
    s.lines(ax, zero + 1.2, y, [*right[:-1], f"{right[-1]} \N{RIGHTWARDS ARROW}"], **how)


def _tick(value: float, step: float) -> str:
    """A tick with as many decimals as the step has."""
    return f"{value:.{int(step < 1)}f}".replace("-", "\N{MINUS SIGN}") if value else "0"


KEYS = {
    "exact": "effect with its interval",
    "bounded": "only bounds are known: the effect of the sample lies in the bar, or beyond an arrow",
    "direction": "only the sign is known",
    "model": "model of the exact effects (other estimators open)",
    "all": "model of all the evidence",
    "interval": "prediction interval",
    "excluded": "open or dashed, and grey: shown, not pooled",
}


def entries(words: dict[str, str]) -> list[Entry]:
    """These marks as they stand in a legend, each with its words."""
    return [Entry(partial(_key, name), text, KEY / 2) for name, text in words.items()]


def _key(name: str, ax: Axes, x: float, y: float) -> None:
    """A mark as it stands in a legend, with x in its middle."""
    left, right = x - KEY / 2, x + KEY / 2
    match name:
        case "exact":
            ax.add_line(Line2D([left, right], [y, y], color=s.BLUE, lw=0.8))
            square(ax, x, y, SQUARE, s.BLUE)
        case "bounded":
            bar(ax, left, right, y, s.ORANGE)
        case "direction":
            arrow(ax, left, right - 1.5, y, s.GREEN)
        case "model":
            diamond(ax, left, x, right, y, *MODEL_COLOURS["main"])
        case "all":
            diamond(ax, left, x, right, y, *MODEL_COLOURS["all"])
        case "interval":
            ax.add_line(Line2D([left, right], [y, y], color=s.INK, lw=0.8))
            _cap(ax, left, y)
            _cap(ax, right, y)
        case "excluded":
            ax.add_line(Line2D([left, right], [y, y], color=s.SOFT, lw=0.8))
            square(ax, x, y, SQUARE, s.SOFT, filled=False)
        case _:
            raise ValueError(f"no such mark: {name}")


def pointer(ax: Axes, verdict: str, x: float, y: float, *, known: bool, half: float = 1.05) -> Artist:
    """Where findings point: up or down, two heads that part (mixed), or a ring (none).

    Filled where better and worse are `known`, so that up is better; open where up is only higher.
    """
    colour = {"up": s.BLUE, "down": s.ORANGE}.get(verdict, s.INK) if known else s.INK
    paint = {"fc": colour if known else s.PAPER, "ec": colour, "lw": 0.6}
    match verdict:
        case "up" | "down":
            tip = -half if verdict == "up" else half
            points = [(x - half, y - tip), (x + half, y - tip), (x, y + tip)]
            return ax.add_patch(Polygon(points, closed=True, **paint))
        case "mixed":
            heads = [
                [(x + side, y - 0.75), (x + side, y + 0.75), (x + side + math.copysign(half, side), y)]
                for side in (0.2, -0.2)
            ]
            return [ax.add_patch(Polygon(points, closed=True, **paint)) for points in heads][-1]
        case "none":
            return ax.add_patch(Circle((x, y), 0.6, fc=s.PAPER, ec=s.SOFT, lw=0.7))
    raise ValueError(f"no such verdict: {verdict}")


SIGNS = {
    "exact": "an effect with its interval",
    "bounded": "bounds only",
    "direction": "the sign only",
    "unusable": "nothing usable",
}


def sign(ax: Axes, rung: str, side: int, x: float, y: float, colour: str, *, filled: bool = True) -> Artist:
    """The mark of a finding where only its direction is drawn: its rung is the shape, as on a scale.

    `side` is 1 where the finding points right, -1 left, 0 neither: the head of a direction then becomes a ring.
    """
    paint = {"fc": colour if filled else s.PAPER, "ec": colour, "lw": 0.7}
    match rung:
        case "exact":
            return square(ax, x, y, 1.0, colour, filled=filled)
        case "bounded":
            return ax.add_patch(Rectangle((x - 1.9, y - 0.7), 3.8, 1.4, **paint))
        case "direction" if side:
            points = [(x - side * 1.2, y - 1.1), (x + side * 1.4, y), (x - side * 1.2, y + 1.1)]
            return ax.add_patch(Polygon(points, closed=True, **paint))
        case "direction":
            return ax.add_patch(Circle((x, y), 0.9, **paint))
        case "unusable":
            return cross(ax, x, y)
    raise ValueError(f"no such rung: {rung}")


def sign_entries(colour: str) -> list[Entry]:
    """These marks as they stand in a legend, pointing right."""
    return [
        Entry(lambda ax, x, y, rung=rung: sign(ax, rung, 1, x, y, colour), words, 1.9) for rung, words in SIGNS.items()
    ]
