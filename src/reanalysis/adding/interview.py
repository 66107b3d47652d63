"""Questions to a person who adds a study without a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pydantic import ValidationError

from reanalysis.adding.study import FINDINGS, TABLES, PlacedRow
from reanalysis.adding.template import allowed, columns
from reanalysis.problems import choices
from reanalysis.schema import vocabulary as v
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.faults import explained

REPORT = ("label", "authors", "year", "title", "journal", "kind", "doi", "country", "note")
SAMPLE = ("cohort_id", "overlap", "group_1", "n_group_1", "group_2", "n_group_2", "n_total", "percent_female", "age")
SAMPLE += ("country", "locator", "note")
RESULT = (
    "domain",
    "contrast",
    "outcome_group",
    "outcome",
    "population",
    *(name for name in v.OWN_WORDS if name in columns(FINDINGS)),
    "timepoint",
    "group_1",
    "group_2",
)
SOURCE = ("direction", "locator", "source_kind", "coder", "note")
PLACE = "your answers"

Ask = Callable[[str, str], str]
"""Puts a question with a default to a person, and gives the answer, empty for none."""


def interview(evidence: Evidence, ask: Ask, tell: Callable[[str], None]) -> list[PlacedRow]:
    """The rows of a study from the answers of a person; `tell` shows what is wrong with an answer, and help."""
    tell("An empty answer leaves a cell empty; `?` explains it.")
    questions = _Questions(evidence, ask, tell)
    report = questions.row("reports", ("report_id",))
    rows = []
    if report["report_id"] not in evidence.reports:
        rows.append(_row("reports", questions.row("reports", REPORT, report)))
    sample = questions.row("samples", ("sample_id",), {}, {"sample_id": report["report_id"]})
    if sample["sample_id"] not in evidence.samples:
        tell("Samples that may share participants have one cohort_id, and are counted once.")
        sample["report_ids"] = report["report_id"]
        rows.append(_row("samples", questions.row("samples", SAMPLE, sample, {"cohort_id": sample["sample_id"]})))
    while True:
        rows.append(_row(FINDINGS, questions.finding(report["report_id"], sample["sample_id"])))
        if ask("Another result of this sample? (y/n)", "n").lower() not in ("y", "yes"):
            return rows


def _row(table: str, cells: dict[str, str]) -> PlacedRow:
    return PlacedRow(table, {name: cell for name, cell in cells.items() if cell}, PLACE, 0)


class _Questions:
    """Asks for cells until each is one that the schema accepts."""

    def __init__(self, evidence: Evidence, ask: Ask, tell: Callable[[str], None]):
        self.evidence, self.ask, self.tell = evidence, ask, tell

    def row(
        self,
        table: str,
        names: Iterable[str],
        cells: dict[str, str] | None = None,
        defaults: dict[str, str] | None = None,
    ) -> dict[str, str]:
        """The cells, and those of these columns as they are answered."""
        answered = dict(cells or {})
        for name in names:
            if name not in v.OWN_WORDS or allowed(table, name, self.evidence):
                answered[name] = self.cell(table, name, (defaults or {}).get(name, ""))
        return answered

    def finding(self, report: str, sample: str) -> dict[str, str]:
        """A finding: what was measured, which statistic, its cells, and where it was read."""
        cells = self.row(FINDINGS, RESULT, {"coding": "primary", "report_id": report, "sample_id": sample})
        default = f"{sample}-{cells['outcome_group']}"
        cells = self.row(FINDINGS, ("finding_id", "stat_type"), cells, {"finding_id": default})
        kind = v.STAT_TYPES[cells["stat_type"]]
        self.tell(f"{kind.meaning}: {', '.join((*kind.required, *kind.optional))}")
        cells = self.row(FINDINGS, (*kind.required, *kind.optional), cells)
        return self.row(FINDINGS, SOURCE, cells)

    def cell(self, table: str, name: str, default: str) -> str:
        """One answer that the schema accepts."""
        field, words = columns(table)[name], allowed(table, name, self.evidence)
        needed = field.is_required()
        while True:
            answer = self.ask(f"{name}{' *' if needed else ''}", default).strip()
            if answer == "?":
                self.tell(": ".join([f"  {field.description}", *([", ".join(words)] if words else [])]))
            elif not answer and needed:
                self.tell("  This cell must be filled.")
            elif words and answer and answer not in words:
                self.tell(f"  There is no such word. {choices(answer, words)}")
            elif answer and (fault := _fault(table, name, answer)):
                self.tell(f"  {fault}")
            else:
                return answer


def _fault(table: str, name: str, answer: str) -> str:
    """What the schema has against an answer; empty where it accepts it."""
    model = TABLES[table]
    if name not in model.model_fields:
        return ""
    try:
        model.__pydantic_validator__.validate_assignment(model.model_construct(), name, answer)
    except ValidationError as error:
        return next((". ".join(explained(one)) for one in error.errors() if one["loc"][:1] == (name,)), "").strip()
    return ""
