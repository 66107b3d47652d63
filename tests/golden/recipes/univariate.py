"""Univariate models: estimators, tests, meta-regression, intervals, edge cases."""

import math

import numpy as np

from reanalysis import effects
from reanalysis.meta import (
    confint,
    fit,
    indicators,
    leave_one_out,
    likelihood_ratio_test,
    permutation_interval,
    permutation_test,
    robust,
    subgroups,
)
from reanalysis.meta import influence as influence_of
from tests.golden import oracle
from tests.golden.oracle import recipe

METHODS = ("FE", "DL", "HE", "HS", "SJ", "ML", "REML", "EB", "PM", "DLIT")
VARIANTS = "tau2 variants that evidence of this kind does not need (GENQ, HSk, PMM, SJIT)"
NO_VARIANTS = {r"(^|\.)(GENQM?|HSk|PMM|SJIT)(\.|$)": VARIANTS}
DLIT_STOP = {r"(^|\.)DLIT\.": (1e-6, 1e-8)}  # the reference stops its DLIT iteration at 1e-10 absolute
MESSAGE = {
    r"\.error$": "text of R's error; raising a clear ValueError is checked in the same case or in the unit tests",
    r"\.warnings\[": "text of R's warning; ours is a note in the result",
}


def bcg(table):
    """Log risk ratios of the BCG trials."""
    return effects.log_rr(table["tpos"], table["tneg"], table["cpos"], table["cneg"])


def none_if(value, missing):
    return None if missing else value


def uni(f, names=None):
    """A fit under the leaf names of the reference cases."""
    df2 = none_if(f.ddf, math.isinf(f.ddf))
    return {
        "method": f.method,
        "test": f.test,
        "k": f.k,
        "p": f.p,
        "names": list(names or ("intrcpt", *f.names[1:])),
        "beta": f.beta,
        "se": f.se,
        "stat": f.stat,
        "ddf": [df2],
        "pval": f.pval,
        "ci_lb": f.ci_lb,
        "ci_ub": f.ci_ub,
        "vb": f.vb,
        "tau2": f.tau2,
        "se_tau2": f.se_tau2,
        "I2": f.I2,
        "H2": f.H2,
        "R2": f.R2,
        "vt": f.vt,
        "s2w": f.s2w,
        "QE": f.QE,
        "QEp": f.QEp,
        "QM": f.QM,
        "QMdf": [f.QM_df, df2],
        "QMp": f.QMp,
        "fit": f.fit_stats,
    }


def named(f, method, names=None):
    """`uni`, with the name that the case uses for the common effect (FE, EE)."""
    return uni(f, names) | {"method": method}


def all_methods(yi, vi, mods=None, names=None, test="z"):
    return {m: named(fit(yi, vi, mods, method=m, test=test), m, names) for m in METHODS}


def pred(p, transform=None):
    """A prediction; credibility intervals (cr) are another name of the reference for the prediction interval."""
    change = transform or (lambda x: x)
    interval = {"lb": change(p.pi_lb), "ub": change(p.pi_ub)}
    return {
        "pred": change(p.pred),
        "se": np.full(len(p.se), np.nan) if transform else p.se,
        "ddf": [p.ddf],
        "ci_lb": change(p.ci_lb),
        "ci_ub": change(p.ci_ub),
        **{f"{kind}_{side}": values for kind in ("pi", "cr") for side, values in interval.items()},
    }


def ci(interval):
    return {name: getattr(interval, name)._asdict() for name in ("tau2", "tau", "I2", "H2")}


def blup(values):
    return dict(zip(("pred", "se", "pi_lb", "pi_ub"), values, strict=True))


def rstandard(f):
    return dict(zip(("resid", "se", "z"), f.rstandard(), strict=True))


def refuses(call, *words):
    """True when the call raises a ValueError that names the problem."""
    try:
        call()
    except ValueError as error:
        return all(word in str(error) for word in words)
    return False


