"""The work list names every finding below the top rung, and says what its exact effect would do to which answer."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from tests.project import evidence_with

from reanalysis.models.cell_models import posterior_summaries
from reanalysis.models.pooling import pool
from reanalysis.results.rows import Answer, Effect, PooledUnit
from reanalysis.schema.cell_models import ALL_EVIDENCE_BAYES
from reanalysis.schema.raw import Claim, Report
from reanalysis.schema.vocabulary import STANDINGS, WORTHS
from reanalysis.synthesis.worklist import list_work, prospects


@pytest.fixture(scope="module")
def shrinks(work):
    return {item.finding_id: item.shrinks for item in work}


# ---------------------------------------------------------------- the project


def test_every_finding_below_the_top_is_listed_once(work, main):
    below = [effect.finding_id for effect in main if effect.rung != "exact"]
    assert sorted(item.finding_id for item in work) == sorted(below)


def test_what_the_headline_rests_on_comes_first(work):
    """The answer with a known sign, and in it the largest sample that is not known exactly."""
    assert work[0].finding_id == "mielke2023-level"
    assert {item.outcome_group for item in work[:10]} == {"oxt-level"}
    assert {item.standing for item in work[:10]} == {"headline"}
    assert {item.standing for item in work[10:] if item.worth == "narrower"} == {"main", "other"}


def test_the_order_is_that_of_the_criteria(work):
    for before, after in pairwise(work):
        pairs = [
            (list(WORTHS).index(before.worth), list(WORTHS).index(after.worth)),
            (list(STANDINGS).index(before.standing), list(STANDINGS).index(after.standing)),
            (-round(before.shrinks or 0, 2), -round(after.shrinks or 0, 2)),
        ]
        assert [a for a, _ in pairs] <= [b for _, b in pairs]


def test_equal_rank_is_equal_in_all_that_is_told(work):
    """Nobody is told that two items are worth the same unless they are; and hardly any are."""
    shared = [(one, other) for one, other in pairwise(work) if one.rank == other.rank]
    for one, other in shared:
        for name in ("worth", "standing", "core_claims", "n", "rung"):
            assert getattr(one, name) == getattr(other, name)
        assert len(one.claims) == len(other.claims)
        assert round(one.shrinks or 0, 2) == round(other.shrinks or 0, 2)
    ranks = [item.rank for item in work]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) > 0.85 * len(work)
    assert all(work[item.rank - 1].rank == item.rank for item in work)


def test_what_is_told_of_today_is_the_posterior_of_the_cell(work, pooled):
    judging = {model.cell: model for model in pooled.models if model.model == ALL_EVIDENCE_BAYES}
    for item in work:
        model = judging.get(item.cell)
        assert (item.width_now is None) == (model is None)
        if model is not None:
            assert item.width_now == pytest.approx(model.ci_ub - model.ci_lb, rel=1e-9)
            assert item.sure_now == pytest.approx(max(model.prob_below, 1 - model.prob_below), rel=1e-9)


def test_larger_samples_are_worth_more_where_as_much_is_known(shrinks):
    assert shrinks["diazmarsa2024-level"] > shrinks["ebert2018-level"] > shrinks["kartal2022-level"]
    assert shrinks["kartal2022-level"] > shrinks["bomann2017-level"] > 0
    assert shrinks["medrxiv2025-oxtstress-level"] > shrinks["reinhard2022-level"] > shrinks["kluczniok2019-level"]


def test_information_is_not_expected_to_make_less_certain(work):
    """Within the error of 15 values for an expectation."""
    for item in work:
        if item.worth == "narrower":
            assert item.shrinks > -0.005
            assert item.sure_then > item.sure_now - 0.01
        if item.worth == "first":
            assert 0.5 < item.sure_then < 1
            assert item.width_now is None


def test_unknown_sizes_have_no_worth_and_come_last(work):
    last = [item for item in work if item.worth == "unknown"]
    assert last == work[-len(last) :]
    assert all(item.width_then is None and item.shrinks is None for item in last)
    assert all(item.n is None or item.contrast == "group_by_drug" for item in last)


def test_claims_are_those_that_name_the_finding(work):
    claims = {item.finding_id: item.claims for item in work}
    assert "C038" in claims["mielke2023-level"]
    assert claims["flasbeck2018-rs53576-pain-empathy"] == ()


# ---------------------------------------------------------------- made-up cells


CELL = {"domain": "one", "contrast": "bpd_vs_control", "outcome_group": "level", "metric": "SMD"}


def bounded(name: str, n: int = 80, **more) -> Effect:
    """A finding that is called significantly lower in two groups of equal size."""
    bound = -1.99 * (4 / n) ** 0.5
    row = Effect(
        **CELL, finding_id=name, coding="primary", label=name, report_id="r", sample_id=name, cohort_id=name,
        comparison="difference", n1i=n // 2, n2i=n // 2, rung="bounded", yi_ub=bound, yi_lb=float("-inf"), use="main",
        enters=True, missing="t", outcome=name,
    )  # fmt: skip
    return replace(row, **more)


def unit_of(name: str, yi: float | None, vi: float | None) -> PooledUnit:
    return PooledUnit(**CELL, comparison="difference", sample_id=name, rung="exact", yi=yi, vi=vi, four_arms=False)


def order_of(effects, config, *, main=(), known=(), claims=()) -> list[tuple[int, str]]:
    """Rank and name of made-up findings; answers of the domains `main` count, and the sign of `known` ones is known."""
    pooled = pool(effects, config.models)
    cells = {effect.cell: effect for effect in effects}
    told = [
        Answer(
            domain=cell.domain, contrast=cell.contrast, outcome_group=cell.outcome_group, main=cell.domain in main,
            sign=-1 if cell.domain in known else 0,
        )
        for cell in cells
    ]  # fmt: skip
    report = Report(report_id="r", label="R", authors="A", title="T", kind="primary")
    evidence = evidence_with(reports={"r": report}, claims={claim.claim_id: claim for claim in claims})
    work = list_work(evidence, effects, pooled.units, pooled.models, told, config)
    return [(item.rank, item.finding_id) for item in work]


def claim(number: int, core: str, scope: str) -> Claim:
    return Claim.model_construct(claim_id=f"C{number:03d}", core=core, scope=(scope,))


def test_the_standing_of_the_answer_comes_before_its_gain(config):
    effects = [
        bounded("small", 20, domain="headline"),
        bounded("large", 400, domain="main"),
        bounded("larger", 900, domain="other"),
    ]
    ranked = order_of(effects, config, main=("headline", "main"), known=("headline", "other"))
    assert ranked == [(1, "small"), (2, "large"), (3, "larger")]


def test_core_claims_then_claims_tell_ties_apart_and_nothing_else_does(config):
    effects = [bounded(name, domain=name) for name in ("d-none", "c-none", "b-claim", "a-core")]
    claims = [claim(1, "no", "b-claim/*/*"), claim(2, "yes", "a-core/*/*")]
    assert order_of(effects, config, claims=claims) == [(1, "a-core"), (2, "b-claim"), (3, "c-none"), (3, "d-none")]


def test_cells_without_evidence_come_after_those_with_an_interval_and_those_of_unknown_size_last(config):
    nothing = {"rung": "unusable", "yi_lb": None, "yi_ub": None, "enters": False}
    effects = [
        bounded("no-size", domain="d", n1i=None, n2i=None, **nothing),
        bounded("empty-small", 20, domain="c", **nothing),
        bounded("empty-large", 90, domain="b", **nothing),
        bounded("tiny", 12, domain="a"),
    ]
    assert [name for _, name in order_of(effects, config)] == ["tiny", "empty-large", "empty-small", "no-size"]


def test_a_sample_with_an_exact_effect_already_gains_nothing_that_can_be_told(config):
    (found,) = prospects([bounded("same")], [unit_of("same", -0.4, 0.05)], config.models, 0.975)
    assert found == {}


def test_the_expectation_is_that_of_simulated_effects(config):
    """Average effect and tau from their prior, weighted by two exact samples; the third as the model draws it."""
    others = [unit_of("x", -0.5, 0.06), unit_of("y", 0.1, 0.09)]
    effect = bounded("z", 60)
    bounds = replace(unit_of("z", None, None), rung="bounded", yi_ub=effect.yi_ub)
    (found,) = prospects([effect], [*others, bounds], config.models, 0.975)
    rng, draws = np.random.default_rng(5), 400_000
    mu = rng.normal(0, config.models.mu_prior_scale, draws)
    tau = np.abs(rng.normal(0, config.models.tau_prior_scale, draws))
    log_p = sum(-0.5 * np.log(unit.vi + tau**2) - 0.5 * (unit.yi - mu) ** 2 / (unit.vi + tau**2) for unit in others)
    kept = rng.choice(draws, 20_000, p=np.exp(log_p) / np.exp(log_p).sum())
    error = 4 / 60
    y = rng.normal(mu[kept], np.sqrt(tau[kept] ** 2 + error + mu[kept] ** 2 / 120))
    y = y[y <= effect.yi_ub][:600]
    cells = [[*others, unit_of("z", value, error + value**2 / 120)] for value in y.tolist()]
    then = posterior_summaries(cells, [config.models] * len(cells), [1.0] * len(cells))
    width, sure = then.ci_ub - then.ci_lb, np.maximum(then.p_below, 1 - then.p_below)
    for ours, simulated in ((found["width_then"], width), (found["sure_then"], sure)):
        assert ours == pytest.approx(simulated.mean(), abs=4 * simulated.std() / len(y) ** 0.5)
    settled = ((then.p_below >= 0.975) | (then.p_below <= 0.025)).mean()
    assert found["settled_then"] == pytest.approx(settled, abs=0.05)


def test_an_interval_far_from_what_the_others_say_is_no_trouble(config):
    far = bounded("far", 6, yi_ub=-60.0)
    (found,) = prospects([far], [unit_of("x", 0.2, 0.01), unit_of("y", 0.3, 0.01)], config.models, 0.975)
    assert all(np.isfinite(list(found.values())))
