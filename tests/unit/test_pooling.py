"""What is pooled with what: cells, samples averaged first, and the rule on how much k samples allow."""

import ast
import itertools
import math
from collections import Counter

import numpy as np
import pytest
from scipy import stats
from tests.cells import bounded, effect, samples

from reanalysis.imports import SOURCE
from reanalysis.ladder.samples import sizes
from reanalysis.ladder.selection import with_entry
from reanalysis.models.cell_models import FITTINGS
from reanalysis.models.pooling import pool
from reanalysis.schema.cell_models import MODELS


def names(pooled) -> list[str]:
    """The models but for the posterior that every cell has."""
    return [model.model for model in pooled.models if not MODELS[model.model].judges]


# ---------------------------------------------------------------- what k samples allow


@pytest.mark.parametrize(
    ("k", "models", "headline"),
    [
        (1, ["single study"], "single study"),
        (2, ["common effect", "Bayesian random effects"], "common effect"),
        (3, ["random effects", "random effects, ad hoc", "Bayesian random effects"], "random effects"),
        (4, ["random effects", "random effects, ad hoc", "Bayesian random effects"], "random effects"),
        (5, ["random effects", "random effects, ad hoc", "Bayesian random effects"], "random effects"),
        (12, ["random effects", "random effects, ad hoc", "Bayesian random effects"], "random effects"),
    ],
)
def test_models_by_the_number_of_samples(config, k, models, headline):
    pooled = pool(samples(k), config.models)
    assert names(pooled) == models
    assert [model.model for model in pooled.models if model.headline] == [headline]
    assert {model.k for model in pooled.models} == {k}
    shown = next(model for model in pooled.models if model.headline)
    assert (shown.tau2 is not None) == (k >= 3)
    assert (shown.pi_lb is not None) == (k >= 5)


def test_every_cell_has_the_posterior_by_which_claims_are_judged(config, effects):
    pooled = pool(effects, config.models)
    judges = [model for model in pooled.models if MODELS[model.model].judges]
    assert [model.cell for model in judges] == list(dict.fromkeys(unit.cell for unit in pooled.units))
    for model in judges:
        below, above = model.prob_beyond_below, model.prob_beyond_above
        assert 0 <= below <= model.prob_below <= 1 - above <= 1
        assert 0 <= model.prob_mixed <= 1


def test_two_samples_of_which_none_is_exact_have_no_point_estimate(config):
    pooled = pool([bounded("a", 0.4, math.inf), bounded("b", -0.5, 0.5)], config.models)
    (model,) = (one for one in pooled.models if one.model == "all evidence")
    assert (model.est, model.se, model.pval, model.tau2) == (None,) * 4
    assert "no point estimate" in model.note
    assert model.ci_lb < model.ci_ub


def test_every_model_is_fitted_somehow():
    assert list(FITTINGS) == list(MODELS)


def test_the_name_of_a_model_is_written_once():
    names = Counter(
        node.value
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in MODELS
    )
    assert names == Counter(list(MODELS))


def test_a_single_sample_keeps_its_own_interval(config):
    (model, _) = pool([effect("one", -0.748, 0.0593)], config.models).models
    half = stats.norm.ppf(0.975) * math.sqrt(0.0593)
    assert (model.est, model.ci_lb, model.ci_ub) == pytest.approx((-0.748, -0.748 - half, -0.748 + half))


def test_two_samples_are_weighted_by_precision(config):
    pooled = pool([effect("a", -0.2, 0.01), effect("b", -0.8, 0.04)], config.models)
    assert pooled.models[0].est == pytest.approx((-0.2 / 0.01 - 0.8 / 0.04) / (1 / 0.01 + 1 / 0.04))
    assert [unit.weight for unit in pooled.units] == pytest.approx([80, 20])


