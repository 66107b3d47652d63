"""The fixed words of the data: what they mean and how a figure calls them. One place, used everywhere."""

from __future__ import annotations

from dataclasses import dataclass

REPORT_KINDS = {
    "primary": "original data from a sample",
    "review": "narrative or systematic review, theory or model without own sample",
    "meta_analysis": "pools results of other reports",
    "commentary": "comments on another report",
    "thesis": "dissertation with original data",
    "registry": "registry entry of a study whose results are not published",
    "unclear": "the kind cannot be told from what was seen of it",
}

RETRACTION_STATUS = {
    "retracted": "the report was retracted or withdrawn",
    "concern": "the journal published an expression of concern",
    "corrected": "a correction or erratum was published",
    "none": "no notice was found",
}

SOURCE_KINDS = {
    "full_text": "the paper itself",
    "abstract": "the abstract only",
    "published_meta_analysis": "a value printed in, or extracted for, a published meta-analysis",
    "review": "retold in a review",
    "thesis": "a dissertation or its abstract",
    "registry": "a trial registry",
    "news": "a press summary or third-party digest",
}


# How a source that was read is called within a sentence.
READ_AS = {
    "full_text": "full text",
    "abstract": "abstract only",
    "published_meta_analysis": "through a meta-analysis",
    "review": "retold in a review",
    "thesis": "thesis",
    "registry": "registry",
    "news": "press summary",
}

# What a claim is, by what could test it: verdicts are counted over like things.
CLAIM_KINDS = {
    "empirical": "a statement on effects, which evidence can test",
    "restatement": "a statement that repeats others",
    "literature": "a count of records or reports, or what a part of the review presents",
    "background": "background, theory, method or a recommendation, which nothing here tests",
}

# What a source says of a claim that cites it, or could.
SAYS = {
    "yes": "it states the same: the same people, outcome and direction",
    "partly": "it states a part of it, or the same with a qualification that the claim drops",
    "no": "it states something else on this question, or has no such result",
    "not_seen": "what could be read of it does not show it; the silence of an abstract is not `no`",
}

# What that amounts to for a claim.
FIDELITY = {
    "yes": "the cited source says so",
    "partly": "the cited source says a part of it; which part it does not say is told",
    "no": "the cited source says something else",
    "another source says it": "the cited source does not, or was not seen, and a report that is not cited does",
    "not seen": "what could be read of the cited source does not show it",
    "cannot be told which source": "which report the citation means cannot be told",
    "no source cited": "the sentence cites nothing",
    "not coded": "nobody has looked yet",
}

CROSSOVER_AS_GROUPS = "crossover_as_groups"  # a design, of which participants are in both groups

# What the two sides of a contrast can be, as `contrasts.csv` declares it.
CONTRAST_DESIGNS = {
    "between": "different participants",
    "within": "the same participants under two conditions",
    "change": "the same participants at two times",
    "association": "no sides: two things vary together",
    "interaction": "a difference of two differences, such as the effect of a drug in two groups",
}
# What an effect of a contrast is, which follows from its design.
COMPARISONS = {
    "difference": "first side minus second",
    "association": "a correlation",
    "interaction": "a difference of differences",
}
# Designs of contrasts that a finding of each design can belong to.
FITTING_DESIGNS = {
    "parallel": ("between",),
    CROSSOVER_AS_GROUPS: ("between",),
    "observational": ("between",),
    "crossover": ("within",),
    "pre_post": ("change", "within"),
}

# Columns whose words each review declares for itself in `vocabulary.csv`: of findings, and of reports.
OWN_WORDS = {
    "matrix": "body fluid or tissue",
    "assay": "assay",
    "exposure": "what the participants were given or exposed to",
    "population_kind": "kind of participants",
    "theme": "theme of a report in the review's table",
}

APPRAISAL_LEVELS = {
    "low": "low risk of bias",
    "some": "some concerns",
    "high": "high risk of bias",
    "unclear": "not enough is known to judge",
}

