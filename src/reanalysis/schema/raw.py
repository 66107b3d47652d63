"""The raw tables, one row model each: what people write in `data/raw/`.

The field descriptions are the codebook (`docs/codebook.md`); the types are the validation. There is no second place.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from reanalysis.schema import vocabulary as v
from reanalysis.schema.cells import (
    CLAIM,
    DIGITS,
    HYPHENATED,
    Correlation,
    Count,
    Day,
    Doi,
    GroupSize,
    Id,
    Ids,
    Label,
    Labels,
    Level,
    Name,
    Number,
    Percent,
    Positive,
    Probability,
    Rank,
    Row,
    Text,
    Texts,
    Told,
    Year,
    YesNo,
    column,
    split,
)


def _one_of(words) -> type:
    return Literal[tuple(words)]


ClaimId = Annotated[str, Field(pattern=CLAIM)]
ClaimIds = Annotated[tuple[ClaimId, ...], BeforeValidator(split)]
Designs = Annotated[tuple[_one_of(v.CONTRAST_DESIGNS), ...], BeforeValidator(split)]
Polarity = Literal["yes", "no", "unclear", "not_applicable"]
DomainName = Annotated[str, Field(pattern=HYPHENATED, max_length=60)]


class Domain(Row):
    """A section of the review's synthesis, or one added since: the unit of a forest plot."""

    domain: DomainName = column("name of the domain and of its file in findings/", example="pain-relief", required=True)
    section: Label | None = column(
        "section of the review; `added` for a domain that it has not, empty where its sections are not known",
        example="3.2.1",
    )
    title: Label = column("title in figures", example="Pain relief", required=True)
    note: Text | None = column("why a domain was added, what it leaves out")


class Contrast(Row):
    """What is compared, or associated. Contrasts answer different questions and are never pooled with one another."""

    contrast: Name = column("name, as the findings give it", example="patients_vs_control", required=True)
    label: Label = column("heading in figures", example="Patients vs control", required=True)
    family: Label | None = column("contrasts of one family share a mark and a legend entry", example="trials")
    design: Designs = column(
        "how the two sides can relate, separated by `;`. A finding's own `design` must be one of these",
        example="between; within",
        required=True,
    )
    side_1: Label | None = column(
        "first side; where empty, the one that all its findings name, if they agree", example="patients"
    )
    side_2: Label | None = column("second side", example="control")
    lower: Label | None = column("what a negative effect means; `lower in` the first side unless given")
    higher: Label | None = column("what a positive effect means")
    treatment: YesNo | None = column(
        "whether the first side is a treatment: where it is known what is better, figures say whom an effect favours"
    )
    counterpart: Name | None = column("the same contrast in the group that this one is set against", of="contrasts")
    caveat: Text | None = column("what evidence of this contrast does not tell of the claims, as part of a sentence")
    note: Text | None = column("anything else a reader must know")

    @property
    def comparison(self) -> str:
        """What an effect of this contrast is: a difference, an association or an interaction."""
        return self.design[0] if self.design[0] in ("association", "interaction") else "difference"

    @property
    def kind(self) -> str:
        """The family, or what stands for it: the kind of its effects."""
        return self.family or (f"{self.design[0]}" if self.comparison != "difference" else "comparison")

    @property
    def left(self) -> str:
        """What a negative effect means."""
        return self.lower or self._means("negative", "falls", "lower")

    @property
    def right(self) -> str:
        """What a positive effect means."""
        return self.higher or self._means("positive", "rises", "higher")

    def between(self, side_1: str | None, side_2: str | None) -> Contrast:
        """The same contrast of these two sides, where it leaves it to the findings to name them."""
        return self.model_copy(update={"side_1": side_1, "side_2": side_2})

    def sides(self, better: Collection[str]) -> tuple[str, str]:
        """What left and right of zero mean for findings of which higher is better, or not, in these words."""
        if self.treatment != "yes" or self.side_1 is None or set(better) not in ({"yes"}, {"no"}):
            return self.left, self.right
        ends = f"favours {self.side_2}", f"favours {self.side_1}"
        return ends if set(better) == {"yes"} else ends[::-1]

    def _means(self, of_association: str, of_change: str, of_difference: str) -> str:
        if self.comparison == "association":
            return of_association
        return of_change if self.design == ("change",) else f"{of_difference} in {self.side_1 or 'the first group'}"


