"""Warnings about the numbers of one row: whether they can belong together, and whether they can be true.

What is printed is known only to its last digit. So each check asks whether *any* values that round to the printed
ones fit together, and stays silent when some do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from decimal import Decimal

from scipy.special import nctdtrinc

from reanalysis import effects as es
from reanalysis.check.catalog import Complaint, check
from reanalysis.check.plausibility.printed import Range, decimals, hull, meet, reach, span, unit, wider
from reanalysis.numeric import f_sf, norm_ppf, norm_two_sided_p, t_critical, t_two_sided_p
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding

LARGE = 3.0  # Kadlec et al. 2023: 60 % of the SMDs above 3 came from a standard error taken for a standard deviation
SLACK = 0.002  # relative: programs differ in how they round the small-sample correction
MAIN = {  # the cell that holds the effect of each statistic
    **dict.fromkeys(("means", "means_se", "change"), "m1i"),
    **dict.fromkeys(("g_se", "g_ci"), "yi"),
    **{"median_iqr": "med1i", "t": "ti", "f": "fi", "p": "pi", "r": "ri", "d": "di", "counts": "ai", "beta": "bi"},
}


# ---------------------------------------------------------------- who was compared


def paired(row: Finding) -> bool:
    """Whether the contrast is one of the same participants under two conditions."""
    within = row.design in v.WITHIN_PERSON and row.comparison == "difference"
    return within and (row.n1i is None or row.n1i == row.n2i)


def persons(row: Finding) -> int | None:
    """Participants whose data enter the contrast, as far as known."""
    if row.ni is not None:
        return row.ni
    if row.n1i is None or row.n2i is None:
        return None
    return row.n1i if paired(row) else row.n1i + row.n2i


def compared(row: Finding) -> es.Contrast | None:
    """The design of a comparison with known sizes: two groups, or the same participants twice."""
    if row.comparison != "difference":
        return None
    if paired(row):
        return es.paired(persons(row)) if (persons(row) or 0) > 2 else None
    if row.n1i is None or row.n2i is None or row.n1i + row.n2i < 4:
        return None
    return es.two_groups(row.n1i, row.n2i)


def degrees(row: Finding) -> Range | None:
    """Residual degrees of freedom of the test of a contrast: printed, or between Welch's smallest and Student's."""
    if row.df2 is not None:
        return span(row.df2) if decimals(row.df2) else (float(row.df2), float(row.df2))
    if row.comparison == "association":
        return (row.ni - 2.0, row.ni - 2.0) if row.ni and row.ni > 2 else None
    contrast = compared(row)
    if contrast is None:
        return None
    student = float(contrast.df)
    return (student, student) if paired(row) else (min(row.n1i, row.n2i) - 1.0, student)


def effect(row: Finding) -> float | None:
    """The standardized effect that the row amounts to, or its correlation; None where that takes more than its cells.

    For plausibility only: the analysis has its own, more careful routes.
    """
    contrast = compared(row)
    match row.stat_type:
        case "means" | "means_se":
            sd1, sd2 = (float(printed) * scale for printed, scale in _spreads(row))
            return float(row.m1i - row.m2i) / float(es.pooled_sd(sd1, row.n1i, sd2, row.n2i))
        case "change":
            return float(row.m1i - row.m2i) / float(max(row.sd1i, row.sd2i))
        case "t" if contrast is not None:
            return float(row.ti) * math.sqrt(contrast.error)
        case "f" if contrast is not None and row.df1 == 1:
            return math.sqrt(float(row.fi) * float(contrast.error))
        case "d" | "g_se" | "g_ci" | "r":
            return float(getattr(row, MAIN[row.stat_type]))
        case "beta" if row.sdi is not None:
            return float(row.bi / row.sdi)
    return None


def _spreads(row: Finding) -> tuple[tuple[Decimal, float], tuple[Decimal, float]]:
    """Of both groups the printed spread, and the factor that makes it a standard deviation."""
    if row.stat_type == "means_se":
        return (row.se1i, math.sqrt(row.n1i)), (row.se2i, math.sqrt(row.n2i))
    return (row.sd1i, 1.0), (row.sd2i, 1.0)


def _of_means(row: Finding, function: Callable[[float, float, float], float]) -> Range:
    """A function of mean difference and SDs, over what the printed means and spreads can have been."""
    (s1, scale1), (s2, scale2) = _spreads(row)

    def of_cells(m1: float, m2: float, s1: float, s2: float) -> float:
        return function(m1 - m2, max(s1, 1e-300) * scale1, max(s2, 1e-300) * scale2)

    return reach(of_cells, row.m1i, row.m2i, s1, s2)


def _d_of_means(row: Finding) -> Range:
    return _of_means(row, lambda difference, s1, s2: difference / float(es.pooled_sd(s1, row.n1i, s2, row.n2i)))


# ---------------------------------------------------------------- size of the effect


@check(
    severity="warning",
    why="three in five standardized differences above 3 are a standard error taken for a standard deviation",
    example="means 52.1 and 48.0 with SDs of 1.1 and 1.2: d = 3.6",
    source="Kadlec, Sainani & Nimphius 2023, Sports Med. 53, 313-325",
)
def _very_large_effect(row: Finding) -> Iterator[Complaint]:
    """Standardized differences and changes are at most 3 in size, correlations at most .95."""
    value = effect(row)
    if value is None:
        return
    if row.stat_type == "r" and abs(value) > 0.95:
        fix = "Check that it is not a reliability, a part with its whole, or one measure against itself."
        yield "ri", "a correlation this strong is rare between two different measures", fix
    elif row.stat_type != "r" and abs(value) > LARGE:
        n = persons(row)
        if_se = f"; about {abs(value) / math.sqrt(n / 2):.2f} if the SDs are SEs" if n and _has_sds(row) else ""
        fix = "Check at the source whether the spread is an SE, and whether decimals or signs were misread."
        yield MAIN[row.stat_type], f"a standardized effect of {value:.1f}{if_se}", fix


def _has_sds(row: Finding) -> bool:
    return row.stat_type in ("means", "change")


@check(
    severity="warning",
    why="a standard error in one of the two columns makes the effect too large by about the root of n",
    example="SDs of 10.2 and 1.9 in two groups of 30",
    source="Cochrane Handbook 6.5, section 6.5.2.2; F test of two variances",
)
def _sd_of_one_group(row: Finding) -> Iterator[Complaint]:
    """The SDs of two groups do not differ by about the root of n, unless chance explains it."""
    if row.stat_type != "means" or row.sd1i is None or row.sd2i is None:
        return
    for small, large, n, other in (("sd1i", "sd2i", row.n1i, row.n2i), ("sd2i", "sd1i", row.n2i, row.n1i)):
        ratio = float(getattr(row, large) / getattr(row, small))
        chance = 2 * float(f_sf(ratio**2, other - 1, n - 1))
        if ratio > 1 and abs(math.log(ratio / math.sqrt(n))) < 0.3 and chance < 1e-5:
            message = f"the other SD divided by {ratio:.1f}, which is about the root of n = {n}"
            yield small, message, "Check at the source whether this is a standard error."


@check(
    severity="warning",
    why="the spread of the participants is not smaller than the error of the assay, which is some percent",
    example="412 (SD 18) pg/ml in 25 participants; with an SE of 18 the SD is 90",
    source="Cochrane Handbook 6.5, section 6.5.2.2; coefficient of variation",
)
def _sd_small_for_a_level(row: Finding) -> Iterator[Complaint]:
    """Concentrations have an SD of 8 % of the mean or more, in one group at least."""
    if row.stat_type != "means" or row.matrix is None or min(row.m1i, row.m2i) <= 0:
        return
    spread = [float(sd / mean) for sd, mean in ((row.sd1i, row.m1i), (row.sd2i, row.m2i))]
    if_se = [cv * math.sqrt(n) for cv, n in zip(spread, (row.n1i, row.n2i), strict=True)]
    if max(spread) < 0.08 and min(if_se) > 0.12:
        message = f"an SD of {spread[0]:.0%} of the mean ({if_se[0]:.0%} if it is a standard error)"
        yield "sd1i", message, "Check at the source whether SD or SE is printed; for SE declare stat_type means_se."


# ---------------------------------------------------------------- intervals and standard errors


@check(
    severity="warning",
    why="an interval of a ratio or a misprinted bound gives a wrong standard error",
    example="1.90 with the interval 1.20 to 3.01: symmetric on the log scale only",
    source="symmetry of Wald intervals; Cochrane Handbook 6.5, chapter 6; noncentral t: Hedges 1981",
)
def _interval_around_its_effect(row: Finding) -> Iterator[Complaint]:
    """The effect is the middle of its interval, up to rounding or the asymmetry of an exact interval of d."""
    column, y = _published(row)
    if y is None or row.ci_lb is None or row.ci_ub is None or not row.ci_lb < y < row.ci_ub:
        return
    below, above = float(y - row.ci_lb), float(row.ci_ub - y)
    rounding = unit(y) + (unit(row.ci_lb) + unit(row.ci_ub)) / 2
    if abs(above - below) <= rounding or _exact_interval(row, y):
        return
    numbers = (row.ci_lb, row.ci_ub)
    on_log_scale = row.ci_lb > 0 and min(span(one)[0] for one in (*numbers, y)) > 0
    if on_log_scale and meet(reach(lambda lb, ub: math.sqrt(lb * ub), *numbers), span(y)):
        fix = "Enter log effect and log bounds if it is a ratio; what is pooled here is a difference."
        yield "ci_lb", f"the interval is symmetric around {y} on the log scale, as that of a ratio", fix
    elif abs(above - below) - rounding > 0.1 * (above + below):
        middle = (float(row.ci_lb) + float(row.ci_ub)) / 2
        message = f"the middle of the interval is {middle:.3g}, the effect {y}"
        yield "ci_lb", message, "Check the bounds and the effect at the source."


@check(
    severity="warning",
    why="one of the two is misprinted, or of another level or scale",
    example="d = 0.50 with SE 0.26 and the interval 0.30 to 0.70",
    source="Cochrane Handbook 6.5, chapter 6 (SE from a confidence interval)",
)
def _interval_and_its_se(row: Finding) -> Iterator[Complaint]:
    """Where both are printed, the standard error is that of the interval."""
    if row.sei is None or row.ci_lb is None or row.ci_ub is None:
        return
    printed = span(row.sei)
    if not any(meet(wider(printed, SLACK), half) for half in _ses_of_interval(row)):
        found = sum(_ses_of_interval(row)[0]) / 2
        yield "sei", f"the interval is that of a standard error of {found:.3g}", "Check both at the source."


@check(
    severity="warning",
    why="sizes that do not give the printed interval are those of other people, or the design is another one",
    example="g = 0.31, interval -0.31 to 0.92, in groups of 15 and 16: the interval is that of about 41 participants",
    source="Hedges & Olkin 1985; Borenstein et al. 2009, ch. 4; Hedges 1981 (noncentral t)",
)
def _se_of_these_sizes(row: Finding) -> Iterator[Complaint]:
    """SE or interval of a published standardized effect are those that the group sizes give, by one of the formulas."""
    column, y = _published(row)
    if y is None or (row.sei is None and (row.ci_lb is None or row.ci_ub is None)):
        return
    printed = [span(row.sei)] if row.sei is not None else _ses_of_interval(row)
    contrast = compared(row)
    if contrast is None:
        if row.ni and row.ni >= 4 and row.design == "parallel":
            least = math.sqrt(4 / row.ni + min(map(abs, span(y))) ** 2 / (2 * row.ni)) * 0.95
            if max(upper for _, upper in printed) < least:
                message = f"{row.ni} participants in two groups give a standard error of {least:.3g} or more"
                yield column, message, _SIZES_FIX
        return
    formulas = [wider(one, SLACK) for one in _ses_of_sizes(row, y, contrast)]
    if any(meet(se, one) for se in printed for one in formulas) or _exact_interval(row, y):
        return
    se, usual = sum(printed[0]) / 2, sum(formulas[0]) / 2
    yield (
        column,
        f"printed is a standard error of {se:.3g}, {_sizes(row)} give {usual:.3g}{_would_fit(row, y, se)}",
        _SIZES_FIX,
    )


_SIZES_FIX = "Check sizes, design and interval at the source; correct what is wrong, or fill `doubt`."


def _published(row: Finding) -> tuple[str, Decimal | None]:
    """Column and value of a published standardized effect."""
    column = MAIN.get(row.stat_type, "")
    return column, getattr(row, column) if row.stat_type in ("d", "g_se", "g_ci") else None


def _ses_of_interval(row: Finding) -> list[Range]:
    """Standard errors that the printed interval can have come from: of the normal, and of t where sizes are known."""
    level = float(row.ci_level) if row.ci_level is not None else 0.95
    half = reach(lambda lb, ub: (ub - lb) / 2, row.ci_lb, row.ci_ub)
    df = degrees(row)
    quantiles = [t_critical(level)] + ([t_critical(level, df[1])] if df and df[1] >= 1 else [])
    return [(half[0] / float(q), half[1] / float(q)) for q in quantiles]


def _ses_of_sizes(row: Finding, y: Decimal, contrast: es.Contrast) -> list[Range]:
    """The standard errors of a standardized effect by the formulas in use; the first is the usual one.

    A published d is uncorrected: its variance is error + d^2 / (2 N), or with the degrees of freedom in place of N. A
    published g was corrected: its variances are LS, LS2 and UB of metafor, or those of the uncorrected d.
    """
    ends = [abs(end) for end in span(y)] + [0.0] * (span(y)[0] < 0 < span(y)[1])
    totals = [contrast, contrast._replace(total=contrast.df)]
    if row.stat_type == "d":
        corrected, formulas = False, ("LS",)
    else:
        corrected, formulas = True, ("LS", "LS2", "UB")
    ses = []
    for design in totals:
        j = float(es.hedges_j(design.df)) if design.df > 1 else 1.0
        for formula in formulas:
            found = [_se(end / j if corrected else end, design, formula, corrected) for end in ends]
            ses.append((min(found), max(found)))
        if corrected:
            found = [_se(end / j, design, "LS", False) for end in ends]
            ses.append((min(found), max(found)))
    return ses


def _se(d: float, design: es.Contrast, formula: str, corrected: bool) -> float:
    return math.sqrt(max(0.0, float(es.standardized(d, design, vtype=formula, correct=corrected).vi)))


def _exact_interval(row: Finding, y: Decimal) -> bool:
    """Whether the printed interval is the exact one, from the noncentral t, of some effect that rounds to y."""
    contrast = compared(row)
    if contrast is None or row.ci_lb is None or row.ci_ub is None or contrast.df <= 1:
        return False
    level = float(row.ci_level) if row.ci_level is not None else 0.95
    root, df = math.sqrt(contrast.error), float(contrast.df)
    j = 1.0 if row.stat_type == "d" else float(es.hedges_j(df))
    low, high = span(y)
    steps = [low + (high - low) * step / 20 for step in range(21)]
    slack = (high - low) / 20

    def fits(end: float, tail: float, bound: Decimal, factor: float) -> bool:
        exact = factor * root * float(nctdtrinc(df, tail, end / j / root))
        return span(bound)[0] - slack <= exact <= span(bound)[1] + slack

    return any(
        fits(end, 0.5 + level / 2, row.ci_lb, factor) and fits(end, 0.5 - level / 2, row.ci_ub, factor)
        for factor in {1.0, j}  # the bounds of a corrected effect are printed corrected or not
        for end in steps
    )


def _sizes(row: Finding) -> str:
    return f"{persons(row)} participants measured twice" if paired(row) else f"groups of {row.n1i} and {row.n2i}"


def fits_groups(row: Finding) -> bool:
    """Whether the SE of a within-person effect is that of two groups of as many participants each."""
    column, y = _published(row)
    n = persons(row)
    if y is None or n is None or n < 3 or not paired(row) or (row.sei is None and row.ci_lb is None):
        return False
    printed = span(row.sei) if row.sei is not None else _ses_of_interval(row)[0]
    return any(meet(printed, wider(one, SLACK)) for one in _ses_of_sizes(row, y, es.two_groups(n, n)))


def fits_design(row: Finding) -> bool:
    """Whether SE or interval of a published effect are those of its own design and sizes."""
    return next(_se_of_these_sizes.find(row), None) is None


def _would_fit(row: Finding, y: Decimal, se: float) -> str:
    """What sizes would give the printed standard error."""
    if se <= 0:
        return ""
    square = float(y) ** 2
    groups = (4 + square / 2) / se**2
    if not paired(row):
        return f"; it is that of about {groups:.0f} participants in two equal groups"
    twice = (1 + square / 2) / se**2
    return f"; it is that of about {twice:.0f} participants measured twice, or of two groups of {groups / 2:.0f}"


# ---------------------------------------------------------------- p


@check(
    severity="warning",
    why="one of the printed numbers is wrong, or the test is another one (one-sided, corrected, adjusted)",
    example="t = 2.20 with 28 degrees of freedom and p = .36",
    source="statcheck: Nuijten et al. 2016, Behav. Res. Methods 48, 1205-1226",
)
def _p_of_its_statistic(row: Finding) -> Iterator[Complaint]:
    """The printed p is that of the printed t, F, r, coefficient or effect, up to the rounding of both."""
    if row.p_relation is None or row.test_of not in (None, "contrast"):
        return
    recomputed = _p_of_statistic(row)
    if recomputed is None or _p_fits(row, recomputed):
        return
    shown = _ps(recomputed)
    halved = (recomputed[0] / 2, recomputed[1] / 2)
    if row.p_sides is None and _p_fits(row, halved):
        fix = "If the source tests one side, write `one` into p_sides."
        yield _p_cell(row), f"half the two-sided p of the printed statistic ({shown})", fix
    else:
        fix = "Check both at the source; say in `test_of` if the p is that of another test."
        yield _p_cell(row), f"the printed statistic gives p {shown}", fix


@check(
    severity="warning",
    why="means, spread, sizes and p describe the same comparison; far apart, one of them is misread",
    example="20.1 (SD 4.0) against 19.8 (SD 4.2) in groups of 25 with p = .001",
    source="Student's and Welch's t from summary statistics; Nuijten et al. 2016 on the same idea",
)
def _test_of_its_means(row: Finding) -> Iterator[Complaint]:
    """A t or p printed beside means, SDs and sizes is about that of a t test of them; other tests differ a little."""
    if row.stat_type not in ("means", "means_se") or row.test_of not in (None, "contrast") or paired(row):
        return
    found = _t_of_means(row)
    if found is None:
        return
    student, df = found
    if row.ti is not None and not meet(wider(student, 0.1), span(row.ti)):
        message = f"means, spread and sizes give t = {sum(student) / 2:.2f}"
        yield "ti", message, "Check all of them at the source; say in `test_of` if the test is adjusted."
    if row.p_relation is not None and row.ti is None:
        size = _sizes_of(student)
        ps = tuple(float(t_two_sided_p(t, df)) for t in reversed(size))
        near = tuple(float(norm_two_sided_p(max(0.0, z))) for z in (_z(ps[0]) + 1, _z(ps[1]) - 1))
        if not _p_fits(row, near) and not (row.p_sides == "one" and _p_fits(row, (near[0] / 2, near[1] / 2))):
            message = f"means, spread and sizes give p {_ps(ps)}"
            fix = "Check all of them at the source (is the spread an SE?); say in `test_of` if the test is adjusted."
            yield _p_cell(row), message, fix


def _t_of_means(row: Finding) -> tuple[Range, float] | None:
    """Student's t over what the printed means and spreads can have been, and its degrees of freedom."""
    n1, n2 = row.n1i, row.n2i
    if n1 + n2 < 4:
        return None

    def pooled(difference: float, s1: float, s2: float) -> float:
        return difference / (float(es.pooled_sd(s1, n1, s2, n2)) * math.sqrt(1 / n1 + 1 / n2))

    def welch(difference: float, s1: float, s2: float) -> float:
        return difference / math.sqrt(s1**2 / n1 + s2**2 / n2)

    return hull([_of_means(row, pooled), _of_means(row, welch)]), n1 + n2 - 2.0


