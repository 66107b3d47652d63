"""Models for independent effects: worked examples, invariances, small k, and refusals."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reanalysis.meta import confint, fit, fit_many, indicators, likelihood_ratio_test, subgroups
from reanalysis.meta.tau2 import METHODS
from reanalysis.meta.univariate import TESTS

RNG = np.random.default_rng(11)
K = 14
VI = RNG.uniform(0.02, 0.3, K)
X = RNG.normal(size=K)
YI = RNG.normal(0.4 + 0.3 * X, np.sqrt(VI + 0.1))
GROUP = np.array(["a", "b", "c"])[np.arange(K) % 3]


def close(a, b, rel=1e-9):
    return np.allclose(a, b, rtol=rel, atol=1e-12, equal_nan=True)


# ---- worked examples -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mods", [None, X])
@pytest.mark.parametrize("test", TESTS)
def test_coefficients_are_generalized_least_squares(mods, test):
    f = fit(YI, VI, mods, test=test)
    v = np.diag(VI + f.tau2)
    x = np.ones((K, 1)) if mods is None else np.column_stack([np.ones(K), X])
    covariance = np.linalg.inv(x.T @ np.linalg.inv(v) @ x)
    beta = covariance @ x.T @ np.linalg.inv(v) @ YI
    residual = YI - x @ beta
    scale = residual @ np.linalg.inv(v) @ residual / (K - x.shape[1])
    scale = {"knha": scale, "adhoc": max(1, scale)}.get(test, 1.0)
    assert close(f.beta, beta)
    assert close(f.vb, scale * covariance)
    assert f.ddf == (np.inf if test == "z" else K - x.shape[1])
    assert close(f.hat, np.diag(x @ covariance @ x.T @ np.linalg.inv(v)))
    h = x @ covariance @ x.T @ np.linalg.inv(v)
    assert close(f.rstandard()[1] ** 2, np.diag((np.eye(K) - h) @ v @ (np.eye(K) - h).T))


def test_equal_variances_give_the_one_sample_t_test():
    yi = np.array([0.1, 0.5, -0.2, 0.7, 0.9, 0.3])
    f = fit(yi, np.full(6, 0.05))
    assert f.tau2 == pytest.approx(yi.var(ddof=1) - 0.05)
    assert f.se[0] == pytest.approx(yi.std(ddof=1) / np.sqrt(6))
    assert f.ddf == 5


def test_default_test_follows_the_model():
    assert fit(YI, VI).test == "knha"
    assert fit(YI, VI, method="CE").test == "z"
    assert fit(YI, VI, method="FE").method == "CE"


def test_custom_weights_and_given_tau2():
    f = fit(YI, VI, weights=np.ones(K), tau2=0.2, test="z")
    assert f.beta[0] == pytest.approx(YI.mean())
    assert f.se[0] == pytest.approx(np.sqrt((VI + 0.2).sum()) / K)
    assert f.weights_percent == pytest.approx(np.full(K, 100 / K))
    assert np.isnan(f.se_tau2)
    assert not f.boundary


def test_prediction_interval_rules():
    f = fit(YI, VI, test="z")
    by_rule = {rule: f.predict(rule=rule) for rule in ("test", "k-1", "k-2")}
    assert [by_rule[rule].pi_ddf for rule in ("test", "k-1", "k-2")] == [np.inf, K - 1, K - 2]
    widths = [(p.pi_ub - p.pi_lb)[0] for p in by_rule.values()]
    assert widths == sorted(widths)
    assert widths[0] == pytest.approx(2 * 1.959963984540054 * np.sqrt(f.vb[0, 0] + f.tau2))
    assert all(p.ddf == np.inf for p in by_rule.values())


def test_no_prediction_interval_without_distribution_or_degrees_of_freedom():
    common = fit(YI, VI, method="CE").predict()
    assert np.isnan(common.pi_lb).all()
    assert "common-effect" in common.note
    two = fit(YI[:2], VI[:2]).predict(rule="k-2")
    assert np.isnan(two.pi_lb).all()
    assert "degrees of freedom" in two.note
    one = fit(YI[:1], VI[:1])
    assert np.isnan(one.predict().pi_lb).all()
    assert "single effect" in one.predict().note
    given = fit(YI[:1], VI[:1], tau2=0.1).predict()
    assert given.pi_ub - given.pi_lb == pytest.approx(2 * 1.959963984540054 * np.sqrt(VI[0] + 2 * 0.1))


def test_prediction_at_new_moderators():
    f = fit(YI, VI, {"x": X, "twice": 2 * X, "b": GROUP == "b"})
    assert f.names == ("intercept", "x", "b")
    assert "twice" in f.notes[0]
    p = f.predict([[1.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
    assert p.pred == pytest.approx([f.beta[0] + f.beta[1], f.beta[0] + f.beta[2]])
    assert f.predict().pred == pytest.approx(f.fitted)
    with pytest.raises(ValueError, match="3 columns"):
        f.predict([1.0, 2.0])


def test_contrasts_and_omnibus():
    f = fit(YI, VI, indicators({"group": GROUP}, drop_first=False), intercept=False, test="knha")
    g = fit(YI, VI, indicators({"group": GROUP}), test="knha")
    c = f.contrast([[-1, 1, 0], [-1, 0, 1]])
    assert close(c.estimate, g.beta[1:])
    assert close(c.se, g.se[1:])
    assert close(c.pval, g.pval[1:])
    omnibus = g.omnibus(["group: b", "group: c"])
    assert (omnibus.stat, omnibus.pval) == pytest.approx((g.QM, g.QMp))
    assert (omnibus.df1, omnibus.df2) == (2, K - 3)
    assert f.QM_df == 3
    assert pytest.approx(g.R2) == f.R2
    with pytest.raises(ValueError, match="3 columns"):
        f.contrast([1, 2])


def test_likelihood_ratio_test():
    full, reduced = fit(YI, VI, X, method="ML"), fit(YI, VI, method="ML")
    t = likelihood_ratio_test(full, reduced)
    assert t.stat == pytest.approx(reduced.fit_stats["ML"]["dev"] - full.fit_stats["ML"]["dev"])
    assert t.df1 == 1
    with pytest.raises(ValueError, match="ML"):
        likelihood_ratio_test(fit(YI, VI, X), fit(YI, VI))
    with pytest.raises(ValueError, match="more coefficients"):
        likelihood_ratio_test(reduced, full)
    with pytest.raises(ValueError, match="same effects"):
        likelihood_ratio_test(full, fit(YI[1:], VI[1:], method="ML"))


def test_restricted_likelihood_does_not_depend_on_the_coding():
    a = fit(YI, VI, indicators({"group": GROUP}), test="z")
    b = fit(YI, VI, indicators({"group": GROUP}, drop_first=False), intercept=False, test="z")
    assert a.tau2 == pytest.approx(b.tau2)
    assert a.fit_stats["ML"]["ll"] == pytest.approx(b.fit_stats["ML"]["ll"])


def test_subgroups_compare_averages():
    s = subgroups(YI, VI, GROUP, test="z")
    weights = [1 / f.vb[0, 0] for f in s.fits]
    average = np.average([f.beta[0] for f in s.fits], weights=weights)
    assert pytest.approx(sum(w * (f.beta[0] - average) ** 2 for w, f in zip(weights, s.fits, strict=True))) == s.QB
    assert (s.levels, s.QB_df) == (("a", "b", "c"), 2)
    with pytest.raises(ValueError, match="two subgroups"):
        subgroups(YI, VI, ["a"] * K)
    with pytest.raises(ValueError, match="equally long"):
        subgroups(YI, VI, ["a", "b"])


def test_subgroups_of_few_are_compared_without_the_adjustment_of_their_intervals():
    """A Knapp-Hartung scale near zero makes the averages of few effects look certain; Q between ignores it."""
    yi, vi, group = [0.20, 0.21, 0.19, 0.60, 0.61, 0.59], [0.04] * 6, list("aaabbb")
    adjusted, plain = subgroups(yi, vi, group, test="knha"), subgroups(yi, vi, group, test="z")
    assert adjusted.fits[0].se[0] < 0.1 * plain.fits[0].se[0]
    assert (adjusted.QB, adjusted.QBp) == (plain.QB, plain.QBp)
    assert pytest.approx(0.4**2 / (2 * 0.04 / 3)) == plain.QB


def test_moderators_in_large_units_lose_no_precision():
    year = 1950.0 + np.arange(K)
    plain = fit(YI, VI, {"x": X, "year": np.arange(K), "both": X * np.arange(K)})
    large = fit(YI, VI, {"x": X, "year": year, "both": X * year})
    assert large.tau2 == pytest.approx(plain.tau2, rel=1e-9)
    assert large.beta[3] == pytest.approx(plain.beta[3], rel=1e-7)


def test_summary_reads_like_a_table():
    text = str(fit(YI, VI))
    for piece in (
        "Random-effects model (k = 14; REML; test knha)",
        "tau2",
        "I2",
        "Q ",
        "df = 13",
        "t(13)",
        "prediction",
    ):
        assert piece in text
    text = fit(YI, VI, {"dose": X}, test="z").summary()
    for piece in ("Mixed-effects meta-regression", "R2", "QM", "dose", "95 % interval"):
        assert piece in text
    assert "no prediction interval" in fit(YI, VI, method="CE").summary()
    assert "k = 1" in fit([0.2], [0.1]).summary()
    assert "0.1000 (given)" in fit(YI, VI, tau2=0.1).summary()
    f = fit(YI, VI)
    interval = confint(f, level=0.9)
    text = f.summary(interval)
    assert f"[{interval.tau2.ci_lb:.4f}, {interval.tau2.ci_ub:.4f}]" in text
    assert "intervals: 90 %, QP" in text
    assert " < .0001 " in fit(YI + 3, VI).summary()


# ---- small k and the boundary ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_one_study_is_the_study_alone(method, test):
    f = fit([0.42], [0.031], method=method, test=test)
    assert (f.test, f.tau2, f.I2, f.H2, f.QE, f.QEp) == ("z", 0, 0, 1, 0, 1)
    assert f.beta[0] == pytest.approx(0.42)
    assert f.se[0] == pytest.approx(np.sqrt(0.031))
    assert any("k = 1" in note for note in f.notes)


def test_two_studies():
    f = fit([0.1, 0.85], [0.04, 0.025])
    assert f.ddf == 1
    assert f.ci_ub[0] - f.ci_lb[0] == pytest.approx(2 * 12.706204736174694 * f.se[0])
    with pytest.raises(ValueError, match="2 effects cannot carry 2 coefficients and tau2"):
        fit([0.1, 0.85], [0.04, 0.025], [0, 1])
    exact = fit([0.1, 0.85], [0.04, 0.025], [0, 1], method="CE")
    assert exact.fitted == pytest.approx([0.1, 0.85])
    with pytest.raises(ValueError, match="more effects than coefficients"):
        fit([0.1, 0.85], [0.04, 0.025], [0, 1], method="CE", test="knha")


@pytest.mark.parametrize("method", [m for m in METHODS if m not in ("CE", "SJ")])
def test_the_boundary_is_flagged(method):
    f = fit([0.20, 0.25, 0.18, 0.22], [0.04, 0.06, 0.05, 0.03], method=method)
    assert f.tau2 == 0
    assert f.boundary
    assert any("boundary" in note for note in f.notes)
    common = fit([0.20, 0.25, 0.18, 0.22], [0.04, 0.06, 0.05, 0.03], method="CE", test=f.test)
    assert close(f.beta, common.beta)
    assert close(f.se, common.se)


def test_adhoc_is_never_below_the_z_variance():
    yi, vi = [0.20, 0.25, 0.18, 0.22], [0.04, 0.06, 0.05, 0.03]
    z, knha, adhoc = (fit(yi, vi, test=test).se[0] for test in ("z", "knha", "adhoc"))
    assert knha < z
    assert adhoc == pytest.approx(z)


def test_identical_effects_leave_no_doubt_under_knapp_hartung():
    f = fit([0.3] * 5, [0.01, 0.02, 0.03, 0.05, 0.06])
    assert f.se[0] == 0
    assert f.stat[0] == np.inf
    assert f.pval[0] == 0


@pytest.mark.parametrize("size", [1e-12, 1e12])
def test_extreme_variances(size):
    f, g = fit(YI * np.sqrt(size), VI * size), fit(YI, VI)
    assert f.converged
    assert f.tau2 == pytest.approx(size * g.tau2, rel=1e-9)
    assert f.pval == pytest.approx(g.pval, rel=1e-8)


def test_one_precise_study_dominates():
    vi = VI.copy()
    vi[3] = 1e-10
    assert fit(YI, vi, method="CE").beta[0] == pytest.approx(YI[3], abs=1e-7)
    f = fit(YI, vi)
    assert f.converged
    assert f.tau2 > 0
    vi[3] = 1e12
    rest = np.delete(np.arange(K), 3)
    assert fit(YI, vi).tau2 == pytest.approx(fit(YI[rest], VI[rest]).tau2, rel=1e-6)


# ---- invariances -----------------------------------------------------------------------------------------------

samples = st.integers(3, 10).flatmap(
    lambda k: st.tuples(
        st.lists(st.floats(-2, 2), min_size=k, max_size=k),
        st.lists(st.floats(0.01, 1), min_size=k, max_size=k),
        st.permutations(range(k)),
    )
)


@settings(deadline=None, max_examples=40)
@given(samples, st.sampled_from(METHODS), st.sampled_from(TESTS))
def test_order_sign_and_origin(sample, method, test):
    yi, vi, order = (np.array(part) for part in sample)
    f = fit(yi, vi, method=method, test=test)
    shuffled = fit(yi[order], vi[order], method=method, test=test)
    flipped = fit(-yi, vi, method=method, test=test)
    moved = fit(yi + 3, vi, method=method, test=test)
    for g, beta in ((shuffled, f.beta), (flipped, -f.beta), (moved, f.beta + 3)):
        assert np.allclose(g.beta, beta, rtol=1e-6, atol=1e-7)
        assert np.allclose(g.se, f.se, rtol=1e-5, atol=1e-7)
        assert np.allclose(g.tau2, f.tau2, rtol=1e-6, atol=1e-7)
        assert np.allclose(g.I2, f.I2, rtol=1e-5, atol=1e-4)


def test_repeating_all_studies_shrinks_the_interval():
    once = fit(YI, VI, method="CE")
    twice = fit(np.tile(YI, 2), np.tile(VI, 2), method="CE")
    assert close(twice.beta, once.beta)
    assert twice.se[0] == pytest.approx(once.se[0] / np.sqrt(2))
    many = fit(np.tile(YI, 500), np.tile(VI, 500))
    assert many.tau2 == pytest.approx(fit(YI, VI, method="ML").tau2, rel=1e-2)
    assert many.ci_ub[0] - many.ci_lb[0] < 0.05


# ---- many at once ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("mods", [None, X])
def test_many_equal_one_by_one(method, mods):
    mask = RNG.random((40, K)) < 0.8
    mask[0], mask[1] = True, np.arange(K) < 5
    yi = RNG.normal(size=(40, K))
    yi[mask & (RNG.random((40, K)) < 0.05)] = np.nan
    many = fit_many(yi, VI, mods, mask, method=method)
    for b in range(40):
        rows = mask[b] & np.isfinite(yi[b])
        one = fit(yi[b, rows], VI[rows], None if mods is None else mods[rows], method=method)
        for name in ("k", "beta", "se", "pval", "ci_lb", "tau2", "se_tau2", "I2", "H2", "QE", "QEp", "QM", "QMp"):
            assert close(getattr(many, name)[b], getattr(one, name), rel=1e-8), name


def test_many_sets_that_cannot_carry_the_model_are_missing():
    mask = np.ones((4, K), bool)
    mask[0] = False
    mask[1] = np.arange(K) < 1
    mask[2] = np.arange(K) < 2
    e = fit_many(YI, VI, mask=mask)
    assert np.isnan(e.beta[0]).all()
    assert not e.converged[0]
    assert e.k.tolist() == [0, 1, 2, K]
    assert e.beta[1, 0] == pytest.approx(YI[0])
    flat = fit_many(YI, VI, np.arange(K) > 5, mask=np.vstack([np.arange(K) < 5, np.ones(K, bool)]))
    assert np.isnan(flat.beta[0]).all()
    assert np.isfinite(flat.beta[1]).all()


def test_many_in_chunks_equal_many_at_once(monkeypatch):
    mask = RNG.random((300, K)) < 0.7
    whole = fit_many(YI, VI, mask=mask)
    monkeypatch.setattr("reanalysis.meta.batch.CHUNK_CELLS", 5 * K)
    parts = fit_many(YI, VI, mask=mask)
    assert close(parts.tau2, whole.tau2)
    assert close(parts.pval, whole.pval)


def test_many_refuses_bad_variances_and_moderators():
    with pytest.raises(ValueError, match="positive"):
        fit_many(YI, -VI)
    with pytest.raises(ValueError, match="finite"):
        fit_many(YI, VI, np.where(np.arange(K) == 2, np.nan, X))
    hidden = fit_many(YI, np.where(np.arange(K) == 2, -1.0, VI), mask=np.arange(K) != 2)
    assert np.isfinite(hidden.beta).all()


# ---- refusals --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "options", "words"),
    [
        (([0.1, 0.2], [0.1]), {}, "equally long"),
        (([[0.1, 0.2]], [[0.1, 0.2]]), {}, "one-dimensional"),
        (([], []), {}, "no effect"),
        (([np.nan], [0.1]), {}, "no effect"),
        (([0.1, np.inf], [0.1, 0.1]), {}, "finite"),
        (([0.1, 0.2], [0.1, 0.0]), {}, "positive"),
        (([0.1, 0.2], [0.1, -0.1]), {}, "positive"),
        (([0.1, 0.2], [0.1, 0.1]), {"method": "XX"}, "unknown method"),
        (([0.1, 0.2], [0.1, 0.1]), {"test": "F"}, "unknown test"),
        (([0.1, 0.2], [0.1, 0.1]), {"level": 95}, "between 0 and 1"),
        (([0.1, 0.2], [0.1, 0.1]), {"tau2": -1}, "tau2"),
        (([0.1, 0.2], [0.1, 0.1]), {"weights": [1]}, "weights"),
        (([0.1, 0.2], [0.1, 0.1]), {"weights": [-1, 1]}, "weights"),
        (([0.1, 0.2], [0.1, 0.1]), {"mods": [1, 2, 3]}, "moderator x1"),
        (([0.1, 0.2], [0.1, 0.1]), {"mods": ["a", "b"]}, "indicators"),
        (([0.1, 0.2], [0.1, 0.1]), {"intercept": False}, "needs moderators"),
    ],
)
def test_bad_input_is_refused(args, options, words):
    with pytest.raises(ValueError, match=words):
        fit(*args, **options)


def test_unknown_prediction_rule_is_refused():
    with pytest.raises(ValueError, match="rule must be"):
        fit(YI, VI).predict(rule="HTS")


def test_missing_rows_are_left_out_and_noted():
    yi, x = YI.copy(), X.copy()
    yi[2], x[5] = np.nan, np.nan
    f = fit(yi, VI, x)
    assert f.k == K - 2
    assert f.used.sum() == K - 2
    assert any("2 of 14 rows" in note for note in f.notes)
    rows = np.delete(np.arange(K), [2, 5])
    assert close(f.beta, fit(YI[rows], VI[rows], X[rows]).beta)


def test_constant_moderator_is_left_out_and_noted():
    f = fit(YI, VI, {"same": np.full(K, 3.0)})
    assert f.p == 1
    assert any("same" in note for note in f.notes)
    assert close(f.beta, fit(YI, VI).beta)
    assert f.predict(np.zeros((2, 1))).pred == pytest.approx([f.beta[0]] * 2)


@pytest.mark.parametrize("module", ["reanalysis.meta", "reanalysis.effects"])
def test_import_stays_light(module):
    slow = "('scipy.stats', 'scipy.optimize', 'pandas', 'matplotlib', 'pydantic', 'statsmodels', 'pingouin')"
    code = f"import sys, {module}; print(*(name for name in {slow} if name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "\n"


# ---- what the reader must know -----------------------------------------------------------------------------------


def test_a_knapp_hartung_scale_below_one_is_said():
    close_by = fit([0.30, 0.31], [0.1, 0.1])
    assert "s2w = 0.0005 is below 1" in close_by.notes[-1]
    assert "even than by test z" in close_by.notes[-1]
    assert 'test="adhoc"' in close_by.summary()
    equal = fit([0.2] * 5, [0.1] * 5)
    assert "no standard error" in equal.notes[-1]
    wide = fit([0.20, 0.45, 0.1], [0.04, 0.04, 0.04])
    assert wide.s2w < 1
    assert "test t)" in wide.notes[-1]
    assert "test z" not in wide.notes[-1]
    for options in ({"test": "z"}, {"test": "adhoc"}, {"test": "t"}):
        assert not any("Knapp-Hartung" in note for note in fit([0.30, 0.31], [0.1, 0.1], **options).notes)


def test_likelihood_ratio_tests_need_nested_models_without_weights():
    ml = {"method": "ML"}
    a, b = fit(YI, VI, {"x": X}, **ml), fit(YI, VI, indicators({"group": GROUP}), **ml)
    with pytest.raises(ValueError, match="not nested"):
        likelihood_ratio_test(b, a)
    with pytest.raises(ValueError, match="weights"):
        likelihood_ratio_test(fit(YI, VI, {"x": X}, weights=np.ones(K), **ml), fit(YI, VI, weights=np.ones(K), **ml))
    # the same space of moderators in other columns is nested
    both = fit(YI, VI, {"sum": X + (GROUP == "b"), "difference": X - (GROUP == "b")}, **ml)
    assert likelihood_ratio_test(both, a).df1 == 1
    given = fit(YI, VI, {"x": X}, tau2=0.05, **ml)
    assert likelihood_ratio_test(a, given).df1 == 1
    with pytest.raises(ValueError, match="tau2 is given"):
        likelihood_ratio_test(fit(YI, VI, {"x": X}, tau2=0.05, **ml), fit(YI, VI, **ml))
