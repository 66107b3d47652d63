"""Does the effect depend on something? The model of each level of a moderator, and the tests that levels agree.

A sample whose findings differ in the moderator, such as a trial of two drugs, enters each level with its own findings.
That levels then share participants is left out of account by the tests.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from reanalysis import meta
from reanalysis.models.cell_models import fit_cell
from reanalysis.models.pooling import main_cells, sample_units
from reanalysis.models.sensitivity import Alternative, alternatives
from reanalysis.results.rows import Effect, ModeratorTest, PooledUnit, Subgroup
from reanalysis.schema.cell_models import MIN_K_RANDOM
from reanalysis.schema.config import Config, Models
from reanalysis.schema.evidence import Evidence
from reanalysis.store import compute

KINDS = ("main", "several choices")  # alternatives under which subgroups are compared


class Moderated(NamedTuple):
    """What stage 3 writes on moderators: the models of their levels, and the tests between levels."""

    subgroups: list[Subgroup]
    tests: list[ModeratorTest]


def moderators(evidence: Evidence, config: Config, recall: Callable = compute) -> Moderated:
    """The levels of every moderator that the review names, in each cell where they can be compared."""
    found = Moderated([], [])
    for domain in evidence.domains if evidence.review.moderators else ():
        for alternative in alternatives(evidence.of(domain), domain, config):
            if alternative.kind in KINDS:
                for levels, test in _cells(evidence, alternative, recall):
                    found.subgroups.extend(levels)
                    found.tests.append(test)
    return found


def _cells(
    evidence: Evidence, alternative: Alternative, recall: Callable
) -> Iterator[tuple[list[Subgroup], ModeratorTest]]:
    for members in main_cells(alternative.effects):
        for moderator, name in evidence.review.moderators.items():
            by = _levels(members, moderator, alternative)
            if len(by) > 1 and sum(map(len, by.values())) >= MIN_K_RANDOM:
                labels = {level: evidence.names.word(moderator, level) for level in by}
                yield recall(compare, by, labels, (moderator, name), alternative.name, alternative.models)


def _levels(members: Iterable[Effect], moderator: str, alternative: Alternative) -> dict[str, list[PooledUnit]]:
    """The units with an exact effect on each level that has one, in the order of the levels' names."""
    by: dict[str, list[Effect]] = defaultdict(list)
    for effect in members:
        if (level := getattr(effect, moderator)) is not None:
            by[level].append(effect)
    models, apart = alternative.models, alternative.findings_as_units
    units = {level: sample_units(by[level], models, findings_as_units=apart) for level in sorted(by)}
    exact = {level: [unit for unit in own if unit.rung == "exact"] for level, own in units.items()}
    return {level: own for level, own in exact.items() if own}


def compare(
    by: dict[str, list[PooledUnit]], labels: dict[str, str], moderator: tuple[str, str], variant: str, models: Models
) -> tuple[list[Subgroup], ModeratorTest]:
    """The model of each level by the rule on k, and two tests of their difference; `moderator` is column and label.

    Q between compares the estimates, each with a tau2 of its own, by their standard errors without the Knapp-Hartung
    adjustment (`meta.q_between`). QM is the joint test of the levels in a meta-regression with one tau2 for all, by the
    configured test; it needs more units than levels.
    """
    cell = next(iter(by.values()))[0].cell._asdict()
    fits = {level: next(fit_cell(units, models)) for level, units in by.items()}
    rows = [
        Subgroup(
            **cell,
            model=name,
            variant=variant,
            moderator=moderator[0],
            moderator_label=moderator[1],
            level=level,
            label=labels[level],
            k=fitted.k,
            est=fitted.beta[0],
            se=fitted.se[0],
            ci_lb=fitted.ci_lb[0],
            ci_ub=fitted.ci_ub[0],
            pval=fitted.pval[0],
            tau2=fitted.tau2 if fitted.method != "CE" else None,
            I2=fitted.I2 if fitted.k > 1 else None,
        )
        for level, (name, fitted) in fits.items()
    ]
    wald = [next(fit_cell(units, models.model_copy(update={"test": "z"})))[1] for units in by.values()]
    QB, df, pval = meta.q_between([one.beta[0] for one in wald], [one.se[0] ** 2 for one in wald])
    on_levels = Counter(name for units in by.values() for name in {unit.sample_id for unit in units})
    test = ModeratorTest(
        **cell,
        variant=variant,
        moderator=moderator[0],
        moderator_label=moderator[1],
        levels=[row.level for row in rows],
        k=sum(row.k for row in rows),
        k_shared=sum(times > 1 for times in on_levels.values()),
        QB=QB,
        QB_df=df,
        QBp=pval,
        **_regression(by, models),
    )
    return rows, test


def _regression(by: dict[str, list[PooledUnit]], models: Models) -> dict[str, float | str]:
    """The joint test of the levels with one tau2, and what they explain of it; nothing where units are too few."""
    units = [(level, unit) for level, own in by.items() for unit in own]
    if len(units) <= len(by):
        return {}
    yi, vi = (np.array([getattr(unit, name) for _, unit in units]) for name in ("yi", "vi"))
    mods = meta.indicators({"level": [level for level, _ in units]})
    fitted = meta.fit(yi, vi, mods, method=models.method, test=models.test, level=models.level)
    return {"QM": fitted.QM, "QM_df": fitted.QM_df, "QM_ddf": fitted.ddf, "QMp": fitted.QMp, "R2": fitted.R2}