def _p_of_statistic(row: Finding) -> Range | None:
    """Two-sided p of the printed statistic, over what it and its degrees of freedom can have been."""
    df = degrees(row)
    match row.stat_type:
        case "t" | "means" | "means_se" | "change" if row.ti is not None and df and df[0] > 0:
            return _p_of_t(span(row.ti), df)
        case "f" if df and df[0] > 0 and (row.df1 == 1 or row.df2 is not None):
            ends = [float(f_sf(max(0.0, f), row.df1, d)) for f in span(row.fi) for d in df]
            return min(ends), max(ends)
        case "r" if df and df[0] > 0 and row.r_kind != "partial":
            ends = [min(0.999999, max(-0.999999, end)) for end in span(row.ri)]
            t_of_r = tuple(r * math.sqrt(df[0] / (1 - r * r)) for r in ends)
            fisher = tuple(math.atanh(r) * math.sqrt(df[0] - 1) for r in ends) if df[0] > 1 else t_of_r
            found = hull([_p_of_t(t_of_r, df), _p_of_t(fisher, (math.inf, math.inf))])
            return found if row.r_kind == "pearson" else wider(found, 0.25)  # Spearman: tables and permutations
        case "d" | "g_se" | "g_ci" | "beta" if row.sei is not None:
            z = _quotient(span(getattr(row, MAIN[row.stat_type])), span(row.sei))
            return hull([_p_of_t(z, (math.inf, math.inf))] + ([_p_of_t(z, df)] if df and df[0] > 0 else []))
    return None


