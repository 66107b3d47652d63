import numpy as np
import pytest

from reanalysis.meta import (
    baujat,
    confint,
    cumulative,
    fit,
    fit_multilevel,
    gosh,
    influence,
    leave_one_out,
    likelihood_ratio_test,
    nested,
    permutation_interval,
    permutation_test,
    refit,
    robust,
    vcalc,
)

RNG = np.random.default_rng(20240611)
K = 40
SAMPLE = np.repeat(np.arange(16), [1, 2, 3, 4] * 4)
OUTCOME = RNG.integers(0, 5, K)
VI = RNG.uniform(0.02, 0.2, K)
MOD = RNG.normal(size=K)
YI = (
    0.3 + 0.5 * RNG.normal(size=16)[SAMPLE] + 0.3 * RNG.normal(size=5)[OUTCOME] + RNG.normal(size=K) * np.sqrt(VI + 0.1)
)
EFFECT = np.arange(K)
V = vcalc(VI, SAMPLE, rho=0.5)
DESIGNS = {
    "three-level": {"sample": SAMPLE, "effect": EFFECT},
    "crossed": {"sample": SAMPLE, "outcome": OUTCOME},
    "crossed and effects": {"sample": SAMPLE, "outcome": OUTCOME, "effect": EFFECT},
    "samples alone": {"sample": SAMPLE},
}


def dense(sigma2, random, v, x, reml):
    """Log-likelihood from the k x k matrix."""
    m = v + sum(s2 * (labels[:, None] == labels) for s2, labels in zip(sigma2, random.values(), strict=True))
    w = np.linalg.inv(m)
    xwx = x.T @ w @ x
    e = YI - x @ np.linalg.solve(xwx, x.T @ w @ YI)
    n = K - x.shape[1] * reml
    ll = n * np.log(2 * np.pi) + np.linalg.slogdet(m)[1] + e @ w @ e
    if reml:
        ll += np.linalg.slogdet(xwx)[1] - np.linalg.slogdet(x.T @ x)[1]
    return -0.5 * ll, m, w


@pytest.mark.parametrize("method", ["ML", "REML"])
@pytest.mark.parametrize("v", [VI, V], ids=["independent", "correlated"])
@pytest.mark.parametrize("design", DESIGNS)
def test_the_likelihood_is_the_dense_one_and_at_its_maximum(design, v, method):
    random = DESIGNS[design]
    f = fit_multilevel(YI, v, random=random, mods=MOD, method=method)
    x = np.column_stack([np.ones(K), MOD])
    full = np.diag(VI) if v is VI else V.toarray()
    ll, m, w = dense(f.sigma2, random, full, x, method == "REML")
    assert f.converged
    assert f.ll == pytest.approx(ll, abs=1e-9)
    assert f.vb == pytest.approx(np.linalg.inv(x.T @ w @ x), rel=1e-9)
    assert f.beta == pytest.approx(f.vb @ x.T @ w @ YI, rel=1e-9)
    assert f.marginal().toarray() == pytest.approx(m)
    for j in range(len(random)):
        for step in (1e-3, -1e-3):
            moved = f.sigma2.copy()
            moved[j] = max(0.0, moved[j] + step)
            assert dense(moved, random, full, x, method == "REML")[0] <= ll + 1e-12


def test_one_effect_per_sample_is_the_ordinary_random_effects_model():
    for method in ("ML", "REML"):
        f = fit_multilevel(YI, VI, random={"effect": EFFECT}, mods=MOD, method=method, test="z")
        g = fit(YI, VI, MOD, method=method, test="z")
        assert f.sigma2[0] == pytest.approx(g.tau2, rel=1e-8)
        for name in ("beta", "se", "pval", "ci_lb", "QE", "QEp", "QM", "QMp", "vt"):
            assert getattr(f, name) == pytest.approx(getattr(g, name), rel=1e-8), name
        assert f.I2[0] == pytest.approx(g.I2, rel=1e-8)
        for likelihood in ("ML", "REML"):
            assert f.fit_stats[likelihood] == pytest.approx(g.fit_stats[likelihood], abs=1e-6)
        assert f.predict([0.5]).pi_ub == pytest.approx(g.predict([0.5]).pi_ub)


