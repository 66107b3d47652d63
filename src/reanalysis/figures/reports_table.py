"""What the overview of the reviewed table shows, as a table: its reports by year, kind and country."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.results.table import Row, col
from reanalysis.schema.raw import Report


@dataclass(frozen=True, kw_only=True)
class CountryShare(Row):
    """A report of the reviewed table in one of its countries."""

    report_id: str | None = col("report")
    year: int | None = col("year of publication")
    kind: str | None = col("what the report is")
    country: str | None = col("one of its countries")
    share: float | None = col("1 divided by its number of countries: the shares sum to the number of reports")


def reports_table(reports: Iterable[Report]) -> list[CountryShare]:
    """`reports` are those of the reviewed table. A row for each of them and each of its countries."""
    return [
        CountryShare(
            report_id=report.report_id,
            year=report.year,
            kind=report.kind,
            country=country,
            share=1 / len(report.country),
        )
        for report in reports
        for country in report.country or ()
    ]
