"""Count the rungs and list the work."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.jobs import logged
from reanalysis.schema.results import Effect, LadderCount, WorkItem
from reanalysis.synthesis.ladder import count_rungs, list_work
from reanalysis.tables import read_table, write_table

with logged(snakemake.log[0]):
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    effects = read_table(snakemake.input.ladder, Effect)
    write_table(snakemake.output.ladder, LadderCount, count_rungs(evidence, effects))
    write_table(snakemake.output.worklist, WorkItem, list_work(evidence, effects))