def test_order_labels_and_units_do_not_matter():
    f = fit_multilevel(YI, V, random=DESIGNS["three-level"], mods=MOD)
    order = np.random.default_rng(1).permutation(K)
    names = np.array([f"sample {s}" for s in SAMPLE])[order]
    shuffled = vcalc(VI[order], names, rho=0.5)
    g = fit_multilevel(YI[order], shuffled, random={"s": names, "e": EFFECT[order]}, mods=MOD[order])
    assert g.sigma2 == pytest.approx(f.sigma2, rel=1e-8)
    assert g.beta == pytest.approx(f.beta, rel=1e-8)
    for c in (1e-4, 1e5):
        h = fit_multilevel(5 * c + c * YI, vcalc(c**2 * VI, SAMPLE, rho=0.5), random=DESIGNS["three-level"], mods=MOD)
        assert h.sigma2 == pytest.approx(c**2 * f.sigma2, rel=1e-7)
        assert h.beta == pytest.approx(c * (f.beta + [5, 0]), rel=1e-8)
        assert h.converged


def test_effects_numbered_anew_in_each_sample():
    number = np.concatenate([np.arange(n) for n in np.bincount(SAMPLE)])
    f = fit_multilevel(YI, VI, random={"sample": SAMPLE, "effect": nested(SAMPLE, number)})
    assert f.s_nlevels == (16, K)
    assert f.sigma2 == pytest.approx(fit_multilevel(YI, VI, random=DESIGNS["three-level"]).sigma2)


def test_identical_effects_are_on_the_boundary():
    f = fit_multilevel(np.full(K, 0.2) + 1e-3 * MOD, VI, random=DESIGNS["three-level"])
    assert f.boundary
    assert f.converged
    assert f.sigma2.tolist() == [0, 0]
    assert "boundary" in f.summary()
    assert f.confint("sample")[0] == 0


def test_fixed_variances_stay_and_are_not_counted():
    f = fit_multilevel(YI, VI, random=DESIGNS["three-level"], sigma2=[0.1, np.nan])
    both = fit_multilevel(YI, VI, random=DESIGNS["three-level"], sigma2=[0.1, f.sigma2[1]])
    assert f.sigma2[0] == 0.1
    assert both.ll == pytest.approx(f.ll)
    assert f.fit_stats["REML"]["AIC"] == pytest.approx(both.fit_stats["REML"]["AIC"] + 2)
    with pytest.raises(ValueError, match="not an estimated variance"):
        f.confint("sample")
    common = fit_multilevel(YI, VI, random=DESIGNS["three-level"], sigma2=[0, 0])
    assert common.beta == pytest.approx(fit(YI, VI, method="CE").beta)
    assert common.converged
    assert not common.boundary


def test_profile_interval_is_where_the_likelihood_has_fallen():
    f = fit_multilevel(YI, V, random=DESIGNS["three-level"])
    for limit in f.confint("sample", level=0.9):
        profile = fit_multilevel(YI, V, random=DESIGNS["three-level"], sigma2=[limit, np.nan])
        assert f.ll - profile.ll == pytest.approx(2.705543454095404 / 2, abs=1e-6)


def test_random_effects_solve_the_mixed_model_equations():
    f = fit_multilevel(YI, V, random=DESIGNS["crossed"], mods=MOD)
    x = np.column_stack([np.ones(K), MOD])
    z = np.column_stack([labels[:, None] == np.unique(labels) for labels in (SAMPLE, OUTCOME)]).astype(float)
    w = np.linalg.inv(V.toarray())
    design = np.column_stack([x, z])
    penalty = np.diag(np.r_[0, 0, np.repeat(1 / f.sigma2, [16, 5])])
    inverse = np.linalg.inv(design.T @ w @ design + penalty)
    solution = inverse @ design.T @ w @ YI
    effects = f.ranef()
    order = np.argsort(effects["outcome"].level)
    assert effects["sample"].intrcpt == pytest.approx(solution[2:18], abs=1e-9)
    assert effects["outcome"].intrcpt[order] == pytest.approx(solution[18:], abs=1e-9)
    # the equations give Var(u_hat - u), the reported standard error is that of u_hat - u given unknown beta
    assert effects["sample"].se == pytest.approx(np.sqrt(np.diag(inverse)[2:18]), abs=1e-9)


