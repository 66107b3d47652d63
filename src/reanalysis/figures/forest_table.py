"""What a forest plot shows, as a table: one row for each line of the figure, in order, with every number drawn.

A panel has one metric, and so one axis, which at least two numbers share. What has no place on an axis is listed below:
single results, directions, what is reported as no difference or not at all, and what is excluded.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain, groupby
from typing import Any

from reanalysis.figures.forest_models import (
    by_contrast,
    difference_row,
    model_key,
    model_mark,
    model_row,
    model_rows,
    shown_models,
    subgroup_rows,
    weights,
)
from reanalysis.figures.forest_row import LISTS, ForestRow, estimate_text
from reanalysis.figures.panels import chosen, place
from reanalysis.results.rows import MAIN, Answer, Effect, Model, ModeratorTest, PooledUnit, SampleDirection, Subgroup
from reanalysis.results.table import CellKey, by_cell, by_domain, cell_of
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Appraisal, Contrast, Domain
from reanalysis.schema.review import NO_WORD, Panel
from reanalysis.schema.vocabulary import CROSSOVER_AS_GROUPS, METRICS
from reanalysis.text import capital, interval, number

__all__ = ["ForestRow", "model_mark"]  # what others know by this module

OVERALL = "overall"  # item of an appraisal that is about the whole
OWN = ("matrix", "assay", "exposure", "population_kind")  # columns whose words are those of the review
SYMBOLS = {"SMD": "g", "SMCC": "d", "ZCOR": "z"}  # of the metrics, where effects of several stand in one column
FEWEST = 2  # numbers that share an axis
NOT_REPORTED = "NR"
CROSSOVER = "crossover trial: the same participants took both, and are counted in both groups"


def forest_table(
    effects: list[Effect],
    models: list[Model],
    units: list[PooledUnit],
    names: Names,
    appraisals: Iterable[Appraisal] = (),
    first: Callable[[Effect], Any] = lambda effect: 0,
    told: Callable[[Effect], Mapping[str, str | None]] = lambda effect: {},
) -> list[ForestRow]:
    """Rows of the figure: a panel for each metric, in it contrasts, cells, findings by year and models; then the lists.

    `first` is by what the cells of a contrast are ordered, before their outcomes; `told` gives columns of a finding in
    other words than those of the review.
    """
    judged = {one.sample_id: one for one in whole_samples(appraisals)}
    ordered = sorted(effects, key=lambda one: (names.order(one.contrast), first(one), one.outcome_group, *_when(one)))
    several = len({effect.contrast for effect in effects}) > 1
    models_of, units_of = by_cell(models), by_cell(units)

    rows: list[ForestRow] = []
    for panel, members in _panels(ordered, models_of).items():
        if panel in LISTS:
            rows += _list(panel, members, names, several)
            continue
        for _, block in groupby(members, key=lambda effect: effect.contrast):
            own = list(block)
            rows.append(_contrast(panel, own, names))
            for cell, findings in groupby(own, key=cell_of):
                found, fitted, pooled = list(findings), models_of.get(cell, []), units_of.get(cell, [])
                rows.append(_group(panel, found, names))
                rows += (
                    replace(row, **told(effect)) for row, effect in _findings(found, fitted, pooled, names, judged)
                )
                rows += model_rows(fitted, pooled)
    return _without_repetition(rows)


def _findings(
    effects: list[Effect],
    models: list[Model],
    units: list[PooledUnit],
    names: Names,
    judged: Mapping[str, Appraisal],
) -> Iterator[tuple[ForestRow, Effect]]:
    """The findings of a cell on its axis, each with what it counts in the model whose weights are printed."""
    unit_of = {name: unit for unit in units for name in unit.findings}
    counts = weights(models, units)
    for effect in effects:
        row = _finding(effect, unit_of.get(effect.finding_id), names, judged.get(effect.sample_id))
        weight, model = counts.get(effect.finding_id, (None, None))
        yield replace(row, weight=weight, weight_of=model), effect


def _panels(effects: list[Effect], models_of: Mapping[CellKey, list[Model]]) -> dict[str, list[Effect]]:
    """The findings by panel: on an axis where some effect of their cell has a size, and no lone number has one."""
    known = [effect for effect in effects if effect.use == "main" and effect.rung in ("exact", "bounded")]
    sized = {effect.cell for effect in known}
    pools = (model for cell in sized for model in shown_models(models_of.get(cell, [])))
    numbers = Counter(row.metric for row in (*known, *pools))
    sized = {cell for cell in sized if numbers[cell.metric] >= FEWEST}
    found: dict[str, list[Effect]] = {panel: [] for panel in (*METRICS, *LISTS)}
    for effect in effects:
        found[_panel(effect, sized)].append(effect)
    return found


def domain_tables(
    evidence: Evidence, effects: list[Effect], models: list[Model], units: list[PooledUnit]
) -> dict[str, list[ForestRow]]:
    """The table of the forest plot of each domain."""
    parts = [by_domain(rows) for rows in (effects, models, units)]
    judged: dict[str | None, list[Appraisal]] = defaultdict(list)
    for one in whole_samples(evidence.appraisals.values()):
        judged[one.sample_id].append(one)
    tables = {}
    for name in evidence.domains:
        own = [rows[name] for rows in parts]
        samples = dict.fromkeys(effect.sample_id for effect in own[0])
        tables[name] = forest_table(*own, evidence.names, chain.from_iterable(judged[sample] for sample in samples))
    return tables


def has_size(rows: Iterable[ForestRow]) -> bool:
    """Whether some effect has a size, so that there is something to draw."""
    return any(row.panel in METRICS or row.panel == "single" for row in rows)


def _panel(effect: Effect, sized: Collection[CellKey]) -> str:
    if effect.use != "main":
        return "excluded"
    if effect.rung == "unusable":
        return "none" if effect.direction == "none" else "unusable"
    if effect.cell in sized:
        return effect.metric
    return "direction" if effect.rung == "direction" else "single"


def _when(effect: Effect) -> tuple:
    return effect.metric, effect.domain, effect.year or math.inf, effect.label, effect.finding_id


def _without_repetition(rows: list[ForestRow]) -> list[ForestRow]:
    """Outcome and arm stand in the heading of a cell where all its findings have the same, and else beside each.

    A column in which this holds for every cell of the figure stands in the headings too.
    """
    cells = [list(block) for _, block in groupby(rows, key=lambda row: (row.panel, row.cell))]
    plotted = [cell for cell in cells if cell[0].kind == "group" and cell[0].panel in METRICS]
    joined = [column for column in (*OWN, "dose") if all(len(_said(cell, column)) == 1 for cell in plotted)]
    said = []
    for cell in cells:
        if cell[0].kind == "group" and cell[0].panel in METRICS:
            for column, joint in (("outcome", ": "), ("arm", ", "), *((column, ", ") for column in joined)):
                cell = _once(cell, column, joint)
        said += cell
    return said


def _said(rows: list[ForestRow], column: str) -> set[str | None]:
    """What the findings of a cell have in a column."""
    return {getattr(row, column) or None for row in rows if row.kind == "finding"}


def _once(rows: list[ForestRow], column: str, joint: str) -> list[ForestRow]:
    """A heading with its rows; what is the same in this column of all findings is said in the heading alone."""
    texts = _said(rows, column)
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
    pools = [model for model in models if model.fit in quoted]
    units_of, rows = by_cell(units), []
    for heading, own_pools in by_contrast(pools, names):
        metric = heading.pop("metric")  # its panel
        rows.append(ForestRow(panel=metric, kind="contrast", **heading))
        for model in own_pools:
            row = model_row(model, units_of[model.cell])
            label = f"{capital(names.outcome(model.outcome_group))}: {MODELS[model.model].label}, k = {model.k}"
            own = {"label": label, "mark_id": model_key(model), "composition": None, "test": None}
            rows.append(replace(row, **own))
    return rows if len(pools) > 1 else []


def panel_table(
    panel: Panel,
    effects: Iterable[Effect],
    models: Iterable[Model],
    units: Iterable[PooledUnit],
    names: Names,
    appraisals: Iterable[Appraisal] = (),
    subgroups: Iterable[Subgroup] = (),
    tests: Iterable[ModeratorTest] = (),
) -> list[ForestRow]:
    """The findings that a panel of the review asks for; its models are named as in figures of several domains.

    Studies of one cell, by a moderator whose subgroups were compared in it, stand in these subgroups.
    """
    found = chosen(panel, effects)
    cells = {effect.cell for effect in found}
    own = [[row for row in rows if row.cell in cells] for rows in (models, units)]
    test = _tested(panel, found, tests)
    hidden = {test.moderator: None} if test and test.moderator in OWN else {}  # it stands in the headings
    rows = forest_table(
        found,
        *own,
        names,
        appraisals,
        first=lambda effect: place(panel, effect),
        told=lambda effect: _told(panel, effect) | hidden,
    )
    if test:
        levels = [row for row in subgroups if (row.cell, row.variant, row.moderator) == _tested_by(test)]
        rows = _by_level(rows, found, panel, levels, next(iter(shown_models(own[0])), None), test, names)
    return [
        replace(row, mark_id=f"{row.domain}--{row.mark_id}") if row.kind == "model" and row.use != "subgroup" else row
        for row in rows
    ]


def _tested(panel: Panel, effects: list[Effect], tests: Iterable[ModeratorTest]) -> ModeratorTest | None:
    """The test between the subgroups of a panel of studies: those of the only cell of which some effect has a size."""
    cells = {effect.cell for effect in effects if effect.use == "main" and effect.rung in ("exact", "bounded")}
    if panel.kind != "studies" or len(cells) != 1:
        return None
    own = (test for test in tests if {test.cell} == cells and test.variant == MAIN and test.moderator in panel.by)
    return next(own, None)


def _tested_by(test: ModeratorTest) -> tuple[CellKey, str, str]:
    return test.cell, test.variant, test.moderator


def _by_level(
    rows: list[ForestRow],
    effects: list[Effect],
    panel: Panel,
    levels: list[Subgroup],
    whole: Model | None,
    test: ModeratorTest,
    names: Names,
) -> list[ForestRow]:
    """The rows of a cell with its findings under the levels of a moderator, each with its model, and their test."""
    level_of = {finding_mark(effect): getattr(effect, test.moderator) or NO_WORD for effect in effects}
    findings = [row for row in rows if row.kind == "finding" and row.panel in METRICS]
    words = panel.by[test.moderator]
    order = [*words, *dict.fromkeys(level_of[row.mark_id] for row in findings if level_of[row.mark_id] not in words)]
    start, end = rows.index(findings[0]), rows.index(findings[-1]) + 1
    models = [row for row in rows[end:] if row.kind == "model"]
    grouped: list[ForestRow] = []
    for level in order:
        own = [row for row in findings if level_of[row.mark_id] == level]
        label = words.get(level) or names.word(test.moderator, level)
        heading = ForestRow(panel=test.metric, kind="level", label=label, **test.cell._asdict())
        pools = (row for one in levels if one.level == level for row in subgroup_rows(one, whole))
        grouped += [heading, *own, *pools] if own else []
    return [*rows[:start], *grouped, *models, difference_row(test), *(row for row in rows[end:] if row.kind != "model")]


def _told(panel: Panel, effect: Effect) -> dict[str, str | None]:
    """The columns that a panel of studies shows of a finding, in its own words."""
    if panel.kind != "studies" or not panel.by:
        return {}
    words = {column: panel.by.get(column, {}).get(getattr(effect, column) or NO_WORD) for column in OWN}
    return {column: words[column] or getattr(effect, column) if column in panel.by else None for column in OWN}


def directions_table(tables: Iterable[list[ForestRow]], domains: Mapping[str, Domain]) -> list[ForestRow]:
    """The findings of which only the direction is reported, of all domains in which no effect has a size."""
    rows = (row for table in tables if not has_size(table) for row in table if row.panel == "direction")
    return [replace(row, label=domains[row.domain].title) if row.kind == "contrast" else row for row in rows]


def finding_mark(effect: Effect) -> str:
    """Id of a finding's mark in any figure."""
    return f"{effect.finding_id}--{effect.coding}"


