"""What the harvest plot shows, as a table: one row for each bar, with every number drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.schema.results import Effect, col
from reanalysis.schema.vocabulary import CONTRASTS, RUNGS
from reanalysis.synthesis.directions import cells, votes

HEIGHTS = dict(zip(reversed(RUNGS), range(1, len(RUNGS) + 1), strict=True))  # unusable 1, exact the highest
SIDES = {"down": "down", "mixed": "unclear", "none": "unclear", "up": "up"}


@dataclass(frozen=True, kw_only=True)
class HarvestBar:
    """The vote of one independent unit on one outcome."""

    mark_id: str = col("id of the mark in the figure: its findings and their coding")
    contrast: str = col("contrast: a panel")
    side: str = col("where the bar stands: down, unclear or up")
    verdict: str = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    sense: str = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    domain: str = col("domain")
    outcome_group: str = col("outcome")
    sample_ids: str = col("samples of the unit")
    label: str = col("short name of the report")
    rung: str = col("highest rung of the ladder among its findings")
    height: int = col("height of the bar: 1 unusable, 2 direction, 3 bounded, 4 exact")
    n: int = col("persons behind the largest finding; empty where not known")
    finding_ids: str = col("the findings")


def harvest_table(effects: Iterable[Effect]) -> list[HarvestBar]:
    """Bars by contrast and side, within a side by report: the votes that the sign test of each outcome counts."""
    contrasts, sides = list(CONTRASTS), list(SIDES)
    bars = [
        HarvestBar(
            mark_id=vote.mark_id,
            side=SIDES[vote.verdict],
            verdict=vote.verdict,
            sample_ids=vote.samples,
            label=vote.findings[0].label,
            rung=vote.rung,
            height=HEIGHTS[vote.rung],
            n=vote.persons,
            finding_ids=vote.ids,
            **cell.columns,
        )
        for cell in cells(effects)
        if cell.outcome_group
        for vote in votes(cell.findings)
    ]
    return sorted(
        bars,
        key=lambda bar: (contrasts.index(bar.contrast), sides.index(bar.verdict), bar.label.casefold(), bar.mark_id),
    )
