"""The formula behind each effect, once in symbols and once with the numbers of the finding put in.

Nothing is computed here: the numbers are those that the source printed, and the result is the one stored in the table.
Cells of the data stand in braces; both versions come from the same line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding
from reanalysis.schema.results import Effect

_SUBSCRIPTS = (("1", "₁"), ("2", "₂"))
_LETTERS = {"n": "n", "m": "m", "sd": "s", "se": "se", "med": "median"}
SYMBOLS = {f"{name}{group}i": f"{letter}{sub}" for name, letter in _LETTERS.items() for group, sub in _SUBSCRIPTS}
SYMBOLS |= {f"q{quarter}_{group}i": f"Q{quarter}{sub}" for quarter in "13" for group, sub in _SUBSCRIPTS}
SYMBOLS |= {"ni": "n", "ti": "t", "fi": "F", "df1": "df₁", "df2": "df₂", "pi": "p", "ri": "r", "pre_post_r": "r"}
SYMBOLS |= {"di": "d", "bi": "b", "sdi": "s", "yi": "y", "sei": "se", "ai": "a", "ci": "c"}
SYMBOLS |= {"ci_lb": "lower", "ci_ub": "upper", "ci_level": "level"}


@dataclass(frozen=True)
class Formula:
    """Lines in symbols, the same lines with values, and the sources (keys of `references.WORKS`)."""

    symbols: list[str]
    values: list[str]
    sources: list[str]


def formula(effect: Effect, finding: Finding) -> Formula | None:
    """How the effect of a finding came about; None where there is nothing but a sign, or not even that."""
    sizes = _sizes(effect, finding)
    match effect.rung:
        case "exact":
            lines, sources = _exact(effect, finding, sizes)
        case "bounded":
            lines, sources = _bounded(effect, finding, sizes)
        case _:
            return None
    cells = {name: value for name in SYMBOLS if (value := getattr(finding, name, None)) is not None}
    return Formula(_filled(lines, SYMBOLS), _filled(lines, cells), sources)


@dataclass(frozen=True)
class _Sizes:
    """What a design says of a standardized contrast, in cells: its error variance, degrees of freedom and total."""

    error: str
    df: str
    total: str


def _sizes(effect: Effect, finding: Finding) -> _Sizes:
    if effect.metric == "ZCOR":
        return _Sizes("", "{ni} − 2", "{ni}")
    if effect.metric == "SMCC":
        return _Sizes("1/{ni}", "{ni} − 1", "{ni}")
    if finding.contrast == "group_by_drug" and finding.design == "parallel":
        return _Sizes("4/{n1i} + 4/{n2i}", "{n1i} + {n2i} − 4", "({n1i} + {n2i})")
    if finding.n1i is None:  # a total, split evenly
        return _Sizes("4/{ni}", "{ni} − 2", "{ni}")
    return _Sizes("1/{n1i} + 1/{n2i}", "{n1i} + {n2i} − 2", "({n1i} + {n2i})")


def _exact(effect: Effect, finding: Finding, n: _Sizes) -> tuple[list[str], list[str]]:
    if effect.metric == "ZCOR":
        return _correlation(effect, finding, n)
    sized, variance = _standardized(effect, n)
    corrected = [f"g = J({n.df}) · d", variance]
    sources = ["hedges1981", *(["gibbons1993"] if effect.metric == "SMCC" else []), *sized]
    pooled = "s = √[(({n1i} − 1) · {sd1i}² + ({n2i} − 1) · {sd2i}²) / ({n1i} + {n2i} − 2)]"
    from_t = f"d = t · √({n.error})"
    match finding.stat_type:
        case "means":
            return [pooled, "d = ({m1i} − {m2i}) / s", *corrected], sources
        case "means_se":
            sds = ["s₁ = {se1i} · √{n1i}", "s₂ = {se2i} · √{n2i}"]
            pooled = pooled.replace("{sd1i}", "s₁").replace("{sd2i}", "s₂")
            return [*sds, pooled, "d = ({m1i} − {m2i}) / s", *corrected], sources
        case "median_iqr":
            sides = [
                f"m{sub}, s{sub} from median {{med{i}i}}, quartiles {{q1_{i}i}} and {{q3_{i}i}}, n {{n{i}i}}"
                for i, sub in (("1", "₁"), ("2", "₂"))
            ]
            return [*sides, "d = (m₁ − m₂) / s", *corrected], ["luo2018", "wan2014", "shi2023", *sources]
        case "change":
            spread = "s = √({sd1i}² + {sd2i}² − 2 · {pre_post_r} · {sd1i} · {sd2i})"
            return [spread, "d = ({m1i} − {m2i}) / s", *corrected], sources
        case "t":
            return [from_t.replace("t ·", "{ti} ·"), *corrected], ["handbook", *sources]
        case "f":
            return [f"t = {_sign(finding)}√{{fi}}", from_t, *corrected], ["handbook", *sources]
        case "p":
            df = "{df2}" if finding.df2 is not None else n.df
            return [f"t = {_sign(finding)}t(1 − {{pi}}/2; df = {df})", from_t, *corrected], ["handbook", *sources]
        case "d" if finding.n1i is not None and finding.n2i is not None:
            return ["d = {di}", *corrected], sources
        case "d" | "g_se" | "g_ci":
            return _published(finding, "{di}" if finding.stat_type == "d" else "{yi}")
        case "counts":
            odds = "ln OR = ln[{ai} · ({n2i} − {ci}) / ({ci} · ({n1i} − {ai}))]"
            return [
                odds,
                "g = ln OR · √3 / π",
                "v = [1/{ai} + 1/({n1i} − {ai}) + 1/{ci} + 1/({n2i} − {ci})] · 3 / π²",
            ], ["hasselblad1995"]
        case "beta":
            return ["d = {bi} / {sdi}", *corrected], sources
    return [], []


def _standardized(effect: Effect, n: _Sizes) -> tuple[list[str], str]:
    """Sources and line of the sampling variance that the configuration chose."""
    chosen = re.search(r"variance (\w+)\)", effect.es_method or "")
    match chosen[1] if chosen else "LS":
        case "LS2":
            return ["borenstein2009"], f"v = J² · ({n.error} + d² / (2 · {n.total}))"
        case "UB":
            return ["hedges1983"], f"v = g² − (df − 2) / df · d² + ({n.error}), df = {n.df}"
    return ["hedges1982"], f"v = {n.error} + g² / (2 · {n.total})"


def _correlation(effect: Effect, finding: Finding, n: _Sizes) -> tuple[list[str], list[str]]:
    variance = "v = 1 / ({ni} − 3)"
    match finding.stat_type:
        case "r" if finding.ni is None:
            # The p fixes the standard error where n is not printed.
            return ["z = atanh({ri})", "v = (z / Φ⁻¹(1 − {pi}/2))²"], ["fisher1921", "handbook"]
        case "r":
            return ["z = atanh({ri})", variance], ["fisher1921"]
        case "t":
            lines = [f"r = {{ti}} / √({{ti}}² + {n.df})"]
        case "f":
            lines = [f"r = {_sign(finding)}√({{fi}} / ({{fi}} + {n.df}))"]
        case _:
            df = "{df2}" if finding.df2 is not None else n.df
            lines = [f"t = {_sign(finding)}t(1 − {{pi}}/2; df = {df})", f"r = t / √(t² + {n.df})"]
    return [*lines, "z = atanh(r)", variance], ["fisher1921", "handbook"]


def _published(finding: Finding, value: str) -> tuple[list[str], list[str]]:
    if finding.sei is not None:
        return [f"y = {value}", "v = {sei}²"], ["handbook"]
    return [f"y = {value}", "v = [({ci_ub} − {ci_lb}) / (2 · Φ⁻¹((1 + {ci_level})/2))]²"], ["handbook"]


def _bounded(effect: Effect, finding: Finding, n: _Sizes) -> tuple[list[str], list[str]]:
    """The bound that a significance statement puts on the effect: |t| lies beyond or within its critical value."""
    relation, threshold = re.search(r"p ([<>]) ([\d.e-]+)$", effect.es_method).groups()
    critical = f"t* = t(1 − {threshold}/2; df = {n.df})"
    if effect.metric == "ZCOR":
        bound, name = f"b = atanh(t* / √(t*² + {n.df}))", "z"
    else:
        bound, name = f"b = J({n.df}) · t* · √({n.error})", "g"
    sign = v.SIGN.get(finding.direction, 0)
    match relation, sign:
        case "<", 1:
            limits = f"p < {threshold} and a positive sign: {name} ≥ b"
        case "<", _:
            limits = f"p < {threshold} and a negative sign: {name} ≤ −b"
        case _, 0:
            limits = f"p > {threshold}, sign not known: −b ≤ {name} ≤ b"
        case _, 1:
            limits = f"p > {threshold} and a positive sign: 0 ≤ {name} ≤ b"
        case _:
            limits = f"p > {threshold} and a negative sign: −b ≤ {name} ≤ 0"
    return [critical, bound, limits], ["fisher1921"] if effect.metric == "ZCOR" else ["hedges1981"]


def _sign(finding: Finding) -> str:
    return "−" if v.SIGN.get(finding.direction) == -1 else ""


def _filled(lines: list[str], values: Mapping) -> list[str]:
    def put(match: re.Match) -> str:
        text = str(values.get(match[1], "?"))
        return f"(−{text[1:]})" if text.startswith("-") else text

    return [re.sub(r"\{(\w+)\}", put, line) for line in lines]
