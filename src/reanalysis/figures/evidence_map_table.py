"""What the evidence map shows, as a table: one row for each cell of domains and contrasts, the empty ones too."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.results.rows import Effect
from reanalysis.results.table import Row, col, several
from reanalysis.schema.raw import Domain
from reanalysis.schema.vocabulary import CONTRASTS, RUNGS
from reanalysis.synthesis.directions import AGREEMENT, Vote, sense, votes


@dataclass(frozen=True, kw_only=True)
class EvidenceCell(Row):
    """What is known of one domain in one contrast."""

    mark_id: str | None = col("id of the mark in the figure; empty where nothing is known")
    domain: str | None = col("domain: a row")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    contrast: str | None = col("contrast: a column")
    findings: int | None = col("findings in the main analysis")
    excluded: int | None = col("codings that are shown elsewhere and never pooled")
    samples: int | None = col("independent units behind the findings: samples that may share persons count once")
    rung: str | None = col("highest rung of the ladder among the findings")
    better: str | None = col(
        "outcomes of which better and worse are known: up (better), down, mixed or none; empty without any"
    )
    better_up: int | None = col("units that point to better")
    better_down: int | None = col("units that point to worse")
    higher: str | None = col("other outcomes: up (higher in group_1, or a positive association), down, mixed or none")
    higher_up: int | None = col("votes for higher, one for each unit and outcome")
    higher_down: int | None = col("votes for lower")
    finding_ids: tuple[str, ...] = several("the findings")


def evidence_map_table(effects: Iterable[Effect], domains: Iterable[Domain]) -> list[EvidenceCell]:
    """Cells in the order of the domains, then of the contrasts.

    The direction of a cell is that of at least 70 percent of its votes with a sign; where fewer agree it is mixed.
    """
    effects = list(effects)
    return [
        _cell(
            [effect for effect in effects if (effect.domain, effect.contrast) == (domain.domain, contrast)],
            domain,
            contrast,
        )
        for domain in domains
        for contrast in CONTRASTS
    ]


def _cell(codings: list[Effect], domain: Domain, contrast: str) -> EvidenceCell:
    found = [effect for effect in codings if effect.use == "main"]
    better = votes(effect for effect in found if sense(effect) == "better")
    other = [effect for effect in found if sense(effect) == "higher"]
    groups = dict.fromkeys(effect.outcome_group for effect in other)
    higher = [vote for group in groups for vote in votes(e for e in other if e.outcome_group == group)]
    return EvidenceCell(
        mark_id=f"cell--{domain.domain}--{contrast}" if codings else None,
        domain=domain.domain,
        section=domain.section,
        title=domain.title,
        contrast=contrast,
        findings=len(found),
        excluded=len(codings) - len(found),
        samples=len({effect.cohort_id for effect in found}),
        rung=min((effect.rung for effect in found), key=list(RUNGS).index, default=None),
        better=_direction(better),
        better_up=_count(better, "up"),
        better_down=_count(better, "down"),
        higher=_direction(higher),
        higher_up=_count(higher, "up"),
        higher_down=_count(higher, "down"),
        finding_ids=[effect.finding_id for effect in found],
    )


def _count(cast: list[Vote], verdict: str) -> int:
    return sum(vote.verdict == verdict for vote in cast)


def _direction(cast: list[Vote]) -> str | None:
    """What the votes say together; None without any."""
    if not cast:
        return None
    signed = sum(vote.verdict != "none" for vote in cast)
    if not signed:
        return "none"
    return next((side for side in ("up", "down") if _count(cast, side) >= AGREEMENT * signed), "mixed")
