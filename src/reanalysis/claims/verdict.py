"""From posteriors to verdicts: where a part of the evidence stands on a claim, and what several parts amount to.

One scale serves effects of every kind (docs/claims.md): the posterior probability of the claimed sign, of an effect
that reaches the margin, and of one within it. Nothing compares a bound, a p or an estimate with a threshold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from reanalysis.claims.evidence import Part
from reanalysis.results.rows import Effect, Variant
from reanalysis.schema.config import Claims
from reanalysis.schema.vocabulary import ALTERNATIVES
from reanalysis.text import count, listed, probability

HOLDS, OPPOSITE, WITHIN, RULED_OUT, BOTH, OPEN = "holds", "opposite", "within", "ruled out", "both ways", "open"
MATTERS = 0.5
"""Probability that an effect reaches the margin, from which on it is taken to matter: more likely than not."""

SUPPORT = ("supported", "supported but fragile")
AGAINST = ("contradicted", "not supported", "no difference shown")


@dataclass(frozen=True)
class Judgement:
    """What a rule finds: the verdict, the parts of the sentence that says why, and what it rests on."""

    verdict: str
    why: tuple[str, ...]
    rests_on: tuple[str, ...] = ()
    rung: str | None = None
    k: int | None = None
    parts: tuple[Judged, ...] = ()
    effects: tuple[Effect, ...] = field(default=(), repr=False)

    def with_why(self, *more: str) -> Judgement:
        """The same, with more to say."""
        return replace(self, why=(*self.why, *more))


@dataclass(frozen=True)
class Standing:
    """Where a posterior lies, seen from a claim, and whether its probability is that of support, not only of a hint."""

    side: str
    firm: bool = True


@dataclass(frozen=True)
class Seen:
    """A posterior seen from the claimed sign.

    Probabilities of that sign, of an effect beyond the margin, within it, or beyond it the other way, that the true
    effect of a new study has the sign, and that effects lie on either side.
    """

    sign: float
    beyond: float
    within: float
    opposite: float
    new: float
    mixed: float

    @classmethod
    def of(cls, row: Variant, sign: int) -> Seen:
        """The posterior of a row, seen from a sign."""
        below, above = row.prob_beyond_below, row.prob_beyond_above
        within = max(0.0, 1 - below - above)
        if sign < 0:
            return cls(row.prob_below, below, within, above, row.prob_new_below, row.prob_mixed)
        return cls(1 - row.prob_below, above, within, below, 1 - row.prob_new_below, row.prob_mixed)


class Question(NamedTuple):
    """What a posterior is asked: of which sign the effect is, and whether the claim names that sign, or any will do.

    Of an effect of either sign the likelier one in the main analysis is asked for, in every alternative too. A sign
    that the data choose is twice as easily met by chance, so that its probability must be higher.
    """

    sign: int
    either: bool
    rules: Claims

    @classmethod
    def of(cls, claimed: int, answer: Variant | None, rules: Claims) -> Question:
        """The question of a claimed sign, 0 for either."""
        likelier = -1 if answer is not None and answer.prob_below >= 0.5 else 1
        return cls(claimed or likelier, claimed == 0, rules)

    @property
    def firm(self) -> float:
        """The probability of its sign that supports an effect."""
        return self._needed(self.rules.probability)

    @property
    def fragile(self) -> float:
        """The probability of its sign that hints at an effect."""
        return self._needed(self.rules.probability_fragile)

    def _needed(self, p: float) -> float:
        return (1 + p) / 2 if self.either else p


def standing(row: Variant | None, asked: Question) -> Standing:
    """Where the posterior of a row stands on an effect.

    An effect holds, or is the opposite, by the probability of its sign, if it is also more likely than not to reach the
    margin. It is within the margin, or ruled out (on the claimed side), by the probability of that.
    """
    if row is None:
        return Standing(OPEN)
    seen, rules = Seen.of(row, asked.sign), asked.rules
    if row.k > 1 and seen.mixed >= rules.probability_mixed:
        return Standing(BOTH)
    for side, own, beyond in ((HOLDS, seen.sign, seen.beyond), (OPPOSITE, 1 - seen.sign, seen.opposite)):
        if own >= asked.fragile and beyond >= MATTERS:
            return Standing(side, own >= asked.firm)
    if seen.within >= rules.probability_fragile:
        return Standing(WITHIN, seen.within >= rules.probability)
    return Standing(RULED_OUT if not asked.either and seen.beyond <= 1 - rules.probability else OPEN)


@dataclass(frozen=True)
class Judged:
    """A part of the evidence, what it is asked (`null`: whether there is no effect), and the verdict on it.

    `kept` says of each kind of alternative under how many of how many the part keeps its side; `doubts` why a verdict
    is fragile.
    """

    part: Part
    asked: Question
    null: bool
    standing: Standing
    verdict: str
    kept: dict[str, tuple[int, int]] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()

    @classmethod
    def of(cls, part: Part, sign: int, rules: Claims, *, null: bool = False) -> Judged:
        """Judge a part, and every alternative to it."""
        return cls.answering(part, Question.of(sign, part.answer, rules), null=null)

    @classmethod
    def answering(cls, part: Part, asked: Question, *, null: bool = False) -> Judged:
        """Judge a part by what it is asked."""
        found = _agreed(part, asked)
        kept = _kept(part.others, asked, found.side) if found.side != OPEN else {}
        judged = cls(part, asked, null, found, "", kept)
        doubts = judged._doubts(asked.rules)
        verdict = (NULL if null else EFFECT)[found.side]
        if isinstance(verdict, tuple):
            verdict = verdict[bool(doubts) or not found.firm]
        return replace(judged, verdict=verdict, doubts=doubts if verdict in FRAGILE else ())

    @property
    def seen(self) -> Seen | None:
        """The posterior of the main analysis, seen from the claim."""
        return self.part.answer and Seen.of(self.part.answer, self.asked.sign)

    @property
    def sign_at_limit(self) -> float | None:
        """Probability of the sign with significance statements and directions at their limit."""
        limit = self.part.limits[self.asked.sign]
        return limit and Seen.of(limit, self.asked.sign).sign

    @property
    def probability(self) -> float | None:
        """Posterior probability of what is claimed of the part: of the sign, or of an effect within the margin."""
        return self.seen and (self.seen.within if self.null else self.seen.sign)

    def _doubts(self, rules: Claims) -> tuple[str, ...]:
        """Why a verdict on the part is fragile."""
        if self.standing.side == OPEN:
            return ()
        doubts = []
        if not self.standing.firm:
            least = min(self._own(seen) for seen in self._readings)
            doubts.append(f"a probability of {probability(least)} is not enough")
        if self.part.answer.k < rules.min_samples:
            doubts.append(count(self.part.answer.k, "sample"))
        for kind, (kept, tried) in self.kept.items():
            if kept < rules.robust_share * tried:
                how = f"sensitivity {'analysis' if tried == 1 else 'analyses'} ({ALTERNATIVES[kind]})"
                doubts.append(f"it holds in {kept} of {tried} {how}")
        agree = min(seen.new if self.standing.side == HOLDS else 1 - seen.new for seen in self._readings)
        if self.standing.side in (HOLDS, OPPOSITE) and agree < rules.robust_share:
            doubts.append(f"the effect of a new study would have this sign with probability {probability(agree)} only")
        return tuple(doubts)

    @property
    def _readings(self) -> list[Seen]:
        """The posterior of the main analysis, and the one with statements for the side at their limit."""
        limit = _limit(self.part, self.asked, self.standing.side)
        return [Seen.of(row, self.asked.sign) for row in (self.part.answer, limit) if row is not None]

    def _own(self, seen: Seen) -> float:
        """Probability of the side on which the part stands."""
        return {HOLDS: seen.sign, OPPOSITE: 1 - seen.sign, WITHIN: seen.within}.get(self.standing.side, 1.0)


# Verdict on a part by its side; of two the second where it is fragile.
EFFECT = {
    HOLDS: SUPPORT,
    OPPOSITE: ("contradicted", "not supported"),
    WITHIN: ("no difference shown", "not testable"),
    RULED_OUT: "not supported",
    BOTH: "mixed",
    OPEN: "not testable",
}
NULL = {
    HOLDS: ("contradicted", "not supported"),
    OPPOSITE: ("contradicted", "not supported"),
    WITHIN: SUPPORT,
    RULED_OUT: "not testable",
    BOTH: "mixed",
    OPEN: "not testable",
}
FRAGILE = ("supported but fragile", "not supported")


def _agreed(part: Part, asked: Question) -> Standing:
    """Where a part stands: the less of what its posterior says, and what it says with statements at their limit.

    Those at their limit are the ones that speak for the side. So a finding that is told only as significant, or only by
    its sign, never says more than any exact effect that it could be, and a sign alone supports nothing; what speaks to
    the contrary counts in full. That effects differ, or are small, is told by the posterior alone.
    """
    answer = standing(part.answer, asked)
    limit = standing(_limit(part, asked, answer.side), asked)
    return Standing(answer.side, answer.firm and limit.firm) if limit.side == answer.side else Standing(OPEN)


def _limit(part: Part, asked: Question, side: str) -> Variant | None:
    """The posterior in which the statements that speak for a side mean the least that they can."""
    if side == HOLDS:
        return part.limits[asked.sign]
    return part.limits[-asked.sign] if side in (OPPOSITE, RULED_OUT) else part.answer


def _kept(others: Sequence[Variant], asked: Question, side: str) -> dict[str, tuple[int, int]]:
    """Of each kind of alternative, under how many a part keeps its side, and how many there are."""
    kept: dict[str, list[bool]] = defaultdict(list)
    for row in others:
        kept[row.kind].append(_keeps(row, asked, side))
    return {kind: (sum(held), len(held)) for kind, held in kept.items()}


def _keeps(row: Variant, asked: Question, side: str) -> bool:
    """Whether a part keeps its side under an alternative; an effect keeps it by its sign, though it may be smaller."""
    there = standing(row, asked).side
    if side not in (HOLDS, OPPOSITE):
        return there == side
    own = Seen.of(row, asked.sign).sign
    return there in (side, OPEN) and (own if side == HOLDS else 1 - own) >= asked.fragile


def all_of(verdicts: Sequence[str]) -> str:
    """Verdict on a statement that says several things: its parts taken together, none outweighing the others.

    Parts that decide in opposite ways are mixed. Where fewer than half can be judged, the statement cannot; where some
    cannot, what the others show is fragile.
    """
    decided = [verdict for verdict in verdicts if verdict != "not testable"]
    yes, no = ([verdict for verdict in decided if verdict in side] for side in (SUPPORT, AGAINST))
    if len(decided) == 0 or 2 * len(decided) < len(verdicts):
        return "not testable"
    if (yes and no) or len(yes) + len(no) < len(decided):
        return "mixed"
    whole = len(decided) == len(verdicts)
    if yes:
        return "supported" if whole and set(yes) == {"supported"} else "supported but fragile"
    return no[0] if whole and len(set(no)) == 1 else "not supported"


def samples(judged: Sequence[Judged]) -> int:
    """Independent samples behind parts."""
    return len(set().union(*(one.part.samples for one in judged)))


def doubts(judged: Sequence[Judged]) -> list[str]:
    """Why a verdict on several parts is fragile."""
    told = list(dict.fromkeys(doubt for one in judged for doubt in one.doubts))
    if left := sum(one.verdict == "not testable" for one in judged):
        told.append(f"{left} of {count(len(judged), 'part')} cannot be judged")
    return told


def robustness(judged: Sequence[Judged]) -> tuple[int, int, str | None]:
    """Alternatives under which the parts keep their side, how many there are, and the kind that is kept least."""
    total: dict[str, tuple[int, int]] = {}
    for one in judged:
        for kind, (kept, tried) in one.kept.items():
            before = total.get(kind, (0, 0))
            total[kind] = before[0] + kept, before[1] + tried
    kept, tried = sum(k for k, _ in total.values()), sum(t for _, t in total.values())
    lost = {kind: k / t for kind, (k, t) in total.items() if k < t}
    return kept, tried, min(lost, key=lost.get) if lost else None


def told(doubts: Sequence[str], verdict: str) -> list[str]:
    """The doubts as part of a sentence."""
    if not doubts or verdict not in FRAGILE:
        return []
    lead = "fragile" if verdict in SUPPORT else "not enough to contradict"
    return [f"{lead}: {listed(doubts)}"]
