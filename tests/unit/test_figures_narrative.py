"""The narrative synthesis as figures: tables complete, numbers those of the models, all text readable."""

import math
from collections import Counter
from dataclasses import replace
from functools import cache
from importlib import import_module

import pytest
from tests.drawing import gids, unreadable
from tests.project import CONTRASTS, NAMES

from reanalysis.claims import Material, claim_verdicts, conclusions
from reanalysis.figures.forest_table import effect_text
from reanalysis.figures.ledger import draw_ledger
from reanalysis.figures.ledger_table import SIGNS, ledger_table
from reanalysis.figures.overviews import Drawn, overviews, panel_file
from reanalysis.figures.votes_table import votes_table
from reanalysis.results.rows import TABLES, Effect
from reanalysis.schema.review import PANELS, Panel
from reanalysis.schema.vocabulary import VERDICTS
from reanalysis.synthesis.directions import cells, sample_directions, votes
from reanalysis.synthesis.ladder import count_rungs

WIDTH, PAGE = 180, 250  # mm
WIDTHS = (170, 180, 400)  # mm: the least and the most that the configuration allows, and what it says
LEDGER, MAP, FOREST = "overview/ledger", "overview/evidence_map", "overview/summary_forest"
VOTES, STUDIES, SIGNS_OF_GENES = "panels/treatment--votes", "panels/levels--studies", "panels/genes--signs"
WITH_MARKS = (LEDGER, MAP, FOREST, VOTES, STUDIES, SIGNS_OF_GENES)
FIGURES = (*WITH_MARKS, "overview/flow", "overview/reports", "overview/effect_direction")


@pytest.fixture(scope="module")
def models(pooled):
    return pooled.models


@pytest.fixture(scope="module")
def units(pooled):
    return pooled.units


@pytest.fixture(scope="module")
def claims(evidence, effects, models, config):
    return claim_verdicts(Material(evidence, effects, models, variants=[], work=[], config=config))


@pytest.fixture(scope="module")
def stored(evidence, effects, models, units, claims):
    """What the figures are made of."""
    return dict.fromkeys(TABLES, []) | {
        "2_effects/ladder.csv": effects,
        "3_models/models.csv": models,
        "3_models/units.csv": units,
        "4_synthesis/ladder.csv": count_rungs(evidence, effects),
        "4_synthesis/sample_directions.csv": sample_directions(effects),
        "4_synthesis/claims.csv": claims,
        "4_synthesis/conclusions.csv": conclusions(claims, evidence),
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
    assert high <= PAGE


@pytest.mark.parametrize("name", WITH_MARKS)
def test_every_row_of_the_table_is_a_mark_with_its_id(name, draw, tables):
    ids = [row.mark_id for row in tables[name] if row.mark_id]
    assert len(set(ids)) == len(ids)
    assert sorted(gids(draw(name, WIDTH))) == sorted(ids)


def test_what_has_nothing_to_show_is_not_drawn(evidence):
    nothing = dict.fromkeys(TABLES, [])
    assert {one.file for one in overviews(evidence, nothing)} == {"overview/flow", "overview/reports", MAP}
    assert list(overviews(replace(evidence, flow={}, reports={}, domains={}), nothing)) == []


def test_longer_names_stay_readable(effects, stored, evidence):
    longer = [replace(effect, label=f"{effect.label} and others") for effect in effects]
    other = stored | {
        "2_effects/ladder.csv": longer,
        "4_synthesis/sample_directions.csv": sample_directions(longer),
    }
    for one in overviews(evidence, other):
        if one.file in (VOTES, SIGNS_OF_GENES):
            assert unreadable(drawn(one, WIDTH)) == []


# ---------------------------------------------------------------- ledger


def test_every_claim_stands_once_in_its_section_and_verdict(tables, claims, evidence):
    marks = {mark.mark_id: mark for mark in tables[LEDGER]}
    tested = [row for row in claims if row.rule != "background"]
    assert sorted(marks) == sorted(row.claim_id for row in tested)
    assert len(tables[LEDGER]) == len(marks)
    for row in tested:
        mark = marks[row.claim_id]
        assert (mark.section, mark.verdict, mark.core) == (row.section, row.shown, row.core)


def test_sections_follow_the_review(tables):
    """By number, and the abstract, which has none, last."""
    sections = [mark.section for mark in tables[LEDGER]]
    numbered = [tuple(map(int, section.split("."))) for section in sections if section != "abstract"]
    assert numbered == sorted(numbered)
    assert set(sections[len(numbered) :]) == {"abstract"}


def test_a_letter_for_each_flag(tables, claims):
    marks = {mark.mark_id: mark for mark in tables[LEDGER]}
    for row in claims:
        if row.rule == "background":
            continue
        kinds = {flag.split(" with ")[0] for flag in row.flags}
        assert len(marks[row.claim_id].signs or "") == len(kinds)
    known = set(SIGNS) - {"n", "m"}  # no claim of this review prints an estimate, or names a source that cannot be it
    assert set("".join(mark.signs or "" for mark in tables[LEDGER])) == known


def test_every_verdict_has_its_column(claims, evidence):
    """Also where claims spread over all of them, and where a person overruled."""
    verdicts = list(VERDICTS)
    spread = [replace(row, overruled_verdict=verdicts[i % len(verdicts)]) for i, row in enumerate(claims)]
    marks = ledger_table(spread, conclusions(spread, evidence))
    assert {mark.verdict for mark in marks} == set(verdicts)
    assert unreadable(draw_ledger(marks, WIDTH)) == []


# ---------------------------------------------------------------- evidence map


def test_every_domain_and_contrast_is_in_the_map(tables, evidence):
    places = [(cell.domain, cell.contrast) for cell in tables[MAP]]
    assert places == [(domain, contrast) for domain in evidence.domains for contrast in CONTRASTS]


def test_the_map_holds_every_finding_once(tables, main):
    found = Counter(name for cell in tables[MAP] for name in cell.finding_ids)
    assert found == Counter(effect.finding_id for effect in main)
    for cell in tables[MAP]:
        assert bool(cell.rung) == bool(cell.findings) == bool(cell.samples)


def test_the_map_counts_the_votes_of_the_sign_test(tables, effects):
    expected = Counter()
    for cell in cells(effects, NAMES):
        if cell.sense == "higher":
            for vote in votes(cell.findings):
                expected[cell.domain, cell.contrast, vote.verdict] += 1
    for cell in tables[MAP]:
        key = cell.domain, cell.contrast
        assert (cell.higher_up, cell.higher_down) == (expected[*key, "up"], expected[*key, "down"])


# ---------------------------------------------------------------- summary forest


def test_estimates_are_those_of_the_models(tables, models):
    cell = ("domain", "contrast", "outcome_group", "metric")
    rows = {(*(getattr(r, n) for n in cell), r.kind): r for r in tables[FOREST] if r.kind != "bounds"}
    shown = [m for m in models if m.headline or m.model == "all evidence"]
    assert len(rows) == len(shown)
    for model in shown:
        kind = "exact effects" if model.headline else "all evidence"
        row = rows[(*(getattr(model, n) for n in cell), kind)]
        assert (row.k, row.estimate, row.lower, row.upper) == (model.k, model.est, model.ci_lb, model.ci_ub)
        if model.est is not None:
            assert row.effect == effect_text("exact", model.est, model.ci_lb, model.ci_ub)


def test_every_interval_is_behind_an_estimate_or_a_bar(tables, units):
    estimated = {(r.domain, r.contrast, r.outcome_group, r.metric) for r in tables[FOREST] if r.estimate}
    bars = {r.mark_id: r for r in tables[FOREST] if r.kind == "bounds"}
    expected = {
        f"{u.domain}--{'__'.join(u.findings)}": u
        for u in units
        if u.rung == "bounded" and (u.domain, u.contrast, u.outcome_group, u.metric) not in estimated
    }
    assert bars.keys() == expected.keys()
    assert all((bars[i].lower, bars[i].upper) == (expected[i].yi_lb, expected[i].yi_ub) for i in bars)


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
        for row in votes_table(sample_directions(effects), evidence.domains.values(), panel_of(evidence, VOTES), NAMES)
    }
    assert rows == {"yes": ("better", "up"), "no": ("better", "down"), "unclear": ("higher", "up")}


