"""Fit the models of every cell to parts of its samples."""

from reanalysis.jobs import job
from reanalysis.robustness import robustness
from reanalysis.schema.results import Asymmetry, Influence, PooledUnit, Refit, Subset
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    units = [row for path in snakemake.input.units for row in read_table(path, PooledUnit)]
    found = robustness(units, config.models, config.robustness)
    write_table(snakemake.output.left_out, Refit, found.left_out)
    write_table(snakemake.output.cumulative, Refit, found.cumulative)
    write_table(snakemake.output.influence, Influence, found.influence)
    write_table(snakemake.output.subsets, Subset, found.subsets)
    write_table(snakemake.output.asymmetry, Asymmetry, found.asymmetry)
