"""A report with a page for each topic: what is found on the page of the whole review opens on that of its topic."""

import re
import shutil
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe

from reanalysis.files.config_file import read_config
from reanalysis.report.site import PAGE, RESULTS, STATEMENTS, Site
from reanalysis.results.rows import ClaimVerdict, Effect, Model
from reanalysis.results.table import read_table
from tests.browser.conftest import THIN, load
from tests.synthetic import write_report

ALL = Site().page(RESULTS)


@pytest.fixture(scope="module")
def results(built, tmp_path_factory):
    """The results of the review, with a report in pages."""
    results = shutil.copytree(built / "results", tmp_path_factory.mktemp("divided") / "results")
    made = [path for path in results.glob("[0-9]_*/**/*") if path.is_file()]
    config = built / "config/config.yaml"
    write_report(results, read_config(config, {}), made, [config], divided=True)
    return results


@pytest.fixture
def open_page(request, browser, results):
    """Open a page at a place, in a context of its own; complaints fail the test.

    In Chromium, or where a test asks for `any_browser`, in both.
    """
    browser = request.getfixturevalue("any_browser") if "any_browser" in request.fixturenames else browser
    tabs = []

    def visit(page=PAGE, place="", **how):
        tabs.append(load(browser, results / page, place, **how))
        return tabs[-1]

    yield visit
    for tab in tabs:
        tab.context.close()
    assert [tab.complaints for tab in tabs if tab.complaints] == []


def arrived(tab, topic):
    """Wait for the page of a topic with its panel, by whatever pages the way leads."""
    tab.wait_for_selector(f"div.domain#{topic}", state="attached")
    tab.wait_for_selector("#panel[open]")
    assert f"/report/{topic}.html#?open=" in tab.url


def test_a_result_that_is_found_opens_on_the_page_of_its_topic(any_browser, open_page, results):
    effects = read_table(results / "2_effects/ladder.csv", Effect)
    tab = open_page(ALL)
    assert tab.locator("#found").text_content().startswith(f"{len(effects)} of {len(effects)} results")
    effect = next(one for one in effects if one.domain == "early-stress" and one.rung == "bounded")
    tab.fill("#findings [name=q]", effect.label)
    tab.wait_for_url(f"**/{ALL}#?q=*")
    tab.locator(f"#found-rows [data-open='{effect.finding_id}--{effect.coding}']").click()
    arrived(tab, effect.domain)
    assert effect.outcome in tab.locator("#panel h2").text_content()
    assert "Formula" in tab.locator("#panel").text_content() or effect.why in tab.locator("#panel").text_content()


def test_the_way_back_leads_to_the_search(open_page):
    tab = open_page(ALL, "#?q=cyberball")
    tab.locator("#found-rows .open").first.click()
    tab.wait_for_selector("div.domain", state="attached")
    tab.wait_for_selector("#panel[open]")
    tab.go_back()
    tab.wait_for_selector("[data-ready]", state="attached")
    assert tab.url.endswith(f"{ALL}#?q=cyberball")
    assert tab.locator("#findings [name=q]").input_value() == "cyberball"


def test_an_address_that_names_a_row_of_a_topic_leads_to_it(any_browser, open_page, results):
    verdicts = read_table(results / "4_synthesis/claims.csv", ClaimVerdict)
    claim = next(row for row in verdicts if row.domain == "early-stress")
    other = next(row for row in verdicts if row.domain and row.domain != claim.domain)
    tab = open_page(place=f"#?open={claim.claim_id}", leaves=True)
    arrived(tab, claim.domain)
    tab = open_page(f"report/{claim.domain}.html", f"#?open={other.claim_id}", leaves=True)
    arrived(tab, other.domain)
    assert other.claim_id in tab.locator("#panel .eyebrow").text_content()


def test_a_mark_of_a_figure_of_the_whole_review_opens_its_model(open_page, results):
    model = next(row for row in read_table(results / "3_models/models.csv", Model) if row.k > 1)
    tab = open_page()
    mark = tab.locator(f"[data-mark^='{model.domain}--model--']").first
    tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    mark.focus()
    tab.keyboard.press("Enter")
    arrived(tab, model.domain)


def test_a_mark_of_a_figure_of_the_whole_review_opens_its_result(open_page, results):
    effects = {f"{one.finding_id}--{one.coding}": one for one in read_table(results / "2_effects/ladder.csv", Effect)}
    tab = open_page()
    keys = tab.evaluate("[...document.querySelectorAll('#figures [data-mark]')].map(one => one.dataset.mark)")
    key = next(key for key in keys if key in effects)
    tab.evaluate("key => { setTimeout(() => go({open: key})); }", key)
    arrived(tab, effects[key].domain)
    assert effects[key].outcome in tab.locator("#panel h2").text_content()


