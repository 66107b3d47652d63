"""The evidence ladder: how much each finding tells, and which findings enter the main analysis."""

from reanalysis.ladder.formulas import formulas
from reanalysis.ladder.reading import Reading, read_finding, told_not_significant
from reanalysis.ladder.selection import all_effects, domain_effects

__all__ = ["Reading", "all_effects", "domain_effects", "formulas", "read_finding", "told_not_significant"]
