"""What the evidence map shows, as a table: one row for each cell of domains and contrasts, the empty ones too."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from reanalysis.results.rows import Effect, LadderCount
from reanalysis.results.table import Row, col, several
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Contrast, Domain
from reanalysis.schema.vocabulary import RUNGS

DIRECTIONS = ("better", "better_up", "better_down", "higher", "higher_up", "higher_down")


@dataclass(frozen=True, kw_only=True)
class EvidenceCell(Row):
    """What is known of one domain in one contrast."""

    mark_id: str | None = col("id of the mark in the figure; empty where nothing is known")
    domain: str | None = col("domain: a row")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    contrast: str | None = col("contrast: a column")
    contrast_label: str | None = col("the same in words")
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


def evidence_map_table(
    counts: Iterable[LadderCount], effects: Iterable[Effect], domains: Iterable[Domain], names: Names
) -> list[EvidenceCell]:
    """Cells in the order of the domains, then of the contrasts."""
    known = {(row.domain, row.contrast): row for row in counts}
    main: dict[tuple[str, str], list[str]] = defaultdict(list)
    for effect in effects:
        if effect.use == "main":
            main[effect.domain, effect.contrast].append(effect.finding_id)
    return [
        _cell(known.get((domain.domain, contrast.contrast)), main[domain.domain, contrast.contrast], domain, contrast)
        for domain in domains
        for contrast in names.contrasts.values()
    ]


def _cell(count: LadderCount | None, findings: list[str], domain: Domain, contrast: Contrast) -> EvidenceCell:
    cell = EvidenceCell(
        domain=domain.domain,
        section=domain.section,
        title=domain.title,
        contrast=contrast.contrast,
        contrast_label=contrast.label,
        findings=len(findings),
        finding_ids=findings,
    )
    if count is None:
        return replace(cell, excluded=0, samples=0, better_up=0, better_down=0, higher_up=0, higher_down=0)
    return replace(
        cell,
        mark_id=f"cell--{domain.domain}--{contrast.contrast}",
        excluded=count.excluded,
        samples=count.samples,
        rung=next((rung for rung in RUNGS if getattr(count, rung)), None),
        **{name: getattr(count, name) for name in DIRECTIONS},
    )
