"""The claim ledger: what each rule says, what no rule may say, and the verdicts that the known evidence fixes."""

import copy
import math
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cases import raw_of
from tests.cells import effect
from tests.project import RECALL

from reanalysis.check import load
from reanalysis.claims import Material, claim_verdicts, conclusions, ledger, omissions
from reanalysis.claims.fidelity import fidelity
from reanalysis.claims.ledger import TOLD
from reanalysis.claims.rules import RULES, judge_some_studies, reported
from reanalysis.claims.verdict import SUPPORT
from reanalysis.ladder import all_effects
from reanalysis.models.pooling import pool
from reanalysis.models.sensitivity import sensitivity
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import ALL_EVIDENCE_BAYES
from reanalysis.schema.vocabulary import STAT_CELLS
from reanalysis.synthesis.answers import answers
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
    found = changed, pool(changed, config.models, RECALL).models, sensitivity(own, config, RECALL)
    effects, models, variants = ([*old, *new] for old, new in zip(kept, found, strict=True))
    work = list_work(evidence, effects, [], models, answers(evidence, effects, models, config), config, RECALL)
    return Material(evidence, effects, models, variants, work, config)


@pytest.fixture(scope="module")
def material(evidence, config):
    return material_of(evidence, config)


@pytest.fixture(scope="module")
def whole(material):
    return ledger(material)


@pytest.fixture(scope="module")
def verdicts(whole):
    return {row.claim_id: row for row in whole.claims}


# ---------------------------------------------------------------- the whole ledger


def test_every_claim_has_a_verdict_and_the_reason(verdicts, evidence):
    assert list(verdicts) == list(evidence.claims)
    for row in verdicts.values():
        assert row.verdict in v.VERDICTS
        assert row.fidelity is None or row.fidelity in v.FIDELITY
        assert row.why.endswith(".")
        assert "; ." not in row.why
        assert "None" not in row.why
        if row.verdict in TOLD:
            assert row.rests_on, f"{row.claim_id} has a verdict and no evidence"


def test_no_part_of_a_claim_is_lost(whole, evidence, material):
    """Every cell in scope, and every claim that is repeated, has a row of its own with its verdict."""
    parts = {}
    for row in whole.parts:
        parts.setdefault(row.claim_id, set()).add(row.part)
        assert row.verdict in v.VERDICTS
    for claim in evidence.claims.values():
        if claim.tested_by == "restatement":
            assert parts[claim.claim_id] == set(claim.restates)
        elif claim.tested_by in v.EFFECT_RULES - {"some_studies", "moderation"}:
            cells = {effect.cell[:3] for effect in material.in_scope(claim.scope) if effect.use == "main"}
            assert parts.get(claim.claim_id, set()) == {"/".join(cell) for cell in cells}


def test_robustness_is_never_empty_where_something_could_vary(whole):
    for row in whole.parts:
        if row.side not in (None, "open"):
            assert row.alternatives > 0


def test_the_single_bounded_finding_has_alternatives_too(material):
    """Other readings of "significant", other priors and selective reporting, of C009 as of any other."""
    (part,) = material.parts(["attachment-styles/within_bpd/attachment-representation"])
    assert {"reading", "prior", "selection"} <= {row.kind for row in part.others}


def test_every_rule_is_described_and_every_described_rule_exists():
    assert set(RULES) | {"restatement"} == set(v.CLAIM_RULES)


def test_no_rule_judges_a_claim_for_want_of_evidence(material, config):
    """Whatever the rule and the claim, without findings the answer is that it cannot be tested."""
    empty = replace(material, effects=[], models=[], variants=[], work=[])
    for claim in material.evidence.claims.values():
        for rule in v.EFFECT_RULES | {"background"}:
            for scope in (None, claim.scope if claim.tested_by in v.EFFECT_RULES else None):
                tested = claim.model_copy(update={"tested_by": rule, "scope": scope})
                assert RULES[rule](tested, empty).verdict == "not testable"


def test_findings_that_say_nothing_judge_nothing(material, config):
    """Findings without a number or a sign leave every claim on effects as untested as no findings at all."""
    blank = dict.fromkeys(("yi", "vi", "yi_lb", "yi_ub", "ci_lb", "ci_ub"))
    blank |= {"rung": "unusable", "direction": "not_visible"}
    silent = replace(material, effects=[replace(e, **blank) for e in material.effects], models=[], variants=[])
    for row in claim_verdicts(silent):
        if row.rule in v.EFFECT_RULES:
            assert row.verdict == "not testable"


