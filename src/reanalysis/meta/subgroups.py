"""Subgroup analysis: one model for each level of a grouping, and the test that they agree."""

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

    Q between is the heterogeneity of the averages, weighted by their inverse squared standard errors, against
    chi-square with (levels - 1) degrees of freedom (Borenstein, Hedges, Higgins & Rothstein 2009, chapter 19). For a
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
    between = fit([f.beta[0] for f in fits], [f.vb[0, 0] for f in fits], method="CE")
    df = len(levels) - 1
    notes = (f"{missing.sum()} of {len(yi)} rows have no group and are left out",) if missing.any() else ()
    pval = float(numeric.chi2_sf(between.QE, df))
    return Subgroups(tuple(str(level) for level in levels), fits, between.QE, df, pval, notes)
