"""Keys and links of the tables: a key names one row, and what a column holds of another table is there."""

from collections import Counter

import pytest

from reanalysis.check import load
from reanalysis.figures.tables import row_type
from reanalysis.results.rows import KEYS, TABLES
from reanalysis.results.table import links, read_table
from reanalysis.schema.raw import KEYS as RAW_KEYS
from reanalysis.schema.raw import RAW_TABLES
from reanalysis.schema.raw import links as raw_links


@pytest.fixture(scope="module")
def reviews(built, example):
    """The evidence of each review, and the tables of its run."""
    return {"first": read(built), "second": read(example)}


@pytest.fixture(params=["first", "second"])
def review(request, reviews):
    return reviews[request.param]


def read(project):
    results = project / "results"
    files = {path.relative_to(results).as_posix(): path for path in results.glob("[2-5]_*/**/*.csv")}
    return load(project / "data/raw"), {file: read_table(path, row_type(file)) for file, path in files.items()}


def test_a_key_names_one_row(review):
    _, tables = review
    for file, key in KEYS.items():
        rows = Counter(tuple(getattr(row, name) for name in key) for row in tables.get(file, ()))
        assert [name for name, n in rows.items() if n > 1] == [], file


def test_what_is_linked_to_is_there(review):
    evidence, tables = review
    known = {name.removesuffix(".csv"): set(getattr(evidence, name.removesuffix(".csv"))) for name in RAW_KEYS}
    known["findings"] = {row.finding_id for rows in evidence.findings.values() for row in rows}
    for file, rows in tables.items():
        for row in rows:
            for column, table in links(type(row)).items():
                value = getattr(row, column)
                for one in value if isinstance(value, tuple) else (value,):
                    assert one is None or one in known[table], (file, column, one)


def test_every_table_has_a_key_and_columns_for_it():
    assert set(TABLES) - set(KEYS) == {"1_checked/problems.csv", "3_models/subsets.csv"}
    for file, key in KEYS.items():
        assert set(key) <= set(TABLES[file].__dataclass_fields__), file


def test_every_raw_link_leads_to_a_table_with_one_key():
    targets = {target for model in RAW_TABLES.values() for target in raw_links(model).values()}
    assert targets
    assert all(len(RAW_KEYS[target]) == 1 for target in targets)
