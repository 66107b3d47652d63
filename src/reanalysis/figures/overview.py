"""Table 1 of the review at a glance: when, where and what kind of reports it rests on."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from matplotlib.figure import Figure

from reanalysis.figures import style as s
from reanalysis.schema.raw import Report
from reanalysis.schema.vocabulary import REPORT_KINDS

KIND_COLOURS = dict(zip(REPORT_KINDS, (s.BLUE, s.SAND, s.GREEN, s.SKY, "#999999", s.FAINT, "#e6e6e6"), strict=True))


def overview_table(reports: list[Report]) -> pd.DataFrame:
    """One row for each report of Table 1 and each of its countries: report_id, year, kind, country, share.

    A report from several countries is shared out among them, so that shares sum to the number of reports.
    """
    rows = [
        {
            "report_id": report.report_id,
            "year": report.year,
            "kind": report.kind,
            "country": country,
            "share": 1 / len(report.country),
        }
        for report in reports
        if report.in_review is not None and report.country
        for country in report.country
    ]
    return pd.DataFrame(rows)


def draw_overview(table: pd.DataFrame, width_mm: float) -> Figure:
    """Years and countries of the reports, coloured by kind."""
    kinds = [kind for kind in REPORT_KINDS if kind in set(table["kind"])]
    palette = {kind: KIND_COLOURS[kind] for kind in kinds}
    order = table.groupby("country")["share"].sum().sort_values(ascending=False, kind="stable").index
    with mpl.rc_context(s.RC):
        fig = Figure(figsize=(width_mm * s.MM, 84 * s.MM), facecolor=s.PAPER)
        years, countries = fig.subplots(1, 2, gridspec_kw={"width_ratios": (1.45, 1), "wspace": 0.42})
        fig.subplots_adjust(left=0.06, right=0.985, top=0.83, bottom=0.13)
        common = {"weights": "share", "hue": "kind", "hue_order": kinds, "palette": palette, "multiple": "stack"}
        common |= {"shrink": 0.8, "alpha": 1, "edgecolor": "none", "legend": False}
        sns.histplot(table, x="year", discrete=True, ax=years, **common)
        by_country = table.assign(country=pd.Categorical(table["country"], order, ordered=True))
        sns.histplot(by_country, y="country", discrete=True, ax=countries, **common)
        first, last = int(table["year"].min()), int(table["year"].max())
        years.set(xlabel="Year of publication", ylabel="Reports", xlim=(first - 0.8, last + 0.8))
        years.set_xticks(range(first, last + 1, 2))
        countries.set(xlabel="Reports", ylabel="")
        for ax in (years, countries):
            ax.tick_params(length=2, width=0.6)
        handles = [mpl.patches.Patch(color=palette[kind], label=kind.replace("_", "-")) for kind in kinds]
        fig.legend(handles=handles, loc="upper right", ncols=len(kinds), frameon=False, bbox_to_anchor=(0.99, 0.945))
        title = f"The {table['report_id'].nunique()} reports in Table 1 of the review"
        fig.text(0.012, 0.955, title, size=s.HEAD, weight="bold", gid=s.HEADING, va="center")
        fig.text(0.012, 0.90, "by year, country and kind", color=s.SOFT, va="center")
        return fig
