"""What a forest plot shows, as a table: one row for each line of the figure, in order, with every number drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from reanalysis.results.rows import Effect, Model, PooledUnit, SampleDirection
from reanalysis.results.table import CellKey, CellRow, col
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Appraisal
from reanalysis.schema.vocabulary import METRICS, RUNGS, TESTS
from reanalysis.text import capital, interval, number, p_value

OVERALL = "overall"  # item of an appraisal that is about the whole


@dataclass(frozen=True, kw_only=True)
class ForestRow(CellRow):
    """A line of a forest plot."""

    kind: str | None = col("contrast (heading of a block), group (heading of a cell), finding, or model")
    mark_id: str | None = col("id of the mark in the figure: finding and coding, or the model")
    label: str | None = col("study, heading or model")
    outcome: str | None = col("outcome in words, where these say more than the heading of the cell")
    arm: str | None = col("first side: of a contrast, and of a finding where it is another")
    n: str | None = col("persons in group_1 / group_2, or in all; of a model, those of its samples")
    matrix: str | None = col("body fluid or tissue, as printed")
    assay: str | None = col("assay, as printed")
    exposure: str | None = col("what the persons were given or exposed to, as printed")
    dose: str | None = col("dose with its unit")
    appraisal_tool: str | None = col("tool of the judgement of the sample")
    appraisal: str | None = col("judgement of the sample as a whole, in the words of the tool")
    appraisal_level: str | None = col("the same as a level: low, some, high or unclear; empty where the tool has none")
    rung: str | None = col("rung of the ladder")
    use: str | None = col("findings: main or excluded; models: main (headline), other, or all (all-evidence model)")
    estimate: float | None = col("middle of the mark")
    lower: float | None = col("left end of the interval, bar or prediction interval; minus infinity when open")
    upper: float | None = col("right end")
    level: float | None = col("level of the interval, of a finding or a model")
    pi_lower: float | None = col("left end of the prediction interval of a model")
    pi_upper: float | None = col("right end of it")
    weight: float | None = col(
        "weight in the headline model, percent; where not all samples are exact, share of the information in the "
        "all-evidence model"
    )
    effect: str | None = col("the effect as printed in the figure")
    note: str | None = col("small print: why a finding is not drawn or not pooled, or the heterogeneity of a model")
    left: str | None = col("what a negative value means in this block")
    right: str | None = col("what a positive value means in this block")


def forest_table(
    effects: list[Effect],
    models: list[Model],
    units: list[PooledUnit],
    names: Names,
    appraisals: Iterable[Appraisal] = (),
) -> list[ForestRow]:
    """Rows of the figure: blocks by contrast, cells by outcome group and metric, findings by rung, then the models."""
    weights = {(unit.cell, name): _weight(unit) for unit in units for name in unit.findings}
    judged = {one.sample_id: one for one in whole_samples(appraisals)}
    rows: list[ForestRow] = []
    ordered = sorted(effects, key=lambda effect: (names.order(effect.contrast), *_order(effect)))
    for contrast, block in groupby(ordered, key=lambda effect: effect.contrast):
        members, words = list(block), names.contrasts[contrast]
        left, right = words.sides([effect.higher_is_better for effect in members])
        heading = {"domain": members[0].domain, "contrast": contrast}
        rows.append(ForestRow(kind="contrast", label=words.label, arm=words.side_1, left=left, right=right, **heading))
        for (group, metric), findings in groupby(members, key=lambda effect: (effect.outcome_group, effect.metric)):
            cell = list(findings)
            label = _group_heading(cell, names)
            rows.append(ForestRow(kind="group", label=label, outcome_group=group, metric=metric, **heading))
            rows += [_finding(effect, weights, names, judged.get(effect.sample_id)) for effect in cell]
            place = cell[0].cell
            pooled = [unit for unit in units if unit.cell == place]
            rows += _models([model for model in models if model.cell == place], pooled)
    return rows


def finding_mark(effect: Effect) -> str:
    """Id of a finding's mark in any figure."""
    return f"{effect.finding_id}--{effect.coding}"