def _quotient(above: Range, below: Range) -> Range:
    values = [top / max(bottom, 1e-300) for top in above for bottom in below]
    return min(values), max(values)


def _sizes_of(t: Range) -> Range:
    """Smallest and largest size of a statistic whose sign does not matter."""
    ends = sorted(map(abs, t))
    return (0.0 if t[0] <= 0 <= t[1] else ends[0]), ends[1]


def _p_of_t(t: Range, df: Range) -> Range:
    smallest, largest = _sizes_of(t)
    return (
        min(float(t_two_sided_p(largest, d)) for d in df),
        max(float(t_two_sided_p(smallest, d)) for d in df),
    )


def _p_fits(row: Finding, p: Range) -> bool:
    """Whether a p in this range can be printed, or spoken of, as the row has it."""
    if row.p_sides == "one" and row.p_relation in ("=", "<", ">"):
        p = (p[0] / 2, p[1] / 2)
    match row.p_relation:
        case "=":
            return meet(p, span(row.pi))
        case "<":
            return p[0] <= float(row.pi) + unit(row.pi) / 2
        case ">":
            return p[1] >= float(row.pi) - unit(row.pi) / 2
        case "sig":  # one-sided tests and levels of .10 are called significant too
            return p[0] <= 0.1
        case "ns":  # so are corrected levels of .01 called not significant
            return p[1] >= 0.01
        case "trend":
            return p[1] >= 0.01 and p[0] <= 0.2
    return True


