"""The reviewed table of reports at a glance: when, where and what kind of reports the review rests on."""

from __future__ import annotations

from dataclasses import asdict

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from reanalysis.figures import style as s
from reanalysis.figures.heading import heading, heading_height
from reanalysis.figures.legend import Entry, legend, legend_height
from reanalysis.figures.reports_table import CountryShare
from reanalysis.schema.vocabulary import REPORT_KINDS

MARGIN = 4.0
TALL = 60.0  # mm, height of the plots
LEFT, BELOW = 13.0, 11.0  # mm, left of the years and below the plots, for the words of the scales
WIDEST = 6.0  # mm, from one bar to the next: few bars leave room beside them
MIDDLE = 0.64  # share of the width at which the countries begin
# Fill and hatch of a kind: those whose greys are alike differ by their hatch.
FILLS = (s.BLUE, ""), (s.SAND, ""), (s.GREEN, "////"), (s.SKY, "...."), (s.INK, ""), (s.FAINT, "xxxx"), ("#e6e6e6", "")
LOOKS = dict(zip(REPORT_KINDS, FILLS, strict=True))


def draw_reports(rows: list[CountryShare], table_name: str, width_mm: float) -> Figure:
    """Years and countries of the reports in a table of this name, coloured by kind."""
    table = pd.DataFrame(map(asdict, rows))
    kinds = [kind for kind in REPORT_KINDS if kind in set(table["kind"])]
    order = table.groupby("country")["share"].sum().sort_values(ascending=False, kind="stable").index
    n = table["report_id"].nunique()
    title = f"The {f'{n} reports' if n > 1 else 'only report'} in {table_name}"
    subtitle = "By year, country and kind; a report from several countries is shared out among them."
    edges, parts = (MARGIN, width_mm - MARGIN), [_kinds(kinds)]
    with mpl.rc_context({**s.RC, "hatch.linewidth": 0.6}):
        top = heading_height(title, subtitle, width_mm, MARGIN) + 3.0
        foot = legend_height(parts, *edges)
        fig, page = s.page(width_mm, top + TALL + BELOW + foot + MARGIN)
        heading(page, title, subtitle, width_mm, MARGIN)
        legend(page, parts, top + TALL + BELOW, *edges)
        years_wide = MIDDLE * width_mm - LEFT - 30.0
        years = _axes(fig, LEFT, top, years_wide)
        countries = _axes(fig, MIDDLE * width_mm, top, (1 - MIDDLE) * width_mm - MARGIN)
        common = {"weights": "share", "hue": "kind", "hue_order": kinds, "multiple": "stack", "shrink": 0.8, "alpha": 1}
        common |= {"palette": {kind: LOOKS[kind][0] for kind in kinds}, "edgecolor": s.PAPER, "lw": 0, "legend": False}
        dated = table.dropna(subset="year")
        if dated.empty:
            years.set_xticks([])
        else:
            sns.histplot(dated, x="year", discrete=True, ax=years, **common)
            first, last = int(dated["year"].min()), int(dated["year"].max())
            half = max(last - first + 1.6, years_wide / WIDEST) / 2
            years.set(xlim=((first + last) / 2 - half, (first + last) / 2 + half))
            years.set_xticks(range(first, last + 1, max(2, (last - first) // 12)))
        by_country = table.assign(country=pd.Categorical(table["country"], order, ordered=True))
        sns.histplot(by_country, y="country", discrete=True, ax=countries, **common)
        countries.set_ylim(max(len(order), TALL / WIDEST) - 0.5, -0.5)
        for scale in (years.yaxis, countries.xaxis):
            scale.set_view_interval(0, 1)  # no less than one report
            scale.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
        years.set(xlabel="Year of publication", ylabel="Reports")
        countries.set(xlabel="Reports", ylabel="")
        hatches = {mpl.colors.to_rgba(colour): hatch for colour, hatch in LOOKS.values()}
        for ax in (years, countries):
            ax.tick_params(length=2, width=0.6, labelsize=s.SMALL)
            for bar in ax.patches:
                bar.set_hatch(hatches[bar.get_facecolor()])
        return fig


def _axes(fig: Figure, left: float, top: float, width: float) -> Axes:
    """A plot at a place of the page, in millimetres."""
    wide, high = fig.get_size_inches() / s.MM
    return fig.add_axes((left / wide, 1 - (top + TALL) / high, width / wide, TALL / high))


def _kinds(kinds: list[str]) -> list[Entry]:
    return [Entry(lambda ax, x, y, kind=kind: _swatch(ax, x, y, kind), kind.replace("_", "-"), 2.4) for kind in kinds]


def _swatch(ax: Axes, x: float, y: float, kind: str) -> None:
    colour, hatch = LOOKS[kind]
    ax.add_patch(Rectangle((x - 2.4, y - 1.2), 4.8, 2.4, fc=colour, ec=s.PAPER, lw=0, hatch=hatch))
