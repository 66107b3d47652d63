"""Do one stage of the pipeline: its name, and on how many cores."""

import sys

from reanalysis.server import ask

name, cores = sys.argv[1], int(sys.argv[2])
if (code := ask(name, cores)) is None:
    from reanalysis.jobs import run_stage

    run_stage(name, cores)
sys.exit(code)
