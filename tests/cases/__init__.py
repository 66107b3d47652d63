"""Small complete reviews that once went wrong: raw data to check, to read, and to run."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.project import copy_project

CASES = Path(__file__).parent


def raw_of(case: str) -> Path:
    """The raw data of a case, to be read only."""
    return CASES / case / "raw"


def project_of(case: str, target: Path) -> Path:
    """A copy of the project whose raw data are those of a case; returns its folder."""
    project = copy_project(target)
    shutil.rmtree(project / "data/raw")
    shutil.copytree(raw_of(case), project / "data/raw")
    return project
