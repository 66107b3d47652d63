"""What runs again: nothing without a change, and after a change what depends on it, no less and no more."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from reanalysis.pipeline import STAGES
from reanalysis.provenance import Record, outdated, read_record, read_records, record_path, write_record
from reanalysis.stages import RAW, outputs
from tests.project import (
    ROOT,
    build,
    change_row,
    change_text,
    hashes,
    keep,
    read_csv,
    reanalysis,
    snakemake,
    write_csv,
)

MANIFEST = "results/manifest.json"


def times(project):
    """When each result was written, by path: what has run since is what differs."""
    results = project / "results"
    return {
        path.relative_to(results).as_posix(): path.stat().st_mtime_ns for path in results.glob("**/*") if path.is_file()
    }


def rewritten(before, project):
    return {name for name, time in times(project).items() if before.get(name) != time}


def test_a_second_run_does_nothing(rebuilt):
    before = times(rebuilt)
    run = snakemake(rebuilt)
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout
    assert rewritten(before, rebuilt) == set()


def test_an_edited_finding_changes_its_domain_alone(small):
    """An old time stamp, as of a file from an archive or a colleague, hides nothing."""
    content = hashes(small / "results")
    path = small / "data/raw/findings/cardiac.csv"
    change_row(path, "back2022-hrv-bpd", p_relation=">", pi="0.5", test_of="")
    os.utime(path, (0, 0))
    run = snakemake(small)
    assert run.returncode == 0, run.stdout
    assert "data/raw/findings/cardiac.csv has changed: what rests on it is made again." in run.stdout
    now = hashes(small / "results")
    changed = {name for name in now if now[name] != content.get(name)}
    assert {"2_effects/ladder.csv", "5_figures/forest/cardiac.svg", "report.html", "manifest.json"} <= changed
    domains = {record["domain"] for record in read_csv(small / "data/raw/domains.csv")[1]}
    assert len(domains) > 1
    assert {Path(name).stem for name in changed} & domains == {"cardiac"}


# ---------------------------------------------------------------- what a change concerns


@pytest.fixture(scope="module")
def finished(built, tmp_path_factory):
    """A copy of the finished run, in which each test changes something and puts it back."""
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("finished") / "project"))


@cache
def hashed(path, size, changed):
    """SHA-256 of a file of this size, changed at this time: hundreds of tests ask for the same hundreds of files."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sha256(path):
    about = path.stat()
    return hashed(path, about.st_size, about.st_mtime_ns)


@pytest.fixture
def changing(finished, monkeypatch):
    monkeypatch.chdir(finished)
    monkeypatch.setattr("reanalysis.provenance._sha256", sha256)
    return finished


def concerned(choices=None):
    """The stages whose records no longer agree with what is on disk, and all stages that rest on these."""
    whole = read_record(Path(MANIFEST))
    made = {path: name for name, stage in STAGES.items() for path in outputs(stage)}
    raw = [path.as_posix() for path in sorted(RAW.rglob("*")) if path.is_file()]
    stale, _ = outdated(read_records(Path("results")), made, raw, choices or whole.choices, Path())
    found = {made[path] for path in stale}
    for name, stage in STAGES.items():
        if name in ("report", "manifest"):
            found |= {name} if found - {"manifest"} else set()
        elif any(made[f"results/{file}"] in found for file in stage.reads):
            found.add(name)
    return found


def concerned_by_an_edit(path):
    """What an edit of a file concerns; the edit is taken back."""
    before = path.read_bytes()
    path.write_bytes(before + b"\n")
    found = concerned()
    path.write_bytes(before)
    return found


PAGE = {"report", "manifest"}
CLAIMS = {"check", "claims", "claim_universes", "changes", "figures"} | PAGE
DESCRIPTION = CLAIMS | {"described", "robustness", "synthesis", "forests", "cell_figures"}
TABLES = set(STAGES) - {"described"}
EFFECTS = TABLES - {"check", "checked"}
MODELS = EFFECTS - {"effects"}
ALTERNATIVES = {"robustness", "claims", "claim_universes", "changes", "figures", "cell_figures"} | PAGE
PICTURES = {"forests", "figures", "cell_figures"} | PAGE
CODE = {
    "src/reanalysis/check/rules.py": set(STAGES),
    "src/reanalysis/schema/vocabulary.py": set(STAGES),
    "src/reanalysis/effects/between.py": set(STAGES),
    "src/reanalysis/ladder/reading.py": set(STAGES),
    "src/reanalysis/meta/univariate.py": MODELS,
    "src/reanalysis/ladder/routes/means.py": set(STAGES),
    "src/reanalysis/models/cell_models.py": MODELS,
    "src/reanalysis/models/pooling.py": MODELS,
    "src/reanalysis/models/sensitivity.py": ALTERNATIVES,
    "src/reanalysis/models/robustness.py": ALTERNATIVES,
    "src/reanalysis/models/other_packages.py": {"second_opinion"} | PAGE,
    "src/reanalysis/synthesis/worklist.py": {"claims", "claim_universes", "changes"} | PAGE,
    "src/reanalysis/claims/rules.py": {"claims", "claim_universes", "changes"} | PAGE,
    "src/reanalysis/multiverse/cells.py": {"multiverse", "forks", "claim_universes", "cell_figures"} | PAGE,
    "src/reanalysis/changes.py": {"changes"} | PAGE,
    "src/reanalysis/figures/forest.py": {"forests", "figures"} | PAGE,
    "src/reanalysis/figures/votes.py": {"figures"} | PAGE,
    "src/reanalysis/figures/gosh.py": {"cell_figures"} | PAGE,
    "src/reanalysis/figures/style.py": PICTURES,
    "src/reanalysis/report/__init__.py": PAGE,
    "src/reanalysis/report/style_1_page.css": PAGE,
    "src/reanalysis/pipeline.py": set(STAGES),
    "src/reanalysis/jobs.py": set(STAGES),
    "workflow/scripts/stage.py": set(STAGES),
    "src/reanalysis/tidy.py": {"manifest"},
    "requirements/lock.txt": {"manifest"},
}


