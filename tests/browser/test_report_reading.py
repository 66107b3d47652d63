"""What a reader can do with the report: follow every mark to its source, ask what if, search, link, print."""

import csv
import html
import io
import math
import re
from collections import Counter
from dataclasses import replace
from urllib.parse import quote

import openpyxl
import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe

from reanalysis.figures.forest_table import ForestRow, finding_mark
from reanalysis.results.rows import Effect, Refit
from reanalysis.results.table import read_table
from reanalysis.schema.vocabulary import METRICS
from reanalysis.text import interval, number
from tests.browser.conftest import ON_PAPER_OR_DISK, THIN, load, shared
from tests.project import read_csv
from tests.synthetic import HOSTILE, synthetic_evidence, synthetic_report

MOST_PAGES = 20  # of A4 for the evidence of today


@pytest.fixture(scope="module")
def results(built):
    return built / "results"


@pytest.fixture(scope="module")
def effects(results):
    return read_table(results / "2_effects/ladder.csv", Effect)


@pytest.fixture(scope="module")
def drawn(results):
    """Rows of all forest plots."""
    return [row for path in sorted((results / "5_figures/forest").glob("*.csv")) for row in read_table(path, ForestRow)]


@pytest.fixture
def open_page(browser, results):
    """Open the report, or another page, at a place and in a context of one's own; complaints fail the test."""
    tabs = []

    def visit(place="", page=None, **how):
        tabs.append(load(browser, page or results / "report.html", place, **how))
        return tabs[-1]

    yield visit
    for tab in tabs:
        tab.context.close()
    assert [tab.complaints for tab in tabs if tab.complaints] == []


OPEN = "for (const one of document.querySelectorAll('details')) one.open = true"


@pytest.fixture(scope="module")
def lent(any_browser, results):
    with shared(any_browser, results / "report.html", OPEN) as lent:
        yield lent


@pytest.fixture
def tab(lent):
    """The report with everything opened, in a tab that tests share."""
    with lent() as tab:
        yield tab


def opened(tab):
    tab.evaluate(OPEN)
    return tab


# ---------------------------------------------------------------- from a mark to its source


def test_every_mark_of_every_figure_is_in_the_page_and_opens_its_row(tab, results):
    marks = Counter(
        mark
        for path in (results / "5_figures").glob("**/*.svg")
        for mark in re.findall(r'id="([^"]*--[^"]*|[CF]\d{3})"', path.read_text(encoding="utf-8"))
    )
    keys = tab.evaluate("[...document.querySelectorAll('[data-mark]')].map(one => one.dataset.mark)")
    assert len(keys) == sum(marks.values()) > 150
    opened = tab.evaluate("keys => keys.map(key => [key, show(key), document.getElementById('panel').innerText])", keys)
    orphans = [key for key, shown, text in opened if not shown or len(text) < 60 or "undefined" in text]
    assert orphans == []


def test_no_word_of_a_figure_is_lost(tab, results):
    shown = tab.evaluate(
        """Object.fromEntries([...document.querySelectorAll('figure')].map(one =>
             [one.id, [...one.querySelectorAll('svg text')].map(text => text.textContent)]))"""
    )
    paths = {f"figure-{path.stem}": path for path in (results / "5_figures").glob("**/*.svg")}
    assert len(shown) > 20
    for name, texts in shown.items():
        drawn = re.findall(r"<text .*?>(.*?)</text>", paths[name].read_text(encoding="utf-8"))
        assert texts == [html.unescape(words) for words in drawn], name


def test_the_panel_shows_what_is_stored(tab, effects, drawn):
    printed = {row.mark_id: row.effect for row in drawn if row.kind == "finding"}
    keys = [finding_mark(effect) for effect in effects]
    texts = tab.evaluate("keys => keys.map(key => (show(key), document.getElementById('panel').innerText))", keys)
    for effect, key, text in zip(effects, keys, texts, strict=True):
        assert printed[key] in text
        assert effect.locator in " ".join(text.split()) or effect.locator.split()[0] in text
        if effect.rung == "exact":
            assert f"{effect.yi:.5g}".replace("-", "\N{MINUS SIGN}", 1) in text
            assert f"{effect.vi:.5g}" in text


