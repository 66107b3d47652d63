"""The figures that are not of one domain: where they stand, what is said of them, and what their marks stand for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reanalysis.figures.overviews import direction_file, panel_file
from reanalysis.report import words
from reanalysis.report.svg import Inlined, Mark, inline
from reanalysis.report.tables import Table
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.review import Review
from reanalysis.schema.vocabulary import FLOW_WORDS, REPORTING, reported
from reanalysis.text import listed, number


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
    rows: bool = False  # whether its marks stand in rows of text, which open as a whole

    @property
    def file(self) -> str:
        return self.table or f"{self.folder}/{self.stem}.csv"

    @property
    def picture(self) -> str:
        """Its file without an ending."""
        return f"{self.folder}/{self.stem}"


FRONT = 2
"""Panels of the review that stand in front, as its first figures."""


def overviews(review: Review) -> Iterator[Overview]:
    """The figures of the whole review, in the order of the page."""
    yield Overview(
        "progress",
        "summary",
        "Flow of this reanalysis",
        "From the reports that are listed to the outcomes that can be pooled.",
        key="box",
        prefix="flow--",
    )
    for n, panel in enumerate(review.panels):
        folder, _, stem = f"5_figures/{panel_file(panel)}".rpartition("/")
        place = "front" if n < FRONT else "more"
        caption = " ".join(filter(None, (f"{panel.title}.", panel.subtitle, panel.caption or CAPTIONS[panel.kind])))
        rows = panel.kind in ("studies", "signs")
        yield Overview(stem, place, panel.heading, caption, COUNTS[panel.kind], folder=folder, rows=rows)
    place = "more" if review.panels else "front"
    pools = "The models of all outcomes that are pooled."
    yield Overview("summary", place, "Summary of pooled effects", pools, "kind", rows=True)
    yield Overview(
        "orchard",
        "more",
        "Effects of the outcomes with the most samples",
        "Orchard plot: every effect size, its area by precision, with the pooled effect, its confidence interval "
        "(thick) and its prediction interval (thin).",
        "kind",
    )
    yield Overview(
        "directions",
        "more",
        "Results by direction only",
        "Of topics in which no size of an effect is reported.",
        "rung",
        rows=True,
    )
    asked = {**{name: question.asks for name, question in review.questions.items()}, "all": "all outcomes"}
    for question, asks in asked.items():
        stem = direction_file(question).rpartition("/")[2]
        yield Overview(stem, "more", f"Direction of effects: {asks}", POINTING, "symbol")
    *known, unknown = (FLOW_WORDS[status] for status in ("reported", "derived", "bounded", "not_reported"))
    counts = f"Counts are {', '.join(known)}, or {unknown}."
    flow = "1_checked/flow.csv"
    yield Overview("flow", "more", "Flow of the review", counts, table=flow, key="box", prefix="flow--")


POINTING = "Effect direction plot: what the results of each sample say, by study and outcome."
CAPTIONS = {  # of a panel without one of its own
    "studies": "The findings of one contrast, one by one.",
    "votes": "One vote for each sample, outcome by outcome.",
    "signs": "The findings by direction.",
}
COUNTS = {"studies": "rung", "votes": "verdict", "signs": "rung"}  # what is counted over the marks of a panel


@dataclass(frozen=True)
class Figure:
    """An overview figure as it stands in the page; one that is too large has no drawing there."""

    overview: Overview
    drawing: Inlined | None
    words: str


def known_marks(marks: Iterable[Mark], evidence: Evidence) -> dict[str, Mark]:
    """What marks stand for that are named alike in all figures, by their key: findings, models and claims."""
    claims = (Mark(name, f"{name}: {claim.claim}") for name, claim in evidence.claims.items())
    return {mark.key: mark for mark in (*marks, *claims)}


def overview_figures(
    results: Path,
    made: Collection[Path],
    wanted: Iterable[Overview],
    tables: Mapping[str, Table],
    evidence: Evidence,
    known: Mapping[str, Mark],
    largest: float,
) -> list[Figure]:
    """The figures that the run made among those wanted, in their order.

    Files of more bytes than `largest` are not put into the page. Raises UnknownMark as `inline` does.
    """
    return [
        _figure(path, overview, tables[overview.file], evidence, known, largest)
        for overview in wanted
        if (path := results / f"{overview.picture}.svg") in made
    ]


def of_cells(table: Table | None) -> Iterator[Overview]:
    """The figures of what the answer of a cell rests on, each in its domain."""
    for row in table.records() if table else ():
        file = Path("5_figures") / row["file"]
        title = f"{row['title']}: {row['question']}, {MODELS[row['model']].label}"
        yield Overview(file.name, row["domain"], title, row["subtitle"], folder=file.parent.as_posix())


def _figure(
    path: Path, overview: Overview, table: Table, evidence: Evidence, known: Mapping[str, Mark], largest: float
) -> Figure:
    text = in_words(overview, table, evidence)
    if path.stat().st_size > largest:
        return Figure(overview, None, text)
    own = {
        f"{overview.prefix}{row[overview.key]}": Mark(f"{overview.file}#{row[overview.key]}", _told(row))
        for row in table.records()
        if row.get(overview.key)
    }
    drawing = inline(path, overview.stem, text, lambda mark: known.get(mark) or own.get(mark), rows=overview.rows)
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
    return ", ".join(REPORTING.get(row[name], row[name].replace("_", " ")) for name in TELLING if row.get(name))


def _counted(value: str, n: int) -> str:
    """How many marks have a value, in words."""
    return reported(value, n) if value in REPORTING else f"{n} {value.replace('_', ' ')}"


def in_words(overview: Overview, table: Table, evidence: Evidence) -> str:
    """The result of a figure in words."""
    match overview.stem:
        case "flow":
            return words.flow(evidence.flow)
    rows = [row for row in table.records() if row.get(overview.key)]
    text = f"{overview.title}. {overview.caption}".strip()
    if overview.counts:
        pools = [f"{row['label']}: {row['effect']}" for row in rows if row.get("kind") == "model"]
        values = (row[overview.counts] for row in rows if row.get("kind") not in ("model", "subgroup", "sample"))
        marks = listed(_counted(value, n) for value, n in Counter(values).most_common() if value)
        told = [text, f"Pooled: {'; '.join(pools)}." if pools else "", f"Results: {marks}." if marks else ""]
        return " ".join(filter(None, told))
    estimates = [float(row["estimate"]) for row in rows if row.get("estimate")]
    return f"{text} Estimates: {number(min(estimates))} to {number(max(estimates))}." if estimates else text
