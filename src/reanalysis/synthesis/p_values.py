"""The p of every finding, exact or between two ends, with the size of its sample; and the p of effects at any size.

Axes and contours as in Harrison et al. (2017, Res. Synth. Methods 8, 281-289), with the t test of the design in place
of the normal approximation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from reanalysis import effects as es
from reanalysis.ladder.design import Design, design_of
from reanalysis.results.rows import Effect, PContour, PValue
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Finding
from reanalysis.synthesis.combine import NoExactP, exact_p, p_of_effect

CONTOURS = {"SMD": (0.2, 0.5, 0.8), "SMCC": (0.2, 0.5, 0.8), "ZCOR": (0.1, 0.3, 0.5)}  # ZCOR: as r
STEPS = 40  # points of a contour
ROOM = 1.25  # the contours reach beyond the smallest and largest n by this factor
LEAST_N = 4.0


def p_values(evidence: Evidence, effects: Iterable[Effect]) -> list[PValue]:
    """A row for each finding of the main analysis, with its p or the reason why it has none."""
    raw = evidence.codings
    return [_p_value(effect, raw[effect.finding_id, effect.coding]) for effect in effects if effect.use == "main"]


def _p_value(effect: Effect, finding: Finding) -> PValue:
    design = design_of(finding)
    names = ("finding_id", "coding", "sample_id", "label")
    own = {name: getattr(effect, name) for name in names}
    row = PValue(**effect.cell._asdict(), **own, n=_size(design))
    if effect.rung in ("direction", "unusable"):
        return replace(row, note=effect.why)
    if not design.known:
        return replace(row, note=design.lack)
    try:
        exact = exact_p(effect, finding)
    except NoExactP:
        lower, upper = (p_of_effect(end, design) for end in (effect.yi_lb, effect.yi_ub))
        log_p = {"log_p_lb": _signed_log(effect.yi_lb, lower), "log_p_ub": _signed_log(effect.yi_ub, upper)}
        return replace(row, p_lb=lower, p_ub=upper, **log_p)
    return replace(row, p=exact.p, sign=exact.sign, basis=exact.basis, log_p=_signed_log(exact.sign, exact.p))


def _size(design: Design) -> float | None:
    """Persons, or for two or four groups the n of two equal groups with the same error variance."""
    if not design.known:
        return None
    if design.contrast is None:
        return float(design.ni)
    return (4.0 if design.metric == "SMD" else 1.0) / float(design.contrast.error)


def _signed_log(sign: float, p: float) -> float:
    """Minus log10 of a two-sided p, with the sign of the effect."""
    return math.copysign(-math.log10(p) if p else math.inf, sign) + 0.0


def p_contours(values: Iterable[PValue]) -> list[PContour]:
    """Points along which an effect has the same size, from the smallest to the largest n of each metric with a p."""
    known = [row for row in values if row.log_p is not None or row.log_p_lb is not None]
    return [
        point
        for metric, sizes in CONTOURS.items()
        if (drawn := [row.n for row in known if row.metric == metric])
        for size in (*(-size for size in reversed(sizes)), *sizes)
        for point in _contour(metric, size, min(drawn), max(drawn))
    ]


def _contour(metric: str, size: float, least: float, most: float) -> Iterator[PContour]:
    for n in np.geomspace(max(least / ROOM, LEAST_N), most * ROOM, STEPS):
        p = p_of_effect(math.atanh(size) if metric == "ZCOR" else size, _equal(metric, float(n)))
        yield PContour(metric=metric, effect=size, n=float(n), p=p, log_p=_signed_log(size, p))


def _equal(metric: str, n: float) -> Design:
    """The design of a study of n persons, in two equal groups where it has groups."""
    match metric:
        case "SMD":
            return Design(metric, es.two_groups(n / 2, n / 2))
        case "SMCC":
            return Design(metric, es.paired(n))
    return Design(metric, ni=n)
