"""What a panel of signs shows, as a table: one row for each finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.figures.forest_table import finding_mark
from reanalysis.figures.panels import chosen
from reanalysis.results.rows import Effect
from reanalysis.results.table import Row, col
from reanalysis.schema.evidence import Names
from reanalysis.schema.review import NO_WORD, Panel


@dataclass(frozen=True, kw_only=True)
class SignMark(Row):
    """One finding, by direction."""

    mark_id: str | None = col("id of the mark in the figure: finding and coding")
    block: str | None = col("word of the finding in the column that the panel tells apart")
    domain: str | None = col("domain")
    contrast: str | None = col("contrast")
    contrast_label: str | None = col("the same in words")
    outcome_group: str | None = col("outcome, or moderator and outcome")
    outcome: str | None = col("the same in words, with what a positive sign means")
    label: str | None = col("short name of the report")
    sample_id: str | None = col("sample")
    population: str | None = col("who was looked at")
    n: int | None = col("persons; empty where not known")
    sign: int | None = col("1 positive or higher, -1 negative or lower, 0 not known")
    rung: str | None = col("rung of the ladder")
    use: str | None = col("main, or excluded: shown in grey, never pooled")


def signs_table(effects: Iterable[Effect], panel: Panel, names: Names) -> list[SignMark]:
    """Findings by block, contrast, outcome and report."""
    ((column, words),) = panel.by.items()

    def block(effect: Effect) -> str:
        return getattr(effect, column) or NO_WORD

    found = [effect for effect in chosen(panel, effects) if block(effect) in words]
    found.sort(key=lambda effect: (list(words).index(block(effect)), names.order(effect.contrast), *_order(effect)))
    return [
        SignMark(
            mark_id=finding_mark(effect),
            block=block(effect),
            domain=effect.domain,
            contrast=effect.contrast,
            contrast_label=names.contrasts[effect.contrast].label,
            outcome_group=effect.outcome_group,
            outcome=effect.outcome,
            label=effect.label,
            sample_id=effect.sample_id,
            population=effect.population,
            n=effect.persons,
            sign=effect.sign,
            rung=effect.rung,
            use=effect.use,
        )
        for effect in found
    ]


def _order(effect: Effect) -> tuple:
    return effect.outcome_group, effect.use != "main", effect.label
