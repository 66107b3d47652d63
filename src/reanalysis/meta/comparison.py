"""Likelihood-ratio tests of nested models."""

import numpy as np

from reanalysis import numeric
from reanalysis.meta.covariance import codes
from reanalysis.meta.multilevel import MultilevelFit
from reanalysis.meta.univariate import Fit, Omnibus


def likelihood_ratio_test(full: Fit | MultilevelFit, reduced: Fit | MultilevelFit) -> Omnibus:
    """Likelihood-ratio test of two nested models of one kind, fitted to the same effects (chi-square, `df2` is inf).

    Models that differ in their moderators must be fitted by ML (or both by CE). Multilevel models may also differ in
    their random factors, or in which variances are fixed; with equal moderators REML serves too. A variance is tested
    at the end of its range, where the chi-square is conservative (Self & Liang 1987, JASA 82, 605-610).

    Raises ValueError for models of different kinds, methods or effects, with weights of their own, or not nested.
    """
    if type(full) is not type(reduced) or not isinstance(full, Fit | MultilevelFit):
        raise ValueError("a likelihood-ratio test compares two models from `fit`, or two from `fit_multilevel`")
    if full.method != reduced.method:
        raise ValueError(f"the models are fitted by different methods, {full.method} and {reduced.method}")
    if not np.array_equal(full.yi, reduced.yi) or not _same_variances(full, reduced):
        raise ValueError("the two models are not fitted to the same effects")
    if full.p < reduced.p:
        raise ValueError("the full model must have more coefficients than the reduced one")
    equal_mods = full.p == reduced.p and _spans(full.X, reduced.X)
    if full.method not in ("ML", "CE") and not (isinstance(full, MultilevelFit) and equal_mods):
        raise ValueError("a likelihood-ratio test of moderators needs both models fitted with method ML (or CE)")
    if not _spans(full.X, reduced.X):
        raise ValueError("the models are not nested: the full one must hold all moderators of the reduced one")
    df = full.p - reduced.p
    if isinstance(full, MultilevelFit):
        df += _more_variances(full, reduced)
    elif full.weights is not None or reduced.weights is not None:
        raise ValueError("with weights of their own the coefficients do not maximize the likelihood: no such test")
    elif full.method != "CE":
        if reduced.tau2_fixed < full.tau2_fixed or (full.tau2_fixed and full.tau2 != reduced.tau2):
            raise ValueError("the models are not nested: tau2 is given in the full one alone, or differs")
        df += reduced.tau2_fixed - full.tau2_fixed
    if df <= 0:
        raise ValueError("the full model must have more coefficients than the reduced one, or more variances")
    stat = max(0.0, 2 * (full.fit_stats[_likelihood(full)]["ll"] - reduced.fit_stats[_likelihood(full)]["ll"]))
    return Omnibus(stat, df, np.inf, float(numeric.chi2_sf(stat, df)))


def _likelihood(f: Fit | MultilevelFit) -> str:
    return "REML" if f.method == "REML" else "ML"


def _same_variances(full, reduced) -> bool:
    if isinstance(full, Fit):
        return np.array_equal(full.vi, reduced.vi)
    return np.array_equal(full.V.toarray(), reduced.V.toarray())


def _spans(x: np.ndarray, part: np.ndarray) -> bool:
    """Whether all columns of `part` are, to rounding, combinations of those of `x`."""
    rest = part - x @ np.linalg.lstsq(x, part, rcond=None)[0]
    return bool((np.linalg.norm(rest, axis=0) <= 1e-8 * np.linalg.norm(part, axis=0)).all())


def _more_variances(full: MultilevelFit, reduced: MultilevelFit) -> int:
    """How many variances more the full model estimates; raises ValueError if the reduced is no special case of it."""
    groups = {name: codes(values)[0] for name, values in full.random.items()}
    left = dict(zip(full.s_names, full.fixed, strict=True))
    for name, fixed, s2 in zip(reduced.s_names, reduced.fixed, reduced.sigma2, strict=True):
        same = [other for other in left if np.array_equal(groups[other], codes(reduced.random[name])[0])]
        if fixed and s2 == 0 and not same:
            continue
        if not same or (left[same[0]] and not (fixed and full.sigma2[full.s_names.index(same[0])] == s2)):
            raise ValueError(f"the models are not nested: the full one does not estimate the variance of {name!r}")
        left.pop(same[0])
    for name, fixed in left.items():
        if fixed and full.sigma2[full.s_names.index(name)] > 0:
            raise ValueError(f"the models are not nested: the full one holds {name!r} fixed, the reduced has none")
    return int((~full.fixed).sum() - (~reduced.fixed).sum())
