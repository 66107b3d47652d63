"""From reported statistics to inputs; transformations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis import effects as es
from reanalysis.numeric import t_critical, t_two_sided_p


def test_cochrane_handbook_6_5_2():
    assert es.t_from_p(0.008, 45) == pytest.approx(2.78, abs=5e-3)
    assert es.sd_from_ci(30.0, 34.2, 25) == pytest.approx(5.09, abs=5e-3)
    assert es.sd_from_sei(1.02, 25) == pytest.approx(5.1)


@given(st.floats(1e-12, 1), st.integers(1, 1000))
def test_p_to_t_to_p(p, df):
    assert t_two_sided_p(es.t_from_p(p, df), df) == pytest.approx(p, rel=1e-6)


def test_f_with_one_degree_of_freedom():
    assert es.t_from_f(6.25, 1) == 2.5


@given(st.floats(-3, 3), st.floats(0.01, 2), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_interval_to_standard_error(yi, sei, level):
    half = t_critical(level) * sei
    assert es.effect_from_ci(yi, yi - half, yi + half, level).sei == pytest.approx(sei)
    half = t_critical(level, 12) * sei
    assert es.sei_from_ci(yi - half, yi + half, level, df=12) == pytest.approx(sei)


def test_published_example_of_quantiles():
    """n = 20 with minimum 3, quartiles 8, 10, 13, maximum 20, computed from the printed equations."""
    whole = es.mean_sd_from_quantiles(20, 10, q1=8, q3=13, lowest=3, highest=20)
    assert (whole.mi, whole.sdi) == pytest.approx((10.5638, 4.3833), abs=5e-5)
    quartiles = es.mean_sd_from_quantiles(20, 10, q1=8, q3=13)
    assert (quartiles.mi, quartiles.sdi) == pytest.approx((10.3597, 3.9892), abs=1e-4)
    spread = es.mean_sd_from_quantiles(20, 10, lowest=3, highest=20)
    assert (spread.mi, spread.sdi) == pytest.approx((10.4459, 4.5497), abs=1e-4)
    assert not (whole.skewed)
    assert not (quartiles.skewed)
    assert not (spread.skewed)


def test_quantiles_of_normal_data_give_its_mean_and_sd_and_those_of_skewed_data_are_flagged():
    rng = np.random.default_rng(7)
    for n in (13, 41, 101):
        x = np.sort(rng.normal(50, 10, (20_000, n)), axis=1)
        lowest, q1, median, q3, highest = x[:, :: (n - 1) // 4].T
        options = {"q1": q1, "q3": q3}, {"lowest": lowest, "highest": highest}
        for given_ in (*options, options[0] | options[1]):
            got = es.mean_sd_from_quantiles(n, median, **given_)
            assert got.mi.mean() == pytest.approx(50, abs=0.1)
            assert got.sdi.mean() == pytest.approx(10, rel=0.05)
            assert got.skewed.mean() == pytest.approx(0.05, abs=0.03)
            positive = {name: np.exp(value / 10) for name, value in given_.items()}
            assert es.mean_sd_from_quantiles(n, np.exp(median / 10), **positive).skewed.mean() > 1.8 * got.skewed.mean()


def test_pre_post_r_is_recovered_from_whatever_is_reported():
    sd1, sd2, n, r = 2.38, 2.21, 10, 0.68
    sdd = float(es.sd_change(sd1, sd2, r))
    t = 0.5 / (sdd / np.sqrt(n))
    half = 2.262157162798205 * sdd / np.sqrt(n)
    sds = {"sd1i": sd1, "sd2i": sd2, "ni": n}
    means = {"m1i": 7.0, "m2i": 6.5}
    for reported in (
        {"sd_diff": sdd},
        {"ci_diff": (0.5 - half, 0.5 + half)},
        means | {"ti": -t},
        means | {"pi": float(t_two_sided_p(t, n - 1))},
    ):
        got = es.pre_post_r(**sds, **reported, borrowed=0.1)
        assert got.source == "recovered"
        assert got.ri == pytest.approx(r)
        assert got.grid == (got.ri,)


def test_pre_post_r_is_else_borrowed_else_assumed():
    assert es.pre_post_r(borrowed=0.7) == (0.7, "borrowed", (0.7,))
    assert es.pre_post_r(ni=10, sd1i=2, sd2i=2) == (0.5, "assumed", (0.5, 0.2, 0.8))
    assert es.pre_post_r(assumed=(0.3, 0.6)) == (0.3, "assumed", (0.3, 0.6))
    same_means = {"ni": 10, "sd1i": 2, "sd2i": 2, "m1i": 5, "m2i": 5, "ti": 0.0}
    assert es.pre_post_r(**same_means).source == "assumed"


def test_transformations():
    assert es.ztor(es.rtoz(0.4)) == pytest.approx(0.4)
    assert es.dtou3(0.5) == pytest.approx(0.6915, abs=1e-4)
    assert es.dtocles(0.5) == pytest.approx(0.6382, abs=1e-4)
    assert es.dtomd(0.5, 10) == 5
    assert es.exp_int(0.1, 0.2) == pytest.approx(np.exp(0.2))
    assert es.ztor_int(0.5, 0.0) == pytest.approx(np.tanh(0.5))


@given(st.floats(-4, 4), st.integers(3, 100), st.integers(3, 100))
def test_d_and_point_biserial_r_have_the_same_t(d, n1, n2):
    t = d / np.sqrt(1 / n1 + 1 / n2)
    assert es.dtorpb(d, n1, n2) == pytest.approx(es.r_from_t(t, n1 + n2 - 2), abs=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: es.t_from_p(0.0, 20), "p < .0005"),
        (lambda: es.t_from_p(0.5, 0), "degrees of freedom"),
        (lambda: es.t_from_f(4.2, 2), "several contrasts"),
        (lambda: es.t_from_f(-1, 1), "negative"),
        (lambda: es.sei_from_ci(2, 1), "upper limit"),
        (lambda: es.sei_from_ci(1, 2, level=95), "0.95, not 95"),
        (lambda: es.effect_from_ci(3, 1, 2), "outside its own interval"),
        (lambda: es.effect_from_sei(3, 0), "standard error"),
        (lambda: es.mean_sd_from_quantiles(20, 10), "quartiles"),
        (lambda: es.mean_sd_from_quantiles(4, 10, q1=8, q3=12), "under 5"),
        (lambda: es.mean_sd_from_quantiles(20, 10, q1=12, q3=8), "not in order"),
        (lambda: es.mean_sd_from_quantiles(20, 10, q1=10, q3=10), "no spread"),
        (lambda: es.mean_sd_from_quantiles(20, 10, q1=8, q3=12, lowest=9, highest=20), "outside the range"),
        (lambda: es.pre_post_r(sd1i=2, sd2i=2, sd_diff=5), "no correlation fits"),
        (lambda: es.exp_int(0, -1), "tau2"),
    ],
)
def test_refusals(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_infinite_degrees_of_freedom_are_those_of_z_and_nothing_else_is_infinite():
    assert es.t_from_p(0.05, np.inf) == pytest.approx(1.959963984540054)
    for call in (
        lambda: es.t_from_p(np.inf, 10),
        lambda: es.smd(m1i=np.inf, sd1i=1, n1i=10, m2i=0, sd2i=1, n2i=10),
        lambda: es.smd_from_t(np.inf, n1i=10, n2i=10),
        lambda: es.effect_from_ci(0.2, -np.inf, 0.5),
    ):
        with pytest.raises(ValueError, match="infinite"):
            call()
