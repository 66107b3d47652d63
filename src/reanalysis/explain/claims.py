"""A claim: what it says, the verdict on each of its parts, and why."""

from __future__ import annotations

from collections.abc import Iterator

from reanalysis.explain.cells import cell_of_answer
from reanalysis.explain.raw_lines import decisions, place
from reanalysis.explain.tree import Part, pairs, part, said, size
from reanalysis.results.build import Build
from reanalysis.results.rows import ClaimPart, ClaimVerdict
from reanalysis.schema import vocabulary as v
from reanalysis.text import interval, listed, number, probability


def claim(build: Build, claim_id: str) -> Part:
    """A claim with its verdict, what the verdict rests on, and what its source says."""
    row, key = build.evidence.claims[claim_id], {"claim_id": claim_id}
    verdict = next(one for one in build.tables["4_synthesis/claims.csv"] if one.claim_id == claim_id)
    reports = build.evidence.reports
    about = pairs(
        section=row.section,
        central="the conclusion of the review rests on it" if verdict.core else None,
        cites=listed(f"{name} ({reports[name].label})" for name in row.cited_reports or ()),
        numbers=row.numbers,
        scope=listed(row.scope or ()),
        repeats=listed(row.restates or ()),
        raw_data=place(build, "claims.csv", key),
        note=row.note,
    )
    own = [_part(one) for one in build.tables["4_synthesis/claim_parts.csv"] if one.claim_id == claim_id]
    conclusions = build.tables["4_synthesis/conclusions.csv"]
    named = [f"section {one.section}, {one.title}" for one in conclusions if claim_id in one.claims]
    repeated_by = [name for name, one in build.evidence.claims.items() if claim_id in (one.restates or ())]
    parts = (
        _verdict(verdict),
        part("Its parts", (), own),
        part("Evidence", _evidence(build, verdict)),
        part("Printed estimates, computed again", _reproduced(build, claim_id)),
        _fidelity(build, verdict),
        part("Conclusions that name it", named),
        part("Claims that repeat it", repeated_by),
    )
    lines = (*about, *decisions(build, "claims.csv", key))
    return Part(f"Claim {claim_id}: {row.claim}", lines, tuple(filter(None, parts)))


def _verdict(row: ClaimVerdict) -> Part | None:
    lines = [
        v.VERDICTS[row.shown],
        row.why,
        *pairs(
            rule=f"{row.rule}: {v.CLAIM_RULES[row.rule].meaning}",
            overruled=row.overruled_verdict
            and f"the computed verdict is {row.verdict}; {row.overruled_by}: {row.overruled_reason}",
            probability_of_what_is_claimed=None if row.probability is None else probability(row.probability),
            alternatives_under_which_it_holds=None
            if row.robustness is None
            else f"{number(100 * row.robustness, 0)}% of {row.alternatives}",
            holds_least_under=row.weakest,
            flags=listed(row.flags),
            what_would_change_it=row.what_would_change_it,
        ),
    ]
    return part(f"Verdict: {row.shown}", lines)


def _part(row: ClaimPart) -> Part:
    """One part of a claim: a cell in its scope, or a claim that it repeats."""
    numbers = []
    if row.est is not None:
        posterior = f"{v.METRICS[row.metric]} {number(row.est)} {interval(row.ci_lb, row.ci_ub)}, k = {row.k}"
        numbers = pairs(
            posterior=posterior,
            probability_of_this_sign=probability(row.prob_sign),
            of_such_an_effect_beyond_the_margin=probability(row.prob_beyond),
            of_an_effect_within_it=probability(row.prob_within),
            of_this_sign_where_statements_mean_the_least=None
            if row.prob_sign_at_limit is None
            else probability(row.prob_sign_at_limit),
            alternatives_under_which_it_holds=f"{row.kept} of {row.alternatives}" if row.alternatives else None,
            doubts=listed(row.doubts),
        )
    name = f"{row.part}: {row.verdict}"
    side = f", {row.side}" if row.side else ""
    claimed = [f"claimed: {row.claimed}"] if row.claimed else []
    return Part(f"{name}{side}", (*claimed, *numbers, *([f"findings: {listed(row.findings)}"] if row.findings else [])))


def _evidence(build: Build, verdict: ClaimVerdict) -> Iterator[str]:
    """What the verdict rests on: findings with what is known of them, and everything else by its id."""
    effects = {
        effect.finding_id: effect for effect in build.tables["2_effects/ladder.csv"] if effect.coding == "primary"
    }
    for name in verdict.rests_on:
        if name in effects:
            effect = effects[name]
            yield f"{name}: {effect.label}, {size(effect)}, in {cell_of_answer(effect)}; read in {effect.locator}"
        elif name in build.evidence.reports:
            yield f"{name}: {build.evidence.reports[name].label}"
        elif name in build.evidence.flow:
            yield f"{name}: {build.evidence.flow[name].label}, {build.evidence.flow[name].count}"
        else:
            yield name


def _reproduced(build: Build, claim_id: str) -> Iterator[str]:
    for row in build.tables["4_synthesis/reproduced.csv"]:
        if row.claim_id == claim_id:
            here = "no estimate" if row.est is None else f"{number(row.est)} {interval(row.ci_lb, row.ci_ub)}"
            agrees = "agrees" if row.est_agrees else "differs"
            yield f"printed {number(row.printed)}; {row.variant}: {here}, {agrees}"


def _fidelity(build: Build, verdict: ClaimVerdict) -> Part | None:
    """Whether the cited source says so, and what each source says that was looked at."""
    told = [
        f"{row.report_id}: {said(row)}" for row in build.evidence.fidelity.values() if row.claim_id == verdict.claim_id
    ]
    why = [f"{verdict.fidelity}: {v.FIDELITY[verdict.fidelity]}"] if verdict.fidelity else []
    return part("Does the cited source say so?", [*why, *told])
