"""Damaged input of every kind: the check answers with problems that have a place, and neither raises nor hangs."""

import os
import random
import shutil
from contextlib import suppress

import pytest
from tests.project import RAW, read_csv, write_csv

from reanalysis.check import BadInput, check, listed, load_evidence, summary

WORDS_OF = ("contrasts.csv", "outcomes.csv", "vocabulary.csv")  # kept whole: findings refer to them
TABLES = (*WORDS_OF, "domains.csv", "reports.csv", "samples.csv", "claims.csv", "flow.csv")
DOMAINS = ("early-stress", "trust-cooperation", "emotion-recognition")
FILES = (*TABLES, *(f"findings/{domain}.csv" for domain in DOMAINS), "corrections.yaml", "review.yaml")
ROWS = 6  # kept of each table, so that hundreds of checks take seconds
CORRECTION = """- target: {table: findings/early-stress.csv, row: {finding_id: x, coding: primary}, column: m1i}
  expect: "12.5"
  action: replace
  value: "1.25"
  reason: digits were swapped in the source
- target: {table: reports.csv, row: {report_id: x}}
  action: accept
  check: grim
  expect: ""
  reason: it is as it should be
  by: AB
  date: 2026-11-28
"""
WORDS = """
- -- . .. ? * @ = =1+1 +1|2 ' " ; ;; , ,, \\ / // # #REF! <0.001 ≤.05 >3 p=.03 −0.4 –1 1_000 ٥.٥
１２ 1e308 -1e308 1e-300 1e999 1e-999 0 -0 0.0 00 1. .5 NaN nan inf -inf Infinity NA n/a None null ~
true yes no 0x1F 1e5 12,5 1.2.3 Mar-05 5-mar 2024-13-45 05.03.2024 1/2 50% 12pg/ml a b c x;y x; ;x
primary secondary a--b -a a- Ä ß 王 ש שלום محمد 😀 $$ $x^{2$ %s {0} {domain} ${HOME} <b> &amp; ]]>
!!int *a &a | > %YAML --- ... [ ] { } [[ ]] {{ }} oxt_vs_placebo_bpd group_1_higher positive means p
significance reported not_visible 10.1/x C001 F999 early-stress/bpd_vs_control/oxt-level */*/*
"""
UNSEEN = "\ufeff\u200b\u202e\u2028\ufffd\ufffe\x00\x07\x0b\x0c\x1b\x7f\t\n\r\xa0"
LONG = ["9" * 400, "x" * 300, "a" * 5000, "a" * 140_000, '"' * 7]
NASTY = [*WORDS.split(), *UNSEEN, *LONG, "", " ", "a\nb", "a\rb", " a ", "a,b", 'a"b', "1 000", "1\u2009000"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The real tables, cut to some rows."""
    raw = tmp_path_factory.mktemp("small")
    (raw / "findings").mkdir()
    for file in (file for file in FILES if file.endswith(".csv")):
        columns, records = read_csv(RAW / file)
        if file == "domains.csv":
            records = [record for record in records if record["domain"] in DOMAINS]
        write_csv(raw / file, columns, records if file in WORDS_OF else records[:ROWS])
    (raw / "corrections.yaml").write_text(CORRECTION, encoding="utf-8")
    shutil.copy(RAW / "review.yaml", raw)
    return raw


# ---------------------------------------------------------------- damage, each to one file


def cells(path, rng):
    """Nasty content in some cells."""
    columns, records = read_csv(path)
    for _ in range(rng.choice([1, 1, 2, 5, 40])):
        record = rng.choice(records)
        record[rng.choice(columns)] = rng.choice(NASTY)
    write_csv(path, columns, records)


def whole_column(path, rng):
    columns, records = read_csv(path)
    column, content = rng.choice(columns), rng.choice(NASTY)
    write_csv(path, columns, [record | {column: content} for record in records])


def header(path, rng):
    columns, records = read_csv(path)
    at = rng.randrange(len(columns))
    rows = [[record[column] for column in columns] for record in records]
    columns[at] = rng.choice(
        [rng.choice(NASTY), columns[at - 1], columns[at].upper(), columns[at][:-1], f" {columns[at]}"]
    )
    _write(path, [columns, *rows])


def swapped(path, rng):
    columns, records = read_csv(path)
    rows = [[record[column] for column in columns] for record in records]
    rng.shuffle(columns)
    _write(path, [columns, *rows])


def fewer_columns(path, rng):
    columns, records = read_csv(path)
    kept = rng.sample(columns, rng.randrange(len(columns)))
    write_csv(path, kept, [{column: record[column] for column in kept} for record in records])


def ragged(path, rng):
    columns, records = read_csv(path)
    rows = [[record[column] for column in columns] for record in records]
    for row in rows:
        if rng.random() < 0.3:
            row[rng.randrange(len(row)) :] = [rng.choice(NASTY)] * rng.randrange(5)
    _write(path, [columns, *rows])


def _write(path, rows):
    quoted = (['"' + cell.replace('"', '""') + '"' for cell in row] for row in rows)
    path.write_bytes("\n".join(",".join(row) for row in quoted).encode("utf-8"))


def some_bytes(path, rng):
    data = bytearray(path.read_bytes())
    for _ in range(rng.choice([1, 3, 20])):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.choice([0, 1, 5])] = rng.randbytes(rng.choice([0, 1, 2]))
    path.write_bytes(data)


def signs(path, rng):
    """Signs of the format in the wrong places."""
    text = path.read_text(encoding="utf-8")
    for _ in range(rng.choice([1, 3, 20])):
        at = rng.randrange(len(text) + 1)
        text = (
            text[:at]
            + rng.choice(['"', ",", "\n", "\r", ";", "\t", ":", "-", "[", "{", "'", "\x00", "&a ", "*a "])
            + text[at:]
        )
    path.write_bytes(text.encode("utf-8"))


def cut(path, rng):
    data = path.read_bytes()
    path.write_bytes(data[: rng.randrange(len(data))])


def lines(path, rng):
    rows = path.read_text(encoding="utf-8").split("\n")
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(rows))
        rows[at : at + 1] = rng.choice([[], [rows[at]] * 2, ["", rows[at]], [rng.choice(NASTY)], [rows[at], "," * 99]])
    path.write_bytes(rng.choice(["\n", "\r", "\r\n", "\n\r"]).join(rows).encode("utf-8"))


def encoded(path, rng):
    text = path.read_text(encoding="utf-8")
    encoding = rng.choice(["utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "mac_roman", "utf-8-sig", "utf-7"])
    path.write_bytes(text.encode(encoding, errors="replace"))


def other_content(path, rng):
    path.write_bytes(
        rng.choice([b"", b"\n", b"\x00" * 9, b"PK\x03\x04", b"%PDF-1.7", b"<html>", b'"', b",,,", rng.randbytes(500)])
    )


def no_file(path, rng):
    path.unlink()
    match rng.randrange(5):
        case 0:
            path.mkdir()
        case 1:
            os.mkfifo(path)
        case 2:
            path.symlink_to("/dev/zero")
        case 3:
            path.symlink_to(path.name)


def beside(path, rng):
    name = rng.choice(
        ["x.csv", "a{b}.csv", ".DS_Store", "~$x.csv", "corrections.yml", "two\nlines.csv", "\udcff.csv", "folder"]
    )
    (path.parent / name).write_bytes(b"x")


def yaml_text(path, rng):
    """Corrections or a description of odd content; of any other file, its cells."""
    if path.suffix != ".yaml":
        cells(path, rng)
        return
    words = path.read_text(encoding="utf-8").split(" ")
    for _ in range(rng.randrange(1, 5)):
        words[rng.randrange(len(words))] = rng.choice(
            [*NASTY, "'", "\n", "- ", "[" * 200, "a: " * 50, "!!int y", "&a [*a]"]
        )
    path.write_bytes(" ".join(words).encode("utf-8"))


TABLE_ONLY = (cells, whole_column, header, swapped, fewer_columns, ragged)
KINDS = (*TABLE_ONLY, some_bytes, signs, cut, lines, encoded, other_content, no_file, beside, yaml_text)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_damage_is_answered_with_problems_that_have_a_place(small, tmp_path, kind):
    rng = random.Random(kind.__name__)
    known = {*FILES, "data/raw", "findings"}
    for trial in range(16):
        raw = tmp_path / f"{trial}"
        shutil.copytree(small, raw)
        file = rng.choice([file for file in FILES if file.endswith(".csv")] if kind in TABLE_ONLY else FILES)
        kind(raw / file, rng)
        _, problems = check(raw)
        for problem in problems:
            assert problem.file in known or kind is beside or problem.file.startswith("findings/"), problem
            assert problem.line >= 0
            assert problem.message
            assert problem.fix
            assert problem.severity == "error" or problem.check
            assert "Traceback" not in str(problem)
        assert len(listed(problems)) == len(problems)
        (tmp_path / "check.log").write_text(summary(problems), encoding="utf-8")
        with suppress(BadInput):  # what stages call is as calm
            load_evidence(raw)
        shutil.rmtree(raw)
