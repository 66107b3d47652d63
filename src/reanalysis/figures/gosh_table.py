"""What the GOSH plot shows, as a table: how many subsets of the samples give which estimate and which heterogeneity."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reanalysis.results.rows import Model, Subset, SubsetSample
from reanalysis.results.table import Row, col

ACROSS, UP = 60, 36  # cells of the picture: how finely it is drawn, nothing else
LEAST = 0.25  # range of the estimates, and of tau, at least, so that small differences do not look large


@dataclass(frozen=True, kw_only=True, slots=True)
class GoshCell(Row):
    """A cell of the picture: subsets whose estimate and tau lie within its sides."""

    est_from: float | None = col("estimate at its left side")
    est_to: float | None = col("estimate at its right side")
    tau_from: float | None = col("tau at its lower side")
    tau_to: float | None = col("tau at its upper side")
    subsets: int | None = col("subsets in it")
    with_sample: int | None = col("of these, subsets that hold the sample without which estimates move most")
    sample_id: str | None = col("that sample")
    label: str | None = col("short name of its report")
    whole: float | None = col("estimate with all samples")


def gosh_table(subsets: Sequence[Subset], samples: Iterable[SubsetSample], model: Model) -> list[GoshCell]:
    """Cells that hold subsets, from left to right and upwards. Subsets without an estimate are in no cell."""
    known = [row for row in subsets if row.est is not None and math.isfinite(row.est)]
    if not known:
        return []
    (mover,) = (row for row in samples if row.moves_most)
    taus = [math.sqrt(row.tau2) for row in known]
    across = _sides([model.est, *(row.est for row in known)], ACROSS)
    up = _sides([0.0, *taus], UP)
    places = [(_cell(row.est, across), _cell(tau, up)) for row, tau in zip(known, taus, strict=True)]
    counts = Counter(places)
    holding = Counter(place for place, row in zip(places, known, strict=True) if row.samples[mover.digit - 1] == "1")
    return [
        GoshCell(
            est_from=across[i],
            est_to=across[i + 1],
            tau_from=up[j],
            tau_to=up[j + 1],
            subsets=n,
            with_sample=holding[i, j],
            sample_id=mover.sample_id,
            label=mover.label,
            whole=model.est,
        )
        for (i, j), n in sorted(counts.items())
    ]


def _sides(values: list[float], count: int) -> list[float]:
    low, high = min(values), max(values)
    high = max(high, low + LEAST)
    return [low + (high - low) * i / count for i in range(count + 1)]


def _cell(value: float, sides: list[float]) -> int:
    share = (value - sides[0]) / (sides[-1] - sides[0])
    return min(int(share * (len(sides) - 1)), len(sides) - 2)
