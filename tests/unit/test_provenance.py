"""Records of what was read and made: every difference is seen, nothing is removed that was not made here."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import pytest
from tests.project import ROOT

from reanalysis import locks, provenance
from reanalysis.files.config_file import read_config
from reanalysis.jobs import job
from reanalysis.locks import Busy, run_alone
from reanalysis.provenance import (
    Difference,
    Record,
    build_manifest,
    differences,
    explain,
    files,
    hashes,
    outdated,
    read_record,
    read_records,
    record_path,
    write_record,
)
from reanalysis.tidy import Untidy, tidy

RAW = ["data/raw/a.csv", "data/raw/b.csv"]
CHOICES = read_config(ROOT / "config/config.yaml").plain
MADE = ["results/effects.csv", "results/cells.csv", "results/cells", "results/report.html"]


def work(*edits):
    """The jobs of a small pipeline, in their order; `edits` are done while the first is at work."""

    def write(path, *sources):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(" + ".join(Path(source).read_text() for source in sources))

    with job(
        "results/logs/effects.log", [RAW[0], "src/effects.py"], ["results/effects.csv"], {"effects": CHOICES["effects"]}
    ):
        write("results/effects.csv", RAW[0])
        for edit in edits:
            edit()
    with job("results/logs/cells.log", ["results/effects.csv"], ["results/cells.csv", "results/cells"]):
        write("results/cells.csv", "results/effects.csv")
        write("results/cells/one.svg", "results/effects.csv")
    with job("results/logs/report.log", [*MADE[:3], *RAW], ["results/report.html"], CHOICES):
        write("results/report.html", "results/effects.csv", *RAW)


def finish(started=None):
    """Write the manifest of the small pipeline, as its last job does."""
    records = read_records(Path("results"))
    records.pop("results/manifest.json", None)
    with job("results/logs/manifest.log", MADE, ["results/manifest.json"]):
        manifest = build_manifest(records, MADE, started or hashes(map(Path, RAW)), {}, CHOICES, Path())
        write_record(Path("results/manifest.json"), manifest)
    return manifest


def stale(choices=CHOICES):
    raw = [path for path in ("data/raw/a.csv", "data/raw/b.csv", "data/raw/c.csv") if Path(path).exists()]
    names, found = outdated(read_records(Path("results")), [*MADE, "results/manifest.json"], raw, choices, Path())
    return sorted(names), found


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """A project of two raw files, one module and three jobs, run once."""
    monkeypatch.chdir(tmp_path)
    for name in (*RAW, "src/effects.py"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)
    work()
    finish()
    return tmp_path


def edit(path, text="edited"):
    """Change a file and leave its time stamp as old as it was."""
    state = Path(path).stat()
    Path(path).write_text(text)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


# ---------------------------------------------------------------- what differs


def test_nothing_differs_after_a_run():
    assert stale() == ([], [])
    assert differences(read_record(Path("results/manifest.json")), Path(), CHOICES) == []


EFFECTS, CELLS, REPORT, MANIFEST = (
    "results/effects.csv",
    "results/cells.csv",
    "results/report.html",
    "results/manifest.json",
)


@pytest.mark.parametrize(
    ("change", "jobs_again", "difference"),
    [
        (lambda: edit(RAW[0]), [EFFECTS, REPORT], ("edited input", RAW[0])),
        (lambda: edit(RAW[1]), [REPORT], ("edited input", RAW[1])),
        (lambda: Path(RAW[1]).unlink(), [REPORT], ("missing input", RAW[1])),
        (lambda: Path("data/raw/c.csv").write_text("c"), [EFFECTS, REPORT], ("new input", "data/raw/c.csv")),
        (lambda: edit("src/effects.py"), [EFFECTS], ("edited code", "src/effects.py")),
        (lambda: Path("src/effects.py").unlink(), [EFFECTS], ("missing code", "src/effects.py")),
        (lambda: edit(EFFECTS), [CELLS, EFFECTS, MANIFEST, REPORT], ("edited output", EFFECTS)),
        (lambda: edit(EFFECTS, ""), [CELLS, EFFECTS, MANIFEST, REPORT], ("edited output", EFFECTS)),
        (lambda: edit("results/cells/one.svg"), [CELLS, MANIFEST, REPORT], ("edited output", "results/cells/one.svg")),
        (lambda: Path(REPORT).unlink(), [MANIFEST, REPORT], ("missing output", REPORT)),
        (lambda: edit(MANIFEST, "{}"), [MANIFEST], ("edited output", MANIFEST)),
    ],
)
def test_every_change_is_seen_by_content(change, jobs_again, difference):
    change()
    again, found = stale()
    assert again == jobs_again
    assert found == [Difference(*difference)]
    (line,) = explain(found)
    assert difference[1] in line
    assert line.endswith("made again.")


def test_another_choice_concerns_the_jobs_that_rest_on_it():
    again, found = stale({**CHOICES, "models": CHOICES["models"] | {"rho": 0.5}})
    assert (again, found) == ([REPORT], [Difference("other choice", "models.rho")])
    again, _ = stale({**CHOICES, "effects": CHOICES["effects"] | {"alpha": 0.01}})
    assert again == [EFFECTS, REPORT]


def test_another_version_of_a_package_concerns_everything(monkeypatch):
    now = provenance.versions()
    monkeypatch.setattr(provenance, "versions", lambda: now | {"numpy": "0.1"})
    again, found = stale()
    assert again == [CELLS, EFFECTS, MANIFEST, REPORT]
    assert found == [Difference("other version", f"numpy 0.1 instead of {now['numpy']}")]


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"inputs": 3}', b'{"other": {}}', b"\xff"])
def test_a_record_that_is_damaged_proves_nothing(damage):
    record_path(Path(EFFECTS)).write_bytes(damage)
    again, found = stale()
    assert EFFECTS in again
    assert Difference("unrecorded output", EFFECTS) in found


def test_results_of_another_time_are_not_taken_for_those_of_now(tmp_path):
    """As when `results/` comes from a backup, with its records."""
    Path("results").rename("earlier")
    edit(RAW[0])
    work()
    finish()
    Path("results").rename("later")
    Path("earlier").rename("results")
    assert stale()[0] == [EFFECTS, REPORT]


def test_a_job_that_is_cut_short_leaves_no_proof():
    def cut():
        Path(EFFECTS).write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work(cut)
    again, found = stale()
    assert EFFECTS in again
    assert Difference("unrecorded output", EFFECTS) in found


def test_a_job_whose_folder_stays_empty_has_ended():
    """As the figures of a review that has no findings yet."""
    folder = "results/figures"
    with job("results/logs/figures.log", [EFFECTS], [folder]):
        Path(folder).mkdir()
    records = read_records(Path("results"))
    assert not records[folder].outputs
    assert outdated(records, [*MADE, MANIFEST, folder], RAW, CHOICES, Path()) == (set(), [])


def test_a_file_that_no_job_has_needed_yet_is_not_new():
    """As when a single result was asked for."""
    for output in (CELLS, REPORT, MANIFEST):
        record_path(Path(output)).unlink()
        Path(output).unlink()
    Path("results/cells/one.svg").unlink()
    Path("data/raw/c.csv").write_text("c")
    raw = [*RAW, "data/raw/c.csv"]
    with job("results/logs/other.log", [RAW[1]], [CELLS]):
        Path(CELLS).write_text("cells")
    assert outdated(read_records(Path("results")), MADE, raw, CHOICES, Path()) == (set(), [])


def test_many_files_of_a_folder_are_one_line():
    found = [Difference("missing output", f"results/cells/{name}.svg") for name in "abcd"]
    assert explain([*found, Difference("missing output", "results/report.html")]) == [
        "results/report.html is missing: it is made again.",
        "4 files in results/cells are missing: they are made again.",
    ]


def test_much_other_code_is_one_line_wherever_it_lies():
    names = ("src/a/one.py", "src/b/two.py", "src/three.py", "workflow/start.smk")
    found = [Difference("edited code", name) for name in names]
    assert explain(found) == ["4 files in the code have changed: what they compute is made again."]
    assert len(explain(found[:3])) == 3


# ---------------------------------------------------------------- edits during a run


def test_an_edit_while_a_job_reads_the_file_ends_the_run(capsys):
    with pytest.raises(SystemExit):
        work(lambda: edit(RAW[0]))
    log = Path("results/logs/effects.log").read_text()
    assert log == "data/raw/a.csv: edited while it was being read. Run again.\n"
    assert EFFECTS in stale()[0]


@pytest.mark.parametrize("changed", [RAW[0], EFFECTS, "src/effects.py"])
def test_the_manifest_never_names_a_file_that_was_not_analysed(changed):
    before = Path("results/manifest.json").read_bytes()
    edit(changed)
    with pytest.raises(SystemExit):
        finish()
    log = Path("results/logs/manifest.log").read_text()
    assert f"Edited while the run was going on:\n  {changed}\n" in log
    assert Path("results/manifest.json").read_bytes() == before
    assert stale()[0], "and the next run makes again what rests on it"
    work()
    assert finish().inputs[RAW[0]] == hashes([Path(RAW[0])])[RAW[0]]


def test_an_edit_before_the_first_job_reads_the_file_is_seen_too():
    started = hashes(map(Path, RAW))
    edit(RAW[0])
    work()
    with pytest.raises(SystemExit):
        finish(started)
    assert RAW[0] in Path("results/logs/manifest.log").read_text()


def test_the_manifest_holds_what_every_job_read_made_and_chose():
    manifest = json.loads(Path("results/manifest.json").read_text())
    made = [path for path in files([Path("results")]) if path.parts[1] not in ("logs", "manifest.json")]
    assert manifest["outputs"] == hashes(made)
    assert manifest["inputs"] == hashes(map(Path, [*RAW, "src/effects.py"]))
    assert (manifest["choices"], manifest["orphans"]) == (CHOICES, {})
    assert manifest["versions"] == provenance.versions()


# ---------------------------------------------------------------- one run at a time


def test_a_second_run_is_refused_and_a_lock_ends_with_its_process(project):
    lock = run_alone(Path("results"))
    with pytest.raises(Busy, match="Another run is at work"):
        run_alone(Path("results"))
    lock.close()
    run_alone(Path("results")).close()


def test_where_nothing_can_be_locked_nothing_is(project, monkeypatch):
    monkeypatch.setattr(locks, "fcntl", None)
    assert run_alone(Path("results"))
    (project / "file").write_text("")
    assert run_alone(project / "file") is None


# ---------------------------------------------------------------- tidy


def test_tidy_removes_what_the_pipeline_makes_no_more():
    with job("results/logs/cells.log", [EFFECTS], [CELLS, "results/cells.pdf"]):  # a format that is given up
        Path("results/cells.pdf").write_text("cells")
    with job("results/logs/old.log", [RAW[0]], ["results/old.csv"]):
        Path("results/old.csv").write_text("old")
    work()
    assert set(finish().orphans) == {"results/old.csv", "results/cells.pdf"}
    Path("results/mine.docx").write_text("mine")
    removed, kept = tidy(Path("results"))
    assert ({path.as_posix() for path in removed}, kept) == ({"results/old.csv", "results/cells.pdf"}, [])
    assert Path("results/mine.docx").exists()
    assert stale() == ([], []), "tidying leaves nothing to be made again"
    assert tidy(Path("results")) == ([], [])
    assert "results/old.csv" not in read_records(Path("results"))


def test_tidy_keeps_what_has_been_edited():
    with job("results/logs/old.log", [RAW[0]], ["results/old.csv"]):
        Path("results/old.csv").write_text("old")
    finish()
    edit("results/old.csv")
    assert tidy(Path("results")) == ([], [Path("results/old.csv")])
    assert Path("results/old.csv").exists()


@pytest.mark.parametrize(
    "name", ["victim", "results/mine.docx", "../victim", "results/../victim", "results/link/victim"]
)
def test_tidy_trusts_no_list_of_names(project, name):
    (project / "elsewhere").mkdir()
    (project / "results/link").symlink_to(project / "elsewhere")
    victim = Path(name)
    victim.write_text("dear")
    manifest = read_record(Path(MANIFEST))
    write_record(Path(MANIFEST), Record(**asdict(manifest) | {"orphans": hashes([victim])}))
    with pytest.raises(Untidy, match="Run `make` first"):  # the manifest is not as the run left it
        tidy(Path("results"))
    write_record(record_path(Path("results/old.csv")), Record(orphans=hashes([victim])))
    finish()
    removed, _ = tidy(Path("results"))
    inside = victim.resolve().is_relative_to(Path("results").resolve())
    assert victim.exists() != bool(removed)
    assert inside or not removed


def test_tidy_without_a_run_says_so(project):
    Path(MANIFEST).unlink()
    with pytest.raises(Untidy, match="no finished run"):
        tidy(Path("results"))
    with pytest.raises(Untidy, match="no finished run"):
        tidy(Path("nowhere"))


def test_the_record_of_a_job_that_begins_with_another_output_now_proves_nothing():
    """As after a release in which a job makes one more table, before the others."""
    names = read_records(Path("results"))
    jobs = [name for name in names if name not in (EFFECTS, MANIFEST)]
    stale, found = outdated(names, [*MADE, MANIFEST], RAW, CHOICES, Path(), jobs)
    assert EFFECTS in stale
    assert Difference("unrecorded output", EFFECTS) in found
    Path(EFFECTS).write_text("made by the job of today")
    with job("results/logs/effects.log", [RAW[0]], ["results/first.csv", EFFECTS]):
        Path("results/first.csv").write_text("first")
    now = read_records(Path("results"))
    _, found = outdated(now, [*MADE, "results/first.csv"], RAW, CHOICES, Path(), [*jobs, "results/first.csv"])
    assert Difference("edited output", EFFECTS) not in found


def test_what_an_interrupted_job_has_lost_is_not_told_as_gone(project):
    """Snakemake removes the results of a job that was cut short; it is made again, and that is all there is to say."""
    path = record_path(Path("results/effects.csv"))
    write_record(path, provenance.unfinished(read_record(path)))
    Path("results/effects.csv").unlink()
    stale, found = outdated(read_records(Path("results")), [*MADE, MANIFEST], RAW, CHOICES, Path())
    assert {"results/effects.csv", "results/cells.csv"} <= stale
    assert explain(found) == []
