"""A cell: what was pooled, by which models, which answer follows, and what rests on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from reanalysis.explain import figures as drawn
from reanalysis.explain.tree import Part, estimate, pairs, part, size
from reanalysis.report.answers import effect_words, participants, reporting, usable
from reanalysis.results.build import Build
from reanalysis.results.rows import Answer, Effect, Model, PooledUnit, Variant
from reanalysis.results.table import CellKey, CellRow, cell_of
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.text import count, number, p_value, probability


def cells_named(build: Build) -> set[str]:
    """The names of all cells, as domain/contrast/outcome_group, with the metric behind it or without."""
    cells = {effect.cell for effect in build.tables["2_effects/ladder.csv"]}
    return {"/".join(cell[:n]) for cell in cells for n in (3, 4)}


def cell_of_answer(row: CellRow | Answer) -> str:
    """The name of an answer, or of that to which a row belongs."""
    return f"{row.domain}/{row.contrast}/{row.outcome_group}"


def domain(build: Build, name: str) -> Part:
    """A domain: its cells, each with its answer."""
    answers = [row for row in build.tables["4_synthesis/answers.csv"] if row.domain == name]
    lines = tuple(f"{cell_of_answer(row)}: {row.statement}" for row in answers)
    return Part(f"Domain {name}: {build.evidence.domains[name].title}", lines or ("no finding",))


def cell(build: Build, name: str) -> Part:
    """A cell, by its name; of an outcome in several metrics each of them, below the answer that they share."""
    effects = [
        effect
        for effect in build.tables["2_effects/ladder.csv"]
        if name in (cell_of_answer(effect), "/".join(effect.cell))
    ]
    metrics = sorted({effect.cell for effect in effects}, key=lambda key: key.metric)
    first = effects[0]
    return Part(
        f"Cell {name}: {build.evidence.names.question(first)}",
        (),
        tuple(
            filter(
                None,
                (
                    part("Answer", answer_lines(build, first)),
                    *(_metric(build, key, [row for row in effects if row.cell == key]) for key in metrics),
                    part("Statements of the review that rest on it", _claims(build, metrics)),
                    drawn.figures(build, *(drawn.of_cell(build, key) for key in metrics)),
                ),
            )
        ),
    )


def _metric(build: Build, key: CellKey, effects: list[Effect]) -> Part | None:
    """What is known of a cell on its metric."""
    units = [unit for unit in build.tables["3_models/units.csv"] if unit.cell == key]
    below = [part("What was pooled", map(unit_line, units)), part("Models", _model_lines(build, key, units))]
    below.append(part("Findings in no model", [_outside(effect) for effect in effects if not effect.enters]))
    below.append(part("Sensitivity analyses", _sensitivity(build, key)))
    below.append(part("Without one sample", _left_out(build, key)))
    below.append(
        part(
            "What its certainty rests on",
            [
                f"{row.item}: {row.concern}; {row.why}"
                for row in build.tables["4_synthesis/certainty.csv"]
                if row.cell == key
            ],
        )
    )
    below.append(
        part(
            "Numbers that are missing",
            [
                f"rank {item.rank}: {item.finding_id}: {item.needed}"
                for item in build.tables["4_synthesis/worklist.csv"]
                if item.cell == key
            ],
        )
    )
    return part(f"{key.metric}, {v.METRICS[key.metric]}", (), below)


# ---------------------------------------------------------------- lines


def answer_lines(build: Build, row: CellRow) -> list[str]:
    """The answer to which a row belongs, in words and numbers."""
    name = (row.domain, row.contrast, row.outcome_group)
    answers = build.tables["4_synthesis/answers.csv"]
    found = next((one for one in answers if (one.domain, one.contrast, one.outcome_group) == name), None)
    if found is None:
        return ["No finding of it enters the main analysis."]
    question = build.evidence.review.questions.get(found.question) if found.question else None
    rated = f"{found.certainty}, rated by {found.rated_by}" if found.certainty else "not rated"
    return [
        found.statement,
        *pairs(
            question=question and question.asks,
            effect=effect_words(found),
            by_the_model=found.model and MODELS[found.model].label,
            samples=f"{found.samples}, {usable(found)} of them with a usable result",
            participants=f"{participants(found)}{' of these' if usable(found) else ''}",
            reporting=reporting(found).removeprefix("reporting: "),
            certainty=f"{rated}; worded as {found.worded_as}",
        ),
    ]


def unit_line(unit: PooledUnit) -> str:
    """A sample of a cell: what of it was pooled, and how much it weighs."""
    weight = [
        None if unit.weight is None else f"weight {number(unit.weight, 1)}%",
        None if unit.information is None else f"{number(unit.information, 1)}% of the information of all the evidence",
    ]
    of = f" ({', '.join(unit.findings)})"
    return "; ".join(filter(None, [f"sample {unit.sample_id}{of}: {size(unit)}", *weight]))


def models_of(build: Build, key: CellKey) -> Iterator[tuple[Model, str]]:
    """The models of a cell, each with its line; that of the answer is named."""
    quoted = {row.fit for row in build.tables["4_synthesis/answers.csv"] if row.model}
    for model in build.tables["3_models/models.csv"]:
        if model.cell == key:
            yield model, f"{estimate(model)}{' (the answer quotes it)' if model.fit in quoted else ''}"


def _model_lines(build: Build, key: CellKey, units: list[PooledUnit]) -> Iterator[str]:
    for model, line in models_of(build, key):
        details = [
            None if model.pval is None else p_value(model.pval),
            None if model.tau2 is None else f"tau² {number(model.tau2, 3)}",
            None if model.I2 is None else f"I² {number(model.I2, 0)}%",
            None
            if model.prob_below is None
            else f"probability of an effect below zero {probability(model.prob_below)}",
        ]
        yield "; ".join(filter(None, [line, *details]))
        exact = [unit for unit in units if unit.weight is not None]
        if model.headline and len(exact) > 1:
            terms = " + ".join(f"{number(unit.weight, 1)}% · ({number(unit.yi, 3)})" for unit in exact)
            yield f"  Σ wᵢ yᵢ / Σ wᵢ = {terms} = {number(model.est, 3)}"


def _outside(effect: Effect) -> str:
    coding = "" if effect.coding == "primary" else f" ({effect.coding})"
    why = effect.use_why if effect.use != "main" else effect.enters_why
    return f"{effect.finding_id}{coding}: {size(effect)}; {why}"


def _sensitivity(build: Build, key: CellKey) -> Iterator[str]:
    """Of each model and kind of alternative, how many there are and between which values their estimates lie."""
    groups: dict[tuple[str, str], list[Variant]] = defaultdict(list)
    for row in build.tables["3_models/sensitivity.csv"]:
        if row.cell == key and row.kind != "main":
            groups[row.model, row.kind].append(row)
    for (model, kind), rows in groups.items():
        known = [row.est for row in rows if row.est is not None]
        ends = dict.fromkeys([number(min(known)), number(max(known))]) if known else ()
        told = f"estimate{'s from' if len(ends) > 1 else ''} {' to '.join(ends)}" if ends else "no estimate"
        yield f"{MODELS[model].label}, {v.ALTERNATIVES[kind]}: {count(len(rows), 'alternative')}, {told}"


def _left_out(build: Build, key: CellKey) -> Iterator[str]:
    for row in build.tables["3_models/leave_one_out.csv"]:
        if row.cell == key and row.est is not None:
            yield f"{MODELS[row.model].label} without {row.label}: {number(row.est)}"


def _claims(build: Build, cells: Iterable[CellKey]) -> list[str]:
    verdicts = {row.claim_id: row for row in build.tables["4_synthesis/claims.csv"]}
    cells = set(cells)
    return [
        f"{row.claim_id}: {verdicts[row.claim_id].claim}: {row.verdict} on this part ({row.metric}: {row.side})"
        for row in build.tables["4_synthesis/claim_parts.csv"]
        if row.domain and cell_of(row) in cells
    ]
