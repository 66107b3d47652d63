"""From the cells of a declared statistic to an effect size: its routes in order of preference, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from reanalysis import effects as es
from reanalysis.ladder.design import Design, tests_contrast
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding


class Unconvertible(ValueError):
    """The statistic does not fix an effect; the message says why."""


@dataclass(frozen=True)
class Route:
    """How a statistic becomes an effect: its name, the cells that it needs, and the metrics it can give.

    `optional` cells enter where they are filled. A `sized` route takes the persons that the design knows. A `tested`
    one rests on a test or model, and is closed where that is not of this contrast. `variance` says that the sampling
    variance is the configured one; `assumed` gives what the route itself takes for granted.
    """

    name: str
    cells: tuple[str, ...]
    compute: Callable[[Finding, Design, Effects], es.EffectSize]
    metrics: tuple[str, ...] = ("SMD", "SMCC")
    optional: tuple[str, ...] = ()
    sized: bool = True
    tested: bool = True
    variance: bool = True
    assumed: Callable[[Finding, Design], str] = lambda row, design: design.assumed

    def inputs(self, row: Finding, design: Design) -> tuple[str, ...]:
        """The cells of the row that enter."""
        used = (*self.cells, *self.optional, *(design.cells if self.sized else ()))
        return tuple(dict.fromkeys(cell for cell in used if getattr(row, cell) is not None))


def exact_effect(row: Finding, design: Design, config: Effects) -> tuple[Route, es.EffectSize]:
    """The first route of a statistic that its cells allow, and the effect by it.

    Raises Unconvertible with the reasons of all routes where none is open.
    """
    reasons = []
    for route in ROUTES[row.stat_type]:
        try:
            _open(route, row, design)
            return route, route.compute(row, design, config)
        except ValueError as closed:
            reasons.append(str(closed))
    raise Unconvertible("; ".join(dict.fromkeys(reasons)))


def _open(route: Route, row: Finding, design: Design) -> None:
    """Raise Unconvertible where a route cannot be taken, before anything is computed."""
    if design.metric not in route.metrics:
        raise Unconvertible(f"no {v.METRICS[design.metric]} follows from {route.name}")
    if route.tested and not tests_contrast(row):
        raise Unconvertible(f"the number is of {other_test(row)}")
    if empty := [cell for cell in route.cells if getattr(row, cell) is None]:
        raise Unconvertible(f"{', '.join(empty)} not known")
    if route.sized and not design.known:
        raise Unconvertible(design.lack)
    if "pi" in route.cells and row.p_relation != "=":
        raise Unconvertible("p not exact")


def other_test(row: Finding) -> str:
    """What the test or model behind a row is of, where it is not of this contrast."""
    if row.test_of not in (None, "contrast"):
        return v.TEST_OF[row.test_of]
    if row.r_kind == "partial":
        return "a partial correlation"
    return "a model that may be adjusted" if row.stat_type == "beta" else "another test than that of this contrast"


def _numbers(row: Finding, *cells: str) -> list[float]:
    return [float(getattr(row, cell)) for cell in cells]


def _sign(row: Finding) -> int:
    if row.direction == "none":
        raise Unconvertible("the source gives no sign")
    return v.SIGN[row.direction]


def _two_groups(design: Design) -> es.Contrast:
    if design.four_arms:
        raise Unconvertible("two groups are not the four arms of this contrast")
    return design.contrast


def _means(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    m1i, sd1i, n1i, m2i, sd2i, n2i = _numbers(row, "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    di = (m1i - m2i) / es.pooled_sd(sd1i, n1i, sd2i, n2i)
    return es.standardized(di, _two_groups(design), vtype=config.smd_variance)


def _means_se(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    m1i, se1i, n1i, m2i, se2i, n2i = _numbers(row, "m1i", "se1i", "n1i", "m2i", "se2i", "n2i")
    di = (m1i - m2i) / es.pooled_sd(es.sd_from_sei(se1i, n1i), n1i, es.sd_from_sei(se2i, n2i), n2i)
    return es.standardized(di, _two_groups(design), vtype=config.smd_variance)


def _medians(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    sides = []
    for side in ("1", "2"):
        n, median, q1, q3 = _numbers(row, f"n{side}i", f"med{side}i", f"q1_{side}i", f"q3_{side}i")
        mean, sd, skewed = es.mean_sd_from_quantiles(n, median, q1=q1, q3=q3)
        if skewed:
            raise Unconvertible(f"the quartiles of group_{side} are skewed: no mean and SD follow from them")
        sides += [mean, sd, n]
    mean1, sd1, n1, mean2, sd2, n2 = sides
    di = (mean1 - mean2) / es.pooled_sd(sd1, n1, sd2, n2)
    return es.standardized(di, _two_groups(design), vtype=config.smd_variance)


def _change(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.smcc(*_numbers(row, "m1i", "m2i", "sd1i", "sd2i", "ni", "pre_post_r"), vtype=config.smd_variance)


def _from_t(t_of: Callable[[Finding, Design], float]):
    def compute(row: Finding, design: Design, config: Effects) -> es.EffectSize:
        return design.effect_from_t(t_of(row, design), config.smd_variance)

    return compute


def _t(row: Finding, design: Design) -> float:
    return float(row.ti)


def _t_of_f(row: Finding, design: Design) -> float:
    return _sign(row) * float(es.t_from_f(*_numbers(row, "fi", "df1")))


def _t_of_p(row: Finding, design: Design) -> float:
    df = float(row.df2) if row.df2 is not None else design.df
    return _sign(row) * float(es.t_from_p(row.p_two_sided, df))


def _t_of_beta(row: Finding, design: Design) -> float:
    return float(row.bi / row.sei)


def _r(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.zcor(float(row.ri), row.ni, kind=_kind(row))


def _r_and_p(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    """Where n is not printed the p fixes the standard error: the effect divided by its normal quantile.

    Cochrane Handbook (version 6, section 6.3, on standard errors from p values). The p of a Spearman correlation is
    that of Pearson's test, and its variance larger by the factor of `effects.zcor`.
    """
    yi, z = math.atanh(float(row.ri)), float(es.t_from_p(row.p_two_sided, math.inf))
    if yi == 0 or z == 0:
        raise Unconvertible("n not known, and a correlation of zero, or a p of 1, does not tell it")
    wider = math.sqrt(1 + float(row.ri) ** 2 / 2) if _kind(row) == "spearman" else 1.0
    return es.effect_from_sei(yi, wider * abs(yi) / z)


def _kind(row: Finding) -> str:
    return "spearman" if row.r_kind == "spearman" else "pearson"


def _r_assumed(row: Finding, design: Design) -> str:
    return "a Pearson correlation" if row.r_kind == "unknown" else ""


def _published(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.effect_from_sei(float(row.yi), standard_error(row))


def standard_error(row: Finding) -> float:
    """The printed standard error of an effect, or that of its printed interval, taken to be Wald's."""
    if row.sei is not None:
        return float(row.sei)
    return float(es.sei_from_ci(*_numbers(row, "ci_lb", "ci_ub", "ci_level")))


