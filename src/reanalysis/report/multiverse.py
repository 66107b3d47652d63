"""What the page says of the multiverse: how many combinations of choices, what they change, and by which choice."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from reanalysis.results.rows import POSTERIOR, ClaimUniverses, Fork, Vibration
from reanalysis.schema.vocabulary import FORKS, VERDICTS, option_words
from reanalysis.text import capital, count, listed


class Choice(NamedTuple):
    """A fork as a row of the page: what is decided, its options, how good they are, and what it changes."""

    name: str
    options: str
    kind: str
    changes: str


def summary(forks: Collection[Fork], vibrations: Iterable[Vibration], claims: Collection[ClaimUniverses]) -> str:
    """How many universes there are, and what they change; empty where there is one."""
    if not forks:
        return ""
    total = next(iter(forks)).universes
    posteriors = [row for row in vibrations if row.answer == POSTERIOR]
    turned = sum(row.share_below is not None and 0 < row.share_below < 1 for row in posteriors)
    told = [
        f"The analysis was repeated under each of {total:,} combinations of {count(len(forks), 'choice')}.",
        f"Of {count(len(posteriors), 'outcome')} with evidence, the estimate of {_some(turned)} changes its sign.",
    ]
    if claims:
        changed = sum(row.share_same < 1 for row in claims)
        told.append(
            f"Of {count(len(claims), 'statement')} that are judged by effects, {_some(changed)} "
            f"{'has' if changed == 1 else 'have'} another verdict in some of them."
        )
    if idle := [fork.label for fork in forks if not fork.cells]:
        told.append(f"No result here depends on: {listed(idle, 'or')}.")
    return " ".join(told)


def _some(n: int) -> str:
    return str(n) if n else "none"


def choices(forks: Iterable[Fork]) -> list[Choice]:
    """The forks, those that change most outcomes first."""
    return [
        Choice(
            capital(fork.label),
            "; ".join(option_words(fork.fork, option) for option in fork.options),
            fork.kind,
            count(fork.cells, "outcome") if fork.cells else "nothing",
        )
        for fork in sorted(forks, key=lambda fork: -fork.cells)
    ]


def shares(row: ClaimUniverses) -> str:
    """The verdicts on a claim with their shares, the most frequent first."""
    known = {word: getattr(row, word.replace(" ", "_")) for word in VERDICTS}
    found = sorted((word for word in known if known[word]), key=lambda word: -known[word])
    return listed(f"{word} in {_percent(known[word])}" for word in found)


def moved_by(row: ClaimUniverses) -> str:
    """The fork that changes a verdict most, in words."""
    return FORKS[row.fork] if row.fork else ""


def _percent(share: float) -> str:
    """A share of the universes; never all or none of them by rounding."""
    if 0 < share < 0.01 or 0.99 < share < 1:
        return "less than 1%" if share < 0.5 else "more than 99%"
    return f"{share:.0%}"
