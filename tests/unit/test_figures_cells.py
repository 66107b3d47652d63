"""The figures of a cell: as many as k allows, complete, readable at any k, numbers as stored."""

import math
from dataclasses import replace
from importlib import import_module

import pytest
from tests.cells import bounded, effect, samples
from tests.drawing import gids, unreadable
from tests.project import NAMES

from reanalysis.figures.cells import DRAW, Stored, cell_figures
from reanalysis.figures.cells_table import PLOTS
from reanalysis.models.pooling import pool
from reanalysis.models.robustness import robustness
from reanalysis.results.rows import Model, ModeratorTest, Refit, Subgroup, Subset, Variant
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.raw import Contrast, Domain, Outcome
from reanalysis.schema.vocabulary import ALTERNATIVES

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
    expected |= {"influence"} if name != "all the evidence" else set()
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
        told = [row for row in stored if row in _told(plot, stored)]
        known = sorted((row.est, row.ci_lb, row.ci_ub) for row in told if row.est is not None)
        assert sorted((row.estimate, row.lower, row.upper) for row in rows if row.estimate is not None) == known
        assert len(rows) == len(told)
    left_out = [row.estimate for row in figures["leave_one_out"][1][:-1] if row.estimate is not None]
    assert left_out == sorted(left_out)


def _told(plot: str, stored: list[Refit]) -> list[Refit]:
    """What a figure shows above its last row, which of a cumulative one is the whole model."""
    if plot == "leave_one_out":
        return stored
    first = next(i for i, row in enumerate(stored) if row.k >= 3 and row.ci_ub - row.ci_lb < 4)
    return stored[first:-1]


def test_a_cumulative_figure_ends_with_all_samples_once(cell):
    _, figures, *_ = cell
    rows = figures["cumulative"][1]
    assert [row.kind for row in rows] == [*["refit"] * (len(rows) - 1), "whole"]
    assert rows[0].k >= 3
    assert [row.k for row in rows] == sorted({row.k for row in rows})
    assert rows[-1].label.endswith("(all samples)")


def test_each_head_says_what_its_rows_are(cell):
    _, figures, *_ = cell
    assert figures["leave_one_out"][1][-1].head == "Study omitted"
    assert figures["cumulative"][1][-1].head == "Study added"


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
        "a": "no estimate",
        "b": "[\N{MINUS SIGN}2.00, \N{INFINITY}]",
        "c": "[\N{MINUS SIGN}1.00, \N{MINUS SIGN}0.20]",
    }
    assert [row.mark_id for row in rows if row.mark_id] == ["without--b", "without--c", rows[-1].mark_id]
    assert unreadable(draw(listed, rows, 180.0)) == []


def longest(row, column):
    """A name as long as the schema allows."""
    return "x" * next(one.max_length for one in row.model_fields[column].metadata if hasattr(one, "max_length"))


@pytest.mark.parametrize("model", MODELS)
def test_the_longest_names_give_files_that_can_be_written(tmp_path, model):
    contrast = longest(Contrast, "contrast")
    names = {"domain": longest(Domain, "domain"), "outcome_group": longest(Outcome, "outcome_group")}
    cell = cells_of(model) | names | {"contrast": contrast}
    left_out = [Refit(**cell, sample_id=one, label=one, k=2, est=0.1, ci_lb=0.0, ci_ub=0.2) for one in "abc"]
    pooled = Model(**cell, headline=True, k_effects=3, k=3, level=0.95, est=0.1, ci_lb=0.0, ci_ub=0.2)
    outcomes = {names["outcome_group"]: NAMES.outcomes["oxt-level"]}
    called = replace(NAMES, contrasts={contrast: NAMES.contrasts["bpd_vs_control"]}, outcomes=outcomes)
    for listed, _ in cell_figures([pooled], Stored(left_out=left_out), called):
        assert "leave_one_out" in listed.file, "the plot with the longest name"
        path = tmp_path / f"{listed.file}.svg"
        path.parent.mkdir()
        path.touch()


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
    assert {row.kind for row in variants} - {"main", "sample left out"} <= set(ALTERNATIVES)


def test_sensitivity_analyses_are_those_of_pools(variants, effects, config):
    """Each alternative but leaving out a sample, which has its own figure; nothing of a single study."""
    pooled = pool(effects, config.models)
    found = list(cell_figures(pooled.models, Stored(variants=variants), NAMES))
    assert found
    for listed, rows in found:
        model = next(one for one in pooled.models if (one.cell, one.model) == (listed.cell, listed.model))
        assert model.k > 1
        own = [row for row in variants if row.fit == model.fit and row.kind not in ("main", "sample left out")]
        different = {(row.k, *map(_near, (row.est, row.ci_lb, row.ci_ub))) for row in own}
        assert {(row.k, *map(_near, (row.estimate, row.lower, row.upper))) for row in _refits(rows)} == different
        assert len(_refits(rows)) == len(different)
        assert rows[-1].interval == ("CrI" if "Bayesian" in listed.model else "CI")
        assert unreadable(draw(listed, rows, 180.0)) == []


