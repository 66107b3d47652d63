"""The evidence on a claim: the findings in its scope, and the posterior of each of their cells under every choice."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from reanalysis.models.sensitivity import AT_LIMIT, domain_variants, unit_variants
from reanalysis.results.rows import Effect, Model, PooledUnit, Subgroup, Variant, WorkItem
from reanalysis.results.table import CellKey, by_cell
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Fidelity
from reanalysis.schema.scope import Scoped, any_in_scope
from reanalysis.store import compute

T = TypeVar("T")
NO_CHOICE = ("main", "tipping point", "rung")
"""Kinds of variants that no verdict has to hold under: what is no choice, and what leaves out most of the evidence."""


@dataclass(frozen=True)
class Part:
    """What is judged as one: the findings of one cell that are in scope.

    `answer` is their posterior in the main analysis, None where none enters it; `limits` are those in which the
    statements mean the least that they can for an effect of a sign, None where nothing is left then; `others` are the
    posteriors under the declared alternatives.
    """

    effects: tuple[Effect, ...]
    answer: Variant | None
    limits: dict[int, Variant | None]
    others: tuple[Variant, ...] = ()

    @property
    def samples(self) -> set[str]:
        """Independent samples behind it."""
        return {effect.cohort_id or effect.sample_id for effect in self.effects if effect.enters}


@dataclass(frozen=True)
class Material:
    """Everything that the rules look at."""

    evidence: Evidence
    effects: list[Effect]
    models: list[Model]
    variants: list[Variant]
    work: list[WorkItem]
    config: Config
    subgroups: list[Subgroup] = field(default_factory=list)
    recall: Callable = compute

    @property
    def names(self) -> Names:
        """How the review calls its contrasts and outcomes."""
        return self.evidence.names

    def in_scope(self, scope: Iterable[str] | None) -> list[Effect]:
        """All codings of the findings that a scope names."""
        return self._scoped.named(scope)

    def parts(self, scope: Iterable[str] | None) -> list[Part]:
        """The evidence of the main analysis in scope, cell by cell."""
        scope = tuple(scope or ())
        cells: dict[CellKey, list[Effect]] = defaultdict(list)
        for effect in self.in_scope(scope):
            if effect.use == "main":
                cells[effect.cell].append(effect)
        return [_part(members, self._posteriors(cell, members, scope)) for cell, members in cells.items()]

    def _posteriors(self, cell: CellKey, members: list[Effect], scope: tuple[str, ...]) -> list[Variant]:
        """The posteriors of a cell as they are stored; those of a part of it are computed."""
        if len(members) == self._sizes[cell]:
            return self._stored[cell]
        rows = domain_variants(
            self.evidence,
            cell.domain,
            self.config,
            self.recall,
            wanted=lambda effect: any_in_scope(scope, cell.domain, effect),
        )
        return [row for row in rows if row.cell == cell and MODELS[row.model].judges]

    # A claim asks for its own rows of each table, which are found once for all claims.

    @cached_property
    def _scoped(self) -> Scoped[Effect]:
        return Scoped((effect.domain, effect) for effect in self.effects)

    @cached_property
    def _stored(self) -> dict[CellKey, list[Variant]]:
        return by_cell(row for row in self.variants if MODELS[row.model].judges)

    @cached_property
    def _sizes(self) -> Counter[CellKey]:
        """Findings of the main analysis in each cell."""
        return Counter(effect.cell for effect in self.effects if effect.use == "main")

    @cached_property
    def headlines(self) -> dict[CellKey, Model]:
        """The headline model of each cell that has one."""
        return {row.cell: row for row in reversed(self.models) if row.headline}

    @cached_property
    def variants_of(self) -> dict[CellKey, list[Variant]]:
        """The variants of each cell."""
        return by_cell(self.variants)

    @cached_property
    def subgroups_of(self) -> dict[CellKey, list[Subgroup]]:
        """The levels of moderators in each cell."""
        return by_cell(self.subgroups)

    def work_on(self, findings: Iterable[str]) -> list[WorkItem]:
        """The work on findings, most valuable first."""
        return [item for _, item in sorted(place for finding in set(findings) for place in self._work[finding])]

    @cached_property
    def _work(self) -> dict[str, list[tuple[int, WorkItem]]]:
        return _grouped((item.finding_id, (place, item)) for place, item in enumerate(self.work))

    @cached_property
    def fidelity(self) -> dict[str, list[Fidelity]]:
        """What sources say of each claim."""
        return _grouped((row.claim_id, row) for row in self.evidence.fidelity.values())

    @cached_property
    def cited_on(self) -> dict[str | None, set[str]]:
        """The reports that the claims of each topic cite; under None those that any claim cites."""
        found: dict[str | None, set[str]] = defaultdict(set)
        for claim in self.evidence.claims.values():
            for topic in (claim.topic, None):
                found[topic].update(claim.cited_reports or ())
        return found

    @cached_property
    def conflicts(self) -> dict[str, list[str]]:
        """The claims that say of each claim that they cannot hold together with it."""
        claims = self.evidence.claims.values()
        return _grouped((other, claim.claim_id) for claim in claims for other in claim.conflicts_with or ())

    @cached_property
    def searched_until(self) -> int:
        """The latest year in the table of the reviewed work; 0 without one."""
        return max((row.year for row in self.evidence.table if row.year), default=0)

    def counterpart(self, part: Part, contrast: str) -> Part | None:
        """The one part that holds the same outcome and metric in another contrast, if it is one."""
        domain, _, group, metric = part.effects[0].cell
        parts = [p for p in self.parts([f"{domain}/{contrast}/{group}"]) if p.effects[0].metric == metric]
        return parts[0] if len(parts) == 1 else None

    def exact(self, part: Part) -> Model | None:
        """The headline model of the cell of a part, where all its samples are exact."""
        cell = part.effects[0].cell
        headline = self.headlines.get(cell)
        return headline if headline and part.answer and headline.k == part.answer.k else None

    def difference(self, first: Part, second: Part) -> Part | None:
        """First minus second, of two independent groups of samples on one metric; None where either is not exact."""
        a, b = self.exact(first), self.exact(second)
        if a is None or b is None or a.metric != b.metric:
            return None
        gap = PooledUnit(
            **first.effects[0].cell._asdict(),
            comparison="interaction",
            sample_id="difference",
            rung="exact",
            yi=a.est - b.est,
            vi=a.se**2 + b.se**2,
        )
        return _part([*first.effects, *second.effects], self.recall(unit_variants, gap, self.config))


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    """What stands with each key, in its order; a key without anything has an empty list."""
    found: dict[str, list[T]] = defaultdict(list)
    for key, one in pairs:
        found[key].append(one)
    return found


def _part(members: list[Effect], rows: list[Variant]) -> Part:
    answer = next((row for row in rows if row.kind == "main"), None)
    others = [row for row in rows if row.kind not in NO_CHOICE and row.variant not in AT_LIMIT.values()]
    return Part(tuple(members), answer, {sign: _limit(members, rows, answer, sign) for sign in AT_LIMIT}, tuple(others))


def _limit(members: list[Effect], rows: list[Variant], answer: Variant | None, sign: int) -> Variant | None:
    """The posterior with statements at their limit; that of the main analysis where none says less than it did."""
    if (row := next((row for row in rows if row.variant == AT_LIMIT[sign]), None)) is not None:
        return row
    left = any(effect.enters and (effect.rung != "direction" or effect.sign != sign) for effect in members)
    return answer if left else None
