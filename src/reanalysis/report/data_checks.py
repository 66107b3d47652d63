"""What the checks of the data found, for the report: open warnings first, then those that somebody accepted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reanalysis.figures.forest_table import finding_mark
from reanalysis.report.links import Link, Text
from reanalysis.results.rows import CheckRun, DataProblem, Effect
from reanalysis.schema.evidence import Evidence
from reanalysis.text import capital, count


@dataclass(frozen=True)
class Warned:
    """A warning: what it is about and where, what looks wrong, what to do, and why it is accepted (or not yet)."""

    about: Text
    place: str
    value: str
    message: str
    fix: str
    expected: str
    check: str
    accepted: str


@dataclass(frozen=True)
class DataChecks:
    """All warnings of a run."""

    checks: int
    open: list[Warned]
    accepted: list[Warned]

    @property
    def lead(self) -> Text:
        """How the data stand, in plain words."""
        checks = f"The data were put to {self.checks} checks, and none found an error."
        if not self.open and not self.accepted:
            return [f"{checks} Nor did any of them give a warning."]
        text = [f"{checks} A warning is about something that is possible but looks like a slip."]
        if self.open:
            n = count(len(self.open), "warning is", "warnings are")
            text.append(f" {n} open: nobody has yet corrected the data or given a reason why they are right.")
        else:
            text.append(" None is open.")
        if self.accepted:
            n = count(len(self.accepted), "was", "were")
            text.append(f" {n} looked into and accepted; the reason stands beside each.")
        return text


def data_checks(
    problems: Iterable[DataProblem], checks: Sequence[CheckRun], effects: Iterable[Effect], evidence: Evidence
) -> DataChecks:
    """The warnings, each with a link to the finding or report that it is about, of the checks that were made."""
    findings = {(effect.finding_id, effect.coding): effect for effect in effects}
    warned = [_warned(problem, findings, evidence) for problem in problems]
    return DataChecks(len(checks), [one for one in warned if not one.accepted], [one for one in warned if one.accepted])


def _warned(problem: DataProblem, findings: Mapping[tuple[str, str], Effect], evidence: Evidence) -> Warned:
    line = f", line {problem.line}" if problem.line else ""
    return Warned(
        about=_about(problem, findings, evidence),
        place=f"{problem.file}{line}",
        value=f"{problem.column} = {problem.value or 'empty'}" if problem.column else problem.value or "",
        message=capital(problem.message),
        fix=problem.fix,
        expected=problem.expected,
        check=problem.check,
        accepted=problem.accepted or "",
    )


def _about(problem: DataProblem, findings: Mapping[tuple[str, str], Effect], evidence: Evidence) -> Text:
    """What a warning is about, in words that lead there."""
    key = problem.key
    effect = findings.get((key.get("finding_id"), key.get("coding")))
    if effect:
        coding = "" if effect.coding == "primary" else f" (version {effect.coding})"
        return [Link(effect.label, finding_mark(effect)), f": {effect.outcome}{coding}"]
    report = evidence.reports.get(key.get("report_id", ""))
    if report:
        return [Link(report.label, address=f"#ref-{report.report_id}")]
    return [", ".join(key.values()) or problem.file]
