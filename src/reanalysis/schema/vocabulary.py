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


@dataclass(frozen=True)
class Contrast:
    """What is compared: its heading in figures, and what values left and right of zero mean."""

    label: str
    left: str
    right: str


# Contrasts are never pooled with one another.
CONTRASTS = {
    "bpd_vs_control": Contrast("BPD vs control", "lower in BPD", "higher in BPD"),
    "within_bpd": Contrast("Subgroups within BPD", "lower in the first group", "higher in the first group"),
    "change_bpd": Contrast("Change over time within BPD", "falls", "rises"),
    "oxt_vs_placebo_bpd": Contrast("Oxytocin vs placebo, in BPD", "lower with oxytocin", "higher with oxytocin"),
    "oxt_vs_placebo_control": Contrast(
        "Oxytocin vs placebo, in controls", "lower with oxytocin", "higher with oxytocin"
    ),
    "oxt_vs_placebo_other": Contrast(
        "Oxytocin vs placebo, other or mixed sample", "lower with oxytocin", "higher with oxytocin"
    ),
    "group_by_drug": Contrast(
        "Drug effect in BPD minus that in the other group", "drug effect lower in BPD", "drug effect higher in BPD"
    ),
    "association_bpd": Contrast("Association within BPD", "negative", "positive"),
    "association_other": Contrast("Association, other or mixed sample", "negative", "positive"),
    "moderation": Contrast("Moderation of an effect", "negative", "positive"),
    "other_vs_control": Contrast("Another diagnosis vs control", "lower in the diagnosis", "higher in the diagnosis"),
}
ASSOCIATIONS = frozenset({"association_bpd", "association_other", "moderation"})

DESIGNS = {
    "parallel": "two groups of different persons, randomised",
    "crossover": "each person under both conditions, in randomised order",
    "pre_post": "each person before and after, not randomised",
    "observational": "groups or associations as found",
}
WITHIN_PERSON = frozenset({"crossover", "pre_post"})

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
    "contrast": "this contrast in these persons, without adjustment",
    "adjusted": "this contrast, adjusted for other variables or as a term of a larger model",
    "other_people": "a wider or another set of persons, such as both groups together",
    "other_contrast": "another contrast, such as a trend over several groups or times",
}

P_SIDES = {"two": "two-sided", "one": "one-sided, in the direction that the row states"}

METRICS = {"SMD": "Hedges' g", "SMCC": "standardized change", "ZCOR": "Fisher's z"}

RUNGS = {
    "exact": "an effect with its sampling variance, by a named formula",
    "bounded": "an interval for the effect, from group sizes and a significance statement",
    "direction": "the sign only",
    "unusable": "neither a value nor a sign",
}

FLOW_STAGES = ("identification", "screening", "retrieval", "eligibility", "included")

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
}

EXPECTED_DIRECTIONS = {
    "lower_in_bpd": "lower in BPD than in controls",
    "higher_in_bpd": "higher in BPD than in controls",
    "differs_in_bpd": "differs between BPD and controls, no sign claimed",
    "within_bpd_difference": "subgroups of BPD differ",
    "group_difference": "other groups differ",
    "positive_association": "",
    "negative_association": "",
    "association": "an association without a claimed sign",
    "moderation": "the size of an effect depends on something",
    "mediation": "an effect runs through something",
    "no_mediation": "an effect does not run through something",
    "improves": "oxytocin improves it",
    "worsens": "oxytocin worsens it",
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
    "supported": "the evidence shows what the claim says, and goes on showing it when the analysis is varied",
    "supported but fragile": "the same, but from few samples, from part of the evidence, or not under every variation",
    "mixed": "the evidence points both ways",
    "not supported": "the evidence rules out an effect that matters, or points the other way from few samples",
    "contradicted": "the evidence shows the opposite",
    "no difference shown": "the whole interval lies within the margin of equivalence",
    "not testable": "no evidence that could decide, or too imprecise to decide; never a judgement of the claim",
    "misattributed": "the result is credited to a report that is not its source; whether it holds is told beside it",
    "omits evidence": "the review leaves out evidence that bears on the claim",
}


@dataclass(frozen=True)
class ClaimRule:
    """How a claim is tested, and the contrasts that can test it."""

    meaning: str
    contrasts: frozenset[str] = frozenset()


_DIFFERENCES = frozenset({"bpd_vs_control", "within_bpd", "change_bpd"})
_TREATMENTS = frozenset({"oxt_vs_placebo_bpd", "oxt_vs_placebo_control", "oxt_vs_placebo_other", "group_by_drug"})
_RELATIONS = frozenset({"association_bpd", "association_other"})

CLAIM_RULES = {
    "difference": ClaimRule("two groups, or two times, differ in a direction", _DIFFERENCES),
    "association": ClaimRule("two things go together, with a sign where one is claimed", _RELATIONS),
    "moderation": ClaimRule(
        "the size of an effect depends on something: an interaction, or the drug effect in BPD minus that in controls",
        frozenset({"moderation"}) | _TREATMENTS,
    ),
    "treatment": ClaimRule("oxytocin changes an outcome compared with placebo", _TREATMENTS),
    "no_difference": ClaimRule(
        "there is no difference, effect or association: an equivalence test", _DIFFERENCES | _TREATMENTS | _RELATIONS
    ),
    "some_studies": ClaimRule("some study found it: the directions that were reported", _TREATMENTS),
    "count": ClaimRule("a number of records, reports or categories"),
    "omission": ClaimRule("a part of the review presents the reports of Table 1 that it announces"),
    "restatement": ClaimRule("repeats other claims, all of which must hold"),
    "background": ClaimRule("background, theory or a quantity without oxytocin: not tested here, and why"),
}
EFFECT_RULES = frozenset({"difference", "association", "moderation", "treatment", "no_difference", "some_studies"})
CLAIMED_SIGNS = {
    "positive": "the effects in scope are positive",
    "negative": "the effects in scope are negative",
    "either": "there is an effect, of whatever sign",
}
SIGN_OF_CLAIM = {
    "lower_in_bpd": "negative",
    "higher_in_bpd": "positive",
    "differs_in_bpd": "either",
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
        ("lower_in_bpd", "higher_in_bpd"),
        ("lower_in_bpd", "no_effect"),
        ("higher_in_bpd", "no_effect"),
        ("increase", "decrease"),
        ("increase", "no_effect"),
        ("decrease", "no_effect"),
        ("within_bpd_difference", "no_effect"),
    )
)
REPORT_COUNTS = {
    "table1-before-2010": "rows of Table 1 published before 2010",
    "table1-first-year": "year of the earliest row of Table 1",
    "table1-themes": "different themes in Table 1",
    "table1-without-sample": "rows of Table 1 that are reviews, meta-analyses or commentaries, as far as known",
    "earlier-reviews": "rows of Table 1 that are reviews with oxytocin and borderline personality in their title",
}
# Parts of Table 1, by theme, as the flow names them.
TABLE1_PARTS = {"table1-correlation": "correlation", "table1-treatment": "treatment", "table1-both": "both"}


@dataclass(frozen=True)
class StatType:
    """What a declared statistic consists of: cells that must be filled and cells that may be."""

    meaning: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()


# `ni`: a total where the source gives no group sizes, the persons of a within-person contrast, or the
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
        "means of the same persons under both conditions, with SD",
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

ALL_EVIDENCE = "all evidence"  # name of the model that takes bounds and directions too