def _p_cell(row: Finding) -> str:
    return "pi" if row.pi is not None else "p_relation"


def _ps(p: Range) -> str:
    low, high = (f"{end:.2g}" for end in p)
    return f"= {low}" if low == high else f"between {low} and {high}"


def _z(p: float) -> float:
    return float(-norm_ppf(max(p, 1e-300) / 2))


# ---------------------------------------------------------------- recomputed against published


@check(
    severity="warning",
    why="a value that does not come out of its own numbers means that one of them was misread",
    example="92.1 (SD 7.85) against 88.9 (SD 8.28) in 19 and 19 with a published g of 0.83",
    source="Gøtzsche et al. 2007, JAMA 298, 430-437; Hedges 1981 (g), Borenstein et al. 2009, ch. 4 (SE)",
)
def _published_effect(row: Finding) -> Iterator[Complaint]:
    """`published_yi` and `published_sei` come out of the means, SDs and sizes of the row, as d or as g."""
    contrast = compared(row)
    if contrast is None or contrast.df <= 1:
        return
    d = _d_of_cells(row, contrast)
    if d is None:
        return
    j = float(es.hedges_j(contrast.df))
    if row.published_yi is not None:
        printed = span(row.published_yi)
        if not any(meet(wider((factor * d[0], factor * d[1]), SLACK), printed) for factor in (1.0, j)):
            message = f"the numbers of the row give g = {j * sum(d) / 2:.{max(2, decimals(row.published_yi))}f}"
            fix = "Check means, spread and sizes, and whether the published value has the same direction and metric."
            yield "published_yi", message, fix
    if row.published_sei is not None:
        formulas = [(formula, corrected) for formula in ("LS", "LS2", "UB") for corrected in (True, False)]
        ranges = [sorted(_se(end, contrast, *one) for end in _sizes_of(d)) for one in formulas]
        if not any(meet(wider((low, high), SLACK), span(row.published_sei)) for low, high in ranges):
            message = f"the numbers of the row give an SE of {ranges[0][0]:.{max(2, decimals(row.published_sei))}f}"
            yield "published_sei", message, "Check the group sizes and the design."


