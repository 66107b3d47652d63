"""What a row must hold for its statistic to be read: numbers that are possible, and that belong to its design.

What these rules refuse the ladder would place on a lower rung in silence, or the models could not compute. What is
possible and only implausible is no error: see the warnings.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal

import numpy as np

from reanalysis import numeric
from reanalysis.check.catalog import check
from reanalysis.effects import hedges_j
from reanalysis.ladder.design import Design, design_of
from reanalysis.ladder.routes import ROUTES, Unconvertible, exact_effect
from reanalysis.schema import vocabulary as v
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding

Found = Iterator[tuple[str, str, str]]

LARGEST, SMALLEST = Decimal("1e9"), Decimal("1e-9")  # sizes of numbers that a study prints
FAR = 38  # SDs or standard errors beyond which a p is smaller than a computer holds
CHECK_THE_DECIMALS = "Check the number and its decimals at the source."
READ = Effects(alpha=0.05, trend=0.10, smd_variance="LS")  # whether there is an effect depends on no choice


@check(
    why="sizes of groups where the participants are the same count everybody twice",
    example="20 and 20 participants in a crossover trial of 20",
    source="designs of docs/readings.md",
)
def _sizes_of_the_design(row: Finding) -> Found:
    """Groups have two sizes; an association and a within-person contrast have one number of participants, `ni`."""
    first = next((cell for cell in ("n1i", "n2i") if getattr(row, cell) is not None), None)
    if first is None:
        return
    one = "an association" if row.comparison == "association" else "a within-person contrast"
    if design_of(row).metric != "SMD":
        yield first, f"the size of a group, in {one}", "Give the number of participants as ni."
    elif row.n1i is None or row.n2i is None:
        other = "n2i" if first == "n1i" else "n1i"
        yield other, "must not be empty beside the size of the other group", "Give both, or the total as ni."


@check(
    why="a statistic of another design gives the effect of another contrast",
    example="group means of a crossover trial",
    source="routes of docs/readings.md",
)
def _statistic_of_the_design(row: Finding) -> Found:
    """The statistic is one that this contrast and design can have."""
    design, routes = design_of(row), ROUTES[row.stat_type]
    if routes and not any(design.metric in route.metrics for route in routes):
        take = {"SMD": "a contrast of groups", "SMCC": "a within-person contrast", "ZCOR": "an association"}
        fix = f"Declare another stat_type, or correct contrast or design: this row is {take[design.metric]}."
        if design.metric == "SMCC" and row.stat_type in ("means", "means_se"):
            fix = "Declare stat_type change, with the SDs of both conditions and ni."
        yield "stat_type", f"does not fit contrast {row.contrast} and design {row.design or 'empty'}", fix
    elif design.four_arms and row.stat_type in ("means", "means_se", "median_iqr", "counts"):
        fix = "Declare the t, F or p of the interaction, or only its direction."
        yield "stat_type", "two groups where a difference of drug effects has four arms", fix


@check(
    why="no effect follows from numbers that cannot be",
    example="45 events among 30 participants; r = 1",
    source="definitions of quartiles, counts and correlations",
)
def _possible_numbers(row: Finding) -> Found:
    """Quartiles are in order, events are no more than participants, correlations lie between -1 and 1."""
    for group in ("1", "2"):
        q1, median, q3 = (getattr(row, f"{name}{group}i") for name in ("q1_", "med", "q3_"))
        if None not in (q1, median, q3) and not (q1 <= median <= q3 and q1 < q3):
            message = f"first quartile {q1}, median {median} and third quartile {q3} are not in order"
            yield f"q1_{group}i", message, "Check the three columns at the source."
    for events, persons in (("ai", "n1i"), ("ci", "n2i")):
        a, n = getattr(row, events), getattr(row, persons)
        if a is not None and n is not None and a > n:
            yield events, f"more events than the {n} participants of {persons}", "Check both counts at the source."
    for cell in ("ri", "pre_post_r"):
        r = getattr(row, cell)
        if r is not None and abs(r) == 1:
            yield cell, "a correlation of exactly 1 or -1 has no standard error", CHECK_THE_DECIMALS


@check(
    why="half an interval gives no standard error",
    example="`ci_lb` without `ci_ub`",
    source="definition of a confidence interval",
)
def _whole_interval(row: Finding) -> Found:
    """An interval has two ends and a level."""
    cells = ("ci_lb", "ci_ub", "ci_level")
    empty = [cell for cell in cells if getattr(row, cell) is None]
    if 0 < len(empty) < len(cells):
        fix = "An interval has two ends and a level: fill all three or none."
        yield from ((cell, "must not be empty beside the rest of the interval", fix) for cell in empty)


@check(
    why="a reversed sign is the costliest slip of an extraction",
    example="12 of 30 against 8 of 30 with `group_2_higher`",
    source="Gøtzsche et al. 2007, JAMA 298, 430-437 (errors of extraction in SMDs)",
)
def _counts_against_direction(row: Finding) -> Found:
    """The group with more events per person is the one that the direction calls higher."""
    table = row.ai, row.n1i, row.ci, row.n2i
    if None not in table and (row.ai * row.n2i - row.ci * row.n1i) * v.SIGN.get(row.direction, 0) < 0:
        fix = "Check the counts at the source, or correct `direction`."
        yield "ai", f"the rates of events have the other sign than direction {row.direction}", fix


@check(
    why="what is said of a test must have a test to be about",
    example="`p_sides` without a p",
    source="docs/readings.md",
)
def _test_of_the_row(row: Finding) -> Found:
    """What is said of a test fits the statistic: `test_of` and `p_sides` stand beside a test, `r_kind` beside r."""
    untested = row.p_relation is None and row.ti is None
    if row.test_of is not None and untested and row.stat_type in ("means", "means_se", "median_iqr", "counts"):
        fix = "Empty it: means and counts are no test. Those of other people belong to another finding."
        yield "test_of", f"does not belong to stat_type {row.stat_type}", fix
    if row.test_of == "contrast" and row.stat_type == "direction" and row.p_relation is not None:
        fix = "Declare stat_type p, or significance for a bound or a statement."
        yield "test_of", "a p of this contrast is more than a direction", fix
    if row.test_of == "contrast" and row.r_kind == "partial":
        yield "test_of", "a partial correlation is adjusted", "Declare adjusted, or correct r_kind."
    if row.r_kind is not None and row.stat_type != "r":
        yield "r_kind", f"does not belong to stat_type {row.stat_type}", "Empty it or declare stat_type r."
    if row.p_sides == "one":
        if row.p_relation is None or row.p_relation == "trend":
            yield "p_sides", "no p, and no statement that has sides", "Empty it, or give p_relation."
        if row.direction not in v.SIGN:
            yield "p_sides", "a one-sided test without a direction", "Say in `direction` to which side it was made."


@check(
    why="such a p is misprinted, or says nothing",
    example="p < 1; a one-sided p of .8 in the stated direction",
    source="definition of p; docs/readings.md",
)
def _possible_p(row: Finding) -> Found:
    """A p as a bound lies below 1, and a one-sided p of an effect in its own direction is at most one half."""
    if row.pi is None:
        return
    if row.pi > 0 and _limit(row) > FAR:
        yield "pi", "a p smaller than any that a test of these participants gives", CHECK_THE_DECIMALS
    if row.pi == 1 and row.p_relation in ("<", ">"):
        yield "pi", f"p {row.p_relation} 1 says nothing", "Give the printed p, or what the text says in p_relation."
    half = Decimal("0.5")
    if row.p_sides == "one" and (row.pi > half or (row.pi == half and row.p_relation == ">")):
        fix = "Check p_sides and direction: an effect in the direction of a one-sided test has a p of at most 0.5."
        yield "pi", "one-sided, and yet the effect lies on the other side", fix


def _limit(row: Finding) -> float:
    """The effect that a t with the printed p amounts to; infinite beyond what a computer holds."""
    p, design = min(row.p_two_sided, 1.0), design_of(row)
    if p < 1e-300 or not design.known:
        return math.inf if p < 1e-300 else 0.0
    with np.errstate(all="ignore"):
        try:
            limit = float(design.bounds(p, ">", 0).yi_ub)
        except ValueError:  # the t of such a p is beyond what a computer holds
            return math.inf
    return limit if math.isfinite(limit) else math.inf


@check(
    why="a slip of the decimal point outweighs all other studies",
    example="a mean of 3.2e11; an effect 50 standard errors from zero",
    source="range of printed numbers and of floating-point tails",
)
def _within_reach(row: Finding) -> Found:
    """Numbers are of a size that a study prints, and no effect lies further from zero than a p can say."""
    bad = False
    for cell in (*v.STAT_CELLS, "published_yi", "published_sei"):
        number = getattr(row, cell)
        if cell == "pi" or not isinstance(number, int | Decimal):
            continue
        if abs(number) > LARGEST or 0 < abs(number) < SMALLEST:
            bad = True
            yield cell, "too large or too small to be a printed number", CHECK_THE_DECIMALS
    for cell in ("sei", "published_sei"):
        number = getattr(row, cell)
        if number is not None and row.stat_type != "beta" and not Decimal("1e-4") <= number <= 100:
            bad = True
            yield cell, "not a standard error that a standardized effect can have", CHECK_THE_DECIMALS
    if row.ci_level is not None and not Decimal("0.5") <= row.ci_level <= Decimal("0.9999"):
        bad = True
        yield "ci_level", "not a level that intervals have", "Give it as a proportion, such as 0.95."
    if not bad and row.direction not in ("unclear", "not_visible"):
        yield from _too_far(row)


def _too_far(row: Finding) -> Found:
    design = design_of(row)
    try:
        route, (yi, vi) = exact_effect(row, design, READ)
    except Unconvertible:
        return
    column = "ti" if row.stat_type == "change" and "ti" in route.cells else route.cells[0]
    if design.metric != "ZCOR" and abs(yi) > FAR:
        yield column, f"an effect of {yi:.0f} standard deviations", CHECK_THE_DECIMALS
    elif not math.isfinite(vi) or vi <= 0 or _p(float(yi), float(vi), design, route.by_t) < 1e-300:
        yield column, f"an effect more than {FAR} standard errors from zero", CHECK_THE_DECIMALS


def _p(yi: float, vi: float, design: Design, by_t: bool) -> float:
    """The smaller p of an effect: by its standard error, or, of one that a t gives, by that t."""
    p = float(numeric.norm_two_sided_p(yi / math.sqrt(vi)))
    if not (by_t and design.known):
        return p
    if design.contrast is None:
        t = math.sinh(yi) * math.sqrt(design.df)
    else:
        t = yi / (float(hedges_j(design.df)) * math.sqrt(float(design.contrast.error)))
    return min(p, float(numeric.t_two_sided_p(t, design.df)))


ROW_RULES = (
    _sizes_of_the_design,
    _statistic_of_the_design,
    _possible_numbers,
    _whole_interval,
    _counts_against_direction,
    _test_of_the_row,
    _possible_p,
    _within_reach,
)
