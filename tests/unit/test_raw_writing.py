"""Rows are added at the end of tables of any form; an interruption at any moment changes all tables or none."""

import os
import signal

import pytest
from tests.project import RAW, copy_raw

from reanalysis.builds import examine
from reanalysis.check import check
from reanalysis.files import raw_writing
from reanalysis.files.raw_writing import JOURNAL, append_all, appended, finish, tried, write_all
from reanalysis.problems import BadInput, errors
from reanalysis.refused import Refused

OUTCOME = {"outcome_group": "new", "label": "what is new", "higher_is_better": "unclear"}


def added(folder, before: bytes, *rows, name="outcomes.csv") -> bytes:
    """A table after rows were added to it."""
    (folder / name).write_bytes(before)
    texts = appended(folder, {name: list(rows)})
    write_all(folder, texts)
    return (folder / name).read_bytes()


# ---------------------------------------------------------------- the new text

HEADER = b"outcome_group,label,higher_is_better"
FORMS = {  # before, after
    "plain": (HEADER + b"\na,b,yes\n", HEADER + b"\na,b,yes\nnew,what is new,unclear\n"),
    "no last line end": (HEADER + b"\na,b,yes", HEADER + b"\na,b,yes\nnew,what is new,unclear"),
    "header alone": (HEADER, HEADER + b"\nnew,what is new,unclear"),
    "Windows": (HEADER + b"\r\na,b,yes\r\n", HEADER + b"\r\na,b,yes\r\nnew,what is new,unclear\r\n"),
    "old Mac": (HEADER + b"\ra,b,yes\r", HEADER + b"\ra,b,yes\rnew,what is new,unclear\r"),
    "mark": (b"\xef\xbb\xbf" + HEADER + b"\n", b"\xef\xbb\xbf" + HEADER + b"\nnew,what is new,unclear\n"),
    "semicolons": (
        b"outcome_group;label;higher_is_better\n",
        b"outcome_group;label;higher_is_better\nnew;what is new;unclear\n",
    ),
    "separator of Excel": (
        b"sep=;\r\noutcome_group;label;higher_is_better\r\n",
        b"sep=;\r\noutcome_group;label;higher_is_better\r\nnew;what is new;unclear\r\n",
    ),
    "another order": (b"label,higher_is_better,outcome_group\n",) * 2,
    "quotes and empty lines stay": (
        b'"outcome_group","label","higher_is_better"\n"a","b ""c""","yes"\n,,\n\n',
        b'"outcome_group","label","higher_is_better"\n"a","b ""c""","yes"\n,,\n\nnew,what is new,unclear\n',
    ),
}
FORMS["another order"] = (FORMS["another order"][0], FORMS["another order"][0] + b"what is new,unclear,new\n")


@pytest.mark.parametrize("form", FORMS)
def test_a_row_stands_at_the_end_and_everything_else_stays(form, tmp_path):
    before, after = FORMS[form]
    assert added(tmp_path, before, OUTCOME) == after


WIDER = {
    "plain": (HEADER + b"\na,b,yes\n", HEADER + b",question,note\na,b,yes,,\nnew,what is new,unclear,sleep,n\n"),
    "Windows": (
        HEADER + b"\r\na,b,yes\r\n",
        HEADER + b",question,note\r\na,b,yes,,\r\nnew,what is new,unclear,sleep,n\r\n",
    ),
    "no last line end": (HEADER + b"\na,b,yes", HEADER + b",question,note\na,b,yes,,\nnew,what is new,unclear,sleep,n"),
    "empty lines and empty cells behind": (
        HEADER + b",,\n\na,b,yes,,\nc,d,no,\n",
        HEADER + b",question,note\n\na,b,yes,,\nc,d,no,,\nnew,what is new,unclear,sleep,n\n",
    ),
    "one of them is there": (
        b"outcome_group,note,label,higher_is_better\na,,b,yes\n",
        b"outcome_group,note,label,higher_is_better,question\na,,b,yes,\nnew,n,what is new,unclear,sleep\n",
    ),
}


@pytest.mark.parametrize("form", WIDER)
def test_a_column_that_is_lacking_comes_behind_the_others(form, tmp_path):
    before, after = WIDER[form]
    assert added(tmp_path, before, OUTCOME | {"note": "n", "question": "sleep"}) == after


def test_a_new_table_has_the_columns_that_it_needs_and_those_that_are_filled(tmp_path):
    texts = appended(tmp_path, {"outcomes.csv": [OUTCOME | {"note": 'a "new", one', "family": ""}], "domains.csv": []})
    assert texts == {
        "outcomes.csv": 'outcome_group,label,higher_is_better,note\nnew,what is new,unclear,"a ""new"", one"\n'
    }
    assert list(tmp_path.iterdir()) == []


