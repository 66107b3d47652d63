"""Sentences of the report, written from the tables: nothing here knows a study or a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from reanalysis.check import Evidence
from reanalysis.schema import vocabulary as v
from reanalysis.schema.raw import Domain, FlowCount, Report
from reanalysis.schema.results import Effect, Model

EXPECTED = {name: meaning or name.replace("_", " ") for name, meaning in v.EXPECTED_DIRECTIONS.items()}
ALL_EVIDENCE = "all evidence"
RUNG_COUNTED = {
    "exact": ("gives an effect with its uncertainty", "give an effect with its uncertainty"),
    "bounded": ("gives an interval that must hold the effect", "give an interval that must hold the effect"),
    "direction": ("says only which way the effect points", "say only which way the effect points"),
    "unusable": ("gives neither", "give neither"),
}


def number(value: float | None) -> str:
    """Two decimals with a true minus sign; empty for a missing value, a symbol for infinity."""
    if value is None:
        return ""
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    return f"{value:.2f}".replace("-0.00", "0.00").replace("-", "−")


def p_value(value: float | None) -> str:
    """p to three decimals."""
    if value is None:
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def count(n: int, one: str, many: str | None = None) -> str:
    """`1 finding`, `3 findings`."""
    return f"{n} {one if n == 1 else many or one + 's'}"


def joined(parts: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    parts = list(parts)
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def estimate(model: Model) -> str:
    """A pooled value with its interval, on its scale; of some models the data give only the interval."""
    if model.est is None:
        return f"{v.METRICS[model.metric]} in [{number(model.ci_lb)}, {number(model.ci_ub)}]"
    return f"{v.METRICS[model.metric]} {number(model.est)} [{number(model.ci_lb)}, {number(model.ci_ub)}]"


def question(model: Model) -> str:
    """What a cell asks: outcome and contrast."""
    return f"{v.in_words(model.outcome_group)}, {v.CONTRASTS[model.contrast].label}"


def rungs(effects: Iterable[Effect]) -> Counter:
    """Findings of the main analysis by rung."""
    return Counter(effect.rung for effect in effects if effect.use == "main")


def heads(models: Iterable[Model]) -> list[Model]:
    """The headline models."""
    return [model for model in models if model.headline == "yes"]


def domain_lead(effects: list[Effect], models: list[Model]) -> str:
    """What is known in a domain, in two or three sentences."""
    if not effects:
        return "No finding of any kind is known. What the review says here rests on no result that could be read."
    found = rungs(effects)
    excluded = len(effects) - sum(found.values())
    if not found:
        return f"{capital(count(excluded, 'coding is', 'codings are'))} shown; none enters the main analysis."
    text = _findings(found)
    if excluded:
        text += f" {capital(count(excluded, 'more coding is', 'more codings are'))} shown and not pooled."
    if pooled := [model for model in heads(models) if model.k > 1]:
        text += f" Pooled: {_results(pooled)}."
    else:
        text += " No question has two independent samples with an exact effect, so no classical model pools."
    if wider := [model for model in models if model.model == ALL_EVIDENCE and model.k > 1 and model.est is not None]:
        text += f" With bounds and directions taken for what they are: {_results(wider)}."
    return text


def _results(models: list[Model]) -> str:
    return "; ".join(f"{question(model)}: {estimate(model)} from {count(model.k, 'sample')}" for model in models)


def _findings(found: Counter) -> str:
    """How many findings of the main analysis stand on which rung, as a sentence."""
    total = sum(found.values())
    if len(found) > 1:
        parts = [f"{found[rung]} {RUNG_COUNTED[rung][found[rung] != 1]}" for rung in v.RUNGS if found[rung]]
        return f"Of {total} findings in the main analysis, {joined(parts)}."
    (rung,) = found
    if total == 1:
        return f"The only finding in the main analysis {RUNG_COUNTED[rung][0]}."
    return f"All {total} findings in the main analysis {RUNG_COUNTED[rung][1]}."


def forest(domain: Domain, effects: list[Effect], models: list[Model]) -> str:
    """A forest plot in words."""
    if not effects:
        return f"{domain.title}: no finding of any kind is known."
    found = rungs(effects)
    counts = joined(f"{found[rung]} {rung}" for rung in v.RUNGS if found[rung]) or "none in the main analysis"
    results = "; ".join(f"{question(m)}: {estimate(m)}, {count(m.k, 'sample')}" for m in heads(models))
    return f"Forest plot of {domain.title}. Findings: {counts}." + (f" Headline models: {results}." if results else "")


def flow(counts: dict[str, FlowCount]) -> str:
    """The PRISMA flow in words."""
    known = [f"{box.label} {box.count}" for box in counts.values() if box.count is not None]
    unknown = sum(box.count is None for box in counts.values())
    return f"Flow of the review: {'; '.join(known)}. {capital(count(unknown, 'count is', 'counts are'))} not printed."


def table1(reports: Iterable[Report]) -> str:
    """The overview of Table 1 in words."""
    listed = [report for report in reports if report.in_review is not None]
    years = [report.year for report in listed if report.year]
    kinds = Counter(report.kind.replace("_", "-") for report in listed)
    span = f", {min(years)} to {max(years)}" if years else ""
    counted = joined(f"{n} {kind}" for kind, n in kinds.most_common())
    return f"{count(len(listed), 'report')} of Table 1{span}: {counted}."


def summary(evidence: Evidence, effects: list[Effect], models: list[Model], verdicts: Counter) -> list[tuple[str, str]]:
    """The reanalysis in plain words: pairs of a lead and what follows."""
    main = [effect for effect in effects if effect.use == "main"]
    listed = sum(report.in_review is not None for report in evidence.reports.values())
    reports = len({effect.report_id for effect in effects})
    findings = len({effect.finding_id for effect in effects})
    result = [
        (
            "What was read.",
            f"The review lists {listed} reports and hardly prints a number. From these, and from reports found since, "
            f"{count(findings, 'finding')} of {count(reports, 'report')} are coded here, each with the place where it "
            "was read.",
        ),
        (
            "How much it tells.",
            f"{_findings(rungs(effects)) if main else 'No finding enters the main analysis.'} "
            f"{len(effects) - len(main)} further codings are shown and not pooled, each with its reason.",
        ),
        ("What can be pooled.", _pooled(models)),
    ]
    if wider := _all_evidence(models):
        result.append(("What all the evidence says.", wider))
    empty = [domain.title for name, domain in evidence.domains.items() if all(e.domain != name for e in effects)]
    if empty:
        result.append(("What rests on nothing.", f"No finding of any kind is known for {joined(empty)}."))
    if verdicts:
        total = sum(verdicts.values())
        counted = joined(f"{n} {verdict}" for verdict, n in verdicts.most_common())
        result.append(("What becomes of the claims.", f"Of {total} claims of the review, {counted}."))
    below = sum(effect.rung != "exact" for effect in main)
    if below:
        wanted = f"{count(below, 'finding')} would tell more if someone opened the paper; the work list names them."
        result.append(("What would help most.", wanted))
    return result


def _pooled(models: list[Model]) -> str:
    cells = heads(models)
    if not cells:
        return "No finding gives an exact effect, so nothing is pooled."
    several = sorted((model for model in cells if model.k > 1), key=lambda model: -model.k)
    start = (
        "Contrasts, outcomes and scales are never mixed, and effects of one sample count once. The exact effects then "
        f"answer {count(len(cells), 'question')}"
    )
    if not several:
        return f"{start}, each from a single sample: no pooled value follows yet."
    results = "; ".join(f"{question(model)}: {estimate(model)}, {count(model.k, 'sample')}" for model in several[:3])
    return f"{start}, of which {count(len(several), 'has', 'have')} two or more samples. The largest: {results}."


def _all_evidence(models: list[Model]) -> str:
    """What the models say that also use bounds and directions; empty where none is fitted."""
    wider = [model for model in models if model.model == ALL_EVIDENCE and model.est is not None]
    several = sorted((model for model in wider if model.k > 1), key=lambda model: -model.k)
    if not several:
        return ""
    results = "; ".join(
        f"{question(model)}: {estimate(model)} from {count(model.k, 'sample')} "
        f"({model.k_exact or 0} exact, {model.k_bounded or 0} bounded, {model.k_direction or 0} direction only)"
        for model in several[:3]
    )
    return (
        "A model that takes bounds and directions for what they are, without inventing numbers, answers "
        f"{count(len(several), 'question')} from two samples or more. The largest: {results}."
    )
