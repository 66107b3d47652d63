"""What pingouin and statsmodels find in the place of our effects and pools, and why it may differ.

Nothing here calls `reanalysis.effects`: effects start again from the checked findings, through functions of pingouin,
statsmodels and scipy.stats. Where a package answers otherwise on purpose, the difference must be what a named `Cause`
makes it: taking that one cause away must turn the package's number into ours. Anything else is `unexplained`.

pingouin and statsmodels are slow to import; they are imported here and nowhere else, and this only where one of these
functions must be called.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import pingouin
from scipy import optimize, special, stats
from statsmodels.stats import meta_analysis

from reanalysis import meta
from reanalysis.ladder.samples import groups, measurement, several_arms
from reanalysis.results.rows import Effect, Model, PooledUnit, SecondOpinion
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Finding

TOLERANCE = 1e-9  # relative; the tables hold 12 digits

MANY = 10_000  # persons of whom pingouin is given no artificial data any more: they would fill the memory

CLASSICAL = ("z", "t", "knha", "adhoc")


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


def finding_opinions(effect: Effect, finding: Finding, smd_variance: str) -> list[SecondOpinion]:
    """Compare `yi` and `vi` of an exact effect; `finding` is the checked row behind it."""
    ours = {"yi": effect.yi, "vi": effect.vi}
    return [
        _compared(effect, "finding", effect.finding_id, opinion, ours[opinion.quantity], coding=effect.coding)
        for opinion in _effect_opinions(finding, effect.metric, smd_variance, math.sqrt(effect.vi))
    ]


def sample_opinions(unit: PooledUnit, members: list[Effect]) -> list[SecondOpinion]:
    """Compare an exact sample that averages several findings: a mean of dependent normals has the variance `w' V w`."""
    weights, covariance = _dependent(members, unit.rho)
    mean = float(weights @ [effect.yi for effect in members])
    variance = float(weights @ covariance @ weights)
    return [
        _compared(
            unit,
            "sample",
            unit.sample_id,
            Opinion(quantity, "numpy", theirs, scale=math.sqrt(unit.vi)),
            getattr(unit, quantity),
        )
        for quantity, theirs in (("yi", mean), ("vi", variance))
    ]


def _dependent(members: list[Effect], rho: float | None) -> tuple[np.ndarray, np.ndarray]:
    """Weights and covariances of effects of one sample: `rho` within the same persons, shared groups between arms."""
    k, se = len(members), np.sqrt([effect.vi for effect in members])
    if not several_arms(members):
        return np.full(k, 1 / k), np.outer(se, se) * np.where(np.eye(k), 1.0, rho)
    pairs = groups(members)
    spread = [dict(zip(pair, (1 / e.n1i, 1 / e.n2i), strict=True)) for pair, e in zip(pairs, members, strict=True)]
    everywhere = set(pairs[0]).intersection(*pairs)
    alone = [sum(x for group, x in own.items() if group not in everywhere) for own in spread]
    weights = np.array([1 / x / pairs.count(pair) for x, pair in zip(alone, pairs, strict=True)])
    total = np.sqrt([sum(own.values()) for own in spread])
    common = np.array([[sum(min(a[g], b[g]) for g in a.keys() & b.keys()) for a in spread] for b in spread])
    same = np.array([[a == b for a in pairs] for b in pairs])
    other = np.array([[measurement(a) != measurement(b) for a in members] for b in members])
    correlation = np.where(same, 1.0, common / np.outer(total, total))
    correlation = np.where(same | other, correlation * (1.0 if rho is None else rho), correlation)
    np.fill_diagonal(correlation, 1.0)
    return weights / weights.sum(), np.outer(se, se) * correlation


def cell_opinions(units: list[PooledUnit], models: list[Model]) -> list[SecondOpinion]:
    """Compare the models of a cell, given its exact samples."""
    return [
        _compared(model, "cell", model.model, opinion, getattr(model, opinion.quantity))
        for model in models
        for opinion in _model_opinions(model, *_numbers(units))
    ]


def estimator_opinions(units: list[PooledUnit]) -> list[SecondOpinion]:
    """Compare DL and PM, whichever estimator is configured, on two or more exact samples of a cell."""
    yi, vi = _numbers(units)
    rows = []
    for method in ("DL", "PM"):
        wald, knha = (meta.fit(yi, vi, method=method, test=test) for test in ("z", "knha"))
        ours = {"tau2": wald.tau2, "est": wald.beta[0], "se": wald.se[0], "se_knha": knha.se[0]}
        rows += [
            _compared(units[0], "cell", method, opinion, float(ours[opinion.quantity]))
            for opinion in pool_opinions(yi, vi, method)
        ]
    return rows


def _compared(
    row: Effect | Model | PooledUnit,
    level: str,
    item: str,
    opinion: Opinion | NoOpinion,
    ours: float,
    coding: str | None = None,
) -> SecondOpinion:
    """One comparison with its verdict; `row` has the columns of the cell."""
    columns = row.cell._asdict()
    columns |= {"level": level, "item": item, "coding": coding, "quantity": opinion.quantity, "ours": ours}
    if isinstance(opinion, NoOpinion):
        return SecondOpinion(**columns, cause=opinion.cause.value, verdict="no second opinion")
    theirs = opinion.theirs
    agrees = _close(ours, theirs, opinion.scale)
    mended = opinion.cause is not None and _close(ours, opinion.mended, opinion.scale)
    return SecondOpinion(
        **columns,
        theirs=theirs,
        difference=theirs - ours,
        relative_difference=abs(theirs - ours) / max(abs(ours), abs(theirs)) if theirs != ours else 0.0,
        package=opinion.package,
        cause=None if agrees or opinion.cause is None else opinion.cause.value,
        verdict="agrees" if agrees else "explained" if mended else "unexplained",
    )


def _numbers(units: list[PooledUnit]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([unit.yi for unit in units]), np.array([unit.vi for unit in units])


def _close(a: float, b: float, scale: float) -> bool:
    return math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE * scale)


# ---- effects -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sides:
    """The persons behind a standardized contrast, as pingouin takes them: `t = d / sqrt(1 / nx + 1 / ny)`.

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
        four = finding.contrast == "group_by_drug" and finding.design == "parallel"
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


