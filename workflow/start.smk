"""Before any rule: one run at a time, with the library of this folder, on choices that can be read.

NEEDS  config/config.yaml, data/raw/
"""

import os
import shlex
import sys
import time
from pathlib import Path

try:
    from reanalysis import __file__ as library
except ImportError:
    sys.exit("The library is not installed. Run `make`: it sets .venv up.")
if not Path(library).resolve().is_relative_to(Path(workflow.basedir, "src").resolve()):
    sys.exit(
        f"The library that would run is {Path(library).parent}, not that of this folder.\n"
        "Run `make`: it sets .venv up for this place."
    )

from reanalysis.files.config_file import read_config
from reanalysis.files.raw_files import data_files
from reanalysis.locks import Busy, run_alone
from reanalysis.pipeline import STAGES
from reanalysis.problems import BadInput
from reanalysis.provenance import record_path
from reanalysis.stages import CONFIG, RAW, RESULTS, announce, data, outputs

RUN = str(time.time_ns())
PYTHON = shlex.quote(os.path.relpath(sys.executable))  # short, and safe in a shell whatever the folder is called
PRIORITIES = {"check": 100, "forests": 10}  # nothing starts on data that are not sound; what takes longest goes first

try:
    if workflow.is_main_process:
        ALONE = run_alone(RESULTS)  # held until the process ends
    CHOICES = read_config(CONFIG, config).model_dump()
except (BadInput, Busy) as error:
    sys.exit(str(error))
FORMATS = CHOICES["figures"]["formats"]
RAW_FILES = [path.as_posix() for path in data_files(RAW)]
EVERYTHING = [path for stage in STAGES.values() for path in outputs(stage, FORMATS)]
OUTDATED = set()  # outputs to be made again, known when all rules are (freshness.smk)


onstart:
    announce(CHOICES)


def made(path):
    """An output for Snakemake, which wants folders marked."""
    return path if Path(path).suffix else directory(path)


def stamp(stage):
    """The stamp of a job: rewritten, and so newer, when its results must be made again.

    This is how a result that is not what its record says reaches Snakemake, which looks at time stamps.
    """
    first = outputs(stage, FORMATS)[0]

    def path(wildcards):
        file = record_path(Path(first)).with_suffix(".stamp")
        if not file.exists() or (first in OUTDATED and file.read_text() != RUN):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(RUN)
        return str(file)

    return path
