"""Simulate meta-analyses with incomplete reporting, and see how well the all-evidence model recovers what was put in.

Run `python benchmarks/simulate_all_evidence.py`: it rewrites docs/all-evidence-simulation.csv and the figure
docs/all-evidence-simulation.svg and .png. Same numbers at every run.

Every study has two groups of 12 to 50 people; its true effect is normal around mu with standard deviation tau; its t is
drawn from the non-central t itself, and g and its variance are computed from that. Then the study is reported in full,
by its significance (and direction, where significant), or by its direction alone.
"""

import csv
import math
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np

from reanalysis.effects import smd_from_t
from reanalysis.figures import style
from reanalysis.meta import fit_many
from reanalysis.meta.evidence import Evidence, Sampling, sampling
from reanalysis.meta.evidence_bayes import Priors, posterior
from reanalysis.meta.evidence_fit import Estimates, estimate, likelihood_ratio
from reanalysis.numeric import norm_cdf, t_critical

SEED = 20240
SETS = 800
DOCS = Path(__file__).resolve().parents[1] / "docs"

CENSORING = {"mixed": 0.75, "significance": 1.0, "direction": 0.0}
"""Share of the incompletely reported studies of which the significance is known, not the direction alone."""
RANDOM, EXACT_IF_SIGNIFICANT, SILENT = "at random", "exact if significant", "silent if not significant"
PREFERENCE = 4.0
"""How much sooner a significant study is reported in full, under EXACT_IF_SIGNIFICANT."""
OMEGA = 0.5
"""Chance of a non-significant study to be reported at all, under SILENT."""


FEW = 5
"""Studies below which the posterior with the priors of the claims is looked at, too."""


class Setting(NamedTuple):
    reporting: str
    censoring: str
    k: int
    tau: float
    mu: float
    share_exact: float


class Studies(NamedTuple):
    """Complete data, (B, k), and how much of each study is reported."""

    yi: np.ndarray
    vi: np.ndarray
    size: Sampling
    exact: np.ndarray
    direction: np.ndarray

    @property
    def significant(self) -> np.ndarray:
        return np.abs(self.yi) > self.size.significant

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """What significance or direction alone says of the effect."""
        bound = np.where(self.direction, 0.0, self.size.significant)
        beyond = self.direction | self.significant
        lb = np.where(beyond, np.where(self.yi > 0, bound, -np.inf), -bound)
        ub = np.where(beyond, np.where(self.yi > 0, np.inf, -bound), bound)
        return lb, ub

    def evidence(self, omega: float = 1.0) -> Evidence:
        lb, ub = self.bounds()
        hidden = ~self.exact
        yi, vi = np.where(hidden, np.nan, self.yi), np.where(hidden, np.nan, self.vi)
        return Evidence.of(yi, vi, np.where(hidden, lb, np.nan), np.where(hidden, ub, np.nan), self.size, omega=omega)


class Result(NamedTuple):
    est: np.ndarray
    ci_lb: np.ndarray
    ci_ub: np.ndarray


def settings() -> Iterator[Setting]:
    ks, taus = (5, 8, 20), (0.0, 0.15, 0.3)
    yield from (Setting(RANDOM, "mixed", *rest) for rest in product(ks, taus, (0.0, 0.5), (0.2, 0.5, 1.0)))
    for censoring in ("significance", "direction"):
        yield from (Setting(RANDOM, censoring, *rest) for rest in product(ks, taus, (0.5,), (0.2, 0.5)))
    for reporting in (EXACT_IF_SIGNIFICANT, SILENT):
        yield from (Setting(reporting, "mixed", *rest) for rest in product(ks, taus, (0.5,), (0.2, 0.5)))
    # the fewest, where an answer rests on the prior as much as on the data
    yield from (Setting(RANDOM, "mixed", *rest) for rest in product((2, 3), taus, (0.0, 0.5), (0.2, 0.5, 1.0)))


