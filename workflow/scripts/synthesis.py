"""Count the rungs, list the work, and synthesise without meta-analysis."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.jobs import logged
from reanalysis.schema.config import Models
from reanalysis.schema.results import CombinedP, Direction, Effect, LadderCount, Model, PooledUnit, SwimItem, WorkItem
from reanalysis.synthesis.combine import combine_p
from reanalysis.synthesis.directions import count_directions
from reanalysis.synthesis.ladder import count_rungs
from reanalysis.synthesis.swim import report_swim
from reanalysis.synthesis.worklist import list_work
from reanalysis.tables import read_table, write_table

with logged(snakemake.log[0]):
    config = Models(**snakemake.params.models)
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    effects = read_table(snakemake.input.ladder, Effect)
    models = [row for table in snakemake.input.models for row in read_table(table, Model)]
    write_table(snakemake.output.ladder, LadderCount, count_rungs(evidence, effects))
    units = [row for table in snakemake.input.units for row in read_table(table, PooledUnit)]
    write_table(snakemake.output.worklist, WorkItem, list_work(evidence, effects, units, config))
    directions = count_directions(effects, config.level)
    combined = combine_p(evidence, effects, config.rho)
    write_table(snakemake.output.directions, Direction, directions)
    write_table(snakemake.output.combined, CombinedP, combined)
    write_table(snakemake.output.swim, SwimItem, report_swim(evidence, effects, directions, combined, models))
