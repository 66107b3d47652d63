"""The figures of the whole review: the table of each, and a reference to what draws it of which arguments."""

from __future__ import annotations

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
from reanalysis.results.rows import ClaimVerdict, Effect, Model, PooledUnit, Variant
from reanalysis.results.table import Row
from reanalysis.schema.evidence import Evidence


def overviews(
    evidence: Evidence,
    effects: list[Effect],
    models: list[Model],
    units: list[PooledUnit],
    variants: list[Variant],
    claims: list[ClaimVerdict],
    level: float,
) -> dict[str, tuple[list[Row], str, tuple]]:
    """By the name of each figure: its rows, what draws it ("module:function"), and the arguments of that."""
    domains = evidence.domains.values()
    tables = {
        "albatross": albatross_table(evidence, effects),
        "table1": table1_table(evidence.reports.values()),
        "multiverse": multiverse_table(variants, domains),
        "ledger": ledger_table(claims, domains),
        "evidence_map": evidence_map_table(effects, domains),
        "summary_forest": summary_forest_table(models, units, domains),
        "treatment": treatment_table(effects, domains),
        "levels": levels_table(effects, models, level),
        "genes": genes_table(effects),
    }
    drawn = {name: (rows, f"reanalysis.figures.{name}:draw_{name}", (rows,)) for name, rows in tables.items()}
    directions = effect_direction_table(effects)
    return {
        "flow": ([], "reanalysis.figures.flow:draw_flow", (evidence.flow,)),
        "effect_direction": (
            directions,
            "reanalysis.figures.effect_direction:draw_effect_direction",
            (directions, evidence.domains),
        ),
        **drawn,
    }
