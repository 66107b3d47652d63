"""Summary of findings, with the columns of GRADE (Cochrane Handbook, version 6.5, 2024, chapter 14).

Effects are on a standardized scale, so there is one column for the effect with its interval in the place of absolute
and relative ones. The certainty is empty unless a person has rated it; what it would rest on is told as far as the
data do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reanalysis.exchange import Files
from reanalysis.exchange.csv_text import csv_text
from reanalysis.report.answers import effect_words, participants, reporting, usable
from reanalysis.results.build import Build
from reanalysis.results.rows import Answer, Certainty
from reanalysis.results.table import Row, col, columns
from reanalysis.text import capital, count


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary(Row):
    """What is known of one outcome, as a row of a summary-of-findings table."""

    question: str | None = col("question of the review")
    main: bool | None = col("whether the review names the outcome among those that answer the question")
    topic: str | None = col("topic, or section, of the review")
    comparison: str | None = col("what is compared")
    outcome: str | None = col("what was measured")
    effect: str | None = col("the effect with its interval, as the report prints it")
    measure: str | None = col("scale of the effect: SMD (Hedges' g), SMCC (within participants) or ZCOR (Fisher's z)")
    est: float | None = col("effect; empty where only an interval or a direction is known")
    ci_lb: float | None = col("lower bound of its interval")
    ci_ub: float | None = col("upper bound of its interval")
    level: float | None = col("level of the interval")
    participants: int | None = col("participants of the samples with a usable result whose size is known")
    samples: int | None = col("independent samples, in the place of studies")
    participants_and_samples: str | None = col("both in words, with what is not known of them")
    certainty: str | None = col("high, moderate, low or very low, as a person rated it; empty where nobody has")
    rated_by: str | None = col("who rated it")
    imprecision: str | None = col("concern about imprecision: none, some, serious or not assessed")
    inconsistency: str | None = col("concern about inconsistency")
    reporting: str | None = col("concern about results without an effect size")
    missing_results: str | None = col("concern about samples whose result was not seen, or cannot be used")
    selection: str | None = col("concern about selective reporting")
    sources: str | None = col("concern about results that were not read in a full text")
    risk_of_bias: str | None = col("concern about the risk of bias, as far as a person has judged it")
    comment: str | None = col("the answer in plain language, and how completely the samples report it")


def files(build: Build) -> Files:
    """`summary-of-findings.csv`: a row for each outcome of each topic and comparison."""
    return {"summary-of-findings.csv": csv_text(columns(Summary), (row.by_column() for row in summaries(build)))}


def summaries(build: Build) -> Iterator[Summary]:
    """The rows, in the order of `4_synthesis/answers.csv`."""
    evidence, names = build.evidence, build.evidence.names
    parts = build.tables["4_synthesis/certainty.csv"]
    for row in build.tables["4_synthesis/answers.csv"]:
        yield Summary(
            question=evidence.review.questions[row.question].asks if row.question else None,
            main=row.main,
            topic=evidence.domains[row.domain].title,
            comparison=names.contrasts[row.contrast].label,
            outcome=capital(names.outcome(row.outcome_group)),
            effect=effect_words(row),
            measure=row.metric,
            est=row.est,
            ci_lb=row.ci_lb,
            ci_ub=row.ci_ub,
            level=row.level,
            participants=row.participants,
            samples=row.samples,
            participants_and_samples=_people(row),
            certainty=row.certainty,
            rated_by=row.rated_by,
            **_concerns(row, parts),
            comment=f"{row.statement} {capital(reporting(row))}.",
        )


def _concerns(row: Answer, parts: list[Certainty]) -> dict[str, str | None]:
    """What the certainty rests on: of the metric of the effect, or the only one where no effect is given."""
    own = [part for part in parts if (part.domain, part.contrast, part.outcome_group) == row.fit[0][:3]]
    metrics = {row.metric} if row.metric else {part.metric for part in own}
    return {part.item.replace(" ", "_"): part.concern for part in own if {part.metric} == metrics}


def _people(row: Answer) -> str:
    """Of the samples with a usable result, where any has one."""
    return f"{participants(row)} ({count(usable(row) or row.samples, 'sample')})"
