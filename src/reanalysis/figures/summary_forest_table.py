"""What the summary forest shows, as a table: one row for each estimate or interval of every cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reanalysis.figures.forest_table import effect_text, model_key
from reanalysis.schema.raw import Domain
from reanalysis.schema.results import Model, PooledUnit, col
from reanalysis.schema.vocabulary import ALL_EVIDENCE, CONTRASTS


@dataclass(frozen=True, kw_only=True)
class SummaryRow:
    """A line of the summary forest: a model of a cell, or the bounds of one of its samples."""

    mark_id: str = col("id of the mark in the figure; empty where a model has no estimate")
    domain: str = col("domain: a block")
    section: str = col("section of the review")
    title: str = col("title of the domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome")
    metric: str = col("scale")
    kind: str = col("exact effects (the headline model), all evidence (that model), or bounds (of one sample)")
    label: str = col("short name of the report, where it is one sample")
    k: int = col("independent samples")
    rung: str = col("exact or bounded where it is one sample: a square or a bar; empty for a diamond")
    use: str = col("main, or all for the all-evidence model")
    estimate: float = col("estimate")
    lower: float = col("left end of the interval or bar; minus infinity when open")
    upper: float = col("right end")
    effect: str = col("the same as printed in the figure")


def summary_forest_table(
    models: Iterable[Model], units: Iterable[PooledUnit], domains: Iterable[Domain]
) -> list[SummaryRow]:
    """Rows in the order of domains, contrasts and outcomes; cells of which only directions are known have none."""
    known = {domain.domain: domain for domain in domains}
    names, contrasts = list(known), list(CONTRASTS)
    models, units = list(models), list(units)
    cells = sorted(
        {_cell(row) for row in (*models, *units)},
        key=lambda cell: (names.index(cell[0]), contrasts.index(cell[1]), *cell[2:]),
    )
    return [
        row
        for cell in cells
        for row in _rows(
            [model for model in models if _cell(model) == cell],
            [unit for unit in units if _cell(unit) == cell],
            known[cell[0]],
        )
    ]


def _cell(row: Model | PooledUnit) -> tuple[str, str, str, str]:
    return row.domain, row.contrast, row.outcome_group, row.metric


def _rows(models: list[Model], units: list[PooledUnit], domain: Domain) -> Iterator[SummaryRow]:
    shown = [model for model in models if model.headline == "yes"]
    shown += [model for model in models if model.model == ALL_EVIDENCE]
    yield from (_model(model, units, domain) for model in shown)
    if all(model.est is None for model in shown):
        yield from (_bounds(unit, domain) for unit in units if unit.rung == "bounded")


def _model(model: Model, units: list[PooledUnit], domain: Domain) -> SummaryRow:
    every = model.model == ALL_EVIDENCE
    single = next((unit for unit in units if unit.rung == "exact"), None) if model.k == 1 else None
    return SummaryRow(
        mark_id=model_key(model) if model.est is not None else None,
        **_columns(model, domain),
        kind="all evidence" if every else "exact effects",
        label=single.label if single else None,
        k=model.k,
        rung="exact" if single else None,
        use="all" if every else "main",
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        effect=effect_text("exact", model.est, model.ci_lb, model.ci_ub) if model.est is not None else "no estimate",
    )


def _bounds(unit: PooledUnit, domain: Domain) -> SummaryRow:
    return SummaryRow(
        mark_id=f"{unit.domain}--{unit.findings.replace('; ', '__')}",
        **_columns(unit, domain),
        kind="bounds",
        label=unit.label,
        k=1,
        rung="bounded",
        use="main",
        lower=unit.yi_lb,
        upper=unit.yi_ub,
        effect=effect_text("bounded", None, unit.yi_lb, unit.yi_ub),
    )


def _columns(row: Model | PooledUnit, domain: Domain) -> dict[str, str]:
    names = ("domain", "contrast", "outcome_group", "metric")
    return {name: getattr(row, name) for name in names} | {"section": domain.section, "title": domain.title}
