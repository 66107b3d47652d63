"""Add a study: read it, check it together with what is there, say what it would change, then write all or nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from reanalysis.adding.study import FINDINGS, PlacedRow
from reanalysis.builds import build_of, last_run, standing_build
from reanalysis.changes import compare
from reanalysis.check import check
from reanalysis.files.config_file import read_config
from reanalysis.files.csv_file import lines_of, one_kind_of_line_end
from reanalysis.files.raw_writing import append_all, appended, tried
from reanalysis.pipeline import COMPARED
from reanalysis.problems import BadInput, Problem, choices, errors, open_warnings
from reanalysis.results.rows import Change
from reanalysis.schema.evidence import Evidence
from reanalysis.stages import CONFIG, RAW, demand_review


@dataclass(frozen=True)
class Addition:
    """What adding a study would do: the new rows by table, the texts of these tables, what changes, new warnings.

    Where the data cannot be used without the study, `mends` has what is wrong with them; the changes are then those
    since the last run, and None if there was no run.
    """

    rows: Mapping[str, list[dict[str, str]]]
    texts: Mapping[str, str]
    changes: list[Change] | None
    warnings: list[Problem]
    mends: list[Problem] = field(default_factory=list)

    def write(self, folder: Path) -> None:
        """Write the rows to `data/raw/`, all or none.

        Raises Refused where a table was edited in the meantime, or cannot be written.
        """
        append_all(folder / RAW, self.rows, self.texts)


def preview(folder: Path, study: list[PlacedRow]) -> Addition:
    """Check a study together with the review in a folder, and compute what it would change; nothing is written.

    Raises BadInput with every error that the review would have with it, those of the study with their place in its own
    file; Refused where the folder holds no review.
    """
    raw = folder / RAW
    demand_review(folder)
    before, problems = check(raw)
    unknown, study = _domains(study, before)
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in study:
        rows[row.target].append({name: cell for name, cell in row.cells.items() if not row.names_domain(name)})
    texts = appended(raw, rows)
    config, store = read_config(folder / CONFIG), last_run(folder)
    with tried(raw, texts) as copy:
        evidence, found = check(copy)
    if unknown or errors(found):
        raise BadInput([*unknown, *_placed(errors(found), study, texts)])
    known = {(one.check, one.row, one.column) for one in problems}
    new = [one for one in open_warnings(found) if (one.check, one.row, one.column) not in known]
    with standing_build(folder, before, problems, config, store) as standing:
        after = build_of(evidence, config, store, COMPARED)
        changes = compare(standing, after) if standing else None
    return Addition(rows, texts, changes, list(_placed(new, study, texts)), errors(problems))


def _domains(study: list[PlacedRow], evidence: Evidence) -> tuple[list[Problem], list[PlacedRow]]:
    """Findings of a domain that neither the review nor the study declares, so that no table would take them.

    In the returned study they belong to a domain that is known: so their other cells are checked, too. Raises BadInput
    where the review has no domain.
    """
    known = [*evidence.domains, *(row.cells.get("domain", "") for row in study if row.table == "domains")]
    problems, rows = [], []
    for row in study:
        if row.table == FINDINGS and (name := row.cells["domain"]) not in known:
            message, fix = "the review has no domain of this name", choices(name, known)
            problems.append(Problem(row.file, row.place("domain"), "domain", name, message, fix))
            row = replace(row, cells=row.cells | {"domain": next(iter(known), name)})
        rows.append(row)
    if problems and not known:
        raise BadInput(problems)
    return problems, rows


def _placed(problems: Iterable[Problem], study: list[PlacedRow], texts: Mapping[str, str]) -> Iterator[Problem]:
    """The problems, those of new rows with their place in the file of the study."""
    written: dict[tuple[str, int], PlacedRow] = {}
    for table, text in texts.items():
        new = [row for row in study if row.target == table]
        lines, _ = lines_of(one_kind_of_line_end(text.removeprefix("\ufeff"), table)[0], table)
        written |= {(table, line): row for (line, _), row in zip(lines[-len(new) :], new, strict=True)}
    for problem in problems:
        row = written.get((problem.file, problem.line))
        yield replace(problem, file=row.file, line=row.place(problem.column)) if row else problem
