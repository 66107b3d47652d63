"""Estimates and findings as words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from reanalysis.claims.evidence import Estimate, Part
from reanalysis.results.rows import Effect
from reanalysis.schema.evidence import Names
from reanalysis.schema.vocabulary import RUNGS
from reanalysis.text import capital, count, interval, number

SYMBOLS = {"SMD": "g", "SMCC": "d", "ZCOR": "z"}


def estimate(e: Estimate) -> str:
    """An estimate with its interval; of a bounded effect, the bound next to zero."""
    symbol, limits = SYMBOLS[e.metric], interval(e.lb, e.ub)
    if e.est is None and math.isinf(e.lb) and math.isinf(e.ub):
        return f"{symbol} not limited on either side"
    if e.est is None:
        return f"{symbol} in {limits}"
    relation = "=" if not e.bounded else "at least" if e.est > 0 else "at most"
    return f"{symbol} {relation} {number(e.est)} {limits}"


def part(p: Part, names: Names) -> str:
    """The outcome of a part, its estimate, and the evidence behind it."""
    first = p.effects[0]
    n = len({effect.sample_id for effect in p.effects})
    who = first.label if n == 1 else count(p.judged.k, "sample")
    return f"{names.outcome(first.outcome_group)}: {estimate(p.judged)} ({who}, {rungs(p.effects)})"


def rungs(effects: Iterable[Effect]) -> str:
    """How many findings stand on each rung."""
    counts = Counter(effect.rung for effect in effects)
    if sum(counts.values()) == 1:
        return next(iter(counts))
    known = ", ".join(f"{counts[rung]} {rung}" for rung in RUNGS if counts[rung] and rung != "unusable")
    return f"{known}; {counts['unusable']} more unusable" if counts["unusable"] else known


def sign(effect: Effect, names: Names) -> str:
    """What the direction of a finding says."""
    contrast = names.contrasts[effect.contrast]
    return contrast.right if effect.sign > 0 else contrast.left


def sentence(parts: Iterable[str]) -> str:
    """Parts as one sentence."""
    return f"{capital('; '.join(parts))}."
