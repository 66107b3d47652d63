"""Who is compared with whom: what a finding's sample sizes say, before any statistic is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from reanalysis import effects as es
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding

SIZE_NEEDS = {"SMD": "group sizes", "SMCC": "number of persons", "ZCOR": "n of the correlation"}


@dataclass(frozen=True)
class Design:
    """The metric of a finding and, where the sizes are known, what a t of its contrast is worth on it.

    Metrics: SMD between groups, SMCC within persons (standardized by the SD of the differences), ZCOR (Fisher's z).
    """

    metric: str
    contrast: es.Contrast | None = None
    ni: float | None = None
    assumed: str = ""
    split_known: bool = True

    @property
    def known(self) -> bool:
        """Whether the sample sizes are known, if only as a total."""
        return self.contrast is not None or self.ni is not None

    def bounded_by(self, relation: str) -> bool:
        """Whether a significance statement bounds the effect.

        An even split is the one at which a given t amounts to the smallest effect. So "significant" bounds the effect
        from a total alone, whatever the split; "not significant" does so only where the split is known, or made even by
        randomisation.
        """
        return self.known and (self.split_known or relation == "<")

    @property
    def df(self) -> float:
        """Degrees of freedom of the t test of the contrast."""
        return self.ni - 2 if self.contrast is None else float(self.contrast.df)

    def effect_from_t(self, ti: float, vtype: str) -> es.EffectSize:
        """The effect that a t of this contrast amounts to."""
        if self.contrast is None:
            return es.zcor(es.r_from_t(ti, self.df), self.ni)
        return es.standardized_from_t(ti, self.contrast, vtype=vtype)

    def bounds(self, p: float, relation: str, sign: int) -> es.Bounds:
        """The interval that a two-sided p beyond or within a threshold leaves for the effect."""
        if self.contrast is None:
            return es.zcor_bounds_from_p(self.ni, p, relation, sign)
        return es.bounds_from_p(self.contrast, p, relation, sign)


def design_of(row: Finding) -> Design:
    """The design of a finding; a total that stands for two groups is split evenly, and this is said."""
    n1i, n2i, ni = row.n1i, row.n2i, row.ni
    if row.contrast in v.ASSOCIATIONS:
        return Design("ZCOR", ni=ni)
    if row.design in v.WITHIN_PERSON and row.contrast != "group_by_drug" and n1i is None:
        return Design("SMCC", es.paired(ni)) if ni is not None else Design("SMCC")
    if row.contrast == "group_by_drug" and row.design == "parallel":
        if n1i is None or n2i is None:
            return Design("SMD")
        arms = es.four_groups(n1i / 2, n1i / 2, n2i / 2, n2i / 2)
        return Design("SMD", arms, assumed="arms of equal size in both groups")
    if n1i is not None and n2i is not None:
        return Design("SMD", es.two_groups(n1i, n2i))
    if ni is not None:
        assumed = f"two groups of equal size among {ni}"
        return Design("SMD", es.two_groups(ni / 2, ni / 2), assumed=assumed, split_known=row.design == "parallel")
    return Design("SMD")
