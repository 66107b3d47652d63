"""The figures of the whole review: the table of each, and a reference to what draws it of which arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reanalysis.figures.effect_direction_table import effect_direction_table, is_drawn
from reanalysis.figures.forest_table import directions_table, domain_tables, panel_table, summary_table
from reanalysis.figures.orchard_table import orchard_table
from reanalysis.figures.progress_table import progress_table, says_more
from reanalysis.figures.votes_table import votes_table
from reanalysis.results.table import Row
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import FlowCount
from reanalysis.schema.review import Panel

# What draws each figure, written out: the code of a stage is found by these names.
DRAW = {
    "flow": "reanalysis.figures.flow:draw_flow",
    "progress": "reanalysis.figures.flow:draw_progress",
    "effect_direction": "reanalysis.figures.effect_direction:draw_effect_direction",
    "directions": "reanalysis.figures.forest:draw_forest",
    "summary": "reanalysis.figures.forest:draw_forest",
    "orchard": "reanalysis.figures.orchard:draw_orchard",
    "studies": "reanalysis.figures.forest:draw_forest",
    "signs": "reanalysis.figures.forest:draw_forest",
    "votes": "reanalysis.figures.votes:draw_votes",
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
    effects, names, judged = stored["2_effects/ladder.csv"], evidence.names, list(evidence.appraisals.values())
    models, units = stored["3_models/models.csv"], stored["3_models/units.csv"]
    if _flow_is_known(evidence.flow.values()):
        yield Drawn("overview/flow", [], DRAW["flow"], (evidence.flow,))
    if says_more(effects):
        progress = progress_table(evidence, effects, units)
        yield Drawn("overview/progress", progress, DRAW["progress"], (progress,))
    of_domains = domain_tables(evidence, effects, models, units)
    tables = {
        "directions": directions_table(of_domains.values(), evidence.domains),
        "summary": summary_table(stored["4_synthesis/answers.csv"], models, units, names),
        "orchard": orchard_table(models, units, names),
    }
    for name, rows in tables.items():
        if rows:
            yield Drawn(f"overview/{name}", rows, DRAW[name], (rows,))
    samples, tests = stored["4_synthesis/sample_directions.csv"], stored["4_synthesis/directions.csv"]
    pointing = effect_direction_table(samples, tests, effects, evidence.domains.values(), names, judged)
    for question, rows in pointing.items():
        if not is_drawn(rows):
            continue
        yield Drawn(direction_file(question), rows, DRAW["effect_direction"], (rows, tuple(evidence.domains)))
    for panel in evidence.review.panels:
        rows = _panel(panel, evidence, stored)
        if rows:
            arguments = (rows, panel) if panel.kind == "votes" else (rows,)
            yield Drawn(panel_file(panel), rows, DRAW[panel.kind], arguments)


def _flow_is_known(counts: Iterable[FlowCount]) -> bool:
    """Whether the flow of the reviewed work has boxes, and no more of them unknown than known."""
    drawn = [count for count in counts if count.place != "table"]
    return bool(drawn) and 2 * sum(count.status in ("not_reported", "not_read") for count in drawn) <= len(drawn)


def panel_file(panel: Panel) -> str:
    """File of a panel in `5_figures/`, without an ending."""
    return f"panels/{panel.name}--{panel.kind}"


def direction_file(question: str) -> str:
    """File of the effect direction plot of a question in `5_figures/`, without an ending."""
    return f"overview/{question}--effect_direction"


def _panel(panel: Panel, evidence: Evidence, stored: Stored) -> list[Row]:
    effects, names = stored["2_effects/ladder.csv"], evidence.names
    models, units = stored["3_models/models.csv"], stored["3_models/units.csv"]
    if panel.kind == "votes":
        directions = stored["4_synthesis/sample_directions.csv"]
        return votes_table(directions, effects, models, evidence.domains.values(), panel, names)
    compared = stored["3_models/subgroups.csv"], stored["3_models/moderators.csv"]
    return panel_table(panel, effects, models, units, names, list(evidence.appraisals.values()), *compared)
