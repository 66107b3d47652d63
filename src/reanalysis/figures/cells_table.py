"""The list of the figures of cells, and what a row of the table beside each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from reanalysis.figures.funnel_table import FunnelRow
from reanalysis.figures.gosh_table import GoshCell
from reanalysis.figures.influence_table import BaujatMark, InfluenceMark
from reanalysis.figures.refits_table import RefitRow
from reanalysis.results.table import ModelRow, Row, col


class Plot(NamedTuple):
    """A kind of figure: the row of the table beside it, and a reference to what draws it."""

    row: type[Row]
    draw: str


PLOTS = {
    "leave_one_out": Plot(RefitRow, "reanalysis.figures.refits:draw_refits"),
    "cumulative": Plot(RefitRow, "reanalysis.figures.refits:draw_refits"),
    "alternatives": Plot(RefitRow, "reanalysis.figures.refits:draw_refits"),
    "influence": Plot(InfluenceMark, "reanalysis.figures.influence:draw_influence"),
    "baujat": Plot(BaujatMark, "reanalysis.figures.influence:draw_baujat"),
    "gosh": Plot(GoshCell, "reanalysis.figures.gosh:draw_gosh"),
    "funnel": Plot(FunnelRow, "reanalysis.figures.funnel:draw_funnel"),
}


@dataclass(frozen=True, kw_only=True)
class CellFigure(ModelRow):
    """A figure of one model of one cell."""

    file: str | None = col("figure and table, without the ending, in 5_figures")
    plot: str | None = col("leave_one_out, cumulative, alternatives, influence, baujat, gosh or funnel")
    title: str | None = col("title of the figure")
    subtitle: str | None = col("what it shows")