def _effect_opinions(finding: Finding, metric: str, smd_variance: str, se: float) -> list[Opinion | NoOpinion]:
    """What the packages say of `yi` and `vi` of a finding with an exact effect; `se` is the standard error we found."""
    kind = finding.stat_type
    if kind == "median_iqr":
        return [NoOpinion("yi", Silence.MEDIANS), NoOpinion("vi", Silence.MEDIANS)]
    if kind in ("g_se", "g_ci"):
        return _published(finding, se)
    if kind == "counts":
        return _from_counts(finding, se)
    if metric == "ZCOR":
        n = finding.ni or (kind in ("t", "f", "p") and finding.df2 is not None and int(finding.df2) + 2)
        return _correlation(finding, n, se) if n else _correlation_from_p(finding, se)
    sides = Sides.of(finding, metric)
    grouped = finding.n1i is not None and finding.n2i is not None
    if kind == "d" and not grouped and (finding.sei is not None or finding.ci_lb is not None):
        return _published_d(finding, sides, metric, se)
    return _standardized(finding, sides, smd_variance, se)


def _published(finding: Finding, se: float) -> list[Opinion]:
    """An effect that stands in the source: its variance from its standard error or interval."""
    return [
        Opinion("yi", "as printed", float(finding.yi), scale=se),
        Opinion("vi", "scipy.stats", _standard_error(finding) ** 2),
    ]


def _published_d(finding: Finding, sides: Sides | None, metric: str, se: float) -> list[Opinion]:
    """A d with its own standard error, both corrected by pingouin's J; without sizes by the persons it implies."""
    d, sei = float(finding.di), _standard_error(finding)
    if sides is None:
        error, lost = (4, 2) if metric == "SMD" else (1, 1)
        df = optimize.brentq(lambda n: (error + d**2 / 2) / n - sei**2, 1e-6, 1e12) - lost
    else:
        df = sides.df
    exact_j = special.poch((df - 1) / 2, 0.5) / math.sqrt(df / 2)
    j = pingouin.convert_effsize(1.0, "cohen", "hedges", nx=df + 1, ny=1)
    mend = exact_j / j
    return [
        Opinion("yi", "pingouin", j * d, Cause.APPROXIMATE_J, j * d * mend, se),
        Opinion("vi", "pingouin", (j * sei) ** 2, Cause.APPROXIMATE_J, (j * sei * mend) ** 2),
    ]