DESIGNS = {
    "parallel": "two groups of different participants, randomised",
    "crossover": "each person under both conditions, in randomised order",
    CROSSOVER_AS_GROUPS: "a crossover trial that its source gives as two groups: read as parallel groups",
    "pre_post": "each person before and after, not randomised",
    "observational": "groups or associations as found",
}
WITHIN_PERSON = frozenset({"crossover", "pre_post"})
RANDOMISED = frozenset({"parallel", "crossover", CROSSOVER_AS_GROUPS})

# What the source says of the sign. It is data and never guessed from a number.
DIRECTIONS = {
    "group_1_higher": "the value is higher in group_1",
    "group_2_higher": "the value is higher in group_2",
    "positive": "a positive association",
    "negative": "a negative association",
    "none": "the source says that there is no difference or association, and gives no sign",
    "unclear": "the source is ambiguous, contradicts another one, or states an effect without its sign",
    "not_visible": "the result could not be seen in any source",
}
SIGN = {"group_1_higher": 1, "positive": 1, "group_2_higher": -1, "negative": -1}

P_RELATIONS = {
    "=": "exact p",
    "<": "p below the printed value",
    ">": "p above the printed value",
    "sig": "called significant, no p printed",
    "ns": "called not significant, no p printed",
    "trend": "called a trend, no p printed: a p between the levels of significance and of a trend",
}

# What the test behind a p or a statement on significance is a test of. Only a test of the contrast itself bounds it;
# of any other test the sign is used where the source states it for this contrast, and nothing else.
TEST_OF = {
    "contrast": "this contrast in these participants, without adjustment",
    "adjusted": "this contrast, adjusted for other variables or as a term of a larger model",
    "other_people": "a wider or another set of participants, such as both groups together",
    "other_contrast": "another contrast, such as a trend over several groups or times",
}

P_SIDES = {"two": "two-sided", "one": "one-sided, in the direction that the row states"}

# Why a coding does not enter the main analysis.
EXCLUSIONS = {
    "alternative": "another version of the result is used",
    "no_sample": "the report has no sample of its own",
    "composite": "the mean of other results",
    "doubtful": "its numbers are in doubt",
    "overlap": "it may share participants with a sample that is counted",
}

METRICS = {"SMD": "Hedges' g", "SMCC": "standardized change", "ZCOR": "Fisher's z"}

# Estimators of tau², and sampling variances of Hedges' g, as a figure names them.
ESTIMATORS = {
    "DL": "DerSimonian-Laird",
    "PM": "Paule-Mandel",
    "HE": "Hedges",
    "HS": "Hunter-Schmidt",
    "SJ": "Sidik-Jonkman",
    "ML": "maximum likelihood",
    "REML": "restricted maximum likelihood",
    "EB": "empirical Bayes",
}
VARIANCES = {"LS": "LS (large sample)", "LS2": "LS2 (large sample, exact factor)", "UB": "UB (unbiased)"}

# Tests and intervals of a random-effects model.
TESTS = {"knha": "Knapp-Hartung", "adhoc": "Knapp-Hartung, never narrower than Wald", "t": "t", "z": "Wald"}

RUNGS = {
    "exact": "an effect with its sampling variance, by a named formula",
    "bounded": "an interval for the effect, from group sizes and a significance statement",
    "direction": "the sign only",
    "unusable": "neither a value nor a sign",
}

# The rungs as reporting levels, in the words of figures and sentences.
REPORTING = {
    "exact": "effect size",
    "bounded": "significance only",
    "direction": "direction only",
    "unusable": "not usable",
}


def reported(rung: str, n: int) -> str:
    """How many results or samples are reported this completely: 1 effect size, 2 effect sizes, 3 direction only."""
    return f"{n} {REPORTING[rung]}{'s' if rung == 'exact' and n != 1 else ''}"


# What an alternative to the main analysis changes, as people read it.
ALTERNATIVES = {
    "main": "main analysis",
    "sample left out": "sample left out",
    "coding": "version of a result",
    "cohort": "choice of sample",
    "rung": "reporting level",
    "reading": "reading of significance",
    "selection": "selective reporting",
    "model choice": "statistical model",
    "prior": "prior",
    "tipping point": "tipping point",
    "several choices": "set of choices",
}

