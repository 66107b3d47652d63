"""Do one stage of the pipeline, named on the command line."""

import sys

from reanalysis.jobs import run_stage

run_stage(sys.argv[1])
