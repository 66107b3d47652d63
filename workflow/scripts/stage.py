"""Do one stage of the pipeline: its name, and on how many cores."""

import signal
import sys

from reanalysis.server import ask

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is told by the run, not by each of its jobs

name, cores = sys.argv[1], int(sys.argv[2])
if (code := ask(name, cores)) is None:
    from reanalysis.jobs import run_stage

    run_stage(name, cores)
sys.exit(code)
