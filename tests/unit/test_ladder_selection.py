"""Which findings enter the main analysis: nothing is dropped, and every exclusion has its reason."""

from dataclasses import replace

import pytest

from reanalysis.effects import hedges_j
from reanalysis.ladder import domain_effects


@pytest.fixture
def place(evidence, config):
    """Place findings of a domain, changed, and return its effects by id."""

    def placed(domain, **changes):
        rows = tuple(row.model_copy(update=changes.get(row.finding_id, {})) for row in evidence.findings[domain])
        changed = replace(evidence, findings={domain: rows})
        return {effect.finding_id: effect for effect in domain_effects(changed, domain, config.effects)}

    return placed


def test_another_coding_is_shown_and_not_used(evidence, config):
    effects = domain_effects(evidence, "trust-cooperation", config.effects)
    bartz = {e.coding: e for e in effects if e.finding_id == "bartz2011-trust-bpd"}
    assert {coding for coding, e in bartz.items() if e.use == "main"} == {"primary"}
    assert len(bartz) == 3
    assert bartz["yang2021"].yi == pytest.approx(-2.45 * hedges_j(13))


def test_a_composite_never_stands_beside_its_parts(place):
    effects = place("emotion-recognition")
    composites = [e for e in effects.values() if "-overall-" in e.finding_id]
    assert len(composites) == 4
    assert {e.use for e in composites} == {"excluded"}
    assert all("results already included" in e.use_why for e in composites)


def test_a_pooled_result_is_no_sample(place):
    effect = place("early-stress")["ferreira2022-level-pooled"]
    assert (effect.use, effect.sample_id) == ("excluded", None)
    assert "meta-analysis" in effect.use_why


def test_a_doubt_excludes_and_is_repeated(place):
    changes = {"bocchiochiavetto2025-level": {"doubt": "the SD may be a standard error"}}
    effect = place("early-stress", **changes)["bocchiochiavetto2025-level"]
    assert effect.use == "excluded"
    assert "the SD may be a standard error" in effect.use_why
    assert effect.rung == "exact"


def test_of_samples_that_may_overlap_the_larger_is_counted(place):
    effects = place("early-stress")
    assert effects["diazmarsa2024-level"].use == "main"
    assert effects["carrasco2020-level"].use == "excluded"
    assert "Diaz-Marsá 2024" in effects["carrasco2020-level"].use_why


def test_of_samples_that_may_overlap_the_better_known_is_counted(place):
    """A higher rung goes before a larger sample."""
    exact = {"stat_type": "g_se", "yi": -0.5, "sei": 0.2, "p_relation": None}
    effects = place("early-stress", **{"carrasco2020-level": exact})
    assert effects["carrasco2020-level"].use == "main"
    assert effects["diazmarsa2024-level"].use == "excluded"
    assert effects["diazmarsa2024-receptor"].use == "main", "another outcome is another question"


def test_overlap_matters_within_an_outcome_only(place):
    other = {"carrasco2020-level": {"outcome_group": "something-else"}}
    effects = place("early-stress", **other)
    assert {effects["carrasco2020-level"].use, effects["diazmarsa2024-level"].use} == {"main"}


def test_each_cohort_is_counted_once_in_the_whole_project(evidence, config):
    for domain in evidence.domains:
        seen = {}
        for effect in domain_effects(evidence, domain, config.effects):
            if effect.use == "main":
                key = (effect.contrast, effect.outcome_group, effect.cohort_id)
                assert seen.setdefault(key, effect.sample_id) == effect.sample_id
