"""Write the raw tables as the analysis uses them."""

from pathlib import Path

from reanalysis.check import load, write_checked
from reanalysis.jobs import job

with job(snakemake.log[0], snakemake.input, snakemake.output):
    write_checked(load(Path(snakemake.params.raw)), Path(snakemake.output[0]).parent)
