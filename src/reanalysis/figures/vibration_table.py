"""What a vibration plot shows, as a table: the posteriors of all universes, and the fork that moves them most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reanalysis.results.rows import Fork, UniverseResult, Vibration
from reanalysis.results.table import Row, col
from reanalysis.schema.vocabulary import option_words
from reanalysis.text import count, number

HALF = 0.5  # of the universes


@dataclass(frozen=True, kw_only=True, slots=True)
class VibrationRow(Row):
    """A result, or a percentile of the estimates."""

    kind: str | None = col("result or percentile")
    mark_id: str | None = col("id of its mark in the picture")
    universes: int | None = col("universes with the result")
    estimate: float | None = col("estimate")
    prob_other: float | None = col("posterior probability of the sign that most universes do not estimate")
    main: bool | None = col("whether it is the main analysis")
    option: str | None = col("its option at the fork that moves estimates most, in words; empty where it has several")
    label: str | None = col("the percentile as printed, or how many universes have the result")
    effect: str | None = col("the estimate as printed")
    head: str | None = col("that fork in words")
    metric: str | None = col("scale of the effect")
    left: str | None = col("what a negative value means")
    right: str | None = col("what a positive value means")


def vibration_table(
    results: Sequence[UniverseResult], moved: Vibration, forks: Iterable[Fork], sides: tuple[str, str]
) -> list[VibrationRow]:
    """The results with a probability, the main analysis last, and the percentiles of their estimates."""
    fork = next(fork for fork in forks if fork.fork == moved.fork)
    names = {f"{fork.fork}={option}": option_words(fork.fork, option) for option in fork.options}
    below = moved.share_below >= HALF
    rows = []
    for row in sorted(results, key=lambda row: bool(row.main)):
        if row.est is None or row.prob_below is None:
            continue
        own = [names[choice] for choice in row.choices if choice in names]
        rows.append(
            VibrationRow(
                kind="result",
                mark_id=f"result--{row.place}",
                universes=row.universes,
                estimate=row.est,
                prob_other=1 - row.prob_below if below else row.prob_below,
                main=row.main,
                label=count(row.universes, "universe"),
                effect=number(row.est),
                option=own[0] if len(own) == 1 else None,
                head=fork.label,
                metric=row.metric,
                left=sides[0],
                right=sides[1],
            )
        )
    for label, estimate in (("1%", moved.est_p01), ("50%", moved.est_median), ("99%", moved.est_p99)):
        rows.append(VibrationRow(kind="percentile", estimate=estimate, label=label))
    return rows
