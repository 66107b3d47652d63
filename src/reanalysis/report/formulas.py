"""The formula behind each effect, once in symbols and once with the numbers of the finding put in.

Nothing is computed here: the numbers are those that the source printed, and the result is the one stored in the table.
Cells of the data stand in braces; both versions come from the same line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from reanalysis.results.rows import Effect
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding

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
    four = finding.contrast == "group_by_drug" and finding.design == "parallel"
    lost = 1 if effect.metric == "SMCC" else 4 if four else 2
    total = "{ni}" if finding.ni is not None or finding.df2 is None else f"({{df2}} + {lost})"
    if effect.metric == "ZCOR":
        return _Sizes("", f"{total} − 2", total)
    if effect.metric == "SMCC":
        return _Sizes(f"1/{total}", f"{total} − 1", total)
    if finding.n1i is None:  # a total, split evenly
        return _Sizes(f"{16 if four else 4}/{total}", f"{total} − {lost}", total)
    error = "4/{n1i} + 4/{n2i}" if four else "1/{n1i} + 1/{n2i}"
    return _Sizes(error, f"{{n1i}} + {{n2i}} − {lost}", "({n1i} + {n2i})")


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
        case "change" if finding.pre_post_r is not None:
            spread = "s = √({sd1i}² + {sd2i}² − 2 · {pre_post_r} · {sd1i} · {sd2i})"
            return [spread, "d = ({m1i} − {m2i}) / s", *corrected], sources
        case "d" if _own_error(finding):
            return _published_d(effect, finding, n)
        case "d":
            return ["d = {di}", *corrected], sources
        case "g_se" | "g_ci":
            return ["y = {yi}", f"v = {_error(finding)}²"], ["handbook"]
        case "counts":
            return _counts(finding)
        case "beta" if finding.sdi is not None:
            return ["d = {bi} / {sdi}", *corrected], sources
    return [_t(finding, n), from_t, *corrected], ["handbook", *sources]


def _counts(finding: Finding) -> tuple[list[str], list[str]]:
    """The log odds ratio as g; half an event is added to each cell of a table that has an empty one."""
    empty = 0 in (finding.ai, finding.n1i - finding.ai, finding.ci, finding.n2i - finding.ci)
    half = " + 0.5" if empty else ""
    a, b, c, d = (f"({cell}{half})" for cell in ("{ai}", "{n1i} − {ai}", "{ci}", "{n2i} − {ci}"))
    odds = f"ln OR = ln[{a} · {d} / ({c} · {b})]"
    return [odds, "g = ln OR · √3 / π", f"v = [1/{a} + 1/{b} + 1/{c} + 1/{d}] · 3 / π²"], ["hasselblad1995"]


def _t(finding: Finding, n: _Sizes) -> str:
    """The line of the t of a contrast, as printed, or as its F, its coefficient or its exact p says."""
    if finding.ti is not None:
        return "t = {ti}"
    if finding.fi is not None:
        return f"t = {_sign(finding)}√{{fi}}"
    if finding.stat_type == "beta" and finding.sei is not None:
        return "t = {bi} / {sei}"
    df = "{df2}" if finding.df2 is not None else n.df
    tail = "{pi}" if finding.p_sides == "one" else "{pi}/2"
    return f"t = {_sign(finding)}t(1 − {tail}; df = {df})"


def _own_error(finding: Finding) -> bool:
    """Whether a d comes with an error of its own, and without the sizes that would give it."""
    return (finding.sei is not None or finding.ci_lb is not None) and (finding.n1i is None or finding.n2i is None)


def _error(finding: Finding) -> str:
    """The printed standard error, or that of the printed interval."""
    if finding.sei is not None:
        return "{sei}"
    return "[({ci_ub} − {ci_lb}) / (2 · Φ⁻¹((1 + {ci_level})/2))]"


def _published_d(effect: Effect, finding: Finding, n: _Sizes) -> tuple[list[str], list[str]]:
    implied = []
    if finding.ni is None:
        error, lost = ("4", 2) if effect.metric == "SMD" else ("1", 1)
        implied = [f"n = ({error} + {{di}}²/2) / se²"]
        n = _Sizes("", f"n − {lost}", "n")
    lines = [f"se = {_error(finding)}", *implied, f"g = J({n.df}) · {{di}}", f"v = J({n.df})² · se²"]
    return lines, ["hedges1981", "borenstein2009"]


def _standardized(effect: Effect, n: _Sizes) -> tuple[list[str], str]:
    """Sources and line of the sampling variance that the configuration chose."""
    chosen = re.search(r"variance (\w+)\)", effect.es_method or "")
    match chosen[1] if chosen else "LS":
        case "LS2":
            return ["borenstein2009"], f"v = J({n.df})² · ({n.error} + d² / (2 · {n.total}))"
        case "UB":
            return ["hedges1983"], f"v = g² − ({n.df} − 2) / ({n.df}) · d² + {n.error}"
    return ["hedges1982"], f"v = {n.error} + g² / (2 · {n.total})"


def _correlation(effect: Effect, finding: Finding, n: _Sizes) -> tuple[list[str], list[str]]:
    ranks = finding.r_kind == "spearman"
    wider = "(1 + {ri}²/2) · " if ranks else ""
    sources = ["fisher1921", *(["bonett2000"] if ranks else [])]
    if finding.stat_type != "r":
        variance = f"v = 1 / ({n.total} − 3)"
        return [_t(finding, n), f"r = t / √(t² + {n.df})", "z = atanh(r)", variance], [*sources, "handbook"]
    if finding.ni is not None:
        return ["z = atanh({ri})", f"v = {wider}1 / ({{ni}} − 3)"], sources
    # The p fixes the standard error where n is not printed.
    tail = "{pi}" if finding.p_sides == "one" else "{pi}/2"
    return ["z = atanh({ri})", f"v = {wider}(z / Φ⁻¹(1 − {tail}))²"], [*sources, "handbook"]


def _bounded(effect: Effect, finding: Finding, n: _Sizes) -> tuple[list[str], list[str]]:
    """The bound that a significance statement puts on the effect: |t| lies beyond or within its critical value."""
    least, relation, threshold = re.search(r"(?:([\d.e-]+) < )?p ([<>]) ([\d.e-]+)$", effect.es_method).groups()
    name, lines = _limit(effect, n, threshold, "b", "t*")
    sign = v.SIGN.get(finding.direction, 0)
    minus = "−" if sign < 0 else ""
    words = {0: "sign not known", 1: "a positive sign", -1: "a negative sign"}[sign]
    match relation, sign:
        case "<", _ if least:
            lines = [*lines, *_limit(effect, n, least, "c", "t′")[1]]
            ends = (f"b ≤ {name} ≤ c", f"−c ≤ {name} ≤ −b")[sign < 0]
            limits = f"{least} < p < {threshold} and {words}: {ends}"
        case "<", _:
            limits = f"p < {threshold} and {words}: {name} {'≤' if minus else '≥'} {minus}b"
        case _, 0:
            limits = f"p > {threshold}, {words}: −b ≤ {name} ≤ b"
        case _, 1:
            limits = f"p > {threshold} and {words}: 0 ≤ {name} ≤ b"
        case _:
            limits = f"p > {threshold} and {words}: −b ≤ {name} ≤ 0"
    return [*lines, limits], ["fisher1921"] if effect.metric == "ZCOR" else ["hedges1981"]


def _limit(effect: Effect, n: _Sizes, p: str, bound: str, t: str) -> tuple[str, list[str]]:
    """Name of the effect, and the lines of the bound that a t with this two-sided p puts on it."""
    critical = f"{t} = t(1 − {p}/2; df = {n.df})"
    if effect.metric == "ZCOR":
        return "z", [critical, f"{bound} = atanh({t} / √({t}² + {n.df}))"]
    return "g", [critical, f"{bound} = J({n.df}) · {t} · √({n.error})"]


def _sign(finding: Finding) -> str:
    return "−" if v.SIGN.get(finding.direction) == -1 else ""


def _filled(lines: list[str], values: Mapping) -> list[str]:
    def put(match: re.Match) -> str:
        text = str(values.get(match[1], "?"))
        return f"(−{text[1:]})" if text.startswith("-") else text

    return [re.sub(r"\{(\w+)\}", put, line) for line in lines]
