"""The exports, read back by R: metafor here where it is installed, else by what it and other packages answered.

The made-up data of a new review and the example never change; of the project's own review the answers hold as long as
its numbers do.
"""

import json
import math

import pytest

from reanalysis.builds import read_build
from reanalysis.exchange import cochrane, export, metapsy, prisma, r_scripts
from reanalysis.results.build import Build
from tests.golden.exported import CELL, FOLDER, INPUTS, fingerprint, metafor_here, rows, run_r, stored
from tests.project import change_text

HETEROGENEITY = ("QE", "QEp", "I2", "H2", "tau2", "tau2_lb", "tau2_ub", "pi_lb", "pi_ub")
MODEL = ("k", "est", "se", "ci_lb", "ci_ub", "zval", "pval", "ddf", *HETEROGENEITY)
TESTED = ("stat", "ddf", "pval", "est", "ci_lb", "ci_ub")
READ_BY_META = {
    "TE": "GIV Mean",
    "seTE": "GIV SE",
    "n.e": "Experimental N",
    "n.c": "Control N",
    "mean.e": "Experimental mean",
    "sd.e": "Experimental SD",
    "mean.c": "Control mean",
    "sd.c": "Control SD",
    "weight": "Weight",
}


@pytest.fixture(scope="session")
def metafor() -> None:
    """Skips a test where R or metafor is missing."""
    if not metafor_here():
        pytest.skip("R and metafor are not installed")


def ours(files) -> dict[tuple[str, str, str, str], float]:
    """The numbers that the scripts compare, from the tables beside them, by cell, what, of whom, and quantity."""
    found = {}

    def say(row, what, of, names, cell=None):
        cell = cell or "/".join(row[name] for name in CELL)
        found.update({(cell, what, of, name): float(row[name]) for name in names if row[name]})

    for row in rows(files["models.csv"]):
        say(row, row["model"], "", MODEL)
    for row in rows(files["leave_one_out.csv"]):
        say(row, f"{row['model']}, leave-one-out", row["study"], ("est", "ci_lb", "ci_ub", "tau2"))
    for row in rows(files["asymmetry.csv"]):
        say(row, "asymmetry", "", TESTED)
    for row in rows(files["effects.csv"]):
        if row["rung"] == "exact":
            say(row, "escalc", f"{row['finding_id']} {row['coding']}", ("yi", "vi"), "effects")
    return found


def assert_metafor_agrees(build: Build, review: str) -> None:
    """Every number of a model agrees with what metafor answered, and so do the effects that it has a formula for."""
    here = ours(r_scripts.files(build))
    there = {(r["cell"], r["what"], r["of"], r["quantity"]): float(r["metafor"]) for r in stored_answers(review)}
    assert {key for key in here if key[1] != "escalc"} == {key for key in there if key[1] != "escalc"}
    differ = {
        key: (here[key], value)
        for key, value in there.items()
        if not math.isclose(here[key], value, rel_tol=1e-7, abs_tol=1e-7)
    }
    assert differ == {}


def stored_answers(review: str) -> list[dict[str, str]]:
    return stored(FOLDER / review / "metafor.csv")


def read_back(review: str, program: str) -> dict[tuple[str, str], str]:
    """What a program read from the exports of a review, by row and quantity."""
    answers = stored(FOLDER / review / "read_back.csv")
    return {(row["of"], row["quantity"]): row["value"] for row in answers if row["program"] == program}


# ---------------------------------------------------------------- metafor


def test_metafor_answers_what_is_stored_of_made_up_data(made_up):
    assert_metafor_agrees(made_up, "skeleton")


def test_metafor_answers_what_is_stored_of_the_example(example):
    assert_metafor_agrees(read_build(example), "example")
    assert len(stored_answers("example")) == 538


def test_metafor_answers_what_is_stored_of_the_project(built):
    build = read_build(built)
    if fingerprint(r_scripts.files(build)) != json.loads(INPUTS.read_text(encoding="utf-8"))["main"]:
        pytest.skip("numbers have changed since metafor was asked: run `python -m tests.golden.exported` where R is")
    assert_metafor_agrees(build, "main")


@pytest.mark.usefixtures("metafor")
def test_the_scripts_run_and_agree(made_up, tmp_path):
    export(made_up, "r", tmp_path)
    run = run_r(tmp_path / "r", "all.R", "numbers.csv")
    assert run.returncode == 0, run.stderr
    assert "99 numbers compared, 0 differ." in run.stdout
    assert {row["agrees"] for row in rows((tmp_path / "r/numbers.csv").read_bytes())} == {"TRUE"}


