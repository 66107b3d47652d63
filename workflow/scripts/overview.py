"""Draw the flow and the overview of Table 1."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.figures.flow import draw_flow
from reanalysis.figures.overview import draw_overview, overview_table
from reanalysis.figures.style import save
from reanalysis.jobs import job

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    folder = Path(snakemake.output.table).parent
    save(draw_flow(evidence.flow, config.figures.width_mm), folder / "flow", config.figures.formats)
    table = overview_table(list(evidence.reports.values()))
    table.to_csv(snakemake.output.table, index=False, lineterminator="\n")
    save(draw_overview(table, config.figures.width_mm), folder / "table1", config.figures.formats)
