"""The interval of the true effect behind a finding: from its variance, or from its bounds and what chance can do.

An exact effect has the interval of its variance. Of a bounded or directional one it is known that the *observed*
effect lies between two bounds; the true effect then lies between them widened by what chance can do, which is the
smallest effect that would be significant in a sample of this size. "Significant at .05" thus gives an interval that
just excludes zero, and "not significant" one of twice the bounds.
"""

from __future__ import annotations

import math
from dataclasses import replace

from reanalysis.ladder.design import design_of
from reanalysis.numeric import norm_ppf
from reanalysis.results.rows import Effect
from reanalysis.schema.raw import Finding


def with_interval(effect: Effect, finding: Finding, level: float) -> Effect:
    """The effect with its interval at this level; without one where its size or its precision is not known.

    `finding` is the raw row behind the effect.
    """
    if effect.rung == "exact":
        half = float(norm_ppf((1 + level) / 2)) * math.sqrt(effect.vi)
        return replace(effect, ci_lb=effect.yi - half, ci_ub=effect.yi + half, level=level)
    design = design_of(finding)
    if effect.rung == "unusable" or not design.known:
        return effect
    chance = float(design.bounds(1 - level, ">", 0).yi_ub)
    return replace(effect, ci_lb=effect.yi_lb - chance, ci_ub=effect.yi_ub + chance, level=level)
