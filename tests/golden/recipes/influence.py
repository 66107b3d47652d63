"""Leave-one-out, cumulative analysis and case diagnostics."""

import numpy as np

from reanalysis.meta import baujat, cumulative, fit, indicators, influence
from tests.golden.oracle import recipe
from tests.golden.recipes.univariate import bcg, one_out, refits, rstandard


@recipe(
    "44_leave1out_cumul_bcg",
    out_of_scope={r"^cumul.*\.(order|level|measure)\[": "echoes of the input that the reference carries along"},
)
def leave1out_cumul(inputs, expected):
    d = inputs["input"]
    yi, vi = bcg(d)
    models = {m: fit(yi, vi, method=m, test="z") for m in ("REML", "DL", "FE")} | {
        "REML_knha": fit(yi, vi, test="knha")
    }
    out = {"order_by_year": cumulative(models["DL"], order=d["year"]).labels + 1}
    for name, f in models.items():
        out[f"leave1out_{name}"] = one_out(f)
        out[f"cumul_{name}"] = refits(cumulative(f, order=d["year"]).estimates)
    return out


@recipe(
    "45_influence_bcg",
    out_of_scope={r"\.dfbetas\.(slab|digits)\[": "labels and digits for printing"},
)
def influence_bcg(inputs, expected):
    d = inputs["input"]
    yi, vi = bcg(d)
    ablat, alloc = {"ablat": d["ablat"]}, indicators({"alloc": d["alloc"]})
    models = {f"intercept_{m}": fit(yi, vi, method=m, test="z") for m in ("REML", "DL", "FE")} | {
        "ablat_REML": fit(yi, vi, ablat, test="z"),
        "ablat_alloc_REML": fit(yi, vi, ablat | alloc, test="z"),
        "knha_REML": fit(yi, vi, test="knha"),
    }
    coordinates = baujat(models["intercept_FE"])
    return {name: _diagnostics(f) for name, f in models.items()} | {"baujat_FE": coordinates._asdict()}


def _diagnostics(f):
    i = influence(f)
    dfbs = {_leaf(name): i.dfbs[:, j] for j, name in enumerate(f.names)}
    resid = i.rstudent * i.rstudent_se
    return {
        "rstudent": i.rstudent,
        "dffits": i.dffits,
        "cook_d": i.cook_d,
        "cov_r": i.cov_r,
        "tau2_del": i.tau2_del,
        "QE_del": i.QE_del,
        "hat": i.hat,
        "weight": i.weight,
        "dfbs": dfbs,
        "is_infl": [bool(flag) for flag in np.atleast_1d(i.is_infl)],
        "rstudent_full": {"resid": resid, "se": i.rstudent_se, "z": i.rstudent},
        "rstandard": rstandard(f),
        "cooks_distance": i.cook_d,
        "dfbetas": dfbs,
    }


def _leaf(name):
    return name.replace("intercept", "intrcpt").replace("alloc: ", "factor.alloc.")