# How sure an answer of each certainty sounds (Santesso et al. 2020, J Clin Epidemiol 119, 126); of very low certainty
# it is said that it is very uncertain.
CERTAINTIES = {"high": "is", "moderate": "is probably", "low": "may be", "very low": ""}
VERY_LOW = "very low"

# What an answer is to the review: in this order its data are asked for.
STANDINGS = {
    "headline": "it answers a question in the first place, and its sign is known",
    "main": "it answers a question in the first place",
    "other": "the review does not name it among the answers to a question",
}

# What the exact effect of a finding would do to the answer that it belongs to.
WORTHS = {
    "narrower": "its interval would become narrower",
    "first": "it would get its first interval",
    "unknown": "it cannot be told: sizes are not known, the sample has an effect size already, or the contrast is an "
    "interaction",
}

FLOW_PHASES = ("identification", "screening", "included")

FLOW_PLACES = {
    "main": "on the main line, from top to bottom",
    "source": "above the main line, side by side: what flows into it",
    "side": "beside the main line: what leaves it, or what is told apart",
    "table": "not drawn; in the table alone",
}

FLOW_STATUS = {
    "reported": "printed in the review",
    "derived": "follows by arithmetic from printed counts",
    "bounded": "not printed; printed counts limit it",
    "not_reported": "not printed and not limited by anything printed",
    "not_read": "not seen in what was read of the review",
}
# The same as figure and caption say it.
FLOW_WORDS = {
    "reported": "printed in the review",
    "derived": "derived from printed counts",
    "bounded": "limited to a range by printed counts",
    "not_reported": "not reported",
    "not_read": "not read here",
}

CITED_BASIS = {
    "named": "the text names its authors",
    "misnamed": "the citation number means it, though the text names another author",
    "named_misattributed": "the text credits another report with its result",
    "title": "its title fits the sentence",
    "number": "the citation number was decoded",
    "topic": "it is the only report on this topic",
    "via_restated_claim": "the claim that is repeated cites it",
    "undecidable": "the citation may mean any of several reports, which are named",
    "none": "no report could be recognised",
}

EXPECTED_DIRECTIONS = {
    "lower": "a lower value",
    "higher": "a higher value",
    "differs": "differs between the groups, no direction stated",
    "subgroups_differ": "subgroups of the patients differ",
    "group_difference": "other groups differ",
    "positive_association": "",
    "negative_association": "",
    "association": "an association without a stated direction",
    "moderation": "the size of an effect depends on something",
    "mediation": "an effect runs through something",
    "no_mediation": "an effect does not run through something",
    "improves": "the treatment improves it",
    "worsens": "the treatment worsens it",
    "no_effect": "no difference, effect or change",
    "mixed": "different effects in different groups or outcomes",
    "increase": "rises over time",
    "decrease": "falls over time",
    "prevalence": "how common something is",
    "theory": "a theoretical statement without a measured quantity",
    "background": "a fact about the field",
    "count": "a number",
}

VERDICTS = {
    "supported": "the evidence shows what is stated, and goes on showing it when the analysis is varied",
    "supported but fragile": "the same, but from few samples, from part of the evidence, or not under every variation",
    "mixed": "effects differ so much between studies that some lie beyond the margin on either side, or parts of the "
    "statement are decided in opposite ways",
    "not supported": "the evidence rules out an effect that matters, or points the other way from few samples",
    "contradicted": "the evidence shows the opposite",
    "no difference shown": "an effect is stated, and the evidence shows that it lies within the margin",
    "not testable": "no evidence that could decide, or too imprecise to decide; never a judgement of the statement",
}


@dataclass(frozen=True)
class ClaimRule:
    """How a claim is tested, and the designs of the contrasts that can test it."""

    meaning: str
    designs: tuple[str, ...] = ()


