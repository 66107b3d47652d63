"""An explanation: headings with lines, and parts below them; and the words that all explanations share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reanalysis.results.rows import Effect, Model, PooledUnit
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.raw import Fidelity
from reanalysis.text import interval, number


@dataclass(frozen=True)
class Part:
    """A heading, the lines below it, and the parts below these."""

    heading: str
    lines: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    def printed(self, depth: int = 0) -> Iterator[str]:
        """The part as lines of text, indented by depth."""
        yield f"{'  ' * depth}{self.heading}"
        for line in self.lines:
            yield f"{'  ' * depth}  {line}"
        for part in self.parts:
            yield from part.printed(depth + 1)


def part(heading: str, lines: Iterable[str | None], parts: Iterable[Part | None] = ()) -> Part | None:
    """A part of the lines and parts that are there; nothing where none is."""
    told, below = tuple(line for line in lines if line), tuple(one for one in parts if one)
    return Part(heading, told, below) if told or below else None


def pairs(**values: object) -> list[str]:
    """A line for each value that is known, by its name in words."""
    return [f"{name.replace('_', ' ')}: {value}" for name, value in values.items() if value not in (None, "", ())]


def stored(value: float | None) -> str | None:
    """A number with the digits of its table."""
    return None if value is None else f"{value:.12g}"


def size(effect: Effect | PooledUnit) -> str:
    """What is known of an effect, in a few words."""
    if effect.rung == "unusable":
        return v.REPORTING[effect.rung]
    symbol = v.METRICS[effect.metric]
    if effect.yi is not None:
        return f"{symbol} {number(effect.yi)}"
    if effect.rung == "direction":
        return f"{v.REPORTING[effect.rung]}, {'positive' if effect.yi_lb == 0 else 'negative'}"
    return f"{symbol} of the sample in {interval(effect.yi_lb, effect.yi_ub)}"


def estimate(row: Model) -> str:
    """A model and what it gives."""
    name = f"{MODELS[row.model].label}, k = {row.k}"
    if row.est is None and row.ci_lb is None:
        return f"{name}: {row.note or 'no estimate'}"
    value = "" if row.est is None else f"{number(row.est)} "
    return f"{name}: {v.METRICS[row.metric]} {value}{interval(row.ci_lb, row.ci_ub)}"


def said(row: Fidelity) -> str:
    """What a source says of a claim, and where."""
    told = [f"{row.says}, {v.SAYS[row.says]}", row.told, row.missing and f"not told: {row.missing}", row.locator]
    return "; ".join(filter(None, told))


def rows_of(places: Iterable[int]) -> str:
    """Numbers of rows as text: row 3; rows 3-5, 7."""
    runs: list[list[int]] = []
    for place in sorted(places):
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    told = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
    return f"row {told}" if told.isdecimal() else f"rows {told}"
