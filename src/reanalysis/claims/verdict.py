"""From estimates to verdicts: on which side of a claim each estimate lies, and what several of them amount to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from reanalysis.claims.evidence import Estimate, Part
from reanalysis.results.rows import Effect
from reanalysis.schema.config import Claims
from reanalysis.text import count, number

HOLDS, OPPOSITE, EQUIVALENT, RULED_OUT, UNDECIDED = "holds", "opposite", "equivalent", "ruled out", "undecided"
TOUCHES_ZERO = 1e-9
"""An interval that ends at zero excludes it: a p of exactly alpha does; tables keep twelve digits."""

# From the best to the worst for the claim; a statement of several parts is no better than its worst.
ORDER = ("contradicted", "not supported", "not testable", "mixed", "no difference shown", "supported but fragile")


@dataclass(frozen=True)
class Judgement:
    """What a rule finds: the verdict on the content, the parts of the sentence that says why, and what it rests on."""

    content: str
    why: tuple[str, ...]
    rests_on: tuple[str, ...] = ()
    rung: str | None = None
    k: int | None = None
    kept: int = 0
    """Of the alternatives, those under which the content keeps its side."""
    alternatives: int = 0
    effects: tuple[Effect, ...] = field(default=(), repr=False)

    def with_why(self, *more: str) -> Judgement:
        """The same, with more to say."""
        return replace(self, why=(*self.why, *more))


def side(estimate: Estimate, sign: int, margin: float) -> str:
    """Where an estimate lies, seen from the claim. `sign` is that of the claimed effect; 0: an effect of either sign.

    An effect holds, or is the opposite, when its interval excludes zero and its size reaches the margin: both are
    needed. It is equivalent to none when the interval lies within the margin, and ruled out when the interval ends
    before the margin on the claimed side. Anything else is undecided, whatever its p.
    """
    if sign == 0:
        sides = {side(estimate, s, margin) for s in (1, -1)}
        return next((s for s in (HOLDS, EQUIVALENT) if s in sides), UNDECIDED)
    lb, ub = sorted((sign * estimate.lb, sign * estimate.ub))
    est = sign * (estimate.est or 0.0)
    if lb >= -TOUCHES_ZERO and est >= margin:
        return HOLDS
    if ub <= TOUCHES_ZERO and est <= -margin:
        return OPPOSITE
    if -margin < lb and ub < margin:
        return EQUIVALENT
    return RULED_OUT if ub < margin else UNDECIDED


@dataclass(frozen=True)
class Judged:
    """A part, the sign that the claim gives its effects, and where its estimate lies."""

    part: Part
    sign: int
    side: str
    kept: int
    alternatives: int

    @classmethod
    def of(cls, part: Part, sign: int, config: Claims) -> Judged:
        """Judge a part and every alternative to it."""
        if part.judged is None:
            return cls(part, sign, UNDECIDED, 0, 0)
        found, *others = (side(e, sign, config.margin(e.metric)) for e in (part.judged, *part.alternatives))
        return cls(part, sign, found, others.count(found), len(others))

    @property
    def probability(self) -> float | None:
        """Posterior probability of the claimed sign, where known."""
        below = self.part.judged.below if self.part.judged else None
        return None if below is None or self.sign == 0 else below if self.sign < 0 else 1 - below


def effect_verdict(judged: Sequence[Judged], config: Claims) -> tuple[str, list[str]]:
    """Verdict on a claimed effect from the parts of the evidence, and why it is fragile where it is.

    No part decided: not testable. Parts that decide in opposite ways: mixed. Support, and its opposite, must come from
    enough samples, from all parts, and hold under the alternatives; else it is fragile.
    """
    sides = {j.side for j in judged} - {UNDECIDED}
    against = sides - {HOLDS}
    if not sides:
        return ("mixed", []) if _clash(judged) else ("not testable", [])
    if HOLDS in sides and (against or _clash(judged)):
        return "mixed", []
    doubts = _doubts(judged, config)
    if HOLDS in sides:
        return ("supported but fragile", doubts) if doubts else ("supported", [])
    if OPPOSITE in sides:
        return ("not supported", doubts) if doubts else ("contradicted", [])
    if any(j.side == UNDECIDED for j in judged):
        return "not testable", []
    return ("no difference shown" if sides == {EQUIVALENT} else "not supported"), []


def null_verdict(judged: Sequence[Judged], config: Claims) -> tuple[str, list[str]]:
    """Verdict on a claimed absence of an effect; it is shown only where every part lies within the margin."""
    sides = {j.side for j in judged}
    if HOLDS in sides:
        doubts = _doubts(judged, config)
        return ("not supported", doubts) if doubts else ("contradicted", [])
    return ("no difference shown", []) if sides == {EQUIVALENT} else ("not testable", [])


def _clash(judged: Sequence[Judged]) -> bool:
    """Whether two samples show opposite effects, each with an interval that excludes zero.

    The sign of an estimate whose interval holds zero is no contrary result: of many samples with one effect
    some have it by chance. Where the claim gives no sign, only findings of one cell can clash.
    """
    shown = set()
    for j in judged:
        for effect, estimate in zip(j.part.effects, j.part.estimates, strict=True):
            if estimate and (estimate.lb >= -TOUCHES_ZERO or estimate.ub <= TOUCHES_ZERO):
                place = None if j.sign else effect.cell
                shown.add((place, effect.sample_id, effect.sign * (j.sign or 1)))
    return any(p == q and a != b and s == -t != 0 for p, a, s in shown for q, b, t in shown)


def _doubts(judged: Sequence[Judged], config: Claims) -> list[str]:
    """Why a verdict is fragile."""
    decided = [j for j in judged if j.side != UNDECIDED]
    open_parts = len(judged) - len(decided)
    k = samples(decided)
    doubts = []
    if k < config.min_samples:
        doubts.append(count(k, "sample"))
    if open_parts:
        doubts.append(f"{count(open_parts, 'more finding or outcome', 'more findings or outcomes')} cannot be judged")
    kept, alternatives = sum(j.kept for j in decided), sum(j.alternatives for j in decided)
    if alternatives and kept < config.robust_share * alternatives:
        doubts.append(f"it holds under {kept} of {alternatives} alternatives")
    probabilities = [p for j in decided if (p := j.probability) is not None]
    if probabilities and min(probabilities) < config.probability:
        doubts.append(f"posterior probability {number(min(probabilities))}")
    return doubts


def samples(judged: Iterable[Judged]) -> int:
    """Independent samples: those behind single findings, and those that the models counted."""
    judged = list(judged)
    singles = {j.part.effects[0].cohort_id for j in judged if len(j.part.effects) == 1}
    pooled = max((j.part.judged.k for j in judged if j.part.judged and len(j.part.effects) > 1), default=0)
    return max(len(singles), pooled)


def all_of(verdicts: Sequence[str]) -> str:
    """Verdict on a statement that says several things at once: the worst of them."""
    return min(verdicts, key=lambda verdict: ORDER.index(verdict) if verdict in ORDER else len(ORDER))