class Outcome(Row):
    """What was measured: findings of one outcome, in one domain and contrast, are pooled."""

    outcome_group: Name = column("name, as the findings give it", example="pain", required=True)
    label: Label = column("name in figures and sentences, as it stands within a sentence", required=True)
    higher_is_better: Polarity = column("whether a higher value is good for the person", required=True)
    question: Id | None = column("question of `review.yaml` that it belongs to", example="treatment")
    family: Text | None = column("outcomes that are told together")
    note: Text | None = column("anything else a reader must know")


class Word(Row):
    """A word that the review uses in a column of its own, with how figures print it."""

    field: Literal[tuple(v.OWN_WORDS)] = column("column of the findings or reports", example="matrix", required=True)
    word: Id = column("word, as the cells give it", example="csf", required=True)
    label: Label = column("how it is printed", example="CSF", required=True)
    note: Text | None = column("what it means")


class Report(Row):
    """A publication: a row of the review's table of reports, or one found since."""

    report_id: Id = column(
        "first author, year, and a journal tag where two collide", example="smith2010", required=True
    )
    label: Label = column("short name in figures and tables", example="Smith 2010 (Pain)", required=True)
    in_review: Rank | None = column("row of the review's table of reports; empty when not in it", example="6")
    authors: Texts = column("authors, separated by `;`", example="Smith A; Jones B", required=True)
    year: Year | None = column("year of publication; empty where no source was seen that tells", example="2013")
    title: Text = column("title", required=True)
    journal: Text | None = column("journal, book or repository")
    country: Labels | None = column(
        "country as the review gives it, spelling unified, separated by `;`", example="Germany"
    )
    theme: Id | None = column("theme in the review's table, a word of `vocabulary.csv`", example="treatment")
    kind: _one_of(v.REPORT_KINDS) = column("what the report is", example="primary", required=True)
    doi: Doi | None = column("DOI", example="10.1000/182")
    pmid: Annotated[str, Field(pattern=DIGITS)] | None = column("PubMed id", example="28397403")
    about: Ids | None = column("for a commentary: the reports it comments on", example="smith2010", of="reports")
    note: Text | None = column("misprints of the review, doubts")

    @property
    def reference(self) -> str:
        """The report as a reference: authors as they are stored, year, title, journal, DOI."""
        year = f" ({self.year})" if self.year else ""
        journal = f" {self.journal.rstrip('.')}." if self.journal else ""
        doi = f" https://doi.org/{self.doi}" if self.doi else ""
        return f"{', '.join(self.authors)}{year}. {self.title.rstrip('.')}.{journal}{doi}"


class Sample(Row):
    """A set of participants. Several reports can share one; suspected overlap is a shared cohort."""

    sample_id: Id = column("name", example="smith2010", required=True)
    report_ids: Ids = column("reports that present it, separated by `;`", required=True, of="reports")
    cohort_id: Id = column("samples of one cohort may share participants and are counted once", required=True)
    group_1: Text | None = column("name of the first group", example="patients")
    n_group_1: Count | None = column("participants in the first group", example="18")
    group_2: Text | None = column("name of the second group", example="healthy controls")
    n_group_2: Count | None = column("participants in the second group", example="20")
    n_total: Count | None = column("participants in all, where the groups are not given or not the whole", example="58")
    percent_female: Percent | None = column("women, percent", example="100")
    age: Text | None = column("age as the source gives it", example="18-30 years")
    country: Text | None = column("country")
    locator: Text | None = column("where in which source the sizes were read")
    overlap: Text | None = column("why an overlap with other samples of the cohort is suspected")
    note: Text | None = column("anything else a reader must know")


