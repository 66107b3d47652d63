"""The claim ledger: what each rule says, what no rule may say, and the verdicts that the known evidence fixes."""

import copy
import math
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cases import raw_of

from reanalysis.check import load
from reanalysis.claims import Material, claim_verdicts, conclusions, omissions
from reanalysis.claims.evidence import Estimate
from reanalysis.claims.ledger import TOLD
from reanalysis.claims.rules import RULES
from reanalysis.claims.verdict import EQUIVALENT, HOLDS, OPPOSITE, RULED_OUT, UNDECIDED, side
from reanalysis.ladder import all_effects
from reanalysis.models.pooling import pool
from reanalysis.models.sensitivity import sensitivity
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import ALL_EVIDENCE
from reanalysis.schema.vocabulary import STAT_CELLS
from reanalysis.synthesis.worklist import list_work


def material_of(evidence, config, domains=None, before=None) -> Material:
    """Everything that the rules look at, recomputed; of `before` only the named domains."""
    domains = list(evidence.domains) if domains is None else domains
    kept = [
        [row for row in rows if row.domain not in domains]
        for rows in ((before.effects, before.models, before.variants) if before else ([], [], []))
    ]
    own = replace(evidence, domains={name: evidence.domains[name] for name in domains})
    changed = all_effects(own, config.effects, config.models.level)
    found = changed, pool(changed, config.models).models, sensitivity(own, config)
    effects, models, variants = ([*old, *new] for old, new in zip(kept, found, strict=True))
    return Material(evidence, effects, models, variants, list_work(evidence, effects, [], config.models))


@pytest.fixture(scope="module")
def material(evidence, config):
    return material_of(evidence, config)


@pytest.fixture(scope="module")
def ledger(material, config):
    return {row.claim_id: row for row in claim_verdicts(material, config.claims)}


# ---------------------------------------------------------------- the whole ledger


def test_every_claim_has_a_verdict_and_the_reason(ledger, evidence):
    assert list(ledger) == list(evidence.claims)
    for row in ledger.values():
        assert row.verdict in v.VERDICTS
        assert row.content in v.VERDICTS.keys() - {"misattributed"}
        assert row.why.endswith(".")
        assert "; ." not in row.why
        assert "None" not in row.why
        if row.content in TOLD:
            assert row.rests_on, f"{row.claim_id} has a verdict and no evidence"


def test_every_rule_is_described_and_every_described_rule_exists():
    assert set(RULES) | {"restatement"} == set(v.CLAIM_RULES)


def test_no_rule_judges_a_claim_for_want_of_evidence(material, config):
    """Whatever the rule and the claim, without findings the answer is that it cannot be tested."""
    empty = replace(material, effects=[], models=[], variants=[], work=[])
    for claim in material.evidence.claims.values():
        for rule in v.EFFECT_RULES | {"background"}:
            for scope in (None, claim.scope if claim.tested_by in v.EFFECT_RULES else None):
                tested = claim.model_copy(update={"tested_by": rule, "scope": scope})
                assert RULES[rule](tested, empty, config.claims).content == "not testable"


def test_findings_that_say_nothing_judge_nothing(material, config):
    """Findings without a number or a sign leave every claim on effects as untested as no findings at all."""
    blank = dict.fromkeys(("yi", "vi", "yi_lb", "yi_ub", "ci_lb", "ci_ub"))
    blank |= {"rung": "unusable", "direction": "not_visible"}
    silent = replace(material, effects=[replace(e, **blank) for e in material.effects], models=[], variants=[])
    for row in claim_verdicts(silent, config.claims):
        if row.rule in v.EFFECT_RULES:
            assert row.content == "not testable"


def test_the_ledger_is_the_same_on_every_run(material, config, ledger):
    assert claim_verdicts(material, config.claims) == list(ledger.values())


# ---------------------------------------------------------------- from an estimate to a side

