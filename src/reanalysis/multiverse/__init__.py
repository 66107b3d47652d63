"""Every combination of defensible choices: what the answer is under each, and which choice moves it most."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from reanalysis.multiverse.cells import Answered, Fitted, answered, asked_for, cells, fitted
from reanalysis.multiverse.extraction import extraction
from reanalysis.multiverse.summary import result_rows, share_rows, vibration
from reanalysis.multiverse.universes import Universes
from reanalysis.results.rows import ForkShare, UniverseResult, Vibration
from reanalysis.results.table import CellKey
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence
from reanalysis.store import compute


class Multiverse(NamedTuple):
    """Every result on every cell, how far the answers move, and by which fork."""

    results: list[UniverseResult]
    vibrations: list[Vibration]
    shares: list[ForkShare]


def multiverse(evidence: Evidence, config: Config, recall: Callable = compute) -> Multiverse:
    """The answers on every cell in every universe, domain by domain. `recall` calls a function, or knows its value."""
    universes = Universes.of(config)
    found = Multiverse([], [], [])
    for domain in evidence.domains:
        for told in recall(domain_answers, evidence.of(domain), domain, choices(config)):
            one = _answered(told, universes)
            shares = share_rows(one)
            if (moved := vibration(one, shares)) is not None:
                found.results.extend(result_rows(one))
                found.vibrations.append(moved)
                found.shares.extend(shares)
    return found


def choices(config: Config) -> Config:
    """The sections of the configuration that answers rest on: what is computed for them is recalled by these alone."""
    return Config.model_construct(effects=config.effects, models=config.models, multiverse=config.multiverse)


def domain_answers(evidence: Evidence, domain: str, config: Config) -> list[dict]:
    """Every answer on the cells of a domain, as it is kept.

    Each has its `cell` and `answer`, the `forks` that it tells apart, by profile the `place` among the fits, and of
    each fit the `results`: model, samples and numbers.
    """
    universes = Universes.of(config)
    read = extraction(evidence, domain, config.effects, universes)
    asked = asked_for(cells(read, universes, config.models), universes, config.models)
    return [
        {
            "cell": list(one.cell),
            "answer": one.answer,
            "forks": one.profiles.names,
            "place": one.place.tolist(),
            "results": [list(result) for result in results],
        }
        for one, results in zip(asked, fitted(asked), strict=True)
    ]


def results_of(told: dict) -> list[Fitted]:
    """The results of an answer as it is kept."""
    return [Fitted(*one) for one in told["results"]]


def _answered(told: dict, universes: Universes) -> Answered:
    profiles = universes.profiles(told["forks"])
    return answered(CellKey(*told["cell"]), told["answer"], profiles, np.array(told["place"]), results_of(told))
