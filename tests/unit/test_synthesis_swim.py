"""The SWiM table: nine items for every domain, whose numbers are those of the tables."""

import math
import re

import pytest

from reanalysis.results.rows import Direction, Effect, Model
from reanalysis.synthesis.combine import combine_p
from reanalysis.synthesis.directions import count_directions
from reanalysis.synthesis.swim import ITEMS, NOTHING, UNUSED, report_swim


@pytest.fixture(scope="module")
def items(evidence, effects, config):
    directions = count_directions(effects, evidence.names, config.models.level)
    return report_swim(evidence, effects, directions, combine_p(evidence, effects, config.models.rho), [])


def text(items, domain, name):
    (item,) = [item for item in items if item.domain == domain and item.name == name]
    return item.text


def test_nine_items_for_every_domain(items, evidence):
    assert [(item.domain, item.item) for item in items] == [(d, n) for d in evidence.domains for n in range(1, 10)]
    assert [item.name for item in items[:9]] == list(ITEMS)
    assert all(item.section == evidence.domains[item.domain].section for item in items)


def test_a_domain_without_findings_says_so(items, effects):
    known = {effect.domain for effect in effects}
    for item in items:
        assert (item.text == NOTHING) == (item.domain not in known)
    assert known < {item.domain for item in items}, "there are such domains"


def test_sentences_are_whole(items):
    for item in items:
        assert item.text.endswith(".")
        assert not re.search(r"None|\bnan\b|\binf\b|[{}]|  |\.\.|;\.|: \.", item.text), item.text


def test_rungs_add_up_to_the_findings(items, effects):
    for domain in {effect.domain for effect in effects}:
        main = [effect for effect in effects if effect.domain == domain and effect.use == "main"]
        if not main:
            continue
        ladder = text(items, domain, "Standardized metric and transformation").split("Reported: ")[1].split(".")[0]
        counts = re.findall(r"(\d+) (effect sizes?|significance only|direction only|not usable)", ladder)
        assert sum(int(n) for n, _ in counts) == len(main)
        assert len(counts) == len({effect.rung for effect in main})


def test_every_excluded_coding_is_named_with_its_reason(items, effects):
    for effect in effects:
        if effect.use == "excluded":
            listed = text(items, effect.domain, "Criteria to prioritise results")
            assert f"{effect.label}, {effect.outcome} ({effect.use_why})" in listed


def test_every_outcome_has_a_result(items, evidence, effects, config):
    for row in count_directions(effects, evidence.names, config.models.level):
        result = text(items, row.domain, "Results")
        if row.findings and row.outcome_group and row.up + row.down > 1:
            more = max(row.up, row.down)
            assert f"in {more} of {row.up + row.down} samples with a sign ({more / (row.up + row.down):.0%}" in result


# ---------------------------------------------------------------- sentences of made-up results


def effect(number, domain, **columns) -> Effect:
    known = {
        "contrast": "bpd_vs_control",
        "outcome_group": "oxt-level",
        "finding_id": f"finding-{number}",
        "coding": "primary",
        "label": f"Author {number}",
        "outcome": "oxytocin level",
        "sample_id": f"sample-{number}",
        "cohort_id": f"cohort-{number}",
        "higher_is_better": "not_applicable",
        "direction": "group_2_higher",
        "rung": "direction",
        "n1i": 20,
        "n2i": 30,
        "yi_lb": -math.inf,
        "yi_ub": 0.0,
        "use": "main",
        "use_why": "",
        "source_kind": "abstract",
    }
    return Effect(domain=domain, **(known | columns))


def report(evidence, effects, models=(), combined=()):
    domain = effects[0].domain
    items = report_swim(evidence, effects, count_directions(effects, evidence.names, 0.95), combined, models)
    return {item.name: item.text for item in items if item.domain == domain}


@pytest.fixture
def domain(evidence):
    return next(iter(evidence.domains))


def test_a_majority_that_points_down_is_told_as_such(evidence, domain):
    up = {"yi_lb": 0.0, "yi_ub": math.inf, "direction": "group_1_higher"}
    told = report(evidence, [effect(n, domain) for n in range(6)] + [effect(9, domain, **up)])
    assert (
        "lower in BPD in 6 of 7 samples with a sign (86%, 95% interval 42% to 100%, sign test p = 0.125)"
        in (told["Results"])
    )
    assert (
        "Directions disagree in BPD vs control, peripheral oxytocin (1 higher in BPD and 6 lower in BPD)"
        in (told["Heterogeneity"])
    )
    assert "350, fewer than 400, which alone makes it imprecise, in 1 of 1" in told["Certainty of evidence"]
    assert "Only here are there votes enough" in told["Limitations of the synthesis"]


