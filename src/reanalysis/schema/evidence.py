"""The raw data of a review as one object, and how it calls things."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from reanalysis.schema.raw import (
    Appraisal,
    Claim,
    Contrast,
    Domain,
    Fidelity,
    Finding,
    FlowCount,
    Outcome,
    Report,
    Retraction,
    Sample,
    Word,
)
from reanalysis.schema.review import Review


class OfCell(Protocol):
    """A row that knows its contrast and outcome."""

    contrast: str
    outcome_group: str


@dataclass(frozen=True)
class Names:
    """How a review calls its contrasts, its outcomes and the words of its own columns."""

    contrasts: Mapping[str, Contrast]
    outcomes: Mapping[str, Outcome]
    words: tuple[Word, ...] = ()
    moderators: Mapping[str, str] = field(default_factory=dict)

    def order(self, contrast: str) -> int:
        """Place of a contrast among all, as the review lists them."""
        return self._places[contrast]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.contrasts)}

    def outcome(self, group: str) -> str:
        """What an outcome is called within a sentence."""
        return self.outcomes[group].label

    def question(self, row: OfCell) -> str:
        """What a cell asks: outcome and contrast."""
        return f"{self.outcome(row.outcome_group)}, {self.contrasts[row.contrast].label}"

    def word(self, column: str, value: str | None) -> str:
        """How a word of a column is printed; nothing for an empty cell."""
        found = (word.label for word in self.words if (word.field, word.word) == (column, value))
        return next(found, value or "")

    def head(self, column: str) -> str | None:
        """What stands above a column that the review names: the first words of its name, before what it is of."""
        name, _, _ = self.moderators.get(column, "").partition(" of ")
        return name[:1].upper() + name[1:] or None

    def of(self, contrasts: Iterable[str]) -> list[str]:
        """Contrasts in the order of the review, each once."""
        return sorted(set(contrasts), key=self.order)


@dataclass(frozen=True)
class Evidence:
    """The raw data after corrections: all tables by key, the findings by domain, and what the review says of itself."""

    domains: dict[str, Domain]
    reports: dict[str, Report]
    samples: dict[str, Sample]
    findings: dict[str, tuple[Finding, ...]]
    contrasts: dict[str, Contrast]
    outcomes: dict[str, Outcome]
    vocabulary: dict[str, Word] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    fidelity: dict[str, Fidelity] = field(default_factory=dict)
    flow: dict[str, FlowCount] = field(default_factory=dict)
    retractions: dict[str, Retraction] = field(default_factory=dict)
    appraisals: dict[str, Appraisal] = field(default_factory=dict)
    review: Review | None = None

    @cached_property
    def codings(self) -> dict[tuple[str, str], Finding]:
        """All findings by their id and coding."""
        return {(row.finding_id, row.coding): row for rows in self.findings.values() for row in rows}

    @cached_property
    def names(self) -> Names:
        """How the review calls its contrasts, outcomes and words."""
        moderators = self.review.moderators if self.review else {}
        return Names(self.contrasts, self.outcomes, tuple(self.vocabulary.values()), moderators)

    def of(self, domain: str) -> Evidence:
        """What the effects of a domain follow from: its findings, and of all else what they name."""
        rows = self.findings[domain]
        return Evidence(
            domains={domain: self.domains[domain]},
            reports=self.named("reports", (row.report_id for row in rows)),
            samples=self.named("samples", (row.sample_id for row in rows)),
            findings={domain: rows},
            contrasts=self.named("contrasts", (row.contrast for row in rows)),
            outcomes=self.named("outcomes", (row.outcome_group for row in rows)),
            vocabulary=self.vocabulary,
        )

    def named(self, part: str, names: Iterable[str | None]) -> dict:
        """The rows of `part`, such as `reports`, that bear these names, in its order, without a look at the others."""
        rows, places = getattr(self, part), self._places[part]
        return {name: rows[name] for name in sorted({*names} & places.keys(), key=places.get)}

    @cached_property
    def _places(self) -> dict[str, dict[str, int]]:
        """The place of each row in its table."""
        parts = ("reports", "samples", "contrasts", "outcomes", "claims")
        return {part: {name: place for place, name in enumerate(getattr(self, part))} for part in parts}

    @cached_property
    def table(self) -> list[Report]:
        """The reports in the table of the reviewed work, in its order."""
        rows = [report for report in self.reports.values() if report.in_review is not None]
        return sorted(rows, key=lambda report: report.in_review)
