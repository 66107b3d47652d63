"""The tables that go into the page, cell by cell as they are stored: nothing is rounded or computed again."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path
from sys import intern

from reanalysis.figures.tables import FIGURE_TABLES, row_type
from reanalysis.results.checked import CHECKED
from reanalysis.results.rows import TABLES

FOREST = "5_figures/forest/<domain>.csv"


@dataclass(frozen=True)
class Table:
    """A stored table: its file (with `<domain>` where there is one for each), what a row is, columns and rows."""

    name: str
    meaning: str
    columns: dict[str, str]  # with their descriptions
    rows: list[list[str]]

    def with_rows(self, rows: list[list[str]]) -> Table:
        """The table with these rows alone."""
        return replace(self, rows=rows)

    def with_columns(self, names: Sequence[str]) -> Table:
        """The table with these columns alone."""
        places = [list(self.columns).index(name) for name in names]
        rows = [[row[at] for at in places] for row in self.rows]
        return replace(self, columns={name: self.columns[name] for name in names}, rows=rows)

    def named(self, names: Iterable[str | None]) -> Table:
        """The table with the rows whose first cell is one of these, in its order."""
        return self.with_rows([self._rows[name] for name in sorted({*names} & self._rows.keys(), key=self._places.get)])

    @cached_property
    def _rows(self) -> dict[str, list[str]]:
        return {row[0]: row for row in self.rows}

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self._rows)}

    def records(self) -> list[dict[str, str]]:
        """The rows by column, every cell as text."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


# ---------------------------------------------------------------- where topics have pages of their own

REPORTS, SAMPLES, CLAIMS, VERDICTS = (
    *(f"1_checked/{name}.csv" for name in ("reports", "samples", "claims")),
    "4_synthesis/claims.csv",
)
OF_TOPIC = {
    **dict.fromkeys(("1_checked/domains.csv", CLAIMS, VERDICTS, FOREST), "domain"),
    **dict.fromkeys(("2_effects/ladder.csv", "2_effects/second_opinion.csv"), "domain"),
    **dict.fromkeys((f"3_models/{name}.csv" for name in ("models", "units", "leave_one_out", "sensitivity")), "domain"),
    **dict.fromkeys(("1_checked/findings.csv", "2_effects/formulas.csv"), "finding_id"),
    "4_synthesis/claim_parts.csv": "claim_id",
}
"""Tables of which the page of a topic has its rows, and the column that says whose they are."""
FOUND_BY = {
    "2_effects/ladder.csv": (
        *("domain", "contrast", "outcome_group", "finding_id", "coding", "label", "report_id", "sample_id"),
        *("population", "population_kind", "outcome", "group_1", "group_2", "matrix", "assay", "exposure"),
        *("dose", "dose_unit", "rung", "use", "means", "ratio_of_means"),
    ),
    FOREST: ("domain", "kind", "mark_id", "effect"),
    REPORTS: ("report_id", "label", "authors", "year", "title", "country"),
    SAMPLES: ("sample_id", "country"),
    "1_checked/domains.csv": ("domain", "title"),
    VERDICTS: ("claim_id", "verdict", "rests_on", "overruled_verdict"),
}
"""Tables of which the page of all results has these columns: those by which results are searched."""
OF_CLAIM = ("claim_id", "domain")
"""Cells that the page of all statements has of a claim on a topic; of any other claim it has all."""


def by_topic(tables: Mapping[str, Table], topic_of: Mapping[str, str | None]) -> dict[str, dict[str, Table]]:
    """The tables `OF_TOPIC` by topic, each with the rows of the topic; what is of none stands under an empty name.

    `topic_of` names the topic of a finding or a claim.
    """
    found: dict[str, dict[str, list]] = defaultdict(lambda: {name: [] for name in OF_TOPIC if name in tables})
    for name, column in OF_TOPIC.items():
        if name in tables:
            at = list(tables[name].columns).index(column)
            for row in tables[name].rows:
                topic = row[at] if column == "domain" else topic_of.get(row[at])
                found[topic or ""][name].append(row)
    return {topic: {name: tables[name].with_rows(rows) for name, rows in own.items()} for topic, own in found.items()}


def of_results(tables: Mapping[str, Table]) -> dict[str, Table]:
    """What the page of all results has."""
    return {name: tables[name].with_columns(columns) for name, columns in FOUND_BY.items() if name in tables}


def of_statements(
    tables: Mapping[str, Table], results: Mapping[str, Table], of_none: Mapping[str, Table], cited: Collection[str]
) -> dict[str, Table]:
    """What the page of all statements has.

    `results` is what the page of all results has, `of_none` are the rows that belong to no topic, and `cited` the
    reports that claims on no topic cite.
    """
    found = {"1_checked/domains.csv": tables["1_checked/domains.csv"]}
    for name in (name for name in (CLAIMS, VERDICTS) if name in tables):
        columns = list(tables[name].columns)
        topic, kept = columns.index("domain"), [column in OF_CLAIM for column in columns]
        rows = [
            [cell if keep or not row[topic] else "" for cell, keep in zip(row, kept, strict=True)]
            for row in tables[name].rows
        ]
        found[name] = tables[name].with_rows(rows)
    parts = "4_synthesis/claim_parts.csv"
    ladder = results["2_effects/ladder.csv"]
    by_report = list(ladder.columns).index("report_id")
    found["2_effects/ladder.csv"] = ladder.with_rows([row for row in ladder.rows if row[by_report] in cited])
    return found | {REPORTS: results[REPORTS].named(cited)} | ({parts: of_none[parts]} if parts in of_none else {})


def for_script(tables: Mapping[str, Table]) -> dict:
    """What the script of the page needs of the tables: every text once, the most frequent first, and rows of places.

    Most cells recur, in their own table or in others: so the page is half as large.
    """
    counted = Counter(cell for table in tables.values() for row in table.rows for cell in row)
    texts = [text for text, _ in counted.most_common()]
    place = {text: n for n, text in enumerate(texts)}
    return {
        "texts": texts,
        "tables": {
            name: {
                "meaning": table.meaning,
                "columns": table.columns,
                "rows": [[place[cell] for cell in row] for row in table.rows],
            }
            for name, table in tables.items()
        },
    }


def stored_tables(results: Path, made: Collection[Path]) -> dict[str, Table]:
    """Every table among the files `made`, in the order of stages; the tables of the forest plots are one."""
    tables = sorted(path.relative_to(results).as_posix() for path in made if path.suffix == ".csv")
    known = [*CHECKED, *TABLES, *FIGURE_TABLES]
    groups: dict[str, list[str]] = {name: [] for name in known}
    for file in tables:
        groups.setdefault(FOREST if file.startswith("5_figures/forest/") else file, []).append(file)
    return {name: _read(name, [results / file for file in files]) for name, files in groups.items() if files}


def _read(name: str, paths: list[Path]) -> Table:
    model = CHECKED.get(name) or row_type(name)
    columns, rows = [], []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            body = csv.reader(handle)
            columns = next(body)
            rows += [[*map(intern, row)] for row in body]  # most texts come again, in this table or in others
    known = descriptions(model)
    return Table(name, meaning(model), {column: known.get(column, "") for column in columns}, rows)


def meaning(model: type) -> str:
    """What a row is."""
    return (model.__doc__ or "").partition("\n")[0].rstrip(".")


def descriptions(model: type) -> dict[str, str]:
    """What the columns of a table mean, by name, in their order."""
    if is_dataclass(model):
        return {field.name: field.metadata.get("description", "") for field in fields(model)}
    return {name: field.description or "" for name, field in model.model_fields.items()}
