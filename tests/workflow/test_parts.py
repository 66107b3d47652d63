"""A stage in parts: the same bytes as in one piece, whatever the parts; and never of parts that disagree."""

import os
import re
import shutil
from pathlib import Path

import pytest

from reanalysis import stages
from reanalysis.files.config_file import read_config
from reanalysis.jobs import run_stage, write
from reanalysis.new import SKELETON
from reanalysis.pipeline import STAGES
from reanalysis.refused import Refused
from reanalysis.results.checked import checked_tables
from reanalysis.stages import PARTS, PARTS_ASKED, announce, announced, divided, part_folder
from reanalysis.store import compute
from tests.project import ROOT, change_text, hashes, snakemake
from tests.synthetic import synthetic_evidence

BY_DOMAIN = [name for name, stage in STAGES.items() if stage.by_domain]
LADDER = Path("results/2_effects/ladder.csv")


def test_the_domains_of_a_stage_are_read_from_a_table_that_it_declares():
    assert {*MADE, "multiverse", "forests", "cell_figures"} <= set(BY_DOMAIN)
    assert [name for name in BY_DOMAIN if STAGES[name].by_domain not in STAGES[name].reads] == []


def results() -> dict[str, str]:
    """The hashes of the results in the current folder, logs apart."""
    return {name: value for name, value in hashes(Path("results")).items() if not name.startswith("logs/")}


def divide(names, of: int) -> None:
    """Do stages in so many parts, the last one first; without what was computed before."""
    for name in names:
        for path in Path("results/.record").glob(f"{name}.*store"):
            path.unlink()
        for part in range(of, 0, -1):
            run_stage(name, 1, of, part)
        run_stage(name, 1, of)


@pytest.fixture
def finished(small, monkeypatch) -> Path:
    """A finished run of two domains of the review, in the current folder."""
    monkeypatch.chdir(small)
    return small


