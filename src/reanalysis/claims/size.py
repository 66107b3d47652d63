"""The size that a claim names, beside its sign: a second thing that the evidence has to bear out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from reanalysis.claims.verdict import SUPPORT, Judged, Judgement, all_of
from reanalysis.claims.words import SYMBOLS
from reanalysis.results.rows import Variant
from reanalysis.schema.raw import Claim
from reanalysis.text import interval, listed, number

# From where to where an effect is called so (Cohen 1992, A power primer, Table 1): differences, and correlations r.
DIFFERENCE = {"small": (0.2, 0.5), "medium": (0.5, 0.8), "large": (0.8, math.inf)}
CORRELATION = {"small": (0.1, 0.3), "medium": (0.3, 0.5), "large": (0.5, 1.0)}


def sized(claim: Claim, judged: Sequence[Judged], judgement: Judgement) -> Judgement:
    """The judgement of a claim that names a size: that of its sign, together with that of its size.

    The size is asked for only where the sign is supported. It is borne out by an interval of the average effect that
    lies within what is called so, contradicted by one that lies outside, and cannot be judged by any other.
    """
    if claim.size is None or judgement.verdict not in SUPPORT:
        return judgement
    known = [one for one in judged if one.part.answer]
    rows = [one.part.answer for one in known]
    verdicts = [size_verdict(row, one.asked.sign, claim.size) for one, row in zip(known, rows, strict=True)]
    told = listed(_told(row, verdict) for row, verdict in zip(rows, verdicts, strict=True))
    bands = listed(sorted({_band(row.metric, claim.size) for row in rows}))
    why = f"a {claim.size} effect is {bands}, {told}"
    return replace(judgement, verdict=with_size(judgement.verdict, verdicts), why=(*judgement.why, why))


def with_size(verdict: str, sizes: Sequence[str]) -> str:
    """The verdict on a sign that is supported, taken together with those on the size of its parts."""
    return "not testable" if "not testable" in sizes else all_of([verdict, *sizes])


def size_verdict(row: Variant, sign: int, size: str) -> str:
    """Whether the interval of the average effect, seen on the claimed side, lies in what is called so."""
    low, high = _limits(row.metric, size)
    lower, upper = sorted((sign * row.ci_lb, sign * row.ci_ub))
    if low <= lower and upper < high:
        return "supported"
    return "contradicted" if upper < low or lower >= high else "not testable"


TOLD = {
    "supported": "which {interval} bears out",
    "contradicted": "which {interval} rules out",
    "not testable": "which {interval} leaves open",
}


def _told(row: Variant, verdict: str) -> str:
    return TOLD[verdict].format(interval=interval(row.ci_lb, row.ci_ub))


def _limits(metric: str, size: str) -> tuple[float, float]:
    """From where to where on the scale of a metric."""
    if metric != "ZCOR":
        return DIFFERENCE[size]
    low, high = CORRELATION[size]
    return math.atanh(low), math.inf if high == 1 else math.atanh(high)


def _band(metric: str, size: str) -> str:
    """The same in words: g of 0.50 to 0.80."""
    low, high = _limits(metric, size)
    symbol = f"|{SYMBOLS[metric]}|"
    if high == math.inf:
        return f"{symbol} of {number(low)} or more"
    return f"{symbol} from {number(low)} to {number(high)}"