def test_what_has_no_topic_opens_among_all_statements(open_page, results):
    claim = next(row for row in read_table(results / "4_synthesis/claims.csv", ClaimVerdict) if not row.domain)
    tab = open_page(place=f"#?open={claim.claim_id}", leaves=True)
    tab.wait_for_selector("#all-claims")
    tab.wait_for_selector("#panel[open]")
    assert claim.why in tab.locator("#panel").text_content()


def test_a_topic_is_searched_and_varied_on_its_page(open_page):
    tab = open_page("report/early-stress.html")
    tab.fill("#findings [name=q]", "kartal")
    assert tab.locator("#found-rows tr").count() >= 1
    choice = tab.locator(".leave select").first
    before = tab.locator(".leave output").first.text_content()
    choice.select_option(index=1)
    assert tab.locator(".leave output").first.text_content() != before


def test_statements_that_are_counted_on_a_topic_are_filtered_among_all(open_page):
    tab = open_page("report/early-stress.html")
    tab.locator("a", has_text="empirical statements").first.click()
    tab.wait_for_selector("#all-claims")
    tab.wait_for_selector("[data-ready]", state="attached")
    assert tab.locator("#claim-filter [name=about]").input_value() == "early-stress"
    assert 1 < tab.locator("#all-claims tbody tr:visible").count() < 20


def test_without_its_script_every_topic_can_be_reached_and_read(browser, results):
    context = browser.new_context(java_script_enabled=False, offline=True)
    tab = context.new_page()
    tab.goto((results / PAGE).as_uri())
    tab.locator("#domains a", has_text="Early life stress").first.click()
    tab.wait_for_url("**/report/early-stress.html")
    assert tab.locator(".domain svg.drawing").first.is_visible()
    assert tab.locator("#findings").is_hidden()
    context.close()


@pytest.mark.parametrize("page", [ALL, Site().page(STATEMENTS), Site().page("early-stress")])
def test_no_barrier(browser, results, page):
    """On the pages that an undivided report has not."""
    tab = load(browser, results / page)
    tab.evaluate(THIN)
    assert tab.complaints == []  # axe itself asks for the style once more, which is refused
    found = Axe().run(tab, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in found] == []
    tab.context.close()


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, results):
    for page in (PAGE, ALL, Site().page(STATEMENTS), Site().page("early-stress")):
        tab = load(browser, results / page, viewport={"width": 390, "height": 844})
        tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
        tab.context.close()


def test_pages_are_small(results):
    sizes = {path.name: path.stat().st_size for path in (results / PAGE, *(results / "report").iterdir())}
    assert max(sizes.values()) < 1.2e6, sizes


def test_the_names_of_topics_are_names_of_files(results):
    assert all(quote(path.name) == path.name for path in (results / "report").iterdir())


def test_of_thousands_of_statements_the_first_are_shown_until_all_are_asked_for(browser, results):
    """A browser takes seconds to lay out thousands of rows; without the script all of them can be read."""
    page = results / Site().page(STATEMENTS)
    text = page.read_text(encoding="utf-8")
    begin, end = text.index('<tbody class="many">') + len('<tbody class="many">'), text.index("</tbody>")
    (row, *_), copies = re.findall(r"<tr id=.*?</tr>", text[begin:end], re.DOTALL), 1200
    rows = [re.sub(r'id="\w+" data-row="\w+"', f'id="X{i}" data-row="X{i}"', row) for i in range(copies)]
    many = page.with_name("many.html")
    many.write_text(text[:begin] + "\n".join(rows) + text[end:], encoding="utf-8")
    tab = load(browser, many)
    assert tab.locator("#claims-found").text_content() == f"{copies} of {copies} statements"
    assert tab.locator("#all-claims tbody tr:visible").count() == 500
    tab.locator("#more-claims").click()
    assert tab.locator("#all-claims tbody tr:visible").count() == copies
    assert tab.locator("#more-claims").is_hidden()
    tab.context.close()
    context = browser.new_context(java_script_enabled=False, offline=True)
    tab = context.new_page()
    tab.goto(many.as_uri())
    assert tab.locator("#all-claims tbody tr:visible").count() == copies
    context.close()
    many.unlink()
