"""Draw the forest plot of one domain."""

from pathlib import Path

from reanalysis.check import read_domains
from reanalysis.figures.forest import draw_forest
from reanalysis.figures.forest_table import ForestRow, forest_table
from reanalysis.figures.style import save
from reanalysis.jobs import job
from reanalysis.schema.results import Effect, Model, PooledUnit
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    domain = read_domains(Path(snakemake.params.raw))[snakemake.wildcards.domain]
    rows = forest_table(
        read_table(snakemake.input.effects, Effect),
        read_table(snakemake.input.models, Model),
        read_table(snakemake.input.units, PooledUnit),
        config.models.level,
    )
    write_table(snakemake.output.table, ForestRow, rows)
    stem, drawn = Path(snakemake.output.table).with_suffix(""), draw_forest(rows, domain, config.figures.width_mm)
    save(drawn, stem, config.figures.formats)
