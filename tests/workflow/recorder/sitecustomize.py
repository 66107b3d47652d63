"""Python runs this at its start when this folder is on its path: jobs of Snakemake note what they read.

The note of a job (`$RECORD_READS/<process>.json`) holds its rule, its declared input and output, and the files of the
project that it opened for reading or imported.
"""

import atexit
import json
import os
import sys
from pathlib import Path

OPENED = set()
FOLDER = os.environ.get("RECORD_READS")
PROJECT = Path.cwd()


def _note_opening(event, arguments):
    if event == "open" and isinstance(arguments[0], str) and str(arguments[1] or "").startswith("r"):
        OPENED.add(arguments[0])


def _write():
    job = getattr(sys.modules["__main__"], "snakemake", None)
    if job is None:
        return
    modules = {getattr(module, "__file__", None) for module in sys.modules.values()} - {None}
    read = {Path(PROJECT, name) for name in OPENED | modules}
    inside = {path.relative_to(PROJECT).as_posix() for path in read if path.is_relative_to(PROJECT)}
    note = {
        "rule": job.rule,
        "input": [str(path) for path in job.input],
        "output": [str(path) for path in job.output],
        "read": sorted(
            name for name in inside if not name.startswith(".") and not {"__pycache__", ".record"} & {*Path(name).parts}
        ),
    }
    Path(FOLDER, f"{os.getpid()}.json").write_text(json.dumps(note), encoding="utf-8")


if FOLDER:
    sys.addaudithook(_note_opening)
    atexit.register(_write)
