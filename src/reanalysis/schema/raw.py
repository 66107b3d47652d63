"""The raw tables, one row model each: what people write in `data/raw/`.

The field descriptions are the codebook (`docs/codebook.md`); the types are the validation. There is no second place.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from reanalysis.schema import vocabulary as v
from reanalysis.schema.cells import (
    Correlation,
    Count,
    GroupSize,
    Id,
    Ids,
    Level,
    Number,
    Percent,
    Positive,
    Probability,
    Rank,
    Row,
    Text,
    Texts,
    Year,
    YesNo,
    column,
    split,
)


def _one_of(words) -> type:
    return Literal[tuple(words)]


ClaimId = Annotated[str, Field(pattern=r"^[CF]\d{3}$")]
ClaimIds = Annotated[tuple[ClaimId, ...], BeforeValidator(split)]
Date = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


DomainName = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]


class Domain(Row):
    """A section of the review's synthesis, or one added since: the unit of a forest plot."""

    domain: DomainName = column(
        "name of the domain and of its file in findings/", example="early-stress", required=True
    )
    section: Text = column("section of the review; `added` where it has none", example="3.2.1", required=True)
    title: Text = column("title in figures", example="Early life stress and oxytocin levels", required=True)
    note: Text | None = column("why a domain was added, what it leaves out")


class Report(Row):
    """A publication: a row of the review's Table 1, or one found since."""

    report_id: Id = column(
        "first author, year, and a journal tag where two collide", example="bertsch2013-ajp", required=True
    )
    label: Text = column("short name in figures and tables", example="Bertsch 2013 (Horm Behav)", required=True)
    in_review: Rank | None = column("row of the review's Table 1; empty when not in it", example="6")
    authors: Texts = column("authors, separated by `;`", example="Bomann AC; MB Jørgensen", required=True)
    year: Year | None = column("year of publication; empty where no source was seen that tells", example="2013")
    title: Text = column("title", required=True)
    journal: Text | None = column("journal, book or repository")
    country: Texts | None = column("country as Table 1 gives it, spelling unified, separated by `;`", example="Germany")
    theme: Literal["correlation", "treatment", "both"] | None = column("theme in Table 1")
    kind: _one_of(v.REPORT_KINDS) = column("what the report is", example="primary", required=True)
    doi: Annotated[str, Field(pattern=r"^10\.\d+/\S+$")] | None = column("DOI", example="10.1016/j.yhbeh.2012.11.013")
    pmid: Annotated[str, Field(pattern=r"^\d+$")] | None = column("PubMed id", example="28397403")
    about: Ids | None = column("for a commentary: the reports it comments on", example="bertsch2013-ajp")
    note: Text | None = column("misprints of Table 1, doubts")


class Sample(Row):
    """A set of participants. Several reports can share one; suspected overlap is a shared cohort."""

    sample_id: Id = column("name", example="bomann2017", required=True)
    report_ids: Ids = column("reports that present it, separated by `;`", required=True)
    cohort_id: Id = column("samples of one cohort may share persons and are counted once", required=True)
    group_1: Text | None = column("name of the first group", example="BPD")
    n_group_1: Count | None = column("persons in the first group", example="18")
    group_2: Text | None = column("name of the second group", example="healthy controls")
    n_group_2: Count | None = column("persons in the second group", example="20")
    n_total: Count | None = column("persons in all, where the groups are not given or not the whole", example="58")
    percent_female: Percent | None = column("women, percent", example="100")
    age: Text | None = column("age as the source gives it", example="18-30 years")
    country: Text | None = column("country")
    locator: Text | None = column("where in which source the sizes were read")
    overlap: Text | None = column("why an overlap with other samples of the cohort is suspected")
    note: Text | None = column("anything else a reader must know")