def test_the_ledger_is_the_same_on_every_run(material, config, verdicts):
    assert claim_verdicts(material) == list(verdicts.values())


# ---------------------------------------------------------------- verdicts that the known evidence fixes


def test_c038_lower_level_in_bpd_is_supported_and_the_null_results_were_left_out(verdicts, material, config):
    row = verdicts["C038"]
    assert row.verdict == "supported"
    assert "omits evidence" in row.flags
    assert "Bomann 2017 and Kluczniok 2019 found no difference" in row.why
    assert {"bomann2017-level", "kluczniok2019-level"} <= set(row.rests_on)
    (model,) = [m for m in material.models if m.outcome_group == "oxt-level" and m.model == ALL_EVIDENCE_BAYES]
    assert model.ci_ub < 0
    assert row.k == model.k
    assert row.probability == model.prob_below > config.claims.probability
    assert f"g = \N{MINUS SIGN}{abs(model.est):.2f}" in row.why
    assert row.robustness > config.claims.robust_share
    assert row.weakest is None
    assert row.alternatives >= model.k, "each sample was left out in turn"


SIGNIFICANT_ONLY = ("C009", "C019", "C039", "C104", "C115", "C169", "C172")


@pytest.mark.parametrize("claim", SIGNIFICANT_ONLY)
def test_one_study_that_only_says_significant_supports_no_general_claim(verdicts, claim):
    row = verdicts[claim]
    assert row.verdict == "not testable"
    assert 0.8 < row.probability < 0.9
    assert "one sample does not decide on the average effect" in row.why


@pytest.mark.parametrize("n", [18, 60, 200, 380, 400, 1000, 10_000])
def test_c104_the_verdict_does_not_depend_on_how_small_the_study_is(evidence, material, config, n):
    other = changed(evidence, "interpersonal-dysfunction", "bomann2017-relationship", ni=n, n1i=None, n2i=None)
    rows = claim_verdicts(material_of(other, config, ["interpersonal-dysfunction"], material))
    assert {row.claim_id: row.verdict for row in rows}["C104"] == "not testable"


def test_c104_is_no_evidence_on_bpd_against_controls(verdicts, evidence):
    row = verdicts["C104"]
    assert "no evidence on BPD against controls" in row.why
    assert "post hoc" in evidence.claims["C104"].note
    assert row.rests_on == ("bomann2017-relationship",)


TRUST = ("C155", "C157", "C191")


def test_p_below_05_is_no_better_than_the_exact_p_that_made_it(evidence, material, config):
    """Bartz 2011, d of 6 and 8 with p = .048: as a number, as "significant", as a direction, and as nothing."""
    exact = evidence.codings["bartz2011-trust-bpd", "bakermanskranenburg2013"]
    sizes = dict.fromkeys(STAT_CELLS) | {"n1i": exact.n1i, "n2i": exact.n2i}
    told = {
        "exact": {name: getattr(exact, name) for name in ("stat_type", *STAT_CELLS)},
        "significant": sizes | {"stat_type": "significance", "p_relation": "sig"},
        "direction": sizes | {"stat_type": "direction"},
    }
    found = {}
    for name, own in told.items():
        other = changed(evidence, "trust-cooperation", exact.finding_id, **own)
        rows = claim_verdicts(material_of(other, config, ["trust-cooperation"], material))
        found[name] = {row.claim_id: row.verdict for row in rows if row.claim_id in TRUST}
    for claim in TRUST:
        ranks = [STRENGTH.index(found[name][claim]) for name in told]
        assert ranks == sorted(ranks, reverse=True), claim


STRENGTH = ("contradicted", "not supported", "mixed", "not testable", "supported but fragile", "supported")


def test_c119_lower_at_all_times_needs_the_time_points(verdicts):
    row = verdicts["C119"]
    assert row.verdict == "not testable"
    assert "at each time point" in row.why