ESTIMATES = [
    (0.5, 0.1, 0.9, HOLDS),
    (0.5, 0.0, 0.9, HOLDS),  # p of exactly alpha
    (0.1, 0.05, 0.15, EQUIVALENT),  # significant, and too small to matter
    (0.1, 0.05, 0.5, UNDECIDED),
    (0.5, -0.1, 1.1, UNDECIDED),
    (-0.5, -0.9, -0.1, OPPOSITE),
    (-0.1, -0.9, 0.1, RULED_OUT),
    (0.0, -0.1, 0.1, EQUIVALENT),
    (0.0, -0.2, 0.2, UNDECIDED),  # on the margin is not within it
    (None, -1.0, 1.0, UNDECIDED),
    (0.4, 0.0, math.inf, HOLDS),
    (None, -math.inf, math.inf, UNDECIDED),
]


@pytest.mark.parametrize(("est", "lb", "ub", "expected"), ESTIMATES)
def test_side_of_an_estimate(est, lb, ub, expected):
    one = Estimate("", "SMD", 1, est, lb, ub)
    assert side(one, 1, 0.2) == expected
    mirrored = Estimate("", "SMD", 1, None if est is None else -est, -ub, -lb)
    assert side(mirrored, -1, 0.2) == expected


def test_an_effect_of_either_sign():
    assert side(Estimate("", "SMD", 1, -0.5, -0.9, -0.1), 0, 0.2) == HOLDS
    assert side(Estimate("", "SMD", 1, -0.1, -0.9, 0.1), 0, 0.2) == UNDECIDED
    assert side(Estimate("", "SMD", 1, 0.0, -0.1, 0.1), 0, 0.2) == EQUIVALENT


# ---------------------------------------------------------------- verdicts that the known evidence fixes


def test_c038_lower_level_in_bpd_is_supported_and_the_null_results_were_left_out(ledger, material, config):
    row = ledger["C038"]
    assert row.verdict == "supported"
    assert "omits evidence" in row.flags
    assert "Bomann 2017 and Kluczniok 2019 found no difference" in row.why
    assert {"bomann2017-level", "kluczniok2019-level"} <= set(row.rests_on)
    (model,) = [m for m in material.models if m.outcome_group == "oxt-level" and m.model == ALL_EVIDENCE]
    assert model.ci_ub < 0
    assert row.k == model.k
    assert f"g = \N{MINUS SIGN}{abs(model.est):.2f}" in row.why
    assert row.robustness > config.claims.robust_share
    assert row.alternatives >= model.k, "each sample was left out in turn"


def test_c104_relationship_status_is_fragile_and_no_evidence_on_bpd_against_controls(ledger, evidence):
    row = ledger["C104"]
    assert row.verdict == "supported but fragile"
    assert "1 sample" in row.why
    assert "no evidence on BPD against controls" in row.why
    assert "post hoc" in evidence.claims["C104"].note
    assert row.rests_on == ("bomann2017-relationship",)


def test_c119_lower_at_all_times_needs_the_time_points(ledger):
    row = ledger["C119"]
    assert row.verdict == row.content == "not testable"
    assert "at each time point" in row.why


MISATTRIBUTED = [f"C{i:03d}" for i in range(55, 61)]


@pytest.mark.parametrize("claim", MISATTRIBUTED)
def test_results_credited_to_reviews_are_misattributed_whether_or_not_they_hold(ledger, claim):
    row = ledger[claim]
    assert row.verdict == "misattributed"
    assert row.content != "misattributed"
    assert "a review" in row.why


@pytest.mark.parametrize(
    ("claims", "basis", "source"),
    [
        ((5, 6, 7), "undecidable", "ebert2018"),
        (range(25, 29), "misnamed", "bonfig2022"),
        ((65, 66, 67), "misnamed", "flasbeck2018"),
    ],
)
def test_a_source_that_may_be_cited_under_another_name_is_not_misattributed(ledger, evidence, claims, basis, source):
    for name in (f"C{i:03d}" for i in claims):
        assert evidence.claims[name].cited_basis == basis
        assert source in evidence.claims[name].cited_reports
        assert "misattributed" not in ledger[name].flags


