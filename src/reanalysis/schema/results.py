"""The tables that the pipeline writes: one row model each, in the order of their columns."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def col(description: str) -> Any:
    """A column of a result table with its entry for the codebook; empty unless given."""
    return field(default=None, metadata={"description": description})


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A coding of a finding on its rung of the evidence ladder."""

    domain: str = col("domain")
    contrast: str = col("what is compared")
    outcome_group: str = col("what is measured; findings of one domain, contrast, group and metric are pooled")
    finding_id: str = col("finding")
    coding: str = col("version of the finding")
    label: str = col("short name of the report")
    year: int = col("year of the report")
    report_id: str = col("report")
    sample_id: str = col("sample")
    cohort_id: str = col("cohort: samples that may share persons")
    via: str = col("report through which the value was read")
    population: str = col("who was measured")
    outcome: str = col("the outcome in words")
    group_1: str = col("first side of the contrast; a positive effect means higher here")
    group_2: str = col("second side")
    matrix: str = col("body fluid or tissue")
    assay: str = col("assay")
    design: str = col("how the two sides relate")
    dose_iu: str = col("dose of intranasal oxytocin, IU")
    timepoint: str = col("when")
    direction: str = col("what the source says of the sign")
    higher_is_better: str = col("whether a higher value is good for the person")
    stat_type: str = col("which statistic the source gives")
    n1i: int = col("persons in group_1")
    n2i: int = col("persons in group_2")
    ni: int = col("persons in all, where group sizes do not apply or are not known")
    rung: str = col("exact, bounded, direction or unusable")
    why: str = col("why it stands on this rung")
    metric: str = col("scale of yi: SMD (Hedges' g between groups), SMCC (within persons), ZCOR (Fisher's z)")
    es_method: str = col("formula by which yi and vi were computed")
    inputs: str = col("numbers that went into the formula, as printed")
    shown: str = col("other numbers of the row, as printed: not used, or of another test")
    assumed: str = col("what had to be assumed")
    yi: float = col("effect size, group_1 minus group_2")
    vi: float = col("sampling variance of yi")
    yi_lb: float = col("lower end of the interval that holds the effect (bounded and direction rungs)")
    yi_ub: float = col("upper end of that interval")
    use: str = col("main: enters the synthesis; excluded: shown, never pooled in the main analysis")
    use_why: str = col("why it is excluded")
    enters: str = col("yes: part of a unit in 3_models/units; no: in no model, with the reason")
    missing: str = col("what would lift it to a higher rung")
    source_kind: str = col("what was read")
    locator: str = col("where it was read")

    @property
    def persons(self) -> int | None:
        """Persons in all; None where no size is known."""
        return self.ni or (self.n1i or 0) + (self.n2i or 0) or None


@dataclass(frozen=True, kw_only=True)
class SecondOpinion:
    """One number of ours beside the same number by pingouin or statsmodels."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of the effect")
    level: str = col("finding, sample (its findings averaged) or cell (its samples pooled)")
    item: str = col("which finding, sample or model; DL and PM of a cell are computed for this comparison alone")
    coding: str = col("version of the finding")
    quantity: str = col("yi, vi, tau2, est, se, se_knha (Knapp-Hartung), ci_lb, ci_ub, QE or QEp")
    ours: float = col("our number")
    theirs: float = col("the number of the package, from its own functions and the numbers of the source")
    difference: float = col("theirs minus ours")
    relative_difference: float = col("absolute difference over the larger of the two")
    package: str = col("whose number it is")
    cause: str = col("why they differ, verified: without this cause they agree to 9 digits; or why there is none")
    verdict: str = col("agrees (to 9 digits), explained (by the cause) or no second opinion; anything else is an error")


@dataclass(frozen=True, kw_only=True)
class PooledUnit:
    """One independent unit of a cell: a sample, by the mean of its findings on its highest rung."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of yi")
    sample_id: str = col("sample")
    label: str = col("short name of the report")
    year: int = col("year of the report")
    rung: str = col("exact, bounded or direction")
    findings: str = col("findings averaged into this unit, separated by `;`")
    how: str = col("how they were combined; empty for a single finding")
    left_out: str = col("other findings of the sample in this cell, which enter no model, separated by `;`")
    rho: float = col("correlation assumed between them; empty for a single finding, and for arms of one outcome")
    yi: float = col("effect size of the unit")
    vi: float = col("sampling variance of the unit")
    yi_lb: float = col("lower end of the interval that holds the effect, where it is not exact")
    yi_ub: float = col("upper end of that interval")
    n1i: int = col("persons in group_1, over all arms")
    n2i: int = col("persons in group_2; those whom several findings share once")
    ni: int = col("persons in all, where group sizes do not apply or are not known")
    weight: float = col("weight in the classical headline model, percent")


