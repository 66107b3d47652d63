"""What the levels panel shows, as a table: one row for each comparison of peripheral oxytocin, and for each model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from reanalysis.figures.forest_table import effect_text, ends, finding_mark, model_key, persons
from reanalysis.results.rows import Effect, Model
from reanalysis.results.table import Row, cell_of, col
from reanalysis.schema.vocabulary import ALL_EVIDENCE
from reanalysis.text import capital

MATRICES = ("plasma", "serum", "blood", "saliva")
ASSAYS = ("ria", "elisa", "not named")


@dataclass(frozen=True, kw_only=True)
class LevelRow(Row):
    """A comparison of peripheral oxytocin between BPD and controls, or a model of several."""

    mark_id: str | None = col("id of the mark in the figure; empty where a model has no estimate")
    domain: str | None = col("domain")
    outcome_group: str | None = col("level, or change after an exposure: a block")
    kind: str | None = col("finding or model")
    label: str | None = col("short name of the report, or the model")
    n: str | None = col("persons with BPD / controls")
    timepoint: str | None = col("when")
    matrix: str | None = col("body fluid")
    assay: str | None = col("assay")
    exclusion: bool | None = col("whether oxytocin was measured after social exclusion, as a change")
    mothers: bool | None = col("whether the sample are mothers")
    rung: str | None = col("rung of the ladder; empty for a model")
    use: str | None = col("findings: main or excluded; models: main (headline) or all (all-evidence model)")
    estimate: float | None = col("effect, or estimate of the model: BPD minus control")
    lower: float | None = col("left end of the interval or bar; minus infinity when open")
    upper: float | None = col("right end")
    effect: str | None = col("the same as printed in the figure")


def levels_table(effects: Iterable[Effect], models: Iterable[Model]) -> list[LevelRow]:
    """Levels first, then changes; in a block by body fluid, assay and report, then the models of several samples."""
    found = [
        effect
        for effect in effects
        if effect.contrast == "bpd_vs_control" and effect.matrix in MATRICES and effect.outcome_group.startswith("oxt-")
    ]
    models = list(models)
    rows = []
    for cell, members in groupby(sorted(found, key=_order), key=cell_of):
        rows += [_finding(effect) for effect in members]
        rows += [_model(model) for model in models if model.cell == cell and _shown(model)]
    return rows


def _order(effect: Effect) -> tuple:
    level = effect.outcome_group.startswith("oxt-level")
    return not level, effect.cell, MATRICES.index(effect.matrix), ASSAYS.index(_assay(effect)), effect.label


def _assay(effect: Effect) -> str:
    return effect.assay or "not named"


def _shown(model: Model) -> bool:
    return model.k > 1 and (model.headline or model.model == ALL_EVIDENCE)


def _finding(effect: Effect) -> LevelRow:
    lower, upper = ends(effect)
    return LevelRow(
        mark_id=finding_mark(effect),
        domain=effect.domain,
        outcome_group=effect.outcome_group,
        kind="finding",
        label=effect.label,
        n=persons(effect),
        timepoint=effect.timepoint,
        matrix=effect.matrix,
        assay=_assay(effect),
        exclusion="exclusion" in effect.outcome_group.split("-"),
        mothers="mothers" in effect.population.split(),
        rung=effect.rung,
        use=effect.use,
        estimate=effect.yi,
        lower=lower,
        upper=upper,
        effect=effect_text(effect.rung, effect.yi, lower, upper),
    )


def _model(model: Model) -> LevelRow:
    return LevelRow(
        mark_id=model_key(model) if model.est is not None else None,
        domain=model.domain,
        outcome_group=model.outcome_group,
        kind="model",
        label=f"{capital(model.model)}, k = {model.k}",
        use="all" if model.model == ALL_EVIDENCE else "main",
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        effect=effect_text("exact", model.est, model.ci_lb, model.ci_ub) if model.est is not None else "no estimate",
    )
