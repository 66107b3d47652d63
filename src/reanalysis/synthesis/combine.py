"""Combine exact p over the independent units of a cell: is there an effect, in at least one of them?

The answer says nothing of its size (McKenzie & Brennan, Cochrane Handbook, version 6, chapter 12). Only a p that is
exact, with a known sign, enters. Each two-sided p becomes a z with the sign of the effect, so that a result in the
other direction counts against. Several z of one unit are dependent and become one first.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from reanalysis import numeric
from reanalysis.effects import hedges_j
from reanalysis.ladder.design import Design, design_of, tests_contrast
from reanalysis.ladder.routes import route_of
from reanalysis.results.rows import CombinedP, Effect
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Finding
from reanalysis.schema.vocabulary import SIGN
from reanalysis.synthesis.directions import Cell, Vote, cells, orientation, votes


@dataclass(frozen=True)
class ExactP:
    """A two-sided p of a contrast, the sign of its effect (0 where that is exactly zero), and where it comes from."""

    p: float
    sign: int
    basis: str

    @property
    def z(self) -> float:
        """The standard normal with this p and sign."""
        return -self.sign * float(numeric.norm_ppf(self.p / 2))


class NoExactP(ValueError):
    """The finding gives no exact p with a sign; the message says why."""


def exact_p(effect: Effect, finding: Finding) -> ExactP:
    """The exact p of a finding: as printed, or of the t test that its numbers fix, or of yi over its standard error.

    Raises NoExactP where the p is not exact or the sign is not known.
    """
    if finding.p_relation == "=" and tests_contrast(finding):
        if finding.pi == 0:
            raise NoExactP("a p printed as 0 is a bound")
        sign = int(np.sign(effect.yi)) if effect.rung == "exact" else SIGN.get(finding.direction)
        if sign is None:
            raise NoExactP("sign not known")
        return ExactP(finding.p_two_sided, sign, "printed, doubled" if finding.p_sides == "one" else "printed")
    if effect.rung != "exact":
        raise NoExactP("no exact p of this contrast")
    sign, design = int(np.sign(effect.yi)), design_of(finding)
    if route_of(effect).by_t and design.known:
        return ExactP(p_of_effect(effect.yi, design), sign, "t test from the numbers")
    return ExactP(float(numeric.norm_two_sided_p(effect.yi / math.sqrt(effect.vi))), sign, "effect over its SE")


def p_of_effect(yi: float, design: Design) -> float:
    """Two-sided p of the t test of an effect of this size in a design whose sample sizes are known."""
    if math.isinf(yi):
        return 0.0
    if design.contrast is None:
        t = math.sinh(yi) * math.sqrt(design.df)  # sinh of Fisher's z is r / sqrt(1 - r^2)
        return float(numeric.t_two_sided_p(t, design.df))
    t = yi / (hedges_j(design.df) * math.sqrt(design.contrast.error))
    return float(numeric.t_two_sided_p(t, design.df))


def combine_p(evidence: Evidence, effects: Iterable[Effect], rho: float) -> list[CombinedP]:
    """Stouffer's and Fisher's combined p of every cell that has an exact p.

    `rho` is the correlation assumed between several z of one unit.
    """
    raw = evidence.codings
    combined = (_combine(cell, raw, rho) for cell in cells(effects, evidence.names))
    return [row for row in combined if row is not None]


def _combine(cell: Cell, raw: dict[tuple[str, str], Finding], rho: float) -> CombinedP | None:
    known: dict[str, ExactP] = {}
    left_out = []
    for effect in cell.findings:
        try:
            known[effect.finding_id] = exact_p(effect, raw[effect.finding_id, effect.coding])
        except NoExactP as reason:
            left_out.append(f"{effect.finding_id} ({reason})")
    if not known:
        return None
    units = votes(effect for effect in cell.findings if effect.finding_id in known)
    z = [_unit_z(unit, known, rho) for unit in units]
    sizes = [unit.persons for unit in units]
    weighted = stouffer(z, np.sqrt(np.array(sizes, dtype=float))) if all(sizes) else None
    chi2_up, chi2_down = fisher(z), fisher([-value for value in z])
    df = 2 * len(units)
    p_up, p_down = float(numeric.chi2_sf(chi2_up, df)), float(numeric.chi2_sf(chi2_down, df))
    return CombinedP(
        **cell.columns,
        k=len(units),
        k_p=len(known),
        rho=rho if len(known) > len(units) else None,
        stouffer_z=weighted,
        stouffer_p_up=None if weighted is None else float(numeric.norm_cdf(-weighted)),
        stouffer_p_down=None if weighted is None else float(numeric.norm_cdf(weighted)),
        stouffer_p=None if weighted is None else float(numeric.norm_two_sided_p(weighted)),
        fisher_chi2_up=chi2_up,
        fisher_p_up=p_up,
        fisher_chi2_down=chi2_down,
        fisher_p_down=p_down,
        fisher_df=df,
        fisher_p=min(1.0, 2 * min(p_up, p_down)),
        entered="; ".join(_entry(effect, known[effect.finding_id]) for unit in units for effect in unit.findings),
        left_out="; ".join(left_out) or None,
        note=_note(len(units), weighted),
    )


def _unit_z(unit: Vote, known: dict[str, ExactP], rho: float) -> float:
    """One z towards up for a unit: that of its finding, or of the sum of its correlated z.

    Strube (1985, Psychol. Bull. 97, 334-341).
    """
    z = [known[effect.finding_id].z * orientation(effect) for effect in unit.findings]
    m = len(z)
    return sum(z) / math.sqrt(m + m * (m - 1) * rho)


def stouffer(z: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted sum of z over its standard deviation.

    Stouffer et al. (1949); weights by the root of n: Zaykin (2011, J. Evol. Biol. 24, 1836-1841).
    """
    weights = np.asarray(weights, dtype=float)
    return float(weights @ np.asarray(z, dtype=float) / math.sqrt(weights @ weights))


def fisher(z: Sequence[float]) -> float:
    """Chi-square, on two degrees of freedom for each z, of the one-sided p against z <= 0.

    Fisher (1932, Statistical Methods for Research Workers, 4th ed.). Twice the smaller of the two one-sided results is
    a conservative two-sided p (Owen, 2009, Ann. Stat. 37, 3867-3892).
    """
    return float(-2 * np.sum(special.log_ndtr(-np.asarray(z, dtype=float))))


def _entry(effect: Effect, exact: ExactP) -> str:
    towards = {1: "up", -1: "down", 0: "neither"}[exact.sign * orientation(effect)]
    return f"{effect.finding_id}: {towards}, p = {exact.p:.4g} ({exact.basis})"


def _note(k: int, weighted: float | None) -> str | None:
    notes = []
    if k == 1:
        notes.append("one independent unit: nothing is combined")
    if weighted is None:
        notes.append("an n is not known, so that Stouffer's weights are not either")
    return "; ".join(notes) or None
