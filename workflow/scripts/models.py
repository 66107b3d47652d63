"""Pool the exact effects of one domain."""

from reanalysis.jobs import logged
from reanalysis.pooling import pool_domain
from reanalysis.schema.config import Models
from reanalysis.schema.results import Effect, Model, PooledUnit
from reanalysis.tables import read_table, write_table

with logged(snakemake.log[0]):
    pooled = pool_domain(read_table(snakemake.input.effects, Effect), Models(**snakemake.params.models))
    write_table(snakemake.output.models, Model, pooled.models)
    write_table(snakemake.output.units, PooledUnit, pooled.units)