def test_figure_table_and_page_show_the_same_numbers(tab, drawn):
    articles = tab.evaluate(
        """Object.fromEntries([...document.querySelectorAll('.domain')].map(one => [one.id, {
             drawn: [...one.querySelectorAll('figure[id="figure-' + one.id + '"] svg text')].map(text =>
               [Number(text.getAttribute('y')), Number(text.getAttribute('x')), text.textContent]),
             table: [...one.querySelectorAll('.twin td.e')].map(cell => cell.textContent)}]))"""
    )
    for domain, shown in articles.items():
        own = [row.effect for row in drawn if row.domain == domain and row.kind in ("finding", "model")]
        assert shown["table"] == own
        if not shown["drawn"]:
            continue  # no effect of the topic has a size, so no forest plot is drawn
        lines = _lines(shown["drawn"])
        for effect, n in Counter(own).items():
            assert sum(effect.replace(" ", "") in line for line in lines) >= n, effect


def _lines(texts):
    """Lines of a drawing, without spaces, from the places of their parts: y, x and text."""
    lines, last = [], -math.inf
    for y in sorted({y for y, _, _ in texts}):
        if y - last > 2:
            lines.append([])
        lines[-1] += [(x, text) for own, x, text in texts if own == y]
        last = y
    return ["".join(text for _, text in sorted(line)).replace(" ", "") for line in lines]


@ON_PAPER_OR_DISK
def test_the_numbers_of_the_page_can_be_downloaded_as_they_are_stored(tab, results):
    for name in ("2_effects/ladder.csv", "4_synthesis/ladder.csv", "1_checked/samples.csv"):
        with tab.expect_download() as download:
            tab.locator(f"#data [data-csv='{name}']").click()
        columns, records = read_csv(results / name)
        saved = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
        assert list(saved[0]) == columns
        assert saved == records


def workbook(download):
    return openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()), read_only=True)


@ON_PAPER_OR_DISK
def test_a_workbook_holds_the_numbers_as_numbers_and_says_how_to_cite_it(tab, results):
    with tab.expect_download() as download:
        tab.locator("#data [data-xlsx='2_effects/ladder.csv']").click()
    book = workbook(download)
    sheet, source = book.worksheets
    columns, records = read_csv(results / "2_effects/ladder.csv")
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == columns
    assert len(rows) == len(records) + 1
    at = columns.index("yi")
    assert [row[at] for row in rows[1:]] == [float(record["yi"]) if record["yi"] else None for record in records]
    assert [row[0] for row in rows[1:]] == [record[columns[0]] for record in records]
    assert "Version" in source["A2"].value
    with tab.expect_download() as download:
        tab.locator("#workbook").click()
    names = workbook(download).sheetnames
    assert len(names) == len(set(names)) == tab.evaluate("Object.keys(data.tables).length") + 1


@ON_PAPER_OR_DISK
def test_a_figure_is_printed_alone_on_a_page_of_its_size(tab):
    """The print dialog cannot be driven: what it would print is."""
    tab.evaluate("window.print = () => {}")
    tab.locator("[data-pdf='forest-early-stress']").click()
    width, height = tab.evaluate("(({width, height}) => [width, height])(standalone('forest-early-stress'))")
    with pypdfium2.PdfDocument(tab.pdf(prefer_css_page_size=True)) as paper:
        assert len(paper) == 1
        assert paper[0].get_size() == pytest.approx((width, height), abs=2)
        words = paper[0].get_textpage().get_text_range()
    assert "Bocchio Chiavetto" in words
    assert "Key findings" not in words
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.locator(".chosen").count() == 0


def test_every_figure_says_how_it_is_cited(tab):
    told = tab.evaluate(
        "[...document.querySelectorAll('figure')].map(one => (one.querySelector('.source') || {}).innerText)"
    )
    assert told
    assert all("Version" in words and "Licence" in words for words in told)
    assert len(set(told)) == len(told)


