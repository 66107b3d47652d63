"""The forest plot: whatever the evidence, all of it can be read, and marks stand where the numbers say."""

import math
import re
from dataclasses import replace
from functools import cache
from io import BytesIO
from itertools import pairwise, product

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, Rectangle
from PIL import Image
from tests.cells import bounded, effect, samples
from tests.drawing import gids, unreadable
from tests.project import CONTRASTS, NAMES

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import Numbers
from reanalysis.figures.footnotes import DAGGER
from reanalysis.figures.forest import ARROW, draw_forest, weight_text
from reanalysis.figures.forest_models import NO_PREDICTION
from reanalysis.figures.forest_row import LISTS, ForestRow
from reanalysis.figures.forest_table import CROSSOVER, forest_table, has_size, panel_table
from reanalysis.models.moderators import compare
from reanalysis.models.pooling import pool, sample_units
from reanalysis.results.rows import MAIN
from reanalysis.schema.cell_models import ALL_EVIDENCE, RANDOM_EFFECTS
from reanalysis.schema.review import Panel
from reanalysis.schema.vocabulary import METRICS
from reanalysis.synthesis.answers import _quoted
from reanalysis.text import number, p_value

LONG = "A consortium of many hospitals in five countries, its steering committee, 2024"
OUTCOME = (
    "peripheral oxytocin, measured four times after a task of social exclusion and averaged, in plasma of women only"
)
WORD = "Donaudampfschifffahrtsgesellschaftskapitaenswitwenrentenauszahlungsstelle"
FACTS = {"outcome": "baseline oxytocin level", "matrix": "plasma", "assay": "elisa", "year": 2020}


def exact(k: int, **cells) -> list:
    """So many samples with an exact effect."""
    return [replace(one, n2i=9 + 31 * i, **(FACTS | cells)) for i, one in enumerate(samples(k))]


def mixed(k: int, **cells) -> list:
    """So many samples: half of them exact, the others with bounds, a direction, or nothing."""
    rungs = (
        {},
        {"rung": "bounded", "yi": None, "vi": None, "yi_lb": -math.inf, "yi_ub": -0.4},
        {},
        {"rung": "direction", "yi": None, "vi": None, "yi_lb": 0.0, "yi_ub": math.inf},
        {},
        {
            "rung": "unusable",
            "yi": None,
            "vi": None,
            "n1i": None,
            "why": "result not available (full text not obtained)",
        },
    )
    return [replace(one, **rungs[i % len(rungs)]) for i, one in enumerate(exact(k, **cells))]


EVIDENCE = {
    **{f"{k} exact": exact(k) for k in (1, 2, 5, 10)},
    **{f"{k} mixed": mixed(k) for k in (2, 10, 40, 100)},
    "long names": mixed(6, label=LONG, outcome=OUTCOME),
    "long words": mixed(6, label=WORD[:60], outcome=WORD, matrix=WORD[:30]),
    "doses": mixed(6, matrix=None, assay=None, dose="24", dose_unit="IU"),
    "no details": exact(3, matrix=None, assay=None),
    "large samples": exact(3, n1i=1234567),
    "small effects": [effect(f"s{i}", 0.1 * math.sin(i), 0.01) for i in range(6)],
    "heterogeneous": [effect(f"s{i}", math.sin(i), 0.01) for i in range(8)],
    "beyond the plot": [effect("a", -7, 0.04), effect("b", 5, 0.3), effect("c", -0.2, 9), effect("d", 3.4, 0.5)],
    "open bounds": [bounded("a", -math.inf, -0.4), bounded("b", 0.3, math.inf), bounded("c", -math.inf, -5)],
    "wide bounds": [bounded("a", -4, 9), bounded("b", 3.5, 9)],
    "nothing usable": [one for one in mixed(12) if one.rung == "unusable"],
    "excluded": [*mixed(6), *(replace(one, use="excluded", use_why=2 * f"{OUTCOME}; ") for one in mixed(6))],
    "all contrasts": [
        replace(one, contrast=name, comparison=kind, metric="ZCOR" if kind == "association" else "SMD", ni=80)
        for name, kind in ((name, contrast.comparison) for name, contrast in CONTRASTS.items())
        for one in mixed(3)
    ],
}


