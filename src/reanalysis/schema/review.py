"""What a review says of itself in `review.yaml`: titles, sections, questions, counts and panels."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reanalysis.schema.cells import Day, Doi, Label, Name, Text
from reanalysis.schema.filters import Where, where
from reanalysis.schema.raw import Report

PANELS = {
    "studies": "a forest plot of the findings of its cells, with columns that say how each was obtained; those of one "
    "cell by a moderator stand in its subgroups",
    "votes": "one vote for each sample, outcome by outcome, in a lane for each contrast",
    "signs": "a forest plot of the findings that have one of its words, most of which have a direction alone",
}
PANEL_COLUMNS = ("matrix", "assay", "exposure", "population_kind", "design")
NO_WORD = "none"
"""In a panel: the name of an empty cell."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _key(description: str, **more: Any) -> Any:
    return Field(description=description, **more)


class Reviewed(_Part):
    """The work whose conclusions are examined."""

    label: Text = _key("short name, as a sentence calls it")
    citation: Text = _key("full reference")
    doi: Doi | None = _key("DOI", default=None)
    kind: Text = _key("what kind of work it is", default="review")
    read: Text | None = _key("what was read of it, as the end of a sentence", default=None)
    table: Text | None = _key("what it calls its table of reports, such as Table 1; empty without one", default=None)


class Question(_Part):
    """What the review asks, and which outcomes answer it in the first place."""

    asks: Text = _key("the question")
    about: Text = _key("what it is about, as it stands before `is very uncertain`")
    main: tuple[Text, ...] = _key(
        "the outcomes that answer it in the first place, as domain/contrast/outcome_group (`*` for all), named before "
        "their results are known; all of its outcomes unless given",
        default=("*/*/*",),
    )


class Count(_Part):
    """A number that follows from the rows of the reviewed table of reports."""

    label: Label = _key("what is counted")
    where: Where = _key("conditions on the columns of reports.csv; all rows without any", default={})
    smallest: Literal["year"] | None = _key("in place of the number of rows, the smallest value", default=None)
    distinct: Literal["theme", "kind", "journal", "year"] | None = _key(
        "in place of the number of rows, the number of different values", default=None
    )

    def rows(self, reports: Iterable[Report]) -> list[Report]:
        """The reports that are counted; of a smallest value those that have it."""
        found = where((report for report in reports if report.in_review is not None), self.where)
        if self.smallest is None:
            return found
        values = [value for report in found if (value := getattr(report, self.smallest)) is not None]
        return [report for report in found if values and getattr(report, self.smallest) == min(values)]

    def of(self, reports: Iterable[Report]) -> int | None:
        """The number; None for the smallest value of nothing."""
        found = self.rows(reports)
        if self.smallest is not None:
            return next((getattr(report, self.smallest) for report in found), None)
        if self.distinct is not None:
            return len({value for report in found if (value := getattr(report, self.distinct)) is not None})
        return len(found)


class Panel(_Part):
    """A figure that answers one question of the review."""

    name: Name = _key("name of the figure and of its files")
    kind: Literal[tuple(PANELS)] = _key("what is drawn: " + "; ".join(f"`{k}`, {v}" for k, v in PANELS.items()))
    heading: Text = _key("heading in the report")
    title: Text = _key("title of the figure")
    subtitle: Text = _key("what its marks are, in a line or two")
    caption: Text | None = _key(
        "what the report adds below its heading; what a panel of its kind shows unless given", default=None
    )
    note: Text | None = _key("small print below the legend", default=None)
    cells: tuple[Text, ...] = _key(
        "what is shown, as domain/contrast/outcome_group (`*` for all), in the order of the figure", default=("*/*/*",)
    )
    where: Where = _key(
        "further conditions, on columns of `2_effects/ladder.csv`; of `votes`, of `4_synthesis/sample_directions.csv`",
        default={},
    )
    by: dict[Text, dict[Text, Label]] = _key(
        "columns, and in each the words that are told apart with their headings (`none` for an empty cell): "
        "of `studies` the columns that are shown, of `votes` the lanes (by `contrast`), of `signs` what is shown (one)",
        default={},
    )


class Review(_Part):
    """`review.yaml`: what the review is, and how it is told."""

    title: Text = _key("what the reanalysis is about")
    short_title: Text | None = _key("the same in a few words, for the head of the page", default=None)
    reviewed: Reviewed | None = _key("the work that is examined; empty for a synthesis of one's own", default=None)
    questions: dict[Name, Question] = _key("the questions that outcomes belong to, by name", default={})
    authors: tuple[Text, ...] = _key("who made the reanalysis", default=())
    licence: Text | None = _key("licence of the reanalysis and its data", default=None)
    date: Day | None = _key("day of the last change of the data", default=None)
    sections: dict[Text, Text] = _key("titles of sections that have no domain", default={})
    abbreviations: dict[Text, Text] = _key("what they stand for", default={})
    counts: dict[Name, Count] = _key("counts of the reviewed table, by name", default={})
    moderators: dict[Literal[PANEL_COLUMNS], Text] = _key(
        "columns of the findings by whose words the models of each cell are compared, each with its name", default={}
    )
    panels: tuple[Panel, ...] = _key("figures that answer the questions of the review", default=())

    @property
    def brand(self) -> str:
        """The title in a few words."""
        return self.short_title or self.title

    @property
    def slug(self) -> str:
        """The same in small letters, digits and hyphens, as a name for programs."""
        return re.sub(r"[^a-z0-9]+", "-", self.brand.casefold()).strip("-")

    @property
    def genre(self) -> str:
        """What is made of the evidence: a reanalysis of another work, or a synthesis of one's own."""
        return "reanalysis" if self.reviewed else "synthesis"

    @property
    def table(self) -> str:
        """What the table of reports is called within a sentence."""
        if self.reviewed is None:
            return "the list of reports"
        return self.reviewed.table or "the table of reports"

    @property
    def whole_table(self) -> str:
        """The table of reports with the work that it is part of."""
        return f"{self.table} of the review" if self.reviewed else self.table
