"""Alternatives: the first is the main analysis to the bit, each other changes what it says it changes."""

from typing import get_args

import pytest
from tests.project import RECALL

from reanalysis.ladder import domain_effects
from reanalysis.models.pooling import pool
from reanalysis.models.sensitivity import AT_LIMIT, SILENT, alternatives, domain_variants
from reanalysis.schema.cell_models import ALL_EVIDENCE, MODELS
from reanalysis.schema.config import Method, Variance
from reanalysis.schema.vocabulary import ALTERNATIVES, ESTIMATORS, VARIANCES


@pytest.fixture(scope="module")
def levels(variants):
    rows = (row for row in variants if row.domain == "early-stress")
    return [row for row in rows if row.outcome_group == "oxt-level" and row.model == ALL_EVIDENCE]


def test_the_first_variant_is_the_main_analysis_bit_for_bit(evidence, config):
    for domain in ("early-stress", "emotion-recognition", "trust-cooperation"):
        main = pool(domain_effects(evidence, domain, config.effects), config.models).models
        expected = [(m.model, m.est, m.ci_lb, m.ci_ub) for m in main if MODELS[m.model].main]
        rows = domain_variants(evidence, domain, config, RECALL)
        assert [(r.model, r.est, r.ci_lb, r.ci_ub) for r in rows if r.kind == "main"] == expected


def test_a_domain_rests_on_its_own_part_of_the_evidence(evidence, config, variants):
    """So nothing of another domain can make its variants to be computed anew."""
    for domain in evidence.domains:
        for one, other in zip(
            alternatives(evidence, domain, config), alternatives(evidence.of(domain), domain, config), strict=True
        ):
            assert one == other
    domain = "threat-hypersensitivity"
    assert domain_variants(evidence, domain, config, RECALL) == [row for row in variants if row.domain == domain]


def test_every_variant_is_the_whole_pipeline_under_its_alternative(evidence, config):
    """And what is left out as no variant has the numbers of the main analysis."""

    def numbers(row):
        return row.k, row.est, row.ci_lb, row.ci_ub

    for domain in ("early-stress", "emotion-recognition"):
        shown = {(row.variant, row.fit): numbers(row) for row in domain_variants(evidence, domain, config, RECALL)}
        piped = {
            (alternative.name, model.fit): numbers(model)
            for alternative in alternatives(evidence, domain, config)
            if alternative.reported == 1 and not alternative.at_limit
            for model in pool(alternative.effects, alternative.models).models
            if MODELS[model.model].main
        }
        other = {(name, fit) for name, fit in shown if name in AT_LIMIT.values() or "reported" in name}
        assert shown.keys() - other < piped.keys()
        for (name, fit), expected in piped.items():
            assert shown.get((name, fit), shown["main analysis", fit]) == pytest.approx(expected, rel=1e-8), name


def test_a_stricter_reading_of_significant_moves_the_effect_away_from_zero(levels, config):
    by_name = {row.variant: row for row in levels}
    strict, lax = (by_name[f"significant means p < {alpha:g}"].est for alpha in config.sensitivity.alpha)
    assert strict < by_name["main analysis"].est < lax < 0


def test_every_sample_is_left_out_once(levels):
    main = next(row for row in levels if row.kind == "main")
    left_out = [row for row in levels if row.kind == "sample left out"]
    assert len(left_out) == main.k
    assert all(row.k == main.k - 1 for row in left_out)
    assert all(row.ci_ub < 0 for row in left_out), "no single sample carries the answer"


def test_the_other_sample_of_a_cohort_takes_the_place_of_the_first(evidence, config):
    swaps = {a.name: a.effects for a in alternatives(evidence, "early-stress", config) if a.kind == "cohort"}
    effects = swaps["Carrasco 2020 instead of Diaz-Marsá 2024 (overlapping samples, peripheral oxytocin)"]
    used = {e.label for e in effects if e.use == "main" and e.outcome_group == "oxt-level"}
    assert "Carrasco 2020" in used
    assert "Diaz-Marsá 2024" not in used


def test_a_sample_that_cannot_enter_takes_nobodys_place(evidence, config):
    """Its alternative would be that without the other sample, under another name."""
    swaps = [a.name for a in alternatives(evidence, "early-stress", config) if a.kind == "cohort"]
    assert not any("Bertsch 2013" in name for name in swaps), "a direction without a sample size"
    assert any("Carrasco 2020" in name for name in swaps)


def test_another_coding_takes_the_place_of_the_primary_one(evidence, config):
    coded = [a for a in alternatives(evidence, "trust-cooperation", config) if a.kind == "coding"]
    for alternative in coded:
        counted = [e.finding_id for e in alternative.effects if e.use == "main"]
        assert len(counted) == len(set(counted)), f"{alternative.name} counts a finding twice"
    assert any("yang2021" in alternative.name for alternative in coded)


def test_results_that_were_not_seen_count_where_they_are_read_as_not_significant(levels, evidence, config):
    """Every sample of known size of which no result was seen joins the answer, and draws it towards zero."""
    main, read = (
        next(row for row in levels if row.variant == name)
        for name in ("main analysis", "unavailable results assumed not significant")
    )
    unseen = {
        effect.cohort_id
        for effect in domain_effects(evidence, "early-stress", config.effects)
        if (effect.use, effect.outcome_group, effect.direction) == ("main", "oxt-level", "not_visible") and effect.n1i
    }
    assert len(unseen) > 1
    assert read.k == main.k + len(unseen)
    assert main.est < read.est < 0


def test_every_kind_of_alternative_has_a_name_for_people(variants):
    assert {row.kind for row in variants} <= set(ALTERNATIVES)
    assert set(get_args(Method)) == set(ESTIMATORS)
    assert set(get_args(Variance)) == set(VARIANCES)


@pytest.mark.parametrize("name", SILENT)
def test_every_scenario_of_silence_is_computed_somewhere(variants, name):
    assert any(row.variant == name for row in variants)
