"""What the report says of results: headline, cards and leads, each sentence from one row of `answers.csv`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Line:
    """An answer in words, and its numbers."""

    statement: str
    numbers: Text
    known: bool

    def __str__(self) -> str:
        return f"{self.statement} {plain(self.numbers)}."


@dataclass(frozen=True)
class Card:
    """A question of the review with its answer."""

    name: str
    asks: str
    lines: list[Line]
    counted: str
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
        groups.setdefault((row.contrast, row.sign, row.certainty, row.if_lower, row.good_sign), []).append(row)
    clauses = []
    for members in groups.values():
        labels = [names.outcome(row.outcome_group) for row in members]
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
            counts = counted(rest, "more outcome") if any(row.sign for row in told) else counted(own, "outcome")
            domains = list(dict.fromkeys(row.domain for row in own))
            found.append(Card(name, question.asks, lines(told, own, models, names), counts, domains))
    return found


def lead(rows: list[Answer], models: list[Model], names: Names) -> tuple[list[Line], str]:
    """What is known in a domain: its outcomes of most samples one by one, the others counted."""
    told, rest = _chosen(rows, TOLD)
    return lines(told, rows, models, names), counted(rest, "more outcome")


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
        )
        for row in told
    ]


def weight(row: Answer) -> tuple:
    """What is told first: what is known, and rests on most samples and participants."""
    return not row.sign, -row.samples, -(row.participants or 0)


def numbers(row: Answer, models: list[Model]) -> Text:
    """Estimate and interval, samples, participants, and how completely the results are reported."""
    parts: list[Text] = [_estimate(row, models), [_samples(row)], [participants(row)], [f"reporting: {reporting(row)}"]]
    return joined([part for part in parts if any(part)], "; ", "; ")


def _estimate(row: Answer, models: list[Model]) -> Text:
    words = effect_words(row)
    if not row.model:
        return [words]
    model = next(model for model in models if model.fit == row.fit)
    return [Link(words, model_key(model)), f", {model.note}" if model.note and model.k > 1 else ""]


def effect_words(row: Answer) -> str:
    """The effect with its interval; where only bounds are known, what they leave; nothing where neither is."""
    if row.ci_lb is None:
        return ""
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
    if not row.model:
        return ""
    return count(row.samples, "sample") if row.k == row.samples else f"{row.k} of {count(row.samples, 'sample')} usable"


def participants(row: Answer) -> str:
    """Participants, as far as they are known."""
    if not row.participants:
        return "number of participants not known"
    return f"{'at least ' if row.samples_without_n else ''}{count(row.participants, 'participant')}"


def reporting(row: Answer) -> str:
    """How completely the samples report the outcome."""
    known = {v.REPORTING[rung]: getattr(row, rung) for rung in v.RUNGS}
    told = {words: n for words, n in known.items() if n}
    return next(iter(told)) if len(told) == 1 else ", ".join(f"{words} {n}" for words, n in told.items())


def counted(rows: list[Answer], noun: str) -> str:
    """Which way outcomes point, as a sentence; empty without any."""
    if not rows:
        return ""
    tally = Counter(map(_points, rows))
    told = listed(tally) if len(rows) == 1 else listed(f"{words} in {n}" for words, n in tally.most_common())
    outcomes = count(len(rows), noun)
    if all(row.certainty == v.VERY_LOW for row in rows):
        outcomes += f", {'' if len(rows) == 1 else 'all '}very uncertain"
    return f"{outcomes}: {told}."


def _points(row: Answer) -> str:
    """Which way the samples of an outcome point, by what it means for the person where that is known."""
    if not row.pointing:
        return "inconsistent" if row.mixed or (row.higher and row.lower) else "direction not known"
    if row.good_sign:
        return "better" if row.pointing == row.good_sign else "worse"
    return row.if_higher if row.pointing > 0 else row.if_lower
