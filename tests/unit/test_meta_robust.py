import numpy as np
import pytest
from scipy import linalg

from reanalysis.meta import fit, fit_multilevel, robust, vcalc

RNG = np.random.default_rng(7)
K = 30
CLUSTER = np.repeat(np.arange(11), [1, 2, 3, 4, 5, 1, 2, 3, 4, 2, 3])
VI = RNG.uniform(0.02, 0.3, K)
MODS = np.column_stack([RNG.normal(size=K), RNG.normal(size=11)[CLUSTER]])
YI = 0.2 + 0.4 * MODS[:, 0] + 0.3 * RNG.normal(size=11)[CLUSTER] + RNG.normal(size=K) * np.sqrt(VI)
V = vcalc(VI, CLUSTER, rho=0.6)
WEIGHTS = RNG.uniform(1, 5, K)


def models():
    nested = {"sample": CLUSTER, "effect": np.arange(K)}
    return {
        "univariate": fit(YI, VI, MODS),
        "common effect": fit(YI, VI, MODS, method="CE"),
        "own weights": fit(YI, VI, MODS, weights=WEIGHTS),
        "multilevel": fit_multilevel(YI, VI, random=nested, mods=MODS),
        "correlated": fit_multilevel(YI, V, random=nested, mods=MODS),
    }


def by_definition(f, phi, w):
    """CR2 covariance, its expectation under the working model, Satterthwaite df and AHT eta, with k x k matrices."""
    x = f.X
    bread = np.linalg.inv(x.T @ w @ x)
    left_over = np.eye(K) - x @ bread @ x.T @ w
    parts, vectors = [], []
    for c in np.unique(CLUSTER):
        rows = np.equal(CLUSTER, c)
        upper = linalg.cholesky(phi[np.ix_(rows, rows)])
        g = (left_over @ phi @ left_over.T)[np.ix_(rows, rows)]
        values, v = np.linalg.eigh(upper @ g @ upper.T)
        root = (v * np.where(values > 1e-12 * values.max(), values, np.inf) ** -0.5) @ v.T
        a = upper.T @ root @ upper
        parts.append(bread @ x[rows].T @ w[np.ix_(rows, rows)] @ a @ f.residuals[rows])
        vectors.append(bread @ x[rows].T @ w[np.ix_(rows, rows)] @ a @ left_over[rows])
    vb = sum(np.outer(s, s) for s in parts)
    p = np.array(vectors)  # cluster, coefficient, effect
    pairs = np.einsum("iak,kl,jbl->abij", p, phi, p)
    expected = np.einsum("abii->ab", pairs)
    df = [np.trace(pairs[a, a]) ** 2 / (pairs[a, a] ** 2).sum() for a in range(3)]
    root = linalg.inv(linalg.sqrtm(expected[1:, 1:]))
    scaled = np.einsum("sa,abij,tb->stij", root, pairs[1:, 1:], root)
    total = sum(
        (scaled[s, s] * scaled[t, t]).sum() + (scaled[s, t] * scaled[s, t].T).sum() for s in (0, 1) for t in (0, 1)
    )
    return vb, expected, np.array(df), 6 / total


@pytest.mark.parametrize("name", models())
def test_cr2_and_its_degrees_of_freedom_by_definition(name):
    f = models()[name]
    phi = np.diag(VI + f.tau2) if hasattr(f, "tau2") else f.marginal().toarray()
    w = np.diag(WEIGHTS) if name == "own weights" else np.linalg.inv(phi)
    vb, expected, df, eta = by_definition(f, phi, w)
    r = robust(f, CLUSTER, min_df=0)
    assert r.vb == pytest.approx(vb, rel=1e-9)
    assert r.ddf == pytest.approx(df, rel=1e-9)
    assert r.QM_ddf == pytest.approx(eta - 1, rel=1e-9)
    chi2 = f.beta[1:] @ np.linalg.solve(vb[1:, 1:], f.beta[1:])
    assert pytest.approx(chi2 * (eta - 1) / (2 * eta), rel=1e-9) == r.QM
    if name != "own weights":
        # unbiased where the working model is true; with own weights too, but for another model covariance
        assert expected == pytest.approx(np.linalg.inv(f.X.T @ w @ f.X), rel=1e-9)


def test_equal_variances_and_single_effects_give_students_t():
    yi = RNG.normal(size=8)
    r = robust(fit(yi, np.full(8, 0.1)), np.arange(8))
    assert r.se[0] == pytest.approx(yi.std(ddof=1) / np.sqrt(8))
    assert r.ddf[0] == pytest.approx(7)
    assert r.pval[0] == pytest.approx(r.QMp)
    assert r.stat[0] ** 2 == pytest.approx(r.QM)