def _d_of_cells(row: Finding, contrast: es.Contrast) -> Range | None:
    """The uncorrected d over what the printed means and spreads can have been."""
    if row.stat_type in ("means", "means_se") and not paired(row):
        return _d_of_means(row)
    if row.stat_type == "t":
        low, high = span(row.ti)
        return low * math.sqrt(contrast.error), high * math.sqrt(contrast.error)
    return None


# ---------------------------------------------------------------- codes, correlations, scales

MISSING_CODES = frozenset({"-9", "-99", "-999", "-9999", "99", "999", "9999", "-88", "-77", "88888", "99999"})
_PAIRS = (
    ("m1i", "m2i"),
    ("sd1i", "sd2i"),
    ("se1i", "se2i"),
    ("med1i", "med2i"),
    ("q1_1i", "q1_2i"),
    ("q3_1i", "q3_2i"),
)
_ALONE = ("ti", "fi", "di", "yi", "sei", "ci_lb", "ci_ub", "dose", "published_yi", "published_sei")


@check(
    severity="warning",
    why="a code for `missing` that is read as a number is the largest effect of the data",
    example="`m2i` -99 beside `m1i` 14.2",
    source="codes of missing values in SPSS and SAS practice",
)
def _missing_code(row: Finding) -> Iterator[Complaint]:
    """No cell holds -9, -99, 99, 999 or 9999 while the number that it goes with is far away."""
    fix = "Leave the cell empty where the value is unknown; else accept this warning."
    message = "looks like a code for a missing value"
    for pair in _PAIRS:
        numbers = [getattr(row, column) for column in pair]
        for column, own, other in ((pair[0], *numbers), (pair[1], *reversed(numbers))):
            if own is not None and str(own) in MISSING_CODES and (other is None or _far(row, pair, own, other)):
                yield column, message, fix
    for column in _ALONE:
        value = getattr(row, column)
        if value is not None and str(value) in MISSING_CODES:
            yield column, message, fix


