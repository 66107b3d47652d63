"""What becomes of bad input: damaged copies of three reviews, put to the check and, where accepted, to all stages.

`python -m benchmarks.bad_inputs` prints the tables of docs/faults.md, and before these every case that is not as it
should be; `--cases`, `--seed`, `--family` and `--only` choose others, `--show OUTCOME` prints the cases of an outcome.
Each case works in a process of its own that may take 10 s for the check and 2 GB, and in which every file that is
opened for writing, and every program that is started, is noted.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from tests.damage import FAMILIES, FILE, GOOD, NOWHERE, PLACES, Damage, place, place_of
from tests.project import EXAMPLE, ROOT, change_text

from reanalysis import jobs
from reanalysis.builds import compute_build, examine
from reanalysis.files.config_file import read_config
from reanalysis.new import SKELETON
from reanalysis.pipeline import STAGES
from reanalysis.problems import Problem, errors
from reanalysis.refused import Refused
from reanalysis.stages import CONFIG, RESULTS, imports

SECONDS = 10  # for the check
WHOLE = 240  # for all stages that follow
MEMORY = 2_000_000_000
REVIEWS = {"review": ROOT, "example": EXAMPLE, "new": SKELETON}
SHARES = (1, 1, 6)  # of the cases; the last review is small
DRAWN = (
    3  # of so many accepted cases one, and all unusual ones, are drawn and written; of the others all tables are made
)

WORKS = "works"
TRACEBACK, HANG, OUTSIDE = "traceback", "hangs", "writes outside of results/"
OUTCOMES = (WORKS, *PLACES, TRACEBACK, HANG, OUTSIDE)
SOUND = (WORKS, *GOOD)


@dataclass
class Case:
    """A damaged review and what became of it."""

    number: int
    family: str
    damage: Damage
    review: str
    names: list[str] = field(default_factory=list)
    outcome: str = ""
    stage: str = ""
    """The check, or the stage behind it in which it ended."""
    problems: list[Problem] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    seconds: float = 0


# ---------------------------------------------------------------- a case in a process of its own


def in_process(work: Callable[[Path], dict], folder: Path, seconds: float) -> dict:
    """What `work` returns of a folder, in a copy of this process with limits; `hang` where it takes too long."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.setsid()
        with os.fdopen(writer, "w") as answer:
            answer.write(json.dumps(_limited(work, folder)))
            answer.flush()
            os._exit(0)
    os.close(writer)
    try:
        text = b""
        end = time.monotonic() + seconds
        while select.select([reader], [], [], max(0, end - time.monotonic()))[0]:
            if not (part := os.read(reader, 1 << 16)):
                return json.loads(text) if text else {"traceback": "the process was killed"}
            text += part
        return {"hang": True}
    finally:
        os.close(reader)
        os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _limited(work: Callable[[Path], dict], folder: Path) -> dict:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    null = os.open(os.devnull, os.O_RDWR)
    for target in (0, 1, 2):
        os.dup2(null, target)
    os.chdir(folder)
    tempfile.tempdir = str(folder.with_name("tmp"))
    folder.with_name("tmp").mkdir(exist_ok=True)
    touched = _watched(folder)
    try:
        found = work(Path())
    except BaseException:
        found = {"traceback": traceback.format_exc()}
    return found | {"touched": touched}


def _watched(folder: Path) -> list[str]:
    """The list into which all comes that is written outside of the results, or started, from now on."""
    touched: list[str] = []
    allowed = (str(folder / RESULTS), os.devnull, str(folder.with_name("tmp")))
    changes = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink")
    programs = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect")

    watched = {"open", *changes, *programs}

    def hook(event: str, arguments: tuple) -> None:
        if event not in watched:
            return
        paths = [one for one in arguments[:2] if isinstance(one, str | bytes | os.PathLike)]
        if event == "open":
            flags = arguments[2] or 0
            paths = paths[:1] if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) else []
        elif event in programs:
            touched.append(f"{event} {arguments[0]}")
            return
        within = arguments[-1] if event in ("os.remove", "os.rmdir") else -1  # a folder, by its number
        base = Path(f"/proc/self/fd/{within}").readlink() if within >= 0 else folder
        for one in map(os.fsdecode, paths):
            whole = os.path.normpath(base / one)
            if not whole.startswith(allowed):
                touched.append(f"{event} {whole}")

    sys.addaudithook(hook)
    return touched


def checked(review: Path) -> dict:
    """The problems of a review as `reanalysis check` finds them."""
    try:
        found = errors(examine(review))
    except Refused as refused:
        return {"refused": str(refused)}
    return {"errors": [vars(problem) for problem in found]}


def computed(review: Path) -> dict:
    """All tables, in memory."""
    compute_build(review)
    return {}


