"""The parts of formulas in text that several routes share.

Nothing is computed here. Cells of the data stand in braces, and the numbers of a finding are put in afterwards.
"""

from __future__ import annotations

from typing import NamedTuple

from reanalysis.ladder.design import Design
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding


class Line(NamedTuple):
    """A line of a formula, and the works that it is taken from (keys of `report/references.bib`)."""

    text: str
    works: tuple[str, ...] = ()


class Sizes(NamedTuple):
    """What a design says of a contrast, in cells: error variance, degrees of freedom, and participants in all."""

    error: str
    df: str
    total: str


def sizes(design: Design) -> Sizes:
    """The sizes that a design takes from the cells of its finding."""
    lost = {"ZCOR": 2, "SMCC": 1}.get(design.metric, 4 if design.four_arms else 2)
    total = f"({{df2}} + {lost})" if "df2" in design.cells else "{ni}"
    if design.metric == "ZCOR":
        return Sizes("", f"{total} − 2", total)
    if design.metric == "SMCC":
        return Sizes(f"1/{total}", f"{total} − 1", total)
    if "n1i" not in design.cells:  # a total, split evenly
        return Sizes(f"{16 if design.four_arms else 4}/{total}", f"{total} − {lost}", total)
    error = "4/{n1i} + 4/{n2i}" if design.four_arms else "1/{n1i} + 1/{n2i}"
    return Sizes(error, f"{{n1i}} + {{n2i}} − {lost}", "({n1i} + {n2i})")


def hedges_g(d: list[Line], design: Design, vtype: str) -> list[Line]:
    """The lines of d, then those of Hedges' g and of its sampling variance by this name."""
    n = sizes(design)
    paired = ("gibbons1993",) if design.metric == "SMCC" else ()
    return [*d, Line(f"g = J({n.df}) · d", ("hedges1981", *paired)), _variance(n, vtype)]


def _variance(n: Sizes, vtype: str) -> Line:
    match vtype:
        case "LS2":
            return Line(f"v = J({n.df})² · ({n.error} + d² / (2 · {n.total}))", ("borenstein2009",))
        case "UB":
            return Line(f"v = g² − ({n.df} − 2) / ({n.df}) · d² + {n.error}", ("hedges1983",))
    return Line(f"v = {n.error} + g² / (2 · {n.total})", ("hedges1982",))


def sign(row: Finding) -> str:
    """The sign that stands before a size."""
    return "−" if v.SIGN.get(row.direction) == -1 else ""


def tail(row: Finding) -> str:
    """The probability in one tail of a printed p."""
    return "{pi}" if row.p_sides == "one" else "{pi}/2"
