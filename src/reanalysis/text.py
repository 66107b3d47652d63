"""How numbers, p, intervals, counts and lists are printed, wherever people read them: one form for each."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable


def number(value: float, decimals: int = 2) -> str:
    """Fixed decimals and a true minus sign: −0.50, ∞. What rounds to zero has no sign."""
    size = "\N{INFINITY}" if math.isinf(value) else f"{abs(value):.{decimals}f}"
    return f"\N{MINUS SIGN}{size}" if value < 0 and size.strip("0.") else size


def p_value(value: float) -> str:
    """p = 0.012; p < 0.001 where three decimals show no more."""
    return "p < 0.001" if value < 0.001 else f"p = {number(value, 3)}"


def probability(value: float) -> str:
    """0.87; > 0.99 and < 0.01 where two decimals would claim certainty."""
    return "> 0.99" if value >= 0.995 else "< 0.01" if value < 0.005 else number(value)


def interval(lower: float, upper: float) -> str:
    """[−0.50, 0.20]."""
    return f"[{number(lower)}, {number(upper)}]"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """1 sample, 2 samples. A verb takes part where `plural` is given: 1 warning is, 2 warnings are."""
    return f"{n} {noun if n == 1 else plural or f'{noun}s'}"


def every(n: int, noun: str) -> str:
    """The only claim, both claims, all 3 claims."""
    return f"the only {noun}" if n == 1 else f"both {noun}s" if n == 2 else f"all {n} {noun}s"


def listed(items: Iterable[str], last: str = "and") -> str:
    """a, b and c; nothing of nothing. `last` is the word before the last item."""
    *first, end = [*items] or [""]
    return f"{', '.join(first)} {last} {end}" if first else end


def capital(text: str) -> str:
    """The text with its first letter as a capital; the name of a gene variant, such as rs53576, stays as it is."""
    return text if re.match(r"rs\d", text) else text[:1].upper() + text[1:]


def in_words(name: str) -> str:
    """A name of the data as words: `meta_analysis` becomes `meta analysis`."""
    return re.sub("[-_]", " ", name)