@dataclass(frozen=True, kw_only=True)
class Model:
    """One fitted model of one cell: a domain, contrast, outcome group and metric."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of the estimate")
    model: str = col("name of the model")
    headline: str = col("yes for the model shown as the diamond of the cell")
    k_effects: int = col("findings that went in")
    k_left_out: int = col("findings of the main analysis in this cell that enter no model; their `enters` says why")
    k: int = col("independent samples")
    k_exact: int = col("samples with an exact effect")
    k_bounded: int = col("samples of which only bounds are known")
    k_direction: int = col("samples of which only the direction is known")
    est: float = col("pooled effect")
    se: float = col("its standard error")
    ci_lb: float = col("lower confidence (or credible) bound")
    ci_ub: float = col("upper confidence (or credible) bound")
    pval: float = col("two-sided p of the estimate against zero")
    prob_below: float = col("posterior probability that the mean effect is below zero (Bayesian models)")
    pi_lb: float = col("lower prediction bound")
    pi_ub: float = col("upper prediction bound")
    pi_rule: str = col("degrees of freedom of the prediction interval")
    tau2: float = col("between-study variance (median of tau, squared, in the Bayesian model)")
    tau2_lb: float = col("lower bound of tau2: Q-profile, or credible")
    tau2_ub: float = col("upper bound of tau2")
    I2: float = col("share of the variability due to heterogeneity, percent")
    H2: float = col("ratio of total to sampling variability")
    QE: float = col("test statistic of heterogeneity")
    QEp: float = col("its p")
    method: str = col("estimator of tau2, or prior")
    test: str = col("z, t, knha (Knapp-Hartung) or adhoc (Knapp-Hartung, never narrower than Wald)")
    ddf: float = col("degrees of freedom of the test; empty for normal")
    level: float = col("level of the intervals")
    rho: float = col("correlation assumed between effects of one sample; empty where none had several")
    converged: str = col("whether the fit converged")
    boundary: str = col("whether tau2 was estimated at zero")
    note: str = col("what a reader must know")


@dataclass(frozen=True, kw_only=True)
class Refit:
    """A model of a cell on some of its samples: without one of them, or on those up to a year."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of the estimate")
    model: str = col("name of the model")
    sample_id: str = col("sample that is left out, or that came in last")
    label: str = col("short name of its report")
    year: int = col("year of its report")
    k: int = col("samples in the model")
    est: float = col("pooled effect of these")
    ci_lb: float = col("lower confidence bound")
    ci_ub: float = col("upper confidence bound")
    tau2: float = col("their between-study variance")


@dataclass(frozen=True, kw_only=True)
class Influence:
    """How much one sample carries the headline model of its cell: deletion diagnostics, named as in metafor."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of the effects")
    model: str = col("name of the model")
    sample_id: str = col("sample")
    label: str = col("short name of its report")
    rstudent: float = col("deleted residual over its standard error")
    dffits: float = col("change of the fitted value without the sample, in standard errors")
    cook_d: float = col("Cook's distance")
    cov_r: float = col("variance of the estimate without the sample, over that with it")
    tau2_del: float = col("tau2 without the sample")
    QE_del: float = col("Q without the sample")
    hat: float = col("leverage")
    weight: float = col("weight, percent")
    baujat_x: float = col("contribution to the residual Q")
    baujat_y: float = col("influence on the pooled effect")
    is_infl: str = col("whether a rule of thumb of metafor flags it as influential")


@dataclass(frozen=True, kw_only=True)
class Subset:
    """A model of a cell on one subset of its samples (GOSH)."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of the estimate")
    model: str = col("name of the model")
    samples: str = col("one digit for each sample of the cell, in the order of its units: 1 where it is in")
    k: int = col("samples in the subset")
    est: float = col("pooled effect of the subset")
    tau2: float = col("its between-study variance")
    I2: float = col("share of its variability due to heterogeneity, percent; empty in the all-evidence model")


