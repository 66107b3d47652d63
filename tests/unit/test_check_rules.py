"""Each kind of bad input is named by file, line, column and value, with what to do about it."""

import re

import pytest
from tests.project import RAW, change_row, change_text, read_csv, write_csv

from reanalysis.check import BadInput, check, errors, load, load_evidence
from reanalysis.check.registry import CHECKS

ACCURACY = "findings/emotion-recognition.csv"  # rows with means and SDs
LEVELS = "findings/early-stress.csv"  # rows with statements on significance
ANGER = "bertsch2013-ajp-anger-eyes-bpd"  # in ACCURACY: 92.1 vs 88.9, group_1_higher


def problem_at(raw, file, line, column):
    """The one problem of a cell, after making sure that it explains itself."""
    _, problems = check(raw)
    (problem,) = (p for p in problems if (p.file, p.line, p.column) == (file, line, column))
    assert problem.message
    assert problem.fix.strip()
    assert problem.check in CHECKS
    assert str(problem).startswith(f"{problem.severity}: {file}:{line} [{column}]")
    return problem


def test_the_data_as_they_are_have_no_errors():
    _, problems = check(RAW)
    assert errors(problems) == []


# ---------------------------------------------------------------- cells

BAD_CELLS = [
    (ACCURACY, ANGER, {"direction": ""}, "direction", "must not be empty"),
    (ACCURACY, ANGER, {"direction": "group_1_highr"}, "direction", "not one of the allowed words"),
    (ACCURACY, ANGER, {"sd1i": "0"}, "sd1i", "must be above 0"),
    (ACCURACY, ANGER, {"sd1i": "-7.8"}, "sd1i", "must be above 0"),
    (ACCURACY, ANGER, {"n1i": "1"}, "n1i", "must be at least 2"),
    (ACCURACY, ANGER, {"n1i": "19.5"}, "n1i", "not a whole number"),
    (ACCURACY, ANGER, {"m1i": "92,1"}, "m1i", "decimal comma"),
    (ACCURACY, ANGER, {"m1i": "ca. 92"}, "m1i", "not a number"),
    (ACCURACY, ANGER, {"m1i": "NaN"}, "m1i", "not a finite number"),
    (ACCURACY, ANGER, {"m1i": " 92.1"}, "m1i", "space at the ends"),
    (ACCURACY, ANGER, {"finding_id": "Anger Eyes"}, "finding_id", "not in the expected form"),
    (LEVELS, "carrasco2020-level", {"p_relation": "<", "pi": "1.2"}, "pi", "must be at most 1"),
    ("samples.csv", "bomann2017", {"percent_female": "101"}, "percent_female", "must be at most 100"),
    ("reports.csv", "bomann2017", {"doi": "doi:10.1/x"}, "doi", "not in the expected form"),
    ("reports.csv", "bomann2017", {"kind": "trial"}, "kind", "not one of the allowed words"),
    ("domains.csv", "cardiac", {"domain": "heart_rate"}, "domain", "not in the expected form"),
]


@pytest.mark.parametrize(
    ("file", "key", "cells", "column", "message"), BAD_CELLS, ids=[f"{c[3]}-{c[2][c[3]]}" for c in BAD_CELLS]
)
def test_bad_cell(raw, file, key, cells, column, message):
    line = change_row(raw / file, key, **cells)
    problem = problem_at(raw, file, line, column)
    assert message in problem.message
    assert problem.value == cells[column]
    assert problem.severity == "error"


def test_a_wrong_cell_hides_no_other_fault_of_its_row(raw):
    """Not even one that only other tables can tell, such as a report that is not there."""
    line = change_row(raw / LEVELS, "bomann2017-level", report_id="bomann2071", pi="1.5", direction="up")
    found = {(problem.line, problem.column) for problem in check(raw)[1] if problem.file == LEVELS}
    assert {(line, "report_id"), (line, "pi"), (line, "direction")} <= found


def test_a_misspelt_word_is_recognised(raw):
    line = change_row(raw / ACCURACY, ANGER, direction="group_1_highr")
    assert "Did you mean `group_1_higher`?" in problem_at(raw, ACCURACY, line, "direction").fix


