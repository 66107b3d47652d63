"""Read the raw data and say everything that is wrong with it."""

from reanalysis.check.evidence import Evidence, check, domain_names, load, load_domain
from reanalysis.check.problems import BadInput, Problem, errors, summary

__all__ = ["BadInput", "Evidence", "Problem", "check", "domain_names", "errors", "load", "load_domain", "summary"]
