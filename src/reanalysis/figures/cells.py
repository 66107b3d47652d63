"""The figures of one cell: what its answer rests on, as far as its number of samples allows (`k_rule.K_RULE`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from reanalysis.figures.cells_table import CellFigure
from reanalysis.figures.funnel_table import funnel_table
from reanalysis.figures.gosh_table import gosh_table
from reanalysis.figures.influence_table import baujat_table, influence_table
from reanalysis.figures.refits_table import alternatives_table, cumulative_table, leave_one_out_table
from reanalysis.results.rows import (
    Asymmetry,
    FunnelContour,
    Influence,
    InfluenceLimit,
    Model,
    PooledUnit,
    Refit,
    Subset,
    SubsetSample,
    Variant,
)
from reanalysis.results.table import Row, cell_of, fit_of
from reanalysis.schema.vocabulary import CONTRASTS
from reanalysis.text import count, in_words, number, p_value

# What draws each kind of figure.
DRAW = {
    "leave_one_out": "reanalysis.figures.refits:draw_refits",
    "cumulative": "reanalysis.figures.refits:draw_refits",
    "alternatives": "reanalysis.figures.refits:draw_refits",
    "influence": "reanalysis.figures.influence:draw_influence",
    "baujat": "reanalysis.figures.influence:draw_baujat",
    "gosh": "reanalysis.figures.gosh:draw_gosh",
    "funnel": "reanalysis.figures.funnel:draw_funnel",
}
MIN_ALTERNATIVES = 3  # fewer are read off the multiverse of all cells
PREDICTORS = {"sqrtninv": "1 over the root of the sample size", "sei": "the standard error"}


@dataclass(frozen=True)
class Stored:
    """What the pipeline stored of the cells: their units, and their models in part or under other choices."""

    units: Iterable[PooledUnit] = ()
    left_out: Iterable[Refit] = ()
    cumulative: Iterable[Refit] = ()
    variants: Iterable[Variant] = ()
    influence: Iterable[Influence] = ()
    limits: Iterable[InfluenceLimit] = ()
    subsets: Iterable[Subset] = ()
    subset_samples: Iterable[SubsetSample] = ()
    asymmetry: Iterable[Asymmetry] = ()
    contours: Iterable[FunnelContour] = ()


Drawn = tuple[CellFigure, list[Row]]


def cell_figures(models: Iterable[Model], stored: Stored) -> Iterator[Drawn]:
    """For each figure that some model has: its row in the list of figures, and its table."""
    units, tests = _grouped(stored.units, cell_of), _grouped(stored.asymmetry, cell_of)
    left_out, cumulative = _grouped(stored.left_out, fit_of), _grouped(stored.cumulative, fit_of)
    influence, limits = _grouped(stored.influence, fit_of), _grouped(stored.limits, fit_of)
    subsets, samples = _grouped(stored.subsets, fit_of), _grouped(stored.subset_samples, fit_of)
    contours = _grouped(stored.contours, cell_of)
    variants = _grouped((row for row in stored.variants if row.kind != "main"), fit_of)
    for model in models:
        fit, cell = model.fit, model.cell
        yield from _refits(model, left_out[fit], cumulative[fit], variants[fit])
        yield from _diagnostics(model, influence[fit], limits[fit])
        yield from _subsets(model, subsets[fit], samples[fit])
        if model.headline and contours[cell]:
            how, rows = _asymmetry(*tests[cell]), funnel_table(units[cell], contours[cell], model)
            yield _figure(model, "funnel", "Funnel plot", how, rows)


def _refits(model: Model, left_out: list[Refit], cumulative: list[Refit], variants: list[Variant]) -> Iterator[Drawn]:
    if left_out:
        how, rows = "The line is the estimate with all samples.", leave_one_out_table(left_out, model)
        yield _figure(model, "leave_one_out", "Without each sample in turn", how, rows)
    if cumulative:
        how, rows = "Each row is the model on all samples up to that one.", cumulative_table(cumulative, model)
        yield _figure(model, "cumulative", "As the evidence came in", how, rows)
    if len(variants) >= MIN_ALTERNATIVES and model.est is not None:
        how, rows = "One choice is changed at a time.", alternatives_table(variants, model)
        yield _figure(model, "alternatives", "Under other choices", how, rows)


def _diagnostics(model: Model, cases: list[Influence], limits: list[InfluenceLimit]) -> Iterator[Drawn]:
    if cases:
        how, rows = "Each sample is left out in turn.", influence_table(cases, limits)
        yield _figure(model, "influence", "Influence of each sample", how, rows)
        how = "What each sample adds to heterogeneity, and how much it moves the estimate."
        yield _figure(model, "baujat", "Baujat plot", how, baujat_table(cases))


def _subsets(model: Model, subsets: list[Subset], samples: list[SubsetSample]) -> Iterator[Drawn]:
    if rows := gosh_table(subsets, samples, model):
        unknown = len(subsets) - sum(row.subsets for row in rows)
        without = f"; {count(unknown, 'has', 'have')} no estimate" if unknown else ""
        how = f"The model on each of {len(subsets)} subsets{without}."
        yield _figure(model, "gosh", "Subsets of the samples", how, rows)


def _asymmetry(test: Asymmetry | None = None) -> str:
    """The test of the funnel in words."""
    if test is None:
        return "All samples are of one size: there is no effect of small samples to test."
    how = f"t({test.ddf:g}) = {number(test.stat)}, {p_value(test.pval)}"
    return f"Asymmetry, by regression on {PREDICTORS[test.predictor]}: {how}."


def _figure(model: Model, plot: str, title: str, how: str, rows: list[Row]) -> Drawn:
    question = f"{CONTRASTS[model.contrast].label}, {in_words(model.outcome_group)}: {model.model}"
    subtitle = f"{question}, k = {model.k}. {how}"
    row = CellFigure(
        file="cells/" + "--".join((*model.cell, model.model.replace(" ", "-"), plot)),
        plot=plot,
        title=title,
        subtitle=subtitle,
        **model.cell._asdict(),
        model=model.model,
    )
    return row, rows


def _grouped(rows: Iterable, key: Callable) -> dict[tuple, list]:
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
