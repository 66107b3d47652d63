"""Effects of one made-up cell, to pool."""

import math

from reanalysis.ladder.intervals import with_interval
from reanalysis.results.rows import Effect
from tests.project import CONTRASTS

LEVEL = 0.95


def effect(sample: str, yi: float | None = -0.5, vi: float | None = 0.04, **cells) -> Effect:
    """An exact effect of patients against controls in the main analysis, or what `cells` make of it."""
    between = {
        "domain": "early-stress",
        "contrast": "bpd_vs_control",
        "outcome_group": "oxytocin-level",
        "outcome": "a level",
        "metric": "SMD",
        "finding_id": sample,
        "coding": "primary",
        "label": sample.capitalize(),
        "sample_id": sample,
        "cohort_id": sample,
        "n1i": 50,
        "n2i": 50,
        "rung": "exact",
        "use": "main",
    }
    known = between | {"yi": yi, "vi": vi} | cells
    made = Effect(**({"comparison": CONTRASTS[known["contrast"]].comparison} | known))
    return with_interval(made, None, LEVEL) if made.rung == "exact" else made


def bounded(sample: str, lower: float, upper: float, **cells) -> Effect:
    return effect(sample, None, None, rung="bounded", yi_lb=lower, yi_ub=upper, **cells)


def samples(k: int) -> list[Effect]:
    return [effect(f"s{i:02d}", -0.5 + 0.4 * math.sin(i), 0.04 + 0.01 * i) for i in range(k)]
