"""Dependent effects: multilevel models, sampling covariances, robust variances (cases 29, 32, 33, 34)."""

import numpy as np

from reanalysis import numeric
from reanalysis.effects import log_rr
from reanalysis.meta import (
    aggregate_effects,
    confint,
    fit,
    fit_multilevel,
    indicators,
    likelihood_ratio_test,
    robust,
    vcalc,
)
from tests.golden.oracle import recipe

# metafor finds variances numerically; where all variances are given, the default tolerance holds
OPTIMIZER = {
    r"loglik_grid|fixed_sigma2|^V_first9|^aggregate|^rma_aggregated": (1e-9, 1e-10),
    # only the likelihood that was maximized is flat in the variances
    r"multivariate_parameterization|_ML\.fit\.REML|fit\.ML": (1e-5, 0),
    r"\.fit\.|LRT": (1e-9, 1e-10),
    r"sigma2|tau2|rho|I2_multilevel": (1e-5, 0),
    r"": (1e-6, 1e-9),
}
NOT_CR3 = "CR3 (jackknife-like) is not offered: CR2 is the recommended correction (Tipton 2015)"
ONE_JOINT_TEST = "one joint test is offered with CR2, HTZ, which keeps its level with few clusters"


def finite(values) -> list:
    return [value if np.isfinite(value) else None for value in values]


def multilevel(f) -> dict:
    """A `MultilevelFit` under the names of the reference: normal tests have no degrees of freedom."""
    names = ("method", "test", "k", "p", "beta", "se", "stat", "pval", "ci_lb", "ci_ub", "vb", "sigma2")
    out = {name: getattr(f, name) for name in (*names, "QE", "QEp", "QM", "QMp")}
    return out | {
        "names": [name.replace("intercept", "intrcpt") for name in f.names],
        "ddf": finite(f.ddf) if f.test == "z" else [f.ddf[0]],
        "QMdf": finite([f.QM_df, f.QM_ddf]),
        "fit": f.fit_stats,
    }


def univariate(f) -> dict:
    names = ("method", "test", "k", "p", "beta", "se", "stat", "pval", "ci_lb", "ci_ub", "vb", "tau2", "se_tau2", "I2")
    out = {name: getattr(f, name) for name in (*names, "H2", "vt", "QE", "QEp", "QM", "QMp")}
    return out | {"names": ["intrcpt"], "ddf": [None], "QMdf": [f.QM_df, None], "fit": f.fit_stats}


def robustly(r) -> dict:
    names = ("beta", "se", "stat", "ddf", "pval", "ci_lb", "ci_ub", "vb", "QM", "QMp", "n_clusters")
    return {name: getattr(r, name) for name in names} | {"QMdf": [r.QM_df, r.QM_ddf]}


def predicted(p) -> dict:
    limits = {"cr_lb": p.pi_lb, "cr_ub": p.pi_ub}
    return p._asdict() | limits


@recipe("29_mv_konstantopoulos2011", tolerance={r"confint_PL": (1e-6, 0), **OPTIMIZER})
def konstantopoulos(inputs, expected):
    d = inputs["input"]
    levels = {"district": d["district"], "study": d["study"]}
    year = {"I(year - mean(year))": d["year"] - d["year"].mean()}

    def three(**options):
        return fit_multilevel(d["yi"], d["vi"], random=levels, **{"test": "z"} | options)

    two = fit_multilevel(d["yi"], d["vi"], random={"study": d["study"]}, test="z")
    out = {"two_level_REML": multilevel(two)}
    for method in ("ML", "REML"):
        f = three(method=method)
        out[f"three_level_{method}"] = multilevel(f) | {"predict": predicted(f.predict())}
        out[f"three_level_year_{method}"] = multilevel(three(method=method, mods=year))
    out["test_t"] = multilevel(three(test="t", dfs="residual"))
    out["test_t_contain"] = multilevel(three(test="t"))

    f = three()
    between, within = f.sigma2
    out["I2_multilevel"] = {"typical_vi": f.vt, "total": f.I2.sum(), "between": f.I2[0], "within": f.I2[1]}
    out["I2_multilevel"]["ICC"] = between / (between + within)
    # compound symmetry within districts is the same model: total variance and its share between districts
    out["multivariate_parameterization"] = multilevel(f) | {
        "tau2": [between + within],
        "rho": [between / (between + within)],
    }

    out["confint_PL"] = {}
    intervals = confint(f)
    for j, name in enumerate(levels):
        variance, sd = intervals.sigma2[name]._asdict(), intervals.sigma[name]._asdict()
        out["confint_PL"][name] = {f"sigma2.{j + 1}": variance, f"sigma.{j + 1}": sd}
    for name, effects in f.ranef().items():
        out[f"ranef_{name}"] = effects._asdict()

    grid = expected["loglik_grid_REML"]
    pairs = list(zip(grid["sigma2_1"], grid["sigma2_2"], strict=True))
    out["loglik_grid_REML"] = {
        "sigma2_1": grid["sigma2_1"],
        "sigma2_2": grid["sigma2_2"],
        "ll": [three(sigma2=pair).ll for pair in pairs],
    }
    lrt = likelihood_ratio_test(f, two)
    out["LRT_drop_district"] = {"LRT": lrt.stat, "pval": lrt.pval}
    return out


