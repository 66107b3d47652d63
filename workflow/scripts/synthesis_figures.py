"""Draw the effect direction and albatross plots."""

from pathlib import Path

from reanalysis.check import read_checked
from reanalysis.figures.albatross import draw_albatross
from reanalysis.figures.albatross_table import AlbatrossRow, albatross_table
from reanalysis.figures.effect_direction import draw_effect_direction
from reanalysis.figures.effect_direction_table import DirectionMark, effect_direction_table
from reanalysis.figures.style import save
from reanalysis.jobs import logged
from reanalysis.schema.config import Figures
from reanalysis.schema.results import Effect
from reanalysis.tables import read_table, write_table

with logged(snakemake.log[0]):
    config = Figures(**snakemake.params.figures)
    evidence = read_checked(Path(snakemake.input.checked[0]).parent)
    effects = read_table(snakemake.input.ladder, Effect)
    folder = Path(snakemake.output.tables[0]).parent
    marks, rows = effect_direction_table(effects), albatross_table(evidence, effects)
    write_table(folder / "effect_direction.csv", DirectionMark, marks)
    write_table(folder / "albatross.csv", AlbatrossRow, rows)
    directions = draw_effect_direction(marks, evidence.domains, config.width_mm)
    save(directions, folder / "effect_direction", config.formats)
    save(draw_albatross(rows, config.width_mm), folder / "albatross", config.formats)