@pytest.fixture(scope="module")
def tables(config):
    """The rows of the figure of each kind of evidence."""
    pools = {name: pool(effects, config.models) for name, effects in EVIDENCE.items()}
    return {name: forest_table(rows, pools[name].models, pools[name].units, NAMES) for name, rows in EVIDENCE.items()}


@pytest.fixture(scope="module")
def draw(tables):
    """Draws a kind of evidence at a width, once."""
    return cache(lambda name, width: draw_forest(tables[name], width))


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


# ---------------------------------------------------------------- whatever the evidence


@pytest.mark.parametrize(("name", "width"), [*product(EVIDENCE, (170, 180)), ("long names", 400), ("10 mixed", 400)])
def test_all_text_can_be_read(name, width, draw):
    assert unreadable(draw(name, width)) == []


@pytest.mark.parametrize("name", EVIDENCE)
def test_every_finding_and_model_is_a_mark_with_its_id(name, tables, draw):
    rows = [row for row in tables[name] if row.kind in ("finding", "model")]
    assert sorted(gids(draw(name, 180))) == sorted(row.mark_id for row in rows)


@pytest.mark.parametrize("name", EVIDENCE)
def test_an_axis_has_one_metric_and_lists_have_none(name, tables, draw):
    panels = list(dict.fromkeys(row.panel for row in tables[name]))
    axes = [line.get_gid() for line in draw(name, 180).axes[0].lines if (line.get_gid() or "").startswith("axis_")]
    assert [gid.split("_")[1] for gid in axes] == [panel for panel in panels if panel in METRICS]
    for row in tables[name]:
        if row.kind == "finding" and row.panel in METRICS:
            assert row.panel == row.metric
            assert row.use == "main"
            assert row.rung != "unusable"


def test_an_axis_needs_a_size(tables):
    assert has_size(tables["10 mixed"])
    assert not has_size(tables["nothing usable"])
    assert not has_size(forest_table([], [], [], NAMES))


def test_what_is_excluded_stands_in_a_block_at_the_end(tables):
    panels = [row.panel for row in tables["excluded"]]
    assert panels == sorted(panels, key=[*METRICS, *LISTS].index)
    excluded = [row for row in tables["excluded"] if row.use == "excluded"]
    assert {row.panel for row in excluded} == {"excluded"}
    assert all(row.note for row in excluded)
    assert all(row.weight is None for row in excluded)


def test_findings_stand_by_year(config):
    years = (2015, 1999, 2021, 2003)
    effects = [replace(one, year=year) for one, year in zip(samples(4), years, strict=True)]
    rows = [row for row in forest_table(effects, [], [], NAMES) if row.kind == "finding"]
    assert [row.year for row in rows] == sorted(years)


@pytest.mark.parametrize("name", EVIDENCE)
def test_what_the_table_says_is_printed(name, tables, draw):
    page = " ".join(texts(draw(name, 180)))
    for row in tables[name]:
        assert all(part in page for part in (row.effect or "").split() if row.kind in ("finding", "model"))
        assert row.weight is None or weight_text(row.weight) in page


def test_a_page_is_as_long_as_its_rows_need(draw):
    """Text never shrinks: 40 samples fit a page of A4, 100 do not."""
    high = {k: draw(f"{k} mixed", 180).get_size_inches()[1] * 25.4 for k in (10, 40, 100)}
    assert (high[100] - high[40]) / 60 < 4.3
    assert high[40] < 260


def test_other_marks_than_those_of_the_page_are_not_explained(draw):
    one, ten, apart = (texts(draw(name, 180)) for name in ("1 exact", "10 exact", "heterogeneous"))
    exact, main = m.KEYS["exact"].format(level="95%"), f"{m.KEYS['main']} (random-effects model)"
    assert exact in one
    assert main not in one
    assert {f"{exact}; area of the square, its weight", main} <= set(ten)
    assert m.KEYS["prediction"] in apart
    assert m.KEYS["bounded"].format(level="95%") not in ten


