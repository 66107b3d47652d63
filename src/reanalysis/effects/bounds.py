"""Intervals that hold an effect of which only a significance statement or a direction is known.

A two-sided p under alpha says that |t| lies beyond its critical value, a p over alpha that it lies within; a known
direction halves the interval. `relation` is how p stands to the threshold `p`: `<` or `<=` (significant), `>`, `>=` or
`ns` (not significant), `=` (p itself). `direction` is the sign of the effect: 1, -1, or 0 where it is not known. A
direction alone is `p=1, relation="<="`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .association import r_from_t
from .convert import t_from_p
from .effectsize import Array, arrays, refuse
from .two_groups import smd_from_t
from .within import smcc_from_t, smcr_from_t

_BEYOND, _WITHIN, _EXACT = ("<", "<="), (">", ">=", "ns"), ("=",)


class Bounds(NamedTuple):
    """Ends of the interval that holds the effect; an open end is -inf or inf."""

    yi_lb: Array
    yi_ub: Array


def smd_bounds_from_p(
    n1i: ArrayLike, n2i: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike
) -> Bounds:
    """Interval of Hedges' g implied by a two-sided t test of two independent groups."""
    n1i, n2i = arrays(n1i, n2i)
    return _bounds(lambda t: smd_from_t(t, n1i, n2i).yi, n1i + n2i - 2, p, relation, direction)


def cor_bounds_from_p(
    ni: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike, *, n_partialled: ArrayLike = 0
) -> Bounds:
    """Interval of a correlation implied by its two-sided t test on n - 2 (minus the variables partialled out)."""
    lower, upper = zcor_bounds_from_p(ni, p, relation, direction, n_partialled=n_partialled)
    return Bounds(np.tanh(lower), np.tanh(upper))


def zcor_bounds_from_p(
    ni: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike, *, n_partialled: ArrayLike = 0
) -> Bounds:
    """Interval of Fisher's z implied by the two-sided t test of the correlation."""
    ni, n_partialled = arrays(ni, n_partialled)
    df = ni - 2 - n_partialled
    return _bounds(lambda t: np.arctanh(r_from_t(t, df)), df, p, relation, direction)


def smcc_bounds_from_p(ni: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike) -> Bounds:
    """Interval of the corrected d_z implied by a two-sided paired t test of `ni` people."""
    (ni,) = arrays(ni)
    return _bounds(lambda t: smcc_from_t(t, ni).yi, ni - 1, p, relation, direction)


def smcr_bounds_from_p(
    ni: ArrayLike, ri: ArrayLike, p: ArrayLike, relation: ArrayLike, direction: ArrayLike
) -> Bounds:
    """Interval of the raw-score standardized change implied by a two-sided paired t test, given `ri`."""
    ni, ri = arrays(ni, ri)
    return _bounds(lambda t: smcr_from_t(t, ni, ri).yi, ni - 1, p, relation, direction)


def _bounds(
    effect: Callable[[Array], Array], df: Array, p: ArrayLike, relation: ArrayLike, direction: ArrayLike
) -> Bounds:
    """Bounds of `effect(t)`, an odd and increasing function of t."""
    refuse(df < 1, "too few people for a test: no bound follows")
    relation, direction = np.asarray(relation), np.asarray(direction, dtype=float)
    refuse(
        ~np.isin(relation, _BEYOND + _WITHIN + _EXACT), "the relation of p must be one of <, <=, >, >=, ns, ="
    )
    refuse(~np.isin(direction, (-1, 0, 1)), "direction must be 1 (group 1 higher), -1 or 0 (not known)")
    beyond, exact = np.isin(relation, _BEYOND), np.isin(relation, _EXACT)
    refuse(
        (beyond | exact) & (direction == 0),
        "a significant result without a direction is two half lines, not an interval: give the direction",
    )
    size = effect(t_from_p(p, df))
    far = np.where(beyond, np.inf, size)
    near = np.where(beyond | exact, size, np.where(direction == 0, -size, 0))
    sign = np.where(direction < 0, -1.0, 1.0)
    near, far = np.broadcast_arrays(sign * near, sign * far)
    return Bounds(np.minimum(near, far), np.maximum(near, far))