def test_studies_are_all_findings_that_the_panel_asks_for(tables, effects, models):
    rows = [row for row in tables[STUDIES] if row.kind == "finding"]
    fluids = ("plasma", "serum", "blood", "saliva")
    compared = [e for e in effects if e.contrast == "bpd_vs_control" and e.matrix in fluids]
    assert sorted(row.mark_id for row in rows) == sorted(f"{e.finding_id}--{e.coding}" for e in compared)
    assert {row.label for row in rows if row.population_kind == "mothers"} == {"Bonfig 2022", "Kluczniok 2019"}
    assert {row.label for row in rows if row.exposure == "social-exclusion"} == {"Jobst 2014", "Reinhard 2022"}
    (answer,) = [row for row in tables[STUDIES] if row.kind == "model" and row.outcome_group == "oxt-level"]
    (model,) = [m for m in models if m.outcome_group == "oxt-level" and m.model == "all evidence"]
    assert (answer.estimate, answer.lower, answer.upper) == (model.est, model.ci_lb, model.ci_ub)


def test_marks_of_signs_have_the_sign_of_their_finding(tables, effects):
    looked_at = {f"{e.finding_id}--{e.coding}": e for e in effects if e.matrix in ("dna", "pbmc")}
    assert {mark.mark_id: mark.sign for mark in tables[SIGNS_OF_GENES]} == {i: e.sign for i, e in looked_at.items()}


ANOTHER = {
    "studies by nothing": Panel(name="a", kind="studies", heading="h", title="All", subtitle="s", cells=["*/bpd*/*"]),
    "studies by two columns": Panel(
        **{"name": "b", "kind": "studies", "heading": "h", "title": "Trials", "subtitle": "s"},
        cells=["*/oxt_vs_placebo_bpd/*"],
        by={
            "design": {"crossover": "same persons", "parallel": "groups"},
            "population_kind": {"none": "adults"},
        },
    ),
    "one lane": Panel(
        **{"name": "c", "kind": "votes", "heading": "h", "title": "Groups", "subtitle": "s", "note": "a note"},
        by={"contrast": {"bpd_vs_control": "in patients, as compared with persons without a diagnosis"}},
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


def test_numbers_drawn_are_finite_or_open(tables):
    for row in tables[FOREST] + tables[STUDIES]:
        if row.mark_id and row.rung != "unusable":
            assert not any(math.isnan(end) for end in (row.lower, row.upper))
