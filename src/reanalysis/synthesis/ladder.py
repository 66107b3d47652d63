"""Count how much evidence each domain and contrast has, and which way it points."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from reanalysis.results.rows import Effect, LadderCount
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.vocabulary import RUNGS
from reanalysis.synthesis.directions import Vote, agreement, sense, votes


def count_rungs(evidence: Evidence, effects: Iterable[Effect]) -> list[LadderCount]:
    """One row for each domain and contrast; a domain without findings has one row of zeros."""
    groups: dict[str, dict[str, list[Effect]]] = defaultdict(lambda: defaultdict(list))
    for effect in effects:
        groups[effect.domain][effect.contrast].append(effect)
    rows = []
    for name, domain in evidence.domains.items():
        contrasts = evidence.names.of(groups[name]) or [None]
        for contrast in contrasts:
            members = groups[name][contrast] if contrast else []
            found = [effect for effect in members if effect.use == "main"]
            used = Counter(effect.rung for effect in found)
            rows.append(
                LadderCount(
                    domain=name,
                    section=domain.section,
                    title=domain.title,
                    contrast=contrast,
                    codings=len(members),
                    excluded=len(members) - len(found),
                    **{rung: used[rung] for rung in RUNGS},
                    samples=len({effect.cohort_id for effect in found}),
                    **_pointing("better", _better(found)),
                    **_pointing("higher", _higher(found)),
                )
            )
    return rows


def _better(found: list[Effect]) -> list[Vote]:
    """One vote for each unit, on all outcomes of which better and worse are known."""
    return votes(effect for effect in found if sense(effect) == "better")


def _higher(found: list[Effect]) -> list[Vote]:
    """One vote for each unit and outcome, on all others: different outcomes of a unit are not averaged."""
    other = [effect for effect in found if sense(effect) == "higher"]
    groups = dict.fromkeys(effect.outcome_group for effect in other)
    return [vote for group in groups for vote in votes(e for e in other if e.outcome_group == group)]


def _pointing(meaning: str, cast: list[Vote]) -> dict[str, str | int | None]:
    """What votes say together, and how many of them point up and down."""
    verdicts = Counter(vote.verdict for vote in cast)
    up, down = verdicts["up"], verdicts["down"]
    together = agreement(up, down, len(cast) - verdicts["none"]) if cast else None
    return {meaning: together, f"{meaning}_up": up, f"{meaning}_down": down}