def written(review: Path) -> dict:
    """The run of all stages behind the check: tables, figures and the page, as files."""
    choices = read_config(CONFIG).plain
    try:
        jobs.build(choices)
    except SystemExit:
        logs = sorted((RESULTS / "logs").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        return {"stage": logs[-1].stem, "said": logs[-1].read_text(encoding="utf-8")}
    return {}


# ---------------------------------------------------------------- what became of it


def judge(case: Case, answer: dict) -> None:
    """Note the outcome of a step."""
    if answer.get("hang"):
        case.outcome = HANG
    elif answer.get("touched"):
        case.outcome, case.told = OUTSIDE, answer["touched"]
    elif "traceback" in answer:
        case.outcome, case.told = TRACEBACK, [answer["traceback"]]
    elif "refused" in answer:
        case.outcome, case.told = FILE, [answer["refused"]]
    elif "said" in answer:
        case.stage = answer["stage"]
        case.outcome, case.told = TRACEBACK if "Traceback" in answer["said"] else NOWHERE, [answer["said"]]
    elif answer.get("errors"):
        case.problems = [Problem(**values) for values in answer["errors"]]
        case.outcome, case.told = place(case.problems, case.names), list(map(str, case.problems))
    else:
        case.outcome = WORKS


# ---------------------------------------------------------------- all cases


def prepared(home: Path) -> dict[str, Path]:
    """A copy of each review in which all stages have run, so that what a damage does not touch is recalled."""
    for module in (module for stage in STAGES.values() for module in imports(stage)):  # once for all, as in a run
        import_module(module)
    folders = {}
    for name, source in REVIEWS.items():
        folders[name] = folder = home / name
        shutil.copytree(source / "config", folder / "config")
        shutil.copytree(source / "data/raw", folder / "data/raw")
        change_text(folder / CONFIG, lambda text: re.sub(r"formats: \[.*\]", "formats: [svg]", text))
        print(f"preparing {name}", file=sys.stderr)
        answer = in_process(written, folder, 1200)
        assert answer == {"touched": []}, answer
    return folders


def run_case(case: Case, seed: str, source: Path, home: Path) -> None:
    """Damage a copy of a review and see what comes of it."""
    folder = home / "case/review"
    shutil.rmtree(home / "case", ignore_errors=True)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("[0-9]_*", "logs", "report.html", "manifest.json"))
    case.names = case.damage(folder, random.Random(f"{seed} {case.number}"))
    start = time.monotonic()
    case.stage = "check"
    judge(case, in_process(checked, folder, SECONDS))
    case.seconds = time.monotonic() - start
    if case.outcome == WORKS:
        drawn = case.number % DRAWN == 0 or case.family.startswith("unusual")
        case.stage = "figures and page" if drawn else "tables"
        judge(case, in_process(written if drawn else computed, folder, WHOLE))


def cases(number: int, seed: str, family: str) -> list[Case]:
    """So many cases, each kind of damage as often as the others."""
    chosen = [(name, damage) for name, damages in FAMILIES.items() for damage in damages if family in name]
    reviews = random.Random(seed).choices(list(REVIEWS), SHARES, k=number)
    return [Case(at, *chosen[at % len(chosen)], reviews[at]) for at in range(number)]


# ---------------------------------------------------------------- what is printed


def report(done: list[Case]) -> None:
    """Print the tables."""
    used = [outcome for outcome in OUTCOMES if outcome in SOUND or any(case.outcome == outcome for case in done)]
    print(f"| damage | cases | {' | '.join(used)} |\n|---|{'---|' * (len(used) + 1)}")
    families = defaultdict(list)
    for case in done:
        families[case.family].append(case)
    for name, own in [*families.items(), ("all", done)]:
        counts = Counter(case.outcome for case in own)
        print(f"| {name} | {len(own)} | {' | '.join(str(counts[outcome] or '') for outcome in used)} |")
    print(f"\nSlowest check: {max(case.seconds for case in done):.1f} s.")
    whole = Counter()
    for case in done:
        whole.update({problem.message for problem in case.problems if place_of(problem) == FILE})
    print("\nWhat is said of a file as a whole, with the number of cases:\n")
    for message, count in whole.most_common():
        print(f"- {message}: {count}")


def show(case: Case) -> None:
    """Print a case with what was said."""
    names = ", ".join(dict.fromkeys(case.names[:3]))
    print(f"\n#{case.number} {case.damage.__name__} of {case.review}, {names}: {case.outcome}, {case.stage}")
    for line in case.told[:4]:
        print("   ", line[-600:].replace("\n", "\n    "), flush=True)


def main() -> int:
    """Try the cases; the exit code is 1 where one of them is not as it should be."""
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=651)
    options.add_argument("--seed", default="1")
    options.add_argument("--family", default="")
    options.add_argument("--only", type=int)
    options.add_argument("--show")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        home.chmod(0o755)
        folders = prepared(home)
        done = [case for case in cases(given.cases, given.seed, given.family) if given.only in (None, case.number)]
        for case in done:
            run_case(case, given.seed, folders[case.review], home)
            if case.outcome not in SOUND or case.outcome == given.show:
                show(case)
            if case.number % 50 == 0:
                print(case.number, file=sys.stderr, flush=True)
    report(done)
    return any(case.outcome not in SOUND for case in done)


def as_anybody() -> None:
    """Begin again without the right to read everything, which the superuser of a container has."""
    if os.geteuid() == 0 and shutil.which("setpriv") and os.environ.setdefault("AS_ANYBODY", "no") == "no":
        os.environ["AS_ANYBODY"] = "yes"
        without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
        os.execvp(without[0], [*without, sys.executable, "-m", "benchmarks.bad_inputs", *sys.argv[1:]])


if __name__ == "__main__":
    as_anybody()
    sys.exit(main())
