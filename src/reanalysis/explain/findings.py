"""A finding: from the place in its source to everything that it enters."""

from __future__ import annotations

from collections.abc import Iterator

from reanalysis.explain import figures as drawn
from reanalysis.explain.cells import answer_lines, cell_of_answer, models_of, unit_line
from reanalysis.explain.raw_lines import decisions, place
from reanalysis.explain.tree import Part, pairs, part, size, stored
from reanalysis.results.build import Build
from reanalysis.results.rows import Effect, PooledUnit
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.raw import Finding
from reanalysis.text import capital, interval, number, probability


def finding(build: Build, finding_id: str) -> Part:
    """Every version of a finding with its source and its formula, and what rests on the one that is used."""
    effects = [effect for effect in build.tables["2_effects/ladder.csv"] if effect.finding_id == finding_id]
    effects.sort(key=lambda effect: effect.coding != "primary")
    used = next((effect for effect in effects if effect.use == "main"), None)
    return Part(
        f"Finding {finding_id}: {effects[0].label}, {effects[0].outcome}",
        (build.evidence.contrasts[effects[0].contrast].label,),
        tuple(
            filter(
                None,
                (
                    *(_coding(build, effect, len(effects) > 1) for effect in effects),
                    *(_uses(build, used) if used else [_excluded(effects[0])]),
                    drawn.figures(build, *map(drawn.of_finding, effects), *_with_its_sample(build, used)),
                ),
            )
        ),
    )


def _excluded(effect: Effect) -> Part:
    return Part("In no model", (f"Excluded: {effect.use_why}.",))


def _with_its_sample(build: Build, used: Effect | None) -> Iterator[drawn.Shows]:
    """What shows the sample of a finding in the figures of its cell, where the finding enters it."""
    if used and used.enters:
        yield drawn.of_unit(build, used.cell, used.sample_id)


# ---------------------------------------------------------------- a version of it


def _coding(build: Build, effect: Effect, several: bool) -> Part:
    row = build.evidence.codings[effect.finding_id, effect.coding]
    parts = (_source(build, effect, row), _declared(effect, row), _reading(build, effect), _opinions(build, effect))
    if not several:
        return Part("From its source to an effect", (), tuple(filter(None, parts)))
    return Part(f"Version {effect.coding}: {size(effect)}, {_used(effect)}", (), tuple(filter(None, parts)))


def _used(effect: Effect) -> str:
    return "in the main analysis" if effect.use == "main" else f"excluded: {effect.use_why}"


def _source(build: Build, effect: Effect, row: Finding) -> Part | None:
    evidence = build.evidence
    table = f"findings/{effect.domain}.csv"
    key = {"finding_id": effect.finding_id, "coding": effect.coding}
    through = evidence.reports[effect.via].reference if effect.via else None
    lines = pairs(
        read_in=effect.locator,
        what_was_read=v.SOURCE_KINDS[effect.source_kind],
        report=f"{effect.report_id}: {evidence.reports[effect.report_id].reference}",
        read_through=through and f"{effect.via}: {through}",
        sample=effect.sample_id and f"{effect.sample_id} (cohort {effect.cohort_id})",
        raw_data=place(build, table, key),
        coder=row.coder,
        doubt=row.doubt,
        note=row.note,
    )
    return part("Source", [*lines, *decisions(build, table, key)])


def _declared(effect: Effect, row: Finding) -> Part | None:
    return part(
        "As declared",
        pairs(
            statistic=f"{effect.stat_type}, {v.STAT_TYPES[effect.stat_type].meaning}",
            direction=f"{effect.direction}, {v.DIRECTIONS[effect.direction]}",
            groups=effect.group_1 and f"{effect.group_1} minus {effect.group_2}",
            population=effect.population,
            design=effect.design and v.DESIGNS[effect.design],
            time=effect.timepoint,
            instrument=row.instrument,
            participants=_participants(effect),
            test_of=row.test_of and v.TEST_OF[row.test_of],
            numbers_that_enter=effect.inputs,
            numbers_that_do_not=effect.shown,
        ),
    )


def _participants(effect: Effect) -> str | None:
    if effect.n1i and effect.n2i:
        return f"{effect.n1i} and {effect.n2i}"
    return effect.persons and str(effect.persons)


