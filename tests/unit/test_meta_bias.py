from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.golden import oracle

from reanalysis.meta import bias


@pytest.fixture(scope="module")
def smoking():
    """Hackshaw 1998: 37 studies of lung cancer and passive smoking."""
    return oracle.inputs("39_trimfill_hackshaw1998")["input"]


@pytest.fixture
def studies():
    rng = np.random.default_rng(7)
    vi = rng.uniform(0.02, 0.4, 14)
    return rng.normal(0.2 + np.sqrt(vi), np.sqrt(vi)), vi


# metafor's regtest on these data with ni = 10 x cases: stat, p, estimate in an infinitely large study and its interval
REGTEST = {
    ("lm", "sei"): (2.3824144166025, 0.0227641997034, 0.00503732307547, -0.16935367122428, 0.17942831737518),
    ("rma", "sei"): (2.105487180509, 0.035248922063, 0.021610505217, -0.177442860180, 0.220663870614),
    ("lm", "vi"): (2.065866754487, 0.046305899408, 0.120080764664, 0.014711263014, 0.225450266315),
    ("rma", "vi"): (1.839622631680, 0.065823659367, 0.140546115470, 0.019498611148, 0.261593619792),
    ("lm", "ninv"): (2.162490722310, 0.037497487577, 0.117379046439, 0.012562271511, 0.222195821368),
    ("rma", "ninv"): (1.956266239506, 0.050433799015, 0.138123781339, 0.018711451634, 0.257536111043),
    ("lm", "sqrtninv"): (2.427944686128, 0.020465291287, -0.009090601467, -0.191312730112, 0.173131527179),
    ("rma", "sqrtninv"): (2.169504170909, 0.030044428049, 0.006295648649, -0.200621141404, 0.213212438702),
    ("lm", "ni"): (-1.803676588672, 0.079895505072, np.nan, np.nan, np.nan),
    ("rma", "ni"): (-1.737653519352, 0.082271883406, np.nan, np.nan, np.nan),
    ("lm", "sqrtni"): (-2.132600197903, 0.040048865108, np.nan, np.nan, np.nan),
    ("rma", "sqrtni"): (-1.982325968062, 0.047442769444, np.nan, np.nan, np.nan),
}


@pytest.mark.parametrize(("model", "predictor"), REGTEST)
def test_regtest_agrees_with_metafor(smoking, model, predictor):
    d = smoking
    got = bias.regtest(d["yi"], d["vi"], 10 * d["cases"], model=model, predictor=predictor, test="z")
    values = (got.stat, got.pval, got.est, got.ci_lb, got.ci_ub)
    assert values == pytest.approx(REGTEST[model, predictor], rel=1e-9, abs=1e-12, nan_ok=True)
    assert got.ddf == (35 if model == "lm" else np.inf)


def test_regtest_with_knapp_hartung(smoking):
    got = bias.regtest(smoking["yi"], smoking["vi"], model="rma", predictor="sei", test="knha")
    assert (got.stat, got.pval) == pytest.approx((2.264028788154, 0.029875175602), rel=1e-9)


def test_regtest_default_is_sample_size_and_ignores_its_unit(studies):
    ni = np.arange(20, 34)
    one, other = bias.regtest(*studies, ni), bias.regtest(*studies, 3 * ni)
    assert one.predictor == "sqrtninv"
    assert (one.stat, one.est) == pytest.approx((other.stat, other.est))


def test_sample_size_does_not_see_asymmetry_where_the_standard_error_does():
    """Effects of equal truth, SMDs: the standard error grows with the effect by construction (Zwetsloot 2017)."""
    rng = np.random.default_rng(1)
    rejected = {"sei": 0, "sqrtninv": 0}
    for _ in range(60):
        n = rng.integers(6, 14, 60)
        d = rng.normal(1.5, np.sqrt(2 / n + 1.5**2 / (4 * n)))
        vi = 2 / n + d**2 / (4 * n)
        for predictor in rejected:
            rejected[predictor] += bias.regtest(d, vi, 2 * n, predictor=predictor).pval < 0.05
    assert rejected["sei"] > 3 * max(rejected["sqrtninv"], 1)


def test_pet_peese_chooses_by_the_intercept_of_pet(smoking):
    y, v = smoking["yi"], smoking["vi"]
    low = bias.pet_peese(y, v)
    assert (low.chosen, low.est) == ("PET", low.pet.est)
    high = bias.pet_peese(y + 1, v, smoking["cases"])
    assert (high.chosen, high.est, high.peese.predictor) == ("PEESE", high.peese.est, "ninv")


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)), st.permutations(range(6)))
def test_exact_rank_p_counts_permutations(effects, variances):
    def S(a, b):
        return sum(np.sign(a[i] - a[j]) * np.sign(b[i] - b[j]) for i in range(6) for j in range(i))

    observed = S(effects, variances)
    every = np.array([S(range(6), order) for order in permutations(range(6))])
    tail = min(np.mean(every >= observed), np.mean(every <= observed))
    assert bias._kendall_exact(observed, 6) == pytest.approx(min(1, 2 * tail))


