"""What a printed number can have been before it was rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import product

Range = tuple[float, float]


def unit(number: Decimal) -> float:
    """One unit in the last printed place: 0.01 for 1.30."""
    return 10.0 ** int(number.as_tuple().exponent)


def decimals(number: Decimal) -> int:
    """Printed decimals: 2 for 1.30."""
    return max(0, -int(number.as_tuple().exponent))


def span(number: Decimal) -> Range:
    """The values that round to the printed one."""
    half = unit(number) / 2
    return float(number) - half, float(number) + half


def reach(function: Callable[..., float], *numbers: Decimal) -> Range:
    """Smallest and largest value of a function, monotone in each number, over all that rounds to the printed ones."""
    values = [function(*corner) for corner in product(*map(span, numbers))]
    return min(values), max(values)


def meet(first: Range, second: Range) -> bool:
    """Whether two ranges have a value in common."""
    return first[0] <= second[1] and second[0] <= first[1]


def wider(span: Range, share: float) -> Range:
    """A range, wider by a share of its larger end on both sides."""
    slack = share * max(abs(span[0]), abs(span[1]))
    return span[0] - slack, span[1] + slack


def hull(ranges: Iterable[Range]) -> Range:
    """The range that holds all of these."""
    lower, upper = zip(*ranges, strict=True)
    return min(lower), max(upper)
