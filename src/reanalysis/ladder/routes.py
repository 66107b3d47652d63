"""From the cells of a declared statistic to an effect size: one route for each, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from reanalysis import effects as es
from reanalysis.ladder.design import SIZE_NEEDS, Design
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding


@dataclass(frozen=True)
class Route:
    """How a statistic becomes an effect: its name, the cells that enter, and the metrics it can give."""

    name: str
    cells: tuple[str, ...]
    compute: Callable[[Finding, Design, Effects], es.EffectSize]
    metrics: tuple[str, ...] = ("SMD", "SMCC", "ZCOR")

    @property
    def uses_sizes(self) -> bool:
        return "n1i" in self.cells or "ni" in self.cells


class Unconvertible(ValueError):
    """The statistic does not fix an effect; the message says why."""


def _need(row: Finding, *cells: str) -> list[float]:
    """The cells as floats; raises Unconvertible naming the empty ones."""
    if empty := [cell for cell in cells if getattr(row, cell) is None]:
        raise Unconvertible(f"{', '.join(empty)} not known")
    return [float(getattr(row, cell)) for cell in cells]


def _sign(row: Finding) -> int:
    if row.direction == "none":
        raise Unconvertible("the source gives no sign")
    return v.SIGN[row.direction]


def _means(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.smd(*_need(row, "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), vtype=config.smd_variance)


def _means_se(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    m1i, se1i, n1i, m2i, se2i, n2i = _need(row, "m1i", "se1i", "n1i", "m2i", "se2i", "n2i")
    sd1i, sd2i = es.sd_from_sei(se1i, n1i), es.sd_from_sei(se2i, n2i)
    return es.smd(m1i, sd1i, n1i, m2i, sd2i, n2i, vtype=config.smd_variance)


def _medians(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    sides = []
    for side in ("1", "2"):
        n, median, q1, q3 = _need(row, f"n{side}i", f"med{side}i", f"q1_{side}i", f"q3_{side}i")
        mean, sd, skewed = es.mean_sd_from_quantiles(n, median, q1=q1, q3=q3)
        if skewed:
            raise Unconvertible(f"the quartiles of group_{side} are skewed: no mean and SD follow from them")
        sides += [mean, sd, n]
    return es.smd(*sides, vtype=config.smd_variance)


def _change(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.smcc(*_need(row, "m1i", "m2i", "sd1i", "sd2i", "ni", "pre_post_r"), vtype=config.smd_variance)


def _from_t(t_of: Callable[[Finding, Design], float]):
    def compute(row: Finding, design: Design, config: Effects) -> es.EffectSize:
        if not design.known:
            raise Unconvertible(f"{SIZE_NEEDS[design.metric]} not known")
        return design.effect_from_t(t_of(row, design), config.smd_variance)

    return compute


def _t(row: Finding, design: Design) -> float:
    return _need(row, "ti")[0]


def _t_of_f(row: Finding, design: Design) -> float:
    return _sign(row) * float(es.t_from_f(*_need(row, "fi", "df1")))


def _t_of_p(row: Finding, design: Design) -> float:
    df = float(row.df2) if row.df2 is not None else design.df
    return _sign(row) * float(es.t_from_p(*_need(row, "pi"), df))


def _correlation(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    (ri,) = _need(row, "ri")
    if row.ni is not None:
        return es.zcor(ri, row.ni)
    if row.p_relation != "=":
        raise Unconvertible("n of the correlation not known")
    # Where n is not printed the p fixes the standard error: the effect divided by its normal quantile (Cochrane
    # Handbook, section 6.3 of version 6, on standard errors from p values).
    yi = math.atanh(ri)
    return es.effect_from_sei(yi, abs(yi) / float(es.t_from_p(float(row.pi), math.inf)))


def _published(value: str):
    def compute(row: Finding, design: Design, config: Effects) -> es.EffectSize:
        (yi,) = _need(row, value)
        if row.sei is not None:
            return es.effect_from_sei(yi, float(row.sei))
        return es.effect_from_ci(yi, *_need(row, "ci_lb", "ci_ub", "ci_level"))

    return compute


def _d(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    if row.n1i is not None and row.n2i is not None:
        return es.smd_from_d(*_need(row, "di", "n1i", "n2i"), vtype=config.smd_variance)
    return _published("di")(row, design, config)


def _counts(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    ai, n1i, ci, n2i = _need(row, "ai", "n1i", "ci", "n2i")
    return es.smd_from_log_or(*es.log_or(ai, n1i - ai, ci, n2i - ci))


def _beta(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    if row.sdi is None or row.n1i is None or row.n2i is None:
        raise Unconvertible("a regression coefficient needs the SD of the outcome and group sizes to be standardized")
    return es.smd_from_beta(*_need(row, "bi", "sdi", "n1i", "n2i"), vtype=config.smd_variance)


_SIZES = ("n1i", "n2i", "ni")
_INTERVAL = ("sei", "ci_lb", "ci_ub", "ci_level")
_BETWEEN, _WITHIN, _STANDARDIZED = ("SMD",), ("SMCC",), ("SMD", "SMCC")
ROUTES = {
    "means": Route("means and SDs", ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), _means, _BETWEEN),
    "means_se": Route("means and SEs", ("m1i", "se1i", "n1i", "m2i", "se2i", "n2i"), _means_se, _BETWEEN),
    "median_iqr": Route(
        "medians and quartiles",
        ("med1i", "q1_1i", "q3_1i", "n1i", "med2i", "q1_2i", "q3_2i", "n2i"),
        _medians,
        _BETWEEN,
    ),
    "change": Route("means of both conditions", ("m1i", "sd1i", "m2i", "sd2i", "ni", "pre_post_r"), _change, _WITHIN),
    "t": Route("t", ("ti", *_SIZES), _from_t(_t)),
    "f": Route("F", ("fi", "df1", *_SIZES), _from_t(_t_of_f)),
    "p": Route("exact p", ("pi", "df2", *_SIZES), _from_t(_t_of_p)),
    "r": Route("r", ("ri", "ni", "pi"), _correlation, ("ZCOR",)),
    "d": Route("d", ("di", "n1i", "n2i", *_INTERVAL), _d, _STANDARDIZED),
    "g_se": Route("the published effect and SE", ("yi", "sei"), _published("yi"), _STANDARDIZED),
    "g_ci": Route("the published effect and interval", ("yi", *_INTERVAL), _published("yi"), _STANDARDIZED),
    "counts": Route("counts", ("ai", "n1i", "ci", "n2i"), _counts, _BETWEEN),
    "beta": Route("a coefficient and the SD of the outcome", ("bi", "sdi", "n1i", "n2i"), _beta, _BETWEEN),
}
