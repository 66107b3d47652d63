"""What an effect direction plot shows, as a table: one row for each mark, with every number drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from reanalysis.figures.forest_table import findings_mark, whole_samples
from reanalysis.figures.verdicts import NOT_USABLE, codings, symbol
from reanalysis.results.rows import Direction, Effect, SampleDirection
from reanalysis.results.table import Row, col, places, several
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Appraisal, Domain

# Columns that a mark has from its row.
SAME = ("contrast", "sample_id", "label", "domain", "outcome_group", "sense", "verdict", "up", "down", "silent", "rung")
ALL = "all"  # the figure of a whole review
COLUMNS, ROWS = 20, 40  # outcomes and rows that a page holds
LEAST_STUDIES, LEAST_OUTCOMES = 4, 2  # of a figure that is drawn
LEAST_VOTES = 5  # samples with a direction, of which a sign test is shown


@dataclass(frozen=True, kw_only=True, slots=True)
class DirectionMark(Row):
    """What findings of one sample on one outcome and contrast say together."""

    mark_id: str | None = col(
        "id of the mark in the figure: its findings and their coding; empty where the outcome is only named in the note"
    )
    question: str | None = col("question of the review, or all: a figure")
    contrast: str | None = col("contrast: a block of rows")
    contrast_label: str | None = col("the same in words")
    sample_id: str | None = col("sample: a row of the block")
    label: str | None = col("short name of the report")
    domain: str | None = col("domain: columns that stand together")
    title: str | None = col("the same in words")
    outcome_group: str | None = col("outcome: a column")
    outcome_label: str | None = col("the same in words")
    sense: str | None = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    symbol: str | None = col("better, worse, higher, lower, disagree, no difference, or not usable")
    up: int | None = col("findings that point up")
    down: int | None = col("findings that point down")
    silent: int | None = col("findings without a sign")
    findings: int | None = col("findings in all")
    n: int | None = col("participants behind the largest of them; empty where not known")
    rung: str | None = col("highest rung of the ladder among them")
    finding_ids: tuple[str, ...] = several("the findings")
    appraisal_tool: str | None = col("tool of the judgement of the sample")
    appraisal: str | None = col("judgement of the sample as a whole, in the words of the tool")
    appraisal_level: str | None = col("the same as a level: low, some, high or unclear; empty where the tool has none")
    pval: float | None = col("two-sided exact p of the sign test over the samples of the block, from five on")

    @property
    def column(self) -> tuple[str, str]:
        """The column of the figure: an outcome of a domain."""
        return self.domain, self.outcome_group


def effect_direction_table(
    directions: Iterable[SampleDirection],
    tests: Iterable[Direction],
    effects: Iterable[Effect],
    domains: Iterable[Domain],
    names: Names,
    appraisals: Iterable[Appraisal] = (),
) -> dict[str, list[DirectionMark]]:
    """By figure, what each sample says of each outcome: by contrast, report, and column.

    A review that fits a page has one figure, else each of its questions.
    """
    known, titles = codings(effects), {domain.domain: domain.title for domain in domains}
    judged = {one.sample_id: one for one in whole_samples(appraisals)}
    p = {
        (row.domain, row.contrast, row.outcome_group, row.sense): row.pval
        for row in tests
        if row.outcome_group and row.up + row.down >= LEAST_VOTES
    }
    marks = []
    for row in directions:
        if row.outcome_group is None or row.use != "main":
            continue
        one = judged.get(row.sample_id)
        marks.append(
            DirectionMark(
                mark_id=findings_mark(row),
                question=names.outcomes[row.outcome_group].question or ALL,
                **{name: getattr(row, name) for name in SAME},
                contrast_label=names.contrasts[row.contrast].label,
                title=titles[row.domain],
                outcome_label=names.outcome(row.outcome_group),
                symbol=symbol(row, known),
                findings=len(row.findings),
                n=row.persons,
                finding_ids=row.findings,
                appraisal_tool=one.tool if one else None,
                appraisal=one.judgement if one else None,
                appraisal_level=one.level if one else None,
                pval=p.get((row.domain, row.contrast, row.outcome_group, row.sense)),
            )
        )
    order = places(titles)
    filled = Counter(mark.column for mark in marks)

    def place(mark: DirectionMark) -> tuple:
        column = order[mark.domain], -filled[mark.column], mark.outcome_label
        return names.order(mark.contrast), mark.label.casefold(), mark.sample_id, column

    return {question: _shortened(own) for question, own in _figures(sorted(marks, key=place)).items()}


def is_drawn(marks: Iterable[DirectionMark]) -> bool:
    """Whether a figure says more than a sentence: of several studies and several outcomes."""
    shown = [mark for mark in marks if mark.mark_id]
    studies, outcomes = {mark.sample_id for mark in shown}, {mark.column for mark in shown}
    return len(studies) >= LEAST_STUDIES and len(outcomes) >= LEAST_OUTCOMES


def columns_of(marks: Iterable[DirectionMark], order: list[str]) -> list[DirectionMark]:
    """A mark of each column, in the order of the columns; `order` is that of the domains."""
    shown = [mark for mark in marks if mark.mark_id]
    filled, rank = Counter(mark.column for mark in shown), places(order)
    first = {mark.column: mark for mark in shown}
    return sorted(first.values(), key=lambda m: (rank[m.domain], -filled[m.column], m.outcome_label))


def _figures(marks: list[DirectionMark]) -> dict[str, list[DirectionMark]]:
    """The marks of each figure: all of them together where they fit a page."""
    asked = dict.fromkeys(mark.question for mark in marks)
    columns, rows = {mark.column for mark in marks}, {(mark.contrast, mark.sample_id) for mark in marks}
    if len(columns) <= COLUMNS and len(rows) <= ROWS:
        return {ALL: [replace(mark, question=ALL) for mark in marks]} if marks else {}
    return {question: [mark for mark in marks if mark.question == question] for question in asked}


def _shortened(marks: list[DirectionMark]) -> list[DirectionMark]:
    """The marks, where there are too many columns without those of a single result that is not usable."""
    filled = Counter(mark.column for mark in marks)
    if len(filled) <= COLUMNS:
        return marks
    empty = {mark.column for mark in marks if filled[mark.column] == 1 and mark.symbol == NOT_USABLE}
    return [replace(mark, mark_id=None) if mark.column in empty else mark for mark in marks]
