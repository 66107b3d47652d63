"""Draw the multiverse, and what the answer of each cell rests on."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.figures.cells import Stored, cell_figures
from reanalysis.figures.cells_table import PLOTS, CellFigure
from reanalysis.figures.multiverse import draw_multiverse
from reanalysis.figures.multiverse_table import MultiverseMark, multiverse_table
from reanalysis.figures.style import save
from reanalysis.jobs import job
from reanalysis.schema.results import Asymmetry, Influence, Model, PooledUnit, Refit, Subset, Variant
from reanalysis.tables import read_table, write_table

with job(snakemake.log[0], snakemake.input, snakemake.output, snakemake.params.choices) as config:
    domains = read_checked(Path(snakemake.input.checked[0]).parent).domains.values()
    variants = read_table(snakemake.input.sensitivity, Variant)
    types = Refit, Refit, Influence, Subset, Asymmetry
    parts = [read_table(path, row) for path, row in zip(snakemake.input.robustness, types, strict=True)]
    left_out, cumulative, influence, subsets, asymmetry = parts
    stored = Stored(
        units=[row for path in snakemake.input.units for row in read_table(path, PooledUnit)],
        left_out=left_out,
        cumulative=cumulative,
        variants=variants,
        influence=influence,
        subsets=subsets,
        asymmetry=asymmetry,
    )
    models = [row for path in snakemake.input.models for row in read_table(path, Model)]
    folder, drawn = Path(snakemake.output.index).parent, []
    Path(snakemake.output.cells).mkdir(parents=True, exist_ok=True)
    for row, table, draw in cell_figures(models, stored):
        write_table(folder / f"{row.file}.csv", PLOTS[row.plot], table)
        save(draw(config.figures.width_mm), folder / row.file, config.figures.formats)
        drawn.append(row)
    write_table(snakemake.output.index, CellFigure, drawn)
    rows = multiverse_table(variants, domains)
    write_table(snakemake.output.table, MultiverseMark, rows)
    save(draw_multiverse(rows, config.figures.width_mm), folder / "multiverse", config.figures.formats)