def test_degrees_of_freedom_by_containment():
    by_sample = MOD[SAMPLE]
    mods = {"sample mean": by_sample, "effect": MOD}
    f = fit_multilevel(YI, VI, random=DESIGNS["three-level"], mods=mods)
    assert f.ddf.tolist() == [16 - 2, 16 - 2, K - 3]
    assert f.QM_ddf == 14
    residual = fit_multilevel(YI, VI, random=DESIGNS["three-level"], mods=mods, dfs="residual")
    assert residual.ddf.tolist() == [K - 3] * 3


def test_predictions():
    f = fit_multilevel(YI, V, random=DESIGNS["three-level"], mods=MOD, test="z")
    p = f.predict([[0.0], [1.0]])
    assert p.pred == pytest.approx([f.beta[0], f.beta.sum()])
    assert p.se[0] == pytest.approx(f.se[0])
    assert p.pi_ub[0] - p.pred[0] == pytest.approx(1.959963984540054 * np.sqrt(f.vb[0, 0] + f.sigma2.sum()))
    assert len(f.predict().pred) == K
    wide, narrow = f.predict([0.0], level=0.99), f.predict([0.0], level=0.5)
    assert wide.ci_lb < narrow.ci_lb
    with pytest.raises(ValueError, match="1 columns"):
        f.predict([[0.0, 1.0]])


def test_summary_names_what_was_fitted():
    text = str(fit_multilevel(YI, V, random=DESIGNS["three-level"], mods={"age": MOD}))
    assert "sigma2 sample" in text
    assert "16 levels" in text
    assert "age" in text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"method": "DL"}, "method"),
        ({"test": "knha"}, "test"),
        ({"level": 95}, "level"),
        ({"yi": YI[:-1]}, "yi must be"),
        ({"yi": np.where(EFFECT == 3, np.nan, YI)}, "missing"),
        ({"mods": np.ones(K)}, "independent"),
        ({"mods": np.full(K, np.nan)}, "finite"),
        ({"random": {"sample": np.zeros(K)}}, "one level"),
        ({"random": {"sample": SAMPLE, "again": SAMPLE + 5}}, "alike"),
        ({"random": {"sample": SAMPLE[:-1]}}, "labels"),
        ({"random": {}}, "at least one factor"),
        ({"sigma2": [0.1]}, "sigma2"),
        ({"sigma2": [0.1, -1]}, "sigma2"),
    ],
)
def test_bad_input_is_refused(changes, message):
    arguments = {"yi": YI, "V": VI, "random": DESIGNS["three-level"]} | changes
    with pytest.raises(ValueError, match=message):
        fit_multilevel(**arguments)


def test_too_few_effects_are_refused():
    with pytest.raises(ValueError, match="1 effects cannot carry 1 coefficients and the variances"):
        fit_multilevel([0.1], [0.1], random={"effect": [1]})


@pytest.mark.parametrize("seed", range(40))
def test_small_and_boundary_cases_reach_a_maximum(seed):
    rng = np.random.default_rng(seed)
    sample = np.repeat(np.arange(6), rng.integers(1, 5, 6))
    k = len(sample)
    vi = np.exp(rng.normal(-3, 1.2, k))
    sigma = rng.choice([0, 0.1, 0.5, 1.5], 2)
    yi = rng.normal() + sigma[0] * rng.normal(size=6)[sample] + rng.normal(size=k) * np.sqrt(vi + sigma[1] ** 2)
    arguments = {
        "yi": yi,
        "V": vi if seed % 2 else vcalc(vi, sample, rho=rng.choice([0.3, 0.9])),
        "random": {"sample": sample, "outcome": rng.integers(0, 3, k), "effect": np.arange(k)},
        "method": "REML" if seed % 3 else "ML",
    }
    f = fit_multilevel(**arguments)
    assert f.converged
    assert f.boundary == bool(np.any(f.sigma2 == 0))
    scale = f.sigma2 + vi.mean()
    for direction in rng.normal(size=(6, 3)):
        near = np.maximum(f.sigma2 + 0.01 * direction * scale, 0)
        assert fit_multilevel(**arguments, sigma2=near).ll <= f.ll + 1e-10
    # nor is there a higher one far away
    for far in ([0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]):
        assert fit_multilevel(**arguments, sigma2=np.array(far) * scale).ll <= f.ll + 1e-10


