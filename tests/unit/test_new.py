"""A new review: made-up data that are sound, show everything there is, and can be deleted down to a minimal review."""

import re
import subprocess
import sys

import pytest
from tests.project import ROOT, change_row, read_csv, write_csv

from reanalysis import pipeline
from reanalysis.check.evidence import check
from reanalysis.files.config_file import read_config
from reanalysis.files.raw_files import FILES, data_files
from reanalysis.new import SKELETON, Occupied, begin
from reanalysis.problems import summary
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import OPTIONAL, RAW_TABLES, FindingRow
from reanalysis.schema.review import PANELS

RAW = SKELETON / "data/raw"
MADE_UP = "EXAMPLE, made up: delete this row"


@pytest.fixture
def review(tmp_path):
    """A new review, to change."""
    begin(tmp_path / "review")
    return tmp_path / "review"


@pytest.fixture(scope="module")
def checked():
    return check(RAW)


@pytest.fixture(scope="module")
def primary(checked):
    return [row for rows in checked[0].findings.values() for row in rows if row.coding == "primary"]


@pytest.fixture
def tables(made_up):
    return made_up.tables


def begun(*arguments):
    command = [sys.executable, "-m", "reanalysis.cli", "new", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


# ---------------------------------------------------------------- what it holds


def test_the_data_have_neither_errors_nor_warnings(checked):
    assert [str(problem) for problem in checked[1]] == []


def test_every_file_that_a_review_can_have_is_there():
    names = {path.relative_to(RAW).as_posix() for path in data_files(RAW)}
    assert names >= set(FILES)


@pytest.mark.parametrize("path", data_files(RAW), ids=lambda path: path.name)
def test_every_row_says_that_it_is_made_up_and_every_column_is_there(path):
    if path.suffix != ".csv":
        return
    columns, records = read_csv(path)
    assert columns == list(RAW_TABLES.get(path.name, FindingRow).model_fields)
    for record in records:
        assert record["reason" if path.name == "appraisals.csv" else "note"].startswith(MADE_UP)


def test_names_and_coders_cannot_be_taken_for_real_ones(checked):
    evidence = checked[0]
    assert all(key.startswith("example-") for part in ("reports", "samples") for key in getattr(evidence, part))
    for row in evidence.codings.values():
        assert row.finding_id.startswith("example-")
        assert row.coder == "nobody"
    assert "made up" in evidence.review.title


def test_there_is_one_finding_of_each_statistic(primary):
    assert sorted(row.stat_type for row in primary) == sorted(v.STAT_TYPES)


def test_every_design_of_a_contrast_has_a_finding(checked, primary):
    contrasts = checked[0].contrasts
    assert sorted(design for one in contrasts.values() for design in one.design) == sorted(v.CONTRAST_DESIGNS)
    assert {row.contrast for row in primary} == set(contrasts)


def test_every_meaning_of_higher_has_a_finding(checked, primary):
    assert {row.higher_is_better for row in primary} == {"yes", "no", "unclear", "not_applicable"}
    assert {row.outcome_group for row in primary} == set(checked[0].outcomes)


def test_there_is_one_claim_or_more_of_each_rule(checked):
    claims = checked[0].claims.values()
    assert {claim.tested_by for claim in claims} == set(v.CLAIM_RULES)
    assert all(claim.value_lb is not None for claim in claims if claim.tested_by == "estimate")


def test_there_is_one_panel_of_each_kind_and_one_appraisal_of_each(checked):
    evidence = checked[0]
    assert sorted(panel.kind for panel in evidence.review.panels) == sorted(PANELS)
    assert sorted(bool(one.cell) for one in evidence.appraisals.values()) == [False, True]
    assert {box.phase for box in evidence.flow.values()} == set(v.FLOW_PHASES)
    assert evidence.review.moderators
    assert evidence.review.counts
    assert evidence.review.abbreviations


def test_codings_are_left_out_for_every_reason_that_the_skeleton_shows(tables):
    reasons = {row.use_code for row in tables["2_effects/ladder.csv"] if row.use == "excluded"}
    assert reasons == {"alternative", "doubtful", "overlap"}


def test_every_claim_has_a_verdict(checked, tables):
    verdicts = {row.claim_id: row.verdict for row in tables["4_synthesis/claims.csv"]}
    assert list(verdicts) == list(checked[0].claims)
    assert {"supported", "not testable"} <= set(verdicts.values())


def test_the_choices_are_those_of_the_project():
    own, ours = (read_config(folder / "config/config.yaml").plain for folder in (SKELETON, ROOT))
    assert own | {"multiverse": None} == ours | {"multiverse": None}, "but for forks, which depend on the evidence"


# ---------------------------------------------------------------- the folder


def test_a_folder_that_is_empty_or_not_there_becomes_a_review(tmp_path):
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "deep/er"):
        assert begun(folder).returncode == 0
        assert (folder / "data/raw/review.yaml").read_bytes() == (RAW / "review.yaml").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "empty"]


def test_a_folder_that_holds_anything_is_refused_and_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine", encoding="utf-8")
    run = begun(tmp_path / "mine")
    assert run.returncode == 1
    assert "not an empty folder: nothing was written" in run.stderr
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "notes.txt"]


