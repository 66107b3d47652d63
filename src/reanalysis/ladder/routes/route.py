"""What a route is: a way from the cells of a declared statistic to an effect, with everything that is known of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from reanalysis import effects as es
from reanalysis.ladder.design import Design
from reanalysis.ladder.routes.lines import Line
from reanalysis.ladder.routes.opinions import Asked, NoOpinion, Opinion, Silence
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding

BETWEEN, WITHIN, ALL = ("SMD",), ("SMCC",), ("SMD", "SMCC", "ZCOR")  # metrics that a route can give
P = ("p_relation", "p_sides")  # beside `pi`


class Unconvertible(ValueError):
    """The statistic does not fix an effect; the message says why."""


@dataclass(frozen=True)
class Route:
    """How a statistic becomes an effect: everything that any part of the project knows of it.

    Parameters
    ----------
    name : how it is called; routes of one statistic that have the same name differ only in the cells they ask for.
    cells : cells of the finding that it needs.
    compute : the effect, from finding, design and choices; raises ValueError where it does not follow after all.
    lines : the formula as the report shows it, with its sources, from finding, design and name of the variance.
    second : what other packages find in its place, or why there is nothing.
    metrics : metrics that it can give.
    optional : cells that enter where they are filled.
    sized : whether it takes the participants that the design knows.
    tested : whether it rests on a test or model, and is closed where that is not of this contrast.
    by_t : whether the effect is a multiple of the t of the contrast, so that the sampling variance is the configured
        one, and the t comes back from the effect. Otherwise source or counts give the variance.
    assumed : what the route takes for granted.
    """

    name: str
    cells: tuple[str, ...]
    compute: Callable[[Finding, Design, Effects], es.EffectSize]
    lines: Callable[[Finding, Design, str | None], list[Line]]
    second: Callable[[Asked], list[Opinion | NoOpinion]] | Silence
    metrics: tuple[str, ...] = ("SMD", "SMCC")
    optional: tuple[str, ...] = ()
    sized: bool = True
    tested: bool = True
    by_t: bool = True
    assumed: Callable[[Finding, Design], str] = lambda row, design: design.assumed

    def inputs(self, row: Finding, design: Design) -> tuple[str, ...]:
        """The cells of the row that enter."""
        used = (*self.cells, *self.optional, *(design.cells if self.sized else ()))
        return tuple(dict.fromkeys(cell for cell in used if getattr(row, cell) is not None))

    def vtype(self, design: Design, config: Effects) -> str | None:
        """Name of the sampling variance, where it is a choice."""
        return config.smd_variance if self.by_t and design.metric != "ZCOR" else None


def numbers(row: Finding, *cells: str) -> list[float]:
    """Cells of a finding as numbers."""
    return [float(getattr(row, cell)) for cell in cells]


def two_groups(design: Design) -> es.Contrast:
    """The contrast of two groups; raises Unconvertible where there are four."""
    if design.four_arms:
        raise Unconvertible("two groups are not the four arms of this contrast")
    return design.contrast


def signed(row: Finding, size: float) -> float:
    """A size with the sign of the row; a size of zero needs none. Raises Unconvertible where there is no sign."""
    if size and row.direction == "none":
        raise Unconvertible("the source gives no sign")
    return v.SIGN.get(row.direction, 0) * size
