"""Files as people and their programs leave them: read, or refused with the place, the reason and the cure."""

import csv
import errno
import io
import os
import socket

import pytest
from tests.project import RAW, change_row, change_text, copy_raw

from reanalysis.check import check, errors, load
from reanalysis.check.listing import counted, listed
from reanalysis.check.reading import read_table
from reanalysis.check.registry import CHECKS
from reanalysis.files.raw_files import data_files, is_junk, strangers
from reanalysis.files.text_file import LARGEST, unseen
from reanalysis.problems import REPORT, Problem, summary
from reanalysis.schema.cells import number_fault
from reanalysis.schema.raw import Finding, FlowCount

LEVELS = "findings/early-stress.csv"
ACCURACY = "findings/emotion-recognition.csv"
ANGER = "bertsch2013-ajp-anger-eyes-bpd"


@pytest.fixture
def raw(few, tmp_path):
    """The data of few domains: what is said of a file or a row does not depend on the others."""
    return copy_raw(tmp_path, few)


@pytest.fixture(scope="module")
def evidence(few):
    return load(few)


def told(raw):
    """All errors as a person reads them."""
    return [str(problem) for problem in errors(check(raw)[1])]


def the_one(raw):
    """The one error of the data, which says what to do."""
    (problem,) = errors(check(raw)[1])
    assert problem.fix.strip()
    return problem


def the_one_of(raw, file):
    """The one error of a file."""
    (problem,) = (p for p in errors(check(raw)[1]) if p.file == file)
    return problem


# ---------------------------------------------------------------- what is read as it is meant


def cr_alone(text):
    return text.replace("\n", "\r")


def crlf(text):
    return text.replace("\n", "\r\n")


def byte_order_mark(text):
    return "\ufeff" + text


def empty_margins(text):
    """As a spreadsheet saves a sheet in which more was once selected."""
    rows = text.splitlines()
    return "\n".join([f"{row},," for row in rows] + ["," * (rows[0].count(",") + 2)] * 3) + "\n"


def blank_lines(text):
    return text.replace("\n", "\n\n", 2) + "\n\n"


def separated(delimiter, declared=""):
    def rewrite(text):
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(csv.reader(io.StringIO(text)))
        return declared + out.getvalue()

    return rewrite


WAYS = {
    "cr": cr_alone,
    "crlf": crlf,
    "mark": byte_order_mark,
    "margins": empty_margins,
    "blank": blank_lines,
    "semicolons": separated(";"),
    "tabs": separated("\t"),
    "sep": separated(";", "sep=;\n"),
    "sep-comma": separated(",", '"sep=,"\n'),
}


@pytest.mark.parametrize("file", ["reports.csv", "samples.csv", "flow.csv", LEVELS])
@pytest.mark.parametrize("way", WAYS)
def test_the_same_table_in_another_guise(raw, evidence, way, file):
    text = WAYS[way]((raw / file).read_text(encoding="utf-8"))
    (raw / file).write_bytes(text.encode())
    assert load(raw) == evidence


def test_lines_are_counted_as_an_editor_counts_them(raw):
    change_row(raw / LEVELS, "bomann2017-level", direction="")
    (before,) = errors(check(raw)[1])
    change_text(raw / LEVELS, separated(";", "sep=;\n"))
    assert the_one(raw).line == before.line + 1


def test_a_row_that_is_cut_is_not_taken_for_one_with_empty_cells(raw):
    change_text(raw / "samples.csv", lambda text: text.rstrip("\n").rpartition(",")[0] + "\n")
    assert "cells under" in the_one(raw).message


# ---------------------------------------------------------------- quotes, lines and columns


