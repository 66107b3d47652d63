"""Universes as rows of choices, and what of them a part of the analysis can tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
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
        shape = [len(fork.options) for fork in found]
        digits = np.stack(np.unravel_index(np.arange(np.prod(shape, dtype=int)), shape), axis=1) if found else NONE
        possible = np.ones(len(digits), dtype=bool)
        for combination in config.multiverse.impossible:
            possible &= ~_meets(digits, found, combination)
        return cls(found, digits[possible].astype(np.int8))

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


NONE = np.zeros((1, 0), dtype=int)


def codes(digits: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """One number for each row of digits."""
    return np.ravel_multi_index(tuple(digits.T), shape) if len(shape) else np.zeros(len(digits), dtype=int)


def _meets(digits: np.ndarray, found: Sequence[Fork], combination: Mapping[str, Any]) -> np.ndarray:
    """Which universes have the named options at all named forks."""
    met = np.ones(len(digits), dtype=bool)
    for place, fork in enumerate(found):
        if fork.name in combination:
            named = [at for at, name in enumerate(fork.options) if name in named_options(combination[fork.name])]
            met &= np.isin(digits[:, place], named)
    return met