def test_c055_the_content_of_a_misattributed_claim_is_judged_all_the_same(ledger):
    assert ledger["C055"].content == "not testable"
    assert "too imprecise to decide" in ledger["C055"].why
    assert {"hammen2015-rs53576-family", "zhang2020-rs53576-abuse"} <= set(ledger["C055"].rests_on)


@pytest.mark.parametrize(("claim", "others"), [("C011", "C113 and C114"), ("C113", "C011"), ("C114", "C011")])
def test_especially_in_unresolved_attachment_is_inconsistent_with_similar_in_both(ledger, claim, others):
    assert f"inconsistent with {others}" in ledger[claim].flags


@pytest.mark.parametrize("claim", ["C196", "C204"])
def test_one_positive_outcome_does_not_refute_that_some_found_none(ledger, claim):
    row = ledger[claim]
    assert row.verdict == "supported but fragile"
    assert "domes2019-cognitive-empathy-bpd" in row.rests_on


def test_c196_other_studies_may_find_no_effect_on_empathy_although_one_improves_it(ledger, evidence):
    """Both can hold; that section 3.3 tells of no such study stands in the note."""
    assert ledger["C196"].flags == ledger["C142"].flags == ()
    assert "no such study" in evidence.claims["C196"].note


HEART = {"C163": "back2022-hrv-bpd", "C164": "schmitz2020-hep-bpd"}


@pytest.mark.parametrize("claim", HEART)
def test_a_statement_on_a_wider_set_of_persons_decides_nothing_on_these(claim, ledger):
    assert ledger[claim].verdict == "not testable"
    assert "a wider or another set of persons" in ledger[claim].why


@pytest.mark.parametrize(("claim", "finding"), HEART.items())
def test_no_effect_on_the_heart_is_shown_only_within_the_margin(claim, finding, evidence, material, config):
    """Were it said of the patients alone, "not significant" with 53 of them would leave too wide an interval."""
    said = material_of(changed(evidence, "cardiac", finding, test_of=None), config, ["cardiac"], material)
    row = {row.claim_id: row for row in claim_verdicts(said, config.claims)}[claim]
    assert row.verdict == "not testable"
    assert "too imprecise" in row.why
    wide = config.claims.model_copy(update={"margin_smd": 2.0})
    row = {row.claim_id: row for row in claim_verdicts(said, wide)}[claim]
    assert row.verdict == "no difference shown"


def test_c165_titles_of_earlier_reviews_do_not_tell_how_extensive_they_are(ledger, evidence):
    row = ledger["C165"]
    assert row.verdict == "not testable"
    assert "six reviews of Table 1" in row.why
    assert len(evidence.review.counts["earlier-reviews"].rows(evidence.table)) == 6


def test_trials_and_meta_analyses_of_table_1_are_absent_from_the_treatment_section(ledger, material):
    assert ledger["F008"].verdict == "omits evidence"
    assert {"maoz2024", "leppanen2017", "leppanen2018"} <= set(ledger["F008"].rests_on)
    found = {(row.domain, row.report_id): row for row in omissions(material)}
    for domain, report in [
        ("clinical-symptoms", "maoz2024"),
        ("emotion-recognition", "leppanen2017"),
        ("social-threat", "leppanen2018"),
    ]:
        assert found[domain, report].cited_elsewhere is False


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("F001", "supported"),  # 310 = 77 + 166 + 67
        ("F002", "supported"),  # all but one of the last 15 years
        ("F003", "supported"),  # the exception is of 2006
        ("F004", "contradicted"),  # 70 articles, 69 rows
        ("F005", "not testable"),  # two categories, and both of them in nine rows
        ("F006", "not testable"),  # a criterion on diagnosis, not on having a sample
    ],
)
def test_counts(ledger, claim, verdict):
    assert ledger[claim].verdict == verdict


