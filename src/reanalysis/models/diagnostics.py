"""What a reader holds the diagnostics of a model against, and which sample moves the model most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reanalysis.meta import Fit
from reanalysis.numeric import norm_ppf
from reanalysis.results.rows import FunnelContour, InfluenceLimit, PooledUnit, Subset, SubsetSample
from reanalysis.results.table import CellKey

FUNNEL_P = (0.10, 0.05, 0.01)


def influence_limits(cell: CellKey, model: str, fitted: Fit) -> Iterator[InfluenceLimit]:
    """What is usual of each deletion diagnostic of a model with k samples.

    As in metafor's plot of `influence` for a model without moderators: standard normal quantiles of the deleted
    residual; |dffits| above 3 / sqrt(k - 1) (Viechtbauer & Cheung 2010); the median of chi-square(1) for Cook's
    distance; three times the mean leverage; the whole model's tau2 and Q; equal weights.
    """
    k, extreme = fitted.k, float(norm_ppf(0.975))
    median = float(norm_ppf(0.75)) ** 2
    limits = {
        "rstudent": (-extreme, extreme, 0.0),
        "dffits": (-3 / math.sqrt(k - 1), 3 / math.sqrt(k - 1), 0.0),
        "cook_d": (None, median, None),
        "cov_r": (None, None, 1.0),
        "tau2_del": (None, None, float(fitted.tau2)),
        "QE_del": (None, None, float(fitted.QE)),
        "hat": (None, 3 / k, 1 / k),
        "weight": (None, None, 100 / k),
    }
    for measure, (low, high, middle) in limits.items():
        yield InfluenceLimit(**cell._asdict(), model=model, measure=measure, low=low, high=high, middle=middle)


def funnel_contours(cell: CellKey) -> Iterator[FunnelContour]:
    """Contours of a funnel plot at p = 0.10, 0.05 and 0.01 (Peters et al. 2008)."""
    for p in FUNNEL_P:
        yield FunnelContour(**cell._asdict(), pval=p, slope=float(norm_ppf(1 - p / 2)))


def subset_samples(units: Sequence[PooledUnit], subsets: Sequence[Subset]) -> Iterator[SubsetSample]:
    """What each sample does to the estimates of the subsets of one model: their means with it and without it.

    `units` are in the order of the digits of a subset. Subsets without an estimate are left out. Nothing where none
    has one. The sample that moves the estimates most is the one whose two means differ most, the first on a tie.
    """
    known = [row for row in subsets if row.est is not None and math.isfinite(row.est)]
    if not known:
        return
    means = [
        tuple(_mean([row.est for row in known if row.samples[i] == side]) for side in "10") for i in range(len(units))
    ]
    moves = [0.0 if None in pair else abs(pair[0] - pair[1]) for pair in means]
    for i, (unit, pair) in enumerate(zip(units, means, strict=True)):
        yield SubsetSample(
            **known[0].cell._asdict(),
            model=known[0].model,
            sample_id=unit.sample_id,
            label=unit.label,
            digit=i + 1,
            est_with=pair[0],
            est_without=pair[1],
            moves_most=i == moves.index(max(moves)),
        )


def _mean(values: list[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None
