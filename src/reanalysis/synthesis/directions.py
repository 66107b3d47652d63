"""Vote counting on directions: one vote for each independent sample, and the sign test on the votes.

A vote is cast by the sign of the effects and never by their significance (McKenzie & Brennan, Cochrane Handbook,
version 6, chapter 12). The sign is that of `yi`, or of bounds that lie on one side of zero. A finding without a sign
("not significant", and nothing more) casts no vote, and neither does an excluded coding.

Directions are counted together only where they mean the same. Within an outcome group that is `higher` (group 1 above
group 2, or a positive association). Where a source says whether more of the outcome is good for the person, it is
`better`, and then also over the outcome groups of a contrast.

The independent unit is the cohort: samples that may share participants have one vote together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from scipy import special

from reanalysis.ladder.samples import participants
from reanalysis.results.rows import Direction, Effect, SampleDirection
from reanalysis.results.table import places
from reanalysis.schema import vocabulary as v
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Contrast

# Share of a unit's signed findings that must agree for a vote; below it the unit is mixed. Thomson & Thomas (2013) and
# Hilton Boon & Thomson (2021) for several outcomes of one study.
AGREEMENT = 0.7
VERDICTS = ("up", "down", "mixed", "none")
SENSES = ("better", "higher")


def sense(effect: Effect) -> str:
    """What `up` means for this finding: `better` where higher is good or bad for the person, else `higher`."""
    return "better" if effect.higher_is_better in ("yes", "no") else "higher"


def orientation(effect: Effect) -> int:
    """The factor that turns the sign of a finding into `up`: -1 where lower is better."""
    return -1 if effect.higher_is_better == "no" else 1


def words(meaning: str, contrast: Contrast, findings: Iterable[Effect]) -> tuple[str, str]:
    """What up and down are called for findings of a contrast, given the sense."""
    return ("better", "worse") if meaning == "better" else sides(contrast, findings)[::-1]


def sides(contrast: Contrast, findings: Iterable[Effect]) -> tuple[str, str]:
    """What a negative and a positive effect mean; where the contrast names no sides, by those of all findings."""
    firsts = {effect.group_1 for effect in findings}
    if contrast.side_1 is None and len(firsts) == 1:
        contrast = contrast.between(firsts.pop(), contrast.side_2)
    return contrast.left, contrast.right


def agreement(up: int, down: int, signed: int) -> str:
    """`up` or `down` where enough of what has a sign agrees, `mixed` where not, `none` where nothing has one."""
    if not signed:
        return "none"
    if up / signed >= AGREEMENT:
        return "up"
    return "down" if down / signed >= AGREEMENT else "mixed"


@dataclass(frozen=True)
class Vote:
    """The findings of one unit in one cell, and what they amount to."""

    findings: tuple[Effect, ...]

    @property
    def up(self) -> int:
        return sum(effect.sign * orientation(effect) > 0 for effect in self.findings)

    @property
    def down(self) -> int:
        return sum(effect.sign * orientation(effect) < 0 for effect in self.findings)

    @property
    def verdict(self) -> str:
        """`up` or `down` where enough of the signed findings agree, `mixed` where not, `none` without any sign."""
        return agreement(self.up, self.down, self.up + self.down)

    @property
    def persons(self) -> int | None:
        """Participants behind the largest sample, over all its arms; None where no size is known."""
        samples = {effect.sample_id for effect in self.findings}
        found = (participants([effect for effect in self.findings if effect.sample_id == one]) for one in samples)
        return max(filter(None, found), default=None)

    @property
    def no_difference(self) -> bool:
        """Whether it has no sign because sources report no difference or effect, or none that is significant."""
        told = any(effect.rung == "bounded" or effect.direction == "none" for effect in self.findings)
        return self.verdict == "none" and told

    @property
    def rung(self) -> str:
        """The highest rung among the findings."""
        return min((effect.rung for effect in self.findings), key=list(v.RUNGS).index)

    @property
    def samples(self) -> list[str]:
        return list(dict.fromkeys(effect.sample_id for effect in self.findings))


@dataclass(frozen=True)
class Cell:
    """Codings whose directions mean the same: of one outcome group, or (None) of all outcomes of a contrast."""

    domain: str
    contrast: str
    outcome_group: str | None
    sense: str
    codings: tuple[Effect, ...]

    @property
    def findings(self) -> list[Effect]:
        """The findings of the main analysis."""
        return [effect for effect in self.codings if effect.use == "main"]

    @property
    def columns(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in ("domain", "contrast", "outcome_group", "sense")}


def cells(effects: Iterable[Effect], names: Names) -> list[Cell]:
    """Each outcome group of each domain and contrast, then the contrast as a whole where `better` spans several.

    Domains keep their order. Every coding is in exactly one cell that has an outcome group.
    """
    effects = list(effects)
    domains = places(effect.domain for effect in effects)

    def order(effect: Effect) -> tuple:
        return domains[effect.domain], names.order(effect.contrast)

    found = []
    for _, block in groupby(sorted(effects, key=order), key=order):
        members = list(block)
        domain, contrast = members[0].domain, members[0].contrast
        keys = sorted({(effect.outcome_group, sense(effect)) for effect in members})
        for group, meaning in keys:
            own = tuple(e for e in members if (e.outcome_group, sense(e)) == (group, meaning))
            found.append(Cell(domain, contrast, group, meaning, own))
        if sum(meaning == "better" for _, meaning in keys) > 1:
            oriented = tuple(effect for effect in members if sense(effect) == "better")
            found.append(Cell(domain, contrast, None, "better", oriented))
    return found


def votes(findings: Iterable[Effect], unit: str = "cohort_id") -> list[Vote]:
    """One vote for each unit (a column of the findings), in the order of their first finding."""
    units: dict[str, list[Effect]] = {}
    for effect in findings:
        units.setdefault(getattr(effect, unit), []).append(effect)
    return [Vote(tuple(members)) for members in units.values()]


def count_directions(effects: Iterable[Effect], names: Names, level: float) -> list[Direction]:
    """The votes of every cell, their sign test, and the share of `up` with its interval of this `level`."""
    return [_count(cell, level) for cell in cells(effects, names)]


def _count(cell: Cell, level: float) -> Direction:
    cast = votes(cell.findings)
    by = {verdict: [vote for vote in cast if vote.verdict == verdict] for verdict in VERDICTS}
    up, down = len(by["up"]), len(by["down"])
    known = up + down > 0
    lower, upper = clopper_pearson(up, up + down, level) if known else (None, None)
    return Direction(
        **cell.columns,
        codings=len(cell.codings),
        excluded=len(cell.codings) - len(cell.findings),
        findings=len(cell.findings),
        units=len(cast),
        **{name: len(by[name]) for name in VERDICTS},
        share=up / (up + down) if known else None,
        ci_lb=lower,
        ci_ub=upper,
        level=level if known else None,
        pval=sign_test(up, down) if known else None,
        least_p=sign_test(up + down, 0) if known else None,
        **{f"{name}_samples": [sample for vote in by[name] for sample in vote.samples] for name in VERDICTS},
    )


# ---------------------------------------------------------------- what single samples say


def sample_directions(effects: Iterable[Effect]) -> list[SampleDirection]:
    """Which way the findings of each sample point, domain by domain: outcome by outcome, then over the outcomes.

    Unlike the sign test, which counts cohorts, this tells what was reported of each sample. An outcome of which no
    coding enters the main analysis is told by those that do not. Over the outcomes of a domain and contrast only the
    main analysis counts: those with a known better and worse give one row of the sample. Others are not averaged: a
    sample has a row for each verdict that one of its outcomes has.
    """
    samples: dict[tuple[str, str, str], list[Effect]] = defaultdict(list)
    for effect in effects:
        if effect.sample_id:
            samples[effect.domain, effect.contrast, effect.sample_id].append(effect)
    return [row for codings in samples.values() for row in (*_outcomes(codings), *_together(codings))]


def _outcomes(codings: list[Effect]) -> Iterator[SampleDirection]:
    """Each outcome of a sample; two rows where better and worse are known for some of its findings only."""
    for group in dict.fromkeys(effect.outcome_group for effect in codings):
        known = [effect for effect in codings if effect.outcome_group == group]
        used = [effect for effect in known if effect.use == "main"] or known
        for meaning in SENSES:
            for vote in votes((effect for effect in used if sense(effect) == meaning), "sample_id"):
                yield _direction(vote, group, meaning)


def _together(codings: list[Effect]) -> Iterator[SampleDirection]:
    """The outcomes of a sample in one domain and contrast."""
    main = [effect for effect in codings if effect.use == "main"]
    for vote in votes((effect for effect in main if sense(effect) == "better"), "sample_id"):
        yield _direction(vote, None, "better")
    outcomes = votes((effect for effect in main if sense(effect) == "higher"), "outcome_group")
    for verdict in VERDICTS:
        if alike := [effect for vote in outcomes if vote.verdict == verdict for effect in vote.findings]:
            yield replace(_direction(Vote(tuple(alike)), None, "higher"), verdict=verdict)


def _direction(vote: Vote, group: str | None, meaning: str) -> SampleDirection:
    first = vote.findings[0]
    names = ("domain", "contrast", "sample_id", "label", "use")
    return SampleDirection(
        **{name: getattr(first, name) for name in names},
        outcome_group=group,
        sense=meaning,
        verdict=vote.verdict,
        up=vote.up,
        down=vote.down,
        silent=len(vote.findings) - vote.up - vote.down,
        persons=vote.persons,
        rung=vote.rung,
        findings=[effect.finding_id for effect in vote.findings],
        codings=[effect.coding for effect in vote.findings],
    )


# ---------------------------------------------------------------- tests


def sign_test(up: int, down: int) -> float:
    """Two-sided exact p of `up` against `down` votes when both are equally likely.

    Twice the smaller tail of the binomial distribution, at most 1 (Conover, 1999, Practical Nonparametric Statistics,
    3rd ed.). Votes count alike however precise they are, which is a reason to read it with care
    (Nikolakopoulos, 2020, Res. Synth. Methods 11, 714-719). Raises ValueError without any vote.
    """
    if up + down == 0:
        raise ValueError("no vote: there is nothing to test")
    return min(1.0, 2 * float(special.bdtr(min(up, down), up + down, 0.5)))


def clopper_pearson(successes: int, trials: int, level: float) -> tuple[float, float]:
    """Exact interval of a proportion, from the beta quantiles (Clopper & Pearson, 1934, Biometrika 26, 404-413)."""
    tail = (1 - level) / 2
    lower = special.betaincinv(successes, trials - successes + 1, tail) if successes else 0.0
    upper = special.betaincinv(successes + 1, trials - successes, 1 - tail) if successes < trials else 1.0
    return float(lower), float(upper)