def test_a_column_that_no_table_has_is_told_by_the_check(raw):
    texts = appended(raw, {"outcomes.csv": [OUTCOME | {"lable": "x"}]})
    with tried(raw, texts) as copy:
        (problem,) = errors(check(copy)[1])[:1]
    assert (problem.file, problem.column, problem.fix[:21]) == ("outcomes.csv", "lable", "Did you mean `label`?")


def test_the_real_tables_with_rows_are_read_as_before_and_with_the_rows(raw):
    """Every table of the project, and every column of a finding."""
    finding = {
        **{"finding_id": "new", "coding": "primary", "report_id": "back2022", "sample_id": "back2022"},
        **{"contrast": "bpd_vs_control", "outcome_group": "new", "population": "women", "outcome": "what is new"},
        **{"design": "observational", "group_1": "BPD", "group_2": "controls", "direction": "group_2_higher"},
        **{"stat_type": "means", "n1i": "10", "m1i": "1", "sd1i": "1", "n2i": "10", "m2i": "2", "sd2i": "1"},
        **{"locator": "p. 1", "source_kind": "abstract", "coder": "AB"},
    }
    rows = {
        "outcomes.csv": [OUTCOME],
        "findings/cardiac.csv": [finding],
        "findings/new.csv": [finding | {"finding_id": "x"}],
    }
    rows["domains.csv"] = [{"domain": "new", "section": "added", "title": "New"}]
    before = check(raw)
    texts = appended(raw, rows)
    with tried(raw, texts) as copy:
        after = check(copy)
    assert not errors(after[1])
    assert after[0].findings["cardiac"][:-1] == before[0].findings["cardiac"]
    assert {**after[0].outcomes} == {**before[0].outcomes, "new": after[0].outcomes["new"]}
    assert [row.finding_id for row in after[0].findings["new"]] == ["x"]
    assert check(raw) == before


def test_a_table_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "outcomes.csv").write_bytes(HEADER + b'\na,"b,yes\n')
    with pytest.raises(BadInput, match="quotation mark"):
        appended(tmp_path, {"outcomes.csv": [OUTCOME]})
    (tmp_path / "outcomes.csv").write_bytes(HEADER + b"\na,\xe9,yes\n")
    with pytest.raises(BadInput, match="not UTF-8"):
        appended(tmp_path, {"outcomes.csv": [OUTCOME]})


@pytest.mark.parametrize("name", ["../outcomes.csv", "findings/../../x.csv", "findings/A.csv", "/tmp/x.csv", "x.csv"])
def test_nothing_but_a_table_is_written(name, tmp_path):
    with pytest.raises(BadInput, match="no table of the raw data"):
        appended(tmp_path / "raw", {name: [OUTCOME]})
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- writing

OLD = {"outcomes.csv": "old\n", "samples.csv": "old\n", "findings/a.csv": "old\n"}
NEW = {"outcomes.csv": "new\n", "samples.csv": "new, and more\n", "findings/a.csv": "new\n", "findings/b.csv": "new\n"}


def old_tables(folder):
    (folder / "findings").mkdir(parents=True)
    for name, text in OLD.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def folder(tmp_path):
    return old_tables(tmp_path / "raw")


