import numpy as np
import pytest

from reanalysis.meta import fit, fit_multilevel, nested, vcalc

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
