"""Result tables are tidy CSV that reads back as it was written."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reanalysis.check import BadInput
from reanalysis.results.rows import TABLES
from reanalysis.results.table import col, columns, read_table, write_table


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str = col("text")
    n: int = col("whole number")
    y: float = col("number")


def test_the_bytes(tmp_path):
    path = tmp_path / "new/folder/table.csv"
    write_table(path, Row, [Row(name="Brüne, 2013", n=13, y=-0.5), Row(y=float("nan")), Row(name="x", y=float("inf"))])
    assert path.read_bytes() == 'name,n,y\n"Brüne, 2013",13,-0.5\n,,\nx,,inf\n'.encode()


def test_twelve_digits_are_kept_and_no_more(tmp_path):
    write_table(tmp_path / "t.csv", Row, [Row(y=0.1 + 0.2), Row(y=1 / 3), Row(y=1e-20 / 3)])
    values = (tmp_path / "t.csv").read_text(encoding="utf-8").split()[1:]
    assert values == [",,0.3", ",,0.333333333333", ",,3.33333333333e-21"]


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


@given(st.lists(st.builds(Row, name=TEXT, n=st.integers(), y=st.floats(allow_nan=False))))
def test_what_is_written_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("tables") / "t.csv"
    write_table(path, Row, rows)
    back = read_table(path, Row)
    assert [(row.name, row.n) for row in back] == [(row.name, row.n) for row in rows]
    assert [row.y for row in back] == pytest.approx([row.y for row in rows], rel=1e-11, abs=0)


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
    rows = [Row(name=text, n=-1, y=-0.5) for text in FORMULAS]
    write_table(tmp_path / "t.csv", Row, rows)
    assert read_table(tmp_path / "t.csv", Row) == rows


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
    with pytest.raises(BadInput, match="run again") as caught:
        read_table(path, Row)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(path), line)


def test_a_table_that_is_missing(tmp_path):
    with pytest.raises(BadInput, match="the file is missing"):
        read_table(tmp_path / "t.csv", Row)