def test_exact_rank_p_is_close_to_the_normal_for_many_studies():
    rng = np.random.default_rng(3)
    y, v = rng.normal(size=150), rng.uniform(0.5, 1, 150)
    exact, normal = bias.ranktest(y, v), bias.ranktest(y, v, exact=False)
    assert exact.exact
    assert not normal.exact
    assert exact.pval == pytest.approx(normal.pval, abs=0.01)
    many = bias.ranktest(np.tile(y, 2) + np.arange(300), np.tile(v, 2) + np.arange(300) / 1e4)
    assert not many.exact


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
def test_trimfill_mirrors(studies, estimator):
    y, v = studies
    left = bias.trimfill(y, v, estimator=estimator, side="left")
    right = bias.trimfill(-y, v, estimator=estimator, side="right")
    assert left.k0 == right.k0
    assert left.fit.beta == pytest.approx(-right.fit.beta)
    assert left.yi == pytest.approx(-right.yi)
    assert (left.filled.sum(), left.fit.k) == (left.k0, left.k + left.k0)


def test_trimfill_restores_a_symmetric_funnel():
    side = np.linspace(0.1, 1, 12)
    y, v = np.r_[-side - 0.01 * (-1) ** np.arange(12), 0, side], np.r_[side, 0.05, side] ** 2
    assert bias.trimfill(y, v, side="left", method="CE").k0 == 0
    keep = y > -0.65
    cut = bias.trimfill(y[keep], v[keep], side="left", method="CE")
    assert cut.k0 == pytest.approx(np.sum(~keep), abs=1)
    assert abs(cut.fit.beta[0]) < np.average(y[keep], weights=1 / v[keep])


def test_excess_significance_tests_agree_when_all_powers_are_equal():
    y, v = np.r_[np.full(6, 0.7), np.full(6, 0.1)], np.full(12, 0.09)
    exact, binom = bias.tes(y, v), bias.tes(y, v, test="binom")
    assert exact.O == 6
    assert exact.pval == pytest.approx(binom.pval)
    assert bias.tes(y, v, theta=5.0).pval == pytest.approx(1)
    assert bias.tes(y / 10, v, test="binom").pval == 1
    assert bias.tes(y / 10, v, test="chi2").pval > 0.5


def test_every_small_study_test_refuses_few_studies_unless_told(studies):
    y, v = studies[0][:9], studies[1][:9]
    ni = np.arange(10, 19)
    for call in (
        lambda **o: bias.regtest(y, v, ni, **o),
        lambda **o: bias.ranktest(y, v, **o),
        lambda **o: bias.trimfill(y, v, **o),
        lambda **o: bias.pet_peese(y, v, **o),
        lambda **o: bias.tes(y, v, **o),
    ):
        with pytest.raises(ValueError, match="needs at least 10 studies, there are 9"):
            call()
        assert call(min_k=9) is not None


def test_missing_rows_are_left_out(studies):
    y, v = studies
    more = bias.ranktest(np.r_[y, np.nan, 1.0], np.r_[v, 0.1, np.nan])
    assert more == bias.ranktest(y, v)


def test_bad_input_is_refused(studies):
    y, v = studies
    for message, call in {
        "needs the sample sizes": lambda: bias.regtest(y, v, predictor="sqrtninv"),
        "predictor must be": lambda: bias.regtest(y, v, predictor="n"),
        "`ni` must be positive": lambda: bias.regtest(y, v, np.arange(14)),
        "model must be": lambda: bias.regtest(y, v, model="glm", predictor="sei"),
        "the same vi": lambda: bias.regtest(y, np.full(14, 0.1), predictor="vi"),
        "not defined": lambda: bias.ranktest(y, np.full(14, 0.1)),
        "estimator must be": lambda: bias.trimfill(y, v, estimator="L1"),
        "side must be": lambda: bias.trimfill(y, v, side="up"),
        "test must be": lambda: bias.tes(y, v, test="z"),
        "same length": lambda: bias.tes(y, v[:5]),
        "vi must be positive": lambda: bias.tes(y, v - 0.3),
    }.items():
        with pytest.raises(ValueError, match=message):
            call()


def test_without_sizes_the_standard_error_is_the_predictor(studies):
    y, v = studies
    assert bias.regtest(y, v).predictor == "sei"
    assert bias.regtest(y, v).pval == bias.regtest(y, v, predictor="sei").pval
    assert bias.regtest(y, v, np.arange(20, 34)).predictor == "sqrtninv"


def test_standard_errors_in_place_of_variances(studies):
    y, v = studies
    for call in (bias.regtest, bias.ranktest, bias.trimfill, bias.pet_peese, bias.tes):
        with_vi, with_sei = call(y, v), call(y, sei=np.sqrt(v))
        assert getattr(with_sei, "pval", getattr(with_sei, "k0", None)) == pytest.approx(
            getattr(with_vi, "pval", getattr(with_vi, "k0", None))
        )
        with pytest.raises(ValueError, match="either"):
            call(y, v, sei=np.sqrt(v))
        with pytest.raises(ValueError, match="either"):
            call(y)
