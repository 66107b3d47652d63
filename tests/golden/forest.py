"""The data of a reference case as a forest plot, beside those that metafor and meta draw of them (`forest.R`).

`python -m tests.golden.forest docs/images/forest-reanalysis.png` draws it. The case is `18_rma_raudenbush1985`: 19
experiments in which teachers were led to expect more of some pupils (Raudenbush 1984).
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import yaml

from reanalysis.figures.forest import draw_forest
from reanalysis.figures.forest_table import ForestRow, forest_table
from reanalysis.figures.style import save
from reanalysis.ladder.intervals import with_interval
from reanalysis.models.pooling import Pooled, pool
from reanalysis.results.rows import Effect
from reanalysis.schema.config import parse_config
from reanalysis.schema.evidence import Names
from reanalysis.schema.raw import Contrast, Domain, Outcome
from tests.project import ROOT

FOLDER = Path(__file__).parent
CASE = FOLDER / "cases/18_rma_raudenbush1985/input.csv"
DOMAIN = Domain(
    domain="expectancy",
    section="added",
    title="Teacher expectancy and intelligence",
    note="experiments in which teachers were led to expect more of some pupils; data of Raudenbush (1984)",
)
CONTRAST = Contrast(
    contrast="expected_vs_others",
    label="Expected to bloom vs others",
    design="between",
    lower="lower if expected",
    higher="higher if expected",
)
OUTCOME = Outcome(outcome_group="intelligence", label="intelligence", higher_is_better="yes")
NAMES = Names({CONTRAST.contrast: CONTRAST}, {OUTCOME.outcome_group: OUTCOME})


def effects() -> list[Effect]:
    """The studies of the case, as effects of a domain."""
    with CASE.open(encoding="utf-8", newline="") as handle:
        return [with_interval(_effect(row), None, 0.95) for row in csv.DictReader(handle)]


def _effect(row: dict[str, str]) -> Effect:
    name = f"study-{int(row['study']):02d}"
    return Effect(
        domain=DOMAIN.domain,
        contrast=CONTRAST.contrast,
        comparison=CONTRAST.comparison,
        outcome_group=OUTCOME.outcome_group,
        metric="SMD",
        finding_id=name,
        coding="primary",
        label=f"{row['author']} {row['year']}",
        year=int(row["year"]),
        sample_id=name,
        cohort_id=name,
        outcome=f"IQ; known for {row['weeks']} weeks",
        higher_is_better="yes",
        n1i=int(row["n1i"]),
        n2i=int(row["n2i"]),
        rung="exact",
        use="main",
        yi=float(row["yi"]),
        vi=float(row["vi"]),
    )


def pooled() -> Pooled:
    """The models of the configuration of the project on them."""
    config = parse_config(yaml.safe_load((ROOT / "config/config.yaml").read_text(encoding="utf-8")))
    return pool(effects(), config.models)


def table() -> list[ForestRow]:
    """The rows of the figure."""
    found = pooled()
    return forest_table(effects(), found.models, found.units, NAMES)


def reference() -> dict[str, dict]:
    """What metafor and meta answered: their versions, and the numbers of each by name."""
    return json.loads((FOLDER / "forest.json").read_text(encoding="utf-8"))


if __name__ == "__main__":
    save(draw_forest(table(), 180), Path(sys.argv[1]).with_suffix(""), ["png"])