def test_a_prediction_interval_at_the_end_of_the_range_of_tau_is_not_shown(tables, draw, config):
    """It would be the interval of the average, under another name."""
    (model,) = (model for model in pool(EVIDENCE["10 exact"], config.models).models if model.headline)
    assert model.boundary
    assert model.pi_lb is not None
    (row,) = (row for row in tables["10 exact"] if row.kind == "model" and row.use == "main")
    assert (row.pi_lower, row.pi_upper) == (None, None)
    assert NO_PREDICTION in row.heterogeneity
    assert NO_PREDICTION in " ".join(texts(draw("10 exact", 180)))
    assert m.KEYS["prediction"] not in texts(draw("10 exact", 180))
    (other,) = (row for row in tables["heterogeneous"] if row.kind == "model" and row.use == "main")
    assert f"prediction interval {number(other.pi_lower)} to {number(other.pi_upper)}" in other.heterogeneity


def test_the_estimate_that_is_quoted_stands_first_and_is_the_only_filled_one(tables, config):
    for name in ("10 exact", "10 mixed", "40 mixed", "open bounds"):
        models = pool(EVIDENCE[name], config.models).models
        rows = [row for row in tables[name] if row.kind == "model"]
        quoted = _quoted(models)
        assert [row.use for row in rows] == ["main"] + ["other"] * (len(rows) - 1)
        assert (rows[0].model, rows[0].estimate) == (quoted.model, quoted.est)
    shown = {row.model for row in tables["10 exact"] if row.kind == "model"}
    assert shown == {RANDOM_EFFECTS}, "where all have an effect size, the posterior adds a prior alone"


@pytest.mark.parametrize(
    ("name", "head"), [("10 exact", "[95% CI]"), ("10 mixed", "[95% CI or CrI]"), ("40 mixed", "[95% CI or CrI]")]
)
def test_an_interval_is_called_what_it_is(name, head, draw):
    assert any(text.endswith(head) for text in texts(draw(name, 180)))


def test_a_lone_number_has_no_axis(tables, draw):
    """It stands in a list with its effect and interval, and what a negative value means."""
    (heading, row) = tables["1 exact"]
    assert (heading.label, row.panel) == (LISTS["single"], "single")
    assert row.effect == f"g {number(row.estimate)} [{number(row.lower)}, {number(row.upper)}]"
    assert row.note == "below zero: lower in BPD"
    assert not [line for line in draw("1 exact", 180).axes[0].lines if (line.get_gid() or "").startswith("axis_")]


def test_what_is_reported_as_no_difference_is_told_from_what_is_not_reported(config):
    nothing = {"rung": "unusable", "yi": None, "vi": None}
    effects = [effect("a", direction="none", **nothing), effect("b", direction="unclear", **nothing)]
    rows = forest_table(effects, [], [], NAMES)
    assert [(row.panel, row.effect) for row in rows if row.kind == "finding"] == [
        ("none", "no difference"),
        ("unusable", "NR"),
    ]
    shapes = {
        child.get_gid(): type(child) for child in draw_forest(rows, 180).axes[0].get_children() if child.get_gid()
    }
    assert shapes["a--primary"] is Circle
    assert shapes["b--primary"] is Line2D


def test_small_shares_are_not_told_apart():
    assert [weight_text(weight) for weight in (0.0, 0.04, 0.1, 9.96)] == ["<0.1%", "<0.1%", "0.1%", "10.0%"]


def test_weights_stand_only_beside_a_model_that_has_them(tables, draw):
    """Shares of the information of a model without an estimate are not printed."""
    assert "Weight" in texts(draw("10 exact", 180))
    assert "Information" in texts(draw("10 mixed", 180))
    for rows in tables.values():
        for row in (row for row in rows if row.weight is not None):
            assert row.weight_of in {one.model for one in rows if one.kind == "model" and one.cell == row.cell}


