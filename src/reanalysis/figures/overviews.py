"""The figures of the whole review: the table of each, and a reference to what draws it of which arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from reanalysis.figures.albatross_table import albatross_table
from reanalysis.figures.effect_direction_table import effect_direction_table
from reanalysis.figures.evidence_map_table import evidence_map_table
from reanalysis.figures.ledger_table import ledger_table
from reanalysis.figures.multiverse_table import multiverse_table
from reanalysis.figures.reports_table import reports_table
from reanalysis.figures.signs_table import signs_table
from reanalysis.figures.studies_table import studies_table
from reanalysis.figures.summary_forest_table import summary_forest_table
from reanalysis.figures.votes_table import votes_table
from reanalysis.results.table import Row
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.review import Panel

# What draws each figure, written out: the code of a stage is found by these names.
DRAW = {
    "flow": "reanalysis.figures.flow:draw_flow",
    "effect_direction": "reanalysis.figures.effect_direction:draw_effect_direction",
    "albatross": "reanalysis.figures.albatross:draw_albatross",
    "reports": "reanalysis.figures.reports:draw_reports",
    "multiverse": "reanalysis.figures.multiverse:draw_multiverse",
    "ledger": "reanalysis.figures.ledger:draw_ledger",
    "evidence_map": "reanalysis.figures.evidence_map:draw_evidence_map",
    "summary_forest": "reanalysis.figures.summary_forest:draw_summary_forest",
    "studies": "reanalysis.figures.studies:draw_studies",
    "votes": "reanalysis.figures.votes:draw_votes",
    "signs": "reanalysis.figures.signs:draw_signs",
}
Stored = Mapping[str, list[Row]]


class Drawn(NamedTuple):
    """A figure: its file in `5_figures/` without an ending, its table, what draws it, and of which arguments."""

    file: str
    rows: list[Row]
    draw: str
    arguments: tuple


def overviews(evidence: Evidence, stored: Stored) -> Iterator[Drawn]:
    """The figures of the whole review that have something to show; `stored` are the tables of stages 2 to 4 by file."""
    domains, effects, names = evidence.domains.values(), stored["2_effects/ladder.csv"], evidence.names
    models, directions = stored["3_models/models.csv"], stored["4_synthesis/sample_directions.csv"]
    p_values, contours = stored["4_synthesis/p_values.csv"], stored["4_synthesis/p_contours.csv"]
    tables = {
        "effect_direction": effect_direction_table(directions, names),
        "albatross": albatross_table(p_values, contours, names),
        "reports": reports_table(evidence.table),
        "multiverse": multiverse_table(stored["3_models/sensitivity.csv"], domains, names),
        "ledger": ledger_table(stored["4_synthesis/claims.csv"], stored["4_synthesis/conclusions.csv"]),
        "evidence_map": evidence_map_table(stored["4_synthesis/ladder.csv"], effects, domains, names),
        "summary_forest": summary_forest_table(models, stored["3_models/units.csv"], domains, names),
    }
    more = {"effect_direction": (evidence.domains,), "reports": (evidence.review.whole_table,)}
    if any(count.place != "table" for count in evidence.flow.values()):
        yield Drawn("overview/flow", [], DRAW["flow"], (evidence.flow,))
    for name, rows in tables.items():
        if rows:
            yield Drawn(f"overview/{name}", rows, DRAW[name], (rows, *more.get(name, ())))
    for panel in evidence.review.panels:
        rows, *others = _panel(panel, evidence, stored)
        if rows:
            yield Drawn(panel_file(panel), rows, DRAW[panel.kind], (rows, panel, *others))


def panel_file(panel: Panel) -> str:
    """File of a panel in `5_figures/`, without an ending."""
    return f"panels/{panel.name}--{panel.kind}"


def _panel(panel: Panel, evidence: Evidence, stored: Stored) -> tuple:
    """The table of a panel, and what it is drawn of besides."""
    effects, names = stored["2_effects/ladder.csv"], evidence.names
    match panel.kind:
        case "studies":
            rows = studies_table(effects, stored["3_models/models.csv"], panel, names)
            return (rows, *(names.contrasts[row.contrast] for row in rows[:1]))
        case "votes":
            directions = stored["4_synthesis/sample_directions.csv"]
            return (votes_table(directions, evidence.domains.values(), panel, names),)
        case "signs":
            return (signs_table(effects, panel, names),)
    raise ValueError(f"unknown kind of panel: {panel.kind}")
