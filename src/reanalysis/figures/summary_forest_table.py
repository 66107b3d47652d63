"""What the summary forest shows, as a table: one row for each estimate or interval of every cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reanalysis.figures.forest_table import effect_text, model_key
from reanalysis.results.rows import Model, PooledUnit
from reanalysis.results.table import CellKey, CellRow, col
from reanalysis.schema.cell_models import ALL_EVIDENCE
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Domain

Columns = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class SummaryRow(CellRow):
    """A line of the summary forest: a model of a cell, or the bounds of one of its samples."""

    mark_id: str | None = col("id of the mark in the figure; empty where a model has no estimate")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    contrast_label: str | None = col("contrast in words")
    outcome_label: str | None = col("outcome in words")
    kind: str | None = col("exact effects (the headline model), all evidence (that model), or bounds (of one sample)")
    label: str | None = col("short name of the report, where it is one sample")
    k: int | None = col("independent samples")
    rung: str | None = col("exact or bounded where it is one sample: a square or a bar; empty for a diamond")
    use: str | None = col("main, or all for the all-evidence model")
    estimate: float | None = col("estimate")
    lower: float | None = col("left end of the interval or bar; minus infinity when open")
    upper: float | None = col("right end")
    effect: str | None = col("the same as printed in the figure")


def summary_forest_table(
    models: Iterable[Model], units: Iterable[PooledUnit], domains: Iterable[Domain], names: Names
) -> list[SummaryRow]:
    """Rows in the order of domains, contrasts and outcomes; cells of which only directions are known have none."""
    known = {domain.domain: domain for domain in domains}
    order = list(known)
    models, units = list(models), list(units)
    cells = sorted(
        {row.cell for row in (*models, *units)},
        key=lambda cell: (order.index(cell.domain), names.order(cell.contrast), cell),
    )
    return [
        row
        for cell in cells
        for row in _rows(
            [model for model in models if model.cell == cell],
            [unit for unit in units if unit.cell == cell],
            _columns(cell, known[cell.domain], names),
        )
    ]


def _rows(models: list[Model], units: list[PooledUnit], columns: Columns) -> Iterator[SummaryRow]:
    shown = [model for model in models if model.headline]
    shown += [model for model in models if model.model == ALL_EVIDENCE]
    yield from (_model(model, units, columns) for model in shown)
    if all(model.est is None for model in shown):
        yield from (_bounds(unit, columns) for unit in units if unit.rung == "bounded")


def _model(model: Model, units: list[PooledUnit], columns: Columns) -> SummaryRow:
    every = model.model == ALL_EVIDENCE
    single = next((unit for unit in units if unit.rung == "exact"), None) if model.k == 1 else None
    return SummaryRow(
        mark_id=model_key(model) if model.est is not None else None,
        **columns,
        kind=ALL_EVIDENCE if every else "exact effects",
        label=single.label if single else None,
        k=model.k,
        rung="exact" if single else None,
        use="all" if every else "main",
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        effect=effect_text("exact", model.est, model.ci_lb, model.ci_ub) if model.est is not None else "no estimate",
    )


def _bounds(unit: PooledUnit, columns: Columns) -> SummaryRow:
    return SummaryRow(
        mark_id=f"{unit.domain}--{'__'.join(unit.findings)}",
        **columns,
        kind="bounds",
        label=unit.label,
        k=1,
        rung="bounded",
        use="main",
        lower=unit.yi_lb,
        upper=unit.yi_ub,
        effect=effect_text("bounded", None, unit.yi_lb, unit.yi_ub),
    )


def _columns(cell: CellKey, domain: Domain, names: Names) -> Columns:
    """What every row of a cell says of it."""
    words = {"contrast_label": names.contrasts[cell.contrast].label, "outcome_label": names.outcome(cell.outcome_group)}
    return cell._asdict() | {"section": domain.section, "title": domain.title} | words
