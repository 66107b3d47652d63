"""Universes as rows of choices, and what of them a part of the analysis can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from reanalysis.schema.config import Config, Fork, forks, named_options


@dataclass(frozen=True)
class Profiles:
    """The different combinations of the options at some forks, and in how many universes each is found.

    `digits` (P, F) are the options by number, in rising order, and `count` (P,) the universes. The main analysis has
    profile 0.
    """

    forks: tuple[Fork, ...]
    digits: np.ndarray
    count: np.ndarray

    def __len__(self) -> int:
        return len(self.count)

    def column(self, name: str) -> np.ndarray:
        """The options at one fork, (P,)."""
        return self.digits[:, self._places[name]]

    def options(self, name: str) -> list[Any]:
        """The options at one fork as values, P of them."""
        values = list(self.forks[self._places[name]].options.values())
        return [values[digit] for digit in self.column(name)]

    def codes(self, names: Iterable[str]) -> np.ndarray:
        """One number for the options at these forks together, (P,)."""
        places = [self._places[name] for name in names]
        return codes(self.digits[:, places], [len(self.forks[place].options) for place in places])

    def has(self, name: str) -> bool:
        """Whether this fork is one of them."""
        return name in self._places

    @property
    def names(self) -> list[str]:
        """The names of the forks."""
        return list(self._places)

    def within(self, coarser: Profiles) -> np.ndarray:
        """The place of each profile among those of some of the forks, (P,)."""
        return np.searchsorted(coarser.codes(coarser.names), self.codes(coarser.names))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {fork.name: place for place, fork in enumerate(self.forks)}


@dataclass(frozen=True)
class Universes:
    """All universes of a configuration: `digits` (U, F) has a row for each, the main analysis first."""

    forks: tuple[Fork, ...]
    digits: np.ndarray

    @classmethod
    def of(cls, config: Config) -> Universes:
        """The product of the options at all forks, without the combinations that are declared impossible."""
        found = tuple(forks(config))
        barred = tuple(_places(combination, found) for combination in config.multiverse.impossible)
        return cls(found, _possible(tuple(len(fork.options) for fork in found), barred))

    def __len__(self) -> int:
        return len(self.digits)

    def profiles(self, names: Iterable[str]) -> Profiles:
        """What universes differ in at these forks; names of forks that are not declared are passed over."""
        wanted = set(names)
        places = [place for place, fork in enumerate(self.forks) if fork.name in wanted]
        own = tuple(self.forks[place] for place in places)
        shape = [len(fork.options) for fork in own]
        code = codes(self.digits[:, places], shape)
        count = np.bincount(code, minlength=int(np.prod(shape, dtype=int)))
        found = np.flatnonzero(count)
        digits = np.stack(np.unravel_index(found, shape), axis=1) if own else np.zeros((1, 0), int)
        return Profiles(own, digits, count[found])


def codes(digits: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """One number for each row of digits."""
    return np.ravel_multi_index(tuple(digits.T), shape) if len(shape) else np.zeros(len(digits), dtype=int)


def _places(combination: Mapping[str, Any], found: Sequence[Fork]) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """The forks and the options that a combination names, by number."""
    named = {name: named_options(options) for name, options in combination.items()}
    return tuple(
        (place, tuple(at for at, option in enumerate(fork.options) if option in named[fork.name]))
        for place, fork in enumerate(found)
        if fork.name in named
    )


@lru_cache(maxsize=4)  # every domain asks for the same
def _possible(shape: tuple[int, ...], barred: tuple) -> np.ndarray:
    """All combinations of so many options, without those that have the options of a barred one, each at its place."""
    if not shape:
        return np.zeros((1, 0), dtype=np.int8)
    digits = np.stack(np.unravel_index(np.arange(np.prod(shape, dtype=int)), shape), axis=1).astype(np.int8)
    possible = np.ones(len(digits), dtype=bool)
    for combination in barred:
        possible &= ~np.all([np.isin(digits[:, place], options) for place, options in combination], axis=0)
    return digits[possible]
