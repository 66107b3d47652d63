"""Two independent groups: published examples, invariances, agreement with simulation, refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import effects as es
from reanalysis.effects.effectsize import BLOCK

means = st.floats(0.5, 500)
sds = st.floats(0.1, 100)
sizes = st.integers(3, 400)
groups = st.tuples(means, sds, sizes, means, sds, sizes)
STANDARDIZED = (es.smd, es.smdh, es.smd1, es.smd1h)


def swapped(six):
    return (*six[3:], *six[:3])


def test_bertsch_2013_from_arm_means():
    g = es.smd(92.1, 7.846018098, 19, 88.9, 8.281907993, 19)
    assert g.yi == pytest.approx(0.3884, abs=5e-5)
    assert g.sei == pytest.approx(0.3275, abs=5e-5)


def test_exact_p_with_direction():
    g = es.smd_from_t(-es.t_from_p(0.002, 76), 50, 28)
    assert g.yi == pytest.approx(-0.748, abs=5e-4)


def test_borenstein_2009_chapter_4():
    """Introduction to Meta-Analysis. g: Viechtbauer, R Code Corresponding to the Book. d: computed from its formula."""
    six = (103, 5.5, 50, 100, 4.5, 50)
    d = es.smd(*six, correct=False)
    assert d == pytest.approx((0.5970, 0.0418), abs=1e-4)
    assert es.smd(*six, vtype="LS2") == pytest.approx((0.5924, 0.0411), abs=1e-4)


def test_analysis_of_covariance():
    """Adjusted means 103 and 100, residual SD 5.5, R = .7, n = 50 and 50, in the SD of the outcome.

    g: chapter 11 of the Handbook of Research Synthesis and Meta-Analysis (3rd ed.), in Viechtbauer, R Code
    Corresponding to the Book. d is computed: 3 / (5.5 / sqrt(1 - .7^2)).
    """
    t = 3 / (5.5 * np.sqrt(1 / 50 + 1 / 50))
    g = es.smd_from_adjusted_t(t, 50, 50, 0.49, 1)
    assert g.yi == pytest.approx(0.3865, abs=5e-5)
    assert g.yi / es.hedges_j(97) == pytest.approx(0.3895, abs=1e-4)
    assert g.vi == pytest.approx(0.04 * 0.51 + g.yi**2 / 200)


def test_j_is_exact_and_tends_to_one():
    assert es.hedges_j([2, 3]) == pytest.approx([np.sqrt(1 / np.pi), np.sqrt(np.pi / 6)])
    j = es.hedges_j(np.logspace(0.5, 6, 50))
    assert np.all(np.diff(j) > 0)
    assert j[-1] == pytest.approx(1, abs=1e-6)


@given(groups)
def test_swapping_the_groups_flips_the_sign(six):
    for effect in (es.md, es.smd, es.smdh, es.rom, es.cvr):
        one, two = effect(*six), effect(*swapped(six))
        assert one.yi == pytest.approx(-two.yi, rel=1e-9, abs=1e-9)
        assert one.vi == pytest.approx(two.vi, rel=1e-9)


@given(sds, sizes, sds, sizes, st.floats(0.001, 1000))
def test_the_variability_ratio_knows_neither_order_nor_unit(sd1, n1, sd2, n2, unit):
    one, two = es.vr(sd1, n1, sd2, n2), es.vr(unit * sd2, n2, unit * sd1, n1)
    assert one.yi == pytest.approx(-two.yi, rel=1e-9, abs=1e-9)
    assert one.vi == pytest.approx(two.vi)


@given(groups, st.floats(0.001, 1000))
def test_the_unit_does_not_matter(six, unit):
    m1, sd1, n1, m2, sd2, n2 = six
    scaled = (m1 * unit, sd1 * unit, n1, m2 * unit, sd2 * unit, n2)
    for effect in (*STANDARDIZED, es.rom, es.cvr):
        assert effect(*scaled) == pytest.approx(effect(*six), rel=1e-6, abs=1e-9)
    shifted = (m1 + unit, sd1, n1, m2 + unit, sd2, n2)
    assert es.smd(*shifted) == pytest.approx(es.smd(*six), rel=1e-6, abs=1e-8)


@given(groups, st.sampled_from(["LS", "LS2", "UB"]))
def test_means_to_t_to_g_and_back(six, vtype):
    m1, sd1, n1, m2, sd2, n2 = six
    g = es.smd(*six, vtype=vtype)
    t = (m1 - m2) / (es.pooled_sd(sd1, n1, sd2, n2) * np.sqrt(1 / n1 + 1 / n2))
    assert es.smd_from_t(t, n1, n2, vtype=vtype) == pytest.approx(g, rel=1e-9)
    assert es.smd_from_g(g.yi, n1, n2, vtype=vtype) == pytest.approx(g, rel=1e-9)
    assert es.smd_from_beta(m1 - m2, es.pooled_sd(sd1, n1, sd2, n2), n1, n2, vtype=vtype) == pytest.approx(g)


@pytest.mark.parametrize("correct", [True, False])
def test_ub_variance_is_unbiased(correct):
    rng = np.random.default_rng(1)
    n1, n2, delta, draws = 6, 9, 0.8, 400_000
    c, m = 1 / n1 + 1 / n2, n1 + n2 - 2
    d = (delta + np.sqrt(c) * rng.standard_normal(draws)) / np.sqrt(rng.chisquare(m, draws) / m)
    g = es.smd_from_d(d, n1, n2, vtype="UB", correct=correct)
    assert g.yi.mean() == pytest.approx(delta if correct else delta / es.hedges_j(m), abs=0.004)
    assert g.vi.mean() == pytest.approx(g.yi.var(), rel=0.01)


def test_av_uses_one_effect_for_all_variances():
    g = es.smd([10, 30], 5, [20, 40], [8, 8], 5, [20, 40], vtype="AV")
    mean = (g.yi[0] + 2 * g.yi[1]) / 3
    assert g.vi == pytest.approx([1 / 10 + mean**2 / 80, 1 / 20 + mean**2 / 160])


def test_second_order_correction_removes_the_bias_of_the_log_ratio():
    rng = np.random.default_rng(2)
    n, draws = 8, 100_000
    x, y = rng.normal(10, 3.5, (draws, n)), rng.normal(15, 2, (draws, n))
    six = (x.mean(1), x.std(1, ddof=1), n, y.mean(1), y.std(1, ddof=1), n)
    plain, corrected = es.rom(*six, correct=False).yi.mean(), es.rom(*six).yi.mean()
    assert abs(corrected - np.log(10 / 15)) < 0.0015 < abs(plain - np.log(10 / 15))


def test_missing_input_is_missing_output():
    g = es.smd([10, np.nan], 5, 20, 8, 5, 20)
    assert np.isfinite(g.yi[0])
    assert np.isnan(g.yi[1])
    assert np.isnan(g.vi[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: es.smd(1, 0, 10, 2, 1, 10), "standard deviation is zero"),
        (lambda: es.smd([1, 1], 1, [10, 1], 2, 1, 10), r"sample size is under 2.*row 1"),
        (lambda: es.smd(1, 1, 10, 2, 1, 10, vtype="XX"), "vtype"),
        (lambda: es.rom(-1, 1, 10, 2, 1, 10), "true zero"),
        (lambda: es.rom(1, 1, 10, 2, 1, 10, vtype="HO"), "vtype"),
        (lambda: es.smd_from_t(2, 1, 2), "degree of freedom"),
        (lambda: es.smd_from_beta(2.0, None, 20, 20), "partial correlation"),
        (lambda: es.smd_from_adjusted_t(2, 20, 20, 1.2, 1), "R\\^2"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_correction_of_many_rows_is_that_of_each_alone():
    df = np.random.default_rng(1).integers(2, 400, 2000)
    assert (es.hedges_j(df) == [es.hedges_j(one) for one in df.tolist()]).all()
    assert np.isnan(es.hedges_j([np.nan, *df])[0])


def test_many_rows_give_what_each_gives_alone():
    """They are worked on in blocks, whatever their shape; what is wrong is named by its row among all."""
    draw = np.random.default_rng(3)
    shape = (3, BLOCK)
    m1, m2 = draw.normal(50, 5, (2, *shape))
    sd1, sd2 = draw.uniform(8, 12, (2, *shape))
    n1, n2 = draw.integers(5, 300, (2, *shape)).astype(float)
    n1[1, 7] = np.nan
    for how in ({}, {"vtype": "UB"}, {"vtype": "LS2", "correct": False}):
        found = es.smd(m1, sd1, n1, m2, sd2, n2, **how)
        assert found.yi.shape == shape
        for at in ((0, 0), (1, 6), (1, 7), (2, BLOCK - 1)):
            alone = es.smd(m1[at], sd1[at], n1[at], m2[at], sd2[at], n2[at], **how)
            assert [found.yi[at], found.vi[at]] == pytest.approx([alone.yi, alone.vi], rel=1e-14, nan_ok=True)
    sd1[2, 5] = 0
    with pytest.raises(ValueError, match=f"row {2 * BLOCK + 5}"):
        es.smd(m1, sd1, n1, m2, sd2, n2)
