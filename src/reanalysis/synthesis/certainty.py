"""What the certainty of each answer rests on, as far as the data tell it: parts of GRADE, each with its numbers.

The parts are computed by the rules below and never added up: the certainty as a whole, like the risk of bias, is the
judgement of a person (`appraisals.csv`), and not assessed until one has made it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reanalysis.results.rows import Certainty, Effect, Model, PooledUnit, Variant
from reanalysis.results.table import CellKey, by_cell
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Appraisal
from reanalysis.text import count, interval, listed, number, probability

NONE, SOME, SERIOUS, UNKNOWN, JUDGED = "none", "some", "serious", "not assessed", "as judged"
LIKELY, MOST = 0.5, 0.8
"""Probabilities and shares at which a concern is serious, or there is some."""
FEW = 3
"""Samples below which how much effects differ cannot be told."""


class _Answer(NamedTuple):
    """What is known of one cell."""

    cell: CellKey
    effects: list[Effect]
    units: list[PooledUnit]
    variants: list[Variant]
    posterior: Model
    margin: float
    clear: float
    """The probability from which on a sign counts as known."""
    appraisals: list[Appraisal]
    """Of its samples, in the order of their table."""


def certainty(
    evidence: Evidence,
    effects: Iterable[Effect],
    units: Iterable[PooledUnit],
    models: Iterable[Model],
    variants: Iterable[Variant],
    config: Config,
) -> list[Certainty]:
    """The parts of every answer, cell by cell in the order of the models."""
    effects = by_cell(effect for effect in effects if effect.use == "main")
    units, models, variants = map(by_cell, (units, models, variants))
    appraisals: dict[str | None, list[tuple[int, Appraisal]]] = defaultdict(list)
    for place, one in enumerate(evidence.appraisals.values()):
        appraisals[one.sample_id].append((place, one))
    rows = []
    for cell, own in models.items():
        answer = _Answer(
            cell,
            effects[cell],
            units[cell],
            [row for row in variants[cell] if MODELS[row.model].judges],
            next(model for model in own if MODELS[model.model].judges),
            config.models.margin(cell.metric),
            config.claims.probability_fragile,
            [one for _, one in sorted(place for unit in units[cell] for place in appraisals[unit.sample_id])],
        )
        rows += [
            Certainty(**cell._asdict(), item=item, concern=concern, why=why) for item, (concern, why) in _parts(answer)
        ]
    return rows


def _parts(answer: _Answer) -> Iterator[tuple[str, tuple[str, str]]]:
    yield "imprecision", _imprecision(answer)
    yield "inconsistency", _inconsistency(answer)
    yield "reporting", _reporting(answer)
    yield "missing results", _missing(answer)
    yield "selection", _selection(answer)
    yield "sources", _sources(answer)
    yield "risk of bias", _bias(answer)


def _imprecision(answer: _Answer) -> tuple[str, str]:
    """Serious where the interval holds effects that matter on either side; some where it holds the margin."""
    row, margin = answer.posterior, answer.margin
    why = f"{count(row.k, 'sample')}; {row.level:.0%} credible interval {interval(row.ci_lb, row.ci_ub)}"
    why += f", margin {margin:g}"
    if row.ci_lb < -margin and row.ci_ub > margin:
        return SERIOUS, why
    return (SOME if row.ci_lb < -margin < row.ci_ub or row.ci_lb < margin < row.ci_ub else NONE), why


def _inconsistency(answer: _Answer) -> tuple[str, str]:
    row = answer.posterior
    if row.k < FEW:
        return UNKNOWN, f"{count(row.k, 'sample')} cannot tell how much effects differ"
    same = max(row.prob_new_below, 1 - row.prob_new_below)
    why = f"probability that a new study has the same sign {probability(same)}"
    why += f", that effects beyond the margin occur on either side {probability(row.prob_mixed)}"
    return (SERIOUS if row.prob_mixed >= LIKELY else SOME if same < MOST else NONE), why


def _reporting(answer: _Answer) -> tuple[str, str]:
    """How much of the information on the answer comes from effects that are known as numbers."""
    exact = [unit for unit in answer.units if unit.rung == "exact"]
    shares = [unit.information for unit in exact if unit.information is not None]
    share = sum(shares) / 100 if shares else float(len(exact) == len(answer.units))
    why = f"{len(exact)} of {count(len(answer.units), 'sample')} with an effect size"
    why += f", {share:.0%} of the information" if shares else ""
    return (SERIOUS if not exact else SOME if share < LIKELY else NONE), why


def _missing(answer: _Answer) -> tuple[str, str]:
    """Samples known to have measured the outcome, of which no result was seen, or none that can be used."""
    seen = {unit.sample_id for unit in answer.units}
    left = [effect for effect in answer.effects if effect.sample_id not in seen and not effect.enters]
    if not left:
        return NONE, "none known"
    unseen = {effect.sample_id: effect.label for effect in left if effect.direction == "not_visible"}
    unusable = {effect.sample_id: effect.label for effect in left if effect.sample_id not in unseen}
    told = [
        f"of {count(len(labels), 'more sample')} {what}: {listed(dict.fromkeys(labels.values()))}"
        for labels, what in ((unseen, "the result was not seen"), (unusable, "the result seen cannot be used"))
        if labels
    ]
    return (SERIOUS if len(unseen) + len(unusable) >= len(seen) else SOME), "; ".join(told)


def _selection(answer: _Answer) -> tuple[str, str]:
    """Whether the sign survives selective reporting, and how much of the size does.

    Where the sign is not known at face value, there is nothing that selective reporting could undo.
    """
    rows = [row for row in answer.variants if row.kind == "selection"]
    main = answer.posterior
    if not rows:
        return UNKNOWN, "no scenario of selective reporting is declared"
    known = max(main.prob_below, 1 - main.prob_below)
    if known < answer.clear:
        return UNKNOWN, f"the sign is not known at face value (probability {probability(known)})"
    sign = -1 if main.prob_below >= LIKELY else 1
    least = min(rows, key=lambda row: row.prob_below if sign < 0 else 1 - row.prob_below)
    kept = least.prob_below if sign < 0 else 1 - least.prob_below
    smallest = min(rows, key=lambda row: sign * row.est)
    tipped = [row.variant for row in answer.variants if row.kind == "tipping point"]
    why = f"probability of the sign {probability(known)}, at least {probability(kept)} under "
    why += f"selective reporting; estimate {number(main.est)}, {number(smallest.est)} with {smallest.variant}"
    why += f"; {listed(tipped)}" if tipped else ""
    shrunk = sign * smallest.est < LIKELY * sign * main.est
    return (SERIOUS if kept < MOST else SOME if kept < answer.clear or shrunk else NONE), why


def _sources(answer: _Answer) -> tuple[str, str]:
    kinds = dict.fromkeys(v.READ_AS[effect.source_kind] for effect in answer.effects if effect.enters)
    read = sum(effect.source_kind == "full_text" for effect in answer.effects if effect.enters)
    total = sum(bool(effect.enters) for effect in answer.effects)
    concern = NONE if read == total else SOME if read else SERIOUS
    return concern, f"{read} of {count(total, 'result')} read in full text ({listed(kinds)})"


def _bias(answer: _Answer) -> tuple[str, str]:
    """What people judged of the samples, tool by tool; never guessed, and never turned into a concern."""
    labels = {effect.sample_id: effect.label for effect in answer.effects}
    tools: dict[tuple[str, str], list[str]] = {}
    for one in answer.appraisals:
        tools.setdefault((one.tool, one.by), []).append(f"{labels[one.sample_id]} {one.judgement}")
    told = [f"{tool}, by {by}: {', '.join(scores)}" for (tool, by), scores in tools.items()]
    return (JUDGED, "; ".join(told)) if told else (UNKNOWN, "no person has judged it")
