"""The tables beside the figures: a row type for each, by file."""

from __future__ import annotations

from reanalysis.figures.cells_table import PLOTS, CellFigure
from reanalysis.figures.effect_direction_table import DirectionMark
from reanalysis.figures.forest_table import ForestRow
from reanalysis.figures.orchard_table import OrchardRow
from reanalysis.figures.progress_table import Stage
from reanalysis.figures.votes_table import VoteMark
from reanalysis.results.rows import TABLES
from reanalysis.results.table import Row

OVERVIEW_TABLES: dict[str, type[Row]] = {
    "progress": Stage,
    "directions": ForestRow,
    "summary": ForestRow,
    "orchard": OrchardRow,
    "<question>--effect_direction": DirectionMark,
}
PANEL_TABLES: dict[str, type[Row]] = {"studies": ForestRow, "votes": VoteMark, "signs": ForestRow}
FIGURE_TABLES: dict[str, type[Row]] = {
    "5_figures/forest/<domain>.csv": ForestRow,
    **{f"5_figures/overview/{name}.csv": row for name, row in OVERVIEW_TABLES.items()},
    **{f"5_figures/panels/<panel>--{kind}.csv": row for kind, row in PANEL_TABLES.items()},
    "5_figures/cells.csv": CellFigure,
    **{f"5_figures/cells/<cell>--{name}.csv": row for name, row in PLOTS.items()},
}


def row_type(file: str) -> type[Row]:
    """What a row of a result table is, by its file in the folder of results; raises KeyError where there is no such."""
    folder, _, name = file.rpartition("/")
    kind = name.removesuffix(".csv").rpartition("--")[2]
    match folder:
        case "5_figures/forest":
            return ForestRow
        case "5_figures/panels":
            return PANEL_TABLES[kind]
        case "5_figures/cells":
            return PLOTS[kind]
        case "5_figures/overview" if "--" in name:
            return OVERVIEW_TABLES[f"<question>--{kind}"]
    return (TABLES | FIGURE_TABLES)[file]