def test_arms_and_crossovers_have_a_footnote(config):
    """A group that several arms share is counted once; a dagger tells participants who were in both groups."""
    arms = [
        replace(
            effect(name, design=design), sample_id="s", cohort_id="s", group_1=name, group_2="placebo", population="p"
        )
        for name, design in (("a", "parallel"), ("b", "parallel"))
    ]
    others = [replace(one, group_2="placebo", design="crossover_as_groups", population="p") for one in samples(3)]
    pooled = pool([*arms, *others], config.models)
    rows = forest_table([*arms, *others], pooled.models, pooled.units, NAMES)
    by_mark = {row.mark_id: row.footnotes for row in rows if row.kind == "finding"}
    assert by_mark["a--primary"] == by_mark["b--primary"]
    assert "shares its placebo group" in by_mark["a--primary"][0]
    assert by_mark["s01--primary"] == (CROSSOVER,)
    page = texts(draw_forest(rows, 180))
    assert {f"{DAGGER}: C{CROSSOVER[1:]}.", DAGGER, "a"} <= set(page)


@pytest.mark.parametrize("name", ["10 exact", "10 mixed", "long names", "doses"])
def test_the_plot_has_a_third_of_the_width(name, draw):
    ends = [line for line in draw(name, 180).axes[0].lines if (line.get_gid() or "").startswith("axis_")]
    for line in ends:
        left, right = line.get_xdata()
        assert right - left + 2 * ARROW >= 180 / 3 - 1e-9


def test_a_pool_says_what_journals_print(tables, config):
    """In the form of RevMan, from the columns of the model alone."""
    (row,) = (row for row in tables["10 exact"] if row.kind == "model" and row.use == "main")
    (model,) = (model for model in pool(EVIDENCE["10 exact"], config.models).models if model.headline)
    assert row.test == f"t = {number(model.zval)}, df = 9 ({p_value(model.pval).replace('p', 'P', 1)})"
    assert model.zval == pytest.approx(model.est / model.se)
    assert row.heterogeneity.startswith(f"Tau² = {number(model.tau2)} (95% interval ")
    assert f"Chi² = {number(model.QE)}, df = 9 (P" in row.heterogeneity
    assert f"I² = {number(model.I2, 0)}%" in row.heterogeneity


def test_what_a_model_says_of_itself_stands_with_its_number(tables, config):
    for model in pool(EVIDENCE["10 mixed"], config.models).models:
        rows = [row for row in tables["10 mixed"] if row.kind == "model" and row.estimate == model.est]
        assert not rows or not model.note or model.note[1:] in "; ".join(rows[0].footnotes)


def test_diamonds_are_pools(tables, draw, config):
    """Several effects of one study have a mean, which is a square."""
    one = [replace(effect, sample_id="s", cohort_id="s") for effect in samples(3)]
    pooled = pool(one, config.models)
    rows = forest_table(one, pooled.models, pooled.units, NAMES)
    (mean,) = (row for row in rows if row.kind == "model")
    shapes = {patch.get_gid(): type(patch) for patch in draw_forest(rows, 180).axes[0].patches if patch.get_gid()}
    assert shapes[mean.mark_id] is Rectangle
    for row in tables["10 exact"]:
        if row.kind == "model":
            (patch,) = (patch for patch in draw("10 exact", 180).axes[0].patches if patch.get_gid() == row.mark_id)
            assert type(patch) is Polygon


# ---------------------------------------------------------------- subgroups


