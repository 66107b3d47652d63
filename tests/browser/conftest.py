"""One browser for all tests of the report, with the network off, and pages in it that tests share."""

import os
import shutil
from contextlib import contextmanager

import pytest
from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def chromium():
    """Path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    if path is None:
        message = f"no browser found: none of {', '.join(NAMES)} is on the path (Debian: apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


def load(browser, path, place="", **how):
    """A page in a context of its own, at a place in it; `complaints` of the tab gathers what goes wrong."""
    context = browser.new_context(offline=True, **{"viewport": {"width": 1280, "height": 860}, **how})
    tab = context.new_page()
    tab.complaints = []
    tab.on("console", lambda message: tab.complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.on("dialog", lambda dialog: tab.complaints.append(f"dialog: {dialog.message}"))
    tab.goto(path.as_uri() + place)
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