def test_without_its_script_the_page_offers_nothing_that_needs_it(browser, results):
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto((results / "report.html").as_uri())
    dead = page.locator("a[href^='#?']").count() + page.locator("a[href='#findings']:visible").count()
    assert dead == 0
    assert page.locator("main button:visible").count() == 0
    assert page.locator("noscript").inner_text().startswith("Without JavaScript")
    context.close()


@ON_PAPER_OR_DISK
def test_a_figure_can_be_downloaded_and_stands_alone(tab, browser):
    with tab.expect_download() as download:
        tab.locator("[data-svg='forest-early-stress']").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert text.startswith("<svg")
    assert "@font-face" in text
    assert "tabindex" not in text
    page = browser.new_page()
    page.set_content(text)
    assert page.locator("svg text", has_text="BPD vs control").count() > 0
    page.close()


# ---------------------------------------------------------------- what if


def test_leaving_a_sample_out_shows_the_stored_result(tab, results):
    rows = read_table(results / "3_models/leave_one_out.csv", Refit)
    assert rows
    for row in rows:
        _leave_out(tab, row)


def _leave_out(tab, row):
    model = f"{row.domain}--model--{row.contrast}--{row.outcome_group}--{row.metric}--{row.model.replace(' ', '-')}"
    box = tab.locator(f".leave[data-model='{model}']")
    before = box.locator("output").inner_text()
    box.locator("select").select_option(f"sample left out/{row.sample_id}")
    said = box.locator("output").inner_text()
    assert f"{number(row.est)} {interval(row.ci_lb, row.ci_ub)}" in said
    assert f"{row.k} samples" in said
    assert row.label in said
    assert tab.locator(f"#{row.domain} svg.drawing .ghost").count() == 1
    assert box.locator(".compare .ghost").count() == 1
    assert "if=" in tab.url
    box.locator("select").select_option("")
    assert box.locator("output").inner_text() == before
    assert tab.locator(".ghost").count() == 0


def test_the_diamond_of_the_other_choice_stands_where_its_numbers_say(tab, results):
    rows = read_table(results / "3_models/leave_one_out.csv", Refit)
    row = next(row for row in rows if row.ci_lb > -1.4)
    box = tab.locator(".leave", has=tab.locator(f"option[value='sample left out/{row.sample_id}']"))
    box.locator("select").select_option(f"sample left out/{row.sample_id}")
    texts = tab.evaluate(
        """[...document.querySelectorAll('#figure-early-stress svg.drawing text')].map(one => {
             const box = one.getBBox();
             return [box.y, box.x + box.width / 2, Number(one.textContent.replace('\u2212', '-'))]; })"""
    )
    numbers = [text for text in texts if not math.isnan(text[2])]
    lines = [{value: x for y, x, value in numbers if y == line} for line in {y for y, _, _ in numbers}]
    ticks = next(line for line in lines if {0, 1} <= line.keys())
    for x, value in zip(_xs(tab, ".ghost polygon"), (row.ci_lb, row.est, row.ci_ub), strict=False):
        assert x == pytest.approx(ticks[0] + value * (ticks[1] - ticks[0]), abs=1.2)


def _xs(tab, shape):
    """Where the corners of the first such shape of the figure stand, in points."""
    return [
        float(point.split(",")[0])
        for point in tab.locator(f"#figure-early-stress svg.drawing {shape}").first.get_attribute("points").split()
    ]


def test_an_interval_without_an_end_reaches_the_edge_of_the_plot_with_an_arrow(open_page):
    tab = opened(open_page())
    drawing = tab.locator("#figure-early-stress svg.drawing")
    _, _, left, right = map(float, drawing.get_attribute("data-axis-smd").split())
    wanted = "row => row.domain === 'early-stress' && row.model === 'all evidence'"
    for change, heads in (({"ci_lb": "-inf"}, 1), ({"est": "", "ci_lb": "-inf", "ci_ub": "inf"}, 2)):
        tab.evaluate(
            f"""change => {{ const row = alternatives.find({wanted}); Object.assign(row, change);
                 window.change(`${{modelKey(row)}}/${{row.kind}}/${{row.name}}`); }}""",
            change,
        )
        assert min(_xs(tab, ".ghost polygon")) == left
        assert tab.locator("#early-stress svg.drawing .ghost .head").count() == heads
    assert max(_xs(tab, ".ghost polygon")) == right