def test_studies_by_a_moderator_stand_in_its_subgroups(config):
    """Each of two samples or more has its model; then the whole, and the test between them, as they are stored."""
    levels = ("a", "a", "a", "b", "c", "a", "b")
    effects = [replace(one, exposure=level) for one, level in zip(samples(7), levels, strict=True)]
    effects[-1] = replace(effects[-1], sample_id="s00", cohort_id="s00")
    pooled = pool(effects, config.models)
    units = {
        level: sample_units([one for one in effects if one.exposure == level], config.models)
        for level in dict.fromkeys(levels)
    }
    subgroups, test = compare(units, {level: level for level in units}, ("exposure", "kind"), MAIN, config.models)
    panel = Panel(
        name="p", kind="studies", heading="h", title="t", subtitle="s", by={"exposure": {"b": "B", "a": "A", "c": "C"}}
    )
    rows = panel_table(panel, effects, pooled.models, pooled.units, NAMES, [], subgroups, [test])
    assert [row.label for row in rows if row.kind == "level"] == ["B", "A", "C"]
    models = {row.mark_id: row for row in rows if row.kind == "model" and row.use == "subgroup"}
    assert list(models) == ["subgroup--b", "subgroup--a"], "a single sample has no diamond of its own"
    for one in subgroups[:2]:
        row = models[f"subgroup--{one.level}"]
        assert (row.estimate, row.lower, row.upper, row.k) == (one.est, one.ci_lb, one.ci_ub, one.k)
    assert ["common effect" in " ".join(models[name].footnotes) for name in models] == [True, False]
    last = rows[-1]
    assert last.kind == "test"
    assert f"Q between = {number(test.QB)}, df = 2 ({p_value(test.QBp).replace('p', 'P', 1)})" in last.label
    assert "1 sample with results in several subgroups" in last.footnotes[0]
    assert all(row.exposure is None for row in rows)
    assert unreadable(draw_forest(rows, 180)) == []


# ---------------------------------------------------------------- columns


def test_decimal_points_stand_below_one_another(draw):
    points, ends = [], []
    for text in draw("10 exact", 180).axes[0].texts:
        if part := re.fullmatch(r"[−\d]+(\.\d\d)", text.get_text()):
            points.append(text.get_position()[0] - s.text_width(part[1], text.get_fontsize(), text.get_weight()))
        if text.get_text().startswith("["):
            ends.append(text.get_position()[0])
    assert min(len(points), len(ends)) >= 10
    for places in (points, ends):
        assert max(places) - min(places) == pytest.approx(0, abs=1e-9)


def test_a_column_of_effects_is_as_wide_as_what_stands_in_it():
    whole, words = "−0.75 [−1.23, −0.27]", "lower with the longest name of a treatment"
    before, after, ends = (s.text_width(part, s.BODY) for part in ("−0", ".75", "[−1.23, −0.27]"))
    numbers = Numbers.of([(whole, "normal")], s.BODY)
    assert before + after + ends < numbers.width < before + after + ends + 2
    both = Numbers.of([(whole, "normal"), (words, "normal"), ("[−0.65, 0.65]", "normal")], s.BODY)
    assert both.width == pytest.approx(s.text_width(words, s.BODY))
    assert both.width - both.point == pytest.approx(numbers.width - numbers.point), "beside its interval"
    assert Numbers.of([], s.BODY).width == 0


def test_words_are_broken_only_where_they_must_be():
    assert s.wrap("one two", 100, s.BODY) == ["one two"]
    assert s.wrap("model of 12 = k samples", s.text_width("model of 12 =", s.BODY), s.BODY)[0] == "model of"
    parts = s.wrap(f"a {WORD} z", 20, s.BODY)
    assert "".join(parts).replace(" ", "") == f"a{WORD}z"
    assert all(s.text_width(part, s.BODY) <= 20 for part in parts)
    assert s.wrap("gene-environment-correlation", 22, s.BODY)[0].endswith("-")
    assert s.wrap("", 10, s.BODY) == [""]
    assert s.wrap("ab", 0.1, s.BODY) == ["a", "b"]


# ---------------------------------------------------------------- marks and scale


@pytest.mark.parametrize(
    ("ends", "sides"),
    [
        ([0.1, -0.4], (-0.5, 0.5)),
        ([0.1, -0.7], (-1.0, 0.5)),
        ([-0.3, 1.9], (-1.0, 2.0)),
        ([-9.0], (-3.0, 2.0)),
        ([-9.0, 2.1], (-3.0, 3.0)),
        ([-0.2, -math.inf], (-0.5, 0.5)),
        ([], (-0.5, 0.5)),
    ],
)
def test_the_scale_is_as_long_as_its_effects_need(ends, sides):
    scale = m.Scale.over([*ends, None], 0, 40)
    assert (scale.low, scale.high) == sides
    assert (scale.ticks[0], scale.ticks[-1]) == pytest.approx(sides), "it ends at ticks"


