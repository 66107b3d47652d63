"""Corrections change what a source prints, and say so loudly when they no longer fit it."""

from dataclasses import replace
from decimal import Decimal

import pytest
import yaml
from tests.cases import raw_of
from tests.project import change_row, copy_raw, read_csv

from reanalysis.check import Problem, check, corrections, errors, load, open_warnings
from reanalysis.check.corrections import Acceptance, Correction, Entry, accept, apply
from reanalysis.results.checked import FindingOfDomain, checked_tables, write_rows

FILE = "findings/emotion-recognition.csv"
FINDING = "bertsch2013-ajp-anger-eyes-bpd"
GOOD = {
    "target": {"table": FILE, "row": {"finding_id": FINDING, "coding": "primary"}, "column": "m1i"},
    "expect": "92.1",
    "action": "replace",
    "value": "91.2",
    "reason": "digits were swapped in the source",
}


def with_correction(raw, **changes):
    """Write one correction: the good one with changed keys; keys of the target are changed there."""
    target = GOOD["target"] | {key: changes.pop(key) for key in ("table", "row", "column") if key in changes}
    text = "# one correction\n" + yaml.safe_dump([GOOD | {"target": target} | changes])
    (raw / "corrections.yaml").write_text(text, encoding="utf-8")


def finding(evidence):
    return next(row for row in evidence.findings["emotion-recognition"] if row.finding_id == FINDING)


def test_a_correction_replaces_the_cell_and_leaves_the_raw_table(raw, tmp_path):
    before = (raw / FILE).read_bytes()
    with_correction(raw)
    evidence = load(raw)
    assert finding(evidence).m1i == Decimal("91.2")
    assert (raw / FILE).read_bytes() == before
    write_rows(tmp_path / "checked/findings.csv", FindingOfDomain, checked_tables(evidence)["1_checked/findings.csv"])
    _, records = read_csv(tmp_path / "checked/findings.csv")
    assert {record["m1i"] for record in records if record["finding_id"] == FINDING} == {"91.2"}


def test_a_correction_empties_the_cell(raw):
    with_correction(raw, column="instrument", expect="emotion classification task", action="empty", value="")
    assert finding(load(raw)).instrument is None


def test_what_a_correction_breaks_is_found(raw):
    with_correction(raw, value="80.0")
    _, problems = check(raw)
    assert [f"{p.column} {p.message}" for p in errors(problems)] == [
        "m1i has the other sign than direction group_1_higher"
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expect": "92.10"}, "expects '92.10'"),
        ({"value": "92.1"}, "changes nothing"),
        ({"row": {"finding_id": "gone"}}, "matches 0 rows"),
        ({"row": {"report_id": "bertsch2013-ajp"}}, "matches 16 rows"),
        ({"table": "findings/gone.csv"}, "unknown table"),
        ({"reason": "typo"}, "shorter than 10 characters"),
        ({"reason": "=HYPERLINK(1)"}, "formula of a spreadsheet"),
        ({"action": "remove"}, "not one of the allowed words"),
        ({"cell": "m1i"}, "unknown key"),
        ({"column": "m1"}, "names an unknown column `m1`"),
        ({"row": {"finding": FINDING}}, "names an unknown column `finding`"),
        ({"target": FILE}, "no keys with values"),
        ({"date": "2026-13-45"}, "not a day in the form 2026-01-31"),
    ],
)
def test_a_stale_or_malformed_correction_is_an_error(raw, changes, message):
    with_correction(raw, **changes)
    _, problems = check(raw)
    assert [p.file for p in errors(problems)] == ["corrections.yaml"]
    assert message in errors(problems)[0].message
    assert errors(problems)[0].line >= 2


def test_a_misspelt_name_in_a_correction_is_recognised(raw):
    with_correction(raw, column="m1")
    assert "Did you mean `m1i`?" in errors(check(raw)[1])[0].fix
    with_correction(raw, raeson="x")
    assert any("Did you mean `reason`?" in problem.fix for problem in errors(check(raw)[1]))
    with_correction(raw, table="findings/emotion-recogniton.csv")
    assert "Did you mean `findings/emotion-recognition.csv`?" in errors(check(raw)[1])[0].fix