def draw(s: Setting, rng: np.random.Generator) -> Studies:
    pool = 8 * s.k if s.reporting == SILENT else s.k
    n1i, n2i = rng.integers(12, 51, (2, SETS, pool))
    theta = s.mu + s.tau * rng.standard_normal((SETS, pool))
    df = n1i + n2i - 2
    t = (rng.standard_normal(df.shape) + theta / np.sqrt(1 / n1i + 1 / n2i)) / np.sqrt(rng.chisquare(df) / df)
    yi, vi = smd_from_t(t, n1i, n2i)
    significant = np.abs(yi) > sampling("SMD", n1i=n1i, n2i=n2i).significant
    if s.reporting == SILENT:  # the first k that were reported
        reported = significant | (rng.random(yi.shape) < OMEGA)
        first = np.argsort(~reported, axis=1, kind="stable")[:, : s.k]
        n1i, n2i, yi, vi, significant = (np.take_along_axis(x, first, axis=1) for x in (n1i, n2i, yi, vi, significant))
    preference = PREFERENCE if s.reporting == EXACT_IF_SIGNIFICANT else 1.0
    rank = np.argsort(
        np.argsort(-(rng.random(yi.shape) ** (1 / np.where(significant, preference, 1.0))), axis=1), axis=1
    )
    k_exact = max(1, round(s.share_exact * s.k))
    k_significance = round(CENSORING[s.censoring] * (s.k - k_exact))
    size = sampling("SMD", n1i=n1i, n2i=n2i)
    return Studies(yi, vi, size, rank < k_exact, rank >= k_exact + k_significance)


def analyses(studies: Studies, s: Setting) -> Iterator[tuple[str, Result, dict[str, float]]]:
    """Each method, its results, and what else is known of it."""
    yield "complete data", classical(studies.yi, studies.vi, np.ones_like(studies.exact)), {}
    yield "exact only", classical(studies.yi, studies.vi, studies.exact), {}
    plugged = np.where(studies.significant, np.sign(studies.yi) * studies.size.significant, 0.0)
    yi = np.where(studies.exact, studies.yi, plugged)
    contrast = studies.size.contrast
    vi = np.where(studies.exact, studies.vi, contrast.error + yi**2 / (2 * contrast.total))
    yield "ns = 0, p < .05 = .05", classical(yi, vi, ~studies.direction), {}

    evidence = studies.evidence()
    e = estimate(evidence)
    yield "all evidence", Result(e.est, e.ci_lb, e.ci_ub), {"pi_coverage": prediction(e, s), **plain(evidence, e, s)}
    priors = Priors(*(np.full(evidence.n_sets, value) for value in (0.0, 2.0, 0.5)))
    p = posterior(evidence, priors, points=(41, 17))
    yield "all evidence, Bayes", Result(p.mean_sd()[0], p.mu_quantile(0.025), p.mu_quantile(0.975)), {}
    if s.k < FEW:
        priors = Priors(*(np.full(evidence.n_sets, value) for value in (0.0, 0.5, 0.5)))
        p = posterior(evidence, priors, points=(41, 17))
        yield "posterior of the claims", Result(p.mu_quantile(0.5), p.mu_quantile(0.025), p.mu_quantile(0.975)), {}
    if s.reporting == SILENT:
        e = estimate(studies.evidence(OMEGA))
        yield "all evidence, omega known", Result(e.est, e.ci_lb, e.ci_ub), {}


def classical(yi: np.ndarray, vi: np.ndarray, use: np.ndarray) -> Result:
    """REML with Knapp-Hartung intervals; a single study stands alone."""
    fitted = fit_many(yi, vi, mask=use, method="REML", test="knha")
    return Result(fitted.beta[:, 0], fitted.ci_lb[:, 0], fitted.ci_ub[:, 0])


def plain(evidence: Evidence, e: Estimates, s: Setting) -> dict[str, float]:
    """Coverage of the same interval with the usual chi-square threshold."""
    ratio, _ = likelihood_ratio(evidence, e.loglik, np.full_like(e.est, s.mu))
    return {"chi2_coverage": float(np.mean(ratio <= t_critical(0.95) ** 2))}


def prediction(e: Estimates, s: Setting) -> float:
    """Chance of a new true effect to lie in the prediction interval."""
    spread = t_critical(0.95, np.maximum(e.k_eff - 1, 1)) * np.sqrt(e.tau2 + e.se**2)
    low, high = e.est - spread - s.mu, e.est + spread - s.mu
    if s.tau == 0:
        return float(np.mean((low < 0) & (high > 0)))
    return float(np.mean(norm_cdf(high / s.tau) - norm_cdf(low / s.tau)))