@recipe("32_mv_vcalc_aggregate_assink2016", tolerance=OPTIMIZER)
def assink(inputs, expected):
    d = inputs["input"]

    def che(rho):
        V = vcalc(d["vi"], d["study"], rho=rho)
        return multilevel(fit_multilevel(d["yi"], V, random={"study": d["study"], "effect": d["id"]}, test="z"))

    def aggregate(rho, weighted=True):
        a = aggregate_effects(d["yi"], d["vi"], d["study"], rho=rho, weighted=weighted)
        return {"yi": a.yi, "vi": a.vi}

    averaged = aggregate(0.6)
    return {
        "V_first9": vcalc(d["vi"], d["study"], rho=0.6).toarray()[:9, :9],
        "CHE": che(0.6),
        "aggregate_rho06": averaged,
        "aggregate_rho06_unweighted": aggregate(0.6, weighted=False),
        "aggregate_ID": aggregate(0),
        "aggregate_ID_unweighted": aggregate(0, weighted=False),
        "rma_aggregated_REML": univariate(fit(averaged["yi"], averaged["vi"], test="z")),
    } | {f"CHE_rho{rho:g}": che(rho) for rho in (0, 0.3, 0.8)}


@recipe(
    "33_robust_uni_bcg",
    out_of_scope={r"^vcovCR_CR3": NOT_CR3, r"^Wald_CR2\.\w+\[[0134]\]": ONE_JOINT_TEST},
    tolerance={r"": (1e-7, 1e-10)},
)
def robust_bcg(inputs, expected):
    d = inputs["input"]
    yi, vi = log_rr(d["tpos"], d["tneg"], d["cpos"], d["cneg"])
    mods = {"ablat": d["ablat"], "year": d["year"]}
    models = {
        "intercept": fit(yi, vi, test="z"),
        "ablat_year": fit(yi, vi, mods, test="z"),
        "user_weights": fit(yi, vi, weights=np.ones(13), test="z"),
    }

    def run(name, kind, by="trial", **options):
        return robust(models[name], d[by], kind=kind, min_df=0, **options)

    out = {}
    for name in models:
        for label, kind in (("CR1p_adjust", "CR1p"), ("CR0", "CR0")):
            r = run(name, kind)
            out[f"{name}_{label}"] = robustly(r) | {"ddf": r.ddf[:1]}
    for name, newmods in (("intercept", None), ("ablat_year", [30, 1970])):
        r = run(name, "CR2")
        out[f"{name}_CR2_trial"] = robustly(r)
        out[f"{name}_predict_CR2"] = predicted(r.predict(newmods))
    for kind in ("CR1p", "CR2"):
        out[f"intercept_cluster_alloc_{kind}"] = robustly(run("intercept", kind, "alloc"))
    for kind in ("CR0", "CR1", "CR1p", "CR1S", "CR2"):
        r = run("ablat_year", kind, dfs="satterthwaite")
        out[f"vcovCR_{kind}"] = {
            "V": r.vb,
            "se": r.se,
            "df_Satt": r.ddf,
            "p_Satt": r.pval,
            "p_t": numeric.t_two_sided_p(r.stat, r.n_clusters - 1),
            "p_tp": numeric.t_two_sided_p(r.stat, r.n_clusters - r.p),
            "p_z": numeric.t_two_sided_p(r.stat, np.inf),
        }
    r = run("ablat_year", "CR2")
    out["conf_int_CR2"] = {"beta": r.beta, "se": r.se, "df": r.ddf, "lb": r.ci_lb, "ub": r.ci_ub}
    eta = r.QM_ddf + r.QM_df - 1
    hotelling = {"test": "HTZ", "Fstat": r.QM, "delta": r.QM_ddf / eta, "df_num": r.QM_df, "df_denom": r.QM_ddf}
    hotelling["p_val"] = r.QMp
    out["Wald_CR2"] = {name: [None, None, value] for name, value in hotelling.items()}
    return out


@recipe("34_robust_mv_cr2", tolerance=OPTIMIZER)
def robust_multilevel(inputs, expected):
    d, schools = inputs["input"], inputs["input2"]
    V = vcalc(d["vi"], d["study"], rho=0.6)
    study_year = {"pubstatus": d["pubstatus"], "year": d["year"]}

    def model(V, **options):
        return fit_multilevel(d["yi"], V, random={"study": d["study"], "effect": d["id"]}, test="z", **options)

    def run(f, kind="CR2"):
        return robust(f, d["study"], kind=kind, min_df=0)

    average = model(d["vi"])
    kinds = model(d["vi"], mods={"year": d["year"], **indicators({"deltype": d["deltype"]})})
    che = model(V, mods=study_year)
    fixed = model(V, mods=study_year, sigma2=[0.10, 0.15])
    levels = {"district": schools["district"], "study": schools["study"]}
    districts = fit_multilevel(schools["yi"], schools["vi"], random=levels, mods=schools["year"] - 1990)

    out = {
        "assink_int_CR2": robustly(run(average)),
        "assink_int_CR2_predict": predicted(run(average).predict()),
        "assink_mods_CR2": robustly(run(kinds)),
        "assink_CHE_mods_CR2": robustly(run(che)),
        "konst_CR2": robustly(robust(districts, schools["district"], min_df=0)),
        "fixed_sigma2_0.10_0.15_CHE_CR2": robustly(run(fixed)),
        "fixed_sigma2_vcovCR2": run(fixed).vb,
        "fixed_sigma2_model": multilevel(fixed),
    }
    for name, f in (("assink_int", average), ("assink_mods", kinds), ("fixed_sigma2", fixed)):
        r = run(f, "CR1p")
        out[f"{name}_CR1p"] = robustly(r) | {"ddf": r.ddf[:1]}
    for name, f in (("fam", kinds), ("fv", che)):
        r = run(f)
        joint = {"F": r.QM, "df_num": r.QM_df, "df_denom": r.QM_ddf, "p": r.QMp}
        out[f"{name}_vcovCR2"] = {"V": r.vb, "se": r.se, "df": r.ddf, "p": r.pval, "HTZ": joint}
    return out