def test_a_file_and_a_link_are_refused(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(Occupied):
            begin(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_a_copy_that_fails_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("reanalysis.new.SKELETON", tmp_path / "not-there")
    with pytest.raises(OSError):
        begin(tmp_path / "review")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [(), ("one", "two")])
def test_without_the_name_of_one_folder_it_is_said_how(arguments):
    run = begun(*arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert "new --help" in run.stderr


# ---------------------------------------------------------------- the minimal review


def keep(path, kept):
    """Delete the rows of a table but those whose first cell is to be kept."""
    columns, records = read_csv(path)
    write_csv(path, columns, [record for record in records if record[columns[0]] in kept])


def judged(review):
    """The tables of a review, which must have no problem."""
    evidence, problems = check(review / "data/raw")
    assert problems == [], summary(problems)
    return pipeline.run(evidence, read_config(review / "config/config.yaml"))


def test_one_domain_with_two_findings_and_a_title_is_a_review(review):
    raw = review / "data/raw"
    for name in (*OPTIONAL, "corrections.yaml", "findings/mood.csv", "findings/correlates.csv"):
        (raw / name).unlink()
    (raw / "review.yaml").write_text("title: Walking and sleep\n", encoding="utf-8")
    kept = {
        "domains.csv": ["sleep"],
        "contrasts.csv": ["walk_vs_wait"],
        "outcomes.csv": ["sleep-quality"],
        "reports.csv": ["example-baker2002", "example-owens2015"],
        "samples.csv": ["example-baker2002", "example-owens2015"],
        "findings/sleep.csv": ["example-baker2002-sleep", "example-owens2015-sleep"],
    }
    for name, keys in kept.items():
        keep(raw / name, keys)
    columns, records = read_csv(raw / "findings/sleep.csv")
    write_csv(raw / "findings/sleep.csv", columns, [record | {"exposure": ""} for record in records])
    columns, records = read_csv(raw / "outcomes.csv")
    write_csv(raw / "outcomes.csv", columns, [record | {"question": ""} for record in records])
    columns, records = read_csv(raw / "reports.csv")
    write_csv(raw / "reports.csv", columns, [record | {"theme": "", "in_review": ""} for record in records])
    tables = judged(review)
    (headline,) = (model for model in tables["3_models/models.csv"] if model.headline)
    assert headline.k == 2
    assert tables["4_synthesis/claims.csv"] == []


def test_what_is_deleted_first_is_not_missed_by_what_is_left(review):
    """The rows of claims, fidelity, flow and appraisals and all panels go; the other tables stay as they are."""
    raw = review / "data/raw"
    for name in ("claims.csv", "fidelity.csv", "flow.csv", "appraisals.csv"):
        keep(raw / name, [])
    for name in ("findings/mood.csv", "findings/correlates.csv"):
        keep(raw / name, [])
    keep(raw / "findings/sleep.csv", ["example-baker2002-sleep", "example-owens2015-sleep"])
    text = (raw / "review.yaml").read_text(encoding="utf-8")
    (raw / "review.yaml").write_text(text[: text.index("panels:")], encoding="utf-8")
    assert judged(review)["4_synthesis/claims.csv"] == []


# ---------------------------------------------------------------- the document

DOCUMENT = (ROOT / "docs/your-review.md").read_text(encoding="utf-8")
SLEEP = "findings/sleep.csv"
SLIPS = [  # file, row, cells that are typed wrongly; in the order of the document
    (SLEEP, "example-evans2005-sleep", {"report_id": "example-evan2005"}),
    (SLEEP, "example-baker2002-sleep", {"m1i": "57,0"}),
    (SLEEP, "example-evans2005-sleep", {"pi": "< .05"}),
    (SLEEP, "example-baker2002-sleep", {"se2i": ""}),
    (SLEEP, "example-baker2002-sleep", {"direction": "group_2_higher"}),
    (SLEEP, "example-clark2003-time-to-sleep", {"ni": "", "n1i": "15", "n2i": "15"}),
    (SLEEP, "example-evans2005-sleep", {"doubt": "no"}),
    (SLEEP, "example-evans2005-sleep", {"exposure": "fast"}),
    ("claims.csv", "C001", {"scope": "sleep/walk_vs_wait/sleep"}),
    (
        SLEEP,
        "example-adams2001-sleep",
        dict.fromkeys(("ti", "df2", "pi", "p_relation"), "") | {"sd1i": "1.4", "sd2i": "1.4"},
    ),
]


def test_the_document_shows_ten_slips_in_the_words_of_the_check(tmp_path):
    told = re.findall(r"``((?:error|warning): .*)``", DOCUMENT)
    found = []
    for number, (file, key, cells) in enumerate(SLIPS):
        begin(tmp_path / str(number))
        raw = tmp_path / str(number) / "data/raw"
        change_row(raw / file, key, **cells)
        (problem,) = check(raw)[1]
        found.append(str(problem))
    assert found == told


def test_the_document_names_every_file_of_the_raw_data():
    assert set(re.findall(r"^\| \d+ \| `([^`]+)`", DOCUMENT, re.MULTILINE)) == {*FILES, "findings/<domain>.csv"}