def _far(row: Finding, pair: tuple[str, str], own: Decimal, other: Decimal) -> bool:
    """Whether two numbers of a pair are so far apart that one of them is no measurement: 5 SD, or five times."""
    if pair == ("m1i", "m2i") and row.sd1i is not None and row.sd2i is not None:
        return abs(own - other) > 5 * max(row.sd1i, row.sd2i)
    return abs(own) > 9 and abs(own - other) > 5 * abs(other)


@check(
    severity="warning",
    why="no two measurements can differ by what the numbers say",
    example="SDs of 5.1 and 5.4 in 25 participants, a difference of 3.2 and a paired t of 40",
    source="Cochrane Handbook 6.5, section 6.5.2.8 (correlation from the SD of the changes)",
)
def _correlation_of_two_times(row: Finding) -> Iterator[Complaint]:
    """The correlation that SDs and the paired t (or exact p) imply lies between -1 and 1, and near the one given."""
    if row.stat_type != "change" or row.m1i == row.m2i or (row.ti is None and row.p_relation != "="):
        return
    if row.test_of not in (None, "contrast"):
        return
    column = "ti" if row.ti is not None else "pi"
    t = _sizes_of(span(row.ti)) if row.ti is not None else _t_of_p(row)
    if t is None or t[0] <= 0 or min(span(row.sd1i)[0], span(row.sd2i)[0]) <= 0:
        return

    def correlation(m1: float, m2: float, s1: float, s2: float, t: float) -> float:
        change = (m1 - m2) * math.sqrt(row.ni) / t
        return (s1 * s1 + s2 * s2 - change * change) / (2 * s1 * s2)

    numbers = (row.m1i, row.m2i, row.sd1i, row.sd2i)
    implied = hull(reach(lambda *x, t=end: correlation(*x, t), *numbers) for end in t)
    if implied[0] > 1 or implied[1] < -1:
        message = f"with these SDs it implies a correlation of {sum(implied) / 2:.2f} between the two measurements"
        fix = "Check SDs (or are they SEs?), the test and the number of participants at the source."
        yield column, message, fix
    elif row.pre_post_r is not None and not meet(wider(implied, 0.05), span(row.pre_post_r)):
        message = f"SDs and test imply a correlation between {implied[0]:.2f} and {implied[1]:.2f}"
        yield "pre_post_r", message, "Check where the correlation comes from."


