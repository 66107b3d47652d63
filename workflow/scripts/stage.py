"""Do one stage of the pipeline: its name, and what the run has chosen, as JSON."""

import json
import sys

from reanalysis.stages import run_stage

name, given = sys.argv[1:]
run_stage(name, **json.loads(given))
