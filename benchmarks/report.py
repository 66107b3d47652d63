"""How large the report is, and how fast its pages open and filter in Chromium.

    python -m benchmarks.report                   # on 1,000 made-up findings in 60 domains
    python -m benchmarks.report results           # on results that are there already

`python -m benchmarks.growth` measures it on made-up reviews of growing size. Times are medians of several visits with
an empty cache: until the page answers, and of one filter with its layout where the page has a search.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tests.browser.conftest import HOW, program
from tests.synthetic import synthetic_evidence, synthetic_report

from reanalysis.report.site import FOLDER, PAGE, RESULTS, STATEMENTS, Site

DOMAINS, FINDINGS, SEED, VISITS = 60, 1000, 1, 5
FORMS = {"#findings": "[name=q]", "#claim-filter": "[name=claim]"}
"""The searches of a page, each with the field for words."""
TYPED = """([form, name, text]) => { const field = document.querySelector(`${form} ${name}`), start = performance.now();
  field.value = text; field.dispatchEvent(new Event("input", {bubbles: true})); document.body.offsetHeight;
  return performance.now() - start; }"""


def pages(results: Path) -> Iterator[tuple[str, Path]]:
    """The page of the whole review and, where it is not the only one, those of all rows and the largest of a topic."""
    yield "whole review", results / PAGE
    topics = [path for path in (results / FOLDER).glob("*.html") if not path.stem.startswith("all.")]
    if topics:
        yield "all results", results / Site().page(RESULTS)
        yield "all statements", results / Site().page(STATEMENTS)
        yield "largest topic", max(topics, key=lambda path: path.stat().st_size)


def measure(browser: Browser, page: Path) -> dict[str, float | None]:
    """Seconds until a page answers, and milliseconds of a filter."""
    visits = [_visit(browser, page) for _ in range(VISITS)]
    filters = [visit["filter_ms"] for visit in visits if visit["filter_ms"] is not None]
    return {
        "mb": round(page.stat().st_size / 1e6, 2),
        "interactive_s": round(statistics.median(visit["interactive_s"] for visit in visits), 2),
        "filter_ms": round(statistics.median(filters)) if filters else None,
    }


def _visit(browser: Browser, page: Path) -> dict[str, float | None]:
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 860})
    tab = context.new_page()
    start = time.perf_counter()
    tab.goto(page.resolve().as_uri())
    tab.wait_for_selector("[data-ready]", state="attached")
    tab.evaluate("new Promise(requestAnimationFrame)")
    times = {"interactive_s": time.perf_counter() - start, "filter_ms": None}
    form = next((form for form in FORMS if tab.locator(form).count()), None)
    if form:
        texts = ("s", "st", "study 1", "outcome", "")
        times["filter_ms"] = statistics.median(tab.evaluate(TYPED, [form, FORMS[form], text]) for text in texts)
    context.close()
    return times


def measured(results: Path) -> list[dict]:
    """A row for each page of a report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), **HOW["chromium"])
        rows = [{"page": name, **measure(browser, path)} for name, path in pages(results)]
        browser.close()
    return rows


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 1:
            results = Path(sys.argv[1])
        else:
            evidence = synthetic_evidence(DOMAINS, FINDINGS, SEED)
            results = synthetic_report(Path(folder), evidence, divided=True).parent
        print(json.dumps(measured(results)))


if __name__ == "__main__":
    main()
