"""What a plot of refitted models shows, as a table: without a sample, by year, or under other choices."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import dropwhile, groupby

from reanalysis.figures.forest_table import estimate_text, model_key
from reanalysis.results.rows import Model, Refit, Subgroup, Variant
from reanalysis.results.table import Row, col
from reanalysis.schema.cell_models import BAYESIAN, COMMON_EFFECT, SINGLE_STUDY
from reanalysis.schema.vocabulary import ALTERNATIVES
from reanalysis.text import capital, interval

FROM_K, WIDEST = 3, 4.0  # a cumulative analysis begins with so many samples, and an interval that is narrower
MIN_ADDED = 3  # rows of one that is drawn
MARKS = {  # of levels that no random-effects model stands for, with what the foot of the figure says of them
    SINGLE_STUDY: ("*", "a single sample, not pooled"),
    COMMON_EFFECT: ("\N{DAGGER}", "two samples, pooled with a common effect"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class RefitRow(Row):
    """A line of a plot of refitted models: a heading, the model on part of its evidence, or the whole model."""

    kind: str | None = col(
        "heading, refit, pool (of a subgroup), single (a subgroup of one sample), whole, or note (below the figure)"
    )
    mark_id: str | None = col(
        "id of the mark in the figure; empty for headings, and where there is no estimate nor bound"
    )
    label: str | None = col("sample, choice or level, or the words of a note")
    k: int | None = col("independent samples in the model")
    use: str | None = col("main, or all for the all-evidence model")
    estimate: float | None = col("estimate")
    lower: float | None = col("left end of the interval")
    upper: float | None = col("right end")
    level: float | None = col("level of the interval")
    effect: str | None = col("the same as printed in the figure")
    head: str | None = col("what the rows are, as the head of their column, in the row of the whole model")
    interval: str | None = col("CI or CrI (credible), there")
    metric: str | None = col("scale of the effect, in the row of the whole model")
    left: str | None = col("what a negative value means, in the row of the whole model")
    right: str | None = col("what a positive value means, there")


def leave_one_out_table(refits: Iterable[Refit], model: Model, sides: tuple[str, str]) -> list[RefitRow]:
    """The model without each sample, from the lowest estimate to the highest, and the whole model.

    `sides` are what a negative and a positive value mean, here and below.
    """
    rows = [_refit(f"without--{row.sample_id}", row.label, row, model) for row in refits]
    return [*sorted(rows, key=_place), _whole(model, sides, "Study omitted")]


def cumulative_table(refits: Iterable[Refit], model: Model, sides: tuple[str, str]) -> list[RefitRow]:
    """The model on the samples up to each year, of which the last is the whole model.

    It begins where the interval says something. Nothing where too few rows are left.
    """
    told = list(dropwhile(lambda row: row.k < FROM_K or not row.ci_ub - row.ci_lb < WIDEST, refits))
    if len(told) < MIN_ADDED:
        return []
    *before, last = told
    return [
        *(_refit(f"up-to--{row.sample_id}", row.label, row, model) for row in before),
        _whole(model, sides, "Study added", f"{last.label} (all samples)"),
    ]


def alternatives_table(variants: Iterable[Variant], model: Model, sides: tuple[str, str]) -> list[RefitRow]:
    """The model under each alternative to the main analysis, by kind as declared, and the model itself.

    Of alternatives that give the same numbers, as where a model does not know the choice, the first stands for all.
    """
    different: dict[tuple, Variant] = {}
    for row in variants:
        different.setdefault((row.k, *map(_rounded, (row.est, row.ci_lb, row.ci_ub))), row)
    others = sorted(different.values(), key=lambda row: list(ALTERNATIVES).index(row.kind))
    rows, i = [], 0
    for kind, members in groupby(others, key=lambda row: row.kind):
        rows.append(RefitRow(kind="heading", label=capital(ALTERNATIVES[kind])))
        for row in members:
            i += 1
            rows.append(_refit(f"other--{i}", capital(row.variant), row, model))
    return [*rows, _whole(model, sides, "Analysis", "Main analysis")]


def subgroups_table(
    subgroups: Iterable[Subgroup], model: Model, sides: tuple[str, str], head: str, tested: str
) -> list[RefitRow]:
    """The model on each level of a moderator, the whole model, and what to know of them: `tested` says the test."""
    subgroups = list(subgroups)
    rows = []
    for row in subgroups:
        mark, _ = MARKS.get(row.model, ("", ""))
        kind = "single" if row.k == 1 else "pool"
        rows.append(replace(_refit(f"level--{row.level}", f"{row.label}{mark}", row, model), kind=kind))
    of = {row.model for row in subgroups}
    notes = [f"{mark} {capital(words)}." for name, (mark, words) in MARKS.items() if name in of]
    return [*rows, _whole(model, sides, head), *(RefitRow(kind="note", label=words) for words in (*notes, tested))]


def _rounded(value: float | None) -> float | None:
    """A number as far as computing it in another way would agree."""
    return None if value is None else round(value, 9)


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


def _whole(model: Model, sides: tuple[str, str], head: str, label: str = "All samples") -> RefitRow:
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
        head=head,
        interval="CrI" if model.model in BAYESIAN else "CI",
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
