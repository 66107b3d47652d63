"""Read the raw data and say everything that is wrong with it."""

from reanalysis.check.evidence import check, load, load_evidence, load_review
from reanalysis.check.listing import counted, listed
from reanalysis.problems import BadInput, Problem, errors, open_warnings, summary

__all__ = [
    "BadInput",
    "Problem",
    "check",
    "counted",
    "errors",
    "listed",
    "load",
    "load_evidence",
    "load_review",
    "open_warnings",
    "summary",
]
