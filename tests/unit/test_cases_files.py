"""The cases of files and text: what their authors typed is read, drawn as it stands, or named with what to do."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib import font_manager, rc_context
from matplotlib.patches import FancyArrowPatch
from matplotlib.text import Text
from tests.cases import raw_of
from tests.cells import effect
from tests.drawing import unreadable
from tests.project import ROOT, change_row, copy_raw

from reanalysis.check import BadInput, check, errors, load, open_warnings
from reanalysis.claims import Material, claim_verdicts
from reanalysis.claims.flags import _could_be_known
from reanalysis.figures import style as s
from reanalysis.figures.flow import boxes, draw_flow, draw_progress, levels
from reanalysis.figures.forest import draw_forest
from reanalysis.figures.forest_table import forest_table
from reanalysis.figures.overviews import overviews
from reanalysis.figures.progress_table import progress_table, says_more
from reanalysis.fonts import FACES, FULL
from reanalysis.ladder import all_effects
from reanalysis.models.pooling import pool
from reanalysis.report.svg import inline
from reanalysis.results.rows import TABLES
from reanalysis.schema.raw import FlowCount
from reanalysis.schema.vocabulary import FLOW_PHASES, VERDICTS
from reanalysis.synthesis.answers import answers
from reanalysis.synthesis.worklist import list_work

WIDTH = 180


def forest_of(evidence, config):
    """The forest plot of the only domain of a case."""
    effects = all_effects(evidence, config.effects, config.models.level)
    pooled = pool(effects, config.models)
    return draw_forest(forest_table(effects, pooled.models, pooled.units, evidence.names), WIDTH)


def inlined(path):
    """A figure without marks as it stands in the page."""
    return inline(path, "fig", "", lambda name: None, rows=False).svg


def words_of(figure):
    return {text.get_text() for text in figure.findobj(Text)}


# ---------------------------------------------------------------- files


def test_cr_line_ends():
    assert b"\r" in (raw_of("cr-line-ends") / "findings/one.csv").read_bytes()
    evidence = load(raw_of("cr-line-ends"))
    assert [row.finding_id for row in evidence.findings["one"]] == ["one-f1", "one-f2"]


def test_trailing_rows_and_columns():
    raw = raw_of("trailing-rows-and-columns")
    assert ",,\n" in (raw / "findings/one.csv").read_text(encoding="utf-8")
    assert [row.finding_id for row in load(raw).findings["one"]] == ["one-f1", "one-f2"]


def test_unicode_minus():
    minus, p = errors(check(raw_of("unicode-minus"))[1])
    assert (minus.column, p.column) == ("m1i", "pi") or (minus.line, p.line) == (2, 3)
    assert "MINUS SIGN (U+2212)" in minus.message
    assert "Type -0.36" in minus.fix
    assert "`<` into `p_relation`" in p.fix
    assert "`significance` into `stat_type`" in p.fix


# ---------------------------------------------------------------- text in figures


def test_dollar_in_a_label(config, tmp_path):
    evidence = load(raw_of("dollar-in-a-label"))
    figure = forest_of(evidence, config)
    s.save(figure, tmp_path / "forest", ["svg", "pdf", "png"])
    shown = " ".join(words_of(figure))
    for label in (*(report.label for report in evidence.reports.values()), "cost in $ (2010 $)"):
        assert label in shown
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if "$" in text.get_text())


@pytest.mark.parametrize("text", ["$x^{2$", "100 $\\nope$", "$$", "cost $5 and $6", "a_{b}^c \\alpha"])
def test_text_is_never_markup(tmp_path, text):
    with rc_context(s.RC):
        figure, ax = s.page(100, 20)
        s.say(ax, 5, 5, text)
        s.save(figure, tmp_path / "text", ["svg"])
    assert [node.text for node in ET.parse(tmp_path / "text.svg").findall(".//{*}text")] == [text]


def test_letters_without_glyph(config, tmp_path):
    raw = raw_of("letters-without-glyph")
    problems = check(raw)[1]
    assert errors(problems) == []
    assert [(p.file, p.line, p.column, p.check) for p in open_warnings(problems)] == [
        ("reports.csv", line, "label", "letters-without-glyph") for line in (2, 3)
    ]
    first, second = open_warnings(problems)
    assert "lacks 王, 伟" in first.message
    assert "lacks 佐, 藤" in second.message
    assert "Latin letters" in first.fix


@pytest.mark.parametrize(
    "label", ["Müller 2011", "Иванов 2011", "Παπαδόπουλος 2011", "כהן 2011", "محمد 2011", "Nguyễn 2011"]
)
def test_letters_that_the_font_has(tmp_path, label):
    raw = copy_raw(tmp_path, raw_of("letters-without-glyph"))
    change_row(raw / "reports.csv", "le-a", label=label)
    change_row(raw / "reports.csv", "le-b", label="Sato 2012")
    assert check(raw)[1] == []


def test_the_font_is_the_one_that_is_drawn_with():
    files = [
        font_manager.findfont(font_manager.FontProperties(family=s.RC["font.family"], weight=weight))
        for weight in ("normal", "bold")
    ]
    assert [Path(file) for file in files] == [face.file("ttf") for face in FACES[:2]]


def test_every_column_that_figures_show_is_looked_at(tmp_path):
    raw = copy_raw(tmp_path)
    change_row(raw / "contrasts.csv", "bpd_vs_control", label="患者")
    change_row(raw / "outcomes.csv", "oxt-level", label="水準")
    change_row(raw / "domains.csv", "cardiac", title="心")
    change_row(raw / "reports.csv", "bomann2017", label="王")
    change_row(raw / "flow.csv", "records-pubmed", label="記録")
    change_row(raw / "claims.csv", "C010", section="第三章")
    change_row(raw / "findings/early-stress.csv", "bomann2017-level", outcome="水平", population="女")
    found = [(p.file, p.column) for p in check(raw)[1] if p.check == "letters-without-glyph"]
    assert sorted(found) == [
        ("claims.csv", "section"),
        ("contrasts.csv", "label"),
        ("domains.csv", "title"),
        ("findings/early-stress.csv", "outcome"),
        ("findings/early-stress.csv", "population"),
        ("flow.csv", "label"),
        ("outcomes.csv", "label"),
        ("reports.csv", "label"),
    ]


@pytest.mark.parametrize(
    "text", ["Иванов и Ελλη", "שלום כהן 2011 (Hebrew)", "محمد 2012", "王伟 2011", "a -- b --> c", "<b>&amp;"]
)
def test_text_of_any_script_reaches_the_page(tmp_path, text, recwarn):
    with rc_context(s.RC):
        figure, ax = s.page(100, 20)
        s.say(ax, 5, 5, text)
        s.save(figure, tmp_path / "text", ["svg"])
    page = ET.fromstring(inlined(tmp_path / "text.svg"))
    assert [node.text for node in page.iter("text")] == [text]


@pytest.mark.parametrize(
    ("text", "how", "carried"),
    [
        ("Müller 2011", {}, ["Reanalysis Sans 400 normal"]),
        ("Müller 2011", {"weight": "bold"}, ["Reanalysis Sans 700 normal"]),
        ("王", {}, []),
        ("Иванов", {"style": "italic"}, ["Reanalysis Sans Full 400 italic"]),
        ("Иванов 2011", {}, ["Reanalysis Sans 400 normal", "Reanalysis Sans Full 400 normal"]),
        (
            "\N{LATIN SMALL LETTER X}\N{COMBINING ACUTE ACCENT}",
            {},
            ["Reanalysis Sans 400 normal", "Reanalysis Sans Full 400 normal"],
        ),
    ],
)
def test_a_figure_carries_the_faces_of_its_letters(text, how, carried, recwarn):
    with rc_context(s.RC):
        figure, ax = s.page(100, 20)
        s.say(ax, 5, 5, text, **how)
        svg = s.rendered(figure, ["svg"])["svg"].decode("utf-8")
    rule = r'@font-face\{font-family:"([^"]*)";font-weight:(\d+);font-style:(\w+)'
    assert [" ".join(face) for face in re.findall(rule, svg)] == carried


@pytest.mark.parametrize(
    ("text", "carried"),
    [
        ("Müller 2011", {b"ReanalysisSans-Regular"}),
        ("Иванов 2011", {b"ReanalysisSans-Regular", b"ReanalysisSansFull-Regular"}),
    ],
)
def test_a_printed_figure_carries_the_faces_of_its_letters(text, carried):
    with rc_context(s.RC):
        figure, ax = s.page(100, 20)
        s.say(ax, 5, 5, text)
        pdf = s.rendered(figure, ["pdf"])["pdf"]
    assert set(re.findall(rb"/FontName /[A-Z]{6}\+([\w-]+)", pdf)) == carried


def test_a_text_is_as_wide_in_both_families():
    with rc_context(s.RC | {"font.family": FULL}):
        figure, ax = s.page(100, 20)
        s.say(ax, 0, 5, "Иванов 2011, Nguyễn")
        whole = ax.texts[0].get_window_extent().width / figure.dpi * 25.4
    assert s.text_width("Иванов 2011, Nguyễn", s.BODY) == pytest.approx(whole, abs=0.1)


def test_two_spaces_are_not_drawn_as_one(tmp_path):
    with rc_context(s.RC):
        figure, ax = s.page(100, 20)
        s.lines(ax, 5, 5, ["3.1  Aims", "3.2 Aims"])
        s.save(figure, tmp_path / "text", ["svg"])
    for drawing in ((tmp_path / "text.svg").read_text(encoding="utf-8"), inlined(tmp_path / "text.svg")):
        texts = [node for node in ET.fromstring(drawing).iter() if node.tag.endswith("text")]
        kept = {node.text: node.get("{http://www.w3.org/XML/1998/namespace}space") for node in texts}
        assert kept == {"3.1  Aims": "preserve", "3.2 Aims": None}


def test_a_figure_that_was_cut_is_named_with_its_line(tmp_path):
    (tmp_path / "a.svg").write_text('<svg xmlns="x">\n<g', encoding="utf-8")
    with pytest.raises(BadInput, match=r"a\.svg:2.*no SVG.*makes it again"):
        inlined(tmp_path / "a.svg")


SETTINGS = """
savefig.bbox: tight
savefig.dpi: 37
figure.facecolor: red
font.size: 31
font.family: serif
text.color: green
text.parse_math: True
axes.linewidth: 9
lines.linewidth: 9
patch.linewidth: 9
hatch.color: red
svg.fonttype: path
path.simplify: False
axes.prop_cycle: cycler('color', ['r', 'g'])
"""
DRAWING = """
from pathlib import Path
import sys
import yaml
from reanalysis.check import load
from reanalysis.schema.config import parse_config
from tests.project import RAW, ROOT
from tests.unit.test_cases_files import save_some
config = parse_config(yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8")))
save_some(Path(sys.argv[1]), load(RAW), config)
"""


def save_some(folder, evidence, config):
    """Figures of several kinds in a folder."""
    for name, figure in (
        ("flow", draw_flow(evidence.flow, WIDTH)),
        ("progress", draw_progress(progress_table(evidence, [], []), WIDTH)),
        ("forest", forest_of(load(raw_of("dollar-in-a-label")), config)),
    ):
        s.save(figure, folder / name, ["svg", "png"])


def test_the_settings_of_a_user_change_no_figure(tmp_path, evidence, config):
    save_some(tmp_path / "here", evidence, config)
    settings, there = tmp_path / "matplotlibrc", tmp_path / "there"
    settings.write_text(SETTINGS, encoding="utf-8")
    env = os.environ | {"MATPLOTLIBRC": str(settings), "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}
    subprocess.run([sys.executable, "-c", DRAWING, str(there)], env=env, check=True, cwd=ROOT)
    ours, theirs = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in (tmp_path / "here", there)
    )
    assert len(ours) == 6
    assert [name for name in ours if ours[name] != theirs[name]] == []


# ---------------------------------------------------------------- another review


def test_review_without_flow():
    evidence = load(raw_of("review-without-flow"))
    figure = draw_flow(evidence.flow, WIDTH)
    assert {"Records from MEDLINE", "n = 80", "Trials", "n = 2", "Identification", "Included"} <= words_of(figure)
    assert unreadable(figure) == []
    assert files_of(evidence) == {"overview/flow", "overview/progress"}


def files_of(evidence):
    """The figures of a review of which nothing is computed."""
    return {one.file for one in overviews(evidence, dict.fromkeys(TABLES, []))}


def test_every_box_on_the_main_line_is_reached_by_an_arrow(evidence):
    """From the one above, whose arrow ends at its upper edge."""
    progress = progress_table(evidence, [], [])
    flows = {
        draw_flow(evidence.flow, WIDTH): [box for box in boxes(evidence.flow.values()) if box.place == "main"],
        draw_progress(progress, WIDTH): [row for row in progress if row.place == "main"][1:],
    }
    for figure, reached in flows.items():
        patches = figure.axes[0].patches
        tops = {patch.get_gid(): patch.get_y() for patch in patches if patch.get_gid()}
        tips = {round(patch._posA_posB[1][1], 6) for patch in patches if isinstance(patch, FancyArrowPatch)}
        names = {getattr(box, "name", None) or box.box for box in reached}
        assert {round(tops[f"flow--{name}"], 6) for name in names} <= tips


def test_every_box_beside_is_reached_by_the_head_of_an_arrow(evidence):
    """At its left edge, or from above where it does not come from the box on the main line."""
    progress = progress_table(evidence, [], [])
    for figure, beside in (
        (draw_flow(evidence.flow, WIDTH), [box.name for box in boxes(evidence.flow.values()) if box.place == "side"]),
        (draw_progress(progress, WIDTH), [row.box for row in progress if row.place == "side"]),
    ):
        patches = figure.axes[0].patches
        places = {patch.get_gid(): patch for patch in patches if patch.get_gid()}
        arrows = [patch for patch in patches if isinstance(patch, FancyArrowPatch)]
        heads = {
            tuple(round(at, 6) for at in one._posA_posB[1]) for one in arrows if one.get_arrowstyle().arrow == "-|>"
        }
        for name in beside:
            place = places[f"flow--{name}"]
            left = place.get_x(), place.get_y() + place.get_height() / 2
            above = place.get_x() + place.get_width() / 2, place.get_y()
            assert {tuple(round(at, 6) for at in point) for point in (left, above)} & heads, name


def test_a_flow_of_mostly_unknown_counts_is_not_drawn(evidence):
    unknown = {
        name: count.model_copy(update={"status": "not_read", "count": None}) for name, count in evidence.flow.items()
    }
    assert "overview/flow" in files_of(evidence)
    assert "overview/flow" not in files_of(replace(evidence, flow=unknown))


def test_the_flow_of_the_reanalysis_is_not_drawn_where_every_result_has_an_effect_size(effects):
    exact = [effect for effect in effects if effect.rung == "exact"]
    assert says_more(effects)
    assert not says_more(exact)


def box(name, phase="identification", **cells):
    return FlowCount(box=name, phase=phase, label=f"records {name}", status="reported", count=1, **cells)


def test_every_box_is_drawn_in_the_order_of_its_phase():
    counts = [box("z", "included"), box("a"), box("b", place="source"), box("c", "screening", place="side"), box("d")]
    counts += [box(f"s{n}", place="source") for n in range(5)] + [box("hidden", place="table")]
    rows = levels(boxes(counts), FLOW_PHASES)
    assert [[one.name for one in row.main] for row in rows] == [
        ["b", "s0", "s1", "s2"],
        ["s3", "s4"],
        ["a"],
        ["d"],
        [],
        ["z"],
    ]
    assert [[one.name for one in row.side] for row in rows] == [[], [], [], [], ["c"], []]
    assert [row.phase for row in rows] == [*["identification"] * 4, "screening", "included"]
    assert [row.source for row in rows] == [True, True, False, False, False, False]
    figure = draw_flow({count.box: count for count in counts}, WIDTH)
    assert unreadable(figure) == []
    drawn = {str(artist.get_gid()).removeprefix("flow--") for artist in figure.axes[0].patches if artist.get_gid()}
    assert drawn == {count.box for count in counts} - {"hidden"}
    assert {"Identification", "Screening", "Included"} <= words_of(figure)


def test_a_flow_of_nothing_is_not_drawn():
    evidence = load(raw_of("review-without-flow"))
    assert files_of(replace(evidence, flow={})) == {"overview/progress"}
    hidden = {name: count.model_copy(update={"place": "table"}) for name, count in evidence.flow.items()}
    assert files_of(replace(evidence, flow=hidden)) == {"overview/progress"}


def test_the_flow_of_the_project_has_its_places(evidence):
    drawn = [one for row in levels(boxes(evidence.flow.values()), FLOW_PHASES) for one in (*row.main, *row.side)]
    assert len(drawn) == 17
    assert all(count.place for count in evidence.flow.values())


@pytest.fixture(scope="module")
def verdict(config):
    """The verdict on the only claim of another review."""
    evidence = load(raw_of("claims-of-another-review"))
    effects = all_effects(evidence, config.effects, config.models.level)
    models = pool(effects, config.models).models
    work = list_work(evidence, effects, [], models, answers(evidence, effects, models, config), config)
    material = Material(evidence, effects, models, [], work, config)
    (row,) = claim_verdicts(material)
    return row


def test_claims_of_another_review(verdict):
    assert verdict.verdict in VERDICTS
    assert verdict.why.endswith(".")


@pytest.mark.parametrize(
    ("year", "listed", "known"), [(2014, None, True), (2017, None, False), (None, None, False), (2030, 99, True)]
)
def test_what_a_review_could_know(year, listed, known):
    """Its table goes to 2017: what is of an earlier year could have been found."""
    evidence = load(raw_of("claims-of-another-review"))
    report = evidence.reports["t14"].model_copy(update={"year": year, "in_review": listed})
    changed = replace(evidence, reports=evidence.reports | {"t14": report})
    material = Material(changed, [], [], [], [], None)
    assert _could_be_known(effect("x", report_id="t14"), material) == known


def test_without_a_reviewed_table_nothing_could_be_known():
    evidence = load(raw_of("review-without-flow"))
    material = Material(evidence, [], [], [], [], None)
    assert not any(_could_be_known(effect("x", report_id=name), material) for name in evidence.reports)
