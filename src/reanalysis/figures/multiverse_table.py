"""What the multiverse shows, as a table: the main models of all cells, and each under every alternative."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from reanalysis.results.rows import Variant
from reanalysis.results.table import ModelRow, col
from reanalysis.schema.cell_models import ALL_EVIDENCE
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Domain
from reanalysis.text import number


@dataclass(frozen=True, kw_only=True)
class MultiverseMark(ModelRow):
    """A model of a cell, as in the main analysis or under one alternative."""

    mark_id: str | None = col("id of the mark in the figure; empty where there is no estimate")
    title: str | None = col("title of the domain")
    question: str | None = col("outcome and contrast in words")
    kind: str | None = col("main, or the kind of the alternative")
    label: str | None = col("what is different")
    k: int | None = col("independent samples")
    estimate: float | None = col("estimate")
    lower: float | None = col("lower bound, of the main analysis")
    upper: float | None = col("upper bound, of the main analysis")
    others: int | None = col("alternatives that change something, in the row of the main analysis")
    effect: str | None = col("least and largest estimate, as printed in that row")


def multiverse_table(variants: Iterable[Variant], domains: Iterable[Domain], names: Names) -> list[MultiverseMark]:
    """Models that some alternative changes, in the order of domains and contrasts, the main analysis first."""
    known = {domain.domain: domain for domain in domains}
    order = list(known)

    def cell(row: Variant) -> tuple:
        model = row.model == ALL_EVIDENCE, row.model
        return order.index(row.domain), names.order(row.contrast), row.outcome_group, row.metric, model

    rows = []
    for _, group in groupby(sorted(variants, key=cell), key=cell):
        members = sorted(group, key=lambda row: (row.kind != "main", row.kind))
        main, others = members[0], [row for row in members[1:] if _known(row)]
        if main.kind == "main" and main.shown and _known(main) and others:
            ends = [row.est for row in (main, *others)]
            least, most = number(min(ends)), number(max(ends))
            effect = f"{least} to {most}" if least != most else f"{least} throughout"
            words = {"title": known[main.domain].title, "question": names.question(main)}
            rows += [_mark(row, i, words, effect, len(others)) for i, row in enumerate((main, *others))]
    return rows


def _known(row: Variant) -> bool:
    return row.est is not None and math.isfinite(row.est)


def _mark(row: Variant, i: int, words: dict[str, str], effect: str, others: int) -> MultiverseMark:
    main = row.kind == "main"
    parts = ("variant", row.domain, row.contrast, row.outcome_group, row.metric, row.model.replace(" ", "-"), str(i))
    return MultiverseMark(
        mark_id="--".join(parts),
        **{
            name: getattr(row, name) for name in ("domain", "contrast", "outcome_group", "metric", "model", "kind", "k")
        },
        **words,
        label=row.variant,
        estimate=row.est,
        lower=row.ci_lb if main else None,
        upper=row.ci_ub if main else None,
        others=others if main else None,
        effect=effect if main else None,
    )
