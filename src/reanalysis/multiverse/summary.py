"""What the universes amount to: every result, how far the answers move, and which fork moves them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from reanalysis.multiverse.cells import NOTHING, Answered
from reanalysis.multiverse.universes import Profiles, Universes
from reanalysis.results.rows import Fork, ForkShare, UniverseResult, Vibration
from reanalysis.schema.config import FORK_KINDS, Config, Forks
from reanalysis.schema.config import Fork as Declared
from reanalysis.schema.vocabulary import FORKS

ROUNDING = 1e-9
"""A variance of estimates, relative to the square of their size, that is none."""


def fork_rows(config: Config, shares: Iterable[ForkShare]) -> list[Fork]:
    """The declared forks, and how many cells each can move."""
    universes = Universes.of(config)
    moved = {(row.fork, row.cell) for row in shares if row.matters}
    return [
        Fork(
            fork=fork.name,
            kind=FORK_KINDS[fork.kind],
            options=list(fork.options),
            label=FORKS[fork.name],
            meaning=Forks.model_fields[fork.name].description,
            cells=sum(name == fork.name for name, _ in moved),
            universes=len(universes),
        )
        for fork in universes.forks
    ]


def result_rows(one: Answered) -> list[UniverseResult]:
    """Every result of an answer, by estimate, with the options under which it is found."""
    moving = [fork for fork in one.profiles.forks if matters(one.profiles, one.place, fork.name)]
    found = []
    for place in np.unique(one.place):
        here = one.place == place
        row = UniverseResult(
            **one.cell._asdict(),
            answer=one.answer,
            main=bool(here[0]),
            universes=int(one.profiles.count[here].sum()),
            choices=[text for fork in moving for text in _options(fork, one.profiles.column(fork.name)[here])],
        )
        if place != NOTHING:
            fitted = one.results[place]
            numbers = {name: fitted.numbers.get(name) for name in ("est", "ci_lb", "ci_ub", "prob_below")}
            row = replace(row, model=fitted.model, k=fitted.k, **numbers)
        found.append(row)
    found.sort(key=lambda row: (row.k is None, row.est is None, row.est or 0.0, row.ci_lb or 0.0, row.choices))
    return [replace(row, place=place) for place, row in enumerate(found, 1)]


def _options(fork: Declared, digits: np.ndarray) -> Iterator[str]:
    """The options at a fork among those of some profiles, each as fork=option."""
    for digit, name in enumerate(fork.options):
        if (digits == digit).any():
            yield f"{fork.name}={name}"


def matters(profiles: Profiles, result: np.ndarray, name: str) -> bool:
    """Whether two universes that differ at this fork alone have different results; `result` is (P,)."""
    others = profiles.codes(fork.name for fork in profiles.forks if fork.name != name)
    order = np.argsort(others, kind="stable")
    same = others[order][1:] == others[order][:-1]
    return bool((same & (result[order][1:] != result[order][:-1])).any())


# ---------------------------------------------------------------- how far the answer moves, and by which fork


def variance_shares(profiles: Profiles, values: np.ndarray, name: str) -> tuple[float, float]:
    """Share of the variance of `values` (P,) over the universes that a fork explains on its own, and in all.

    First-order and total indices of variance-based sensitivity analysis: V(E(y | fork)) / V(y), and E(V(y | all other
    forks)) / V(y) (Saltelli et al. 2010, Computer Physics Communications 181, 259-270, section 1), computed from the
    universes themselves, each counting alike. nan where the values do not vary. A value of nan is left out.
    """
    known = np.isfinite(values)
    values, count = values[known], profiles.count[known].astype(float)
    total = _spread(values, count, np.zeros(len(values), dtype=int))
    if not len(values) or total <= ROUNDING * np.max(values**2, initial=0.0) * count.sum():
        return np.nan, np.nan
    own = profiles.codes([name])[known]
    others = profiles.codes(fork.name for fork in profiles.forks if fork.name != name)[known]
    return 1 - _spread(values, count, own) / total, _spread(values, count, others) / total


def _spread(values: np.ndarray, count: np.ndarray, group: np.ndarray) -> float:
    """The sum of squares within groups."""
    _, group = np.unique(group, return_inverse=True)
    size = np.bincount(group, count)
    mean = np.bincount(group, count * values) / np.where(size > 0, size, 1)
    return float((count * (values - mean[group]) ** 2).sum()) if len(values) else 0.0


def share_rows(one: Answered) -> list[ForkShare]:
    """What every fork that could touch an answer moves of it; one that cannot is told apart from one that does not."""
    values = one.values("est")
    found = []
    for fork in one.profiles.forks:
        moves = matters(one.profiles, one.place, fork.name)
        first, total = variance_shares(one.profiles, values, fork.name) if moves else (np.nan, np.nan)
        found.append(
            ForkShare(
                **one.cell._asdict(),
                answer=one.answer,
                fork=fork.name,
                kind=FORK_KINDS[fork.kind],
                matters=moves,
                first=first,
                total=total,
            )
        )
    return found


def vibration(one: Answered, shares: Iterable[ForkShare]) -> Vibration | None:
    """How far an answer moves: its range, and percentiles, among universes that have a number; None without any.

    The 1st and the 99th percentile are those by which Patel, Burford & Ioannidis (2015, Journal of Clinical
    Epidemiology 68, 1046-1058) describe the vibration of effects.
    """
    est, lower, upper = (one.values(name) for name in ("est", "ci_lb", "ci_ub"))
    fitted = one.place != NOTHING
    if not fitted.any():
        return None
    count = one.profiles.count
    known = np.isfinite(est)
    below = {"est_min": 0.0, "est_p01": 0.01, "est_median": 0.5, "est_p99": 0.99, "est_max": 1.0}
    quantiles = {name: _quantile(est[known], count[known], q) for name, q in below.items()} if known.any() else {}
    most = max((row for row in shares if row.total is not None), key=lambda row: row.total, default=None)

    def share(where: np.ndarray) -> float:
        return float(count[fitted & where].sum() / count[fitted].sum())

    return Vibration(
        **one.cell._asdict(),
        answer=one.answer,
        universes=int(count[fitted].sum()),
        without=int(count[~fitted].sum()),
        results=len(one.results),
        est=est[0],
        **quantiles,
        share_below=share(est < 0) if known.any() else None,
        share_clear_below=share(upper < 0),
        share_clear_above=share(lower > 0),
        fork=most.fork if most else None,
        fork_total=most.total if most else None,
    )


def _quantile(values: np.ndarray, count: np.ndarray, q: float) -> float:
    """The smallest value that at least a share q of the universes do not exceed."""
    order = np.argsort(values, kind="stable")
    summed = np.cumsum(count[order])
    return float(values[order][np.searchsorted(summed, max(q * summed[-1], 1))])