@pytest.mark.parametrize(
    ("file", "cell", "message"),
    [
        ("flow.csv", '"records-registers,', "a quotation mark that is opened in this line is not closed in it"),
        ("samples.csv", '"bomann"2017,', "text behind a closing quotation mark"),
    ],
)
def test_a_quote_in_the_wrong_place_is_one_problem(raw, file, cell, message):
    """No row of the file is certain then, and nothing that refers to one is blamed."""
    change_text(raw / file, lambda text: text.replace("\n" + cell.replace('"', ""), f"\n{cell}", 1))
    problem = the_one(raw)
    assert (problem.file, problem.message) == (file, message)
    assert (raw / file).read_text(encoding="utf-8").splitlines()[problem.line - 1].startswith(cell)


def test_a_quote_that_is_open_to_the_end(raw):
    change_text(raw / "domains.csv", lambda text: text.rstrip("\n").rpartition("\n")[0] + '\nx,"y\n')
    assert "is not closed in it" in the_one_of(raw, "domains.csv").message


def test_a_carriage_return_within_a_cell(raw):
    change_row(raw / "reports.csv", "bomann2017", title="Oxytocin\rand more")
    problem = the_one(raw)
    assert "carriage return" in problem.message
    assert problem.line == next(
        n for n, row in enumerate((raw / "reports.csv").read_bytes().split(b"\n"), start=1) if b"\r" in row
    )


@pytest.mark.parametrize("mark", ["\n", "\t"])
def test_a_line_break_or_a_tab_within_a_cell(raw, mark):
    change_row(raw / "reports.csv", "bomann2017", title=f"Oxytocin{mark}and more")
    assert "a line break or a tab" in the_one(raw).message


def test_a_cell_of_150_000_characters(raw):
    line = change_row(raw / "reports.csv", "bomann2017", note="a" * 150_000)
    problem = the_one(raw)
    assert (problem.line, problem.column) == (line, "note")
    assert "150,000 characters" in problem.message
    assert len(str(problem)) < 400


def test_a_column_with_cells_but_no_name(raw):
    first, *rows = (raw / "flow.csv").read_text(encoding="utf-8").splitlines()
    text = "\n".join([f"{first},", *(f"{row},7" for row in rows)])
    (raw / "flow.csv").write_text(text, encoding="utf-8")
    problem = the_one(raw)
    assert (problem.line, problem.message) == (2, "column 12 (L in a spreadsheet) has cells but no name")


# ---------------------------------------------------------------- letters that nobody sees

BAD = ["\x00", "\x07", "\x0b", "\x0c", "\x1b", "\x1c", "\x7f", "\x85", "\xad", "\u200b", "\u200e", "\u202e", "\u2028"]
BAD += ["\u2066", "\ufeff", "\ufffd", "\ufffe", "\uffff", "\U000e0041"]


@pytest.mark.parametrize("sign", BAD, ids=[f"U+{ord(sign):04X}" for sign in BAD])
def test_a_control_or_an_invisible_character_is_refused_with_its_place(raw, sign):
    line = change_row(raw / LEVELS, "bomann2017-level", outcome=f"plasma{sign} level")
    problem = the_one(raw)
    assert (problem.file, problem.line, problem.column) == (LEVELS, line, "outcome")
    assert f"character 7 is U+{ord(sign):04X}" in problem.message


@pytest.mark.parametrize(
    "text", ["Müller–Weiß", "Иванов", "王伟", "שלום", "محمد", "می\u200cخواهم", "e\u0301", "10\xa0IU", "a😀"]
)
def test_letters_of_any_script_are_no_fault(text):
    assert list(unseen(text)) == []


def test_a_control_character_in_the_header(raw):
    change_text(raw / "samples.csv", lambda text: text.replace("sample_id", "sample\u200b_id", 1))
    problems = errors(check(raw)[1])
    assert any("U+200B" in p.message and "Did you mean `sample_id`?" in p.fix for p in problems)


# ---------------------------------------------------------------- numbers

