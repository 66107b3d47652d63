"""Join the effects of all domains."""

from reanalysis.jobs import job
from reanalysis.schema.results import Effect
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output):
    write_table(
        snakemake.output[0], Effect, (row for table in snakemake.input.tables for row in read_table(table, Effect))
    )
