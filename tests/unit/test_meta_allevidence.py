import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from reanalysis.effects import hedges_j, smcc_bounds_from_p, smd_bounds_from_p, zcor_bounds_from_p
from reanalysis.meta import (
    HalfNormal,
    Normal,
    all_evidence,
    all_evidence_bayes,
    all_evidence_leave_one_out,
    all_evidence_maximum,
    all_evidence_posteriors,
    all_evidence_refit,
    all_evidence_sets,
    bayes_re,
    fit,
    sensitivity,
    subsets,
)
from reanalysis.meta.evidence import Evidence, L, cut, sampling
from reanalysis.meta.evidence_fit import estimate

NAN = np.nan
YI, VI = np.array([0.9, 0.1, 0.35, -0.2, 0.6]), np.array([0.1, 0.05, 0.2, 0.08, 0.11])


def mixed(k=8, seed=0, mu=0.4, tau=0.3, metric="SMD"):
    """Findings of which about a third are exact, a third significance only, a third direction only."""
    rng = np.random.default_rng(seed)
    n = rng.integers(10, 60, k).astype(float)
    size = sampling(metric, n1i=n, n2i=n + 4, ni=n)
    v = size.contrast.error
    y = mu + tau * rng.standard_normal(k) + np.sqrt(v) * rng.standard_normal(k)
    b, kind = size.significant, np.arange(k) % 3
    significant = np.abs(y) > b
    lb = np.select([kind == 2, ~significant, y > 0], [np.where(y > 0, 0, -np.inf), -b, b], -np.inf)
    ub = np.select([kind == 2, ~significant, y > 0], [np.where(y > 0, np.inf, 0), b, np.inf], -b)
    exact = kind == 0
    columns = {
        "yi": np.where(exact, y, NAN),
        "vi": np.where(exact, v + y**2 / (2 * size.contrast.total), NAN),
        "yi_lb": np.where(exact, NAN, lb),
        "yi_ub": np.where(exact, NAN, ub),
    }
    return columns | ({"n1i": n, "n2i": n + 4} if metric == "SMD" else {"ni": n}) | {"metric": metric}


def evidence_of(columns, **kwargs):
    sizes = {name: columns[name] for name in ("n1i", "n2i", "ni") if name in columns}
    values = (columns[name][None] for name in ("yi", "vi", "yi_lb", "yi_ub"))
    return Evidence.of(*values, sampling(columns["metric"], **sizes), **kwargs)


# ---- the likelihood ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [5, 10, 25])
@pytest.mark.parametrize("theta", [-0.5, 0, 0.8])
def test_chance_of_significance_is_that_of_the_noncentral_t(n, theta):
    size = sampling("SMD", n1i=[n], n2i=[n])
    lb, ub = smd_bounds_from_p(n, n, 0.05, "ns", 0)
    for bound in (lb, 0, ub):
        t = bound / (hedges_j(2 * n - 2) * np.sqrt(2 / n))
        c = cut(np.array([bound]), size.contrast)
        normal = stats.norm.cdf((c.at - theta) / np.sqrt(c.var))
        assert normal == pytest.approx(
            stats.nct.cdf(t, 2 * n - 2, theta / np.sqrt(2 / n)), abs=3e-3 if n < 10 else 5e-4
        )


@pytest.mark.parametrize("omega", [1.0, 0.3])
def test_many_sets_at_once_are_each_alone(omega):
    sets = [mixed(6, seed=seed) for seed in range(4)]
    together = {name: np.stack([s[name] for s in sets]) for name in sets[0] if name != "metric"} | {"metric": "SMD"}
    values = [together[name] for name in ("yi", "vi", "yi_lb", "yi_ub")]
    size = sampling("SMD", n1i=together["n1i"], n2i=together["n2i"])
    many = estimate(Evidence.of(*values, size, omega=omega))
    for i, one in enumerate(sets):
        alone = estimate(evidence_of(one, omega=omega))
        assert [x[i] for x in many] == pytest.approx([x[0] for x in alone], rel=1e-8, abs=1e-10)


def test_averaging_over_true_effects_is_adding_tau2():
    size = sampling("SMD", n1i=[12], n2i=[15])
    c = cut(np.array([0.7]), size.contrast)
    at, var = c.at.item(), c.var.item()
    average, _ = integrate.quad(
        lambda th: stats.norm.cdf((at - th) / np.sqrt(var)) * stats.norm.pdf(th, 0.2, 0.4), -5, 5, epsabs=1e-12
    )
    assert average == pytest.approx(stats.norm.cdf((at - 0.2) / np.sqrt(var + 0.16)), abs=1e-10)


