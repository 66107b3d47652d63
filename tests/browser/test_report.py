"""The report in a real browser with the network off: nothing is fetched, nothing fails, everything is shown."""

import re

import pytest

from tests.project import read_csv


@pytest.fixture(scope="module")
def visit(browser, built):
    """The report as it was opened, with all requests and complaints since."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.requests, page.complaints = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("console", lambda message: page.complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto((built / "results/report.html").as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def test_nothing_is_fetched(visit, built):
    own = (built / "results/report.html").as_uri()
    assert [url for url in visit.requests if url != own and not url.startswith("data:")] == []
    assert own in visit.requests


def test_the_page_reports_what_it_is_refused(visit):
    """Proof that the two lists of `visit` are not deaf: a request and an error are seen."""
    known = len(visit.requests), len(visit.complaints)
    visit.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x.png', id: 'probe'}))")
    visit.wait_for_function("document.getElementById('probe').complete")
    visit.evaluate("document.getElementById('probe').remove()")
    assert visit.complaints[known[1] :] or visit.requests[known[0] :]
    del visit.requests[known[0] :], visit.complaints[known[1] :]


def test_nothing_fails(visit):
    assert visit.complaints == []


def test_every_figure_is_shown_and_put_into_words(visit, domains):
    images = visit.evaluate("[...document.images].map(one => [one.naturalWidth, one.alt])")
    assert [alt for width, alt in images if width == 0] == []
    assert all(len(alt) > 20 for _, alt in images)
    drawings = visit.evaluate(
        """[...document.querySelectorAll('figure svg')].filter(one => !one.parentElement.closest('svg')).map(one =>
             [one.getBoundingClientRect().width, ['img', 'group'].includes(one.getAttribute('role')) &&
              (one.getAttribute('aria-label') || one.getAttribute('aria-labelledby')) !== null])"""
    )
    assert all(width > 0 and named for width, named in drawings)
    assert len(images) + len(drawings) >= len(domains) + 2


def test_every_domain_has_its_heading_and_can_be_reached(visit, domains):
    headings = visit.locator("h2, h3, h4").all_inner_texts()
    for domain in domains:
        assert any(domain["title"] in heading for heading in headings), domain["title"]
        assert visit.locator(f"[id='{domain['domain']}']").count() == 1
    links = visit.evaluate("[...document.querySelectorAll('a[href]')].map(one => one.getAttribute('href'))")
    ids = set(visit.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)"))
    places = [link for link in links if link.startswith("#") and not link.startswith("#?")]  # `#?` is what is shown
    assert [link for link in places if link[1:] not in ids] == []


def test_ids_are_unique(visit):
    ids = visit.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert sorted({name for name in ids if ids.count(name) > 1}) == []


def test_it_fits_a_small_screen(visit):
    visit.set_viewport_size({"width": 400, "height": 800})
    assert visit.evaluate("document.documentElement.scrollWidth") <= 400
    visit.set_viewport_size({"width": 1280, "height": 720})


@pytest.fixture(scope="module")
def domains(built):
    return read_csv(built / "data/raw/domains.csv")[1]


# ---------------------------------------------------------------- the words of the page

PRIVATE = ("rung", "rungs", "coding", "codings", "bounded")


def test_no_internal_word_is_in_what_people_read(visit):
    """Outside the sections on data and their checks, and the configuration, whose names are those of files."""
    text = visit.evaluate(
        """(() => { const page = document.querySelector('main').cloneNode(true);
             for (const one of page.querySelectorAll('#data, #checks, .choices')) one.remove();
             return page.textContent.replace(/\\s+/g, ' '); })()"""
    )
    for word in PRIVATE:
        found = [text[m.start() - 40 : m.end() + 30] for m in re.finditer(rf"\b{word}\b", text)]
        assert found == [], word


def test_no_name_of_a_column_or_an_id_is_in_what_people_read(visit, built):
    ids = {
        row[key]
        for file, key in (("contrasts", "contrast"), ("outcomes", "outcome_group"), ("domains", "domain"))
        for row in read_csv(built / f"results/1_checked/{file}.csv")[1]
    }
    text = visit.evaluate(
        """(() => { const page = document.querySelector('main').cloneNode(true);
             for (const one of page.querySelectorAll('#data, #checks, .choices, #references, svg')) one.remove();
             return page.textContent; })()"""
    )
    words = set(re.findall(r"[\w-]+", text))
    slugs = {name for name in ids & words if "_" in name or name.count("-") > 1}
    assert slugs == set()
    assert {word for word in words if re.fullmatch(r"[a-z]+[0-9]?_[a-z_]+", word)} == set()


def test_no_link_is_called_by_a_number_and_no_two_controls_by_one_name(visit):
    names = visit.evaluate(
        """[...document.querySelectorAll('main a')].map(one =>
             (one.getAttribute('aria-label') || one.textContent).trim())"""
    )
    assert [name for name in names if re.fullmatch(r"[\d.,% ]*", name)] == []
    controls = visit.evaluate(
        """[...document.querySelectorAll('button, select, input')].map(one => (one.getAttribute('aria-label') ||
             (one.labels && one.labels[0] && one.labels[0].firstChild.textContent) || one.textContent).trim())"""
    )
    assert sorted({name for name in controls if controls.count(name) > 1}) == []