def content(folder):
    """Every file, hidden ones too."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def test_all_are_written_with_their_permissions_and_through_links(folder, tmp_path):
    (folder / "samples.csv").rename(tmp_path / "elsewhere.csv")
    (folder / "samples.csv").symlink_to(tmp_path / "elsewhere.csv")
    (folder / "outcomes.csv").chmod(0o640)
    write_all(folder, NEW)
    assert content(folder) == NEW
    assert (folder / "outcomes.csv").stat().st_mode & 0o777 == 0o640
    assert (folder / "samples.csv").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere.csv", "raw"]


def killed_before_call(number, folder) -> int:
    """Write in a process that kills itself before its n-th call that touches the disk; its exit code."""
    process = os.fork()
    if process:
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    calls = iter(range(1, 1000))

    def counted(function):
        def called(*arguments, **named):
            if next(calls) == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **named)

        return called

    for name in ("replace", "write_bytes", "write_text", "unlink"):
        setattr(raw_writing.Path, name, counted(getattr(raw_writing.Path, name)))
    os.fsync = counted(os.fsync)
    write_all(folder, NEW)
    os._exit(0)


def test_killed_at_any_moment_all_tables_are_old_or_the_next_command_makes_them_new(tmp_path):
    seen = []
    for number in range(1, 100):
        folder = old_tables(tmp_path / str(number))
        code = killed_before_call(number, folder)
        between = {name: text for name, text in content(folder).items() if name in NEW}
        finish(folder)
        after = {name: text for name, text in content(folder).items() if name in NEW}
        assert after in (OLD, NEW)
        write_all(folder, NEW)
        assert content(folder) == NEW  # neither journal nor draft is left
        seen.append((between == OLD, between == NEW, after == NEW))
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert seen[0] == (True, False, False)
    assert (True, False, True) in seen  # the journal was there, and no table renamed yet
    assert (False, False, True) in seen  # some tables were new and some old
    assert seen[-1] == (False, True, True)


def interrupted(folder, monkeypatch):
    """Write, interrupted after the first table has been renamed."""
    replace, done = raw_writing.Path.replace, []

    def once(path, target):
        if len(done) == 2:  # the journal and a table
            raise KeyboardInterrupt
        done.append(target)
        return replace(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(raw_writing.Path, "replace", once)
        with pytest.raises(KeyboardInterrupt):
            write_all(folder, NEW)
    assert content(folder)["outcomes.csv"] == NEW["outcomes.csv"]
    assert content(folder)["samples.csv"] == OLD["samples.csv"]


def test_the_next_writing_completes_what_was_interrupted_first(folder, monkeypatch):
    interrupted(folder, monkeypatch)
    write_all(folder, {"findings/b.csv": "newer\n"})
    assert content(folder) == NEW | {"findings/b.csv": "newer\n"}


def test_what_was_edited_after_an_interruption_is_not_overwritten(folder, monkeypatch):
    interrupted(folder, monkeypatch)
    (folder / "samples.csv").write_text("edited\n", encoding="utf-8")
    before = content(folder)
    for again in (finish, lambda raw: appended(raw, {"outcomes.csv": [OUTCOME]}), lambda raw: write_all(raw, NEW)):
        with pytest.raises(Refused, match=r"samples\.csv or its draft \.being-written-samples\.csv has been"):
            again(folder)
        assert content(folder) == before
    (folder / ".being-written-samples.csv").unlink()  # as the message says, after its rows have been added by hand
    (folder / JOURNAL).unlink()
    finish(folder)
    assert content(folder)["samples.csv"] == "edited\n"


def test_a_table_that_was_renamed_already_may_be_edited(folder, monkeypatch):
    interrupted(folder, monkeypatch)
    (folder / "outcomes.csv").write_text("new, and edited\n", encoding="utf-8")
    finish(folder)
    assert content(folder) == NEW | {"outcomes.csv": "new, and edited\n"}


def test_a_draft_that_somebody_has_removed_is_missed(folder, monkeypatch):
    interrupted(folder, monkeypatch)
    (folder / "findings/.being-written-b.csv").unlink()
    with pytest.raises(Refused, match=r"b\.csv or its draft"):
        finish(folder)


def test_a_full_disk_changes_nothing(folder, monkeypatch):
    def full(path, text):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(raw_writing.Path, "write_bytes", full)
    with pytest.raises(Refused, match="No space left on device. Nothing was changed"):
        write_all(folder, NEW)
    assert content(folder) == OLD


def test_a_table_that_is_write_protected_stays(folder, monkeypatch):
    (folder / "samples.csv").chmod(0o444)
    monkeypatch.setattr(raw_writing.os, "access", lambda path, mode: path.name != "samples.csv")  # root may write
    with pytest.raises(Refused, match="samples.csv cannot be written: it is write-protected. Nothing was changed"):
        write_all(folder, NEW)
    assert content(folder) == OLD


def test_a_table_that_was_edited_while_its_rows_were_checked_is_not_overwritten(tmp_path):
    raw = copy_raw(tmp_path)
    rows = {"outcomes.csv": [OUTCOME], "domains.csv": [{"domain": "new", "title": "New"}]}
    texts = appended(raw, rows)
    text = (raw / "outcomes.csv").read_text(encoding="utf-8")
    (raw / "outcomes.csv").write_text(text.replace("yes", "no", 1), encoding="utf-8")
    with pytest.raises(Refused, match="edited while"):
        append_all(raw, rows, texts)
    assert (raw / "domains.csv").read_bytes() == (RAW / "domains.csv").read_bytes()
    append_all(raw, rows, appended(raw, rows))
    assert (raw / "domains.csv").read_text(encoding="utf-8").endswith("new,,New,\n")


def test_the_check_completes_what_was_interrupted(tmp_path, monkeypatch):
    raw = copy_raw(tmp_path / "data")
    before = appended(raw, {"outcomes.csv": [OUTCOME], "domains.csv": [{"domain": "new", "title": "New"}]})
    with monkeypatch.context() as patch:
        patch.setattr(raw_writing, "_finish", lambda raw: None)
        write_all(raw, before)
    assert (raw / JOURNAL).exists()
    assert {problem.file for problem in errors(examine(tmp_path))} >= {"findings/new.csv"}
    assert {name: (raw / name).read_text(encoding="utf-8") for name in before} == before


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"../victim.csv": null}', '{"/tmp/victim.csv": null}', '{"findings/../../victim.csv": null}'],
)
def test_a_journal_that_no_addition_left_is_named_and_writes_nothing(raw, content):
    (raw / JOURNAL).write_text(content, encoding="utf-8")
    (raw.parent / ".being-written-v.csv").write_text("x", encoding="utf-8")
    with pytest.raises(Refused, match="remove the draft"):
        finish(raw)
    assert not (raw.parent / "v.csv").exists()
