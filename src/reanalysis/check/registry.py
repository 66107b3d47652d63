"""Every check there is, by what it is about: the one list for documents and tests."""

from reanalysis.check import kinds, plausibility, rules
from reanalysis.check.catalog import Kind
from reanalysis.check.claims import CLAIM_CHECKS
from reanalysis.check.review_rules import REVIEW_CHECKS

GROUPS: dict[str, tuple[Kind, ...]] = {
    "Files and cells": kinds.KINDS,
    "Rows that belong together": rules.TABLE_RULES,
    "Rows of findings": rules.ROW_RULES,
    "Description of the review": REVIEW_CHECKS,
    "Claims": CLAIM_CHECKS,
    "Plausible numbers in a row": plausibility.ROW_CHECKS,
    "Plausible rows beside one another": plausibility.TABLE_CHECKS,
}
CHECKS: dict[str, Kind] = {kind.id: kind for kinds_of_group in GROUPS.values() for kind in kinds_of_group}
