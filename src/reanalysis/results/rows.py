"""The tables of stages 2 to 4: what a row of each is, in the order of their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reanalysis.results.table import AnswerRow, CellKey, CellRow, ModelRow, Row, col, several
from reanalysis.schema.cell_models import ALL_EVIDENCE
from reanalysis.schema.vocabulary import STANDINGS, WORTHS


def _defined(words: Mapping[str, str]) -> str:
    """Words with what they mean, for the description of a column."""
    return "; ".join(f"{word}, {meaning}" for word, meaning in words.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class DataProblem(Row):
    """A warning about the raw data; an error stops the run before this table is written."""

    severity: str | None = col("warning")
    check: str | None = col("name of the check (docs/checks.md), by which a warning is accepted")
    file: str | None = col("table under data/raw/")
    line: int | None = col("line in it; 1 is the header, 0 the file as a whole")
    row: str | None = col("key cells of the row, as an entry of `corrections.yaml` names them")
    column: str | None = col("column")
    value: str | None = col("the cell")
    expected: str | None = col("what the check expects of the data")
    message: str | None = col("what is doubtful about it")
    fix: str | None = col("what to do")
    accepted: str | None = col("why a person accepts it, from `corrections.yaml`; empty while it is open")

    @property
    def key(self) -> dict[str, str]:
        """The key cells of its row by column."""
        return dict(cell.split(": ", 1) for cell in (self.row or "").split(", ") if ": " in cell)


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckRun(Row):
    """A check that the data were put to."""

    check: str | None = col("name of the check (docs/checks.md)")
    severity: str | None = col("error or warning")
    found: int | None = col("how often it found something")
    accepted: int | None = col("of these, warnings that a person accepts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect(CellRow):
    """A coding of a finding on its rung of the evidence ladder."""

    finding_id: str | None = col("finding", of="findings")
    coding: str | None = col("version of the finding")
    label: str | None = col("short name of the report")
    year: int | None = col("year of the report")
    report_id: str | None = col("report", of="reports")
    sample_id: str | None = col("sample", of="samples")
    cohort_id: str | None = col("cohort: samples that may share participants")
    via: str | None = col("report through which the value was read", of="reports")
    population: str | None = col("who was measured")
    outcome: str | None = col("the outcome in words")
    group_1: str | None = col("first side of the contrast; a positive effect means higher here")
    group_2: str | None = col("second side")
    matrix: str | None = col("body fluid or tissue")
    assay: str | None = col("assay")
    exposure: str | None = col("what the participants were given or exposed to")
    population_kind: str | None = col("kind of participants")
    design: str | None = col("how the two sides relate")
    dose: str | None = col("dose")
    dose_unit: str | None = col("unit of the dose")
    timepoint: str | None = col("when")
    direction: str | None = col("what the source says of the sign")
    higher_is_better: str | None = col("whether a higher value is good for the person")
    comparison: str | None = col("what an effect of the contrast is: a difference, an association or an interaction")
    stat_type: str | None = col("which statistic the source gives")
    n1i: int | None = col("participants in group_1")
    n2i: int | None = col("participants in group_2")
    ni: int | None = col("participants in all, where group sizes do not apply or are not known")
    rung: str | None = col("exact, bounded, direction or unusable")
    why: str | None = col("why it stands on this rung")
    es_method: str | None = col("formula by which yi and vi were computed")
    route: str | None = col("route from the statistic to an exact effect")
    vtype: str | None = col("sampling variance of it, where that is a choice, named as in metafor")
    p_above: float | None = col("two-sided p above which that of a bounded finding lies, as its source says")
    p_below: float | None = col("two-sided p below which it lies")
    means: str | None = col("both means as printed, with their unit")
    ratio_of_means: float | None = col("the first mean over the second, where both are positive")
    inputs: str | None = col("numbers that went into the formula, as printed")
    shown: str | None = col("other numbers of the row, as printed: not used, or of another test")
    assumed: str | None = col("what had to be assumed")
    yi: float | None = col("effect size, group_1 minus group_2")
    vi: float | None = col("sampling variance of yi")
    yi_lb: float | None = col("lower end of the interval that holds the effect (bounded and direction rungs)")
    yi_ub: float | None = col("upper end of that interval")
    ci_lb: float | None = col(
        "lower end of the interval of the true effect; empty where size or precision is not known"
    )
    ci_ub: float | None = col("upper end of it: from vi, or else the bounds widened by what chance can do")
    level: float | None = col("level of this interval")
    use: str | None = col("main: enters the synthesis; excluded: shown, never pooled in the main analysis")
    use_code: str | None = col("why it is excluded, as a code: alternative, no_sample, composite, doubtful or overlap")
    use_why: str | None = col("the same in words")
    enters: bool | None = col("whether it is part of a unit in 3_models/units.csv")
    enters_why: str | None = col("why it enters no model")
    missing: str | None = col("what would lift it to a higher rung")
    source_kind: str | None = col("what was read")
    locator: str | None = col("where it was read")

    @property
    def persons(self) -> int | None:
        """Participants in all; None where no size is known."""
        return self.ni or (self.n1i or 0) + (self.n2i or 0) or None

    @property
    def sign(self) -> int:
        """1 or -1 where the effect is known to lie on one side of zero, else 0."""
        if self.rung == "unusable":
            return 0
        lower, upper = (self.yi, self.yi) if self.rung == "exact" else (self.yi_lb, self.yi_ub)
        return (lower >= 0) - (upper <= 0)

    @property
    def good_sign(self) -> int | None:
        """The sign that is good for the person; None where that is not known."""
        return {"yes": 1, "no": -1}.get(self.higher_is_better)


@dataclass(frozen=True, kw_only=True, slots=True)
class FormulaLine(Row):
    """A line of the formula by which an effect, or its bounds, came about."""

    finding_id: str | None = col("finding", of="findings")
    coding: str | None = col("version of the finding")
    line: int | None = col("number of the line")
    symbols: str | None = col("the line in symbols")
    values: str | None = col("the same with the numbers put in, as printed in the source")
    works: tuple[str, ...] = several("works that it is taken from, as keys of the list of references")


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondOpinion(CellRow):
    """One number of ours beside the same number by pingouin or statsmodels."""

    level: str | None = col("finding, sample (its findings averaged) or cell (its samples pooled)")
    item: str | None = col("which finding, sample or model; DL and PM of a cell are computed for this comparison alone")
    coding: str | None = col("version of the finding")
    quantity: str | None = col("yi, vi, tau2, est, se, se_knha (Knapp-Hartung), ci_lb, ci_ub, QE or QEp")
    ours: float | None = col("our number")
    theirs: float | None = col("the number of the package, from its own functions and the numbers of the source")
    difference: float | None = col("theirs minus ours")
    relative_difference: float | None = col("absolute difference over the larger of the two")
    package: str | None = col("whose number it is")
    cause: str | None = col(
        "why they differ, verified: without this cause they agree to 9 digits; or why there is none"
    )
    verdict: str | None = col(
        "agrees (to 9 digits), explained (by the cause) or no second opinion; anything else is an error"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class PooledUnit(CellRow):
    """One independent unit of a cell: a sample, by the mean of its findings on its highest rung."""

    comparison: str | None = col("what an effect of the contrast is: a difference, an association or an interaction")
    sample_id: str | None = col("sample", of="samples")
    label: str | None = col("short name of the report")
    year: int | None = col("year of the report")
    four_arms: bool | None = col("whether it is the difference between two comparisons, each of randomised arms")
    rung: str | None = col("exact, bounded or direction")
    findings: tuple[str, ...] = several("findings averaged into this unit", of="findings")
    how: str | None = col("how they were combined; empty for a single finding")
    left_out: tuple[str, ...] = several(
        "other findings of the sample in this cell, which enter no model", of="findings"
    )
    rho: float | None = col("correlation assumed between them; empty for a single finding, and for arms of one outcome")
    yi: float | None = col("effect size of the unit")
    vi: float | None = col("sampling variance of the unit")
    yi_lb: float | None = col("lower end of the interval that holds the effect, where it is not exact")
    yi_ub: float | None = col("upper end of that interval")
    n1i: int | None = col("participants in group_1, over all arms")
    n2i: int | None = col("participants in group_2; those whom several findings share once")
    ni: int | None = col("participants in all, where group sizes do not apply or are not known")
    weight: float | None = col("weight in the classical headline model, percent")
    weight_each: float | None = col("the same, shared equally by its findings")
    information: float | None = col("share of the information on the average effect in the all-evidence model, percent")
    sei: float | None = col("standard error of the unit")
    pval: float | None = col("two-sided p of the unit against zero, from yi and vi")


@dataclass(frozen=True, kw_only=True, slots=True)
class Model(AnswerRow):
    """One fitted model of one cell: a domain, contrast, outcome group and metric."""

    headline: bool | None = col("whether it is the model shown as the diamond of the cell")
    k_effects: int | None = col("findings that went in")
    k_left_out: int | None = col(
        "findings of the main analysis in this cell that enter no model; their `enters` says why"
    )
    k: int | None = col("independent samples")
    k_exact: int | None = col("samples with an exact effect")
    k_bounded: int | None = col("samples of which only bounds are known")
    k_direction: int | None = col("samples of which only the direction is known")
    k_eff: float | None = col("how many equally informative samples would hold the same information")
    est: float | None = col("pooled effect; of the all-evidence model with priors the posterior median")
    se: float | None = col("its standard error, or posterior standard deviation")
    ci_lb: float | None = col("lower confidence (or credible) bound")
    ci_ub: float | None = col("upper confidence (or credible) bound")
    zval: float | None = col(
        "test statistic of the estimate against zero: t where there are degrees of freedom, else z"
    )
    pval: float | None = col("two-sided p of the estimate against zero")
    pi_lb: float | None = col("lower prediction bound")
    pi_ub: float | None = col("upper prediction bound")
    pi_rule: str | None = col("degrees of freedom of the prediction interval")
    tau2: float | None = col("between-study variance (median of tau, squared, in the Bayesian model)")
    tau2_lb: float | None = col("lower bound of tau2: Q-profile, or credible")
    tau2_ub: float | None = col("upper bound of tau2")
    I2: float | None = col("share of the variability due to heterogeneity, percent")
    H2: float | None = col("ratio of total to sampling variability")
    QE: float | None = col("test statistic of heterogeneity")
    QEp: float | None = col("its p")
    method: str | None = col("estimator of tau2, or prior")
    test: str | None = col("z, t, knha (Knapp-Hartung) or adhoc (Knapp-Hartung, never narrower than Wald)")
    ddf: float | None = col("degrees of freedom of the test; empty for normal")
    level: float | None = col("level of the intervals")
    rho: float | None = col("correlation assumed between effects of one sample; empty where none had several")
    converged: bool | None = col("whether the fit converged")
    boundary: bool | None = col("whether tau2 was estimated at zero")
    note: str | None = col("what a reader must know")


@dataclass(frozen=True, kw_only=True, slots=True)
class Power(CellRow):
    """What the samples of a cell could have shown, and whether what was called significant fits its model."""

    k: int | None = col("independent samples")
    k_sized: int | None = col("of these, samples of known precision")
    margin: float | None = col("smallest effect that matters")
    detectable_one: float | None = col(
        "smallest true effect that its largest sample would find significant with a power of 80 percent"
    )
    detectable_all: float | None = col("the same of all samples together, if they had one true effect")
    could_show_margin: bool | None = col("whether all samples together could have shown an effect of the margin")
    pval_equivalence: float | None = col("p of the equivalence test of the headline model against the margin")
    equivalence: str | None = col(
        "its conclusion: equivalent, different, different but within the margin, or undecided"
    )
    prob_within: float | None = col("posterior probability of an effect within the margin")
    told: int | None = col("samples of which it is known whether their effect is significant")
    significant: int | None = col("of these, significant ones")
    expected: float | None = col("how many the posterior of the cell expects to be significant")
    prob_as_many: float | None = col("probability of as many or more under it")
    prob_as_few: float | None = col("probability of as many or fewer")


@dataclass(frozen=True, kw_only=True, slots=True)
class AcrossDesigns(AnswerRow):
    """Trials within participants and between groups on one scale, for an assumed correlation of the two conditions."""

    r: float | None = col("correlation of the two conditions within participants that is assumed")
    k: int | None = col("independent samples")
    k_within: int | None = col("of these, samples whose participants were measured under both conditions")
    est: float | None = col("posterior median, as a standardized mean difference")
    ci_lb: float | None = col("lower credible bound")
    ci_ub: float | None = col("upper credible bound")
    note: str | None = col("why the two are not set side by side")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer(Row):
    """What is known of an outcome in a domain and contrast, and how sure it may sound."""

    question: str | None = col("question of `review.yaml` that it belongs to")
    main: bool | None = col("whether the review names the outcome among those that answer the question")
    domain: str | None = col("domain", of="domains")
    contrast: str | None = col("what is compared", of="contrasts")
    outcome_group: str | None = col("what is measured", of="outcomes")
    statement: str | None = col("the answer in words")
    certainty: str | None = col("high, moderate, low or very low, as a person rated it; empty where nobody has")
    rated_by: str | None = col("who rated it")
    worded_as: str | None = col("certainty whose words the answer uses: that of the rating, else never more than low")
    sign: int | None = col("sign of the effect that is as probable as a claim needs for support; 0 where none is")
    within: bool | None = col("whether it is as probable that the effect lies within the margin, where no sign is")
    prob_below: float | None = col("posterior probability that the average effect is below zero")
    if_lower: str | None = col("what a negative effect means")
    if_higher: str | None = col("what a positive effect means")
    metric: str | None = col("scale of the estimate")
    model: str | None = col("model of the estimate, in 3_models/models.csv; empty for the finding of a single sample")
    k: int | None = col("samples behind the estimate")
    est: float | None = col("estimate; empty where only an interval is known")
    ci_lb: float | None = col("lower bound of its interval")
    ci_ub: float | None = col("upper bound of its interval")
    level: float | None = col("level of the interval")
    good_sign: int | None = col("sign that is good for the person; empty where that is not known of all findings")
    findings: int | None = col("findings in the main analysis")
    samples: int | None = col("independent samples: those that may share participants count once")
    participants: int | None = col("participants of the samples with a usable result whose size is known")
    samples_without_n: int | None = col("samples with a usable result whose size is not known")
    participants_unusable: int | None = col("participants of the samples without a usable result, as far as known")
    exact: int | None = col("samples with an effect size")
    bounded: int | None = col("samples of which it is known whether the effect is significant")
    direction: int | None = col("samples of which only the direction is known")
    unusable: int | None = col("samples of which neither is")
    higher: int | None = col("samples whose effects are positive, at least 70 percent of those with a sign")
    lower: int | None = col("samples whose effects are negative")
    mixed: int | None = col("samples whose effects disagree")
    no_difference: int | None = col("samples of which no difference, or none that is significant, is reported")
    no_sign: int | None = col("samples of which the direction is not known")

    @property
    def fit(self) -> tuple[CellKey, str | None]:
        """The cell and the model of the estimate."""
        return CellKey(self.domain, self.contrast, self.outcome_group, self.metric), self.model

    @property
    def pointing(self) -> int:
        """The sign that all samples with a sign share; 0 where they do not, or none has one."""
        return 0 if self.mixed or (self.higher and self.lower) else (self.higher > 0) - (self.lower > 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Certainty(CellRow):
    """One part of what the certainty of an answer rests on, as far as the data tell it."""

    item: str | None = col("imprecision, inconsistency, reporting, missing results, selection, sources or risk of bias")
    concern: str | None = col("none, some, serious, not assessed, or as judged by people, which is not turned into one")
    why: str | None = col("the numbers behind it")


@dataclass(frozen=True, kw_only=True, slots=True)
class Refit(ModelRow):
    """A model of a cell on some of its samples: without one of them, or on those up to a year."""

    sample_id: str | None = col("sample that is left out, or that came in last", of="samples")
    label: str | None = col("short name of its report")
    year: int | None = col("year of its report")
    k: int | None = col("samples in the model")
    est: float | None = col("pooled effect of these")
    ci_lb: float | None = col("lower confidence bound")
    ci_ub: float | None = col("upper confidence bound")
    tau2: float | None = col("their between-study variance")


@dataclass(frozen=True, kw_only=True, slots=True)
class Influence(ModelRow):
    """How much one sample carries the headline model of its cell: deletion diagnostics, named as in metafor."""

    sample_id: str | None = col("sample", of="samples")
    label: str | None = col("short name of its report")
    rstudent: float | None = col("deleted residual over its standard error")
    dffits: float | None = col("change of the fitted value without the sample, in standard errors")
    cook_d: float | None = col("Cook's distance")
    cov_r: float | None = col("variance of the estimate without the sample, over that with it")
    tau2_del: float | None = col("tau2 without the sample")
    QE_del: float | None = col("Q without the sample")
    hat: float | None = col("leverage")
    weight: float | None = col("weight, percent")
    baujat_x: float | None = col("contribution to the residual Q")
    baujat_y: float | None = col("influence on the pooled effect")
    is_infl: bool | None = col("whether a rule of thumb of metafor flags it as influential")


@dataclass(frozen=True, kw_only=True, slots=True)
class InfluenceLimit(ModelRow):
    """What is usual of one deletion diagnostic in one model, by the rules of thumb of metafor."""

    measure: str | None = col("diagnostic: a column of 3_models/influence.csv")
    low: float | None = col("below it is unusual; empty where there is no such limit")
    high: float | None = col("above it is unusual")
    middle: float | None = col("value of the whole model, or the expected one")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subset(ModelRow):
    """A model of a cell on one subset of its samples (GOSH)."""

    samples: str | None = col("one digit for each sample of the cell, in the order of its units: 1 where it is in")
    k: int | None = col("samples in the subset")
    est: float | None = col("pooled effect of the subset")
    tau2: float | None = col("its between-study variance")
    I2: float | None = col("share of its variability due to heterogeneity, percent; empty in the all-evidence model")


@dataclass(frozen=True, kw_only=True, slots=True)
class SubsetSample(ModelRow):
    """What one sample does to the estimates of the subsets of its model (GOSH)."""

    sample_id: str | None = col("sample", of="samples")
    label: str | None = col("short name of its report")
    digit: int | None = col("place of its digit in `samples` of 3_models/subsets.csv; the first is 1")
    est_with: float | None = col("mean estimate of the subsets with it; empty without any")
    est_without: float | None = col("mean estimate of the subsets without it; empty without any")
    moves_most: bool | None = col("whether these two means differ more than those of any other sample")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asymmetry(CellRow):
    """Regression test of funnel plot asymmetry in one cell."""

    k: int | None = col("independent samples with an exact effect")
    predictor: str | None = col(
        "sqrtninv (1 over the root of the size), or sei (standard error) where a size is not known"
    )
    stat: float | None = col("t of the slope")
    ddf: float | None = col("its degrees of freedom")
    pval: float | None = col("its two-sided p")
    est: float | None = col("effect expected of an infinitely large study")
    ci_lb: float | None = col("lower confidence bound")
    ci_ub: float | None = col("upper confidence bound")


@dataclass(frozen=True, kw_only=True, slots=True)
class FunnelContour(CellRow):
    """A contour of significance in the funnel plot of one cell: where every sample has the same p."""

    pval: float | None = col("two-sided p along it")
    slope: float | None = col("absolute effect over standard error along it")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant(AnswerRow):
    """A model of a cell under one alternative to the main analysis."""

    kind: str | None = col(
        "main, reading, sample left out, cohort, coding, rung, model choice, prior, selection (what was reported "
        "depended on its significance), tipping point, or several choices"
    )
    variant: str | None = col("what is different")
    k: int | None = col("independent samples")
    est: float | None = col("estimate")
    ci_lb: float | None = col("lower bound")
    ci_ub: float | None = col("upper bound")
    shift: float | None = col("estimate minus that of the main analysis")


@dataclass(frozen=True, kw_only=True, slots=True)
class Fork(Row):
    """A fork of the analysis at which the multiverse takes every option."""

    fork: str | None = col("name, as in the configuration")
    kind: str | None = col("whether its options are equivalent, uncertain or not equivalent")
    options: tuple[str, ...] = several("options, that of the main analysis first")
    label: str | None = col("what readers know it by")
    meaning: str | None = col("what is decided at it")
    cells: int | None = col("cells with an answer that changes by it; none where it cannot matter")
    universes: int | None = col("universes in all: combinations of options, without those that are declared impossible")


EFFECT_SIZES, EVERYTHING, POSTERIOR = "effect sizes", ALL_EVIDENCE, "posterior"
"""Answers on a cell in the multiverse, by the model that gives them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MultiverseRow(CellRow):
    """A row that belongs to one answer on a cell over all universes."""

    answer: str | None = col(
        "what it rests on: effect sizes (the headline model), all evidence (by maximum likelihood), or posterior (of "
        "all evidence, by which claims are judged)"
    )