def test_random_effects_by_hand(config):
    """DerSimonian and Laird (1986) and Knapp and Hartung (2003), from their formulas."""
    pooled = pool(samples(6), config.models.model_copy(update={"method": "DL"}))
    y = np.array([unit.yi for unit in pooled.units])
    v = np.array([unit.vi for unit in pooled.units])
    w = 1 / v
    q = np.sum(w * (y - np.sum(w * y) / w.sum()) ** 2)
    tau2 = max(0, (q - 5) / (w.sum() - np.sum(w**2) / w.sum()))
    w = 1 / (v + tau2)
    mean = np.sum(w * y) / w.sum()
    half = stats.t.ppf(0.975, 5) * math.sqrt(np.sum(w * (y - mean) ** 2) / 5 / w.sum())
    model = pooled.models[0]
    assert tau2 > 0
    assert (model.tau2, model.est, model.ci_lb, model.ci_ub) == pytest.approx((tau2, mean, mean - half, mean + half))
    assert pytest.approx(q) == model.QE
    assert [unit.weight for unit in pooled.units] == pytest.approx(list(100 * w / w.sum()))


# ---------------------------------------------------------------- cells and samples


def test_contrasts_outcomes_and_metrics_are_never_mixed(config):
    effects = [
        effect("a"),
        effect("b", contrast="oxt_vs_placebo_bpd"),
        effect("c", outcome_group="oxytocin-receptor"),
        effect("d", metric="SMCC", n1i=None, n2i=None, ni=40),
    ]
    pooled = pool(effects, config.models)
    assert names(pooled) == ["single study"] * 4
    assert {unit.weight for unit in pooled.units} == {100}


def test_effects_of_one_sample_count_once(config):
    """The mean of three effects with correlated errors: variance (sum v + 2 rho sum sqrt(v v')) / 9."""
    vi = (0.04, 0.05, 0.06)
    effects = [effect("a", -0.3 * i, v, finding_id=f"a-{i}") for i, v in enumerate(vi)]
    pooled = pool([*effects, effect("b")], config.models)
    unit = pooled.units[0]
    rho = config.models.rho
    pairs = sum(math.sqrt(vi[i] * vi[j]) for i in range(3) for j in range(i))
    assert unit.findings == ("a-0", "a-1", "a-2")
    assert unit.yi == pytest.approx(-0.3)
    assert unit.vi == pytest.approx((sum(vi) + 2 * rho * pairs) / 9)
    assert unit.rho == rho
    assert {(model.k, model.k_effects) for model in pooled.models} == {(2, 4)}


def test_copies_of_an_effect_add_nothing_where_errors_are_one(config):
    """With a correlation near one, ten copies of an effect weigh no more than one."""
    copies = [effect("a", finding_id=f"a-{i}") for i in range(10)]
    unit = pool(copies, config.models.model_copy(update={"rho": 0.999999})).units[0]
    assert unit.vi == pytest.approx(0.04, rel=1e-5)


def test_what_is_excluded_or_unusable_is_not_pooled(config):
    effects = [effect("a"), effect("b", 9.0, use="excluded", use_why="x"), effect("c", None, None, rung="unusable")]
    pooled = pool(effects, config.models)
    assert [unit.sample_id for unit in pooled.units] == ["a"]
    assert pooled.models[0].est == -0.5


def test_a_domain_without_findings_is_an_empty_table(config):
    pooled = pool([], config.models)
    assert (pooled.models, pooled.units) == ([], [])


def test_the_order_of_findings_does_not_matter(config):
    one, two = (pool(effects, config.models) for effects in (samples(6), samples(6)[::-1]))
    assert [(m.model, m.est, m.ci_lb) for m in one.models] == [
        (m.model, pytest.approx(m.est, rel=1e-9), pytest.approx(m.ci_lb, rel=1e-9)) for m in two.models
    ]


# ---------------------------------------------------------------- all evidence


def test_bounded_evidence_stands_beside_the_exact_one_and_never_in_it(config):
    exact = samples(3)
    plain = pool(exact, config.models)
    beside = pool([*exact, bounded("x", -math.inf, -0.39), bounded("y", -0.4, 0.4)], config.models)
    classical = {m.model: m for m in beside.models if not m.model.startswith("all evidence")}
    assert classical == {m.model: m for m in plain.models if not MODELS[m.model].judges}
    whole = next(m for m in beside.models if m.model == "all evidence")
    assert (whole.k, whole.k_exact, whole.k_bounded, whole.headline) == (5, 3, 2, False)
    assert [unit.weight is None for unit in beside.units] == [False] * 3 + [True] * 2