def _t_of_p(row: Finding) -> Range | None:
    low, high = span(row.pi)
    if low <= 0 or high >= 1 or row.ni is None or row.ni < 2:
        return None
    sides = 2 if row.p_sides == "one" else 1
    ends = [float(es.t_from_p(min(0.999999, sides * p), row.ni - 1)) for p in (high, low)]
    return ends[0], ends[1]


@check(
    severity="warning",
    why="a mean of whole numbers can take certain values only",
    example="a mean of 3.44 of a sum score in 15 participants: 51.6 points in all",
    source="GRIM: Brown & Heathers 2017, Soc. Psychol. Personal. Sci. 8, 363-369",
)
def _grim(row: Finding) -> Iterator[Complaint]:
    """The mean times its participants and `scale_items` is a whole number, up to rounding (GRIM)."""
    if row.scale_items is None or row.stat_type not in ("means", "means_se", "change", "significance"):
        return
    for column, n in (("m1i", row.n1i or row.ni), ("m2i", row.n2i or row.ni)):
        mean = getattr(row, column)
        if mean is None or n is None:
            continue
        grains = n * row.scale_items / (100 if percent(row) else 1)
        low, high = (end * grains for end in span(mean))
        tolerance = 1e-9 * max(1.0, abs(high))
        if math.floor(high + tolerance) < math.ceil(low - tolerance):
            message = f"no {n} scores of whole numbers have this mean"
            fix = "Check mean and size at the source: were participants missing, or is the score not a whole number?"
            yield column, message, fix