@recipe(
    "13_rma_methods_bcg",
    tolerance=DLIT_STOP,
    out_of_scope=NO_VARIANTS
    | {r"^default_control": "what the reference prints with its default stop at 1e-5 absolute; we iterate to the end"},
)
def methods_bcg(inputs, expected):
    d = inputs["input"]
    yi, vi = bcg(d)
    f = fit(yi, vi, test="z")
    grid = np.array(expected["profile_REML"]["tau2"])
    return {
        "yi": yi,
        "vi": vi,
        "intercept_only": all_methods(yi, vi),
        "with_ablat": all_methods(yi, vi, d["ablat"], ("intrcpt", "e$ablat")),
        "weights": f.weights_percent,
        "resid": f.residuals,
        "rstandard": rstandard(f),
        "blup": blup(f.blup()),
        "ranef": blup(f.ranef()),
        "fitted": f.fitted,
        "hat": f.hat,
        "profile_REML": {"tau2": grid, "ll": [fit(yi, vi, tau2=t).fit_stats["REML"]["ll"] for t in grid]},
    }


@recipe("14_rma_viechtbauer2005_ex1", tolerance=DLIT_STOP, out_of_scope=NO_VARIANTS)
def viechtbauer2005(inputs, expected):
    yi, vi = inputs["input"]["yi"], inputs["input"]["vi"]
    return {
        "methods": all_methods(yi, vi),
        "confint": {m: ci(confint(fit(yi, vi, method=m))) for m in expected["confint"]},
    }