_DIFFERENCES = ("between", "within", "change")

CLAIM_RULES = {
    "difference": ClaimRule("two groups, or two times, differ in a direction", _DIFFERENCES),
    "association": ClaimRule("two things go together, with a sign where one is claimed", ("association",)),
    "moderation": ClaimRule(
        "the size of an effect depends on something: an interaction, or the effect in one group minus that in another",
        (*_DIFFERENCES, "association", "interaction"),
    ),
    "treatment": ClaimRule("a treatment changes an outcome", (*_DIFFERENCES, "interaction")),
    "no_difference": ClaimRule(
        "there is no difference, effect or association: an equivalence test",
        (*_DIFFERENCES, "association", "interaction"),
    ),
    "some_studies": ClaimRule("some study found it: what studies reported", (*_DIFFERENCES, "interaction")),
    "estimate": ClaimRule(
        "a pooled estimate with its numbers: are they reproduced, and does the effect hold here",
        (*_DIFFERENCES, "association", "interaction"),
    ),
    "count": ClaimRule("a number of records, reports or categories"),
    "omission": ClaimRule("a part of the review presents the reports that it announces"),
    "restatement": ClaimRule("repeats other claims, which are taken together"),
    "background": ClaimRule("background, theory, or a quantity that no finding is about: not tested here, and why"),
}
EFFECT_RULES = frozenset(
    {"difference", "association", "moderation", "treatment", "no_difference", "some_studies", "estimate"}
)
CLAIMED_SIGNS = {
    "positive": "the effects in scope are positive",
    "negative": "the effects in scope are negative",
    "either": "there is an effect, of whatever sign",
}
SIZES = {
    "small": "a standardized mean difference of 0.2 to 0.5, or a correlation of 0.1 to 0.3",
    "medium": "0.5 to 0.8, or 0.3 to 0.5",
    "large": "0.8 or more, or 0.5 or more",
}
SIGN_OF_CLAIM = {
    "lower": "negative",
    "higher": "positive",
    "differs": "either",
    "positive_association": "positive",
    "negative_association": "negative",
    "association": "either",
    "increase": "positive",
    "decrease": "negative",
}
# Pairs of directions, about the same thing, that cannot both be true.
INCOMPATIBLE = frozenset(
    frozenset(pair)
    for pair in (
        ("improves", "worsens"),
        ("improves", "no_effect"),
        ("worsens", "no_effect"),
        ("positive_association", "negative_association"),
        ("moderation", "no_effect"),
        ("lower", "higher"),
        ("lower", "no_effect"),
        ("higher", "no_effect"),
        ("increase", "decrease"),
        ("increase", "no_effect"),
        ("decrease", "no_effect"),
        ("subgroups_differ", "no_effect"),
    )
)


@dataclass(frozen=True)
class StatType:
    """What a declared statistic consists of: cells that must be filled and cells that may be."""

    meaning: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