# ---------------------------------------------------------------- rows of findings

BAD_ROWS = [
    (ACCURACY, ANGER, {"direction": "group_2_higher"}, "m1i", "has the other sign than direction group_2_higher"),
    (ACCURACY, ANGER, {"direction": "not_visible"}, "m1i", "a number although direction says"),
    (ACCURACY, ANGER, {"direction": "positive"}, "direction", "does not fit contrast oxt_vs_placebo_bpd"),
    (ACCURACY, ANGER, {"group_2": ""}, "group_2", "must not be empty where the direction says"),
    (ACCURACY, ANGER, {"ri": "0.2"}, "ri", "does not belong to stat_type means"),
    (ACCURACY, ANGER, {"sd2i": ""}, "sd2i", "must not be empty for stat_type means"),
    (LEVELS, "carrasco2020-level", {"ni": "84"}, "ni", "a total beside group sizes"),
    (LEVELS, "carrasco2020-level", {"p_relation": "<", "pi": ""}, "pi", "must not be empty where p_relation is <"),
    (LEVELS, "carrasco2020-level", {"p_relation": "ns", "pi": "0.4"}, "pi", "a p beside p_relation ns"),
    (LEVELS, "macedo2024-level", {"pi": "0.01"}, "p_relation", "must not be empty beside a p"),
    (LEVELS, "carrasco2020-level", {"p_relation": "=", "pi": "0.01"}, "p_relation", "an exact p is more than"),
    (LEVELS, "carrasco2020-level", {"p_relation": "<", "pi": "0"}, "pi", "a p of zero does not exist"),
    (LEVELS, "bocchiochiavetto2025-level", {"p_relation": "<"}, "p_relation", "stat_type p needs an exact p"),
    (LEVELS, "carrasco2020-level", {"report_id": "carasco2020"}, "report_id", "not in reports.csv"),
    (LEVELS, "carrasco2020-level", {"sample_id": "nobody"}, "sample_id", "not in samples.csv"),
    (LEVELS, "carrasco2020-level", {"coding": "abstract"}, "coding", "no coding of carrasco2020-level is `primary`"),
    (LEVELS, "carrasco2020-level", {"higher_is_better": "no"}, "higher_is_better", "for the same contrast"),
    (ACCURACY, "bertsch2013-ajp-overall-eyes-bpd", {"composite_of": "lost"}, "composite_of", "not a part"),
    ("findings/social-threat.csv", "bertsch2013-ajp-fixation-1-bpd", {"ci_lb": "-0.1"}, "ci_lb", "does not hold"),
    ("findings/social-threat.csv", "bertsch2013-ajp-fixation-1-bpd", {"ci_lb": "9"}, "ci_lb", "not below the upper"),
    ("findings/social-threat.csv", "bertsch2013-ajp-fixation-1-bpd", {"yi": "0.7"}, "yi", "has the other sign"),
    ("claims.csv", "C010", {"cited_reports": "jobst1999"}, "cited_reports", "not in reports.csv"),
    ("claims.csv", "C010", {"restates": "C999"}, "restates", "not in claims.csv"),
    ("claims.csv", "C010", {"domain": "attachment"}, "domain", "not in domains.csv"),
    ("reports.csv", "bomann2017", {"in_review": "7"}, "in_review", "duplicate"),
    ("flow.csv", "records-pubmed", {"count": ""}, "count", "does not fit status reported"),
    ("flow.csv", "records-identified", {"count": "311"}, "count", "is 310"),
    ("flow.csv", "records-screened", {"lower": "", "upper": ""}, "status", "bounds do not fit"),
    ("flow.csv", "reports-excluded", {"basis": ""}, "basis", "must not be empty"),
    ("flow.csv", "records-identified", {"basis": "records-pubmed + nowhere"}, "basis", "names boxes without a count"),
]


@pytest.mark.parametrize(
    ("file", "key", "cells", "column", "message"), BAD_ROWS, ids=[f"{c[3]}: {c[4]}" for c in BAD_ROWS]
)
def test_bad_row(raw, file, key, cells, column, message):
    line = change_row(raw / file, key, **cells)
    assert message in problem_at(raw, file, line, column).message


