"""Before any rule: one run at a time, with the library of this folder, on choices that can be read; what is outdated.

The review is that of the current folder, or of the folder that `--directory` names.

NEEDS  config/config.yaml, data/raw/, results/.record/ (what each job read, made and chose, by content)
"""

import atexit
import os
import shlex
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from snakemake.logging import logger

try:
    from reanalysis import __file__ as library
except ImportError:
    sys.exit("The library is not installed. Run `make`: it sets .venv up.")
if not Path(library).resolve().is_relative_to(Path(workflow.basedir, "src").resolve()):
    sys.exit(
        f"The library that would run is {Path(library).parent}, not that of this folder.\n"
        "Run `make`: it sets .venv up for this place."
    )

from reanalysis import server
from reanalysis.files.config_file import read_config
from reanalysis.files.raw_files import data_files, strangers
from reanalysis.files.raw_writing import finish
from reanalysis.locks import run_alone
from reanalysis.pipeline import HEAVY, STAGES, resting_on
from reanalysis.problems import BadInput
from reanalysis.progress import SHOWN, Progress
from reanalysis.provenance import explain, outdated, read_records, record_path
from reanalysis.refused import refusal
from reanalysis.stages import (
    CONFIG,
    PARTS,
    RAW,
    RESULTS,
    announce,
    announced,
    data,
    divided,
    first_outputs,
    no_review,
    open_in,
    outputs,
    part_folder,
    set_aside,
    size,
)

PROGRESS = None
if workflow.is_main_process and os.environ.get(SHOWN):  # a run by the command line shows it in its own way
    PROGRESS = Progress()
    for handler in [handler for handler in logger.handlers if handler.name == "DefaultStreamHandler"]:
        logger.removeHandler(handler)
    logger.addHandler(PROGRESS)

RUN = str(time.time_ns())
# Of the code and of this Python, from the folder of the review: short, and safe in a shell whatever a folder is called.
PYTHON = shlex.quote(os.path.relpath(sys.executable))
SCRIPT = shlex.quote(os.path.relpath(Path(workflow.basedir, "workflow/scripts/stage.py")))


@contextmanager
def explained():
    """What a person can mend ends the run with a message."""
    try:
        yield
    except Exception as error:
        if reason := refusal(error):
            sys.exit(reason)
        raise


if fault := no_review(Path()):  # before anything is made in it
    sys.exit(fault)
with explained():
    if workflow.is_main_process:
        ALONE = run_alone(RESULTS)  # held until the process ends
        finish(RAW)
    try:
        CHOICES = read_config(CONFIG, config).plain
    except BadInput:  # what is wrong with the data is said in the same breath
        from reanalysis.builds import examine

        raise BadInput(examine(Path(), config)) from None
    if workflow.is_main_process:
        set_aside(CHOICES)
        shutil.rmtree(PARTS, ignore_errors=True)  # of a run that was killed: they prove nothing of this one
    FINDINGS = size()
    # jobs on a cluster read this file anew, and must see the same rules
    DIVIDED_INTO = divided() if workflow.is_main_process else announced()["parts"]
RAW_FILES = [path.as_posix() for path in data_files(RAW)]
EVERYTHING = [path for stage in STAGES.values() for path in outputs(stage)]
os.environ.setdefault("OMP_NUM_THREADS", "1")  # jobs share the cores; and the same sums on any number of these
OUTDATED = set()  # outputs to be made again
SERVER = None
if workflow.is_main_process:
    outdated_outputs, differing = outdated(
        read_records(RESULTS), EVERYTHING, RAW_FILES, CHOICES, Path(), first_outputs()
    )
    OUTDATED.update(outdated_outputs)
    if strangers(RAW):  # files that nothing would read: the check names them
        OUTDATED.update(outputs(STAGES["check"]))
    for line in explain(differing):
        print(line, file=sys.stderr)
    again = OUTDATED | {path for path in EVERYTHING if not os.path.exists(path)}
    if first := {name for name, stage in STAGES.items() if again & {*outputs(stage)}}:
        SERVER = server.start(resting_on(first))  # imports while Snakemake plans; ends with this process


onstart:
    with explained():
        announce(CHOICES, DIVIDED_INTO)
    if workflow.non_local_exec:  # jobs on other machines, or under the rules of a cluster on this one
        server.stop(SERVER)
    # Snakemake would wait for its own lock if SIGTERM came while it holds it: in a thread of its own it can be had.
    ended = signal.getsignal(signal.SIGTERM)
    signal.signal(signal.SIGTERM, lambda *signalled: Thread(target=ended, args=signalled).start())


def ahead(path):
    """Whether a clock that was wrong has dated a file ahead: Snakemake refuses what is made of such a file."""
    return os.path.exists(path) and os.path.getmtime(path) > time.time()


def told(stage):
    """The data of a stage for Snakemake; raw data that are dated ahead are looked at by their content alone."""
    kinds = data(stage)
    return {kind: [path for path in kinds[kind] if kind == "made" or not ahead(path)] for kind in kinds}


if workflow.is_main_process:
    with explained():
        for path in filter(ahead, RESULTS.rglob("*")):
            os.utime(path)


def made(path):
    """An output for Snakemake, which wants folders marked."""
    return path if Path(path).suffix else directory(path)


def stamp(stage):
    """The stamp of a job: rewritten, and so newer, when its results must be made again.

    This is how a result that is not what its record says reaches Snakemake, which looks at time stamps.
    """
    first = outputs(stage)[0]
    path = record_path(Path(first)).with_suffix(".stamp")
    if not path.exists() or (first in OUTDATED and path.read_text() != RUN):
        with explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(RUN)
    return str(path)


@atexit.register
def unexplained():
    """Printed when the process ends: errors that the log of no job explains."""
    if PROGRESS and (words := PROGRESS.last_words()):
        print(words, file=sys.stderr, flush=True)


def last_words(text):
    """Printed when the process ends, so that what matters stands at the end of the screen."""
    atexit.register(print, text, file=sys.stderr, flush=True)


onsuccess:
    if PROGRESS:
        PROGRESS.close()
    if Path("results/manifest.json").exists() and Path("results/manifest.json").stat().st_mtime_ns >= int(RUN):
        page = Path("results/report.html").resolve()
        page = page.relative_to(workflow.basedir) if page.is_relative_to(workflow.basedir) else page
        done = f"Done. The report is {page}: open it in a browser."
        last_words("\n".join(filter(None, (done, open_in(RESULTS)))))


onerror:
    logs = [path for path in sorted(Path("results/logs").rglob("*.log")) if path.stat().st_mtime_ns >= int(RUN)]
    texts = [text for path in logs if (text := path.read_text(encoding="utf-8").strip())]
    if PROGRESS:
        PROGRESS.close()
        PROGRESS.explained = bool(texts)
    last_words("\n".join(["", *texts]))
