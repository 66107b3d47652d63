"""The figures of a cell: as many as k allows, complete, readable at any k, numbers as stored."""

import math
from importlib import import_module

import pytest
from tests.cells import bounded, effect, samples
from tests.drawing import gids, unreadable
from tests.project import NAMES

from reanalysis.figures.cells import DRAW, Stored, cell_figures
from reanalysis.figures.cells_table import PLOTS
from reanalysis.figures.refits_table import KINDS
from reanalysis.models.pooling import pool
from reanalysis.models.robustness import robustness
from reanalysis.results.rows import Model, Refit

WIDTHS = (120.0, 180.0)
LONG = "van der Meer-Oosterhuis, Kluczniok-Wolfensberger and the Oxytocin Consortium of the North 2019 (Horm Behav)"


def outlying(k: int, **cells):
    """Samples of different sizes, of which one stands apart."""
    return [
        effect(f"s{i:03d}", 1.4 if i == 3 else one.yi, 0.02 + 0.3 / (i + 3), n1i=20 + i, year=1990 + i % 30, **cells)
        for i, one in enumerate(samples(k))
    ]


def drawn(effects, config, variants=()):
    """Each figure of the cells by its kind: its row, its table and what draws it; and what was stored."""
    pooled = pool(effects, config.models)
    found = robustness(pooled.units, config.models, config.robustness)
    stored = Stored(units=pooled.units, variants=variants, **found._asdict())
    return {row.plot: (row, rows) for row, rows in cell_figures(pooled.models, stored, NAMES)}, pooled, found


def draw(row, rows, width):
    """The figure of a row of the list."""
    module, _, function = DRAW[row.plot].partition(":")
    return getattr(import_module(module), function)(rows, width)


CELLS = {
    "few": lambda: outlying(5),
    "enough for a funnel": lambda: outlying(13),
    "many": lambda: outlying(100),
    "long names": lambda: outlying(12, label=LONG),
    "of one size": lambda: samples(10),
    "one in agreement": lambda: [effect(f"s{i}", -0.5, 0.04 + 0.01 * i) for i in range(6)],
    "all the evidence": lambda: [*outlying(3), *(bounded(f"b{i}", -math.inf, -0.38) for i in range(4))],
}


CONSTANT = ("one in agreement", "all the evidence")  # where tau is the same in all subsets


@pytest.fixture(scope="module", params=CELLS)
def cell(request, config):
    return request.param, *drawn(CELLS[request.param](), config)


def test_which_figures_k_samples_allow(cell):
    name, figures, *_ = cell
    expected = {"leave_one_out", "cumulative"} | ({"gosh"} if name not in CONSTANT else set())
    expected |= {"influence", "baujat"} if name != "all the evidence" else set()
    expected |= {"funnel"} if name in ("enough for a funnel", "many", "long names", "of one size") else set()
    assert set(figures) == expected


def test_text_can_be_read_and_every_mark_is_a_row(cell):
    name, figures, *_ = cell
    for plot, (listed, rows) in figures.items():
        assert all(isinstance(row, PLOTS[plot]) for row in rows)
        for width in WIDTHS:
            figure = draw(listed, rows, width)
            assert unreadable(figure) == [], f"{plot} of {name}, {width} mm"
            assert sorted(gids(figure)) == sorted(row.mark_id for row in rows if getattr(row, "mark_id", None))


def test_two_or_four_samples_have_no_figures(config):
    for k in (1, 2, 4):
        assert drawn(samples(k), config)[0] == {}


def test_refits_are_the_stored_ones_and_end_with_the_whole_model(cell):
    _, figures, pooled, found = cell
    model = next(model for model in pooled.models if model.model == found.left_out[0].model)
    for plot, stored in (("leave_one_out", found.left_out), ("cumulative", found.cumulative)):
        *rows, whole = figures[plot][1]
        assert (whole.estimate, whole.lower, whole.upper) == (model.est, model.ci_lb, model.ci_ub)
        known = sorted((row.est, row.ci_lb, row.ci_ub) for row in stored if row.est is not None)
        assert sorted((row.estimate, row.lower, row.upper) for row in rows if row.estimate is not None) == known
        assert len(rows) == len(stored)
    left_out = [row.estimate for row in figures["leave_one_out"][1][:-1] if row.estimate is not None]
    assert left_out == sorted(left_out)


