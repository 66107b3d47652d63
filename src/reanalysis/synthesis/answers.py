"""The answer to every question of the review, outcome by outcome: what is known, how well, and in which words.

One row for each outcome of a domain and contrast. The estimate is the main model of the exact effects where two samples
or more have one; else the posterior of all the evidence, by which claims are judged as well; of a single sample it is
the interval of its own finding.

How sure an answer may sound follows GRADE's informative statements (Santesso et al. 2020, Journal of Clinical
Epidemiology 119, 126): high certainty "is", moderate "is probably", low "may be", very low "is very uncertain". What no
person has rated is never called more than low: the risk of bias has not been judged. It is low where the sign, or that
the effect lies within the margin, is as probable as a claim needs for support, and where effects of enough samples are
pooled that their average could show; else very low.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from reanalysis.results.rows import Answer, Effect, Model
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import MODELS
from reanalysis.schema.config import Config
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Contrast
from reanalysis.synthesis.directions import Vote, agreement, sides, votes
from reanalysis.text import capital, count, every, listed


def answers(evidence: Evidence, effects: Iterable[Effect], models: Iterable[Model], config: Config) -> list[Answer]:
    """One row for each outcome of each domain and contrast that has a finding in the main analysis."""
    found: dict[tuple[str, str, str], list[Effect]] = {}
    for effect in effects:
        if effect.use == "main":
            found.setdefault((effect.domain, effect.contrast, effect.outcome_group), []).append(effect)
    of_models: dict[tuple[str, str, str], list[Model]] = {}
    for model in models:
        of_models.setdefault((model.domain, model.contrast, model.outcome_group), []).append(model)
    rated = _ratings(evidence)
    return [
        _answer(evidence, key, findings, of_models.get(key, []), rated.get("/".join(key), (None, None)), config)
        for key, findings in found.items()
    ]


def _answer(
    evidence: Evidence,
    key: tuple[str, str, str],
    findings: list[Effect],
    models: list[Model],
    rated: tuple[str | None, str | None],
    config: Config,
) -> Answer:
    domain, contrast, group = key
    cast = votes(findings)
    quoted, judging = _quoted(models), _judging(models)
    sign, small = _known(judging, config)
    pooled = quoted is not None and quoted.headline and quoted.k >= config.claims.min_samples
    certainty, rated_by = rated
    lower, higher = sides(evidence.contrasts[contrast], findings)
    rungs = [vote.rung for vote in cast]
    usable = [vote.persons for vote in cast if vote.rung != "unusable"]
    question = evidence.outcomes[group].question
    row = Answer(
        question=question,
        main=_is_main(evidence, question, "/".join(key)),
        domain=domain,
        contrast=contrast,
        outcome_group=group,
        good_sign=_good_sign(findings),
        findings=len(findings),
        samples=len(cast),
        participants=_total(usable),
        samples_without_n=usable.count(None),
        participants_unusable=_total(vote.persons for vote in cast if vote.rung == "unusable"),
        **{rung: rungs.count(rung) for rung in v.RUNGS},
        **_signs(cast),
        **_numbers(quoted, findings),
        prob_below=judging.prob_below if judging else None,
        sign=sign,
        within=small,
        certainty=certainty,
        rated_by=rated_by,
        worded_as=certainty or ("low" if sign or small or pooled else v.VERY_LOW),
        if_lower=lower,
        if_higher=higher,
    )
    return replace(row, statement=_statement(row, evidence.contrasts[contrast], evidence.names.outcome(group)))


def _total(sizes: Iterable[int | None]) -> int | None:
    """The sum of the sizes that are known."""
    return sum(filter(None, sizes)) or None


def _good_sign(findings: list[Effect]) -> int | None:
    """The sign that is good for the person; None where that is not known, or not the same, of all findings."""
    signs = {effect.good_sign for effect in findings}
    return signs.pop() if len(signs) == 1 else None


def _signs(cast: list[Vote]) -> dict[str, int]:
    """Samples whose effects are higher, lower, mixed, reported as no difference, or of no known direction."""
    told = Counter()
    for vote in cast:
        signs = [effect.sign for effect in vote.findings if effect.sign]
        up = sum(sign > 0 for sign in signs)
        told["null" if vote.no_difference else agreement(up, len(signs) - up, len(signs))] += 1
    names = {"higher": "up", "lower": "down", "mixed": "mixed", "no_difference": "null", "no_sign": "none"}
    return {name: told[one] for name, one in names.items()}


def _quoted(models: list[Model]) -> Model | None:
    """The model whose number is the answer: of exact effects, of all the evidence, or of a single sample; else None.

    Of an outcome in two metrics it is that of most samples.
    """
    known = [model for model in models if model.est is not None]
    choices = (
        [model for model in known if model.headline and model.k > 1],
        [model for model in known if MODELS[model.model].judges and model.k > 1],
        [model for model in known if model.headline],
    )
    return max(next(filter(None, choices), []), key=lambda model: model.k, default=None)


def _judging(models: list[Model]) -> Model | None:
    """The posterior that tells the probability of the sign, of the metric of most samples."""
    return max((model for model in models if MODELS[model.model].judges), key=lambda model: model.k, default=None)


def _known(judging: Model | None, config: Config) -> tuple[int, bool]:
    """What `known` says of the posterior; nothing without one."""
    if judging is None:
        return 0, False
    beyond = judging.prob_beyond_below, judging.prob_beyond_above
    return known(judging.prob_below, *beyond, config.claims.probability)


def known(below: float, beyond_below: float, beyond_above: float, clear: float) -> tuple[int, bool]:
    """The sign that is known, or 0; and whether the effect is known to lie within the margin.

    Parameters
    ----------
    below, beyond_below, beyond_above : posterior probabilities of an average effect below zero, and of one beyond the
        margin on either side.
    clear : the probability from which on something is known.
    """
    sign = -1 if below >= clear else 1 if 1 - below >= clear else 0
    return sign, not sign and 1 - beyond_below - beyond_above >= clear


def _ratings(evidence: Evidence) -> dict[str | None, tuple[str, str]]:
    """The certainty of each answer that a person has rated, in GRADE's words, and who did, the last one of several."""
    judged = ((one.cell, one.judgement.casefold(), one.by) for one in evidence.appraisals.values())
    return {cell: (word, by) for cell, word, by in judged if word in v.CERTAINTIES}


