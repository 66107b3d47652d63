"""Do one stage of the pipeline: its name, on how many cores, and where it is divided, in how many parts and which."""

import signal
import sys

from reanalysis.server import ask

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is told by the run, not by each of its jobs

name, numbers = sys.argv[1], [int(number) for number in sys.argv[2:]]
if (code := ask(name, *numbers)) is None:
    from reanalysis.jobs import run_stage

    run_stage(name, *numbers)
sys.exit(code)