def _standard_error(finding: Finding) -> float:
    if finding.sei is not None:
        return float(finding.sei)
    width = float(finding.ci_ub) - float(finding.ci_lb)
    return width / (2 * stats.norm.isf((1 - float(finding.ci_level)) / 2))


def _from_counts(finding: Finding, se: float) -> list[Opinion]:
    """statsmodels' log odds ratio, by pingouin's factor to d; half a count is added to a table with an empty cell."""
    a, n1, c, n2 = (float(getattr(finding, cell)) for cell in ("ai", "n1i", "ci", "n2i"))
    empty = 0 in (a, n1 - a, c, n2 - c)
    yi, vi = meta_analysis.effectsize_2proportions(
        *np.array([[a], [n1], [c], [n2]]), statistic="odds-ratio", zero_correction=0.5 if empty else None
    )
    per_d = math.log(pingouin.convert_effsize(1.0, "cohen", "odds_ratio"))
    package = "statsmodels, pingouin"
    return [
        Opinion("yi", package, float(yi[0]) / per_d, scale=se),
        Opinion("vi", package, float(vi[0]) / per_d**2),
    ]


def _correlation(finding: Finding, n: int, se: float) -> list[Opinion]:
    """pingouin's interval of a correlation, back on Fisher's scale; a test is first turned into its correlation.

    Its interval is Pearson's: that of a Spearman correlation is wider by a known factor.
    """
    if finding.stat_type == "r":
        r = float(finding.ri)
    else:
        d = pingouin.compute_effsize_from_t(_t(finding, n - 2), nx=n / 2, ny=n / 2)
        r = pingouin.convert_effsize(d, "cohen", "pointbiserialr", nx=n / 2, ny=n / 2)
    low, high = np.arctanh(pingouin.compute_esci(r, nx=n, eftype="r", decimals=16))
    vi = (float(high - low) / (2 * stats.norm.isf(0.025))) ** 2
    return [
        Opinion("yi", "pingouin", float(low + high) / 2, scale=se),
        _of_ranks(finding, Opinion("vi", "pingouin", vi)),
    ]


def _of_ranks(finding: Finding, pearson: Opinion) -> Opinion:
    """A variance for the kind of correlation at hand: Bonett and Wright's, where it is Spearman's."""
    if finding.r_kind != "spearman":
        return pearson
    wider = 1 + float(finding.ri) ** 2 / 2
    return replace(pearson, cause=Cause.RANKS, mended=pearson.theirs * wider)


def _correlation_from_p(finding: Finding, se: float) -> list[Opinion]:
    """A correlation without n: its p says how many standard errors it lies from zero."""
    z = math.atanh(float(finding.ri))
    vi = (z / stats.norm.isf(_two_sided(finding) / 2)) ** 2
    return [Opinion("yi", "scipy.stats", z, scale=se), _of_ranks(finding, Opinion("vi", "scipy.stats", float(vi)))]


def _two_sided(finding: Finding) -> float:
    return float(finding.pi) * (2 if finding.p_sides == "one" else 1)


def _standardized(finding: Finding, sides: Sides, smd_variance: str, se: float) -> list[Opinion | NoOpinion]:
    """pingouin's and statsmodels' standardized difference and variance, mended where they approximate."""
    d = _uncorrected(finding, sides)
    exact_j = special.poch((sides.df - 1) / 2, 0.5) / math.sqrt(sides.df / 2)
    mend_j = exact_j / (1 - 3 / (4 * sides.df - 1))
    vi = _variance(smd_variance, d, exact_j, sides)

    # one person against df + 1 others: the sizes from which pingouin finds these degrees of freedom
    g = pingouin.convert_effsize(d, "cohen", "hedges", nx=sides.df + 1, ny=1)
    opinions = [Opinion("yi", "pingouin", g, Cause.APPROXIMATE_J, g * mend_j, se)]
    if sides.interaction:
        return [*opinions, NoOpinion("vi", Silence.INTERACTION)]
    paired = math.isinf(sides.ny)
    low, high = pingouin.compute_esci(g, nx=sides.nx, ny=None if paired else sides.ny, paired=paired, decimals=16)
    theirs = float((high - low) / (2 * stats.t.isf(0.025, sides.df))) ** 2
    cause = Cause.APPROXIMATE_J if smd_variance == "LS" else Cause.OTHER_VARIANCE
    opinions.append(Opinion("vi", "pingouin", theirs, cause, theirs - sides.error - g**2 / (2 * sides.total) + vi))
    if paired:
        return opinions
    g, theirs = meta_analysis.effectsize_smd(*_moments(finding, d, sides))
    mended = theirs - sides.error - g**2 / (2 * (sides.total - 3.94)) + vi
    return [
        *opinions,
        Opinion("yi", "statsmodels", g, Cause.APPROXIMATE_J, g * mend_j, se),
        Opinion("vi", "statsmodels", theirs, Cause.APPROXIMATE_VARIANCE, mended),
    ]


