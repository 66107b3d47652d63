"""Does the cited source say so? What was seen of the sources of each claim, as one answer.

That is another question than whether the claim holds: a sentence can be true to a source that is wrong, and a right
sentence can have no source.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from reanalysis.claims.evidence import Material
from reanalysis.claims.rules import UNDECIDABLE
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Claim, Fidelity

SAID = ("yes", "partly")
RANK = (*SAID, "no", "not_seen")


class Answer(NamedTuple):
    """A word of `vocabulary.FIDELITY`, what it rests on as a sentence, and what kinds of sources were read for it."""

    fidelity: str
    why: str
    seen: tuple[str, ...]


def fidelity(claim: Claim, material: Material) -> Answer | None:
    """What the sources of a claim say of it; None where a claim is about the review itself or repeats another one.

    Of several cited sources the one counts that says most of it; "no" takes all of them to have been seen. Where it
    cannot be told which report a citation means, that is the answer, and what the candidates say is told beside it.
    """
    if claim.claim_type == "method" or claim.tested_by in ("count", "omission"):
        return None
    cited = claim.cited_reports or ()
    rows = material.fidelity[claim.claim_id]
    own = sorted((row for row in rows if row.report_id in cited), key=lambda row: RANK.index(row.says))
    others = [row for row in rows if row.report_id not in cited and row.says != "not_seen"]
    if not rows and "restatement" in (claim.claim_type, claim.tested_by):
        return None
    told = [_told(row, material) for row in (*own, *others)]
    seen = tuple(dict.fromkeys(row.seen for row in (*own, *others) if row.seen))
    return Answer(_code(claim, own, others), " ".join(told), seen)


def _code(claim: Claim, own: Sequence[Fidelity], others: Sequence[Fidelity]) -> str:
    if claim.cited_basis == UNDECIDABLE:
        return "cannot be told which source"
    if not claim.cited_reports:
        return "cannot be told which source" if claim.cited else "no source cited"
    says = {row.says for row in own}
    if said := next((word for word in SAID if word in says), None):
        return said
    if any(row.says in SAID for row in others):
        return "another source says it"
    if not says:
        return "not coded"
    return "not seen" if "not_seen" in says else "no"


def _told(row: Fidelity, material: Material) -> str:
    """What one source says, and what of the claim it does not."""
    label = material.evidence.reports[row.report_id].label
    if row.says == "not_seen":
        return f"{label}: not seen; needed: {row.missing}."
    missing = f" Not said: {row.missing}." if row.missing else ""
    return f"{label} ({v.READ_AS[row.seen]}): {row.told}{missing}"