class Finding(Row):
    """One coding of one finding: a contrast or an association in one sample, of one outcome, at one time."""

    finding_id: Id = column(
        "report, what was measured, in whom", example="bertsch2013-ajp-anger-eyes-bpd", required=True
    )
    coding: Id = column(
        "`primary`, or the name of an alternative version of the same finding",
        example="primary",
        required=True,
    )
    report_id: Id = column("the report whose finding it is", example="bertsch2013-ajp", required=True)
    via: Id | None = column(
        "report through which the value was read, if not from the report itself", example="leppanen2017"
    )
    sample_id: Id | None = column("sample; empty for a pooled result of a meta-analysis", example="bertsch2013-ajp-bpd")
    contrast: _one_of(v.CONTRASTS) = column("what is compared", example="oxt_vs_placebo_bpd", required=True)
    outcome_group: Id = column(
        "what is measured, in one word used for all findings pooled together",
        example="emotion-recognition",
        required=True,
    )
    population: Text = column("who was measured", example="women with BPD", required=True)
    outcome: Text = column(
        "the outcome in words", example="accuracy for angry faces, first fixation on the eyes", required=True
    )
    instrument: Text | None = column("task or scale", example="emotion classification task")
    matrix: Literal["plasma", "serum", "saliva", "csf", "blood", "pbmc", "dna"] | None = column("body fluid or tissue")
    assay: Literal["ria", "elisa"] | None = column("assay, where named")
    extraction: YesNo | None = column("whether the sample was extracted before the assay")
    unit: Text | None = column("unit of the numbers", example="pg/ml")
    scale_items: Annotated[int, Field(ge=1)] | None = column(
        "where scores are whole numbers: of how many items or trials each person's score is the mean (1 for a sum)",
        example="21",
    )
    timepoint: Text | None = column("when", example="baseline")
    design: _one_of(v.DESIGNS) | None = column("how the two sides of the contrast relate; empty when no source says")
    dose_iu: Positive | None = column("dose of intranasal oxytocin, IU", example="24")
    group_1: Text | None = column("first side of the contrast: its effect is positive when higher here", example="BPD")
    group_2: Text | None = column("second side of the contrast", example="healthy controls")
    stat_type: _one_of(v.STAT_TYPES) = column(
        "which statistic the source gives; decides which cells are filled", example="means", required=True
    )
    ni: GroupSize | None = column(
        "persons in all: of a correlation, a within-person contrast, or where group sizes are missing"
    )
    n1i: GroupSize | None = column("persons in group_1")
    m1i: Number | None = column("mean of group_1")
    sd1i: Positive | None = column("standard deviation of group_1")
    se1i: Positive | None = column("standard error of the mean of group_1")
    med1i: Number | None = column("median of group_1")
    q1_1i: Number | None = column("first quartile of group_1")
    q3_1i: Number | None = column("third quartile of group_1")
    n2i: GroupSize | None = column("persons in group_2")
    m2i: Number | None = column("mean of group_2")
    sd2i: Positive | None = column("standard deviation of group_2")
    se2i: Positive | None = column("standard error of the mean of group_2")
    med2i: Number | None = column("median of group_2")
    q1_2i: Number | None = column("first quartile of group_2")
    q3_2i: Number | None = column("third quartile of group_2")
    ti: Number | None = column("t, with the sign of group_1 minus group_2")
    fi: Annotated[Number, Field(ge=0)] | None = column("F")
    df1: Rank | None = column("numerator degrees of freedom of F")
    df2: Positive | None = column("residual degrees of freedom")
    pi: Probability | None = column("p as printed; two-sided unless p_sides says otherwise", example="0.002")
    p_sides: _one_of(v.P_SIDES) | None = column("sides of the test; empty for two-sided", example="one")
    test_of: _one_of(v.TEST_OF) | None = column(
        "what the p or the statement on significance is a test of; empty for this contrast itself", example="adjusted"
    )
    p_relation: _one_of(v.P_RELATIONS) | None = column(
        "how the p relates to the printed value, or what the text says", example="="
    )
    ri: Correlation | None = column("correlation", example="-0.36")
    r_kind: Literal["pearson", "spearman", "partial", "unknown"] | None = column("kind of the correlation")
    di: Number | None = column("Cohen's d as published")
    bi: Number | None = column("regression coefficient")
    sdi: Positive | None = column("standard deviation of the outcome, to standardize a coefficient")
    yi: Number | None = column("published effect size on the row's metric, group_1 minus group_2")
    sei: Positive | None = column("standard error of the published effect size or coefficient")
    ci_lb: Number | None = column("lower confidence bound")
    ci_ub: Number | None = column("upper confidence bound")
    ci_level: Level | None = column("level of the interval", example="0.95")
    ai: Count | None = column("events in group_1")
    ci: Count | None = column("events in group_2")
    pre_post_r: Correlation | None = column("correlation of the two measurements of a within-person contrast")
    published_yi: Number | None = column("effect size that a publication derived from the same numbers, for checking")
    published_sei: Positive | None = column("its standard error")
    direction: _one_of(v.DIRECTIONS) = column(
        "what the source says of the sign", example="group_2_higher", required=True
    )
    higher_is_better: Literal["yes", "no", "unclear", "not_applicable"] = column(
        "whether a higher value of the outcome is good for the person", required=True
    )
    composite_of: Ids | None = column("findings that this one is the mean of: never pooled with them")
    doubt: Text | None = column(
        "why the numbers cannot be trusted; such a row is shown and never pooled in the main analysis"
    )
    locator: Text = column("where in which source the row was read", example="abstract, results", required=True)
    source_kind: _one_of(v.SOURCE_KINDS) = column("what was read", example="abstract", required=True)
    coder: Text = column("who coded the row", example="AB", required=True)
    note: Text | None = column("how the numbers were read, what is missing")

    @property
    def p_two_sided(self) -> float | None:
        """The printed p; twice that of a one-sided test, which was made in the direction that the row states."""
        if self.pi is None:
            return None
        return float(self.pi) * (2 if self.p_sides == "one" else 1)