def findings_mark(row: SampleDirection) -> str:
    """Id of a mark that stands for several findings, which names them all; of a single one as in the forest plot."""
    return f"{'__'.join(row.findings)}--{row.codings[0]}"


# ---------------------------------------------------------------- headings


def _contrast(panel: str, members: list[Effect], names: Names) -> ForestRow:
    contrast = names.contrasts[members[0].contrast]
    left, right = sides(members, contrast)
    return ForestRow(
        panel=panel,
        kind="contrast",
        domain=members[0].domain,
        contrast=contrast.contrast,
        label=contrast.label,
        arm=contrast.side_1,
        heads=[f"{column}: {head}" for column in OWN if (head := names.head(column))],
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
    return _told_apart(*own) if own and all(own) else None


def _told_apart(one: str, other: str) -> tuple[str, str]:
    """Two names without the words before a comma that both begin with."""
    start, _, rest = one.partition(", ")
    same = rest and other.startswith(f"{start}, ")
    return _told_apart(rest, other.removeprefix(f"{start}, ")) if same else (one, other)


def sides(effects: list[Effect], contrast: Contrast) -> tuple[str, str]:
    """What a negative and a positive effect of these findings mean."""
    return _between_named(effects, contrast).sides([effect.higher_is_better for effect in effects])


def _between_named(effects: Iterable[Effect], contrast: Contrast) -> Contrast:
    """The contrast of the sides that all findings name, where it leaves this to them."""
    own = named_sides(effects, contrast)
    return contrast.between(*own) if own else contrast


# ---------------------------------------------------------------- findings


def whole_samples(appraisals: Iterable[Appraisal]) -> list[Appraisal]:
    """The judgements of samples as a whole by the first tool that gives one."""
    whole = [one for one in appraisals if one.sample_id is not None and one.item == OVERALL]
    return [one for one in whole if one.tool == whole[0].tool]


def _finding(effect: Effect, unit: PooledUnit | None, names: Names, judged: Appraisal | None) -> ForestRow:
    """A finding on an axis."""
    contrast = names.contrasts[effect.contrast]
    first, _ = named_sides([effect], contrast) or (effect.group_1, None)
    return ForestRow(
        panel=effect.metric,
        kind="finding",
        mark_id=finding_mark(effect),
        **effect.cell._asdict(),
        label=effect.label,
        sample_id=effect.sample_id,
        year=effect.year,
        outcome=effect.outcome,
        arm=first if first != contrast.side_1 else None,
        groups=_groups(effect, contrast),
        n=persons(effect),
        **{name: names.word(name, getattr(effect, name)) for name in OWN},
        dose=_dose(effect),
        appraisal_tool=judged.tool if judged else None,
        appraisal=judged.judgement if judged else None,
        appraisal_level=judged.level if judged else None,
        **drawn(effect),
        direction=effect.direction,
        means=_means(effect),
        effect=effect_text(effect, contrast),
        footnotes=list(_footnotes(effect, unit)),
    )


def _dose(effect: Effect) -> str:
    return " ".join(filter(None, (effect.dose, effect.dose_unit)))


def _groups(effect: Effect, contrast: Contrast) -> tuple[str, ...]:
    """The names of the two groups whose sizes are told: those of the contrast, or else of the finding."""
    own = named_sides([effect], contrast) or (contrast.side_1, contrast.side_2)
    return tuple(name.replace(";", ",") for name in own) if all((*own, effect.n1i, effect.n2i)) else ()


def _means(effect: Effect) -> str | None:
    """The printed means of an effect whose size is not known, and their ratio."""
    if effect.means is None or effect.rung == "exact":
        return None
    ratio = f", ratio {number(effect.ratio_of_means)}" if effect.ratio_of_means is not None else ""
    return f"means {effect.means}{ratio}"


def _footnotes(effect: Effect, unit: PooledUnit | None) -> Iterator[str]:
    """What a reader must know of the participants of a finding."""
    if effect.design == CROSSOVER_AS_GROUPS:
        yield CROSSOVER
    if unit and unit.n1i and effect.n1i and unit.n1i > effect.n1i and unit.n2i == effect.n2i:
        name = (effect.group_2 or "second").replace(";", ",")
        split = ", the weight of the trial is split over its arms" if unit.weight is not None else ""
        yield f"shares its {name} group with the other arms of the trial, counted once in the total{split}"


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
    sized, single = effect.rung in ("exact", "bounded"), panel == "single"
    left, _ = sides([effect], contrast)
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
        matrix=names.word("matrix", effect.matrix) if single else None,
        dose=_dose(effect) if single else None,
        **drawn(effect),
        direction=effect.direction,
        means=_means(effect),
        effect=f"{SYMBOLS[effect.metric]} {text}" if sized else text,
        note=f"below zero: {left}" if single and effect.comparison != "association" else _why_not(effect),
    )


def _why_not(effect: Effect) -> str | None:
    """Why a finding is excluded, or why nothing is known of it."""
    return effect.use_why or (effect.why if effect.rung == "unusable" else None)


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
    return "no difference" if effect.direction == "none" else NOT_REPORTED


def direction_text(effect: Effect, contrast: Contrast) -> str:
    """Which way a finding points, and whether that is good for the person, where it is known."""
    named = _between_named([effect], contrast)
    way = named.right if effect.sign > 0 else named.left
    if effect.good_sign is None:
        return way
    return f"{way} ({'better' if effect.sign == effect.good_sign else 'worse'})"


def persons(effect: Effect) -> str:
    """Participants in both groups, or in all, as printed."""
    if effect.n1i is not None or effect.n2i is not None:
        return f"{effect.n1i or '?'} / {effect.n2i or '?'}"
    return str(effect.ni) if effect.ni is not None else "?"