def test_a_bare_direction_restates_and_does_not_support(ledger):
    for claim in ("C022", "C033", "C142", "C143", "C149"):
        assert ledger[claim].content == "not testable"
        assert "a direction only" in ledger[claim].why


def test_a_drug_effect_that_differs_from_that_in_controls(material, evidence, config):
    """Brüne 2013 as published, were it trusted: a rise in BPD and a fall in controls are a difference, no clash."""
    rows = {(row.finding_id, row.coding): row for row in evidence.findings["social-threat"]}
    published = {
        "brune2013-dotprobe-bpd": rows["brune2013-dotprobe-bpd", "leppanen2018"],
        "brune2013-dotprobe-control": rows["brune2013-dotprobe-control", "primary"],
    }
    trusted = tuple(
        row.model_copy(update={"coding": "primary", "doubt": None})
        for row in evidence.findings["social-threat"]
        if row.finding_id not in published or row == published[row.finding_id]
    )
    other = replace(evidence, findings=evidence.findings | {"social-threat": trusted})
    material = material_of(other, config, ["social-threat"], material)
    scope = ("social-threat/oxt_vs_placebo_bpd/attentional-bias-to-threat",)
    scope += ("social-threat/oxt_vs_placebo_control/attentional-bias-to-threat",)
    claim = evidence.claims["C159"].model_copy(update={"scope": scope, "sign": "positive"})
    judgement = RULES["moderation"](claim, material, config.claims)
    assert judgement.content == "supported but fragile"
    assert "d = 2.94 [1.83, 4.05]" in judgement.why[0]  # 1.30 + 1.64; half widths 0.74 and 0.83
    opposite = claim.model_copy(update={"sign": "negative"})
    assert RULES["moderation"](opposite, material, config.claims).content == "not supported"


# ---------------------------------------------------------------- flipping what one finding says


def changed(evidence, domain, finding_id, **cells):
    """A copy of the evidence in which one finding has other cells."""
    findings = dict(evidence.findings)
    findings[domain] = tuple(
        row.model_copy(update=cells) if row.finding_id == finding_id and row.coding == "primary" else row
        for row in findings[domain]
    )
    return replace(copy.copy(evidence), findings=findings)


def flipped(evidence, material, config, ledger, domain, finding_id, **cells):
    """Claims whose verdict on the content changes with the finding, with the new one."""
    other = changed(evidence, domain, finding_id, **cells)
    rows = claim_verdicts(material_of(other, config, [domain], material), config.claims)
    return {row.claim_id: row.content for row in rows if row.content != ledger[row.claim_id].content}


def test_flipping_the_sign_of_one_finding_flips_what_rests_on_it(evidence, material, config, ledger):
    changes = flipped(
        evidence, material, config, ledger, "interpersonal-dysfunction", "bomann2017-relationship",
        direction="group_2_higher", m1i=374, m2i=599,
    )  # fmt: skip
    assert changes == {"C104": "not supported"}


def test_flipping_the_empathy_result_flips_the_claims_on_empathy(evidence, material, config, ledger):
    changes = flipped(
        evidence, material, config, ledger, "empathy-approach", "domes2019-cognitive-empathy-bpd",
        p_relation="sig", direction="group_1_higher",
    )  # fmt: skip
    assert changes == {"C196": "contradicted", "C204": "contradicted"}


def test_a_p_turned_round_flips_the_restatements_too(evidence, material, config, ledger):
    changes = flipped(
        evidence, material, config, ledger, "attachment-styles", "jobst2016-unresolved", direction="group_1_higher"
    )
    assert changes == dict.fromkeys(("C009", "C115", "C172", "C205"), "not supported")


def test_a_null_result_turned_round_makes_the_evidence_mixed(evidence, material, config, ledger):
    changes = flipped(
        evidence, material, config, ledger, "early-stress", "bomann2017-level", p_relation="sig",
        direction="group_1_higher",
    )  # fmt: skip
    assert changes == {"C038": "mixed", "C226": "mixed"}