def test_exact_evidence_alone_needs_no_second_model(config):
    assert "all evidence" not in names(pool(samples(4), config.models))


def test_bounds_alone_are_pooled_where_no_classical_model_could_be(config):
    pooled = pool([bounded(f"s{i}", -math.inf, -0.39) for i in range(4)], config.models)
    assert names(pooled) == ["all evidence"]
    assert pooled.models[0].est < -0.39


def test_a_direction_without_a_size_has_no_likelihood(config):
    unsized = effect("x", None, None, rung="direction", yi_lb=-math.inf, yi_ub=0.0, n1i=None, n2i=None)
    assert names(pool([effect("a"), unsized], config.models)) == ["single study"]
    sized = effect("x", None, None, rung="direction", yi_lb=-math.inf, yi_ub=0.0)
    assert "all evidence" in names(pool([effect("a"), sized], config.models))


def test_a_sample_enters_once_on_its_highest_rung(config):
    findings = [
        effect("a", None, None, finding_id="a-direction", rung="direction", yi_lb=-math.inf, yi_ub=0.0),
        bounded("a", -math.inf, -0.39, finding_id="a-bounded"),
        bounded("b", -math.inf, -0.39),
    ]
    units = pool(findings, config.models).units
    assert [(unit.sample_id, unit.findings) for unit in units] == [("a", ("a-bounded",)), ("b", ("b",))]
    with_exact = pool([*findings, effect("a", finding_id="a-exact")], config.models).units
    assert ("a", ("a-exact",)) in [(unit.sample_id, unit.findings) for unit in with_exact]
    assert len(with_exact) == 2


# ---------------------------------------------------------------- several findings of a sample that are not exact


def test_bounds_of_one_sample_are_averaged_whatever_their_order(config):
    """Minkowski: the mean of effects lies between the mean of their lower and that of their upper ends."""
    own = [
        bounded("a", 0.4, math.inf, finding_id="a-1"),
        bounded("a", -0.5, 0.5, finding_id="a-2"),
        bounded("a", 0.0, 0.5, finding_id="a-3"),
    ]
    for order in itertools.permutations(own):
        (unit,) = pool(list(order), config.models).units
        assert (unit.yi_lb, unit.yi_ub) == (pytest.approx((0.4 - 0.5 + 0) / 3), math.inf)
        assert unit.findings == ("a-1", "a-2", "a-3")
        assert unit.how == "mean of 3 findings"


def test_directions_of_one_sample_that_disagree_enter_nowhere(config):
    up, down = (
        effect("a", None, None, finding_id=name, rung="direction", yi_lb=lower, yi_ub=upper)
        for name, lower, upper in (("up", 0.0, math.inf), ("down", -math.inf, 0.0))
    )
    assert pool([up, down], config.models).units == []
    entered = {one.finding_id: (one.enters, one.enters_why) for one in with_entry([up, down, effect("b")])}
    assert entered == {
        "up": (False, "the findings of its sample point both ways"),
        "down": entered["up"],
        "b": (True, None),
    }


def test_what_is_not_significant_beside_an_exact_effect_is_counted(config):
    """An outcome that was reported as `not significant` beside an exact one is never silent."""
    own = [effect("a", finding_id="a-exact"), bounded("a", -0.4, 0.4, finding_id="a-ns"), effect("b"), effect("c")]
    pooled = pool(own, config.models)
    assert {model.k_left_out for model in pooled.models} == {1}
    assert [unit.left_out for unit in pooled.units] == [("a-ns",), (), ()]
    assert with_entry(own)[1].enters_why == "its sample has an exact effect of this outcome"


def test_persons_are_counted_once_over_outcomes_and_arms():
    outcomes = [effect("a", finding_id=f"a-{n}", outcome=f"outcome {n}", n1i=n) for n in (40, 38)]
    assert sizes(outcomes) == (40, 50, None)
    arms = [effect("a", finding_id=f"a-{n}", n1i=n) for n in (40, 38)]
    assert sizes(arms) == (78, 50, None)
    people = [effect("a", finding_id=name, population=name) for name in ("women", "men")]
    assert sizes(people) == (100, 100, None)
    totals = [effect("a", n1i=None, n2i=None, ni=n) for n in (30, 28)]
    assert sizes(totals) == (None, None, 30)
