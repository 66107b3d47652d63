"""The flow of the reanalysis itself, as a table: from the reports listed to the outcomes that can be pooled."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reanalysis.results.rows import Effect, PooledUnit
from reanalysis.results.table import Row, col
from reanalysis.schema.evidence import Evidence

PRIMARY = ("primary", "thesis", "registry")  # kinds of reports with a sample of their own


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage(Row):
    """A box of the flow: what is left at this point, and beside it what was left behind since the box before."""

    box: str | None = col("box")
    phase: str | None = col("what is counted: reports, results or outcomes")
    place: str | None = col("main, or side for what goes no further")
    label: str | None = col("box in words")
    reports: int | None = col("reports; empty where outcomes are counted")
    findings: int | None = col("findings of the main analysis in them; empty where there are none yet")
    outcomes: int | None = col("outcomes: cells of domain, contrast, outcome and metric")


def progress_table(evidence: Evidence, effects: Iterable[Effect], units: Iterable[PooledUnit]) -> list[Stage]:
    """The boxes from top to bottom, each followed by what is left behind below it."""
    reports = list(evidence.reports.values())
    main = [effect for effect in effects if effect.use == "main"]
    own = [report for report in reports if report.kind in PRIMARY]
    yielding = {effect.report_id for effect in main}
    listed = sum(report.in_review is not None for report in reports)
    found = f": {listed} by the review, {len(reports) - listed} found since" if 0 < listed < len(reports) else ""
    return [
        Stage(box="listed", phase="reports", place="main", label=f"Reports listed{found}", reports=len(reports)),
        Stage(
            box="secondary",
            phase="reports",
            place="side",
            label="Reviews, meta-analyses, commentaries, and reports of unclear kind",
            reports=len(reports) - len(own),
        ),
        Stage(box="primary", phase="reports", place="main", label="Reports of primary data", reports=len(own)),
        Stage(
            box="silent",
            phase="reports",
            place="side",
            label="Without a result in the synthesis",
            reports=sum(report.report_id not in yielding for report in own),
        ),
        *_findings(main),
        *_outcomes(list(units)),
    ]


def says_more(effects: Iterable[Effect]) -> bool:
    """Whether the flow says more than a sentence: not all results report an effect size."""
    rungs = {effect.rung for effect in effects if effect.use == "main"}
    return rungs != {"exact"}


def _findings(main: list[Effect]) -> list[Stage]:
    """How much is reported of the findings: each step is part of the one before."""
    steps: list[tuple[str, str, str, Callable[[Effect], bool]]] = [
        ("findings", "Results in the synthesis", "", lambda effect: True),
        (
            "directions",
            "With at least a direction or a significance statement",
            "No direction: said not to differ, or not usable",
            lambda effect: effect.rung != "unusable",
        ),
        (
            "significance",
            "With a significance statement or an effect size",
            "Direction only",
            lambda effect: effect.rung in ("exact", "bounded"),
        ),
        ("sizes", "With an effect size", "Significance only", lambda effect: effect.rung == "exact"),
    ]
    stages, before = [], main
    for box, label, behind, holds in steps:
        left = [effect for effect in before if holds(effect)]
        if behind:
            lost = [effect for effect in before if not holds(effect)]
            stages.append(_step(f"not-{box}", "side", behind, lost))
        stages.append(_step(box, "main", label, left))
        before = left
    return stages


def _step(box: str, place: str, label: str, effects: list[Effect]) -> Stage:
    return Stage(
        box=box,
        phase="results",
        place=place,
        label=label,
        reports=len({effect.report_id for effect in effects}),
        findings=len(effects),
    )


def _outcomes(units: list[PooledUnit]) -> list[Stage]:
    """Outcomes that two independent samples or more speak to."""
    samples: dict[tuple, list[str]] = {}
    for unit in units:
        samples.setdefault(unit.cell, []).append(unit.rung)
    several = [rungs for rungs in samples.values() if len(rungs) > 1]
    sized = [rungs for rungs in several if rungs.count("exact") > 1]
    return [
        Stage(
            box="poolable",
            phase="outcomes",
            place="main",
            label="Outcomes with two or more independent samples with an effect size",
            outcomes=len(sized),
        ),
        Stage(
            box="censored",
            phase="outcomes",
            place="side",
            label="Outcomes with an estimate from two or more samples, with significance and direction",
            outcomes=len(several),
        ),
    ]
