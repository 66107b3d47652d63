"""Contrasts of two groups on a yes/no outcome, from the 2 x 2 table `ai, bi` (group 1 yes, no), `ci, di` (group 2).

Zero cells: `add` (1/2) is added to all four cells of the tables that `to` names: `only0` those with a zero cell
(the default, as in metafor's `escalc`), `if0all` all tables if any has one, `all` all, `none` none. `drop00=True`
gives nan for tables without events in both groups, or with nothing but events: they say nothing of a ratio.
"""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.effects.effectsize import Array, EffectSize, arrays, refuse

To = Literal["only0", "if0all", "all", "none"]


def log_or(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    *,
    add: float = 0.5,
    to: To = "only0",
    drop00: bool = False,
) -> EffectSize:
    """Log odds ratio, variance `1/a + 1/b + 1/c + 1/d`: Woolf (1955, Ann. Hum. Genet. 19, 251-253)."""
    a, b, c, d = _table(ai, bi, ci, di, add, to, drop00)
    refuse((a * b * c * d) == 0, "a zero cell makes the odds ratio infinite: use to='only0'")
    return EffectSize(np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d)


def log_rr(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    *,
    add: float = 0.5,
    to: To = "only0",
    drop00: bool = False,
) -> EffectSize:
    """Log risk ratio, variance `1/a - 1/n1 + 1/c - 1/n2`: Katz et al. (1978, Biometrics 34, 469-474)."""
    a, b, c, d = _table(ai, bi, ci, di, add, to, drop00)
    refuse((a * c) == 0, "a group without events makes the risk ratio infinite: use to='only0'")
    n1, n2 = a + b, c + d
    return EffectSize(np.log(a / n1) - np.log(c / n2), 1 / a - 1 / n1 + 1 / c - 1 / n2)


def rd(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    *,
    add: float = 0.5,
    to: To = "only0",
    drop00: bool = False,
) -> EffectSize:
    """Risk difference, variance `p1 q1 / n1 + p2 q2 / n2` (0 where both groups are all or nothing and `to='none'`)."""
    a, b, c, d = _table(ai, bi, ci, di, add, to, drop00)
    n1, n2 = a + b, c + d
    return EffectSize(a / n1 - c / n2, a * b / n1**3 + c * d / n2**3)


def phi(
    ai: ArrayLike,
    bi: ArrayLike,
    ci: ArrayLike,
    di: ArrayLike,
    *,
    add: float = 0.5,
    to: To = "only0",
    drop00: bool = False,
    vtype: Literal["CS", "ST"] = "CS",
) -> EffectSize:
    """Phi coefficient, the correlation of two dichotomies (metafor: PHI).

    vtype CS: large-sample variance when people were sampled without regard to group (multinomial), Yule (1912, J.
    R. Stat. Soc. 75, 579-652, p. 603). ST: when the group sizes were fixed by design, by the delta method from the
    two risks.
    """
    a, b, c, d = _table(ai, bi, ci, di, add, to, drop00)
    n1, n2, n = a + b, c + d, a + b + c + d
    row1, row2, col1, col2 = n1 / n, n2 / n, (a + c) / n, (b + d) / n
    refuse((row1 * row2 * col1 * col2) == 0, "an empty row or column: phi is not defined; use to='only0'")
    root = np.sqrt(row1 * row2 * col1 * col2)
    yi = (a * d - b * c) / n**2 / root
    match vtype:
        case "CS":
            skew = (row1 - row2) * (col1 - col2) / root
            spread = (row1 - row2) ** 2 / (row1 * row2) + (col1 - col2) ** 2 / (col1 * col2)
            vi = (1 - yi**2 + yi * (1 + yi**2 / 2) * skew - 0.75 * yi**2 * spread) / n
        case "ST":
            slope = yi * (col2 - col1) / (2 * col1 * col2)  # through the marginal risk, which weighs the two by size
            unit = row1 * row2 / root  # through the risk difference
            vi = (unit - slope * row1) ** 2 * a * b / n1**3 + (unit + slope * row2) ** 2 * c * d / n2**3
        case _:
            raise ValueError(f"vtype must be CS or ST, not {vtype!r}")
    return EffectSize(yi, vi)


def _table(ai: ArrayLike, bi: ArrayLike, ci: ArrayLike, di: ArrayLike, add: float, to: To, drop00: bool) -> Array:
    cells = np.stack(arrays(ai, bi, ci, di))
    refuse((cells < 0).any(axis=0), "a count is negative: check the numbers of events and of people")
    refuse((cells[0] + cells[1] == 0) | (cells[2] + cells[3] == 0), "a group is empty: check its size")
    zero = (cells == 0).any(axis=0)
    match to:
        case "only0":
            where = zero
        case "if0all":
            where = zero.any()
        case "all":
            where = True
        case "none":
            where = False
        case _:
            raise ValueError(f"to must be only0, if0all, all or none, not {to!r}")
    uninformative = (cells[0] + cells[2] == 0) | (cells[1] + cells[3] == 0)
    return np.where(drop00 & uninformative, np.nan, cells + np.where(where, add, 0.0))
