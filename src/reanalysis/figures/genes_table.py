"""What the gene panel shows, as a table: one row for each finding on genes and on the receptor's protein."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.figures.forest_table import finding_mark
from reanalysis.results.rows import Effect
from reanalysis.results.table import Row, col
from reanalysis.schema.vocabulary import CONTRASTS

# Body materials in which the gene and its product were looked at, and the heading of their block.
BLOCKS = {"dna": "Genotype", "pbmc": "Protein of the oxytocin receptor in blood mononuclear cells"}


@dataclass(frozen=True, kw_only=True)
class GeneMark(Row):
    """One finding, by direction."""

    mark_id: str | None = col("id of the mark in the figure: finding and coding")
    block: str | None = col("dna (genotype) or pbmc (protein of the receptor)")
    domain: str | None = col("domain")
    contrast: str | None = col("contrast")
    outcome_group: str | None = col("outcome, or moderator and outcome")
    outcome: str | None = col("the same in words, with what a positive sign means")
    label: str | None = col("short name of the report")
    sample_id: str | None = col("sample")
    population: str | None = col("who was looked at")
    n: int | None = col("persons; empty where not known")
    sign: int | None = col("1 positive or higher, -1 negative or lower, 0 not known")
    rung: str | None = col("rung of the ladder")
    use: str | None = col("main, or excluded: shown in grey, never pooled")


def genes_table(effects: Iterable[Effect]) -> list[GeneMark]:
    """Findings by block, contrast, outcome and report."""
    found = [effect for effect in effects if effect.matrix in BLOCKS]
    found.sort(key=_order)
    return [
        GeneMark(
            mark_id=finding_mark(effect),
            block=effect.matrix,
            domain=effect.domain,
            contrast=effect.contrast,
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
    places = list(BLOCKS).index(effect.matrix), list(CONTRASTS).index(effect.contrast)
    return *places, effect.outcome_group, effect.use != "main", effect.label
