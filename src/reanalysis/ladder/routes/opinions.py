"""What pingouin, statsmodels and scipy.stats find in the place of an effect, and why it may differ.

Nothing here calls `reanalysis.effects`: an effect starts again from its checked finding. Where a package answers
otherwise on purpose, the difference must be what a named `Cause` makes it: taking that one cause away must turn the
package's number into ours (`models.other_packages` compares).

The packages are slow to import, so each is imported in the functions that call it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy import special

from reanalysis.schema.raw import Finding


class Cause(StrEnum):
    """Why a package may answer otherwise: the closed list."""

    APPROXIMATE_J = "approximate J: 1 - 3 / (4 df - 1) for the exact ratio of gamma functions"
    APPROXIMATE_VARIANCE = "statsmodels' variance: g^2 / (2 (n1 + n2 - 3.94)) in its second term, with approximate J"
    RANKS = "pingouin's interval is Pearson's: that of a Spearman correlation is wider by 1 + r^2 / 2 in the variance"
    OTHER_VARIANCE = "pingouin knows the large-sample variance (LS) only; another one is configured"
    NEGATIVE_TAU2 = "statsmodels does not truncate a negative DerSimonian-Laird tau2 at zero"
    EARLY_STOP = "statsmodels ends the Paule-Mandel iteration once Q is within 1e-5 of its expectation"


class Silence(StrEnum):
    """Why there is no second opinion: the closed list."""

    MEDIANS = "no package turns medians and quartiles into means"
    INTERACTION = "no package has the variance of a standardized interaction"
    ESTIMATOR = "no package has this estimator of tau2"
    MODEL = "no package has this model"


@dataclass(frozen=True)
class Opinion:
    """What a package answers. `mended` is its answer with the `cause` of a known difference taken away.

    `scale` is the size against which a difference counts where the number itself may be zero.
    """

    quantity: str
    package: str
    theirs: float
    cause: Cause | None = None
    mended: float = math.nan
    scale: float = 0.0


@dataclass(frozen=True)
class NoOpinion:
    """A quantity on which the packages are silent."""

    quantity: str
    cause: Silence


@dataclass(frozen=True)
class Sides:
    """The participants behind a standardized contrast, as pingouin takes them: `t = d / sqrt(1 / nx + 1 / ny)`.

    For an interaction `nx` and `ny` are the sizes that are worth two arms each, so that `total` is not their sum.
    """

    nx: float
    ny: float
    df: float
    total: float

    @property
    def error(self) -> float:
        """Variance of the contrast, in squared SDs."""
        return 1 / self.nx + 1 / self.ny

    @property
    def interaction(self) -> bool:
        return math.isfinite(self.ny) and self.nx + self.ny != self.total

    @classmethod
    def of(cls, finding: Finding, metric: str) -> Sides | None:
        """Whom a finding is about, as printed or as its residual degrees of freedom say; None where that is not known.

        A total stands for equal groups, and a group for equal arms.
        """
        one = metric == "SMCC"  # one group against a fixed value: a second group without error
        four = finding.comparison == "interaction" and finding.design == "parallel"
        n1, n2 = finding.n1i, finding.n2i
        if one or n1 is None or n2 is None:
            lost = 1 if one else 4 if four else 2
            total = finding.ni or (
                int(finding.df2) + lost if finding.df2 is not None and finding.df2 % 1 == 0 else None
            )
            if total is None:
                return None
            n1, n2 = (total, math.inf) if one else (total / 2, total / 2)
        if one:
            return cls(n1, n2, n1 - 1, n1)
        return cls(n1 / 4, n2 / 4, n1 + n2 - 4, n1 + n2) if four else cls(n1, n2, n1 + n2 - 2, n1 + n2)


class Moments(NamedTuple):
    """Mean, SD and size of both groups."""

    m1: float
    sd1: float
    n1: float
    m2: float
    sd2: float
    n2: float


@dataclass(frozen=True)
class Asked:
    """An effect that is asked for again: its finding and metric, the name of its variance, and our standard error."""

    finding: Finding
    metric: str
    vtype: str | None
    se: float

    @property
    def sides(self) -> Sides | None:
        """Whom a standardized contrast is about."""
        return Sides.of(self.finding, self.metric)


def standardized(asked: Asked, d: float, moments: Moments | None = None) -> list[Opinion | NoOpinion]:
    """pingouin's and statsmodels' Hedges' g and variance of Cohen's `d`, mended where they approximate.

    `moments` are those of both groups, where they are known beyond the `d`.
    """
    import pingouin
    from scipy import stats
    from statsmodels.stats import meta_analysis

    sides, se = asked.sides, asked.se
    mend_j = _exact_j(sides.df) / (1 - 3 / (4 * sides.df - 1))
    vi = _variance(asked.vtype, d, _exact_j(sides.df), sides)

    g = _by_approximate_j(d, sides.df)
    opinions = [Opinion("yi", "pingouin", g, Cause.APPROXIMATE_J, g * mend_j, se)]
    if sides.interaction:
        return [*opinions, NoOpinion("vi", Silence.INTERACTION)]
    paired = math.isinf(sides.ny)
    low, high = pingouin.compute_esci(g, nx=sides.nx, ny=None if paired else sides.ny, paired=paired, decimals=16)
    theirs = float((high - low) / (2 * stats.t.isf(0.025, sides.df))) ** 2
    cause = Cause.APPROXIMATE_J if asked.vtype == "LS" else Cause.OTHER_VARIANCE
    opinions.append(Opinion("vi", "pingouin", theirs, cause, theirs - sides.error - g**2 / (2 * sides.total) + vi))
    if paired:
        return opinions
    g, theirs = meta_analysis.effectsize_smd(*(moments or Moments(d, 1.0, sides.nx, 0.0, 1.0, sides.ny)))
    mended = theirs - sides.error - g**2 / (2 * (sides.total - 3.94)) + vi
    return [
        *opinions,
        Opinion("yi", "statsmodels", g, Cause.APPROXIMATE_J, g * mend_j, se),
        Opinion("vi", "statsmodels", theirs, Cause.APPROXIMATE_VARIANCE, mended),
    ]


def corrected(asked: Asked, d: float, sei: float, df: float) -> list[Opinion]:
    """Cohen's `d` and its own standard error, both corrected by pingouin's J."""
    j = _by_approximate_j(1.0, df)
    mend = _exact_j(df) / j
    return [
        Opinion("yi", "pingouin", j * d, Cause.APPROXIMATE_J, j * d * mend, asked.se),
        Opinion("vi", "pingouin", (j * sei) ** 2, Cause.APPROXIMATE_J, (j * sei * mend) ** 2),
    ]


def correlation(asked: Asked, r: float, n: float) -> list[Opinion]:
    """pingouin's interval of a correlation of `n` participants, back on Fisher's scale."""
    import pingouin
    from scipy import stats

    low, high = np.arctanh(pingouin.compute_esci(r, nx=n, eftype="r", decimals=16))
    vi = (float(high - low) / (2 * stats.norm.isf(0.025))) ** 2
    return [
        Opinion("yi", "pingouin", float(low + high) / 2, scale=asked.se),
        of_ranks(asked.finding, Opinion("vi", "pingouin", vi)),
    ]


def of_ranks(finding: Finding, pearson: Opinion) -> Opinion:
    """A variance for the kind of correlation at hand: Bonett and Wright's, where it is Spearman's."""
    if finding.r_kind != "spearman":
        return pearson
    wider = 1 + float(finding.ri) ** 2 / 2
    return replace(pearson, cause=Cause.RANKS, mended=pearson.theirs * wider)


def printed_error(finding: Finding) -> float:
    """The printed standard error, or that of the printed interval."""
    from scipy import stats

    if finding.sei is not None:
        return float(finding.sei)
    width = float(finding.ci_ub) - float(finding.ci_lb)
    return width / (2 * stats.norm.isf((1 - float(finding.ci_level)) / 2))


def two_sided(finding: Finding) -> float:
    """The printed p, two-sided."""
    return float(finding.pi) * (2 if finding.p_sides == "one" else 1)


def _exact_j(df: float) -> float:
    return special.poch((df - 1) / 2, 0.5) / math.sqrt(df / 2)


def _by_approximate_j(d: float, df: float) -> float:
    """A d by pingouin's J: of one person against df + 1 others, from whom it finds these degrees of freedom."""
    import pingouin

    return pingouin.convert_effsize(d, "cohen", "hedges", nx=df + 1, ny=1)


def _variance(vtype: str | None, d: float, j: float, sides: Sides) -> float:
    """The sampling variance of g = j d by its name in metafor."""
    match vtype:
        case "LS2":
            return j**2 * (sides.error + d**2 / (2 * sides.total))
        case "UB":
            return (j * d) ** 2 - (sides.df - 2) / sides.df * d**2 + sides.error
    return sides.error + (j * d) ** 2 / (2 * sides.total)
