"""The table behind an effect direction plot: what each sample says of each outcome.

Arrows and the 70 percent rule: Boon & Thomson 2021, Research Synthesis Methods 12, 29.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from reanalysis.exchange.csv_text import csv_text
from reanalysis.exchange.studies import study_names
from reanalysis.figures.effect_direction_table import effect_direction_table

if TYPE_CHECKING:
    from reanalysis.exchange import Files
    from reanalysis.results.build import Build

ARROWS = {"up": "▲", "down": "▼", "mixed": "◄►"}
WHICH = ("domain", "contrast", "outcome_group", "outcome_label", "sample_id")
SAID = ("sense", "verdict", "arrow", "symbol", "up", "down", "silent", "findings", "n", "rung")
JUDGED = ("appraisal_tool", "appraisal", "appraisal_level", "finding_ids")
COLUMNS = ("study", *WHICH, *SAID, *JUDGED)


def files(build: Build) -> Files:
    """`effect_direction.csv`: a row for each sample and outcome of the main analysis, by contrast and study."""
    evidence, tables = build.evidence, build.tables
    drawn = effect_direction_table(
        tables["4_synthesis/sample_directions.csv"],
        tables["4_synthesis/directions.csv"],
        tables["2_effects/ladder.csv"],
        evidence.domains.values(),
        evidence.names,
        evidence.appraisals.values(),
    )
    names = study_names(evidence)
    rows = (
        {"study": names[mark.sample_id], **mark.by_column(), "arrow": ARROWS.get(mark.verdict)}
        for marks in drawn.values()
        for mark in marks
    )
    return {"effect_direction.csv": csv_text(COLUMNS, rows)}
