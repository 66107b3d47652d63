"""Sentences of the report, written from the tables: nothing here knows a study or a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from reanalysis.report.answers import Line, Rest
from reanalysis.report.links import Link, Text, claims, findings, joined, place
from reanalysis.results.rows import ClaimVerdict, Effect, Model
from reanalysis.schema import vocabulary as v
from reanalysis.schema.cell_models import COMMON_EFFECT, MODELS
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import Domain, FlowCount
from reanalysis.schema.review import Review
from reanalysis.text import capital, count, every, interval, listed, number, p_value

EXPECTED = {name: meaning or name.replace("_", " ") for name, meaning in v.EXPECTED_DIRECTIONS.items()}
METHODS = {"CE": COMMON_EFFECT, **v.TESTS}


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


def model(row: Model) -> str:
    """The name by which readers know a model."""
    return MODELS[row.model].label


def how(model: Model) -> str:
    """How a model was fitted; empty where there is nothing to choose."""
    if model.k == 1 or not model.method:
        return ""
    return ", ".join(METHODS.get(part, part) for part in (model.method, model.test) if part)


def rungs(effects: Iterable[Effect]) -> Counter:
    """Findings of the main analysis by rung."""
    return Counter(effect.rung for effect in effects if effect.use == "main")


def _all(n: int, noun: str, link: Callable[[str], Link]) -> Text:
    """All of them, as the beginning of a sentence: what follows its first word is a link."""
    first, _, them = capital(every(n, noun)).partition(" ")
    return [f"{first} ", link(them)]


def verdicts_counted(verdicts: Counter, where: str = "", **filters: str) -> Text:
    """How many empirical claims got which verdict, as a sentence (empty without claims).

    `where` says which claims they are, beginning with a blank; the filters select them.
    """
    if not verdicts:
        return []
    total = sum(verdicts.values())
    if len(verdicts) == 1:
        them = _all(total, EMPIRICAL, lambda words: claims(words, **filters))
        return [*them, f"{where} {ruled(*verdicts.most_common()[0])}."]
    counted = [[claims(f"{n} {ruled(verdict, n)}", **filters, judged=verdict)] for verdict, n in verdicts.most_common()]
    return ["Of ", claims(count(total, EMPIRICAL), **filters), f"{where}, ", *joined(counted), "."]


EMPIRICAL = "empirical statement"
PARTLY = "The cited source says only a part of it"


def ruled(verdict: str, n: int) -> str:
    """A verdict as what is said of n claims."""
    return f"{'is' if n == 1 else 'are'} {verdict}"


def forest(domain: Domain, told: list[Line], rest: Rest) -> str:
    """A forest plot in words: what the domain answers."""
    return f"Forest plot, {domain.title}. {' '.join([*map(str, told), *([str(rest)] if rest else [])])}"


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
    judged = [one for one in evidence.appraisals.values() if one.sample_id in samples]
    tools = f" ({listed(dict.fromkeys(one.tool for one in judged))})" if judged else ""
    biased = len({one.sample_id for one in judged})
    sure = len({one.cell for one in evidence.appraisals.values()} & answers)
    return (
        f"Risk of bias or study quality was judged in {biased or 'none'} of {count(len(samples), 'sample')}{tools}, "
        f"the certainty of {sure or 'none'} of {count(len(answers), 'answer')}: both are for people to judge."
    )


def certain(evidence: Evidence, effects: list[Effect]) -> str:
    """How much of the evidence a person has judged, and what the words of the answers mean for it."""
    return (
        f"{appraised(evidence, effects)} “May be” and “very uncertain” follow the wording of GRADE; what nobody has "
        "rated is never called more than “may be”."
    )


def summary(evidence: Evidence, effects: list[Effect], models: list[Model]) -> list[tuple[str, Text]]:
    """What stands behind the answers, in plain words: pairs of a lead and what follows."""
    main = [effect for effect in effects if effect.use == "main"]
    result = [("Sources.", _read(evidence, effects, main))]
    if main:
        result.append(("Completeness of reporting.", _reported(main)))
        result.append(("Pooling.", _pooled(models)))
    filled = {effect.domain for effect in effects}
    empty = [domain for name, domain in evidence.domains.items() if name not in filled]
    if empty:
        names = joined([place(f"“{domain.title}”", domain.domain)] for domain in empty)
        many = len(empty) > 1
        result.append(
            ("Gaps.", ["No result is filed under ", *names, "; other topics may touch on ", "them." if many else "it."])
        )
    if below := sum(effect.rung != "exact" for effect in main):
        wanted = place(count(below, "included result"), "missing")
        result.append(("Data needed.", [wanted, " could be upgraded by extracting data from the full text."]))
    return result


def asked(review: Review) -> str:
    """What the reanalysis did, and what it asked."""
    if review.reviewed is None:
        return (
            "We extracted the results of the studies on each question, and asked: what do they show, and how certain "
            "is it?"
        )
    reviewed = review.reviewed
    return (
        f"We extracted the results cited in {reviewed.label}, a {reviewed.kind}, and asked of each of its conclusions: "
        "what do the studies show, and how certain is it?"
    )


def statements(evidence: Evidence, judged: int) -> str:
    """What the statements of the review are, and what is said of each; `judged` is how many carry a verdict."""
    of_review = " of the review" if evidence.review.reviewed else ""
    text = f"{count(len(evidence.claims), 'statement')}{of_review} in our own words."
    if not judged:
        return f"{text} They carry no verdict in this run."
    return (
        f"{text} Each gets two answers: whether the evidence bears it out, computed again whenever the evidence "
        "changes, and whether the source that is cited says so, as far as it could be read. Estimates in the reasons "
        "are posterior medians with 95% credible intervals, and can differ a little from those of the main analysis."
    )


def verdict(rows: Iterable[ClaimVerdict]) -> Text:
    """What becomes of the empirical claims; empty without any."""
    tested = [row for row in rows if row.kind == "empirical"]
    if not tested:
        return []
    verdicts = Counter(row.shown for row in tested)
    fidelity = Counter(row.fidelity for row in tested if row.fidelity)
    meant = " “Not testable” means that the available data can neither confirm nor refute the statement."
    return [
        *verdicts_counted(verdicts, kind="empirical"),
        meant if verdicts["not testable"] else "",
        *_true_to_source(fidelity),
    ]


FOR_SOURCE = {"yes": "says so", "partly": "says a part of it", "no": "says something else"}


def _true_to_source(fidelity: Counter) -> Text:
    """Of how many empirical claims the cited source says so, as a sentence; empty where none was looked at."""
    if not set(fidelity) - {"not coded", "no source cited"}:
        return []
    told = [
        [claims(f"{words} for {fidelity[answer]}", kind="empirical", source=answer)]
        for answer, words in FOR_SOURCE.items()
        if fidelity[answer]
    ]
    rest = "for the others it could not be read or identified, or none is cited"
    return (
        [" Of these, the cited source ", *joined(told), f"; {rest}."]
        if told
        else [" The cited sources could not be read."]
    )


def wanting(n: int) -> str:
    """How many included results are wanted in full, as a sentence."""
    if not n:
        return "Every included result reports an effect size with a confidence interval."
    return f"{count(n, 'included result')} could be upgraded by extracting data from the full text."


READ_FROM = {
    "full_text": "from a full text",
    "abstract": "from an abstract",
    "published_meta_analysis": "from other meta-analyses",
    "review": "from a review",
    "thesis": "from a thesis",
    "registry": "from a trial registry",
    "news": "from a press summary",
}


def _read(evidence: Evidence, effects: list[Effect], main: list[Effect]) -> Text:
    reports = len({effect.report_id for effect in effects})
    kinds = Counter(effect.source_kind for effect in effects)
    told = {_from(evidence, effects, kind): n for kind, n in kinds.most_common()}
    read = listed(f"{n} {words}" for words, n in told.items()) if len(told) > 1 else f"all {next(iter(told), '')}"
    text: Text = [
        _listed(evidence),
        findings(count(len(effects), "result was", "results were")),
        f" extracted, of {count(reports, 'report')}: {read}.",
    ]
    if not kinds["full_text"]:
        text.append(" No result was read in a full text.")
    if evidence.review.reviewed and evidence.review.reviewed.read:
        text.append(f" {evidence.review.reviewed.label} was read {evidence.review.reviewed.read}.")
    if excluded := len(effects) - len(main):
        text += [
            " ",
            findings(count(len(main), "was included", "were included"), use="main"),
            "; ",
            findings(count(excluded, "was excluded", "were excluded"), use="excluded"),
            ", with the reason given.",
        ]
    return text


def _from(evidence: Evidence, effects: list[Effect], kind: str) -> str:
    """What results of a kind of source were read from; earlier meta-analyses by name."""
    if kind != "published_meta_analysis":
        return READ_FROM[kind]
    names = dict.fromkeys(effect.via for effect in effects if effect.source_kind == kind and effect.via)
    labels = [evidence.reports[name].label for name in names if name in evidence.reports]
    if len(labels) == 1:
        return f"from the meta-analysis {labels[0]}"
    return f"from {len(labels)} meta-analyses ({', '.join(labels)})" if labels else READ_FROM[kind]


def _listed(evidence: Evidence) -> str:
    """What the reviewed work rests on, as the beginning of a sentence; empty where it lists nothing, or is none."""
    if not evidence.table or evidence.review.reviewed is None:
        return ""
    since = ", and from reports found since" if len(evidence.reports) > len(evidence.table) else ""
    return f"The review lists {count(len(evidence.table), 'report')}. From these{since}, "


REPORTED = {
    "exact": ("reports an effect size with a confidence interval", "report an effect size with a confidence interval"),
    "bounded": ("reports only whether it was significant", "report only whether they were significant"),
    "direction": ("reports only the direction", "report only the direction"),
    "unusable": ("reports no usable result", "report no usable result"),
}


def _reported(main: list[Effect]) -> Text:
    """How completely the included results are reported, as a sentence."""
    found = Counter(effect.rung for effect in main)

    def told(rung: str, words: str) -> Text:
        return [findings(f"{words} {REPORTED[rung][found[rung] != 1]}", use="main", rung=rung)]

    total = len(main)
    if len(found) == 1:
        (rung,) = found
        them = _all(total, "included result", lambda words: findings(words, use="main", rung=rung))
        return [*them, f" {REPORTED[rung][total != 1]}."]
    return [
        f"Of {total} included results, ",
        *joined(told(rung, str(found[rung])) for rung in v.RUNGS if found[rung]),
        ".",
    ]


def _pooled(models: list[Model]) -> Text:
    """Which models could be fitted, as sentences."""
    several = sum(bool(model.headline) and model.k > 1 for model in models)
    wider = sum(MODELS[model.model].judges and model.k > 1 and not _all_exact(model) for model in models)
    conventional = (
        [
            place(count(several, "outcome"), "estimates"),
            f" {'has' if several == 1 else 'have'} two or more independent samples with effect sizes, and "
            f"{'is' if several == 1 else 'are'} pooled in a conventional meta-analysis.",
        ]
        if several
        else [
            "No outcome has two independent samples with effect sizes, so no conventional meta-analysis was possible."
        ]
    )
    if not wider:
        return conventional
    censored = (
        " A censored random-effects model also uses results reported only as significant, not significant, or by "
    )
    return [*conventional, f"{censored}direction: {count(wider, 'outcome')} from at least two samples."]


def _all_exact(model: Model) -> bool:
    return model.k_exact == model.k
