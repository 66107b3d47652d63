"""Count how much evidence each domain and contrast has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from reanalysis.results.rows import Effect, LadderCount
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.vocabulary import CONTRASTS, RUNGS


def count_rungs(evidence: Evidence, effects: Iterable[Effect]) -> list[LadderCount]:
    """One row for each domain and contrast; a domain without findings has one row of zeros."""
    groups: dict[str, dict[str, list[Effect]]] = defaultdict(lambda: defaultdict(list))
    for effect in effects:
        groups[effect.domain][effect.contrast].append(effect)
    rows = []
    for name, domain in evidence.domains.items():
        contrasts = sorted(groups[name], key=list(CONTRASTS).index) or [None]
        for contrast in contrasts:
            members = groups[name][contrast] if contrast else []
            used = Counter(effect.rung for effect in members if effect.use == "main")
            rows.append(
                LadderCount(
                    domain=name,
                    section=domain.section,
                    title=domain.title,
                    contrast=contrast,
                    codings=len(members),
                    excluded=sum(effect.use == "excluded" for effect in members),
                    **{rung: used[rung] for rung in RUNGS},
                )
            )
    return rows
