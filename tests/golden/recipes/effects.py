"""Effect sizes: cases 01, 02, 03, 05, 06 and 11."""

import math

import numpy as np

from reanalysis import effects as es
from reanalysis import meta
from reanalysis.numeric import norm_two_sided_p, t_critical
from tests.golden.oracle import recipe

NO_COUNTS = "the evidence has odds ratios and risks only: other 2 x 2 measures have no finding to serve"
NO_PROPORTIONS = "the evidence has no single proportions, rates or reliabilities"
WORDING = "the wording of R's message: here a ValueError says what to do, asserted in the unit tests"


def pair(effect: es.EffectSize) -> dict:
    return {"yi": np.atleast_1d(effect.yi), "vi": np.atleast_1d(effect.vi)}


def by_row(function, *columns, **options) -> dict:
    """One call per row; a row that is refused with a ValueError is nan, where R has NA."""
    rows = []
    for row in zip(*columns, strict=True):
        try:
            rows.append(function(*row, **options))
        except ValueError:
            rows.append(es.EffectSize(math.nan, math.nan))
    return pair(es.EffectSize(*map(np.array, zip(*rows, strict=True))))


def rma(fit: meta.Fit) -> dict:
    """A fit under the names of the reference results."""
    same = ("method", "test", "k", "p", "beta", "se", "stat", "pval", "ci_lb", "ci_ub", "vb", "tau2", "se_tau2")
    same += ("I2", "H2", "vt", "QE", "QEp", "QM", "QMp")
    result = {name: getattr(fit, name) for name in same}
    return result | {"names": ["intrcpt"], "ddf": [None], "QMdf": [fit.QM_df, None], "fit": fit.fit_stats}


@recipe(
    "01_es_2x2_bcg",
    out_of_scope={r"^(handbook_table13_4\.)?(AS|PETO|YUQ|YUY|RTET|PBIT)\.": NO_COUNTS},
)
def es_2x2_bcg(inputs, expected):
    d = inputs["input"]
    cells = [d[name] for name in ("tpos", "tneg", "cpos", "cneg")]

    def converted(cells):
        odds = es.log_or(*cells)
        d_logistic = es.smd_from_log_or(*odds)
        return {
            "PHI": pair(es.phi(*cells)),
            "OR2D": pair(d_logistic),
            "OR2DL": pair(d_logistic),
            "OR2DN": pair(es.smd_from_log_or(*odds, distribution="normal")),
        }

    rr = es.log_rr(*cells)
    half = t_critical(0.95) * rr.sei
    a, b, c, d = cells
    n1, n2 = a + b, c + d
    return converted(cells) | {
        "RR": pair(rr),
        "OR": pair(es.log_or(*cells)),
        "RD": pair(es.rd(*cells)),
        "PHI_vtype_ST_CS": {v: pair(es.phi(*cells, vtype=v)) for v in ("ST", "CS")},
        "summary_RR": {
            "sei": rr.sei,
            "zi": rr.yi / rr.sei,
            "pval": norm_two_sided_p(rr.yi / rr.sei),
            "ci_lb": rr.yi - half,
            "ci_ub": rr.yi + half,
        },
        "RR_from_n": pair(es.log_rr(a, n1 - a, c, n2 - c)),
        "handbook_table13_4": {
            name: {key: float(value[0]) for key, value in result.items()}
            for name, result in converted((135, 15, 40, 10)).items()
        },
    }


