"""Count the rungs, list the work, and synthesise without meta-analysis."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.jobs import job
from reanalysis.schema.results import CombinedP, Direction, Effect, LadderCount, Model, PooledUnit, SwimItem, WorkItem
from reanalysis.synthesis.combine import combine_p
from reanalysis.synthesis.directions import count_directions
from reanalysis.synthesis.ladder import count_rungs
from reanalysis.synthesis.swim import report_swim
from reanalysis.synthesis.worklist import list_work
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    effects = read_table(snakemake.input.ladder, Effect)
    models = [row for table in snakemake.input.models for row in read_table(table, Model)]
    write_table(snakemake.output.ladder, LadderCount, count_rungs(evidence, effects))
    units = [row for table in snakemake.input.units for row in read_table(table, PooledUnit)]
    write_table(snakemake.output.worklist, WorkItem, list_work(evidence, effects, units, config.models))
    directions = count_directions(effects, config.models.level)
    combined = combine_p(evidence, effects, config.models.rho)
    write_table(snakemake.output.directions, Direction, directions)
    write_table(snakemake.output.combined, CombinedP, combined)
    write_table(snakemake.output.swim, SwimItem, report_swim(evidence, effects, directions, combined, models))