# ---- what other models offer -----------------------------------------------------------------------------------

THREE = fit_multilevel(YI, V, random=DESIGNS["three-level"], mods={"age": MOD})


def without(rows):
    keep = ~rows
    part = vcalc(VI[keep], SAMPLE[keep], rho=0.5)
    random = {name: labels[keep] for name, labels in DESIGNS["three-level"].items()}
    return fit_multilevel(YI[keep], part, random=random, mods={"age": MOD[keep]})


@pytest.mark.parametrize(
    "groups", ["sample", SAMPLE, [f"s{i}" for i in SAMPLE], None], ids=["factor", "codes", "names", "rows"]
)
def test_leave_one_out_is_a_refit(groups):
    left = leave_one_out(THREE, groups)
    assert len(left.labels) == (K if groups is None else 16)
    for i in (0, 5, len(left.labels) - 1):
        g = without(~left.mask[i])
        for name in ("k", "beta", "se", "ddf", "pval", "ci_lb", "vb", "sigma2", "QE", "QEp", "ll", "converged"):
            assert getattr(left.estimates, name)[i] == pytest.approx(getattr(g, name), rel=1e-6, abs=1e-9), name


def test_refits_that_the_rows_cannot_carry_are_missing():
    f = fit_multilevel(YI[:6], VI[:6], random={"sample": SAMPLE[:6] == 0, "effect": EFFECT[:6]})
    left = leave_one_out(f, "sample")
    assert np.isnan(left.estimates.beta).all()
    assert not left.estimates.converged.any()
    assert left.estimates.k.tolist() == [5, 1]


def test_cumulative_by_sample():
    f = fit_multilevel(YI, VI, random=DESIGNS["three-level"])
    c = cumulative(f, groups="sample")
    assert c.labels.tolist() == list(range(16))
    assert c.estimates.beta[-1] == pytest.approx(f.beta, rel=1e-6)
    assert c.estimates.k[3] == 10


def test_influence_by_cluster_from_the_definitions():
    i = influence(THREE)
    assert i.labels.tolist() == list(range(16))
    assert i.hat.sum() == pytest.approx(THREE.p)
    x = np.column_stack([np.ones(K), MOD])
    w = np.linalg.inv(THREE.marginal().toarray())
    assert THREE.hat == pytest.approx(np.diag(x @ np.linalg.inv(x.T @ w @ x) @ x.T @ w))
    for sample in (2, 9):
        g = without(sample == SAMPLE)
        change = THREE.beta - g.beta
        m = V.toarray() + sum(
            s2 * (labels[:, None] == labels)
            for s2, labels in zip(g.sigma2, DESIGNS["three-level"].values(), strict=True)
        )
        assert i.cook_d[sample] == pytest.approx(change @ np.linalg.inv(THREE.vb) @ change, rel=1e-5)
        se = np.sqrt(np.diag(np.linalg.inv(x.T @ np.linalg.inv(m) @ x)))
        assert i.dfbs[sample] == pytest.approx(change / se, rel=1e-5)
        assert i.cov_r[sample] == pytest.approx(np.linalg.det(g.vb) / np.linalg.det(THREE.vb), rel=1e-6)
        assert i.sigma2_del[sample] == pytest.approx(g.sigma2, rel=1e-5, abs=1e-9)
    assert i.note == ""
    assert len(influence(THREE, EFFECT).labels) == K


