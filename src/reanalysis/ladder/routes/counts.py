"""The route from events and totals of two groups, by the log odds ratio."""

from __future__ import annotations

import math

import numpy as np

from reanalysis import effects as es
from reanalysis.ladder.design import Design
from reanalysis.ladder.routes.lines import Line
from reanalysis.ladder.routes.opinions import Asked, Opinion
from reanalysis.ladder.routes.route import BETWEEN, Route, numbers, two_groups
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding


def _counts(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    ai, n1i, ci, n2i = numbers(row, "ai", "n1i", "ci", "n2i")
    two_groups(design)
    return es.smd_from_log_or(*es.log_or(ai, n1i - ai, ci, n2i - ci))


def _counts_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    """The log odds ratio as g; half an event is added to each cell of a table that has an empty one."""
    empty = 0 in (row.ai, row.n1i - row.ai, row.ci, row.n2i - row.ci)
    half = " + 0.5" if empty else ""
    a, b, c, d = (f"({cell}{half})" for cell in ("{ai}", "{n1i} − {ai}", "{ci}", "{n2i} − {ci}"))
    works = ("hasselblad1995",)
    return [
        Line(f"ln OR = ln[{a} · {d} / ({c} · {b})]"),
        Line("g = ln OR · √3 / π", works),
        Line(f"v = [1/{a} + 1/{b} + 1/{c} + 1/{d}] · 3 / π²", works),
    ]


def _counts_second(asked: Asked) -> list[Opinion]:
    """statsmodels' log odds ratio, by pingouin's factor to d; half a count is added to a table with an empty cell."""
    import pingouin
    from statsmodels.stats import meta_analysis

    a, n1, c, n2 = numbers(asked.finding, "ai", "n1i", "ci", "n2i")
    empty = 0 in (a, n1 - a, c, n2 - c)
    yi, vi = meta_analysis.effectsize_2proportions(
        *np.array([[a], [n1], [c], [n2]]), statistic="odds-ratio", zero_correction=0.5 if empty else None
    )
    per_d = math.log(pingouin.convert_effsize(1.0, "cohen", "odds_ratio"))
    package = "statsmodels, pingouin"
    return [
        Opinion("yi", package, float(yi[0]) / per_d, scale=asked.se),
        Opinion("vi", package, float(vi[0]) / per_d**2),
    ]


ROUTES = {
    "counts": (
        Route(
            "counts",
            ("ai", "n1i", "ci", "n2i"),
            _counts,
            _counts_lines,
            _counts_second,
            BETWEEN,
            tested=False,
            by_t=False,
        ),
    ),
}
