"""What is wrong with a claim apart from its content: its source, its selection of evidence, its fellow claims."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.claims.evidence import Material
from reanalysis.claims.printed import reproduction
from reanalysis.claims.rules import UNDECIDABLE, Judgement, claimed_sign, reported
from reanalysis.results.rows import Effect, Omission
from reanalysis.schema import vocabulary as v
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Claim
from reanalysis.text import in_words, listed

SECONDARY = frozenset({"review", "meta_analysis", "commentary"})


@dataclass(frozen=True)
class Flag:
    """One thing that is wrong, and the reason as a part of a sentence; empty where the rule has told it."""

    name: str
    why: str = ""


def flags(claim: Claim, judgement: Judgement, material: Material) -> list[Flag]:
    """All flags of a claim, in the order of the verdicts."""
    evidence = material.evidence
    return [
        *_attribution(claim, evidence),
        *_omission(claim, judgement, material),
        *_consistency(claim, material),
        *_reproduction(claim, material),
    ]


def _attribution(claim: Claim, evidence: Evidence) -> Iterable[Flag]:
    """Is the report that is named the source of the result, and has it data of its own?"""
    cited = [evidence.reports[report] for report in claim.cited_reports or ()]
    if claim.credited_to:
        named = evidence.reports[claim.credited_to]
        credited = f"credited to {named.label}"
        if named.kind in SECONDARY:
            credited += f", a {in_words(named.kind.replace('_', '-'))}"
        doubt = claim.cited_basis == UNDECIDABLE
        flag = "probably misattributed" if doubt else "misattributed"
        other = "; which report its number means cannot be told" if doubt else ""
        if named not in cited:
            yield Flag(flag, f"{credited}; the design fits {listed(report.label for report in cited)}{other}")
        elif named.kind in SECONDARY:
            yield Flag(flag, f"{credited}, as its own result{other}")
    elif claim.claim_type == "empirical" and cited and all(report.kind in SECONDARY for report in cited):
        yield Flag("rests on a review", f"cited from {listed(report.label for report in cited)} alone")


def _omission(claim: Claim, judgement: Judgement, material: Material) -> Iterable[Flag]:
    """Findings in scope that bear against the claim and could be told: in the reviewed table, or published before.

    Told is what any claim of the same topic cites; of a claim about all domains, what any claim cites.
    """
    if claim.tested_by not in v.EFFECT_RULES - {"some_studies"}:
        return
    told = material.cited_on[None if claim.domain is None else claim.topic]
    untold = [e for e in judgement.effects if e.report_id not in told and _could_be_known(e, material)]
    against = [effect for effect in untold if _against(claim, effect, material)]
    if against:
        null = _labels(effect for effect in against if not reported(effect, material))
        other = _labels(effect for effect in against if reported(effect, material))
        agree = _labels(effect for effect in untold if effect not in against and reported(effect, material) is not None)
        told = [
            f"{listed(labels)} {what}"
            for labels, what in ((null, "found no difference"), (other, "found otherwise"), (agree, "found the same"))
            if labels
        ]
        yield Flag("omits evidence", f"not cited with it: {', '.join(told)}")


def _labels(effects: Iterable[Effect]) -> list[str]:
    return list(dict.fromkeys(effect.label for effect in effects))


def _could_be_known(effect: Effect, material: Material) -> bool:
    """In the reviewed table, or published in a year before its latest, which the search of the review reached."""
    report = material.evidence.reports[effect.report_id]
    return report.in_review is not None or (report.year is not None and report.year < material.searched_until)


def _against(claim: Claim, effect: Effect, material: Material) -> bool:
    """Whether what a source reports of a finding is not what the claim says; a sign by chance is no report of one."""
    said = reported(effect, material)
    if said is None:
        return False
    if claim.tested_by == "no_difference":
        return said != 0
    claimed = claimed_sign(claim, effect)
    return said == 0 or (claimed != 0 and said == -claimed)


def _consistency(claim: Claim, material: Material) -> Iterable[Flag]:
    """Claims of the same review that cannot hold together with it, whichever of the two says so."""
    if names := sorted({*(claim.conflicts_with or ()), *material.conflicts[claim.claim_id]}):
        told = listed(f"{name} ({material.evidence.claims[name].claim})" for name in names)
        yield Flag(f"inconsistent with {listed(names)}", f"the review also says: {told}")


def _reproduction(claim: Claim, material: Material) -> Iterable[Flag]:
    """Whether the printed estimate came out under some choice that was tried."""
    rows = reproduction(claim, material) if claim.tested_by == "estimate" else []
    if rows and not any(row.est_agrees for row in rows):
        yield Flag("not reproduced")


def omissions(material: Material) -> list[Omission]:
    """Reports of the reviewed table that no claim cites: on a domain of which they have findings, or anywhere."""
    evidence = material.evidence
    cited: dict[str | None, set[str]] = {domain: set() for domain in [*evidence.domains, None]}
    for claim in evidence.claims.values():
        cited[claim.domain].update(claim.cited_reports or ())
    anywhere = set().union(*cited.values())
    rows, with_findings = [], set()
    for domain in evidence.domains.values():
        sources: dict[str, list[str]] = {}
        for finding in evidence.findings[domain.domain]:
            for report in dict.fromkeys(filter(None, (finding.report_id, finding.via))):
                sources.setdefault(report, []).append(finding.finding_id)
        with_findings |= sources.keys()
        rows += [
            _omitted(evidence, report, anywhere, domain.domain, domain.section, found)
            for report, found in sources.items()
            if evidence.reports[report].in_review is not None and report not in cited[domain.domain]
        ]
    listed_ids = [name for name, report in evidence.reports.items() if report.in_review is not None]
    known = with_findings | anywhere
    return rows + [_omitted(evidence, name, anywhere) for name in listed_ids if name not in known]


def _omitted(evidence, report_id, anywhere, domain=None, section=None, findings=()) -> Omission:
    report = evidence.reports[report_id]
    return Omission(
        domain=domain,
        section=section,
        report_id=report_id,
        label=report.label,
        kind=report.kind,
        findings=dict.fromkeys(findings),
        cited_elsewhere=report_id in anywhere,
    )