NUMBERS = {
    "\u22120.36": ("MINUS SIGN (U+2212)", "-0.36"),
    "\u20130.36": ("EN DASH (U+2013)", "-0.36"),
    "1\u2009000": ("THIN SPACE (U+2009)", "1000"),
    "12\xa0": ("NO-BREAK SPACE (U+00A0)", "12"),
    "\u2212 0.5": ("MINUS SIGN (U+2212)", "-0.5"),
    "1_000": ("LOW LINE (U+005F)", "1000"),
    "٥.٥": ("ARABIC-INDIC DIGIT FIVE (U+0665)", "5.5"),
    "１２": ("FULLWIDTH DIGIT ONE (U+FF11)", "12"),
    "<0.001": ("the sign < before", "the number alone"),
    "1,5": ("decimal comma", "1.5"),
    "Mar-05": ("a date", "set the column to text"),
    "05.03.2024": ("a date", "set the column to text"),
    "5. Mär": ("a date", "set the column to text"),
    "1.000.000": ("a date", ""),
    "NA": ("a word for a missing number", "Leave the cell empty"),
    "\u2013": ("a word for a missing number", "Leave the cell empty"),
    "inf": ("not a finite number", "Leave the cell empty"),
    "0x1F": ("not a number", "digits only"),
    "12 pg/ml": ("not a number", "digits only"),
    "9" * 400: ("more than 40 characters", "Round"),
}


@pytest.mark.parametrize("text", [text for text in NUMBERS if text != "1.000.000"])
def test_a_number_that_is_none_is_told_what_it_is(text):
    message, fix = number_fault(text)
    assert NUMBERS[text][0] in message
    assert NUMBERS[text][1] in fix


@pytest.mark.parametrize("text", ["0", "-0.36", "+1", "1.", ".5", "12.50", "1e-5", "2E+3"])
def test_plain_numbers(text):
    assert number_fault(text) is None


@pytest.mark.parametrize("text", ["1e308", "1e-160", "1e13", "1" * 30])
def test_a_number_beyond_what_can_be_calculated_with(raw, text):
    line = change_row(raw / ACCURACY, ANGER, sd1i=text)
    problem = the_one(raw)
    assert (problem.line, problem.column, problem.message) == (line, "sd1i", "out of any range")


def test_a_p_with_its_relation_is_told_where_each_belongs(raw):
    line = change_row(raw / LEVELS, "bocchiochiavetto2025-level", pi="<0.001")
    (problem,) = (p for p in errors(check(raw)[1]) if p.column == "pi")
    assert problem.line == line
    for words in ("0.001 into `pi`", "`<` into `p_relation`", "`significance` into `stat_type`"):
        assert words in problem.fix


@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("x")', "@SUM(A1)", "+1+cmd|' /C calc'!A0", "#NAME?", "#DIV/0!", "###"]
)
@pytest.mark.parametrize("column", ["outcome", "m1i"])
def test_what_a_spreadsheet_would_run_or_has_lost(raw, column, text):
    line = change_row(raw / ACCURACY, ANGER, **{column: text})
    problem = the_one(raw)
    assert (problem.line, problem.column) == (line, column)
    assert "of a spreadsheet" in problem.message


def test_a_part_of_a_cell_is_no_formula_either(raw):
    line = change_row(raw / "reports.csv", "bomann2017", authors="Smith A; =HYPERLINK(1)")
    problem = the_one_of(raw, "reports.csv")
    assert (problem.line, problem.column) == (line, "authors")
    assert "formula of a spreadsheet" in problem.message


@pytest.mark.parametrize("text", ["+/- anxiety", "-", "= 3", "a=b", "@"])
def test_signs_that_a_spreadsheet_does_not_run_are_text(raw, text):
    change_row(raw / ACCURACY, ANGER, note=text)
    assert told(raw) == []


def test_a_date_in_the_place_of_a_name(raw):
    change_row(raw / ACCURACY, ANGER, finding_id="5. Mar")
    assert any("a date in the place of a name" in p.message for p in errors(check(raw)[1]))


def test_a_word_is_recognised_whatever_its_case(raw):
    change_row(raw / LEVELS, "bomann2017-level", source_kind="Abstract")
    assert "Did you mean `abstract`?" in the_one(raw).fix


