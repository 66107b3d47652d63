"""Count how much evidence each domain and contrast has, and say what would raise it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from reanalysis.check import Evidence
from reanalysis.schema.results import Effect, LadderCount, WorkItem
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


def list_work(evidence: Evidence, effects: Iterable[Effect]) -> list[WorkItem]:
    """What to look for in which paper, for every finding of the main analysis below the top rung.

    Sorted by rung from the bottom of what is known to its top, larger samples first.
    """
    below = [effect for effect in effects if effect.use == "main" and effect.rung != "exact"]
    items = [
        WorkItem(
            finding_id=effect.finding_id,
            domain=effect.domain,
            contrast=effect.contrast,
            rung=effect.rung,
            lifts_to="exact",
            needed=effect.missing,
            report_id=effect.report_id,
            label=effect.label,
            doi=evidence.reports[effect.report_id].doi,
            n=effect.persons,
            outcome=effect.outcome,
        )
        for effect in below
    ]
    order = list(RUNGS)
    return sorted(items, key=lambda item: (order.index(item.rung), -(item.n or 0), item.finding_id))
