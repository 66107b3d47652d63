"""The multiverse: what counts as a universe, that each is the analysis it says it is, and what moves the answers."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from tests.project import RECALL

from reanalysis import effects as es
from reanalysis.claims.universes import RULES, claim_universes
from reanalysis.ladder import domain_effects
from reanalysis.models.pooling import pool
from reanalysis.models.sensitivity import domain_variants
from reanalysis.multiverse import multiverse
from reanalysis.multiverse.extraction import ROW_FORKS, TOUCHED, extraction
from reanalysis.multiverse.summary import fork_rows, matters, variance_shares
from reanalysis.multiverse.universes import Profiles, Universes
from reanalysis.pipeline import run
from reanalysis.results.rows import EFFECT_SIZES, EVERYTHING, POSTERIOR, asked_of
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import PATHS, BadConfig, Config, Fork, Forks, forks, option_name, parse_config
from reanalysis.schema.vocabulary import FORKS, VERDICTS, option_words

DOMAINS = ("early-stress", "trust-cooperation", "emotion-recognition")
ANSWER = {True: EFFECT_SIZES, False: EVERYTHING}


def answer_of(model):
    """The answer in the multiverse that a main model gives."""
    return POSTERIOR if MODELS[model.model].judges else ANSWER[MODELS[model.model].headline]


def changed(config, multiverse=None, **sections):
    """The configuration with other values in some sections, and another multiverse."""
    values = config.plain
    for name, update in sections.items():
        values[name] |= update
        values["sensitivity"] |= dict.fromkeys(update.keys() & values["sensitivity"].keys(), [])
    values["multiverse"] = multiverse or {}
    return parse_config(values)


@pytest.fixture(scope="module")
def some(evidence):
    """Three domains: with samples of several findings, overlaps, several codings and doubtful numbers."""
    return replace(
        evidence,
        domains={name: evidence.domains[name] for name in DOMAINS},
        findings={name: evidence.findings[name] for name in DOMAINS},
        claims={
            name: one
            for name, one in evidence.claims.items()
            if one.domain in DOMAINS and one.tested_by in (*RULES, "background")
        },
    )


@pytest.fixture(scope="module")
def whole(some, config):
    """The multiverse of these domains with the forks of the project."""
    return multiverse(some, config, RECALL)


def numbers(row):
    return row.k, row.est, row.ci_lb, row.ci_ub


# ---------------------------------------------------------------- what a universe is


def test_universes_are_the_product_of_the_options_without_what_is_impossible(config):
    declared = forks(config)
    possible = 0
    for options in itertools.product(*(fork.options for fork in declared)):
        taken = dict(zip((fork.name for fork in declared), options, strict=True))
        barred = any(
            all(
                taken[name] in map(option_name, value if isinstance(value, list) else [value])
                for name, value in one.items()
            )
            for one in config.multiverse.impossible
        )
        possible += not barred
    universes = Universes.of(config)
    assert len(universes) == possible < math.prod(len(fork.options) for fork in declared)
    assert not universes.digits[0].any()  # the main analysis comes first
    assert len(np.unique(universes.digits, axis=0)) == len(universes)


def test_without_forks_there_is_one_universe(some, config):
    alone = changed(config)
    assert len(Universes.of(alone)) == 1
    found = multiverse(some, alone)
    assert fork_rows(alone, found.shares) == found.shares == []
    assert all(row.main and row.universes == 1 for row in found.results)


def test_profiles_count_every_universe_once(config):
    universes = Universes.of(config)
    names = [fork.name for fork in universes.forks]
    for some_names in ([], names[:1], names[3:6], names):
        profiles = universes.profiles(some_names)
        assert profiles.count.sum() == len(universes)
        assert not profiles.digits[0].any()
        for place, digits in enumerate(profiles.digits[:20]):
            columns = [names.index(name) for name in profiles.names]
            assert (universes.digits[:, columns] == digits).all(axis=1).sum() == profiles.count[place]
    finer, coarser = universes.profiles(names[:5]), universes.profiles(names[2:4])
    columns = [finer.names.index(name) for name in coarser.names]
    assert (coarser.digits[finer.within(coarser)] == finer.digits[:, columns]).all()


def test_every_fork_is_declared_acted_on_and_named():
    known = {*ROW_FORKS, *TOUCHED} | {
        "units",
        "arms",
        "rho",
        "method",
        "test",
        "mu_prior_scale",
        "tau_prior_scale",
        "reported",
    }
    assert known == {*Forks.model_fields} == {*FORKS}
    main = (
        Config.model_fields["effects"].annotation.model_fields | Config.model_fields["models"].annotation.model_fields
    )
    assert {*Forks.model_fields} - {*main} == {*PATHS}
    assert all(option_words(name, option_name(value)) for name, value in PATHS.items())


# ---------------------------------------------------------------- each is the analysis that it says it is


def test_the_default_universe_is_the_main_analysis_bit_for_bit(some, config, whole):
    main = {asked_of(row): row for row in whole.results if row.main}
    compared = 0
    for domain in DOMAINS:
        for model in pool(domain_effects(some, domain, config.effects), config.models).models:
            if MODELS[model.model].main:
                row = main[model.cell, answer_of(model)]
                assert (row.model, *numbers(row)) == (model.model, *numbers(model))
                assert row.prob_below == (model.prob_below if row.answer == POSTERIOR else None)
                compared += 1
    assert compared > 10


@pytest.mark.parametrize(
    ("fork", "option", "section", "value"),
    [
        ("alpha", "0.01", "effects", 0.01),
        ("trend", "0.2", "effects", 0.2),
        ("smd_variance", "UB", "effects", "UB"),
        ("rho", "0.2", "models", 0.2),
        ("arms", "rho", "models", "rho"),
        ("method", "DL", "models", "DL"),
        ("test", "z", "models", "z"),
        ("mu_prior_scale", "1", "models", 1.0),
        ("tau_prior_scale", "0.25", "models", 0.25),
    ],
)
def test_a_universe_with_another_choice_is_the_analysis_with_that_choice(some, config, fork, option, section, value):
    """Batch against single, to 1e-10."""
    found = multiverse(some, changed(config, {"uncertain": {fork: [value]}}))
    other = changed(config, **{section: {fork: value}})
    choice, compared = f"{fork}={option}", 0
    for domain in DOMAINS:
        for model in pool(domain_effects(some, domain, other.effects), other.models).models:
            if MODELS[model.model].main:
                rows = [row for row in found.results if asked_of(row) == (model.cell, answer_of(model))]
                (row,) = [row for row in rows if choice in row.choices] or rows  # where it makes no difference
                assert numbers(row) == pytest.approx(numbers(model), rel=1e-10, abs=1e-10)
                compared += 1
    assert compared > 10


def test_universes_of_several_choices_are_the_analyses_with_all_of_them(some, config):
    options = {"alpha": 0.1, "smd_variance": "UB", "rho": 0.8, "method": "PM", "test": "z", "tau_prior_scale": 1.0}
    found = multiverse(some, changed(config, {"uncertain": {name: [value] for name, value in options.items()}}))
    chosen = {f"{name}={option_name(value)}" for name, value in options.items()}
    effects = {name: options[name] for name in ("alpha", "smd_variance")}
    models = {name: value for name, value in options.items() if name not in effects}
    other = changed(config, effects=effects, models=models)
    for domain in DOMAINS:
        for model in pool(domain_effects(some, domain, other.effects), other.models).models:
            if MODELS[model.model].main:
                rows = [row for row in found.results if asked_of(row) == (model.cell, answer_of(model))]
                forks_here = {choice.partition("=")[0] for row in rows for choice in row.choices}
                wanted = {choice for choice in chosen if choice.partition("=")[0] in forks_here}
                (row,) = [row for row in rows if wanted <= {*row.choices}]
                assert numbers(row) == pytest.approx(numbers(model), rel=1e-10, abs=1e-10)


def test_selection_and_independent_findings_are_those_of_the_sensitivity_analysis(some, config):
    found = multiverse(
        some, changed(config, {"uncertain": {"reported": [0.5]}, "non_equivalent": {"units": ["findings"]}})
    )
    varied = changed(config)
    own = varied.sensitivity.model_copy(update={"reported": [0.5], "findings_as_units": True})
    varied = varied.model_copy(update={"sensitivity": own})
    names = {
        "results that are not significant reported 0.5 times as often": {"reported=0.5", "units=samples"},
        "every finding a sample of its own": {"units=findings", "reported=1"},
    }
    compared = set()
    for domain in DOMAINS:
        for variant in domain_variants(some, domain, varied, RECALL):
            if variant.variant in names:
                rows = [row for row in found.results if asked_of(row) == (variant.cell, answer_of(variant))]
                here = {choice.partition("=")[0] for row in rows for choice in row.choices}
                wanted = {one for one in names[variant.variant] if one.partition("=")[0] in here}
                (row,) = [row for row in rows if wanted <= {*row.choices}]
                assert numbers(row) == pytest.approx(numbers(variant), rel=1e-8)
                compared.add(variant.variant)
    assert compared == {*names}


def read(evidence, config, domain, **taken):
    """The effects of a domain under other options, by finding and coding as they then are."""
    declared = {name: {name: value} if name == "subset" else [value] for name, value in taken.items()}
    universes = Universes.of(changed(config, {"uncertain": declared}))
    found = extraction(evidence, domain, config.effects, universes)
    names = found.profiles.names
    (place,) = [place for place, digits in enumerate(found.profiles.digits) if digits.all()]
    assert {*names} == {*taken}
    return {(one.finding_id, one.coding): one for one in found.effects[place]}


def test_forks_of_extraction_do_what_they_say(evidence, config):
    """Each by what is known of the data, not by the code that takes it."""
    for domain, rows in evidence.findings.items():
        main = {(one.finding_id, one.coding): one for one in domain_effects(evidence, domain, config.effects)}
        if any(row.doubt for row in rows):
            counted = read(evidence, config, domain, doubtful="counted")
            assert not [one for one in counted.values() if one.use_code == "doubtful"]
            assert [one for one in main.values() if one.use_code == "doubtful"]
        if other := next((row for row in rows if row.coding != "primary"), None):
            swapped = read(evidence, config, domain, coding="alternative")
            first = main[other.finding_id, other.coding]
            now = swapped[other.finding_id, "primary"]
            assert (now.yi, now.vi, now.inputs) == (first.yi, first.vi, first.inputs)
            assert swapped[other.finding_id, other.coding].use_code == "alternative"
        if any(row.stat_type == "means" for row in rows):
            glass = read(evidence, config, domain, standardizer="group_2")
            for row in rows:
                if row.stat_type == "means" and main[row.finding_id, row.coding].route == "means and SDs":
                    n = [float(getattr(row, name)) for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")]
                    own = glass[row.finding_id, row.coding]
                    assert (own.yi, own.vi) == pytest.approx(tuple(map(float, es.smd1(*n))))
        adjusted = [row for row in rows if row.test_of == "adjusted"]
        if adjusted:
            taken = read(evidence, config, domain, adjusted="as_unadjusted")
            assert all(main[row.finding_id, row.coding].rung in ("direction", "unusable") for row in adjusted)
            assert any(taken[row.finding_id, row.coding].rung in ("exact", "bounded") for row in adjusted) or all(
                row.p_relation is None or not (row.n1i or row.ni) for row in adjusted
            )
        if any(row.matrix == "saliva" for row in rows):
            conditions = {"matrix": {"any_of": ["plasma"]}}
            blood = read(evidence, config, domain, subset=conditions)
            left = {row.matrix for row in rows if (row.finding_id, row.coding) in blood}
            assert left <= {"plasma", None}
            assert all((row.finding_id, row.coding) in blood for row in rows if row.matrix is None)


def test_the_sample_that_counts_of_a_cohort_is_a_choice(evidence, config):
    """The larger, the earlier, or all; told by sizes and years."""
    different = 0
    for domain in evidence.domains:
        main = domain_effects(evidence, domain, config.effects)
        if "overlap" not in {one.use_code for one in main}:
            continue
        everything = domain_effects(evidence, domain, config.effects, "all")
        assert "overlap" not in {one.use_code for one in everything}
        for rule in ("larger", "earlier"):
            chosen = domain_effects(evidence, domain, config.effects, rule)
            for cohort in {one.cohort_id for one in chosen if one.use_code == "overlap"}:
                own = [one for one in chosen if one.cohort_id == cohort and one.use_code in (None, "overlap")]
                for contrast, group in {(one.contrast, one.outcome_group) for one in own}:
                    here = [one for one in own if (one.contrast, one.outcome_group) == (contrast, group)]
                    kept = [one for one in here if one.use == "main"]
                    if rule == "earlier":
                        years = {one: evidence.reports[one.report_id].year or math.inf for one in here}
                        assert min(years[one] for one in kept) == min(years.values())
                    different += {one.finding_id for one in kept} != {
                        one.finding_id for one in main if one.use == "main" and one.cohort_id == cohort
                    }
    assert different  # some rule does choose another


# ---------------------------------------------------------------- what they amount to


def test_every_answer_accounts_for_every_universe(whole, config):
    total = len(Universes.of(config))
    for moved in whole.vibrations:
        rows = [row for row in whole.results if asked_of(row) == asked_of(moved)]
        assert sum(row.universes for row in rows) == total == moved.universes + moved.without
        assert [row.place for row in rows] == list(range(1, len(rows) + 1))
        assert sum(row.main for row in rows) == 1
        est = [row.est for row in rows if row.est is not None]
        assert est == sorted(est)
        if est:
            assert (moved.est_min, moved.est_max) == (est[0], est[-1])
            assert moved.est_min <= moved.est_p01 <= moved.est_median <= moved.est_p99 <= moved.est_max
        clear = sum(row.universes for row in rows if row.k and row.ci_ub < 0) / moved.universes
        assert moved.share_clear_below == pytest.approx(clear)
        assert len({(row.model, *map(_rounded, numbers(row)), _rounded(row.prob_below)) for row in rows}) == len(rows)


def _rounded(value):
    return None if value is None else f"{value:.9g}"


def test_a_fork_that_cannot_matter_is_said_to_be_so(whole, config):
    rows = fork_rows(config, whole.shares)
    told = {row.fork: row for row in rows}
    assert told["pre_post_r"].cells == 0  # no finding here is coded by both means and their correlation
    assert told["alpha"].cells > 0
    assert all(len(row.options) == len(fork.options) for row, fork in zip(rows, forks(config), strict=True))
    mentioned = {choice.partition("=")[0] for row in whole.results for choice in row.choices}
    assert mentioned == {row.fork for row in rows if row.cells}


def test_estimators_do_not_matter_where_nothing_is_heterogeneous_or_pooled(whole):
    single = [row for row in whole.results if row.model == "single study" and row.answer == EFFECT_SIZES]
    assert single
    for row in single:  # elsewhere in its cell they may
        told = {name: {one for one in row.choices if one.startswith(f"{name}=")} for name in ("method", "test")}
        assert all(len(options) in (0, 2) for options in told.values())


def grid(values):
    """Profiles of two forks with two options, and the values on them."""
    both = tuple(Fork(name, "uncertain", {"0": 0, "1": 1}) for name in ("a", "b"))
    digits = np.array(list(itertools.product((0, 1), repeat=2)))
    return Profiles(both, digits, np.ones(4, dtype=int)), np.array(values, dtype=float)


def test_shares_of_the_variance_by_hand():
    additive, values = grid([0, 1, 2, 3])  # a adds 2, b adds 1: variances 1 and 0.25 of 1.25
    assert variance_shares(additive, values, "a") == pytest.approx((0.8, 0.8))
    assert variance_shares(additive, values, "b") == pytest.approx((0.2, 0.2))
    together, values = grid([0, 1, 1, 0])  # neither alone explains anything, both together everything
    assert variance_shares(together, values, "a") == pytest.approx((0.0, 1.0))
    flat, values = grid([2, 2, 2, 2])
    assert all(map(math.isnan, variance_shares(flat, values, "a")))
    assert matters(together, np.array([0, 1, 1, 0]), "a")
    assert not matters(additive, np.array([0, 1, 0, 1]), "a")


def test_a_universe_counts_as_often_as_it_is_found():
    profiles, values = grid([0, 0, 0, 1])
    heavy = replace(profiles, count=np.array([1, 1, 1, 3]))
    own, total = variance_shares(heavy, values, "a")
    spread = np.repeat(values, heavy.count)
    groups = np.repeat(profiles.digits, heavy.count, axis=0)
    means, others = (np.array([spread[groups[:, at] == one[at]].mean() for one in groups]) for at in (0, 1))
    assert own == pytest.approx(means.var() / spread.var())
    assert total == pytest.approx(((spread - others) ** 2).mean() / spread.var())


# ---------------------------------------------------------------- claims


def test_verdicts_in_the_default_universe_are_those_of_the_ledger_but_for_its_alternatives(evidence, config):
    tables = run(evidence, config, RECALL, ["4_synthesis/claims.csv"])
    rows = claim_universes(evidence, tables["2_effects/ladder.csv"], tables["4_synthesis/claims.csv"], config, RECALL)
    ledger = {row.claim_id: row for row in tables["4_synthesis/claims.csv"]}
    judged = {name for name, claim in evidence.claims.items() if claim.tested_by in RULES}
    assert len({row.claim_id for row in rows} & judged) > 40
    for row in rows:
        shares = [getattr(row, verdict.replace(" ", "_")) for verdict in VERDICTS]
        assert sum(shares) == pytest.approx(1)
        assert getattr(row, row.verdict.replace(" ", "_")) == row.share_same
        assert (row.fork is None) == (row.share_same == 1)
        own = ledger[row.claim_id]
        if row.verdict != own.verdict:  # the ledger asks every alternative of the sensitivity analysis, too
            assert (row.verdict, own.verdict) in {
                ("supported", "supported but fragile"),
                ("contradicted", "not supported"),
            }


def test_a_change_of_alpha_alone_changes_verdicts_as_a_run_with_it_does(some, config):
    found, priors = {}, {"mu_prior_scale": 1.0, "tau_prior_scale": 0.25}
    for alpha in (0.05, 0.01):
        own = changed(config, effects={"alpha": alpha}, models=priors)
        made = run(some, own, RECALL, ["4_synthesis/claims.csv"])
        own_rows = claim_universes(some, made["2_effects/ladder.csv"], made["4_synthesis/claims.csv"], own)
        found[alpha] = {row.claim_id: row.verdict for row in own_rows}
        if alpha == 0.05:
            both = changed(config, {"uncertain": {"alpha": [0.01]}}, models=priors)
            rows = claim_universes(some, made["2_effects/ladder.csv"], made["4_synthesis/claims.csv"], both)
    for row in rows:
        words = {found[alpha][row.claim_id] for alpha in found}
        assert {word for word in VERDICTS if getattr(row, word.replace(" ", "_"))} == words
    assert any(row.share_same == 0.5 for row in rows)


# ---------------------------------------------------------------- what is wrong with a declaration


@pytest.mark.parametrize(
    ("declared", "path", "message"),
    [
        ({"uncertain": {"alpha": [0.05]}}, "multiverse.uncertain.alpha", "the choice itself"),
        (
            {"uncertain": {"alpha": [0.01]}, "equivalent": {"alpha": [0.1]}},
            "multiverse.uncertain.alpha",
            "declared under equivalent, too",
        ),
        ({"uncertain": {"alpha": [0.01]}, "impossible": [{"alpha": 0.05}]}, "impossible.0", "the main analysis itself"),
        ({"uncertain": {"alpha": [0.01]}, "impossible": [{"alpha": 0.2}]}, "impossible.0.alpha", "no such option"),
        ({"uncertain": {"alpha": [0.01]}, "impossible": [{"rho": 0.2}]}, "impossible.0.rho", "no declared fork"),
        ({"uncertain": {"subset": {"x": {"matrx": "plasma"}}}}, "subset.x", "no such column"),
        ({"uncertain": {"subset": {"a;b": {"matrix": "plasma"}}}}, "uncertain.subset", "cannot hold"),
        ({"uncertain": {"rho": [i / 1000 for i in range(500)], "alpha": [0.0001 * i + 0.1 for i in range(2000)]}},
         "multiverse", "too many universes"),
        ({"uncertain": {"alfa": [0.01]}}, "multiverse.uncertain.alfa", "unknown key"),
        ({"uncertain": {"reported": [1]}}, "multiverse.uncertain.reported.0", "1"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_told_with_its_place(config, declared, path, message):
    with pytest.raises(BadConfig) as told:
        changed(config, declared)
    assert [
        one
        for one in told.value.problems
        if path in ".".join(map(str, one.path)) and message in f"{one.message} {one.value}"
    ]
