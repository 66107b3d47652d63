"""What a specification curve shows, as a table: every result by its estimate, and the options behind it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reanalysis.results.rows import Fork, ForkShare, UniverseResult
from reanalysis.results.table import Row, col, several
from reanalysis.schema.vocabulary import option_words
from reanalysis.text import count, interval, number


@dataclass(frozen=True, kw_only=True, slots=True)
class SpecificationRow(Row):
    """A result, or an option of a fork that moves results."""

    kind: str | None = col("result or option")
    mark_id: str | None = col("id of its mark in the picture")
    place: int | None = col("place of a result among all, by its estimate")
    universes: int | None = col("universes with it")
    start: float | None = col("share of the universes with results before it")
    end: float | None = col("the same and its own")
    estimate: float | None = col("estimate")
    lower: float | None = col("lower end of its interval")
    upper: float | None = col("upper end")
    main: bool | None = col("whether it is the main analysis, or an option of it")
    choices: tuple[str, ...] = several("options under which the result is found, as fork=option")
    choice: str | None = col("the option, as fork=option")
    label: str | None = col("the option in words, or how many universes have the result")
    effect: str | None = col("the estimate with its interval, as printed")
    head: str | None = col("the fork in words, at its first option")
    metric: str | None = col("scale of the effect")
    left: str | None = col("what a negative value means")
    right: str | None = col("what a positive value means")


def specification_table(
    results: Sequence[UniverseResult], shares: Iterable[ForkShare], forks: Iterable[Fork], sides: tuple[str, str]
) -> list[SpecificationRow]:
    """The results with a number, from the lowest estimate, then the options of the forks that move them most, first.

    `sides` are what a negative and a positive value mean.
    """
    known = [row for row in results if row.est is not None]
    total = sum(row.universes for row in known)
    rows, before = [], 0
    for row in known:
        rows.append(
            SpecificationRow(
                kind="result",
                mark_id=f"result--{row.place}",
                place=row.place,
                universes=row.universes,
                start=before / total,
                end=(before + row.universes) / total,
                estimate=row.est,
                lower=row.ci_lb,
                upper=row.ci_ub,
                main=row.main,
                choices=row.choices,
                label=count(row.universes, "universe"),
                effect=f"{number(row.est)} {interval(row.ci_lb, row.ci_ub)}",
                metric=row.metric,
                left=sides[0],
                right=sides[1],
            )
        )
        before += row.universes
    declared = {fork.fork: fork for fork in forks}
    moving = sorted((one for one in shares if one.matters), key=lambda one: -(one.total or 0.0))
    for share in moving:
        fork = declared[share.fork]
        for place, option in enumerate(fork.options):
            rows.append(
                SpecificationRow(
                    kind="option",
                    choice=f"{fork.fork}={option}",
                    label=option_words(fork.fork, option),
                    main=place == 0,
                    head=None if place else f"{fork.label}: {moves(share)}",
                )
            )
    return rows


def moves(share: ForkShare) -> str:
    """How much of the variance of the estimates a fork explains, as printed."""
    percent = 100 * (share.total or 0.0)
    return "<1%" if percent < 1 else f"{number(percent, 0)}%"
