"""What the effect direction plot shows, as a table: one row for each mark, with every number drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from reanalysis.results.rows import Effect
from reanalysis.results.table import Row, col, several
from reanalysis.schema.vocabulary import CONTRASTS
from reanalysis.synthesis.directions import VERDICTS, Vote, sense, votes


@dataclass(frozen=True, kw_only=True)
class DirectionMark(Row):
    """What findings of one sample in one domain and contrast say together."""

    mark_id: str | None = col("id of the mark in the figure: its findings and their coding")
    contrast: str | None = col("contrast: a block of rows")
    sample_id: str | None = col("sample: a row of the block")
    label: str | None = col("short name of the report")
    domain: str | None = col("domain: a column")
    sense: str | None = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    up: int | None = col("findings that point up")
    down: int | None = col("findings that point down")
    silent: int | None = col("findings without a sign")
    findings: int | None = col("findings in all")
    n: int | None = col("persons behind the largest of them; empty where not known")
    rung: str | None = col("highest rung of the ladder among them")
    finding_ids: tuple[str, ...] = several("the findings")


def effect_direction_table(effects: Iterable[Effect]) -> list[DirectionMark]:
    """Marks of the findings of the main analysis, by contrast, then report, then domain.

    Unlike the sign test, which counts cohorts, each sample has its own row: it is what was reported. Outcomes with a
    known better and worse give one mark of a domain. Others are not averaged: a sample has a mark for each direction
    that one of its outcomes takes.
    """
    order = list(CONTRASTS)
    findings = [effect for effect in effects if effect.use == "main"]
    findings.sort(key=lambda e: (order.index(e.contrast), e.label.casefold(), e.sample_id))
    marks = []
    for (contrast, sample), row in groupby(findings, key=lambda effect: (effect.contrast, effect.sample_id)):
        members = list(row)
        for domain in dict.fromkeys(effect.domain for effect in members):
            cell = [effect for effect in members if effect.domain == domain]
            marks += [
                DirectionMark(
                    mark_id=vote.mark_id,
                    contrast=contrast,
                    sample_id=sample,
                    label=members[0].label,
                    domain=domain,
                    sense=meaning,
                    verdict=verdict,
                    up=vote.up,
                    down=vote.down,
                    silent=len(vote.findings) - vote.up - vote.down,
                    findings=len(vote.findings),
                    n=vote.persons,
                    rung=vote.rung,
                    finding_ids=vote.ids,
                )
                for meaning, verdict, vote in _said(cell)
            ]
    return marks


def _said(cell: list[Effect]) -> Iterator[tuple[str, str, Vote]]:
    """Sense, verdict and the findings behind it, of one sample in one domain."""
    for vote in votes((effect for effect in cell if sense(effect) == "better"), "sample_id"):
        yield "better", vote.verdict, vote
    outcomes = votes((effect for effect in cell if sense(effect) == "higher"), "outcome_group")
    for verdict in VERDICTS:
        if alike := [effect for vote in outcomes if vote.verdict == verdict for effect in vote.findings]:
            yield "higher", verdict, Vote(tuple(alike))
