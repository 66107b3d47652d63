"""Before anything else: one run at a time, with the library of this folder, on choices and domains that can be read."""

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

from reanalysis.check import BadInput, read_domains
from reanalysis.check.config_file import read_config
from reanalysis.check.raw_files import data_files, strangers
from reanalysis.jobs import Busy, run_alone
from reanalysis.provenance import hashes, record_path

RAW = Path("data/raw")
CONFIG = Path("config/config.yaml")
RESULTS = Path("results")
RUN = str(time.time_ns())

if shlex.quote(sys.executable) != sys.executable:
    # Jobs are started through a shell, and Snakemake does not quote this path in it.
    sys.executable = shlex.quote(os.path.relpath(sys.executable))

try:
    if workflow.is_main_process:
        ALONE = run_alone(RESULTS)  # held until the process ends
    CHOICES = read_config(CONFIG, config).model_dump()
    # A domain without its file is reported by the check, together with all other problems.
    DOMAINS = [name for name in read_domains(RAW) if (RAW / f"findings/{name}.csv").exists()]
except (BadInput, Busy) as error:
    sys.exit(str(error))
RAW_FILES = [path.as_posix() for path in data_files(RAW)]
FORMATS = CHOICES["figures"]["formats"]
STARTED = hashes(map(Path, [*RAW_FILES, CONFIG]))


wildcard_constraints:
    domain="[a-z0-9-]+",
