"""One finding, one rung: numbers by hand for every statistic, and what each statement leaves open."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.project import CONTRASTS, RAW

from reanalysis.check import load
from reanalysis.ladder import domain_effects
from reanalysis.ladder.reading import read_finding
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding
from reanalysis.schema.vocabulary import STAT_TYPES

CONFIG = Effects(alpha=0.05, trend=0.1, smd_variance="LS")


def finding(**cells) -> Finding:
    """A finding of patients against controls in which the patients are lower, with the cells of a statistic."""
    between = {
        "finding_id": "some-finding",
        "coding": "primary",
        "report_id": "some2020",
        "sample_id": "some2020",
        "contrast": "bpd_vs_control",
        "outcome_group": "oxytocin-level",
        "population": "adults",
        "outcome": "plasma oxytocin",
        "design": "observational",
        "group_1": "BPD",
        "group_2": "controls",
        "stat_type": "direction",
        "direction": "group_2_higher",
        "higher_is_better": "unclear",
        "locator": "abstract",
        "source_kind": "abstract",
        "coder": "AB",
    }
    known = {name: value for name, value in (between | cells).items() if value is not None}
    return Finding.model_validate({"comparison": CONTRASTS[known["contrast"]].comparison} | known)


def correlation(**cells) -> Finding:
    return finding(contrast="association_bpd", **{"direction": "negative", **cells})


def crossover(**cells) -> Finding:
    return finding(contrast="oxt_vs_placebo_bpd", design="crossover", **cells)


def read(row: Finding, config=CONFIG):
    return read_finding(row, config)


def hedges(d: float, n1: int, n2: int) -> tuple[float, float]:
    """g and its large-sample variance: Hedges (1981), with the exact correction."""
    m = n1 + n2 - 2
    g = d * math.gamma(m / 2) / (math.sqrt(m / 2) * math.gamma((m - 1) / 2))
    return g, 1 / n1 + 1 / n2 + g**2 / (2 * (n1 + n2))


def changed(d: float, n: int) -> tuple[float, float]:
    """The standardized mean change: Gibbons, Hedeker & Davis (1993), with the exact correction."""
    m = n - 1
    g = d * math.gamma(m / 2) / (math.sqrt(m / 2) * math.gamma((m - 1) / 2))
    return g, 1 / n + g**2 / (2 * n)


# ---------------------------------------------------------------- exact

G8 = hedges(-0.8, 30, 20)
T_OF_P = stats.t.isf(0.002 / 2, 76)
EXACT = {
    "means": (finding(stat_type="means", n1i=30, m1i="4", sd1i="5", n2i=20, m2i="8", sd2i="5"), G8),
    "means_se": (
        finding(stat_type="means_se", n1i=25, m1i="6", se1i="1", n2i=25, m2i="8", se2i="1"),
        hedges(-0.4, 25, 25),
    ),
    "change": (
        crossover(stat_type="change", ni=16, m1i="3", sd1i="4", m2i="5", sd2i="4", pre_post_r="0.5"),
        changed(-2 / 4, 16),
    ),
    "t": (finding(stat_type="t", n1i=30, n2i=20, ti="-2"), hedges(-2 * math.sqrt(1 / 30 + 1 / 20), 30, 20)),
    "t within participants": (crossover(stat_type="t", ni=16, ti="-2"), changed(-2 / 4, 16)),
    "t of a correlation": (
        correlation(stat_type="t", ni=50, ti="-2"),
        (math.atanh(-2 / math.sqrt(4 + 48)), 1 / 47),
    ),
    "f": (finding(stat_type="f", n1i=30, n2i=20, fi="4", df1=1), hedges(-2 * math.sqrt(1 / 30 + 1 / 20), 30, 20)),
    "p": (
        finding(stat_type="p", n1i=50, n2i=28, pi="0.002", p_relation="="),
        hedges(-T_OF_P * math.sqrt(1 / 50 + 1 / 28), 50, 28),
    ),
    "r": (correlation(stat_type="r", ri="-0.36", r_kind="pearson", ni=53), (math.atanh(-0.36), 1 / 50)),
    "r and its p": (
        correlation(stat_type="r", ri="-0.36", r_kind="pearson", pi="0.017", p_relation="="),
        (math.atanh(-0.36), (math.atanh(0.36) / stats.norm.isf(0.017 / 2)) ** 2),
    ),
    "d": (finding(stat_type="d", di="-0.8", n1i=30, n2i=20), G8),
    "one-sided p": (
        finding(stat_type="p", n1i=50, n2i=28, pi="0.001", p_relation="=", p_sides="one"),
        hedges(-T_OF_P * math.sqrt(1 / 50 + 1 / 28), 50, 28),
    ),
    "t and its degrees of freedom": (
        crossover(stat_type="t", df2="15", ti="-2"),
        changed(-2 / 4, 16),
    ),
    "Spearman's r": (
        correlation(stat_type="r", ri="-0.36", r_kind="spearman", ni=53),
        (math.atanh(-0.36), (1 + 0.36**2 / 2) / 50),
    ),
    "Spearman's r and its p": (
        correlation(stat_type="r", ri="-0.36", r_kind="spearman", pi="0.017", p_relation="="),
        (math.atanh(-0.36), (1 + 0.36**2 / 2) * (math.atanh(0.36) / stats.norm.isf(0.017 / 2)) ** 2),
    ),
    "d and its SE": (
        crossover(stat_type="d", di="-0.8", sei="0.3", ni=16),
        (changed(-0.8, 16)[0], (changed(1, 16)[0] * 0.3) ** 2),
    ),
    "d and its SE alone": (  # (4 + 0.32) / 0.09 = 48 participants
        finding(stat_type="d", di="-0.8", sei="0.3"),
        (hedges(-0.8, 24, 24)[0], (hedges(1, 24, 24)[0] * 0.3) ** 2),
    ),
    "beta and the SD": (finding(stat_type="beta", bi="-4", sdi="5", n1i=30, n2i=20, test_of="contrast"), G8),
    "beta and its SE": (
        finding(stat_type="beta", bi="-4", sei="2", n1i=30, n2i=20, test_of="contrast"),
        hedges(-2 * math.sqrt(1 / 30 + 1 / 20), 30, 20),
    ),
    "g_se": (finding(stat_type="g_se", yi="-0.5", sei="0.2"), (-0.5, 0.04)),
    "g_ci": (
        finding(stat_type="g_ci", yi="-0.5", ci_lb="-0.892", ci_ub="-0.108", ci_level="0.95"),
        (-0.5, (0.784 / (2 * stats.norm.ppf(0.975))) ** 2),
    ),
}


@pytest.mark.parametrize(("row", "expected"), EXACT.values(), ids=EXACT)
def test_an_exact_statistic(row, expected):
    reading = read(row)
    assert reading.rung == "exact"
    assert (reading.yi, reading.vi) == pytest.approx(expected, rel=1e-9)
    assert reading.es_method
    assert reading.inputs
    assert not reading.missing


@pytest.mark.parametrize("stat_type", STAT_TYPES)
def test_every_statistic_is_read_without_complaint_when_nothing_but_the_sign_is_known(stat_type):
    """The check demands the cells of a statistic; the ladder holds without them."""
    reading = read(finding(stat_type=stat_type))
    assert (reading.rung, reading.yi_lb, reading.yi_ub) == ("direction", -math.inf, 0)


def test_the_variance_is_the_configured_one():
    row = EXACT["means"][0]
    large = read(row, Effects(alpha=0.05, trend=0.1, smd_variance="LS"))
    unbiased = read(row, Effects(alpha=0.05, trend=0.1, smd_variance="UB"))
    assert unbiased.yi == large.yi
    assert unbiased.vi > large.vi
    assert "UB" in unbiased.es_method


def test_a_total_is_split_evenly_and_this_is_said():
    reading = read(finding(stat_type="p", ni=40, pi="0.01", p_relation="="))
    expected = hedges(-stats.t.isf(0.005, 38) * math.sqrt(2 / 20), 20, 20)
    assert (reading.yi, reading.vi) == pytest.approx(expected)
    assert "equal size among 40" in reading.assumed


def test_the_inputs_are_shown_as_printed():
    row = finding(stat_type="means", n1i=30, m1i="4.00", sd1i="5.0", n2i=20, m2i="8.10", sd2i="5.00")
    for text in ("m1i = 4.00", "sd1i = 5.0", "m2i = 8.10", "n2i = 20"):
        assert text in read(row).inputs


def test_a_number_without_a_sign_is_not_exact():
    row = correlation(stat_type="r", ri="0.4", r_kind="pearson", ni=40, direction="unclear")
    assert read(row).rung == "unusable"
    assert "sign" in read(row).why


# ---------------------------------------------------------------- bounded


def limit(n1: int, n2: int, p: float) -> float:
    """|g| at which the t test of two groups gives p."""
    return hedges(stats.t.isf(p / 2, n1 + n2 - 2) * math.sqrt(1 / n1 + 1 / n2), n1, n2)[0]


STATEMENTS = [
    ({"p_relation": "sig"}, "group_2_higher", -math.inf, -limit(30, 20, 0.05)),
    ({"p_relation": "sig"}, "group_1_higher", limit(30, 20, 0.05), math.inf),
    ({"p_relation": "<", "pi": "0.001"}, "group_2_higher", -math.inf, -limit(30, 20, 0.001)),
    ({"p_relation": "ns"}, "none", -limit(30, 20, 0.05), limit(30, 20, 0.05)),
    ({"p_relation": "ns"}, "group_2_higher", -limit(30, 20, 0.05), 0),
    ({"p_relation": "trend"}, "group_1_higher", limit(30, 20, 0.1), limit(30, 20, 0.05)),
    ({"p_relation": "trend"}, "group_2_higher", -limit(30, 20, 0.05), -limit(30, 20, 0.1)),
    ({"p_relation": "trend"}, "none", -limit(30, 20, 0.05), limit(30, 20, 0.05)),
    ({"p_relation": "sig", "p_sides": "one"}, "group_1_higher", limit(30, 20, 0.1), math.inf),
    ({"p_relation": "ns", "p_sides": "one"}, "group_1_higher", 0, limit(30, 20, 0.1)),
    ({"p_relation": "<", "pi": "0.01", "p_sides": "one"}, "group_2_higher", -math.inf, -limit(30, 20, 0.02)),
    ({"p_relation": "ns", "p_sides": "two"}, "none", -limit(30, 20, 0.05), limit(30, 20, 0.05)),
    ({"p_relation": ">", "pi": "0.2"}, "none", -limit(30, 20, 0.2), limit(30, 20, 0.2)),
]


@pytest.mark.parametrize(("statement", "direction", "lower", "upper"), STATEMENTS)
def test_a_statement_on_significance_leaves_an_interval(statement, direction, lower, upper):
    reading = read(finding(stat_type="significance", n1i=30, n2i=20, direction=direction, **statement))
    assert reading.rung == "bounded"
    assert (reading.yi_lb, reading.yi_ub) == pytest.approx((lower, upper))
    assert reading.yi is None
    assert reading.missing


def test_no_bound_is_a_negative_zero():
    reading = read(finding(stat_type="significance", n1i=30, n2i=20, p_relation="ns", direction="group_2_higher"))
    assert math.copysign(1, reading.yi_ub) == 1


def test_the_reading_of_significant_is_a_choice():
    row = finding(stat_type="significance", n1i=30, n2i=20, p_relation="sig")
    assert read(row, Effects(alpha=0.01, trend=0.1, smd_variance="LS")).yi_ub == pytest.approx(-limit(30, 20, 0.01))
    printed = finding(stat_type="significance", n1i=30, n2i=20, p_relation="<", pi="0.001")
    assert read(printed, Effects(alpha=0.01, trend=0.1, smd_variance="LS")) == read(printed)


@pytest.mark.parametrize("alpha", [0.1, 0.2])
def test_a_trend_is_never_read_as_a_p_above_its_own_limit(alpha):
    row = finding(stat_type="significance", n1i=30, n2i=20, p_relation="trend")
    reading = read(row, Effects(alpha=alpha, trend=0.1, smd_variance="LS"))
    assert (reading.yi_lb, reading.yi_ub) == (-math.inf, pytest.approx(-limit(30, 20, 0.1)))
    strict = read(row, Effects(alpha=0.01, trend=0.1, smd_variance="LS"))
    assert (strict.yi_lb, strict.yi_ub) == pytest.approx((-limit(30, 20, 0.01), -limit(30, 20, 0.1)))
    unsigned = row.model_copy(update={"direction": "none"})
    assert read(unsigned, Effects(alpha=alpha, trend=0.1, smd_variance="LS")).rung == "unusable"


def test_an_exact_p_without_a_sign_says_how_far_from_zero_the_effect_can_lie():
    reading = read(finding(stat_type="p", n1i=30, n2i=20, pi="0.3", p_relation="=", direction="none"))
    assert (reading.rung, reading.yi_ub) == ("bounded", pytest.approx(limit(30, 20, 0.3)))
    assert reading.yi_lb == -reading.yi_ub


@pytest.mark.parametrize(("printed", "least"), [("1.000", 0.9995), ("1.0", 0.95), ("1", 0.5)])
@pytest.mark.parametrize("direction", ["none", "group_1_higher"])
def test_a_p_of_one_is_rounded_and_leaves_an_interval(printed, least, direction):
    """An F of several contrasts gives no effect; no interval has its two ends in one place."""
    row = finding(stat_type="f", fi="0.01", df1=2, n1i=30, n2i=20, pi=printed, p_relation="=", direction=direction)
    reading = read(row)
    assert (reading.rung, reading.yi_ub) == ("bounded", pytest.approx(limit(30, 20, least)))
    assert reading.yi_lb == (0 if direction == "group_1_higher" else -reading.yi_ub)


def test_bounds_of_a_correlation_and_of_a_change():
    r = read(correlation(stat_type="significance", ni=57, p_relation="sig"))
    t = stats.t.isf(0.025, 55)
    assert r.yi_ub == pytest.approx(-math.atanh(t / math.sqrt(t**2 + 55)))
    within = read(crossover(stat_type="significance", ni=16, p_relation="ns", direction="none"))
    assert within.yi_ub == pytest.approx(changed(stats.t.isf(0.025, 15) / 4, 16)[0])


@given(
    n1=st.integers(3, 200),
    n2=st.integers(3, 200),
    d=st.floats(-3, 3).filter(lambda d: abs(d) > 1e-6),
    alpha=st.sampled_from([0.001, 0.01, 0.05, 0.1]),
)
def test_the_interval_holds_the_effect_that_the_test_was_about(n1, n2, d, alpha):
    """Whatever the data, the bounds read off the verdict of their t test hold the g of the same data."""
    t = d / math.sqrt(1 / n1 + 1 / n2)
    p = 2 * stats.t.sf(abs(t), n1 + n2 - 2)
    said = {"p_relation": "sig" if p < alpha else "ns", "direction": "group_1_higher" if d > 0 else "group_2_higher"}
    reading = read(
        finding(stat_type="significance", n1i=n1, n2i=n2, **said), Effects(alpha=alpha, trend=0.1, smd_variance="LS")
    )
    exact = read(finding(stat_type="t", n1i=n1, n2i=n2, ti=str(t), direction=said["direction"]))
    assert reading.rung == "bounded"
    assert reading.yi_lb - 1e-9 <= exact.yi <= reading.yi_ub + 1e-9


# ---------------------------------------------------------------- direction, unusable


@pytest.mark.parametrize(
    ("cells", "rung"),
    [
        ({"direction": "group_2_higher"}, "direction"),
        ({"direction": "group_1_higher", "n1i": 30, "n2i": 20}, "direction"),
        ({"direction": "group_2_higher", "stat_type": "significance", "p_relation": "sig"}, "direction"),
        ({"direction": "group_2_higher", "n1i": 30, "n2i": 20, "p_relation": "<", "pi": "0.01"}, "direction"),
        ({"direction": "none"}, "unusable"),
        ({"direction": "none", "stat_type": "significance", "p_relation": "ns"}, "unusable"),
        ({"direction": "unclear", "stat_type": "significance", "p_relation": "sig", "n1i": 9, "n2i": 9}, "unusable"),
        ({"direction": "none", "stat_type": "significance", "p_relation": "sig", "n1i": 9, "n2i": 9}, "unusable"),
        ({"direction": "not_visible", "n1i": 30, "n2i": 20}, "unusable"),
    ],
)
def test_what_is_left_without_sizes_or_without_a_statement(cells, rung):
    reading = read(finding(**cells))
    assert reading.rung == rung
    assert reading.yi is None
    assert reading.missing
    if rung == "direction":
        ends = (0, math.inf) if cells["direction"] == "group_1_higher" else (-math.inf, 0)
        assert (reading.yi_lb, reading.yi_ub) == ends
    else:
        assert reading.yi_lb is None
        assert reading.yi_ub is None


# ---------------------------------------------------------------- the data of the project


@pytest.fixture(scope="module")
def effects():
    evidence = load(RAW)
    return {
        (effect.finding_id, effect.coding): effect
        for domain in evidence.domains
        for effect in domain_effects(evidence, domain, CONFIG)
    }


def test_the_published_effects_of_bertsch_2013_follow_from_the_arm_means(effects):
    """The accuracy effects in the data of Leppanen 2017, recomputed from the means and SDs beside them."""
    rows = [row for table in load(RAW).findings.values() for row in table if row.published_yi is not None]
    bertsch = [row for row in rows if row.report_id == "bertsch2013-ajp"]
    assert len(bertsch) == 16
    assert sum(row.composite_of is not None for row in bertsch) == 4
    for row in rows:
        effect = effects[row.finding_id, row.coding]
        assert effect.rung == "exact"
        assert effect.yi == pytest.approx(float(row.published_yi), abs=5.001e-5), row.finding_id
        assert math.sqrt(effect.vi) == pytest.approx(float(row.published_sei), abs=5.001e-5), row.finding_id


def test_the_exact_p_of_bocchio_chiavetto_2025(effects):
    effect = effects["bocchiochiavetto2025-level", "primary"]
    assert effect.rung == "exact"
    assert effect.yi == pytest.approx(-0.748, abs=5e-4)
    g, v = hedges(-stats.t.isf(0.001, 76) * math.sqrt(1 / 50 + 1 / 28), 50, 28)
    assert (effect.yi, effect.vi) == pytest.approx((g, v))
