import itertools

import numpy as np
import pytest

from reanalysis.meta import baujat, cumulative, fit, gosh, influence, leave_one_out

RNG = np.random.default_rng(8)
K = 9
VI = RNG.uniform(0.02, 0.2, K)
X = RNG.normal(size=K)
YI = RNG.normal(0.3, np.sqrt(VI + 0.1))
SAMPLE = np.array(["s1", "s2", "s2", "s3", "s4", "s4", "s4", "s5", "s6"])
YEAR = np.array([2010, 2008, 2012, 2008, 2015, 2011, 2019, 2009, 2020])


def same(e, b, f):
    for name in ("k", "beta", "se", "ci_lb", "pval", "tau2", "I2", "QE", "QEp"):
        assert np.allclose(getattr(e, name)[b], getattr(f, name), rtol=1e-8, atol=1e-11), name


@pytest.mark.parametrize("options", [{}, {"method": "DL", "test": "z"}, {"weights": np.arange(1.0, K + 1)}])
@pytest.mark.parametrize("mods", [None, X])
def test_leave_one_out_is_a_refit_without_the_row(options, mods):
    left = leave_one_out(fit(YI, VI, mods, **options))
    assert left.labels.tolist() == list(range(K))
    for i in range(K):
        rest = np.arange(K) != i
        own = {name: value[rest] if name == "weights" else value for name, value in options.items()}
        same(left.estimates, i, fit(YI[rest], VI[rest], None if mods is None else mods[rest], **own))


def test_a_given_tau2_is_kept():
    assert np.all(leave_one_out(fit(YI, VI, tau2=0.2)).estimates.tau2 == 0.2)


def test_leave_one_sample_out():
    left = leave_one_out(fit(YI, VI), SAMPLE)
    assert left.labels.tolist() == ["s1", "s2", "s3", "s4", "s5", "s6"]
    rest = SAMPLE != "s4"
    same(left.estimates, 3, fit(YI[rest], VI[rest]))
    assert (left.mask[3] == rest).all()


def test_groups_are_matched_to_the_given_rows():
    yi = YI.copy()
    yi[0] = np.nan
    f = fit(yi, VI)
    assert leave_one_out(f, SAMPLE).labels.tolist() == ["s2", "s3", "s4", "s5", "s6"]
    with pytest.raises(ValueError, match="each of the 9 rows"):
        leave_one_out(f, SAMPLE[1:])


def test_cumulative_by_year_and_by_sample():
    f = fit(YI, VI)
    c = cumulative(f, YEAR)
    order = np.argsort(YEAR, kind="stable")
    assert c.labels.tolist() == order.tolist()
    for i in range(K):
        rows = order[: i + 1]
        same(c.estimates, i, fit(YI[rows], VI[rows]))
    grouped = cumulative(f, YEAR, SAMPLE)
    assert grouped.labels.tolist() == ["s2", "s3", "s5", "s1", "s4", "s6"]
    assert grouped.estimates.k.tolist() == [2, 3, 4, 5, 8, 9]
    assert cumulative(f).labels.tolist() == list(range(K))
    with pytest.raises(ValueError, match="without moderators"):
        cumulative(fit(YI, VI, X))


@pytest.mark.parametrize("mods", [None, X])
def test_influence_from_the_definitions(mods):
    f = fit(YI, VI, mods, test="z")
    i = influence(f)
    for row in range(K):
        rest = np.arange(K) != row
        g = fit(YI[rest], VI[rest], None if mods is None else mods[rest], test="z")
        x = f.X[row]
        deleted = YI[row] - x @ g.beta
        change = f.beta - g.beta
        assert i.rstudent[row] == pytest.approx(deleted / np.sqrt(VI[row] + g.tau2 + x @ g.vb @ x))
        assert i.cook_d[row] == pytest.approx(change @ np.linalg.inv(f.vb) @ change)
        assert i.cov_r[row] == pytest.approx(np.linalg.det(g.vb) / np.linalg.det(f.vb))
        assert i.dffits[row] == pytest.approx(x @ change / np.sqrt(f.hat[row] * (VI[row] + g.tau2)))
        w = 1 / (VI + g.tau2)
        assert i.dfbs[row] == pytest.approx(change / np.sqrt(np.diag(np.linalg.inv(f.X.T @ (w[:, None] * f.X)))))
    assert i.weight.sum() == pytest.approx(100)


def test_an_outlier_is_flagged():
    yi = YI.copy()
    yi[4] += 4
    flagged = influence(fit(yi, np.full(K, 0.02))).is_infl
    assert flagged.tolist() == [row == 4 for row in range(K)]


def test_few_effects_are_said():
    assert influence(fit(YI[:5], VI[:5])).note == ""
    assert "k = 4" in influence(fit(YI[:4], VI[:4])).note


def test_deleting_the_only_row_of_a_level_is_missing_not_wrong():
    f = fit(YI, VI, {"only": np.arange(K) == 3})
    i = influence(f)
    assert np.isnan(i.rstudent[3])
    assert np.isfinite(np.delete(i.rstudent, 3)).all()
    assert np.isnan(leave_one_out(f).estimates.beta[3]).all()


def test_baujat_contributions_sum_to_q():
    f = fit(YI, VI, method="CE")
    assert baujat(f).x.sum() == pytest.approx(f.QE)


def test_gosh_takes_all_subsets_when_they_are_few():
    f = fit(YI[:5], VI[:5])
    g = gosh(f)
    assert g.exact
    assert len(g.mask) == 31
    masks = {tuple(m) for m in g.mask.tolist()}
    assert masks == {m for m in itertools.product([False, True], repeat=5) if any(m)}
    for b in range(31):
        same(g.estimates, b, fit(YI[:5][g.mask[b]], VI[:5][g.mask[b]]))


def test_gosh_samples_when_they_are_many():
    f = fit(YI, VI, X, method="DL")
    g = gosh(f, n=100, seed=3)
    assert not g.exact
    assert len(g.mask) == 100
    assert g.mask.sum(axis=1).min() >= 2
    assert (gosh(f, n=100, seed=3).mask == g.mask).all()
    with pytest.raises(ValueError, match="positive"):
        gosh(f, n=0)


def test_single_rows_are_refused():
    f = fit([0.1], [0.2])
    for call in (leave_one_out, influence, baujat):
        with pytest.raises(ValueError, match="two"):
            call(f)
    with pytest.raises(ValueError, match="two"):
        leave_one_out(fit(YI, VI), ["one"] * K)
