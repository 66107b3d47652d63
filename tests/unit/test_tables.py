"""Result tables are tidy CSV that reads back as it was written."""

import os
from dataclasses import astuple, dataclass, fields
from typing import get_args, get_origin, get_type_hints

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.project import RAW

from reanalysis.check import BadInput, load_evidence
from reanalysis.figures.tables import FIGURE_TABLES
from reanalysis.pipeline import EVIDENCE
from reanalysis.results.checked import (
    CHECKED,
    REVIEW,
    checked_tables,
    evidence_of,
    read_checked_review,
    read_rows,
    write_rows,
)
from reanalysis.results.rows import TABLES, Model, PooledUnit
from reanalysis.results.table import (
    SEPARATOR,
    Only,
    Row,
    col,
    column_values,
    columns,
    join_tables,
    read_table,
    write_table,
)
from reanalysis.store import decoded, encoded


@dataclass(frozen=True, kw_only=True, slots=True)
class Line(Row):
    name: str | None = col("text")
    n: int | None = col("whole number")
    y: float | None = col("number")


def test_the_bytes(tmp_path):
    path = tmp_path / "new/folder/table.csv"
    write_table(
        path, Line, [Line(name="Brüne, 2013", n=13, y=-0.5), Line(y=float("nan")), Line(name="x", y=float("inf"))]
    )
    assert path.read_bytes() == 'name,n,y\n"Brüne, 2013",13,-0.5\n,,\nx,,inf\n'.encode()


def test_twelve_digits_are_kept_and_no_more(tmp_path):
    write_table(tmp_path / "t.csv", Line, [Line(y=0.1 + 0.2), Line(y=1 / 3), Line(y=1e-20 / 3)])
    values = (tmp_path / "t.csv").read_text(encoding="utf-8").split()[1:]
    assert values == [",,0.3", ",,0.333333333333", ",,3.33333333333e-21"]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(st.lists(st.builds(Line, name=TEXT, n=st.integers(), y=st.floats(allow_nan=False))))
def test_what_is_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    write_table(path, Line, rows)
    assert read_table(path, Line) == rows


VALUES = {
    float: st.none() | st.floats() | st.floats().map(np.float64),
    int: st.none() | st.integers() | st.integers(-99, 99).map(np.int64),
    bool: st.none() | st.booleans() | st.booleans().map(np.bool_),
    str: st.none() | st.just("") | TEXT,
    tuple: st.lists(TEXT.filter(lambda text: SEPARATOR not in text)),
}


def test_rows_of_a_table_are_small():
    """A dictionary for each row would take four times the memory, and a set of its columns as much again."""
    kinds = {*TABLES.values(), *FIGURE_TABLES.values()}
    assert [kind.__name__ for kind in kinds if hasattr(kind(), "__dict__")] == []
    first, second, *_ = load_evidence(RAW).codings.values()
    assert first.model_fields_set is second.model_fields_set


@pytest.mark.parametrize("row_type", sorted({*TABLES.values(), *FIGURE_TABLES.values()}, key=lambda row: row.__name__))
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_a_row_is_the_row_that_its_file_holds(tmp_path_factory, row_type, data):
    """For every table: whatever a stage puts into a row, another stage finds in it what it would read."""
    hints = get_type_hints(row_type)
    kinds = {f.name: next(k for k in (get_args(hints[f.name]) or (hints[f.name],))) for f in fields(row_type)}
    kinds = {name: tuple if get_origin(hints[name]) is tuple else kind for name, kind in kinds.items()}
    columns = {name: VALUES[kind] for name, kind in kinds.items()}
    rows = [row_type(**values) for values in data.draw(st.lists(st.fixed_dictionaries(columns), max_size=2))]
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    write_table(path, row_type, rows)
    again = read_table(path, row_type)
    assert again == rows
    assert [list(map(type, astuple(row))) for row in again] == [list(map(type, astuple(row))) for row in rows]
    assert decoded(encoded(rows)) == rows, "and so do the values that are kept from run to run"


@pytest.mark.parametrize("file", CHECKED)
def test_a_checked_row_is_the_row_that_its_file_holds(tmp_path, evidence, file):
    rows = checked_tables(evidence)[file]
    write_rows(tmp_path / "t.csv", CHECKED[file], rows)
    assert read_rows(tmp_path / "t.csv", CHECKED[file]) == rows


def test_the_evidence_is_that_of_its_tables(evidence):
    assert evidence_of(checked_tables(evidence), evidence.review) == evidence