def test_profile_intervals_of_all_variances():
    f = fit_multilevel(YI, VI, random=DESIGNS["three-level"], sigma2=[np.nan, 0.1])
    assert list(confint(f).sigma2) == ["sample"]
    both = confint(THREE, level=0.9)
    assert list(both.sigma2) == ["sample", "effect"]
    assert tuple(both.sigma2["sample"])[1:] == pytest.approx(THREE.confint("sample", level=0.9))
    assert both.sigma["effect"].ci_ub == pytest.approx(np.sqrt(both.sigma2["effect"].ci_ub))
    with pytest.raises(ValueError, match="type PL"):
        confint(THREE, type="QP")


def test_likelihood_ratio_tests():
    ml = {"method": "ML", "random": DESIGNS["three-level"]}
    full, reduced = fit_multilevel(YI, V, mods={"age": MOD}, **ml), fit_multilevel(YI, V, **ml)
    t = likelihood_ratio_test(full, reduced)
    assert (t.stat, t.df1) == (pytest.approx(2 * (full.ll - reduced.ll)), 1)
    one = fit_multilevel(YI, V, random={"effect": EFFECT}, mods={"age": MOD})
    t = likelihood_ratio_test(THREE, one)
    assert (t.stat, t.df1) == (pytest.approx(2 * (THREE.ll - one.ll)), 1)
    zero = fit_multilevel(YI, V, random=DESIGNS["three-level"], mods={"age": MOD}, sigma2=[0, np.nan])
    assert likelihood_ratio_test(THREE, zero).stat == pytest.approx(t.stat, abs=1e-8)
    other = fit_multilevel(YI, V, random={"outcome": OUTCOME}, mods={"age": MOD})
    for pair, words in (
        ((THREE, other), "not nested"),
        ((one, THREE), "not nested"),
        ((THREE, fit_multilevel(YI, V, random=DESIGNS["three-level"])), "method ML"),
        ((THREE, full), "different methods"),
        ((THREE, fit(YI, VI, MOD)), "two models from"),
        ((THREE, THREE), "more coefficients"),
        ((THREE, fit_multilevel(YI, VI, random=DESIGNS["three-level"], mods={"age": MOD})), "same effects"),
    ):
        with pytest.raises(ValueError, match=words):
            likelihood_ratio_test(*pair)


@pytest.mark.parametrize(
    "call", [gosh, baujat, permutation_test, permutation_interval, lambda f: refit(f, np.ones(K, bool))]
)
@pytest.mark.parametrize("model", [THREE, robust(THREE, SAMPLE)], ids=["multilevel", "robust"])
def test_what_is_not_offered_says_what_to_use(call, model):
    with pytest.raises(TypeError, match=f"not {type(model).__name__}; use"):
        call(model)


@pytest.mark.parametrize("call", [leave_one_out, cumulative, influence, confint, lambda f: robust(f, SAMPLE)])
def test_robust_fits_are_not_refitted(call):
    with pytest.raises((TypeError, ValueError), match="`fit`|without moderators"):
        call(robust(THREE, SAMPLE))


def test_both_kinds_of_model_test_by_t():
    f, g = fit(YI, VI, test="t"), fit_multilevel(YI, VI, random={"effect": EFFECT})
    assert g.test == "t"
    assert g.ddf.tolist() == [f.ddf]
    assert g.pval == pytest.approx(f.pval, rel=1e-6)
    assert fit_multilevel(YI, VI, random=DESIGNS["three-level"]).ddf.tolist() == [15]
    moderator = {"dose": MOD[SAMPLE], "arm": np.arange(16)[SAMPLE] % 2}
    with pytest.raises(ValueError, match="no degrees of freedom"):
        fit_multilevel(YI[:6], VI[:6], random={"sample": SAMPLE[:6]}, mods={n: c[:6] for n, c in moderator.items()})


def test_ids_that_begin_anew_in_each_sample_are_pointed_out():
    sample, number = np.repeat(np.arange(10), 4), np.tile(np.arange(4), 10)
    f = fit_multilevel(YI, VI, random={"sample": sample, "effect": number})
    assert any("labels of 'effect' come again in every level of 'sample'" in note for note in f.notes)
    assert "nested(sample, effect)" in f.summary()
    for random in ({"sample": sample, "effect": nested(sample, number)}, DESIGNS["crossed"]):
        assert not any("come again" in note for note in fit_multilevel(YI, VI, random=random).notes)
