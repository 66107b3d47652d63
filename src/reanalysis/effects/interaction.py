"""Does a drug act differently in two groups? The difference of two contrasts, and the designs that give it.

Positive means: the effect of the drug (drug minus the control condition) is larger in group 1. An interaction is on a
scale of its own and never pooled with simple effects.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reanalysis.effects.between import pooled_sd
from reanalysis.effects.effectsize import Contrast, EffectSize, Vtype, arrays, check_n, standardized
from reanalysis.effects.within import paired_raw


class Cell(NamedTuple):
    """Mean, SD and number of people of one cell of a design."""

    mi: ArrayLike
    sdi: ArrayLike
    ni: ArrayLike


def difference(first: EffectSize, second: EffectSize) -> EffectSize:
    """`first - second` of two independent effects; variances add.

    If the two were standardized by the SDs of their own groups (d_ppc1 of Morris, 2008), a difference in spread
    looks like an interaction: where the cells are known use `smd_interaction` or `smcr_interaction`.
    """
    return EffectSize(first.yi - second.yi, first.vi + second.vi)


def four_groups(n11i: ArrayLike, n12i: ArrayLike, n21i: ArrayLike, n22i: ArrayLike) -> Contrast:
    """The interaction of a 2 x 2 design of independent groups by their pooled SD."""
    sizes = arrays(n11i, n12i, n21i, n22i)
    check_n(*sizes, least=1)
    total = sum(sizes)
    return Contrast(sum(1 / n for n in sizes), total - 4, total)


def two_paired_groups(n1i: ArrayLike, r1i: ArrayLike, n2i: ArrayLike, r2i: ArrayLike) -> Contrast:
    """The interaction of group and a crossover drug, by the SD of one condition pooled over the groups."""
    n1i, r1i, n2i, r2i = arrays(n1i, r1i, n2i, r2i)
    return Contrast(paired_raw(n1i, r1i).error + paired_raw(n2i, r2i).error, df=n1i + n2i - 2, total=n1i + n2i)


def smd_interaction(drug1: Cell, control1: Cell, drug2: Cell, control2: Cell, *, vtype: Vtype = "LS") -> EffectSize:
    """Interaction of group and drug in four independent groups, standardized by the SD pooled over the four cells.

    `J(N - 4) ((drug1 - control1) - (drug2 - control2)) / sd`, variance `sum(1/n) + y^2 / (2N)`: Gurevitch, Morrison &
    Hedges (2000, The interaction between competition and predation, Am. Nat. 155, 435-453, appendix).
    """
    cells = [Cell(*arrays(*cell)) for cell in (drug1, control1, drug2, control2)]
    contrast = four_groups(*(cell.ni for cell in cells))
    check_n(*(cell.ni for cell in cells))
    sd = np.sqrt(sum((cell.ni - 1) * cell.sdi**2 for cell in cells) / contrast.df)
    a1, a0, b1, b0 = (cell.mi for cell in cells)
    return standardized(((a1 - a0) - (b1 - b0)) / sd, contrast, vtype=vtype)


def smcr_interaction(
    drug1: Cell,
    control1: Cell,
    r1i: ArrayLike,
    drug2: Cell,
    control2: Cell,
    r2i: ArrayLike,
    *,
    vtype: Vtype = "LS",
) -> EffectSize:
    """Interaction of group and drug where each person had both conditions, by the pooled SD of the control condition.

    d_ppc2 of Morris (2008, Organ. Res. Methods 11, 364-386) with the control condition as the pretest; its variance in
    large samples is `2 (1 - r1) / n1 + 2 (1 - r2) / n2 + y^2 / (2 (n1 + n2))`. The drug cells need no SD.
    """
    n1i, n2i = control1.ni, control2.ni
    sd = pooled_sd(control1.sdi, n1i, control2.sdi, n2i)
    change = np.subtract(drug1.mi, control1.mi) - np.subtract(drug2.mi, control2.mi)
    return standardized(change / sd, two_paired_groups(n1i, r1i, n2i, r2i), vtype=vtype)
