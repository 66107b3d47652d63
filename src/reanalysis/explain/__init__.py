"""From anything that has a name, or any number of a table, to its sources and to what rests on it.

An explanation is a tree of headings and lines, made of the tables of a build alone: nothing is computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reanalysis.explain.cells import cell, cells_named, domain
from reanalysis.explain.claims import claim
from reanalysis.explain.findings import finding
from reanalysis.explain.numbers import number
from reanalysis.explain.sources import report, sample
from reanalysis.explain.tree import Part
from reanalysis.problems import nearest
from reanalysis.refused import Refused
from reanalysis.results.build import Build

__all__ = ["Part", "Unknown", "explain", "known"]


class Unknown(Refused):
    """Raised where nothing has the name that is to be explained; the message names what is near."""


def explain(build: Build, words: Sequence[str]) -> list[Part]:
    """What `words` name: an id, or a table with a row and perhaps a column.

    Parameters
    ----------
    build : a build, of whose tables only those are read that are needed. Figures are looked for in its folder.
    words : the id of a finding, a sample, a report, a claim, a domain, or of a cell as domain/contrast/outcome_group;
        or a file of the results, the number of a row as a spreadsheet counts them (the header is row 1), and a column.

    Returns a part for each thing that has the name: a report and its sample are often called alike. Raises Unknown
    where there is none.
    """
    if len(words) > 1:
        return [number(build, *words)]
    (name,) = words
    found = [explained(build, name) for explained, names in _kinds(build).items() if name in names]
    if not found:
        hint = nearest(name, known(build))
        wanted = "a finding, sample, report, claim, domain, or cell (domain/contrast/outcome_group)"
        raise Unknown(f"`{name}` is no id of {wanted}. {hint}".strip())
    return found


def known(build: Build) -> set[str]:
    """Every id that can be explained."""
    return set().union(*_kinds(build).values())


def _kinds(build: Build) -> dict[Callable[[Build, str], Part], set[str]]:
    """What explains each kind of thing, and the ids of these things."""
    return {
        finding: {row.finding_id for rows in build.evidence.findings.values() for row in rows},
        claim: {*build.evidence.claims},
        domain: {*build.evidence.domains},
        cell: cells_named(build),
        report: {*build.evidence.reports},
        sample: {*build.evidence.samples},
    }
