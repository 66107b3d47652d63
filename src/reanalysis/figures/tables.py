"""The tables beside the figures: a row type for each, by file."""

from __future__ import annotations

from reanalysis.figures.albatross_table import AlbatrossRow
from reanalysis.figures.cells_table import PLOTS, CellFigure
from reanalysis.figures.effect_direction_table import DirectionMark
from reanalysis.figures.evidence_map_table import EvidenceCell
from reanalysis.figures.forest_table import ForestRow
from reanalysis.figures.genes_table import GeneMark
from reanalysis.figures.ledger_table import LedgerMark
from reanalysis.figures.levels_table import LevelRow
from reanalysis.figures.multiverse_table import MultiverseMark
from reanalysis.figures.summary_forest_table import SummaryRow
from reanalysis.figures.table1_table import CountryShare
from reanalysis.figures.treatment_table import TreatmentMark
from reanalysis.results.rows import TABLES
from reanalysis.results.table import Row

FIGURE_TABLES: dict[str, type[Row]] = {
    "5_figures/forest/<domain>.csv": ForestRow,
    "5_figures/effect_direction.csv": DirectionMark,
    "5_figures/albatross.csv": AlbatrossRow,
    "5_figures/table1.csv": CountryShare,
    "5_figures/ledger.csv": LedgerMark,
    "5_figures/evidence_map.csv": EvidenceCell,
    "5_figures/summary_forest.csv": SummaryRow,
    "5_figures/treatment.csv": TreatmentMark,
    "5_figures/levels.csv": LevelRow,
    "5_figures/genes.csv": GeneMark,
    "5_figures/multiverse.csv": MultiverseMark,
    "5_figures/cells.csv": CellFigure,
    **{f"5_figures/cells/<cell>--{name}.csv": row for name, row in PLOTS.items()},
}


def row_type(file: str) -> type[Row]:
    """What a row of a result table is, by its file in the folder of results; raises KeyError where there is no such."""
    folder, _, name = file.rpartition("/")
    if folder == "5_figures/forest":
        return ForestRow
    if folder == "5_figures/cells":
        return PLOTS[name.removesuffix(".csv").rpartition("--")[2]]
    return (TABLES | FIGURE_TABLES)[file]
