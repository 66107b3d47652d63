"""The evidence on a claim: the findings in its scope, and the posterior of each of their cells under every choice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from reanalysis.models.sensitivity import AT_LIMIT, domain_variants, unit_variants
from reanalysis.results.rows import Effect, Model, PooledUnit, Subgroup, Variant, WorkItem
from reanalysis.results.table import CellKey
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.scope import any_in_scope
from reanalysis.store import compute

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
        return [effect for effect in self.effects if any_in_scope(scope, effect.domain, effect)]

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

    @cached_property
    def _stored(self) -> dict[CellKey, list[Variant]]:
        found: dict[CellKey, list[Variant]] = defaultdict(list)
        for row in self.variants:
            if MODELS[row.model].judges:
                found[row.cell].append(row)
        return found

    @cached_property
    def _sizes(self) -> dict[CellKey, int]:
        """Findings of the main analysis in each cell."""
        found: dict[CellKey, int] = defaultdict(int)
        for effect in self.effects:
            found[effect.cell] += effect.use == "main"
        return found

    def counterpart(self, part: Part, contrast: str) -> Part | None:
        """The one part that holds the same outcome and metric in another contrast, if it is one."""
        domain, _, group, metric = part.effects[0].cell
        parts = [p for p in self.parts([f"{domain}/{contrast}/{group}"]) if p.effects[0].metric == metric]
        return parts[0] if len(parts) == 1 else None

    def exact(self, part: Part) -> Model | None:
        """The headline model of the cell of a part, where all its samples are exact."""
        cell = part.effects[0].cell
        headline = next((row for row in self.models if row.cell == cell and row.headline), None)
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
