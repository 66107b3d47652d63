"""What runs again: nothing without a change, and after a change what depends on it, no less and no more."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project import change_row, change_text, copy_project, hashes, read_csv, snakemake, write_csv


def times(project):
    """When each result was written, by path: what has run since is what differs."""
    results = project / "results"
    return {
        path.relative_to(results).as_posix(): path.stat().st_mtime_ns for path in results.glob("**/*") if path.is_file()
    }


def rewritten(before, project):
    return {name for name, time in times(project).items() if before.get(name) != time}


def planned(project):
    """Jobs that a run would do, by rule."""
    run = snakemake(project, "--dry-run")
    assert run.returncode == 0, run.stdout
    return {rule: int(n) for rule, n in re.findall(r"^([a-z_]+)\s+(\d+)$", run.stdout, re.MULTILINE)}


def test_a_second_run_does_nothing(rebuilt):
    before = times(rebuilt)
    run = snakemake(rebuilt)
    assert run.returncode == 0
    assert "Nothing to be done" in run.stdout
    assert rewritten(before, rebuilt) == set()


def test_an_edited_finding_reruns_its_domain_alone(rebuilt):
    """An old time stamp, as of a file from an archive or a colleague, hides nothing."""
    before, content = times(rebuilt), hashes(rebuilt / "results")
    path = rebuilt / "data/raw/findings/cardiac.csv"
    change_row(path, "back2022-hrv-bpd", p_relation=">", pi="0.5", test_of="")
    os.utime(path, (0, 0))
    run = snakemake(rebuilt)
    assert run.returncode == 0, run.stdout
    assert "data/raw/findings/cardiac.csv has changed: what rests on it is made again." in run.stdout
    ran = rewritten(before, rebuilt)
    all_domains = {record["domain"] for record in read_csv(rebuilt / "data/raw/domains.csv")[1]}
    assert {Path(name).stem for name in ran} & all_domains == {"cardiac"}
    assert {"2_effects/cardiac.csv", "3_models/cardiac.csv", "5_figures/forest/cardiac.svg"} <= ran
    assert {"2_effects/ladder.csv", "report.html", "manifest.json", "1_checked/findings.csv"} <= ran
    now = hashes(rebuilt / "results")
    assert {"2_effects/cardiac.csv", "5_figures/forest/cardiac.svg", "report.html"} <= {
        name for name in now if now[name] != content[name]
    }


N = object()  # one job for each domain

EDITS = {
    "src/reanalysis/check/rules.py": {"check": 1, "checked_tables": 1, "effects": N, "models": N, "forest": N},
    "src/reanalysis/schema/vocabulary.py": {"check": 1, "effects": N, "models": N, "forest": N, "report": 1},
    "src/reanalysis/effects/between.py": {"check": 1, "effects": N, "ladder": 1, "models": N, "forest": N},
    "src/reanalysis/ladder/reading.py": {"check": 1, "effects": N, "models": N, "forest": N},
    "src/reanalysis/meta/univariate.py": {"effects": 0, "ladder": 0, "models": N, "forest": N, "overview": 0},
    "src/reanalysis/robustness.py": {"models": 0, "forest": 0, "robustness": 1, "robustness_figures": 1, "report": 1},
    "src/reanalysis/pooling.py": {"check": 0, "effects": 0, "models": N, "forest": N, "report": 1, "manifest": 1},
    "src/reanalysis/figures/forest.py": {"effects": 0, "models": 0, "synthesis": 0, "forest": N, "report": 1},
    "src/reanalysis/synthesis/ladder.py": {"effects": 0, "models": 0, "forest": 0, "synthesis": 1, "report": 1},
    "src/reanalysis/report/__init__.py": {"effects": 0, "forest": 0, "synthesis": 0, "report": 1, "manifest": 1},
    "src/reanalysis/report/style_1_page.css": {"effects": 0, "forest": 0, "synthesis": 0, "report": 1, "manifest": 1},
    "src/reanalysis/jobs.py": {"check": 1, "effects": N, "models": N, "forest": N, "report": 1},
    "workflow/scripts/forest.py": {"effects": 0, "models": 0, "forest": N, "report": 1},
    "data/raw/samples.csv": {"check": 1, "effects": N},
    "data/raw/claims.csv": {"check": 1, "effects": 0, "models": 0, "forest": 0, "report": 1},
    "requirements/lock.txt": {"check": 0, "effects": 0, "report": 0, "manifest": 1},
}
CHOICES = {
    ("alpha: 0.05", "alpha: 0.02"): {"check": 0, "effects": N, "models": N, "forest": N},
    ("level: 0.95", "level: 0.90"): {"check": 0, "effects": 0, "models": N, "forest": N},
    ("seed: 1", "seed: 2"): {"models": 0, "sensitivity": 0, "robustness": 1, "robustness_figures": 1},
    ("width_mm: 180", "width_mm: 170"): {"effects": 0, "models": 0, "forest": N, "overview": 1, "report": 1},
}


# One of each kind is tried at every test, the others by `make test-thorough`.
QUICK = {
    *("src/reanalysis/check/rules.py", "src/reanalysis/ladder/reading.py", "src/reanalysis/report/style_1_page.css"),
    *(
        "src/reanalysis/figures/forest.py",
        "data/raw/claims.csv",
        "requirements/lock.txt",
        ("alpha: 0.05", "alpha: 0.02"),
    ),
}


def some(one, quick):
    return one if one in quick else pytest.param(one, marks=pytest.mark.thorough)


def assert_planned(project, expected):
    n = len(read_csv(project / "data/raw/domains.csv")[1])
    plan = planned(project)
    assert {rule: plan.get(rule, 0) for rule in expected} == {
        rule: n if count is N else count for rule, count in expected.items()
    }


@pytest.mark.parametrize("name", [some(name, QUICK) for name in EDITS])
def test_an_edited_file_reruns_what_uses_it(rebuilt, name):
    path = rebuilt / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert_planned(rebuilt, EDITS[name])


@pytest.mark.parametrize("choice", [some(choice, QUICK) for choice in CHOICES], ids=lambda choice: choice[1])
def test_another_choice_reruns_what_depends_on_it(rebuilt, choice):
    change_text(rebuilt / "config/config.yaml", lambda text: text.replace(*choice))
    assert_planned(rebuilt, CHOICES[choice])


def test_the_library_of_the_copy_is_the_one_that_runs(rebuilt):
    """A change of the code reaches the results, and the end of the run says where they are."""
    change_text(rebuilt / "src/reanalysis/report/style_1_page.css", lambda text: f"{text}\n/* changed */\n")
    run = snakemake(rebuilt)
    assert run.returncode == 0, run.stdout
    assert "/* changed */" in (rebuilt / "results/report.html").read_text(encoding="utf-8")
    assert run.stdout.strip().endswith("The report is results/report.html: open it in a browser.")


# ---------------------------------------------------------------- clean runs


@pytest.mark.thorough
def test_the_same_input_gives_the_same_bytes(built, tmp_path):
    """Another folder, another order of hashes, another time zone and language: not a byte differs."""
    other = copy_project(tmp_path / "elsewhere")
    run = snakemake(other, PYTHONHASHSEED="4711", TZ="Asia/Tokyo", LC_ALL="C.UTF-8")
    assert run.returncode == 0, run.stdout
    one, two = (
        {name: value for name, value in hashes(project / "results").items() if not name.startswith("logs/")}
        for project in (built, other)
    )
    assert one == two


# ---------------------------------------------------------------- a domain is deleted


@pytest.fixture
def small(tmp_path):
    """A project of two domains, run once."""
    project = copy_project(tmp_path / "small")
    keep(project, ["compassion", "cardiac"])
    run = snakemake(project)
    assert run.returncode == 0, run.stdout
    return project


def keep(project, names):
    """Leave these domains, and of the claims those on the first of them that name no others."""
    raw = project / "data/raw"
    columns, records = read_csv(raw / "domains.csv")
    write_csv(raw / "domains.csv", columns, [record for record in records if record["domain"] in names])
    for path in (raw / "findings").iterdir():
        if path.stem not in names:
            path.unlink()
    (raw / "corrections.yaml").write_text("[]\n", encoding="utf-8")
    columns, records = read_csv(raw / "claims.csv")
    alone = [r for r in records if r["domain"] == names[0] and not r["restates"] and not r["conflicts_with"]]
    write_csv(raw / "claims.csv", columns, alone)


@pytest.mark.thorough
def test_a_deleted_domain_leaves_nothing_unnoticed(small):
    made = {name for name in hashes(small / "results") if not name.startswith("logs/")}
    keep(small, ["compassion"])
    run = snakemake(small)
    assert run.returncode == 0, run.stdout
    orphans = {f"results/{name}" for name in made if Path(name).stem == "cardiac"}
    assert len(orphans) >= 6
    manifest = json.loads((small / "results/manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["orphans"]) == orphans
    for name in orphans:
        assert name in run.stdout, "the run names what it has left behind"
    assert "make tidy" in run.stdout
    assert "cardiac" not in (small / "results/2_effects/ladder.csv").read_text(encoding="utf-8")

    venv = Path(sys.prefix)  # `-o`: what is installed there is taken as it is
    own = small / "results/my-notes.docx"
    own.write_text("mine", encoding="utf-8")
    command = ["make", "tidy", f"VENV={venv}", "-o", f"{venv}/.installed"]
    subprocess.run(command, cwd=small, env=os.environ | {"PYTHONPATH": str(small / "src")}, check=True)
    assert not any((small / name).exists() for name in orphans)
    assert own.exists(), "what the pipeline has not made is left alone"
    run = snakemake(small)
    assert run.returncode == 0, run.stdout
    assert "Nothing to be done" in run.stdout
    assert json.loads((small / "results/manifest.json").read_text(encoding="utf-8"))["orphans"] == {}
