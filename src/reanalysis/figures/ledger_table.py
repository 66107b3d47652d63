"""What the ledger figure shows, as a table: one row for each claim of the review."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reanalysis.results.rows import ClaimVerdict, Conclusion
from reanalysis.results.table import Row, col

# What is wrong around a claim, whatever its content: the sign in the figure, and how the flag begins in the ledger.
SIGNS = {
    "m": "misattributed",
    "p": "probably misattributed",
    "o": "omits evidence",
    "r": "rests on a review",
    "n": "not reproduced",
    "i": "inconsistent with",
}


@dataclass(frozen=True, kw_only=True)
class LedgerMark(Row):
    """A claim: its section is the row, its verdict the column."""

    mark_id: str | None = col("id of the mark in the figure: the claim")
    section: str | None = col("section of the review: a row")
    title: str | None = col("title of the section")
    verdict: str | None = col("verdict that is shown: a column")
    core: bool | None = col("whether the review's conclusion rests on it: filled")
    signs: str | None = col(
        "letters beside the claim: m misattributed, p probably misattributed, o omits evidence, r rests on a review, i "
        "inconsistent, n not reproduced"
    )
    claim: str | None = col("the claim, paraphrased")


def ledger_table(claims: Iterable[ClaimVerdict], conclusions: Iterable[Conclusion]) -> list[LedgerMark]:
    """Marks in the order of the sections, then of the claims; without background, which nothing tests."""
    titles = {row.section: row.title for row in conclusions}
    return [
        LedgerMark(
            mark_id=row.claim_id,
            section=row.section,
            title=titles[row.section],
            verdict=row.shown,
            core=row.core,
            signs=_signs(row.flags),
            claim=row.claim,
        )
        for row in sorted(claims, key=lambda row: (_order(row.section), row.claim_id))
        if row.rule != "background"
    ]


def _signs(flags: Iterable[str]) -> str | None:
    return "".join(sign for sign, words in SIGNS.items() if any(flag.startswith(words) for flag in flags)) or None


def _order(section: str) -> list[tuple[int, int, str]]:
    """Key that sorts sections as people count: 3.2 before 3.10, numbers before words."""
    parts = re.findall(r"\d+|[^\d.\s]+", section)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts]
