"""Take published data sets, hide most of their numbers, and compare the all-evidence model with the full analysis.

Run `python benchmarks/coarsen_published_data.py`: it rewrites docs/all-evidence-published.csv. Which studies stay exact
is drawn anew 50 times with a fixed seed; the table shows medians over the draws.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from reanalysis.effects import smd, zcor
from reanalysis.meta import fit
from reanalysis.meta.evidence import Evidence, Sampling, sampling
from reanalysis.meta.evidence_fit import estimate

ROOT = Path(__file__).resolve().parents[1]
DRAWS, SEED = 50, 7
SHARE_EXACT = 0.2


def data_sets() -> Iterator[tuple[str, np.ndarray, np.ndarray, Sampling]]:
    """Name, effects, variances, sample sizes."""
    d = column_table("18_rma_raudenbush1985")
    yield "Raudenbush 1985, teacher expectancy (g)", d["yi"], d["vi"], sampling("SMD", n1i=d["n1i"], n2i=d["n2i"])
    d = column_table("03_es_two_group_means_normand1999")
    effects = smd(d["m1i"], d["sd1i"], d["n1i"], d["m2i"], d["sd2i"], d["n2i"])
    yield "Normand 1999, length of stay (g)", *effects, sampling("SMD", n1i=d["n1i"], n2i=d["n2i"])
    d = column_table("24_rma_curtis1998_rom")
    effects = smd(d["m1i"], d["sd1i"], d["n1i"], d["m2i"], d["sd2i"], d["n2i"])
    yield "Curtis 1998, plants under CO2 (g)", *effects, sampling("SMD", n1i=d["n1i"], n2i=d["n2i"])
    d = column_table("05_es_correlations")
    yield "McDaniel 1994, interviews (Fisher's z)", *zcor(d["ri"], d["ni"]), sampling("ZCOR", ni=d["ni"])
    for case, name in (
        ("13_rma_methods_bcg", "Colditz 1994, BCG (log RR)"),
        ("26_rma_hackshaw1998", "Hackshaw 1998 (log OR)"),
    ):
        yield name, *log_ratios(case)


def log_ratios(case: str) -> tuple[np.ndarray, np.ndarray, Sampling]:
    """Log ratios; their normal distribution is that of a Fisher's z from 1 / vi + 3 people."""
    d = column_table(case)
    if "yi" in d:
        yi, vi = d["yi"], d["vi"]
    else:
        tpos, tneg, cpos, cneg = (d[name] for name in ("tpos", "tneg", "cpos", "cneg"))
        yi = np.log(tpos / (tpos + tneg)) - np.log(cpos / (cpos + cneg))
        vi = 1 / tpos - 1 / (tpos + tneg) + 1 / cpos - 1 / (cpos + cneg)
    size = sampling("ZCOR", ni=1 / vi + 3)
    return yi, vi, size._replace(significant=1.959964 * np.sqrt(vi))


def column_table(case: str) -> dict[str, np.ndarray]:
    with (ROOT / "tests" / "golden" / "cases" / case / "input.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    def numbers(name: str) -> np.ndarray | None:
        try:
            return np.array([float(row[name]) for row in rows])
        except ValueError:
            return None

    return {name: values for name in rows[0] if (values := numbers(name)) is not None}


def coarsened(yi, vi, size: Sampling, kind: str, rng: np.random.Generator) -> Evidence:
    """DRAWS times: a fifth of the studies exact, the others by significance or direction."""
    yi, vi = (np.broadcast_to(x, (DRAWS, len(yi))) for x in (yi, vi))
    rank = np.argsort(rng.random(yi.shape), axis=1)
    exact = rank < max(1, round(SHARE_EXACT * yi.shape[1]))
    bound = np.broadcast_to(0.0 if kind == "direction" else size.significant, yi.shape)
    beyond = np.abs(yi) >= bound
    lb = np.where(beyond, np.where(yi > 0, bound, -np.inf), -bound)
    ub = np.where(beyond, np.where(yi > 0, np.inf, -bound), bound)
    return Evidence.of(
        np.where(exact, yi, np.nan),
        np.where(exact, vi, np.nan),
        np.where(exact, np.nan, lb),
        np.where(exact, np.nan, ub),
        size,
    )


def rows() -> Iterator[dict]:
    rng = np.random.default_rng(SEED)
    for name, yi, vi, size in data_sets():
        full = fit(yi, vi)
        yield row(
            name, len(yi), "full analysis (REML, Knapp-Hartung)", full.beta, full.ci_lb, full.ci_ub, full.tau2, full
        )
        for kind in ("significance", "direction"):
            e = estimate(coarsened(yi, vi, size, kind, rng))
            label = f"a fifth exact, the rest {kind} only"
            yield row(name, len(yi), label, e.est, e.ci_lb, e.ci_ub, e.tau2, full)


def row(data: str, k: int, what: str, est, ci_lb, ci_ub, tau2, full) -> dict:
    """Medians over the draws; `holds_full` is the share of intervals that hold the estimate of the full analysis."""
    tau = np.sqrt(np.atleast_1d(tau2))
    return {
        "data": data,
        "k": k,
        "known": what,
        "est": f"{np.median(est):.3f}",
        "ci_lb": f"{np.median(ci_lb):.3f}",
        "ci_ub": f"{np.median(ci_ub):.3f}",
        "tau": f"{np.median(tau):.3f}",
        "est_10": f"{np.quantile(est, 0.1):.3f}",
        "est_90": f"{np.quantile(est, 0.9):.3f}",
        "holds_full": f"{np.mean((ci_lb <= full.beta[0]) & (full.beta[0] <= ci_ub)):.2f}",
    }


if __name__ == "__main__":
    table = list(rows())
    with (ROOT / "docs" / "all-evidence-published.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, table[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
