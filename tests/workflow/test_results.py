"""The tables of a finished run agree with the raw data, with one another and with the figures."""

import json
import math
import re

import pytest
from scipy import stats

from reanalysis import codebook
from reanalysis.check import load
from reanalysis.figures.cells_table import PLOTS, CellFigure
from reanalysis.figures.effect_direction_table import DirectionMark
from reanalysis.figures.forest_table import ForestRow
from reanalysis.figures.overviews import panel_file
from reanalysis.figures.tables import PANEL_TABLES, row_type
from reanalysis.pipeline import STAGES, run
from reanalysis.results.checked import CHECKED, REVIEW, read_checked_review
from reanalysis.results.rows import Effect, LadderCount, Model, PooledUnit, WorkItem
from reanalysis.results.table import columns, read_table, table_text
from reanalysis.schema.cells import formula_fault
from reanalysis.schema.vocabulary import RUNGS
from tests.project import hashes, read_csv

DIGITS = {"rel": 1e-10, "abs": 1e-10}  # tables keep twelve


@pytest.fixture(scope="module")
def results(built):
    return built / "results"


@pytest.fixture(scope="module")
def domains(built):
    return [record["domain"] for record in read_csv(built / "data/raw/domains.csv")[1]]


@pytest.fixture(scope="module")
def ladder(results):
    return read_table(results / "2_effects/ladder.csv", Effect)


# ---------------------------------------------------------------- evidence


def test_findings_in_are_findings_on_the_ladder(built, domains, ladder):
    raw = [
        (domain, record["finding_id"], record["coding"])
        for domain in domains
        for record in read_csv(built / f"data/raw/findings/{domain}.csv")[1]
    ]
    assert [(effect.domain, effect.finding_id, effect.coding) for effect in ladder] == raw
    assert len(raw) >= 119
    assert all(effect.rung in RUNGS and effect.why for effect in ladder)
    assert all(effect.use == "main" or (effect.use == "excluded" and effect.use_why) for effect in ladder)


def test_every_domain_is_counted_even_when_empty(results, domains, ladder):
    counts = read_table(results / "4_synthesis/ladder.csv", LadderCount)
    assert list(dict.fromkeys(row.domain for row in counts)) == domains
    assert sum(row.codings for row in counts) == len(ladder)
    for row in counts:
        assert row.codings == row.excluded + sum(getattr(row, rung) for rung in RUNGS)
        assert (row.contrast is None) == (row.codings == 0)
    for rung in RUNGS:
        used = [effect for effect in ladder if effect.use == "main" and effect.rung == rung]
        assert sum(getattr(row, rung) for row in counts) == len(used)
    assert any(row.codings == 0 for row in counts), "domains without findings exist in the data"


def test_the_work_list_names_everything_below_the_top(results, ladder):
    listed = {item.finding_id for item in read_table(results / "4_synthesis/worklist.csv", WorkItem)}
    assert listed == {effect.finding_id for effect in ladder if effect.use == "main" and effect.rung != "exact"}


def test_claims_and_reports_reach_the_checked_tables(results):
    claims = read_csv(results / "1_checked/claims.csv")[1]
    assert {f"C{i:03d}" for i in range(1, 258)} <= {claim["claim_id"] for claim in claims}
    reports = read_csv(results / "1_checked/reports.csv")[1]
    assert sum(report["in_review"] != "" for report in reports) == 69
    assert len(reports) > 69


# ---------------------------------------------------------------- numbers


