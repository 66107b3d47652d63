"""What the report shows of each domain, gathered from the tables and figures of the run."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reanalysis.figures.forest_models import quoted_first
from reanalysis.figures.forest_table import ForestRow, finding_mark, model_key, model_mark
from reanalysis.report import answers, words
from reanalysis.report.links import Text
from reanalysis.report.svg import Inlined, Mark
from reanalysis.report.tables import Table
from reanalysis.results.rows import Answer, ClaimVerdict, Effect, Model, Refit, Variant, WorkItem
from reanalysis.schema import vocabulary as v
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Appraisal, Claim, Domain, Report
from reanalysis.text import capital, count, listed

LEFT_OUT = "sample left out"
POINTING = {1: "up", -1: "down", 0: "none"}


@dataclass(frozen=True)
class Cell:
    """A cell of the evidence map: the findings of a domain and contrast, and which way they point."""

    units: list[tuple[str, str]]  # rung and sign (up, down, none) of each finding of the main analysis
    ways: dict[str, int]  # how many are better or worse for the person, or higher or lower where that is not known
    samples: int

    @property
    def in_words(self) -> str:
        """The cell for those who cannot see it."""
        found = Counter(rung for rung, _ in self.units)
        counts = listed(v.reported(rung, found[rung]) for rung in v.RUNGS if found[rung])
        samples = count(self.samples, "sample")
        return "; ".join([counts, *(f"{n} {way}" for way, n in self.ways.items()), samples])


@dataclass(frozen=True)
class Alternative:
    """A stored result of a cell under another choice: a sample left out, another coding, another reading."""

    kind: str
    label: str
    name: str  # unique within its model and kind
    k: int
    est: float | None
    ci_lb: float | None
    ci_ub: float | None


@dataclass(frozen=True)
class WhatIf:
    """A model, and what the pipeline stored of it under every alternative, by kind.

    `absent` are the samples of its question that are not in it, with the reason: to exclude them changes nothing.
    """

    model: Model
    kinds: dict[str, list[Alternative]]
    absent: dict[str, str]

    @property
    def tells(self) -> bool:
        """Whether any alternative has an estimate, or an interval that ends."""
        rows = [row for kind in self.kinds.values() for row in kind]
        return any(row.est is not None or row.ci_lb > -math.inf or row.ci_ub < math.inf for row in rows)


@dataclass(frozen=True)
class Page:
    """A domain of the report."""

    domain: Domain
    answers: list[Answer]
    lead: tuple[list[answers.Line], str]
    effects: list[Effect]
    forest: list[ForestRow]
    models: list[Model]
    what_if: list[WhatIf]
    claims: list[Claim]
    verdicts: Counter  # of these claims
    work: list[WorkItem]
    swim: list[tuple[str, str]]
    drawing: Inlined | None  # its forest plot
    figure_words: str
    reports: list[Report]

    @property
    def name(self) -> str:
        return self.domain.domain

    @property
    def gist(self) -> str:
        """What is known of the topic, in a line."""
        if not self.answers:
            return "No result." if not self.effects else "No included result."
        first, *others = sorted(self.answers, key=answers.weight)
        return f"{first.statement} {count(len(others), 'more outcome')}." if others else first.statement

    @property
    def verdict_counts(self) -> Text:
        return words.verdicts_counted(self.verdicts, " on this topic", about=self.name, kind="empirical")

    @property
    def rungs(self) -> Counter:
        return words.rungs(self.effects)

    @property
    def excluded(self) -> int:
        return sum(effect.use == "excluded" for effect in self.effects)


def marks_of(
    effects: list[Effect], forest: list[ForestRow], models: list[Model], names: Names
) -> dict[tuple[str, str], Mark]:
    """What each mark stands for, by domain and id: findings of the ladder and models, with what the figure prints."""
    printed = {(row.domain, row.mark_id): row for row in forest if row.mark_id}
    marks = {}
    for effect in effects:
        row = printed[effect.domain, finding_mark(effect)]
        result = f"{effect.label}, {effect.outcome}: {row.effect}, {v.REPORTING[effect.rung]}"
        marks[effect.domain, row.mark_id] = Mark(row.mark_id, result)
    for model in models:
        result = f"{capital(model.model)}, {names.question(model)}: {words.estimate(model)}"
        marks[model.domain, model_mark(model)] = Mark(model_key(model), result)
    return marks


def evidence_map(evidence: Evidence, effects: list[Effect]) -> tuple[list[str], dict[str, dict[str, Cell]]]:
    """The contrasts that occur, and the cells of each domain by contrast."""
    groups: dict[tuple[str, str], list[Effect]] = defaultdict(list)
    for effect in effects:
        if effect.use == "main":
            groups[effect.domain, effect.contrast].append(effect)
    contrasts = evidence.names.of(contrast for _, contrast in groups)
    cells: dict[str, dict[str, Cell]] = {domain: {} for domain in evidence.domains}
    for (domain, contrast), members in groups.items():
        members.sort(key=lambda effect: list(v.RUNGS).index(effect.rung))
        units = [(effect.rung, POINTING[effect.sign]) for effect in members]
        ways = Counter(_way(effect) for effect in members if effect.sign)
        told = {way: ways[way] for way in WAYS if ways[way]}
        cells[domain][contrast] = Cell(units, told, len({effect.cohort_id for effect in members}))
    return contrasts, cells


WAYS = ("better", "worse", "higher", "lower")


def _way(effect: Effect) -> str:
    """Which way an effect with a sign points: for the person where that is known."""
    if effect.good_sign:
        return WAYS[effect.sign != effect.good_sign]
    return WAYS[2 if effect.sign > 0 else 3]


def what_if(
    models: list[Model], left_out: list[Refit], variants: list[Variant], effects: Iterable[Effect] = ()
) -> list[WhatIf]:
    """Models of several samples with the results that the pipeline stored for them under other choices.

    Of an outcome the model comes first that its answer quotes.
    """
    effects = list(effects)
    found: dict[tuple, dict[str, list[Alternative]]] = defaultdict(lambda: defaultdict(list))
    for row in left_out:
        found[row.fit][LEFT_OUT].append(
            Alternative(LEFT_OUT, row.label, row.sample_id, row.k, row.est, row.ci_lb, row.ci_ub)
        )
    refitted = set(found)  # models whose leave-one-out analysis has a table of its own
    for row in variants:
        if row.kind != "main" and not (row.kind == LEFT_OUT and row.fit in refitted):
            label = row.variant.removeprefix("without ") if row.kind == LEFT_OUT else row.variant
            found[row.fit][row.kind].append(
                Alternative(row.kind, label, row.variant, row.k, row.est, row.ci_lb, row.ci_ub)
            )
    cells = [
        WhatIf(model, dict(found[model.fit]), _absent(model, effects))
        for model in models
        if model.fit in found and model.k > 1
    ]
    questions = list(dict.fromkeys(model.cell for model in models))
    return sorted(
        (cell for cell in cells if cell.tells),
        key=lambda one: (questions.index(one.model.cell), quoted_first(one.model)),
    )


def _absent(model: Model, effects: Iterable[Effect]) -> dict[str, str]:
    """Why a sample with results on the question of a model is not in it, by the label of its report."""
    own = [effect for effect in effects if effect.cell == model.cell]
    used = {effect.sample_id for effect in own if effect.enters}
    out = [effect for effect in own if effect.sample_id not in used]
    return {effect.label: effect.use_why or effect.enters_why or effect.why or "" for effect in out}


def sources(evidence: Evidence, effects: list[Effect]) -> list[Report]:
    """The reports that findings were read from, in the order of the review."""
    ids = read_from(effects)
    return list(evidence.named("reports", ids).values())


def read_from(effects: Iterable[Effect]) -> set[str]:
    """The reports that findings come from, and those through which they were read, by name."""
    return {name for effect in effects for name in (effect.report_id, effect.via) if name}


@dataclass(frozen=True)
class Topics:
    """The domains of a question of the review, or those of none (`name` empty)."""

    name: str
    heading: str
    pages: list[Page]


def topics(pages: list[Page], evidence: Evidence) -> list[Topics]:
    """The domains by the question of what is told first of them; those without any answer come last."""
    groups = {name: Topics(name, question.asks, []) for name, question in evidence.review.questions.items()}
    others, empty = Topics("", "Other topics", []), Topics("", "No result filed here", [])
    for page in pages:
        first = min(page.answers, key=answers.weight, default=None)
        (empty if first is None else groups.get(first.question, others)).pages.append(page)
    return [group for group in (*groups.values(), others, empty) if group.pages]


def doubtful(evidence: Evidence, verdicts: Mapping[str, ClaimVerdict]) -> list[tuple[str, list[tuple[Claim, str]]]]:
    """The claims to read with care: what is wrong with them, and of each the reason."""
    found: dict[str, list[tuple[Claim, str]]] = {heading: [] for heading in CARE}
    for name, claim in evidence.claims.items():
        if row := verdicts.get(name):
            for heading, why in _problems(row, evidence):
                found[heading].append((claim, why))
    return [(heading, rows) for heading, rows in found.items() if rows]


CARE = (
    "The evidence does not bear it out",
    "The cited source does not say so",
    "Probably credited to the wrong source",
    "Leaves out evidence",
    "Rests on a review alone",
    "Other numbers than printed",
    "Disagrees with another statement of the review",
    words.PARTLY,
    "Counts and lists of the review that its own table does not bear out",
)
"""What can be wrong with a claim, the gravest first."""
DOES_NOT_HOLD = ("contradicted", "not supported", "no difference shown", "mixed")


def _problems(row: ClaimVerdict, evidence: Evidence) -> Iterator[tuple[str, str]]:
    """What is wrong with a claim, and the reason."""
    if row.shown in DOES_NOT_HOLD:
        yield CARE[-1 if row.kind == "literature" else 0], f"{capital(row.shown)}: {row.why}"
    if row.fidelity in ("no", "another source says it"):
        yield CARE[1], row.fidelity_why or ""
    for flag in row.flags:
        if flag.endswith("misattributed"):
            yield CARE[2], row.why
        elif flag == "omits evidence":
            yield CARE[3], row.why
        elif flag == "rests on a review":
            yield CARE[4], row.why
        elif flag.startswith("inconsistent with "):
            others = evidence.named("claims", re.findall(r"\w+", flag)).values()
            yield CARE[6], f"It also states: {'; '.join(f'{one.claim} (section {one.section})' for one in others)}."
        else:
            yield CARE[5], row.why
    if row.fidelity == "partly":
        yield CARE[7], row.fidelity_why or ""


def appraised(evidence: Evidence) -> list[tuple[str, Appraisal]]:
    """What people judged, each with the report of the sample or the outcome and contrast of the answer."""
    names = evidence.names
    found = []
    for one in evidence.appraisals.values():
        if one.sample_id:
            reports = evidence.samples[one.sample_id].report_ids
            name = listed(evidence.reports[report].label for report in reports)
        else:
            _, contrast, group = one.cell.split("/")
            name = f"{capital(names.outcome(group))}, {names.contrasts[contrast].label}"
        found.append((name, one))
    return found


def tallies(rows: Iterable[ClaimVerdict]) -> list[tuple[str, Counter]]:
    """How many claims of each kind have which verdict; those that nothing tests are left out."""
    counted = {kind: Counter() for kind in v.CLAIM_KINDS if kind != "background"}
    for row in rows:
        if row.kind in counted:
            counted[row.kind][row.shown] += 1
    return [(kind, found) for kind, found in counted.items() if found]


def swim_texts(table: Table | None) -> dict[str, list[tuple[str, str]]]:
    """Name and text of the SWiM items of each domain, where the run wrote them."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in table.records() if table else ():
        found[row["domain"]].append((row["name"], row["text"]))
    return found
