"""What is read from the findings, and which of them count, at every combination of the forks that touch them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reanalysis import effects as es
from reanalysis.ladder import domain_effects, told_not_significant
from reanalysis.ladder.routes import ROUTES
from reanalysis.multiverse.universes import Profiles, Universes
from reanalysis.results.rows import Effect
from reanalysis.schema.config import PATHS, Effects
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Finding
from reanalysis.schema.vocabulary import SIGN

Rows = tuple[Finding, ...]


@dataclass(frozen=True)
class Extraction:
    """The effects of a domain in each profile of the forks that touch it."""

    profiles: Profiles
    effects: list[list[Effect]]


def extraction(evidence: Evidence, domain: str, config: Effects, universes: Universes) -> Extraction:
    """Read a domain once for each combination of the options that touch any of its findings."""
    rows = evidence.findings[domain]
    touching = [fork.name for fork in universes.forks if _touches(fork.name, fork.options, rows, evidence)]
    profiles = universes.profiles(touching)
    options = {fork.name: list(fork.options.values()) for fork in profiles.forks}
    found = []
    for digits in profiles.digits:
        taken = {name: values[at] for (name, values), at in zip(options.items(), digits, strict=True) if at}
        found.append(_effects(evidence, domain, config, taken))
    return Extraction(profiles, found)


def _touches(name: str, options: dict[str, Any], rows: Rows, evidence: Evidence) -> bool:
    """Whether a fork of extraction could change what is read from some finding, or whether it counts."""
    if name in ROW_FORKS:
        return any(ROW_FORKS[name](rows, option) != rows for option in list(options.values())[1:])
    return name in TOUCHED and TOUCHED[name](rows, evidence)


def _effects(evidence: Evidence, domain: str, config: Effects, taken: dict[str, Any]) -> list[Effect]:
    """The effects of a domain with other options than the main ones at some forks."""
    rows = evidence.findings[domain]
    for name, changed in ROW_FORKS.items():
        if name in taken:
            rows = changed(rows, taken[name])
    choices = config.model_copy(update={name: taken[name] for name in taken.keys() & Effects.model_fields.keys()})
    read = replace(evidence, findings={domain: rows})
    found = domain_effects(read, domain, choices, taken.get("cohort", PATHS["cohort"]))
    if "standardizer" in taken:
        found = [_standardized(effect, row, taken["standardizer"]) for effect, row in zip(found, rows, strict=True)]
    if "evidence" in taken:
        found = [effect if effect.rung == "exact" else replace(effect, use="excluded") for effect in found]
    return found


# ---------------------------------------------------------------- forks at which the rows themselves are others


def _alternative(rows: Rows, _: str) -> Rows:
    """Of each finding with several codings the first alternative stands in for the primary one, and this for it."""
    instead: dict[str, str] = {}
    for row in rows:
        if row.coding != "primary":
            instead.setdefault(row.finding_id, row.coding)

    def swapped(row: Finding) -> Finding:
        other = instead.get(row.finding_id)
        if row.coding == other:
            return row.model_copy(update={"coding": "primary"})
        return row.model_copy(update={"coding": other}) if other and row.coding == "primary" else row

    return tuple(map(swapped, rows))


def _each(changed: Callable[[Finding, Any], Finding]) -> Callable[[Rows, Any], Rows]:
    return lambda rows, option: tuple(changed(row, option) for row in rows)


def _unadjusted(row: Finding, _: str) -> Finding:
    """A row whose test or coefficient is adjusted, as if it were not; a statement beside a bare sign then counts."""
    if row.r_kind == "partial":
        return row.model_copy(update={"r_kind": "pearson", "test_of": "contrast"})
    if row.test_of != "adjusted" and not (row.stat_type == "beta" and row.test_of is None):
        return row
    told = row.stat_type
    if told == "direction" and row.p_relation is not None:
        told = "p" if row.p_relation == "=" and SIGN.get(row.direction) else "significance"
    return row.model_copy(update={"stat_type": told, "test_of": "contrast"})


def _counted(row: Finding, _: str) -> Finding:
    return row.model_copy(update={"doubt": None}) if row.doubt else row


def _silent(row: Finding, _: str) -> Finding:
    """A result of which a source tells no statistic, as one that was not significant; a sign that it tells stays."""
    return row if row.direction == "none" else told_not_significant(row)


def _correlated(row: Finding, r: float) -> Finding:
    return row if row.stat_type != "change" else row.model_copy(update={"pre_post_r": r})


def _subset(rows: Rows, conditions: Any) -> Rows:
    """The rows that meet the conditions; one that has nothing in a column is not concerned by it."""
    return tuple(
        row
        for row in rows
        if all(getattr(row, column) is None or one.holds(getattr(row, column)) for column, one in conditions.items())
    )


ROW_FORKS: dict[str, Callable[[Rows, Any], Rows]] = {
    "subset": _subset,
    "coding": _alternative,
    "doubtful": _each(_counted),
    "adjusted": _each(_unadjusted),
    "no_statistic": _each(_silent),
    "pre_post_r": _each(_correlated),
}
"""Forks at which rows are read as if their source said something else, in the order in which they are applied."""


# ---------------------------------------------------------------- forks at which the same rows are read otherwise


def _told(rows: Rows, _: Evidence) -> bool:
    """Whether anything is told as significant or not, or could be taken to be."""
    return any(row.p_relation in ("sig", "ns", "trend") or _silent(row, "") is not row for row in rows)


def _shared(rows: Rows, evidence: Evidence) -> bool:
    """Whether samples may share participants."""
    samples = {row.sample_id for row in rows if row.sample_id}
    return len({evidence.samples[name].cohort_id for name in samples}) < len(samples)


TOUCHED: dict[str, Callable[[Rows, Evidence], bool]] = {
    "alpha": _told,
    "trend": lambda rows, evidence: any(row.p_relation == "trend" for row in rows),
    "smd_variance": lambda rows, evidence: any(ROUTES[row.stat_type] or row.p_relation == "=" for row in rows),
    "standardizer": lambda rows, evidence: any(row.stat_type in MOMENTS for row in rows),
    "cohort": _shared,
    "evidence": lambda rows, evidence: True,
}
"""Whether these forks can touch a domain at all; that they do not change a result in the end is found out by it."""


def _standardized(effect: Effect, row: Finding, how: str) -> Effect:
    """An effect of two means and SDs, divided by another SD."""
    if effect.route not in STANDARDIZED:
        return effect
    m1, m2 = float(row.m1i), float(row.m2i)
    sd1, sd2 = (MOMENTS[row.stat_type](row, side) for side in "12")
    found = STANDARDIZERS[how](m1, sd1, row.n1i, m2, sd2, row.n2i)
    return replace(effect, yi=float(found.yi) + 0.0, vi=float(found.vi))


MOMENTS: dict[str, Callable[[Finding, str], float]] = {
    "means": lambda row, side: float(getattr(row, f"sd{side}i")),
    "means_se": lambda row, side: float(getattr(row, f"se{side}i")) * math.sqrt(getattr(row, f"n{side}i")),
}
"""The SD of a group by the statistic that is printed."""
STANDARDIZED = ("means and SDs", "means and SEs")
STANDARDIZERS = {"average": es.smdh, "group_2": es.smd1}
