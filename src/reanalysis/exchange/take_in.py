"""Take in the findings of other programs: a file becomes a new domain of a review, or a new review.

What a file does not say stays empty. What the raw tables must say and the file does not is declared as not given: no
polarity of an outcome, no title of a report and no population is guessed.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from reanalysis.check import check
from reanalysis.exchange import IMPORTS
from reanalysis.exchange.source import Found, direction, number, read_source
from reanalysis.files.raw_files import FINDINGS, REVIEW
from reanalysis.files.raw_writing import Rows, append_all, appended, finish, tried
from reanalysis.new import SKELETON, begin
from reanalysis.problems import BadInput, Problem, errors, open_warnings
from reanalysis.refused import Refused
from reanalysis.schema.cells import HYPHENATED, NAME, as_name
from reanalysis.schema.evidence import Evidence
from reanalysis.schema.raw import FINDING_KEY, KEYS
from reanalysis.schema.vocabulary import DESIGNS, FITTING_DESIGNS
from reanalysis.stages import CONFIG, RAW, no_review
from reanalysis.text import capital, in_words

LABEL = re.compile(r"(?P<authors>.*?\w.*?)[\s,]+\(?(?P<year>(19|20)\d\d)[a-z]?\)?")
AUTHOR_YEAR = re.compile(r"(?<=[^\W\d])[\s,(]+(?=(19|20)\d\d[a-z]?\)?$)")
"""What stands between an author and a year, and not in the id of a report: `smith2011` of `Smith, 2011`."""
SIDES = ("group_1", "group_2")
LONGEST = 55  # characters of an id that is made of a label; what makes it differ from others follows
TABLES = ("domains.csv", "contrasts.csv", "outcomes.csv", "reports.csv", "samples.csv")


@dataclass(frozen=True)
class Import:
    """What a file amounts to."""

    rows: Rows
    """Rows for the raw tables."""
    known: list[str]
    """Ids of the contrasts, outcomes, reports and samples that the review has already."""
    unread: list[str]
    """Columns of the file that nothing was read from."""
    lines: dict[str, int]
    """The line of the file that a row of findings comes from, by the table and the key of the row."""
    warnings: list[Problem] = field(default_factory=list)
    """What the check finds implausible in the new rows."""

    @property
    def findings(self) -> dict[str, list[dict[str, str]]]:
        """The new findings, by domain."""
        return {row["domain"]: self.rows[_file(row["domain"])] for row in self.rows["domains.csv"]}


# ---------------------------------------------------------------- a new domain, a new review


def add_domain(path: Path, name: str, folder: Path, domain: str | None = None) -> Import:
    """Add the findings of a file in the format `name` to the review in `folder`, as a new domain.

    The domain is called by `domain`, else by the column of this name in the file, else by the file. All tables are
    written or none. Raises BadInput with all problems of the file and of what its rows would be, and Refused.
    """
    if fault := no_review(folder):
        raise Refused(fault)
    raw = folder / RAW
    finish(raw)
    evidence, problems = check(raw)
    if errors(problems):
        raise BadInput(problems)
    made = _read(path, name, domain, evidence)
    texts = appended(raw, made.rows)
    made = _checked(raw, texts, made, path)
    append_all(raw, made.rows, texts)
    return made


def begin_review(path: Path, name: str, folder: Path, domain: str | None = None) -> Import:
    """Make a new review of the findings of a file alone, in a folder that is not there yet, or is empty.

    Raises BadInput with all problems of the file and of what its rows would be, and Refused; then nothing is written.
    """
    made = _read(path, name, domain)
    with TemporaryDirectory() as beside:
        draft = Path(beside, "review")
        shutil.copytree(SKELETON / CONFIG.parent, draft / CONFIG.parent)
        (draft / RAW / FINDINGS).mkdir(parents=True)
        (draft / RAW / REVIEW).write_text(f'title: "Findings of {path.name}"\n', encoding="utf-8")
        texts = appended(draft / RAW, made.rows)
        made = _checked(draft / RAW, texts, made, path)
        append_all(draft / RAW, made.rows, texts)
        begin(folder, draft)
    return made


def _read(path: Path, name: str, domain: str | None, evidence: Evidence | None = None) -> Import:
    """The rows that a file amounts to in a review with this evidence, or in a new one."""
    source, module = read_source(path), import_module(f"{__package__}.{IMPORTS[name].module}")
    found = module.found(source)
    if not found:
        raise BadInput([source.problem(0, "", "no result in it", "Name a file with a row for each result.")])
    tables = _Tables(path.name, as_name(path.stem, HYPHENATED) or "imported", domain, evidence)
    for one in found:
        tables.add(one)
    unread = {name for record in source.records for name in record.cells} - module.READ
    return Import(tables.rows(), sorted(tables.known), sorted(unread), tables.lines)


def _checked(raw: Path, texts: Mapping[str, str], made: Import, path: Path) -> Import:
    """The import with its warnings; raises BadInput, in terms of the file, where its rows cannot stand."""
    with tried(raw, texts) as copy:
        found = [(problem, made.lines.get(_place(problem.file, problem.row))) for problem in check(copy)[1]]
    problems = [replace(problem, file=path.name, line=line) if line else problem for problem, line in found]
    if errors(problems):
        raise BadInput(problems)
    return replace(made, warnings=[problem for problem in open_warnings(problems) if problem.file == path.name])


def _file(domain: str) -> str:
    return f"{FINDINGS}/{domain}.csv"


def _place(file: str, row: str) -> str:
    return f"{file} {row}"


# ---------------------------------------------------------------- the rows of the raw tables


class _Tables:
    """The rows of the raw tables, as they grow from the results of a file; ids that it lacks are made of its labels."""

    def __init__(self, file: str, name: str, domain: str | None, evidence: Evidence | None):
        self.file, self.name, self.domain = file, name, domain
        self.there = {table: _there(evidence, table) for table in TABLES}
        self.known: set[str] = set()
        self.lines: dict[str, int] = {}
        self._rows: dict[str, dict[str, dict[str, str]]] = {table: {} for table in TABLES}
        self._findings: dict[str, list[dict[str, str]]] = {}
        self._ids: dict[str, dict[str, str]] = {"findings": dict.fromkeys(_finding_ids(evidence), "")}

    def rows(self) -> Rows:
        """Rows to add, by table."""
        own = {table: [*rows.values()] for table, rows in self._rows.items() if rows}
        return own | {_file(domain): rows for domain, rows in self._findings.items()}

    def add(self, one: Found) -> None:
        """A result, with the rows of other tables that it needs."""
        cells, not_given = one.cells, f"not given in {self.file}"
        named = one.labels.get("outcome")
        domain = self.domain or cells.get("domain") or self.name
        label = LABEL.fullmatch(one.study)
        dated = one.study if label else " ".join(filter(None, (one.study, one.report.get("year"))))
        report = cells.get("report_id") or self._id("reports.csv", one.study, AUTHOR_YEAR.sub("", dated))
        sample = cells.get("sample_id") or report
        outcome = cells.get("outcome_group") or self._id("outcomes.csv", named or self.name)
        place = f"line {one.line} of {self.file}"
        row = {
            **{
                "coding": "primary",
                "population": not_given,
                "outcome": named or not_given,
                "direction": _direction(one),
            },
            **({} if one.comparison == "association" else {"group_1": "group 1", "group_2": "group 2"}),
            **{column: cell for column, cell in cells.items() if column not in ("domain", "cohort_id")},
            **{"report_id": report, "sample_id": sample, "outcome_group": outcome, "coder": "import"},
            "locator": f"{place}: {cells['locator']}" if "locator" in cells else place,
            "source_kind": "published_meta_analysis",
        }
        row["contrast"] = self._contrast(one, row)
        row.setdefault("finding_id", self._id("findings", str(one.line), f"{sample}-{outcome}"))
        told = {"authors": label["authors"], "year": label["year"]} if label else {"authors": not_given}
        unknown = {"label": one.study, "title": not_given, "kind": "primary"}
        self._add("domains.csv", domain, {"section": "added", "title": capital(in_words(domain))})
        self._add("reports.csv", report, {**unknown, **told, **one.report})
        self._add("samples.csv", sample, {"report_ids": report, "cohort_id": cells.get("cohort_id") or sample})
        called = named or (in_words(outcome) if "outcome_group" in cells else f"outcome of {self.file}")
        self._add("outcomes.csv", outcome, {"label": called, "higher_is_better": "unclear"})
        self._findings.setdefault(domain, []).append(row)
        self.lines[_place(_file(domain), ", ".join(f"{name}: {row[name]}" for name in FINDING_KEY))] = one.line

    def _contrast(self, one: Found, row: Mapping[str, str]) -> str:
        """The contrast of a result, which gets one more design if need be; its findings name its sides."""
        label = "Association" if one.comparison == "association" else " vs ".join(row[side] for side in SIDES)
        label = one.labels.get("contrast") or (in_words(one.cells["contrast"]) if "contrast" in one.cells else label)
        contrast = one.cells.get("contrast") or self._id("contrasts.csv", label)
        self._add("contrasts.csv", contrast, {"label": capital(label), "design": ""})
        if own := self._rows["contrasts.csv"].get(contrast):
            fitting = FITTING_DESIGNS[row["design"]] if row.get("design") in DESIGNS else ("between",)
            design = fitting[0] if one.comparison == "difference" else one.comparison
            own["design"] = "; ".join(dict.fromkeys(filter(None, (*own["design"].split("; "), design))))
        return contrast

    def _add(self, table: str, key: str, cells: dict[str, str]) -> None:
        """A row of a table, unless the review has one of this key, or an earlier result has needed it."""
        if key not in self.there[table]:
            self._rows[table].setdefault(key, {KEYS[table][0]: key, **cells})
        elif table == "domains.csv":
            raise Refused(f"The review has a domain `{key}` already. Choose another name with --domain.")
        else:
            self.known.add(key)

    def _id(self, table: str, key: str, label: str = "") -> str:
        """An id made of a label: always the same one for one key, and another one for each."""
        ids = self._ids.setdefault(table, {})
        if key not in ids:
            base = _short(as_name(label or key, NAME)) or table.removesuffix("s.csv")
            numbered = (f"{base}-{n}" for n in range(2, len(ids) + 3))
            taken = {*ids.values(), *(ids if table == "findings" else ())}
            ids[key] = next(name for name in (base, *numbered) if name not in taken)
        return ids[key]


def _short(name: str) -> str:
    """A name that is not too long, cut between two words."""
    return name if len(name) <= LONGEST else re.sub(r"[-._][^-._]*$", "", name[: LONGEST + 1])


def _there(evidence: Evidence | None, table: str) -> set[str]:
    """The keys that a table of the review has."""
    return {*getattr(evidence, table.removesuffix(".csv"))} if evidence else set()


def _finding_ids(evidence: Evidence | None) -> set[str]:
    return {row.finding_id for rows in evidence.findings.values() for row in rows} if evidence else set()


def _direction(one: Found) -> str:
    """The sign of the numbers of a result, in the words of its kind."""
    cells = {name: number(cell) for name, cell in one.cells.items()}
    signed = [cells[name] for name in ("ri", "ti", "di", "yi") if cells.get(name) is not None]
    if None not in (m := (cells.get("m1i"), cells.get("m2i"))):
        signed = [m[0] - m[1]]
    elif None not in (table := [cells.get(name) for name in ("ai", "n2i", "ci", "n1i")]):
        signed = [table[0] * table[1] - table[2] * table[3]]
    if not signed:
        return "not_visible"
    return "none" if signed[0] == 0 else direction(one.comparison, positive=signed[0] > 0)
