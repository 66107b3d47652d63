"""What several findings of one sample are together: whom they are about, which of them enter, and their mean.

The findings of a sample in one cell estimate one effect, with errors that go together. A sample therefore enters a
model once, by the plain mean of its findings on its highest rung; what stands on lower rungs is counted beside it.

Whom a finding is about follows from the names of its groups: the same population and name are the same people. Where
one measurement (outcome, time, fluid, assay) has groups of one name and of different size, these are different arms.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple, Protocol

import numpy as np

from reanalysis.ladder.design import FEWEST
from reanalysis.results.rows import Effect
from reanalysis.schema.vocabulary import CROSSOVER_AS_GROUPS, RUNGS


class Sized(Protocol):
    """A finding, or its effect, that knows whom it is about."""

    population: str
    outcome: str
    timepoint: str | None
    matrix: str | None
    assay: str | None
    group_1: str | None
    group_2: str | None
    n1i: int | None
    n2i: int | None
    ni: int | None


class Sizes(NamedTuple):
    """Participants in the two groups, or in all where these do not apply or are not known."""

    n1i: int | None
    n2i: int | None
    ni: int | None

    @property
    def persons(self) -> int | None:
        """Participants in all; None where no size is known."""
        return self.ni or (self.n1i or 0) + (self.n2i or 0) or None


def grouped(row: Sized) -> bool:
    """Whether a finding knows the sizes of its two groups, which no total replaces."""
    return row.ni is None and row.n1i is not None and row.n2i is not None


def sized(effect: Effect) -> bool:
    """Whether the participants behind an effect are known, and enough for a variance."""
    if effect.metric == "SMD" and effect.n1i is not None and effect.n2i is not None:
        return True
    return effect.ni is not None and effect.ni >= FEWEST[effect.metric]


def sizes(members: Sequence[Sized]) -> Sizes:
    """The participants of a sample, counted once over all its findings: each arm, and a shared one once."""
    known = [row for row in members if grouped(row)]
    if not known:
        return Sizes(None, None, max((row.ni for row in members if row.ni), default=None))
    pairs = groups(known)
    counted = []
    for side, name in enumerate(("n1i", "n2i")):
        largest: dict[tuple, int] = {}
        for row, pair in zip(known, pairs, strict=True):
            largest[pair[side]] = max(getattr(row, name), largest.get(pair[side], 0))
        counted.append(sum(largest.values()))
    total = max((row.ni for row in members if row.ni), default=0)
    return Sizes(*counted, None) if total <= sum(counted) else Sizes(None, None, total)


def participants(members: Sequence[Effect]) -> int | None:
    """Participants of a sample, each counted once; None where no size is known.

    Those of a crossover trial that its source gives as two groups are the same in both.
    """
    if all(effect.design == CROSSOVER_AS_GROUPS for effect in members):
        return max((n for effect in members for n in (effect.n1i, effect.n2i, effect.ni) if n), default=None)
    return sizes(members).persons


def several_arms(members: Sequence[Sized]) -> bool:
    """Whether the findings are about different groups of participants."""
    return all(map(grouped, members)) and len(set(groups(members))) > 1


def groups(members: Sequence[Sized]) -> list[tuple[tuple, tuple]]:
    """For each finding a key of the participants on each of its sides."""
    seen: dict[tuple, set[int]] = defaultdict(set)
    for row in members:
        for side, n in enumerate((row.n1i, row.n2i)):
            seen[side, row.population, _name(row, side), measurement(row)].add(n)
    arms = {key[:3] for key, several in seen.items() if len(several) > 1}

    def key(row: Sized, side: int) -> tuple:
        named = side, row.population, _name(row, side)
        return (*named, (row.n1i, row.n2i)[side] if named in arms else None)

    return [(key(row, 0), key(row, 1)) for row in members]


def _name(row: Sized, side: int) -> str | None:
    return (row.group_1, row.group_2)[side]


def measurement(row: Sized) -> tuple:
    return row.outcome, row.timepoint, row.matrix, row.assay


# ---------------------------------------------------------------- what enters


def entering(members: Sequence[Effect]) -> list[str]:
    """Why each finding of one sample and cell enters no model; empty where it does.

    The findings on the highest rung enter. A direction enters only where the sample size is known: without it it has no
    likelihood. Where the ends of the used intervals are open on both sides, as those of opposite directions are, so is
    the mean, and none enters.
    """
    closed = [_closed(effect) for effect in members]
    rungs = [effect.rung for effect, reason in zip(members, closed, strict=True) if not reason]
    highest = next((rung for rung in RUNGS if rung in rungs), None)
    lower = f"its sample has {_WORDS.get(highest)} of this outcome"
    reasons = [
        reason or ("" if effect.rung == highest else lower) for effect, reason in zip(members, closed, strict=True)
    ]
    used = [effect for effect, reason in zip(members, reasons, strict=True) if not reason]
    if any(effect.yi_lb == -math.inf for effect in used) and any(effect.yi_ub == math.inf for effect in used):
        return [reason or "the findings of its sample point both ways" for reason in reasons]
    return reasons


_WORDS = {"exact": "an exact effect", "bounded": "bounds"}


def can_enter(effect: Effect) -> bool:
    """Whether a finding could enter a model, if nothing more were known of its sample."""
    return not _closed(effect)


def _closed(effect: Effect) -> str:
    """Why a finding cannot enter a model, whatever else is known of its sample."""
    if effect.rung == "unusable":
        return "neither a value nor a sign"
    if effect.rung == "exact":
        return ""
    return "" if sized(effect) else "its participants are not known, or too few"


# ---------------------------------------------------------------- means


class Combined(NamedTuple):
    """The mean of the effects of a sample, its variance, and the correlation where one had to be assumed."""

    yi: float
    vi: float
    rho: float | None


def how(members: Sequence[Effect], arms: str = "shared_group") -> str:
    """How the findings of a sample become one, in words; empty for a single one."""
    if len(members) == 1:
        return ""
    by_persons = arms == "shared_group" and several_arms(members)
    return f"mean of {len(members)} findings{', by the participants of the arms' if by_persons else ''}"


def combine(members: Sequence[Effect], rho: float, arms: str = "shared_group") -> Combined:
    """The mean of exact effects of one sample, with its variance from the covariances of their errors.

    Findings about the same two groups count alike, and their errors correlate by `rho` (Borenstein et al. 2009,
    Introduction to Meta-Analysis, ch. 24). Arms count by the precision of what they do not share: against one control
    by their participants, which is what combining the arms into one group does (Cochrane Handbook, version 6, section
    6.5.2.10). Their errors correlate by the share of the common group in both variances, `(1/n) / sqrt((1/n1 + 1/n)
    (1/n2 + 1/n))`: Gleser & Olkin (2009, in The Handbook of Research Synthesis and Meta-Analysis, 2nd ed., 357-376),
    as in `meta.vcalc` relative to the variances at hand, so that it serves every statistic. With `arms` "rho" they are
    averaged like any other effects of one sample.
    """
    yi, vi = (np.array([getattr(effect, name) for effect in members], dtype=float) for name in ("yi", "vi"))
    if len(members) == 1:
        return Combined(float(yi[0]), float(vi[0]), None)
    weights, correlation, assumed = _of_the_mean(members, rho, arms)
    se = np.sqrt(vi) * weights
    return Combined(float(weights @ yi), float(se @ correlation @ se), rho if assumed else None)


def combine_bounds(members: Sequence[Effect], arms: str = "shared_group") -> tuple[float, float]:
    """Bounds of the mean of effects of one sample: the mean of their lower ends, and that of their upper ends.

    These hold the mean whatever the correlation of the errors is. An open end leaves the mean open on that side.
    """
    weights, *_ = _of_the_mean(members, 0.0, arms)
    return tuple(float(_mean([getattr(effect, end) for effect in members], weights)) for end in ("yi_lb", "yi_ub"))


def _mean(ends: list[float], weights: np.ndarray) -> float:
    open_ends = [end for end in ends if math.isinf(end)]
    return open_ends[0] if open_ends else float(weights @ np.array(ends)) + 0.0


def _of_the_mean(members: Sequence[Effect], rho: float, arms: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """Weights of the findings in their mean, the correlation of their errors, and whether `rho` is part of it."""
    k = len(members)
    if arms == "rho" or not several_arms(members):
        return np.full(k, 1 / k), np.where(np.eye(k, dtype=bool), 1.0, rho), k > 1
    pairs = groups(members)
    error = np.array([[1 / effect.n1i, 1 / effect.n2i] for effect in members])
    shared = [len({pair[side] for pair in pairs}) == 1 for side in (0, 1)]
    weights = 1 / np.where(shared, 0.0, error).sum(axis=1) / [pairs.count(pair) for pair in pairs]
    correlation, assumed = np.eye(k), False
    for i, j in combinations(range(k), 2):
        common = [pairs[i][side] == pairs[j][side] for side in (0, 1)]
        share = (np.minimum(error[i], error[j]) * common).sum() / math.sqrt(error[i].sum() * error[j].sum())
        share = 1.0 if all(common) else share  # the same participants, a few of them missing in one
        dependent = all(common) or (any(common) and measurement(members[i]) != measurement(members[j]))
        correlation[i, j] = correlation[j, i] = rho * share if dependent else share
        assumed = assumed or dependent
    return weights / weights.sum(), correlation, assumed
