"""The rules name every file that their scripts read or import, so that editing any of them reruns what uses it."""

import json
from collections import defaultdict
from pathlib import Path

import pytest

from reanalysis.provenance import record_path


@pytest.fixture(scope="module")
def notes(built, reads):
    return [json.loads(path.read_text(encoding="utf-8")) for path in reads.iterdir()]


def test_every_rule_has_left_its_notes(notes, built):
    scripts = {path.stem for path in (built / "workflow/scripts").glob("*.py")}
    assert {note["rule"] for note in notes} == scripts, "a rule is called like its script"
    assert all(any(name.startswith("src/reanalysis/") for name in note["read"]) for note in notes)


def test_the_stamp_of_a_rule_is_that_of_its_first_output(notes):
    """Else what must be made again would be said and not done."""
    for note in notes:
        assert f"{record_path(Path(note['output'][0])).with_suffix('.stamp')}" in note["input"], note["rule"]


def test_no_job_reads_what_its_rule_does_not_name(notes):
    missing = defaultdict(set)
    for note in notes:
        named = {*note["input"], *note["output"]}
        missing[note["rule"]] |= {
            name for name in note["read"] if not named & {name, *map(str, Path(name).parents)}
        }  # a folder that is named stands for the files in it
    assert {rule: sorted(names) for rule, names in missing.items() if names} == {}
