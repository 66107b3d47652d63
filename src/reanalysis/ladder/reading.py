"""Read one finding: which rung of the evidence ladder it reaches, and what is known of its effect there.

The rung follows from the declared statistic alone. Exact statistics become an effect with its variance; where that is
not possible, a significance statement becomes an interval; else the sign becomes a half line; else nothing is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from reanalysis import effects as es
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


@dataclass(frozen=True)
class _Route:
    """A way from the cells of one statistic to an effect."""

    name: str
    cells: tuple[str, ...]
    compute: Callable[[Finding, Effects], es.EffectSize]


@dataclass(frozen=True)
class _Groups:
    """Who is compared: two groups, one group with itself, or the persons of a correlation."""

    metric: str
    n1i: float | None = None
    n2i: float | None = None
    ni: float | None = None
    assumed: str = ""

    @property
    def known(self) -> bool:
        return self.ni is not None or (self.n1i is not None and self.n2i is not None)


class Unconvertible(ValueError):
    """The statistic does not fix an effect; the message says why."""


def read_finding(row: Finding, config: Effects) -> Reading:
    """Place one coding of a finding on the highest rung that its cells support."""
    groups = _groups(row)
    exact, refusal = _exact(row, groups, config)
    if exact:
        return exact
    below = _bounded(row, groups, config) or _direction(row, groups) or _unusable(row, groups)
    return replace(below, why=f"{below.why}; {refusal}" if refusal else below.why)


def _groups(row: Finding) -> _Groups:
    n1i, n2i, ni = row.n1i, row.n2i, row.ni
    if row.contrast in v.ASSOCIATIONS:
        return _Groups("ZCOR", ni=ni)
    if n1i is None and row.design in v.WITHIN_PERSON and row.contrast != "group_by_drug":
        return _Groups("SMCC", ni=ni)
    if n1i is None and ni is not None:
        return _Groups("SMD", ni / 2, ni / 2, assumed=f"two groups of equal size among {ni}")
    return _Groups("SMD", n1i, n2i)


# ---------------------------------------------------------------- exact


def _exact(row: Finding, groups: _Groups, config: Effects) -> tuple[Reading | None, str]:
    """The exact reading, or why the declared statistic does not give one."""
    route = _ROUTES.get((row.stat_type, groups.metric))
    if route is None:
        return None, _NO_ROUTE.get(row.stat_type, "")
    if row.direction in ("unclear", "not_visible"):
        return None, "a number whose sign is not known"
    try:
        yi, vi = route.compute(row, config)
    except ValueError as error:
        return None, str(error)
    name = route.name
    if groups.metric == "SMD" and "g" in name and row.stat_type in ("means", "means_se", "t", "f", "p"):
        name = f"{name}, variance {config.smd_variance}"
    uses_groups = any(cell in ("n1i", "n2i", "ni") for cell in route.cells)
    return (
        Reading(
            rung="exact",
            why=v.STAT_TYPES[row.stat_type].meaning,
            metric=groups.metric,
            es_method=name,
            inputs=_inputs(row, route.cells),
            assumed=groups.assumed if uses_groups else "",
            yi=float(yi),
            vi=float(vi),
        ),
        "",
    )


def _need(row: Finding, *cells: str) -> list[float]:
    """The cells as floats; raises Unconvertible naming the empty ones."""
    empty = [cell for cell in cells if getattr(row, cell) is None]
    if empty:
        raise Unconvertible(f"{', '.join(empty)} not known")
    return [float(getattr(row, cell)) for cell in cells]


def _sizes(row: Finding) -> tuple[float, float]:
    groups = _groups(row)
    if not groups.known:
        raise Unconvertible("group sizes not known")
    return groups.n1i, groups.n2i


def _sign(row: Finding) -> int:
    if row.direction == "none":
        raise Unconvertible("no sign")
    return v.SIGN[row.direction]


def _means(row: Finding, config: Effects) -> es.EffectSize:
    return es.smd(*_need(row, "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), vtype=config.smd_variance)


def _means_se(row: Finding, config: Effects) -> es.EffectSize:
    m1i, se1i, n1i, m2i, se2i, n2i = _need(row, "m1i", "se1i", "n1i", "m2i", "se2i", "n2i")
    sd1i, sd2i = se1i * math.sqrt(n1i), se2i * math.sqrt(n2i)
    return es.smd(m1i, sd1i, n1i, m2i, sd2i, n2i, vtype=config.smd_variance)


def _smd_from(t_of: Callable[[Finding, float], float]):
    def compute(row: Finding, config: Effects) -> es.EffectSize:
        n1i, n2i = _sizes(row)
        return es.smd_from_t(t_of(row, n1i + n2i - 2), n1i, n2i, vtype=config.smd_variance)

    return compute


def _smcc_from(t_of: Callable[[Finding, float], float]):
    def compute(row: Finding, config: Effects) -> es.EffectSize:
        (ni,) = _need(row, "ni")
        return es.smcc_from_t(t_of(row, ni - 1), ni)

    return compute


def _zcor_from(t_of: Callable[[Finding, float], float]):
    def compute(row: Finding, config: Effects) -> es.EffectSize:
        (ni,) = _need(row, "ni")
        return es.zcor(es.r_from_t(t_of(row, ni - 2), ni - 2), ni)

    return compute


def _t(row: Finding, df: float) -> float:
    return _need(row, "ti")[0]


def _t_of_f(row: Finding, df: float) -> float:
    fi, df1 = _need(row, "fi", "df1")
    return _sign(row) * float(es.t_from_f(fi, df1))


def _t_of_p(row: Finding, df: float) -> float:
    (pi,) = _need(row, "pi")
    return _sign(row) * float(es.t_from_p(pi, float(row.df2) if row.df2 is not None else df))


def _change(row: Finding, config: Effects) -> es.EffectSize:
    m1i, m2i, sd1i, sd2i, ni, ri = _need(row, "m1i", "m2i", "sd1i", "sd2i", "ni", "pre_post_r")
    return es.smcc(m1i, m2i, sd1i, sd2i, ni, ri)


def _correlation(row: Finding, config: Effects) -> es.EffectSize:
    (ri,) = _need(row, "ri")
    if row.ni is not None:
        return es.zcor(ri, row.ni)
    if row.p_relation != "=":
        raise Unconvertible("n of the correlation not known")
    # The p fixes the standard error where n is not printed: z divided by its normal quantile (Cochrane Handbook,
    # chapter 6, section on obtaining standard errors from p values).
    yi = math.atanh(ri)
    return es.EffectSize(yi, (yi / float(es.t_from_p(float(row.pi), math.inf))) ** 2)


def _published(value: str):
    def compute(row: Finding, config: Effects) -> es.EffectSize:
        (yi,) = _need(row, value)
        if row.sei is not None:
            return es.EffectSize(yi, float(row.sei) ** 2)
        lower, upper, level = _need(row, "ci_lb", "ci_ub", "ci_level")
        return es.EffectSize(yi, float(es.sei_from_ci(lower, upper, level)) ** 2)

    return compute


def _d(row: Finding, config: Effects) -> es.EffectSize:
    if row.n1i is not None and row.n2i is not None:
        return es.smd_from_d(*_need(row, "di", "n1i", "n2i"), vtype=config.smd_variance)
    return _published("di")(row, config)


_SIZES = ("n1i", "n2i", "ni")
_INTERVAL = ("sei", "ci_lb", "ci_ub", "ci_level")
_ROUTES: dict[tuple[str, str], _Route] = {
    ("means", "SMD"): _Route("Hedges' g from means and SDs", ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), _means),
    ("means_se", "SMD"): _Route(
        "Hedges' g from means and SEs", ("m1i", "se1i", "n1i", "m2i", "se2i", "n2i"), _means_se
    ),
    ("change", "SMCC"): _Route("standardized mean change", ("m1i", "sd1i", "m2i", "sd2i", "ni", "pre_post_r"), _change),
    ("t", "SMD"): _Route("Hedges' g from t", ("ti", *_SIZES), _smd_from(_t)),
    ("t", "SMCC"): _Route("standardized mean change from t", ("ti", *_SIZES), _smcc_from(_t)),
    ("t", "ZCOR"): _Route("Fisher's z from t", ("ti", *_SIZES), _zcor_from(_t)),
    ("f", "SMD"): _Route("Hedges' g from F", ("fi", "df1", *_SIZES), _smd_from(_t_of_f)),
    ("f", "SMCC"): _Route("standardized mean change from F", ("fi", "df1", *_SIZES), _smcc_from(_t_of_f)),
    ("f", "ZCOR"): _Route("Fisher's z from F", ("fi", "df1", *_SIZES), _zcor_from(_t_of_f)),
    ("p", "SMD"): _Route("Hedges' g from p", ("pi", "df2", *_SIZES), _smd_from(_t_of_p)),
    ("p", "SMCC"): _Route("standardized mean change from p", ("pi", "df2", *_SIZES), _smcc_from(_t_of_p)),
    ("p", "ZCOR"): _Route("Fisher's z from p", ("pi", "df2", *_SIZES), _zcor_from(_t_of_p)),
    ("r", "ZCOR"): _Route("Fisher's z", ("ri", "ni", "pi"), _correlation),
    ("d", "SMD"): _Route("Hedges' g from d", ("di", "n1i", "n2i", *_INTERVAL), _d),
    ("d", "SMCC"): _Route("d as published", ("di", *_INTERVAL), _published("di")),
    ("g_se", "SMD"): _Route("g as published", ("yi", "sei"), _published("yi")),
    ("g_se", "SMCC"): _Route("standardized change as published", ("yi", "sei"), _published("yi")),
    ("g_ci", "SMD"): _Route("g as published, SE from its interval", ("yi", *_INTERVAL), _published("yi")),
    ("g_ci", "SMCC"): _Route(
        "standardized change as published, SE from its interval", ("yi", *_INTERVAL), _published("yi")
    ),
}
_NO_ROUTE = {"beta": "a regression coefficient in raw units fixes no standardized effect"}


# ---------------------------------------------------------------- bounded


def _bounded(row: Finding, groups: _Groups, config: Effects) -> Reading | None:
    """The interval that a significance statement leaves, or None where it does not leave one.

    A trend counts as not significant with a known sign. A p of a test that does not fix the contrast (stat_type
    `direction`) says nothing about its size.
    """
    if row.p_relation is None or row.stat_type == "direction" or not groups.known:
        return None
    p, relation, meaning = _statement(row, config.alpha)
    sign = v.SIGN.get(row.direction, 0)
    if row.direction in ("unclear", "not_visible") or (sign == 0 and relation == "<"):
        return None
    if groups.metric == "SMD":
        bounds = es.smd_bounds_from_p(groups.n1i, groups.n2i, p, relation, sign)
    elif groups.metric == "SMCC":
        bounds = es.smcc_bounds_from_p(groups.ni, p, relation, sign)
    else:
        bounds = es.zcor_bounds_from_p(groups.ni, p, relation, sign)
    return Reading(
        rung="bounded",
        why=meaning,
        metric=groups.metric,
        es_method=f"bounds of {groups.metric} from p {relation} {p:g}",
        inputs=_inputs(row, ("pi", "p_relation", *_SIZES)),
        assumed=groups.assumed,
        yi_lb=float(bounds.yi_lb),
        yi_ub=float(bounds.yi_ub),
        missing=_EXACT_NEEDS[groups.metric],
    )


def _statement(row: Finding, alpha: float) -> tuple[float, str, str]:
    """Threshold, relation and meaning of what the source says on significance."""
    match row.p_relation:
        case "sig":
            return alpha, "<", f"called significant, read as p < {alpha:g}"
        case "ns" | "trend":
            word = "a trend" if row.p_relation == "trend" else "not significant"
            return alpha, ">", f"called {word}, read as p > {alpha:g}"
        case "=":
            relation = "<" if float(row.pi) < alpha else ">"
            return float(row.pi), relation, f"p = {row.pi} of a test that does not give the effect"
    return float(row.pi), row.p_relation, f"p {row.p_relation} {row.pi}"


# ---------------------------------------------------------------- direction, unusable


def _direction(row: Finding, groups: _Groups) -> Reading | None:
    sign = v.SIGN.get(row.direction)
    if sign is None:
        return None
    need = _EXACT_NEEDS[groups.metric]
    return Reading(
        rung="direction",
        why="the sign only" if groups.known else "the sign only, group sizes not known",
        metric=groups.metric,
        inputs=_inputs(row, ("pi", "p_relation", *_SIZES)),
        yi_lb=0.0 if sign > 0 else -math.inf,
        yi_ub=math.inf if sign > 0 else 0.0,
        missing=need if groups.known else f"{_SIZE_NEEDS[groups.metric]}; {need}",
    )


def _unusable(row: Finding, groups: _Groups) -> Reading:
    reasons = {
        "not_visible": "the result was not visible in any source",
        "unclear": "the sign is not clear",
        "none": "no difference stated, without the sizes that would bound it",
    }
    return Reading(
        rung="unusable",
        why=reasons.get(row.direction, "neither a value nor a sign"),
        metric=groups.metric,
        inputs=_inputs(row, ("pi", "p_relation", "ri", *_SIZES)),
        missing="; ".join(
            part
            for part in (
                "the sign" if row.direction == "unclear" else "",
                "" if groups.known else _SIZE_NEEDS[groups.metric],
                _EXACT_NEEDS[groups.metric],
            )
            if part
        ),
    )


_EXACT_NEEDS = {
    "SMD": "means and SDs of both groups, or t, or an exact p of this contrast",
    "SMCC": "mean and SD of the within-person difference, or paired t, or an exact p",
    "ZCOR": "the correlation, or an exact p with its n",
}
_SIZE_NEEDS = {"SMD": "group sizes", "SMCC": "number of persons", "ZCOR": "n of the correlation"}


def _inputs(row: Finding, cells: tuple[str, ...]) -> str:
    """The cells that were used, as printed."""
    return "; ".join(f"{cell} = {getattr(row, cell)}" for cell in cells if getattr(row, cell) is not None)
