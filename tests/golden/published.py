"""Numbers printed in articles, and where this project recomputes them.

The `published` block of a case holds numbers as they were printed. `WHERE` says for each which recomputed leaf it is
(`sqrt:` takes the root, where a standard error was printed and a variance is stored); the printed number must be the
rounded one. `OTHERWISE` lists the few that are not, with the reason; they must stay close all the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from tests.golden import oracle

DECIMALS = 4
CLOSE = (2e-3, 1e-4)
"""Relative or absolute distance that a number listed in `OTHERWISE` must keep."""
MEASURES = ("PHI", "YUQ", "YUY", "RTET", "PBIT", "OR2D", "OR2DN")
ESTIMATORS = ("HS", "HE", "DL", "ML", "REML", "EB", "SJ")


def _row(model: str, *names: str) -> list[str]:
    return [f"{model}.{name}" for name in names]


def _range(path: str, n: int) -> list[str]:
    return [f"{path}[{i}]" for i in range(n)]


_INTERVAL = ("beta[0]", "ci_lb[0]", "ci_ub[0]")
_WALD = ("tau2", "beta[0]", "se[0]", "stat[0]", "ci_lb[0]", "ci_ub[0]")

WHERE: dict[str, dict[str, str | list[str]]] = {
    "01_es_2x2_bcg": {m: [f"handbook_table13_4.{m}.yi", f"sqrt:handbook_table13_4.{m}.vi"] for m in MEASURES},
    "06_es_change_morris2008": {"dppc1": _range("dppc1_diff_SMCR.yi", 5), "dppc2": _range("dppc2.yi", 5)},
    "14_rma_viechtbauer2005_ex1": {
        what: [f"methods.{m}.{what}" for m in ESTIMATORS] for what in ("tau2", "I2", "H2", "se_tau2")
    },
    "17_rma_normand1999_published": {
        "hine_yi": _range("hine.yi", 6),
        "hine_EE": _row("hine.EE", *_INTERVAL),
        "MD_EE": _row("normand_MD_pooledSD.EE", *_INTERVAL),
        "MD_DL": _row("normand_MD_pooledSD.DL", *_INTERVAL, "tau2"),
        "MD_REML": _row("normand_MD_pooledSD.REML", *_INTERVAL, "tau2"),
    },
    "18_rma_raudenbush1985": {
        "tau2": "REML.tau2",
        "mu": "REML.beta[0]",
        "QE": "REML.QE",
        "z": "REML.stat[0]",
        "ME_beta": _range("ME.beta", 2),
        "ME_QE": "ME.QE",
        "pi": _row("predict", "pi_lb[0]", "pi_ub[0]"),
        "knha_REML": _row("knha_REML", *_WALD),
        "z_DL": _row("z_DL", *_WALD),
        "z_HE": _row("z_HE", *_WALD),
    },
    "20_rma_metareg_bcg": {
        "RE": _row("berkey1995.RE", "beta[0]", "se[0]", "tau2"),
        "ME_beta": _range("berkey1995.ME.beta", 2),
        "ME_se": _range("berkey1995.ME.se", 2),
        "ME_tau2": "berkey1995.ME.tau2",
        "FE_beta": _range("berkey1995.FE.beta", 2),
        "FE_se": _range("berkey1995.FE.se", 2),
    },
    "22_confint_tau2_collins1985b": {
        **{f"tau2.{m}": f"collins_QP_{m}.tau2.estimate" for m in ("DL", "ML", "REML", "SJ")},
        "QP": _row("collins_QP_REML.tau2", "ci_lb", "ci_ub"),
        **{
            f"{kind}_{m}": _row(f"collins_{kind}_{m}.value.tau2", "ci_lb", "ci_ub")
            for kind in ("PL", "Wald")
            for m in ("ML", "REML")
        },
        "BT": _range("collins_BiggerstaffTweedie", 2),
        "SJ": _range("collins_SJ_ci", 2),
    },
    "29_mv_konstantopoulos2011": {
        "two_level.mu": "two_level_REML.beta[0]",
        "two_level.se": "two_level_REML.se[0]",
        "two_level.tau2": "two_level_REML.sigma2[0]",
        "three_level_ML.mu": "three_level_ML.beta[0]",
        "three_level_ML.se": "three_level_ML.se[0]",
        "three_level_ML.s1": "three_level_ML.sigma2[0]",
        "three_level_ML.s2": "three_level_ML.sigma2[1]",
        "three_level_year_ML_beta": _range("three_level_year_ML.beta", 2),
        "confint": [
            *_row("confint_PL.district.sigma2.1", "estimate", "ci_lb", "ci_ub"),
            *_row("confint_PL.study.sigma2.2", "estimate", "ci_lb", "ci_ub"),
        ],
    },
    "32_mv_vcalc_aggregate_assink2016": {
        "agg_yi_first3": _range("aggregate_rho06.yi", 3),
        "agg_vi_first3": _range("aggregate_rho06.vi", 3),
    },
    "33_robust_uni_bcg": {
        "CR2_var": "intercept_CR2_trial.vb[0][0]",
        "CR2_df": "intercept_CR2_trial.ddf[0]",
        "CR2_t": "intercept_CR2_trial.stat[0]",
        "mods_CR2_se": _range("ablat_year_CR2_trial.se", 3),
        "mods_CR2_df": _range("ablat_year_CR2_trial.ddf", 3),
    },
    "38_ranktest_egger2001": {"tau": "egger2001.value.tau", "pval": "egger2001.value.pval"},
    "40_selmodel_step_hackshaw1998": {
        "delta": _range("ML_4steps.value.delta", 4),
        "se_delta": [f"ML_4steps.value.se_delta[{i}]" for i in (1, 2, 3)],
        "LRT": "ML_4steps.value.LRT",
        "tau2": "ML_4steps.value.tau2",
    },
    "43_tes_hc_petpeese": {
        "tes_E": "tes_chi2.value.E",
        "tes_X2": "tes_chi2.value.X2",
        "hc": _row("hc", *_INTERVAL),
        "DL": _row("hc", "DL_tau2", "DL_beta[0]"),
    },
    "44_leave1out_cumul_bcg": {
        "l1o_1": _row("leave1out_REML", "estimate[0]", "se[0]", "tau2[0]"),
        "cumul": _range("cumul_REML.estimate", 13),
    },
    "45_influence_bcg": {
        **{f"row1.{n}": f"intercept_REML.{n}[0]" for n in ("rstudent", "dffits", "cook_d", "cov_r", "hat")},
        "cooks_ablat": _range("ablat_REML.cook_d", 13),
    },
    "47_permutest_exact": {
        "hine": "hine_RE_exact.value.pval[0]",
        "hine_ME": _range("hine_ME_exact.value.pval", 2),
        "follmann": "follmann_DL_coef.value.pval[0]",
        "follmann_ci": _row("follmann_DL_coef.value", "ci_lb[0]", "ci_ub[0]"),
    },
}

PRINTED_DECIMALS = {  # where not four
    ("32_mv_vcalc_aggregate_assink2016", ""): 6,
    ("33_robust_uni_bcg", "CR2_var"): 8,
    ("33_robust_uni_bcg", "CR2_"): 5,
    ("33_robust_uni_bcg", ""): 6,
    ("40_selmodel_step_hackshaw1998", "tau2"): 8,
    ("40_selmodel_step_hackshaw1998", ""): 6,
    ("43_tes_hc_petpeese", "tes_"): 6,
    ("44_leave1out_cumul_bcg", "l1o_1"): 15,
    ("44_leave1out_cumul_bcg", "cumul"): 6,
    ("45_influence_bcg", "row1"): 15,
    ("47_permutest_exact", "follmann"): 7,
    ("47_permutest_exact", "follmann_ci"): 4,
}

EARLY = (
    "the source stopped its iteration at the default precision (running metafor that way gives it); ours is the optimum"
)
ROOT = "the source searched for the limit with a tolerance of 1e-4; ours is the place where the p-value jumps"
OTHERWISE: dict[str, dict[str, str]] = {
    "14_rma_viechtbauer2005_ex1": dict.fromkeys(("I2[3]", "I2[4]", "H2[4]"), EARLY),
    "18_rma_raudenbush1985": dict.fromkeys(("pi[1]", "knha_REML[3]"), EARLY),
    "22_confint_tau2_collins1985b": {"PL_ML[0]": EARLY},
    "33_robust_uni_bcg": dict.fromkeys(("mods_CR2_se[0]", *_range("mods_CR2_df", 3)), EARLY),
    "40_selmodel_step_hackshaw1998": dict.fromkeys((*_range("delta", 4)[1:], *_range("se_delta", 3), "tau2"), EARLY),
    "44_leave1out_cumul_bcg": dict.fromkeys((*_range("l1o_1", 3), "cumul[3]", "cumul[4]", "cumul[9]"), EARLY),
    "45_influence_bcg": dict.fromkeys(
        (*_row("row1", "rstudent", "dffits", "cook_d", "cov_r", "hat"), "cooks_ablat[11]", "cooks_ablat[12]"), EARLY
    ),
    "47_permutest_exact": dict.fromkeys(_range("follmann_ci", 2), ROOT),
}


@dataclass(frozen=True)
class Printed:
    """One printed number: `status` is agrees, otherwise (known, `reason` says why), out_of_scope, or wrong."""

    case: str
    path: str
    printed: float
    decimals: int
    at: str
    got: float | None
    status: str
    reason: str = ""


def source(case: str) -> str:
    """Where the printed numbers of a case come from."""
    return (oracle.expected(case)["published"] or {}).get("source", "")


def printed(case: str) -> Iterator[Printed]:
    """Every printed number of a case, beside its recomputed value."""
    block = {k: v for k, v in (oracle.expected(case)["published"] or {}).items() if k not in ("source", "note")}
    where = dict(oracle.leaves(WHERE.get(case, {})))
    for path, value in oracle.leaves(block):
        at = where.get(path, "")
        decimals = next((d for (c, p), d in _by_length() if c == case and path.startswith(p)), DECIMALS)
        root, leaf = at.startswith("sqrt:"), at.removeprefix("sqrt:")
        got = oracle.recomputed(case).get(leaf)
        got = math.sqrt(got) if root and got is not None else got
        yield Printed(case, path, value, decimals, at, got, *_judge(case, path, value, decimals, leaf, got))


def _judge(case, path, value, decimals, leaf, got) -> tuple[str, str]:
    if reason := oracle.match(oracle.RECIPES[case].out_of_scope, leaf):
        return "out_of_scope", reason
    if not leaf or got is None:
        return "wrong", "no recomputed leaf"
    known = OTHERWISE.get(case, {}).get(path)
    if abs(got - value) <= 0.5 * 10.0**-decimals * (1 + 1e-6):
        return ("wrong", f"agrees, although listed: {known}") if known else ("agrees", "")
    if known and math.isclose(got, value, rel_tol=CLOSE[0], abs_tol=CLOSE[1]):
        return "otherwise", known
    return "wrong", "differs at printed precision"


def _by_length():
    return sorted(PRINTED_DECIMALS.items(), key=lambda item: -len(item[0][1]))
