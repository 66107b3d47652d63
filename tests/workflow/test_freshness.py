"""Nothing stale or altered is certified, whatever was done to the project by hand, by a kill signal or by a copy."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from reanalysis.provenance import differences, explain, outdated, read_record, read_records
from tests.project import ROOT, change_row, change_text, copy_project, hashes, read_csv, snakemake, write_csv

MANIFEST = "results/manifest.json"


def manifest(project):
    return json.loads((project / MANIFEST).read_text(encoding="utf-8"))


def content(project):
    """Hashes of the results, logs apart."""
    return {name: value for name, value in hashes(project / "results").items() if not name.startswith("logs/")}


# ---------------------------------------------------------------- results changed by hand


def cell(path, column, value, **where):
    """Set a cell of the first row in which these cells stand."""
    columns, records = read_csv(path)
    row = next(row for row in records if all(row[name] == text for name, text in where.items()) and row[column])
    assert row[column] != value
    row[column] = value
    write_csv(path, columns, records)


def half(path):
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def empty(path):
    path.write_bytes(b"")


def longer(path):
    """As an edit of a figure or a page that leaves it readable."""
    change_text(path, lambda text: text.replace("</svg>", "<!-- mine --></svg>").replace("</html>", "<!-- --></html>"))


def remove(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


LADDER, UNITS = "2_effects/ladder.csv", "3_models/units.csv"
BY_HAND = {
    "an exact effect": (LADDER, lambda path: cell(path, "yi", "-0.5", rung="exact")),
    "a bound, sign flipped": (LADDER, lambda path: cell(path, "yi_ub", "0.3", rung="bounded")),
    "an all-evidence estimate": ("3_models/models.csv", lambda path: cell(path, "est", "-1.188")),
    "a unit": (UNITS, lambda path: cell(path, "yi", "-0.5", rung="exact")),
    "a sensitivity": ("3_models/sensitivity.csv", lambda path: cell(path, "est", "-1.188")),
    "a verdict": ("4_synthesis/claims.csv", lambda path: cell(path, "verdict", "contradicted", verdict="supported")),
    "the table of a figure": ("5_figures/forest/early-stress.csv", lambda path: cell(path, "estimate", "-1.188")),
    "a figure": ("5_figures/forest/early-stress.svg", longer),
    "the report": ("report.html", longer),
    "the report cut in half": ("report.html", half),
    "a checked p": ("1_checked/findings.csv", lambda path: cell(path, "pi", "0.2", pi="0.002")),
    "the manifest": ("manifest.json", lambda path: change_text(path, lambda text: text.replace("3", "4", 1))),
    "the ladder cut": ("2_effects/ladder.csv", half),
    "a table of no bytes": (LADDER, empty),
    "a figure cut": ("5_figures/forest/early-stress.svg", half),
    "the units cut in half": (UNITS, half),
    "a deleted report": ("report.html", remove),
    "a deleted folder": ("1_checked", remove),
    "a deleted table": (UNITS, remove),
    "a deleted figure": ("5_figures/forest/compassion.png", remove),
    "all figures of the cells": ("5_figures/cells", remove),
    "a panel": ("5_figures/panels/levels--studies.svg", longer),
    "the description of the review": ("1_checked/review.json", half),
    "one figure of a cell": ("5_figures/cells", lambda path: remove(next(path.rglob("*.svg")))),
    "a deleted list": ("5_figures/cells.csv", remove),
}


@pytest.fixture(scope="module")
def finished(built, tmp_path_factory):
    """A copy of the finished run, whose results each test changes and puts back."""
    return Path(shutil.copytree(built, tmp_path_factory.mktemp("finished") / "project"))


@pytest.fixture
def changing(finished, built, monkeypatch):
    monkeypatch.chdir(finished)
    yield finished / "results"
    shutil.rmtree(finished / "results")
    shutil.copytree(built / "results", finished / "results")


def seen(records, made):
    choices = read_record(Path(MANIFEST)).choices
    return outdated(
        records, made, [name for name in read_record(Path(MANIFEST)).inputs if "/raw/" in name], choices, Path()
    )


@pytest.mark.parametrize("name", BY_HAND)
def test_a_result_changed_by_hand_is_seen_and_named(changing, name):
    path, change = BY_HAND[name]
    records = read_records(Path("results"))
    whole = read_record(Path(MANIFEST))
    folders = (f"results/5_figures/{name}" for name in ("cells", "forest", "overview", "panels"))
    made = [*whole.outputs, *folders, MANIFEST]
    assert outdated(records, made, [], whole.choices, Path()) == (set(), [])
    change(changing / path)
    again, found = outdated(records, made, [], whole.choices, Path())
    touched = {difference.what for difference in found}
    assert touched
    assert all(name.startswith(f"results/{path}") for name in touched)
    owners = {name for name, record in records.items() if touched & record.outputs.keys()}
    assert owners
    assert owners <= again
    for line in explain(found):
        assert f"results/{path}" in line
        assert line.endswith("made again.")
    if path != "manifest.json":
        assert touched == {difference.what for difference in differences(whole, Path())}, "also by the manifest alone"


def test_what_was_changed_by_hand_is_made_again_and_this_is_said(rebuilt):
    """All at once; the files that are not named are in the way of none of them."""
    before = content(rebuilt)
    chosen = ("an all-evidence estimate", "a verdict", "a figure", "the units cut in half", "the report cut in half")
    gone = ("a deleted figure", "all figures of the cells", "a deleted folder")
    for name in (*chosen, *gone):
        path, change = BY_HAND[name]
        change(rebuilt / "results" / path)
        if (rebuilt / "results" / path).is_file():
            os.utime(rebuilt / "results" / path, (0, 0))
    assert content(rebuilt) != before
    run = snakemake(rebuilt)
    assert run.returncode == 0, run.stdout
    for name in chosen:
        assert f"results/{BY_HAND[name][0]} is not as the run left it: it is made again." in run.stdout
    for name in gone:
        assert f"results/{BY_HAND[name][0]}" in run.stdout
    assert content(rebuilt) == before


# ---------------------------------------------------------------- choices


def test_choices_of_the_command_line_reach_the_report_and_the_manifest(small):
    run = snakemake(small, "--config", "claims={min_samples: 1}")
    assert run.returncode == 0, run.stdout
    assert "claims.min_samples is chosen otherwise: what rests on it is made again." in run.stdout
    assert manifest(small)["choices"]["claims"]["min_samples"] == 1
    page = (small / "results/report.html").read_text(encoding="utf-8")
    table = page[page.index("rows choices") :]
    row = table[table.index("claims.min_samples") :]
    assert ">1<" in row[: row.index("</tr>")], "in the table of choices"
    plan = snakemake(small, "--dry-run")
    assert "claims.min_samples is chosen otherwise" in plan.stdout, "and are not taken for those of the file"


def test_a_wrong_choice_of_the_command_line_is_named(small):
    run = snakemake(small, "--config", "models={level: 95}")
    assert run.returncode == 1
    assert "error: --config [models.level] '95': " in run.stdout
    assert "Traceback" not in run.stdout


# ---------------------------------------------------------------- interrupted, doubled and disturbed runs


HELD = Path("results/.record/report.html.draft")


def start(project):
    """A run in a process group of its own, held while it is at work on the report, to go on at `release`.

    It waits because what it writes next is a pipe that nobody reads; it begins its log before.
    """
    os.mkfifo(project / HELD)
    log = project / "results/logs/report.log"
    log.unlink(missing_ok=True)
    env = os.environ | {"PYTHONPATH": str(project / "src")}
    run = subprocess.Popen(
        [sys.executable, "-m", "snakemake"],
        cwd=project,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=partial(
            signal.signal, signal.SIGINT, signal.SIG_DFL
        ),  # it is ignored by what runs in the background
    )
    deadline = time.monotonic() + 300
    while not log.exists():
        assert run.poll() is None, run.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return run


def release(project):
    """Let the job of a held run go on; what it wrote as its record is returned."""
    return (project / HELD).read_text(encoding="utf-8")


def test_a_run_that_was_killed_is_simply_run_again(small):
    """SIGTERM at any moment: tests/workflow/test_system.py."""
    before = content(small)
    for kill in (signal.SIGINT, signal.SIGKILL):
        change_text(small / "results/report.html", lambda text: text + "\n")
        first = start(small)
        if kill == signal.SIGKILL:
            second = snakemake(small)
            assert second.returncode == 1
            assert "Another run is at work in this folder. Wait until it has ended, then run again." in second.stdout
            first.kill()  # Snakemake alone: its job goes on, and is waited for
            release(small)
        else:
            os.killpg(first.pid, kill)
        first.communicate()
        (small / HELD).unlink(missing_ok=True)
        assert first.returncode != 0
        run = snakemake(small)
        assert run.returncode == 0, run.stdout
        assert content(small) == before, kill.name
    assert "Nothing to be done" in snakemake(small).stdout


def test_an_edit_during_the_run_ends_with_a_message(small):
    change_text(small / "results/report.html", lambda text: text + "\n")
    old = manifest(small)
    run = start(small)
    path = small / "data/raw/claims.csv"
    change_row(path, read_csv(path)[1][0]["claim_id"], note="edited while it runs")
    written = release(small)
    said, _ = run.communicate()
    record = (small / HELD).with_suffix(".json")
    record.unlink()  # the pipe
    record.write_text(written, encoding="utf-8")
    assert run.returncode == 1
    assert "data/raw/claims.csv" in said
    assert "un again" in said.strip().splitlines()[-1]
    assert not (small / MANIFEST).exists() or manifest(small) == old
    again = snakemake(small, "--dry-run")
    assert "data/raw/claims.csv has changed: what rests on it is made again." in again.stdout


# ---------------------------------------------------------------- copies, and names of folders


def test_the_library_of_another_folder_is_not_run(small, tmp_path):
    run = snakemake(small, "--dry-run", PYTHONPATH=str(ROOT / "src"))
    assert run.returncode == 1
    assert "not that of this folder" in run.stdout
    assert run.stdout.strip().splitlines()[-1] == "Run `make`: it sets .venv up for this place."


ODD = "My Drive – Müller's $HOME {a} [b] & co/oxt review"


@pytest.fixture
def odd(tmp_path):
    """A project in a folder of an odd name, with an environment of its own that borrows the installed packages."""
    project = copy_project(tmp_path / ODD)
    venv = project / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    (packages,) = venv.glob("lib/*/site-packages")
    installed = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "borrowed.pth").write_text("\n".join([str(project / "src"), *installed]), encoding="utf-8")
    (venv / ".installed").touch()
    return project


def make(project, *arguments):
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run(
        ["make", *arguments],
        cwd=project,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )


def test_a_folder_of_any_name_will_do(odd):
    """Jobs are started through a shell by the Python of this folder; braces and `$` are no wildcards."""
    (odd / "data/raw/~$a{b}.csv").write_text("open in a spreadsheet", encoding="utf-8")
    run = make(odd, "all", "--dry-run")
    assert run.stdout == ".venv/bin/python -m reanalysis.cli run\n", "the environment is that of this folder"
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [".venv/bin/python", "-m", "snakemake", "results/2_effects/ladder.csv", "results/1_checked/problems.csv"]
    run = subprocess.run(
        command, cwd=odd, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    assert run.returncode == 0, run.stdout
    assert (odd / "results/2_effects/ladder.csv").exists()
    (odd / "data/raw/a{b}.csv").touch()
    run = subprocess.run(
        [*command, "--dry-run"],
        cwd=odd,
        env=env,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "check" in run.stdout, "a file that does not belong there is looked at, not stumbled over"


def test_a_moved_or_copied_folder_sets_its_environment_up_again(odd, tmp_path):
    copy = Path(shutil.copytree(odd, tmp_path / "oxt review v2", symlinks=True))
    run = make(copy, "all", "--dry-run")
    assert "This folder was moved or copied" in run.stdout
    assert "pip install --quiet --no-deps --no-build-isolation --editable ." in run.stdout
    (copy / ".venv/bin/python").unlink()  # its Python is gone
    run = make(copy, "all", "--dry-run")
    assert "This folder was moved or copied, or its Python was replaced" in run.stdout