@recipe(
    "02_es_2x2_zero_cells",
    out_of_scope={r"^(AS|PETO|YUQ|YUY)_": NO_COUNTS, r"warnings": WORDING},
)
def es_2x2_zero_cells(inputs, expected):
    columns = [inputs["input"][name] for name in ("ai", "bi", "ci", "di")]
    results = {}
    for measure, function in {"RR": es.log_rr, "OR": es.log_or, "RD": es.rd}.items():
        for to in ("only0", "all", "if0all", "none"):
            for name, drop00 in (("keep00", False), ("drop00", True)):
                options = {"to": to, "drop00": drop00}
                value = by_row(function, *columns, **options) if to == "none" else pair(function(*columns, **options))
                results[f"{measure}_{to}_{name}"] = {"value": value}
    odds = es.log_or(*columns, drop00=True)
    return results | {
        "OR_add1_only0": {"value": pair(es.log_or(*columns, add=1))},
        "rma_REML_OR_drop00": {"value": rma(meta.fit(*odds, method="REML", test="z"))},
    }


@recipe(
    "03_es_two_group_means_normand1999",
    out_of_scope={
        r"^(vtype\.)?(RPB|RBIS)": "the evidence has no correlation with a dichotomy; group contrasts stay differences",
        r"^vtype\.(MD|ROM)_(AV)?HO": "variances are never assumed equal for MD and ROM: the SD of a concentration "
        "grows with its mean",
        r"^J_approx": "only the exact J is used",
        r"warnings": WORDING,
    },
)
def es_two_group_means(inputs, expected):
    d = inputs["input"]
    _, sd1, n1, _, sd2, n2 = six = [d[name] for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")]
    g = es.smd(*six)
    cohen = es.smd(*six, correct=False)
    logistic = es.log_or_from_smd(*cohen)  # the case converts d, not g
    n1_small, n2_small = np.array([2, 3, 5, 2]), np.array([2, 2, 4, 3])
    return {
        "MD": pair(es.md(*six)),
        "SMD": pair(g),
        "SMDH": pair(es.smdh(*six)),
        "SMD1": pair(es.smd1(*six)),
        "SMD1H": pair(es.smd1h(*six)),
        "ROM": pair(es.rom(*six)),
        "CVR": pair(es.cvr(*six)),
        "VR": pair(es.vr(sd1, n1, sd2, n2)),
        "D2OR": pair(logistic),
        "D2ORL": pair(logistic),
        "D2ORN": pair(es.log_or_from_smd(*cohen, distribution="normal")),
        "vtype": {f"SMD_{v}": pair(es.smd(*six, vtype=v)) for v in ("LS", "LS2", "UB", "AV")}
        | {f"ROM_{v}": pair(es.rom(*six, vtype=v)) for v in ("LS", "AV")}
        | {"MD_LS": pair(es.md(*six))},
        "uncorrected": {
            "SMD": {"value": pair(cohen)},
            "SMDH": {"value": pair(es.smdh(*six, correct=False))},
            "ROM": {"value": pair(es.rom(*six, correct=False))},
        },
        "J_exact": es.hedges_j(n1 + n2 - 2),
        "cohens_d": cohen.yi,
        "SMD_from_d": {"value": pair(es.smd_from_d(cohen.yi, n1, n2))},
        "SMD_from_t": {"value": pair(es.smd_from_t(cohen.yi / np.sqrt(1 / n1 + 1 / n2), n1, n2))},
        "J_small_n": {
            "df": n1_small + n2_small - 2,
            "SMD": {"value": pair(es.smd(1, 1, n1_small, 0, 1, n2_small))},
        },
    }


@recipe(
    "05_es_correlations",
    out_of_scope={r"error|warnings": WORDING},
    differs={
        r"^edge_n3\.value\.yi\[0\]": "a correlation of three people is refused: it has no variance to weigh it by"
    },
)
def es_correlations(inputs, expected):
    ri, ni = inputs["input"]["ri"], inputs["input"]["ni"]
    n, t, mi, r2 = (inputs["input2"][name] for name in ("n", "tval", "preds", "R2"))
    partial = es.r_from_t(t, n - mi - 1)
    results = {
        "COR": pair(es.cor(ri, ni)),
        "UCOR": pair(es.ucor(ri, ni)),
        "ZCOR": pair(es.zcor(ri, ni)),
        "PCOR": pair(es.pcor(partial, n, mi)),
        "ZPCOR": pair(es.zpcor(partial, n, mi)),
        "SPCOR": pair(es.spcor(t, n, mi, r2)),
        "edge_r": {"value": by_row(es.zcor, (-1, 1, 0.999999, 0, math.nan), (10, 10, 10, 4, 20))},
        "edge_n3": {"value": by_row(es.zcor, (0.5, 0.2), (3, 4))},
    }
    results |= {f"COR_{v}": {"value": pair(es.cor(ri, ni, vtype=v))} for v in ("LS", "AV")}
    return results | {f"UCOR_{v}": {"value": pair(es.ucor(ri, ni, vtype=v))} for v in ("LS", "UB", "AV")}


@recipe("06_es_change_morris2008")
def es_change(inputs, expected):
    table = inputs["input"]

    def column(name, group=None):
        return table[name] if group is None else table[name][table["group"] == group]

    def all_measures(m1, m2, sd1, sd2, ni, ri):
        """`sd1` is the SD after, `sd2` before; SMCR standardizes by the latter."""
        six = (m1, m2, sd1, sd2, ni, ri)
        names = ("mc", "smcc", "smcrh", "romc", "cvrc")
        return {name.upper(): getattr(es, name)(*six) for name in names} | {
            "VRC": es.vrc(sd1, sd2, ni, ri),
            "SMCR": es.smcr(m1, m2, sd2, ni, ri),
            "SMCR_UB": es.smcr(m1, m2, sd2, ni, ri, vtype="UB"),
            "SMCC_UB": es.smcc(*six, vtype="UB"),
        }

    names = ("m_post", "m_pre", "sd_post", "sd_pre", "ni", "ri")
    measures = {group: all_measures(*(column(name, group) for name in names)) for group in (None, "T", "C")}
    treated, control = measures["T"], measures["C"]
    after = {g: es.Cell(column("m_post", g), column("sd_post", g), column("ni", g)) for g in "TC"}
    before = {g: es.Cell(column("m_pre", g), column("sd_pre", g), column("ni", g)) for g in "TC"}
    dppc2 = es.smcr_interaction(after["T"], before["T"], column("ri", "T"), after["C"], before["C"], column("ri", "C"))
    return {name: pair(effect) for name, effect in measures[None].items()} | {
        "dppc1_diff_SMCR": pair(es.difference(treated["SMCR"], control["SMCR"])),
        "diff_SMCC": pair(es.difference(treated["SMCC"], control["SMCC"])),
        "dppc2": pair(dppc2),
        "single": {
            name: pair(effect) for name, effect in all_measures(26, 22, math.sqrt(30), math.sqrt(20), 60, 0.7).items()
        },
        "rma_dppc2_DL": rma(meta.fit(*dppc2, method="DL", test="z")),
    }


@recipe(
    "11_es_transformations",
    tolerance={r"_int": (1e-6, 1e-9)},
    out_of_scope={
        r"^(i?logit|ilogit_int|i?arcsin|i?pft|isqrt|iabt|iahw)(\[|$)": NO_PROPORTIONS,
        r"^(dtou1|dtou2|dtobesd)": "g is explained to readers by U3 and the probability of superiority alone",
    },
)
def es_transformations(inputs, expected):
    x = inputs["input"]["x"]
    return {
        "rtoz": es.rtoz(np.tanh(x)),
        "ztor": es.ztor(x),
        "dtou3": es.dtou3(x),
        "dtocles": es.dtocles(x),
        "dtorpb": es.dtorpb(x),
        "dtorpb_n": es.dtorpb(x),  # the case passes group sizes where that function does not look for them
        "dtomd": es.dtomd(x, 2.5),
        "logittod": es.smd_from_log_or(x, 1).yi,
        "ztor_int": es.ztor_int(x, 0.1),
        "exp_int": es.exp_int(x, 0.1),
    }