def _variance(vtype: str, d: float, j: float, sides: Sides) -> float:
    """The sampling variance of g = j d by its name in metafor."""
    match vtype:
        case "LS2":
            return j**2 * (sides.error + d**2 / (2 * sides.total))
        case "UB":
            return (j * d) ** 2 - (sides.df - 2) / sides.df * d**2 + sides.error
    return sides.error + (j * d) ** 2 / (2 * sides.total)


def _uncorrected(finding: Finding, sides: Sides) -> float:
    """Cohen's d by pingouin, from artificial data with the printed means and SDs, or from t."""
    match finding.stat_type:
        case "means" | "means_se":
            m1, sd1, n1, m2, sd2, n2 = _moments(finding, 0.0, sides)
            if max(n1, n2) > MANY:
                return (m1 - m2) / math.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / (n1 + n2 - 2))
            x, y = m1 + sd1 * _scores(n1), m2 + sd2 * _scores(n2)
            return float(pingouin.compute_effsize(x, y, eftype="cohen"))
        case "change" if finding.pre_post_r is not None:
            m1, sd1, m2, sd2, r = (
                float(getattr(finding, cell)) for cell in ("m1i", "sd1i", "m2i", "sd2i", "pre_post_r")
            )
            if finding.ni > MANY:
                return (m1 - m2) / math.sqrt(sd1**2 + sd2**2 - 2 * r * sd1 * sd2)
            first = _scores(finding.ni)
            other = first**2 - (first**2).mean()  # not correlated with the equally spaced scores
            second = r * first + math.sqrt(1 - r**2) * other / other.std(ddof=1)
            return float(pingouin.compute_effsize(m1 + sd1 * first, m2 + sd2 * second, paired=True, eftype="cohen_dz"))
        case "d":
            return float(finding.di)
        case "beta" if finding.sdi is not None:
            return float(finding.bi) / float(finding.sdi)
    return float(pingouin.compute_effsize_from_t(_t(finding, sides.df), nx=sides.nx, ny=sides.ny))


def _t(finding: Finding, df: float) -> float:
    """The t of a contrast as printed, or as its F, its coefficient or its exact p says."""
    match finding.stat_type:
        case "t":
            return float(finding.ti)
        case "change" if finding.ti is not None:
            return float(finding.ti)
        case "f":
            return v.SIGN.get(finding.direction, 0) * math.sqrt(finding.fi)
        case "beta" if finding.sei is not None:
            return float(finding.bi) / float(finding.sei)
    df = df if finding.df2 is None else float(finding.df2)
    return v.SIGN.get(finding.direction, 0) * float(stats.t.isf(_two_sided(finding) / 2, df))


def _moments(finding: Finding, d: float, sides: Sides) -> tuple[float, ...]:
    """Mean, SD and size of both groups: as printed, else in units of the SD."""
    if finding.stat_type not in ("means", "means_se"):
        return d, 1.0, sides.nx, 0.0, 1.0, sides.ny
    m1, m2, n1, n2 = (float(getattr(finding, cell)) for cell in ("m1i", "m2i", "n1i", "n2i"))
    if finding.stat_type == "means":
        return m1, float(finding.sd1i), n1, m2, float(finding.sd2i), n2
    return m1, float(finding.se1i) * math.sqrt(n1), n1, m2, float(finding.se2i) * math.sqrt(n2), n2


