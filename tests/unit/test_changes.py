"""What has changed between two builds: everything that differs, nothing that does not, told with the numbers stored."""

import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.project import RECALL, change_row, change_text, copy_raw, read_csv, write_csv

from reanalysis import pipeline
from reanalysis.builds import build_of, difference
from reanalysis.changes import RESULTS, compare, counted
from reanalysis.check import check
from reanalysis.new import begin
from reanalysis.pipeline import COMPARED
from reanalysis.refused import Refused
from reanalysis.report import changes_page
from reanalysis.report.changes import LEVELS, lines, summary, told
from reanalysis.results.build import Basis, keep, kept_build
from reanalysis.results.checked import CHECKED, REVIEW, checked_tables, review_text, write_rows
from reanalysis.results.rows import TABLES, Change
from reanalysis.results.table import write_table

FINDING = "bocchiochiavetto2025-level"


@pytest.fixture(scope="module")
def build(few, config):
    return build_of(check(few)[0], config, RECALL.__self__, COMPARED)


@pytest.fixture
def edited(few, tmp_path, config):
    """The build after an edit of the raw data."""

    def after(edit, choices=config):
        raw = copy_raw(tmp_path, few)
        edit(raw)
        return build_of(check(raw)[0], choices, RECALL.__self__, COMPARED)

    return after


def p_of(value):
    return lambda raw: change_row(raw / "findings/early-stress.csv", FINDING, pi=value)


def test_a_build_differs_from_itself_in_nothing(build):
    assert compare(build, build) == []
    assert lines([]) == ["Nothing has changed."]


def test_the_order_of_rows_is_no_change(build, edited):
    def turned(raw):
        for path in (raw / "reports.csv", raw / "samples.csv", *sorted((raw / "findings").iterdir())):
            columns, records = read_csv(path)
            write_csv(path, columns, records[::-1])

    assert compare(build, edited(turned)) == []


def test_a_changed_number_is_followed_to_the_verdict(build, edited):
    changes = compare(build, edited(p_of("0.02")))
    (data,) = (row for row in changes if row.level == "data")
    assert (data.item, data.column, data.before, data.after) == (f"{FINDING} primary", "pi", "0.002", "0.02")
    assert list(counted(changes)) == ["data", "effect", "pool", "answer", "verdict"]
    assert {row.item for row in changes if row.level == "effect"} == {f"{FINDING} primary"}
    (yi,) = (row for row in changes if row.column == "yi")
    assert yi.difference == pytest.approx(float(yi.after) - float(yi.before), rel=1e-9)


def test_there_and_back_is_the_same_with_before_and_after_exchanged(build, edited):
    other = edited(p_of("0.02"))
    back = [replace(row, before=row.after, after=row.before) for row in compare(other, build)]
    there = compare(build, other)
    assert [replace(row, difference=None) for row in back] == [replace(row, difference=None) for row in there]


def test_what_is_added_and_what_is_removed(build, edited):
    def without(raw):
        path = raw / "findings/early-stress.csv"
        columns, records = read_csv(path)
        write_csv(path, columns, [record for record in records if record["finding_id"] != FINDING])

    less = edited(without)
    for changes, word in ((compare(build, less), "removed"), (compare(less, build), "added")):
        (data,) = (row for row in changes if row.level == "data")
        assert (data.item, data.change, data.part) == (f"{FINDING} primary", word, "included studies")
        assert {row.change for row in changes if row.level == "effect"} == {word}


def test_a_choice_is_a_change_of_the_methods_and_is_followed_as_well(build, edited, config):
    choices = config.model_copy(update={"effects": config.effects.model_copy(update={"alpha": 0.1})})
    changes = compare(build, edited(lambda raw: None, choices))
    (choice,) = (row for row in changes if row.level == "choice")
    assert (choice.item, choice.part, choice.before, choice.after) == ("effects.alpha", "methods", "0.05", "0.1")
    assert counted(changes)["effect"] > 5
    assert "data" not in counted(changes)


def test_another_version_of_a_package_is_told(build):
    other = replace(build, software=dict(build.software) | {"numpy": "9.9"})
    (row,) = compare(build, other)
    assert (row.level, row.item, row.after) == ("software", "numpy", "9.9")


def test_a_difference_in_the_last_digit_is_none(build):
    models = [replace(row, est=row.est * (1 + 1e-11) if row.est else row.est) for row in build.tables[COMPARED[1]]]
    assert compare(build, replace(build, tables={**build.tables, COMPARED[1]: models})) == []


def test_only_what_is_wanted_is_computed(few, config):
    tables = pipeline.run(check(few)[0], config, RECALL, ["3_models/models.csv"])
    assert "3_models/models.csv" in tables
    assert not {"4_synthesis/claims.csv", "2_effects/second_opinion.csv"} & tables.keys()


