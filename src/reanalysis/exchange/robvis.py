"""Risk of bias for robvis: a file for each tool, to draw as it is or to fill in.

Columns and words are those of robvis 0.3.0 (McGuinness & Higgins 2021, Research Synthesis Methods 12, 55): `Study`, one
column for each domain of the tool, `Overall`. What nobody has judged is empty.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reanalysis.exchange.csv_text import csv_text
from reanalysis.exchange.studies import study_names
from reanalysis.text import capital

if TYPE_CHECKING:
    from reanalysis.builds import Build
    from reanalysis.exchange import Files
    from reanalysis.schema.raw import Appraisal

OVERALL = "overall"
ROB2 = "ROB2"
TEMPLATES = {ROB2: 5, "ROBINS-I": 7, "ROBINS-E": 7, "QUADAS-2": 4, "QUIPS": 6}
"""The tools that robvis has a template for, by its name for them, and how many domains each has."""
LEVELS = {"low": "Low", "some": "Some concerns", "high": "High", "unclear": "No information"}
RANDOMISED = ("parallel", "crossover", "crossover_as_groups")


def files(build: Build) -> Files:
    """A file for each tool by which samples were judged, and the template of RoB 2 with the randomised samples.

    The judgements of a tool that robvis has no template for are written for its `Generic` one, as far as they were
    given a level; a score alone is no judgement that it could draw.
    """
    names, judged = study_names(build.evidence), _by_tool(build.evidence.appraisals.values())
    judged.setdefault(ROB2, [])
    made = {}
    for tool, appraisals in judged.items():
        samples = {one.sample_id for one in appraisals}
        if tool == ROB2:
            samples |= _randomised(build)
        studies = {sample: name for sample, name in names.items() if sample in samples}
        if tool in TEMPLATES and all(_place(one.item) in _template(tool) for one in appraisals):
            words = {(one.sample_id, _place(one.item)): capital(one.judgement) for one in appraisals}
            made[f"{tool}.csv"] = _table(studies, _template(tool), words)
        elif any(one.level for one in appraisals):
            words = {(one.sample_id, _place(one.item)): LEVELS.get(one.level) for one in appraisals}
            items = dict.fromkeys(place for _, place in words if place != "Overall")
            made[f"generic-{tool.replace(' ', '-')}.csv"] = _table(studies, (*items, "Overall"), words)
    return {name: text for name, text in made.items() if text}


def _by_tool(appraisals: Iterable[Appraisal]) -> dict[str, list[Appraisal]]:
    """The judgements of samples, by the name of their tool in robvis; the latest of an item comes last and counts."""
    tools = defaultdict(list)
    known = {_plain(tool): tool for tool in TEMPLATES}
    for one in sorted(appraisals, key=lambda one: one.date):
        if one.sample_id:
            tools[known.get(_plain(one.tool), one.tool)].append(one)
    return tools


def _plain(tool: str) -> str:
    return "".join(filter(str.isalnum, tool)).casefold()


def _place(item: str) -> str:
    """The column of an item: `D1` may also be called `domain 1`."""
    plain = item.casefold().replace("domain ", "d")
    return "Overall" if plain == OVERALL else plain.upper() if plain[1:].isdigit() and plain[0] == "d" else item


def _template(tool: str) -> tuple[str, ...]:
    return (*(f"D{n + 1}" for n in range(TEMPLATES[tool])), "Overall")


def _randomised(build: Build) -> set[str]:
    return {e.sample_id for e in build.tables["2_effects/ladder.csv"] if e.sample_id and e.design in RANDOMISED}


def _table(studies: dict[str, str], columns: tuple[str, ...], words: dict[tuple[str, str], str | None]) -> str:
    rows = (
        {"Study": name, **{column: words.get((sample, column)) for column in columns}}
        for sample, name in studies.items()
    )
    return csv_text(("Study", *columns), rows)
