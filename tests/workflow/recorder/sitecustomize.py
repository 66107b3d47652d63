"""Python runs this at its start when this folder is on its path: jobs of the pipeline note what they read.

The note of a job (`$RECORD_READS/<stage>.json`) lists the files of the project that it opened for reading or imported.
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
    if Path(sys.argv[0]).name != "stage.py":
        return
    modules = {getattr(module, "__file__", None) for module in sys.modules.values()} - {None}
    read = {Path(PROJECT, name) for name in OPENED | modules}
    inside = {path.relative_to(PROJECT).as_posix() for path in read if path.is_relative_to(PROJECT)}
    hidden = {"__pycache__", ".record"}
    names = sorted(name for name in inside if not name.startswith(".") and not hidden & {*Path(name).parts})
    Path(FOLDER, f"{sys.argv[1]}.json").write_text(json.dumps(names), encoding="utf-8")


if FOLDER:
    sys.addaudithook(_note_opening)
    atexit.register(_write)
