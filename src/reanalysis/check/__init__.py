"""Read the raw data and say everything that is wrong with it."""

from reanalysis.check.evidence import Evidence, check, load, load_domain, read_checked, read_domains, write_checked
from reanalysis.problems import BadInput, Problem, errors, open_warnings, summary, write_problems

__all__ = [
    "BadInput",
    "Evidence",
    "Problem",
    "check",
    "read_domains",
    "errors",
    "load",
    "load_domain",
    "open_warnings",
    "read_checked",
    "summary",
    "write_checked",
    "write_problems",
]
