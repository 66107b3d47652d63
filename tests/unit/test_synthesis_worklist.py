"""The work list names every finding below the top rung and says what its exact effect would be worth."""

import pytest

from reanalysis.ladder import domain_effects
from reanalysis.models.pooling import pool
from reanalysis.synthesis.worklist import list_work


@pytest.fixture(scope="module")
def work(evidence, config):
    effects = [effect for domain in evidence.domains for effect in domain_effects(evidence, domain, config.effects)]
    units = [
        unit
        for domain in evidence.domains
        for unit in pool([e for e in effects if e.domain == domain], config.models).units
    ]
    return effects, list_work(evidence, effects, units, config.models)


def test_every_finding_below_the_top_is_listed_once(work):
    effects, items = work
    below = [effect.finding_id for effect in effects if effect.use == "main" and effect.rung != "exact"]
    assert sorted(item.finding_id for item in items) == sorted(below)


def test_the_most_valuable_comes_first(work):
    _, items = work
    worth = [-1 if item.shrinks is None else item.shrinks for item in items]
    assert worth == sorted(worth, reverse=True)


def test_a_first_effect_is_worth_everything(work):
    _, items = work
    alone = next(item for item in items if item.finding_id == "back2022-hrv-bpd")
    assert alone.width_now is None
    assert alone.shrinks == 1
    # two arms of 26.5 participants: the interval of an effect of zero
    assert alone.width_then == pytest.approx(2 * 1.959964 * (2 / 26.5) ** 0.5, rel=1e-6)


def test_larger_samples_are_worth_more_in_the_same_cell(work):
    _, items = work
    shrinks = {item.finding_id: item.shrinks for item in items if item.domain == "early-stress"}
    assert shrinks["mielke2023-level"] > shrinks["diazmarsa2024-level"] > shrinks["kartal2022-level"] > 0
    assert shrinks["kartal2022-level"] > shrinks["bomann2017-level"]


def test_unknown_sizes_have_no_worth_and_come_last(work):
    _, items = work
    last = items[-1]
    assert last.n is None
    assert last.shrinks is None
