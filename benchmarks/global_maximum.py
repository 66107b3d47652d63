"""Whether every fit is the highest maximum of its likelihood: random data sets against brute force on a fine grid.

    python -m benchmarks.global_maximum            # 100,000 sets each for REML and ML; about twenty minutes
    python -m benchmarks.global_maximum --share 0.01

A failure is a log-likelihood that is lower than the best of the refined grid by more than 1e-8. Half of the variances
differ by factors up to 100 or 10,000; a quarter of the sets has a moderator. Seeded: the same sets at every run.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402 - the number of threads is read when numpy is loaded
from tests import likelihood  # noqa: E402

from reanalysis import meta  # noqa: E402

SEED = 20261128
LOST = 1e-8
SIZES = (2, 3, 4, 5, 7, 10, 14, 20, 28, 40)


class Count:
    """Failures of one kind of fit."""

    def __init__(self, name: str):
        self.name, self.sets, self.lower, self.open, self.worst = name, 0, 0, 0, 0.0

    def add(self, best, reached, converged) -> None:
        lost = np.atleast_1d(best - reached)
        self.sets += len(lost)
        self.lower += int((lost > LOST).sum())
        self.open += int((~np.atleast_1d(converged)).sum())
        self.worst = max(self.worst, float(lost.max()))

    def row(self) -> str:
        return f"| {self.name} | {self.sets:,} | {self.lower} | {self.open} | {self.worst:.1e} |"


def independent_effects(share: float) -> Iterator[Count]:
    """`fit_many` and `fit`, REML and ML."""
    for method in ("REML", "ML"):
        rng = np.random.default_rng(SEED)
        batch, single = Count(f"`fit_many`, {method}"), Count(f"`fit`, {method}")
        for variances in likelihood.VARIANCES:
            for k in SIZES:
                for moderators, sets in ((0, 1500), (1, 500)) if k > 2 else ((0, 2000),):
                    sets = max(1, round(share * sets))
                    yi, vi = likelihood.random_sets(rng, variances, sets, k)
                    x = np.column_stack([np.ones(k), *rng.normal(size=(moderators, k))])
                    mods, restricted = (x[:, 1] if moderators else None), method == "REML"
                    best = likelihood.highest(yi, vi, x, restricted=restricted, points=600)

                    def reached(tau2, yi=yi, vi=vi, x=x, restricted=restricted):
                        return likelihood.log_likelihood(yi, vi, x, tau2, restricted=restricted)

                    many = meta.fit_many(yi, vi, mods, method=method)
                    batch.add(best, reached(many.tau2), many.converged)
                    fits = [meta.fit(y, v, mods, method=method) for y, v in zip(yi, vi, strict=True)]
                    one_by_one = np.array([f.tau2 for f in fits])
                    single.add(best, reached(one_by_one), np.array([f.converged for f in fits]))
        yield from (batch, single)


def several_levels(share: float, levels: int) -> Iterator[Count]:
    """`fit_multilevel` with one factor, or with effects in samples."""
    rng = np.random.default_rng(SEED + levels)
    counts = {
        method: Count(f"`fit_multilevel`, {levels - 1} factor{'s'[levels < 3 :]}, {method}")
        for method in ("REML", "ML")
    }
    names = list(likelihood.VARIANCES)
    for i in range(round(2000 * share)):
        sample = np.repeat(np.arange(size := rng.integers(2, 7)), rng.integers(1, 4, size))
        if levels > 2 and len(sample) == size:
            sample = np.repeat(np.arange(size), 2)
        k = len(sample)
        vi = likelihood.VARIANCES[names[i % len(names)]](rng, k)
        between = rng.choice(likelihood.TAU) * rng.normal(size=size)[sample]
        yi = between + rng.normal(size=k) * np.sqrt(vi + rng.choice(likelihood.TAU) ** 2)
        factors = {"effect": np.arange(k)} if levels < 3 else {"sample": sample, "effect": np.arange(k)}
        for method, count in counts.items():
            f = meta.fit_multilevel(yi, vi, random=factors, method=method)
            labels, restricted = list(factors.values()), method == "REML"
            best = likelihood.highest_multilevel(
                yi, vi, labels, restricted=restricted, points=40 if levels > 2 else 400
            )
            reached = likelihood.multilevel_log_likelihood(yi, vi, labels, f.sigma2[None], restricted=restricted)
            count.add(best, reached, f.converged)
    yield from counts.values()


def all_evidence(share: float) -> Iterator[Count]:
    """`all_evidence` on mixed findings, and on exact ones, where it is `fit(method="ML")`."""
    rng = np.random.default_rng(SEED)
    mixed = Count("`all_evidence`, mixed")
    for _ in range(round(2000 * share)):
        n = int(rng.choice([10, 20, 50]))
        columns = likelihood.random_evidence(rng, rng.integers(3, 13), n)
        a = meta.all_evidence(*columns, n1i=n, n2i=n)
        mixed.add(likelihood.highest_evidence(*columns, n), a.loglik, a.converged)
    exact = Count("`all_evidence`, all exact")
    for variances in likelihood.VARIANCES:
        for k in SIZES:
            yi, vi = likelihood.random_sets(rng, variances, max(1, round(40 * share)), k)
            fits = [meta.all_evidence(y, v, np.nan, np.nan) for y, v in zip(yi, vi, strict=True)]
            reached, converged = np.array([(f.loglik, f.converged) for f in fits]).T
            exact.add(likelihood.highest(yi, vi, np.ones((k, 1)), restricted=False, points=600), reached, converged > 0)
    yield from (mixed, exact)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0, help="part of the data sets to look at")
    share = parser.parse_args().share
    print("| fit | data sets | lower maxima | not converged | largest loss |\n|---|--:|--:|--:|--:|", flush=True)
    for counts in (several_levels(share, 2), several_levels(share, 3), all_evidence(share), independent_effects(share)):
        for count in counts:
            print(count.row(), flush=True)


if __name__ == "__main__":
    main()