def test_a_finding_that_stands_twice(raw):
    columns, records = read_csv(raw / ACCURACY)
    write_csv(raw / ACCURACY, columns, [*records, records[0]])
    problem = problem_at(raw, ACCURACY, len(records) + 2, "finding_id")
    assert problem.message == "duplicate"
    assert f"{ACCURACY}:2" in problem.fix


def test_a_finding_that_stands_in_two_domains(raw):
    line = change_row(raw / LEVELS, "carrasco2020-level", finding_id=ANGER)
    _, problems = check(raw)
    duplicates = [p for p in errors(problems) if p.message == "duplicate"]
    assert [(p.value, p.column) for p in duplicates] == [(f"{ANGER} primary", "finding_id")]
    assert f"{LEVELS}:{line}" in str(duplicates[0])


def test_codings_of_a_finding_agree_on_what_it_is(raw):
    file = "findings/trust-cooperation.csv"
    columns, records = read_csv(raw / file)
    index = next(i for i, record in enumerate(records) if record["coding"] != "primary")
    records[index]["outcome_group"] = "something-else"
    write_csv(raw / file, columns, records)
    _, problems = check(raw)
    assert any(p.column == "outcome_group" and "differs between the codings" in p.message for p in errors(problems))


@pytest.mark.parametrize(
    ("box", "changes"),
    [
        ("table1-rows", {"in_review": ""}),
        ("table1-correlation", {"theme": "treatment"}),
        ("table1-original-data", {"kind": "review"}),
    ],
)
def test_a_box_with_the_name_of_a_count_has_its_number(raw, box, changes):
    change_row(raw / "reports.csv", "bomann2017", **changes)
    _, problems = check(raw)
    _, boxes = read_csv(raw / "flow.csv")
    line = next(line for line, row in enumerate(boxes, start=2) if row["box"] == box)
    (problem,) = (p for p in errors(problems) if (p.file, p.line) == ("flow.csv", line))
    assert problem.column == "count"
    assert f"reports.csv has {int(problem.value) - 1} rows" in problem.message


# ---------------------------------------------------------------- files


def test_unknown_column(raw):
    change_text(raw / LEVELS, lambda text: text.replace("outcome_group", "outcomegroup", 1))
    problem = problem_at(raw, LEVELS, 1, "outcomegroup")
    assert problem.message == "unknown column"
    assert "Did you mean `outcome_group`?" in problem.fix
    assert problem_at(raw, LEVELS, 1, "outcome_group").message == "required column is missing"


def test_a_column_that_stands_twice(raw):
    change_text(raw / LEVELS, lambda text: text.replace("outcome_group", "outcome", 1))
    assert "twice" in problem_at(raw, LEVELS, 1, "outcome").message


def test_wrong_encoding(raw):
    path = raw / "reports.csv"
    text = path.read_text(encoding="utf-8")
    line = next(i for i, row in enumerate(text.splitlines(), start=1) if "Brüne" in row)
    path.write_bytes(text.encode("latin-1", errors="replace"))
    _, problems = check(raw)
    (problem,) = (p for p in problems if p.file == "reports.csv")
    assert problem.message.startswith("not UTF-8, but probably Latin-1")
    assert problem.line <= line
    assert "UTF-8" in problem.fix


def test_a_byte_order_mark_is_no_problem(raw):
    path = raw / "reports.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert check(raw) == check(RAW)


def test_a_row_with_a_cell_too_many(raw):
    """A decimal comma without quotes splits its cell; the composite that names the row is not blamed."""
    change_text(raw / ACCURACY, lambda text: text.replace(",92.1,7.846", ",92,1,7.846", 1))
    _, problems = check(raw)
    (problem,) = errors(problems)
    assert (problem.file, problem.line) == (ACCURACY, 3)
    assert re.match(r"(\d+) cells under (\d+) columns", problem.message)
    assert "quote cells that hold a comma" in problem.fix


