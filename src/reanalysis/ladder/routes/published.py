"""Routes from a standardized difference that the source prints: Cohen's d, or an effect that is taken as it stands."""

from __future__ import annotations

from reanalysis import effects as es
from reanalysis.ladder.design import Design
from reanalysis.ladder.routes.lines import Line, hedges_g, sizes
from reanalysis.ladder.routes.opinions import Asked, NoOpinion, Opinion, corrected, printed_error, standardized
from reanalysis.ladder.routes.route import Route, numbers
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding

SIZES = ("n1i", "n2i", "ni")


def _sei(row: Finding) -> float:
    """The printed standard error of an effect, or that of its printed interval, taken to be Wald's."""
    if row.sei is not None:
        return float(row.sei)
    return float(es.sei_from_ci(*numbers(row, "ci_lb", "ci_ub", "ci_level")))


def _sei_text(row: Finding) -> str:
    """The printed standard error, or that of the printed interval."""
    if row.sei is not None:
        return "{sei}"
    return "[({ci_ub} − {ci_lb}) / (2 · Φ⁻¹((1 + {ci_level})/2))]"


# ---- an effect as published


def _published(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.effect_from_sei(float(row.yi), _sei(row))


def _published_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    return [Line("y = {yi}"), Line(f"v = {_sei_text(row)}²", ("handbook",))]


def _published_second(asked: Asked) -> list[Opinion]:
    return [
        Opinion("yi", "as printed", float(asked.finding.yi), scale=asked.se),
        Opinion("vi", "scipy.stats", printed_error(asked.finding) ** 2),
    ]


# ---- Cohen's d and sample sizes


def _d(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.standardized(float(row.di), design.contrast, vtype=config.smd_variance)


def _d_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    return hedges_g([Line("d = {di}")], design, vtype)


def _d_second(asked: Asked) -> list[Opinion | NoOpinion]:
    return standardized(asked, float(asked.finding.di))


# ---- Cohen's d and its own error


def _d_and_error(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    df = design.df if design.known else _implied_n(row, design) - (2 if design.metric == "SMD" else 1)
    return es.corrected(float(row.di), _sei(row), df)


def _implied_n(row: Finding, design: Design) -> float:
    """Participants that the standard error of a d implies: two groups of equal size, or pairs.

    The large-sample variance, `4 / n + d^2 / (2n)` or `1 / n + d^2 / (2n)`, solved for n.
    """
    error = 4 if design.metric == "SMD" else 1
    return (error + float(row.di) ** 2 / 2) / _sei(row) ** 2


def _d_assumed(row: Finding, design: Design) -> str:
    return "" if design.known else f"as many participants as the standard error implies ({_implied_n(row, design):.0f})"


def _d_and_error_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    df, implied = sizes(design).df, []
    if not design.known:
        error, lost = ("4", 2) if design.metric == "SMD" else ("1", 1)
        df, implied = f"n − {lost}", [Line(f"n = ({error} + {{di}}²/2) / se²")]
    g = Line(f"g = J({df}) · {{di}}", ("hedges1981",))
    return [Line(f"se = {_sei_text(row)}"), *implied, g, Line(f"v = J({df})² · se²", ("borenstein2009",))]


def _d_and_error_second(asked: Asked) -> list[Opinion]:
    """Where no participants are known, or too few for a variance, by those that the error implies."""
    from scipy import optimize

    d, sei, sides = float(asked.finding.di), printed_error(asked.finding), asked.sides
    if sides and sides.df >= 2:
        return corrected(asked, d, sei, sides.df)
    error, lost = (4, 2) if asked.metric == "SMD" else (1, 1)
    n = optimize.brentq(lambda n: (error + d**2 / 2) / n - sei**2, 1e-6, 1e12)
    return corrected(asked, d, sei, n - lost)


def _by_its_error(name: str, *cells: str) -> Route:
    return Route(
        name,
        ("di", *cells),
        _d_and_error,
        _d_and_error_lines,
        _d_and_error_second,
        optional=SIZES,
        by_t=False,
        sized=False,
        assumed=_d_assumed,
    )


def _as_printed(name: str, *cells: str) -> Route:
    own = (_published, _published_lines, _published_second)
    return Route(name, ("yi", *cells), *own, by_t=False, sized=False)


INTERVAL = ("ci_lb", "ci_ub", "ci_level")
ROUTES = {
    "d": (
        Route("d", ("di", "n1i", "n2i"), _d, _d_lines, _d_second),
        _by_its_error("d and its SE", "sei"),
        _by_its_error("d and its interval", *INTERVAL),
        Route("d", ("di",), _d, _d_lines, _d_second),
    ),
    "g_se": (_as_printed("the published effect and SE", "sei"),),
    "g_ci": (_as_printed("the published effect and interval", *INTERVAL),),
}