def test_scaled_kinds():
    f = models()["correlated"]
    vb = {kind: robust(f, CLUSTER, kind=kind).vb for kind in ("CR0", "CR1", "CR1p", "CR1S")}
    assert vb["CR1"] == pytest.approx(vb["CR0"] * 11 / 10)
    assert vb["CR1p"] == pytest.approx(vb["CR0"] * 11 / 8)
    assert vb["CR1S"] == pytest.approx(vb["CR0"] * 11 * 29 / 10 / 27)
    assert robust(f, CLUSTER, kind="CR1p").ddf.tolist() == [8, 8, 8]
    assert np.all(robust(f, CLUSTER, kind="CR1p", dfs="satterthwaite").ddf < 11)


def test_order_labels_and_units_do_not_matter():
    order = np.random.default_rng(0).permutation(K)
    names = np.array([f"c{c}" for c in CLUSTER])
    r = robust(fit(YI, VI, MODS), CLUSTER)
    s = robust(fit(YI[order], VI[order], MODS[order]), names[order])
    t = robust(fit(1e-4 * YI, 1e-8 * VI, MODS * [1, 1e6] + [0, 1e7]), CLUSTER)
    for other in (s, t):
        assert other.ddf[1:] == pytest.approx(r.ddf[1:], rel=1e-6)
        assert other.stat[1:] == pytest.approx(r.stat[1:], rel=1e-6)
        assert pytest.approx(r.QM, rel=1e-6) == other.QM


def test_few_degrees_of_freedom_are_flagged_and_get_no_p():
    first = np.where(CLUSTER < 3, 1.0, 0.0)
    f = fit(YI, VI, {"first": first})
    r, free = robust(f, CLUSTER), robust(f, CLUSTER, min_df=0)
    assert r.ddf[1] < 4
    assert r.low_df.tolist() == [False, True]
    assert np.isnan(r.pval[1])
    assert np.isnan(r.QMp)
    assert r.ci_lb[1] < r.beta[1] < r.ci_ub[1]
    assert "fewer than 4 degrees of freedom" in r.summary()
    assert "first" in r.notes[-1]
    assert 0 < free.pval[1] < 1
    assert free.ddf == pytest.approx(r.ddf)


def test_a_moderator_of_one_cluster_alone_is_noted():
    r = robust(fit(YI, VI, {"one": np.equal(CLUSTER, 4)}), CLUSTER)
    # only the other clusters' share of the variance of the difference can be seen
    assert [note for note in r.notes if note.startswith("one: a cluster is fitted by itself")]
    assert not [note for note in r.notes if note.startswith("intercept:")]
    assert np.isnan(r.pval).tolist() == [False, True]
    assert np.isnan(r.QMp)
    assert np.isfinite(robust(fit(YI, VI, {"one": np.equal(CLUSTER, 4)}), CLUSTER, min_df=0).QMp)


def test_predictions_have_degrees_of_freedom_of_their_own():
    f = models()["multilevel"]
    r = robust(f, CLUSTER, min_df=0)
    p = r.predict([[0, 0], [1, 2]])
    assert p.pred == pytest.approx(f.predict([[0, 0], [1, 2]]).pred)
    assert p.ddf[0] == pytest.approx(r.ddf[0])
    assert p.ddf[1] != pytest.approx(p.ddf[0])
    assert p.ci_lb[0] == pytest.approx(r.ci_lb[0])
    assert (p.pi_ub - p.pred)[0] == pytest.approx(
        (p.ci_ub - p.pred)[0] * np.sqrt(1 + f.sigma2.sum() / r.vb[0, 0]), rel=1e-9
    )
    assert len(robust(f, CLUSTER, kind="CR0").predict().pred) == K


def test_rows_left_out_by_the_model_are_left_out_of_the_clusters():
    yi = np.append(YI, np.nan)
    f = fit(yi, np.append(VI, 0.1))
    assert robust(f, np.append(CLUSTER, 99)).n_clusters == 11
    assert robust(f, np.append(CLUSTER, 99)).se == pytest.approx(robust(f, CLUSTER).se)


@pytest.mark.parametrize(
    ("model", "cluster", "choices", "message"),
    [
        ("univariate", CLUSTER, {"kind": "HC3"}, "kind"),
        ("univariate", CLUSTER, {"dfs": "residual"}, "dfs"),
        ("univariate", CLUSTER[:-1], {}, "29 labels"),
        ("univariate", CLUSTER % 3, {}, "more clusters"),
        ("multilevel", np.arange(K), {}, "several clusters"),
        ("correlated", np.arange(K), {}, "clusters"),
    ],
)
def test_bad_input_is_refused(model, cluster, choices, message):
    with pytest.raises(ValueError, match=message):
        robust(models()[model], cluster, **choices)