@pytest.mark.usefixtures("metafor")
def test_the_scripts_of_both_reviews_run_and_agree(built, example, tmp_path):
    for name, folder in (("main", built), ("example", example)):
        export(read_build(folder), "r", tmp_path / name)
        run = run_r(tmp_path / name / "r", "all.R")
        assert run.returncode == 0, run.stdout + run.stderr
        assert ", 0 differ." in run.stdout


@pytest.mark.usefixtures("metafor")
@pytest.mark.parametrize("script", ["all.R", "sleep--walk_vs_wait--sleep-quality--SMD.R"])
def test_a_number_that_differs_ends_a_script_with_an_error(made_up, tmp_path, script):
    export(made_up, "r", tmp_path)
    (model,) = (row for row in made_up.tables["3_models/models.csv"] if row.model == "random effects")
    change_text(
        tmp_path / "r/models.csv", lambda text: text.replace(f",{model.est:.12g},", f",{model.est + 1e-5:.12g},")
    )
    run = run_r(tmp_path / "r", script)
    assert run.returncode == 1
    assert "2 differ." in run.stdout  # the ad hoc model has the same estimate
    assert "FALSE" in run.stdout


# ---------------------------------------------------------------- other packages


@pytest.fixture(scope="module")
def builds(made_up, example) -> dict[str, Build]:
    """Builds whose numbers never change."""
    return {"skeleton": made_up, "example": read_build(example)}


@pytest.mark.parametrize("review", ["skeleton", "example"])
def test_meta_reads_the_cochrane_package(builds, review, example):
    made, answers = cochrane.files(builds[review]), read_back(review, "meta")
    data = rows(made[f"{cochrane.NAME}-analysis-data/{cochrane.NAME}-data-rows.csv"])
    settings = rows(made[f"{cochrane.NAME}-analysis-data/{cochrane.NAME}-overall-estimates-and-settings.csv"])
    here = {
        (f"{row['Analysis group']} {row['Analysis number']} {row['Study']}", quantity): float(row[column])
        for row in data
        for quantity, column in READ_BY_META.items()
        if row[column]
    }
    there = {key: float(value) for key, value in answers.items() if key[1] in READ_BY_META}
    assert there == pytest.approx(here, rel=1e-11)
    assert len(there) == {"skeleton": 59, "example": 404}[review]
    models = {(row["Analysis group"], row["Analysis number"]): row["Analysis model"].split()[0] for row in settings}
    assert {(*of.split()[:2], value) for (of, quantity), value in answers.items() if quantity == "model"} == {
        (*key, model) for key, model in models.items()
    }
    assert {value for (_, quantity), value in answers.items() if quantity == "level.ma"} == {"0.95"}


@pytest.mark.parametrize("review", ["skeleton", "example"])
def test_metapsytools_reads_the_trials_and_finds_the_same_effects(builds, review, example):
    """From means it takes Hedges' approximate correction, and the variance of the uncorrected d; else it takes ours."""
    data = rows(metapsy.files(builds[review])["data.csv"], ";")
    answers = read_back(review, "metapsyTools")
    assert {of for of, _ in answers} == {row["finding_id"] for row in data}
    effects = {
        effect.finding_id: effect for effect in builds[review].tables["2_effects/ladder.csv"] if effect.use == "main"
    }
    for row in data:
        of, effect = row["finding_id"], effects[row["finding_id"]]
        g, se = effect.yi, math.sqrt(effect.vi)
        if row["mean_arm1"] != "NA":
            n1, n2 = effect.n1i, effect.n2i
            df = n1 + n2 - 2
            d = g * math.sqrt(df / 2) * math.exp(math.lgamma((df - 1) / 2) - math.lgamma(df / 2))
            g, se = d * (1 - 3 / (4 * df - 1)), math.sqrt(1 / n1 + 1 / n2 + d**2 / (2 * (n1 + n2)))
        assert answers[of, "id"] == row[".id"]
        assert float(answers[of, "g"]) == pytest.approx(g, rel=1e-9)
        assert float(answers[of, "g_se"]) == pytest.approx(se, rel=1e-9)


@pytest.mark.parametrize("review", ["skeleton", "example"])
def test_prisma2020_reads_the_counts(builds, review, example):
    flow = builds[review].evidence.flow
    here = {line.data: flow[box].count for line in prisma.TEMPLATE for box in line.boxes if box in flow}
    here |= {count.label: count.count for count in flow.values() if count.place == "source"}
    there = {of: int(value) for (of, _), value in read_back(review, "PRISMA2020").items()}
    assert there == {of: count for of, count in here.items() if count is not None}
    assert there


def test_robvis_draws_the_judgements_of_people_and_no_others(made_up):
    assert read_back("skeleton", "robvis") == {("ROB2.csv Example Adams 2001", "Overall"): "s"}  # some concerns
    assert read_back("example", "robvis") == {}
