"""What the influence and Baujat plots show, as tables: the stored diagnostics of each sample, with rules of thumb."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.numeric import norm_ppf
from reanalysis.results.rows import Influence, Model
from reanalysis.results.table import Row, col


@dataclass(frozen=True, kw_only=True)
class InfluenceMark(Row):
    """One diagnostic of one sample."""

    mark_id: str | None = col("id of the mark in the figure; empty where there is no value")
    sample_id: str | None = col("sample")
    label: str | None = col("short name of the report")
    measure: str | None = col("diagnostic, named as in metafor")
    value: float | None = col("its value")
    low: float | None = col("line drawn on the left: below it is unusual; empty where there is none")
    high: float | None = col("line drawn on the right: above it is unusual")
    middle: float | None = col("line drawn in the middle: the value of the whole model, or the expected one")
    flagged: bool | None = col("whether the sample is flagged as influential")


@dataclass(frozen=True, kw_only=True)
class BaujatMark(Row):
    """A sample of the Baujat plot."""

    mark_id: str | None = col("id of the mark in the figure")
    label: str | None = col("short name of the report")
    x: float | None = col("contribution to the residual Q")
    y: float | None = col("influence on the pooled effect")
    flagged: bool | None = col("whether the sample is flagged as influential")


def influence_table(rows: Iterable[Influence], model: Model) -> list[InfluenceMark]:
    """Eight diagnostics of each sample.

    Lines as in metafor's plot of `influence` for a model without moderators: standard normal quantiles of the deleted
    residual; |dffits| above 3 / sqrt(k - 1) (Viechtbauer & Cheung 2010); the median of chi-square(1) for Cook's
    distance; three times the mean leverage; the whole model's tau2 and Q; equal weights.
    """
    k, extreme = model.k, float(norm_ppf(0.975))
    median = float(norm_ppf(0.75)) ** 2
    rules = {
        "rstudent": (-extreme, extreme, 0.0),
        "dffits": (-3 / math.sqrt(k - 1), 3 / math.sqrt(k - 1), 0.0),
        "cook_d": (None, median, None),
        "cov_r": (None, None, 1.0),
        "tau2_del": (None, None, model.tau2),
        "QE_del": (None, None, model.QE),
        "hat": (None, 3 / k, 1 / k),
        "weight": (None, None, 100 / k),
    }
    return [
        InfluenceMark(
            mark_id=f"{measure}--{row.sample_id}" if value is not None else None,
            sample_id=row.sample_id,
            label=row.label,
            measure=measure,
            value=value,
            low=low,
            high=high,
            middle=middle,
            flagged=row.is_infl,
        )
        for row in rows
        for measure, (low, high, middle) in rules.items()
        for value in [_known(getattr(row, measure))]
    ]


def baujat_table(rows: Iterable[Influence]) -> list[BaujatMark]:
    """The samples, those with the most influence first; without those that no model can do without."""
    marks = (
        BaujatMark(
            mark_id=f"baujat--{row.sample_id}",
            label=row.label,
            x=row.baujat_x,
            y=row.baujat_y,
            flagged=row.is_infl,
        )
        for row in rows
        if _known(row.baujat_x) is not None and _known(row.baujat_y) is not None
    )
    return sorted(marks, key=lambda mark: -mark.y)


def _known(value: float | None) -> float | None:
    """The value, or None where it is not defined: not a number in a fit, empty in a table."""
    return None if value is None or math.isnan(value) else value