# ---------------------------------------------------------------- search, filters, links


def test_filters_find_what_the_table_holds(tab, effects, built):
    reports = {row["report_id"]: row for row in read_csv(built / "results/1_checked/reports.csv")[1]}
    found = tab.locator("#found")
    for name, value, expected in (
        ("rung", "bounded", sum(e.rung == "bounded" for e in effects)),
        ("use", "excluded", sum(e.use == "excluded" for e in effects)),
        ("domain", "early-stress", sum(e.domain == "early-stress" for e in effects)),
        ("contrast", "bpd_vs_control", sum(e.contrast == "bpd_vs_control" for e in effects)),
        ("year", "2013", sum(reports[e.report_id]["year"] == "2013" for e in effects)),
        ("dose", "26 IU", sum((e.dose, e.dose_unit) == ("26", "IU") for e in effects)),
        ("exposure", "social-exclusion", sum(e.exposure == "social-exclusion" for e in effects)),
        ("matrix", "plasma", sum(e.matrix == "plasma" for e in effects)),
        ("assay", "ria", sum(e.assay == "ria" for e in effects)),
    ):
        tab.locator(f"#findings [name={name}]").select_option(value)
        assert found.inner_text().startswith(f"{expected} of {len(effects)} "), (name, found.inner_text())
        assert expected > 0
        tab.locator("#findings [type=reset]").click()
    tab.locator("#findings [name=q]").fill("bartz2011-TRUST")
    expected = [e.label for e in effects if e.finding_id.startswith("bartz2011-trust")]
    assert tab.locator("#found-rows th").all_inner_texts() == expected
    assert len(expected) > 1


def test_verdicts_filter_claims_and_findings(tab, results):
    _, rows = read_csv(results / "4_synthesis/claims.csv")
    counts = Counter(row["overruled_verdict"] or row["verdict"] for row in rows)
    verdict, n = counts.most_common()[1]
    tab.locator("#claim-filter [name=judged]").select_option(verdict)
    assert tab.locator("#claims-found").inner_text() == f"{n} of {len(rows)} statements"
    assert tab.locator("#all-claims tbody tr:visible").count() == n
    offered = tab.locator("#findings [name=verdict] option").all_inner_texts()
    assert set(offered[1:]) <= set(counts)


def test_an_address_brings_back_what_was_shown(tab, open_page, effects):
    tab.locator("#findings [name=rung]").select_option("exact")
    tab.locator("#findings [name=q]").fill("oxytocin")
    key = finding_mark(effects[0])
    tab.wait_for_url("**/*q=oxytocin*")
    tab.evaluate("key => go({open: key})", key)
    said, heading = tab.locator("#found").inner_text(), tab.locator("#panel-title").inner_text()
    other = open_page("#" + tab.url.partition("#")[2])
    assert other.locator("#found").inner_text() == said
    assert other.locator("#findings [name=rung]").input_value() == "exact"
    assert other.locator("#panel-title").inner_text() == heading
    tab.go_back()
    assert not tab.locator("#panel").is_visible()


def test_numbers_lead_to_what_they_count(tab, effects, results):
    link = tab.locator("#summary a[href='#?use=main&rung=bounded']")
    link.click()
    n = int(link.inner_text().split()[0])
    assert tab.locator("#found").inner_text().startswith(f"{n} of ")
    assert n == sum((e.use, e.rung) == ("main", "bounded") for e in effects)
    link = tab.locator("#early-stress a[href^='#?about=early-stress&kind=empirical&judged=']").first
    link.click()
    assert tab.locator("#claims-found").inner_text().startswith(f"{link.inner_text().split()[0]} of ")
    model = tab.locator("#early-stress .lead a[data-open*='--model--']")
    model.click()
    stored = re.findall(r"−?\d+\.\d+", tab.locator("#panel .big").inner_text())
    assert re.findall(r"−?\d+\.\d+", model.inner_text()) == stored
    assert len(stored) == 3


