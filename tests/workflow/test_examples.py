"""Other reviews run by the same command: the second one, and one that is as small as a review can be."""

import csv
import json
import re
from pathlib import Path

from reanalysis.figures.cells_table import PLOTS
from reanalysis.new import begin
from tests.project import build, change_text

WORDS = {"first": r"oxytocin|\bbpd\b|borderline|giacomo", "second": r"fibromyalgia|h\u00e4user"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_the_second_review_has_its_own_results(example):
    results = example / "results"
    assert {path.name for path in (results / "5_figures/forest").glob("*.svg")} == {
        f"{domain}.svg" for domain in ("pain", "fatigue", "sleep", "mood", "quality-of-life")
    }
    assert (results / "5_figures/panels/pain-by-class--studies.svg").exists()
    plots = {row["plot"] for row in rows(results / "5_figures/cells.csv")}
    assert plots == {*PLOTS}
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest


def test_printed_estimates_are_found_again(example):
    """With the choices of the review four of five pooled estimates come out to the last decimal."""
    found = {}
    for row in rows(example / "results/4_synthesis/reproduced.csv"):
        if row["variant"].startswith("DL, Wald") and not row["level"]:
            found[row["domain"]] = (row["est_agrees"], row["interval_agrees"])
    assert found.pop("quality-of-life") == ("false", "false")
    assert found == dict.fromkeys(("pain", "fatigue", "mood", "sleep"), ("true", "true"))
    verdicts = {row["claim_id"]: row for row in rows(example / "results/4_synthesis/claims.csv")}
    assert {name for name, row in verdicts.items() if "not reproduced" in row["flags"]} == {"C005", "C006", "C007"}


def test_the_report_of_one_review_holds_no_word_of_the_other(example, built):
    second = (example / "results/report.html").read_text(encoding="utf-8").lower()
    first = (built / "results/report.html").read_text(encoding="utf-8").lower()
    assert re.findall(WORDS["first"], second) == []
    assert re.findall(WORDS["second"], first) == []
    assert re.search(WORDS["first"], first)
    assert re.search(WORDS["second"], second)


def test_a_new_review_runs_by_the_same_stages(tmp_path):
    """With what a review can do without taken away: no claims, no flow, no appraisals."""
    folder = tmp_path / "my review"
    begin(folder)
    change_text(folder / "config/config.yaml", lambda text: text.replace("[svg, pdf, png]", "[svg]"))
    raw = folder / "data/raw"
    for name in ("claims.csv", "flow.csv", "appraisals.csv"):
        (raw / name).unlink()
    run = build(folder)
    assert run.returncode == 0, run.stdout
    assert (folder / "results/report.html").stat().st_size > 100_000
    assert not (folder / "results/5_figures/overview/flow.svg").exists()
