"""The figures of one cell: what its answer rests on, as far as its number of samples allows (`schema.cell_models`)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from reanalysis.figures.cells_table import CellFigure
from reanalysis.figures.funnel_table import funnel_table
from reanalysis.figures.gosh_table import gosh_table
from reanalysis.figures.influence_table import influence_table
from reanalysis.figures.refits_table import alternatives_table, cumulative_table, leave_one_out_table, subgroups_table
from reanalysis.figures.specification_table import specification_table
from reanalysis.figures.vibration_table import vibration_table
from reanalysis.results.rows import (
    EFFECT_SIZES,
    MAIN,
    POSTERIOR,
    Asymmetry,
    Fork,
    ForkShare,
    FunnelContour,
    Influence,
    InfluenceLimit,
    Model,
    ModeratorTest,
    PooledUnit,
    Refit,
    Subgroup,
    Subset,
    SubsetSample,
    UniverseResult,
    Variant,
    Vibration,
    asked_of,
)
from reanalysis.results.table import Row, cell_of, fit_of
from reanalysis.schema.cell_models import MIN_K_RANDOM, MODELS
from reanalysis.schema.evidence import Names
from reanalysis.schema.vocabulary import ALTERNATIVES
from reanalysis.text import capital, count, number, p_value

# What draws each kind of figure.
DRAW = {
    "leave_one_out": "reanalysis.figures.refits:draw_refits",
    "cumulative": "reanalysis.figures.refits:draw_refits",
    "alternatives": "reanalysis.figures.refits:draw_refits",
    "subgroups": "reanalysis.figures.refits:draw_refits",
    "influence": "reanalysis.figures.influence:draw_influence",
    "gosh": "reanalysis.figures.gosh:draw_gosh",
    "funnel": "reanalysis.figures.funnel:draw_funnel",
    "specification": "reanalysis.figures.specification:draw_specification",
    "vibration": "reanalysis.figures.vibration:draw_vibration",
}
MIN_ALTERNATIVES = 3  # fewer are read in the table of all
LEFT_OUT, SEVERAL = "sample left out", "several choices"  # kinds of alternatives
DECIMALS, LEAST_TAU2 = 6, 1e-6  # to which tau squared is the same, and from which it is more than zero
VARYING = 1 / 3  # of the subsets must be heterogeneous: else half of a GOSH plot is empty
PREDICTORS = {"sqrtninv": "1 over the root of the sample size", "sei": "the standard error"}


@dataclass(frozen=True)
class Stored:
    """What the pipeline stored of the cells: their units, and their models in part or under other choices."""

    units: Iterable[PooledUnit] = ()
    left_out: Iterable[Refit] = ()
    cumulative: Iterable[Refit] = ()
    variants: Iterable[Variant] = ()
    subgroups: Iterable[Subgroup] = ()
    moderators: Iterable[ModeratorTest] = ()
    influence: Iterable[Influence] = ()
    limits: Iterable[InfluenceLimit] = ()
    subsets: Iterable[Subset] = ()
    subset_samples: Iterable[SubsetSample] = ()
    asymmetry: Iterable[Asymmetry] = ()
    contours: Iterable[FunnelContour] = ()
    forks: Iterable[Fork] = ()
    universes: Iterable[UniverseResult] = ()
    shares: Iterable[ForkShare] = ()
    vibrations: Iterable[Vibration] = ()


Drawn = tuple[CellFigure, list[Row]]


def cell_figures(models: Iterable[Model], stored: Stored, names: Names) -> Iterator[Drawn]:
    """For each figure that some model has: its row in the list of figures, and its table."""
    units, tests = _grouped(stored.units, cell_of), _grouped(stored.asymmetry, cell_of)
    left_out, cumulative = _grouped(stored.left_out, fit_of), _grouped(stored.cumulative, fit_of)
    influence, limits = _grouped(stored.influence, fit_of), _grouped(stored.limits, fit_of)
    subsets, samples = _grouped(stored.subsets, fit_of), _grouped(stored.subset_samples, fit_of)
    contours = _grouped(stored.contours, cell_of)
    variants = _grouped((row for row in stored.variants if row.kind != "main"), fit_of)
    levels = _grouped((row for row in stored.subgroups if row.variant == MAIN), cell_of)
    between = _grouped((row for row in stored.moderators if row.variant == MAIN), cell_of)
    multiverse = _Multiverse(
        list(stored.forks),
        _grouped(stored.universes, asked_of),
        _grouped(stored.shares, asked_of),
        {asked_of(row): row for row in stored.vibrations},
    )
    for model in filter(lambda model: model.shown, models):
        fit, cell = model.fit, model.cell
        found = [
            *_refits(model, _sides(model, names), left_out[fit], cumulative[fit], variants[fit]),
            *_diagnostics(model, influence[fit], limits[fit]),
            *_subsets(model, subsets[fit], samples[fit]),
        ]
        if model.k >= MIN_K_RANDOM:
            found += _multiverse(model, _sides(model, names), multiverse)
        if model.headline:
            found += _moderated(model, names, levels[cell], between[cell])
        if model.headline and contours[cell]:
            rows = funnel_table(units[cell], contours[cell], model, _sides(model, names))
            found.append(_Figure("funnel", "Funnel plot", _asymmetry(*tests[cell]), rows))
        yield from ((_row(model, figure, names), figure.rows) for figure in found)


def _sides(model: Model, names: Names) -> tuple[str, str]:
    """What a negative and a positive value of the outcome mean."""
    return names.contrasts[model.contrast].sides([names.outcomes[model.outcome_group].higher_is_better])


class _Figure(NamedTuple):
    """A figure of a model: its kind and title, how it came about, and its table."""

    plot: str
    title: str
    how: str
    rows: list[Row]


def _refits(
    model: Model, sides: tuple[str, str], left_out: list[Refit], cumulative: list[Refit], variants: list[Variant]
) -> Iterator[_Figure]:
    if left_out:
        how, rows = "Dashed, the estimate with all samples.", leave_one_out_table(left_out, model, sides)
        yield _Figure("leave_one_out", "Leave-one-out analysis", how, rows)
    if rows := cumulative_table(cumulative, model, sides):
        how = "Each row adds a sample to those above; it begins where the interval is finite and not too wide."
        yield _Figure("cumulative", "Cumulative meta-analysis, by year", how, rows)
    others = [row for row in variants if row.kind != LEFT_OUT]  # which have a figure of their own
    if len(others) >= MIN_ALTERNATIVES and model.k > 1 and model.est is not None:
        how, rows = _changed(others), alternatives_table(others, model, sides)
        yield _Figure("alternatives", "Sensitivity analyses", how, rows)


def _changed(variants: Iterable[Variant]) -> str:
    """How many choices a row changes."""
    several = f"; those under “{capital(ALTERNATIVES[SEVERAL])}” a named set of them"
    there = any(row.kind == SEVERAL for row in variants)
    return f"Each row changes one choice of the main analysis{several if there else ''}."


def _moderated(model: Model, names: Names, subgroups: list[Subgroup], tests: list[ModeratorTest]) -> Iterator[_Figure]:
    for test in tests:
        own = [row for row in subgroups if row.moderator == test.moderator]
        how = _between(test)
        title = f"Subgroup analysis: {test.moderator_label}"
        rows = subgroups_table(own, model, _sides(model, names), test.moderator_label, how)
        yield _Figure(f"{test.moderator.replace('_', '-')}--subgroups", title, how, rows)


def _between(test: ModeratorTest) -> str:
    """The tests between levels, and what they leave out of account."""
    said = f"Test for subgroup differences: Q = {number(test.QB)}, df = {test.QB_df}, {p_value(test.QBp)}"
    if test.QM is not None:
        of = f"F({test.QM_df}, {number(test.QM_ddf, 0)})" if math.isfinite(test.QM_ddf) else f"χ²({test.QM_df})"
        said += f"; with one tau² for all, {of} = {number(test.QM)}, {p_value(test.QMp)}"
    if test.k_shared:
        said += (
            f". {count(test.k_shared, 'sample is', 'samples are')} on several levels: the test takes no account of that"
        )
    return f"{said}."


class _Multiverse(NamedTuple):
    """What is stored of the multiverse, by cell and answer."""

    forks: list[Fork]
    results: dict[tuple, list[UniverseResult]]
    shares: dict[tuple, list[ForkShare]]
    vibrations: dict[tuple, Vibration]


def _multiverse(model: Model, sides: tuple[str, str], stored: _Multiverse) -> Iterator[_Figure]:
    """The specification curve of the headline and of the posterior, and the vibration of this."""
    own = MODELS[model.model]
    asked = model.cell, EFFECT_SIZES if own.headline else POSTERIOR if own.judges else None
    moved = stored.vibrations.get(asked)
    if moved is None or moved.results < MIN_ALTERNATIVES or moved.fork is None:
        return
    combined = f"{moved.universes:,} combinations of choices, each a universe"
    how = f"{combined}; they give {count(moved.results, 'different result')}."
    rows = specification_table(stored.results[asked], stored.shares[asked], stored.forks, sides)
    yield _Figure("specification", "Specification curve", how, rows)
    if own.judges:
        rows = vibration_table(stored.results[asked], moved, stored.forks, sides)
        yield _Figure("vibration", "Vibration of effects", how, rows)


def _diagnostics(model: Model, cases: list[Influence], limits: list[InfluenceLimit]) -> Iterator[_Figure]:
    if cases:
        how, rows = "Each sample is left out in turn.", influence_table(cases, limits)
        yield _Figure("influence", "Influence diagnostics", how, rows)


def _subsets(model: Model, subsets: list[Subset], samples: list[SubsetSample]) -> Iterator[_Figure]:
    known = [row for row in subsets if row.tau2 is not None]
    apart = sum(row.tau2 > LEAST_TAU2 for row in known)
    if (
        apart >= VARYING * len(known)
        and len({round(row.tau2, DECIMALS) for row in known}) > 1
        and (rows := gosh_table(subsets, samples, model))
    ):
        unknown = len(subsets) - sum(row.subsets for row in rows)
        without = f"; {count(unknown, 'has', 'have')} no estimate" if unknown else ""
        how = f"The model on each of {len(subsets)} subsets of the samples{without}."
        yield _Figure("gosh", "GOSH plot", how, rows)


def _asymmetry(test: Asymmetry | None = None) -> str:
    """The test of the funnel in words."""
    if test is None:
        return "All samples are of one size: there is no effect of small samples to test."
    how = f"t({test.ddf:g}) = {number(test.stat)}, {p_value(test.pval)}"
    return f"Asymmetry, by regression on {PREDICTORS[test.predictor]}: {how}."


def _row(model: Model, figure: _Figure, names: Names) -> CellFigure:
    return CellFigure(
        file="cells/" + "--".join((*model.cell, model.model.replace(" ", "-"), figure.plot)),
        plot=figure.plot.rpartition("--")[2],
        title=figure.title,
        question=names.question(model),
        subtitle=f"{capital(MODELS[model.model].label)}, k = {model.k}. {figure.how}",
        **model.cell._asdict(),
        model=model.model,
    )


def _grouped(rows: Iterable, key: Callable) -> dict[tuple, list]:
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