def test_units_and_models_follow_from_the_exact_effects(results, domains, ladder):
    """Recomputed here from the tables alone: averages with the stated correlation, weights, headline estimates."""
    seen = 0
    for domain in domains:
        effects = {e.finding_id: e for e in ladder if e.domain == domain and e.use == "main"}
        units = [unit for unit in read_table(results / "3_models/units.csv", PooledUnit) if unit.domain == domain]
        exact = [unit for unit in units if unit.rung == "exact"]
        pooled = [name for unit in exact for name in unit.findings]
        assert sorted(pooled) == sorted(name for name, effect in effects.items() if effect.rung == "exact")
        for unit in exact:
            members = [effects[name] for name in unit.findings]
            assert {e.sample_id for e in members} == {unit.sample_id}
            sei = [math.sqrt(e.vi) for e in members]
            both = sum(a * b for i, a in enumerate(sei) for b in sei[:i]) * 2 * (unit.rho or 0)
            assert unit.yi == pytest.approx(sum(e.yi for e in members) / len(members), **DIGITS)
            assert unit.vi == pytest.approx((sum(e.vi for e in members) + both) / len(members) ** 2, **DIGITS)
        for model in (m for m in read_table(results / "3_models/models.csv", Model) if m.domain == domain):
            own = [u for u in exact if u.cell == model.cell]
            assert model.k_exact == len(own)
            assert model.k == model.k_exact + (model.k_bounded or 0) + (model.k_direction or 0)
            if model.headline:
                weights = [1 / (unit.vi + (model.tau2 or 0)) for unit in own]
                mean = sum(w * unit.yi for w, unit in zip(weights, own, strict=True)) / sum(weights)
                assert model.est == pytest.approx(mean, **DIGITS)
                assert [u.weight for u in own] == pytest.approx([100 * w / sum(weights) for w in weights], **DIGITS)
                seen += 1
    assert seen >= 7


def test_every_number_of_a_forest_plot_is_a_stored_one(results, domains, ladder):
    z = stats.norm.ppf(0.975)
    drawn = 0
    for domain in domains:
        effects = {f"{e.finding_id}--{e.coding}": e for e in ladder if e.domain == domain}
        rows = read_table(results / f"5_figures/forest/{domain}.csv", ForestRow)
        findings = [row for row in rows if row.kind == "finding"]
        assert sorted(row.mark_id for row in findings) == sorted(effects), "each finding is one line of the figure"
        for row in findings:
            effect = effects[row.mark_id]
            assert (row.rung, row.use, row.estimate) == (effect.rung, effect.use, effect.yi)
            assert (row.lower, row.upper) == (effect.ci_lb, effect.ci_ub), "one interval of a finding everywhere"
            if effect.rung == "exact":
                half = z * math.sqrt(effect.vi)
                assert (row.lower, row.upper) == pytest.approx((effect.yi - half, effect.yi + half), **DIGITS)
                drawn += 1
            elif effect.rung != "unusable":
                assert (row.observed_lower, row.observed_upper) == (effect.yi_lb, effect.yi_ub)
        shown = [row for row in rows if row.kind == "model"]
        models = [m for m in read_table(results / "3_models/models.csv", Model) if m.domain == domain]
        stored = {
            (m.cell, m.est, m.ci_lb, m.ci_ub, *((None, None) if m.boundary else (m.pi_lb, m.pi_ub))) for m in models
        }
        assert {(r.cell, r.estimate, r.lower, r.upper, r.pi_lower, r.pi_upper) for r in shown} <= stored
        assert all(row.panel == row.metric for row in shown)
        assert {row.cell for row in shown} >= {m.cell for m in models if m.k > 1 and m.headline}
    assert drawn >= 30


def test_every_finding_is_a_mark_of_the_figure(results, domains, ladder):
    """A domain without a size of an effect has none: its directions stand in the figure that such domains share."""
    for domain in domains:
        findings = [effect for effect in ladder if effect.domain == domain]
        sized = any(e.use == "main" and e.rung in ("exact", "bounded") for e in findings)
        own = results / f"5_figures/forest/{domain}.svg"
        assert own.exists() == sized
        svg = (own if sized else results / "5_figures/overview/directions.svg").read_text(encoding="utf-8")
        for effect in findings:
            if sized or (effect.use == "main" and effect.rung == "direction"):
                assert f'id="{effect.finding_id}--{effect.coding}"' in svg


