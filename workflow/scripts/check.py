"""Check the raw data: warnings go to the table, errors stop the pipeline."""

import sys
from pathlib import Path

from reanalysis.check import BadInput, check, errors, open_warnings, summary, write_problems
from reanalysis.jobs import job

with job(snakemake.log[0], snakemake.input, snakemake.output):
    _, problems = check(Path(snakemake.params.raw))
    if errors(problems):
        raise BadInput(problems)
    write_problems(snakemake.output[0], problems)
    if open_warnings(problems):
        print(summary(problems), file=sys.stderr)