def test_a_box_holds_the_observed_effect_and_a_line_the_true_one():
    """An end that is open has no edge, and the line ends there with a head at the frame."""
    scale = m.Scale(-2, 2, 10, 80)
    for ends, edges in (((-0.5, 0.5), 2), ((-math.inf, -0.4), 1), ((0.4, math.inf), 1), ((-9.0, 9.0), 0)):
        _, ax = s.page(100, 10)
        row = ForestRow(
            **{"rung": "bounded", "use": "main", "mark_id": "a", "lower": ends[0] - 0.4, "upper": ends[1] + 0.4},
            observed_lower=ends[0],
            observed_upper=ends[1],
        )
        m.effect(ax, row, 5, scale)
        (box,) = (patch for patch in ax.patches if patch.get_gid() == "a")
        assert (box.get_x(), box.get_x() + box.get_width()) == pytest.approx((scale.x(ends[0]), scale.x(ends[1])))
        upright = [line for line in ax.lines if len(set(line.get_xdata())) == 1]
        assert len(upright) == edges
        assert len(ax.patches) - 1 == sum(math.isinf(end) or abs(end) > 2 for end in ends)
        longest = max((line for line in ax.lines), key=lambda line: abs(line.get_xdata()[1] - line.get_xdata()[0]))
        assert tuple(longest.get_xdata()) == pytest.approx((scale.x(row.lower), scale.x(row.upper)))


@pytest.mark.parametrize("reach", [0.5, 1.0, 3.0])
def test_a_direction_stands_at_a_fixed_place_whatever_the_scale(reach):
    scale = m.Scale(-reach, reach, 10, 80)
    for ends, side in (((-math.inf, 0.0), -1), ((0.0, math.inf), 1)):
        _, ax = s.page(100, 10)
        row = {"rung": "direction", "use": "main", "mark_id": "a", "lower": -9.0, "upper": 9.0}
        m.effect(ax, ForestRow(**row, observed_lower=ends[0], observed_upper=ends[1]), 5, scale)
        (pointer,) = ax.patches
        xs = pointer.get_xy()[:, 0]
        assert ax.lines == [] or not len(ax.lines)
        assert 0 < min(side * (xs - scale.x(0))) < max(side * (xs - scale.x(0))) < 4


@pytest.mark.parametrize("sides", [(-0.5, 0.5), (-1.0, 0.5), (-1.5, 1.5), (-1.0, 2.0), (-2.5, 1.5), (-3.0, 3.0)])
@pytest.mark.parametrize("width", [15, 40, 150])
def test_ticks_are_round_and_leave_room_for_their_labels(sides, width):
    scale = m.Scale(*sides, 0, width)
    assert 0 in scale.ticks
    assert scale.low <= scale.ticks[0] < scale.ticks[-1] <= scale.high
    places = [scale.x(tick) for tick in scale.ticks]
    assert min(b - a for a, b in pairwise(places)) > 3.5


@pytest.mark.parametrize(
    ("lower", "upper", "signs"),
    [(-1, 1, []), (-9, 1, [-1]), (-1, 9, [1]), (-9, 9, [-1, 1]), (-9, -5, [-1]), (5, 9, [1]), (-math.inf, 0, [-1])],
)
def test_an_arrow_where_an_interval_leaves_the_plot(lower, upper, signs):
    _, ax = s.page(100, 10)
    scale = m.Scale(-3, 3, 10, 80)
    m.interval(ax, lower, upper, 5, scale, s.INK)
    tips = [patch.get_xy()[1][0] for patch in ax.patches]
    assert [1 if tip > 50 else -1 for tip in tips] == signs


def test_squares_have_the_area_of_their_weight(tables, draw):
    rows = {row.mark_id: row for row in tables["10 exact"] if row.kind == "finding"}
    patches = draw("10 exact", 180).axes[0].patches
    squares = {patch.get_gid(): patch.get_width() for patch in patches if patch.get_gid() in rows}
    heaviest = max(rows.values(), key=lambda row: row.weight)
    for name, row in rows.items():
        share = (squares[name] / squares[heaviest.mark_id]) ** 2
        assert share == pytest.approx(row.weight / heaviest.weight)


