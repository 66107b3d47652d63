"""Effect sizes with their exact sampling variances, and the conversions into them.

Every effect-size function takes arrays (or scalars), broadcasts them, and returns `EffectSize(yi, vi)`. Missing input
(nan) gives missing output; impossible input raises ValueError.
"""

from .association import cor, r_from_t, zcor
from .bounds import (
    Bounds,
    cor_bounds_from_p,
    smcc_bounds_from_p,
    smcr_bounds_from_p,
    smd_bounds_from_p,
    zcor_bounds_from_p,
)
from .convert import sei_from_ci, t_from_f, t_from_p
from .effectsize import EffectSize, hedges_j
from .two_groups import md, pooled_sd, smd, smd_from_d, smd_from_t
from .within import mc, sd_change, smcc, smcc_from_d, smcc_from_t, smcr, smcr_from_d, smcr_from_t

__all__ = [
    "Bounds",
    "EffectSize",
    "cor",
    "cor_bounds_from_p",
    "hedges_j",
    "mc",
    "md",
    "pooled_sd",
    "r_from_t",
    "sd_change",
    "sei_from_ci",
    "smcc",
    "smcc_bounds_from_p",
    "smcc_from_d",
    "smcc_from_t",
    "smcr",
    "smcr_bounds_from_p",
    "smcr_from_d",
    "smcr_from_t",
    "smd",
    "smd_bounds_from_p",
    "smd_from_d",
    "smd_from_t",
    "t_from_f",
    "t_from_p",
    "zcor",
    "zcor_bounds_from_p",
]
