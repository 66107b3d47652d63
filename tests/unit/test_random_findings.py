"""Whatever the check lets through runs to the end: from the ladder to the last table nothing raises or is lost."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import fields

import pytest
from tests.findings import valid_findings
from tests.project import evidence_with

from reanalysis.ladder import all_effects, domain_effects
from reanalysis.ladder.formulas import formula
from reanalysis.models.pooling import pool
from reanalysis.models.robustness import robustness
from reanalysis.models.second_opinion import cells_opinions, explained, findings_opinions, samples_opinions
from reanalysis.models.sensitivity import domain_variants
from reanalysis.schema.config import Robustness
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Domain, Report, Sample
from reanalysis.synthesis.answers import answers
from reanalysis.synthesis.combine import combine_p
from reanalysis.synthesis.directions import count_directions, sample_directions
from reanalysis.synthesis.ladder import count_rungs
from reanalysis.synthesis.p_values import p_values
from reanalysis.synthesis.swim import report_swim
from reanalysis.synthesis.worklist import list_work

DOMAIN = "some-domain"
SAMPLES = 5
SEEDS = range(4)


def evidence_of(seed: int, findings: int) -> Evidence:
    """Findings at random in five samples of four cohorts, so that many share a sample, a cell, or an arm."""
    draw = random.Random(seed)
    rows = []
    for row in valid_findings(seed, findings):
        sample = f"sample-{draw.randrange(SAMPLES)}"
        places = {"sample_id": sample, "report_id": sample, "outcome": draw.choice(("level", "score"))}
        rows.append(row.model_copy(update=places))
    names = [f"sample-{i}" for i in range(SAMPLES)]
    reports = {
        name: Report(report_id=name, label=name, authors=name, year=2000 + i, title=name, kind="primary")
        for i, name in enumerate(names)
    }
    samples = {
        name: Sample(sample_id=name, report_ids=name, cohort_id=f"cohort-{min(i, 3)}") for i, name in enumerate(names)
    }
    domain = Domain(domain=DOMAIN, section="1", title="A domain")
    return evidence_with(domains={DOMAIN: domain}, reports=reports, samples=samples, findings={DOMAIN: tuple(rows)})


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_check_lets_through_runs_to_the_end(seed, config):
    evidence = evidence_of(seed, 40)
    effects = all_effects(evidence, config.effects, config.models.level)
    raw = {(row.finding_id, row.coding): row for row in evidence.findings[DOMAIN]}
    assert [effect.finding_id for effect in effects] == [row.finding_id for row in evidence.findings[DOMAIN]]
    counted = count_rungs(evidence, effects)
    assert sum(row.codings for row in counted) == len(effects)
    assert sum(row.exact + row.bounded + row.direction + row.unusable + row.excluded for row in counted) == len(effects)
    for effect in effects:
        assert (effect.yi is not None) == (effect.rung == "exact")
        assert effect.enters == (effect.enters_why is None)
        assert all(not _nan(getattr(effect, name)) for name in ("yi", "vi", "yi_lb", "yi_ub"))
        assert bool(formula(effect, raw[effect.finding_id, effect.coding])) == (effect.rung in ("exact", "bounded"))

    pooled = pool(effects, config.models)
    entered = Counter(name for unit in pooled.units for name in unit.findings)
    assert set(entered.values()) <= {1}
    assert set(entered) == {effect.finding_id for effect in effects if effect.enters}
    directions = count_directions(effects, evidence.names, config.models.level)
    combined = combine_p(evidence, effects, config.models.rho)
    assert len(report_swim(evidence, effects, directions, combined, pooled.models)) == 9
    assert all(not _nan(getattr(row, f.name)) for row in combined for f in fields(row))
    p_values(evidence, effects)
    sample_directions(effects)
    told = answers(evidence, effects, pooled.models, config)
    list_work(evidence, effects, pooled.units, pooled.models, told, config)
    robustness(pooled.units, config.models, Robustness(subsets=50, seed=1))
    explained(
        [
            *findings_opinions(effects, raw),
            *samples_opinions(effects, pooled.units),
            *cells_opinions(pooled.units, pooled.models),
        ]
    )


def test_no_alternative_raises(config):
    few = config.model_copy(
        update={"sensitivity": config.sensitivity.model_copy(update={"method": ["PM"], "rho": [0.2]})}
    )
    assert domain_variants(evidence_of(11, 25), DOMAIN, few)


@pytest.mark.parametrize("seed", range(100, 104))
def test_the_order_of_the_rows_has_no_part_in_the_units(seed, config):
    evidence = evidence_of(seed, 60)
    effects = domain_effects(evidence, DOMAIN, config.effects)
    shuffled = random.Random(seed).sample(effects, len(effects))
    one, other = (pool(list(order), config.models) for order in (effects, shuffled))
    assert one == other


def _nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