def test_a_bound_that_was_rounded_lies_at_the_limit_of_significance():
    """Stored with twelve digits, it leaves an interval between it and the limit that is as good as empty."""
    n1, n2 = np.array([12.0, 56.0]), np.array([38.0, 53.0])
    limit = sampling("SMD", n1i=n1, n2i=n2).significant[1]
    columns = {"yi": [-0.42, NAN], "vi": [0.11, NAN], "yi_lb": [NAN, -np.inf], "n1i": n1, "n2i": n2}
    rounded, exact = (
        all_evidence_posteriors(
            [2, 2], **{name: np.tile(x, 2) for name, x in (columns | {"yi_ub": [NAN, ub]}).items()}, omega=[1.0, 0.2]
        )
        for ub in (float(f"{-limit:.12g}"), -limit)
    )
    assert np.isfinite(rounded).all()
    np.testing.assert_allclose(rounded.median, exact.median, rtol=1e-9)


@pytest.mark.parametrize("metric", ["SMD", "SMCC", "ZCOR"])
@pytest.mark.parametrize("omega", [1.0, 0.3])
@pytest.mark.parametrize(("mu", "tau2"), [(0.3, 0.1), (-1.5, 0.02), (2.0, 1.0)])
def test_derivatives_against_differences(metric, omega, mu, tau2):
    evidence = evidence_of(mixed(metric=metric), omega=omega)
    at = np.array([[mu]]), np.array([[tau2]])
    value, m, t, mm, mt, tt = evidence.derivatives(*at).ravel()
    assert evidence.log_likelihood(*at).item() == pytest.approx(value, rel=1e-13)

    def difference(row, by):
        h = 1e-5 * (tau2 if by else 1)
        up, down = ((at[0] + s * h * (not by), at[1] + s * h * by) for s in (1, -1))
        return ((evidence.derivatives(*up) - evidence.derivatives(*down))[row] / (2 * h)).item()

    assert m == pytest.approx(difference(0, 0), rel=1e-6)
    assert t == pytest.approx(difference(0, 1), rel=1e-6)
    assert mm == pytest.approx(difference(1, 0), rel=1e-6)
    assert mt == pytest.approx(difference(1, 1), rel=1e-6)
    assert tt == pytest.approx(difference(2, 1), rel=1e-6)


def test_far_tails_stay_finite_and_exact():
    size = sampling("ZCOR", ni=[50.0, 50.0])
    evidence = Evidence.of(*(np.array([x]) for x in ([NAN] * 2, [NAN] * 2, [-0.3, 0.3], [0.3, np.inf])), size)
    value = evidence.derivatives(np.array([[-8.0]]), np.array([[0.0]]))
    at, var = cut(np.array([-0.3, 0.3]), size.contrast)
    low, high = (at + 8) / np.sqrt(var)
    expected = stats.norm.logsf(low) + np.log1p(-np.exp(stats.norm.logsf(high) - stats.norm.logsf(low)))
    assert value[L].item() == pytest.approx(expected + stats.norm.logsf(high), rel=1e-12)
    assert np.isfinite(value).all()


# ---- the fit -------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-3, 3), st.floats(0.005, 2)), min_size=2, max_size=12, unique_by=lambda pair: pair[0])
)
def test_all_exact_is_maximum_likelihood_as_in_fit(pairs):
    yi, vi = np.array(pairs).T
    a, f = all_evidence(yi, vi, NAN, NAN), fit(yi, vi, method="ML", test="z")
    # the likelihood of a few very different effects can have two maxima: both take the higher one
    assert a.loglik == pytest.approx(f.fit_stats["ML"]["ll"], abs=1e-8)
    assert a.est == pytest.approx(f.beta[0], abs=1e-7)
    assert a.tau2 == pytest.approx(f.tau2, rel=1e-6, abs=1e-9)
    assert a.converged


