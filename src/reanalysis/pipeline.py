"""The pipeline as data: every stage with what it reads, what it makes and which choices it takes.

This is the only wiring. `stages` runs it on files, for Snakemake or by itself, and `run` in memory: same tables.
A stage is named like its rule and its log. Files are named as they lie in `results/`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what only some stages need is imported in them, so that each starts quickly
    from reanalysis.results.table import Row
    from reanalysis.schema.config import Config
    from reanalysis.schema.evidence import Evidence

    Tables = dict[str, list[Row]]

NAMES = tuple(f"1_checked/{name}.csv" for name in ("contrasts", "outcomes", "vocabulary"))
DOMAINS = "1_checked/domains.csv"
EVIDENCE = (
    *NAMES,
    DOMAINS,
    *(f"1_checked/{name}.csv" for name in ("reports", "samples", "findings", "retractions", "appraisals")),
)
CLAIMS, FIDELITY, FLOW = (f"1_checked/{name}.csv" for name in ("claims", "fidelity", "flow"))
REVIEW = "1_checked/review.json"
FIGURES = "5_figures"
HEAVY, LIGHT = 500, 4000
"""Findings that are worth a part of a stage, by the work on each of them: docs/cluster.md says how they were found."""
COMPARED = ("2_effects/ladder.csv", "3_models/models.csv", "4_synthesis/answers.csv", "4_synthesis/claims.csv")
"""The tables that two builds are compared by, beside the evidence."""


@dataclass(frozen=True)
class Drawing:
    """A figure to draw: `draw` is a reference, "module:function", to what makes it of these arguments and a width."""

    draw: str
    arguments: tuple


Made = dict[str, Any]
"""What a stage makes, by file: rows of a table, a Drawing (its file without an ending), or text."""


@dataclass(frozen=True)
class Given:
    """What a stage is given: the evidence and the tables that it reads, the choices that it takes, and nothing else.

    `recall` calls a function, or knows its value (`store.Store.recall`).
    """

    evidence: Evidence
    tables: Tables
    config: Config
    recall: Callable

    def __getitem__(self, file: str) -> list:
        return self.tables[file]


@dataclass(frozen=True)
class Stage:
    """One step: the files that it reads and makes, and the sections of the configuration that it takes.

    A folder in `makes` (without an ending) holds as many files as the data ask for. A stage without a function works
    on files alone (`stages`). A stage that works domain by domain, so that it can be done in parts (`jobs`), names in
    `by_domain` the table that it reads which has the domains in their order; `at_once` findings are worth a part.
    """

    name: str
    purpose: str
    reads: tuple[str, ...]
    makes: tuple[str, ...]
    choices: tuple[str, ...]
    function: Callable[[Given], Made] | None = None
    by_domain: str = ""
    at_once: int = HEAVY

    @property
    def alone(self) -> bool:
        """Whether the stage takes all cores: what draws is spread over them, and nothing starts on unsound data."""
        return self.name == "check" or any(file.startswith(FIGURES) for file in self.makes)


CHECK = Stage(
    "check",
    "Check the raw data",
    reads=(),
    makes=("1_checked/problems.csv", "1_checked/checks.csv", CLAIMS, FIDELITY, FLOW),
    choices=(),
)
CHECKED = Stage(
    "checked",
    "Write the evidence as it is used, corrections applied",
    reads=(),
    makes=EVIDENCE,
    choices=(),
)
DESCRIBED = Stage(
    "described",
    "Write what the review says of itself",
    reads=(),
    makes=(REVIEW,),
    choices=(),
)
STAGES: dict[str, Stage] = {one.name: one for one in (CHECK, CHECKED, DESCRIBED)}


def stage(
    *,
    reads: Iterable[str],
    makes: Iterable[str],
    choices: Iterable[str] = (),
    by_domain: str = "",
    at_once: int = HEAVY,
) -> Callable:
    """Declare a function of what is given as a stage; its name and the first line of its docstring are those of it."""

    def declared(function: Callable[[Given], Made]) -> Callable[[Given], Made]:
        purpose = inspect.getdoc(function).partition("\n")[0].rstrip(".")
        parts = map(tuple, (reads, makes, choices))
        STAGES[function.__name__] = Stage(function.__name__, purpose, *parts, function, by_domain, at_once)
        return function

    return declared


# ---------------------------------------------------------------- stages 2 to 4: tables


@stage(
    reads=EVIDENCE,
    makes=["2_effects/ladder.csv", "2_effects/formulas.csv"],
    choices=["effects", "models"],
    by_domain=DOMAINS,
    at_once=LIGHT,
)
def effects(given: Given) -> Made:
    """Place every finding on the evidence ladder."""
    from reanalysis.ladder import all_effects, formulas

    found = all_effects(given.evidence, given.config.effects, given.config.models.level)
    return {"2_effects/ladder.csv": found, "2_effects/formulas.csv": formulas(given.evidence, found)}


@stage(
    reads=["2_effects/ladder.csv"],
    makes=["3_models/models.csv", "3_models/units.csv"],
    choices=["models"],
    by_domain="2_effects/ladder.csv",
    at_once=LIGHT,
)
def models(given: Given) -> Made:
    """Pool every cell as far as its number of samples allows."""
    from reanalysis.models.pooling import pool

    pooled = pool(given["2_effects/ladder.csv"], given.config.models, given.recall)
    return {"3_models/models.csv": pooled.models, "3_models/units.csv": pooled.units}


@stage(
    reads=[*EVIDENCE, REVIEW, "2_effects/ladder.csv", "3_models/models.csv", "3_models/units.csv"],
    makes=[f"3_models/{name}.csv" for name in ("sensitivity", "power", "across_designs", "subgroups", "moderators")]
    + [f"3_models/{name}.csv" for name in ("leave_one_out", "cumulative", "influence")]
    + [f"3_models/{name}.csv" for name in ("influence_limits", "subsets", "subset_samples", "asymmetry")]
    + ["3_models/funnel_contours.csv"],
    choices=["effects", "models", "sensitivity", "robustness"],
    by_domain=DOMAINS,
)
def robustness(given: Given) -> Made:
    """Ask what every answer rests on: on which samples, and on which choices."""
    from reanalysis.models.designs import across_designs
    from reanalysis.models.moderators import moderators
    from reanalysis.models.power import power
    from reanalysis.models.robustness import robustness
    from reanalysis.models.sensitivity import sensitivity

    config, units, recall = given.config, given["3_models/units.csv"], given.recall
    found = robustness(units, config.models, config.robustness, recall)
    moderated = moderators(given.evidence, config, given.recall)
    return {
        "3_models/sensitivity.csv": sensitivity(given.evidence, config, recall),
        "3_models/power.csv": power(units, given["3_models/models.csv"], config.models, config.effects.alpha, recall),
        "3_models/across_designs.csv": across_designs(
            given["2_effects/ladder.csv"], units, config.models, config.sensitivity.within_r, recall
        ),
        "3_models/subgroups.csv": moderated.subgroups,
        "3_models/moderators.csv": moderated.tests,
        "3_models/leave_one_out.csv": found.left_out,
        "3_models/cumulative.csv": found.cumulative,
        "3_models/influence.csv": found.influence,
        "3_models/influence_limits.csv": found.limits,
        "3_models/subsets.csv": found.subsets,
        "3_models/subset_samples.csv": found.subset_samples,
        "3_models/asymmetry.csv": found.asymmetry,
        "3_models/funnel_contours.csv": found.contours,
    }


@stage(
    reads=[*EVIDENCE, "2_effects/ladder.csv", "3_models/models.csv", "3_models/units.csv"],
    makes=["2_effects/second_opinion.csv"],
    by_domain=DOMAINS,
    at_once=LIGHT,
)
def second_opinion(given: Given) -> Made:
    """Recompute effects and pools with other packages."""
    from reanalysis.models.second_opinion import second_opinion

    rows = second_opinion(
        given.evidence,
        given["2_effects/ladder.csv"],
        given["3_models/units.csv"],
        given["3_models/models.csv"],
        given.recall,
    )
    return {"2_effects/second_opinion.csv": rows}


@stage(
    reads=[*EVIDENCE, REVIEW, "2_effects/ladder.csv", "3_models/models.csv", "3_models/units.csv"],
    makes=[f"4_synthesis/{name}.csv" for name in ("answers", "ladder", "directions", "sample_directions")]
    + [f"4_synthesis/{name}.csv" for name in ("p_values", "combined_p", "swim")],
    choices=["models", "claims"],
    by_domain=DOMAINS,
    at_once=LIGHT,
)
def synthesis(given: Given) -> Made:
    """Answer the questions of the review, and add up what no model can."""
    from reanalysis.synthesis.answers import answers
    from reanalysis.synthesis.combine import combine_p
    from reanalysis.synthesis.directions import count_directions, sample_directions
    from reanalysis.synthesis.ladder import count_rungs
    from reanalysis.synthesis.p_values import p_values
    from reanalysis.synthesis.swim import report_swim

    evidence, effects, config = given.evidence, given["2_effects/ladder.csv"], given.config.models
    names = evidence.names
    directions, combined = count_directions(effects, names, config.level), combine_p(evidence, effects, config.rho)
    return {
        "4_synthesis/answers.csv": answers(evidence, effects, given["3_models/models.csv"], given.config),
        "4_synthesis/ladder.csv": count_rungs(evidence, effects),
        "4_synthesis/directions.csv": directions,
        "4_synthesis/sample_directions.csv": sample_directions(effects),
        "4_synthesis/p_values.csv": p_values(evidence, effects),
        "4_synthesis/combined_p.csv": combined,
        "4_synthesis/swim.csv": report_swim(evidence, effects, directions, combined, given["3_models/models.csv"]),
    }


@stage(
    reads=[*EVIDENCE, CLAIMS, FIDELITY, FLOW, REVIEW, "2_effects/ladder.csv"]
    + [f"3_models/{name}.csv" for name in ("models", "units", "sensitivity", "subgroups")]
    + ["4_synthesis/answers.csv"],
    makes=[f"4_synthesis/{name}.csv" for name in ("claims", "claim_parts", "reproduced", "omissions", "conclusions")]
    + [f"4_synthesis/{name}.csv" for name in ("certainty", "worklist")],
    choices=["effects", "models", "claims", "sensitivity"],
)
def claims(given: Given) -> Made:
    """Judge every claim, say what the certainty of each answer rests on, and list what is missing by its worth."""
    from reanalysis.claims import Material, conclusions, ledger, omissions, reproductions
    from reanalysis.synthesis.certainty import certainty
    from reanalysis.synthesis.worklist import list_work

    work = list_work(
        given.evidence,
        given["2_effects/ladder.csv"],
        given["3_models/units.csv"],
        given["3_models/models.csv"],
        given["4_synthesis/answers.csv"],
        given.config,
        given.recall,
    )
    material = Material(
        evidence=given.evidence,
        effects=given["2_effects/ladder.csv"],
        models=given["3_models/models.csv"],
        variants=given["3_models/sensitivity.csv"],
        work=work,
        config=given.config,
        subgroups=given["3_models/subgroups.csv"],
        recall=given.recall,
    )
    verdicts, parts = ledger(material)
    return {
        "4_synthesis/claims.csv": verdicts,
        "4_synthesis/claim_parts.csv": parts,
        "4_synthesis/reproduced.csv": reproductions(material),
        "4_synthesis/omissions.csv": omissions(material),
        "4_synthesis/conclusions.csv": conclusions(verdicts, given.evidence),
        "4_synthesis/certainty.csv": certainty(
            given.evidence,
            material.effects,
            given["3_models/units.csv"],
            material.models,
            material.variants,
            given.config,
        ),
        "4_synthesis/worklist.csv": work,
    }


@stage(
    reads=EVIDENCE,
    makes=[f"3_models/{name}.csv" for name in ("multiverse", "vibration", "fork_shares")],
    choices=["effects", "models", "multiverse"],
    by_domain=DOMAINS,
)
def multiverse(given: Given) -> Made:
    """Take every combination of choices, and see what becomes of each answer."""
    from reanalysis.multiverse import multiverse

    found = multiverse(given.evidence, given.config, given.recall)
    return {
        "3_models/multiverse.csv": found.results,
        "3_models/vibration.csv": found.vibrations,
        "3_models/fork_shares.csv": found.shares,
    }


@stage(
    reads=["3_models/fork_shares.csv"],
    makes=["3_models/forks.csv"],
    choices=["effects", "models", "multiverse"],
)
def forks(given: Given) -> Made:
    """Say which choices there are, and which of them matter."""
    from reanalysis.multiverse.summary import fork_rows

    return {"3_models/forks.csv": fork_rows(given.config, given["3_models/fork_shares.csv"])}


@stage(
    reads=[*EVIDENCE, CLAIMS, "2_effects/ladder.csv", "3_models/multiverse.csv", "4_synthesis/claims.csv"],
    makes=["4_synthesis/claim_universes.csv"],
    choices=["effects", "models", "claims", "multiverse"],
)
def claim_universes(given: Given) -> Made:
    """Judge every claim under each combination of choices."""
    from reanalysis.claims.universes import claim_universes

    ladder, ledger = given["2_effects/ladder.csv"], given["4_synthesis/claims.csv"]
    # what the results of the multiverse rest on is recalled from the stage that has computed it
    rows = claim_universes(given.evidence, ladder, ledger, given.config, given.recall)
    return {"4_synthesis/claim_universes.csv": rows}


# ---------------------------------------------------------------- stage 5: figures, each with its table


@stage(
    reads=[*NAMES, DOMAINS, "1_checked/appraisals.csv", REVIEW]
    + ["2_effects/ladder.csv", "3_models/models.csv", "3_models/units.csv"],
    makes=["5_figures/forest"],
    choices=["figures"],
    by_domain=DOMAINS,
)
def forests(given: Given) -> Made:
    """Draw the forest plot of every domain in which some effect has a size."""
    from reanalysis.figures.forest_table import domain_tables, has_size

    tables = ("2_effects/ladder.csv", "3_models/models.csv", "3_models/units.csv")
    made: Made = {}
    for name, rows in domain_tables(given.evidence, *(given[table] for table in tables)).items():
        made[f"5_figures/forest/{name}.csv"] = rows
        if has_size(rows):
            made[f"5_figures/forest/{name}"] = Drawing("reanalysis.figures.forest:draw_forest", (rows,))
    return made


@stage(
    reads=[*NAMES, *(f"1_checked/{name}.csv" for name in ("domains", "reports", "appraisals")), FLOW, REVIEW]
    + ["2_effects/ladder.csv", *(f"3_models/{name}.csv" for name in ("models", "units", "subgroups", "moderators"))]
    + [f"4_synthesis/{name}.csv" for name in ("answers", "directions", "sample_directions")],
    makes=["5_figures/overview", "5_figures/panels"],
    choices=["figures"],
)
def figures(given: Given) -> Made:
    """Draw the figures of the whole review."""
    from reanalysis.figures.overviews import overviews

    made: Made = {}
    for file, rows, draw, arguments in overviews(given.evidence, given.tables):
        made |= {f"5_figures/{file}.csv": rows} if rows else {}
        made[f"5_figures/{file}"] = Drawing(draw, arguments)
    return made


@stage(
    reads=[*NAMES, *(f"3_models/{name}.csv" for name in ("models", "units", "sensitivity", "leave_one_out"))]
    + [f"3_models/{name}.csv" for name in ("cumulative", "subgroups", "moderators")]
    + [f"3_models/{name}.csv" for name in ("influence", "influence_limits", "subsets", "subset_samples")]
    + ["3_models/asymmetry.csv", "3_models/funnel_contours.csv"]
    + [f"3_models/{name}.csv" for name in ("forks", "multiverse", "fork_shares", "vibration")],
    makes=["5_figures/cells.csv", "5_figures/cells"],
    choices=["figures"],
    by_domain="3_models/models.csv",
)
def cell_figures(given: Given) -> Made:
    """Draw what the answer of every cell rests on."""
    from reanalysis.figures.cells import DRAW, Stored, cell_figures

    renamed = {"left_out": "leave_one_out", "variants": "sensitivity", "limits": "influence_limits"}
    renamed |= {"contours": "funnel_contours", "universes": "multiverse"}
    renamed |= {"shares": "fork_shares", "vibrations": "vibration"}
    names = (field.name for field in fields(Stored))
    stored = Stored(**{name: given[f"3_models/{renamed.get(name, name)}.csv"] for name in names})
    made: Made = {"5_figures/cells.csv": []}
    for row, rows in cell_figures(given["3_models/models.csv"], stored, given.evidence.names):
        made["5_figures/cells.csv"].append(row)
        made[f"5_figures/{row.file}.csv"] = rows
        made[f"5_figures/{row.file}"] = Drawing(DRAW[row.plot], (rows,))
    return made


# ---------------------------------------------------------------- the page, and the proof of what made it

CHANGES = Stage(
    "changes",
    "Say what has changed since the previous build",
    (*EVIDENCE, CLAIMS, FIDELITY, FLOW, REVIEW, *COMPARED),
    ("4_synthesis/changes.csv",),
    ("effects", "models", "claims", "sensitivity", "multiverse", "robustness"),
)
STAGES[CHANGES.name] = CHANGES


def _made(stages: Iterable[Stage]) -> tuple[str, ...]:
    return tuple(file for one in stages for file in one.makes)


ALL_CHOICES = ("effects", "models", "claims", "sensitivity", "multiverse", "robustness", "figures")
REPORT = Stage("report", "Write the report", _made(STAGES.values()), ("report.html", "report"), ALL_CHOICES)
MANIFEST = Stage("manifest", "Write the manifest", (*REPORT.reads, *REPORT.makes), ("manifest.json",), ALL_CHOICES)
STAGES |= {one.name: one for one in (REPORT, MANIFEST)}


# ---------------------------------------------------------------- the whole


def resting_on(names: Iterable[str]) -> list[str]:
    """These stages and all that rest on them, in their order."""
    found, made = [], set()
    for name, one in STAGES.items():
        if name in names or made & {*one.reads}:
            found.append(name)
            made |= {*one.makes}
    return found


def before(stage: Stage) -> list[str]:
    """The stages that make what a stage reads: what these have computed it may recall."""
    return [name for name, one in STAGES.items() if {*one.makes} & {*stage.reads}]


def run(
    evidence: Evidence, config: Config, recall: Callable | None = None, wanted: Iterable[str] | None = None
) -> Tables:
    """All tables of a review from its checked evidence, by file, without touching the disk; nothing is drawn.

    `recall` is that of a store which knows what was computed before (`store.Store`), such as the run before an edit.
    Where only some tables are `wanted`, stages on which none of them rests are left out.
    """
    from reanalysis.store import Store

    recall = recall or Store().recall
    tables: Tables = {}
    for one in _needed(wanted):
        made = one.function(given(one, evidence, tables, config, recall))
        tables |= {file: content for file, content in made.items() if isinstance(content, list)}
    return tables


def _needed(wanted: Iterable[str] | None) -> list[Stage]:
    """The stages with a function that make these files, or what these rest on, in their order; all for None."""
    known = [one for one in STAGES.values() if one.function]
    if wanted is None:
        return known
    files, needed = set(wanted), []
    for one in reversed(known):
        if files & set(one.makes):
            needed.append(one)
            files |= set(one.reads)
    return needed[::-1]


def given(one: Stage, evidence: Evidence, tables: Mapping[str, list], config: Config, recall: Callable) -> Given:
    """What a stage is given, of all that is known: what it does not declare is not there."""
    from reanalysis.schema.config import partial

    parts = (part.name for part in fields(evidence) if part.name != "review")
    hidden = {part: {} for part in parts if f"1_checked/{part}.csv" not in one.reads}
    hidden |= {} if REVIEW in one.reads else {"review": None}
    own = {file: tables[file] for file in one.reads if not file.startswith("1_checked/")}
    sections = partial({name: getattr(config, name).model_dump() for name in one.choices})
    return Given(replace(evidence, **hidden), own, sections, recall)
