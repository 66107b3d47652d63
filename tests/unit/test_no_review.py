"""A folder that holds no review, such as one whose name is misspelt, is said before anything is made in it."""

from pathlib import Path

import pytest
from tests.project import ROOT

from reanalysis.stages import CONFIG, RAW, no_review


@pytest.fixture
def reviews(tmp_path):
    """A folder with two reviews, and one with a configuration alone."""
    for name in ("exercise-review", "another"):
        (tmp_path / name / RAW).mkdir(parents=True)
    for name in ("exercise-review", "another", "exercise-revews"):
        (tmp_path / name / CONFIG).parent.mkdir(parents=True)
        (tmp_path / name / CONFIG).touch()
    return tmp_path


def test_a_misspelt_folder_is_told_the_review_beside_it(reviews, monkeypatch):
    (reviews / "exercise-revew").mkdir()
    monkeypatch.chdir(reviews / "exercise-revew")
    said = no_review(Path())
    assert said.startswith("exercise-revew holds no review")
    assert "Did you mean `exercise-review`?" in said
    assert "reanalysis new my-review" in said
    assert list(Path().iterdir()) == []


def test_a_folder_with_no_review_beside_it(tmp_path):
    said = no_review(tmp_path)
    assert said.startswith(f"{tmp_path.name} holds no review")
    assert "Did you mean" not in said


@pytest.mark.parametrize("part", [CONFIG, RAW])
def test_a_review_of_which_a_part_is_missing_is_one(tmp_path, part):
    (tmp_path / part).mkdir(parents=True)
    assert no_review(tmp_path) == ""


def test_the_folder_is_looked_at_before_a_run_makes_anything_in_it():
    start = (ROOT / "workflow/start.smk").read_text(encoding="utf-8")
    assert start.index("no_review(Path())") < start.index("run_alone(RESULTS)")