def _is_main(evidence: Evidence, question: str | None, cell: str) -> bool:
    """Whether the review names the outcome as one that answers its question."""
    asked = evidence.review.questions.get(question) if evidence.review and question else None
    return asked is not None and any(fnmatchcase(cell, pattern) for pattern in asked.main)


def _numbers(quoted: Model | None, findings: list[Effect]) -> dict:
    """The estimate and its interval: of a model, or of the only finding; nothing of several findings of one sample."""
    if quoted is not None:
        columns = ("metric", "model", "k", "est", "ci_lb", "ci_ub", "level")
        return {name: getattr(quoted, name) for name in columns}
    if len(findings) != 1:
        return {}
    (effect,) = findings
    return {
        "metric": effect.metric,
        "k": 1,
        "est": effect.yi,
        "ci_lb": effect.ci_lb,
        "ci_ub": effect.ci_ub,
        "level": effect.level,
    }


# ---------------------------------------------------------------- in words


def _statement(row: Answer, contrast: Contrast, label: str) -> str:
    """The answer as a sentence without its numbers."""
    worth = {row.good_sign: " (better)", -row.good_sign: " (worse)"} if row.good_sign else {}
    what = {1: f"{row.if_higher}{worth.get(1, '')}", -1: f"{row.if_lower}{worth.get(-1, '')}"}
    subject = capital(label)
    if row.worded_as == v.VERY_LOW:
        return f"{subject}: very uncertain; {_reported(row, what)}."
    if not (row.sign or row.within):
        return f"{subject}: direction uncertain; {_reported(row, what)}."
    verb = v.CERTAINTIES[row.worded_as]
    if row.sign and contrast.comparison == "difference":
        return f"{subject} {verb} {what[row.sign]}."
    return f"{subject}: the {contrast.comparison} {verb} {what[row.sign] if row.sign else 'negligible'}."


def _reported(row: Answer, what: dict[int, str]) -> str:
    """Which way the samples point, most of them first."""
    pointing = [(what[1], row.higher), (what[-1], row.lower), ("inconsistent", row.mixed)]
    pointing += [("no difference reported", row.no_difference), ("direction not known", row.no_sign)]
    first, *others = [(words, n) for words, n in sorted(pointing, key=lambda pair: -pair[1]) if n]
    if not others:
        return f"{first[0]} in {every(row.samples, 'sample')}"
    return listed([f"{first[0]} in {count(first[1], 'sample')}", *(f"{words} in {n}" for words, n in others)])