def test_a_click_anywhere_in_a_row_opens_it(tab):
    row = tab.locator("#early-stress .models tbody tr").first
    row.locator(".e").first.click()
    assert tab.locator("#panel .big").inner_text() == row.locator(".e").first.inner_text()
    tab.keyboard.press("Escape")
    assert tab.evaluate("document.activeElement.dataset.open") == row.get_attribute("data-row")


def test_figures_over_all_domains_have_a_table_too(tab, results):
    tab.evaluate("for (const one of document.querySelectorAll('#map details')) one.open = true")
    for name in ("levels--studies", "flow"):
        tab.evaluate("name => { $(`#figure-${name} details[data-twin]`).open = false; }", name)
        fold = tab.locator(f"#figure-{name} details[data-twin]")
        fold.locator("summary").click()
        row = fold.locator("tbody tr").first
        row.click()
        assert tab.locator("#panel-title").inner_text()
        tab.keyboard.press("Escape")
        marks = tab.evaluate("name => $$(`#figure-${name} [data-mark]`).map(one => one.dataset.mark)", name)
        rows = fold.locator("tbody tr").evaluate_all("rows => rows.map(one => one.dataset.row)")
        assert set(marks) <= set(rows)


def test_a_cell_of_the_map_lists_its_findings(tab, effects):
    cell = tab.locator("a.cell[href='#?domain=early-stress&contrast=bpd_vs_control']")
    cell.click()
    own = [e for e in effects if (e.domain, e.contrast) == ("early-stress", "bpd_vs_control")]
    assert tab.locator("#found").inner_text().startswith(f"{len(own)} of ")
    main = [e for e in own if e.use == "main"]
    assert cell.locator("i.u").count() == len(main)


# ---------------------------------------------------------------- keyboard, light and dark, print, access


def test_the_keyboard_opens_and_closes_and_returns(tab):
    mark = tab.locator("#early-stress [data-mark]").first
    tab.locator("#figure-early-stress .skip").focus()
    for _ in range(3):  # the figure scrolls by keyboard, too
        tab.keyboard.press("Tab")
        if tab.evaluate("document.activeElement.dataset.mark"):
            break
    key = tab.evaluate("document.activeElement.dataset.mark")
    assert key == mark.get_attribute("data-mark")
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "panel-title"
    tab.keyboard.press("Escape")
    assert not tab.locator("#panel").is_visible()
    assert tab.evaluate("document.activeElement.dataset.mark") == key
    tab.keyboard.press("Space")
    assert tab.locator("#panel").is_visible()


def test_marks_are_met_in_the_order_of_reading(tab):
    """From the top to the bottom; along a specification curve from left to right."""
    asked = """([side, drawings]) => [...document.querySelectorAll(drawings)].map(one =>
      [...one.querySelectorAll('[data-mark] > .hit')].map(hit => Math.round(hit.getBoundingClientRect()[side])))"""
    curves = "[id$='--specification'] svg.drawing"
    in_rows = f".domain svg.drawing:not({curves}, [id$='--vibration'] svg.drawing)"
    for side, drawings in (("top", in_rows), ("left", curves)):
        places = tab.evaluate(asked, [side, drawings])
        assert any(places)
        assert all(own == sorted(own) for own in places)


def test_the_keyboard_stops_once_at_a_figure_and_arrows_lead_through_its_marks(tab):
    stops = tab.evaluate(
        "[...document.querySelectorAll('svg.drawing')].map(one => one.querySelectorAll('[tabindex=\"0\"]').length)"
    )
    assert max(stops) == 1
    marks = "document.querySelectorAll('#early-stress .opening [data-mark]')"
    tab.evaluate(f"{marks}[0].focus()")
    for key, place in (("ArrowDown", 1), ("ArrowRight", 2), ("ArrowUp", 1), ("End", -1), ("Home", 0)):
        tab.keyboard.press(key)
        assert tab.evaluate(f"document.activeElement === [...{marks}].at({place})"), key
    tab.keyboard.press("ArrowUp")
    assert tab.evaluate(f"document.activeElement === {marks}[0]"), "before the first there is none"