# `ni`: a total where the source gives no group sizes, the participants of a within-person contrast, or the
# n of a correlation.
# A printed test beside the numbers that are used is compared with them (docs/checks.md).
_TESTED = ("ti", "df2", "pi", "p_relation")
STAT_TYPES = {
    "means": StatType("group means with SD", ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"), _TESTED),
    "means_se": StatType("group means with SE", ("n1i", "m1i", "se1i", "n2i", "m2i", "se2i"), _TESTED),
    "median_iqr": StatType(
        "group medians with quartiles",
        ("n1i", "med1i", "q1_1i", "q3_1i", "n2i", "med2i", "q1_2i", "q3_2i"),
    ),
    "change": StatType(
        "means of the same participants under both conditions, with SD",
        ("ni", "m1i", "sd1i", "m2i", "sd2i"),
        ("pre_post_r", "ti", "pi", "p_relation"),
    ),
    "t": StatType("t of the contrast", ("ti",), ("n1i", "n2i", "ni", "df2", "pi", "p_relation")),
    "f": StatType("F of the contrast", ("fi", "df1"), ("df2", "n1i", "n2i", "ni", "pi", "p_relation")),
    "p": StatType("exact two-sided p of the contrast", ("pi", "p_relation"), ("n1i", "n2i", "ni", "df2")),
    "r": StatType("correlation", ("ri", "r_kind"), ("ni", "pi", "p_relation")),
    "d": StatType(
        "Cohen's d, uncorrected",
        ("di",),
        ("sei", "ci_lb", "ci_ub", "ci_level", "n1i", "n2i", "ni", "pi", "p_relation"),
    ),
    "g_se": StatType(
        "standardized mean difference as published, with SE",
        ("yi", "sei"),
        ("n1i", "n2i", "ni", "pi", "p_relation"),
    ),
    "g_ci": StatType(
        "standardized mean difference as published, with confidence interval",
        ("yi", "ci_lb", "ci_ub", "ci_level"),
        ("n1i", "n2i", "ni", "pi", "p_relation"),
    ),
    "counts": StatType("events and totals", ("ai", "n1i", "ci", "n2i")),
    "beta": StatType(
        "regression coefficient in raw units; adjusted, unless test_of says `contrast`",
        ("bi",),
        ("sei", "sdi", "n1i", "n2i", "ni", "pi", "p_relation"),
    ),
    "significance": StatType(
        "a statement on significance, with bare means where printed",
        ("p_relation",),
        ("pi", "n1i", "n2i", "ni", "m1i", "m2i"),
    ),
    "direction": StatType(
        "a direction, or nothing visible; p only of another test than that of this contrast",
        (),
        ("n1i", "n2i", "ni", "pi", "p_relation"),
    ),
}
STAT_CELLS = tuple(dict.fromkeys(cell for kind in STAT_TYPES.values() for cell in (*kind.required, *kind.optional)))

FORKS = {
    "alpha": "meaning of “significant”",
    "trend": "meaning of “a trend”",
    "adjusted": "adjusted tests",
    "coding": "results with several versions",
    "doubtful": "doubtful numbers",
    "no_statistic": "results without a statistic",
    "pre_post_r": "correlation of the two conditions",
    "subset": "results included",
    "standardizer": "SD that standardizes",
    "smd_variance": "variance of Hedges' g",
    "cohort": "overlapping samples",
    "evidence": "evidence",
    "units": "independent units",
    "arms": "arms of one sample",
    "rho": "correlation within a sample",
    "method": "estimator of tau²",
    "test": "test and interval",
    "mu_prior_scale": "prior on the average, SD",
    "tau_prior_scale": "prior on tau, scale",
    "reported": "non-significant results reported",
}
"""Forks of the multiverse, as readers know them."""

_OPTIONS = {
    "adjusted": {"sign_only": "sign only", "as_unadjusted": "read as if unadjusted"},
    "coding": {"primary": "primary version", "alternative": "other version"},
    "doubtful": {"left_out": "excluded", "counted": "included"},
    "no_statistic": {"as_told": "as reported", "not_significant": "taken as not significant"},
    "pre_post_r": {"as_coded": "as extracted"},
    "subset": {"all": "all"},
    "standardizer": {"pooled": "pooled", "average": "of the average variance", "group_2": "of the second group"},
    "cohort": {
        "highest_rung": "the one with the best data",
        "larger": "the larger one",
        "earlier": "the earlier one",
        "all": "all, as if independent",
    },
    "evidence": {"all": "all", "effect_sizes": "effect sizes only"},
    "units": {"samples": "samples", "findings": "every result"},
    "arms": {"shared_group": "by their shared group", "rho": "like other outcomes"},
    "reported": {"1": "as often as others"},
    "method": ESTIMATORS,
    "test": TESTS,
    "smd_variance": VARIANCES,
}


def option_words(fork: str, option: str) -> str:
    """An option at a fork of the multiverse, as readers know it."""
    if fork == "reported" and option != "1":
        return f"{option} times as often"
    if fork in ("alpha", "trend"):
        return f"p < {option}"
    return _OPTIONS.get(fork, {}).get(option, option)
