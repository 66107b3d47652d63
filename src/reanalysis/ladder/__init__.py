"""The evidence ladder: how much each finding tells, and which findings enter the main analysis."""

from reanalysis.ladder.reading import Reading, read_finding
from reanalysis.ladder.selection import domain_effects

__all__ = ["Reading", "domain_effects", "read_finding"]