@pytest.mark.parametrize("of", [2, 7])
def test_parts_of_a_real_review_make_the_results_of_the_whole(finished, of):
    before = results()
    for stage in (STAGES[name] for name in BY_DOMAIN):
        for path in map(Path, stages.outputs(stage)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    divide(BY_DOMAIN, of)
    assert results() == before


@pytest.fixture(scope="session")
def many(tmp_path_factory) -> Path:
    """The checked tables of a made-up review of nine domains, and what stages make of them in one piece."""
    folder = tmp_path_factory.mktemp("many")
    few = dict.fromkeys(("alpha", "smd_variance", "method", "rho", "mu_prior_scale", "tau_prior_scale", "reported"), [])
    config = read_config(ROOT / "config/config.yaml", {"robustness": {"subsets": 5}, "sensitivity": few})
    for file, content in checked_tables(synthetic_evidence(9, 18, seed=1)).items():
        write(folder / "results", file, content, config, compute)
    (folder / "data/raw").mkdir(parents=True)
    (folder / "config").mkdir()
    (folder / "config/config.yaml").touch()
    before = Path.cwd()
    os.chdir(folder)
    announce(config.plain)
    for name in MADE:
        run_stage(name)
    os.chdir(before)
    return folder


MADE = ("effects", "models", "robustness", "second_opinion", "synthesis")


@pytest.mark.parametrize("of", [2, 7, 20])
def test_parts_of_a_made_up_review_make_the_results_of_the_whole(many, tmp_path, monkeypatch, of):
    monkeypatch.chdir(shutil.copytree(many, tmp_path / "copy"))
    before = results()
    divide(MADE, of)
    assert results() == before


def test_a_part_reads_and_makes_its_own_domains_alone(many, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(many, tmp_path / "copy"))
    run_stage("models", 1, 3, 2)
    lines = Path(part_folder(STAGES["models"], 2), "3_models/models.csv").read_text(encoding="utf-8").splitlines()
    assert {line.partition(",")[0] for line in lines[1:]} == {"domain-03", "domain-04", "domain-05"}


def refusal(*arguments) -> str:
    """What the log of a stage says that cannot be put together."""
    with pytest.raises(SystemExit):
        run_stage(*arguments)
    return Path("results/logs/models.log").read_text(encoding="utf-8")


def test_parts_that_disagree_are_not_put_together(many, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(many, tmp_path / "copy"))
    run_stage("models", 1, 2, 1)
    assert "Not the same for all parts of models" in refusal("models", 1, 2)  # there is one of two
    change_text(LADDER, lambda text: text.replace("Study 1 ", "Study One "))
    run_stage("models", 1, 2, 2)
    assert "results/2_effects/ladder.csv\nRun again" in refusal("models", 1, 2)  # made of another table than the first
    run_stage("models", 1, 2, 1)
    run_stage("models", 1, 2)
    made = Path(part_folder(STAGES["models"], 1), "3_models/units.csv")
    change_text(made, lambda text: text + "\n")
    assert f"{made}\nRun again" in refusal("models", 1, 2)  # edited since


def test_what_was_computed_in_other_parts_is_forgotten(many, tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(many, tmp_path / "copy"))
    divide(["models"], 2)
    run_stage("models", 1, 3, 1)
    run_stage("models")
    assert [path.name for path in Path("results/.record").glob("models.*store")] == ["models.store"]


def test_an_edit_in_one_domain_runs_what_rests_on_it_in_parts_as_in_one_piece(tmp_path):
    divided = Path(shutil.copytree(SKELETON, tmp_path / "divided"))
    whole = Path(shutil.copytree(SKELETON, tmp_path / "whole"))
    for folder in (divided, whole):
        change_text(folder / "config/config.yaml", lambda text: text.replace("[svg, pdf, png]", "[svg]"))

    def run(folder, of, *targets):
        done = snakemake(ROOT, "--directory", str(folder), *targets, **{PARTS_ASKED: str(of)})
        assert done.returncode == 0, done.stdout
        return done.stdout

    files = ("3_models/models.csv", "2_effects/second_opinion.csv", "5_figures/forest")
    targets = [f"results/{name}" for name in files]
    run(divided, 2, *targets)
    assert "Nothing to be done" in run(divided, 2, *targets)
    for folder in (divided, whole):
        change_text(folder / "data/raw/findings/mood.csv", lambda text: text.replace(",10.0,7.0,", ",9.5,7.0,"))
    again = run(divided, 2, *targets)
    assert {*re.findall(r"Rule: (\w+)\)", again)} >= {"effects_part", "models_part", "second_opinion_part", "models"}
    run(whole, 1, *targets)
    made = hashes(whole / "results")
    assert {"3_models/units.csv", "2_effects/formulas.csv", "2_effects/second_opinion.csv"} < made.keys()
    same = hashes(divided / "results")
    assert [name for name in made if not name.startswith("logs/") and same[name] != made[name]] == []
    assert not any((divided / PARTS).rglob("*.csv"))


def test_a_review_is_divided_when_it_is_large_or_when_the_environment_says_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(PARTS_ASKED, raising=False)
    findings = Path("data/raw/findings")
    findings.mkdir(parents=True)
    for name in ("a", "b", "c", "d", "e"):
        (findings / f"{name}.csv").write_text("x\n" * 100, encoding="utf-8")

    def parts() -> tuple[int, int, int]:
        """Of a stage with much work on each finding, of one with little, and of one that takes all domains."""
        found = divided()
        return found["robustness"], found["effects"], found["report"]

    assert parts() == (1, 1, 1)
    (findings / "a.csv").write_text("x\n" * 101, encoding="utf-8")
    assert parts() == (2, 1, 1)
    (findings / "a.csv").write_text("x\n" * 4000, encoding="utf-8")
    assert parts() == (4, 2, 1)  # no more than domains, and a power of two
    (findings / "a.csv").write_text("x\n" * 100_000, encoding="utf-8")
    assert parts() == (4, 4, 1)
    monkeypatch.setenv(PARTS_ASKED, "7")
    assert parts() == (7, 7, 1)
    for wrong in ("0", "many", "-2"):
        monkeypatch.setenv(PARTS_ASKED, wrong)
        with pytest.raises(Refused, match="number of parts"):
            divided()


def test_the_jobs_of_a_run_are_told_its_parts(tmp_path, monkeypatch):
    monkeypatch.chdir(shutil.copytree(SKELETON, tmp_path / "review"))
    monkeypatch.setenv(PARTS_ASKED, "2")
    announce({})
    monkeypatch.setenv(PARTS_ASKED, "3")
    assert announced()["parts"]["robustness"] == 2