def asked_of(row: MultiverseRow) -> tuple[CellKey, str]:
    """The cell and the answer of a row, as a key to group by."""
    return row.cell, row.answer


@dataclass(frozen=True, kw_only=True, slots=True)
class UniverseResult(MultiverseRow):
    """A result on a cell, and in how many universes it is found."""

    place: int | None = col("place among the results, by estimate, from 1")
    main: bool | None = col("whether the main analysis is among these universes")
    universes: int | None = col("universes with this result")
    choices: tuple[str, ...] = several("options of the forks that matter here, as fork=option, under which it is found")
    model: str | None = col("model that is fitted to so many samples; empty where no evidence is left for one")
    k: int | None = col("independent samples; empty where no evidence is left")
    est: float | None = col("estimate")
    ci_lb: float | None = col("lower bound")
    ci_ub: float | None = col("upper bound")
    prob_below: float | None = col("posterior probability that the average effect is below zero")


@dataclass(frozen=True, kw_only=True, slots=True)
class Vibration(MultiverseRow):
    """How far the answer on a cell moves over all universes."""

    universes: int | None = col("universes in which a model is fitted")
    without: int | None = col("universes in which no evidence is left for it")
    results: int | None = col("different results")
    est: float | None = col("estimate of the main analysis")
    est_min: float | None = col("smallest estimate")
    est_p01: float | None = col("1st percentile of the estimates")
    est_median: float | None = col("median of the estimates")
    est_p99: float | None = col("99th percentile of the estimates")
    est_max: float | None = col("largest estimate")
    share_below: float | None = col("share of the universes with an estimate below zero")
    share_clear_below: float | None = col("share in which the interval lies below zero")
    share_clear_above: float | None = col("share in which the interval lies above zero")
    fork: str | None = col("fork that moves the estimate most, by its total share; empty where none does")
    fork_total: float | None = col("its total share of the variance of the estimates")


