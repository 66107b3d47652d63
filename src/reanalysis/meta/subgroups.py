"""Subgroup analysis: one model for each level of a grouping, and the test that they agree."""

from typing import NamedTuple

import numpy as np

from reanalysis import numeric
from reanalysis.meta.univariate import Fit, fit


class Subgroups(NamedTuple):
    """One `Fit` for each level, in the order of `levels`; Q between them with its degrees of freedom and p value."""

    levels: tuple[str, ...]
    fits: tuple[Fit, ...]
    QB: float
    QB_df: int
    QBp: float


def subgroups(yi, vi, group, **options) -> Subgroups:
    """Fit each level of `group` on its own, with its own tau2, and compare the averages.

    Q between is the heterogeneity of the averages, weighted by their inverse squared standard errors, against
    chi-square with (levels - 1) degrees of freedom (Borenstein, Hedges, Higgins & Rothstein 2009, chapter 19). For a
    common tau2 use `fit` with `indicators(group)` as moderators and look at QM. `options` go to `fit`.
    """
    yi, vi, group = np.asarray(yi, float), np.asarray(vi, float), np.asarray(group)
    if not yi.shape == vi.shape == group.shape:
        raise ValueError(f"yi, vi and group must be equally long, got {yi.shape}, {vi.shape}, {group.shape}")
    levels = np.unique(group)
    if len(levels) < 2:
        raise ValueError("a comparison needs at least two subgroups")
    fits = tuple(fit(yi[group == level], vi[group == level], **options) for level in levels)
    between = fit([f.beta[0] for f in fits], [f.vb[0, 0] for f in fits], method="CE")
    df = len(levels) - 1
    return Subgroups(
        tuple(str(level) for level in levels), fits, between.QE, df, float(numeric.chi2_sf(between.QE, df))
    )
