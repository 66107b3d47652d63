"""The figures of the whole review: the table of each, and a reference to what draws it of which arguments."""

from __future__ import annotations

from collections.abc import Mapping

from reanalysis.figures.albatross_table import albatross_table
from reanalysis.figures.effect_direction_table import effect_direction_table
from reanalysis.figures.evidence_map_table import evidence_map_table
from reanalysis.figures.genes_table import genes_table
from reanalysis.figures.ledger_table import ledger_table
from reanalysis.figures.levels_table import levels_table
from reanalysis.figures.multiverse_table import multiverse_table
from reanalysis.figures.summary_forest_table import summary_forest_table
from reanalysis.figures.table1_table import table1_table
from reanalysis.figures.treatment_table import treatment_table
from reanalysis.results.table import Row
from reanalysis.schema.evidence import Evidence

# What draws each figure, written out: the code of a stage is found by these names.
DRAW = {
    "flow": "reanalysis.figures.flow:draw_flow",
    "effect_direction": "reanalysis.figures.effect_direction:draw_effect_direction",
    "albatross": "reanalysis.figures.albatross:draw_albatross",
    "table1": "reanalysis.figures.table1:draw_table1",
    "multiverse": "reanalysis.figures.multiverse:draw_multiverse",
    "ledger": "reanalysis.figures.ledger:draw_ledger",
    "evidence_map": "reanalysis.figures.evidence_map:draw_evidence_map",
    "summary_forest": "reanalysis.figures.summary_forest:draw_summary_forest",
    "treatment": "reanalysis.figures.treatment:draw_treatment",
    "levels": "reanalysis.figures.levels:draw_levels",
    "genes": "reanalysis.figures.genes:draw_genes",
}


def overviews(evidence: Evidence, stored: Mapping[str, list[Row]]) -> dict[str, tuple[list[Row], str, tuple]]:
    """By the name of each figure: its rows, what draws it ("module:function"), and the arguments of that.

    `stored` are the tables of stages 2 to 4 by file.
    """
    domains, effects = evidence.domains.values(), stored["2_effects/ladder.csv"]
    models, directions = stored["3_models/models.csv"], stored["4_synthesis/sample_directions.csv"]
    tables = {
        "effect_direction": effect_direction_table(directions),
        "albatross": albatross_table(stored["4_synthesis/p_values.csv"], stored["4_synthesis/p_contours.csv"]),
        "table1": table1_table(evidence.reports.values()),
        "multiverse": multiverse_table(stored["3_models/sensitivity.csv"], domains),
        "ledger": ledger_table(stored["4_synthesis/claims.csv"], stored["4_synthesis/conclusions.csv"]),
        "evidence_map": evidence_map_table(stored["4_synthesis/ladder.csv"], effects, domains),
        "summary_forest": summary_forest_table(models, stored["3_models/units.csv"], domains),
        "treatment": treatment_table(directions, domains),
        "levels": levels_table(effects, models),
        "genes": genes_table(effects),
    }
    more = {"effect_direction": (evidence.domains,)}
    drawn = {name: (rows, DRAW[name], (rows, *more.get(name, ()))) for name, rows in tables.items()}
    return {"flow": ([], DRAW["flow"], (evidence.flow,)), **drawn}