@dataclass(frozen=True, kw_only=True, slots=True)
class ForkShare(MultiverseRow):
    """What one fork moves of the answer on a cell."""

    fork: str | None = col("fork")
    kind: str | None = col("whether its options are equivalent, uncertain or not equivalent")
    matters: bool | None = col("whether some universe has another result by another option of this fork alone")
    first: float | None = col("share of the variance of the estimates that the fork explains on its own")
    total: float | None = col("share that it explains on its own and together with other forks")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimUniverses(Row):
    """The verdicts on one claim over all universes, each by its own evidence and choices alone."""

    claim_id: str | None = col("claim", of="claims")
    verdict: str | None = col("verdict in the universe of the main analysis")
    universes: int | None = col("universes")
    share_same: float | None = col("share of the universes with this verdict")
    supported: float | None = col("share with the verdict supported")
    supported_but_fragile: float | None = col("share with the verdict supported but fragile")
    mixed: float | None = col("share with the verdict mixed")
    not_supported: float | None = col("share with the verdict not supported")
    contradicted: float | None = col("share with the verdict contradicted")
    no_difference_shown: float | None = col("share with the verdict no difference shown")
    not_testable: float | None = col("share with the verdict not testable")
    fork: str | None = col("fork that changes this verdict most, by its total share; empty where none does")
    fork_total: float | None = col("its total share of the variance of whether the verdict is this one")


