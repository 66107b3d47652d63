"""A line of a forest plot, and how effects and their numbers are printed in it."""

from __future__ import annotations

from dataclasses import dataclass

from reanalysis.results.table import CellRow, col, several
from reanalysis.text import interval, number, p_value

LISTS = {  # panels without an axis, with their headings
    "single": "Single results",
    "direction": "Direction only",
    "none": "Reported as no difference, size not reported",
    "unusable": "Neither size nor direction reported",
    "excluded": "Excluded from the synthesis",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ForestRow(CellRow):
    """A line of a forest plot."""

    panel: str | None = col(f"the metric of its axis, or, without an axis, {', '.join(LISTS)}")
    kind: str | None = col(
        "contrast (heading of a block), group (heading of a cell), level (heading of a subgroup), finding, model, or "
        "test (of the difference between subgroups)"
    )
    mark_id: str | None = col("id of the mark in the figure: finding and coding, or the model")
    label: str | None = col("study, heading or model")
    sample_id: str | None = col("sample of a finding")
    year: int | None = col("year of the report")
    outcome: str | None = col("outcome in words, where these say more than the heading of the cell")
    arm: str | None = col("first side: of a contrast, and of a finding where it is another")
    groups: tuple[str, ...] = several("names of the two groups of a finding whose sizes are known")
    n: str | None = col("participants in group_1 / group_2, or in all; of a model, those of its samples")
    matrix: str | None = col("body fluid or tissue, as printed")
    assay: str | None = col("assay, as printed")
    exposure: str | None = col("what the participants were given or exposed to, as printed")
    dose: str | None = col("dose with its unit")
    population_kind: str | None = col("kind of participants, as printed")
    appraisal_tool: str | None = col("tool of the judgement of the sample")
    appraisal: str | None = col("judgement of the sample as a whole, in the words of the tool")
    appraisal_level: str | None = col("the same as a level: low, some, high or unclear; empty where the tool has none")
    heads: tuple[str, ...] = several("columns that the review names, each with its name, in the heading of a block")
    rung: str | None = col("rung of the ladder")
    direction: str | None = col("what the source says of the sign")
    means: str | None = col("both means as printed and their ratio, of a finding that has no effect size")
    use: str | None = col("findings: main or excluded; models: main (whose estimate is the answer), other, or subgroup")
    model: str | None = col("name of the model")
    k: int | None = col("independent samples in a model: one is no pool")
    estimate: float | None = col("effect size, or estimate of the model")
    lower: float | None = col("lower end of the interval of the true effect; minus infinity when open")
    upper: float | None = col("upper end of it")
    observed_lower: float | None = col("lower end of the range that holds an observed effect that is not reported")
    observed_upper: float | None = col("upper end of it")
    level: float | None = col("level of the interval, of a finding or a model")
    pi_lower: float | None = col("left end of the prediction interval of a model")
    pi_upper: float | None = col("right end of it")
    weight: float | None = col("weight in a model of the cell, percent; of a censored one, share of the information")
    weight_of: str | None = col("the model whose weight it is")
    effect: str | None = col("the effect as printed in the figure")
    composition: str | None = col("of a model: samples by how much is reported of them")
    heterogeneity: str | None = col("of a model: heterogeneity, and the prediction interval")
    test: str | None = col("of a model: test for overall effect")
    note: str | None = col("why a finding is not on an axis or not pooled, or what a model assumes")
    footnotes: tuple[str, ...] = several("what stands below the figure, with a mark here")
    left: str | None = col("what a negative value means, in a heading")
    right: str | None = col("what a positive value means, in a heading")


def estimate_text(estimate: float | None, lower: float, upper: float) -> str:
    """An estimate as printed: two decimals, with its interval."""
    return "no estimate" if estimate is None else f"{number(estimate)} {interval(lower, upper)}"


def p_text(value: float) -> str:
    """A p as journals print it."""
    return p_value(value).replace("p", "P", 1)
