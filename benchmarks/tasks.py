"""What is timed against other packages: one table of tasks, each with the calls of all sides on the same data.

A call of Python takes the data `d` (columns by name) and what its preparation made; R code finds the data as `d`, what
was prepared as `f` and the result as `r`. Every timed call gives the full answer of its package: estimates, standard
errors, tests and intervals, tau2 and heterogeneity, as far as the package has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from reanalysis import effects, meta

OURS, METAFOR, BAYESMETA, PYMARE, STATSMODELS = "reanalysis", "metafor", "bayesmeta", "PyMARE", "statsmodels"
SINGLE, BATCH, MULTILEVEL, EFFECTS = "single", "batch", "multilevel", "effects"
GOALS = {SINGLE: 8, BATCH: 400, MULTILEVEL: 200, EFFECTS: 1}
"""How many times faster than metafor each family of tasks should be."""
FAMILIES = {
    SINGLE: "One model",
    BATCH: "Many fits in one call",
    MULTILEVEL: "Several effects of one sample",
    EFFECTS: "Effect sizes",
}

Data = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Python:
    """A call of Python: `run(d, f)` is timed, `numbers(r)` is what is compared.

    `differs` says why numbers agree to no more than `tolerance` (relative to the largest of its kind).
    """

    run: Callable
    numbers: Callable[[object], Sequence[float]]
    prepare: Callable[[Data], object] = lambda d: None
    tolerance: float = 1e-8
    differs: str = ""


@dataclass(frozen=True)
class R:
    """The same as code of R; `keep` is a name under which another task finds the result (`kept` in worker.R)."""

    run: str
    numbers: str
    prepare: str = ""
    tolerance: float = 1e-8
    differs: str = ""
    keep: str = ""


@dataclass(frozen=True)
class Task:
    """One thing to time: on which data, and the calls by tool, this project first."""

    name: str
    family: str
    k: int
    data: str
    calls: dict[str, Python | R] = field(default_factory=dict)

    @property
    def goal(self) -> float:
        """How many times faster than metafor it should be."""
        return GOALS[self.family]


# ---------------------------------------------------------------- the data of all sides, with seeds


def independent(k: int) -> Data:
    """Effects of k studies with one moderator."""
    rng = np.random.default_rng(1000 + k)
    vi, x = rng.uniform(0.02, 0.3, k), rng.normal(size=k)
    return {"yi": rng.normal(0.3 + 0.1 * x, np.sqrt(vi + 0.08)), "vi": vi, "x": x}


def nested(samples: int, each: int = 3) -> Data:
    """Several effects of each of many samples."""
    rng = np.random.default_rng(samples)
    study = np.repeat(np.arange(samples), each)
    vi = rng.uniform(0.02, 0.3, len(study))
    yi = 0.3 + rng.normal(scale=0.3, size=samples)[study] + rng.normal(scale=np.sqrt(vi + 0.04))
    return {"yi": yi, "vi": vi, "study": study, "effect": np.arange(len(study))}


def sets(number: int, k: int) -> Data:
    """Many data sets of k studies, below one another."""
    rng = np.random.default_rng(number + k)
    vi = rng.uniform(0.02, 0.3, number * k)
    return {"yi": rng.normal(0.3, np.sqrt(vi + 0.2)), "vi": vi, "set": np.repeat(np.arange(number), k)}


def universes(subsets: int, k: int) -> Data:
    """Effects of k studies, and which of them belong to each of many subsets."""
    data = independent(k)
    on = np.random.default_rng(subsets).random((subsets, k)) < 0.75
    return {"yi": data["yi"], "vi": data["vi"], **{f"on{i}": own.astype(int) for i, own in enumerate(on, start=1)}}


def groups(rows: int) -> Data:
    """Means, standard deviations and sizes of two groups."""
    rng = np.random.default_rng(rows)
    columns: dict[str, np.ndarray] = {}
    for group, mean in (("1i", 10.0), ("2i", 9.5)):
        columns[f"m{group}"] = rng.normal(mean, 1, rows)
        columns[f"sd{group}"] = rng.uniform(1, 3, rows)
        columns[f"n{group}"] = rng.integers(5, 200, rows)
    return columns


DATA: dict[str, Callable[[], Data]] = {
    **{f"k{k}": (lambda k=k: independent(k)) for k in (6, 10, 100, 1000)},
    **{f"samples{n}": (lambda n=n: nested(n)) for n in (100, 500, 2000)},
    "sets": lambda: sets(1000, 10),
    "universes": lambda: universes(125, 20),
    "groups": lambda: groups(100_000),
}


# ---------------------------------------------------------------- calls that several tasks share


def _column(values: np.ndarray) -> np.ndarray:
    return np.asarray(values, float).reshape(-1, 1)


def _univariate(r) -> list[float]:
    return [r.beta[0], r.se[0], r.tau2]


UNIVARIATE = "c(r$beta, r$se, r$tau2)"
REML = "rma(yi, vi, data=d, test='knha')"
HALF_STEPS = "list(stepadj=0.5, maxiter=1000)"
"""What metafor advises where its iteration does not converge, as it does not for some of many data sets."""
EARLY = "its iteration ends at a step below 1e-5"


def _pymare_reml(d: Data, x: np.ndarray | None = None):
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    dataset = Dataset(y=d["yi"], v=d["vi"], X=x, add_intercept=True)
    results = VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(dataset).summary()
    return results, results.get_fe_stats(), results.get_heterogeneity_stats()


def _pymare_univariate(r) -> list[float]:
    results, stats, _ = r
    return [float(np.ravel(one)[0]) for one in (stats["est"], stats["se"], results.tau2)]


def _statsmodels_pm(d: Data, f=None):
    from statsmodels.stats.meta_analysis import combine_effects

    results = combine_effects(d["yi"], d["vi"], method_re="iterated", use_t=True)
    return results, results.conf_int(use_t=True), results.test_homogeneity()


def _statsmodels_univariate(r) -> list[float]:
    return [r[0].mean_effect_re, r[0].sd_eff_w_re_hksj, r[0].tau2]


PYMARE_REML = Python(
    _pymare_reml, _pymare_univariate, tolerance=1e-4, differs="its search for tau2 ends at a step below 1e-6"
)


def reml(k: int) -> Task:
    """One random-effects model by REML, with the test of Knapp and Hartung."""
    return Task(
        f"REML, k = {k:,}",
        SINGLE,
        k,
        f"k{k}",
        {
            OURS: Python(lambda d, f: meta.fit(d["yi"], d["vi"]), _univariate),
            METAFOR: R(REML, UNIVARIATE, tolerance=1e-4, differs=EARLY),
            PYMARE: PYMARE_REML,
        },
    )


def paule_mandel(k: int) -> Task:
    """The same by the estimator of Paule and Mandel."""
    return Task(
        f"Paule-Mandel, k = {k:,}",
        SINGLE,
        k,
        f"k{k}",
        {
            OURS: Python(lambda d, f: meta.fit(d["yi"], d["vi"], method="PM"), _univariate),
            METAFOR: R("rma(yi, vi, data=d, method='PM', test='knha')", UNIVARIATE, tolerance=1e-4, differs=EARLY),
            STATSMODELS: Python(
                _statsmodels_pm,
                _statsmodels_univariate,
                tolerance=1e-5,
                differs="its iteration ends when Q is within 1e-5 of its expectation",
            ),
        },
    )


def three_level(samples: int) -> Task:
    """Effects within samples, three of each; no Python package has this model with known sampling variances."""
    return Task(
        f"three-level, {samples:,} samples",
        MULTILEVEL,
        3 * samples,
        f"samples{samples}",
        {
            OURS: Python(_multilevel, lambda r: [r.beta[0], r.se[0], *r.sigma2]),
            METAFOR: R(
                MULTILEVEL_R,
                "c(r$beta, r$se, r$sigma2)",
                tolerance=1e-4,
                differs="its optimizer ends where the likelihood hardly changes",
                keep=f"samples{samples}",
            ),
        },
    )


def _multilevel(d: Data, f=None):
    return meta.fit_multilevel(d["yi"], d["vi"], random={"study": d["study"], "effect": d["effect"]})


MULTILEVEL_R = "rma.mv(yi, vi, random=~1|study/effect, data=d, test='t', dfs='contain', sparse=TRUE)"
ROBUST = "c(r$beta, r$se, r$dfs)"


def _robust(r) -> list[float]:
    return [r.beta[0], r.se[0], r.ddf[0]]


def cr2(samples: int) -> Task:
    """Robust inference after the three-level model."""
    return Task(
        f"CR2 of three levels, {samples:,} samples",
        MULTILEVEL,
        3 * samples,
        f"samples{samples}",
        {
            OURS: Python(lambda d, f: meta.robust(f, d["study"]), _robust, _multilevel),
            METAFOR: R(
                "robust(f, cluster=study, clubSandwich=TRUE)",
                ROBUST,
                f"kept('samples{samples}', {MULTILEVEL_R})",
                tolerance=1e-4,
                differs="it rests on the variances of its own model",
            ),
        },
    )


def _pymare_cr2(d: Data, f=None):
    from pymare.estimators import WeightedLeastSquares

    y, v = _column(d["yi"]), _column(d["vi"])
    return WeightedLeastSquares(tau2=0.1).fit(y, np.ones_like(y), v, d["study"]).params_


def _pymare_sets(d: Data, f=None):
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    y, v = (d[name].reshape(1000, 10).T for name in ("yi", "vi"))
    return VarianceBasedLikelihoodEstimator(method="REML").fit(y, v, np.ones((10, 1))).params_


def _pymare_smd(d: Data, f=None):
    from pymare.effectsize import compute_measure

    names = {"m1i": "m1", "sd1i": "sd1", "n1i": "n1", "m2i": "m2", "sd2i": "sd2", "n2i": "n2"}
    return compute_measure("SMD", **{own: d[name] for name, own in names.items()})


def _statsmodels_smd(d: Data, f=None):
    from statsmodels.stats.meta_analysis import effectsize_smd

    return effectsize_smd(*(d[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")))


def _both(r) -> np.ndarray:
    return np.ravel([np.ravel(r[0]), np.ravel(r[1])])


def _summary(values) -> list[float]:
    """Of many estimates: as many as need be to find one that is wrong."""
    values = np.sort(np.ravel(values))
    return [*values[[0, len(values) // 2, -1]], values.sum(), (values**2).sum()]


SUMMARY = "{x <- sort(%s); c(x[1], x[length(x) %%/%% 2 + 1], x[length(x)], sum(x), sum(x^2))}"


ESTIMATORS, TESTS = ("REML", "ML", "DL", "PM"), ("knha", "z")


def _universes(d: Data, f=None) -> list:
    on = np.array([column for name, column in d.items() if name.startswith("on")], bool)
    return [
        meta.fit_many(d["yi"], d["vi"], mask=on, method=method, test=test) for method in ESTIMATORS for test in TESTS
    ]


UNIVERSES = (
    "unlist(lapply(c('REML', 'ML', 'DL', 'PM'), function(m) lapply(c('knha', 'z'), function(t) lapply(d[-(1:2)], "
    f"function(on) rma(yi, vi, data=d, subset=on == 1, method=m, test=t, control={HALF_STEPS})))), recursive=FALSE)"
)


def _permutation_calls(mods: str) -> dict[str, Python | R]:
    """Calls of an exact permutation test, of the sign of the effects or of their moderator."""
    moderated = bool(mods)
    return {
        OURS: Python(
            lambda d, f: meta.permutation_test(f, n=1024),
            lambda r: r.pval,
            lambda d: meta.fit(d["yi"], d["vi"], d["x"] if moderated else None),
        ),
        METAFOR: R("permutest(f, exact=TRUE, progbar=FALSE)", "r$pval", f"rma(yi, vi{mods}, data=d, test='knha')"),
        PYMARE: Python(
            lambda d, f: f.permutation_test(1024),
            lambda r: np.ravel(r.perm_p["fe_p"]),
            lambda d: _pymare_reml(d, d["x"] if moderated else None)[0],
        ),
    }


TASKS: tuple[Task, ...] = (
    *map(reml, (10, 100, 1000)),
    *map(paule_mandel, (10, 100, 1000)),
    Task(
        "Bayesian quadrature, k = 10",
        SINGLE,
        10,
        "k10",
        {
            OURS: Python(
                lambda d, f: meta.bayes_re(
                    d["yi"], d["vi"], tau_prior=meta.HalfNormal(0.5), mu_prior=meta.Normal(0, 1)
                ),
                lambda r: [r.mu, r.sd_mu, r.median_tau, r.mean_tau],
            ),
            BAYESMETA: R(
                "bayesmeta(d$yi, sqrt(d$vi), mu.prior=c(0, 1), tau.prior=function(t) dhalfnormal(t, 0.5))",
                "with(list(s=r$summary), c(s['mean', 'mu'], s['sd', 'mu'], s['median', 'tau'], s['mean', 'tau']))",
                "library(bayesmeta)",
                tolerance=1e-3,
                differs="it replaces the continuous mixture by a discrete one with a stated divergence of at most 0.01",
            ),
        },
    ),
    Task(
        "REML, 1,000 data sets of 10",
        BATCH,
        10,
        "sets",
        {
            OURS: Python(
                lambda d, f: meta.fit_many(d["yi"].reshape(1000, 10), d["vi"].reshape(1000, 10)),
                lambda r: [*_summary(r.beta), *_summary(r.se), *_summary(r.tau2)],
            ),
            METAFOR: R(
                f"lapply(split(d, d$set), function(s) rma(yi, vi, data=s, test='knha', control={HALF_STEPS}))",
                "c("
                + ", ".join(SUMMARY % f"sapply(r, function(m) as.numeric(m${name}))" for name in ("beta", "se", "tau2"))
                + ")",
                tolerance=1e-4,
                differs=EARLY,
            ),
            PYMARE: Python(
                _pymare_sets,
                lambda r: [*_summary(r["fe_params"]), *_summary(np.sqrt(r["inv_cov"])), *_summary(r["tau2"])],
                tolerance=1e-4,
                differs="its search for tau2 ends at a step below 1e-6",
            ),
        },
    ),
    Task(
        "leave-one-out, k = 100",
        BATCH,
        100,
        "k100",
        {
            OURS: Python(
                lambda d, f: meta.leave_one_out(f),
                lambda r: [*r.estimates.beta[:, 0], *r.estimates.se[:, 0], *r.estimates.tau2],
                lambda d: meta.fit(d["yi"], d["vi"]),
            ),
            METAFOR: R("leave1out(f)", "c(r$estimate, r$se, r$tau2)", REML, tolerance=1e-4, differs=EARLY),
        },
    ),
    Task(
        "GOSH, all 1,023 subsets of 10",
        BATCH,
        10,
        "k10",
        {
            OURS: Python(
                lambda d, f: meta.gosh(f),
                lambda r: [*_summary(r.estimates.beta), *_summary(r.estimates.tau2)],
                lambda d: meta.fit(d["yi"], d["vi"]),
            ),
            METAFOR: R(
                "gosh(f, progbar=FALSE)",
                f"c({SUMMARY % 'r$res$estimate'}, {SUMMARY % 'r$res$tau2'})",
                REML,
                tolerance=1e-4,
                differs=EARLY,
            ),
        },
    ),
    Task("permutation of signs, all 1,024 of 10", BATCH, 10, "k10", _permutation_calls("")),
    Task("permutation of a moderator, all 720 of 6", BATCH, 6, "k6", _permutation_calls(", mods=~x")),
    # the choices of models; those of extraction need the findings of a review, which a script of R does not have
    Task(
        "1,000 universes: 125 subsets, 4 estimators, 2 tests",
        BATCH,
        20,
        "universes",
        {
            OURS: Python(
                _universes,
                lambda r: [*_summary([one.beta for one in r]), *_summary([one.ci_ub for one in r])],
            ),
            METAFOR: R(
                UNIVERSES,
                "{r <- unlist(r, recursive=FALSE); c("
                f"{SUMMARY % 'sapply(r, function(m) c(m$beta))'}, {SUMMARY % 'sapply(r, function(m) m$ci.ub)'})}}",
                tolerance=1e-4,
                differs=EARLY,
            ),
        },
    ),
    *(task for samples in (100, 500, 2000) for task in (three_level(samples), cr2(samples))),
    Task(
        "CR2 of a simple model, 100 samples",
        MULTILEVEL,
        300,
        "samples100",
        {
            OURS: Python(
                lambda d, f: meta.robust(meta.fit(d["yi"], d["vi"], tau2=0.1, test="z"), d["study"]),
                _robust,
            ),
            METAFOR: R("robust(rma(yi, vi, data=d, tau2=0.1), cluster=d$study, clubSandwich=TRUE)", ROBUST),
            PYMARE: Python(
                _pymare_cr2,
                lambda r: [r["fe_params"][0, 0], np.sqrt(r["inv_cov"].ravel()[0]), np.ravel(r["dof"])[0]],
                tolerance=1e-5,
                differs="of the matrices that make CR2 unbiased it takes others than clubSandwich",
            ),
        },
    ),
    Task(
        "Hedges' g of 100,000 rows",
        EFFECTS,
        100_000,
        "groups",
        {
            OURS: Python(lambda d, f: effects.smd(**d), _both),
            METAFOR: R(
                "escalc('SMD', m1i=m1i, sd1i=sd1i, n1i=n1i, m2i=m2i, sd2i=sd2i, n2i=n2i, data=d)", "c(r$yi, r$vi)"
            ),
            PYMARE: Python(_pymare_smd, _both, tolerance=0.1, differs="approximate J, and another variance"),
            STATSMODELS: Python(_statsmodels_smd, _both, tolerance=0.1, differs="approximate J, and another variance"),
        },
    ),
)