def test_a_domain_without_its_file(raw):
    (raw / LEVELS).unlink()
    _, problems = check(raw)
    (problem,) = errors(problems)
    assert (problem.file, problem.message) == (LEVELS, "the file is missing")
    assert "the header line alone is enough" in problem.fix
    columns, _ = read_csv(RAW / LEVELS)
    write_csv(raw / LEVELS, columns, [])
    assert [p for p in errors(check(raw)[1]) if p.file == LEVELS] == []


def test_a_file_without_its_domain(raw):
    (raw / LEVELS).rename(raw / "findings/early-stres.csv")
    _, problems = check(raw)
    messages = {p.file: p for p in errors(problems)}
    assert "Did you mean `early-stress`?" in messages["findings/early-stres.csv"].fix
    assert LEVELS in messages


def test_an_empty_file(raw):
    (raw / "claims.csv").write_text("", encoding="utf-8")
    _, problems = check(raw)
    assert ("claims.csv", "the file is empty") in {(p.file, p.message) for p in problems}


# ---------------------------------------------------------------- all at once


def test_all_problems_are_told_at_once_and_stop_the_work(raw):
    change_row(raw / ACCURACY, ANGER, sd1i="0", direction="")
    change_row(raw / LEVELS, "carrasco2020-level", report_id="nobody2020")
    change_row(raw / "claims.csv", "C010", core="perhaps")
    with pytest.raises(BadInput) as caught:
        load(raw)
    text = str(caught.value)
    for cell in ("[sd1i] '0'", "[direction]", "[report_id] 'nobody2020'", "[core] 'perhaps'"):
        assert cell in text
    assert text.endswith("4 errors in the input: fix what is listed above and run again.")


def test_the_evidence_stands_without_its_claims(raw):
    change_row(raw / "claims.csv", "C010", core="perhaps")
    whole = load_evidence(raw)
    assert whole.findings
    assert not whole.claims
    change_row(raw / LEVELS, "carrasco2020-level", direction="")
    with pytest.raises(BadInput, match="direction"):
        load_evidence(raw)


@pytest.mark.parametrize(
    "file",
    [
        "contrasts.csv",
        "outcomes.csv",
        "vocabulary.csv",
        "reports.csv",
        "samples.csv",
        "claims.csv",
        "flow.csv",
        "domains.csv",
    ],
)
def test_one_fault_of_a_file_is_one_problem(raw, file):
    """What refers to the rows of a file that cannot be read is not blamed for it."""
    change_text(
        raw / file, lambda text: text.replace("\n", ",colour\n", 1).replace("\n", ",red\n").replace(",red", "", 1)
    )
    _, problems = check(raw)
    assert [(p.file, p.line, p.column) for p in errors(problems)] == [(file, 1, "colour")]


@pytest.mark.parametrize(
    ("file", "key", "cells"),
    [
        ("contrasts.csv", "bpd_vs_control", {"label": ""}),
        ("outcomes.csv", "oxt-level", {"higher_is_better": "perhaps"}),
        ("reports.csv", "carrasco2020", {"kind": "trial"}),
        ("samples.csv", "carrasco2020", {"percent_female": "101"}),
        ("claims.csv", "C010", {"core": "perhaps"}),
        ("flow.csv", "records-pubmed", {"count": "77,0"}),
        (ACCURACY, ANGER, {"sd1i": "0"}),
        ("domains.csv", "early-stress", {"title": ""}),
    ],
)
def test_one_fault_of_a_row_is_one_problem(raw, file, key, cells):
    line = change_row(raw / file, key, **cells)
    _, problems = check(raw)
    assert [(p.file, p.line, p.column) for p in errors(problems)] == [(file, line, *cells)]


def test_a_bad_cell_of_the_primary_coding_is_one_problem(raw):
    file = "findings/trust-cooperation.csv"
    line = change_row(raw / file, "bartz2011-trust-bpd", dose="-40")
    _, problems = check(raw)
    assert [(p.file, p.line, p.column) for p in errors(problems)] == [(file, line, "dose")]


def test_domains_that_cannot_be_read(raw):
    change_text(raw / "domains.csv", lambda text: text.replace("section", "sections", 1))
    with pytest.raises(BadInput, match="unknown column"):
        load_evidence(raw)