def test_terms_are_explained_where_they_stand(tab):
    told = tab.evaluate("[...document.querySelectorAll('.card abbr')].map(one => [one.innerText, one.title])")
    assert ["very uncertain", *[title for word, title in told if word == "very uncertain"][:1]] in told
    assert all(len(title) > 20 for _, title in told)


def test_on_a_phone_nothing_is_wider_and_each_row_has_its_part_of_the_plot(open_page, drawn):
    tab = open_page(viewport={"width": 390, "height": 844})
    assert tab.locator(".plot[open]").count() == 0
    rows = [row for row in drawn if row.kind in ("finding", "model") and row.panel in METRICS]
    assert tab.locator(".domain td.strip svg").count() == len(rows)
    drawn_rows = [row for row in rows if row.rung != "unusable" and (row.kind == "finding" or row.estimate is not None)]
    assert tab.locator(".domain td.strip").filter(has=tab.locator("svg > :not(.zero)")).count() == len(drawn_rows)
    tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


TARGETS = "button, select, input, summary, .bar a, .toc a, .honesty a, .tallies a, a.cell, tr[data-row]"


def test_targets_are_large_enough(tab):
    """WCAG 2.2, 2.5.8, for what is not part of a sentence or of a drawing, whose rows the tables offer again."""
    tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    small = tab.evaluate(
        """targets => [...document.querySelectorAll(targets)].filter(one => one.getClientRects().length)
             .map(one => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
             .filter(([, box]) => box.width < 24 || box.height < 24).map(([html, box]) => [html, box.height])""",
        TARGETS,
    )
    assert small == []


def test_dark_mode_recolours_page_and_figures(open_page):
    shade = """(() => { const light = (one, name) => getComputedStyle(document.querySelector(one))[name]
      .match(/[\\d.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b) / 3;
      return [light('body', 'backgroundColor'), light('body', 'color'), light('.domain svg text', 'fill')]; })()"""
    dark = open_page(color_scheme="dark")
    paper, ink, drawn = dark.evaluate(shade)
    assert paper < 60
    assert ink > 180
    assert drawn > 100
    dark.locator("#theme").click()
    paper, ink, drawn = dark.evaluate(shade)
    assert paper > 240
    assert ink < 60
    assert drawn < 130


def test_print_is_for_reading_and_leaves_looking_up_to_the_screen(open_page):
    tab = open_page()
    tab.emulate_media(media="print")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("details:not([open], .screen, .screen *)").count() == 0
    for name in (".bar", ".toc", "#findings", ".tools button", ".twin", ".hashes"):
        assert tab.locator(name).first.is_hidden()
    assert all(one.is_visible() for one in tab.locator(".paper").all())
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.locator("details:not([open])").count() > 20
    pdf = tab.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert 10 < pages <= MOST_PAGES


CONTRAST = "color-contrast"
BARRIERS = {
    "light": {},
    "dark": {"runOnly": [CONTRAST]},  # of the rules only colours can break there what holds in the light
    "phone": {"rules": {CONTRAST: {"enabled": False}}},
}


@pytest.mark.parametrize("how", BARRIERS)
def test_no_barrier(open_page, effects, how):
    place = f"#?open={quote(finding_mark(effects[0]))}" if how == "light" else "#?open=C001"
    size = {"viewport": {"width": 390, "height": 844}} if how == "phone" else {}
    tab = open_page(place, color_scheme="dark" if how == "dark" else "light", **size)
    tab.evaluate(THIN)
    found = Axe().run(tab, options={"resultTypes": ["violations"], **BARRIERS[how]}).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found] == []


def test_the_page_is_small_enough_to_send(results):
    assert (results / "report.html").stat().st_size < 3e6