def test_words_are_explained_where_none_is_near(raw):
    change_row(raw / LEVELS, "bomann2017-level", direction="lower_in_patients")
    fix = the_one(raw).fix
    assert "group_2_higher" in fix
    assert Finding.model_fields["direction"].description in fix


# ---------------------------------------------------------------- encodings, and what is no file


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("utf-16-be", "UTF-16"), ("utf-32", "UTF-32")],
)
@pytest.mark.parametrize("file", ["reports.csv", "corrections.yaml"])
def test_another_unicode(raw, file, encoding, named):
    path = raw / file
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    problem = the_one_of(raw, file)
    assert named in problem.message
    assert "Save the file as UTF-8" in problem.fix


@pytest.mark.parametrize(
    ("encoding", "named"), [("latin-1", "Latin-1"), ("cp1252", "Latin-1"), ("mac_roman", "Mac Roman")]
)
def test_an_old_encoding_is_named_with_the_text_that_shows_it(raw, encoding, named):
    (raw / "reports.csv").write_bytes("report_id,label\nx,Müller 2011\n".encode(encoding))
    problem = the_one_of(raw, "reports.csv")
    assert problem.line == 2
    assert f"{named}" in problem.message
    assert "Müller 2011"[:7] in problem.message


@pytest.mark.parametrize("content", [b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_workbook_under_the_name_of_a_table(raw, content):
    (raw / "flow.csv").write_bytes(content)
    problem = the_one_of(raw, "flow.csv")
    assert "workbook" in problem.message


def folder(path):
    path.mkdir()


def pipe(path):
    os.mkfifo(path)


def device(path):
    path.symlink_to("/dev/zero")


def broken_link(path):
    path.symlink_to("nowhere")


def listening_socket(path):
    here = os.open(".", os.O_RDONLY)
    os.chdir(path.parent)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)
    os.fchdir(here)
    os.close(here)


def huge(path):
    with path.open("wb") as handle:
        handle.truncate(LARGEST + 1)


NO_FILES = {
    folder: "a folder in the place of a file",
    pipe: "a pipe in the place of a file",
    device: "a device in the place of a file",
    broken_link: "a link to a file that does not exist",
    listening_socket: "a socket in the place of a file",
    huge: "too large",
}


@pytest.mark.parametrize("file", ["domains.csv", "flow.csv", LEVELS, "corrections.yaml"])
@pytest.mark.parametrize("make", NO_FILES, ids=lambda make: make.__name__)
def test_what_is_no_file_is_never_opened(raw, file, make):
    (raw / file).unlink()
    make(raw / file)
    problem = the_one_of(raw, file)
    assert NO_FILES[make] in problem.message
    assert raw / file not in data_files(raw) or make is huge


def test_a_file_that_may_not_be_read(raw, monkeypatch):
    """As the system says it; root may read everything, so that the refusal is made up here."""

    def refuse(path):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(type(raw), "read_bytes", refuse)
    problems = read_table(raw / "flow.csv", FlowCount, "flow.csv").problems
    assert [str(p) for p in problems] == [
        "error: flow.csv cannot be read: Permission denied. Check the name of the file and whether you may read it."
    ]


def test_a_refusal_of_the_system_is_passed_on(tmp_path):
    (problem,) = read_table(tmp_path / ("x" * 300), Finding, "long").problems
    assert problem.message.startswith("cannot be read")


def test_a_very_long_name_of_a_domain(raw):
    line = change_row(raw / "domains.csv", "mother-child", domain="a" * 300)
    assert any(
        (p.file, p.line, p.column, p.message) == ("domains.csv", line, "domain", "longer than 60 characters")
        for p in errors(check(raw)[1])
    )


# ---------------------------------------------------------------- what stands beside the tables

JUNK = [".~lock.reports.csv#", "~$reports.csv", ".DS_Store", "Thumbs.db", "desktop.ini", "._reports.csv"]
JUNK += ["reports.csv~", ".reports.csv.swp", "#reports.csv#", ".#reports.csv", "reports.csv.bak", "Icon\r", ".gitkeep"]


@pytest.mark.parametrize("place", ["", "findings/"])
@pytest.mark.parametrize("name", JUNK)
def test_what_programs_leave_there_is_passed_over(raw, evidence, place, name):
    before = data_files(raw)
    (raw / f"{place}{name}").write_bytes(b"\x00")
    assert is_junk(name)
    assert load(raw) == evidence
    assert data_files(raw) == before


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("corrections.yml", "Rename it to `corrections.yaml`"),
        ("corrections.yaml.txt", "Rename it to `corrections.yaml`"),
        ("Corrections.yaml", "Rename it to `corrections.yaml`"),
        ("sample.csv", "Did you mean `samples.csv`?"),
        ("Reports.CSV", "Did you mean `reports.csv`?"),
        ("finding", "Did you mean `findings`?"),
        ("my notes.docx", "Move it out of data/raw"),
        ("a{b}.csv", "Move it out of data/raw"),
        ("{domain}.txt", "Move it out of data/raw"),
        ("two\nlines", "Move it out of data/raw"),
        ("findings/early-stress.xlsx", "CSV files named as their domain"),
        ("findings/a{b}.csv", "CSV files named as their domain"),
        ("findings/Early Stress.csv", "CSV files named as their domain"),
        ("findings/early-stres.csv", "Did you mean `early-stress`?"),
        ("findings/old", "CSV files named as their domain"),
    ],
)
def test_what_would_be_ignored_is_named(raw, name, hint):
    before = data_files(raw)
    (raw / name).mkdir() if "." not in name and "\n" not in name else (raw / name).write_text("x", encoding="utf-8")
    problem = next(p for p in errors(check(raw)[1]) if p.file == name.replace("\n", "\\n"))
    assert hint in problem.fix
    assert [path for path in data_files(raw) if path not in before] in ([], [raw / "findings/early-stres.csv"])


