"""Two conditions in the same people, and the interaction of group and drug."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import effects as es

COCHRANE = {"m1i": 7.0, "m2i": 6.5, "sd1i": 2.38, "sd2i": 2.21, "ni": 10, "ri": 0.68}
changes = st.tuples(
    st.floats(1, 100),
    st.floats(1, 100),
    st.floats(0.5, 30),
    st.floats(0.5, 30),
    st.integers(4, 200),
    st.floats(-0.9, 0.9),
)


def test_cochrane_handbook_16_4_6_4():
    assert es.mc(**COCHRANE).sei == pytest.approx(0.583, abs=5e-4)
    d = es.smcrp(**COCHRANE, correct=False)
    assert d.yi == pytest.approx(0.218, abs=5e-4)
    # the Handbook's variance is 2 (1 - r) (1/n + d^2 / (2n)); ours is metafor's, in which r shrinks the first term only
    handbook = np.sqrt(2 * (1 - 0.68) * (1 / 10 + d.yi**2 / 20))
    assert handbook == pytest.approx(0.256, abs=5e-4)
    assert d.sei == pytest.approx(np.sqrt(0.064 + d.yi**2 * (1 + 0.68**2) / 40))
    assert d.sei == pytest.approx(0.256, abs=1e-3)


def test_borenstein_2009_chapter_4_paired():
    """Means 103 and 100, SD of differences 5.5, n = 50, r = .7: g in the SD of one occasion.

    Viechtbauer, R Code Corresponding to the Book Introduction to Meta-Analysis. He notes a mistake in the variance that
    the book prints.
    """
    t = 3 / (5.5 / np.sqrt(50))
    assert es.smcr_from_t(t, 50, 0.7, vtype="LS2") == pytest.approx((0.4160, 0.0134), abs=5e-5)


@given(changes)
def test_swapping_the_conditions_flips_the_sign(values):
    m1, m2, sd1, sd2, n, r = values
    for effect in (es.mc, es.smcc, es.smcrp, es.romc, es.cvrc):
        one, two = effect(m1, m2, sd1, sd2, n, r), effect(m2, m1, sd2, sd1, n, r)
        assert one.yi == pytest.approx(-two.yi, rel=1e-9, abs=1e-12)
        assert one.vi == pytest.approx(two.vi, rel=1e-9)


@given(changes)
def test_paired_t_and_means_agree(values):
    m1, m2, sd, _, n, r = values
    t = (m1 - m2) / (es.sd_change(sd, sd, r) / np.sqrt(n))
    assert es.smcc_from_t(t, n) == pytest.approx(es.smcc(m1, m2, sd, sd, n, r), rel=1e-9)
    assert es.smcr_from_t(t, n, r) == pytest.approx(es.smcr(m1, m2, sd, n, r), rel=1e-9)


def simulated(r, n, draws, rng):
    """Means and SDs of `draws` samples of two correlated conditions with SDs 2 and 2, means 11 and 10."""
    z = rng.standard_normal((2, draws, n))
    x = 11 + 2 * z[0]
    y = 10 + 2 * (r * z[0] + np.sqrt(1 - r**2) * z[1])
    rs = np.sum((x - x.mean(1, keepdims=True)) * (y - y.mean(1, keepdims=True)), axis=1) / (
        (n - 1) * x.std(1, ddof=1) * y.std(1, ddof=1)
    )
    return x.mean(1), y.mean(1), x.std(1, ddof=1), y.std(1, ddof=1), rs


def test_variances_agree_with_simulation():
    r, n = 0.6, 60
    m1, m2, sd1, sd2, rs = simulated(r, n, 40_000, np.random.default_rng(3))
    for effect, truth in (
        (es.smcr(m1, m2, sd1, n, rs), 0.5),
        (es.smcr(m1, m2, sd1, n, rs, vtype="UB"), 0.5),
        (es.smcrh(m1, m2, sd1, sd2, n, rs), 0.5),
        (es.smcrp(m1, m2, sd1, sd2, n, rs), 0.5),
        (es.smcc(m1, m2, sd1, sd2, n, rs), 0.5 / np.sqrt(2 * (1 - r))),
        (es.romc(m1, m2, sd1, sd2, n, rs), np.log(1.1)),
        (es.vrc(sd1, sd2, n, rs), 0.0),
    ):
        assert effect.yi.mean() == pytest.approx(truth, abs=0.006)
        assert effect.vi.mean() == pytest.approx(effect.yi.var(), rel=0.05)


def test_interaction_of_independent_groups_agrees_with_simulation():
    rng = np.random.default_rng(4)
    sizes, draws = (8, 10, 12, 9), 60_000
    cells = []
    for mean, n in zip((1.0, 0.0, 0.3, 0.0), sizes, strict=True):
        x = rng.normal(mean, 1, (draws, n))
        cells.append(es.Cell(x.mean(1), x.std(1, ddof=1), n))
    effect = es.smd_interaction(*cells, vtype="UB")
    assert effect.yi.mean() == pytest.approx(0.7, abs=0.01)
    assert effect.vi.mean() == pytest.approx(effect.yi.var(), rel=0.03)


def test_interaction_of_crossover_groups_agrees_with_simulation():
    rng = np.random.default_rng(5)
    groups, spreads = [], []
    for r, n in ((0.7, 15), (0.3, 20)):
        m1, m2, sd1, sd2, _ = simulated(r, n, 60_000, rng)
        groups += [es.Cell(m1, sd1, n), es.Cell(m2, sd2, n), r]
        spreads.append(2 * (1 - r) / n)
    effect = es.smcr_interaction(*groups)
    assert effect.yi.mean() == pytest.approx(0, abs=0.01)
    assert effect.yi.var() == pytest.approx(sum(spreads), rel=0.05)
    assert effect.vi.mean() == pytest.approx(effect.yi.var(), rel=0.03)


def test_common_standardizer_does_not_take_spread_for_an_interaction():
    drug1, placebo1 = es.Cell(12, 4, 30), es.Cell(10, 4, 30)
    drug2, placebo2 = es.Cell(7, 2, 30), es.Cell(5, 2, 30)
    assert es.smd_interaction(drug1, placebo1, drug2, placebo2).yi == 0
    apart = es.difference(es.smd(12, 4, 30, 10, 4, 30), es.smd(7, 2, 30, 5, 2, 30))
    assert apart.yi < -0.4


def test_morris_2008_table_5_as_printed():
    """d_ppc2 of the five studies of Morris (2008, p. 382), here from the placebo (pre) SDs."""
    t_pre, t_post, t_sd, n_t = (
        [30.6, 23.5, 0.5, 53.4, 35.6],
        [38.5, 26.8, 0.7, 75.9, 36.0],
        [15, 3.1, 0.1, 14.5, 4.7],
        [20, 50, 9, 10, 14],
    )
    c_pre, c_post, c_sd, n_c = (
        [23.1, 24.9, 0.6, 55.7, 34.8],
        [19.7, 25.3, 0.6, 60.7, 33.4],
        [13.8, 4.1, 0.2, 17.3, 3.1],
        [20, 42, 9, 11, 14],
    )
    d = es.smcr_interaction(
        es.Cell(t_post, np.nan, n_t),
        es.Cell(t_pre, t_sd, n_t),
        0.5,
        es.Cell(c_post, np.nan, n_c),
        es.Cell(c_pre, c_sd, n_c),
        0.5,
    )
    assert d.yi == pytest.approx([0.7684, 0.8010, 1.2045, 1.0476, 0.4389], abs=5e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: es.smcr(1, 2, 1, 10, 1.0), "correlation of the two conditions"),
        (lambda: es.smcc_from_t(2, 2), "sample size is under 3"),
        (lambda: es.romc(0, 2, 1, 1, 10, 0.5), "true zero"),
        (lambda: es.smcc_from_d(1, 10, vtype="XX"), "vtype"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()
