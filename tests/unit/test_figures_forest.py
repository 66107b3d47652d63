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
from PIL import Image
from tests.cells import bounded, effect, samples
from tests.drawing import gids, unreadable
from tests.project import CONTRASTS, NAMES

from reanalysis.figures import marks as m
from reanalysis.figures import style as s
from reanalysis.figures.columns import Numbers
from reanalysis.figures.forest import draw_forest
from reanalysis.figures.forest_table import forest_table
from reanalysis.models.pooling import pool
from reanalysis.schema.raw import Domain

DOMAIN = Domain(domain="early-stress", section="3.2.1", title="Early life stress", note="a note on this domain")
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
        {"rung": "unusable", "yi": None, "vi": None, "n1i": None, "why": "the result was not visible in any source"},
    )
    return [replace(one, **rungs[i % len(rungs)]) for i, one in enumerate(exact(k, **cells))]


EVIDENCE = {
    "nothing": [],
    **{f"{k} exact": exact(k) for k in (1, 2, 5, 10)},
    **{f"{k} mixed": mixed(k) for k in (2, 10, 40, 100)},
    "long names": mixed(6, label=LONG, outcome=OUTCOME),
    "long words": mixed(6, label=WORD[:60], outcome=WORD, matrix=WORD[:30]),
    "doses": mixed(6, matrix=None, assay=None, dose="24", dose_unit="IU"),
    "no details": exact(3, matrix=None, assay=None),
    "large samples": exact(3, n1i=1234567),
    "small effects": [effect(f"s{i}", 0.1 * math.sin(i), 0.01) for i in range(6)],
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
    return cache(lambda name, width: draw_forest(tables[name], DOMAIN, width))


def texts(figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].texts]


# ---------------------------------------------------------------- whatever the evidence


@pytest.mark.parametrize(("name", "width"), [*product(EVIDENCE, (170, 180)), ("long names", 400), ("10 mixed", 400)])
def test_all_text_can_be_read(name, width, draw):
    assert unreadable(draw(name, width)) == []


@pytest.mark.parametrize("name", EVIDENCE)
def test_every_number_is_a_mark_with_its_id(name, tables, draw):
    drawn = gids(draw(name, 180))
    known = {"finding": lambda row: row.rung != "unusable", "model": lambda row: row.estimate is not None}
    rows = [row for row in tables[name] if row.kind in known]
    assert sorted(drawn) == sorted(row.mark_id for row in rows if known[row.kind](row))


@pytest.mark.parametrize("name", EVIDENCE)
def test_what_the_table_says_is_printed(name, tables, draw):
    page = " ".join(texts(draw(name, 180)))
    for row in tables[name]:
        assert all(part in page for part in (row.effect or "").split())
        assert row.weight is None or f"{row.weight:.1f}%" in page


def test_a_page_is_as_long_as_its_rows_need(draw):
    """Text never shrinks: 40 samples fit a page of A4, 100 do not."""
    high = {k: draw(f"{k} mixed", 180).get_size_inches()[1] * 25.4 for k in (10, 40, 100)}
    assert (high[100] - high[40]) / 60 < 4.9  # the notes of those that cannot be used included
    assert high[40] < 310


def test_other_marks_than_those_of_the_page_are_not_explained(draw):
    one, ten = (texts(draw(name, 180)) for name in ("1 exact", "10 exact"))
    assert m.KEYS["exact"] in one
    assert m.KEYS["model"] not in one
    assert f"{m.KEYS['exact']}; its area is its weight" in ten
    assert m.KEYS["interval"] in ten
    assert m.KEYS["bounded"] not in ten


def test_heterogeneity_names_its_method(tables):
    notes = [row.note for row in tables["10 mixed"] if row.kind == "model" and row.note]
    assert any("(REML, Q-profile interval" in note for note in notes)
    assert any("(ML, profile-likelihood interval" in note for note in notes)
    assert any("half-normal" in note and "credible interval" in note for note in notes)


# ---------------------------------------------------------------- columns


def test_decimal_points_stand_below_one_another(draw):
    points = {}
    for text in draw("10 exact", 180).axes[0].texts:
        if part := re.fullmatch(r"(\[?)[−\d]+(\.\d\d[,\]]?)", text.get_text()):
            after = s.text_width(part[2], s.BODY, text.get_weight())
            points.setdefault((part[1], part[2][-1]), []).append(text.get_position()[0] - after)
    assert len(points) >= 3
    for places in points.values():
        assert max(places) - min(places) == pytest.approx(0, abs=1e-9)


def test_a_column_of_effects_is_as_wide_as_what_stands_in_it():
    printed = ["−0.75 [−1.23, −0.27]", "−0.65 to 0.65", "below −12.35", "above 0", "not usable"]
    numbers = Numbers.of([(text, "normal") for text in printed], s.BODY)
    assert numbers.width == pytest.approx(numbers.points[2] + s.text_width(".27]", s.BODY))
    assert numbers.points[2] >= s.text_width("not usable", s.BODY)
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
        ([-9.0], (-3.0, 1.5)),
        ([-9.0, 2.1], (-3.0, 2.5)),
        ([-0.2, -math.inf], (-0.5, 0.5)),
        ([], (-0.5, 0.5)),
    ],
)
def test_the_scale_is_as_long_as_its_effects_need(ends, sides):
    scale = m.Scale.over([*ends, None], 0, 40)
    assert (scale.low, scale.high) == sides


def test_a_bar_without_an_end_can_be_seen(config):
    pooled = pool(EVIDENCE["open bounds"][:1], config.models)
    rows = forest_table(EVIDENCE["open bounds"][:1], pooled.models, pooled.units, NAMES)
    (bar,) = (patch for patch in draw_forest(rows, DOMAIN, 180).axes[0].patches if patch.get_gid())
    assert bar.get_width() > 5


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
        assert whole.use == ("main" if name == "10 exact" else "all")
        weighed = [row for row in tables[name] if row.kind == "finding" and row.weight is not None]
        sizes = [tuple(map(int, row.n.split(" / "))) for row in weighed]
        assert whole.n == " / ".join(str(sum(side)) for side in zip(*sizes, strict=True))
        assert whole.weight == pytest.approx(sum(row.weight for row in weighed)) == 100
    with_unknown = [row for row in tables["100 mixed"] if row.use == "all"]
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
        s.save(draw_forest(tables["10 mixed"], DOMAIN, 180), tmp_path / name, ["svg", "pdf", "png"])
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
    figure, usual = draw_forest(tables["10 mixed"], DOMAIN, 180), BytesIO()
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
