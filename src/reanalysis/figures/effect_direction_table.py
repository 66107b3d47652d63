"""What an effect direction plot shows, as a table: one row for each mark, with every number drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.figures.forest_table import findings_mark, whole_samples
from reanalysis.results.rows import Direction, Effect, SampleDirection
from reanalysis.results.table import Row, col, several
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Appraisal, Domain

# Columns that a mark has from its row.
SAME = ("contrast", "sample_id", "label", "domain", "sense", "verdict", "up", "down", "silent", "rung")


@dataclass(frozen=True, kw_only=True)
class DirectionMark(Row):
    """What findings of one sample in one domain and contrast say together."""

    mark_id: str | None = col("id of the mark in the figure: its findings and their coding")
    question: str | None = col("question of the review: a figure")
    contrast: str | None = col("contrast: a block of rows")
    contrast_label: str | None = col("the same in words")
    sample_id: str | None = col("sample: a row of the block")
    label: str | None = col("short name of the report")
    domain: str | None = col("domain: a column")
    title: str | None = col("the same in words")
    sense: str | None = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    up: int | None = col("findings that point up")
    down: int | None = col("findings that point down")
    silent: int | None = col("findings without a sign")
    findings: int | None = col("findings in all")
    n: int | None = col("participants behind the largest of them; empty where not known")
    rung: str | None = col("highest rung of the ladder among them")
    finding_ids: tuple[str, ...] = several("the findings")
    appraisal: str | None = col("judgement of the sample as a whole, in the words of the tool")
    appraisal_level: str | None = col("the same as a level: low, some, high or unclear; empty where the tool has none")
    pval: float | None = col("two-sided exact p of the sign test over the samples of the block in this column")


def effect_direction_table(
    directions: Iterable[SampleDirection],
    tests: Iterable[Direction],
    effects: Iterable[Effect],
    domains: Iterable[Domain],
    names: Names,
    appraisals: Iterable[Appraisal] = (),
) -> dict[str, list[DirectionMark]]:
    """By question, what each sample says over the outcomes of a domain: by contrast, then report, then domain."""
    question = {effect.finding_id: names.outcomes[effect.outcome_group].question or "all" for effect in effects}
    titles = {domain.domain: domain.title for domain in domains}
    order = list(titles)
    judged = {one.sample_id: one for one in whole_samples(appraisals)}
    p = _sign_tests(tests)
    together = [row for row in directions if row.outcome_group is None]
    together.sort(key=lambda r: (names.order(r.contrast), r.label.casefold(), r.sample_id, order.index(r.domain)))
    tables: dict[str, list[DirectionMark]] = {}
    for row in together:
        asked, one = question[row.findings[0]], judged.get(row.sample_id)
        tables.setdefault(asked, []).append(
            DirectionMark(
                mark_id=findings_mark(row),
                question=asked,
                **{name: getattr(row, name) for name in SAME},
                contrast_label=names.contrasts[row.contrast].label,
                title=titles[row.domain],
                findings=len(row.findings),
                n=row.persons,
                finding_ids=row.findings,
                appraisal=one.judgement if one else None,
                appraisal_level=one.level if one else None,
                pval=p.get((row.domain, row.contrast, row.sense)),
            )
        )
    return tables


def _sign_tests(tests: Iterable[Direction]) -> dict[tuple[str, str, str], float | None]:
    """The p of the sign test of a domain and contrast, of all outcomes that mean the same; none of a single vote."""
    rows: dict[tuple[str, str, str], list[Direction]] = {}
    for row in tests:
        rows.setdefault((row.domain, row.contrast, row.sense), []).append(row)
    whole = {key: [row for row in own if row.outcome_group is None] or own for key, own in rows.items()}
    return {key: own[0].pval for key, own in whole.items() if len(own) == 1 and own[0].up + own[0].down > 1}