@dataclass(frozen=True, kw_only=True)
class Asymmetry:
    """Regression test of funnel plot asymmetry in one cell."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of the effects")
    k: int = col("independent samples with an exact effect")
    predictor: str = col("sqrtninv (1 over the root of the size), or sei (standard error) where a size is not known")
    stat: float = col("t of the slope")
    ddf: float = col("its degrees of freedom")
    pval: float = col("its two-sided p")
    est: float = col("effect expected of an infinitely large study")
    ci_lb: float = col("lower confidence bound")
    ci_ub: float = col("upper confidence bound")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A model of a cell under one alternative to the main analysis."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group")
    metric: str = col("scale of the estimate")
    model: str = col("name of the model")
    kind: str = col("main, reading, sample left out, cohort, coding, rung or model choice")
    variant: str = col("what is different")
    k: int = col("independent samples")
    est: float = col("estimate")
    ci_lb: float = col("lower bound")
    ci_ub: float = col("upper bound")
    shift: float = col("estimate minus that of the main analysis")


@dataclass(frozen=True, kw_only=True)
class LadderCount:
    """How many findings of a domain and contrast stand on each rung."""

    domain: str = col("domain")
    section: str = col("section of the review")
    title: str = col("title of the domain")
    contrast: str = col("contrast; empty for a domain without any finding")
    codings: int = col("rows of the raw data")
    exact: int = col("findings in the main analysis with an exact effect")
    bounded: int = col("findings in the main analysis with bounds")
    direction: int = col("findings in the main analysis with a direction only")
    unusable: int = col("findings in the main analysis with neither")
    excluded: int = col("codings shown but not used, with the reason in 2_effects/ladder.csv")


@dataclass(frozen=True, kw_only=True)
class WorkItem:
    """One thing that someone with access to a paper could do to lift a finding to a higher rung."""

    finding_id: str = col("finding")
    domain: str = col("domain")
    contrast: str = col("contrast")
    rung: str = col("where it stands now")
    lifts_to: str = col("where it would stand")
    needed: str = col("which numbers")
    report_id: str = col("from which report")
    label: str = col("short name of the report")
    doi: str = col("DOI of the report")
    n: int = col("persons behind the finding, where known")
    outcome: str = col("outcome")
    width_now: float = col("width of the interval of its cell today; empty where there is none, or it is unbounded")
    width_then: float = col("width expected if the exact effect were known")
    shrinks: float = col("share by which the interval would shrink; 1 where it would be the first")


@dataclass(frozen=True, kw_only=True)
class Direction:
    """Votes on the direction of effects in one cell, one for each independent unit, and their sign test."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group; empty for all outcomes of the contrast with a known better and worse")
    sense: str = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    codings: int = col("codings in the cell")
    excluded: int = col("of these, codings that do not enter the main analysis and never vote")
    findings: int = col("findings in the main analysis")
    units: int = col("independent units behind them: cohorts, of which each has one vote")
    up: int = col("units whose findings point up (at least 70 percent of those with a sign)")
    down: int = col("units whose findings point down")
    mixed: int = col("units whose findings disagree")
    none: int = col("units without a sign: not significant and no more, or not usable")
    share: float = col("up, of up and down")
    ci_lb: float = col("lower exact (Clopper-Pearson) bound of the share")
    ci_ub: float = col("upper bound")
    level: float = col("level of the interval")
    pval: float = col("two-sided exact p of the sign test")
    least_p: float = col("smallest p that so few votes could give, were they unanimous")
    up_samples: str = col("samples that voted up")
    down_samples: str = col("samples that voted down")
    mixed_samples: str = col("samples that are mixed")
    none_samples: str = col("samples without a sign")


@dataclass(frozen=True, kw_only=True)
class CombinedP:
    """Exact p of one cell combined over independent units, by Stouffer and by Fisher."""

    domain: str = col("domain")
    contrast: str = col("contrast")
    outcome_group: str = col("outcome group; empty for all outcomes of the contrast with a known better and worse")
    sense: str = col("what up means: higher (group_1, or a positive association) or better (for the person)")
    k: int = col("independent units with an exact p")
    k_p: int = col("exact p of these units")
    rho: float = col("correlation assumed between several z of one unit; empty where none had several")
    stouffer_z: float = col("sum of z weighted by the root of n; positive is up. Empty where an n is not known")
    stouffer_p_up: float = col("one-sided p for up")
    stouffer_p_down: float = col("one-sided p for down")
    stouffer_p: float = col("two-sided p")
    fisher_chi2_up: float = col("minus twice the sum of the logarithms of the one-sided p for up")
    fisher_p_up: float = col("its p")
    fisher_chi2_down: float = col("the same for down")
    fisher_p_down: float = col("its p")
    fisher_df: int = col("degrees of freedom of both")
    fisher_p: float = col("two-sided p: twice the smaller of the two, at most 1")
    entered: str = col("what entered: finding, its sign towards up, its two-sided p, and where the p comes from")
    left_out: str = col("findings of the cell that did not enter, with the reason")
    note: str = col("what a reader must know")


