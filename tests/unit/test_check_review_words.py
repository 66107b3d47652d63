"""What is wrong with `review.yaml`, and with what other tables say of it: each slip is told with its place."""

import pytest
from tests.project import change_row, change_text

from reanalysis.check.evidence import check
from reanalysis.check.registry import CHECKS
from reanalysis.new import begin

CELL = "sleep/walk_vs_wait/sleep-quality"


@pytest.fixture
def raw(tmp_path):
    """The raw data of a new review, to damage."""
    begin(tmp_path / "review")
    return tmp_path / "review/data/raw"


SLIPS = [  # text of review.yaml, what stands there instead, the key, the check, the message, the advice
    ("short_title:", "short-title:", "short-title", "description-of-the-review", "unknown key", "`short_title`"),
    ("Example, made up  ", "2010  ", "short_title", "description-of-the-review", "not text", "in quotes"),
    ("exposure: pace", "dose: pace", "moderators.dose", "description-of-the-review", "allowed words", "matrix, assay"),
    ("kind: votes", "kind: vote", "panels.1.kind", "description-of-the-review", "allowed words", "studies, votes"),
    (f'["{CELL}"]', f'["{CELL}s"]', "panels.0.cells.0", "cells-of-the-panels", "matches no cell", f"`{CELL}`"),
    ("brisk: brisk", "brsk: brisk", "panels.0.by.exposure.brsk", "words-of-the-panels", "no word of vocab", "`brisk`"),
    (
        "walk_vs_rest: ag",
        "walk_vs_res: ag",
        "panels.1.by.contrast.walk_vs_res",
        "words-of-the-panels",
        "not in",
        "rest",
    ),
    (
        "{theme: trial",
        "{themes: trial",
        "counts.table1-trials.where.themes",
        "columns-of-the-review",
        "not a",
        "`theme`",
    ),
]


@pytest.mark.parametrize(("text", "instead", "column", "name", "message", "fix"), SLIPS, ids=[one[2] for one in SLIPS])
def test_a_slip_in_the_description(raw, text, instead, column, name, message, fix):
    path = raw / "review.yaml"
    before = path.read_text(encoding="utf-8")
    assert before.count(text) == 1
    change_text(path, lambda old: old.replace(text, instead))
    (problem, *_) = (problem for problem in check(raw)[1] if problem.file == "review.yaml")
    assert (problem.column, problem.check) == (column, name)
    assert problem.line == before[: before.index(text)].count("\n") + 1
    assert message in problem.message
    assert fix in problem.fix
    assert problem.check in CHECKS


def test_a_review_without_a_description_is_told_to_write_one(raw):
    (raw / "review.yaml").unlink()
    told = [problem for problem in check(raw)[1] if problem.file == "review.yaml"]
    assert [(problem.message, "header" in problem.fix) for problem in told] == [("the file is missing", False)]


def test_what_a_panel_shows_is_not_looked_for_where_findings_could_not_be_read(raw):
    change_row(raw / "findings/correlates.csv", "example-lewis2012-sleep", ri="0,3")
    change_text(raw / "review.yaml", lambda old: old.replace("correlates/*/*", "correlates/association_step/*"))
    assert {problem.check for problem in check(raw)[1]} == {"content-of-a-cell"}


def test_a_box_of_the_flow_agrees_with_the_count_of_its_name(raw):
    change_row(raw / "reports.csv", "example-north2014", in_review="13")
    (problem,) = check(raw)[1]
    assert (problem.file, problem.column, problem.check) == ("flow.csv", "count", "flow-against-reports")


def test_a_question_that_is_not_asked(raw):
    line = change_row(raw / "outcomes.csv", "sleep-quality", question="slep")
    (problem,) = check(raw)[1]
    assert (problem.file, problem.line, problem.check) == ("outcomes.csv", line, "questions")
    assert "`sleep`" in problem.fix


def test_a_day_is_asked_for_in_one_form(raw):
    change_row(raw / "appraisals.csv", "example-adams2001-rob2", date="31.1.2026")
    (problem,) = check(raw)[1]
    assert "2026-01-31" in problem.message


def test_a_section_without_claims_omits_nothing(raw):
    line = change_row(raw / "claims.csv", "F002", scope="table1-trials; section:33")
    (problem,) = check(raw)[1]
    assert (problem.line, problem.column, problem.value) == (line, "scope", "section:33")
    change_row(raw / "claims.csv", "F002", scope="table1-trials; section:3.1")
    assert check(raw)[1] == []
