"""Corrections change what a source prints, and say so loudly when they no longer fit it."""

from decimal import Decimal

import pytest
import yaml
from tests.project import copy_raw, read_csv

from reanalysis.check import check, errors, load, write_checked

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
    text = yaml.safe_dump([GOOD | {"target": target} | changes])
    (raw / "corrections.yaml").write_text(text, encoding="utf-8")


def finding(evidence):
    return next(row for row in evidence.findings["emotion-recognition"] if row.finding_id == FINDING)


def test_a_correction_replaces_the_cell_and_leaves_the_raw_table(raw, tmp_path):
    before = (raw / FILE).read_bytes()
    with_correction(raw)
    evidence = load(raw)
    assert finding(evidence).m1i == Decimal("91.2")
    assert (raw / FILE).read_bytes() == before
    write_checked(evidence, tmp_path / "checked")
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
        ({"reason": "typo"}, "at least 10 characters"),
        ({"action": "remove"}, "replace"),
        ({"cell": "m1i"}, "Extra inputs"),
    ],
)
def test_a_stale_or_malformed_correction_is_an_error(raw, changes, message):
    with_correction(raw, **changes)
    _, problems = check(raw)
    assert [p.file for p in errors(problems)] == ["corrections.yaml"]
    assert message in errors(problems)[0].message


@pytest.mark.parametrize("content", [b"- target: [", b"- \xe4"])
def test_a_file_that_is_no_yaml(raw, content):
    (raw / "corrections.yaml").write_bytes(content)
    _, problems = check(raw)
    assert [(p.file, p.message.startswith("cannot be read")) for p in errors(problems)] == [("corrections.yaml", True)]


def test_without_the_file_nothing_is_corrected(tmp_path):
    raw = copy_raw(tmp_path)
    (raw / "corrections.yaml").unlink()
    assert errors(check(raw)[1]) == []
