"""How large the report is, and how fast it opens and filters, for a made-up review of a given size.

    python benchmarks/report.py                         # 1,000 findings in 60 domains
    python benchmarks/report.py results/report.html     # a page that is there already

Needs Chromium. Times are the median of five visits with an empty cache; a measurement to read, not a test.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.conftest import HOW, program  # noqa: E402
from tests.synthetic import synthetic_evidence, synthetic_report  # noqa: E402

DOMAINS, FINDINGS, SEED, VISITS = 60, 1000, 1, 5
TYPED = """(text) => { const field = document.querySelector("#findings [name=q]"), start = performance.now();
  field.value = text; field.dispatchEvent(new Event("input", {bubbles: true})); document.body.offsetHeight;
  return performance.now() - start; }"""


def measure(browser: Browser, page: Path) -> dict[str, float]:
    """Milliseconds until the page answers, and of one filter with its layout."""
    context = browser.new_context(offline=True, viewport={"width": 1280, "height": 860})
    tab = context.new_page()
    start = time.perf_counter()
    tab.goto(page.resolve().as_uri())
    tab.wait_for_selector("[data-ready]", state="attached")
    tab.evaluate("new Promise(requestAnimationFrame)")
    times = {"interactive": 1000 * (time.perf_counter() - start)}
    times["filter"] = statistics.median(tab.evaluate(TYPED, text) for text in ("s", "st", "study 1", "outcome", ""))
    tab.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    start = time.perf_counter()
    tab.locator("#domains [data-mark]").last.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#panel[open]")
    times["panel"] = 1000 * (time.perf_counter() - start)
    context.close()
    return times


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = Path(sys.argv[1]) if len(sys.argv) > 1 else None
        if page is None:
            start = time.perf_counter()
            page = synthetic_report(Path(folder), synthetic_evidence(DOMAINS, FINDINGS, SEED))
            print(f"{FINDINGS} findings in {DOMAINS} domains built in {time.perf_counter() - start:.0f} s")
        browser = playwright.chromium.launch(executable_path=program("chromium"), **HOW["chromium"])
        visits = [measure(browser, page) for _ in range(VISITS)]
        print(f"size {page.stat().st_size / 1e6:.2f} MB")
        for name in visits[0]:
            print(f"{name:12} {statistics.median(visit[name] for visit in visits):7.0f} ms")
        browser.close()


if __name__ == "__main__":
    main()