def _near(value: float | None) -> float | None:
    return None if value is None else round(value, 9)


def _refits(rows):
    return [row for row in rows if row.kind == "refit"]


# ---------------------------------------------------------------- of made-up models


def model_of(**columns) -> Model:
    known = {"headline": True, "k_effects": 5, "k": 5, "level": 0.95, "est": -0.5, "ci_lb": -1.0, "ci_ub": -0.1}
    return Model(**cells_of("random effects"), **(known | columns))


def variant(kind: str, name: str, est: float) -> Variant:
    return Variant(
        **cells_of("random effects"), kind=kind, variant=name, k=5, est=est, ci_lb=-1.0, ci_ub=0.0, shift=0.0
    )


def test_alternatives_stand_in_the_declared_order_and_each_number_once():
    variants = [
        variant("model choice", "first", -0.4),
        variant("model choice", "second", -0.6),
        variant("several choices", "again", -0.4),
        variant("several choices", "another", -0.5),
        variant("reading", "before", -0.3),
    ]
    ((listed, rows),) = cell_figures([model_of()], Stored(variants=variants), NAMES)
    headings = ("Reading of significance", "Statistical model", "Set of choices")
    assert [row.label for row in rows if row.kind == "heading"] == list(headings)
    assert [row.label for row in _refits(rows)] == ["Before", "First", "Second", "Another"]
    assert "“Set of choices”" in listed.subtitle


def test_levels_of_a_moderator_say_how_they_were_pooled():
    fits = {"a": ("single study", 1), "b": ("common effect", 2), "c": ("random effects", 3)}
    levels = [
        Subgroup(
            **(cells_of(name) | {"variant": "main analysis", "moderator": "exposure", "moderator_label": "class"}),
            **{"level": level, "label": level.upper(), "k": k, "est": -0.2, "ci_lb": -0.6, "ci_ub": 0.2},
        )
        for level, (name, k) in fits.items()
    ]
    cell = {name: value for name, value in cells_of("").items() if name != "model"}
    test = ModeratorTest(
        **cell,
        **{"variant": "main analysis", "moderator": "exposure", "moderator_label": "class", "k_shared": 1},
        **{"QB": 1.25, "QB_df": 2, "QBp": 0.535},
    )
    ((listed, rows),) = cell_figures([model_of()], Stored(subgroups=levels, moderators=[test]), NAMES)
    assert [row.kind for row in rows if row.kind != "note"] == ["single", "pool", "pool", "whole"]
    assert [row.label for row in rows[:3]] == ["A*", "B\N{DAGGER}", "C"]
    *marks, tested = [row.label for row in rows if row.kind == "note"]
    assert marks == ["* A single sample, not pooled.", "\N{DAGGER} Two samples, pooled with a common effect."]
    assert "Q = 1.25, df = 2, p = 0.535" in tested
    assert "1 sample is on several levels: the test" in tested
    assert tested in listed.subtitle
    assert unreadable(draw(listed, rows, 180.0)) == []


@pytest.mark.parametrize(("apart", "drawn"), [(1, False), (3, True)])
def test_gosh_is_drawn_where_heterogeneity_varies(config, apart, drawn):
    """A third of the subsets at least must be heterogeneous."""
    pooled = pool(outlying(8), config.models)
    found = robustness(pooled.units, config.models, config.robustness)
    subsets = [
        Subset(**{name: getattr(row, name) for name in (*cells_of(""), "samples", "k", "est")}, tau2=0.1 * (i < apart))
        for i, row in enumerate(found.subsets[:6])
    ]
    stored = Stored(subsets=subsets, subset_samples=found.subset_samples)
    assert ("gosh" in {row.plot for row, _ in cell_figures(pooled.models, stored, NAMES)}) == drawn


def test_a_funnel_is_symmetric_around_the_pooled_effect(config):
    """So that a missing half shows; both sides are named."""
    listed, rows = drawn(outlying(13), config)[0]["funnel"]
    (model,) = (row for row in rows if row.kind == "model")
    (ax,) = draw(listed, rows, 180.0).axes
    (dashed,) = (line for line in ax.get_lines() if line.is_dashed())
    (frame,) = (patch for patch in ax.patches if patch.get_facecolor()[3] == 0 and patch.get_zorder() == 3)
    assert dashed.get_xdata()[0] == pytest.approx(frame.get_x() + frame.get_width() / 2)
    said = {text.get_text() for text in ax.texts}
    assert {f"\N{LEFTWARDS ARROW} {model.left}", f"{model.right} \N{RIGHTWARDS ARROW}"} <= said


def test_what_is_constant_has_no_scale(config):
    listed, rows = drawn(CELLS["one in agreement"](), config)[0]["influence"]
    (ax,) = draw(listed, rows, 180.0).axes
    said = [text.get_text() for text in ax.texts]
    assert "always" in said
    assert not any("e\N{MINUS SIGN}" in text for text in said)