@recipe("17_rma_normand1999_published", tolerance=DLIT_STOP, out_of_scope=NO_VARIANTS)
def normand1999(inputs, expected):
    d, h = inputs["input"], inputs["input2"]
    hine = effects.rd(h["ai"], h["n1i"] - h["ai"], h["ci"], h["n2i"] - h["ci"])
    hine = effects.EffectSize(100 * hine.yi, 100**2 * hine.vi)
    pooled = np.sqrt(((d["n1i"] - 1) * d["sd1i"] ** 2 + (d["n2i"] - 1) * d["sd2i"] ** 2) / (d["n1i"] + d["n2i"] - 2))
    difference = effects.md(d["m1i"], pooled, d["n1i"], d["m2i"], pooled, d["n2i"])
    smd = effects.smd(*(d[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")))
    knha, z = fit(*smd, test="knha"), fit(*smd, test="z")

    def some(es, methods):
        return {"yi": es.yi, "vi": es.vi} | {m: named(fit(*es, method=m, test="z"), m) for m in methods}

    return {
        "hine": some(hine, ("EE", "REML", "DL")),
        "normand_MD_pooledSD": some(difference, ("EE", "DL", "REML")),
        "normand_SMD": {"yi": smd.yi, "vi": smd.vi}
        | all_methods(*smd)
        | {"knha": uni(knha), "predict": pred(z.predict())},
    }


@recipe(
    "18_rma_raudenbush1985",
    tolerance={r"^ME": (1e-8, 1e-9)},
)
def raudenbush1985(inputs, expected):
    d = inputs["input"]
    yi, vi = d["yi"], d["vi"]

    def huber_white(method):
        r = robust(fit(yi, vi, method=method, test="z"), np.arange(len(yi)), kind="CR0")
        return {
            name: np.atleast_1d(getattr(r, name)) for name in ("beta", "se", "stat", "pval", "ci_lb", "ci_ub", "ddf")
        }

    f = fit(yi, vi, test="z")
    g = fit(yi, vi, {"weeks.c": np.minimum(d["weeks"], 3)}, test="z")
    cells = [name.split("_") for name in expected if name.startswith(("z_", "knha_"))]
    return {
        "REML": uni(f),
        "predict": pred(f.predict()),
        "blup": blup(f.blup()),
        "ranef": blup(f.ranef()),
        "ME": uni(g),
        "ME_blup": blup(g.blup()),
        "ME_predict_0_1_2_3": pred(g.predict([0, 1, 2, 3])),
        **{f"{t}_{m}": named(fit(yi, vi, method=m, test=t), m) for t, m in cells},
        **{name: huber_white(name.removeprefix("HW_")) for name in expected if name.startswith("HW_")},
    }


@recipe("19_rma_knha_adhoc_bcg")
def knha_adhoc(inputs, expected):
    d = inputs["input"]
    yi, vi = bcg(d)
    homogeneous = [0.20, 0.25, 0.18, 0.22, 0.30, 0.15], [0.04, 0.06, 0.05, 0.03, 0.08, 0.07]
    out = {}
    for name in expected:
        kind, *rest = name.split("_")
        if kind == "int":
            method, test = rest
            f = fit(yi, vi, method=method, test=test)
            out[name] = named(f, method) | {"predict": pred(f.predict())}
        elif kind == "mods":
            f = fit(yi, vi, {"ablat": d["ablat"], "year": d["year"]}, test=rest[1])
            out[name] = uni(f) | {"predict": pred(f.predict([30, 1970]))}
        else:
            out[name] = uni(fit(*homogeneous, test=rest[0]))
    return out


@recipe("20_rma_metareg_bcg")
def metareg_bcg(inputs, expected):
    d = inputs["input"]
    yi, vi = bcg(d)
    ablat, year, alloc = {"ablat": d["ablat"]}, {"year": d["year"]}, indicators({"alloc": d["alloc"]})
    levels = [f"factor(alloc){level}" for level in np.unique(d["alloc"])]

    def model(*terms, **options):
        return fit(yi, vi, {k: v for term in terms for k, v in term.items()}, **{"test": "z"} | options)

    f, g = model(ablat), model(alloc)
    h = model(indicators({"alloc": d["alloc"]}, drop_first=False), intercept=False)
    full, knha = model(ablat, year, alloc), model(ablat, year, alloc, test="knha")
    full_names = ["intrcpt", "ablat", "year", *levels[1:]]
    contrasts = h.contrast([[1, -1, 0], [1, 0, -1], [0, 1, -1]])
    btt, btt_knha = full.omnibus(alloc), knha.omnibus(alloc)
    m1, m0 = model(ablat, year, method="ML"), fit(yi, vi, method="ML", test="z")
    lrt = likelihood_ratio_test(m1, m0)
    smooth = (d["tneg"] / d["tpos"]).sum() / (13 * (d["tneg"] + d["tpos"]))
    smooth = smooth + (d["cneg"] / d["cpos"]).sum() / (13 * (d["cneg"] + d["cpos"]))
    centred, centred_names = d["ablat"] - 33.46, ("intrcpt", "I(ablat - 33.46)")
    return {
        "ablat": uni(f),
        "ablat_predict": pred(f.predict([0, 10, 20, 30, 40, 50, 60])),
        "ablat_predict_exp": pred(f.predict([0, 30, 60]), np.exp),
        "alloc": uni(g, ["intrcpt", *levels[1:]]),
        "alloc_noint": uni(h, levels),
        "alloc_contrasts": {"Xb": contrasts.estimate} | contrasts._asdict(),
        "full": uni(full, full_names),
        "full_btt_alloc": {"QM": btt.stat, "QMdf": [btt.df1, None], "QMp": btt.pval},
        "full_knha": uni(knha, full_names),
        "full_knha_btt_alloc": {"F": btt_knha.stat, "df": [btt_knha.df1, btt_knha.df2], "p": btt_knha.pval},
        "interaction": uni(model(ablat, year, {"ablat:year": d["ablat"] * d["year"]})),
        "LRT_ML": {
            "LRT": lrt.stat,
            "pval": lrt.pval,
            "R2": m1.R2,
            "fit_full": list(m1.fit_stats["ML"].values()),
            "fit_reduced": list(m0.fit_stats["ML"].values()),
        },
        "vif": model(ablat, year).vif,
        "berkey1995": {
            "vi_smooth": smooth,
            "RE": uni(fit(yi, smooth, method="EB", test="z")),
            "ME": uni(fit(yi, smooth, centred, method="EB", test="z"), centred_names),
            "FE": named(fit(yi, smooth, centred, method="FE"), "FE", centred_names),
        },
    }


@recipe(
    "22_confint_tau2_collins1985b",
    out_of_scope={r"^collins_(BiggerstaffTweedie|SJ_ci)": "approximate; the Q-profile interval is exact"},
)
def confint_collins(inputs, expected):
    d = inputs["input"]
    a, n1, c, n2 = (d[f"pre.{name}"] for name in ("xti", "nti", "xci", "nci"))
    data = {"collins": effects.log_or(a, n1 - a, c, n2 - c), "bcg": bcg(inputs["input2"])}
    homogeneous = [0.20, 0.25, 0.18, 0.22, 0.30, 0.15, 0.24, 0.21], [0.04, 0.06, 0.05, 0.03, 0.08, 0.07, 0.05, 0.04]
    dl = fit(*data["bcg"], method="DL", test="z")
    out = {
        "yi": data["collins"].yi,
        "vi": data["collins"].vi,
        "bcg_QP_ablat_REML": ci(confint(fit(*data["bcg"], inputs["input2"]["ablat"]))),
        "bcg_HK_z": {"fixed": [dl.beta[0], dl.ci_lb[0], dl.ci_ub[0]]},
        "homogeneous_REML": {"value": ci(confint(fit(*homogeneous)))},
    }
    for name in expected:
        source, kind, method = (name.split("_") + ["", ""])[:3]
        if name in out or source not in data or method not in METHODS:
            continue
        level = 0.90 if kind == "QP90" else 0.95
        value = ci(confint(fit(*data[source], method=method), type=kind.replace("90", ""), level=level))
        out[name] = value if kind.startswith("QP") else {"value": value}
    return out


@recipe("24_rma_curtis1998_rom", tolerance=DLIT_STOP, out_of_scope=NO_VARIANTS)
def curtis1998(inputs, expected):
    d = inputs["input"]
    yi, vi = effects.rom(*(d[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")))
    f, g = fit(yi, vi, test="z"), fit(yi, vi, indicators({"fungrp": d["fungrp"]}), test="z")
    return {
        "methods": all_methods(yi, vi),
        "predict_exp": pred(f.predict(), np.exp),
        "confint": ci(confint(f)),
        "knha": uni(fit(yi, vi, test="knha")),
        "fungrp": uni(g, ["intrcpt", *(name.replace("fungrp: ", "factor(fungrp)") for name in g.names[1:])]),
    }


@recipe("26_rma_hackshaw1998", tolerance=DLIT_STOP, out_of_scope=NO_VARIANTS)
def hackshaw1998(inputs, expected):
    d = inputs["input"]
    f = fit(d["yi"], d["vi"], test="z")
    yi, sei = np.log(d["or"]), effects.sei_from_ci(np.log(d["or.lb"]), np.log(d["or.ub"]))
    return {
        "methods": all_methods(d["yi"], d["vi"]),
        "predict_exp": pred(f.predict(), np.exp),
        "confint": ci(confint(f)),
        "from_ci": {"yi": yi, "vi": sei**2},
        "rma_from_ci_DL": uni(fit(yi, sei**2, method="DL", test="z")),
    }


@recipe(
    "27_rma_weights",
    out_of_scope=NO_VARIANTS,
    differs={r"^fixed_tau2\.se_tau2$": "a tau2 that is given, not estimated, has no standard error"},
)
def weights(inputs, expected):
    d = inputs["input"]
    yi, vi, n = d["yi"], d["vi"], d["n1i"] + d["n2i"]
    one = np.ones_like(yi)
    return {
        "REML_unweighted": uni(fit(yi, vi, weights=one, test="z")),
        "EE_unweighted": named(fit(yi, vi, weights=one, method="EE"), "EE"),
        "REML_user_n": uni(fit(yi, vi, weights=n, test="z")),
        "DL_user_n": uni(fit(yi, vi, weights=n, method="DL", test="z")),
        "REML_knha_user_n": uni(fit(yi, vi, weights=n, test="knha")),
        "fixed_tau2": uni(fit(yi, vi, tau2=0.05, test="z")),
    }


@recipe("28_subgroups_bcg")
def subgroups_bcg(inputs, expected):
    d = inputs["input"]
    yi, vi = bcg(d)
    names = ["intrcpt", *(f"factor(alloc){level}" for level in np.unique(d["alloc"])[1:])]
    out = {}
    for method in ("REML", "DL", "FE"):
        s = subgroups(yi, vi, d["alloc"], method=method, test="z")
        each = {level: named(f, method) for level, f in zip(s.levels, s.fits, strict=True)}
        out[f"separate_{method}"] = each | {"Qbetween": s.QB, "Qb_df": s.QB_df, "Qb_p": s.QBp}
        common = fit(yi, vi, indicators({"alloc": d["alloc"]}), method=method, test="z")
        out[f"common_tau2_{method}"] = named(common, method, names)
    return out


def one_out(f):
    """Leave-one-out results under the leaf names of the reference."""
    e = leave_one_out(f).estimates
    return refits(e)


def refits(e):
    return {
        "k": e.k,
        "estimate": e.beta[:, 0],
        "se": e.se[:, 0],
        "zval": e.stat[:, 0],
        "tval": e.stat[:, 0],
        "pval": e.pval[:, 0],
        "ci_lb": e.ci_lb[:, 0],
        "ci_ub": e.ci_ub[:, 0],
        "Q": e.QE,
        "Qp": e.QEp,
        "tau2": e.tau2,
        "I2": e.I2,
        "H2": e.H2,
    }


def case_diagnostics(f):
    i = influence_of(f)
    return {
        "rstudent": i.rstudent,
        "dffits": i.dffits,
        "cook.d": i.cook_d,
        "cov.r": i.cov_r,
        "tau2.del": i.tau2_del,
        "QE.del": i.QE_del,
        "hat": i.hat,
        "weight": i.weight,
    }


BIAS_TOOLS = {
    r"(^|_|\.)(regtest|ranktest|trimfill|selmodel)(_sei)?(\.|$)": "small-study methods refuse so few effects here; see "
    "their own cases",
}


@recipe(
    "50_edge_k1",
    out_of_scope=MESSAGE
    | BIAS_TOOLS
    | {
        r"^influence": "the script records a constant; the reference has no diagnostics here, and neither have we",
    },
    differs={
        r"^predict\.value\.(pi|cr)_": "a single effect does not tell how true effects vary: we give no prediction "
        "interval and say so; the reference repeats the confidence interval",
    },
)
def edge_k1(inputs, expected):
    yi, vi = inputs["input"]["yi"], inputs["input"]["vi"]
    f = fit(yi, vi)
    out = {"predict": {"value": pred(f.predict())}, "mods": {"value": uni(fit(yi, vi, [1.0]))}}
    for name in expected:
        method, _, test = name.partition("_")
        if test in ("z", "knha"):
            out[name] = {"value": named(fit(yi, vi, method=method, test=test), method)}
    assert refuses(lambda: confint(f), "k = 1")
    assert refuses(lambda: leave_one_out(f), "two")
    assert refuses(lambda: influence_of(f), "two")
    out["permutest"] = {"value": permutation_test(f).pval[0]}
    return out


@recipe("51_edge_k2", tolerance=DLIT_STOP, out_of_scope=NO_VARIANTS | MESSAGE | BIAS_TOOLS)
def edge_k2(inputs, expected):
    out = {}
    for label, table in (("het", inputs["input"]), ("hom", inputs["input2"])):
        yi, vi = table["yi"], table["vi"]
        z, knha, adhoc = (fit(yi, vi, test=test) for test in ("z", "knha", "adhoc"))
        assert refuses(lambda yi=yi, vi=vi: fit(yi, vi, [0.0, 1.0]), "2 effects")
        out |= {
            f"{label}_methods": all_methods(yi, vi),
            f"{label}_knha": {"value": uni(knha)},
            f"{label}_adhoc": {"value": uni(adhoc)},
            f"{label}_predict": {"value": pred(z.predict())},
            f"{label}_predict_knha": {"value": pred(knha.predict())},
            f"{label}_confint": {"value": ci(confint(z))},
            f"{label}_leave1out": {"value": one_out(z)},
            f"{label}_influence": {"value": case_diagnostics(z)},
        }
    return out


@recipe(
    "52_edge_tau2_zero",
    tolerance=DLIT_STOP,
    out_of_scope=NO_VARIANTS | MESSAGE | {r"^REML_untruncated_DL": "negative variances are not offered"},
)
def edge_tau2_zero(inputs, expected):
    d = inputs["input"]
    yi, vi = d["yi"], d["vi"]
    z = fit(yi, vi, test="z")
    return {
        "methods": all_methods(yi, vi),
        "methods_mod": all_methods(yi, vi, d["x"], ("intrcpt", "d$x")),
        "confint_QP": {"value": ci(confint(z))},
        "confint_PL": {"value": ci(confint(fit(yi, vi, method="ML"), type="PL"))},
        "predict": pred(z.predict()),
        "knha": uni(fit(yi, vi, test="knha")),
        "adhoc": uni(fit(yi, vi, test="adhoc")),
        "leave1out": one_out(z),
        "influence": case_diagnostics(z),
    }


@recipe("54_edge_equal_variances", tolerance=DLIT_STOP, out_of_scope=NO_VARIANTS | MESSAGE | BIAS_TOOLS)
def edge_equal_variances(inputs, expected):
    d = inputs["input"]
    yi, vi = d["yi"], d["vi"]
    knha = fit(yi, vi, test="knha")
    return {
        "methods": all_methods(yi, vi),
        "mods": all_methods(yi, vi, d["x"], ("intrcpt", "d$x")),
        "closed_form_var_minus_v": knha.tau2,
        "knha": uni(knha),
        "t_test_equivalent": {"t": knha.stat[0], "p": knha.pval[0], "lb": knha.ci_lb[0], "ub": knha.ci_ub[0]},
        "confint": ci(confint(knha)),
    }


@recipe("56_edge_missing_bad_input", out_of_scope=MESSAGE)
def edge_missing(inputs, expected):
    d = inputs["input"]
    yi, vi, x = d["yi"], d["vi"], d["x"]
    f = fit(yi, vi, test="z")
    e = leave_one_out(f).estimates
    by_row = {}
    for name, values in refits(e).items():
        by_row[name] = np.full(len(yi), np.nan)
        by_row[name][f.used] = values
    bad = {
        "too_many_mods": lambda: fit(yi, vi, np.column_stack([x**power for power in range(1, 6)])),
        "lengths_differ": lambda: fit([0.1, 0.2, 0.3], [0.01, 0.02]),
        "unknown_method": lambda: fit(yi, vi, method="XX"),
        "infinite": lambda: fit([0.1, np.inf, 0.3], [0.01, 0.02, 0.03]),
        "all_missing": lambda: fit([np.nan, np.nan], [0.1, 0.2]),
    }
    words = {
        "too_many_mods": "effects cannot carry",
        "lengths_differ": "equally long",
        "unknown_method": "unknown method",
        "infinite": "finite",
        "all_missing": "no effect",
    }
    for name, call in bad.items():
        assert "error" in expected[name]
        assert refuses(call, words[name]), name
    return {
        "na_omit": {"value": uni(f)},
        "na_in_moderator": {"value": uni(fit(yi, vi, {"x": x}, test="z"))},
        "collinear": {"value": uni(fit(yi, vi, {"x": x, "twice": 2 * x}, test="z"))},
        "constant_moderator": {"value": uni(fit(yi, vi, {"x": 0 * x + 3}, test="z"))},
        "leave1out_na_pass": by_row,
    }


@recipe(
    "57_edge_identical_effects",
    tolerance=DLIT_STOP,
    out_of_scope=NO_VARIANTS | MESSAGE | BIAS_TOOLS,
    differs={r"^knha\..*\.QMp?$": "the reference inverts a zero covariance; the statistic is infinite and p = 0"},
)
def edge_identical(inputs, expected):
    yi, vi = inputs["input"]["yi"], inputs["input"]["vi"]
    z = fit(yi, vi, test="z")
    return {
        "methods": all_methods(yi, vi),
        "knha": {"value": uni(fit(yi, vi, test="knha"))},
        "adhoc": {"value": uni(fit(yi, vi, test="adhoc"))},
        "confint": {"value": ci(confint(z))},
        "influence": {"value": case_diagnostics(z)},
    }


@recipe(
    "47_permutest_exact",
    tolerance={r"^bcg_ablat_MC2000": (0.0, 0.02), r"^follmann_DL_coef\.value\.ci_": (0.0, 2e-3)},
    out_of_scope=MESSAGE | {r"^bcg_ablat_MC2000.*\.note$": "a note", r"n_perm$": "not reported by the reference"},
)
def permutest(inputs, expected):
    h = effects.rd(*_counts(inputs["input"]))
    p = _peto(*_counts(inputs["input2"]))
    b = bcg(oracle.inputs("13_rma_methods_bcg")["input"])

    def exact(f, **options):
        t = permutation_test(f, n=2**14, **options)
        assert t.exact
        return {"value": {"pval": t.pval, "QMp": [t.QMp], "zval": f.stat, "ci_lb": f.ci_lb, "ci_ub": f.ci_ub}}

    dl = fit(*p, method="DL", test="z")
    coef = exact(dl, stat="coef")
    lower, upper = permutation_interval(dl, stat="coef")
    coef["value"] |= {"ci_lb": [lower], "ci_ub": [upper]}
    mods = fit(*b, oracle.inputs("13_rma_methods_bcg")["input"]["ablat"], test="z")
    sampled = permutation_test(mods, n=10_000, seed=1)
    return {
        "hine_yi": h.yi,
        "hine_vi": h.vi,
        "follmann_yi": p[0],
        "follmann_vi": p[1],
        "hine_RE_exact": exact(fit(*h, test="z")),
        "hine_ME_exact": exact(fit(*h, [3, 1, 2, 2, 4, 5], test="z")),
        "follmann_DL_coef": coef,
        "follmann_DL_z": exact(dl),
        "bcg_DL_exact8192": exact(fit(*b, method="DL", test="z")),
        "bcg_FE_exact8192": exact(fit(*b, method="FE")),
        "bcg_ablat_MC2000_seed1234": {"pval": sampled.pval, "QMp": [sampled.QMp]},
    }


def _counts(d):
    return d["ai"], d["n1i"] - d["ai"], d["ci"], d["n2i"] - d["ci"]


def _peto(a, b, c, d):
    """Peto's log odds ratio: (observed - expected) / hypergeometric variance; input data only, not offered."""
    n1, n2, events = a + b, c + d, a + c
    n = n1 + n2
    v = n1 * n2 * events * (n - events) / (n**2 * (n - 1))
    return (a - n1 * events / n) / v, 1 / v