def test_what_the_effects_rest_on_is_written_without_the_rest(evidence):
    own = load_evidence(RAW)
    tables = checked_tables(own, EVIDENCE)
    assert set(tables) == set(EVIDENCE)
    assert tables == {file: rows for file, rows in checked_tables(evidence).items() if file in EVIDENCE}


def test_what_the_review_says_of_itself_is_stored_whole(tmp_path, evidence):
    path = tmp_path / "review.json"
    path.write_text(checked_tables(evidence)[REVIEW], encoding="utf-8")
    assert read_checked_review(path) == evidence.review
    path.write_text(checked_tables(evidence)[REVIEW][:100], encoding="utf-8")
    with pytest.raises(BadInput, match="makes it again"):
        read_checked_review(path)


@pytest.mark.parametrize("values", [{"n": 0.5}, {"n": "1"}, {"y": "0.5"}])
def test_a_value_of_another_kind_is_refused(values):
    with pytest.raises((TypeError, ValueError)):
        Line(**values)


def test_a_truth_is_no_word_and_several_are_no_text():
    with pytest.raises(ValueError, match="neither true nor false"):
        Model(headline="no")
    with pytest.raises(ValueError, match="one text in the place of several"):
        PooledUnit(findings="a")
    with pytest.raises(ValueError, match="no text of several"):
        PooledUnit(findings=["a; b"])


@pytest.mark.parametrize("row_type", TABLES.values())
def test_an_empty_table_has_its_header(tmp_path, row_type):
    write_table(tmp_path / "t.csv", row_type, [])
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == ",".join(columns(row_type)) + "\n"
    assert read_table(tmp_path / "t.csv", row_type) == []


FORMULAS = [
    "=1+1",
    '=HYPERLINK("x")',
    "@SUM(A1)",
    "+1+cmd|' /C calc'!A0",
    "-cmd",
    "+0.5",
    "-0.5",
    "\tx",
    "'=1",
    "--",
    "a\nb",
]


def test_text_that_a_spreadsheet_would_run_is_stored_as_it_is(tmp_path):
    """The tables are for programs: what guards a spreadsheet would change the text for all others."""
    rows = [Line(name=text, n=-1, y=-0.5) for text in FORMULAS]
    write_table(tmp_path / "t.csv", Line, rows)
    assert read_table(tmp_path / "t.csv", Line) == rows


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("", 0),
        ("name,n\nx,1\n", 1),
        ("name,n,y\nx,1,0.5\nx,1\n", 3),
        ("name,n,y\nx,1,0.5,7\n", 2),
        ("name,n,y\nx,one,0.5\n", 2),
        ('name,n,y\nx,1,0.5\n"x,1,0.5\n', 3),
    ],
)
def test_a_damaged_table_is_named_with_its_line(tmp_path, content, line):
    path = tmp_path / "t.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BadInput, match="makes it again") as caught:
        read_table(path, Line)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(path), line)


def test_a_table_that_is_missing(tmp_path):
    with pytest.raises(BadInput, match="the file is missing"):
        read_table(tmp_path / "t.csv", Line)


def test_some_rows_of_a_table_are_those_with_a_value_in_a_column(tmp_path):
    rows = [Line(name="a", n=1), Line(name="b\nc", n=2), Line(n=3), Line(name="a", n=4)]
    write_table(tmp_path / "t.csv", Line, rows)
    assert read_table(tmp_path / "t.csv", Line, Only("name", {"a"})) == [rows[0], rows[3]]
    assert read_table(tmp_path / "t.csv", Line, Only("name", ())) == []
    assert column_values(tmp_path / "t.csv", "name") == ["a", "b\nc", ""]


def test_a_damaged_line_is_found_also_where_other_rows_are_wanted(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("name,n,y\nx,1,0.5\nx\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_table(path, Line, Only("y", {"7"}))
    assert caught.value.problems[0].line == 3


def test_what_is_no_text_is_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"name,n,y\nBr\xfcne,1,0.5\n")
    with pytest.raises(BadInput, match="not UTF-8, but probably Latin-1"):
        read_table(path, Line)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BadInput, match="a pipe in the place of a file"):
        read_table(path, Line)


@given(st.lists(st.lists(st.builds(Line, name=TEXT, n=st.integers())), min_size=1))
def test_joined_tables_are_the_table_of_all_rows(tmp_path_factory, parts):
    folder = tmp_path_factory.mktemp("tables")
    for number, rows in enumerate(parts):
        write_table(folder / f"{number}.csv", Line, rows)
    join_tables(folder / "joined.csv", [folder / f"{number}.csv" for number in range(len(parts))])
    write_table(folder / "whole.csv", Line, [row for rows in parts for row in rows])
    assert (folder / "joined.csv").read_bytes() == (folder / "whole.csv").read_bytes()