def findings_mark(row: SampleDirection) -> str:
    """Id of a mark that stands for several findings, which names them all; of a single one as in the forest plot."""
    return f"{'__'.join(row.findings)}--{row.codings[0]}"


def model_key(model: Model) -> str:
    """Id of a model's mark in a figure of several domains, and its key in the report: marks are unique in one alone."""
    return f"{model.domain}--{model_mark(model)}"


def model_mark(model: Model) -> str:
    """Id of a model's mark in the figure of its domain."""
    return f"model--{model.contrast}--{model.outcome_group}--{model.metric}--{model.model.replace(' ', '-')}"


def _order(effect: Effect) -> tuple:
    return (
        effect.outcome_group,
        effect.metric,
        effect.use != "main",
        list(RUNGS).index(effect.rung),
    )


def _group_heading(cell: list[Effect], names: Names) -> str:
    """What is measured, on which scale, and whether more of it is good."""
    better = {"yes": "; higher is better", "no": "; lower is better"}.get(cell[0].higher_is_better, "")
    words = names.outcome(cell[0].outcome_group)
    sides = {(effect.group_1, effect.group_2) for effect in cell if effect.group_1 and effect.group_2}
    if names.contrasts[cell[0].contrast].side_1 is None and len(sides) == 1:  # each finding names its own sides
        words = f"{words}: {' vs '.join(sides.pop())}"
    return f"{capital(words)} ({METRICS[cell[0].metric]}{better})"


def _weight(unit: PooledUnit) -> float | None:
    """What one finding of a sample counts in the model of its cell, in percent; None where it is the only one."""
    if unit.information is not None:
        return unit.information / len(unit.findings)
    return unit.weight_each if unit.weight != 100 else None


def whole_samples(appraisals: Iterable[Appraisal]) -> list[Appraisal]:
    """The judgements of samples as a whole by the first tool that gives one."""
    whole = [one for one in appraisals if one.sample_id is not None and one.item == OVERALL]
    return [one for one in whole if one.tool == whole[0].tool]


def _finding(
    effect: Effect, weights: dict[tuple[CellKey, str], float], names: Names, judged: Appraisal | None
) -> ForestRow:
    lower, upper = ends(effect)
    label = names.outcome(effect.outcome_group)
    return ForestRow(
        kind="finding",
        mark_id=finding_mark(effect),
        domain=effect.domain,
        contrast=effect.contrast,
        outcome_group=effect.outcome_group,
        metric=effect.metric,
        label=effect.label,
        outcome=effect.outcome if (effect.outcome or "").casefold() != label.casefold() else None,
        arm=effect.group_1 if effect.group_1 != names.contrasts[effect.contrast].side_1 else None,
        n=persons(effect),
        **{name: names.word(name, getattr(effect, name)) for name in ("matrix", "assay", "exposure")},
        dose=" ".join(filter(None, (effect.dose, effect.dose_unit))),
        appraisal_tool=judged.tool if judged else None,
        appraisal=judged.judgement if judged else None,
        appraisal_level=judged.level if judged else None,
        rung=effect.rung,
        use=effect.use,
        estimate=effect.yi,
        lower=lower,
        upper=upper,
        level=effect.level if effect.rung == "exact" else None,
        weight=weights.get((effect.cell, effect.finding_id)) if effect.use == "main" else None,
        effect=effect_text(effect.rung, effect.yi, lower, upper),
        note=effect.use_why or (effect.why if effect.rung == "unusable" else None),
    )


def ends(effect: Effect) -> tuple[float | None, float | None]:
    """Where the mark of a finding ends: its interval, or its bounds."""
    return (effect.ci_lb, effect.ci_ub) if effect.rung == "exact" else (effect.yi_lb, effect.yi_ub)


def effect_text(rung: str, yi: float | None, lower: float | None, upper: float | None) -> str:
    """An effect as printed: two decimals, with its interval or its bounds."""
    match rung:
        case "exact":
            return f"{number(yi)} {interval(lower, upper)}"
        case "bounded" if math.isinf(lower):
            return f"below {number(upper)}"
        case "bounded" if math.isinf(upper):
            return f"above {number(lower)}"
        case "bounded":
            return f"{number(lower)} to {number(upper)}"
        case "direction":
            return "above 0" if math.isinf(upper) else "below 0"
    return "not usable"


