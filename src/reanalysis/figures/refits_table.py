"""What a plot of refitted models shows, as a table: without a sample, by year, or under other choices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from reanalysis.figures.forest_table import estimate_text, model_key
from reanalysis.results.rows import Model, Refit, Subgroup, Variant
from reanalysis.results.table import Row, col
from reanalysis.text import capital, interval

KINDS = {  # of alternatives, as headings
    "reading": "What significance statements mean",
    "coding": "Other reported values",
    "cohort": "Other overlapping samples",
    "rung": "Reporting level",
    "model choice": "Statistical model",
    "prior": "Prior distributions",
    "selection": "Selective reporting",
    "tipping point": "Tipping point",
    "several choices": "Several choices at once",
}


@dataclass(frozen=True, kw_only=True)
class RefitRow(Row):
    """A line of a plot of refitted models: a heading, the model on part of its evidence, or the whole model."""

    kind: str | None = col("heading, refit or whole")
    mark_id: str | None = col(
        "id of the mark in the figure; empty for headings, and where there is no estimate nor bound"
    )
    label: str | None = col("sample or choice")
    k: int | None = col("independent samples in the model")
    use: str | None = col("main, or all for the all-evidence model")
    estimate: float | None = col("estimate")
    lower: float | None = col("left end of the interval")
    upper: float | None = col("right end")
    level: float | None = col("level of the interval")
    effect: str | None = col("the same as printed in the figure")
    metric: str | None = col("scale of the effect, in the row of the whole model")
    left: str | None = col("what a negative value means, in the row of the whole model")
    right: str | None = col("what a positive value means, there")


def leave_one_out_table(refits: Iterable[Refit], model: Model, sides: tuple[str, str]) -> list[RefitRow]:
    """The model without each sample, from the lowest estimate to the highest, and the whole model.

    `sides` are what a negative and a positive value mean, here and below.
    """
    rows = [_refit(f"without--{row.sample_id}", f"Omitting {row.label}", row, model) for row in refits]
    return [*sorted(rows, key=_place), _whole(model, sides)]


def cumulative_table(refits: Iterable[Refit], model: Model, sides: tuple[str, str]) -> list[RefitRow]:
    """The model on the samples up to each year, and the whole model."""
    return [
        *(_refit(f"up-to--{row.sample_id}", f"Up to {row.label}", row, model) for row in refits),
        _whole(model, sides),
    ]


def alternatives_table(variants: Iterable[Variant], model: Model, sides: tuple[str, str]) -> list[RefitRow]:
    """The model under each alternative to the main analysis, by kind and estimate, and the model itself."""
    others = sorted((row for row in variants if row.kind != "main"), key=lambda row: row.kind)
    rows, i = [], 0
    for kind, members in groupby(others, key=lambda row: row.kind):
        block = []
        for row in members:
            i += 1
            block.append(_refit(f"other--{i}", capital(row.variant), row, model))
        rows += [RefitRow(kind="heading", label=KINDS[kind]), *sorted(block, key=_place)]
    return [*rows, _whole(model, sides, "Main analysis")]


def subgroups_table(subgroups: Iterable[Subgroup], model: Model, sides: tuple[str, str]) -> list[RefitRow]:
    """The model on each level of a moderator, and the whole model."""
    rows = [_refit(f"level--{row.level}", row.label, row, model) for row in subgroups]
    return [*rows, _whole(model, sides)]


def _refit(mark: str, label: str, row: Refit | Variant | Subgroup, model: Model) -> RefitRow:
    known = row.est is not None and math.isfinite(row.est)
    open_ended = math.isinf(row.ci_lb) and math.isinf(row.ci_ub)
    return RefitRow(
        kind="refit",
        mark_id=None if open_ended and not known else mark,
        label=label,
        k=row.k,
        use=_use(model),
        estimate=row.est if known else None,
        lower=row.ci_lb,
        upper=row.ci_ub,
        level=model.level,
        effect=estimate_text(row.est, row.ci_lb, row.ci_ub) if known else _bounds(row.ci_lb, row.ci_ub),
    )


def _whole(model: Model, sides: tuple[str, str], label: str = "All samples") -> RefitRow:
    known = model.est is not None
    return RefitRow(
        kind="whole",
        mark_id=model_key(model) if known else None,
        label=label,
        k=model.k,
        use=_use(model),
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        metric=model.metric,
        left=sides[0],
        right=sides[1],
        level=model.level,
        effect=estimate_text(model.est, model.ci_lb, model.ci_ub) if known else "no estimate",
    )


def _use(model: Model) -> str:
    return "main" if model.headline else "all"


def _bounds(lower: float, upper: float) -> str:
    return "no estimate" if math.isinf(lower) and math.isinf(upper) else interval(lower, upper)


def _place(row: RefitRow) -> tuple[bool, float]:
    return row.estimate is None, row.estimate or 0.0