@dataclass(frozen=True, kw_only=True)
class SwimItem:
    """One of the nine items of the SWiM reporting guideline, filled for one domain."""

    domain: str = col("domain")
    section: str = col("section of the review")
    title: str = col("title of the domain")
    item: int = col("number of the item (Campbell 2020)")
    name: str = col("what the item asks for")
    text: str = col("the answer, written from the tables")


@dataclass(frozen=True, kw_only=True)
class ClaimVerdict:
    """What the recomputed evidence says of one claim of the review."""

    claim_id: str = col("claim")
    section: str = col("section of the review")
    domain: str = col("domain")
    core: str = col("whether the review's conclusion rests on it")
    claim: str = col("the claim, paraphrased")
    rule: str = col("rule that tested it")
    verdict: str = col("the computed verdict")
    content: str = col("verdict on the content alone, whatever is wrong with its source or selection")
    flags: str = col("misattributed, omits evidence, inconsistent with other claims, or rests on a review; by `;`")
    why: str = col("the reason, generated")
    rests_on: str = col("findings, reports, flow boxes or claims that it rests on, separated by `;`")
    rung: str = col("highest rung of the evidence")
    k: int = col("independent samples behind the verdict")
    robustness: float = col("share of the declared alternatives under which the content verdict keeps its side")
    alternatives: int = col("number of these alternatives")
    what_would_change_it: str = col("what could lift or settle it, from the work list")
    overruled_verdict: str = col("verdict of a person who disagrees")
    overruled_by: str = col("name of that person")
    overruled_reason: str = col("reason of that person")

    @property
    def shown(self) -> str:
        """The verdict to show: that of the person, where one overruled."""
        return self.overruled_verdict or self.verdict


@dataclass(frozen=True, kw_only=True)
class Omission:
    """A report of Table 1 with evidence on a domain that no claim of this domain cites."""

    domain: str = col("domain; empty for a report without any finding here")
    section: str = col("section of the review; `added` where it has none")
    report_id: str = col("report")
    label: str = col("short name of the report")
    kind: str = col("kind of the report")
    findings: str = col("findings that are its own, or were read through it, separated by `;`")
    cited_elsewhere: str = col("whether a claim of another domain cites it")


@dataclass(frozen=True, kw_only=True)
class Conclusion:
    """A sentence on a section of the review, or on the whole, generated from the verdicts."""

    section: str = col("section; `all` for the whole review")
    title: str = col("title of the section")
    sentence: str = col("the sentence")
    claims: str = col("claims that it rests on, separated by `;`")


RESULT_TABLES: dict[str, type] = {
    "2_effects/<domain>.csv, 2_effects/ladder.csv": Effect,
    "2_effects/second_opinion.csv": SecondOpinion,
    "3_models/<domain>.csv": Model,
    "3_models/units/<domain>.csv": PooledUnit,
    "3_models/leave_one_out.csv": Refit,
    "3_models/cumulative.csv": Refit,
    "3_models/influence.csv": Influence,
    "3_models/subsets.csv": Subset,
    "3_models/asymmetry.csv": Asymmetry,
    "3_models/sensitivity.csv": Variant,
    "4_synthesis/ladder.csv": LadderCount,
    "4_synthesis/worklist.csv": WorkItem,
    "4_synthesis/directions.csv": Direction,
    "4_synthesis/combined_p.csv": CombinedP,
    "4_synthesis/swim.csv": SwimItem,
    "4_synthesis/claims.csv": ClaimVerdict,
    "4_synthesis/omissions.csv": Omission,
    "4_synthesis/conclusions.csv": Conclusion,
}


def columns(row: type) -> list[str]:
    """Column names of a result table, in order."""
    return [f.name for f in fields(row)]