def test_values_without_quotes_stay_the_text_that_they_are(raw):
    text = f"""
- target: {{table: {FILE}, row: {{finding_id: {FINDING}, coding: primary}}, column: m1i}}
  expect: 92.1
  action: replace
  value: 91.20
  reason: digits were swapped in the source
  by: AB
  date: 2026-11-28
"""
    (raw / "corrections.yaml").write_text(text, encoding="utf-8")
    assert str(finding(load(raw)).m1i) == "91.20"


def test_the_line_of_each_fault(raw):
    text = """
- target: {table: samples.csv, row: {sample_id: nobody}, column: age}
  expect: "1"
  action: replace
  value: "2"
  reason: it is not right
- action: replace
  action: empty
"""
    (raw / "corrections.yaml").write_text(text, encoding="utf-8")
    found = {(p.line, p.column): p.message for p in errors(check(raw)[1])}
    assert found[2, "age"] == "matches 0 rows of samples.csv instead of one"
    assert found[8, "1.action"] == "the key stands already at line 7"
    assert found[7, "target"] == "the key is missing"


@pytest.mark.parametrize("content", [b"- target: [", b"- \xe4"])
def test_a_file_that_is_no_yaml(raw, content):
    (raw / "corrections.yaml").write_bytes(content)
    _, problems = check(raw)
    (problem,) = errors(problems)
    assert (problem.file, problem.line) == ("corrections.yaml", 1)
    assert problem.message.startswith(("no YAML", "not UTF-8, but probably Latin-1"))


def test_a_colon_in_a_reason_is_said_in_plain_words(raw):
    (raw / "corrections.yaml").write_text("- action: empty\n  reason: misprint: see the erratum\n", encoding="utf-8")
    (problem,) = errors(check(raw)[1])
    assert (problem.file, problem.line) == ("corrections.yaml", 2)
    assert problem.message == "a text that holds a colon followed by a space"
    assert "quotes" in problem.fix


@pytest.mark.parametrize("content", ["", "# nothing", "[]", "---\n"])
def test_a_file_without_entries(raw, content):
    (raw / "corrections.yaml").write_text(content, encoding="utf-8")
    assert errors(check(raw)[1]) == []


@pytest.mark.parametrize("content", ["target: x", "just words", "- just words"])
def test_a_file_of_another_form(raw, content):
    (raw / "corrections.yaml").write_text(content, encoding="utf-8")
    (problem,) = errors(check(raw)[1])
    assert (problem.file, problem.line) == ("corrections.yaml", 1)
    assert "form of an entry" in problem.fix


def test_without_the_file_nothing_is_corrected(tmp_path):
    raw = copy_raw(tmp_path)
    (raw / "corrections.yaml").unlink()
    assert errors(check(raw)[1]) == []


# ---------------------------------------------------------------- warnings that are accepted

ACCEPTED = {
    "target": {"table": "reports.csv", "row": {"report_id": "le-a"}, "column": "label"},
    "action": "accept",
    "check": "letters-without-glyph",
    "expect": "王伟 2011",
    "reason": "the author asked for it",
    "by": "AB",
    "date": "2026-11-28",
}


@pytest.fixture
def doubtful(tmp_path):
    """A copy of raw data with two warnings: the labels of le-a and le-b."""
    return copy_raw(tmp_path, raw_of("letters-without-glyph"))


def accepting(raw, **changes):
    """What the check says with one acceptance, the good one with changed keys."""
    text = yaml.safe_dump([ACCEPTED | changes], allow_unicode=True)
    (raw / "corrections.yaml").write_text(text, encoding="utf-8")
    return check(raw)[1]


def test_an_accepted_warning_says_who_accepted_it_and_why(doubtful):
    problems = accepting(doubtful)
    assert errors(problems) == []
    assert {p.value: p.accepted for p in problems} == {
        "王伟 2011": "the author asked for it (AB, 2026-11-28)",
        "佐藤 2012": "",
    }
    assert [p.value for p in open_warnings(problems)] == ["佐藤 2012"]