@pytest.mark.parametrize(
    ("own", "other", "answer"),
    [
        (("yes", "no"), None, "yes"),
        (("partly", "not_seen"), None, "partly"),
        (("no",), None, "no"),
        (("no", "not_seen"), None, "not seen"),
        (("no",), "yes", "another source says it"),
        (("not_seen",), "partly", "another source says it"),
        ((), "yes", "another source says it"),
        (("no",), "no", "no"),
        ((), None, "not coded"),
    ],
)
def test_what_the_sources_of_a_claim_amount_to(evidence, material, own, other, answer):
    """ "No" takes every cited source to have been seen."""
    cited, uncited = ("bertsch2013-ajp", "brune2013"), "ebert2013"
    claim = evidence.claims["C142"].model_copy(update={"cited_reports": cited, "cited_basis": None})
    said = [*zip(cited, own, strict=False), *([(uncited, other)] if other else [])]
    (row, *_) = evidence.fidelity.values()
    rows = {
        (claim.claim_id, report): row.model_copy(
            update={"claim_id": claim.claim_id, "report_id": report, "says": says, "seen": "abstract", "missing": "it"}
        )
        for report, says in said
    }
    found = fidelity(claim, replace(material, evidence=replace(evidence, fidelity=rows)))
    assert found.fidelity == answer


@pytest.mark.parametrize("claim", [f"C{i:03d}" for i in range(55, 61)])
def test_a_result_that_a_review_is_named_for_is_probably_misattributed_where_the_number_is_undecidable(verdicts, claim):
    row = verdicts[claim]
    assert row.flags[0] == "probably misattributed"
    assert row.fidelity == "cannot be told which source"
    assert "a review" in row.why


@pytest.mark.parametrize(
    ("claims", "basis", "source"),
    [
        ((5, 6, 7), "undecidable", "ebert2018"),
        (range(25, 29), "misnamed", "bonfig2022"),
        ((65, 66, 67), "misnamed", "flasbeck2018"),
    ],
)
def test_a_source_that_may_be_cited_under_another_name_is_not_misattributed(verdicts, evidence, claims, basis, source):
    for name in (f"C{i:03d}" for i in claims):
        assert evidence.claims[name].cited_basis == basis
        assert source in evidence.claims[name].cited_reports
        assert not any("misattributed" in flag for flag in verdicts[name].flags)


def test_a_sign_that_is_not_significant_is_no_contrary_result(verdicts, material):
    """Maoz 2024: p = .76 beside a sign. C145, which was once called contradicted by it, repeats the nulls of others."""
    row = verdicts["C145"]
    assert row.verdict == "not testable"
    (effect,) = (e for e in material.effects if e.finding_id == "maoz2024-oq-bpd" and e.coding == "primary")
    assert effect.sign != 0
    assert reported(effect, material) == 0


@pytest.mark.parametrize(("claim", "others"), [("C011", "C113 and C114"), ("C113", "C011"), ("C114", "C011")])
def test_especially_in_unresolved_attachment_is_inconsistent_with_similar_in_both(verdicts, claim, others):
    assert f"inconsistent with {others}" in verdicts[claim].flags


def test_one_positive_outcome_does_not_refute_that_some_found_none(verdicts):
    assert verdicts["C196"].verdict == "supported but fragile"
    assert "domes2019-cognitive-empathy-bpd" in verdicts["C196"].rests_on


def test_some_studies_found_it_is_never_contradicted_by_those_that_did_not(material):
    """Whatever the studies in scope report: that none was seen that found it is no proof that there is none."""
    blank = {"yi_lb": 0.0, "yi_ub": math.inf, "direction": "group_1_higher", "higher_is_better": "yes"}
    up = [replace(effect, rung="direction", use="main", **blank) for effect in material.effects]
    all_better = replace(material, effects=up, variants=[])
    for claim in material.evidence.claims.values():
        if claim.tested_by == "some_studies" and claim.scope:
            assert RULES["some_studies"](claim, all_better).verdict in (*SUPPORT, "not testable")


@pytest.mark.parametrize(
    ("direction", "sign", "is_found"),
    [
        ("improves", 1, True),
        ("improves", 0, False),
        ("worsens", -1, True),
        ("worsens", 0, False),
        ("no_effect", 0, True),
        ("no_effect", -1, True),
        ("no_effect", 1, False),
        ("mixed", 0, True),
        ("higher", 1, True),
        ("higher", -1, False),
        ("differs", -1, True),
        ("differs", 0, False),
    ],
)
def test_what_some_studies_are_said_to_have_found(evidence, material, direction, sign, is_found):
    """Harm is not found where nothing is, and a difference that has no claimed sign may have either."""
    claim = evidence.claims["C127"].model_copy(update={"expected_direction": direction})
    one = effect("one", 0.6 * sign, 0.01, higher_is_better="yes", contrast="oxt_vs_placebo_bpd", domain="social-threat")
    found = judge_some_studies(claim, replace(material, effects=[one]))
    assert found.verdict == ("supported but fragile" if is_found else "not testable")


