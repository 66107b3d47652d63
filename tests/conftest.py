"""What several tests share: copies of the raw data, and one run of the whole pipeline for all of them."""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from reanalysis.builds import build_of
from reanalysis.check import load
from reanalysis.files.config_file import read_config
from reanalysis.ladder import all_effects
from reanalysis.locks import lock
from reanalysis.models.pooling import Pooled, pool
from reanalysis.models.sensitivity import sensitivity
from reanalysis.new import SKELETON
from reanalysis.results.build import Build
from reanalysis.results.rows import Effect, Variant, WorkItem
from reanalysis.schema.config import Config, parse_config
from reanalysis.schema.evidence import Evidence
from reanalysis.synthesis.answers import answers
from reanalysis.synthesis.worklist import list_work
from tests.project import EXAMPLE, RAW, RECALL, ROOT, change_text, copy_project, copy_raw, keep, snakemake


def pytest_collection_modifyitems(items):
    """What rests on a whole run is slow: `pytest -m "not slow"` leaves it out.

    Its files begin first, so that the processes that share the files of the tests end together.
    """
    for item in items:
        if {"built", "example", "two"} & {*item.fixturenames}:
            item.add_marker("slow")
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_xdist_auto_num_workers() -> int:
    """Processes for `--numprocesses auto`: all cores, also virtual ones, as far as the memory of most machines goes."""
    return min(os.cpu_count(), 6)


def pytest_collection_finish():
    """What is loaded by now stays: the collector of garbage need not go through it again and again."""
    gc.freeze()


@pytest.fixture
def raw(tmp_path) -> Path:
    """A copy of the raw data, to damage."""
    return copy_raw(tmp_path)


@pytest.fixture(scope="session")
def few(tmp_path_factory) -> Path:
    """The raw data of three domains, which are checked several times as fast."""
    raw = copy_raw(tmp_path_factory.mktemp("few"))
    keep(raw, ["early-stress", "emotion-recognition", "mother-child"])
    return raw


@pytest.fixture(scope="session")
def config() -> Config:
    """The configuration of the project."""
    return parse_config(yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def made_up() -> Build:
    """A new review, whose made-up data have every statistic, with all its tables; computed in memory."""
    evidence, config = load(SKELETON / "data/raw"), read_config(SKELETON / "config/config.yaml")
    return build_of(evidence, config, RECALL.__self__, folder=SKELETON)


@pytest.fixture(scope="session")
def evidence() -> Evidence:
    """The evidence of the project."""
    return load(RAW)


@pytest.fixture(scope="session")
def effects(evidence, config) -> list[Effect]:
    """All codings of all domains on their rungs."""
    return all_effects(evidence, config.effects, config.models.level)


@pytest.fixture(scope="session")
def pooled(effects, config) -> Pooled:
    """The units and models of all cells."""
    return pool(effects, config.models, RECALL)


@pytest.fixture(scope="session")
def variants(evidence, config) -> list[Variant]:
    """The models of all cells under every alternative."""
    return sensitivity(evidence, config, RECALL)


@pytest.fixture(scope="session")
def work(evidence, effects, pooled, config) -> list[WorkItem]:
    """The work list of the project."""
    told = answers(evidence, effects, pooled.models, config)
    return list_work(evidence, effects, pooled.units, pooled.models, told, config, RECALL)


@pytest.fixture(scope="session")
def main(effects) -> list[Effect]:
    """Those that enter the main analysis."""
    return [effect for effect in effects if effect.use == "main"]


def once(tmp_path_factory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that all processes of the tests share, made by the first that asks for it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with lock(folder.with_suffix(".lock"), exclusive=True):
        if not folder.with_suffix(".made").exists():
            make(folder)
            folder.with_suffix(".made").touch()
    return folder


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> Path:
    """A copy of the project in which the whole pipeline has run once; tests only read it."""
    return once(tmp_path_factory, "built", run_whole)


def run_whole(project: Path) -> None:
    """Run the pipeline in a copy of the project; in a folder beside it the jobs note what they read."""
    copy_project(project)
    reads = project.with_name("reads")
    reads.mkdir()
    path = os.pathsep.join([str(project / "src"), str(ROOT / "tests/workflow/recorder")])
    run = snakemake(project, PYTHONPATH=path, RECORD_READS=str(reads), REANALYSIS_SERVER="")
    assert run.returncode == 0, run.stdout


@pytest.fixture(scope="session")
def reads(built) -> Path:
    """Folder in which the jobs of `built` noted what they read."""
    return built.with_name("reads")


@pytest.fixture(scope="session")
def example(tmp_path_factory) -> Path:
    """The second review in a copy of the project, after a run that draws its figures in one format."""
    return once(tmp_path_factory, "example", run_second) / "examples" / EXAMPLE.name


def run_second(project: Path) -> None:
    """Run the pipeline on the second review in a copy of the project."""
    copy_project(project)
    folder = project / "examples" / EXAMPLE.name
    for part in ("config", "data"):
        shutil.copytree(EXAMPLE / part, folder / part)
    change_text(folder / "config/config.yaml", lambda text: text.replace("[svg, pdf, png]", "[svg]"))
    run = snakemake(project, "--directory", str(folder))
    assert run.returncode == 0, run.stdout
    assert f"The report is examples/{EXAMPLE.name}/results/report.html" in run.stdout


@pytest.fixture
def rebuilt(built, tmp_path) -> Path:
    """A copy of the finished run, results and the memory of Snakemake included, to change and run again."""
    return Path(shutil.copytree(built, tmp_path / "project"))


@pytest.fixture(scope="session")
def two(tmp_path_factory) -> Path:
    """A copy of the project with two domains, in which the whole pipeline has run once."""
    return once(tmp_path_factory, "two", run_two)


def run_two(project: Path) -> None:
    """Run the pipeline in a copy of the project that has two domains."""
    copy_project(project)
    keep(project / "data/raw", ["compassion", "cardiac"])
    change_text(project / "config/config.yaml", lambda text: text.replace("[svg, pdf, png]", "[svg, pdf]"))
    run = snakemake(project)
    assert run.returncode == 0, run.stdout


@pytest.fixture
def small(two, tmp_path) -> Path:
    """A copy of it, to change."""
    return Path(shutil.copytree(two, tmp_path / "small"))
