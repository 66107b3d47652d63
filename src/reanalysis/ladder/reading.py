"""Read one finding: which rung of the evidence ladder it reaches, and what is known of its effect there.

The rung follows from the declared statistic alone. Exact statistics become an effect with its variance; where that is
not possible, a significance statement becomes an interval; else the sign becomes a half line; else nothing is known.

One rule holds for every statistic: only a test of the contrast itself, in these people, says something of its size.
Where `test_of` names anything else (an adjusted test, other people, another contrast), where the number is a partial
correlation or a coefficient that is not declared to be unadjusted, and where a p stands beside a bare direction, the
number and the statement on significance give neither an effect nor a bound. Of such a row the sign is used, where the
source states it for this contrast and these people, and nothing else; the rest is shown. docs/readings.md says what is
read from every statistic.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from reanalysis.ladder.design import Design, design_of, tests_contrast
from reanalysis.ladder.routes import ROUTES, Unconvertible, exact_effect, other_test
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding


@dataclass(frozen=True)
class Reading:
    """What a finding tells: on rung exact `yi` and `vi`, on bounded and direction `yi_lb` and `yi_ub`.

    `inputs` are the cells that entered, as printed, and `shown` all other numbers of the row: no number is lost.
    `route` and `vtype` say by what an exact effect was computed, `p_above` and `p_below` what bounds the two-sided p.
    """

    rung: str
    why: str
    metric: str
    es_method: str = ""
    route: str = ""
    vtype: str | None = None
    p_above: float | None = None
    p_below: float | None = None
    inputs: str = ""
    shown: str = ""
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
    said = _foreign(row) and other_test(row)
    reasons = [one for one in refusal.split("; ") if one and one not in below.why and not (said and said in one)]
    return replace(below, why="; ".join([below.why, *reasons]))


def told_not_significant(row: Finding) -> Finding:
    """A finding of which no statistic is known, read as not significant, with its sign; any other as it is."""
    if row.stat_type != "direction" or row.p_relation is not None:
        return row
    direction = "none" if row.direction == "not_visible" else row.direction
    return row.model_copy(update={"stat_type": "significance", "p_relation": "ns", "direction": direction})


def _exact(row: Finding, design: Design, config: Effects) -> tuple[Reading | None, str]:
    """The exact reading, or why the declared statistic does not give one (empty where it is no effect at all)."""
    if not ROUTES[row.stat_type]:
        return None, ""
    if row.direction in ("unclear", "not_visible"):
        return None, "the sign of the number is not known"
    try:
        route, (yi, vi) = exact_effect(row, design, config)
    except Unconvertible as reason:
        return None, str(reason)
    used, vtype = route.inputs(row, design), route.vtype(design, config)
    unused = [cell for cell in ("sei", "ci_lb") if cell not in used and getattr(row, cell) is not None]
    reading = Reading(
        rung="exact",
        why=v.STAT_TYPES[row.stat_type].meaning + ("; the variance follows from the sizes" if unused else ""),
        metric=design.metric,
        es_method=f"{v.METRICS[design.metric]} from {route.name}{f' (variance {vtype})' if vtype else ''}",
        route=route.name,
        vtype=vtype,
        inputs=_printed(row, used),
        shown=_shown(row, used),
        assumed=route.assumed(row, design),
        yi=float(yi) + 0.0,  # no negative zero
        vi=float(vi),
    )
    return reading, ""


@dataclass(frozen=True)
class _Statement:
    """What the source says on significance: the two-sided p lies above, or below, or between."""

    meaning: str
    above: float | None = None
    below: float | None = None

    @property
    def relation(self) -> str:
        return ">" if self.below is None else "<"


def _bounded(row: Finding, design: Design, config: Effects) -> Reading | None:
    """The interval that a significance statement leaves, or None where it does not leave one."""
    if row.p_relation is None or not tests_contrast(row):
        return None
    if row.pi is not None and not 0 < row.p_two_sided <= 1:  # no such p: the check says so
        return None
    sign = v.SIGN.get(row.direction, 0)
    said = _statement(row, config, sign)
    no_interval = row.direction in ("unclear", "not_visible") or (sign == 0 and said.relation == "<")
    if no_interval or not design.bounded_by(said.relation):
        return None
    lower, upper = -math.inf, math.inf
    for p, relation in ((said.below, "<"), (said.above, ">")):
        if p is not None:
            ends = design.bounds(p, relation, sign)
            lower, upper = max(lower, float(ends.yi_lb)), min(upper, float(ends.yi_ub))
    used = ("pi", "p_relation", "p_sides", *design.cells)
    return Reading(
        rung="bounded",
        why=said.meaning,
        metric=design.metric,
        es_method=f"bounds of {v.METRICS[design.metric]} from {p_text(said.above, said.below)}",
        p_above=said.above,
        p_below=said.below,
        inputs=_printed(row, used),
        shown=_shown(row, used),
        assumed=design.assumed,
        yi_lb=lower + 0.0,
        yi_ub=upper + 0.0,
        missing=_EXACT_NEEDS[design.metric],
    )


def _statement(row: Finding, config: Effects, sign: int) -> _Statement:
    """What a source says on significance, as limits of its two-sided p.

    A trend is a p between alpha and the limit of a trend: with its sign an interval with two ends on one side of zero.
    Without a sign these are two intervals, and what holds both is p > alpha. Where alpha is as large as that limit, a
    trend is a p below it. A p that is exact but without a sign says how far from zero the effect can lie.
    """
    one_sided = row.p_sides == "one"
    sides = ", one-sided" if one_sided else ""
    alpha = config.alpha * (2 if one_sided else 1)
    match row.p_relation:
        case "sig":
            return _Statement(f"called significant{sides}, read as p < {alpha:g}", below=alpha)
        case "ns":
            return _Statement(f"called not significant{sides}, read as p > {alpha:g}", above=alpha)
        case "trend" if config.trend <= config.alpha:
            return _Statement(f"called a trend, read as p < {config.trend:g}", below=config.trend)
        case "trend" if sign == 0:
            return _Statement(f"called a trend, the sign not known, read as p > {alpha:g}", above=alpha)
        case "trend":
            read = f"called a trend, read as {p_text(alpha, config.trend)}"
            return _Statement(read, above=alpha, below=config.trend)
        case "=":
            return _Statement(f"p = {row.pi}{sides}, without a sign: no effect beyond it", above=_least_p(row))
    limit = {"<": "below", ">": "above"}[row.p_relation]
    return _Statement(f"p {row.p_relation} {row.pi}{sides}", **{limit: row.p_two_sided})


def p_text(above: float | None, below: float | None) -> str:
    """What is known of a p, as text."""
    if above is None or below is None:
        return f"p > {above:g}" if below is None else f"p < {below:g}"
    return f"{above:g} < p < {below:g}"


def _least_p(row: Finding) -> float:
    """The two-sided p of a row; of a p of 1 the least that is printed so, for an effect is never known to be zero."""
    half = 0.5 * 10.0 ** row.pi.as_tuple().exponent * (2 if row.p_sides == "one" else 1)
    return row.p_two_sided if row.p_two_sided < 1 else 1 - half


def _direction(row: Finding, design: Design) -> Reading | None:
    sign = v.SIGN.get(row.direction)
    if sign is None:
        return None
    reasons = ["the sign only", design.lack, _foreign(row)]
    return Reading(
        rung="direction",
        why=", ".join(filter(None, reasons)),
        metric=design.metric,
        inputs=_printed(row, design.cells),
        shown=_shown(row, design.cells),
        assumed=design.assumed,
        yi_lb=0.0 if sign > 0 else -math.inf,
        yi_ub=math.inf if sign > 0 else 0.0,
        missing=_missing(design),
    )


def _unusable(row: Finding, design: Design) -> Reading:
    foreign = _foreign(row)
    reasons = {
        "not_visible": "result not available (full text not obtained)",
        "unclear": "direction not reported",
        "none": "'no difference' reported" if foreign else "'no difference' reported without group sizes",
    }
    if foreign and row.direction == "none" and row.test_of == "adjusted":
        foreign = "from an adjusted model"
    return Reading(
        rung="unusable",
        why=", ".join(filter(None, (reasons.get(row.direction, "neither a value nor a sign"), foreign))),
        metric=design.metric,
        shown=_shown(row, ()),
        missing=_missing(design, *(("the sign",) if row.direction == "unclear" else ())),
    )


def _foreign(row: Finding) -> str:
    """That a statement on significance is of something else; empty where it is of this contrast, or where none is."""
    return "" if row.p_relation is None or tests_contrast(row) else f"the statement is of {other_test(row)}"


def _missing(design: Design, *first: str) -> str:
    sizes = (design.lack,) if design.lack and not design.cells else ()
    return "; ".join((*first, *(lack.removesuffix(" not known") for lack in sizes), _EXACT_NEEDS[design.metric]))


_EXACT_NEEDS = {
    "SMD": "means and SDs of both groups, or t, or an exact p of this contrast",
    "SMCC": "mean and SD of the within-person difference, or paired t, or an exact p",
    "ZCOR": "the correlation, or an exact p with its n",
}
_SIZES = ("n1i", "n2i", "ni")  # columns of their own in the table of effects
_NUMBERS = (*(cell for cell in v.STAT_CELLS if cell not in _SIZES), "published_yi", "published_sei")
_OF_THE_TEST = ("p_sides", "test_of")


def _printed(row: Finding, cells: tuple[str, ...]) -> str:
    """The cells as printed; an exact p needs no relation."""
    filled = [
        cell for cell in cells if getattr(row, cell) is not None and (cell, getattr(row, cell)) != ("p_relation", "=")
    ]
    return "; ".join(f"{cell} = {getattr(row, cell)}" for cell in filled)


def printed_means(row: Finding) -> str | None:
    """Both means as printed, with their unit; None where they are not known."""
    if row.m1i is None or row.m2i is None:
        return None
    return f"{row.m1i} vs {row.m2i}{f' {row.unit}' if row.unit else ''}"


def ratio_of_means(row: Finding) -> float | None:
    """The first mean over the second; None where one is not known or not positive, so that a ratio has no meaning."""
    if row.m1i is None or row.m2i is None or min(row.m1i, row.m2i) <= 0:
        return None
    return float(row.m1i / row.m2i)


def _shown(row: Finding, used: tuple[str, ...]) -> str:
    """The other numbers of the row, as printed."""
    return _printed(row, tuple(cell for cell in (*_NUMBERS, *_OF_THE_TEST) if cell not in used))