@dataclass(frozen=True, kw_only=True, slots=True)
class Subgroup(ModelRow):
    """The model of the samples of a cell on one level of a moderator."""

    variant: str | None = col("main analysis, or the combination of choices under which it was fitted")
    moderator: str | None = col("column of the findings")
    moderator_label: str | None = col("what the review calls it")
    level: str | None = col("word in it")
    label: str | None = col("the same as printed")
    k: int | None = col("samples on this level")
    est: float | None = col("estimate")
    se: float | None = col("its standard error")
    ci_lb: float | None = col("lower confidence bound")
    ci_ub: float | None = col("upper confidence bound")
    pval: float | None = col("p of the estimate")
    tau2: float | None = col("between-study variance on this level")
    I2: float | None = col("share of the variability that it makes, percent")


@dataclass(frozen=True, kw_only=True, slots=True)
class ModeratorTest(CellRow):
    """Whether the levels of a moderator agree, in one cell."""

    variant: str | None = col("main analysis, or the combination of choices under which it was tested")
    moderator: str | None = col("column of the findings")
    moderator_label: str | None = col("what the review calls it")
    levels: tuple[str, ...] = several("levels that are compared")
    k: int | None = col("samples on these levels; one with findings on two levels counts on both")
    k_shared: int | None = col("samples with findings on several levels, whose dependence the tests ignore")
    QB: float | None = col("heterogeneity between the estimates of the levels, each with its own tau2 and Wald's error")
    QB_df: int | None = col("its degrees of freedom")
    QBp: float | None = col("its p")
    QM: float | None = col("joint test of the levels in a meta-regression with one tau2: chi-square, or F")
    QM_df: int | None = col("numerator degrees of freedom")
    QM_ddf: float | None = col("denominator degrees of freedom; infinite for a chi-square")
    QMp: float | None = col("its p")
    R2: float | None = col("share of tau2 that the levels account for, percent")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reproduction(ModelRow):
    """A number that a claim prints, beside the same number computed here under one choice."""

    claim_id: str | None = col("claim", of="claims")
    kind: str | None = col("main, or the kind of the alternative")
    variant: str | None = col("what is different")
    level: str | None = col("level of a moderator, where the claim is about one")
    k: int | None = col("independent samples here")
    printed: float | None = col("estimate as the review prints it")
    printed_lb: float | None = col("lower bound as printed")
    printed_ub: float | None = col("upper bound as printed")
    est: float | None = col("estimate here")
    ci_lb: float | None = col("lower bound here")
    ci_ub: float | None = col("upper bound here")
    est_agrees: bool | None = col("whether the estimate here rounds to the printed one")
    interval_agrees: bool | None = col(
        "whether both bounds here round to the printed ones; empty where none is printed"
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class LadderCount(Row):
    """How many findings of a domain and contrast stand on each rung, and which way they point."""

    domain: str | None = col("domain", of="domains")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    contrast: str | None = col("contrast; empty for a domain without any finding", of="contrasts")
    codings: int | None = col("rows of the raw data")
    exact: int | None = col("findings in the main analysis with an exact effect")
    bounded: int | None = col("findings in the main analysis with bounds")
    direction: int | None = col("findings in the main analysis with a direction only")
    unusable: int | None = col("findings in the main analysis with neither")
    excluded: int | None = col("codings shown but not used, with the reason in 2_effects/ladder.csv")
    samples: int | None = col("independent units behind the findings: samples that may share participants count once")
    better: str | None = col(
        "outcomes of which better and worse are known: up (better), down, mixed or none; empty without any"
    )
    better_up: int | None = col("units that point to better")
    better_down: int | None = col("units that point to worse")
    higher: str | None = col("other outcomes: up (higher in group_1, or a positive association), down, mixed or none")
    higher_up: int | None = col("votes for higher, one for each unit and outcome")
    higher_down: int | None = col("votes for lower")


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkItem(CellRow):
    """One thing that someone with access to a paper could do to lift a finding to a higher rung (docs/worklist.md)."""

    rank: int | None = col("place in the order of worth; the same for items that no criterion tells apart")
    finding_id: str | None = col("finding", of="findings")
    question: str | None = col("question of `review.yaml` that its answer belongs to")
    standing: str | None = col(f"what this answer is to the review: {_defined(STANDINGS)}")
    rung: str | None = col("where it stands now")
    lifts_to: str | None = col("where it would stand")
    needed: str | None = col("which numbers")
    report_id: str | None = col("from which report", of="reports")
    label: str | None = col("short name of the report")
    doi: str | None = col("DOI of the report")
    n: int | None = col("participants behind the finding, where known")
    outcome: str | None = col("outcome")
    worth: str | None = col(f"what the exact effect would do to the answer: {_defined(WORTHS)}")
    shrinks: float | None = col("share by which the interval is expected to become narrower")
    width_now: float | None = col(
        "width today of the interval of the average effect in its cell, by the posterior of all the evidence; empty "
        "where no finding enters it"
    )
    width_then: float | None = col("width expected if the exact effect were known")
    sure_now: float | None = col("probability today of the likelier sign of the average effect")
    sure_then: float | None = col("the same as expected if the exact effect were known")
    settled_now: bool | None = col(
        "whether the sign, or that the effect lies within the margin, has the probability that support of a claim takes"
    )
    settled_then: float | None = col("probability that one of them has it once the exact effect is known")
    core_claims: int | None = col("claims that are tested on the finding and that the review's conclusion rests on")
    claims: tuple[str, ...] = several("all claims that are tested on it", of="claims")


@dataclass(frozen=True, kw_only=True, slots=True)
class Direction(Row):
    """Votes on the direction of effects in one cell, one for each independent unit, and their sign test."""

    domain: str | None = col("domain", of="domains")
    contrast: str | None = col("contrast", of="contrasts")
    outcome_group: str | None = col(
        "outcome group; empty for all outcomes of the contrast with a known better and worse", of="outcomes"
    )
    sense: str | None = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    codings: int | None = col("codings in the cell")
    excluded: int | None = col("of these, codings that do not enter the main analysis and never vote")
    findings: int | None = col("findings in the main analysis")
    units: int | None = col("independent units behind them: cohorts, of which each has one vote")
    up: int | None = col("units whose findings point up (at least 70 percent of those with a sign)")
    down: int | None = col("units whose findings point down")
    mixed: int | None = col("units whose findings disagree")
    none: int | None = col("units without a sign: not significant and no more, or not usable")
    share: float | None = col("up, of up and down")
    ci_lb: float | None = col("lower exact (Clopper-Pearson) bound of the share")
    ci_ub: float | None = col("upper bound")
    level: float | None = col("level of the interval")
    pval: float | None = col("two-sided exact p of the sign test")
    least_p: float | None = col("smallest p that so few votes could give, were they unanimous")
    up_samples: tuple[str, ...] = several("samples that voted up", of="samples")
    down_samples: tuple[str, ...] = several("samples that voted down", of="samples")
    mixed_samples: tuple[str, ...] = several("samples that are mixed", of="samples")
    none_samples: tuple[str, ...] = several("samples without a sign", of="samples")


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleDirection(Row):
    """Which way findings of one sample point that mean the same: of one outcome, or of a domain and contrast."""

    domain: str | None = col("domain", of="domains")
    contrast: str | None = col("contrast", of="contrasts")
    outcome_group: str | None = col(
        "outcome; empty for those of the domain that mean the same, or that point alike", of="outcomes"
    )
    sense: str | None = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    sample_id: str | None = col("sample", of="samples")
    label: str | None = col("short name of the report")
    use: str | None = col("main, or excluded where only excluded codings are known of the outcome")
    verdict: str | None = col("up, down, mixed (less than 70 percent of the signs agree) or none (no sign is known)")
    up: int | None = col("findings that point up")
    down: int | None = col("findings that point down")
    silent: int | None = col("findings without a sign")
    persons: int | None = col("participants behind the findings; empty where not known")
    rung: str | None = col("highest rung of the ladder among the findings")
    findings: tuple[str, ...] = several("the findings", of="findings")
    codings: tuple[str, ...] = several("their codings, in the same order")


@dataclass(frozen=True, kw_only=True, slots=True)
class PValue(CellRow):
    """The p of a finding of the main analysis against no effect, or the interval that its bounds leave for it."""

    finding_id: str | None = col("finding", of="findings")
    coding: str | None = col("version of the finding")
    sample_id: str | None = col("sample", of="samples")
    label: str | None = col("short name of the report")
    n: float | None = col("participants; for SMD as many as two groups of equal size would need for the same precision")
    p: float | None = col("exact two-sided p")
    sign: int | None = col("sign of the effect that it is of; 0 where that is exactly zero")
    basis: str | None = col("where the exact p comes from")
    p_lb: float | None = col("of a bounded effect: two-sided p of its lower bound, yi_lb")
    p_ub: float | None = col("two-sided p of its upper bound, yi_ub")
    log_p: float | None = col("minus log10 of the exact p, negative where the effect is")
    log_p_lb: float | None = col("the same of the lower bound; minus infinity when open")
    log_p_ub: float | None = col("the same of the upper bound; infinity when open")
    note: str | None = col("why there is no p, or no n to set it against")


@dataclass(frozen=True, kw_only=True, slots=True)
class CombinedP(Row):
    """Exact p of one cell combined over independent units, by Stouffer and by Fisher."""

    domain: str | None = col("domain", of="domains")
    contrast: str | None = col("contrast", of="contrasts")
    outcome_group: str | None = col(
        "outcome group; empty for all outcomes of the contrast with a known better and worse", of="outcomes"
    )
    sense: str | None = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    k: int | None = col("independent units with an exact p")
    k_p: int | None = col("exact p of these units")
    rho: float | None = col("correlation assumed between several z of one unit; empty where none had several")
    stouffer_z: float | None = col("sum of z weighted by the root of n; positive is up. Empty where an n is not known")
    stouffer_p_up: float | None = col("one-sided p for up")
    stouffer_p_down: float | None = col("one-sided p for down")
    stouffer_p: float | None = col("two-sided p")
    fisher_chi2_up: float | None = col("minus twice the sum of the logarithms of the one-sided p for up")
    fisher_p_up: float | None = col("its p")
    fisher_chi2_down: float | None = col("the same for down")
    fisher_p_down: float | None = col("its p")
    fisher_df: int | None = col("degrees of freedom of both")
    fisher_p: float | None = col("two-sided p: twice the smaller of the two, at most 1")
    entered: str | None = col("what entered: finding, its sign towards up, its two-sided p, and where the p comes from")
    left_out: str | None = col("findings of the cell that did not enter, with the reason")
    note: str | None = col("what a reader must know")


@dataclass(frozen=True, kw_only=True, slots=True)
class SwimItem(Row):
    """One of the nine items of the SWiM reporting guideline, filled for one domain."""

    domain: str | None = col("domain", of="domains")
    section: str | None = col("section of the review")
    title: str | None = col("title of the domain")
    item: int | None = col("number of the item (Campbell 2020)")
    name: str | None = col("what the item asks for")
    text: str | None = col("the answer, written from the tables")


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimVerdict(Row):
    """What the recomputed evidence says of one claim of the review."""

    claim_id: str | None = col("claim", of="claims")
    section: str | None = col("section of the review")
    domain: str | None = col("domain", of="domains")
    core: bool | None = col("whether the review's conclusion rests on it")
    claim: str | None = col("the claim, paraphrased")
    kind: str | None = col("what it is: empirical, restatement, literature or background")
    rule: str | None = col("rule that tested it")
    verdict: str | None = col("the computed verdict on what it says, whatever is wrong with its source or selection")
    flags: tuple[str, ...] = several(
        "misattributed, probably misattributed, omits evidence, inconsistent with other claims, rests on a review, or "
        "not reproduced"
    )
    fidelity: str | None = col("whether the cited source says so; empty for what has no source of its own")
    fidelity_why: str | None = col("what the sources say, as far as they were seen")
    seen: tuple[str, ...] = several("what was read of these sources")
    why: str | None = col("the reason, generated")
    rests_on: tuple[str, ...] = several("findings, reports, flow boxes or claims that it rests on")
    rung: str | None = col("highest rung of the evidence")
    k: int | None = col("independent samples behind the verdict")
    probability: float | None = col(
        "posterior probability of what is claimed, the sign or an effect within the margin; of several parts the least"
    )
    robustness: float | None = col("share of the declared alternatives under which its parts keep their side")
    alternatives: int | None = col("number of these alternatives")
    weakest: str | None = col("kind of alternative under which the least of them do; empty where all do")
    what_would_change_it: str | None = col("what could lift or settle it, from the work list")
    overruled_verdict: str | None = col("verdict of a person who disagrees")
    overruled_by: str | None = col("name of that person")
    overruled_reason: str | None = col("reason of that person")

    @property
    def shown(self) -> str:
        """The verdict to show: that of the person, where one overruled."""
        return self.overruled_verdict or self.verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimPart(CellRow):
    """A part of a claim with its own verdict: the findings of one cell in its scope, or a claim that it repeats."""

    claim_id: str | None = col("claim", of="claims")
    part: str | None = col("cell, as domain/contrast/outcome_group, or the claim that is repeated")
    claimed: str | None = col("what the claim says of the effect: positive, negative, either sign, or no effect")
    findings: tuple[str, ...] = several("findings of the main analysis in it", of="findings")
    verdict: str | None = col("verdict on this part")
    side: str | None = col("where the posterior lies: holds, opposite, within, ruled out, both ways or open")
    k: int | None = col("independent samples")
    est: float | None = col("posterior median of the average effect")
    ci_lb: float | None = col("lower credible bound")
    ci_ub: float | None = col("upper credible bound")
    prob_sign: float | None = col("posterior probability of the claimed sign; of either sign, of the likelier one")
    prob_beyond: float | None = col("of an effect of this sign that reaches the margin")
    prob_within: float | None = col("of an effect within the margin")
    prob_new: float | None = col("that the true effect of a new study has this sign")
    prob_mixed: float | None = col(
        "that at least `models.mixed_share` of the true effects lie beyond the margin on either side"
    )
    prob_sign_at_limit: float | None = col(
        "probability of the claimed sign where statements and directions in favour of it mean the least that they can"
    )
    kept: int | None = col("alternatives under which it keeps its side")
    alternatives: int | None = col("number of these")
    weakest: str | None = col("kind of alternative under which the least of them do; empty where all do")
    doubts: tuple[str, ...] = several("why its verdict is fragile")


@dataclass(frozen=True, kw_only=True, slots=True)
class Omission(Row):
    """A report of the reviewed table with evidence on a domain that no claim of this domain cites."""

    domain: str | None = col("domain; empty for a report without any finding here", of="domains")
    section: str | None = col("section of the review; `added` where it has none")
    report_id: str | None = col("report", of="reports")
    label: str | None = col("short name of the report")
    kind: str | None = col("kind of the report")
    findings: tuple[str, ...] = several("findings that are its own, or were read through it", of="findings")
    cited_elsewhere: bool | None = col("whether a claim of another domain cites it")


@dataclass(frozen=True, kw_only=True, slots=True)
class Conclusion(Row):
    """A sentence on a section of the review, or on the whole, generated from the verdicts."""

    section: str | None = col("section; `all` for the whole review")
    title: str | None = col("title of the section")
    sentence: str | None = col("the sentence")
    claims: tuple[str, ...] = several("claims that it rests on", of="claims")


MAIN = "main analysis"
"""The variant that every other choice stands beside."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change(Row):
    """One thing that is not as it was in the previous build: of what was put in, or of what came out."""

    part: str | None = col(
        "what it is a change of, in the parts of PRISMA-LSR (Akl et al. 2024, items on changes to the methods and to "
        "the results): methods, included studies, data of included studies, appraisal, results or conclusions"
    )
    level: str | None = col("choice, software, data, effect, pool, answer or verdict")
    change: str | None = col("added, removed or changed")
    table: str | None = col("the table that holds it; empty for choices and software")
    item: str | None = col("key cells of its row, separated by blanks; of a choice or a package the name")
    label: str | None = col("what it is called")
    domain: str | None = col("domain that it belongs to")
    column: str | None = col("what of it; empty where a row of the data was added or removed as a whole")
    before: str | None = col("in the previous build; empty for nothing")
    after: str | None = col("in this build; empty for nothing")
    difference: float | None = col("after minus before, where both are numbers")


TABLES: dict[str, type[Row]] = {
    "1_checked/problems.csv": DataProblem,
    "1_checked/checks.csv": CheckRun,
    "2_effects/ladder.csv": Effect,
    "2_effects/formulas.csv": FormulaLine,
    "2_effects/second_opinion.csv": SecondOpinion,
    "3_models/models.csv": Model,
    "3_models/units.csv": PooledUnit,
    "3_models/leave_one_out.csv": Refit,
    "3_models/cumulative.csv": Refit,
    "3_models/influence.csv": Influence,
    "3_models/influence_limits.csv": InfluenceLimit,
    "3_models/subsets.csv": Subset,
    "3_models/subset_samples.csv": SubsetSample,
    "3_models/asymmetry.csv": Asymmetry,
    "3_models/funnel_contours.csv": FunnelContour,
    "3_models/sensitivity.csv": Variant,
    "3_models/forks.csv": Fork,
    "3_models/multiverse.csv": UniverseResult,
    "3_models/vibration.csv": Vibration,
    "3_models/fork_shares.csv": ForkShare,
    "3_models/power.csv": Power,
    "3_models/across_designs.csv": AcrossDesigns,
    "3_models/subgroups.csv": Subgroup,
    "3_models/moderators.csv": ModeratorTest,
    "4_synthesis/ladder.csv": LadderCount,
    "4_synthesis/worklist.csv": WorkItem,
    "4_synthesis/directions.csv": Direction,
    "4_synthesis/sample_directions.csv": SampleDirection,
    "4_synthesis/p_values.csv": PValue,
    "4_synthesis/combined_p.csv": CombinedP,
    "4_synthesis/swim.csv": SwimItem,
    "4_synthesis/answers.csv": Answer,
    "4_synthesis/certainty.csv": Certainty,
    "4_synthesis/claims.csv": ClaimVerdict,
    "4_synthesis/claim_parts.csv": ClaimPart,
    "4_synthesis/claim_universes.csv": ClaimUniverses,
    "4_synthesis/reproduced.csv": Reproduction,
    "4_synthesis/omissions.csv": Omission,
    "4_synthesis/conclusions.csv": Conclusion,
    "4_synthesis/changes.csv": Change,
}

CELL = CellKey._fields
FIT = (*CELL, "model")
FINDING = ("finding_id", "coding")
KEYS: dict[str, tuple[str, ...]] = {
    "1_checked/checks.csv": ("check",),
    "2_effects/ladder.csv": FINDING,
    "2_effects/formulas.csv": (*FINDING, "line"),
    "2_effects/second_opinion.csv": (*CELL, "level", "item", "coding", "quantity", "package"),
    "3_models/models.csv": FIT,
    "3_models/units.csv": (*CELL, "sample_id"),
    "3_models/leave_one_out.csv": (*FIT, "sample_id"),
    "3_models/cumulative.csv": (*FIT, "sample_id"),
    "3_models/influence.csv": (*FIT, "sample_id"),
    "3_models/influence_limits.csv": (*FIT, "measure"),
    "3_models/subset_samples.csv": (*FIT, "sample_id"),
    "3_models/asymmetry.csv": CELL,
    "3_models/funnel_contours.csv": (*CELL, "pval"),
    "3_models/sensitivity.csv": (*FIT, "kind", "variant"),
    "3_models/forks.csv": ("fork",),
    "3_models/multiverse.csv": (*CELL, "answer", "place"),
    "3_models/vibration.csv": (*CELL, "answer"),
    "3_models/fork_shares.csv": (*CELL, "answer", "fork"),
    "3_models/power.csv": CELL,
    "3_models/across_designs.csv": (*CELL, "r"),
    "3_models/subgroups.csv": (*CELL, "variant", "moderator", "level"),
    "3_models/moderators.csv": (*CELL, "variant", "moderator"),
    "4_synthesis/ladder.csv": ("domain", "contrast"),
    "4_synthesis/worklist.csv": ("finding_id",),
    "4_synthesis/directions.csv": ("domain", "contrast", "outcome_group", "sense"),
    "4_synthesis/sample_directions.csv": ("domain", "contrast", "outcome_group", "sample_id", "sense", "verdict"),
    "4_synthesis/p_values.csv": FINDING,
    "4_synthesis/combined_p.csv": ("domain", "contrast", "outcome_group", "sense"),
    "4_synthesis/swim.csv": ("domain", "item"),
    "4_synthesis/answers.csv": ("domain", "contrast", "outcome_group"),
    "4_synthesis/certainty.csv": (*CELL, "item"),
    "4_synthesis/claims.csv": ("claim_id",),
    "4_synthesis/claim_parts.csv": ("claim_id", "part", "metric"),
    "4_synthesis/claim_universes.csv": ("claim_id",),
    "4_synthesis/reproduced.csv": ("claim_id", "kind", "variant"),
    "4_synthesis/omissions.csv": ("domain", "report_id"),
    "4_synthesis/conclusions.csv": ("section",),
    "4_synthesis/changes.csv": ("table", "level", "item", "column"),
}
"""The columns that name a row of each table. A warning has no name of its own, and a random subset may come twice."""
