"""What the report says of results: headline, cards and leads, each sentence from one row of `answers.csv`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from reanalysis.figures.forest_table import model_key
from reanalysis.report.links import Link, Text, joined, plain
from reanalysis.results.rows import Answer, Model
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.evidence import Names
from reanalysis.schema.review import Review
from reanalysis.text import capital, count, interval, listed, number

TOLD = 5
"""Outcomes that a card or a lead tells one by one; the others are counted."""
HEADED = 2
"""Findings that make the headline."""
NAMED, LISTED = 4, 15
"""Outcomes that a finding of the headline names at most, and that are listed for each way in which others point."""


@dataclass(frozen=True)
class Line:
    """An answer in words, and its numbers."""

    statement: str
    numbers: Text
    known: bool
    domain: str

    def __str__(self) -> str:
        return f"{self.statement} {plain(self.numbers)}."


@dataclass(frozen=True)
class Rest:
    """Outcomes that are not told one by one: how many, and which of them point which way."""

    lead: str = ""
    ways: dict[str, list[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.ways)

    def __str__(self) -> str:
        return " ".join([f"{self.lead}.", *(f"{way}: {'; '.join(labels)}." for way, labels in self.ways.items())])


@dataclass(frozen=True)
class Card:
    """A question of the review with its answer."""

    name: str
    asks: str
    lines: list[Line]
    rest: Rest
    domains: list[str]


def headline(rows: list[Answer], review: Review, names: Names) -> str:
    """The finding of the review in one sentence: what is known, then the first question of which nothing is.

    It is the title of the review where there is none to tell.
    """
    own = {name: [row for row in rows if row.question == name and row.main] for name in review.questions}
    known = [row for members in own.values() for row in members if row.sign]
    unknown = [name for name, members in own.items() if members and not any(row.sign for row in members)]
    parts = _together(known, names)[:HEADED] + [
        f"{review.questions[name].about} is very uncertain" for name in unknown[:1]
    ]
    return capital("; ".join(parts)) or review.title


def _together(rows: list[Answer], names: Names) -> list[str]:
    """What is known, the outcomes of one contrast, sign and certainty in one clause."""
    groups: dict[tuple, list[Answer]] = {}
    for row in sorted(rows, key=weight):
        groups.setdefault((row.contrast, row.sign, row.worded_as, row.if_lower, row.good_sign), []).append(row)
    clauses = []
    for members in groups.values():
        labels = [names.outcome(row.outcome_group) for row in members]
        if len(labels) > NAMED:
            labels[NAMED - 1 :] = [f"{len(labels) - NAMED + 1} other outcomes"]
        rest = members[0].statement.rstrip(".").removeprefix(capital(labels[0]))
        clauses.append(f"{listed(labels)}{rest.replace(' is ', ' are ', 1) if len(labels) > 1 else rest}")
    return clauses


def cards(rows: list[Answer], models: list[Model], review: Review, names: Names) -> list[Card]:
    """Every question that has an answer: what is known and what several samples tell, and the others counted."""
    found = []
    for name, question in review.questions.items():
        own = [row for row in rows if row.question == name and row.main]
        if own:
            told, rest = _chosen(own, 0)
            noun = "more outcome" if told else "outcome"
            counts = counted(rest, noun, names)
            domains = list(dict.fromkeys(row.domain for row in own))
            found.append(Card(name, question.asks, lines(told, own, models, names), counts, domains))
    return found


def lead(rows: list[Answer], models: list[Model], names: Names) -> tuple[list[Line], Rest]:
    """What is known in a domain: its outcomes of most samples one by one, the others counted."""
    told, rest = _chosen(rows, TOLD)
    return lines(told, rows, models, names), counted(rest, "more outcome" if told else "outcome", names)


def _chosen(rows: list[Answer], least: int) -> tuple[list[Answer], list[Answer]]:
    """Outcomes that are told one by one, at least so many, and the others."""
    ordered = sorted(rows, key=weight)
    firm = [row for row in ordered if row.sign or row.samples > 1]
    told = firm[:TOLD] or ordered[:least]
    return told, [row for row in ordered if row not in told]


def lines(told: list[Answer], rows: list[Answer], models: list[Model], names: Names) -> list[Line]:
    """Answers with their numbers; with the contrast where the rows have several."""
    several = len({row.contrast for row in rows}) > 1
    return [
        Line(
            row.statement,
            [*([f"{names.contrasts[row.contrast].label}; "] if several else []), *numbers(row, models)],
            bool(row.sign),
            row.domain,
        )
        for row in told
    ]


def weight(row: Answer) -> tuple:
    """What is told first: what is known, and rests on most samples and participants."""
    return not row.sign, -row.samples, -(row.participants or 0)


def numbers(row: Answer, models: list[Model]) -> Text:
    """Estimate and interval, samples, participants, and how completely the results are reported."""
    parts: list[Text] = [_estimate(row, models), [_samples(row)], [participants(row)], [reporting(row)]]
    return joined([part for part in parts if any(part)], "; ", "; ")


def _estimate(row: Answer, models: list[Model]) -> Text:
    words = effect_words(row)
    if not row.model:
        return [words]
    model = next(model for model in models if model.fit == row.fit)
    return [Link(words, model_key(model)), f", {model.note}" if model.note and model.k > 1 else ""]


def effect_words(row: Answer) -> str:
    """The effect with its interval; where only bounds are known, what they leave; nothing where neither is."""
    if row.ci_lb is None or (row.est is None and not row.exact + row.bounded):
        return ""  # a direction alone has no size
    symbol, lower, upper = v.METRICS[row.metric], row.ci_lb, row.ci_ub
    credible = row.model is not None and MODELS[row.model].judges
    kind = f"{row.level:.0%} {'credible' if credible else 'confidence'} interval"
    if row.est is not None:
        return f"{symbol} {number(row.est)}, {kind} {interval(lower, upper)}"
    if lower == float("-inf"):
        return f"{symbol} at most {number(upper)}"
    return (
        f"{symbol} at least {number(lower)}"
        if upper == float("inf")
        else f"{kind} of {symbol} {interval(lower, upper)}"
    )


def _samples(row: Answer) -> str:
    """Samples behind the estimate; nothing where there is none, since the statement counts them."""
    return count(row.k, "sample") if row.model else ""


def participants(row: Answer) -> str:
    """Participants of the samples that have a usable result, as far as they are known."""
    if usable(row) == 0:
        return _persons(row.participants_unusable, 0)
    return _persons(row.participants, row.samples_without_n)


def _persons(known: int | None, not_known: int) -> str:
    if not known:
        return "number of participants not known"
    return f"{'at least ' if not_known else ''}{count(known, 'participant')}"


def usable(row: Answer) -> int:
    """Samples that report at least a direction."""
    return row.exact + row.bounded + row.direction


def reporting(row: Answer) -> str:
    """How completely the samples report the outcome, and how many report nothing usable."""
    told = {v.REPORTING[rung]: n for rung in v.RUNGS if rung != "unusable" and (n := getattr(row, rung))}
    parts = [f"{words}{'' if len(told) == 1 else f' in {n}'}" for words, n in told.items()]
    if row.unusable and told:
        known = f" ({_persons(row.participants_unusable, 0)})" if row.participants_unusable else ""
        parts.append(f"{count(row.unusable, 'further sample')}{known} without a usable result")
    return f"reporting: {', '.join(parts)}" if parts else "no usable result"


def counted(rows: list[Answer], noun: str, names: Names) -> Rest:
    """Which way outcomes point; with their contrast where an outcome has several."""
    ways: dict[str, list[str]] = {}
    labels = Counter(row.outcome_group for row in rows)
    for row in rows:
        label = names.question(row) if labels[row.outcome_group] > 1 else names.outcome(row.outcome_group)
        ways.setdefault(capital(_points(row)), []).append(label)
    unsure = {1: ", very uncertain", 2: ", both very uncertain"}.get(len(rows), ", all very uncertain")
    all_unsure = all(row.worded_as == v.VERY_LOW for row in rows)
    lead = count(len(rows), noun) + (unsure if all_unsure else "") if rows else ""
    ways = dict(sorted(ways.items(), key=lambda way: -len(way[1])))
    for labels in ways.values():
        if len(labels) > LISTED:
            labels[LISTED - 1 :] = [f"{len(labels) - LISTED + 1} others"]
    return Rest(lead, ways)


def _points(row: Answer) -> str:
    """Which way the samples of an outcome point, by what it means for the person where that is known."""
    if not row.pointing:
        if row.mixed or (row.higher and row.lower):
            return "inconsistent"
        return "no difference reported" if row.no_difference else "direction not known"
    if row.good_sign:
        return "better" if row.pointing == row.good_sign else "worse"
    return row.if_higher if row.pointing > 0 else row.if_lower
