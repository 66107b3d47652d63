"""The narrative synthesis as figures: tables complete, numbers those of the models, all text readable."""

import math
from collections import Counter
from dataclasses import replace

import pytest
from tests.drawing import gids, unreadable
from tests.project import RAW

from reanalysis.check import load
from reanalysis.claims import Material, claim_verdicts, conclusions
from reanalysis.figures.evidence_map import draw_evidence_map
from reanalysis.figures.evidence_map_table import evidence_map_table
from reanalysis.figures.flow import draw_flow
from reanalysis.figures.forest_table import effect_text
from reanalysis.figures.genes import draw_genes
from reanalysis.figures.genes_table import genes_table
from reanalysis.figures.ledger import draw_ledger
from reanalysis.figures.ledger_table import SIGNS, ledger_table
from reanalysis.figures.levels import draw_levels
from reanalysis.figures.levels_table import levels_table
from reanalysis.figures.summary_forest import draw_summary_forest
from reanalysis.figures.summary_forest_table import summary_forest_table
from reanalysis.figures.table1 import draw_table1
from reanalysis.figures.table1_table import table1_table
from reanalysis.figures.treatment import draw_treatment
from reanalysis.figures.treatment_table import LANES, treatment_table
from reanalysis.models.pooling import pool
from reanalysis.results.rows import Effect
from reanalysis.schema.vocabulary import CONTRASTS, VERDICTS
from reanalysis.synthesis.directions import cells, sample_directions, votes
from reanalysis.synthesis.ladder import count_rungs

WIDTH, PAGE = 180, 250  # mm
WIDTHS = (170, 180, 400)  # mm: the least and the most that the configuration allows, and what it says
DRAW = {
    "ledger": draw_ledger,
    "evidence map": draw_evidence_map,
    "summary forest": draw_summary_forest,
    "treatment": draw_treatment,
    "levels": draw_levels,
    "genes": draw_genes,
}


@pytest.fixture(scope="module")
def pooled(effects, config):
    return pool(effects, config.models)


@pytest.fixture(scope="module")
def models(pooled):
    return pooled.models


@pytest.fixture(scope="module")
def units(pooled):
    return pooled.units


@pytest.fixture(scope="module")
def claims(evidence, effects, models, config):
    material = Material(evidence, effects, models, variants=[], work=[])
    return claim_verdicts(material, config.claims)


@pytest.fixture(scope="module")
def tables(evidence, effects, models, units, claims):
    domains = evidence.domains.values()
    return {
        "ledger": ledger_table(claims, conclusions(claims, domains)),
        "evidence map": evidence_map_table(count_rungs(evidence, effects), effects, domains),
        "summary forest": summary_forest_table(models, units, domains),
        "treatment": treatment_table(sample_directions(effects), domains),
        "levels": levels_table(effects, models),
        "genes": genes_table(effects),
    }


@pytest.fixture(scope="module")
def figures(tables):
    return {name: draw(tables[name], WIDTH) for name, draw in DRAW.items()}


# ---------------------------------------------------------------- all figures


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", DRAW)
def test_all_text_can_be_read(name, width, tables):
    assert unreadable(DRAW[name](tables[name], width)) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_all_text_of_the_flow_and_of_table_1_can_be_read(width, evidence):
    assert unreadable(draw_flow(evidence.flow, width)) == []
    assert unreadable(draw_table1(table1_table(evidence.reports.values()), width)) == []


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_fits_a_page_of_a_journal(name, figures):
    wide, high = figures[name].get_size_inches() * 25.4
    assert wide == pytest.approx(WIDTH)
    assert high <= PAGE


@pytest.mark.parametrize("name", DRAW)
def test_every_row_of_the_table_is_a_mark_with_its_id(name, figures, tables):
    ids = [row.mark_id for row in tables[name] if row.mark_id]
    assert len(set(ids)) == len(ids)
    assert sorted(gids(figures[name])) == sorted(ids)


@pytest.mark.parametrize("name", DRAW)
def test_a_figure_of_nothing_is_a_page_that_can_be_saved(name, tmp_path):
    DRAW[name]([], WIDTH).savefig(tmp_path / "empty.svg")
    assert (tmp_path / "empty.svg").stat().st_size > 0


def test_longer_names_stay_readable(effects, models, units, evidence):
    domains = evidence.domains.values()
    longer = [replace(effect, label=f"{effect.label} and others") for effect in effects]
    for name, rows in (
        ("treatment", treatment_table(sample_directions(longer), domains)),
        ("genes", genes_table(longer)),
    ):
        assert unreadable(DRAW[name](rows, WIDTH)) == []


# ---------------------------------------------------------------- ledger


def test_every_claim_stands_once_in_its_section_and_verdict(tables, claims, evidence):
    marks = {mark.mark_id: mark for mark in tables["ledger"]}
    assert sorted(marks) == sorted(evidence.claims)
    assert len(tables["ledger"]) == len(marks)
    for row in claims:
        mark = marks[row.claim_id]
        assert (mark.section, mark.verdict, mark.core) == (row.section, row.shown, row.core)


def test_sections_follow_the_review(tables):
    sections = [tuple(map(int, mark.section.split("."))) for mark in tables["ledger"]]
    assert sections == sorted(sections)


def test_a_letter_for_each_flag(tables, claims):
    marks = {mark.mark_id: mark for mark in tables["ledger"]}
    for row in claims:
        kinds = {flag.split(" with ")[0] for flag in row.flags}
        assert len(marks[row.claim_id].signs or "") == len(kinds)
    assert set("".join(mark.signs or "" for mark in tables["ledger"])) == set(SIGNS)


