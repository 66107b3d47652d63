"""Intervals that hold an effect of which only a significance statement or a direction is known.

A two-sided p under alpha says that |t| lies beyond its critical value, a p over alpha that it lies within; a known
direction halves the interval. `p` and `relation` say how p is known: `<` or `<=` (significant at p), `>`, `>=` or `ns`
(not significant at p), `=` (p itself). `direction` is the sign of the effect: 1, -1, or 0 where it is not known. A
direction alone is `p=1, relation="<="`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.effects.association import r_from_t
from reanalysis.effects.between import two_groups
from reanalysis.effects.convert import t_from_p
from reanalysis.effects.effectsize import Array, Contrast, arrays, refuse, standardized_from_t
from reanalysis.effects.within import paired, paired_raw

_BEYOND, _WITHIN, _EXACT = ("<", "<="), (">", ">=", "ns"), ("=",)


class Bounds(NamedTuple):
    """Ends of the interval that holds the effect; an open end is -inf or inf."""

    yi_lb: Array
    yi_ub: Array


def bounds_from_p(contrast: Contrast, p: ArrayLike, relation: ArrayLike, direction: ArrayLike) -> Bounds:
    """Interval of a corrected standardized contrast implied by the two-sided t test of it.

    `contrast` is the design: `two_groups`, `paired`, `paired_raw`, `four_groups` or `two_paired_groups`.
    """
    return _bounds(lambda t: standardized_from_t(t, contrast).yi, contrast.df, p, relation, direction)


def smd_bounds_from_p(
    n1i: ArrayLike, n2i: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike
) -> Bounds:
    """Interval of Hedges' g implied by the t test of two independent groups."""
    return bounds_from_p(two_groups(n1i, n2i), p, relation, direction)


def smcc_bounds_from_p(ni: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike) -> Bounds:
    """Interval of the corrected d_z implied by the paired t test of `ni` people."""
    return bounds_from_p(paired(ni), p, relation, direction)


def smcr_bounds_from_p(ni: ArrayLike, ri: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike) -> Bounds:
    """Interval of the raw-score standardized change implied by the paired t test of `ni` people, given `ri`."""
    return bounds_from_p(paired_raw(ni, ri), p, relation, direction)


def zcor_bounds_from_p(
    ni: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike, *, mi: ArrayLike = 1
) -> Bounds:
    """Interval of Fisher's z implied by the t test of a correlation on n - m - 1 (`mi` as in `pcor`)."""
    ni, mi = arrays(ni, mi)
    df = ni - mi - 1
    return _bounds(lambda t: np.arctanh(r_from_t(t, df)), df, p, relation, direction)


def cor_bounds_from_p(
    ni: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike, *, mi: ArrayLike = 1
) -> Bounds:
    """`zcor_bounds_from_p` as correlations; open ends are -1 and 1."""
    return Bounds(*np.tanh(zcor_bounds_from_p(ni, p, relation, direction, mi=mi)))


def _bounds(
    effect: Callable[[Array], Array],
    df: Array,
    p: ArrayLike,
    relation: ArrayLike,
    direction: ArrayLike,
) -> Bounds:
    """Bounds of `effect(t)`, an odd and increasing function of t."""
    refuse(df < 1, "too few people for a test: no bound follows")
    relation, direction = np.asarray(relation), np.asarray(direction, dtype=float)
    refuse(~np.isin(relation, _BEYOND + _WITHIN + _EXACT), "the relation of p must be one of <, <=, >, >=, ns, =")
    refuse(~np.isin(direction, (-1, 0, 1)), "direction must be 1 (group 1 higher), -1 or 0 (not known)")
    beyond, exact = np.isin(relation, _BEYOND), np.isin(relation, _EXACT)
    refuse(
        (beyond | exact) & (direction == 0),
        "a significant result without a direction is two half lines, not an interval: give the direction",
    )
    size = effect(t_from_p(p, df))
    near = np.where(beyond | exact, size, np.where(direction == 0, -size, 0.0))
    far = np.where(beyond, np.inf, size)
    sign = np.where(direction < 0, -1.0, 1.0)
    return Bounds(np.minimum(sign * near, sign * far), np.maximum(sign * near, sign * far))