def persons(effect: Effect) -> str:
    """Persons in both groups, or in all, as printed."""
    if effect.n1i is not None or effect.n2i is not None:
        return f"{effect.n1i or '?'} / {effect.n2i or '?'}"
    return str(effect.ni) if effect.ni is not None else "?"


def _models(models: Iterable[Model], units: list[PooledUnit]) -> Iterator[ForestRow]:
    """The models of a cell; what is said of heterogeneity is not said twice in a row."""
    said = None
    for model in models:
        if model.k_effects > 1 and model.shown:  # a single effect is its own summary
            row = _model(model, units)
            yield replace(row, note=None) if row.note == said else row
            said = row.note


def _total(units: list[PooledUnit]) -> str | None:
    """Persons behind a model; None where a sample's are not known, or some samples have groups and others have not."""
    if units and all(unit.n1i and unit.n2i for unit in units):
        return f"{sum(unit.n1i for unit in units)} / {sum(unit.n2i for unit in units)}"
    if units and all(unit.ni and not unit.n1i for unit in units):
        return str(sum(unit.ni for unit in units))
    return None


def _model(model: Model, units: list[PooledUnit]) -> ForestRow:
    how = f" ({model.method}, {TESTS[model.test]})" if model.test in TESTS and model.tau2 is not None else ""
    all_evidence = bool(model.k_bounded or model.k_direction)
    rungs = {"exact": model.k_exact, "bounded": model.k_bounded, "direction only": model.k_direction}
    of_which = ", ".join(f"{k} {rung}" for rung, k in rungs.items() if k) if all_evidence else None
    k = f"k = {model.k}" if model.k > 1 else f"mean of {model.k_effects} effects"
    return ForestRow(
        kind="model",
        mark_id=model_mark(model),
        domain=model.domain,
        contrast=model.contrast,
        outcome_group=model.outcome_group,
        metric=model.metric,
        label=f"{capital(model.model)}{how}, {k}",
        n=_total(units if all_evidence else [unit for unit in units if unit.rung == "exact"]),
        use="all" if all_evidence else "main" if model.headline else "other",
        weight=100.0 if model.k > 1 and _weighs(model, units) else None,
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        level=model.level if model.est is not None else None,
        pi_lower=model.pi_lb,
        pi_upper=model.pi_ub,
        effect=effect_text("exact", model.est, model.ci_lb, model.ci_ub) if model.est is not None else "no estimate",
        note="; ".join(filter(None, (of_which, _heterogeneity(model)))) or None,
    )


def _weighs(model: Model, units: list[PooledUnit]) -> bool:
    """Whether the weights of a cell are those of this model: of all evidence where it is fitted, or the headline."""
    if any(unit.information is not None for unit in units):
        return MODELS[model.model].mixed
    return bool(model.headline)


def _heterogeneity(model: Model) -> str | None:
    """The heterogeneity line of a model, or None where there is nothing to say."""
    if model.est is None:
        return model.note
    if model.tau2 is None:
        return f"correlation of {model.rho:g} assumed between its effects" if model.rho is not None else None
    limits = f"{number(model.tau2_lb, 3)} to {number(model.tau2_ub, 3)}"
    parts = [f"tau\N{SUPERSCRIPT TWO} = {number(model.tau2, 3)} ({_method(model)} interval {limits})"]
    if model.QE is not None:
        parts.append(f"I\N{SUPERSCRIPT TWO} = {number(model.I2, 0)}%")
        parts.append(f"Q({model.k - 1}) = {number(model.QE)}, {p_value(model.QEp)}")
    if model.pi_lb is not None:
        rule = model.pi_rule.replace("k - 1 = ", "")
        parts.append(f"prediction interval {number(model.pi_lb)} to {number(model.pi_ub)} ({rule})")
    return "; ".join(parts)


def _method(model: Model) -> str:
    """How tau2 was estimated, and the kind of its interval."""
    if model.prob_below is not None:  # Bayesian
        return f"{model.method}, credible"
    return f"{model.method}, {'Q-profile' if model.k_exact == model.k else 'profile-likelihood'}"