class Claim(Row):
    """One checkable statement of the review, in our own words."""

    claim_id: ClaimId = column("C001 ... in order of the text; F001 ... for counts", example="C038", required=True)
    section: Text = column("section of the review", example="3.2.1", required=True)
    domain: Id | None = column("domain that could test it; empty where several or none could", example="early-stress")
    topic: Id = column("what it is about, finer than the domain", example="baseline-oxt-level", required=True)
    claim: Text = column("the claim, paraphrased", required=True)
    claim_type: Literal["empirical", "interpretation", "restatement", "theory", "background", "method"] = column(
        "kind of statement", required=True
    )
    contrast: Text | None = column("who is compared, or in whom", example="BPD vs HC")
    quantity: Text | None = column("what is measured", example="plasma OXT")
    expected_direction: _one_of(v.EXPECTED_DIRECTIONS) = column(
        "what the claim says", example="lower_in_bpd", required=True
    )
    detail: Text | None = column(
        "which side is higher, where the direction alone does not tell", example="unresolved < organized"
    )
    numbers: Text | None = column("numbers that the review prints with it", example="599 vs 374 pg/ml")
    cited: Texts | None = column("citation numbers printed with it", example="7; 32")
    cited_reports: Ids | None = column("reports that the citation most probably means")
    cited_basis: Literal["named", "named_misattributed", "title", "number", "topic", "via_restated_claim", "none"] = (
        column("how the report was recognised", required=True)
    )
    restates: Texts | None = column("claims that it repeats", example="C036; C037")
    core: YesNo = column("whether the review's conclusion rests on it", required=True)
    lines: Text = column("lines of the review's text", example="1023-1025", required=True)
    tested_by: _one_of(v.CLAIM_RULES) = column(
        "rule that tests it (docs/claims.md)", example="difference", required=True
    )
    scope: Texts | None = column(
        "what it is tested on, separated by `;`: cells as domain/contrast/outcome_group (`*` for all) or finding ids; "
        "of a count, flow boxes (added up) or a count of the reports",
        example="early-stress/bpd_vs_control/oxt-level",
    )
    sign: _one_of(v.CLAIMED_SIGNS) | None = column(
        "sign that the effects in scope would have if the claim held, where expected_direction does not tell",
        example="positive",
    )
    value: Count | None = column("of a count: the number that the review states", example="310")
    needs: Text | None = column("without a scope: the data that would test it, or why none could", example="r and n")
    credited_to: Id | None = column("report that the wording of the review names as the source of a result")
    conflicts_with: ClaimIds | None = column("claims that cannot hold together with it", example="C113; C114")
    overruled_verdict: _one_of(v.VERDICTS) | None = column("verdict of a person who disagrees with the computed one")
    overruled_by: Text | None = column("name of that person")
    overruled_reason: Text | None = column("why")
    note: Text | None = column("what is wrong or unclear in the review's wording or citation")


class FlowCount(Row):
    """One count of the PRISMA flow, printed or not."""

    box: Id = column("name of the box", example="records-pubmed", required=True)
    stage: _one_of(v.FLOW_STAGES) = column("PRISMA stage", required=True)
    place: _one_of(v.FLOW_PLACES) | None = column("where the figure draws it; empty for the main line", example="side")
    label: Text = column("what is counted", example="records from PubMed", required=True)
    count: Count | None = column("the count; empty unless reported or derived", example="77")
    status: _one_of(v.FLOW_STATUS) = column("where the count comes from", required=True)
    lower: Count | None = column("smallest count that the printed ones allow")
    upper: Count | None = column("largest count that the printed ones allow")
    basis: Text | None = column(
        "arithmetic, in box names where it can be checked",
        example="records-pubmed + records-embase + records-psycinfo",
    )
    lines: Text | None = column("lines of the review's text")
    note: Text | None = column("doubts")


class Retraction(Row):
    """What was looked up of a report after its publication. The table may be missing: then nothing was looked up."""

    report_id: Id = column("report", example="bomann2017", required=True)
    status: _one_of(v.RETRACTION_STATUS) = column("what was found", example="retracted", required=True)
    date: Date | None = column("day of the notice", example="2021-03-15")
    source: Text = column("where the notice, or its absence, was seen", example="Crossref, update-to", required=True)
    checked_on: Date = column("day on which it was looked up", example="2025-11-28", required=True)
    note: Text | None = column("what the notice says")


RAW_TABLES: dict[str, type[Row]] = {
    "domains.csv": Domain,
    "reports.csv": Report,
    "samples.csv": Sample,
    "findings/<domain>.csv": Finding,
    "claims.csv": Claim,
    "flow.csv": FlowCount,
    "retractions.csv": Retraction,
}