def test_the_column_may_be_left_out(doubtful):
    assert errors(accepting(doubtful, target={"table": "reports.csv", "row": {"report_id": "le-a"}})) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"expect": "Wang 2011"}, "expects 'Wang 2011' but the warning is about '王伟 2011'"),
        ({"check": "grim"}, "no warning of grim in this place"),
        ({"target": {"table": "reports.csv", "row": {"report_id": "le-c"}}}, "no warning of letters-without-glyph"),
        ({"target": {"table": "reports.csv", "row": {"report_id": "gone"}}}, "matches 0 rows of reports.csv"),
        ({"target": {"table": "reports.csv", "row": {"kind": "primary"}}}, "matches 3 rows of reports.csv"),
        ({"target": {"table": "reports.csv"}}, "no warning of letters-without-glyph"),
        ({"target": {"table": "report.csv"}}, "names an unknown table report.csv"),
        ({"reason": "fine"}, "shorter than 10 characters"),
        ({"by": ""}, "shorter than 2 characters"),
        ({"date": "soon"}, "not a day in the form 2026-01-31"),
    ],
)
def test_an_acceptance_that_fits_nothing_is_an_error(doubtful, changes, message):
    problems = accepting(doubtful, **changes)
    (error,) = errors(problems)
    assert (error.file, error.line) == ("corrections.yaml", 1) or error.line in range(2, 9)
    assert message in error.message
    assert len(open_warnings(problems)) == 2


def test_a_warning_is_accepted_once(doubtful):
    text = 2 * yaml.safe_dump([ACCEPTED], allow_unicode=True)
    (doubtful / "corrections.yaml").write_text(text, encoding="utf-8")
    assert ["accepted already" in p.message for p in errors(check(doubtful)[1])] == [True]


def test_an_acceptance_is_stale_once_the_cell_is_corrected(doubtful):
    change_row(doubtful / "reports.csv", "le-a", label="Wang 2011")
    assert ["no warning" in p.message for p in errors(accepting(doubtful))] == [True]


def test_an_error_is_never_accepted():
    problem = Problem("samples.csv", 3, "age", "7", "wrong", "Look.", "error", "age")
    entry = Entry(
        5,
        Acceptance(
            **{**ACCEPTED, "target": {"table": "samples.csv", "row": {"sample_id": "x"}}, "check": "age", "expect": "7"}
        ),
    )
    rows = {"samples.csv": {3: {"sample_id": "x"}}}
    unchanged, stale = accept([problem], [entry], rows)
    assert unchanged == problem
    assert (stale.severity, stale.line) == ("error", 5)
    assert "is an error here" in stale.message
    (accepted,) = accept([replace(problem, severity="warning")], [entry], rows)
    assert accepted.accepted


def test_a_warning_of_a_file_as_a_whole_is_accepted_without_a_row():
    problem = Problem("samples.csv", 0, "", "", "odd", "Look.", "warning", "odd")
    entry = Entry(5, Acceptance(**{**ACCEPTED, "target": {"table": "samples.csv"}, "check": "odd", "expect": ""}))
    (accepted,) = accept([problem], [entry], {"samples.csv": {3: {"sample_id": "x"}}})
    assert accepted.accepted


def test_a_correction_is_found_without_a_look_at_all_rows(monkeypatch):
    """So that many corrections of a large table take no longer than each alone; also after a key has been corrected."""
    looked = []
    matches = corrections._matches
    monkeypatch.setattr(corrections, "_matches", lambda *about: looked.append(1) or matches(*about))
    n = 200
    records = [(i + 2, {"id": f"r{i}", "year": "1990"}) for i in range(n)]
    wanted = [(f"r{i}", "year", "1990", "1991") for i in range(n)]
    wanted += [("r7", "id", "r7", "s7"), ("s7", "year", "1991", "2")]
    told = {"action": "replace", "reason": "as printed there"}
    entries = [
        Entry(1, Correction(target={"table": "t", "row": {"id": row}, "column": column}, expect=old, value=new, **told))
        for row, column, old, new in wanted
    ]
    found, problems = apply(entries, "t", {"id", "year"}, records)
    assert problems == []
    assert [cells["year"] for _, cells in found] == ["2" if i == 7 else "1991" for i in range(n)]
    assert len(looked) == len(entries)
