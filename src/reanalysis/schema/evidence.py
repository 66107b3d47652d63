"""The raw data of a review as one object."""

from __future__ import annotations

from dataclasses import dataclass, field

from reanalysis.schema.raw import Claim, Domain, Finding, FlowCount, Report, Retraction, Sample


@dataclass(frozen=True)
class Evidence:
    """The raw data after corrections: all tables by file name, and the findings by domain."""

    domains: dict[str, Domain]
    reports: dict[str, Report]
    samples: dict[str, Sample]
    claims: dict[str, Claim]
    flow: dict[str, FlowCount]
    findings: dict[str, tuple[Finding, ...]]
    retractions: dict[str, Retraction] = field(default_factory=dict)

    @property
    def codings(self) -> dict[tuple[str, str], Finding]:
        """All findings by their id and coding."""
        return {(row.finding_id, row.coding): row for rows in self.findings.values() for row in rows}
