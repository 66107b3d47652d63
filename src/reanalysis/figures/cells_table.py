"""The list of the figures of cells, and what a row of the table beside each is."""

from __future__ import annotations

from dataclasses import dataclass

from reanalysis.figures.funnel_table import FunnelRow
from reanalysis.figures.gosh_table import GoshCell
from reanalysis.figures.influence_table import InfluenceMark
from reanalysis.figures.refits_table import RefitRow
from reanalysis.figures.specification_table import SpecificationRow
from reanalysis.figures.vibration_table import VibrationRow
from reanalysis.results.table import ModelRow, Row, col

# The row of the table beside each kind of figure.
PLOTS: dict[str, type[Row]] = {
    "leave_one_out": RefitRow,
    "cumulative": RefitRow,
    "alternatives": RefitRow,
    "subgroups": RefitRow,
    "influence": InfluenceMark,
    "gosh": GoshCell,
    "funnel": FunnelRow,
    "specification": SpecificationRow,
    "vibration": VibrationRow,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class CellFigure(ModelRow):
    """A figure of one model of one cell."""

    file: str | None = col("figure and table, without the ending, in 5_figures")
    plot: str | None = col(
        "leave_one_out, cumulative, alternatives, subgroups, influence, gosh, funnel, specification or vibration"
    )
    title: str | None = col("title of the figure")
    question: str | None = col("outcome and contrast in words")
    subtitle: str | None = col("what it shows")