def test_every_verdict_has_its_column(claims, evidence):
    """Also where claims spread over all of them, and where a person overruled."""
    verdicts = list(VERDICTS)
    spread = [replace(row, overruled_verdict=verdicts[i % len(verdicts)]) for i, row in enumerate(claims)]
    marks = ledger_table(spread, conclusions(spread, evidence.domains.values()))
    assert {mark.verdict for mark in marks} == set(verdicts)
    assert unreadable(draw_ledger(marks, WIDTH)) == []


# ---------------------------------------------------------------- evidence map


def test_every_domain_and_contrast_is_in_the_map(tables, evidence):
    places = [(cell.domain, cell.contrast) for cell in tables["evidence map"]]
    assert places == [(domain, contrast) for domain in evidence.domains for contrast in CONTRASTS]


def test_the_map_holds_every_finding_once(tables, main):
    found = Counter(name for cell in tables["evidence map"] for name in cell.finding_ids)
    assert found == Counter(effect.finding_id for effect in main)
    for cell in tables["evidence map"]:
        assert bool(cell.rung) == bool(cell.findings) == bool(cell.samples)


def test_the_map_counts_the_votes_of_the_sign_test(tables, effects):
    expected = Counter()
    for cell in cells(effects):
        if cell.sense == "higher":
            for vote in votes(cell.findings):
                expected[cell.domain, cell.contrast, vote.verdict] += 1
    for cell in tables["evidence map"]:
        key = cell.domain, cell.contrast
        assert (cell.higher_up, cell.higher_down) == (expected[*key, "up"], expected[*key, "down"])


# ---------------------------------------------------------------- summary forest


def test_estimates_are_those_of_the_models(tables, models):
    cell = ("domain", "contrast", "outcome_group", "metric")
    rows = {(*(getattr(r, n) for n in cell), r.kind): r for r in tables["summary forest"] if r.kind != "bounds"}
    shown = [m for m in models if m.headline or m.model == "all evidence"]
    assert len(rows) == len(shown)
    for model in shown:
        kind = "exact effects" if model.headline else "all evidence"
        row = rows[(*(getattr(model, n) for n in cell), kind)]
        assert (row.k, row.estimate, row.lower, row.upper) == (model.k, model.est, model.ci_lb, model.ci_ub)
        if model.est is not None:
            assert row.effect == effect_text("exact", model.est, model.ci_lb, model.ci_ub)


def test_every_interval_is_behind_an_estimate_or_a_bar(tables, units):
    estimated = {(r.domain, r.contrast, r.outcome_group, r.metric) for r in tables["summary forest"] if r.estimate}
    bars = {r.mark_id: r for r in tables["summary forest"] if r.kind == "bounds"}
    expected = {
        f"{u.domain}--{'__'.join(u.findings)}": u
        for u in units
        if u.rung == "bounded" and (u.domain, u.contrast, u.outcome_group, u.metric) not in estimated
    }
    assert bars.keys() == expected.keys()
    assert all((bars[i].lower, bars[i].upper) == (expected[i].yi_lb, expected[i].yi_ub) for i in bars)


# ---------------------------------------------------------------- treatment, levels, genes


def test_every_treatment_finding_is_one_vote_of_its_sample(tables, main):
    marks = [mark for mark in tables["treatment"] if mark.use == "main"]
    behind = Counter(name for mark in marks for name in mark.finding_ids)
    assert behind == Counter(effect.finding_id for effect in main if effect.contrast in LANES)
    places = Counter((m.domain, m.outcome_group, m.sample_id, m.contrast, m.sense) for m in tables["treatment"])
    assert set(places.values()) == {1}


def test_better_means_better_for_the_person():
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
        for row in treatment_table(sample_directions(effects), load(RAW).domains.values())
    }
    assert rows == {"yes": ("better", "up"), "no": ("better", "down"), "unclear": ("higher", "up")}


def test_levels_are_all_comparisons_of_oxytocin_in_body_fluids(tables, effects, models):
    rows = [row for row in tables["levels"] if row.kind == "finding"]
    fluids = ("plasma", "serum", "blood", "saliva")
    compared = [e for e in effects if e.contrast == "bpd_vs_control" and e.matrix in fluids]
    assert sorted(row.mark_id for row in rows) == sorted(f"{e.finding_id}--{e.coding}" for e in compared)
    assert {row.label for row in rows if row.mothers} == {"Bonfig 2022", "Kluczniok 2019"}
    assert {row.label for row in rows if row.exclusion} == {"Jobst 2014", "Reinhard 2022"}
    (answer,) = [row for row in tables["levels"] if row.kind == "model" and row.outcome_group == "oxt-level"]
    (model,) = [m for m in models if m.outcome_group == "oxt-level" and m.model == "all evidence"]
    assert (answer.estimate, answer.lower, answer.upper) == (model.est, model.ci_lb, model.ci_ub)


def test_gene_marks_have_the_sign_of_their_finding(tables, effects):
    looked_at = {f"{e.finding_id}--{e.coding}": e for e in effects if e.matrix in ("dna", "pbmc")}
    assert {mark.mark_id: mark.sign for mark in tables["genes"]} == {i: e.sign for i, e in looked_at.items()}


def test_numbers_drawn_are_finite_or_open(tables):
    for row in tables["summary forest"] + tables["levels"]:
        if row.mark_id and row.rung != "unusable":
            assert not any(math.isnan(end) for end in (row.lower, row.upper))