def test_c196_other_studies_may_find_no_effect_on_empathy_although_one_improves_it(verdicts, evidence):
    """Both can hold; that section 3.3 tells of no such study stands in the note."""
    assert verdicts["C196"].flags == verdicts["C142"].flags == ()
    assert "no such study" in evidence.claims["C196"].note


HEART = {"C163": "back2022-hrv-bpd", "C164": "schmitz2020-hep-bpd"}


@pytest.mark.parametrize("claim", HEART)
def test_a_statement_on_a_wider_set_of_persons_decides_nothing_on_these(claim, verdicts):
    assert verdicts[claim].verdict == "not testable"
    assert "a wider or another set of participants" in verdicts[claim].why


@pytest.mark.parametrize(("claim", "finding"), HEART.items())
def test_no_effect_on_the_heart_is_shown_only_within_the_margin(claim, finding, evidence, material, config):
    """Were it said of the patients alone, "not significant" with 53 of them would leave too wide an interval."""
    said = material_of(changed(evidence, "cardiac", finding, test_of=None), config, ["cardiac"], material)
    row = {row.claim_id: row for row in claim_verdicts(said)}[claim]
    assert row.verdict == "not testable"
    assert "one sample does not decide" in row.why


def test_c165_titles_of_earlier_reviews_do_not_tell_how_extensive_they_are(verdicts, evidence):
    row = verdicts["C165"]
    assert row.verdict == "not testable"
    assert "six reviews of Table 1" in row.why
    assert len(evidence.review.counts["earlier-reviews"].rows(evidence.table)) == 6


def test_trials_and_meta_analyses_of_table_1_are_absent_from_the_treatment_section(verdicts, material):
    assert verdicts["F008"].verdict == "contradicted"
    assert {"maoz2024", "leppanen2017", "leppanen2018"} <= set(verdicts["F008"].rests_on)
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
def test_counts(verdicts, claim, verdict):
    assert verdicts[claim].verdict == verdict


def test_a_bare_direction_restates_and_does_not_support(verdicts):
    for claim in ("C022", "C033", "C142", "C143", "C149"):
        assert verdicts[claim].verdict == "not testable"
        assert "nly the direction is known" in verdicts[claim].why


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
    judgement = RULES["moderation"](claim, material)
    (one,) = judgement.parts
    assert one.part.answer.k == 1
    assert one.seen.sign > 0.85
    assert judgement.verdict == "not testable", "one study is no general answer, however far from zero"
    opposite = RULES["moderation"](claim.model_copy(update={"sign": "negative"}), material)
    assert opposite.parts[0].seen.sign == pytest.approx(1 - one.seen.sign)


# ---------------------------------------------------------------- flipping what one finding says


def changed(evidence, domain, finding_id, **cells):
    """A copy of the evidence in which one finding has other cells."""
    findings = dict(evidence.findings)
    findings[domain] = tuple(
        row.model_copy(update=cells) if row.finding_id == finding_id and row.coding == "primary" else row
        for row in findings[domain]
    )
    return replace(copy.copy(evidence), findings=findings)


def flipped(evidence, material, config, verdicts, domain, finding_id, **cells):
    """Claims whose verdict on the content changes with the finding, with the new one."""
    other = changed(evidence, domain, finding_id, **cells)
    rows = claim_verdicts(material_of(other, config, [domain], material))
    return {row.claim_id: row.verdict for row in rows if row.verdict != verdicts[row.claim_id].verdict}


def test_flipping_the_empathy_result_leaves_nothing_that_some_studies_found(evidence, material, config, verdicts):
    changes = flipped(
        evidence, material, config, verdicts, "empathy-approach", "domes2019-cognitive-empathy-bpd",
        p_relation="sig", direction="group_1_higher",
    )  # fmt: skip
    assert changes["C196"] == "not testable"


