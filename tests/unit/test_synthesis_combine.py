"""Combined p: published examples, scipy as the second opinion, and what may enter at all."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.project import CONTRASTS, RAW, evidence_with

from reanalysis import effects as es
from reanalysis.check import load
from reanalysis.ladder import domain_effects
from reanalysis.ladder.design import Design
from reanalysis.ladder.reading import read_finding
from reanalysis.results.rows import Effect
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding
from reanalysis.synthesis.combine import NoExactP, combine_p, exact_p, fisher, p_of_effect, stouffer

CONFIG = Effects(alpha=0.05, trend=0.1, smd_variance="LS")
MEANS = {"stat_type": "means", "m1i": "9", "sd1i": "2", "n1i": "20", "m2i": "10", "sd2i": "3", "n2i": "25"}
# Both sets, and their results by Fisher and by Stouffer, are in the help pages of the R package metap (sumlog, sumz).
# One-sided p of 20 validity studies: Becker (1994, in The Handbook of Research Synthesis).
VALIDITY = (
    *(0.015223, 0.005117, 0.224837, 0.000669, 0.004063, 0.549106, 0.052925, 0.024674, 0.004618, 0.287803),
    *(0.738475, 0.009563, 0.071971, 0.000003, 0.001040, 0.031221, 0.005274, 0.098791, 0.067441, 0.250210),
)
ROSENTHAL = (0.12, 0.01, 0.72, 0.07, 0.17)  # Rosenthal (1978, Psychol. Bull. 85, 185-193), one-sided


def pair(number=1, **cells) -> tuple[Effect, Finding]:
    """A finding and its effect: patients against controls, of whom the patients are lower."""
    between = {
        "finding_id": f"finding-{number}",
        "coding": "primary",
        "report_id": f"report-{number}",
        "sample_id": f"sample-{number}",
        "contrast": "bpd_vs_control",
        "outcome_group": "level",
        "population": "adults",
        "outcome": "level",
        "design": "observational",
        "stat_type": "direction",
        "direction": "group_2_higher",
        "higher_is_better": "unclear",
        "locator": "abstract",
        "source_kind": "abstract",
        "coder": "AB",
    }
    known = between | cells
    finding = Finding.model_validate({"comparison": CONTRASTS[known["contrast"]].comparison} | known)
    reading = read_finding(finding, CONFIG)
    names = ("rung", "metric", "route", "yi", "vi", "yi_lb", "yi_ub")
    same = ("finding_id", "coding", "contrast", "comparison", "outcome_group", "sample_id", "higher_is_better")
    same += ("stat_type", "n1i", "n2i", "ni")
    effect = Effect(
        domain="some-domain",
        cohort_id=f"cohort-{number}",
        use="main",
        **{name: getattr(finding, name) for name in same},
        **{name: getattr(reading, name) for name in names},
    )
    return effect, finding


def combine(*pairs, rho=0.6):
    evidence = evidence_with(findings={"some-domain": tuple(finding for _, finding in pairs)})
    return combine_p(evidence, [effect for effect, _ in pairs], rho)


def printed(number, p, n1i=20, n2i=25, **cells):
    return pair(number, **{"stat_type": "p", "pi": p, "p_relation": "=", "n1i": n1i, "n2i": n2i} | cells)


# ---------------------------------------------------------------- the two methods


def test_fisher_of_published_examples():
    z = stats.norm.isf(VALIDITY)
    assert fisher(z) == pytest.approx(159.82, abs=0.005)
    assert fisher(stats.norm.isf(ROSENTHAL)) == pytest.approx(22.97, abs=0.005)
    assert stats.chi2.sf(fisher(z), 40) == pytest.approx(2.91e-16, rel=0.005)


def test_stouffer_of_published_examples():
    # 0.000003 is printed with one digit, which leaves 0.01 open
    assert stouffer(stats.norm.isf(VALIDITY), np.ones(20)) == pytest.approx(8.191, abs=0.01)
    assert stouffer(stats.norm.isf(ROSENTHAL), np.ones(5)) == pytest.approx(2.39, abs=0.005)


@given(
    st.lists(st.tuples(st.floats(1e-8, 0.999), st.integers(4, 500)), min_size=1, max_size=15),
)
def test_both_agree_with_scipy(drawn):
    p, n = (np.array(column, dtype=float) for column in zip(*drawn, strict=True))
    z = stats.norm.isf(p)
    assert fisher(z) == pytest.approx(stats.combine_pvalues(p, "fisher").statistic, rel=1e-9)
    theirs = stats.combine_pvalues(p, "stouffer", weights=np.sqrt(n)).statistic
    assert stouffer(z, np.sqrt(n)) == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def test_fisher_survives_p_beyond_what_a_float_holds():
    assert math.isfinite(fisher([60.0]))


# ---------------------------------------------------------------- which p, and with which sign


def test_a_printed_p_enters_as_printed():
    exact = exact_p(*printed(1, "0.030"))
    assert (exact.p, exact.sign, exact.basis) == (0.03, -1, "printed")
    assert exact.z == pytest.approx(stats.norm.ppf(0.015))


def test_means_give_the_p_of_their_t_test():
    exact = exact_p(*pair(**MEANS))
    assert exact.p == pytest.approx(stats.ttest_ind_from_stats(9, 2, 20, 10, 3, 25).pvalue, rel=1e-10)
    assert exact.sign == -1


def test_a_correlation_gives_the_p_of_its_t_test():
    cells = {"contrast": "association_bpd", "direction": "negative", "stat_type": "r", "ri": "-0.4", "ni": "30"}
    t = -0.4 * math.sqrt(28 / (1 - 0.16))
    assert exact_p(*pair(**cells, r_kind="pearson")).p == pytest.approx(2 * stats.t.sf(-t, 28), rel=1e-10)


def test_a_published_effect_is_divided_by_its_standard_error():
    exact = exact_p(*pair(stat_type="g_se", yi="-0.5", sei="0.2", n1i="40", n2i="40"))
    assert (exact.p, exact.basis) == (pytest.approx(2 * stats.norm.sf(2.5)), "effect over its SE")


def test_an_effect_of_zero_enters_without_a_sign():
    exact = exact_p(*pair(**MEANS | {"m1i": "10", "direction": "none"}))
    assert (exact.p, exact.sign, exact.z) == (1.0, 0, 0.0)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"stat_type": "significance", "p_relation": "sig", "n1i": "20", "n2i": "25"}, "no exact p"),
        ({"stat_type": "significance", "p_relation": "<", "pi": "0.01", "n1i": "20", "n2i": "25"}, "no exact p"),
        (
            {"stat_type": "significance", "p_relation": "ns", "n1i": "20", "n2i": "25", "direction": "none"},
            "no exact p",
        ),
        ({"n1i": "20", "n2i": "25"}, "no exact p"),
        ({"pi": "0.04", "p_relation": "=", "n1i": "20", "n2i": "25"}, "no exact p"),  # a test of something else
        (
            {
                "stat_type": "beta",
                "bi": "1",
                "pi": "0.6",
                "p_relation": "=",
                "test_of": "contrast",
                "direction": "none",
            },
            "sign not known",
        ),
        (
            {"stat_type": "beta", "bi": "-1", "pi": "0.6", "p_relation": "=", "ni": "35"},
            "no exact p",
        ),
        (
            {"stat_type": "p", "pi": "0.6", "p_relation": "=", "n1i": "20", "n2i": "25", "test_of": "other_people"},
            "no exact p",
        ),
        ({"stat_type": "p", "pi": "0.000", "p_relation": "=", "n1i": "20", "n2i": "25"}, "printed as 0"),
    ],
)
def test_a_p_that_is_not_exact_or_has_no_sign_is_refused(cells, reason):
    with pytest.raises(NoExactP, match=reason):
        exact_p(*pair(**cells))


def test_the_p_of_an_effect_returns_from_it():
    for design in (Design("SMD", es.two_groups(12, 18)), Design("SMCC", es.paired(15)), Design("ZCOR", ni=40)):
        for t in (-2.5, 0.0, 0.7):
            yi = float(design.effect_from_t(t, "LS").yi)
            assert p_of_effect(yi, design) == pytest.approx(2 * stats.t.sf(abs(t), design.df), rel=1e-10)
    assert p_of_effect(math.inf, design) == 0.0


# ---------------------------------------------------------------- cells


def test_two_samples_are_combined_by_both_methods():
    (row,) = combine(printed(1, "0.02", 20, 25), printed(2, "0.30", 50, 30, direction="group_1_higher"))
    z = np.array([stats.norm.ppf(0.01), stats.norm.isf(0.15)])
    total = (math.sqrt(45) * z[0] + math.sqrt(80) * z[1]) / math.sqrt(125)
    assert (row.k, row.k_p, row.rho, row.fisher_df) == (2, 2, None, 4)
    assert row.stouffer_z == pytest.approx(total)
    assert row.stouffer_p == pytest.approx(2 * stats.norm.sf(abs(total)))
    assert row.stouffer_p_up + row.stouffer_p_down == pytest.approx(1)
    up = stats.chi2.sf(-2 * (math.log(0.99) + math.log(0.15)), 4)
    down = stats.chi2.sf(-2 * (math.log(0.01) + math.log(0.85)), 4)
    assert (row.fisher_p_up, row.fisher_p_down) == (pytest.approx(up), pytest.approx(down))
    assert row.fisher_p == pytest.approx(2 * min(up, down))
    assert "finding-1: down, p = 0.02 (printed)" in row.entered


def test_findings_of_one_unit_become_one_z_first():
    pairs = [printed(number, "0.04") for number in (1, 2, 3)]
    shared = [(replace(effect, cohort_id="one"), finding) for effect, finding in pairs]
    z = stats.norm.ppf(0.02)
    for rho in (0.0, 0.6):
        (row,) = combine(*shared, rho=rho)
        assert (row.k, row.k_p, row.rho) == (1, 3, rho)
        assert row.stouffer_z == pytest.approx(3 * z / math.sqrt(3 + 6 * rho))
        assert "nothing is combined" in row.note
    (row,) = combine(*shared, rho=1 - 1e-12)
    assert row.stouffer_p == pytest.approx(0.04), "findings that say the same add nothing"


def test_lower_is_better_turns_the_sign():
    (row,) = combine(printed(1, "0.02", higher_is_better="no"), printed(2, "0.02", higher_is_better="no"))
    assert row.sense == "better"
    assert row.stouffer_z > 0


def test_what_does_not_enter_is_listed_and_excluded_codings_are_not():
    effect, finding = printed(3, "0.01")
    (row,) = combine(printed(1, "0.02"), pair(2), (replace(effect, use="excluded"), finding))
    assert row.k == 1
    assert row.left_out == "finding-2 (no exact p of this contrast)"
    assert "finding-3" not in row.entered


def test_without_an_n_there_is_no_weight():
    cells = {"contrast": "association_bpd", "direction": "negative", "stat_type": "r", "ri": "-0.4"}
    (row,) = combine(pair(1, **cells, r_kind="pearson", pi="0.02", p_relation="="))
    assert row.stouffer_z is None
    assert row.fisher_p == pytest.approx(0.02)
    assert "n is not known" in row.note


def test_a_cell_without_an_exact_p_has_no_row():
    assert combine(pair(1), pair(2)) == []


@given(st.lists(st.tuples(st.integers(1, 99), st.booleans(), st.integers(5, 200)), min_size=1, max_size=6))
def test_turning_all_signs_turns_the_answer(drawn):
    def row(turned: bool):
        sides = ("group_1_higher", "group_2_higher")
        pairs = [
            printed(number, f"0.{p:02d}", n, n, direction=sides[up != turned])
            for number, (p, up, n) in enumerate(drawn)
        ]
        return combine(*pairs)[0]

    one, other = row(False), row(True)
    assert one.stouffer_z == pytest.approx(-other.stouffer_z, abs=1e-12)
    assert one.fisher_p_up == pytest.approx(other.fisher_p_down)
    assert one.fisher_p == pytest.approx(other.fisher_p)


def test_every_p_of_the_project_is_exact_and_on_the_side_of_its_finding(config):
    evidence = load(RAW)
    effects = [row for name in evidence.domains for row in domain_effects(evidence, name, config.effects)]
    rows = combine_p(evidence, effects, config.models.rho)
    raw = {(row.finding_id, row.coding): row for rows in evidence.findings.values() for row in rows}
    entered = {entry.split(":")[0] for row in rows for entry in row.entered.split("; ")}
    assert len(entered) >= 15
    for effect in effects:
        if effect.finding_id in entered and effect.use == "main":
            finding = raw[effect.finding_id, effect.coding]
            assert effect.rung == "exact" or finding.p_relation == "="
            assert finding.stat_type != "direction"
    assert all(0 < row.fisher_p <= 1 for row in rows)