def test_each_subset_with_an_estimate_is_in_one_cell(cell):
    _, figures, _, found = cell
    if "gosh" not in figures:
        return
    cells = figures["gosh"][1]
    known = [row for row in found.subsets if row.est is not None]
    assert sum(row.subsets for row in cells) == len(known)
    for one in known[:50]:
        tau = math.sqrt(one.tau2)
        places = (
            (c.est_from - 1e-9 < one.est < c.est_to + 1e-9, c.tau_from - 1e-9 < tau < c.tau_to + 1e-9) for c in cells
        )
        assert (True, True) in places, f"subset {one.samples}"


def test_the_sample_that_moves_the_estimates_most_is_named(config):
    figures, *_ = drawn(outlying(8), config)
    assert {row.sample_id for row in figures["gosh"][1]} == {"s003"}
    assert figures["baujat"][1][0].mark_id == "baujat--s003"
    flagged = {row.mark_id for row in figures["influence"][1] if row.flagged}
    assert flagged == {f"{row.measure}--s003" for row in figures["influence"][1]}


def test_limits_contours_and_p_are_the_stored_ones(cell):
    _, figures, pooled, found = cell
    if "influence" in figures:
        limits = {row.measure: (row.low, row.high, row.middle) for row in found.limits}
        assert {row.measure: (row.low, row.high, row.middle) for row in figures["influence"][1]} == limits
    if "funnel" in figures:
        _, rows = figures["funnel"]
        assert [(row.pval, row.slope) for row in rows if row.kind == "contour"] == [
            (row.pval, row.slope) for row in found.contours
        ]
        units = {f"funnel--{unit.sample_id}": (unit.yi, unit.sei, unit.pval) for unit in pooled.units}
        assert {row.mark_id: (row.estimate, row.se, row.pval) for row in rows if row.kind == "sample"} == units


def test_the_funnel_names_its_test(config):
    figures, _, found = drawn(outlying(13), config)
    (test,) = found.asymmetry
    assert f"p = {test.pval:.3f}" in figures["funnel"][0].subtitle
    assert "one size" in drawn(samples(10), config)[0]["funnel"][0].subtitle


def test_without_an_estimate_there_is_an_interval_or_nothing(config):
    """A subset of half lines has no maximum: the table says so, and no mark is drawn that would look like an effect."""
    model = Model(
        **cells_of("all evidence"), headline=False, k_effects=3, k=3, level=0.95, est=-0.5, ci_lb=-1.0, ci_ub=-0.1
    )
    ends = {"a": (-math.inf, math.inf), "b": (-2.0, math.inf), "c": (-1.0, -0.2)}
    stored = [
        Refit(
            **cells_of("all evidence"),
            sample_id=name,
            label=name,
            k=2,
            est=math.nan,
            ci_lb=low,
            ci_ub=high,
            tau2=math.nan,
        )
        for name, (low, high) in ends.items()
    ]
    ((listed, rows),) = cell_figures([model], Stored(left_out=stored), NAMES)
    assert {row.label: row.effect for row in rows[:-1]} == {
        "Omitting a": "no estimate",
        "Omitting b": "[\N{MINUS SIGN}2.00, \N{INFINITY}]",
        "Omitting c": "[\N{MINUS SIGN}1.00, \N{MINUS SIGN}0.20]",
    }
    assert [row.mark_id for row in rows if row.mark_id] == ["without--b", "without--c", rows[-1].mark_id]
    assert unreadable(draw(listed, rows, 180.0)) == []


def cells_of(model: str) -> dict[str, str]:
    return {
        "domain": "early-stress",
        "contrast": "bpd_vs_control",
        "outcome_group": "oxt-level",
        "metric": "SMD",
        "model": model,
    }


# ---------------------------------------------------------------- under other choices, on real evidence


def test_every_kind_of_alternative_has_a_heading(variants):
    assert {row.kind for row in variants} - {"main", "sample left out"} <= set(KINDS)


def test_sensitivity_analyses_are_those_of_pools(variants, effects, config):
    """Each alternative but leaving out a sample, which has its own figure; nothing of a single study."""
    pooled = pool(effects, config.models)
    found = list(cell_figures(pooled.models, Stored(variants=variants), NAMES))
    assert found
    for listed, rows in found:
        model = next(one for one in pooled.models if (one.cell, one.model) == (listed.cell, listed.model))
        assert model.k > 1
        own = [row for row in variants if row.fit == model.fit and row.kind not in ("main", "sample left out")]
        assert sum(row.kind == "refit" for row in rows) == len(own)
        assert unreadable(draw(listed, rows, 180.0)) == []
