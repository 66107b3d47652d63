"""The list of the figures of cells, and what a row of the table beside each is."""

from __future__ import annotations

from dataclasses import dataclass

from reanalysis.figures.funnel_table import FunnelRow
from reanalysis.figures.gosh_table import GoshCell
from reanalysis.figures.influence_table import BaujatMark, InfluenceMark
from reanalysis.figures.refits_table import RefitRow
from reanalysis.schema.results import col

# The row of the table beside each kind of figure.
PLOTS: dict[str, type] = {
    "leave_one_out": RefitRow,
    "cumulative": RefitRow,
    "alternatives": RefitRow,
    "influence": InfluenceMark,
    "baujat": BaujatMark,
    "gosh": GoshCell,
    "funnel": FunnelRow,
}


@dataclass(frozen=True, kw_only=True)
class CellFigure:
    """A figure of one model of one cell."""

    file: str = col("figure and table, without the ending, in 5_figures")
    plot: str = col("leave_one_out, cumulative, alternatives, influence, baujat, gosh or funnel")
    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome")
    metric: str = col("scale")
    model: str = col("model")
    title: str = col("title of the figure")
    subtitle: str = col("what it shows")