def test_maximum_and_interval_against_a_general_optimizer():
    columns = mixed(12)
    a, evidence = all_evidence(**columns), evidence_of(columns)

    def minus(mu, log_tau2):
        return -evidence.log_likelihood(np.array([[mu]]), np.array([[np.exp(log_tau2)]])).item()

    best = optimize.minimize(
        lambda x: minus(*x), [0.0, -2.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}
    )
    assert a.loglik == pytest.approx(-best.fun, abs=1e-10)
    assert [a.est, a.tau2] == pytest.approx([best.x[0], np.exp(best.x[1])], rel=1e-5)
    t = stats.t.ppf(0.975, a.ddf)
    for end in (a.ci_lb, a.ci_ub):
        profile = optimize.minimize_scalar(lambda x, end=end: minus(end, x), bounds=(-20, 2), method="bounded").fun
        assert 2 * (profile + a.loglik) == pytest.approx((a.ddf + 1) * np.log1p(t**2 / a.ddf), abs=1e-6)
    for end in (a.tau_lb, a.tau_ub):
        if end > 0:
            profile = optimize.minimize_scalar(lambda x, end=end: minus(x, 2 * np.log(end))).fun
            assert 2 * (profile + a.loglik) == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-7)


def test_interval_of_a_normal_sample_is_nearly_student():
    # equal variances much smaller than tau2: the likelihood-ratio interval is that of the one-sample t test
    yi = np.array([0.1, 0.5, 0.9, 0.2, 1.4, 0.7])
    a = all_evidence(yi, np.full(6, 1e-9), NAN, NAN)
    low, high = stats.t.interval(0.95, 5, yi.mean(), stats.sem(yi))
    kept = 5 / a.ddf  # what max(0, tau2) keeps of its variance, just under one
    assert 0.9 < kept < 1
    assert a.ci_ub - a.ci_lb == pytest.approx(high - low, rel=0.04)
    assert a.k_eff == pytest.approx(6)


def test_p_value_and_interval_agree():
    columns = mixed(10, seed=3)
    a = all_evidence(**columns)
    at_p = all_evidence(**columns, level=1 - a.pval)
    assert min(abs(at_p.ci_lb), abs(at_p.ci_ub)) == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("metric", ["SMD", "SMCC", "ZCOR"])
def test_swapping_sides_and_reordering(metric):
    columns = mixed(9, metric=metric)
    a = all_evidence(**columns)
    flipped = columns | {"yi": -columns["yi"], "yi_lb": -columns["yi_ub"], "yi_ub": -columns["yi_lb"]}
    b = all_evidence(**flipped)
    assert [b.est, b.ci_lb, b.ci_ub, b.tau2] == pytest.approx([-a.est, -a.ci_ub, -a.ci_lb, a.tau2], rel=1e-7, abs=1e-9)
    order = np.random.default_rng(0).permutation(9)
    c = all_evidence(**{k: v if k == "metric" else v[order] for k, v in columns.items()})
    assert [c.est, c.tau2] == pytest.approx([a.est, a.tau2], rel=1e-9)
    assert c.information == pytest.approx(a.information[order], rel=1e-6)


@pytest.mark.parametrize("n", [20, 30, 100])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_probabilities_of_fishers_z_are_those_of_simulated_correlations(n, alpha):
    """Within 0.005 from n = 20 on, as the module says; correlations are drawn by the Bartlett decomposition."""
    rng, draws = np.random.default_rng(n), 200_000
    bound = zcor_bounds_from_p(n, alpha, "ns", 0).yi_ub
    c = cut(bound, sampling("ZCOR", ni=float(n)).contrast)
    x, y, z = np.sqrt(rng.chisquare(n - 1, draws)), np.sqrt(rng.chisquare(n - 2, draws)), rng.normal(size=draws)
    for rho in (-0.5, 0.0, 0.1, 0.3, 0.5, 0.7, 0.9):
        own, rest = rho * x + np.sqrt(1 - rho**2) * z, np.sqrt(1 - rho**2) * y
        simulated = (np.arctanh(own / np.hypot(own, rest)) < bound).mean()
        modelled = stats.norm.cdf((c.at - np.arctanh(rho)) / np.sqrt(c.var))
        assert modelled == pytest.approx(simulated, abs=0.005), rho


def test_a_narrow_interval_is_an_exact_effect():
    """On Fisher's z apart from the bias of r, of which the interval takes account: it vanishes with n."""
    n = np.array([30.0, 40, 25, 60]) * 1e6
    y = np.array([0.2, 0.5, -0.1, 0.3]) / 1e3
    exact = all_evidence(y, 1 / (n - 3), NAN, NAN, metric="ZCOR")
    narrow = all_evidence(NAN, NAN, y - 1e-8, y + 1e-8, metric="ZCOR", ni=n)
    assert [narrow.est, narrow.ci_lb, narrow.ci_ub] == pytest.approx([exact.est, exact.ci_lb, exact.ci_ub], abs=1e-8)


