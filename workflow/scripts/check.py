"""Check the raw data: warnings go to the table, errors stop the pipeline."""

from pathlib import Path

from reanalysis.check import BadInput, Problem, check, errors
from reanalysis.jobs import job
from reanalysis.tables import write_table

with job(snakemake.log[0], snakemake.input, snakemake.output):
    _, problems = check(Path(snakemake.params.raw))
    if errors(problems):
        raise BadInput(problems)
    write_table(snakemake.output[0], Problem, problems)
