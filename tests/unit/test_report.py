"""The parts of the report: formulas with values, figures in the page, sentences."""

import html
import math
import re
from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from scipy import stats
from scipy.special import gammaln
from tests.findings import SAMPLE
from tests.project import RAW, evidence_with
from tests.synthetic import synthetic_evidence, synthetic_report

from reanalysis.check import Problem, check, load
from reanalysis.check.listing import counted, listed
from reanalysis.check.registry import CHECKS
from reanalysis.figures.forest_table import finding_mark
from reanalysis.figures.tables import FIGURE_TABLES
from reanalysis.imports import SOURCE
from reanalysis.ladder import domain_effects, read_finding
from reanalysis.ladder.design import design_of
from reanalysis.ladder.formulas import SYMBOLS, formula
from reanalysis.ladder.routes import exact_effect
from reanalysis.report import words
from reanalysis.report.data_checks import DataChecks, Warned, data_checks
from reanalysis.report.links import Link, plain
from reanalysis.report.methods import write_methods
from reanalysis.report.overviews import CAPTIONS, overviews
from reanalysis.report.pages import what_if
from reanalysis.report.references import BIBLIOGRAPHY, ESTIMATORS, TESTS, works
from reanalysis.report.svg import Mark, UnknownMark, inline
from reanalysis.results.checked import CHECKED
from reanalysis.results.rows import TABLES, ClaimVerdict, Effect, Model, Refit, Variant
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Effects
from reanalysis.schema.review import PANELS, Review, Reviewed


@pytest.fixture(scope="module")
def codings(config):
    """Every coding of today's evidence with its effect."""
    evidence = load(RAW)
    return [
        (effect, row)
        for domain, rows in evidence.findings.items()
        for effect, row in zip(domain_effects(evidence, domain, config.effects), rows, strict=True)
    ]


# ---------------------------------------------------------------- formulas


def evaluate(lines):
    """Run the printed lines as arithmetic; returns the names they define."""
    known = {
        "J": lambda df: math.exp(gammaln(df / 2) - gammaln((df - 1) / 2) - math.log(df / 2) / 2),
        "t": lambda p, df: stats.t.ppf(p, df),
        "quantile": stats.norm.ppf,
        "root": math.sqrt,
        "atanh": math.atanh,
        "log": math.log,
        "π": math.pi,
    }
    for line in lines:
        name, _, right = line.partition(" = ")
        if ":" in name:
            continue
        name, text = (one.replace("t*", "critical").replace("t′", "nearer") for one in (name, right))
        name, text = (one.replace("ln OR", "odds") for one in (name, text))
        name, text = (one.replace("₁", "1").replace("₂", "2") for one in (name, text))
        text = text.replace("[", "(").replace("]", ")").replace("−", "-").replace("·", "*").replace("²", "**2")
        text = text.replace("; df = ", ", ").replace("t(", "quantile_t(").replace("Φ⁻¹", "quantile")
        text = re.sub(r"√(\d[\d.]*)", r"root(\1)", text).replace("√", "root").replace("ln", "log")
        known[name] = eval(text, {"__builtins__": {}, "quantile_t": known["t"], **known})  # noqa: S307
        if name == "t":
            known["t"] = known.pop("t")
    return known


def test_the_values_put_into_a_formula_give_the_stored_effect(codings):
    exact = [(effect, row) for effect, row in codings if effect.rung == "exact"]
    assert len(exact) > 30
    for effect, row in exact:
        result = evaluate(line.values for line in formula(effect, row))
        value = next(result[name] for name in ("g", "z", "y") if name in result)
        assert value == pytest.approx(effect.yi, rel=1e-9), effect.finding_id
        assert result["v"] == pytest.approx(effect.vi, rel=1e-9), effect.finding_id


@pytest.mark.parametrize("variance", ["LS", "LS2", "UB"])
@pytest.mark.parametrize("name", [name for name in SAMPLE if name != "median_iqr"])
def test_every_route_has_a_formula_that_gives_its_effect(name, variance):
    row = SAMPLE[name]
    reading = read_finding(row, Effects(alpha=0.05, trend=0.1, smd_variance=variance))
    names = ("rung", "metric", "route", "vtype", "yi", "vi")
    lines = formula(Effect(stat_type=row.stat_type, **{one: getattr(reading, one) for one in names}), row)
    result = evaluate(line.values for line in lines)
    assert next(result[one] for one in ("g", "z", "y") if one in result) == pytest.approx(reading.yi, rel=1e-9)
    assert result["v"] == pytest.approx(reading.vi, rel=1e-9)
    assert {work for line in lines for work in line.works} <= set(works())