@pytest.mark.parametrize("name", CODE)
def test_an_edited_module_concerns_what_uses_it(changing, name):
    found = concerned_by_an_edit(changing / name)
    assert found == CODE[name]


MODULES = sorted(
    path.relative_to(ROOT).as_posix() for path in (ROOT / "src").rglob("*") if path.suffix not in ("", ".pyc")
)


@pytest.mark.parametrize("name", MODULES)
def test_every_file_of_the_code_concerns_something(changing, name):
    assert "manifest" in concerned_by_an_edit(changing / name)


def test_edits_that_were_taken_back_concern_nothing(changing):
    for name in MODULES:
        path = changing / name
        path.write_bytes(path.read_bytes())
    assert concerned() == set()


DATA = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "data/raw").rglob("*") if path.is_file())


@pytest.mark.parametrize("name", DATA)
def test_an_edited_table_concerns_what_rests_on_it(changing, name):
    found = concerned_by_an_edit(changing / name)
    apart = dict.fromkeys(("claims.csv", "fidelity.csv", "flow.csv"), CLAIMS) | {"review.yaml": DESCRIPTION}
    assert found == apart.get(Path(name).name, TABLES)


def test_a_new_table_concerns_all(changing):
    path = changing / "data/raw/findings/new.csv"
    path.write_text("", encoding="utf-8")
    found = concerned()
    path.unlink()
    assert found == set(STAGES)


OTHER = {
    "effects": EFFECTS,
    "models": EFFECTS,
    "claims": {"synthesis", "claims", "claim_universes", "changes", "figures"} | PAGE,
    "multiverse": {"multiverse", "forks", "claim_universes", "changes", "cell_figures"} | PAGE,
    "sensitivity": ALTERNATIVES,
    "robustness": ALTERNATIVES,
    "figures": PICTURES,
}
CHOICES = [
    (section, name)
    for section, values in yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8")).items()
    for name in values
]


@pytest.mark.parametrize(("section", "name"), CHOICES, ids=lambda word: word)
def test_another_choice_concerns_what_takes_it(changing, section, name):
    choices = read_record(Path(MANIFEST)).choices
    choices[section] = choices[section] | {name: "another"}
    assert concerned(choices) == OTHER[section]


def planned(project):
    """The stages that a run would do."""
    run = snakemake(project, "--dry-run")
    assert run.returncode == 0, run.stdout
    return {name for name in re.findall(r"^([a-z_]+)\s+1$", run.stdout, re.MULTILINE) if name != "all"}


@pytest.mark.parametrize("name", ["src/reanalysis/figures/votes.py", "requirements/lock.txt"])
def test_snakemake_plans_what_an_edited_file_concerns(rebuilt, name):
    path = rebuilt / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert planned(rebuilt) == CODE[name] | {"changes"} | PAGE, "other code is a change, too"


def test_snakemake_plans_what_another_choice_concerns(rebuilt):
    change_text(rebuilt / "config/config.yaml", lambda text: text.replace("min_samples: 3", "min_samples: 2"))
    assert planned(rebuilt) == OTHER["claims"]


def test_the_library_of_the_copy_is_the_one_that_runs(small):
    """A change of the code reaches the results, and the end of the run says where they are."""
    change_text(small / "src/reanalysis/report/style_1_page.css", lambda text: f"{text}\n/* changed */\n")
    run = snakemake(small)
    assert run.returncode == 0, run.stdout
    assert "/* changed */" in (small / "results/report.html").read_text(encoding="utf-8")
    assert "The report is results/report.html: open it in a browser." in run.stdout


# ---------------------------------------------------------------- clean runs


def content(project):
    """Hashes of the results, logs apart."""
    return {name: value for name, value in hashes(project / "results").items() if not name.startswith("logs/")}


