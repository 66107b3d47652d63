"""What a panel of studies shows, as a table: one row for each finding of its cells, and for each model of several."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from reanalysis.figures.forest_table import effect_text, ends, finding_mark, model_key, persons
from reanalysis.figures.panels import chosen, place
from reanalysis.results.rows import Effect, Model
from reanalysis.results.table import Row, cell_of, col
from reanalysis.schema.cell_models import ALL_EVIDENCE
from reanalysis.schema.evidence import Names
from reanalysis.schema.review import NO_WORD, Panel
from reanalysis.text import capital


@dataclass(frozen=True, kw_only=True)
class StudyRow(Row):
    """A finding of a panel, or a model of several."""

    mark_id: str | None = col("id of the mark in the figure; empty where a model has no estimate")
    domain: str | None = col("domain")
    outcome_group: str | None = col("outcome: a block")
    outcome_label: str | None = col("the same in words")
    contrast: str | None = col("contrast")
    kind: str | None = col("finding or model")
    label: str | None = col("short name of the report, or the model")
    n: str | None = col("persons in group_1 / group_2")
    timepoint: str | None = col("when")
    matrix: str | None = col("body fluid or tissue")
    assay: str | None = col("assay")
    exposure: str | None = col("what the persons were given or exposed to")
    population_kind: str | None = col("kind of persons")
    design: str | None = col("how the two sides relate")
    metric: str | None = col("scale of the effect")
    higher_is_better: str | None = col("whether a higher value is good for the person; empty for a model")
    rung: str | None = col("rung of the ladder; empty for a model")
    use: str | None = col("findings: main or excluded; models: main (headline) or all (all-evidence model)")
    estimate: float | None = col("effect, or estimate of the model")
    lower: float | None = col("left end of the interval or bar; minus infinity when open")
    upper: float | None = col("right end")
    effect: str | None = col("the same as printed in the figure")


def studies_table(effects: Iterable[Effect], models: Iterable[Model], panel: Panel, names: Names) -> list[StudyRow]:
    """Cells in the order of the panel; in each the findings by their words and report, then the models."""
    models = list(models)
    rows = []
    for cell, members in groupby(sorted(chosen(panel, effects), key=lambda e: _order(e, panel)), key=cell_of):
        rows += [_finding(effect, names) for effect in members]
        rows += [_model(model, names) for model in models if model.cell == cell and _shown(model)]
    return rows


def _order(effect: Effect, panel: Panel) -> tuple:
    """By the words of the panel, column by column; what no word of a column names comes first."""
    told = (
        list(words).index(word) if (word := _word(effect, column)) in words else -1
        for column, words in panel.by.items()
    )
    return place(panel, effect), effect.cell, *told, effect.label


def _word(effect: Effect, column: str) -> str:
    return getattr(effect, column) or NO_WORD


def _shown(model: Model) -> bool:
    return model.k > 1 and (model.headline or model.model == ALL_EVIDENCE)


def _finding(effect: Effect, names: Names) -> StudyRow:
    lower, upper = ends(effect)
    return StudyRow(
        mark_id=finding_mark(effect),
        domain=effect.domain,
        outcome_group=effect.outcome_group,
        outcome_label=names.outcome(effect.outcome_group),
        contrast=effect.contrast,
        kind="finding",
        label=effect.label,
        n=persons(effect),
        timepoint=effect.timepoint,
        matrix=effect.matrix,
        assay=effect.assay,
        exposure=effect.exposure,
        population_kind=effect.population_kind,
        design=effect.design,
        metric=effect.metric,
        higher_is_better=effect.higher_is_better,
        rung=effect.rung,
        use=effect.use,
        estimate=effect.yi,
        lower=lower,
        upper=upper,
        effect=effect_text(effect.rung, effect.yi, lower, upper),
    )


def _model(model: Model, names: Names) -> StudyRow:
    return StudyRow(
        mark_id=model_key(model) if model.est is not None else None,
        domain=model.domain,
        outcome_group=model.outcome_group,
        outcome_label=names.outcome(model.outcome_group),
        contrast=model.contrast,
        kind="model",
        label=f"{capital(model.model)}, k = {model.k}",
        metric=model.metric,
        use="all" if model.model == ALL_EVIDENCE else "main",
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        effect=effect_text("exact", model.est, model.ci_lb, model.ci_ub) if model.est is not None else "no estimate",
    )
