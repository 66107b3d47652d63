"""The models in a forest plot: which of a cell are shown, in which order, and what is printed of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby

from reanalysis.figures.forest_row import ForestRow, estimate_text, p_text
from reanalysis.results.rows import Model, ModeratorTest, PooledUnit, Subgroup
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.evidence import Names
from reanalysis.schema.vocabulary import METRICS, TESTS, reported
from reanalysis.text import capital, count, number

NO_PREDICTION = "prediction interval not shown: tau\N{SUPERSCRIPT TWO} is estimated as zero"


def model_key(model: Model) -> str:
    """Id of a model's mark in a figure of several domains, and its key in the report: marks are unique in one alone."""
    return f"{model.domain}--{model_mark(model)}"


def model_mark(model: Model) -> str:
    """Id of a model's mark in the figure of its domain."""
    return f"model--{model.contrast}--{model.outcome_group}--{model.metric}--{model.model.replace(' ', '-')}"


def shown_models(models: Iterable[Model]) -> list[Model]:
    """The models of a cell that a forest plot shows: first the one whose estimate is quoted as the answer.

    That is the main model of exact effects where these are of several samples, else the posterior of all the evidence.
    A single effect is its own summary.
    """
    return sorted((model for model in models if _answers(model)), key=quoted_first)


def _answers(model: Model) -> bool:
    """Whether a model is shown; where all samples have an effect size, the posterior adds a prior and no evidence."""
    own = MODELS[model.model]
    adds = not own.judges or bool(model.k_bounded or model.k_direction)
    return own.main and model.shown and adds and model.est is not None and model.k_effects > 1


def by_contrast(models: Iterable[Model], names: Names) -> Iterator[tuple[dict[str, str], list[Model]]]:
    """The models of each metric and contrast, in their order, with what stands above them: label and sides."""
    ordered = sorted(models, key=lambda one: (list(METRICS).index(one.metric), names.order(one.contrast)))
    for (metric, contrast), block in groupby(ordered, key=lambda one: (one.metric, one.contrast)):
        own, words = list(block), names.contrasts[contrast]
        left, right = words.sides([names.outcomes[one.outcome_group].higher_is_better for one in own])
        yield {"metric": metric, "contrast": contrast, "label": words.label, "left": left, "right": right}, own


def quoted_first(model: Model) -> tuple[bool, bool, bool]:
    """Sorts the models of a cell: the one whose estimate is quoted as the answer comes first."""
    own = MODELS[model.model]
    return not (own.headline and model.k > 1), not own.judges, not own.mixed


def model_rows(models: Iterable[Model], units: list[PooledUnit]) -> Iterator[ForestRow]:
    """The models of a cell that are shown; of which samples they are is not said twice in a row."""
    shown, said = shown_models(models), None
    weighs = _weighing_model(shown)
    for index, model in enumerate(shown):
        row = replace(model_row(model, units), use="other" if index else "main")
        if model is weighs and any(_share(model, unit) for unit in units):
            row = replace(row, weight=100.0, weight_of=model.model)
        yield replace(row, composition=None) if row.composition == said else row
        said = row.composition


def model_row(model: Model, units: list[PooledUnit]) -> ForestRow:
    """A model as it is drawn where it gives the answer."""
    how = f" ({model.method}, {TESTS[model.test]})" if model.test in TESTS and model.tau2 is not None else ""
    all_evidence = bool(model.k_bounded or model.k_direction)
    pools, alike = model.k > 1, _is_interval_of_average(model)
    return ForestRow(
        panel=model.metric,
        kind="model",
        mark_id=model_mark(model),
        **model.cell._asdict(),
        label=f"{capital(MODELS[model.model].label)}{how}, k = {model.k}"
        if pools
        else f"Mean of {model.k_effects} effects of the study",
        n=_total(units if all_evidence else [unit for unit in units if unit.rung == "exact"]),
        use="main",
        model=model.model,
        k=model.k,
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        level=model.level,
        pi_lower=None if alike else model.pi_lb,
        pi_upper=None if alike else model.pi_ub,
        effect=estimate_text(model.est, model.ci_lb, model.ci_ub),
        composition=_composition(model) if all_evidence else None,
        heterogeneity="; ".join(_heterogeneity(model)) or None,
        test=_test(model) if pools and model.pval is not None else None,
        note=". ".join(map(capital, _notes(model))) or None,
        footnotes=[capital(note) for note in model.note.split("; ")] if model.note and pools else (),
    )


def weights(models: Iterable[Model], units: Iterable[PooledUnit]) -> dict[str, tuple[float, str]]:
    """What each finding of a cell counts in a model that is shown, in percent, and in which."""
    model = _weighing_model(shown_models(models))
    return {
        name: (share / len(unit.findings), model.model)
        for unit in units
        if model and (share := _share(model, unit)) is not None
        for name in unit.findings
    }