def test_the_same_input_gives_the_same_bytes(two):
    """Without Snakemake, in another folder, with another order of hashes, time zone and language: no byte differs."""
    before = content(two)
    run = reanalysis(two, "verify", PYTHONHASHSEED="4711", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    n = len(read_record(two / MANIFEST).outputs)
    assert run.stdout.endswith(
        f"{n} of {n} results come out the same, byte for byte, when computed anew.\n"
        f"Sound: all {n} results are true to their manifest, and to what is computed anew.\n"
    )
    assert run.returncode == 0
    assert n > 60
    assert content(two) == before


def test_one_core_gives_the_same_bytes(two, small):
    """All is made again from what is kept, in another order of jobs; what is kept changes nothing."""
    for path in (small / "results").iterdir():
        if path.name != ".record":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    run = snakemake(small, "--cores", "1")
    assert run.returncode == 0, run.stdout
    assert content(small) == content(two)


# ---------------------------------------------------------------- a domain is deleted


def test_a_deleted_domain_leaves_nothing_behind(small):
    assert (small / "results/5_figures/forest/cardiac.csv").exists()
    keep(small / "data/raw", ["compassion"])
    run = build(small)
    assert run.returncode == 0, run.stdout
    left = [path for path in (small / "results").rglob("*") if "cardiac" in path.name]
    assert left == []
    for path in (small / "results").rglob("*.csv"):
        if "1_checked" not in path.parts and path.name != "changes.csv":
            assert "cardiac" not in path.read_text(encoding="utf-8"), path


def made_by_an_earlier_version(project, name):
    """A file of a stage that is no more, with its record; returns its path from the folder of the project."""
    path = project / "results" / name
    path.write_text("once", encoding="utf-8")
    record = Record(outputs={f"results/{name}": hashlib.sha256(b"once").hexdigest()})
    write_record(project / record_path(Path("results", name)), record)
    return f"results/{name}"


def test_formats_that_are_drawn_no_more_leave_nothing_behind(small):
    """Folders of figures are made anew as a whole."""
    assert list((small / "results/5_figures").rglob("*.pdf"))
    change_text(small / "config/config.yaml", lambda text: text.replace("[svg, pdf]", "[svg]"))
    run = build(small)
    assert run.returncode == 0, run.stdout
    assert {path.suffix for path in (small / "results/5_figures").rglob("*.*")} == {".svg", ".csv"}


def test_what_is_made_no_more_is_named_and_tidied(small):
    names = ("5_figures/levels.svg", "5_figures/levels.csv", "4_synthesis/votes.csv")
    orphans = {made_by_an_earlier_version(small, name) for name in names}
    run = build(small)
    assert run.returncode == 0, run.stdout
    manifest = json.loads((small / MANIFEST).read_text(encoding="utf-8"))
    assert set(manifest["orphans"]) == orphans
    for name in orphans:
        assert name in run.stdout, "the run names what it has left behind"
    assert "make tidy" in run.stdout

    venv = Path(sys.prefix)  # `-o`: what is installed there is taken as it is
    own = small / "results/my-notes.docx"
    own.write_text("mine", encoding="utf-8")
    command = ["make", "tidy", f"VENV={venv}", "-o", f"{venv}/.installed"]
    subprocess.run(command, cwd=small, env=os.environ | {"PYTHONPATH": str(small / "src")}, check=True)
    assert not any((small / name).exists() for name in orphans)
    assert own.exists(), "what the pipeline has not made is left alone"
    assert json.loads((small / MANIFEST).read_text(encoding="utf-8"))["orphans"] == {}


# ---------------------------------------------------------------- what has changed


def changes(project):
    return read_csv(project / "results/4_synthesis/changes.csv")[1]


def test_every_run_tells_what_has_changed_since_the_one_before(small):
    """Also after a run that was cut short, one that repairs, and an edit that is taken back; row order is no change."""
    assert changes(small) == [], "the first run has none before it"
    path, first = small / "data/raw/findings/cardiac.csv", content(small)
    sound = path.read_bytes()
    change_row(path, "back2022-hrv-bpd", p_relation=">", pi="0.5", test_of="")
    assert build(small).returncode == 0
    told, second = changes(small), content(small)
    edited = {row["column"] for row in told if row["level"] == "data"}
    assert {row["item"] for row in told if row["level"] == "data"} == {"back2022-hrv-bpd primary"}
    assert edited <= {"p_relation", "pi", "test_of"}
    assert {row["domain"] for row in told} == {"cardiac"}
    assert "What changed" in (small / "results/report.html").read_text(encoding="utf-8")

    (small / "results/4_synthesis/changes.csv").unlink()
    assert build(small).returncode == 0
    assert content(small) == second, "a run that repairs tells the same"

    columns, records = read_csv(path)
    write_csv(path, columns, records[::-1])
    assert build(small).returncode == 0
    assert changes(small) == [], "the order of rows is no change"

    path.write_bytes(sound)
    assert build(small).returncode == 0
    back = changes(small)
    assert [(row["item"], row["column"], row["after"], row["before"]) for row in back] == [
        (row["item"], row["column"], row["before"], row["after"]) for row in told
    ]
    differ = {name for name, value in content(small).items() if first.get(name) != value}
    assert differ == {"4_synthesis/changes.csv", "report.html", "manifest.json"}
