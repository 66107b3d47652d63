"""What someone with access to a paper could do, and what it would do to an answer of the review (docs/worklist.md).

Everything is told of the posterior of all the evidence in a cell, by which claims are judged: its interval, and the
probability of its sign. What it will be once the exact effect of a finding is known is an expectation over the values
that this effect can still have, given its bounds and what the other samples say (a preposterior analysis; Raiffa &
Schlaifer 1961, Applied Statistical Decision Theory). The probability of either sign is expected to stay as it is; what
is expected to grow is that of the likelier one.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from reanalysis import effects as es
from reanalysis.models.cell_models import posterior_summaries
from reanalysis.models.pooling import one_finding_unit
from reanalysis.numeric import norm_cdf, norm_ppf
from reanalysis.results.rows import Answer, Effect, Model, PooledUnit, WorkItem
from reanalysis.results.table import CellKey
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Config, Models
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Claim
from reanalysis.schema.scope import Scoped
from reanalysis.schema.vocabulary import RUNGS, STANDINGS, WORTHS
from reanalysis.store import compute
from reanalysis.synthesis.answers import known

QUANTILES = (np.arange(15) + 0.5) / 15
"""Where the values are taken that an effect can have: shares then differ by half a percentage point at most from those
of 61 values, in the data of the project."""


def list_work(
    evidence: Evidence,
    effects: Iterable[Effect],
    units: Iterable[PooledUnit],
    models: Iterable[Model],
    answers: Iterable[Answer],
    config: Config,
    recall: Callable = compute,
) -> list[WorkItem]:
    """What to look for in which paper, for every finding of the main analysis below the top rung, most valuable first.

    `recall` calls a function, or knows its value.
    """
    pooled: dict[CellKey, list[PooledUnit]] = defaultdict(list)
    for unit in units:
        pooled[unit.cell].append(unit)
    today = {model.cell: model for model in models if MODELS[model.model].judges}
    answered = {(row.domain, row.contrast, row.outcome_group): row for row in answers}
    below: dict[CellKey, list[Effect]] = defaultdict(list)
    for effect in effects:
        if effect.use == "main" and effect.rung != "exact":
            below[effect.cell].append(effect)
    claims = _claims_of(evidence, [effect for members in below.values() for effect in members])
    items = []
    for cell, members in below.items():
        answer, now = answered[cell[:3]], _today(today.get(cell), config)
        then = recall(prospects, members, pooled[cell], config.models, config.claims.probability)
        items += [
            _item(evidence, effect, answer, next(claims), now, prospect)
            for effect, prospect in zip(members, then, strict=True)
        ]
    items.sort(key=lambda item: (*_order(item), item.finding_id))
    ranked, first = [], 1
    for _, alike in groupby(items, key=_order):
        alike = list(alike)
        ranked += [replace(item, rank=first) for item in alike]
        first += len(alike)
    return ranked


def _order(item: WorkItem) -> tuple:
    """What puts one item before another; items that agree in all of it are worth the same.

    Shares and probabilities count as they are printed, in percent: they are not known more exactly.
    """
    gained = (item.sure_then or 0) - (item.sure_now or 0) if item.worth == "narrower" else 0
    return (
        list(WORTHS).index(item.worth),
        list(STANDINGS).index(item.standing),
        -round(item.shrinks or 0, 2),
        -round(gained, 2),
        -item.core_claims,
        -len(item.claims),
        -(item.n or 0),
        list(RUNGS).index(item.rung),
    )


def _claims_of(evidence: Evidence, effects: list[Effect]) -> Iterator[list[Claim]]:
    """For each effect the claims that have it in their scope."""
    scoped = Scoped((effect.domain, effect) for effect in effects)
    found: list[list[Claim]] = [[] for _ in effects]
    for claim in evidence.claims.values():
        for place in scoped.places(claim.scope):
            found[place].append(claim)
    return iter(found)


def _item(evidence: Evidence, effect: Effect, answer: Answer, claims: list[Claim], now: dict, then: dict) -> WorkItem:
    narrower = now and then
    return WorkItem(
        **effect.cell._asdict(),
        finding_id=effect.finding_id,
        question=answer.question,
        standing=_standing(answer),
        rung=effect.rung,
        lifts_to="exact",
        needed=effect.missing,
        report_id=effect.report_id,
        label=effect.label,
        doi=evidence.reports[effect.report_id].doi,
        n=effect.persons,
        outcome=effect.outcome,
        worth="narrower" if narrower else "first" if then else "unknown",
        shrinks=1 - then["width_then"] / now["width_now"] if narrower else None,
        claims=[one.claim_id for one in claims],
        core_claims=sum(map(_is_core, claims)),
        **now,
        **then,
    )


def _is_core(claim: Claim) -> bool:
    return claim.core == "yes"


def _standing(answer: Answer) -> str:
    """What an answer is to the review, a key of `vocabulary.STANDINGS`."""
    return "other" if not answer.main else "headline" if answer.sign else "main"


def _today(model: Model | None, config: Config) -> dict:
    """What the posterior of a cell says today; nothing where no finding enters it."""
    if model is None:
        return {}
    beyond = model.prob_beyond_below, model.prob_beyond_above
    sign, within = known(model.prob_below, *beyond, config.claims.probability)
    return {
        "width_now": model.ci_ub - model.ci_lb,
        "sure_now": max(model.prob_below, 1 - model.prob_below),
        "settled_now": bool(sign or within),
    }


# ---------------------------------------------------------------- what an exact effect would do


def prospects(effects: list[Effect], units: list[PooledUnit], config: Models, clear: float) -> list[dict[str, float]]:
    """What is expected of the posterior of a cell once the exact effect of a finding is known, for each of them.

    Parameters
    ----------
    effects : findings of the cell below the top rung.
    units : all units of the cell.
    clear : the probability from which on a sign, or an effect within the margin, is known.

    Returns for each finding `width_then`, the expected width of the interval, `sure_then`, the expected probability of
    the likelier sign, and `settled_then`, the probability that the sign or an effect within the margin is known;
    nothing where the sizes do not say how precise the effect would be, or the sample has an exact effect already.
    """
    exact = {unit.sample_id for unit in units if unit.rung == "exact"}
    designs = [None if effect.sample_id in exact else _design(effect) for effect in effects]
    asked = [(effect, design) for effect, design in zip(effects, designs, strict=True) if design]
    if not asked:
        return [{} for _ in effects]
    others = [[unit for unit in units if unit.sample_id != effect.sample_id] for effect, _ in asked]
    guesses = [
        _Guess.of(effect, design, where, config)
        for (effect, design), where in zip(asked, _where(others, effects[0].metric, config), strict=True)
    ]
    cells = [[*rest, unit] for rest, guess in zip(others, guesses, strict=True) for unit in guess.units]
    found = posterior_summaries(cells, [config] * len(cells), [1.0] * len(cells))
    each = (dict(zip(found._fields, values, strict=True)) for values in _in_turn(found, len(QUANTILES)))
    then = iter([_expected(guess, summary, clear) for guess, summary in zip(guesses, each, strict=True)])
    return [next(then) if design else {} for design in designs]


def _in_turn(columns: Iterable[np.ndarray], size: int) -> Iterable[tuple[np.ndarray, ...]]:
    """Columns in pieces of this many values."""
    return zip(*(column.reshape(-1, size) for column in columns), strict=True)


def _where(others: list[list[PooledUnit]], metric: str, config: Models) -> list[tuple[float, float]]:
    """Mean and SD of the average effect as the other samples tell it; those of the prior where there are none."""
    some = [rest for rest in others if rest]
    told = posterior_summaries(some, [config] * len(some), [1.0] * len(some)) if some else None
    known_to = iter(zip(told.mu.tolist(), told.sd_mu.tolist(), strict=True) if told else ())
    return [next(known_to) if rest else (0.0, config.prior_scales(metric)[0]) for rest in others]


@dataclass(frozen=True)
class _Guess:
    """Values that an exact effect can have, as units; `log_density` is how densely they lie."""

    units: list[PooledUnit]
    log_density: np.ndarray

    @classmethod
    def of(cls, effect: Effect, design: es.Contrast, where: tuple[float, float], config: Models) -> _Guess:
        """Quantiles of a normal distribution about what the others tell, between the bounds of the effect."""
        mean, sd = where
        scale = math.hypot(sd, config.prior_scales(effect.metric)[1], math.sqrt(float(design.error)))
        low = -math.inf if effect.yi_lb is None else effect.yi_lb
        high = math.inf if effect.yi_ub is None else effect.yi_ub
        z = _quantiles((low - mean) / scale, (high - mean) / scale)
        exact = replace(one_finding_unit(effect), rung="exact", yi_lb=None, yi_ub=None)
        values = (mean + scale * z).tolist()
        units = [replace(exact, yi=y, vi=float(design.error + y**2 / (2 * design.total))) for y in values]
        return cls(units, -0.5 * z**2)


def _quantiles(low: float, high: float) -> np.ndarray:
    """Quantiles of the standard normal distribution between two bounds; the nearer one, where it is too far out."""
    if low > 0:  # small probabilities keep their digits in the lower tail alone
        return -_quantiles(-high, -low)
    start, end = float(norm_cdf(low)), float(norm_cdf(high))
    return norm_ppf(start + (end - start) * QUANTILES) if end > start else np.full(len(QUANTILES), high)


def _expected(guess: _Guess, summary: dict[str, np.ndarray], clear: float) -> dict[str, float]:
    """Expectations over the values that an effect can have.

    Each value counts by how probable the model holds it (the density of the data with it), over how densely the values
    lie.
    """
    log_weight = summary["log_marginal"] - guess.log_density
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    below = summary["p_below"]
    settled = [
        any(known(*ps, clear)) for ps in zip(below, summary["p_beyond_below"], summary["p_beyond_above"], strict=True)
    ]
    return {
        "width_then": float(weight @ (summary["ci_ub"] - summary["ci_lb"])),
        "sure_then": float(weight @ np.maximum(below, 1 - below)),
        "settled_then": float(weight @ np.array(settled, dtype=float)),
    }


def _design(effect: Effect) -> es.Contrast | None:
    """What the sample size says of the precision that an exact effect would have.

    The difference of drug effects between groups has sampling variances of its own, which the sizes do not tell.
    """
    if effect.comparison == "interaction":
        return None
    if effect.metric == "ZCOR":
        return es.Contrast(1 / (effect.ni - 3), math.inf, math.inf) if effect.ni and effect.ni > 3 else None
    if effect.metric == "SMCC":
        return es.paired(effect.ni) if effect.ni and effect.ni > 2 else None
    if effect.n1i and effect.n2i:
        return es.two_groups(effect.n1i, effect.n2i)
    return es.two_groups(effect.ni / 2, effect.ni / 2) if effect.ni and effect.ni > 3 else None
