"""Numbers that a claim prints, beside the same numbers computed here under every choice that is stored.

A number is reproduced where the one computed here rounds to the printed one, to as many decimals as are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from reanalysis.claims.evidence import Material
from reanalysis.results.rows import MAIN, Model, Reproduction, Subgroup, Variant
from reanalysis.results.table import CellKey
from reanalysis.schema.raw import Claim
from reanalysis.schema.scope import level_of
from reanalysis.text import interval, listed, number

KINDS = ("main", "reading", "model choice", "several choices")  # choices, as opposed to other evidence
SLACK = 1e-9  # of what stands exactly between two printed numbers


def reproductions(material: Material) -> list[Reproduction]:
    """A row for each choice under which a number that a claim prints was computed, claim by claim."""
    claims = material.evidence.claims.values()
    return [row for claim in claims if claim.tested_by == "estimate" for row in reproduction(claim, material)]


def reproduction(claim: Claim, material: Material) -> list[Reproduction]:
    """The rows of one claim, the main analysis first."""
    return [_row(claim, found) for found in _computed(claim, material)]


def _computed(claim: Claim, material: Material) -> Iterator[Model | Variant | Subgroup]:
    """The headline model of the cell that a claim is about, or of a level in it, under every choice."""
    cells = _cells(claim, material)
    levels = {level_of(item) for item in claim.scope or ()}
    if len(cells) != 1 or len(levels) != 1:
        return
    (cell,), (level,) = cells, levels
    if level is not None:
        yield from (row for row in material.subgroups_of[cell] if (row.moderator, row.level) == level)
        return
    headline = material.headlines.get(cell)
    own = [row for row in material.variants_of[cell] if headline and row.model == headline.model and row.kind in KINDS]
    yield from sorted(own, key=lambda row: row.kind != "main")


def not_compared(claim: Claim, material: Material) -> str:
    """Why a printed number stands beside no number of its own."""
    if len(cells := _cells(claim, material)) > 1:
        return f"the printed estimate is not compared, as its scope holds {len(cells)} cells, which are not pooled"
    return "the printed estimate is not compared, as none can be computed here"


def _cells(claim: Claim, material: Material) -> set[CellKey]:
    return {effect.cell for effect in material.in_scope(claim.scope)}


def _row(claim: Claim, found: Variant | Subgroup) -> Reproduction:
    bounds = claim.value_lb, claim.value_ub
    known = None not in bounds
    return Reproduction(
        **found.cell._asdict(),
        model=found.model,
        claim_id=claim.claim_id,
        kind=getattr(found, "kind", "main" if found.variant == MAIN else "several choices"),
        variant=found.variant,
        level=getattr(found, "level", None),
        k=found.k,
        printed=float(claim.value),
        printed_lb=float(claim.value_lb) if known else None,
        printed_ub=float(claim.value_ub) if known else None,
        est=found.est,
        ci_lb=found.ci_lb,
        ci_ub=found.ci_ub,
        est_agrees=agrees(found.est, claim.value),
        interval_agrees=agrees(found.ci_lb, bounds[0]) and agrees(found.ci_ub, bounds[1]) if known else None,
    )


def agrees(value: float | None, printed: Decimal) -> bool:
    """Whether a number rounds to a printed one, to the decimals of the latter."""
    half = 0.5 * 10.0 ** printed.as_tuple().exponent
    return value is not None and abs(value - float(printed)) <= half + SLACK


def told(rows: Iterable[Reproduction]) -> str:
    """Under which choices the printed numbers come out, and what the main analysis gives, as parts of a sentence."""
    rows = list(rows)
    first = rows[0]
    where = f" {interval(first.printed_lb, first.printed_ub)}" if first.printed_lb is not None else ""
    whole = [row.variant for row in rows if row.est_agrees and row.interval_agrees is not False]
    part = [row.variant for row in rows if row.est_agrees and row.interval_agrees is False]
    if whole:
        how = f"reproduced to its decimals by {listed(whole)}"
    elif part:
        how = f"the estimate is reproduced by {listed(part)}, the interval by no choice that was tried"
    else:
        near = min(rows, key=lambda row: abs((row.est or 0.0) - row.printed))
        nearest = f"; nearest is {near.variant} with {_numbers(near)}" if near is not first else ""
        how = f"reproduced by no choice that was tried{nearest}"
    here = f"; the main analysis gives {_numbers(first)}" if first.variant not in (*whole, *part) else ""
    return f"printed {number(first.printed)}{where}: {how}{here}"


def _numbers(row: Reproduction) -> str:
    return f"{number(row.est)} {interval(row.ci_lb, row.ci_ub)}"
