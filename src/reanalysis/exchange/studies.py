"""How the exports call a study: one name for each sample, the same in every file, so that they can be joined by it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Report

INITIALS = re.compile(r"\s+([A-Z]\.?(-?[A-Z]\.?)*|et al\.?)$")


def study_names(evidence: Evidence) -> dict[str, str]:
    """The samples by the short name of their first report; those of one report also by their id."""
    first = {name: evidence.reports[sample.report_ids[0]].label for name, sample in evidence.samples.items()}
    shared = Counter(first.values())
    return {name: label if shared[label] == 1 else f"{label} [{name}]" for name, label in first.items()}


def author_years(evidence: Evidence) -> dict[str, str]:
    """The samples as `Smith, 2011`: last name of the first author and year of their first report.

    Where several would have one name, they are told apart by letters, in the order of the samples: `Smith, 2011a`.
    """
    plain = {name: _author_year(evidence.reports[sample.report_ids[0]]) for name, sample in evidence.samples.items()}
    return _lettered(plain)


def _author_year(report: Report) -> str:
    last_name = INITIALS.sub("", report.authors[0])
    return f"{last_name}, {report.year}" if report.year else last_name


def _lettered(names: Mapping[str, str]) -> dict[str, str]:
    shared, seen, told = Counter(names.values()), Counter(), {}
    for key, name in names.items():
        told[key] = name if shared[name] == 1 else f"{name}{_letters(seen[name])}"
        seen[name] += 1
    return told


def _letters(n: int) -> str:
    """a, b, ... z, aa, ab, ..."""
    before = _letters(n // 26 - 1) if n >= 26 else ""
    return before + "abcdefghijklmnopqrstuvwxyz"[n % 26]
