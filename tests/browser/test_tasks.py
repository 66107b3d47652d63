"""What people come for, done with as few clicks and as little scrolling as a page allows: counted, not guessed."""

import io
import math
import zipfile

import pytest

from tests.browser.conftest import shared

WIDTH, HEIGHT = 1366, 768  # of a small laptop
MOST_CLICKS, MOST_SCREENS, LONGEST = 3, 2, 25


class Reader:
    """Someone at the top of the page, who clicks what is in view and scrolls to what is not."""

    def __init__(self, tab):
        self.tab, self.clicks, self.screens = tab, 0, 0

    def see(self, selector, text=""):
        """Scroll to the first visible element that says this; its text."""
        found = self.tab.locator(selector)
        found = (found.filter(has_text=text) if text else found).locator("visible=true").first
        box = found.bounding_box(timeout=3000)
        if box["y"] < 0 or box["y"] + min(box["height"], HEIGHT / 2) > HEIGHT:
            distance = box["y"] - 60
            self.screens += math.ceil(abs(distance) / HEIGHT)
            self.tab.evaluate("y => window.scrollBy({top: y, behavior: 'instant'})", distance)
        return found.inner_text()

    def click(self, selector, text=""):
        self.see(selector, text)
        found = self.tab.locator(selector)
        (found.filter(has_text=text) if text else found).locator("visible=true").first.click()
        self.clicks += 1
        self.tab.wait_for_timeout(100)


@pytest.fixture(scope="module")
def lent(browser, built):
    """In Chromium: clicks and scrolling are counted, and that they do the same in Firefox is tried elsewhere."""
    with shared(browser, built / "results/report.html", viewport={"width": WIDTH, "height": HEIGHT}) as lent:
        yield lent


@pytest.fixture
def reader(lent):
    with lent() as tab:
        reader = Reader(tab)
        yield reader
    assert reader.clicks <= MOST_CLICKS
    assert reader.screens <= MOST_SCREENS


def test_does_oxytocin_help_or_harm_trust(reader):
    answer = reader.see("#answer-treatment li", "Trust")
    assert "very uncertain" in answer
    assert "lower with oxytocin (worse) in both samples" in answer


def test_the_level_in_plasma_of_patients_against_controls(reader):
    pooled = reader.see("#answer-levels li", "Peripheral oxytocin may be lower in BPD")
    assert "Hedges' g −0." in pooled
    reader.click(".bar nav a", "Search")
    reader.tab.locator("#findings [name=matrix]").select_option("plasma")
    reader.tab.locator("#findings [name=contrast]").select_option("bpd_vs_control")
    reader.clicks += 2
    rows = reader.tab.locator("#found-rows th").all_inner_texts()
    assert {"Bocchio Chiavetto 2025", "Ebert 2018", "Diaz-Marsá 2024"} <= set(rows)


@pytest.mark.parametrize("words", ["599", "374 pg/ml", "romantic", "bomann 1.60"])
def test_the_only_means_of_the_review_as_an_effect_size(reader, words):
    reader.click(".bar nav a", "Search")
    reader.tab.locator("#findings [name=q]").fill(words)
    assert "599 vs 374 pg/ml (ratio of means 1.60)" in reader.see("#found-rows tr", "Bomann 2017")
    reader.click("#found-rows th a", "Bomann 2017")
    assert "599 vs 374 pg/ml" in reader.see("#panel-body")
    assert "Hedges" in reader.tab.locator("#panel-body").inner_text()


def test_which_statements_do_not_hold_and_why(reader):
    reader.click(".bar nav a", "Statements")
    assert "no association was found" in reader.see("#claims .doubt[open] li", "rejection susceptibility")
    reader.click("#claims .doubt summary", "Leaves out evidence")
    assert "Bomann 2017" in reader.see("#claims .doubt[open] li", "OXT levels are lower in BPD")
    reader.click("#claims .doubt summary", "Counts and lists of the review")
    assert "the text says 70, 69 are counted" in reader.see("#claims .doubt[open] li", "70 articles").lower()


def test_what_changes_without_a_study(reader):
    reader.click("#answer-levels a", "Early life stress")
    box = "#early-stress .leave"
    reader.see(f"{box} select")
    change = reader.tab.locator(f"{box} select").first
    change.select_option(label="without Carrasco 2020")
    reader.clicks += 1
    said = reader.see(f"{box} output")
    assert "nothing changes, for it is not in this model (may share participants" in said
    change.select_option(label="without Ebert 2018")
    assert "difference" in reader.see(f"{box} output")


def test_a_table_as_csv_and_all_tables_at_once(reader, built):
    with reader.tab.expect_download() as download:
        reader.click("#zip")
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    assert archive.testzip() is None
    stored = (built / "results/4_synthesis/answers.csv").read_text(encoding="utf-8")
    assert archive.read("4_synthesis/answers.csv").decode() == stored
    reader.click(".bar nav a", "Figures")
    with reader.tab.expect_download() as download:
        reader.click("#figures [data-csv]")
    assert "Bocchio Chiavetto 2025" in download.value.path().read_text(encoding="utf-8")


def test_how_to_cite_it(reader):
    reader.click("summary", "Cite")
    text = reader.see(".cite")
    assert "@misc{" in text
    assert "Version " in text


def test_the_page_is_short_before_anything_is_opened(reader):
    assert reader.tab.evaluate("document.documentElement.scrollHeight") <= LONGEST * HEIGHT