def _weighing_model(shown: list[Model]) -> Model | None:
    """The model whose weights are printed: that of most samples, the censored one, or else that of exact effects."""
    pools = [model for model in shown if model.k > 1]
    censored = [model for model in pools if MODELS[model.model].mixed]
    return next(iter([*censored, *(model for model in pools if model.headline)]), None)


def _share(model: Model, unit: PooledUnit) -> float | None:
    """The weight of a sample in a model, or its share of the information in a censored one, in percent."""
    return unit.information if MODELS[model.model].mixed else unit.weight


def _is_interval_of_average(model: Model) -> bool:
    """Whether the prediction interval is the interval of the average under another name."""
    return bool(model.boundary) and model.pi_lb is not None


def _total(units: list[PooledUnit]) -> str | None:
    """Participants behind a model; None where those of a sample are not known, or only some samples have groups."""
    if units and all(unit.n1i and unit.n2i for unit in units):
        return f"{sum(unit.n1i for unit in units)} / {sum(unit.n2i for unit in units)}"
    if units and all(unit.ni and not unit.n1i for unit in units):
        return str(sum(unit.ni for unit in units))
    return None


def _composition(model: Model) -> str:
    counts = {rung: getattr(model, f"k_{rung}") for rung in ("exact", "bounded", "direction")}
    return ", ".join(reported(rung, k) for rung, k in counts.items() if k)


def _heterogeneity(model: Model) -> Iterator[str]:
    """As journals print it below a pool; nothing for a single sample."""
    if model.tau2 is not None:
        limits = f"{model.level:.0%} interval {number(model.tau2_lb)} to {number(model.tau2_ub)}"
        yield f"Tau\N{SUPERSCRIPT TWO} = {number(model.tau2)} ({limits})"
    if model.QE is not None:
        yield f"Chi\N{SUPERSCRIPT TWO} = {number(model.QE)}, df = {model.k - 1} ({p_text(model.QEp)})"
        yield f"I\N{SUPERSCRIPT TWO} = {number(model.I2, 0)}%"
    if _is_interval_of_average(model):
        yield NO_PREDICTION
    elif model.pi_lb is not None:
        yield f"prediction interval {number(model.pi_lb)} to {number(model.pi_ub)}"


def _test(model: Model) -> str:
    """The statistic with its degrees of freedom, or what takes its place, and the p."""
    df = f"df = {number(model.ddf, 0 if model.ddf == int(model.ddf) else 1)}" if model.ddf is not None else None
    statistic = f"{'t' if df else 'Z'} = {number(model.zval)}" if model.zval is not None else model.test
    return f"{', '.join(filter(None, (statistic, df)))} ({p_text(model.pval)})"


def _notes(model: Model) -> Iterator[str]:
    """What the estimate rests on besides."""
    if model.rho is not None:
        yield f"correlation of {model.rho:g} assumed between effects of one sample"
    if model.prob_below is not None:
        yield model.method


# ---------------------------------------------------------------- subgroups


def subgroup_rows(level: Subgroup, whole: Model | None) -> Iterator[ForestRow]:
    """The model of a subgroup; a single sample has none of its own. Another one than of the whole is explained."""
    if level.k < 2:
        return
    own = MODELS[level.model]
    told = [f"Tau\N{SUPERSCRIPT TWO} = {number(level.tau2)}"] if level.tau2 is not None else []
    told += [f"I\N{SUPERSCRIPT TWO} = {number(level.I2, 0)}%"] if level.I2 is not None else []
    yield ForestRow(
        panel=level.metric,
        kind="model",
        mark_id=f"subgroup--{level.level}",
        **level.cell._asdict(),
        label=f"{level.label}: {own.label}, k = {level.k}",
        use="subgroup",
        model=level.model,
        k=level.k,
        estimate=level.est,
        lower=level.ci_lb,
        upper=level.ci_ub,
        level=whole.level if whole else None,
        effect=estimate_text(level.est, level.ci_lb, level.ci_ub),
        heterogeneity="; ".join(told) or None,
        footnotes=() if whole is None or level.model == whole.model else (own.said.replace(";", ","),),
    )


def difference_row(test: ModeratorTest) -> ForestRow:
    """The test of the difference between subgroups, below their models."""
    shared = (
        f"{count(test.k_shared, 'sample')} with results in several subgroups: in each with its own, and the test takes "
        "no account of what they share"
    )
    return ForestRow(
        panel=test.metric,
        kind="test",
        **test.cell._asdict(),
        label=f"Test for subgroup differences: Q between = {number(test.QB)}, df = {test.QB_df} ({p_text(test.QBp)})",
        footnotes=(shared,) if test.k_shared else (),
    )
