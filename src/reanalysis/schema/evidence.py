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
