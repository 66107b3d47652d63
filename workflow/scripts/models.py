"""Pool the exact effects of one domain."""

from reanalysis.jobs import job
from reanalysis.pooling import pool_domain
from reanalysis.schema.results import Effect, Model, PooledUnit
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    pooled = pool_domain(read_table(snakemake.input.effects, Effect), config.models)
    write_table(snakemake.output.models, Model, pooled.models)
    write_table(snakemake.output.units, PooledUnit, pooled.units)
