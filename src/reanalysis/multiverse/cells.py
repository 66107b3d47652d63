"""The answers on a cell in every universe: the samples in it, the models of them, each fitted once.

What universes have in common is found first: a cell tells apart only the options at forks that touch its findings, its
samples or its models, and among these only those that leave other numbers. So thousands of universes ask for few fits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from reanalysis.models.cell_models import (
    all_evidence_estimates,
    at_limit,
    has_all_evidence,
    headlines,
    pinned,
    posteriors,
)
from reanalysis.models.pooling import main_cells, sample_units
from reanalysis.multiverse.extraction import Extraction
from reanalysis.multiverse.universes import Profiles, Universes
from reanalysis.results.rows import EFFECT_SIZES, EVERYTHING, POSTERIOR, Effect, PooledUnit
from reanalysis.results.table import CellKey
from reanalysis.schema.cell_models import ALL_EVIDENCE, ALL_EVIDENCE_BAYES
from reanalysis.schema.config import PATHS, Models

SAMPLE_FORKS = ("units", "arms", "rho")
MODEL_FORKS = {
    EFFECT_SIZES: ("method", "test"),
    EVERYTHING: ("reported",),
    POSTERIOR: ("mu_prior_scale", "tau_prior_scale", "reported"),
}
"""The answers on a cell, and the forks that their models take."""
NOTHING = -1
"""The result where no evidence is left for a model."""


class Fitted(NamedTuple):
    """A result: the model behind it, its samples, and its numbers by column."""

    model: str
    k: int
    numbers: dict[str, float | None]


@dataclass(frozen=True)
class Answered:
    """One answer on a cell: its profiles, the place of the result of each, (P,), and the results."""

    cell: CellKey
    answer: str
    profiles: Profiles
    place: np.ndarray
    results: list[Fitted]

    def values(self, column: str) -> np.ndarray:
        """A number of the result of each profile, (P,); nan where there is none."""
        known = [one.numbers.get(column) for one in self.results]
        return np.array([*(np.nan if value is None else value for value in known), np.nan])[self.place]


@dataclass
class Samples:
    """Different lists of units, each once: what is fitted. Lists are told apart by the numbers that models take."""

    lists: list[list[PooledUnit]] = field(default_factory=list)
    known: dict[tuple, int] = field(default_factory=dict)

    def place(self, units: list[PooledUnit]) -> int:
        """The place of a list among all; `NOTHING` of an empty one."""
        if not units:
            return NOTHING
        key = tuple(tuple(getattr(unit, name) for name in TAKEN) for unit in units)
        if key not in self.known:
            self.known[key] = len(self.lists)
            self.lists.append(units)
        return self.known[key]


TAKEN = ("sample_id", "rung", "yi", "vi", "yi_lb", "yi_ub", "n1i", "n2i", "ni", "four_arms")


@dataclass(frozen=True)
class Cell:
    """The samples of a cell in each profile of the forks that touch them: their place among all lists, (P,).

    `present` (P,) says whether any finding of the cell counts at all, though it may tell too little to enter a model;
    `first` is one that counts in some universe, by which claims know which sign is good.
    """

    key: CellKey
    profiles: Profiles
    units: np.ndarray
    samples: Samples
    present: np.ndarray
    first: Effect

    def same(self, other: Cell) -> bool:
        """Whether the samples are those of another cell in every profile."""
        return (
            self.profiles.names == other.profiles.names
            and np.array_equal(self.units, other.units)
            and list(self.samples.known) == list(other.samples.known)
        )


def cells(
    read: Extraction,
    universes: Universes,
    models: Models,
    wanted: Callable[[Effect], bool] = lambda effect: True,
) -> list[Cell]:
    """The cells of a domain in which some universe counts a finding, of those that are `wanted`."""
    members: dict[CellKey, dict[int, list[Effect]]] = defaultdict(dict)
    for place, effects in enumerate(read.effects):
        for own in main_cells(filter(wanted, effects)):
            members[own[0].cell][place] = own
    return [_cell(key, own, read, universes, models) for key, own in sorted(members.items())]


def _cell(
    key: CellKey, members: dict[int, list[Effect]], read: Extraction, universes: Universes, models: Models
) -> Cell:
    several = any(_several(own) for own in members.values())
    names = [*read.profiles.names, *(SAMPLE_FORKS if several else ())]
    profiles, samples = universes.profiles(names), Samples()
    place_of = {code: place for place, code in enumerate(read.profiles.codes(read.profiles.names))}
    how = _how(profiles, models)
    known: dict[tuple, int] = {}
    units, present = np.full(len(profiles), NOTHING), np.zeros(len(profiles), dtype=bool)
    for place, code in enumerate(profiles.codes(read.profiles.names)):
        own = members.get(place_of[code], [])
        present[place] = bool(own)
        asked = (_content(own), how[place])
        if asked not in known:
            as_findings, choices = how[place]
            known[asked] = samples.place(sample_units(own, choices, findings_as_units=as_findings))
        units[place] = known[asked]
    return Cell(key, profiles, units, samples, present, next(iter(members.values()))[0])


def _several(members: Sequence[Effect]) -> bool:
    """Whether some sample has several findings in a cell."""
    return len({effect.sample_id for effect in members}) < len(members)


def _content(members: Iterable[Effect]) -> tuple:
    """What the units of a cell follow from."""
    return tuple((one.finding_id, one.coding, one.rung, one.yi, one.vi, one.yi_lb, one.yi_ub) for one in members)


def _how(profiles: Profiles, models: Models) -> list[tuple[bool, Models]]:
    """In each profile, whether findings are units, and the choices by which those of a sample are averaged."""
    units = profiles.options("units") if profiles.has("units") else [PATHS["units"]] * len(profiles)
    averaged = _choices(profiles, [name for name in ("arms", "rho") if profiles.has(name)], models).models
    return [(one == "findings", choices) for one, choices in zip(units, averaged, strict=True)]


# ---------------------------------------------------------------- what is fitted


class Wanted(NamedTuple):
    """A fit that some universe asks for: of these samples by these choices."""

    units: list[PooledUnit]
    models: Models
    reported: float


def asked_for(found: Sequence[Cell], universes: Universes, models: Models) -> list[Asked]:
    """Every answer on every cell, as universes ask for it."""
    return [asked(cell, answer, universes, models) for cell in found for answer in MODEL_FORKS]


def fitted(wanted: Sequence[Asked]) -> list[list[Fitted]]:
    """The results of every fit of each answer. All fits of one kind and metric are made at once."""
    results = {
        answer: iter(fit(answer, [one for of in wanted if of.answer == answer for one in of.wanted]))
        for answer in MODEL_FORKS
    }
    return [[next(results[of.answer]) for _ in of.wanted] for of in wanted]


def answered(cell: CellKey, answer: str, profiles: Profiles, place: np.ndarray, results: list[Fitted]) -> Answered:
    """An answer with the same numbers held once: choices that make no difference are not told apart."""
    known: dict[tuple, int] = {}
    kept, places = [], []
    for one in results:
        at = known.setdefault(_numbers(one), len(kept))
        places.append(at)
        if at == len(kept):
            kept.append(one)
    return Answered(cell, answer, profiles, np.array([*places, NOTHING])[place], kept)


def _numbers(one: Fitted) -> tuple:
    """What a result is told by, rounding apart."""
    return one.model, one.k, *(None if value is None else f"{value:.9g}" for value in one.numbers.values())


class Asked(NamedTuple):
    """An answer that a cell is asked for: its profiles, the place of each among the fits, (P,), and these."""

    cell: CellKey
    answer: str
    profiles: Profiles
    place: np.ndarray
    wanted: list[Wanted]


def asked(cell: Cell, answer: str, universes: Universes, models: Models) -> Asked:
    """What universes ask for as one answer on a cell."""
    own = [name for name in MODEL_FORKS[answer] if any(fork.name == name for fork in universes.forks)]
    profiles = universes.profiles([*cell.profiles.names, *own])
    used, places = _used(cell, answer)
    units = places[profiles.within(cell.profiles)]
    choices = _choices(profiles, own, models)
    code = np.where(units == NOTHING, NOTHING, units * (1 + max(choices.code)) + choices.code)
    different, first, place = np.unique(code, return_index=True, return_inverse=True)
    some = int(different[0] == NOTHING)
    wanted = [Wanted(used.lists[units[at]], choices.models[at], choices.reported[at]) for at in first[some:]]
    return Asked(cell.key, answer, profiles, place - some, wanted)


def _used(cell: Cell, answer: str) -> tuple[Samples, np.ndarray]:
    """The lists of units that an answer takes, and the place of that of each profile of the cell."""
    used = Samples()
    places = [used.place(TAKES[answer](units)) for units in cell.samples.lists]
    return used, np.array([*places, NOTHING])[cell.units]


TAKES: dict[str, Callable[[list[PooledUnit]], list[PooledUnit]]] = {
    EFFECT_SIZES: lambda units: [unit for unit in units if unit.rung == "exact"],
    EVERYTHING: lambda units: units if has_all_evidence(units) else [],
    POSTERIOR: lambda units: units,
}


class _Choices(NamedTuple):
    code: np.ndarray
    models: list[Models]
    reported: list[float]


def _choices(profiles: Profiles, names: list[str], models: Models) -> _Choices:
    """What each profile chooses of a model: one number for it, and the choices themselves."""
    code = profiles.codes(names)
    columns = {name: profiles.options(name) for name in names}
    changed: dict[int, tuple[Models, float]] = {}
    for place, one in enumerate(code):
        if one not in changed:
            taken = {name: column[place] for name, column in columns.items()}
            reported = taken.pop("reported", 1.0)
            changed[one] = models.model_copy(update=taken), reported
    return _Choices(code, *(list(values) for values in zip(*(changed[one] for one in code), strict=True)))


def fit(answer: str, wanted: list[Wanted]) -> list[Fitted]:
    """The results of these fits, in their order; those of one metric are made at once."""
    alike: dict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(wanted):
        alike[one.units[0].metric].append(place)
    found: list[Fitted | None] = [None] * len(wanted)
    for places in alike.values():
        for place, result in zip(places, FITS[answer]([wanted[i] for i in places]), strict=True):
            found[place] = result
    return found


def _effect_sizes(wanted: list[Wanted]) -> list[Fitted]:
    found = headlines([one.units for one in wanted], [one.models for one in wanted])
    return [Fitted(name, len(one.units), numbers) for one, (name, numbers) in zip(wanted, found, strict=True)]


def _everything(wanted: list[Wanted]) -> list[Fitted]:
    found = all_evidence_estimates(
        [one.units for one in wanted], wanted[0].models.level, [one.reported for one in wanted]
    )
    return [
        Fitted(
            ALL_EVIDENCE,
            len(one.units),
            {"est": float(est) if pinned(one.units) else None, "ci_lb": float(lower), "ci_ub": float(upper)},
        )
        for one, est, lower, upper in zip(wanted, found.est, found.ci_lb, found.ci_ub, strict=True)
    ]


def _posterior(wanted: list[Wanted]) -> list[Fitted]:
    units, models, reported = zip(*wanted, strict=True)
    return [
        Fitted(ALL_EVIDENCE_BAYES, len(one.units), numbers)
        for one, numbers in zip(wanted, posteriors(units, models, reported), strict=True)
    ]


FITS: dict[str, Callable[[list[Wanted]], list[Fitted]]] = {
    EFFECT_SIZES: _effect_sizes,
    EVERYTHING: _everything,
    POSTERIOR: _posterior,
}


def at_their_limit(wanted: Sequence[Wanted], results: Sequence[Fitted], sign: int) -> list[Fitted | None]:
    """Posteriors with statements at the least that they mean for a sign; None where nothing is left."""
    least = [at_limit(one.units, sign) for one in wanted]
    changed = [place for place, units in enumerate(least) if units and units != wanted[place].units]
    found = fit(POSTERIOR, [wanted[place]._replace(units=least[place]) for place in changed])
    anew = dict(zip(changed, found, strict=True))
    return [anew.get(place, one) if least[place] else None for place, one in enumerate(results)]
