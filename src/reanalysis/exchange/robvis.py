"""Risk of bias for robvis: a file for each tool, to draw as it is or to fill in.

Columns and words are those of robvis 0.3.0 (McGuinness & Higgins 2021, Research Synthesis Methods 12, 55): `Study`, one
column for each domain of the tool, `Overall`. What nobody has judged is empty.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING

from reanalysis.exchange.csv_text import csv_text
from reanalysis.exchange.studies import study_names
from reanalysis.figures.forest_table import OVERALL
from reanalysis.schema.vocabulary import RANDOMISED
from reanalysis.text import capital

if TYPE_CHECKING:
    from reanalysis.exchange import Files
    from reanalysis.results.build import Build
    from reanalysis.schema.raw import Appraisal

ROB2 = "ROB2"
TEMPLATES = {ROB2: 5, "ROBINS-I": 7, "ROBINS-E": 7, "QUADAS-2": 4, "QUIPS": 6}
"""The tools that robvis has a template for, by its name for them, and how many domains each has."""
LEVELS = {"low": "Low", "some": "Some concerns", "high": "High", "unclear": "No information"}


def files(build: Build) -> Files:
    """A file for each tool by which samples were judged, and the template of RoB 2 with the randomised samples.

    What robvis has no template for is written for its `Generic` one, as far as it was given a level; a score alone is
    no judgement that it could draw.
    """
    names, judged = study_names(build.evidence), _by_tool(build.evidence.appraisals.values())
    judged.setdefault(ROB2, [])
    made = {}
    for tool, appraisals in judged.items():
        template = _template(tool)
        placed = [one for one in appraisals if _place(one.item) in template]
        levelled = [one for one in appraisals if one not in placed and one.level]
        if template:
            more = _randomised(build) if tool == ROB2 else set()
            words = {(one.sample_id, _place(one.item)): capital(one.judgement) for one in placed}
            made[f"{tool}.csv"] = _table(names, more, template, words)
        if levelled:
            words = {(one.sample_id, _place(one.item)): LEVELS[one.level] for one in levelled}
            items = dict.fromkeys(place for _, place in words if place != "Overall")
            made[f"generic-{_file(tool)}.csv"] = _table(names, set(), (*items, "Overall"), words)
    return made


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


def _file(tool: str) -> str:
    """A tool as part of the name of a file."""
    return re.sub(r"[^\w-]+", "-", tool)


def _template(tool: str) -> tuple[str, ...]:
    """The columns of the tool in robvis; none where it has no template for it."""
    return (*(f"D{n + 1}" for n in range(TEMPLATES[tool])), "Overall") if tool in TEMPLATES else ()


def _randomised(build: Build) -> set[str]:
    return {e.sample_id for e in build.tables["2_effects/ladder.csv"] if e.sample_id and e.design in RANDOMISED}


def _table(names: dict[str, str], more: set[str], columns: tuple[str, ...], words: dict[tuple[str, str], str]) -> str:
    """The samples that were judged, and more of them, in the order of the samples."""
    listed = {sample for sample, _ in words} | more
    rows = (
        {"Study": name, **{column: words.get((sample, column)) for column in columns}}
        for sample, name in names.items()
        if sample in listed
    )
    return csv_text(("Study", *columns), rows)
