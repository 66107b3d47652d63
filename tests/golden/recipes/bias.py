"""Small-study tests, trim and fill, selection models, excess significance (cases 38, 39, 40, 43)."""

import numpy as np

from reanalysis.effects import log_or, log_rr
from reanalysis.meta import bias, fit
from reanalysis.meta.selection import selmodel
from tests.golden.oracle import inputs as inputs_of
from tests.golden.oracle import recipe


def or_table(table) -> tuple[np.ndarray, np.ndarray]:
    return log_or(table["ai"], table["n1i"] - table["ai"], table["ci"], table["n2i"] - table["ci"])


def bcg() -> tuple[np.ndarray, np.ndarray]:
    table = inputs_of("01_es_2x2_bcg")["input"]
    return log_rr(table["tpos"], table["tneg"], table["cpos"], table["cneg"])


def model(f) -> dict:
    """A `Fit` under the names of the reference: normal tests have no degrees of freedom."""
    ddf = f.ddf if np.isfinite(f.ddf) else None
    names = ("method", "test", "k", "p", "beta", "se", "stat", "pval", "ci_lb", "ci_ub", "vb", "tau2", "se_tau2", "I2")
    names += ("H2", "vt", "QE", "QEp", "QM", "QMp")
    return {name: getattr(f, name) for name in names} | {
        "method": "FE" if f.method == "CE" else f.method,
        "names": ["intrcpt"],
        "ddf": [ddf],
        "QMdf": [f.QM_df, ddf],
        "R2": f.R2,
    }


@recipe("38_ranktest_egger2001")
def rank_test(inputs, expected):
    data = {
        "egger2001": or_table(inputs["input"]),
        "hackshaw": (inputs["input2"]["yi"], inputs["input2"]["vi"]),
        "bcg": bcg(),
        "ties": ([0.1, 0.1, 0.3, 0.5, 0.5], [0.04, 0.04, 0.02, 0.05, 0.01]),
    }

    def run(name):
        result = bias.ranktest(*data[name.removesuffix("_noexact")], exact=not name.endswith("_noexact"), min_k=5)
        return {"value": {"tau": result.tau, "pval": result.pval}}

    return {name: run(name) for name in expected}


@recipe("39_trimfill_hackshaw1998")
def trim_and_fill(inputs, expected):
    smoking = inputs["input"]["yi"], inputs["input"]["vi"]

    def run(name):
        if name == "bcg_ilim":
            choices = {"estimator": "L0", "side": "right", "method": "CE"}
        elif name.startswith("bcg_"):
            _, estimator, *side = name.split("_")
            choices = {"estimator": estimator, "side": side[0] if side else "auto", "method": "REML"}
        else:
            estimator, method, side = name.split("_")
            choices = {"estimator": estimator, "side": side, "method": method}
        t = bias.trimfill(*(bcg() if name.startswith("bcg") else smoking), **choices, test="z")
        filled = {"filled_yi": t.yi[t.filled], "filled_vi": t.vi[t.filled]}
        return {"value": {"k0": t.k0, "se_k0": t.se_k0, "p_k0": t.p_k0, "side": t.side, **filled, **model(t.fit)}}

    return {name: run(name) for name in expected}


# The reference is the best of several numerical optimizers, good to about 1e-6 in the parameters; what it reports by
# default (`default_optimizer_4steps`) stops at 1e-5. The log-likelihoods are the sharp comparison.
@recipe(
    "40_selmodel_step_hackshaw1998",
    tolerance={r"\.(ll|LRT|LRTp)$": (1e-9, 1e-8), r"^default_optimizer": (5e-5, 1e-10), r"": (2e-6, 1e-10)},
)
def step_selection(inputs, expected):
    table = inputs["input"]
    smoking = table["yi"], table["vi"]
    ablat = inputs_of("01_es_2x2_bcg")["input"]["ablat"]
    less, four = {"alternative": "less"}, {"steps": (0.05, 0.10, 0.50, 1.00)}
    runs = {
        "ML_3PSM_0.025": (smoking, {}),
        "ML_3PSM_greater": (smoking, {"alternative": "greater"}),
        "ML_4PSM_0.025_0.5": (smoking, {"steps": (0.025, 0.5)}),
        "ML_twosided_0.05": (smoking, {"steps": 0.05, "alternative": "two.sided"}),
        "ML_less_0.025": (smoking, less),
        "ML_4steps": (smoking, four),
        "from_REML_4steps": (smoking, four),
        "default_optimizer_4steps": (smoking, four),
        "ML_fixed_delta": (smoking, {"steps": (0.025, 0.5, 1), "delta": (1, 0.5, 0.25)}),
        "bcg_3PSM_less": (bcg(), less),
        "bcg_3PSM_less_ablat": ((*bcg(), ablat), less),
    }
    names = ("beta", "se", "stat", "pval", "ci_lb", "ci_ub", "tau2", "se_tau2", "delta", "se_delta", "LRT", "LRTdf")
    names += ("LRTp", "ll", "steps")

    def run(data, choices):
        result = selmodel(*data, **choices)
        return {"value": {name: getattr(result, name) for name in names}}

    return {name: run(*how) for name, how in runs.items()}


@recipe(
    "43_tes_hc_petpeese",
    out_of_scope={
        r"^hc\.(beta|se|ci_lb|ci_ub)": "the interval of Henmi & Copas (2010) is not offered: it needs a numerical "
        "inversion for a method little used beside PET-PEESE and selection models",
        r"^PE(T|ESE)_rma_.\.names\[1\]": "the label of the predictor in R's formula notation",
    },
)
def excess_significance_and_regression(inputs, expected):
    treated, control = inputs["input"]["x.a"], inputs["input"]["x.p"]
    effects = {
        "e": log_rr(treated, inputs["input"]["n.a"] - treated, control, inputs["input"]["n.p"] - control),
        "l": or_table(inputs["input2"]),
    }
    out = {}
    for name, test in {"tes_chi2": "chi2", "tes_binom": "binom", "tes_rma_EE": "chi2"}.items():
        t = bias.tes(*effects["e"], test=test)
        out[name] = {"value": {n: getattr(t, n) for n in ("O", "E", "OE_ratio", "pval", "theta", "power")}}
        out[name]["value"]["X2"] = t.stat
    dl = fit(*effects["l"], method="DL", test="z")
    out["hc"] = {"tau2": [dl.tau2], "DL_beta": dl.beta, "DL_tau2": dl.tau2}
    for key, data in effects.items():
        for flavour in ("lm", "rma"):
            both = bias.pet_peese(*data, model=flavour, test="z")
            for label, result in (("PET", both.pet), ("PEESE", both.peese)):
                f = result.fit
                if flavour == "lm":
                    out[f"{label}_{key}"] = {"est": f.beta, "se": f.se, "t": f.stat, "p": f.pval}
                else:
                    out[f"{label}_rma_{key}"] = model(f)
    return out