def test_shares_of_information():
    a = all_evidence(**mixed(12))
    assert sum(a.shares.values()) == pytest.approx(1)
    assert (a.k_exact, a.k_bounded, a.k_direction) == (4, 4, 4)
    assert a.shares["exact"] > a.shares["bounded"] > a.shares["direction"] > 0
    exact = all_evidence(YI, VI, NAN, NAN)
    assert exact.information == pytest.approx(1 / (VI + exact.tau2))


def test_no_exact_effect_at_all():
    lb, ub = smd_bounds_from_p([30, 25, 40, 20], [30, 25, 40, 22], 0.05, ["<", "ns", "<", "ns"], [1, 0, 1, 1])
    a = all_evidence(NAN, NAN, lb, ub, n1i=[30, 25, 40, 20], n2i=[30, 25, 40, 22])
    assert a.converged
    assert not a.no_maximum
    assert 0.3 < a.est < 0.8
    assert "heterogeneity rests on bounds alone" in a.summary()


def test_all_on_one_side_has_no_maximum_but_a_bound():
    n = np.array([20, 30, 40])
    lb, ub = smd_bounds_from_p(n, n, [0.05, 1, 0.05], ["<", "<=", "<"], 1)
    a = all_evidence(NAN, NAN, lb, ub, n1i=n, n2i=n)
    assert a.no_maximum
    assert a.est == a.ci_ub == np.inf
    c = cut(lb, sampling("SMD", n1i=n, n2i=n).contrast)
    at_bound = min(
        -2 * stats.norm.logcdf((a.ci_lb - c.at) / np.sqrt(c.var + t)).sum() for t in np.linspace(0, 1, 10001)
    )
    assert at_bound == pytest.approx(stats.chi2.ppf(0.95, 1), abs=1e-5)
    assert "no maximum" in a.summary()
    below = all_evidence(NAN, NAN, -ub, -lb, n1i=n, n2i=n)
    assert below.est == -np.inf
    assert below.ci_ub == pytest.approx(-a.ci_lb)


def test_half_lines_on_both_sides_have_no_maximum():
    a = all_evidence(NAN, NAN, [0.5, 0.5, -np.inf], [np.inf, np.inf, -0.5], n1i=20, n2i=20)
    assert a.no_maximum
    assert np.isnan(a.est)
    assert (a.ci_lb, a.ci_ub) == (-np.inf, np.inf)


def test_total_sample_size_alone():
    lb, ub = smd_bounds_from_p(30, 30, 0.05, "ns", 0)
    known = all_evidence([0.5, NAN], [0.1, NAN], [NAN, lb], [NAN, ub], n1i=[NAN, 30], n2i=[NAN, 30])
    total = all_evidence([0.5, NAN], [0.1, NAN], [NAN, lb], [NAN, ub], ni=[NAN, 60])
    assert total.est == pytest.approx(known.est, rel=1e-12)
    assert "equal groups assumed" in total.summary()
    assert "equal groups assumed" not in known.summary()


def test_boundary_is_flagged():
    a = all_evidence([0.3, 0.31, 0.29, 0.3], [0.1] * 4, NAN, NAN)
    assert a.boundary
    assert a.tau2 == 0
    assert a.tau_lb == 0
    assert "tau is estimated as zero" in a.summary()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"yi": [NAN, 0.1]}, "neither an effect nor an interval"),
        ({"vi": [0.0, 0.1]}, "variance"),
        ({"yi_lb": [0.1, NAN], "yi_ub": [0.4, NAN]}, "both an effect and an interval"),
        ({"yi": [NAN, 0.1], "yi_lb": [0.4, NAN], "yi_ub": [0.1, NAN], "ni": 40}, "not below"),
        ({"yi": [NAN, 0.1], "yi_lb": [-np.inf, NAN], "yi_ub": [np.inf, NAN], "ni": 40}, "without any end"),
        ({"yi": [NAN, 0.1], "yi_lb": [0, NAN], "yi_ub": [np.inf, NAN]}, "sample sizes"),
        ({"metric": "OR"}, "metric must be one of"),
        ({"level": 95}, "level"),
        ({"yi": [0.1], "vi": [0.1]}, "one finding"),
    ],
)
def test_bad_input(change, message):
    good = {"yi": [0.2, 0.1], "vi": [0.1, 0.1], "yi_lb": NAN, "yi_ub": NAN}
    with pytest.raises(ValueError, match=message):
        all_evidence(**(good | change))


