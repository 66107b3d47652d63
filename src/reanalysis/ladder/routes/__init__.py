"""From the cells of a declared statistic to an effect size: its routes in order of preference, or why there is none."""

from __future__ import annotations

from reanalysis import effects as es
from reanalysis.ladder.design import Design, tests_contrast
from reanalysis.ladder.routes import correlation, counts, from_t, means, published
from reanalysis.ladder.routes.route import Route, Unconvertible
from reanalysis.results.rows import Effect
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding

ROUTES: dict[str, tuple[Route, ...]] = dict.fromkeys(v.STAT_TYPES, ())
"""The routes of every statistic, in order of preference; a bare direction or statement has none."""
for _family in (means, from_t, correlation, published, counts):
    ROUTES |= _family.ROUTES


def route_of(effect: Effect) -> Route:
    """The route by which an exact effect was computed."""
    return next(route for route in ROUTES[effect.stat_type] if route.name == effect.route)


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
