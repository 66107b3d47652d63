"""Routes from a printed correlation, on the scale of Fisher's z."""

from __future__ import annotations

import math

from reanalysis import effects as es
from reanalysis import numeric
from reanalysis.ladder.design import Design
from reanalysis.ladder.routes.lines import Line, tail
from reanalysis.ladder.routes.opinions import Asked, Opinion, correlation, of_ranks, two_sided
from reanalysis.ladder.routes.route import P, Route, Unconvertible
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding


def _kind(row: Finding) -> str:
    return "spearman" if row.r_kind == "spearman" else "pearson"


def _assumed(row: Finding, design: Design) -> str:
    return "a Pearson correlation" if row.r_kind == "unknown" else ""


def _z_lines(row: Finding, variance: str, *works: str) -> list[Line]:
    """The lines of z and of its variance, which that of ranks is wider than."""
    wider, ranks = ("(1 + {ri}²/2) · ", ("bonett2000",)) if _kind(row) == "spearman" else ("", ())
    return [Line("z = atanh({ri})", ("fisher1921",)), Line(f"v = {wider}{variance}", (*ranks, *works))]


# ---- with its n


def _r(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.zcor(float(row.ri), row.ni, kind=_kind(row))


def _r_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    return _z_lines(row, "1 / ({ni} − 3)")


def _r_second(asked: Asked) -> list[Opinion]:
    return correlation(asked, float(asked.finding.ri), asked.finding.ni)


# ---- with its p


def _r_and_p(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    """Where n is not printed the p fixes the standard error: the effect divided by its normal quantile.

    Cochrane Handbook (version 6, section 6.3, on standard errors from p values). The p of a Spearman correlation is
    that of Pearson's test, and its variance larger by the factor of `effects.zcor`.
    """
    yi, z = math.atanh(float(row.ri)), abs(float(numeric.norm_ppf(row.p_two_sided / 2)))
    if yi == 0 or z == 0:
        raise Unconvertible("n not known, and a correlation of zero, or a p of 1, does not tell it")
    wider = math.sqrt(1 + float(row.ri) ** 2 / 2) if _kind(row) == "spearman" else 1.0
    return es.effect_from_sei(yi, wider * abs(yi) / z)


def _r_and_p_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    return _z_lines(row, f"(z / Φ⁻¹(1 − {tail(row)}))²", "handbook")


def _r_and_p_second(asked: Asked) -> list[Opinion]:
    """The p says how many standard errors the correlation lies from zero."""
    from scipy import stats

    z = math.atanh(float(asked.finding.ri))
    vi = float((z / stats.norm.isf(two_sided(asked.finding) / 2)) ** 2)
    return [
        Opinion("yi", "scipy.stats", z, scale=asked.se),
        of_ranks(asked.finding, Opinion("vi", "scipy.stats", vi)),
    ]


ROUTES = {
    "r": (
        Route("r", ("ri", "ni"), _r, _r_lines, _r_second, ("ZCOR",), ("r_kind",), assumed=_assumed),
        Route(
            "r and its p",
            ("ri", "pi"),
            _r_and_p,
            _r_and_p_lines,
            _r_and_p_second,
            ("ZCOR",),
            ("r_kind", *P),
            sized=False,
            assumed=_assumed,
        ),
    ),
}
