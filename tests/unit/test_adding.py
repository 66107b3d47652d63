"""Adding a study: every form says the same, nothing is written before it is right, and nothing is lost."""

import json
import shutil
from datetime import datetime, time
from itertools import chain
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook
from tests.project import RECALL, ROOT, change_row, change_text, read_csv, take_out

from reanalysis import pipeline
from reanalysis import store as store_module
from reanalysis.adding import preview
from reanalysis.adding.interview import interview
from reanalysis.adding.study import TABLES, read_study
from reanalysis.adding.template import FORM, allowed, columns, csv_form, xlsx_form, yaml_form
from reanalysis.builds import last_run, standing_build
from reanalysis.changes import compare
from reanalysis.check import check
from reanalysis.cli import commands
from reanalysis.files.config_file import read_config
from reanalysis.files.raw_files import data_files
from reanalysis.problems import BadInput, errors
from reanalysis.refused import Refused
from reanalysis.results.build import Stored
from reanalysis.results.checked import checked_tables
from reanalysis.store import Store

STUDY = "bocchiochiavetto2025"


@pytest.fixture(scope="module")
def without(few, tmp_path_factory):
    """A review without one of its studies, and that study."""
    folder = tmp_path_factory.mktemp("without")
    raw = folder / "data/raw"
    shutil.copytree(few, raw)
    shutil.copytree(ROOT / "config", folder / "config")
    return folder, take_out(raw, STUDY)


@pytest.fixture
def review(without, tmp_path, monkeypatch):
    """A copy of that review to change, in which what was computed once is known."""
    monkeypatch.setattr("reanalysis.adding.last_run", lambda folder: RECALL.__self__)
    return Path(shutil.copytree(without[0], tmp_path / "review"))


@pytest.fixture
def study(without):
    return without[1]


