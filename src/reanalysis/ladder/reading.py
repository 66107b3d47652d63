"""Read one finding: which rung of the evidence ladder it reaches, and what is known of its effect there.

The rung follows from the declared statistic alone. Exact statistics become an effect with its variance; where that is
not possible, a significance statement becomes an interval; else the sign becomes a half line; else nothing is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from reanalysis.ladder.design import SIZE_NEEDS, Design, design_of
from reanalysis.ladder.routes import ROUTES, Route
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding


@dataclass(frozen=True)
class Reading:
    """What a finding tells: on rung exact `yi` and `vi`, on bounded and direction `yi_lb` and `yi_ub`."""

    rung: str
    why: str
    metric: str
    es_method: str = ""
    inputs: str = ""
    assumed: str = ""
    yi: float | None = None
    vi: float | None = None
    yi_lb: float | None = None
    yi_ub: float | None = None
    missing: str = ""


def read_finding(row: Finding, config: Effects) -> Reading:
    """Place one coding of a finding on the highest rung that its cells support."""
    design = design_of(row)
    exact, refusal = _exact(row, design, config)
    if exact:
        return exact
    below = _bounded(row, design, config) or _direction(row, design) or _unusable(row, design)
    return replace(below, why=f"{below.why}; {refusal}" if refusal else below.why)


def _exact(row: Finding, design: Design, config: Effects) -> tuple[Reading | None, str]:
    """The exact reading, or why the declared statistic does not give one (empty where it is no effect at all)."""
    route = ROUTES.get(row.stat_type)
    if route is None:
        return None, ""
    if design.metric not in route.metrics:
        return None, f"{route.name} of this contrast give no {v.METRICS[design.metric]}"
    if row.direction in ("unclear", "not_visible"):
        return None, "the sign of the number is not known"
    try:
        yi, vi = route.compute(row, design, config)
    except ValueError as error:
        return None, str(error)
    reading = Reading(
        rung="exact",
        why=v.STAT_TYPES[row.stat_type].meaning,
        metric=design.metric,
        es_method=_method(route, row, design, config),
        inputs=_inputs(row, route.cells),
        assumed=design.assumed if route.uses_sizes else "",
        yi=float(yi),
        vi=float(vi),
    )
    return reading, ""


def _method(route: Route, row: Finding, design: Design, config: Effects) -> str:
    """Name of the formula, with the variance where it is a choice."""
    sized = any(getattr(row, cell) is not None for cell in route.cells if cell in _SIZES)
    chosen = sized and design.metric != "ZCOR" and row.stat_type != "counts"
    variance = f" (variance {config.smd_variance})" if chosen else ""
    return f"{v.METRICS[design.metric]} from {route.name}{variance}"


def _bounded(row: Finding, design: Design, config: Effects) -> Reading | None:
    """The interval that a significance statement leaves, or None where it does not leave one.

    A trend counts as not significant with a known sign. A p of a test that does not fix the contrast (stat_type
    `direction`) says nothing about its size.
    """
    if row.p_relation is None or row.stat_type == "direction":
        return None
    p, relation, meaning = _statement(row, config.alpha)
    sign = v.SIGN.get(row.direction, 0)
    no_interval = row.direction in ("unclear", "not_visible") or (sign == 0 and relation == "<")
    if no_interval or not design.bounded_by(relation):
        return None
    bounds = design.bounds(p, relation, sign)
    return Reading(
        rung="bounded",
        why=meaning,
        metric=design.metric,
        es_method=f"bounds of {v.METRICS[design.metric]} from p {relation} {p:g}",
        inputs=_inputs(row, ("pi", "p_relation", *_SIZES)),
        assumed=design.assumed,
        yi_lb=float(bounds.yi_lb) + 0.0,  # no negative zero
        yi_ub=float(bounds.yi_ub) + 0.0,
        missing=_EXACT_NEEDS[design.metric],
    )


def _statement(row: Finding, alpha: float) -> tuple[float, str, str]:
    """Threshold, relation and meaning of what the source says on significance."""
    match row.p_relation:
        case "sig":
            return alpha, "<", f"called significant, read as p < {alpha:g}"
        case "ns":
            return alpha, ">", f"called not significant, read as p > {alpha:g}"
        case "trend":
            return alpha, ">", f"called a trend, read as p > {alpha:g} with the sign known"
        case "=":
            # The p of an adjusted test is not that of the plain contrast: only its side of the threshold is used.
            relation = "<" if float(row.pi) < alpha else ">"
            return alpha, relation, f"p = {row.pi} of an adjusted test, read as p {relation} {alpha:g}"
    return float(row.pi), row.p_relation, f"p {row.p_relation} {row.pi}"


def _direction(row: Finding, design: Design) -> Reading | None:
    sign = v.SIGN.get(row.direction)
    if sign is None:
        return None
    return Reading(
        rung="direction",
        why="the sign only" if design.known else f"the sign only, {SIZE_NEEDS[design.metric]} not known",
        metric=design.metric,
        inputs=_inputs(row, ("pi", "p_relation", *_SIZES)),
        assumed=design.assumed,
        yi_lb=0.0 if sign > 0 else -math.inf,
        yi_ub=math.inf if sign > 0 else 0.0,
        missing=_missing(design),
    )


def _unusable(row: Finding, design: Design) -> Reading:
    reasons = {
        "not_visible": "the result was not visible in any source",
        "unclear": "the sign is not clear",
        "none": "no difference stated, without the sizes that would bound it",
    }
    return Reading(
        rung="unusable",
        why=reasons.get(row.direction, "neither a value nor a sign"),
        metric=design.metric,
        inputs=_inputs(row, ("pi", "p_relation", "ri", *_SIZES)),
        missing=_missing(design, *(("the sign",) if row.direction == "unclear" else ())),
    )


def _missing(design: Design, *first: str) -> str:
    sizes = () if design.known else (SIZE_NEEDS[design.metric],)
    return "; ".join((*first, *sizes, _EXACT_NEEDS[design.metric]))


_EXACT_NEEDS = {
    "SMD": "means and SDs of both groups, or t, or an exact p of this contrast",
    "SMCC": "mean and SD of the within-person difference, or paired t, or an exact p",
    "ZCOR": "the correlation, or an exact p with its n",
}
_SIZES = ("n1i", "n2i", "ni")


def _inputs(row: Finding, cells: tuple[str, ...]) -> str:
    """The cells that were used, as printed."""
    return "; ".join(f"{cell} = {getattr(row, cell)}" for cell in cells if getattr(row, cell) is not None)