def _scores(n: float) -> np.ndarray:
    """Equally spaced scores of n persons with mean 0 and SD 1."""
    scores = np.arange(n) - (n - 1) / 2
    return scores / scores.std(ddof=1)


# ---- pools ---------------------------------------------------------------------------------------------------


def pool_opinions(yi: np.ndarray, vi: np.ndarray, method: str) -> list[Opinion]:
    """statsmodels' random effects of two or more samples by DL or PM: tau2, estimate, standard error, Knapp-Hartung's.

    The cause that it may differ by is taken away by its own common-effect pool with the tau2 that solves the equation
    of the estimator, or zero.
    """
    pooled = _combine(yi, vi, method.lower())
    if method == "DL":
        cause, tau2 = Cause.NEGATIVE_TAU2, max(0.0, float(pooled.tau2))
    else:
        cause, tau2 = Cause.EARLY_STOP, _paule_mandel(yi, vi)
    at = _combine(yi, vi + tau2)
    scale = float(np.sqrt(vi.mean()))
    return [
        Opinion("tau2", "statsmodels", float(pooled.tau2), cause, tau2, scale**2),
        Opinion("est", "statsmodels", float(pooled.mean_effect_re), cause, float(at.mean_effect_fe), scale),
        Opinion("se", "statsmodels", float(pooled.sd_eff_w_re), cause, float(at.sd_eff_w_fe)),
        Opinion("se_knha", "statsmodels", float(pooled.sd_eff_w_re_hksj), cause, float(at.sd_eff_w_fe_hksj), scale),
    ]


def _model_opinions(model: Model, yi: np.ndarray, vi: np.ndarray) -> Iterator[Opinion | NoOpinion]:
    """statsmodels' pool at the tau2 of a model, which is its common effect of variances with tau2 added."""
    if model.test not in CLASSICAL:
        yield NoOpinion("est", Silence.MODEL)
        return
    at = _combine(yi, vi + (model.tau2 or 0.0))
    scale = float(np.sqrt(vi.mean()))
    est, se = float(at.mean_effect_fe), float(at.sd_eff_w_fe)
    if model.test in ("knha", "adhoc"):
        scaled = float(at.sd_eff_w_fe_hksj)
        se = scaled if model.test == "knha" else max(se, scaled)
    df = math.inf if model.test == "z" else len(yi) - 1
    half = float(stats.t.isf((1 - model.level) / 2, df)) * se
    yield Opinion("est", "statsmodels", est, scale=scale)
    yield Opinion("se", "statsmodels", se)
    yield Opinion("ci_lb", "statsmodels", est - half, scale=scale)
    yield Opinion("ci_ub", "statsmodels", est + half, scale=scale)
    if len(yi) > 1:
        homogeneity = _combine(yi, vi).test_homogeneity()
        yield Opinion("QE", "statsmodels", float(homogeneity.statistic), scale=1.0)
        # next to Q = 0 its last digits move p by much more: there the density of chi-square(1) has no limit
        at_zero = math.sqrt(TOLERANCE) / TOLERANCE if homogeneity.statistic < TOLERANCE else 0.0
        yield Opinion("QEp", "statsmodels", float(homogeneity.pvalue), scale=at_zero)
    if model.method in ("DL", "PM"):
        yield pool_opinions(yi, vi, model.method)[0]
    elif model.method != "CE":
        yield NoOpinion("tau2", Silence.ESTIMATOR)


def _combine(yi: np.ndarray, vi: np.ndarray, method: str = "dl") -> meta_analysis.CombineResults:
    with np.errstate(divide="ignore", invalid="ignore"):  # a single sample has no degrees of freedom
        return meta_analysis.combine_effects(yi, vi, method_re=method)


def _paule_mandel(yi: np.ndarray, vi: np.ndarray) -> float:
    """The root of Q(tau2) = k - 1, zero where Q(0) is below, with statsmodels' Q."""

    def excess(tau2: float) -> float:
        return float(_combine(yi, vi + tau2).q) - (len(yi) - 1)

    if excess(0.0) <= 0:
        return 0.0
    high = float(np.ptp(yi) ** 2)  # Q <= sum (yi - mean)^2 / tau2 <= (k / 4) range^2 / tau2
    while excess(high) > 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-14 * high, rtol=1e-14))