class FindingRow(Row):
    """One coding of one finding: a contrast or an association in one sample, of one outcome, at one time."""

    finding_id: Id = column("report, what was measured, in whom", example="smith2010-pain-week-8", required=True)
    coding: Id = column(
        "`primary`, or the name of an alternative version of the same finding",
        example="primary",
        required=True,
    )
    report_id: Id = column("the report whose finding it is", example="smith2010", required=True, of="reports")
    via: Id | None = column(
        "report through which the value was read, if not from the report itself", example="jones2017", of="reports"
    )
    sample_id: Id | None = column(
        "sample; empty for a pooled result of a meta-analysis", example="smith2010", of="samples"
    )
    contrast: Name = column(
        "what is compared (`contrasts.csv`)", example="drug_vs_control", required=True, of="contrasts"
    )
    outcome_group: Name = column(
        "what is measured (`outcomes.csv`): one name for all findings that are pooled together",
        example="emotion-recognition",
        required=True,
        of="outcomes",
    )
    population: Told = column("who was measured", example="women with chronic pain", required=True)
    population_kind: Id | None = column("kind of participants, a word of `vocabulary.csv`", example="adolescents")
    outcome: Told = column(
        "the outcome in words", example="accuracy for angry faces, first fixation on the eyes", required=True
    )
    instrument: Text | None = column("task or scale", example="emotion classification task")
    matrix: Id | None = column("body fluid or tissue, a word of `vocabulary.csv`", example="plasma")
    assay: Id | None = column("assay, where named, a word of `vocabulary.csv`", example="elisa")
    extraction: YesNo | None = column("whether the sample was extracted before the assay")
    unit: Text | None = column("unit of the numbers", example="pg/ml")
    scale_items: Annotated[int, Field(ge=1)] | None = column(
        "where scores are whole numbers: of how many items or trials each person's score is the mean (1 for a sum)",
        example="21",
    )
    exposure: Id | None = column("what the participants were given or exposed to, a word of `vocabulary.csv`")
    timepoint: Text | None = column("when", example="baseline")
    design: _one_of(v.DESIGNS) | None = column("how the two sides of the contrast relate; empty when no source says")
    dose: Positive | None = column("dose", example="24")
    dose_unit: Text | None = column("unit of the dose", example="mg")
    group_1: Label | None = column(
        "first side of the contrast: its effect is positive when higher here", example="patients"
    )
    group_2: Label | None = column("second side of the contrast", example="healthy controls")
    stat_type: _one_of(v.STAT_TYPES) = column(
        "which statistic the source gives; decides which cells are filled", example="means", required=True
    )
    ni: GroupSize | None = column(
        "participants in all: of a correlation, a within-person contrast, or where group sizes are missing"
    )
    n1i: GroupSize | None = column("participants in group_1")
    m1i: Number | None = column("mean of group_1")
    sd1i: Positive | None = column("standard deviation of group_1")
    se1i: Positive | None = column("standard error of the mean of group_1")
    med1i: Number | None = column("median of group_1")
    q1_1i: Number | None = column("first quartile of group_1")
    q3_1i: Number | None = column("third quartile of group_1")
    n2i: GroupSize | None = column("participants in group_2")
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
    higher_is_better: Polarity | None = column(
        "whether a higher value is good for the person, where it is other than `outcomes.csv` says of the outcome"
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


class Finding(FindingRow):
    """A coding of a finding, with what the review declares of its contrast and its outcome."""

    comparison: Literal[tuple(v.COMPARISONS)] | None = column(
        "what an effect of the contrast is; empty where the contrast is not known"
    )
    higher_is_better: Polarity | None = column("whether a higher value is good for the person")


class Claim(Row):
    """One checkable statement of the review, in our own words."""

    claim_id: ClaimId = column(
        "a capital and a number, such as C001 ... in order of the text, and F001 ... for counts",
        example="C038",
        required=True,
    )
    section: Label = column("section of the review", example="3.2.1", required=True)
    domain: Id | None = column(
        "domain that could test it; empty where several or none could", example="pain-relief", of="domains"
    )
    topic: Id = column("what it is about, finer than the domain", example="relief-after-8-weeks", required=True)
    claim: Text = column("the claim, paraphrased", required=True)
    claim_type: Literal["empirical", "interpretation", "restatement", "theory", "background", "method"] = column(
        "kind of statement", required=True
    )
    contrast: Text | None = column("who is compared, or in whom", example="patients vs controls")
    quantity: Text | None = column("what is measured", example="plasma level")
    expected_direction: _one_of(v.EXPECTED_DIRECTIONS) = column("what the claim says", example="lower", required=True)
    size: _one_of(v.SIZES) | None = column(
        "size that the claim names, by Cohen's conventions; empty where it names none", example="large"
    )
    detail: Text | None = column(
        "which side is higher, where the direction alone does not tell", example="older < younger"
    )
    numbers: Text | None = column("numbers that the review prints with it", example="12 vs 9 points")
    cited: Texts | None = column("citation numbers printed with it", example="7; 32")
    cited_reports: Ids | None = column("reports that the citation most probably means", of="reports")
    cited_basis: _one_of(v.CITED_BASIS) = column("how the report was recognised", required=True)
    restates: Texts | None = column("claims that it repeats", example="C036; C037", of="claims")
    core: YesNo = column("whether the review's conclusion rests on it", required=True)
    lines: Text = column("lines of the review's text", example="1023-1025", required=True)
    tested_by: _one_of(v.CLAIM_RULES) = column(
        "rule that tests it (docs/claims.md)", example="difference", required=True
    )
    scope: Texts | None = column(
        "what it is tested on, separated by `;`: cells as domain/contrast/outcome_group (`*` for all), with a level of "
        "a moderator as `...[exposure=high]`, or finding ids; "
        "of a count, flow boxes (added up) or a count of `review.yaml`; of an omission, such counts, and the section "
        "whose claims are looked at, as `section:3.3` (without one, all claims)",
        example="pain-relief/drug_vs_control/pain",
    )
    sign: _one_of(v.CLAIMED_SIGNS) | None = column(
        "sign that the effects in scope would have if the claim held, where expected_direction does not tell",
        example="positive",
    )
    value: Number | None = column("number that the review states, as printed", example="-0.43")
    value_lb: Number | None = column("lower bound of its interval, as printed", example="-0.55")
    value_ub: Number | None = column("upper bound, as printed", example="-0.30")
    needs: Text | None = column("without a scope: the data that would test it, or why none could", example="r and n")
    credited_to: Id | None = column(
        "report that the wording of the review names as the source of a result", of="reports"
    )
    conflicts_with: ClaimIds | None = column(
        "claims that cannot hold together with it", example="C113; C114", of="claims"
    )
    overruled_verdict: _one_of(v.VERDICTS) | None = column("verdict of a person who disagrees with the computed one")
    overruled_by: Text | None = column("name of that person")
    overruled_reason: Text | None = column("why")
    note: Text | None = column("what is wrong or unclear in the review's wording or citation")


class Fidelity(Row):
    """What a report says of a claim: one that the claim cites, or another one that says it.

    The table may be missing. A cited report without a row is shown as not coded.
    """

    claim_id: ClaimId = column("claim", example="C038", required=True, of="claims")
    report_id: Id = column("report that was looked at", example="smith2010", required=True, of="reports")
    says: _one_of(v.SAYS) = column("whether it says so", example="partly", required=True)
    seen: _one_of(v.SOURCE_KINDS) | None = column(
        "what was read of it; empty where it was not seen", example="abstract"
    )
    locator: Text | None = column("where in which source it was read", example="abstract, results (https://...)")
    told: Text | None = column("what it says, in our own words")
    missing: Text | None = column(
        "which part of the claim it does not say, or how it differs; of what was not seen, what would have to be read",
        example="that this differs from controls",
    )
    note: Text | None = column("anything else a reader must know")


class FlowCount(Row):
    """One count of the PRISMA flow, printed or not."""

    box: Id = column("name of the box", example="records-medline", required=True)
    phase: _one_of(v.FLOW_PHASES) = column("phase of PRISMA 2020", required=True)
    place: _one_of(v.FLOW_PLACES) | None = column("where the figure draws it; empty for the main line", example="side")
    label: Label = column("what is counted", example="records from MEDLINE", required=True)
    count: Count | None = column("the count; empty unless reported or derived", example="77")
    status: _one_of(v.FLOW_STATUS) = column("where the count comes from", required=True)
    lower: Count | None = column("smallest count that the printed ones allow")
    upper: Count | None = column("largest count that the printed ones allow")
    basis: Text | None = column(
        "arithmetic, in box names where it can be checked",
        example="records-medline + records-embase",
    )
    lines: Text | None = column("lines of the review's text")
    note: Text | None = column("doubts")


class Retraction(Row):
    """What was looked up of a report after its publication. The table may be missing: then nothing was looked up."""

    report_id: Id = column("report", example="smith2010", required=True, of="reports")
    status: _one_of(v.RETRACTION_STATUS) = column("what was found", example="retracted", required=True)
    date: Day | None = column("day of the notice", example="2021-03-15")
    source: Text = column("where the notice, or its absence, was seen", example="Crossref, update-to", required=True)
    checked_on: Day = column("day on which it was looked up", example="2025-11-28", required=True)
    note: Text | None = column("what the notice says")


class Appraisal(Row):
    """A judgement of a named person: on the risk of bias of a sample, or on the certainty of an answer.

    The table may be missing. What nobody judged is shown as not assessed.
    """

    appraisal_id: Id = column("name", example="smith2010-rob2-overall", required=True)
    sample_id: Id | None = column("sample that is judged", example="smith2010", of="samples")
    cell: Text | None = column(
        "answer that is judged, as domain/contrast/outcome_group", example="pain-relief/drug_vs_control/pain"
    )
    tool: Text = column("tool of the judgement", example="RoB 2", required=True)
    item: Text = column("domain or item of the tool; `overall` for the whole", example="overall", required=True)
    judgement: Text = column("the judgement, in the words of the tool", example="some concerns", required=True)
    level: _one_of(v.APPRAISAL_LEVELS) | None = column("the judgement as a level that figures can colour")
    reason: Text = column("why", required=True)
    by: Text = column("who judged", example="AB", required=True)
    date: Day = column("when", example="2026-03-15", required=True)
    locator: Text | None = column("where in which source this was read")


RAW_TABLES: dict[str, type[Row]] = {
    "contrasts.csv": Contrast,
    "outcomes.csv": Outcome,
    "vocabulary.csv": Word,
    "domains.csv": Domain,
    "reports.csv": Report,
    "samples.csv": Sample,
    "findings/<domain>.csv": FindingRow,
    "claims.csv": Claim,
    "fidelity.csv": Fidelity,
    "flow.csv": FlowCount,
    "retractions.csv": Retraction,
    "appraisals.csv": Appraisal,
}
APART = ("claims.csv", "fidelity.csv", "flow.csv")
"""Tables on which no effect rests."""
OPTIONAL = frozenset({"vocabulary.csv", "claims.csv", "fidelity.csv", "flow.csv", "retractions.csv", "appraisals.csv"})
"""Tables that a review may do without."""
KEYS: dict[str, tuple[str, ...]] = {
    "contrasts.csv": ("contrast",),
    "outcomes.csv": ("outcome_group",),
    "vocabulary.csv": ("field", "word"),
    "domains.csv": ("domain",),
    "reports.csv": ("report_id",),
    "samples.csv": ("sample_id",),
    "claims.csv": ("claim_id",),
    "fidelity.csv": ("claim_id", "report_id"),
    "flow.csv": ("box",),
    "retractions.csv": ("report_id",),
    "appraisals.csv": ("appraisal_id",),
}
"""The columns that name a row of each table; those of a finding are `FINDING_KEY`."""
FINDING_KEY = ("finding_id", "coding")


def links(model: type[Row]) -> dict[str, str]:
    """The columns that hold keys of other rows, and the file of their table."""
    found = {name: (field.json_schema_extra or {}).get("of") for name, field in model.model_fields.items()}
    return {name: f"{table}.csv" for name, table in found.items() if table}


def key_of(row: Row, file: str) -> str:
    """What names a row among those of its table."""
    return " ".join(getattr(row, name) for name in KEYS[file])
