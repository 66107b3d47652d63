"""A report with a page for each topic: nothing leads nowhere, and each page has what is its own."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest
from tests.project import ROOT, hashes, read_csv
from tests.synthetic import synthetic_evidence, synthetic_report

from reanalysis import jobs
from reanalysis.imports import SOURCE
from reanalysis.pipeline import STAGES
from reanalysis.report.links import claims, findings, place
from reanalysis.report.site import LONGEST, RESULTS, STATEMENTS, Site
from reanalysis.report.tables import FOUND_BY, OF_TOPIC, REPORTS, SAMPLES
from reanalysis.stages import FINDINGS_ON_A_PAGE, RAW, outputs

SCRIPTS = "".join(path.read_text(encoding="utf-8") for path in sorted((SOURCE / "report").glob("script_*.js")))


class Page(HTMLParser):
    """The addresses of a page, the names of its places, and what its script knows."""

    def __init__(self, path: Path):
        super().__init__()
        self.addresses: set[str] = set()
        self.ids: list[str] = []
        self._json = False
        self.data: dict = {}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        own = dict(attributes)
        self.addresses |= {own[name] for name in ("href", "src", "data-go") if own.get(name)}
        self.ids += [own["id"]] if "id" in own else []
        self._json = own.get("id") == "data-json"

    def handle_data(self, data):
        if self._json:
            self.data |= json.loads(data)

    def handle_endtag(self, tag):
        self._json = False

    def records(self, name):
        table, texts = self.data["tables"][name], self.data["texts"]
        return [dict(zip(table["columns"], (texts[at] for at in row), strict=True)) for row in table["rows"]]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """A divided report on three topics; one statement is on none of them."""
    evidence = synthetic_evidence(3, 40, 3)
    claim = next(iter(evidence.claims.values()))
    evidence.claims["C999"] = claim.model_copy(
        update={"claim_id": "C999", "domain": None, "claim": "on no topic", "cited_reports": ("report-0001",)}
    )
    return synthetic_report(tmp_path_factory.mktemp("divided"), evidence, divided=True)


@pytest.fixture(scope="module")
def pages(report):
    return {path: Page(path) for path in (report, *sorted((report.parent / "report").glob("*.html")))}


@pytest.fixture(scope="module")
def named(pages, report):
    """The pages of all results and of all statements, and those of topics in their order."""
    _, domains = read_csv(report.parent / "1_checked/domains.csv")
    names = (RESULTS, STATEMENTS, *(row["domain"] for row in domains))
    return {name: pages[report.parent / Site().page(name)] for name in names}


@pytest.fixture(scope="module")
def topics(named):
    return {name: page for name, page in named.items() if name not in (RESULTS, STATEMENTS)}


def test_there_is_a_page_for_each_topic_and_what_they_share(report, named):
    files = {path.name for path in (report.parent / "report").iterdir()}
    assert files == {*(f"{name}.html" for name in named), "style.css", "script.js"}
    assert len(named) == 5


def test_every_address_leads_to_a_place_that_is_there(pages):
    for path, page in pages.items():
        assert len(page.ids) == len(set(page.ids))
        for address in page.addresses:
            file, anchor = urldefrag(address)
            if file.startswith("https:"):
                continue
            target = (path.parent / unquote(file)).resolve() if file else path
            assert target.is_file(), (path.name, address)
            if anchor and not anchor.startswith("?"):
                assert unquote(anchor) in pages[target].ids, (path.name, address)
            elif anchor:
                assert target in pages


def test_topics_are_led_to_from_the_whole_and_from_their_neighbours(pages, report, named, topics):
    assert {f"report/{name}.html" for name in named} <= {urldefrag(one)[0] for one in pages[report].addresses}
    files = [f"{name}.html" for name in topics]
    for at, page in enumerate(topics.values()):
        beside = {file for place_of, file in enumerate(files) if abs(place_of - at) == 1}
        assert page.addresses & {*files} == beside


def test_each_page_has_the_rows_of_its_topic_as_they_are_stored(report, topics):
    _, effects = read_csv(report.parent / "2_effects/ladder.csv")
    assert [row for page in topics.values() for row in page.records("2_effects/ladder.csv")] == effects
    for page in topics.values():
        own = {row["domain"] for row in page.records("1_checked/domains.csv")}
        assert len(own) == 1
        findings = {row["finding_id"] for row in page.records("2_effects/ladder.csv")}
        assert {row["domain"] for row in page.records("2_effects/ladder.csv")} == own
        assert {row["finding_id"] for row in page.records("1_checked/findings.csv")} == findings
        reports = {row["report_id"] for row in page.records("2_effects/ladder.csv")}
        assert reports <= {row["report_id"] for row in page.records(REPORTS)}
        assert {row["domain"] for row in page.records("1_checked/claims.csv")} == own
        assert page.data["site"]["own"] in own


def test_the_page_of_the_whole_review_has_no_result(pages, report, named):
    """So that it opens as fast however many there are; that of all results has them by what they are found by."""
    assert [name for name in pages[report].data["tables"] if not name.startswith("5_figures/")] == []
    _, effects = read_csv(report.parent / "2_effects/ladder.csv")
    columns = FOUND_BY["2_effects/ladder.csv"]
    found = named[RESULTS].records("2_effects/ladder.csv")
    assert found == [{column: row[column] for column in columns} for row in effects]


def test_of_a_statement_on_a_topic_it_is_known_where_it_is_and_any_other_is_whole(named):
    known = {row["claim_id"]: row for row in named[STATEMENTS].records("1_checked/claims.csv")}
    assert known["C999"]["claim"] == "on no topic"
    assert known["C999"]["domain"] == ""
    assert all(row["domain"] and not row["claim"] for name, row in known.items() if name != "C999")
    cited = {row["report_id"] for row in named[STATEMENTS].records("2_effects/ladder.csv")}
    assert cited == {known["C999"]["cited_reports"]}


WRITE = """import sys
from pathlib import Path
from tests.synthetic import synthetic_evidence, synthetic_report
synthetic_report(Path(sys.argv[1]), synthetic_evidence(2, 12, 3), divided=True)"""


def test_the_order_of_hashes_changes_no_page(tmp_path):
    """Nothing is written in the order of a set."""
    made = []
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", WRITE, str(tmp_path)], cwd=ROOT, env=environment, check=True)
        made.append(hashes(tmp_path))
    assert made[0] == made[1]


def test_the_undivided_report_is_one_file(tmp_path):
    page = synthetic_report(tmp_path, synthetic_evidence(2, 6, 3))
    assert not (page.parent / "report").exists()
    assert Page(page).data["site"] is None
    assert {address for address in Page(page).addresses if not address.startswith(("#", "https:"))} == set()


def test_every_table_that_the_script_asks_for_is_one_that_pages_of_topics_have():
    asked = set(re.findall(r'(?:records\(|data\.tables\[)"([^"]+)"', SCRIPTS))
    assert len(asked) > 10
    assert asked == {*OF_TOPIC, REPORTS, SAMPLES}


def test_long_tables_are_shortened_on_the_page_of_the_whole_alone():
    rows, topics = list(range(LONGEST + 1)), frozenset({"one"})
    assert len(Site(topics).told(rows)) == LONGEST
    assert Site(topics, "one").told(rows) == Site().told(rows) == rows


def test_addresses_by_where_one_stands():
    one, whole, topic = Site(), Site(frozenset({"a", "b"})), Site(frozenset({"a", "b"}), "a")
    places = one, whole, topic, Site(topic.topics, RESULTS)
    assert [site.to(place("a", "a")) for site in places] == ["#a", "report/a.html", "#a", "a.html"]
    assert [site.to(place("b", "b")) for site in places] == ["#b", "report/b.html", "b.html", "b.html"]
    assert [site.to(place("m", "methods")) for site in places[:2]] == ["#methods"] * 2
    everywhere = [site.to(findings("f", q="x")) for site in places]
    assert everywhere == ["#?q=x", "report/all.results.html#?q=x", "#?q=x", "#?q=x"]
    everywhere = [site.to(claims("c", about="b")) for site in places]
    assert everywhere == ["#?about=b", *(f"{at}all.statements.html#?about=b" for at in ("report/", "", ""))]


def test_a_review_with_many_results_is_divided(tmp_path, monkeypatch):
    """By how many lines its findings have; a page of an earlier run does not stay."""
    told = {}
    monkeypatch.setattr("reanalysis.report.build_report", lambda *_, divided: told.update(divided=divided) or {})
    monkeypatch.chdir(tmp_path)
    folder = RAW / "findings"
    folder.mkdir(parents=True)
    for lines in (FINDINGS_ON_A_PAGE, FINDINGS_ON_A_PAGE + 1):
        (folder / "topic.csv").write_text("x\n" * lines, encoding="utf-8")
        jobs._report(STAGES["report"], None, None, {"made": [], "raw": [], "config": []})
        assert told["divided"] == (lines > FINDINGS_ON_A_PAGE)
    assert outputs(STAGES["report"]) == ["results/report.html", "results/report"]
