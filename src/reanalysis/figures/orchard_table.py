"""What the orchard plot shows, as a table: the effects of every outcome that has enough of them, and its model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.figures.forest_models import by_contrast
from reanalysis.figures.forest_table import estimate_text, model_key
from reanalysis.results.rows import Model, PooledUnit
from reanalysis.results.table import CellRow, by_cell, col
from reanalysis.schema.cell_models import MIN_K_PREDICTION
from reanalysis.schema.evidence import Names
from reanalysis.text import capital


@dataclass(frozen=True, kw_only=True, slots=True)
class OrchardRow(CellRow):
    """A heading of a block, the model of an outcome, or one of its effects."""

    kind: str | None = col("contrast (heading of a block), model, or sample")
    mark_id: str | None = col("id of the mark in the figure; empty for headings")
    label: str | None = col("contrast, outcome, or short name of the report")
    sample_id: str | None = col("sample", of="samples")
    k: int | None = col("independent samples in the model")
    estimate: float | None = col("effect of the sample, or the pooled effect")
    se: float | None = col("standard error of the sample: the area of its mark is one over it")
    lower: float | None = col("left end of the interval of the pooled effect")
    upper: float | None = col("right end of it")
    pi_lower: float | None = col("left end of the prediction interval")
    pi_upper: float | None = col("right end of it")
    level: float | None = col("level of both intervals")
    effect: str | None = col("the pooled effect as printed in the figure")
    left: str | None = col("what a negative value means, in a heading")
    right: str | None = col("what a positive value means, in a heading")


def orchard_table(models: Iterable[Model], units: Iterable[PooledUnit], names: Names) -> list[OrchardRow]:
    """The headline models of enough samples by metric and contrast, each followed by its effects."""
    units_of, rows = by_cell(units), []
    shown = [model for model in models if model.headline and model.k >= MIN_K_PREDICTION]
    for heading, own in by_contrast(shown, names):
        rows.append(OrchardRow(kind="contrast", **heading))
        for model in own:
            rows.append(_model(model, names))
            rows += [_sample(unit) for unit in units_of[model.cell] if unit.rung == "exact"]
    return rows


def _model(model: Model, names: Names) -> OrchardRow:
    return OrchardRow(
        **model.cell._asdict(),
        kind="model",
        mark_id=model_key(model),
        label=capital(names.outcome(model.outcome_group)),
        k=model.k,
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        pi_lower=model.pi_lb,
        pi_upper=model.pi_ub,
        level=model.level,
        effect=estimate_text(model.est, model.ci_lb, model.ci_ub),
    )


def _sample(unit: PooledUnit) -> OrchardRow:
    return OrchardRow(
        **unit.cell._asdict(),
        kind="sample",
        mark_id=f"{'--'.join(unit.cell)}--{unit.sample_id}",
        label=unit.label,
        sample_id=unit.sample_id,
        estimate=unit.yi,
        se=unit.sei,
    )
