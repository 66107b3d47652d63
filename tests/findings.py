"""Findings of every statistic, contrast and design, at random: typical numbers, extreme ones, and empty cells.

`valid_findings` gives those that the check lets through; what it refuses is no input of anything that follows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from pydantic import ValidationError

from reanalysis.check.rules import ROW_RULES
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding
from tests.project import CONTRASTS

NUMBERS = {
    "n": ("2", "3", "4", "5", "6", "9", "20", "35", "144", "5000", "100000000"),
    "m": ("0", "0.001", "1.5", "4.00", "18.2", "-3", "37", "1000000"),
    "sd": ("0.5", "1", "2.50", "5.1", "12", "1000", "0.00001", "900000000"),
    "q": ("8", "9", "10", "12", "13.5", "15", "40"),
    "t": ("0", "0.3", "1.789", "-2.00", "3.10", "36", "900", "0.000001"),
    "f": ("0", "0.2", "4.00", "11", "2000"),
    "df1": ("1", "1", "2"),
    "df": ("1", "2", "3", "18", "17.34", "38", "500"),
    "p": ("0.5", "0.049", "0.05", "0.0010", "0.2", "0.017", "1.000", "1", "0.0000001", "1e-299", "0.000"),
    "r": ("0", "0.02", "-0.36", "0.60", "0.999999", "-0.9", "1", "0.000000001"),
    "d": ("0", "0.80", "-1.19", "2.4", "-37", "0.0001", "39"),
    "se": ("0.30", "0.25", "0.0026", "0.0001", "4", "99"),
    "ci_lb": ("-0.11", "-1.33", "-40", "-2"),
    "ci_ub": ("1.71", "0.2", "3", "0.0005"),
    "level": ("0.95", "0.9", "0.99", "0.5"),
    "events": ("0", "1", "2", "10", "20", "3000"),
    "b": ("0.61", "-8.32", "0", "120"),
}
KIND_OF = {
    **dict.fromkeys(("n1i", "n2i", "ni"), "n"),
    **dict.fromkeys(("m1i", "m2i"), "m"),
    **dict.fromkeys(("sd1i", "sd2i", "se1i", "se2i", "sdi"), "sd"),
    **{f"{name}{group}i": "q" for name in ("med", "q1_", "q3_") for group in "12"},
    **{"ti": "t", "fi": "f", "df1": "df1", "df2": "df", "pi": "p", "ri": "r", "pre_post_r": "r", "di": "d", "yi": "d"},
    **{"sei": "se", "ci_lb": "ci_lb", "ci_ub": "ci_ub", "ci_level": "level", "ai": "events", "ci": "events", "bi": "b"},
    **{"published_yi": "d", "published_sei": "se"},
}
WORDS = {"p_relation": tuple(v.P_RELATIONS), "r_kind": ("pearson", "spearman", "partial", "unknown")}


def valid_findings(seed: int, n: int) -> Iterator[Finding]:
    """So many findings that the check lets through, always the same for a seed."""
    draw = random.Random(seed)
    found = 0
    while found < n:
        try:
            row = Finding.model_validate(_cells(draw, found))
        except ValidationError:
            continue
        if allowed(row):
            found += 1
            yield row


def allowed(row: Finding) -> bool:
    """Whether the check finds no error in the row."""
    return not any(found for rule in ROW_RULES for found in rule.find(row))


def other_value(draw: random.Random, cell: str) -> str:
    """A value of a cell, typical or not."""
    return draw.choice(WORDS[cell] if cell in WORDS else NUMBERS[KIND_OF[cell]])


def _cells(draw: random.Random, number: int) -> dict[str, str]:
    stat_type = draw.choice(list(v.STAT_TYPES))
    kind = v.STAT_TYPES[stat_type]
    contrasts = ("bpd_vs_control", "oxt_vs_placebo_bpd", "group_by_drug", "association_bpd", "change_bpd")
    contrast = draw.choice(("association_bpd", "association_other") if stat_type == "r" else contrasts)
    comparison = CONTRASTS[contrast].comparison
    association = comparison == "association"
    signs = ("positive", "negative") if association else ("group_1_higher", "group_2_higher")
    filled = [*kind.required, *(cell for cell in kind.optional if draw.random() < 0.5)]
    if {"n1i", "n2i"} & set(filled):
        both = draw.random() < 0.6 or "n1i" in kind.required
        filled = [cell for cell in filled if cell not in ("n1i", "n2i", "ni")] + (["n1i", "n2i"] if both else ["ni"])
        filled = [cell for cell in filled if cell in (*kind.required, *kind.optional)]
    some = {name: draw.choice(list(words)) for name, words in (("test_of", v.TEST_OF), ("p_sides", v.P_SIDES))}
    some |= {name: other_value(draw, name) for name in ("published_yi", "published_sei")}
    optional = {name: value for name, value in some.items() if draw.random() < 0.2}
    design = draw.choice((*v.DESIGNS, None))
    quartiles = sorted((other_value(draw, "med1i") for _ in range(3)), key=float)
    for group in ("1", "2"):
        optional |= {
            cell: value
            for cell, value in zip((f"q1_{group}i", f"med{group}i", f"q3_{group}i"), quartiles, strict=True)
            if cell in filled and group == "1"
        }
    return {
        **{"finding_id": f"finding-{number}", "coding": "primary", "report_id": "one", "sample_id": "one"},
        **{
            "contrast": contrast,
            "comparison": comparison,
            "outcome_group": "level",
            "population": "adults",
            "outcome": "level",
        },
        **{"group_1": draw.choice(("treated", "high dose")), "group_2": "untreated", "stat_type": stat_type},
        **({"design": design} if design else {}),
        **{"direction": draw.choice((*signs, *signs, "none", "unclear", "not_visible"))},
        **{"higher_is_better": "unclear", "locator": "table 1", "source_kind": "abstract", "coder": "AB"},
        **{cell: other_value(draw, cell) for cell in filled},
        **optional,
    }


# ---------------------------------------------------------------- one of every statistic and route


def finding(**cells) -> Finding:
    """A finding in which the first group is lower, with the cells of a statistic."""
    common = {
        **{"finding_id": "some-finding", "coding": "primary", "report_id": "some2020", "sample_id": "some2020"},
        **{"contrast": "bpd_vs_control", "outcome_group": "oxt-level", "population": "adults", "outcome": "oxytocin"},
        **{"design": "observational", "direction": "group_2_higher", "higher_is_better": "unclear"},
        **{"locator": "abstract", "source_kind": "abstract", "coder": "AB"},
    }
    known = common | cells
    return Finding.model_validate({"comparison": CONTRASTS[known["contrast"]].comparison} | known)


BETWEEN = {"n1i": 23, "n2i": 11}
CROSSOVER = {"contrast": "oxt_vs_placebo_bpd", "design": "crossover", "ni": 12}
INTERACTION = {"contrast": "group_by_drug", "design": "parallel"}
ASSOCIATION = {"contrast": "association_bpd", "direction": "negative"}
MEANS = {"m1i": "71.2", "m2i": "80.5"}
QUARTILES = {"med1i": "50", "q1_1i": "41", "q3_1i": "58", "med2i": "60", "q1_2i": "52", "q3_2i": "69"}
SAMPLE = {  # a finding of every statistic and design
    "means": finding(stat_type="means", **BETWEEN, **MEANS, sd1i="12", sd2i="19.5"),
    "means_se": finding(stat_type="means_se", **BETWEEN, **MEANS, se1i="2.6", se2i="3.4"),
    "median_iqr": finding(stat_type="median_iqr", **BETWEEN, **QUARTILES),
    "change": finding(stat_type="change", **CROSSOVER, **MEANS, sd1i="12", sd2i="9", pre_post_r="0.35"),
    "t": finding(stat_type="t", **BETWEEN, ti="-2.31"),
    "t, one group": finding(stat_type="t", **CROSSOVER, ti="-2.31"),
    "t, correlation": finding(stat_type="t", **ASSOCIATION, ni=40, ti="-2.31"),
    "t, interaction": finding(stat_type="t", **BETWEEN, **INTERACTION, ti="-2.31"),
    "f": finding(stat_type="f", **BETWEEN, fi="5.1", df1=1),
    "p": finding(stat_type="p", **BETWEEN, pi="0.031", p_relation="="),
    "p, total": finding(stat_type="p", ni=35, pi="0.031", p_relation="="),
    "p, one group, other df": finding(stat_type="p", **CROSSOVER, pi="0.031", p_relation="=", df2=10),
    "r": finding(stat_type="r", **ASSOCIATION, ri="-0.43", r_kind="pearson", ni=40),
    "r and p": finding(stat_type="r", **ASSOCIATION, ri="-0.43", r_kind="pearson", pi="0.006", p_relation="="),
    "d": finding(stat_type="d", **BETWEEN, di="-0.82"),
    "d, interval": finding(stat_type="d", **CROSSOVER, di="-0.8", ci_lb="-1.4", ci_ub="-0.2", ci_level="0.9"),
    "change, t": finding(stat_type="change", **CROSSOVER, **MEANS, sd1i="12", sd2i="9", ti="-2.31"),
    "change, p": finding(stat_type="change", **CROSSOVER, **MEANS, sd1i="12", sd2i="9", pi="0.031", p_relation="="),
    "t, degrees of freedom": finding(stat_type="t", ti="-2.31", df2="33"),
    "t, four arms of a total": finding(stat_type="t", **INTERACTION, ti="-2.31", ni=40),
    "p, one-sided": finding(stat_type="p", **BETWEEN, pi="0.016", p_relation="=", p_sides="one"),
    "r, ranks": finding(stat_type="r", **ASSOCIATION, ri="-0.43", r_kind="spearman", ni=40),
    "r, ranks and p": finding(stat_type="r", **ASSOCIATION, ri="-0.43", r_kind="spearman", pi="0.006", p_relation="="),
    "r, one-sided p": finding(
        stat_type="r", **ASSOCIATION, ri="-0.43", r_kind="pearson", pi="0.003", p_relation="=", p_sides="one"
    ),
    "d, total": finding(stat_type="d", ni=35, di="-0.82"),
    "d, SE": finding(stat_type="d", ni=35, di="-0.82", sei="0.36"),
    "d, SE alone": finding(stat_type="d", di="-0.82", sei="0.36"),
    "beta, SE": finding(stat_type="beta", **BETWEEN, bi="-3.1", sei="1.4", test_of="contrast"),
    "beta, p": finding(stat_type="beta", **BETWEEN, bi="-3.1", pi="0.031", p_relation="=", test_of="contrast"),
    "d, SE, of too few": finding(stat_type="d", ni=3, di="-0.82", sei="0.36"),
    "r and p, of too few": finding(
        stat_type="r", **ASSOCIATION, ri="-0.43", r_kind="pearson", ni=3, pi="0.006", p_relation="="
    ),
    "beta, one group": finding(stat_type="beta", **CROSSOVER, bi="-3.1", sdi="4.4", sei="1.4", test_of="contrast"),
    "g_se": finding(stat_type="g_se", yi="-0.5", sei="0.21"),
    "g_ci": finding(stat_type="g_ci", yi="-0.5", ci_lb="-0.9", ci_ub="-0.1", ci_level="0.95"),
    "counts": finding(stat_type="counts", ai=7, n1i=20, ci=13, n2i=25),
    "counts, empty": finding(stat_type="counts", ai=0, n1i=20, ci=6, n2i=25),
    "beta": finding(stat_type="beta", **BETWEEN, bi="-3.1", sdi="4.4", test_of="contrast"),
}