# ---------------------------------------------------------------- text that would like to be code


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A report of a review whose titles, names and notes hold markup, scripts and sums; formulas are refused."""
    return synthetic_report(tmp_path_factory.mktemp("hostile"), synthetic_evidence(2, 28, 3, HOSTILE))


@pytest.fixture(scope="module")
def lent_hostile(browser, hostile):
    with shared(browser, hostile, OPEN) as lent:
        yield lent


@pytest.fixture
def hostile_tab(lent_hostile):
    """That report with everything opened, in a tab that tests share."""
    with lent_hostile() as tab:
        yield tab


def test_markup_and_scripts_appear_as_text(hostile_tab):
    tab = hostile_tab
    assert tab.title() == "A made-up review: a living synthesis"
    assert tab.locator("main img, main b.x, svg script").count() == 0
    page, twin = tab.locator("#references").inner_text(), tab.locator(".twin").first.text_content()
    drawn = "".join(tab.locator(".domain svg text").all_text_contents())  # a long word may be broken
    for text in HOSTILE:
        assert f"{text} on it" in page
        assert text in twin or text in tab.locator(".twin").last.text_content()
        assert text.split()[0] in drawn
    keys = tab.evaluate("[...document.querySelectorAll('[data-mark]')].map(one => one.dataset.mark)")
    texts = tab.evaluate(
        "keys => keys.map(key => (show(key), document.getElementById('panel').innerText)).join()", keys
    )
    assert all(text in texts for text in HOSTILE)
    assert tab.title() == "A made-up review: a living synthesis"


def test_a_review_without_statements_is_searched_as_well(any_browser, tmp_path):
    evidence = synthetic_evidence(1, 6, 3)
    page = synthetic_report(tmp_path, replace(evidence, claims={}))
    tab = load(any_browser, page, "#?q=study")
    assert tab.locator("#found-rows tr").count() == 6
    tab.locator("#found-rows .open").first.click()
    assert tab.locator("#panel").is_visible()
    assert tab.complaints == []
    tab.context.close()


def test_a_filter_without_words_is_not_offered(hostile_tab):
    tab = hostile_tab
    offered = {name: tab.locator(f"#findings select[name={name}]").is_visible() for name in ("rung", "dose", "assay")}
    assert offered == {"rung": True, "dose": False, "assay": False}


def test_the_panel_of_an_effect_shows_its_formula_in_symbols_and_with_values(hostile_tab, hostile):
    tab = hostile_tab
    _, lines = read_csv(hostile.parent / "2_effects/formulas.csv")
    shown = {}
    for line in lines:
        texts = dict.fromkeys((line["symbols"], line["values"]))  # a line without a cell stands there once
        shown.setdefault(f"{line['finding_id']}--{line['coding']}", []).extend(texts)
    assert len(shown) > 10
    for key, texts in shown.items():
        tab.evaluate("key => show(key)", key)
        assert tab.locator("#panel .math > div").all_text_contents() == texts


def test_formulas_are_defused_in_downloads_and_numbers_are_not(hostile_tab, hostile):
    tab = hostile_tab
    with tab.expect_download() as download:
        tab.locator("#data [data-csv='2_effects/ladder.csv']").click()
    saved = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8"))))
    stored = read_csv(hostile.parent / "2_effects/ladder.csv")[1]
    assert len(saved) == len(stored)
    for row, original in zip(saved, stored, strict=True):
        for name, cell in row.items():
            dangerous = original[name][:1] in ("=", "+", "-", "@", "\t") and not _number(original[name])
            assert cell == (f"'{original[name]}" if dangerous else original[name])
    assert any(row["label"].startswith("'-") for row in saved)
    assert any(row["yi"].startswith("-") for row in saved)


def _number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def test_a_classical_model_without_one_sample(hostile_tab, hostile):
    tab = hostile_tab
    rows = read_table(hostile.parent / "3_models/leave_one_out.csv", Refit)
    classical = [row for row in rows if row.model == "random effects"]
    assert classical
    for row in classical[:5]:
        _leave_out(tab, row)