def test_a_smaller_standard_error_decides_what_was_too_imprecise(evidence, material, config, ledger):
    changes = flipped(
        evidence, material, config, ledger, "cardiac", "back2022-hrv-bpd", stat_type="g_se", yi=Decimal("0.01"),
        sei=Decimal("0.05"), p_relation=None, test_of=None, direction="group_1_higher", ni=None,
    )  # fmt: skip
    assert changes == {"C163": "no difference shown"}


def test_a_larger_p_makes_what_was_shown_undecided(evidence, material, config, ledger):
    changes = flipped(
        evidence, material, config, ledger, "attachment-styles", "bocchiochiavetto2025-preoccupation",
        pi=Decimal("0.17"),
    )  # fmt: skip
    assert changes == {"C199": "not testable"}


# ---------------------------------------------------------------- signs by chance


def test_one_small_trial_against_sixteen_makes_nothing_mixed(config):
    """Of 17 trials one has the other sign, with an interval that holds zero: the pooled effect is far from zero."""
    evidence = load(raw_of("one-small-trial-against"))
    (row,) = claim_verdicts(material_of(evidence, config), config.claims)
    assert row.verdict == "supported"


@pytest.mark.parametrize(("pi", "content"), [("0.9", "supported"), ("0.0001", "mixed")])
def test_only_an_effect_that_is_shown_contradicts_another(config, pi, content):
    """The trial with the other sign, told by its p: not significant it changes nothing, else there are two answers."""
    evidence = load(raw_of("one-small-trial-against"))
    (odd,) = (row for row in evidence.findings["one"] if row.direction == "group_1_higher")
    cells = dict.fromkeys(STAT_CELLS) | {"n1i": odd.n1i, "n2i": odd.n2i}
    told = odd.model_copy(update=cells | {"stat_type": "p", "pi": Decimal(pi), "p_relation": "="})
    rows = tuple(told if row == odd else row for row in evidence.findings["one"])
    other = replace(evidence, findings={"one": rows})
    (row,) = claim_verdicts(material_of(other, config), config.claims)
    assert row.content == content


# ---------------------------------------------------------------- tables and sentences


def test_conclusions_are_made_from_the_verdicts(ledger, evidence):
    rows = list(ledger.values())
    whole, *sections = conclusions(rows, evidence)
    assert whole.section == "all"
    assert "C038" in whole.claims
    assert {section.section for section in sections} == {row.section for row in rows}
    contradicted = [replace(row, content="contradicted", verdict="contradicted") for row in rows]
    assert "OXT levels are lower in BPD (C038)" in whole.sentence.split("Contradicted:")[0]
    assert f"{len(rows)} contradicted" in conclusions(contradicted, evidence)[0].sentence


def test_a_section_whose_domain_was_removed_keeps_its_number(ledger, evidence):
    named = {row.section: row.title for row in conclusions(list(ledger.values()), replace(evidence, domains={}))}
    assert named["3.2.1"] == "Section 3.2.1"
    assert named["4"] == evidence.review.sections["4"] == "Discussion"


def test_a_person_may_overrule_and_both_are_shown(evidence, material, config):
    claim = evidence.claims["C104"].model_copy(
        update={"overruled_verdict": "not testable", "overruled_by": "A. Reader", "overruled_reason": "post hoc"}
    )
    other = replace(evidence, claims=evidence.claims | {"C104": claim})
    rows = {r.claim_id: r for r in claim_verdicts(replace(material, evidence=other), config.claims)}
    assert rows["C104"].verdict == "supported but fragile"
    assert rows["C104"].shown == rows["C104"].overruled_verdict == "not testable"
    assert rows["C104"].overruled_reason == "post hoc"


def test_a_review_without_claims_has_no_sentence_on_them(evidence):
    (whole,) = conclusions([], evidence)
    assert whole.sentence == "No claim could be judged on its content."
