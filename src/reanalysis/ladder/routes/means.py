"""Routes from what is printed of each group or condition: means with SD or SE, and medians with quartiles."""

from __future__ import annotations

import math

import numpy as np

from reanalysis import effects as es
from reanalysis.ladder.design import Design
from reanalysis.ladder.routes.from_t import paired_p, paired_t
from reanalysis.ladder.routes.lines import Line, hedges_g
from reanalysis.ladder.routes.opinions import Asked, Moments, NoOpinion, Opinion, Silence, standardized
from reanalysis.ladder.routes.route import BETWEEN, WITHIN, Route, Unconvertible, numbers, two_groups
from reanalysis.schema.config import Effects
from reanalysis.schema.raw import Finding

MANY = 10_000  # participants of whom pingouin is given no artificial data any more: they would fill the memory
POOLED = "s = √[(({{n1i}} − 1) · {s1}² + ({{n2i}} − 1) · {s2}²) / ({{n1i}} + {{n2i}} − 2)]"
DIFFERENCE = Line("d = ({m1i} − {m2i}) / s")


# ---- group means with SD


def _means(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    m1i, sd1i, n1i, m2i, sd2i, n2i = numbers(row, "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")
    di = (m1i - m2i) / es.pooled_sd(sd1i, n1i, sd2i, n2i)
    return es.standardized(di, two_groups(design), vtype=config.smd_variance)


def _means_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    return hedges_g([Line(POOLED.format(s1="{sd1i}", s2="{sd2i}")), DIFFERENCE], design, vtype)


def _means_second(asked: Asked) -> list[Opinion | NoOpinion]:
    return _of_groups(asked, Moments(*numbers(asked.finding, "m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")))


def _of_groups(asked: Asked, groups: Moments) -> list[Opinion | NoOpinion]:
    """By pingouin's Cohen's d of artificial data with these means and SDs."""
    import pingouin

    m1, sd1, n1, m2, sd2, n2 = groups
    if max(n1, n2) > MANY:
        d = (m1 - m2) / math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
    else:
        d = float(pingouin.compute_effsize(m1 + sd1 * _scores(n1), m2 + sd2 * _scores(n2), eftype="cohen"))
    return standardized(asked, d, groups)


def _scores(n: float) -> np.ndarray:
    """Equally spaced scores of n participants with mean 0 and SD 1."""
    scores = np.arange(n) - (n - 1) / 2
    return scores / scores.std(ddof=1)


# ---- group means with SE


def _means_se(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    m1i, se1i, n1i, m2i, se2i, n2i = numbers(row, "m1i", "se1i", "n1i", "m2i", "se2i", "n2i")
    di = (m1i - m2i) / es.pooled_sd(es.sd_from_sei(se1i, n1i), n1i, es.sd_from_sei(se2i, n2i), n2i)
    return es.standardized(di, two_groups(design), vtype=config.smd_variance)


def _means_se_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    sds = [Line("s₁ = {se1i} · √{n1i}"), Line("s₂ = {se2i} · √{n2i}")]
    return hedges_g([*sds, Line(POOLED.format(s1="s₁", s2="s₂")), DIFFERENCE], design, vtype)


def _means_se_second(asked: Asked) -> list[Opinion | NoOpinion]:
    m1, se1, n1, m2, se2, n2 = numbers(asked.finding, "m1i", "se1i", "n1i", "m2i", "se2i", "n2i")
    return _of_groups(asked, Moments(m1, se1 * math.sqrt(n1), n1, m2, se2 * math.sqrt(n2), n2))


# ---- group medians with quartiles


def _medians(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    sides = []
    for side in ("1", "2"):
        n, median, q1, q3 = numbers(row, f"n{side}i", f"med{side}i", f"q1_{side}i", f"q3_{side}i")
        mean, sd, skewed = es.mean_sd_from_quantiles(n, median, q1=q1, q3=q3)
        if skewed:
            raise Unconvertible(f"the quartiles of group_{side} are skewed: no mean and SD follow from them")
        sides += [mean, sd, n]
    mean1, sd1, n1, mean2, sd2, n2 = sides
    di = (mean1 - mean2) / es.pooled_sd(sd1, n1, sd2, n2)
    return es.standardized(di, two_groups(design), vtype=config.smd_variance)


def _medians_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    works = ("luo2018", "wan2014", "shi2023")
    sides = [
        Line(f"m{sub}, s{sub} from median {{med{i}i}}, quartiles {{q1_{i}i}} and {{q3_{i}i}}, n {{n{i}i}}", works)
        for i, sub in (("1", "₁"), ("2", "₂"))
    ]
    return hedges_g([*sides, Line("d = (m₁ − m₂) / s")], design, vtype)


# ---- means of the same participants under both conditions


def _change(row: Finding, design: Design, config: Effects) -> es.EffectSize:
    return es.smcc(*numbers(row, "m1i", "m2i", "sd1i", "sd2i", "ni", "pre_post_r"), vtype=config.smd_variance)


def _change_lines(row: Finding, design: Design, vtype: str | None) -> list[Line]:
    spread = Line("s = √({sd1i}² + {sd2i}² − 2 · {pre_post_r} · {sd1i} · {sd2i})")
    return hedges_g([spread, DIFFERENCE], design, vtype)


def _change_second(asked: Asked) -> list[Opinion | NoOpinion]:
    """By pingouin's d of paired artificial data with these means, SDs and correlation."""
    import pingouin

    m1, sd1, m2, sd2, r = numbers(asked.finding, "m1i", "sd1i", "m2i", "sd2i", "pre_post_r")
    if asked.finding.ni > MANY:
        return standardized(asked, (m1 - m2) / math.sqrt(sd1**2 + sd2**2 - 2 * r * sd1 * sd2))
    first = _scores(asked.finding.ni)
    other = first**2 - (first**2).mean()  # not correlated with the equally spaced scores
    second = r * first + math.sqrt(1 - r**2) * other / other.std(ddof=1)
    d = pingouin.compute_effsize(m1 + sd1 * first, m2 + sd2 * second, paired=True, eftype="cohen_dz")
    return standardized(asked, float(d))


ROUTES = {
    "means": (
        Route(
            "means and SDs",
            ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i"),
            _means,
            _means_lines,
            _means_second,
            BETWEEN,
            tested=False,
        ),
    ),
    "means_se": (
        Route(
            "means and SEs",
            ("m1i", "se1i", "n1i", "m2i", "se2i", "n2i"),
            _means_se,
            _means_se_lines,
            _means_se_second,
            BETWEEN,
            tested=False,
        ),
    ),
    "median_iqr": (
        Route(
            "medians and quartiles",
            ("med1i", "q1_1i", "q3_1i", "n1i", "med2i", "q1_2i", "q3_2i", "n2i"),
            _medians,
            _medians_lines,
            Silence.MEDIANS,
            BETWEEN,
            tested=False,
        ),
    ),
    "change": (
        Route(
            "means of both conditions",
            ("m1i", "sd1i", "m2i", "sd2i", "ni", "pre_post_r"),
            _change,
            _change_lines,
            _change_second,
            WITHIN,
            tested=False,
        ),
        paired_t,
        paired_p,
    ),
}