def test_metrics_bound_as_their_own_tests():
    assert sampling("SMCC", ni=[20.0]).significant == smcc_bounds_from_p(20, 0.05, "ns", 0).yi_ub
    assert sampling("ZCOR", ni=[20.0]).significant == zcor_bounds_from_p(20, 0.05, "ns", 0).yi_ub


def test_ten_thousand_findings():
    a = all_evidence(**mixed(10_000))
    assert a.converged
    assert a.est == pytest.approx(0.4, abs=0.03)
    assert a.tau == pytest.approx(0.3, abs=0.03)


@pytest.mark.parametrize("metric", ["SMD", "SMCC", "ZCOR"])
def test_sets_of_different_size_are_each_alone(metric):
    sets = [mixed(k, seed=k, metric=metric) for k in (7, 2, 12)]
    columns = {name: np.concatenate([one[name] for one in sets]) for name in sets[0] if name != "metric"}
    many = all_evidence_sets([7, 2, 12], **columns, metric=metric, level=0.9)
    for i, one in enumerate(sets):
        alone = all_evidence(**one, level=0.9)
        for name in many._fields:
            assert getattr(many, name)[i] == pytest.approx(getattr(alone, name), rel=1e-8, nan_ok=True), name
    for counts, message in (([7, 2, 11], "need 20"), ([7, 1, 13], "at least two")):
        with pytest.raises(ValueError, match=message):
            all_evidence_sets(counts, **columns, metric=metric)


# ---- what if -------------------------------------------------------------------------------------------------


def test_leaving_each_finding_out_is_a_fit_without_it():
    columns = mixed(7, seed=2)
    left_out = all_evidence_leave_one_out(all_evidence(**columns))
    for i in range(7):
        rest = all_evidence(**{k: v if k == "metric" else np.delete(v, i) for k, v in columns.items()})
        assert [left_out.est[i], left_out.ci_lb[i], left_out.ci_ub[i]] == pytest.approx(
            [rest.est, rest.ci_lb, rest.ci_ub], rel=1e-8
        )


def test_the_maximum_on_subsets_is_that_of_the_fit():
    a = all_evidence(**mixed(9, seed=3))
    mask, _ = subsets(9, at_least=2, n=100)
    whole = all_evidence_refit(a, mask)
    est, tau2 = all_evidence_maximum(a, mask)
    known = ~whole.no_maximum
    assert np.isnan(est[~known]).all()
    assert est[known] == pytest.approx(whole.est[known], rel=1e-12)
    assert tau2[known] == pytest.approx(whole.tau2[known], rel=1e-12)
    for bad in (mask[:, :8], mask[0], np.eye(9, dtype=bool)):
        with pytest.raises(ValueError, match="mask needs one column|at least two"):
            all_evidence_maximum(a, bad)


def test_leaving_out_the_only_exact_effect():
    n = np.array([NAN, 20, 30])
    a = all_evidence([0.4, NAN, NAN], [0.05, NAN, NAN], [NAN, 0, 0], [NAN, np.inf, np.inf], n1i=n, n2i=n)
    left_out = all_evidence_leave_one_out(a)
    assert left_out.no_maximum.tolist() == [True, False, False]
    assert left_out.est[0] == np.inf
    with pytest.raises(ValueError, match="at least three"):
        all_evidence_leave_one_out(all_evidence(YI[:2], VI[:2], NAN, NAN))


def test_scenarios():
    columns = mixed(12, seed=4)
    a = all_evidence(**columns)
    table = {s.name: s for s in sensitivity(a)}
    assert table["all findings"].est == pytest.approx(a.est, rel=1e-12)
    exact = columns["yi"][::3], columns["vi"][::3]
    assert table["exact only"].est == pytest.approx(fit(*exact, method="ML").beta[0], rel=1e-7)
    assert table["without the exact ones"].k == 8
    assert table["directions not significant"].est < table["all findings"].est
    shrinking = [table[f"not significant, reported {w:g} times as often"].est for w in (0.5, 0.2, 0.05)]
    assert a.est > shrinking[0] > shrinking[1] > shrinking[2]
    few = {s.name: s.note for s in sensitivity(all_evidence(YI, VI, NAN, NAN))}
    assert few["without the exact ones"] == "fewer than two findings"