def row(s: Setting, method: str, r: Result, more: dict[str, float], complete_width: float) -> dict:
    known = np.isfinite(r.est)
    width = float(np.median(r.ci_ub - r.ci_lb))
    return {
        **s._asdict(),
        "method": method,
        "bias": f"{np.mean(r.est[known]) - s.mu:.3f}",
        "rmse": f"{math.sqrt(np.mean((r.est[known] - s.mu) ** 2)):.3f}",
        "coverage": f"{np.mean((r.ci_lb <= s.mu) & (s.mu <= r.ci_ub)):.3f}",
        "median_width": f"{width:.3f}",
        "relative_width": f"{width / complete_width:.2f}",
        **{name: f"{more[name]:.3f}" if name in more else "" for name in ("chi2_coverage", "pi_coverage")},
    }


def simulate() -> list[dict]:
    rows = []
    for seed, s in zip(np.random.SeedSequence(SEED).spawn(1000), settings(), strict=False):
        results = list(analyses(draw(s, np.random.default_rng(seed)), s))
        complete = results[0][1]
        complete_width = float(np.median(complete.ci_ub - complete.ci_lb))
        rows += [row(s, method, r, more, complete_width) for method, r, more in results]
    return rows


def figure(rows: list[dict]):
    """Coverage, width and bias by k, tau and the share of exact effects (mu = 0.5, mixed censoring at random)."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    methods = {
        "complete data": (style.INK, "o"),
        "all evidence": (style.BLUE, "s"),
        "all evidence, Bayes": (style.SKY, "D"),
        "exact only": (style.ORANGE, "^"),
        "ns = 0, p < .05 = .05": (style.SAND, "v"),
    }
    taus, shares, ks = (0.0, 0.15, 0.3), (0.5, 0.2), (5, 8, 20)
    places = list(product(shares, taus))
    at = np.array([0, 1, 2, 3.5, 4.5, 5.5])
    quantities = (
        ("coverage", "coverage of the 95 % interval", (0.2, 1.03)),
        ("relative_width", "width relative to complete data", (0.4, 40)),
        ("bias", "bias (mu = 0.5)", (-0.25, 0.15)),
    )
    chosen = {
        (int(r["k"]), float(r["share_exact"]), float(r["tau"]), r["method"]): r
        for r in rows
        if (r["reporting"], r["censoring"], float(r["mu"])) == (RANDOM, "mixed", 0.5)
    }
    with mpl.rc_context(style.RC):
        fig = Figure(figsize=(180 * style.MM, 165 * style.MM), facecolor=style.PAPER)
        axes = fig.subplots(3, 3, sharex=True, sharey="row")
        for (name, label, limits), line in zip(quantities, axes, strict=True):
            for k, ax in zip(ks, line, strict=True):
                if name == "coverage":
                    ax.axhspan(0.93, 0.97, color=style.FAINT, alpha=0.6, lw=0)
                    ax.set_title(f"k = {k}", fontsize=style.HEAD)
                elif name == "bias":
                    ax.axhline(0, color=style.FAINT, lw=0.8)
                    for middle, share in zip(at[[1, 4]], shares, strict=True):
                        text = f"tau, {100 * share:.0f} % exact"
                        ax.text(middle, -0.17, text, transform=ax.get_xaxis_transform(), ha="center", va="top")
                else:
                    ax.set_yscale("log")
                    ax.set_yticks([0.5, 1, 2, 5, 10, 20], ["0.5", "1", "2", "5", "10", "20"])
                    ax.minorticks_off()
                for (method, (colour, marker)), shift in zip(methods.items(), np.linspace(-0.3, 0.3, 5), strict=True):
                    y = [float(chosen[k, share, tau, method][name]) for share, tau in places]
                    ax.plot(at + shift, y, marker, color=colour, ms=4.2, mec="white", mew=0.4, label=method)
                ax.set_ylim(*limits)
                ax.set_xticks(at, [f"{tau:g}" for _, tau in places])
            line[0].set_ylabel(label)
        fig.align_ylabels(axes[:, 0])
        handles, labels = axes[0, 0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="lower center", ncol=5, frameon=False)
        fig.subplots_adjust(left=0.085, right=0.99, top=0.955, bottom=0.115, wspace=0.06, hspace=0.1)
    return fig


def main() -> None:
    path = DOCS / "all-evidence-simulation.csv"
    table = simulate()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, table[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
    style.save(figure(table), path.with_suffix(""), ["svg", "png"])


if __name__ == "__main__":
    main()