def test_the_bound_put_in_is_the_stored_bound(codings):
    bounded = [(effect, row) for effect, row in codings if effect.rung == "bounded"]
    assert len(bounded) > 10
    for effect, row in bounded:
        known = evaluate(line.values for line in formula(effect, row))
        limits = {known[name] for name in ("b", "c") if name in known}
        ends = {abs(end) for end in (effect.yi_lb, effect.yi_ub) if end and math.isfinite(end)}
        assert sorted(ends) == pytest.approx(sorted(limits), rel=1e-9), effect.finding_id


def test_symbols_and_values_are_the_same_lines_without_gaps(codings):
    for effect, row in codings:
        lines = formula(effect, row)
        assert bool(lines) == (effect.rung in ("exact", "bounded"))
        for line in lines:
            assert not set("?{") & set(line.symbols + line.values)
            assert set(line.works) <= set(works())


def test_every_cell_of_a_formula_has_a_symbol():
    assert {"n1i", "m2i", "sd1i", "q3_2i", "ci_level", "pre_post_r"} <= set(SYMBOLS)


def test_every_work_that_is_cited_is_written_out():
    cited = {work for _, work in [*ESTIMATORS.values(), *TESTS.values()] if work}
    cited |= {work for model in MODELS.values() for work in model.works}
    for row in SAMPLE.values():
        route, _ = exact_effect(row, design_of(row), Effects(alpha=0.05, trend=0.1, smd_variance="LS"))
        cited |= {work for line in route.lines(row, design_of(row), "LS") for work in line.works}
    assert cited <= set(works())


def test_a_work_is_printed_from_its_entry():
    """An article with a number, a book with an edition, a chapter; initials as they are joined, and further authors."""
    assert works()["rover2020"].text.endswith("R package. Journal of Statistical Software 93(6), 1–51.")
    assert works()["hunter2004"].text.endswith("Bias in Research Findings, 2nd edition. Sage.")
    assert works()["viechtbauer2010"].text.startswith("Viechtbauer W, Cheung MW-L (2010). Outlier and influence")
    assert works()["campbell2020"].text.startswith("Campbell M, McKenzie JE, Sowden A, et al. (2020). ")
    assert " In Higgins JPT, Thomas J, Chandler J, et al. (editors), Cochrane Handbook" in works()["handbook"].text
    assert works()["wan2014"].doi == "10.1186/1471-2288-14-135"


def test_the_bibliography_names_every_work_once():
    assert BIBLIOGRAPHY.read_text(encoding="utf-8").count("\n@") + 1 == len(works())
    assert not any(set("{}\\") & set(work.text) for work in works().values())


# ---------------------------------------------------------------- figures in the page

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 50">
<metadata><x/></metadata><defs><style>
{font}
*{{}}</style></defs>
<g id="figure_1"><g id="patch_1"><path d="M 10.123456 20 L 12 22 z" clip-path="url(#c1)" style="fill: #0072b2"/></g>
<g id="{mark}"><path d="M 30 20
L 34 20
L 34 24
z" style="fill: #0072b2; stroke: #1b1b1b"/></g>
<g id="text_1"><text style="font-weight: 700; font-size: 6.6px; font-family: 'Sans'; text-anchor: {anchor};
 fill: #1b1b1b" x="5" y="40.1234" transform="rotate({turn} 5 40.1234)">{text}</text></g></g>