def test_selective_reporting_is_undone_by_the_right_omega():
    rng = np.random.default_rng(0)
    n = np.full(4000, 30.0)
    s = sampling("ZCOR", ni=n)
    y = 0.15 + 0.1 * rng.standard_normal(4000) + rng.standard_normal(4000) / np.sqrt(27)
    seen = (np.abs(y) > s.significant) | (rng.random(4000) < 0.2)
    y, n, k = y[seen], n[seen], seen.sum()
    exact = np.arange(k) % 2 == 0
    a = all_evidence(
        np.where(exact, y, NAN),
        np.where(exact, 1 / 27, NAN),
        np.where(exact, NAN, np.where(y > 0, 0, -np.inf)),
        np.where(exact, NAN, np.where(y > 0, np.inf, 0)),
        ni=n,
        metric="ZCOR",
    )
    naive, *_, adjusted = sensitivity(a, omegas=(0.2,))
    assert naive.est > 0.25
    assert adjusted.ci_lb < 0.15 < adjusted.ci_ub
    assert adjusted.ci_ub - adjusted.ci_lb < 0.1


# ---- Bayesian ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mu_prior", [Normal(), Normal(0.2, 0.8)])
def test_posterior_of_exact_effects_is_that_of_bayes_re(mu_prior):
    a = all_evidence_bayes(YI, VI, NAN, NAN, tau_prior=HalfNormal(0.4), mu_prior=mu_prior)
    b = bayes_re(YI, VI, tau_prior=HalfNormal(0.4), mu_prior=mu_prior)
    assert a.log_marginal == pytest.approx(b.log_marginal, abs=1e-9)
    for name in ("mu", "sd_mu", "ci_lb", "ci_ub", "median_tau", "tau_lb", "tau_ub", "pi_lb", "pi_ub"):
        assert getattr(a, name) == pytest.approx(getattr(b, name), abs=5e-4), name
    assert a.p_below == pytest.approx(b.mu_cdf(0.0), abs=1e-4)
    assert a.p_beyond_above == pytest.approx(1 - b.mu_cdf(0.2), abs=1e-4)
    assert a.p_beyond_below == pytest.approx(b.mu_cdf(-0.2), abs=1e-4)
    assert a.p_new_below == pytest.approx(b.predictive_cdf(0.0), abs=1e-4)


def test_posterior_against_brute_force():
    columns = mixed(6)
    evidence = evidence_of(columns)
    mu, tau = np.linspace(-3, 4, 1401), np.linspace(0, 3, 601)
    log_p = np.stack([evidence.log_likelihood(mu[None], np.full((1, 1401), t**2))[0] for t in tau])
    p = np.exp(log_p - log_p.max() - 0.5 * (mu / 2) ** 2 - 0.5 * (tau[:, None] / 0.5) ** 2)
    p[0] /= 2
    p /= p.sum()
    a = all_evidence_bayes(**columns)
    assert a.mu == pytest.approx((p * mu).sum(), abs=1e-6)
    assert a.ci_ub == pytest.approx(np.interp(0.975, p.sum(0).cumsum() - p.sum(0) / 2, mu), abs=1e-4)
    assert a.tau_ub == pytest.approx(np.interp(0.975, p.sum(1).cumsum() - p.sum(1) / 2, tau), abs=1e-3)
    assert a.error < 1e-3


def test_posterior_where_the_likelihood_has_no_maximum():
    one_side = {"yi": NAN, "vi": NAN, "yi_lb": [0, 0, 0.4], "yi_ub": np.inf, "n1i": [20, 30, 40], "n2i": [20, 30, 40]}
    a = all_evidence_bayes(**one_side)
    wider = all_evidence_bayes(**one_side, mu_prior=Normal(0, 4))
    assert 0 < a.ci_lb < a.mu < a.ci_ub < wider.ci_ub < np.inf
    assert a.p_below < 0.05
    with pytest.raises(ValueError, match="proper prior"):
        all_evidence_bayes(**one_side, mu_prior=Normal())


def test_posterior_of_one_finding():
    a = all_evidence_bayes(NAN, NAN, -0.3, 0.3, ni=50, metric="ZCOR")
    assert a.mu == pytest.approx(0, abs=1e-9)
    assert a.ci_lb == pytest.approx(-a.ci_ub)
    assert "P(mu > 0) = 0.5000" in a.summary()