@pytest.mark.parametrize("cells", [
    {"direction": "group_1_higher"},
    {"stat_type": "p", "pi": Decimal("0.9"), "p_relation": "=", "direction": "group_1_higher"},
])  # fmt: skip
def test_c038_does_not_lose_its_support_when_the_sign_of_a_null_result_becomes_known(
    evidence, material, config, verdicts, cells
):
    assert flipped(evidence, material, config, verdicts, "early-stress", "bomann2017-level", **cells) == {}


def test_a_contrary_result_that_is_shown_takes_the_support_away(evidence, material, config, verdicts):
    changes = flipped(
        evidence, material, config, verdicts, "early-stress", "bomann2017-level", stat_type="g_se",
        yi=Decimal("1.2"), sei=Decimal("0.3"), p_relation=None, direction="group_1_higher",
    )  # fmt: skip
    assert changes["C038"] in ("mixed", "not testable")


# ---------------------------------------------------------------- signs by chance


def test_one_small_trial_against_sixteen_makes_nothing_mixed(config):
    """Of 17 trials one has the other sign, with an interval that holds zero: the pooled effect is far from zero."""
    evidence = load(raw_of("one-small-trial-against"))
    (row,) = claim_verdicts(material_of(evidence, config))
    assert row.verdict == "supported"


@pytest.mark.parametrize("pi", ["0.9", "0.2"])
def test_a_sign_by_chance_among_clear_effects_makes_nothing_mixed(config, pi):
    """The trial with the other sign, told by its p alone."""
    evidence = load(raw_of("one-small-trial-against"))
    (odd,) = (row for row in evidence.findings["one"] if row.direction == "group_1_higher")
    cells = dict.fromkeys(STAT_CELLS) | {"n1i": odd.n1i, "n2i": odd.n2i}
    told = odd.model_copy(update=cells | {"stat_type": "p", "pi": Decimal(pi), "p_relation": "="})
    rows = tuple(told if row == odd else row for row in evidence.findings["one"])
    other = replace(evidence, findings={"one": rows})
    (row,) = claim_verdicts(material_of(other, config))
    assert row.verdict == "supported"


# ---------------------------------------------------------------- tables and sentences


def test_conclusions_are_made_from_the_verdicts(verdicts, evidence):
    rows = list(verdicts.values())
    whole, *sections = conclusions(rows, evidence)
    assert whole.section == "all"
    assert "C038" in whole.claims
    assert {section.section for section in sections} == {row.section for row in rows}
    contradicted = [replace(row, verdict="contradicted") for row in rows]
    assert "OXT levels are lower in BPD (C038)" in whole.sentence.split("Contradicted:")[0]
    empirical = sum(row.kind == "empirical" for row in rows)
    assert f"{empirical} contradicted" in conclusions(contradicted, evidence)[0].sentence


def test_a_section_whose_domain_was_removed_keeps_its_number(verdicts, evidence):
    named = {row.section: row.title for row in conclusions(list(verdicts.values()), replace(evidence, domains={}))}
    assert named["3.2.1"] == "Section 3.2.1"
    assert named["4"] == evidence.review.sections["4"] == "Discussion"


def test_a_person_may_overrule_and_both_are_shown(evidence, material, config):
    claim = evidence.claims["C038"].model_copy(
        update={"overruled_verdict": "not testable", "overruled_by": "A. Reader", "overruled_reason": "one exact"}
    )
    other = replace(evidence, claims=evidence.claims | {"C038": claim})
    rows = {r.claim_id: r for r in claim_verdicts(replace(material, evidence=other))}
    assert rows["C038"].verdict == "supported"
    assert rows["C038"].shown == rows["C038"].overruled_verdict == "not testable"
    assert rows["C038"].overruled_reason == "one exact"


def test_what_repeats_an_overruled_claim_follows_the_person(evidence, material):
    claims = evidence.claims
    repeating = next(claim for claim in claims.values() if len(claim.restates or ()) == 1)
    (name,) = repeating.restates
    words = {"overruled_verdict": "mixed", "overruled_by": "A. Reader", "overruled_reason": "two methods"}
    other = replace(evidence, claims=claims | {name: claims[name].model_copy(update=words)})
    row = {r.claim_id: r for r in claim_verdicts(replace(material, evidence=other))}[repeating.claim_id]
    assert row.verdict == "mixed"
    assert "A. Reader overruled the computed verdict: two methods" in row.why


def test_a_review_without_claims_has_no_sentence_on_them(evidence):
    (whole,) = conclusions([], evidence)
    assert whole.sentence == "No statement could be judged."
