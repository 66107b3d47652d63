"""Sentences of the report, written from the tables: nothing here knows a study or a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from reanalysis.figures.forest_table import model_key
from reanalysis.report.links import Link, Text, claims, findings, joined, place
from reanalysis.results.rows import Effect, Model, Variant
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import ALL_EVIDENCE, COMMON_EFFECT
from reanalysis.schema.evidence import Evidence, Names
from reanalysis.schema.raw import Domain, FlowCount
from reanalysis.text import capital, count, every, interval, listed, number, p_value

EXPECTED = {name: meaning or name.replace("_", " ") for name, meaning in v.EXPECTED_DIRECTIONS.items()}
METHODS = {"CE": COMMON_EFFECT, **v.TESTS}
RUNG_COUNTED = {
    "exact": ("gives an effect with its uncertainty", "give an effect with its uncertainty"),
    "bounded": ("gives an interval for the effect of its sample", "give an interval for the effect of their samples"),
    "direction": ("says only which way the effect points", "say only which way the effect points"),
    "unusable": ("gives neither", "give neither"),
}


def p_cell(value: float | None) -> str:
    """A p below a heading that names it; empty for a missing value."""
    return "" if value is None else p_value(value).removeprefix("p ").removeprefix("= ")


def estimate(model: Model) -> str:
    """A pooled value with its interval, on its scale; of some models the data give only the interval, or nothing."""
    if model.est is not None:
        return f"{v.METRICS[model.metric]} {number(model.est)} {interval(model.ci_lb, model.ci_ub)}"
    if (model.ci_lb, model.ci_ub) == (float("-inf"), float("inf")):
        return "no estimate"
    return f"{v.METRICS[model.metric]} in {interval(model.ci_lb, model.ci_ub)}"


def reading(model: Model, names: Names) -> str:
    """What the interval of a model says of the direction."""
    contrast = names.contrasts[model.contrast]
    if model.ci_ub < 0:
        return contrast.left
    return contrast.right if model.ci_lb > 0 else "either direction is possible"


def how(model: Model) -> str:
    """How a model was fitted; empty where there is nothing to choose."""
    if model.k == 1 or not model.method:
        return ""
    return ", ".join(METHODS.get(part, part) for part in (model.method, model.test) if part)


def rungs(effects: Iterable[Effect]) -> Counter:
    """Findings of the main analysis by rung."""
    return Counter(effect.rung for effect in effects if effect.use == "main")


def heads(models: Iterable[Model]) -> list[Model]:
    """The headline models."""
    return [model for model in models if model.headline]


def domain_lead(
    domain: str, effects: list[Effect], models: list[Model], variants: list[Variant], names: Names, *, claimed: bool
) -> Text:
    """What is known in a domain, on which something is claimed or not, in two or three sentences."""
    if not effects:
        if not claimed:
            return ["There are no findings here yet."]
        return ["No finding of any kind is known. What is claimed here rests on no result that could be read."]
    found = rungs(effects)
    excluded = len(effects) - sum(found.values())
    shown = findings(count(excluded, "coding is", "codings are"), domain=domain, use="excluded")
    if not found:
        return [shown, " shown; none enters the main analysis."]
    text = _findings(found, domain=domain)
    if excluded:
        more = findings(count(excluded, "more coding is", "more codings are"), domain=domain, use="excluded")
        text += [" ", more, " shown and not pooled."]
    if pooled := [model for model in heads(models) if model.k > 1]:
        text += [" Pooled: ", *_results(pooled, names), "."]
    else:
        text.append(" No question has two independent samples with an effect, so no classical model can pool.")
    if wider := [model for model in models if model.model == ALL_EVIDENCE and model.k > 1 and model.est is not None]:
        text += [" With intervals and directions included for what they are: ", *_results(wider, names), "."]
        text += [f" {sentence}" for model in wider if (sentence := _if_selective(model, variants))]
    return text


def _if_selective(model: Model, variants: list[Variant]) -> str:
    """What would be left of an estimate under the worst scenario of selective reporting; empty without any."""
    rows = [row for row in variants if row.fit == model.fit and row.kind == "selection" and row.est is not None]
    if not rows or model.est == 0:
        return ""
    sign = 1 if model.est > 0 else -1
    worst = min(rows, key=lambda row: sign * row.est)
    symbol = v.METRICS[model.metric]
    told = f"{symbol} {number(worst.est)} {interval(worst.ci_lb, worst.ci_ub)}"
    return f"If reporting was selective ({worst.variant}), it would be {told}."


def _results(models: list[Model], names: Names) -> Text:
    """Questions with what their models answer."""
    return joined(
        (
            [
                f"{names.question(model)}: {reading(model, names)} (",
                Link(estimate(model), model_key(model)),
                f", {count(model.k, 'sample')}{_of_which(model)}{f'; {model.note}' if model.note else ''})",
            ]
            for model in models
        ),
        "; ",
        "; ",
    )


def _of_which(model: Model) -> str:
    """On what the samples of an all-evidence model rest."""
    rungs = {"an effect": model.k_exact, "an interval": model.k_bounded, "a direction": model.k_direction}
    parts = listed(f"{k} with {name}" for name, k in rungs.items() if k)
    return f": {parts}" if model.k_bounded or model.k_direction else ""


def _findings(found: Counter, **filters: str) -> Text:
    """How many findings of the main analysis stand on which rung, as a sentence."""
    total = sum(found.values())

    def linked(words: str, rung: str | None = None) -> Link:
        return findings(words, **filters, use="main", **({"rung": rung} if rung else {}))

    if len(found) > 1:
        parts = [
            [linked(str(found[rung]), rung), f" {RUNG_COUNTED[rung][found[rung] != 1]}"]
            for rung in v.RUNGS
            if found[rung]
        ]
        return ["Of ", linked(f"{total} findings"), " in the main analysis, ", *joined(parts), "."]
    (rung,) = found
    them = _all(total, "finding", lambda words: linked(words, rung))
    return [*them, f" in the main analysis {RUNG_COUNTED[rung][total != 1]}."]


def _all(n: int, noun: str, link: Callable[[str], Link]) -> Text:
    """All of them, as the beginning of a sentence: what follows its first word is a link."""
    first, _, them = capital(every(n, noun)).partition(" ")
    return [f"{first} ", link(them)]


def verdicts_counted(verdicts: Counter, made: str, **filters: str) -> Text:
    """How many claims got which verdict, as a sentence (empty without claims).

    `made` says whose or which claims they are; the filters select them.
    """
    if not verdicts:
        return []
    total = sum(verdicts.values())
    if len(verdicts) == 1:
        them = _all(total, "claim", lambda words: claims(words, **filters))
        return [*them, f" {made} {ruled(*verdicts.most_common()[0])}."]
    counted = [
        [claims(str(n), **filters, judged=verdict), f" {ruled(verdict, n)}"] for verdict, n in verdicts.most_common()
    ]
    return ["Of ", claims(f"{total} claims", **filters), f" {made}, ", *joined(counted), "."]


def ruled(verdict: str, n: int) -> str:
    """A verdict as what is said of n claims."""
    return f"{'is' if n == 1 else 'are'} {verdict}"


def forest(domain: Domain, effects: list[Effect], models: list[Model], names: Names) -> str:
    """A forest plot in words."""
    if not effects:
        return f"{domain.title}: no finding of any kind is known."
    found = rungs(effects)
    counts = listed(f"{found[rung]} {rung}" for rung in v.RUNGS if found[rung]) or "none in the main analysis"
    results = "; ".join(f"{names.question(m)}: {estimate(m)}, {count(m.k, 'sample')}" for m in heads(models))
    return f"Forest plot of {domain.title}. Findings: {counts}." + (f" Headline models: {results}." if results else "")


def flow(counts: dict[str, FlowCount]) -> str:
    """The PRISMA flow in words."""
    known = [f"{box.label} {box.count}" for box in counts.values() if box.count is not None]
    unknown = sum(box.count is None for box in counts.values())
    return f"Flow of the review: {'; '.join(known)}. {capital(count(unknown, 'count is', 'counts are'))} not printed."


def appraised(evidence: Evidence, effects: list[Effect]) -> str:
    """How much of the evidence a person has judged: what nobody judged is not assessed, and never guessed."""
    main = [effect for effect in effects if effect.use == "main"]
    samples = {effect.sample_id for effect in main}
    answers = {f"{effect.domain}/{effect.contrast}/{effect.outcome_group}" for effect in main}
    judged = evidence.appraisals.values()
    biased, sure = samples & {one.sample_id for one in judged}, answers & {one.cell for one in judged}
    return (
        f"The risk of bias of {len(biased)} of {count(len(samples), 'sample')} in the main analysis was judged by a "
        f"person, and the certainty of {len(sure)} of {count(len(answers), 'answer')}. The others are not assessed: "
        "the pipeline judges neither."
    )


def summary(
    evidence: Evidence,
    effects: list[Effect],
    models: list[Model],
    variants: list[Variant],
    verdicts: Counter,
    fidelity: Counter,
) -> list[tuple[str, Text]]:
    """The reanalysis in plain words: pairs of a lead and what follows."""
    main = [effect for effect in effects if effect.use == "main"]
    result = [("What was read.", _read(evidence, effects, main))]
    if main:
        result.append(("How much it tells.", _findings(rungs(effects))))
    result.append(("What can be pooled.", _pooled(models, evidence.names)))
    if wider := _all_evidence(models, variants, evidence.names):
        result.append(("What all the evidence says.", wider))
    empty = [domain for name, domain in evidence.domains.items() if all(e.domain != name for e in effects)]
    if empty:
        names = joined([place(f"“{domain.title}”", domain.domain)] for domain in empty)
        result.append(("Where nothing is known.", ["No finding of any kind is known for ", *names, "."]))
    if verdicts:
        made = "that evidence could test"
        meant = " Not testable means that nothing known could decide; it is never a judgement of the claim."
        untested = [meant] if verdicts["not testable"] else []
        told = [*verdicts_counted(verdicts, made, kind="empirical"), *untested, *_true_to_source(fidelity)]
        result.append(("What becomes of the claims.", told))
    if below := sum(effect.rung != "exact" for effect in main):
        wanted = place(count(below, "finding"), "missing")
        named = f"the list of what is missing names {'it' if below == 1 else 'them'}"
        text: Text = [wanted, f" would tell more if someone opened the paper; {named}."]
        result.append(("What would help most.", text))
    return result


FOR_SOURCE = {"yes": "says so", "partly": "says a part of it", "no": "says something else"}


def _true_to_source(fidelity: Counter) -> Text:
    """Of how many empirical claims the cited source says so, as a sentence; empty where none was looked at."""
    if not fidelity or fidelity["not coded"] == fidelity.total():
        return []
    told = [
        [f"{words} for ", claims(str(fidelity[answer]), kind="empirical", source=answer)]
        for answer, words in FOR_SOURCE.items()
        if fidelity[answer]
    ]
    rest = "for the others it could not be read or identified, or none is cited"
    return [" The cited source ", *joined(told), f"; {rest}."] if told else [" The cited sources could not be read."]


def wanting(n: int) -> str:
    """How many findings of the main analysis are wanted in full, as a sentence."""
    if not n:
        return "Every finding of the main analysis gives an effect with its uncertainty."
    entered = "opened the paper and entered what it prints"
    return f"{count(n, 'finding')} of the main analysis would tell more if someone {entered}."


def _read(evidence: Evidence, effects: list[Effect], main: list[Effect]) -> Text:
    reports = len({effect.report_id for effect in effects})
    found = len({effect.finding_id for effect in effects})
    text: Text = [
        f"{_listed(evidence)}{count(found, 'finding')} of {count(reports, 'report')} "
        f"{'is coded here, with' if found == 1 else 'are coded here, each with'} the place where it was read."
    ]
    if excluded := len(effects) - len(main):
        text += [
            " Some are printed in several versions: of ",
            findings(count(len(effects), "coding")),
            ", ",
            findings(count(len(main), "enters", "enter"), use="main"),
            " the main analysis and ",
            findings(count(excluded, "is", "are"), use="excluded"),
            " shown with the reason why not.",
        ]
    return text


def _listed(evidence: Evidence) -> str:
    """What the reviewed work rests on, as the beginning of a sentence; empty where it lists nothing, or is none."""
    if not evidence.table or evidence.review.reviewed is None:
        return ""
    since = ", and from reports found since" if len(evidence.reports) > len(evidence.table) else ""
    return f"The review lists {count(len(evidence.table), 'report')}. From these{since}, "


def _pooled(models: list[Model], names: Names) -> Text:
    cells = heads(models)
    if not cells:
        return ["No finding gives an effect with its uncertainty, so nothing is pooled."]
    several = sorted((model for model in cells if model.k > 1), key=lambda model: -model.k)
    start: Text = [
        "Only results on the same question are put together, and each sample counts once. The findings that give an "
        "effect answer ",
        place(count(len(cells), "question"), "estimates"),
    ]
    if not several:
        single = "each from a single sample" if len(cells) > 1 else "from a single sample"
        return [*start, f", {single}: there is nothing yet that a classical meta-analysis could pool."]
    which = count(len(several), "has", "have")
    more = f", of which {which} two samples or more" if len(cells) > 1 else ""
    return [*start, more, _largest(several), *_results(several[:3], names), "."]


def _largest(models: list[Model]) -> str:
    """What stands between a sentence and the first three of the models."""
    return ". The largest: " if len(models) > 3 else ": "


def _all_evidence(models: list[Model], variants: list[Variant], names: Names) -> Text:
    """What the models say that also use bounds and directions; empty where none is fitted."""
    wider = [model for model in models if model.model == ALL_EVIDENCE and model.est is not None]
    several = sorted((model for model in wider if model.k > 1), key=lambda model: -model.k)
    if not several:
        return []
    return [
        "A second model also takes findings that give only an interval or a direction, for what they are and without "
        "inventing numbers. From two samples or more it answers ",
        place(count(len(several), "question"), "estimates"),
        _largest(several),
        *_results(several[:3], names),
        ". ",
        *(f"{sentence} " for model in several[:3] if (sentence := _if_selective(model, variants))),
        f"Behind each value stands its {several[0].level:.0%} interval. Hedges' g counts in standard deviations: by "
        "custom 0.2 is called small, 0.5 medium and 0.8 large.",
    ]
