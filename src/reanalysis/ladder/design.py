"""Who is compared with whom: what a finding's sample sizes say, before any statistic is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from reanalysis import effects as es
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding

SIZE_NEEDS = {"SMD": "group sizes", "SMCC": "number of participants", "ZCOR": "n of the correlation"}
FEWEST = {"SMD": 4, "SMCC": 3, "ZCOR": 4}
"""Participants of whom an effect on each metric has a variance: two degrees of freedom, and n > 3 for Fisher's z."""


@dataclass(frozen=True)
class Design:
    """The metric of a finding and, where enough sizes are known, what a t of its contrast is worth on it.

    Metrics: SMD between groups, SMCC within participants (in SDs of the differences), ZCOR (Fisher's z).
    `cells` names the cells of the row that the sizes come from; `lack` says why no size can be used, where none can.
    """

    metric: str
    contrast: es.Contrast | None = None
    ni: float | None = None
    cells: tuple[str, ...] = ()
    assumed: str = ""
    split_known: bool = True
    four_arms: bool = False
    lack: str = ""

    @property
    def known(self) -> bool:
        """Whether the sample sizes are known, if only as a total, and allow a variance."""
        return not self.lack

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


def tests_contrast(row: Finding) -> bool:
    """Whether the test or model behind a row is of this contrast, in these people, without adjustment.

    A partial correlation is adjusted by definition. A regression coefficient is taken to be adjusted unless `test_of`
    says otherwise, for a model of one predictor is the exception. `direction` gives a p only where it is of another
    test.
    """
    if row.r_kind == "partial" or row.stat_type == "direction":
        return False
    return row.test_of == "contrast" or (row.test_of is None and row.stat_type != "beta")


def design_of(row: Finding) -> Design:
    """The design of a finding; a total that stands for two groups is split evenly, and this is said."""
    if row.comparison == "association":
        n, cells = _total(row, lost=2)
        return _enough("ZCOR", n, cells) or Design("ZCOR", ni=n, cells=cells)
    interaction = row.comparison == "interaction"
    if row.design in v.WITHIN_PERSON and not interaction:
        n, cells = _total(row, lost=1)
        return _enough("SMCC", n, cells) or Design("SMCC", es.paired(n), cells=cells)
    return _between(row, four_arms=interaction and row.design == "parallel")


def _between(row: Finding, *, four_arms: bool) -> Design:
    """Groups of different participants: two, or the four arms of two groups that are randomised each."""
    within = "in units of the SD of the effects within participants"
    assumed = [within] if row.comparison == "interaction" and not four_arms else []
    if row.n1i is not None and row.n2i is not None:
        n1, n2, cells, split_known = row.n1i, row.n2i, ("n1i", "n2i"), True
        assumed += ["arms of equal size in both groups"] if four_arms else []
    else:
        n, cells = _total(row, lost=4 if four_arms else 2)
        if n is None:
            return Design("SMD", four_arms=four_arms, lack=f"{SIZE_NEEDS['SMD']} not known")
        n1, n2, split_known = n / 2, n / 2, row.design == "parallel" and not four_arms
        assumed += [f"{'four arms' if four_arms else 'two groups'} of equal size among {n}"]
    if few := _enough("SMD", n1 + n2 - (2 if four_arms else 0), cells, persons=n1 + n2):
        return few
    contrast = es.four_groups(n1 / 2, n1 / 2, n2 / 2, n2 / 2) if four_arms else es.two_groups(n1, n2)
    return Design(
        "SMD",
        contrast,
        cells=cells,
        assumed="; ".join(assumed),
        split_known=split_known,
        four_arms=four_arms,
    )


def _total(row: Finding, lost: int) -> tuple[int | None, tuple[str, ...]]:
    """Participants in all, as printed or as the residual degrees of freedom of the test of this contrast say.

    A whole number of degrees of freedom is that of participants less the `lost` ones: Welch's, which is not whole,
    says nothing of them, and neither does that of an F of several contrasts.
    """
    if row.ni is not None:
        return row.ni, ("ni",)
    sizes = (row.n1i, row.n2i)
    if row.df2 is None or row.df2 % 1 or sizes != (None, None) or row.df1 not in (None, 1) or not tests_contrast(row):
        return None, ()
    return int(row.df2) + lost, ("df2",) if row.df1 is None else ("df1", "df2")


def _enough(metric: str, n: float | None, cells: tuple[str, ...], persons: float | None = None) -> Design | None:
    """A design that says what it lacks, where the participants are not known or too few for a variance."""
    if n is None:
        return Design(metric, lack=f"{SIZE_NEEDS[metric]} not known")
    if n < FEWEST[metric]:
        return Design(metric, cells=cells, lack=f"{(persons or n):g} participants are too few for a variance")
    return None
