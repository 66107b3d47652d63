"""Whether a run that was interrupted can simply be run again, with the same results as an undisturbed one.

`python -m benchmarks.interruptions` prints the table of docs/faults.md: `--new` moments in a small review and `--real`
moments in the project's own, one to four of them in a row, each at a random time of the run (`--seed`). Then the plain
command is given once more, undisturbed, and SHA-256 of all results are compared with those of a run that nothing
disturbed. Runs begin with nothing, or with a finished run and an edited table.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.project import RAW, ROOT, change_row, change_text, hashes

from reanalysis.new import SKELETON

REVIEWS = {"new": SKELETON, "real": ROOT}
EDITS: dict[str, Callable[[Path], object]] = {
    "new": lambda review: change_text(
        review / "config/config.yaml", lambda text: text.replace("mu_prior_scale: 0.5", "mu_prior_scale: 0.6", 1)
    ),
    "real": lambda review: change_row(
        review / "data/raw/findings/cardiac.csv", "back2022-hrv-bpd", p_relation=">", pi="0.512", test_of=""
    ),
}
SIGNALS = [
    (name, whole) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL) for whole in (True, False)
]  # to the whole group of processes, as Ctrl-C does, or to the main one alone
PATIENCE = 900  # seconds for a run


@dataclass
class Chain:
    """Interruptions one after another, and what was found after the run that followed them."""

    start: Path
    expected: dict[str, str]
    sent: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def command(review: Path) -> subprocess.Popen:
    """The command of a user, in a process group of its own; what it says goes to a file beside the review.

    A process that was started in the background ignores SIGINT, and so would its children: here it is heard again.
    """
    with said_by(review).open("w") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "reanalysis.cli", "run"],
            cwd=review,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def said_by(review: Path) -> Path:
    """The file of what the last run said."""
    return review.with_suffix(".said")


def undisturbed(review: Path) -> tuple[int, str, float]:
    """A run to its end: exit code, what it said, and seconds."""
    start = time.monotonic()
    code = command(review).wait(PATIENCE)
    return code, said_by(review).read_text(encoding="utf-8"), time.monotonic() - start


def interrupted(review: Path, rng: random.Random, seconds: float) -> str:
    """A run that gets a signal at a random moment; which, and when. Empty where it had ended before."""
    kind, whole = rng.choice(SIGNALS)
    moment = rng.uniform(0, 0.9 * seconds)
    run = command(review)
    try:
        run.wait(moment)
        return ""
    except subprocess.TimeoutExpired:
        (os.killpg if whole else os.kill)(run.pid, kind)
    sent = f"{kind.name} to {'all' if whole else 'the main process'} at {moment:.1f} s"
    try:
        run.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(run.pid, signal.SIGKILL)
        return f"{sent}, and it did not end"
    return sent


def content(review: Path) -> dict[str, str]:
    """SHA-256 of all results; logs, and what is hidden, apart."""
    return {name: value for name, value in hashes(review / "results").items() if not name.startswith("logs/")}


def try_review(name: str, number: int, rng: random.Random, home: Path) -> list[Chain]:
    """So many interruptions of a review, in chains."""
    fresh, edited, review = (home / part for part in (f"{name}-fresh", f"{name}-edited", f"{name}-review"))
    shutil.copytree(REVIEWS[name] / "config", fresh / "config")
    shutil.copytree(RAW if name == "real" else REVIEWS[name] / "data/raw", fresh / "data/raw")
    change_text(fresh / "config/config.yaml", lambda text: re.sub(r"formats: .*", "formats: [svg]", text))  # is quicker
    starts: list[tuple[Path, dict[str, str], float]] = []
    for start in (fresh, edited):
        shutil.copytree(start, review, symlinks=True)
        code, said, seconds = undisturbed(review)
        assert code == 0, said
        starts.append((start, content(review), seconds))
        if start is fresh:
            shutil.copytree(review, edited)
            EDITS[name](edited)
        shutil.rmtree(review)
    chains: list[Chain] = []
    while sum(len(chain.sent) for chain in chains) < number:
        start, expected, seconds = starts[len(chains) % 2]
        chain = Chain(start, expected)
        shutil.copytree(start, review)
        left = number - sum(len(chain.sent) for chain in chains)
        for _ in range(min(left, rng.choice([1, 1, 2, 3, 4]))):
            if sent := interrupted(review, rng, seconds):
                chain.sent.append(sent)
        if not chain.sent:  # the run was quicker than the moment
            shutil.rmtree(review)
            continue
        code, said, _ = undisturbed(review)
        chain.faults += [sent for sent in chain.sent if "did not end" in sent]
        if code:
            chain.faults.append(f"the next run ends with {code}: {said[-600:]}")
        found = content(review)
        differ = sorted(path for path in found.keys() | expected.keys() if found.get(path) != expected.get(path))
        chain.faults += [f"{path} differs" for path in differ]
        code, said, _ = undisturbed(review)
        if code or content(review) != found:
            chain.faults.append(f"a run with nothing to do: {code}, {said[-600:]}")
        shutil.rmtree(review)
        chains.append(chain)
        print(f"{name}, {start.name}: {'; '.join(chain.sent)} {chain.faults[:5]}", file=sys.stderr, flush=True)
    return chains


def main() -> int:
    """Try both reviews; the exit code is 1 where a run was not as it should be."""
    options = argparse.ArgumentParser()
    options.add_argument("--new", type=int, default=42)
    options.add_argument("--real", type=int, default=8)
    options.add_argument("--seed", default="1")
    given = options.parse_args()
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as temporary:
        done = {name: try_review(name, getattr(given, name), rng, Path(temporary)) for name in REVIEWS}
    print("| review | SIGINT | SIGTERM | SIGKILL | to all | to the main process | chains | as undisturbed |")
    print("|---|---|---|---|---|---|---|---|")
    for name, chains in done.items():
        sent = [one for chain in chains for one in chain.sent]
        kinds = ("SIGINT", "SIGTERM", "SIGKILL", "to all", "to the main")
        counts = [sum(kind in one for one in sent) for kind in kinds]
        sound = sum(not chain.faults for chain in chains)
        print(f"| {name} | {' | '.join(map(str, counts))} | {len(chains)} | {sound} |")
    return any(chain.faults for chains in done.values() for chain in chains)


if __name__ == "__main__":
    sys.exit(main())