def test_what_is_kept_of_a_build_is_what_is_compared():
    """The stage reads, and `keep` keeps, the tables that the levels of results are read from."""
    assert tuple(level.table for level in RESULTS) == COMPARED


# ---------------------------------------------------------------- kept


def test_a_kept_build_is_the_build(build, tmp_path):
    results = tmp_path / "results"
    for file, rows in checked_tables(build.evidence, CHECKED).items():
        write_rows(results / file, CHECKED[file], rows)
    (results / REVIEW).write_text(review_text(build.evidence.review), encoding="utf-8")
    for file in COMPARED:
        write_table(results / file, TABLES[file], build.tables[file])
    basis = Basis({}, build.config.plain, dict(build.software))
    for name in ("one", "two"):
        keep(tmp_path / name, results, basis, COMPARED)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    again = kept_build(tmp_path / "one", tmp_path / "unpacked")
    assert compare(build, again) == compare(again, build) == []


@pytest.mark.parametrize("content", [b"", b"PK", bytes(200)])
def test_a_damaged_one_counts_as_none(tmp_path, content):
    (tmp_path / "previous.build").write_bytes(content)
    assert kept_build(tmp_path / "previous.build", tmp_path) is None


# ---------------------------------------------------------------- in words


@pytest.fixture(scope="module")
def changes(build, few, tmp_path_factory, config):
    raw = copy_raw(tmp_path_factory.mktemp("edited"), few)
    p_of("0.02")(raw)
    return compare(build, build_of(check(raw)[0], config, RECALL.__self__, COMPARED))


def test_the_words_hold_the_stored_numbers(changes):
    said = "\n".join(lines(changes))
    assert "pi 0.002 \N{RIGHTWARDS ARROW} 0.02" in said
    (yi,) = (row for row in changes if row.column == "yi")
    before, after = (f"\N{MINUS SIGN}{abs(float(value)):.2f}" for value in (yi.before, yi.after))
    assert f"effect {before} \N{RIGHTWARDS ARROW} {after}" in said


def test_every_item_is_told_or_counted(changes):
    assert {one.level: len(one.entries) + one.smaller for one in told(changes)} == counted(changes)
    assert [one.level for one in told(changes)] == [level for level in LEVELS if level in counted(changes)]


def test_one_change_and_several_are_counted_in_good_english():
    one = Change(level="effect", change="changed", table="t", item="a", label="A", column="rung", before="b", after="c")
    assert summary([one]) == "1 effect has changed."
    assert summary([one, replace(one, item="d")]) == "2 effects have changed."
    assert summary([one, replace(one, level="data")]) == "1 row of data and 1 effect have changed."


def test_the_page_tells_the_same_and_nothing_in_it_is_markup(changes):
    hostile = [replace(row, label="<script>alert(1)</script>") for row in changes]
    page = changes_page(hostile, "A & B", "v1", "now")
    assert "<script>alert" not in page
    assert "A &amp; B" in page
    for one in told(changes):
        assert all(entry.what.replace("&", "&amp;") in page for entry in one.entries)


# ---------------------------------------------------------------- versions of git


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A git repository with two versions of a small review, of two days."""
    begin(tmp_path / "review")
    monkeypatch.chdir(tmp_path / "review")
    for day, rho in (("2026-01-10", "0.55"), ("2026-02-10", "0.4")):
        change_text(Path("config/config.yaml"), lambda text, rho=rho: re.sub(r"  rho: 0\.\d+", f"  rho: {rho}", text))
        dates = {"GIT_AUTHOR_DATE": f"{day}T12:00:00", "GIT_COMMITTER_DATE": f"{day}T12:00:00"}
        for command in (["init", "-q"], ["add", "config", "data"], ["commit", "-qm", day]):
            who = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
            subprocess.run(["git", *who, *command], check=True, env=os.environ | dates)


@pytest.mark.parametrize(("day", "rho"), [("2026-01-10", "0.55"), ("2026-01-31", "0.55"), ("2026-02-10", None)])
def test_a_day_stands_for_the_last_revision_until_then(repository, monkeypatch, day, rho):
    monkeypatch.setattr("reanalysis.builds.last_run", lambda folder: RECALL.__self__)
    changes, title = difference(day, "HEAD")
    assert title
    assert [row.before for row in changes if row.item == "models.rho"] == ([rho] if rho else [])


@pytest.mark.parametrize("name", ["2025-12-31", "v9", "HEAD@{3 years ago}", "1 month ago"])
def test_a_version_that_git_does_not_know_is_refused(repository, name):
    """`HEAD@{3 years ago}` would be the oldest revision of this copy, and not what was there three years ago."""
    with pytest.raises(Refused, match=re.escape(name)):
        difference(name, "HEAD")
