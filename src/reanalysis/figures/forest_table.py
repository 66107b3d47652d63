"""What a forest plot shows, as a table: one row for each line of the figure, in order, with every number drawn.

A panel has one metric, and so one axis. What has no place on an axis is listed below: directions, what is not usable,
and what is excluded.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from reanalysis.figures.panels import chosen, place
from reanalysis.results.rows import Answer, Effect, Model, PooledUnit, SampleDirection
from reanalysis.results.table import CellKey, CellRow, cell_of, col
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Appraisal, Contrast, Domain
from reanalysis.schema.review import NO_WORD, Panel
from reanalysis.schema.vocabulary import METRICS, REPORTING, TESTS
from reanalysis.text import capital, interval, number, p_value

OVERALL = "overall"  # item of an appraisal that is about the whole
OWN = ("matrix", "assay", "exposure", "population_kind")  # columns whose words are those of the review
SYMBOLS = {"SMD": "g", "SMCC": "d", "ZCOR": "z"}  # of the metrics, where effects of several stand in one column
LISTS = {  # panels without an axis, with their headings
    "direction": "Direction only",
    "unusable": "Neither size nor direction reported",
    "excluded": "Excluded from the synthesis",
}


@dataclass(frozen=True, kw_only=True)
class ForestRow(CellRow):
    """A line of a forest plot."""

    panel: str | None = col("the metric of its axis, or, without an axis, direction, unusable or excluded")
    kind: str | None = col("contrast (heading of a block), group (heading of a cell), finding, or model")
    mark_id: str | None = col("id of the mark in the figure: finding and coding, or the model")
    label: str | None = col("study, heading or model")
    sample_id: str | None = col("sample of a finding")
    year: int | None = col("year of the report")
    outcome: str | None = col("outcome in words, where these say more than the heading of the cell")
    arm: str | None = col("first side: of a contrast, and of a finding where it is another")
    n: str | None = col("participants in group_1 / group_2, or in all; of a model, those of its samples")
    matrix: str | None = col("body fluid or tissue, as printed")
    assay: str | None = col("assay, as printed")
    exposure: str | None = col("what the participants were given or exposed to, as printed")
    dose: str | None = col("dose with its unit")
    population_kind: str | None = col("kind of participants, as printed")
    appraisal_tool: str | None = col("tool of the judgement of the sample")
    appraisal: str | None = col("judgement of the sample as a whole, in the words of the tool")
    appraisal_level: str | None = col("the same as a level: low, some, high or unclear; empty where the tool has none")
    rung: str | None = col("rung of the ladder")
    use: str | None = col("findings: main or excluded; models: main (headline), other, or all (all-evidence model)")
    k: int | None = col("independent samples in a model: one is no pool")
    estimate: float | None = col("effect size, or estimate of the model")
    lower: float | None = col("lower end of the interval of the true effect; minus infinity when open")
    upper: float | None = col("upper end of it")
    observed_lower: float | None = col("lower end of the range that holds an observed effect that is not reported")
    observed_upper: float | None = col("upper end of it")
    level: float | None = col("level of the interval, of a finding or a model")
    pi_lower: float | None = col("left end of the prediction interval of a model")
    pi_upper: float | None = col("right end of it")
    weight: float | None = col(
        "weight in the headline model, percent; where not all samples are exact, share of the information in the "
        "all-evidence model"
    )
    effect: str | None = col("the effect as printed in the figure")
    composition: str | None = col("of a model: samples by how much is reported of them")
    heterogeneity: str | None = col("of a model: heterogeneity, and the prediction interval")
    test: str | None = col("of a model: test for overall effect")
    note: str | None = col("why a finding is not on an axis or not pooled, or what a model says of itself")
    left: str | None = col("what a negative value means, in a heading")
    right: str | None = col("what a positive value means, in a heading")


def forest_table(
    effects: list[Effect],
    models: list[Model],
    units: list[PooledUnit],
    names: Names,
    appraisals: Iterable[Appraisal] = (),
    first: Callable[[Effect], Any] = lambda effect: 0,
) -> list[ForestRow]:
    """Rows of the figure: a panel for each metric, in it contrasts, cells, findings by year and models; then the lists.

    A cell has a place on an axis where the size of some effect in it is known, if only within limits. `first` is by
    what the cells of a contrast are ordered, before their outcomes.
    """
    sized = {effect.cell for effect in effects if effect.use == "main" and effect.rung in ("exact", "bounded")}
    weights = {(unit.cell, name): _weight(unit) for unit in units for name in unit.findings}
    judged = {one.sample_id: one for one in whole_samples(appraisals)}
    shown: dict[str, list[Effect]] = {panel: [] for panel in (*METRICS, *LISTS)}
    for effect in sorted(
        effects, key=lambda one: (names.order(one.contrast), first(one), one.outcome_group, *_when(one))
    ):
        shown[_panel(effect, sized)].append(effect)

    rows: list[ForestRow] = []
    for panel, members in shown.items():
        if panel in LISTS:
            rows += _list(panel, members, names, len({effect.contrast for effect in effects}) > 1)
            continue
        for contrast, block in groupby(members, key=lambda effect: effect.contrast):
            own = list(block)
            rows.append(_contrast(panel, own, names.contrasts[contrast]))
            for cell, findings in groupby(own, key=cell_of):
                found = list(findings)
                rows.append(_group(panel, found, names))
                rows += [_finding(effect, weights, names, judged.get(effect.sample_id)) for effect in found]
                pooled = [unit for unit in units if unit.cell == cell]
                rows += _models([model for model in models if model.cell == cell], pooled)
    return _without_repetition(rows)


def domain_tables(
    evidence: Evidence, effects: list[Effect], models: list[Model], units: list[PooledUnit]
) -> dict[str, list[ForestRow]]:
    """The table of the forest plot of each domain."""
    judged = list(evidence.appraisals.values())
    return {
        name: forest_table(
            *([row for row in rows if row.domain == name] for rows in (effects, models, units)), evidence.names, judged
        )
        for name in evidence.domains
    }


def has_axis(rows: Iterable[ForestRow]) -> bool:
    """Whether some effect has a size, so that there is something to plot."""
    return any(row.panel in METRICS for row in rows)


def _panel(effect: Effect, sized: Collection[CellKey]) -> str:
    if effect.use != "main":
        return "excluded"
    if effect.rung == "unusable":
        return "unusable"
    return effect.metric if effect.cell in sized else "direction"


def _when(effect: Effect) -> tuple:
    return effect.metric, effect.domain, effect.year or math.inf, effect.label, effect.finding_id


def _without_repetition(rows: list[ForestRow]) -> list[ForestRow]:
    """Outcome and arm stand in the heading of a cell where all its findings have the same, and else beside each."""
    said = []
    for _, block in groupby(rows, key=lambda row: (row.panel, row.cell)):
        members = list(block)
        if members[0].kind == "group" and members[0].panel in METRICS:
            for column, joint in (("outcome", ": "), ("arm", ", ")):
                members = _once(members, column, joint)
        said += members
    return said


def _once(rows: list[ForestRow], column: str, joint: str) -> list[ForestRow]:
    """A heading with its rows; what is the same in this column of all findings is said in the heading alone."""
    texts = {getattr(row, column) for row in rows if row.kind == "finding"}
    if len(texts) != 1:
        return rows
    heading, (text,) = rows[0].label, texts
    if text and text.casefold() not in heading.casefold():
        heading = f"{heading}{joint}{text}"
    return [replace(rows[0], label=heading), *(replace(row, **{column: None}) for row in rows[1:])]


def summary_table(
    answers: Iterable[Answer], models: Iterable[Model], units: Iterable[PooledUnit], names: Names
) -> list[ForestRow]:
    """The pools that are quoted as answers, by metric and contrast; nothing where there are not several of them."""
    quoted = {row.fit for row in answers if row.model and row.k > 1}
    pools = sorted(
        (model for model in models if model.fit in quoted),
        key=lambda one: (list(METRICS).index(one.metric), names.order(one.contrast), one.cell),
    )
    units, rows = list(units), []
    for (metric, contrast), block in groupby(pools, key=lambda model: (model.metric, model.contrast)):
        words, own_pools = names.contrasts[contrast], list(block)
        left, right = words.sides([names.outcomes[model.outcome_group].higher_is_better for model in own_pools])
        heading = {"contrast": contrast, "label": words.label, "left": left, "right": right}
        rows.append(ForestRow(panel=metric, kind="contrast", **heading))
        for model in own_pools:
            row = _model(model, [unit for unit in units if unit.cell == model.cell])
            label = f"{capital(names.outcome(model.outcome_group))}: {model.model}, k = {model.k}"
            own = {"label": label, "mark_id": model_key(model), "composition": None, "test": None, "weight": None}
            rows.append(replace(row, **own))
    return rows if len(pools) > 1 else []


def panel_table(
    panel: Panel,
    effects: Iterable[Effect],
    models: Iterable[Model],
    units: Iterable[PooledUnit],
    names: Names,
    appraisals: Iterable[Appraisal] = (),
) -> list[ForestRow]:
    """The findings that a panel of the review asks for; its models are named as in figures of several domains."""
    found = chosen(panel, effects)
    cells = {effect.cell for effect in found}
    own = ([row for row in rows if row.cell in cells] for rows in (models, units))
    rows = forest_table(found, *own, names, appraisals, first=lambda effect: place(panel, effect))
    effect_of = {finding_mark(effect): effect for effect in found}
    return [
        replace(row, mark_id=f"{row.domain}--{row.mark_id}")
        if row.kind == "model"
        else replace(row, **_told(panel, row, effect_of.get(row.mark_id)))
        for row in rows
    ]


def _told(panel: Panel, row: ForestRow, effect: Effect | None) -> dict[str, str | None]:
    """The columns that a panel of studies shows of a finding, in its own words."""
    if panel.kind != "studies" or not panel.by or effect is None:
        return {}
    words = {column: panel.by.get(column, {}).get(getattr(effect, column) or NO_WORD) for column in OWN}
    return {column: words[column] or getattr(row, column) if column in panel.by else None for column in OWN}


def directions_table(tables: Iterable[list[ForestRow]], domains: Mapping[str, Domain]) -> list[ForestRow]:
    """The findings of which only the direction is reported, of all domains in which no effect has a size."""
    rows = (row for table in tables if not has_axis(table) for row in table if row.panel == "direction")
    return [replace(row, label=domains[row.domain].title) if row.kind == "contrast" else row for row in rows]


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


# ---------------------------------------------------------------- headings


def _contrast(panel: str, members: list[Effect], contrast: Contrast) -> ForestRow:
    left, right = sides(members, contrast)
    return ForestRow(
        panel=panel,
        kind="contrast",
        domain=members[0].domain,
        contrast=contrast.contrast,
        label=contrast.label,
        arm=contrast.side_1,
        left=left,
        right=right,
    )


def _group(panel: str, cell: list[Effect], names: Names) -> ForestRow:
    """What is measured, and between whom where each finding names its own sides."""
    contrast = names.contrasts[cell[0].contrast]
    words = capital(names.outcome(cell[0].outcome_group))
    if own := named_sides(cell, contrast):
        words = f"{words}, {' vs '.join(own)}"
    left, right = sides(cell, contrast)
    return ForestRow(panel=panel, kind="group", label=words, left=left, right=right, **cell[0].cell._asdict())


def named_sides(effects: Iterable[Effect], contrast: Contrast) -> tuple[str, str] | None:
    """The two sides that all findings name, where the contrast leaves this to them."""
    if contrast.side_1 is not None or contrast.comparison != "difference":
        return None
    found = {(effect.group_1, effect.group_2) for effect in effects}
    (own,) = found if len(found) == 1 else (None,)
    return own if own and all(own) else None


def sides(effects: list[Effect], contrast: Contrast) -> tuple[str, str]:
    """What a negative and a positive effect of these findings mean."""
    return _between_named(effects, contrast).sides([effect.higher_is_better for effect in effects])


def _between_named(effects: Iterable[Effect], contrast: Contrast) -> Contrast:
    """The contrast of the sides that all findings name, where it leaves this to them."""
    own = named_sides(effects, contrast)
    return contrast.between(*own) if own else contrast


# ---------------------------------------------------------------- findings


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
    """A finding on an axis."""
    contrast = names.contrasts[effect.contrast]
    return ForestRow(
        panel=effect.metric,
        kind="finding",
        mark_id=finding_mark(effect),
        **effect.cell._asdict(),
        label=effect.label,
        sample_id=effect.sample_id,
        year=effect.year,
        outcome=effect.outcome,
        arm=effect.group_1 if effect.group_1 != contrast.side_1 else None,
        n=persons(effect),
        **{name: names.word(name, getattr(effect, name)) for name in OWN},
        dose=" ".join(filter(None, (effect.dose, effect.dose_unit))),
        appraisal_tool=judged.tool if judged else None,
        appraisal=judged.judgement if judged else None,
        appraisal_level=judged.level if judged else None,
        **drawn(effect),
        weight=weights.get((effect.cell, effect.finding_id)),
        effect=effect_text(effect, contrast),
    )


def _list(panel: str, effects: list[Effect], names: Names, several: bool) -> Iterator[ForestRow]:
    """Findings without a place on an axis, by contrast; `several` says whether the figure has more than one."""
    for index, (name, members) in enumerate(groupby(effects, key=lambda effect: effect.contrast)):
        own = list(members)
        heading = ForestRow(panel=panel, kind="contrast", domain=own[0].domain, label=LISTS[panel])
        yield from [heading] if index == 0 else []
        if several:
            yield replace(heading, kind="group", contrast=name, label=names.contrasts[name].label)
        alike = Counter((effect.label, effect.outcome) for effect in own)
        yield from (_listed(effect, panel, names, alike[effect.label, effect.outcome] > 1) for effect in own)


def _listed(effect: Effect, panel: str, names: Names, dated: bool) -> ForestRow:
    """A finding without a place on an axis; `dated` where only its time tells it from another."""
    contrast = names.contrasts[effect.contrast]
    text, outcome = effect_text(effect, contrast), effect.outcome or names.outcome(effect.outcome_group)
    return ForestRow(
        panel=panel,
        kind="finding",
        mark_id=finding_mark(effect),
        **effect.cell._asdict(),
        label=effect.label,
        sample_id=effect.sample_id,
        year=effect.year,
        outcome=f"{outcome}, {effect.timepoint}" if dated and effect.timepoint else outcome,
        n=persons(effect),
        **drawn(effect),
        effect=f"{METRICS[effect.metric]} {text}" if effect.rung in ("exact", "bounded") else text,
        note=effect.use_why or (effect.why if effect.rung == "unusable" else None),
    )


def drawn(effect: Effect) -> dict:
    """The columns of a row by which a finding is drawn (`marks.EffectMark`)."""
    limits = (effect.yi_lb, effect.yi_ub) if effect.rung in ("bounded", "direction") else (None, None)
    return {
        "rung": effect.rung,
        "use": effect.use,
        "estimate": effect.yi,
        "lower": effect.ci_lb,
        "upper": effect.ci_ub,
        "observed_lower": limits[0],
        "observed_upper": limits[1],
        "level": effect.level if effect.rung in ("exact", "bounded") else None,
    }


def effect_text(effect: Effect, contrast: Contrast) -> str:
    """A finding as printed: its size with the interval of the true effect, this interval alone, or its direction."""
    match effect.rung:
        case "exact":
            return estimate_text(effect.yi, effect.ci_lb, effect.ci_ub)
        case "bounded" if effect.ci_lb is not None:
            return interval(effect.ci_lb, effect.ci_ub)
        case "bounded" | "direction":
            return direction_text(effect, contrast) if effect.sign else "no difference shown"
    return REPORTING["unusable"]


def direction_text(effect: Effect, contrast: Contrast) -> str:
    """Which way a finding points, and whether that is good for the person, where it is known."""
    named = _between_named([effect], contrast)
    way = named.right if effect.sign > 0 else named.left
    if effect.good_sign is None:
        return way
    return f"{way} ({'better' if effect.sign == effect.good_sign else 'worse'})"


def estimate_text(estimate: float | None, lower: float, upper: float) -> str:
    """An estimate as printed: two decimals, with its interval."""
    return "no estimate" if estimate is None else f"{number(estimate)} {interval(lower, upper)}"


def persons(effect: Effect) -> str:
    """Participants in both groups, or in all, as printed."""
    if effect.n1i is not None or effect.n2i is not None:
        return f"{effect.n1i or '?'} / {effect.n2i or '?'}"
    return str(effect.ni) if effect.ni is not None else "?"


# ---------------------------------------------------------------- models


def _models(models: Iterable[Model], units: list[PooledUnit]) -> Iterator[ForestRow]:
    """The models on which the answer of a cell rests; of which samples they are is not said twice in a row."""
    said = None
    for model in models:
        if _answers(model) and model.k_effects > 1:  # a single effect is its own summary
            row = _model(model, units)
            yield replace(row, composition=None) if row.composition == said else row
            said = row.composition


def _answers(model: Model) -> bool:
    return MODELS[model.model].main and model.shown and model.est is not None


def _total(units: list[PooledUnit]) -> str | None:
    """Participants behind a model; None where those of a sample are not known, or only some samples have groups."""
    if units and all(unit.n1i and unit.n2i for unit in units):
        return f"{sum(unit.n1i for unit in units)} / {sum(unit.n2i for unit in units)}"
    if units and all(unit.ni and not unit.n1i for unit in units):
        return str(sum(unit.ni for unit in units))
    return None


def _model(model: Model, units: list[PooledUnit]) -> ForestRow:
    how = f" ({model.method}, {TESTS[model.test]})" if model.test in TESTS and model.tau2 is not None else ""
    all_evidence = bool(model.k_bounded or model.k_direction)
    pools = model.k > 1
    return ForestRow(
        panel=model.metric,
        kind="model",
        mark_id=model_mark(model),
        **model.cell._asdict(),
        label=f"{capital(model.model)}{how}, k = {model.k}"
        if pools
        else f"Mean of {model.k_effects} effects of the study",
        n=_total(units if all_evidence else [unit for unit in units if unit.rung == "exact"]),
        use="all" if all_evidence else "main" if model.headline else "other",
        k=model.k,
        weight=100.0 if pools and _weighs(model, units) else None,
        estimate=model.est,
        lower=model.ci_lb,
        upper=model.ci_ub,
        level=model.level,
        pi_lower=model.pi_lb,
        pi_upper=model.pi_ub,
        effect=estimate_text(model.est, model.ci_lb, model.ci_ub),
        composition=_composition(model) if all_evidence else None,
        heterogeneity="; ".join(_heterogeneity(model)) or None,
        test=_test(model) if pools and model.pval is not None else None,
        note=". ".join(map(capital, _notes(model))) or None,
    )


def _weighs(model: Model, units: list[PooledUnit]) -> bool:
    """Whether the weights of a cell are those of this model: of all evidence where it is fitted, or the headline."""
    if any(unit.information is not None for unit in units):
        return MODELS[model.model].mixed
    return bool(model.headline)


def _composition(model: Model) -> str:
    reported = zip((model.k_exact, model.k_bounded, model.k_direction), REPORTING.values(), strict=False)
    return ", ".join(f"{k} {words}" for k, words in reported if k)


def _heterogeneity(model: Model) -> Iterator[str]:
    """As journals print it below a pool; nothing for a single sample."""
    if model.tau2 is not None:
        limits = f"{model.level:.0%} interval {number(model.tau2_lb)} to {number(model.tau2_ub)}"
        yield f"Tau\N{SUPERSCRIPT TWO} = {number(model.tau2)} ({limits})"
    if model.QE is not None:
        yield f"Chi\N{SUPERSCRIPT TWO} = {number(model.QE)}, df = {model.k - 1} ({_p(model.QEp)})"
        yield f"I\N{SUPERSCRIPT TWO} = {number(model.I2, 0)}%"
    if model.pi_lb is not None:
        yield f"prediction interval {number(model.pi_lb)} to {number(model.pi_ub)}"


def _test(model: Model) -> str:
    """The statistic with its degrees of freedom, or what takes its place, and the p."""
    df = f"df = {number(model.ddf, 0 if model.ddf == int(model.ddf) else 1)}" if model.ddf is not None else None
    statistic = f"{'t' if df else 'Z'} = {number(model.zval)}" if model.zval is not None else model.test
    return f"{', '.join(filter(None, (statistic, df)))} ({_p(model.pval)})"


def _notes(model: Model) -> Iterator[str]:
    """What the estimate rests on besides, and what the model says of itself."""
    if model.rho is not None:
        yield f"correlation of {model.rho:g} assumed between effects of one sample"
    if model.prob_below is not None:
        yield model.method
    if model.note and model.k > 1:
        yield model.note


def _p(value: float) -> str:
    """A p as journals print it."""
    return p_value(value).replace("p", "P", 1)
