"""Estimates and findings as words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reanalysis.claims.verdict import Judged
from reanalysis.results.rows import Effect, Model, Variant
from reanalysis.schema.evidence import Names
from reanalysis.schema.vocabulary import REPORTING, reported
from reanalysis.text import capital, count, interval, number, probability

SYMBOLS = {"SMD": "g", "SMCC": "d", "ZCOR": "z"}


def answer(row: Variant) -> str:
    """The posterior median with its interval."""
    return f"{SYMBOLS[row.metric]} = {number(row.est)} {interval(row.ci_lb, row.ci_ub)}"


def model(row: Model) -> str:
    """A pooled estimate with its interval."""
    return f"{SYMBOLS[row.metric]} = {number(row.est)} {interval(row.ci_lb, row.ci_ub)}"


def finding(effect: Effect) -> str:
    """What is known of a single effect: its size with its interval, or where the effect of the sample lies."""
    symbol = SYMBOLS[effect.metric]
    if effect.rung == "exact":
        return f"{symbol} = {number(effect.yi)} {interval(effect.ci_lb, effect.ci_ub)}"
    if effect.yi_lb > 0:
        return f"{symbol} of the sample at least {number(effect.yi_lb)}"
    if effect.yi_ub < 0:
        return f"{symbol} of the sample at most {number(effect.yi_ub)}"
    return f"{symbol} of the sample in {interval(effect.yi_lb, effect.yi_ub)}"


def part(one: Judged, names: Names) -> str:
    """The outcome of a part, what is known of it, the evidence behind it, and the probability of what is claimed."""
    effects, row = one.part.effects, one.part.answer
    entered = [effect for effect in effects if effect.enters]
    single = len(entered) == 1 and row.k == 1
    what, who = (finding(entered[0]), entered[0].label) if single else (answer(row), count(row.k, "sample"))
    claimed = "no effect that matters" if one.null else "this direction" if one.asked.either else "the stated direction"
    outcome = names.outcome(effects[0].outcome_group)
    return f"{outcome}: {what} ({who}, {rungs(entered)}; probability of {claimed} {probability(one.probability)})"


def rungs(effects: Iterable[Effect]) -> str:
    """How completely the findings are reported."""
    counts = Counter(effect.rung for effect in effects)
    if counts.total() == 1:
        return REPORTING[next(iter(counts))]
    return ", ".join(reported(rung, counts[rung]) for rung in REPORTING if counts[rung])


def sign(effect: Effect, names: Names) -> str:
    """What the direction of a finding says."""
    contrast = names.contrasts[effect.contrast]
    return contrast.right if effect.sign > 0 else contrast.left


def sentence(parts: Iterable[str]) -> str:
    """Parts as one sentence."""
    return f"{capital('; '.join(parts))}."
