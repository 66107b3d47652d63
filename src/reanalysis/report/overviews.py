"""The figures that are not of one domain: where they stand, what is said of them, and what their marks stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reanalysis.figures.overviews import panel_file
from reanalysis.report import words
from reanalysis.report.svg import Inlined, Mark, inline
from reanalysis.report.tables import Table
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.review import Review
from reanalysis.text import capital, listed, number


@dataclass(frozen=True)
class Overview:
    """A figure and its table. A mark stands for a finding, a model, a claim, or else a row of the table."""

    stem: str
    place: str  # section of the page, or the domain
    title: str
    caption: str
    counts: str = ""  # column whose values, counted over the marks, say the result in words
    table: str = ""  # if not the one beside it
    key: str = "mark_id"  # column that names a mark
    prefix: str = ""  # of the mark, before that name
    folder: str = "5_figures/overview"

    @property
    def file(self) -> str:
        return self.table or f"{self.folder}/{self.stem}.csv"

    @property
    def drawing(self) -> str:
        return f"{self.folder}/{self.stem}.svg"


FRONT = 2
"""Panels of the review that stand in front, as its first figures."""


def overviews(review: Review) -> Iterator[Overview]:
    """The figures of the whole review, in the order of the page."""
    place = "more" if review.panels else "front"
    yield Overview("summary_forest", place, "Every estimate", "Headline and all-evidence models of all topics.", "kind")
    for n, panel in enumerate(review.panels):
        folder, _, stem = f"5_figures/{panel_file(panel)}".rpartition("/")
        yield Overview(
            stem,
            "front" if n < FRONT else "more",
            panel.heading,
            panel.caption or CAPTIONS[panel.kind],
            COUNTS[panel.kind],
            folder=folder,
        )
    yield Overview("multiverse", "more", "Other choices", "Every model under every declared alternative.", "kind")
    yield Overview("evidence_map", "more", "Map of the evidence", "The map above as a figure to print.", "rung")
    yield Overview("effect_direction", "more", "Effect directions", "What the findings of each sample say.", "verdict")
    yield Overview("albatross", "more", "Albatross plot", "Sample size against p, with contours of effects.", "kind")
    yield Overview("ledger", "claims", "Ledger of the claims", "Filled: central to the conclusion.", "verdict")
    counts = "Counts in solid black are printed; the others are derived, bounded or not reported."
    flow = "1_checked/flow.csv"
    yield Overview("flow", "more", "Flow of the review", counts, table=flow, key="box", prefix="flow--")
    kinds = "Kind of a report as far as its title or abstract tells."
    shared = "A report from several countries is shared among them."
    title = f"{capital(review.table)} at a glance"
    yield Overview("reports", "more", title, f"{kinds} {shared}")


CAPTIONS = {  # of a panel without one of its own
    "studies": "The findings of one contrast, one by one.",
    "votes": "One vote for each sample, outcome by outcome.",
    "signs": "The findings by direction.",
}
COUNTS = {"studies": "rung", "votes": "verdict", "signs": "rung"}  # what is counted over the marks of a panel


@dataclass(frozen=True)
class Figure:
    """An overview figure as it stands in the page."""

    overview: Overview
    drawing: Inlined
    words: str


def overview_figures(
    results: Path,
    made: Collection[Path],
    tables: Mapping[str, Table],
    evidence: Evidence,
    marks: Mapping[tuple[str, str], Mark],
) -> list[Figure]:
    """The figures that the run made, in the order of the page; raises UnknownMark as `inline` does."""
    known = {mark.key: mark for mark in marks.values()}
    known |= {name: Mark(name, f"{name}: {claim.claim}") for name, claim in evidence.claims.items()}
    return [
        _figure(results / overview.drawing, overview, tables[overview.file], evidence, known)
        for overview in (*overviews(evidence.review), *_of_cells(tables.get("5_figures/cells.csv")))
        if results / overview.drawing in made
    ]


def _of_cells(table: Table | None) -> Iterator[Overview]:
    """The figures of what the answer of a cell rests on, each in its domain."""
    for row in table.records() if table else ():
        file = Path("5_figures") / row["file"]
        yield Overview(
            file.name, row["domain"], f"{row['title']}: {row['question']}", "", folder=file.parent.as_posix()
        )


def _figure(path: Path, overview: Overview, table: Table, evidence: Evidence, known: Mapping[str, Mark]) -> Figure:
    own = {
        f"{overview.prefix}{row[overview.key]}": Mark(f"{overview.file}#{row[overview.key]}", _told(row))
        for row in table.records()
        if row.get(overview.key)
    }
    text = _in_words(overview, table, evidence)
    drawing = inline(path, overview.stem, text, lambda mark: known.get(mark) or own.get(mark), rows=False)
    return Figure(overview, drawing, text)


TELLING = (
    "label",
    "title",
    "outcome_label",
    "contrast_label",
    "question",
    "measure",
    "value",
    "verdict",
    "rung",
    "effect",
    "count",
)


def _told(row: Mapping[str, str]) -> str:
    """A row of a table in a few words."""
    return ", ".join(row[name].replace("_", " ") for name in TELLING if row.get(name))


def _in_words(overview: Overview, table: Table, evidence: Evidence) -> str:
    """The result of a figure in words."""
    match overview.stem:
        case "flow":
            return words.flow(evidence.flow)
        case "reports":
            return words.reports(evidence.table, evidence.review.table)
    rows = [row for row in table.records() if row.get(overview.key)]
    text = f"{overview.title}. {overview.caption}".strip()
    if overview.counts:
        counted = Counter(row[overview.counts].replace("_", " ") or "model" for row in rows)
        marks = listed(f"{n} {name}" for name, n in counted.most_common())
        return f"{text} Marks: {marks}."
    estimates = [float(row["estimate"]) for row in rows if row.get("estimate")]
    return f"{text} Estimates: {number(min(estimates))} to {number(max(estimates))}." if estimates else text