def as_yaml(path, study):
    lines = []
    for table, records in study.items():
        lines.append(f"{table}:")
        for record in records:
            cells = [f"{name}: {json.dumps(cell, ensure_ascii=False)}" for name, cell in record.items()]
            lines += [f"  {'  ' if at else '- '}{cell}" for at, cell in enumerate(cells)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def as_csv(path, study):
    """A line for each finding; the report and the sample stand in the first alone."""
    first = {f"{table}.{name}": cell for table in ("reports", "samples") for name, cell in study[table][0].items()}
    records = [{f"findings.{name}": cell for name, cell in record.items()} for record in study["findings"]]
    records[0] = first | records[0]
    names = list(dict.fromkeys(chain(*records)))
    lines = [names, *([record.get(name, "") for name in names] for record in records)]
    path.write_text("\n".join(",".join(f'"{cell}"' for cell in line) for line in lines))
    return path


def as_xlsx(path, study):
    book = Workbook()
    book.active.title = "notes"
    for table, records in study.items():
        sheet = book.create_sheet(table)
        names = list(dict.fromkeys(chain(*records)))
        sheet.append(names)
        for record in records:
            sheet.append([record.get(name) for name in names])
    book.save(path)
    return path


def cells(rows):
    return [(row.table, row.cells) for row in rows]


def problems(review, path):
    with pytest.raises(BadInput) as refused:
        preview(review, read_study(path))
    return refused.value.problems


# ---------------------------------------------------------------- the three forms, and the questions


@pytest.mark.parametrize(("write", "name"), [(as_yaml, "s.yaml"), (as_csv, "s.csv"), (as_xlsx, "s.xlsx")])
def test_every_form_says_the_same(study, tmp_path, write, name):
    expected = [(table, record) for table, records in study.items() for record in records]
    assert cells(read_study(write(tmp_path / name, study))) == expected


def test_what_follows_from_the_rest_may_be_left_out(study, tmp_path):
    short = {table: [dict(record) for record in records] for table, records in study.items()}
    for record in short["findings"]:
        for name in ("report_id", "sample_id", "coding"):
            del record[name]
    del short["samples"][0]["report_ids"]
    assert dict_of(read_study(as_yaml(tmp_path / "s.yaml", short))) == dict_of(
        read_study(as_yaml(tmp_path / "t.yaml", study))
    )


def dict_of(rows):
    return [(row.table, sorted(row.cells.items())) for row in rows]


def test_the_questions_lead_to_the_same_rows(review, study):
    """Wrong answers are explained and asked again; a person may ask what a cell means."""
    report, sample, finding = study["reports"][0], study["samples"][0], study["findings"][0]
    known = report | sample | finding
    asked, told = [], []

    def ask(question, default):
        name = question.removesuffix(" *")
        asked.append(name)
        if name == "stat_type" and asked.count(name) == 1:
            return "?"
        if name == "pi" and asked.count(name) == 1:
            return "1.5"
        return "n" if name.startswith("Another") else known.get(name, "")

    evidence, _ = check(review / "data/raw")
    rows = {row.table: row.cells for row in interview(evidence, ask, told.append)}
    assert {table: set(row.items()) - {("report_ids", STUDY)} <= set(known.items()) for table, row in rows.items()} == (
        dict.fromkeys(("reports", "samples", "findings"), True)
    )
    given = {name for name in finding if name in asked}
    assert {name: rows["findings"][name] for name in given} == {name: finding[name] for name in given}
    assert {"stat_type", "pi", "direction", "locator", "n1i"} <= given
    assert any("which statistic the source gives" in line for line in told)
    assert any("must be at most 1" in line for line in told)


# ---------------------------------------------------------------- adding


def test_a_study_that_was_taken_out_comes_back_as_it_was(few, review, study, tmp_path):
    before = {path: path.read_bytes() for path in data_files(review / "data/raw")}
    addition = preview(review, read_study(as_yaml(tmp_path / "s.yaml", study)))
    assert {path: path.read_bytes() for path in data_files(review / "data/raw")} == before, "a preview writes nothing"
    addition.write(review)
    for path, text in before.items():
        assert path.read_bytes().startswith(text), f"what stood in {path.name} is not as it was"
    whole, again = (check(raw)[0] for raw in (few, review / "data/raw"))
    assert {name: sorted(map(str, rows)) for name, rows in checked_tables(again).items() if name.endswith("csv")} == {
        name: sorted(map(str, rows)) for name, rows in checked_tables(whole).items() if name.endswith("csv")
    }


def test_the_preview_lists_what_the_study_touches_and_nothing_else(review, study, tmp_path):
    changes = preview(review, read_study(as_yaml(tmp_path / "s.yaml", study))).changes
    added = {(row.table, row.item.split()[0]) for row in changes if row.level == "data"}
    assert added == {
        ("1_checked/reports.csv", STUDY),
        ("1_checked/samples.csv", STUDY),
        *(("1_checked/findings.csv", record["finding_id"]) for record in study["findings"]),
    }
    assert {row.level for row in changes} == {"data", "effect", "pool", "answer", "verdict"}
    findings = {record["finding_id"] for record in study["findings"]}
    assert {row.item.split()[0] for row in changes if row.level == "effect"} == findings
    assert {row.domain for row in changes if row.level in ("pool", "answer")} == {"early-stress"}
    (k,) = (row for row in changes if row.column == "k" and row.item.endswith("SMD all evidence, Bayesian"))
    assert int(k.after) == int(k.before) + 1


def cite(folder, study):
    """Let a claim of the review cite the report of a study."""
    path = folder / "data/raw/claims.csv"
    change_row(path, read_csv(path)[1][0]["claim_id"], cited_reports=study["reports"][0]["report_id"])


def test_a_study_that_is_referred_to_already_mends_the_data(review, study, tmp_path, monkeypatch):
    """Whoever writes the claims first can still add the study; without a run there is nothing to compare with."""
    monkeypatch.chdir(tmp_path)
    cite(review, study)
    assert any(problem.value == STUDY for problem in errors(check(review / "data/raw")[1]))
    path = as_yaml(tmp_path / "s.yaml", study)
    addition = preview(review, read_study(path))
    assert {problem.value for problem in addition.mends} == {STUDY}
    assert addition.changes is None
    said = add(review, path, "--preview")
    assert said.exit_code == 0
    assert said.output.endswith("There was no run before, so what would change cannot be said.\n")


def test_what_mends_the_data_is_compared_with_the_last_run(small, tmp_path):
    study = take_out(small / "data/raw", "back2022")
    cite(small, study)
    addition = preview(small, read_study(as_yaml(tmp_path / "s.yaml", study)))
    assert addition.mends
    assert {(change.level, change.column) for change in addition.changes} == {("data", "cited_reports")}


def test_the_build_as_it_stands_is_the_one_that_the_last_run_has_kept(small):
    """It is computed where something has changed since, and then the same."""
    config = read_config(small / "config/config.yaml")

    def standing():
        return standing_build(small, *check(small / "data/raw"), config, last_run(small))

    with standing() as kept:
        assert isinstance(kept.tables, Stored)
        change_text(small / "data/raw/review.yaml", lambda text: f"{text}# edited\n")
        with standing() as computed:
            assert not isinstance(computed.tables, Stored)
            assert compare(kept, computed) == []


def domains_in(value):
    """The domains of all rows within a value."""
    if isinstance(value, list | tuple):
        return set().union(*map(domains_in, value))
    return {value.domain} - {None} if hasattr(value, "domain") else set()


def test_only_what_rests_on_the_study_is_computed_anew(without, few, config, monkeypatch):
    """A new report, sample and finding concern one domain: no model of another one is fitted again."""
    store, computed = Store(), []
    pipeline.run(check(without[0] / "data/raw")[0], config, store.recall)
    computing = store_module._computed
    monkeypatch.setattr(store_module, "_computed", lambda call: computed.append(call) or computing(call))
    pipeline.run(check(few)[0], config, store.recall)
    assert {domain for call in computed for domain in domains_in(call.arguments)} == {"early-stress"}
    others = [call.function for call in computed if not domains_in(call.arguments)]
    assert len(others) <= 1, "what names no domain is the second opinion on the one new finding"


def test_a_study_that_is_there_already_is_refused(review, study, tmp_path):
    path = as_yaml(tmp_path / "s.yaml", study)
    preview(review, read_study(path)).write(review)
    found = problems(review, path)
    said = [(problem.file, problem.line, problem.message) for problem in found if problem.file == path.name]
    assert sorted(message for _, _, message in said) == ["duplicate"] * 3
    lines = path.read_text(encoding="utf-8").splitlines()
    assert all(STUDY in lines[line - 1] for _, line, _ in said)


def test_an_edit_between_preview_and_writing_is_not_overwritten(review, study, tmp_path):
    addition = preview(review, read_study(as_yaml(tmp_path / "s.yaml", study)))
    columns_, records = read_csv(review / "data/raw/reports.csv")
    change_row(review / "data/raw/reports.csv", records[0][columns_[0]], note="edited meanwhile")
    before = {path: path.read_bytes() for path in data_files(review / "data/raw")}
    with pytest.raises(Refused, match="edited"):
        addition.write(review)
    assert {path: path.read_bytes() for path in data_files(review / "data/raw")} == before


# ---------------------------------------------------------------- what is wrong has its place in the study


WRONG = {
    "a column that there is not": ("stat_typ", "t", "stat_typ", "no such column"),
    "a word that there is not": ("stat_type", "tea", "stat_type", ""),
    "an outcome that nobody declared": ("outcome_group", "oxytocin", "outcome_group", "outcomes.csv"),
    "a number that is none": ("n1i", "many", "n1i", ""),
    "a p above one": ("pi", "1.5", "pi", ""),
    "a domain that there is not": ("domain", "early strss", "domain", "Did you mean `early-stress`?"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_line_in_the_file_of_the_study(review, study, tmp_path, name):
    column, value, told, message = WRONG[name]
    wrong = {table: [dict(record) for record in records] for table, records in study.items()}
    wrong["findings"][0][column] = value
    path = as_yaml(tmp_path / "s.yaml", wrong)
    before = {path: path.read_bytes() for path in data_files(review / "data/raw")}
    found = problems(review, path)
    if told:
        line = 1 + next(
            at for at, text in enumerate(path.read_text().splitlines()) if text.strip(" -") == f'{column}: "{value}"'
        )
        assert (path.name, line, told) in {(problem.file, problem.line, problem.column) for problem in found}
    assert any(message in f"{problem.message} {problem.fix}" for problem in found)
    assert {path: path.read_bytes() for path in data_files(review / "data/raw")} == before


def test_a_review_without_any_domain_is_told_so(review, study, tmp_path):
    path = review / "data/raw/domains.csv"
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    (problem,) = problems(review, as_yaml(tmp_path / "s.yaml", study))
    assert (problem.column, problem.value, problem.fix) == ("domain", "early-stress", "Known: none so far.")


def test_what_else_is_wrong_is_said_together_with_a_wrong_domain(review, study, tmp_path):
    wrong = {table: [dict(record) for record in records] for table, records in study.items()}
    wrong["findings"][0] |= {"domain": "early strss", "pi": "1.5"}
    wrong["reports"][0]["year"] = "soon"
    found = problems(review, as_yaml(tmp_path / "s.yaml", wrong))
    assert {problem.column for problem in found} >= {"domain", "pi", "year"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "just text",
        "- a\n- b",
        "report:\n  report_id: a",
        "findings:\n  - 1",
        "findings:\n  a: {b: c}",
        "a: [",
        "\0",
    ],
)
def test_a_file_that_is_no_study_is_refused_with_its_place(tmp_path, text):
    path = tmp_path / "s.yaml"
    path.write_text(text)
    with pytest.raises(BadInput) as refused:
        read_study(path)
    assert all(problem.file == "s.yaml" and problem.fix for problem in refused.value.problems)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04rest", b"not a workbook", bytes(1000)])
def test_a_workbook_that_cannot_be_read_is_refused(tmp_path, content):
    path = tmp_path / "s.xlsx"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="no workbook that can be read"):
        read_study(path)


ENTERED = {
    "a date": (datetime(2026, 4, 3), "2026-04-03", "a date that a spreadsheet made of it"),
    "a time": (time(3, 40), "03:40:00", "a date that a spreadsheet made of it"),
    "a formula that was never computed": ("=1+2", "=1+2", "a formula without its value"),
    "an error": ("#DIV/0!", "#DIV/0!", "an error of a formula"),
}


@pytest.mark.parametrize("name", ENTERED)
def test_what_a_spreadsheet_made_of_a_cell_is_named_with_its_place(study, tmp_path, name):
    entered, shown, message = ENTERED[name]
    study = {table: [dict(record) for record in records] for table, records in study.items()}
    study["findings"][0]["locator"] = entered
    with pytest.raises(BadInput) as refused:
        read_study(as_xlsx(tmp_path / "s.xlsx", study))
    (problem,) = refused.value.problems
    told = (problem.file, problem.line, problem.column, problem.value, problem.message)
    assert told == ("s.xlsx, sheet findings", 2, "locator", shown, message)


def test_a_day_is_read_where_a_day_belongs(tmp_path):
    notice = {"report_id": "smith2010", "date": datetime(2026, 4, 3)}
    (row,) = read_study(as_xlsx(tmp_path / "s.xlsx", {"retractions": [notice]}))
    assert row.cells["date"] == "2026-04-03"


def test_two_lines_that_contradict_each_other_are_refused(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text("reports.report_id,reports.year,findings.domain\nsmith2010,2010,a\nsmith2010,2011,a\n")
    with pytest.raises(BadInput, match="s.csv:3 .reports.year. '2011': line 2 says `2010` of the same row"):
        read_study(path)


# ---------------------------------------------------------------- forms


def test_an_empty_form_holds_every_column_that_must_be_filled_and_adds_nothing(evidence, tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(yaml_form(evidence), encoding="utf-8")
    with pytest.raises(BadInput, match="no row to add"):
        read_study(path)
    for table in FORM:
        for name, field in columns(table).items():
            assert not field.is_required() or name == "coding" or f" {name}:" in path.read_text(encoding="utf-8"), name


def test_the_workbook_offers_the_words_of_the_review(evidence, tmp_path):
    path = tmp_path / "s.xlsx"
    path.write_bytes(xlsx_form(evidence))
    book = load_workbook(path)
    assert [sheet for sheet in book.sheetnames if sheet in TABLES] == list(FORM)
    sheet = book["findings"]
    assert [cell.value for cell in sheet[1]] == list(columns("findings"))
    at = list(columns("findings")).index("outcome_group") + 1
    letter = sheet.cell(1, at).column_letter
    (choice,) = (one for one in sheet.data_validations.dataValidation if f"{letter}2" in one.sqref)
    source = choice.formula1.partition("!")[2].replace("$", "")
    offered = [row[0].value for row in book["words"][source]]
    assert offered == allowed("findings", "outcome_group", evidence) == list(evidence.outcomes)


def test_the_csv_form_is_read_as_a_study_once_it_is_filled(tmp_path):
    path = tmp_path / "s.csv"
    header = csv_form().splitlines()[0].split(",")
    path.write_text(csv_form() + ",".join("x" if name == "findings.domain" else "" for name in header) + "\n")
    assert cells(read_study(path)) == [("findings", {"domain": "x", "coding": "primary"})]


# ---------------------------------------------------------------- the command


def add(review, *arguments, answer=None):
    return CliRunner().invoke(commands, ["-C", str(review), "add", *map(str, arguments)], input=answer)


def test_the_command_asks_before_it_writes(review, study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = as_yaml(tmp_path / "s.yaml", study)
    before = {path: path.read_bytes() for path in data_files(review / "data/raw")}
    said = add(review, path, answer="n\n")
    assert (said.exit_code, "Nothing was written." in said.output) == (0, True)
    assert {path: path.read_bytes() for path in data_files(review / "data/raw")} == before
    said = add(review, path, answer="y\n")
    assert (
        "Added to data/raw: reports.csv (1 row), samples.csv (1 row), findings/early-stress.csv (1 row)" in said.output
    )
    assert {path: path.read_bytes() for path in data_files(review / "data/raw")} != before


def test_a_form_does_not_replace_a_file(review, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "s.yaml"
    path.write_text("mine")
    assert isinstance(add(review, "--template", path).exception, Refused)
    assert path.read_text() == "mine"
