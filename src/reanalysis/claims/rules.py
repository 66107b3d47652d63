"""The rules: how each kind of claim is tested on what is known.

A rule takes a claim and the material, and returns a judgement. Where nothing is known every rule says "not testable",
never "not supported".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from reanalysis.claims import words
from reanalysis.claims.evidence import Material, Part
from reanalysis.claims.printed import not_compared, reproduction, told
from reanalysis.claims.size import sized
from reanalysis.claims.verdict import (
    BOTH,
    HOLDS,
    MATTERS,
    OPEN,
    OPPOSITE,
    RULED_OUT,
    SUPPORT,
    WITHIN,
    Judged,
    Judgement,
    all_of,
    doubts,
    samples,
)
from reanalysis.claims.verdict import told as told_doubts
from reanalysis.ladder.selection import OWN_DATA
from reanalysis.results.rows import Effect
from reanalysis.schema import vocabulary as v
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Claim, Contrast
from reanalysis.schema.scope import SECTION, in_section
from reanalysis.text import count, every, listed

NAMED = 10  # so many reports are named in a sentence
UNDECIDABLE = "undecidable"
SIGNS = {"positive": 1, "negative": -1, "either": 0}


# ---------------------------------------------------------------- effects


def judge_effect(claim: Claim, material: Material) -> Judgement:
    """A difference, association, moderation or treatment effect with its claimed sign."""
    parts = material.parts(claim.scope)
    if not parts:
        return _nothing(claim)
    rules = material.config.claims
    judged = [Judged.of(part, claimed_sign(claim, part.effects[0]), rules) for part in parts]
    judgement = sized(claim, judged, _report(judged, material.names))
    return judgement.with_why(*_context(claim, material, parts))


def judge_estimate(claim: Claim, material: Material) -> Judgement:
    """A pooled estimate: the verdict is on the effect, as the main analysis has it; the numbers are told beside it."""
    judgement = judge_effect(claim, material)
    rows = reproduction(claim, material)
    return judgement.with_why(told(rows) if rows else not_compared(claim, material))


def judge_moderation(claim: Claim, material: Material) -> Judgement:
    """An interaction; where the scope is a contrast and its counterpart in another group, the difference of the two."""
    contrasts = material.evidence.contrasts
    if (pair := counterparts(material.in_scope(claim.scope), contrasts)) is None:
        return judge_effect(claim, material)
    own, other = pair
    compared = f"{contrasts[own].label}, compared with {contrasts[other].label}"
    judged = []
    for part in material.parts(claim.scope):
        control = material.counterpart(part, other) if part.effects[0].contrast == own else None
        if control and (gap := material.difference(part, control)):
            judged.append(Judged.of(gap, claimed_sign(claim, part.effects[0]), material.config.claims))
    if not judged:
        return _nothing(claim, f"{compared}: the two are not both known exactly")
    return _report(judged, material.names).with_why(f"this is {compared}")


def counterparts(effects: Iterable[Effect], contrasts: Mapping[str, Contrast]) -> tuple[str, str] | None:
    """The two contrasts of effects, one the counterpart of the other; None where they are others, or not two."""
    named = {effect.contrast for effect in effects}
    pairs = {name: contrasts[name].counterpart for name in named if contrasts[name].counterpart in named}
    return next(iter(pairs.items())) if len(pairs) == 1 and len(named) == 2 else None


def judge_no_difference(claim: Claim, material: Material) -> Judgement:
    """Absence of an effect: the effect must lie within the margin."""
    parts = material.parts(claim.scope)
    if not parts:
        return _nothing(claim)
    config = material.config
    judged = [Judged.of(part, 0, config.claims, null=True) for part in parts]
    judgement = _report(judged, material.names)
    margins = sorted({config.models.margin(e.metric) for j in judged for e in j.part.effects})
    least = config.claims.probability_fragile
    size = listed((f"{m:g}" for m in margins), "or")
    why = f"no difference would need an effect within \N{PLUS-MINUS SIGN}{size} with probability {least:g}"
    return judgement.with_why(
        *([why] if judgement.verdict == "not testable" else ()), *_context(claim, material, parts)
    )


def judge_some_studies(claim: Claim, material: Material) -> Judgement:
    """Whether any study found what some studies are said to have found: what they report is enough for this.

    One study that found something else does not refute it, nor do many.
    """
    what, other = FOUND.get(claim.expected_direction, FOUND["no_effect"])
    if claim.expected_direction in v.SIGN_OF_CLAIM:
        what, other = "such an effect", "none"
    found = [effect for effect in material.in_scope(claim.scope) if effect.use == "main"]
    told = [(effect, _is_found(claim, effect, material)) for effect in found]
    yes, no = ([effect for effect, is_found in told if is_found is answer] for answer in (True, False))
    if not yes and not no:
        return _nothing(claim, None if not found else "of no result on this is it known what it reports")
    if not yes:
        verb = "report" if len(no) > 1 else "reports"
        why = f"{every(len(no), 'result')} on this {verb} {other}; whether others found {what} is not known"
        return Judgement("not testable", (why, _labels(no)), _ids(no), _rung(no), 0, effects=tuple(found))
    k = len({effect.cohort_id for effect in yes})
    verb = "report" if len(yes) > 1 else "reports"
    why = f"{count(len(yes), 'result')} of {count(k, 'sample')} {verb} {what}"
    why += f", {len(no)} {other}" if no else ""
    return Judgement(
        "supported" if k > 1 else "supported but fragile",
        (why, _labels(yes), "this tests what studies reported, not how large the effect is"),
        _ids(yes),
        _rung(yes),
        k,
        effects=tuple(found),
    )


FOUND = {
    "improves": ("an improvement", "none"),
    "worsens": ("harm", "none"),
    "no_effect": ("no improvement, or harm", "an improvement"),
}
"""What studies are said to have found of a treatment, and what they found otherwise. Any other claim that some of them
found it, such as of mixed effects, is one that the treatment did not always help."""


def claimed_sign(claim: Claim, effect: Effect) -> int:
    """The sign that this effect has if the claim holds."""
    word = claim.sign or v.SIGN_OF_CLAIM.get(claim.expected_direction)
    if word:
        return SIGNS[word]
    good = 1 if claim.expected_direction == "improves" else -1
    return good if effect.higher_is_better == "yes" else -good


def reported(effect: Effect, material: Material) -> int | None:
    """What a source reports of an effect: its sign, 0 for none that is significant; None where neither is known.

    A sign beside "not significant" is no effect that was found, whatever test the source takes that from.
    """
    if effect.direction == "not_visible":
        return None
    if effect.rung == "exact":
        return effect.sign if effect.ci_lb > 0 or effect.ci_ub < 0 else 0
    row, alpha = material.evidence.codings[effect.finding_id, effect.coding], material.config.effects.alpha
    large = row.pi is not None and row.pi > alpha and row.p_relation not in ("<", "<=")
    if effect.direction == "none" or row.p_relation in ("ns", "trend") or large:
        return 0
    return effect.sign or None


def _is_found(claim: Claim, effect: Effect, material: Material) -> bool | None:
    """Whether a source reports what the claim says; None where that, or its value for the person, is not known."""
    sign = reported(effect, material)
    if sign is None:
        return None
    if claim.expected_direction in v.SIGN_OF_CLAIM:
        return sign != 0 and claimed_sign(claim, effect) in (0, sign)
    good = sign and effect.good_sign and sign * effect.good_sign
    if good is None:
        return None
    return {"improves": good > 0, "worsens": good < 0}.get(claim.expected_direction, good <= 0)


def _report(judged: Sequence[Judged], names: Names) -> Judgement:
    verdict = all_of([one.verdict for one in judged])
    effects = [effect for one in judged for effect in one.part.effects]
    decided = [one for one in judged if one.verdict != "not testable"] or judged
    return Judgement(
        verdict,
        (*_evidence_words(judged, names), *told_doubts(doubts(judged), verdict)),
        _ids(effects),
        _rung(effects),
        samples(decided),
        tuple(judged),
        tuple(effects),
    )


SIDE_WORDS = {
    HOLDS: "as stated",
    OPPOSITE: "the other way",
    WITHIN: "within the margin of equivalence",
    RULED_OUT: "an effect in the stated direction that matters is ruled out",
    BOTH: "effects in both directions",
}


def _side(one: Judged) -> str:
    """Where a part stands, in words; of one that decides nothing, why it does not."""
    if one.standing.side != OPEN:
        return SIDE_WORDS[one.standing.side]
    clear = max(one.seen.sign, 1 - one.seen.sign) >= one.asked.fragile
    if clear and max(one.seen.beyond, one.seen.opposite) < MATTERS:
        return "an effect in this direction is likely, but it may be too small to matter"
    if one.part.answer.k == 1:
        return "one sample does not decide on the average effect"
    if clear:
        return "not decided by the least that the reported significance and directions can mean"
    return "too imprecise to decide"


def _evidence_words(judged: Sequence[Judged], names: Names) -> list[str]:
    """What the parts show: by contrast and side, then what gives a direction, then what gives nothing."""
    told: dict[tuple[str, str], list[str]] = {}
    signs: dict[tuple[str, str], list[Effect]] = {}
    unusable = []
    for one in judged:
        first = one.part.effects[0]
        if one.part.answer is not None and not _only_sign(one.part):
            told.setdefault((first.contrast, _side(one)), []).append(words.part(one, names))
            continue
        for effect in one.part.effects:
            if effect.sign:
                way = (names.outcome(effect.outcome_group), words.sign(effect, names))
                signs.setdefault(way, []).append(effect)
            else:
                unusable.append(effect)
    lines = [
        f"{names.contrasts[contrast].label}, {side}: {', '.join(estimates)}"
        for (contrast, side), estimates in told.items()
    ]
    if signs:
        ways = listed(f"{outcome}, {way} ({_labels(own)})" for (outcome, way), own in signs.items())
        lines.append(f"only the direction is known, which decides nothing on its own: {ways}")
    if unusable:
        lines.append(f"{_labels(unusable)}: {listed(sorted({effect.why for effect in unusable}))}")
    return lines


def _only_sign(part: Part) -> bool:
    return all(effect.rung in ("direction", "unusable") for effect in part.effects)


def _context(claim: Claim, material: Material, parts: Sequence[Part]) -> list[str]:
    """What the evidence does not speak about, and whether an effect differs from that in the other group."""
    contrasts = material.evidence.contrasts
    named = dict.fromkeys(part.effects[0].contrast for part in parts)
    told = [contrasts[name].caveat for name in named if contrasts[name].caveat]
    for part in parts if claim.tested_by == "treatment" else ():
        own = contrasts[part.effects[0].contrast]
        other = material.counterpart(part, own.counterpart) if own.counterpart else None
        if other and (gap := material.difference(part, other)):
            outcome = material.names.outcome(part.effects[0].outcome_group)
            label, here = contrasts[own.counterpart].label, words.answer(other.answer)
            told.append(f"{outcome}, {label}: {here}; {own.label}, compared with {label}: {words.answer(gap.answer)}")
    return told


# ---------------------------------------------------------------- counts and selection


def judge_count(claim: Claim, material: Material) -> Judgement:
    """A number that the review states, against the flow counts or the reports of its table."""
    boxes, counts = material.evidence.flow, material.evidence.review.counts
    if not all(item in boxes for item in claim.scope):
        count_of, table = counts[claim.scope[0]], material.evidence.table
        number, what = count_of.of(table), count_of.label
        ids = tuple(r.report_id for r in count_of.rows(table)) if count_of.distinct is None else ()
    else:
        number, ids = sum(boxes[item].count for item in claim.scope), ()
        what = listed(f"{boxes[item].label} ({boxes[item].count})" for item in claim.scope)
    content = "supported" if number == claim.value else "contradicted"
    named = f" ({', '.join(material.evidence.reports[i].label for i in ids)})" if 0 < len(ids) <= NAMED else ""
    told = f"the text says {claim.value:f}, {number} are counted: {what}{named}"
    return Judgement(content, (told,), ids or claim.scope)


def judge_omission(claim: Claim, material: Material) -> Judgement:
    """Whether the claims of a part of the review cite the evidence of its table that belongs to it."""
    evidence = material.evidence
    section = next((item.removeprefix(SECTION) for item in claim.scope if item.startswith(SECTION)), None)
    counts = [evidence.review.counts[item] for item in claim.scope if not item.startswith(SECTION)]
    claims = [c for c in evidence.claims.values() if section is None or in_section(c.section, section)]
    cited = {report for c in claims for report in c.cited_reports or ()}
    counted = {report.report_id for one in counts for report in one.rows(evidence.table)}
    announced = [report for report in evidence.table if report.report_id in counted]
    due = [r for r in announced if r.kind in (*OWN_DATA, "meta_analysis")]
    missing = [r for r in due if r.report_id not in cited]
    reviews = sum(r.report_id not in cited for r in announced) - len(missing)
    if not missing:
        cited_here = "is cited" if len(due) == 1 else "are cited"
        return Judgement("supported", (f"{every(len(due), 'report')} with data or a meta-analysis {cited_here}",))
    why = f"of {count(len(due), 'report')} with data or a meta-analysis, "
    why += f"{count(len(missing), 'is', 'are')} cited nowhere here: {listed(r.label for r in missing)}"
    others = count(reviews, "review, commentary or report", "reviews, commentaries or reports")
    why += f"; nor {'is' if reviews == 1 else 'are'} {others} of unclear kind" if reviews else ""
    unknown = {
        number for c in claims for number in c.cited or () if not c.cited_reports or c.cited_basis == UNDECIDABLE
    }
    if len(unknown) < len(missing):
        return Judgement("contradicted", (why,), tuple(r.report_id for r in missing))
    doubt = f"{count(len(unknown), 'citation number')} of this part cannot be matched to a report, and may mean them"
    return Judgement("not testable", (why, doubt), tuple(r.report_id for r in missing))


# ---------------------------------------------------------------- no test


def judge_background(claim: Claim, material: Material) -> Judgement:
    """Background, theory, a recommendation, or a quantity that no finding is about."""
    return Judgement("not testable", (f"{claim.claim_type}, not tested here: {claim.needs}",))


def restate(claim: Claim, judged: dict[str, Judgement]) -> Judgement:
    """A repeated claim has the verdict of what it repeats, several taken together. `judged` holds them by claim."""
    repeated = {name: judged[name] for name in claim.restates}
    verdict = all_of([part.verdict for part in repeated.values()])
    if len(repeated) == 1:
        ((name, part),) = repeated.items()
        joint = ", which " if part.why[0].startswith("repeats ") else ": "
        why = (f"repeats {name}{joint}{part.why[0]}", *part.why[1:])
    else:
        why = (f"repeats {listed(f'{name} ({part.verdict})' for name, part in repeated.items())}",)
        open_parts = sum(part.verdict == "not testable" for part in repeated.values())
        if open_parts and verdict in SUPPORT:
            why += (f"fragile: {open_parts} of these cannot be judged",)
    rungs = [part.rung for part in repeated.values() if part.rung]
    return Judgement(
        verdict,
        why,
        tuple(dict.fromkeys((*repeated, *(i for part in repeated.values() for i in part.rests_on)))),
        min(rungs, key=list(v.RUNGS).index) if rungs else None,
        max((part.k for part in repeated.values() if part.k), default=None),
        tuple({id(one): one for part in repeated.values() for one in part.parts}.values()),
    )


def _nothing(claim: Claim, reason: str | None = None) -> Judgement:
    """No evidence: never a judgement of the claim."""
    if reason is None:
        wanted = f"; needed: {claim.needs}" if claim.needs else ""
        reason = f"no result in the data{wanted}"
    return Judgement("not testable", (reason,))


def _ids(effects: Iterable[Effect]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(effect.finding_id for effect in effects))


def _rung(effects: Iterable[Effect]) -> str | None:
    return min((effect.rung for effect in effects), key=list(v.RUNGS).index, default=None)


def _labels(effects: Sequence[Effect]) -> str:
    """The reports behind findings, by their short names."""
    return listed(dict.fromkeys(effect.label for effect in effects))


RULES: dict[str, Callable[[Claim, Material], Judgement]] = {
    "difference": judge_effect,
    "association": judge_effect,
    "treatment": judge_effect,
    "estimate": judge_estimate,
    "moderation": judge_moderation,
    "no_difference": judge_no_difference,
    "some_studies": judge_some_studies,
    "count": judge_count,
    "omission": judge_omission,
    "background": judge_background,
}