def test_the_tables_of_the_project_are_all_data():
    assert strangers(RAW) == []
    assert {path.relative_to(RAW).as_posix() for path in data_files(RAW)} == {
        path.relative_to(RAW).as_posix() for path in RAW.rglob("*") if path.is_file()
    }


def test_raw_data_that_are_not_there(tmp_path):
    problems = errors(check(tmp_path / "nothing")[1])
    assert {p.message for p in problems} == {"the file is missing", "the folder is missing"}


# ---------------------------------------------------------------- what a person reads


def warning(**changes):
    about = {"file": "samples.csv", "line": 3, "column": "age", "value": "7", "message": "young", "fix": "Look."}
    return Problem(**(about | {"severity": "warning", "check": "age"} | changes))


def test_errors_come_last_and_warnings_in_one_line():
    text = summary([warning(), warning(accepted="seen"), warning(severity="error")])
    first, error, closing = text.splitlines()
    assert first.startswith("1 warning is open")
    assert REPORT in first
    assert error.startswith("error: samples.csv:3 [age] '7': young. Look.")
    assert closing == "1 error in the input: fix what is listed above and run again."


def test_few_warnings_are_told_and_many_counted():
    assert summary([warning()] * 3).count("warning: samples.csv:3 [age]") == 3
    assert len(summary([warning()] * 4).splitlines()) == 1


def test_the_table_of_problems():
    (row,) = listed([warning(check="skewed", accepted="it is so")])
    assert (row.severity, row.check, row.file, row.line, row.row) == ("warning", "skewed", "samples.csv", 3, None)
    assert (row.column, row.value, row.message, row.fix, row.accepted) == ("age", "7", "young", "Look.", "it is so")
    assert row.expected == CHECKS["skewed"].expected
    runs = {run.check: run for run in counted([warning(check="skewed", accepted="it is so"), warning(check="skewed")])}
    assert runs.keys() == CHECKS.keys()
    assert (runs["skewed"].found, runs["skewed"].accepted) == (2, 1)
    assert sum(run.found for run in runs.values()) == 2