@check(
    severity="warning",
    why="a spread that the scale has no room for is a slip, or of another scale",
    example="98 percent correct with an SD of 25",
    source="Bhatia & Davis 2000, Am. Math. Mon. 107, 353-357 (largest variance on a bounded scale)",
)
def _room_on_the_scale(row: Finding) -> Iterator[Complaint]:
    """A percentage lies between 0 and 100, and its SD is not larger than the scale allows around its mean."""
    if row.stat_type not in ("means", "means_se") or not percent(row):
        return
    columns = (("m1i", "sd1i"), ("m2i", "sd2i")) if row.stat_type == "means" else (("m1i", "se1i"), ("m2i", "se2i"))
    for (mean, spread), (printed, scale), n in zip(columns, _spreads(row), (row.n1i, row.n2i), strict=True):
        low, high = span(getattr(row, mean))
        if high < 0 or low > 100:
            yield mean, "a percentage outside 0 to 100", "Check value and unit."
            continue
        nearest_to_middle = min(max(50.0, low), high)
        most = math.sqrt(max(0.0, nearest_to_middle * (100 - nearest_to_middle)) * n / (n - 1))
        if span(printed)[0] * scale > most * (1 + SLACK):
            message = f"around a mean of {getattr(row, mean)} percent the SD cannot exceed {most:.3g}"
            yield spread, message, "Check mean, spread (SD or SE?) and unit at the source."


def percent(row: Finding) -> bool:
    """Whether the numbers are percentages of a whole, not changes in percent."""
    unit_of = (row.unit or "").lower()
    return unit_of.startswith(("percent", "%", "per cent")) and "change" not in f"{unit_of} {row.outcome}".lower()


@check(
    severity="warning",
    why="where all or none had the event, effect and variance rest on the correction for zero cells",
    example="0 of 20 against 0 of 22",
    source="Cochrane Handbook 6.5, section 10.4.4.1",
)
def _nobody_or_everybody(row: Finding) -> Iterator[Complaint]:
    """In at least one group some have the event and some do not."""
    if row.stat_type == "counts" and row.ai is not None and row.ci is not None:
        none = row.ai == row.ci == 0
        if none or (row.ai == row.n1i and row.ci == row.n2i):
            word = "no event" if none else "nothing but events"
            yield "ai", f"{word} in both groups", "Such a row tells nothing about the ratio; check the counts."


ROW_CHECKS = (
    _very_large_effect,
    _sd_of_one_group,
    _sd_small_for_a_level,
    _interval_around_its_effect,
    _interval_and_its_se,
    _se_of_these_sizes,
    _p_of_its_statistic,
    _test_of_its_means,
    _published_effect,
    _missing_code,
    _correlation_of_two_times,
    _grim,
    _room_on_the_scale,
    _nobody_or_everybody,
)
