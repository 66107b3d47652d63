"""Is it plausible? What is possible, and still looks like a slip, is a warning until somebody gives a reason for it."""

from reanalysis.check.plausibility import across, words
from reanalysis.check.plausibility.numbers import ROW_CHECKS

TABLE_CHECKS = (*across.TABLE_CHECKS, *words.TABLE_CHECKS)

__all__ = ["ROW_CHECKS", "TABLE_CHECKS"]