def test_a_figure_fits_a_journal(results):
    """Double column at most; a page is as high as its rows need, and here none is higher than a page."""
    for path in (results / "5_figures").rglob("*.svg"):
        svg = path.read_text(encoding="utf-8")
        size = re.search(r'height="([.\d]+)pt".*? width="([.\d]+)pt"|width="([.\d]+)pt" height="([.\d]+)pt"', svg)
        wide, high = (float(size[i] or size[j]) / 72 * 25.4 for i, j in ((2, 3), (1, 4)))
        assert wide <= 180.1, path
        assert high <= 230, path


# ---------------------------------------------------------------- tables and manifest


def test_every_table_is_made_and_described_in_the_codebook(results, domains):
    described = {name: list(model.model_fields) for name, model in CHECKED.items()}
    for name, row in codebook.ROW_TABLES.items():
        described |= {name.replace("<domain>", domain): columns(row) for domain in domains}
    described = {name: names for name, names in described.items() if "<" not in name}
    panels = read_checked_review(results / REVIEW).panels
    assert panels
    described |= {f"5_figures/{panel_file(panel)}.csv": columns(PANEL_TABLES[panel.kind]) for panel in panels}
    figures = read_table(results / "5_figures/cells.csv", CellFigure)
    described |= {f"5_figures/{row.file}.csv": columns(PLOTS[row.plot]) for row in figures}
    asked = {path.stem for path in (results / "5_figures/overview").glob("*--effect_direction.csv")}
    assert asked
    described |= {f"5_figures/overview/{name}.csv": columns(DirectionMark) for name in asked}
    made = {path.relative_to(results).as_posix(): read_csv(path)[0] for path in results.glob("**/*.csv")}
    not_drawn = {name for name in described if name.startswith("5_figures/overview/")} - set(made)
    assert not_drawn == {"5_figures/overview/orchard.csv"}  # no outcome here has effect sizes enough
    assert made == {name: names for name, names in described.items() if name not in not_drawn}


def test_the_tables_are_those_of_memory(two, config):
    """Nothing depends on the detour through files: the same text, for every table."""
    results = two / "results"
    tables = run(load(two / "data/raw"), config)
    for file, rows in tables.items():
        assert (results / file).read_text(encoding="utf-8") == table_text(row_type(file), rows), file
    figures = {path.relative_to(results).as_posix() for path in results.glob("[2-5]_*/**/*.csv")}
    assert tables.keys() == figures - {"4_synthesis/changes.csv"}, "which tells of the run before"


def test_what_a_stage_says_that_it_makes_is_there(results):
    for stage in STAGES.values():
        for file in stage.makes:
            assert (results / file).exists(), file
        assert (results / f"logs/{stage.name}.tsv").read_text(encoding="utf-8").startswith("s\t"), "how long it took"


def test_every_figure_is_there_in_every_format_beside_its_table(results):
    drawn = {path.with_suffix("") for path in (results / "5_figures").rglob("*.svg")}
    assert len(drawn) > 20
    for path in drawn:
        assert all(path.with_name(f"{path.name}.{form}").stat().st_size for form in ("svg", "pdf", "png"))
        assert path.with_name(f"{path.name}.csv").exists() or path.name == "flow"


def test_the_manifest_tells_the_truth(built, results):
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    made = {f"results/{name}": value for name, value in hashes(results).items() if not name.startswith("logs/")}
    del made["results/manifest.json"]
    assert manifest["outputs"] == made
    assert manifest["orphans"] == {}
    now = {name: value for folder in ("data", "config", "workflow", "src") for name, value in located(built, folder)}
    assert now.items() <= manifest["inputs"].items()
    assert all((built / name).is_file() for name in manifest["inputs"])


def located(project, folder):
    return (
        (f"{folder}/{name}", value) for name, value in hashes(project / folder).items() if "__pycache__" not in name
    )


# ---------------------------------------------------------------- what a spreadsheet makes of them


def test_no_cell_is_a_formula(results):
    """What begins as one is refused where it is written, so that R and a spreadsheet read the same cells."""
    for path in results.rglob("*.csv"):
        names, records = read_csv(path)
        found = [cell for record in records for cell in (*names, *record.values()) if cell and formula_fault(cell)]
        assert found == [], path
