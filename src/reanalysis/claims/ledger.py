"""The ledger: every claim with its verdict, and what the verdicts amount to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from reanalysis.claims import words
from reanalysis.claims.evidence import Material
from reanalysis.claims.fidelity import fidelity
from reanalysis.claims.flags import Flag, flags
from reanalysis.claims.rules import RULES, restate
from reanalysis.claims.verdict import Judged, Judgement, robustness
from reanalysis.results.rows import ClaimPart, ClaimVerdict, Conclusion
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Claim
from reanalysis.schema.vocabulary import FIDELITY, VERDICTS
from reanalysis.text import capital, count, listed

SHOWN_WORK = 3


def claim_verdicts(material: Material) -> list[ClaimVerdict]:
    """A verdict on every claim, in the order of the claims."""
    return ledger(material).claims


class Ledger(NamedTuple):
    """The verdicts on all claims, and on the parts of each."""

    claims: list[ClaimVerdict]
    parts: list[ClaimPart]


def ledger(material: Material) -> Ledger:
    """Verdicts on every claim and its parts, in the order of the claims."""
    judged = judge_all(material)
    claims = material.evidence.claims
    rows = [_row(claim, judged[name], flags(claim, judged[name], material), material) for name, claim in claims.items()]
    parts = [row for claim in claims.values() for row in _parts(claim, claims, judged)]
    return Ledger(rows, parts)


def judge_all(material: Material) -> dict[str, Judgement]:
    """A judgement of every claim; a restatement waits for what it repeats."""
    claims = material.evidence.claims
    judged: dict[str, Judgement] = {}

    def judge(name: str) -> None:
        claim = claims[name]
        if name in judged:
            return
        if claim.tested_by == "restatement":
            for other in claim.restates:
                judge(other)
            judged[name] = restate(claim, {other: shown(claims[other], judged[other]) for other in claim.restates})
        else:
            judged[name] = RULES[claim.tested_by](claim, material)

    for name in claims:
        judge(name)
    return judged


def shown(claim: Claim, judgement: Judgement) -> Judgement:
    """The judgement that readers are shown: that of the person, where one overruled the computed verdict."""
    if not claim.overruled_verdict:
        return judgement
    why = f"{claim.overruled_by} overruled the computed verdict: {claim.overruled_reason}"
    return replace(judgement, verdict=claim.overruled_verdict, why=(why,))


def _row(claim: Claim, judgement: Judgement, raised: list[Flag], material: Material) -> ClaimVerdict:
    why = words.sentence([*judgement.why, *(flag.why for flag in raised if flag.why)])
    kept, alternatives, weakest = robustness(judgement.parts)
    known = [one.probability for one in judgement.parts if one.probability is not None]
    return ClaimVerdict(
        claim_id=claim.claim_id,
        section=claim.section,
        domain=claim.domain,
        core=claim.core == "yes",
        claim=claim.claim,
        kind="restatement" if claim.claim_type == "restatement" else KINDS.get(claim.tested_by, "empirical"),
        rule=claim.tested_by,
        verdict=judgement.verdict,
        flags=[flag.name for flag in raised],
        **_fidelity(claim, material),
        why=why,
        rests_on=judgement.rests_on,
        rung=judgement.rung,
        k=judgement.k,
        probability=min(known, default=None),
        robustness=kept / alternatives if alternatives else None,
        alternatives=alternatives,
        weakest=weakest,
        what_would_change_it=_change(claim, judgement, material),
        overruled_verdict=claim.overruled_verdict,
        overruled_by=claim.overruled_by,
        overruled_reason=claim.overruled_reason,
    )


def _fidelity(claim: Claim, material: Material) -> dict:
    found = fidelity(claim, material)
    return {"fidelity": found.fidelity, "fidelity_why": found.why, "seen": found.seen} if found else {}


def _parts(claim: Claim, claims: Mapping[str, Claim], judged: Mapping[str, Judgement]) -> Iterator[ClaimPart]:
    """The parts of a claim, each with its own verdict: the cells of its scope, or the claims that it repeats."""
    for name in claim.restates or () if claim.tested_by == "restatement" else ():
        repeated = shown(claims[name], judged[name])
        yield ClaimPart(claim_id=claim.claim_id, part=name, verdict=repeated.verdict, k=repeated.k)
    for one in judged[claim.claim_id].parts if claim.tested_by != "restatement" else ():
        yield _part(claim, one)


def _part(claim: Claim, one: Judged) -> ClaimPart:
    effects, row = one.part.effects, one.part.answer
    kept, alternatives, weakest = robustness([one])
    numbers = {}
    if row is not None:
        seen = one.seen
        numbers = {name: getattr(row, name) for name in ("k", "est", "ci_lb", "ci_ub", "prob_mixed")}
        numbers |= {"prob_sign": seen.sign, "prob_beyond": seen.beyond, "prob_within": seen.within}
        numbers |= {"prob_new": seen.new, "prob_sign_at_limit": one.sign_at_limit}
    return ClaimPart(
        **effects[0].cell._asdict(),
        claim_id=claim.claim_id,
        part=f"{effects[0].domain}/{effects[0].contrast}/{effects[0].outcome_group}",
        claimed="no effect" if one.null else CLAIMED[0 if one.asked.either else one.asked.sign],
        findings=dict.fromkeys(effect.finding_id for effect in effects),
        verdict=one.verdict,
        side=one.standing.side,
        **numbers,
        kept=kept,
        alternatives=alternatives,
        weakest=weakest,
        doubts=one.doubts,
    )


CLAIMED = {1: "positive", -1: "negative", 0: "either sign"}


def _change(claim: Claim, judgement: Judgement, material: Material) -> str | None:
    """The findings that would matter most if they were lifted to a higher rung, or the data that are wanting."""
    if work := material.work_on(judgement.rests_on):
        more = f"; and {len(work) - SHOWN_WORK} more" if len(work) > SHOWN_WORK else ""
        return "; ".join(f"{w.finding_id}: {w.needed}" for w in work[:SHOWN_WORK]) + more
    return claim.needs if claim.tested_by != "background" else None


# ---------------------------------------------------------------- what the verdicts amount to


KINDS = {"restatement": "restatement", "count": "literature", "omission": "literature", "background": "background"}
"""What claims of a rule are, in the words of `vocabulary.CLAIM_KINDS`; those of any other rule are empirical, unless
they say again what another part of the review says."""


def tally(rows: Iterable[ClaimVerdict]) -> dict[str, int]:
    """How many claims have each verdict, all verdicts named."""
    counts = Counter(row.shown for row in rows)
    return {verdict: counts[verdict] for verdict in VERDICTS}


TOLD = ("supported", "supported but fragile", "mixed", "not supported", "contradicted", "no difference shown")


class _Titles(dict):
    """Titles by section; a section whose domain was removed keeps its number."""

    def __missing__(self, section: str) -> str:
        return f"Section {section}"


def titles(evidence: Evidence) -> Mapping[str, str]:
    """Titles of the sections of the review: those of the domains, and of the sections without one."""
    own = {d.section: d.title for d in evidence.domains.values() if d.section not in (None, "added")}
    return _Titles(own | evidence.review.sections)


def conclusions(rows: list[ClaimVerdict], evidence: Evidence) -> list[Conclusion]:
    """What the verdicts amount to, for the whole review and for each section, in sentences made from them.

    Of the whole review only the core claims are told one by one.
    """
    named = titles(evidence)
    core = [row for row in rows if row.core]
    ordered = sorted(rows, key=_section)
    return [_conclusion("all", "The whole review", rows, core)] + [
        _conclusion(section, named[section], own, own)
        for section, members in groupby(ordered, key=_section)
        for own in [list(members)]
    ]


def _section(row: ClaimVerdict) -> str:
    return row.section


def _conclusion(section: str, title: str, rows: list[ClaimVerdict], told: list[ClaimVerdict]) -> Conclusion:
    text = [*_counted(rows), *_sources(rows)]
    for verdict in TOLD:
        if own := [f"{row.claim} ({row.claim_id})" for row in told if row.shown == verdict]:
            text.append(f"{capital(verdict)}: {'; '.join(own)}.")
    clear = [row.claim_id for row in told if row.shown in TOLD]
    if not clear:
        text.append("No statement could be judged.")
    return Conclusion(section=section, title=title, sentence=" ".join(text), claims=clear)


def _counted(rows: list[ClaimVerdict]) -> Iterator[str]:
    """How many claims of each kind have which verdict."""
    for kind, noun in KIND_WORDS.items():
        own = [row for row in rows if row.kind == kind]
        core = sum(bool(row.core) for row in own)
        central = f" ({core} of them central)" if core else ""
        if own and kind == "background":
            yield f"{capital(count(len(own), *noun))}{central} {'is' if len(own) == 1 else 'are'} not tested."
        elif own:
            counts = listed(f"{n} {verdict}" for verdict, n in tally(own).items() if n)
            yield f"Of {count(len(own), *noun)}{central}: {counts}."


KIND_WORDS = {
    "empirical": ("empirical statement",),
    "restatement": ("restatement",),
    "literature": ("statement about the literature", "statements about the literature"),
    "background": ("statement of background", "statements of background"),
}


def _sources(rows: list[ClaimVerdict]) -> Iterator[str]:
    """How many claims are true to their sources, as far as these were seen."""
    counts = Counter(row.fidelity for row in rows if row.fidelity)
    if counts:
        told = listed(f"{counts[word]} {word}" for word in FIDELITY if counts[word])
        yield f"Whether the cited source says so, of {count(sum(counts.values()), 'statement')}: {told}."
