"""Routes by the t of a contrast: as printed, or as its F, its exact p or its coefficient says."""

from __future__ import annotations

import math
from collections.abc import Callable

from reanalysis import effects as es
from reanalysis.ladder.design import Design
from reanalysis.ladder.routes.lines import Line, hedges_g, sign, sizes, tail
from reanalysis.ladder.routes.opinions import Asked, NoOpinion, Opinion, correlation, standardized, two_sided
from reanalysis.ladder.routes.route import ALL, BETWEEN, WITHIN, P, Route, numbers, signed
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding


def by_t(
    name: str,
    cells: tuple[str, ...],
    t: Callable[[Finding, Design], float],
    line: Callable[[Finding, Design], str],
    second_t: Callable[[Finding, float], float],
    **known,
) -> Route:
    """A route by the t of the contrast.

    Parameters
    ----------
    name, cells, known : as in `Route`.
    t : the t of a finding.
    line : the line of the formula that gives it.
    second_t : the t of a finding as another package finds it, given the degrees of freedom.
    """

    def compute(row: Finding, design: Design, config: Effects) -> es.EffectSize:
        return design.effect_from_t(t(row, design), config.smd_variance)

    def lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
        n, own = sizes(design), Line(line(row, design), ("handbook",))
        if design.metric == "ZCOR":
            z = Line("z = atanh(r)", ("fisher1921",))
            return [own, Line(f"r = t / √(t² + {n.df})"), z, Line(f"v = 1 / ({n.total} − 3)")]
        return hedges_g([own, Line(f"d = t · √({n.error})")], design, vtype)

    def second(asked: Asked) -> list[Opinion | NoOpinion]:
        import pingouin

        if asked.metric == "ZCOR":
            n = asked.finding.ni or int(asked.finding.df2) + 2
            d = pingouin.compute_effsize_from_t(second_t(asked.finding, n - 2), nx=n / 2, ny=n / 2)
            return correlation(asked, pingouin.convert_effsize(d, "cohen", "pointbiserialr", nx=n / 2, ny=n / 2), n)
        sides = asked.sides
        d = pingouin.compute_effsize_from_t(second_t(asked.finding, sides.df), nx=sides.nx, ny=sides.ny)
        return standardized(asked, float(d))

    return Route(name, cells, compute, lines, second, **known)


# ---- t


def _t(row: Finding, design: Design) -> float:
    return float(row.ti)


def _t_line(row: Finding, design: Design) -> str:
    return "t = {ti}"


def _t_second(row: Finding, df: float) -> float:
    return float(row.ti)


# ---- F


def _t_of_f(row: Finding, design: Design) -> float:
    return signed(row, float(es.t_from_f(*numbers(row, "fi", "df1"))))


def _f_line(row: Finding, design: Design) -> str:
    return f"t = {sign(row)}√{{fi}}"


def _f_second(row: Finding, df: float) -> float:
    return v.SIGN.get(row.direction, 0) * math.sqrt(row.fi)


# ---- exact p


def _t_of_p(row: Finding, design: Design) -> float:
    df = float(row.df2) if row.df2 is not None else design.df
    return signed(row, float(es.t_from_p(row.p_two_sided, df)))


def _p_line(row: Finding, design: Design) -> str:
    df = "{df2}" if row.df2 is not None else sizes(design).df
    return f"t = {sign(row)}t(1 − {tail(row)}; df = {df})"


def _p_second(row: Finding, df: float) -> float:
    from scipy import stats

    df = df if row.df2 is None else float(row.df2)
    return v.SIGN.get(row.direction, 0) * float(stats.t.isf(two_sided(row) / 2, df))


def _by_p(metrics: tuple[str, ...], *optional: str) -> Route:
    return by_t("exact p", ("pi",), _t_of_p, _p_line, _p_second, metrics=metrics, optional=(*P, *optional))


# ---- a coefficient


def _t_of_beta(row: Finding, design: Design) -> float:
    return float(row.bi / row.sei)


def _beta_line(row: Finding, design: Design) -> str:
    return "t = {bi} / {sei}"


def _beta_second(row: Finding, df: float) -> float:
    return float(row.bi) / float(row.sei)


def _beta(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.standardized(float(row.bi / row.sdi), design.contrast, vtype=config.smd_variance)


def _beta_sd_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    return hedges_g([Line("d = {bi} / {sdi}")], design, vtype)


def _beta_sd_second(asked: Asked) -> list[Opinion | NoOpinion]:
    return standardized(asked, float(asked.finding.bi) / float(asked.finding.sdi))


paired_t = by_t("paired t", ("ti",), _t, _t_line, _t_second, metrics=WITHIN)
paired_p = _by_p(WITHIN)
ROUTES = {
    "t": (by_t("t", ("ti",), _t, _t_line, _t_second, metrics=ALL),),
    "f": (by_t("F", ("fi", "df1"), _t_of_f, _f_line, _f_second, metrics=ALL),),
    "p": (_by_p(ALL, "df2"),),
    "beta": (
        Route(
            "a coefficient and the SD of the outcome", ("bi", "sdi"), _beta, _beta_sd_lines, _beta_sd_second, BETWEEN
        ),
        by_t("a coefficient and its SE", ("bi", "sei"), _t_of_beta, _beta_line, _beta_second, metrics=ALL),
        _by_p(ALL),
    ),
}