<defs><clipPath id="c1"><rect x="0" y="0" width="50" height="50"/></clipPath></defs></svg>"""


FONT = '@font-face{font-family:"Sans"}'


def draw(path, mark="a--primary", text="A &amp; B", anchor="start", turn="-0"):
    drawing = DRAWING.format(mark=mark, text=text, anchor=anchor, turn=turn, font=FONT)
    path.write_text(drawing, encoding="utf-8")
    return path


def find(mark):
    return Mark("key", "in words") if mark == "a--primary" else None


def test_text_stays_text_and_marks_become_buttons(tmp_path):
    inlined = inline(draw(tmp_path / "a.svg"), "fig", "all in words", find, rows=True)
    root = ET.fromstring(inlined.svg)
    assert root.get("aria-label") == "all in words"
    (text,) = root.iter("text")
    assert text.text == "A & B"
    assert text.attrib == {"font-weight": "700", "font-size": "6.6", "fill": "#1b1b1b", "x": "5", "y": "40.12"}
    (mark,) = [node for node in root.iter("g") if node.get("data-mark")]
    assert (mark.get("data-mark"), mark.get("tabindex"), mark.get("role")) == ("key", "0", "button")
    assert mark[0].get("class") == "hit"
    assert float(mark[0].get("width")) > 80
    assert inlined.keys == ["key"]
    assert inlined.fonts == [FONT]
    assert "style" not in inlined.svg
    assert 'fill="#0072b2"' in inlined.svg


def test_text_keeps_its_place_and_its_turn(tmp_path):
    path = draw(tmp_path / "a.svg", anchor="end", turn="-90")
    (text,) = ET.fromstring(inline(path, "fig", "", find, rows=True).svg).iter("text")
    assert text.get("text-anchor") == "end"
    assert text.get("transform") == "rotate(-90 5 40.12)"


def test_a_figure_with_other_colours_keeps_its_paper(tmp_path):
    path = draw(tmp_path / "a.svg")
    assert inline(path, "fig", "", find, rows=True).adapts
    path.write_text(path.read_text(encoding="utf-8").replace("#0072b2", "#fafcff"), encoding="utf-8")
    assert not inline(path, "fig", "", find, rows=True).adapts


def test_ids_are_those_of_the_figure(tmp_path):
    root = ET.fromstring(inline(draw(tmp_path / "a.svg"), "fig", "", find, rows=False).svg)
    assert {node.get("id") for node in root.iter() if node.get("id")} == {"fig-c1"}
    assert any(node.get("clip-path") == "url(#fig-c1)" for node in root.iter())


def test_the_drawing_is_the_whole_page(tmp_path):
    """No title stands in it that the page says itself."""
    root = ET.fromstring(inline(draw(tmp_path / "a.svg"), "fig", "", find, rows=True).svg)
    assert root.get("viewBox") == "0 0 100 50"


def test_the_scale_of_the_axis_goes_with_the_drawing(tmp_path):
    path = draw(tmp_path / "a.svg")
    text = path.read_text(encoding="utf-8").replace(
        'id="patch_1"><path d="M 10.1', 'id="axis_SMD_-1.5_1"><path d="M 10.1'
    )
    path.write_text(text, encoding="utf-8")
    root = ET.fromstring(inline(path, "fig", "", find, rows=True).svg)
    assert root.get("data-axis-smd") == "-1.5 1 10.12 12"


def test_a_hatched_area_keeps_its_pattern(tmp_path):
    path = draw(tmp_path / "a.svg")
    text = path.read_text(encoding="utf-8").replace(
        'url(#c1)" style="fill: #0072b2"', 'url(#c1)" style="fill: url(#h1)"'
    )
    text = text.replace("</svg>", '<defs><pattern id="h1"><path d="M 0 0"/></pattern></defs></svg>')
    path.write_text(text, encoding="utf-8")
    root = ET.fromstring(inline(path, "fig", "", find, rows=True).svg)
    assert [node.get("id") for node in root.iter("pattern")] == ["fig-h1"]
    assert "url(#fig-h1)" in {node.get("fill") for node in root.iter()}


def test_a_mark_without_a_row_is_refused(tmp_path):
    with pytest.raises(UnknownMark, match="no table knows the mark `b--primary`"):
        inline(draw(tmp_path / "a.svg", mark="b--primary"), "fig", "", find, rows=True)


# ---------------------------------------------------------------- sentences


def effect(**cells):
    return Effect(**{"domain": "d", "contrast": "bpd_vs_control", "use": "main", "rung": "exact", **cells})


def model(**cells):
    usual = {"contrast": "bpd_vs_control", "outcome_group": "oxt-level", "metric": "SMD", "model": "common effect"}
    return Model(**{**usual, "headline": True, "k": 2, "est": -0.5, "ci_lb": -1.0, "ci_ub": 0.0, **cells})


def test_a_model_in_words():
    assert words.estimate(model()) == "Hedges' g −0.50 [−1.00, 0.00]"
    assert words.estimate(model(est=None, ci_lb=-math.inf)) == "Hedges' g in [−∞, 0.00]"
    assert words.estimate(model(est=None, ci_lb=-math.inf, ci_ub=math.inf)) == "no estimate"
    assert words.how(model(k=3, method="REML", test="knha")) == "REML, Knapp-Hartung"
    prior = "half-normal prior on tau, scale 0.5"
    assert words.how(model(k=3, method=prior)) == prior
    assert (words.p_cell(0.0004), words.p_cell(0.04), words.p_cell(None)) == ("< 0.001", "0.040", "")


def test_numbers_in_sentences_lead_to_their_rows():
    counts = words.verdicts_counted(Counter({"mixed": 2, "supported": 1}), " on this topic", about="d")
    assert plain(counts) == "Of 3 empirical statements on this topic, 2 are mixed and 1 is supported."
    assert counts[1].address == "#?about=d"
    assert [part.address for part in counts if str(part) == "1 is supported"] == ["#?about=d&judged=supported"]


@pytest.mark.parametrize(
    ("n", "told"),
    [
        (1, "The only empirical statement on this topic is"),
        (2, "Both empirical statements on this topic are"),
        (3, "All 3 empirical statements on this topic are"),
    ],
)
def test_claims_of_one_verdict_are_counted_as_one_says_it(n, told):
    text = words.verdicts_counted(Counter({"supported": n}), " on this topic", about="d")
    assert plain(text) == f"{told} supported."
    assert [part.address for part in text if isinstance(part, Link)] == ["#?about=d"]


def summed_up(effects, models=()):
    """The summary of a review that is a title and has these effects, as text by lead."""
    told = words.summary(evidence_with(review=Review(title="A title")), effects, list(models))
    return {name: plain(text) for name, text in told}


@pytest.mark.parametrize(
    ("fidelity", "told"),
    [
        ([], None),
        (["not coded", "not coded"], None),
        (["no source cited", "no source cited"], None),
        (["not seen", "no source cited"], "The cited sources could not be read."),
        (
            ["yes", "partly", "partly", "not seen"],
            "Of these, the cited source says so for 1 and says a part of it for 2; for the others it could not "
            "be read or identified, or none is cited.",
        ),
    ],
)
def test_whether_the_sources_say_so_stands_beside_the_verdicts(fidelity, told):
    rows = [ClaimVerdict(kind="empirical", verdict="supported", fidelity=one) for one in fidelity or [None, None]]
    text = plain(words.verdict(rows))
    assert told in text if told else "cited source" not in text
    assert words.verdict([ClaimVerdict(kind="background", verdict="not testable")]) == []


def test_one_and_several_agree_with_their_verbs():
    one = effect(finding_id="a", report_id="r", rung="direction", sample_id="s", source_kind="abstract")
    alone = summed_up([one], [model(k=1)])
    assert (
        alone["Sources."]
        == "1 result was extracted, of 1 report: all from an abstract. No result was read in a full text."
    )
    assert alone["Completeness of reporting."] == "The only included result reports only the direction."
    assert alone["Data needed."] == "1 included result could be upgraded by extracting data from the full text."
    assert alone["Pooling."].startswith("No outcome has two independent samples with effect sizes")
    full = replace(one, finding_id="b", source_kind="full_text", rung="exact")
    several = summed_up([one, full, replace(one, use="excluded")], [model(), model()])
    assert several["Sources."] == (
        "3 results were extracted, of 1 report: 2 from an abstract and 1 from a full text. 2 were included; 1 was "
        "excluded, with the reason given."
    )
    assert several["Completeness of reporting."] == (
        "Of 2 included results, 1 reports an effect size with a confidence interval and 1 reports only the direction."
    )
    assert several["Pooling."].startswith("2 outcomes have two or more independent samples with effect sizes")
    assert words.wanting(0) == "Every included result reports an effect size with a confidence interval."
    assert words.wanting(1).startswith("1 included result could")


@pytest.mark.parametrize("kind", PANELS)
def test_a_panel_without_a_caption_has_the_one_of_its_kind(kind):
    panel = {"name": "a", "kind": kind, "heading": "h", "title": "t", "subtitle": "s"}
    for more, caption in ({}, CAPTIONS[kind]), ({"caption": "Its own."}, "Its own."):
        review = Review(title="A title", panels=[panel | more])
        assert [one.caption for one in overviews(review) if one.stem == f"a--{kind}"] == [f"t. s {caption}"]


def test_what_if_keeps_the_models_of_a_cell_apart():
    classical, wider = model(model="random effects"), model(model="all evidence")
    same = {"contrast": "bpd_vs_control", "outcome_group": "oxt-level", "metric": "SMD", "k": 4, "ci_lb": -1.0}
    rows = [
        Refit(**same, model=name, sample_id=sample, label=sample, est=est, ci_ub=0.1)
        for name, est in (("random effects", -0.4), ("all evidence", -0.6))
        for sample in ("a", "b")
    ]
    found = {cell.model.model: cell.kinds["sample left out"] for cell in what_if([classical, wider], rows, [])}
    assert {name: [(row.name, row.est) for row in rows] for name, rows in found.items()} == {
        "random effects": [("a", -0.4), ("b", -0.4)],
        "all evidence": [("a", -0.6), ("b", -0.6)],
    }


def test_what_tells_nothing_is_not_offered():
    row = Variant(
        contrast="bpd_vs_control", outcome_group="oxt-level", metric="SMD", model="all evidence", kind="reading",
        variant="p < 0.1", k=2, ci_lb=-math.inf, ci_ub=math.inf,
    )  # fmt: skip
    assert what_if([model(model="all evidence", est=None)], [], [row]) == []
    assert what_if([model(model="all evidence", est=None)], [], [replace(row, ci_ub=0.3)])


def test_methods_tell_and_cite_what_was_run(config):
    random = model(model="random effects", k=5, method="PM", test="knha", level=0.95, I2=10.0, pi_rule="t with 4 df")
    methods = write_methods(config, [effect(es_method="Hedges' g from t")], [], [random], {})
    text = " ".join(text for _, text in methods.paragraphs)
    assert "Paule and Mandel" in text
    assert "Knapp-Hartung" in text
    assert "95%" in text
    assert "Hedges' g from t (1)" in text
    assert works()["paule1982"] in methods.works
    assert works()["viechtbauer2005"] not in methods.works


# ---------------------------------------------------------------- the page


def test_the_page_is_the_same_twice_and_needs_nothing_outside(tmp_path):
    evidence = synthetic_evidence(2, 9, 5)
    first = synthetic_report(tmp_path, evidence).read_text(encoding="utf-8")
    assert synthetic_report(tmp_path, evidence).read_text(encoding="utf-8") == first
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', first)[1]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert re.findall(r"<(?:link|img|iframe|object)[ >]", first) == []
    assert re.findall(r'(?:src|srcset)="(?!data:)', first) == []
    assert " style=" not in first


REVIEWED = Reviewed(label="Nobody (2016)", citation="Nobody A (2016). A review.", kind="narrative review")
OF_A_REVIEWED_WORK = (  # what the page says of the work that it examines
    "<title>A made-up review: a living reanalysis</title>",
    "A made-up review · a living reanalysis<",
    "We extracted the results cited in Nobody (2016), a narrative review, ",
    "The review lists 9 reports. From these, ",
    "A topic is one section of the review",
    ">Do the statements of the review hold?<",
    "A row number is that in the table of reports of the review; ",
    "The table of reports, row 1<",
    ">The review and the methods<",
)
OF_ITS_OWN = (
    "<title>A made-up review: a living synthesis</title>",
    "A made-up review · a living synthesis<",
    "We extracted the results of the studies on each question",
    "A topic is one part of the synthesis",
    ">Do the statements hold?<",
    "A row number is that in the list of reports; ",
    "The list of reports, row 1<",
    ">The methods<",
)


@pytest.mark.parametrize("reviewed", [None, REVIEWED], ids=["a synthesis of one's own", "a reanalysis"])
def test_the_page_speaks_of_a_reviewed_work_only_where_there_is_one(tmp_path, reviewed):
    evidence = synthetic_evidence(2, 9, 5)
    listed = {
        name: report.model_copy(update={"in_review": i}) for i, (name, report) in enumerate(evidence.reports.items(), 1)
    }
    review = Review(title="A made-up review", reviewed=reviewed)
    page = synthetic_report(tmp_path, replace(evidence, reports=listed, review=review)).read_text(encoding="utf-8")
    said, unsaid = (OF_A_REVIEWED_WORK, OF_ITS_OWN) if reviewed else (OF_ITS_OWN, OF_A_REVIEWED_WORK)
    assert [text for text in said if text not in page] == []
    assert [text for text in unsaid if text in page] == []


# ---------------------------------------------------------------- data checks

ABOUT_SE = {"file": "findings/domain-00.csv", "line": 3, "column": "sd1i", "value": "10.2", "severity": "warning"}
HOSTILE_MESSAGE = "an SD that <b>looks</b> like an SE"


def problems_of(evidence):
    """An open and an accepted warning about findings, and one about a report."""
    first, second = (row for rows in evidence.findings.values() for row in rows[:1])
    row = "finding_id: {}, coding: primary".format
    fix = "Look it up."
    return [
        Problem(**ABOUT_SE, message=HOSTILE_MESSAGE, fix=fix, check="sd-of-one-group", row=row(first.finding_id)),
        Problem(
            **ABOUT_SE | {"file": "findings/domain-01.csv", "column": "m1i", "value": "3"},
            message="an effect of 4",
            fix=fix,
            check="very-large-effect",
            accepted="table 2 prints it (AB, 2025-01-31)",
            row=row(second.finding_id),
        ),
        Problem(
            "reports.csv",
            2,
            "year",
            "2001",
            "the id says 2010",
            fix,
            "warning",
            "year-of-a-report",
            "",
            "report_id: report-0003",
        ),
    ]


def test_the_report_shows_open_warnings_then_accepted_ones_and_leads_to_the_finding(tmp_path):
    evidence = synthetic_evidence(2, 9, 5)
    page = synthetic_report(tmp_path, evidence, problems_of(evidence)).read_text(encoding="utf-8")
    (section,) = re.findall(r'<section class="back" id="checks".*?</section>', page, re.DOTALL)
    first, second = (rows[0].finding_id for rows in evidence.findings.values())
    _, opened, accepted = section.split("<details")
    assert "2 warnings are open" in opened
    assert "1 was looked into and accepted" in opened
    assert f'data-open="{first}--primary"' in opened
    assert f'data-open="{second}--primary"' not in opened
    assert 'href="#ref-report-0003"' in opened
    assert "findings/domain-00.csv, line 3" in opened
    assert "An SD that &lt;b&gt;looks&lt;/b&gt; like an SE." in opened
    assert CHECKS["sd-of-one-group"].expected in html.unescape(opened)
    assert f'data-open="{second}--primary"' in accepted
    assert "table 2 prints it (AB, 2025-01-31)" in accepted
    assert 'href="#checks"' in page


def test_a_report_on_data_without_warnings_says_so(tmp_path):
    page = synthetic_report(tmp_path, synthetic_evidence(1, 3, 5)).read_text(encoding="utf-8")
    (section,) = re.findall(r'<section class="back" id="checks".*?</section>', page, re.DOTALL)
    assert "Nor did any of them give a warning" in section
    assert "<table" not in section


def test_no_open_warning_is_said_too():
    checks = DataChecks(2, [], [Warned(["x"], "a.csv", "", "m", "f", "", "c", "because")])
    assert plain(checks.lead).endswith(" None is open. 1 was looked into and accepted; the reason stands beside each.")


def test_warnings_about_the_real_data_lead_to_their_findings(evidence, effects):
    _, problems = check(RAW)
    checks = data_checks(listed(problems), counted(problems), effects, evidence)
    marks = {finding_mark(effect) for effect in effects}
    about = [one.about[0] for one in (*checks.open, *checks.accepted) if one.place.startswith("findings/")]
    assert about
    assert {link.key for link in about} <= marks


@pytest.mark.parametrize("path", sorted((SOURCE / "report").iterdir()), ids=lambda path: path.name)
def test_the_page_asks_for_no_table_that_does_not_exist(path):
    """A script that asks for another name finds no rows, and says nothing."""
    if path.is_file():
        asked = set(re.findall(r"""["'](\d_\w+/[\w/<>-]+\.csv)["']""", path.read_text(encoding="utf-8")))
        assert asked <= {*CHECKED, *TABLES, *FIGURE_TABLES}
