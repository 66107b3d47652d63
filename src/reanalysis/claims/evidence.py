"""The evidence on a claim: what is known of the effects in its scope, as estimates with intervals.

The interval of a single finding is the one that the ladder gives it (`ladder.intervals`).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from reanalysis.results.rows import Effect, Model, Subgroup, Variant, WorkItem
from reanalysis.results.table import CellKey
from reanalysis.schema.cell_models import ALL_EVIDENCE, ALL_EVIDENCE_BAYES, BAYES, MODELS
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.scope import any_in_scope, level_of


@dataclass(frozen=True)
class Estimate:
    """An effect with its interval, from a model, a finding or the difference of two.

    `est` is None where only an interval is known that holds zero; of a bounded effect it is the bound next to zero.
    `below` is the posterior probability of an effect below zero, where a Bayesian model was fitted.
    """

    source: str
    metric: str
    k: int
    est: float | None
    lb: float
    ub: float
    below: float | None = None
    bounded: bool = False


@dataclass(frozen=True)
class Part:
    """What is judged as one: a cell with a model over its samples, or one finding.

    `estimates` are those of its effects one by one; `judged` is None where nothing is known but a direction.
    `alternatives` are other answers to the same question: the other models of a cell, its model under every variant of
    the sensitivity analysis (each sample left out among them), the other codings of a single finding.
    """

    effects: tuple[Effect, ...]
    estimates: tuple[Estimate | None, ...]
    judged: Estimate | None
    alternatives: tuple[Estimate, ...] = ()


@dataclass(frozen=True)
class Material:
    """Everything that the rules look at."""

    evidence: Evidence
    effects: list[Effect]
    models: list[Model]
    variants: list[Variant]
    work: list[WorkItem]
    subgroups: list[Subgroup] = field(default_factory=list)

    @property
    def names(self) -> Names:
        """How the review calls its contrasts and outcomes."""
        return self.evidence.names

    def in_scope(self, scope: Iterable[str] | None) -> list[Effect]:
        """All codings of the findings that a scope names."""
        return [effect for effect in self.effects if any_in_scope(scope, effect.domain, effect)]

    def parts(self, scope: Iterable[str] | None) -> list[Part]:
        """The evidence of the main analysis in scope, cell by cell; finding by finding where no model covers a cell."""
        cells: dict[CellKey, list[Effect]] = defaultdict(list)
        for effect in self.in_scope(scope):
            if effect.use == "main":
                cells[effect.cell].append(effect)
        levels = {level_of(item) for item in scope or ()}
        level = levels.pop() if len(levels) == 1 else None
        return [part for cell, members in cells.items() for part in self._parts_of(cell, members, level)]

    def _parts_of(self, cell: CellKey, members: list[Effect], level: tuple[str, str] | None) -> list[Part]:
        if rows := [row for row in self.subgroups if row.cell == cell and (row.moderator, row.level) == level]:
            first, *others = (Estimate(row.variant, row.metric, row.k, row.est, *_ends(row)) for row in rows)
            return [Part(tuple(members), tuple(map(estimate_of, members)), first, tuple(others))]
        whole = len(members) == sum(effect.cell == cell and effect.use == "main" for effect in self.effects)
        model = self._model(cell, members) if whole else None
        if model is None:
            return [self._single(effect) for effect in members]
        estimates = tuple(map(estimate_of, members))
        return [Part(tuple(members), estimates, self._estimate(model), tuple(self._alternatives(model)))]

    def _single(self, effect: Effect) -> Part:
        judged = estimate_of(effect)
        return Part((effect,), (judged,), judged, tuple(self._other_codings(effect)) if judged else ())

    def _model(self, cell: CellKey, members: list[Effect]) -> Model | None:
        """The model over all the evidence of a cell, or the headline where every usable sample is exact."""
        rows = {row.model: row for row in self.models if row.cell == cell}
        if ALL_EVIDENCE in rows:
            return rows[ALL_EVIDENCE]
        usable = {effect.sample_id for effect in members if effect.rung in ("exact", "bounded")}
        headline = next((row for row in rows.values() if row.headline), None)
        return headline if headline and headline.k == len(usable) else None

    def _estimate(self, row: Model) -> Estimate:
        bayes = ALL_EVIDENCE_BAYES if MODELS[row.model].everything else BAYES
        below = [r.prob_below for r in self.models if r.cell == row.cell and r.model == bayes]
        return Estimate(row.model, row.metric, row.k, row.est, *_ends(row), below=below[0] if below else None)

    def _alternatives(self, judged: Model) -> list[Estimate]:
        models = [row for row in self.models if row.cell == judged.cell and row.model != judged.model]
        varied = [row for row in self.variants if row.cell == judged.cell and row.model == judged.model]
        named = [(row.model, row) for row in models] + [(row.variant, row) for row in varied if row.kind != "main"]
        return [Estimate(name, row.metric, row.k, row.est, *_ends(row)) for name, row in named]

    def _other_codings(self, this: Effect) -> list[Estimate]:
        """Other versions of a finding; one that gives only a direction says less, not something else."""
        others = [e for e in self.effects if e.finding_id == this.finding_id and e.coding != this.coding]
        return [known for e in others if e.rung in ("exact", "bounded") and (known := estimate_of(e)) is not None]

    def same_outcome(self, part: Part, contrast: str) -> Part | None:
        """The one part that holds the same outcome and metric in another contrast, if it is one."""
        domain, _, group, metric = part.effects[0].cell
        parts = [p for p in self.parts([f"{domain}/{contrast}/{group}"]) if p.effects[0].metric == metric]
        return parts[0] if len(parts) == 1 else None


def estimate_of(effect: Effect) -> Estimate | None:
    """A single finding with its interval; None where its size or its precision is not known."""
    if effect.ci_lb is None:
        return None
    bounded = effect.rung != "exact"
    est = effect.yi
    if bounded:
        est = effect.yi_lb if effect.yi_lb > 0 else effect.yi_ub if effect.yi_ub < 0 else None
    source = f"{effect.finding_id} {effect.coding}"
    return Estimate(source, effect.metric, 1, est, effect.ci_lb, effect.ci_ub, bounded=bounded)


def difference(first: Part, second: Part) -> Estimate | None:
    """First minus second, of two independent samples on one metric; None where either is not exact.

    The half widths of the intervals add as the standard errors behind them do.
    """
    a, b = first.judged, second.judged
    if a is None or b is None or a.metric != b.metric or a.bounded or b.bounded or a.est is None or b.est is None:
        return None
    middle, half = a.est - b.est, math.hypot(a.ub - a.lb, b.ub - b.lb) / 2
    return Estimate("difference", a.metric, min(a.k, b.k), middle, middle - half, middle + half)


def _ends(row: Model | Variant | Subgroup) -> tuple[float, float]:
    """The interval of a model; an end that the likelihood does not limit is open."""
    return -math.inf if row.ci_lb is None else row.ci_lb, math.inf if row.ci_ub is None else row.ci_ub
