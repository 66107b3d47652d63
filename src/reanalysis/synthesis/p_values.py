"""The p of every finding, exact or between two ends, with the size of its sample.

Signed logarithms as in Harrison et al. (2017, Res. Synth. Methods 8, 281-289), with the t test of the design in place
of the normal approximation.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from reanalysis.ladder.design import Design, design_of
from reanalysis.results.rows import Effect, PValue
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Finding
from reanalysis.synthesis.combine import NoExactP, exact_p, p_of_effect


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
    """Participants, or for two or four groups the n of two equal groups with the same error variance."""
    if not design.known:
        return None
    if design.contrast is None:
        return float(design.ni)
    return (4.0 if design.metric == "SMD" else 1.0) / float(design.contrast.error)


def _signed_log(sign: float, p: float) -> float:
    """Minus log10 of a two-sided p, with the sign of the effect."""
    return math.copysign(-math.log10(p) if p else math.inf, sign) + 0.0
