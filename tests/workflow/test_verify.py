"""Whether results are as the run left them, follow from the data as they are, and come out the same again."""

from dataclasses import replace
from pathlib import Path

import pytest

from reanalysis.builds import NoResults
from reanalysis.problems import BadInput
from reanalysis.provenance import Difference, hashes, read_record, record_path, write_record
from reanalysis.verify import told, verify
from tests.project import build, change_row, change_text

MODELS = "results/3_models/models.csv"


@pytest.fixture
def project(small, monkeypatch):
    monkeypatch.chdir(small)
    return small


def verified(recompute=False):
    return verify(recompute)


def test_a_finished_run_is_sound(project):
    found = verified()
    assert found.sound
    assert told(found) == [f"Sound: all {found.files} results are true to their manifest."]


@pytest.mark.parametrize("path", [MODELS, "results/report.html", "results/manifest.json"])
def test_an_edit_by_hand_is_named(project, path):
    change_text(project / path, lambda text: text.replace("0", "1", 1))
    found = verified()
    assert found.edited == [Difference("edited output", path)]
    assert any(line.startswith(f"{path} is not as the run left it") for line in told(found))


def test_what_is_deleted_is_named(project):
    (project / MODELS).unlink()
    assert verified().edited == [Difference("missing output", MODELS)]


def test_what_has_changed_since_is_named(project):
    change_row(project / "data/raw/findings/cardiac.csv", "back2022-hrv-bpd", note="edited")
    change_text(project / "config/config.yaml", lambda text: text.replace("min_samples: 3", "min_samples: 2"))
    found = verified()
    assert {(one.kind, one.what) for one in found.stale} == {
        ("edited input", "data/raw/findings/cardiac.csv"),
        ("edited input", "config/config.yaml"),
        ("other choice", "claims.min_samples"),
    }
    assert "not up to date" in told(found)[-1]


def test_a_run_that_followed_a_change_is_sound(project):
    """What it tells of the change is computed anew, too."""
    change_row(project / "data/raw/findings/cardiac.csv", "back2022-hrv-bpd", p_relation=">", pi="0.5", test_of="")
    assert build(project).returncode == 0
    assert (project / "results/4_synthesis/changes.csv").read_text(encoding="utf-8").count("\n") > 1
    found = verified(recompute=True)
    assert (found.sound, found.other) == (True, [])


def test_results_that_the_data_do_not_give_are_named_though_the_manifest_is_true_to_them(project):
    """As after a change of the manifest as well, or by another version of a package."""
    change_text(project / MODELS, lambda text: text.replace("0.1", "0.2", 1))
    for path in (Path("results/manifest.json"), record_path(Path("results/manifest.json"))):
        record = read_record(path)
        write_record(path, replace(record, outputs=hashes(map(Path, record.outputs))))
    assert verified().sound
    found = verified(recompute=True)
    assert found.other == [MODELS]
    assert "cannot be reproduced" in told(found)[-1]


def test_without_a_run_there_is_nothing_to_verify(project):
    (project / "results/manifest.json").unlink()
    with pytest.raises(NoResults, match="no finished run"):
        verified()


def test_data_that_cannot_be_analysed_are_named(project):
    change_row(project / "data/raw/findings/cardiac.csv", "back2022-hrv-bpd", stat_type="tea")
    with pytest.raises(BadInput, match="cardiac.csv"):
        verified(recompute=True)