def test_a_single_sample_is_not_tested(evidence, domain):
    told = report(evidence, [effect(1, domain)])
    assert (
        told["Results"]
        == "BPD vs control, peripheral oxytocin: lower in BPD in the only sample with a sign (Author 1)."
    )
    assert "none is tested" in told["Synthesis methods"]
    assert "No outcome has votes enough" in told["Limitations of the synthesis"]


def test_findings_without_a_sign_are_said_to_be_missing(evidence, domain):
    silent = {"rung": "bounded", "yi_lb": -0.5, "yi_ub": 0.5, "direction": "none"}
    told = report(evidence, [effect(1, domain), effect(2, domain, **silent)])
    assert told["Results"].endswith("(Author 1); 1 sample without a sign.")
    limits = told["Limitations of the synthesis"]
    assert "1 vote missing for want of a sign, 0 of these results reported as “no difference” and no more" in limits
    bare = {"rung": "unusable", "yi_lb": None, "yi_ub": None, "direction": "none"}
    limits = report(evidence, [effect(1, domain), effect(2, domain, **bare)])["Limitations of the synthesis"]
    assert "1 of these results reported as “no difference” and no more" in limits


def test_a_domain_whose_codings_are_all_excluded_says_why(evidence, domain):
    told = report(evidence, [effect(1, domain, use="excluded", use_why="doubtful numbers")])
    assert told.pop("Criteria to prioritise results").endswith("oxytocin level (doubtful numbers).")
    assert set(told.values()) == {UNUSED}


def test_models_are_told_with_their_heterogeneity(evidence, domain):
    model = Model(
        domain=domain,
        contrast="bpd_vs_control",
        outcome_group="oxt-level",
        metric="SMD",
        model="random effects",
        headline=True,
        k=4,
        est=-0.512,
        ci_lb=-1.0,
        ci_ub=-0.024,
        I2=41.6,
    )
    exact = {"rung": "exact", "yi": -0.5, "vi": 0.1, "metric": "SMD", "es_method": "Hedges' g from t"}
    told = report(evidence, [effect(n, domain, **exact) for n in range(4)], [model])
    interval = "\N{MINUS SIGN}0.51 [\N{MINUS SIGN}1.00, \N{MINUS SIGN}0.02]"
    assert f"random-effects model, Hedges' g {interval}, k = 4" in told["Results"]
    assert "Estimated: BPD vs control, peripheral oxytocin (random-effects model), I² = 42%" in told["Heterogeneity"]
    assert (
        "Meta-analysis: BPD vs control, peripheral oxytocin (random-effects model, k = 4)" in told["Synthesis methods"]
    )
    assert "Hedges' g from t (4)" in told["Standardized metric and transformation"]


def test_all_evidence_is_told_beside_the_headline_even_where_nothing_follows_from_it(evidence, domain):
    cell = {
        "domain": domain,
        "contrast": "bpd_vs_control",
        "outcome_group": "oxt-level",
        "metric": "SMD",
        "headline": False,
    }
    known = {"k": 4, "k_exact": 1, "k_bounded": 3, "est": -0.5, "ci_lb": -math.inf, "ci_ub": 0.1, "tau2": 0.0421}
    finite = Model(model="all evidence", **cell, **known)
    open_ended = Model(model="all evidence", **cell, k=2, k_bounded=1, k_direction=1)
    beside = Model(model="all evidence, Bayesian", **cell, **known)
    findings = [effect(1, domain), effect(2, domain)]
    told = report(evidence, findings, [finite, beside])
    assert "[\N{MINUS SIGN}\N{INFINITY}, 0.10], k = 4 (1 effect size and 3 significance only)" in told["Results"]
    assert "Bayesian" not in told["Results"]
    assert "(censored random-effects model), tau² = 0.042." in told["Heterogeneity"]
    alone = report(evidence, findings, [open_ended])["Results"]
    assert "censored random-effects model: no estimate, k = 2 (1 significance only and 1 direction only)" in alone
    posterior = report(evidence, findings, [open_ended, beside])
    assert "Bayesian censored random-effects model, Hedges' g \N{MINUS SIGN}0.50" in posterior["Results"]
    assert "no estimate" not in posterior["Results"]
    assert "(Bayesian censored random-effects model), tau² = 0.042." in posterior["Heterogeneity"]


def test_directions_of_another_run_are_not_mixed_up(evidence, domain):
    """The words follow the rows that are given, not a count of their own."""
    rows = [
        Direction(
            domain=domain,
            contrast="bpd_vs_control",
            outcome_group="oxt-level",
            sense="higher",
            codings=3,
            excluded=0,
            findings=3,
            units=3,
            up=3,
            down=0,
            mixed=0,
            none=0,
            share=1.0,
            ci_lb=0.29,
            ci_ub=1.0,
            level=0.95,
            pval=0.25,
            least_p=0.25,
            up_samples=["sample-1"],
        )
    ]
    items = report_swim(evidence, [effect(1, domain)], rows, [], [])
    assert "higher in BPD in 3 of 3 samples" in text(items, domain, "Results")