def _d(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.standardized(float(row.di), design.contrast, vtype=config.smd_variance)


def _d_published(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    df = design.df if design.known else implied_n(row, design) - (2 if design.metric == "SMD" else 1)
    return es.corrected(float(row.di), standard_error(row), df)


def implied_n(row: Finding, design: Design) -> float:
    """Persons that the standard error of a d implies: two groups of equal size, or pairs.

    The large-sample variance, `4 / n + d^2 / (2n)` or `1 / n + d^2 / (2n)`, solved for n.
    """
    error = 4 if design.metric == "SMD" else 1
    return (error + float(row.di) ** 2 / 2) / standard_error(row) ** 2


def _d_assumed(row: Finding, design: Design) -> str:
    return "" if design.known else f"as many persons as the standard error implies ({implied_n(row, design):.0f})"


def _counts(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    ai, n1i, ci, n2i = _numbers(row, "ai", "n1i", "ci", "n2i")
    _two_groups(design)
    return es.smd_from_log_or(*es.log_or(ai, n1i - ai, ci, n2i - ci))


def _beta(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.standardized(float(row.bi / row.sdi), design.contrast, vtype=config.smd_variance)


_SIZES = ("n1i", "n2i", "ni")
_BETWEEN, _WITHIN, _ALL = ("SMD",), ("SMCC",), ("SMD", "SMCC", "ZCOR")
_P = ("p_relation", "p_sides")  # beside `pi`
ROUTES: dict[str, tuple[Route, ...]] = {
    "means": (Route("means and SDs", ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"), _means, _BETWEEN, tested=False),),
    "means_se": (
        Route("means and SEs", ("m1i", "se1i", "n1i", "m2i", "se2i", "n2i"), _means_se, _BETWEEN, tested=False),
    ),
    "median_iqr": (
        Route(
            "medians and quartiles",
            ("med1i", "q1_1i", "q3_1i", "n1i", "med2i", "q1_2i", "q3_2i", "n2i"),
            _medians,
            _BETWEEN,
            tested=False,
        ),
    ),
    "change": (
        Route(
            "means of both conditions",
            ("m1i", "sd1i", "m2i", "sd2i", "ni", "pre_post_r"),
            _change,
            _WITHIN,
            tested=False,
        ),
        Route("paired t", ("ti",), _from_t(_t), _WITHIN),
        Route("exact p", ("pi",), _from_t(_t_of_p), _WITHIN, _P),
    ),
    "t": (Route("t", ("ti",), _from_t(_t), _ALL),),
    "f": (Route("F", ("fi", "df1"), _from_t(_t_of_f), _ALL),),
    "p": (Route("exact p", ("pi",), _from_t(_t_of_p), _ALL, (*_P, "df2")),),
    "r": (
        Route("r", ("ri", "ni"), _r, ("ZCOR",), ("r_kind",), assumed=_r_assumed, variance=False),
        Route(
            "r and its p",
            ("ri", "pi"),
            _r_and_p,
            ("ZCOR",),
            ("r_kind", *_P),
            sized=False,
            variance=False,
            assumed=_r_assumed,
        ),
    ),
    "d": (
        Route("d", ("di", "n1i", "n2i"), _d),
        Route(
            "d and its SE",
            ("di", "sei"),
            _d_published,
            optional=_SIZES,
            variance=False,
            sized=False,
            assumed=_d_assumed,
        ),
        Route(
            "d and its interval",
            ("di", "ci_lb", "ci_ub", "ci_level"),
            _d_published,
            optional=_SIZES,
            variance=False,
            sized=False,
            assumed=_d_assumed,
        ),
        Route("d", ("di",), _d),
    ),
    "g_se": (Route("the published effect and SE", ("yi", "sei"), _published, variance=False, sized=False),),
    "g_ci": (
        Route(
            "the published effect and interval",
            ("yi", "ci_lb", "ci_ub", "ci_level"),
            _published,
            variance=False,
            sized=False,
        ),
    ),
    "counts": (Route("counts", ("ai", "n1i", "ci", "n2i"), _counts, _BETWEEN, tested=False, variance=False),),
    "beta": (
        Route("a coefficient and the SD of the outcome", ("bi", "sdi"), _beta, _BETWEEN),
        Route("a coefficient and its SE", ("bi", "sei"), _from_t(_t_of_beta), _ALL),
        Route("exact p", ("pi",), _from_t(_t_of_p), _ALL, _P),
    ),
    "significance": (),
    "direction": (),
}