def test_totals_of_a_model_are_those_of_its_samples(tables):
    for name in ("10 exact", "10 mixed"):
        (whole,) = (row for row in tables[name] if row.kind == "model" and row.weight is not None)
        assert whole.model == (RANDOM_EFFECTS if name == "10 exact" else ALL_EVIDENCE)
        weighed = [row for row in tables[name] if row.kind == "finding" and row.weight is not None]
        sizes = [tuple(map(int, row.n.split(" / "))) for row in weighed]
        assert whole.n == " / ".join(str(sum(side)) for side in zip(*sizes, strict=True))
        assert whole.weight == pytest.approx(sum(row.weight for row in weighed)) == 100
    with_unknown = [row for row in tables["100 mixed"] if row.kind == "model"]
    assert all(row.n is None or "?" not in row.n for row in with_unknown)


def test_a_line_leads_from_the_first_sample_to_the_estimate(draw, tables):
    (headline,) = (row for row in tables["10 exact"] if row.use == "main" and row.kind == "model")
    lines = [line for line in draw("10 exact", 180).axes[0].lines if line.get_linestyle() not in ("-", "None")]
    (place,) = {tuple(line.get_xdata()) for line in lines}
    marks = {patch.get_gid(): patch for patch in draw("10 exact", 180).axes[0].patches}
    assert place[0] == place[1] == pytest.approx(marks[headline.mark_id].get_xy()[1][0])


# ---------------------------------------------------------------- files


def test_the_same_figure_twice_is_the_same_bytes_with_its_fonts_inside(tables, tmp_path):
    for name in ("one", "two"):
        s.save(draw_forest(tables["10 mixed"], 180), tmp_path / name, ["svg", "pdf", "png"])
    for form in ("svg", "pdf", "png"):
        assert (tmp_path / f"one.{form}").read_bytes() == (tmp_path / f"two.{form}").read_bytes()
    pdf = (tmp_path / "one.pdf").read_bytes()
    assert pdf.count(b"/Subtype /CIDFontType2") == pdf.count(b"/FontFile2") > 0
    assert b"/Type3" not in pdf
    assert b"/Type1" not in pdf
    svg = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert {"font-weight: 700", "font-style: italic"} <= set(re.findall(r"font-(?:weight|style): \w+", svg))
    assert sorted(re.findall(r"@font-face{.*?font-weight:(\d+);font-style:(\w+);src:url\(data:font/woff", svg)) == [
        ("400", "italic"),
        ("400", "normal"),
        ("700", "normal"),
    ]
    fonts = re.findall(rb"/FontName /[A-Z]{6}\+([\w-]+)", pdf)
    assert len(fonts) == len(set(fonts)), "a face is embedded once"


def test_a_bitmap_is_what_matplotlib_draws(tables):
    """It is the picture of the PDF; only the edges of letters and lines may be shaded otherwise."""
    figure, usual = draw_forest(tables["10 mixed"], 180), BytesIO()
    with rc_context(s.RC):
        figure.savefig(usual, format="png")
    ours = Image.open(BytesIO(s.rendered(figure, ["png"])["png"]))
    assert (ours.mode, [round(dpi) for dpi in ours.info["dpi"]]) == ("RGB", [300, 300])
    theirs = Image.open(usual).convert("RGB").resize(ours.size)
    assert np.abs(np.subtract(ours.size, Image.open(usual).size)).max() <= 1
    coarse = [np.asarray(one.reduce(12), dtype=int) for one in (ours, theirs)]
    assert np.abs(coarse[0] - coarse[1]).max() < 60
    assert np.abs(coarse[0] - coarse[1]).mean() < 1
    assert np.asarray(ours).std() > 10, "something is drawn"


def test_a_page_too_long_for_a_bitmap_is_drawn_coarser(tmp_path):
    figure, _ = s.page(10, 6000)
    s.save(figure, tmp_path / "long", ["png"])
    assert Image.open(tmp_path / "long.png").height == s.PIXELS
