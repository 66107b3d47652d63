"""The browsers of the tests of the report, with the network off, and pages in them that tests share."""

import os
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": ("firefox-esr", "firefox"),
}
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# What Playwright is told of each: the Firefox that a system brings is driven by WebDriver BiDi.
HOW = {"chromium": {"args": QUIET}, "firefox": {"channel": "moz-firefox"}}


def program(name):
    """Path of an installed browser; without one the tests are skipped, or fail where nothing may be skipped."""
    path = next(filter(None, map(shutil.which, PROGRAMS[name])), None)
    if path is None:
        message = f"no browser found: none of {', '.join(PROGRAMS[name])} is on the path (see `make browser`)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def playwright():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright):
    browser = playwright.chromium.launch(executable_path=program("chromium"), **HOW["chromium"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def firefox(playwright):
    browser = playwright.firefox.launch(executable_path=program("firefox"), **HOW["firefox"])
    yield browser
    browser.close()


# Downloads and prints cannot be driven in the Firefox of today: these tests have Chromium alone.
ON_PAPER_OR_DISK = pytest.mark.parametrize("any_browser", ["browser"], ids=["chromium"], indirect=True)


@pytest.fixture(scope="module", params=["browser", "firefox"], ids=["chromium", "firefox"])
def any_browser(request):
    """What a reader can do is tried in both browsers."""
    return request.getfixturevalue(request.param)


def load(browser, path, place="", leaves=False, **how):
    """A page in a context of its own, at a place in it; `complaints` of the tab gathers what goes wrong.

    A page that `leaves`, for a row that another one shows, is not waited for.
    """
    context = browser.new_context(offline=True, **{"viewport": {"width": 1280, "height": 860}, **how})
    tab = context.new_page()
    tab.complaints = []
    tab.on("console", lambda message: tab.complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("dialog", lambda dialog: tab.complaints.append(f"dialog: {dialog.message}"))
    tab.goto(path.as_uri() + place, wait_until="commit" if leaves else "load")
    if not leaves:
        tab.wait_for_selector("[data-ready]", state="attached")
    return tab


REMEMBER = "window.folds = new Map([...document.querySelectorAll('details')].map(one => [one, one.open]))"
# A search writes its words to the address a little later than they are typed: that is waited for.
AS_LOADED = """async () => {
  await new Promise(done => setTimeout(done, 200));
  history.replaceState(null, "", location.pathname);
  apply();
  for (const [one, open] of window.folds) one.open = open;
  getSelection().removeAllRanges();
  document.activeElement.blur();
  scrollTo({top: 0, behavior: "instant"}); }"""


@contextmanager
def shared(browser, path, prepare="", **how):
    """A function that lends one tab to many tests, each time as it was loaded and prepared by a script.

    To load the page takes seconds. Tests that change what the page holds, or what it keeps, load their own.
    """
    tab = load(browser, path, **how)
    if prepare:
        tab.evaluate(prepare)
    tab.evaluate(REMEMBER)

    @contextmanager
    def lent():
        tab.evaluate(AS_LOADED)
        yield tab
        said, tab.complaints = tab.complaints, []
        assert said == []

    yield lent
    tab.context.close()


# Rows of a table, works, marks and domains are built alike: the first of them stand for all, else this takes minutes.
# The tables of figures are filled when they are opened, a little later.
THIN = """async () => {
  for (const one of document.querySelectorAll('details')) one.open = true;
  await new Promise(done => setTimeout(done, 100));
  for (const one of document.querySelectorAll('tbody, .works, .list, select'))
    for (const row of [...one.children].slice(3)) row.remove();
  for (const one of document.querySelectorAll('svg.drawing'))
    for (const node of [...one.querySelectorAll('[data-mark], text')].slice(20)) node.remove();
  for (const one of [...document.querySelectorAll('.domain')].slice(3)) one.remove(); }"""
