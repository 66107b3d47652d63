"""The ledger: every claim with its verdict, and what the verdicts amount to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from reanalysis.claims import words
from reanalysis.claims.evidence import Material
from reanalysis.claims.flags import Flag, flags
from reanalysis.claims.rules import RULES, Judgement, restate
from reanalysis.results.rows import ClaimVerdict, Conclusion
from reanalysis.schema.config import Claims
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Claim
from reanalysis.schema.vocabulary import VERDICTS
from reanalysis.text import capital, count, listed

SHOWN_WORK = 3


def claim_verdicts(material: Material, config: Claims) -> list[ClaimVerdict]:
    """A verdict on every claim, in the order of the claims."""
    judged = judge_all(material, config)
    claims = material.evidence.claims
    return [_row(claim, judged[name], flags(claim, judged[name], material), material) for name, claim in claims.items()]


def judge_all(material: Material, config: Claims) -> dict[str, Judgement]:
    """The content of every claim; a restatement waits for what it repeats."""
    claims = material.evidence.claims
    judged: dict[str, Judgement] = {}

    def judge(name: str) -> None:
        claim = claims[name]
        if name in judged:
            return
        if claim.tested_by == "restatement":
            for other in claim.restates:
                judge(other)
            judged[name] = restate(claim, judged)
        else:
            judged[name] = RULES[claim.tested_by](claim, material, config)

    for name in claims:
        judge(name)
    return judged


def headline(content: str, raised: Iterable[Flag]) -> str:
    """The verdict to print: a wrong source outweighs the content; left-out evidence stands in where that is open."""
    names = {flag.name for flag in raised}
    if "misattributed" in names:
        return "misattributed"
    return "omits evidence" if content == "not testable" and "omits evidence" in names else content


def _row(claim: Claim, judgement: Judgement, raised: list[Flag], material: Material) -> ClaimVerdict:
    why = words.sentence([*judgement.why, *(flag.why for flag in raised if flag.why)])
    return ClaimVerdict(
        claim_id=claim.claim_id,
        section=claim.section,
        domain=claim.domain,
        core=claim.core == "yes",
        claim=claim.claim,
        rule=claim.tested_by,
        verdict=headline(judgement.content, raised),
        content=judgement.content,
        flags=[flag.name for flag in raised],
        why=why,
        rests_on=judgement.rests_on,
        rung=judgement.rung,
        k=judgement.k,
        robustness=judgement.kept / judgement.alternatives if judgement.alternatives else None,
        alternatives=judgement.alternatives,
        what_would_change_it=_change(claim, judgement, material),
        overruled_verdict=claim.overruled_verdict,
        overruled_by=claim.overruled_by,
        overruled_reason=claim.overruled_reason,
    )


def _change(claim: Claim, judgement: Judgement, material: Material) -> str | None:
    """The findings that would matter most if they were lifted to a higher rung, or the data that are wanting."""
    work = [item for item in material.work if item.finding_id in judgement.rests_on]
    if work:
        more = f"; and {len(work) - SHOWN_WORK} more" if len(work) > SHOWN_WORK else ""
        return "; ".join(f"{w.finding_id}: {w.needed}" for w in work[:SHOWN_WORK]) + more
    return claim.needs if claim.tested_by != "background" else None


# ---------------------------------------------------------------- what the verdicts amount to


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
    sections = {
        section: [row for row in rows if row.section == section] for section in sorted({r.section for r in rows})
    }
    return [_conclusion("all", "The whole review", rows, core)] + [
        _conclusion(section, named[section], own, own) for section, own in sections.items()
    ]


def _conclusion(section: str, title: str, rows: list[ClaimVerdict], told: list[ClaimVerdict]) -> Conclusion:
    counts = listed(f"{n} {verdict}" for verdict, n in tally(rows).items() if n)
    core = sum(bool(row.core) for row in rows)
    central = f" ({core} of them central)" if core else ""
    text = [f"Of {count(len(rows), 'claim')}{central}: {counts}."] if rows else []
    for verdict in TOLD:
        if own := [f"{row.claim} ({row.claim_id})" for row in told if row.shown == verdict]:
            text.append(f"{capital(verdict)}: {'; '.join(own)}.")
    clear = [row.claim_id for row in told if row.shown in TOLD]
    if not clear:
        text.append("No claim could be judged on its content.")
    return Conclusion(section=section, title=title, sentence=" ".join(text), claims=clear)
