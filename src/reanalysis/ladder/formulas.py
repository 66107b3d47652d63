"""The formula behind each effect, once in symbols and once with the numbers of the finding put in.

Nothing is computed here: the numbers are those that the source printed, and the result is the one stored in the table
of effects. Of an exact effect the formula is that of its route.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from reanalysis.ladder.design import Design, design_of
from reanalysis.ladder.reading import p_text
from reanalysis.ladder.routes import route_of
from reanalysis.ladder.routes.lines import Line, sizes
from reanalysis.results.rows import Effect, FormulaLine
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding

if TYPE_CHECKING:
    from reanalysis.schema.evidence import Evidence

_SUBSCRIPTS = (("1", "₁"), ("2", "₂"))
_LETTERS = {"n": "n", "m": "m", "sd": "s", "se": "se", "med": "median"}
SYMBOLS = {f"{name}{group}i": f"{letter}{sub}" for name, letter in _LETTERS.items() for group, sub in _SUBSCRIPTS}
SYMBOLS |= {f"q{quarter}_{group}i": f"Q{quarter}{sub}" for quarter in "13" for group, sub in _SUBSCRIPTS}
SYMBOLS |= {"ni": "n", "ti": "t", "fi": "F", "df1": "df₁", "df2": "df₂", "pi": "p", "ri": "r", "pre_post_r": "r"}
SYMBOLS |= {"di": "d", "bi": "b", "sdi": "s", "yi": "y", "sei": "se", "ai": "a", "ci": "c"}
SYMBOLS |= {"ci_lb": "lower", "ci_ub": "upper", "ci_level": "level"}


def formulas(evidence: Evidence, effects: Iterable[Effect]) -> list[FormulaLine]:
    """The formulas of all effects that have one, line by line."""
    findings = evidence.codings
    return [line for effect in effects for line in formula(effect, findings[effect.finding_id, effect.coding])]


def formula(effect: Effect, finding: Finding) -> list[FormulaLine]:
    """How the effect of a finding came about; no line where there is nothing but a sign, or not even that."""
    design = design_of(finding)
    match effect.rung:
        case "exact":
            lines = route_of(effect).lines(finding, design, effect.vtype)
        case "bounded":
            lines = list(_bounded(effect, design, v.SIGN.get(finding.direction, 0)))
        case _:
            lines = []
    cells = {name: value for name in SYMBOLS if (value := getattr(finding, name, None)) is not None}
    return [
        FormulaLine(
            finding_id=effect.finding_id,
            coding=effect.coding,
            line=number,
            symbols=_filled(line.text, SYMBOLS),
            values=_filled(line.text, cells),
            works=line.works,
        )
        for number, line in enumerate(lines, 1)
    ]


def _bounded(effect: Effect, design: Design, sign: int) -> Iterator[Line]:
    """The bounds that a significance statement puts on the effect: |t| lies beyond or within its critical value."""
    between = None not in (effect.p_above, effect.p_below)
    yield from _bound(design, effect.p_above if effect.p_below is None else effect.p_below, "b", "t*")
    if between:
        yield from _bound(design, effect.p_above, "c", "t′")
    name = "z" if effect.metric == "ZCOR" else "g"
    if between:
        ends = f"−c ≤ {name} ≤ −b" if sign < 0 else f"b ≤ {name} ≤ c"
    elif effect.p_below is not None:
        ends = f"{name} ≤ −b" if sign < 0 else f"{name} ≥ b"
    else:
        ends = f"{'0' if sign > 0 else '−b'} ≤ {name} ≤ {'0' if sign < 0 else 'b'}"
    known = {0: ", sign not known", 1: " and a positive sign", -1: " and a negative sign"}[sign]
    yield Line(f"{p_text(effect.p_above, effect.p_below)}{known}: {ends}")


def _bound(design: Design, p: float, bound: str, t: str) -> Iterator[Line]:
    """The lines of the bound that a t with this two-sided p puts on an effect."""
    n = sizes(design)
    yield Line(f"{t} = t(1 − {p:g}/2; df = {n.df})")
    if design.metric == "ZCOR":
        yield Line(f"{bound} = atanh({t} / √({t}² + {n.df}))", ("fisher1921",))
    else:
        yield Line(f"{bound} = J({n.df}) · {t} · √({n.error})", ("hedges1981",))


def _filled(line: str, values: Mapping) -> str:
    def put(match: re.Match) -> str:
        text = str(values.get(match[1], "?"))
        return f"(−{text[1:]})" if text.startswith("-") else text

    return re.sub(r"\{(\w+)\}", put, line)
