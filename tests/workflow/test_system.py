"""What the system refuses, or a wrong clock says: a message with what to do, or a right result."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reanalysis.jobs import job
from reanalysis.new import SKELETON
from reanalysis.refused import refusal
from tests.project import ROOT, change_text, read_csv

FULL = Path("/dev/full")
TARGETS = ("results/1_checked/problems.csv", "results/2_effects/ladder.csv")


@pytest.fixture
def review(tmp_path):
    """The small review."""
    return Path(shutil.copytree(SKELETON, tmp_path / "review"))


def run(review, *arguments, before="true"):
    """The command of a user, after a command of the shell in a mount namespace of its own where one is given."""
    command = [sys.executable, "-m", "reanalysis.cli", "run", *arguments]
    if before != "true":
        command = ["unshare", "-rm", "sh", "-c", f'{before} && exec "$0" "$@"', *command]
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, cwd=review, env=env, text=True, stdout=-1, stderr=subprocess.STDOUT, check=False)


def mounts() -> bool:
    """Whether a folder can be mounted in a namespace here."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return shutil.which("unshare") is not None and subprocess.run(command, check=False, stderr=-1).returncode == 0


# ---------------------------------------------------------------- the disk


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_explained_in_the_log(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as end, job("results/logs/a.log", [], ["results/a.csv"]):
        FULL.write_text("x", encoding="utf-8")
    said = Path("results/logs/a.log").read_text(encoding="utf-8")
    assert (end.value.code, said) == (1, f"{refusal(OSError(28, os.strerror(28)))}\n")
    assert said.startswith("No space left on device. Make room and run again")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full on this system")
def test_where_there_is_no_room_for_the_log_the_screen_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("results/logs").mkdir(parents=True)
    Path("results/logs/a.log").symlink_to(FULL)
    with pytest.raises(SystemExit), job("results/logs/a.log", [], ["results/a.csv"]):
        FULL.write_text("x", encoding="utf-8")
    assert "Make room and run again" in capsys.readouterr().err


def test_other_errors_of_the_system_are_defects(tmp_path):
    assert refusal(IsADirectoryError(21, "Is a directory", "x")) == ""
    assert refusal(ValueError("x")) == ""
    assert refusal(PermissionError(13, "Permission denied", "results/x")).startswith("results/x: Permission denied. ")


@pytest.mark.skipif(not mounts(), reason="no folder can be mounted here")
def test_a_small_or_read_only_disk_ends_the_run_with_what_to_do_and_nothing_half_made(review):
    (review / "results").mkdir()
    small = run(review, *TARGETS, before="mount -t tmpfs -o size=60k tmpfs results")
    assert small.returncode == 1
    assert "No space left on device. Make room and run again: what was finished before is kept." in small.stdout
    read_only = run(review, *TARGETS, before="mount --bind results results && cd . && mount -o remount,bind,ro results")
    assert read_only.returncode == 1
    assert "Read-only file system. Allow this user to write there, or work in a copy" in read_only.stdout
    assert "Traceback" not in small.stdout + read_only.stdout
    assert not (review / TARGETS[1]).exists()


# ---------------------------------------------------------------- clocks


def dated(folder, seconds):
    """Date all files of a folder by so many seconds from now."""
    for path in folder.rglob("*"):
        os.utime(path, (time.time() + seconds,) * 2)


def test_files_dated_ahead_by_a_wrong_clock_are_read_by_their_content(review):
    """As after the clock was set back, or with files of a computer whose clock is ahead."""
    year = 365 * 86400
    dated(review / "data", year)
    first = run(review, *TARGETS)
    assert first.returncode == 0, first.stdout
    dated(review, year)
    change_text(
        review / "data/raw/findings/sleep.csv", lambda text: text.replace("table 2 (made up)", "table 3 (made up)")
    )
    dated(review / "data", year)
    second = run(review, *TARGETS)
    assert second.returncode == 0, second.stdout
    assert "data/raw/findings/sleep.csv has changed: what rests on it is made again." in second.stdout
    assert any(row["locator"] == "table 3 (made up)" for row in read_csv(review / TARGETS[1])[1])


# ---------------------------------------------------------------- signals

AT_THE_WORST_MOMENT = """
import os, signal, sys, threading
from snakemake.scheduling.job_scheduler import JobScheduler
from reanalysis.cli import main

class Lock:
    def __init__(self, lock):
        self.lock, self.sent = lock, False
    def __enter__(self):
        self.lock.acquire()
        if not self.sent and threading.current_thread() is threading.main_thread():
            self.sent = True
            os.kill(os.getpid(), signal.SIGTERM)
    def __exit__(self, *_):
        self.lock.release()

begin = JobScheduler.schedule
def schedule(self):
    self._lock = Lock(self._lock)
    return begin(self)
JobScheduler.schedule = schedule
main()
"""


def test_a_run_ends_when_it_is_asked_to_at_whatever_moment(review):
    """Snakemake holds a lock now and then, for which its answer to SIGTERM waits as well."""
    env = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-c", AT_THE_WORST_MOMENT, "run", *TARGETS]
    ended = subprocess.run(command, cwd=review, env=env, text=True, stdout=-1, stderr=-2, timeout=120, check=False)
    assert ended.returncode == 1, ended.stdout
    assert not (review / TARGETS[1]).exists()
    again = run(review, *TARGETS)
    assert again.returncode == 0, again.stdout
    assert (review / TARGETS[1]).exists(), "and is simply run again"