def _reading(build: Build, effect: Effect) -> Part | None:
    """Rung, formula and numbers."""
    formula = [
        line
        for one in build.tables["2_effects/formulas.csv"]
        if (one.finding_id, one.coding) == (effect.finding_id, effect.coding)
        for line in ([one.symbols] if one.symbols == one.values else [one.symbols, f"  {one.values}"])
    ]
    numbers = pairs(assumed=effect.assumed)
    known = {name: stored(getattr(effect, name)) for name in ("yi", "vi", "yi_lb", "yi_ub")}
    numbers += [f"{name} = {value}" for name, value in known.items() if value]
    if effect.ci_lb is not None:
        numbers.append(f"{effect.level:.0%} interval of the true effect: {interval(effect.ci_lb, effect.ci_ub)}")
    return part(
        f"Effect: {v.REPORTING[effect.rung]} ({effect.rung})",
        [
            f"{capital(effect.why)}.",
            f"{effect.metric}, {v.METRICS[effect.metric]}{f': {effect.es_method}' if effect.es_method else ''}",
            *formula,
            *numbers,
            f"missing: {effect.missing}" if effect.missing else None,
        ],
    )


def _opinions(build: Build, effect: Effect) -> Part | None:
    return part(
        "The same by other packages",
        [
            f"{row.quantity} = {stored(row.theirs)} ({row.package}): {row.verdict}"
            + (f" ({row.cause})" if row.cause else "")
            for row in build.tables["2_effects/second_opinion.csv"]
            if (row.level, row.item, row.coding) == ("finding", effect.finding_id, effect.coding)
            and row.theirs is not None
        ],
    )


# ---------------------------------------------------------------- what rests on it


def _uses(build: Build, effect: Effect) -> Iterator[Part | None]:
    """The unit and the models that a finding of the main analysis enters, the answer, the claims, the work on it."""
    units = [unit for unit in build.tables["3_models/units.csv"] if unit.cell == effect.cell]
    unit = next((unit for unit in units if effect.finding_id in unit.findings), None)
    if unit is None:
        yield part("In no model", [f"{capital(effect.enters_why or 'no finding of the cell enters')}."])
    else:
        yield part("Part of a sample", [unit_line(unit), *_with_others(unit)])
        yield part("Models that it enters", list(_models(build, unit)))
    yield part(f"Answer ({cell_of_answer(effect)})", answer_lines(build, effect))
    yield part("Statements of the review that rest on it", list(_claims(build, effect)))
    yield part(
        "Worth of the missing number",
        [
            f"rank {item.rank} of the work list: {item.needed}"
            for item in build.tables["4_synthesis/worklist.csv"]
            if item.finding_id == effect.finding_id
        ],
    )


def _with_others(unit: PooledUnit) -> Iterator[str]:
    if len(unit.findings) > 1:
        rho = "" if unit.rho is None else f", correlation {number(unit.rho)}"
        yield f"averaged with the others of its sample: {', '.join(unit.findings)} ({unit.how}{rho})"
    if unit.left_out:
        yield f"other findings of the sample that enter no model: {', '.join(unit.left_out)}"


def _models(build: Build, unit: PooledUnit) -> Iterator[str]:
    """The models that take a sample, each with its estimate without it, where that was computed."""
    without = {row.fit: row for row in build.tables["3_models/leave_one_out.csv"] if row.sample_id == unit.sample_id}
    for model, line in models_of(build, unit.cell):
        if unit.rung == "exact" or MODELS[model.model].everything:
            other = without.get(model.fit)
            said = "" if other is None or other.est is None else f"; without this sample {number(other.est)}"
            yield line + said


def _claims(build: Build, effect: Effect) -> Iterator[str]:
    parts = {
        row.claim_id: row for row in build.tables["4_synthesis/claim_parts.csv"] if effect.finding_id in row.findings
    }
    for row in build.tables["4_synthesis/claims.csv"]:
        if row.claim_id in parts or effect.finding_id in row.rests_on:
            own = parts.get(row.claim_id)
            chance = "" if own is None or own.prob_sign is None else f", probability {probability(own.prob_sign)}"
            yield f"{row.claim_id}{' (central)' if row.core else ''}: {row.claim}: {row.shown}{chance}"


def finding_line(effect: Effect) -> str:
    """A finding in a line of a list."""
    coding = "" if effect.coding == "primary" else f" ({effect.coding})"
    enters = "enters" if effect.enters else "enters no model" if effect.use == "main" else "excluded"
    return f"{effect.finding_id}{coding}: {effect.outcome}: {size(effect)}; {enters}"
