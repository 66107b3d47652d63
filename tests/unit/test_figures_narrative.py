"""The narrative synthesis as figures: tables complete, numbers those of the models, all text readable."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from importlib import import_module
from itertools import pairwise

import pytest
from tests.drawing import gids, unreadable
from tests.project import CONTRASTS, NAMES, ROOT

from reanalysis.figures.overviews import Drawn, direction_file, overviews, panel_file
from reanalysis.figures.style import TALLEST
from reanalysis.figures.votes_table import votes_table
from reanalysis.results.rows import TABLES, Effect
from reanalysis.schema.review import PANELS, Panel
from reanalysis.schema.vocabulary import RUNGS
from reanalysis.synthesis.answers import answers
from reanalysis.synthesis.directions import count_directions, sample_directions

WIDTH = 180  # mm
WIDTHS = (170, 180, 400)  # mm: the least and the most that the configuration allows, and what it says
PROGRESS, DIRECTIONS, SUMMARY = "overview/progress", "overview/directions", "overview/summary"
VOTES, STUDIES, SIGNS_OF_GENES = "panels/treatment--votes", "panels/levels--studies", "panels/genes--signs"
WITH_MARKS = (DIRECTIONS, SUMMARY, VOTES, STUDIES, SIGNS_OF_GENES)
QUESTIONS = ("levels", "treatment", "genes", "correlates")
FIGURES = (*WITH_MARKS, PROGRESS, "overview/flow", *(direction_file(name) for name in QUESTIONS))


@pytest.fixture(scope="module")
def models(pooled):
    return pooled.models


@pytest.fixture(scope="module")
def units(pooled):
    return pooled.units


@pytest.fixture(scope="module")
def stored(evidence, effects, models, units, config):
    """What the figures are made of."""
    return dict.fromkeys(TABLES, []) | {
        "2_effects/ladder.csv": effects,
        "3_models/models.csv": models,
        "3_models/units.csv": units,
        "4_synthesis/answers.csv": answers(evidence, effects, models, config),
        "4_synthesis/directions.csv": count_directions(effects, NAMES, 0.95),
        "4_synthesis/sample_directions.csv": sample_directions(effects),
    }


@pytest.fixture(scope="module")
def shown(evidence, stored):
    """The figures of the review by file."""
    return {one.file: one for one in overviews(evidence, stored)}


@pytest.fixture(scope="module")
def tables(shown):
    return {file: one.rows for file, one in shown.items()}


def drawn(one: Drawn, width):
    module, _, function = one.draw.partition(":")
    return getattr(import_module(module), function)(*one.arguments, width)


@pytest.fixture(scope="module")
def draw(shown):
    """Draws a figure at a width, once."""
    return cache(lambda name, width: drawn(shown[name], width))


# ---------------------------------------------------------------- all figures


def test_the_figures_of_the_review(shown, evidence):
    """Those that have something to show, each panel of the review among them."""
    assert set(shown) == set(FIGURES)
    assert {panel_file(panel) for panel in evidence.review.panels} == {VOTES, STUDIES, SIGNS_OF_GENES}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", FIGURES)
def test_all_text_can_be_read(name, width, draw):
    assert unreadable(draw(name, width)) == []


@pytest.mark.parametrize("name", WITH_MARKS)
def test_a_figure_fits_a_page_of_a_journal(name, draw):
    wide, high = draw(name, WIDTH).get_size_inches() * 25.4
    assert wide == pytest.approx(WIDTH)
    assert high <= TALLEST


@pytest.mark.parametrize("name", WITH_MARKS)
def test_every_row_of_the_table_is_a_mark_with_its_id(name, draw, tables):
    ids = [row.mark_id for row in tables[name] if row.mark_id]
    assert len(set(ids)) == len(ids)
    assert sorted(gids(draw(name, WIDTH))) == sorted(ids)


def test_what_has_nothing_to_show_is_not_drawn(evidence):
    nothing = dict.fromkeys(TABLES, [])
    assert {one.file for one in overviews(evidence, nothing)} == {"overview/flow", PROGRESS}
    assert {one.file for one in overviews(replace(evidence, flow={}), nothing)} == {PROGRESS}


def test_longer_names_stay_readable(effects, stored, evidence):
    longer = [replace(effect, label=f"{effect.label} and others") for effect in effects]
    other = stored | {
        "2_effects/ladder.csv": longer,
        "4_synthesis/sample_directions.csv": sample_directions(longer),
    }
    for one in overviews(evidence, other):
        if one.file in (VOTES, SIGNS_OF_GENES):
            assert unreadable(drawn(one, WIDTH)) == []


# ---------------------------------------------------------------- panels


def panel_of(evidence, file) -> Panel:
    (panel,) = (panel for panel in evidence.review.panels if panel_file(panel) == file)
    return panel


def test_every_finding_of_a_lane_is_one_vote_of_its_sample(tables, main, evidence):
    lanes = panel_of(evidence, VOTES).by["contrast"]
    marks = [mark for mark in tables[VOTES] if mark.use == "main"]
    behind = Counter(name for mark in marks for name in mark.finding_ids)
    assert behind == Counter(effect.finding_id for effect in main if effect.contrast in lanes)
    places = Counter((m.domain, m.outcome_group, m.sample_id, m.contrast, m.sense) for m in tables[VOTES])
    assert set(places.values()) == {1}


def test_better_means_better_for_the_person(evidence):
    known = {
        "domain": "self-harm",
        "contrast": "oxt_vs_placebo_bpd",
        "outcome_group": "pain",
        "coding": "primary",
        "label": "Author 2020",
        "rung": "exact",
        "yi": 0.4,
        "use": "main",
    }
    effects = [
        Effect(finding_id=better, sample_id=better, higher_is_better=better, **known)
        for better in ("yes", "no", "unclear")
    ]
    rows = {
        row.sample_id: (row.sense, row.verdict)
        for row in votes_table(
            sample_directions(effects), effects, [], evidence.domains.values(), panel_of(evidence, VOTES), NAMES
        )
    }
    assert rows == {"yes": ("better", "up"), "no": ("better", "down"), "unclear": ("higher", "up")}


def test_studies_are_all_findings_that_the_panel_asks_for(tables, effects, models):
    rows = [row for row in tables[STUDIES] if row.kind == "finding"]
    fluids = ("plasma", "serum", "blood", "saliva")
    compared = [e for e in effects if e.contrast == "bpd_vs_control" and e.matrix in fluids]
    assert sorted(row.mark_id for row in rows) == sorted(f"{e.finding_id}--{e.coding}" for e in compared)
    answers = [row for row in tables[STUDIES] if row.kind == "model" and row.outcome_group == "oxt-level"]
    named = {m.model: m for m in models if m.outcome_group == "oxt-level"}
    first = [named["all evidence, Bayesian"], named["all evidence"]]
    assert [(row.estimate, row.lower, row.upper) for row in answers] == [(m.est, m.ci_lb, m.ci_ub) for m in first]


def test_a_panel_of_signs_has_the_findings_with_its_words(tables, effects):
    looked_at = {f"{e.finding_id}--{e.coding}" for e in effects if e.matrix in ("dna", "pbmc")}
    assert {row.mark_id for row in tables[SIGNS_OF_GENES] if row.kind == "finding"} == looked_at


def test_a_vote_has_the_interval_of_its_finding_or_mean(tables, effects, models):
    """Filled is what excludes zero: what is drawn is stored."""
    known = {f"{e.finding_id}--{e.coding}": e for e in effects}
    means = {m.cell[:3]: m for m in models if m.headline and m.k == 1}
    sized = [mark for mark in tables[VOTES] if mark.lower is not None and mark.rung in ("exact", "bounded")]
    assert sized
    for mark in sized:
        if mark.findings == 1:
            effect = known[mark.mark_id]
            assert (mark.estimate, mark.lower, mark.upper) == (effect.yi, effect.ci_lb, effect.ci_ub)
        else:
            mean = means[mark.domain, mark.contrast, mark.outcome_group]
            assert (mark.estimate, mark.lower, mark.upper) == (mean.est, mean.ci_lb, mean.ci_ub)
        assert mark.excludes_zero == (mark.lower >= 0 or mark.upper <= 0)
        assert (mark.effect is None) == (mark.use != "main"), "numbers of what is excluded are shown for no group"


def test_an_interval_without_a_value_says_what_it_is(tables):
    alone = [mark for mark in tables[VOTES] if mark.effect and mark.estimate is None]
    assert alone
    assert all(" in [" in mark.effect for mark in alone)


def test_an_effect_that_points_the_other_way_than_its_arrow_says_so(tables, effects, draw):
    better = {(effect.finding_id, effect.coding): effect.higher_is_better for effect in effects}
    turned = [mark for mark in tables[VOTES] if mark.lower_is_better]
    assert turned
    for mark in turned:
        assert {better[name, "primary"] for name in mark.finding_ids} == {"no"}
    said = " ".join(text.get_text() for text in draw(VOTES, WIDTH).axes[0].texts)
    assert said.count("lower is better") == len(turned)


def test_what_is_reported_not_to_differ_is_no_blank(tables, effects):
    """A ring, which is kept apart from what nobody could use."""
    said = {(effect.finding_id, effect.coding): effect.direction for effect in effects}
    blank = [mark for mark in tables[VOTES] if mark.rung == "unusable"]
    assert {mark.symbol for mark in blank} == {"no difference", "not usable"}
    for mark in blank:
        told = [said[name, mark.mark_id.rpartition("--")[2]] for name in mark.finding_ids]
        assert (mark.symbol == "no difference") == ("none" in told)


def test_lanes_that_measured_different_things_have_rows_of_their_own(tables, effects):
    """Nothing is set side by side that has no measure in common."""
    measured = {(effect.finding_id, effect.coding): effect.outcome for effect in effects}
    rows: dict = {}
    for mark in tables[VOTES]:
        words = {measured[name, mark.mark_id.rpartition("--")[2]] for name in mark.finding_ids}
        rows.setdefault((mark.domain, mark.outcome_group, mark.sample_id, mark.measure), []).append(words)
    assert any(measure for *_, measure in rows)
    assert all(set.intersection(*words) for (*_, measure), words in rows.items())


def test_directions_are_those_of_domains_without_a_size(tables, effects, evidence):
    sized = {e.domain for e in effects if e.use == "main" and e.rung in ("exact", "bounded")}
    expected = {f"{e.finding_id}--{e.coding}" for e in effects if e.use == "main" and e.rung == "direction"} - {
        f"{e.finding_id}--{e.coding}" for e in effects if e.domain in sized
    }
    rows = [row for row in tables[DIRECTIONS] if row.kind == "finding"]
    assert {row.mark_id for row in rows} == expected
    named = {row.domain for row in rows}
    titles = [row.label for row in tables[DIRECTIONS] if row.kind == "contrast"]
    assert titles == [domain.title for name, domain in evidence.domains.items() if name in named]


def test_the_summary_has_one_pool_of_each_outcome(tables, models):
    rows = [row for row in tables[SUMMARY] if row.kind == "model"]
    pooled = {m.cell for m in models if m.k > 1 and m.est is not None}
    assert sorted(row.cell for row in rows) == sorted(pooled)
    stored = {(m.cell, m.est, m.ci_lb, m.ci_ub) for m in models}
    assert {(row.cell, row.estimate, row.lower, row.upper) for row in rows} <= stored


def test_the_summary_shows_the_numbers_that_are_quoted_as_answers(tables, stored):
    quoted = {(a.outcome_group, a.est, a.ci_lb, a.ci_ub) for a in stored["4_synthesis/answers.csv"] if a.model}
    rows = [row for row in tables[SUMMARY] if row.kind == "model"]
    assert {(row.outcome_group, row.estimate, row.lower, row.upper) for row in rows} <= quoted


def test_the_flow_of_the_reanalysis_counts_the_tables(tables, evidence, effects, main, units):
    boxes = {row.box: row for row in tables[PROGRESS]}
    assert boxes["listed"].reports == len(evidence.reports)
    assert boxes["primary"].reports + boxes["secondary"].reports == boxes["listed"].reports
    assert (boxes["findings"].findings, boxes["findings"].reports) == (len(main), len({e.report_id for e in main}))
    for box, rungs in (("directions", 3), ("significance", 2), ("sizes", 1)):
        left = [e for e in main if e.rung in list(RUNGS)[:rungs]]
        assert (boxes[box].findings, boxes[box].reports) == (len(left), len({e.report_id for e in left}))
    steps = ("findings", "directions", "significance", "sizes")
    for before, box in pairwise(steps):
        assert boxes[before].findings == boxes[box].findings + boxes[f"not-{box}"].findings
    cells = Counter(unit.cell for unit in units)
    assert boxes["censored"].outcomes == sum(k > 1 for k in cells.values())
    exact = Counter(unit.cell for unit in units if unit.rung == "exact")
    assert boxes["poolable"].outcomes == sum(k > 1 for k in exact.values())


ANOTHER = {
    "studies by nothing": Panel(name="a", kind="studies", heading="h", title="All", subtitle="s", cells=["*/bpd*/*"]),
    "studies by two columns": Panel(
        **{"name": "b", "kind": "studies", "heading": "h", "title": "Trials", "subtitle": "s"},
        cells=["*/oxt_vs_placebo_bpd/*"],
        by={
            "design": {"crossover": "same participants", "parallel": "groups"},
            "population_kind": {"none": "adults"},
        },
    ),
    "one lane": Panel(
        **{"name": "c", "kind": "votes", "heading": "h", "title": "Groups", "subtitle": "s", "note": "a note"},
        by={"contrast": {"bpd_vs_control": "in patients, as compared with participants without a diagnosis"}},
    ),
    "six lanes": Panel(
        **{"name": "d", "kind": "votes", "heading": "h", "title": "All contrasts", "subtitle": "s"},
        by={"contrast": {name: contrast.label for name, contrast in list(CONTRASTS.items())[:6]}},
    ),
    "signs by design": Panel(
        **{"name": "e", "kind": "signs", "heading": "h", "title": "Signs", "subtitle": "s"},
        by={"design": {"observational": "As found", "none": "No source says"}},
        where={"population": {"contains": "women"}},
    ),
    "signs by contrast": Panel(
        **{"name": "f", "kind": "signs", "heading": "h", "title": "Signs", "subtitle": "s"},
        by={"contrast": {"association_bpd": "Goes together"}},
        where={"year": {"at_least": 2015}},
    ),
}


@pytest.mark.parametrize("name", ANOTHER)
def test_a_panel_of_another_review_can_be_read(name, evidence, stored):
    panel = ANOTHER[name]
    review = evidence.review.model_copy(update={"panels": (panel,)})
    (one,) = (one for one in overviews(replace(evidence, review=review), stored) if one.file == panel_file(panel))
    figure = drawn(one, WIDTH)
    assert unreadable(figure) == []
    assert sorted(gids(figure)) == sorted(row.mark_id for row in one.rows if row.mark_id)


def test_each_kind_of_panel_is_drawn_here():
    assert {panel.kind for panel in ANOTHER.values()} == set(PANELS)


def test_a_colour_is_declared_in_one_place():
    """So that it means the same in every figure."""
    named = re.compile(r"#[0-9a-fA-F]{3,8}\b|\bcolor=\"[a-z]")
    for path in sorted((ROOT / "src/reanalysis/figures").glob("*.py")):
        assert path.name == "style.py" or not named.search(path.read_text(encoding="utf-8")), path.name
