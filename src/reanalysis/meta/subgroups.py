"""Subgroup analysis: one model for each level of a grouping, and the test that they agree."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta.columns import labels, numbers, variances
from reanalysis.meta.univariate import Fit, fit


class Subgroups(NamedTuple):
    """One `Fit` for each level, in the order of `levels`; Q between them with its degrees of freedom and p value.

    `notes` says if rows without a level were left out.
    """

    levels: tuple[str, ...]
    fits: tuple[Fit, ...]
    QB: float
    QB_df: int
    QBp: float
    notes: tuple[str, ...]


def subgroups(yi, vi=None, group=None, *, sei=None, **options) -> Subgroups:
    """Fit each level of `group` on its own, with its own tau2, and compare the averages.

    Q between is that of `q_between`, which knows no Knapp-Hartung adjustment whatever the test of the levels. For a
    common tau2 use `fit` with `indicators` as moderators and look at QM. `sei` stands in place of `vi`; `options` go to
    `fit`. Rows whose group is missing are left out, and noted.

    Raises ValueError for columns that are not equally long, and fewer than two levels.
    """
    if group is None:
        raise ValueError("subgroups needs group, the level of each effect")
    yi, vi = numbers(yi, "yi"), variances(vi, sei)
    group, missing = labels(group, "group")
    if not yi.shape == vi.shape == group.shape:
        raise ValueError(f"yi, vi and group must be equally long, got {yi.shape}, {vi.shape}, {group.shape}")
    levels = np.unique(group[~missing])
    if len(levels) < 2:
        raise ValueError("a comparison needs at least two subgroups")
    rows = [(group == level) & ~missing for level in levels]
    fits = tuple(fit(yi[own], vi[own], **options) for own in rows)
    plain = fits if options.get("test") == "z" else [fit(yi[own], vi[own], **options | {"test": "z"}) for own in rows]
    QB, df, pval = q_between([f.beta[0] for f in plain], [f.vb[0, 0] for f in plain])
    notes = (f"{missing.sum()} of {len(yi)} rows have no group and are left out",) if missing.any() else ()
    return Subgroups(tuple(str(level) for level in levels), fits, QB, df, pval, notes)


def q_between(averages: Sequence[float], variances: Sequence[float]) -> tuple[float, int, float]:
    """Heterogeneity of the averages of (levels,), weighted by their inverse variances: Q, degrees of freedom and p.

    It is referred to chi-square with (levels - 1) degrees of freedom (Borenstein, Hedges, Higgins & Rothstein 2009,
    chapter 19), which holds for the variances of Wald's test. Those of Knapp and Hartung are estimates for a t: squared
    into Q they would make the p of few samples far too small.
    """
    df = len(averages) - 1
    Q = fit(averages, variances, method="CE").QE
    return Q, df, float(numeric.chi2_sf(Q, df))
