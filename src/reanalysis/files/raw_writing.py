"""Add rows to the tables that people wrote: what they wrote stays, and all tables change together or none does."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from errno import EACCES
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from reanalysis.files.csv_file import delimiter_of, lines_of, one_kind_of_line_end, used
from reanalysis.files.raw_files import data_files, is_table
from reanalysis.files.text_file import read_text
from reanalysis.problems import BadInput, Problem
from reanalysis.refused import Refused
from reanalysis.schema.raw import RAW_TABLES, FindingRow

try:
    import fcntl
except ImportError:  # a system without these locks
    fcntl = None

BOM = "\ufeff"
DRAFT = ".being-written-"
JOURNAL = ".being-written.json"

Rows = Mapping[str, list[dict[str, str]]]
"""Rows to add, by the name of their table under `data/raw/`, each with its filled cells by column."""


# ---------------------------------------------------------------- the new texts


def appended(raw: Path, rows: Rows) -> dict[str, str]:
    """The new text of each table that gets rows: what stands in it, byte for byte, and the rows at its end.

    A column that a table lacks is added behind the others, in the order of the schema; then each line gets an empty
    cell for it. Separator, line ends, byte order mark and a missing last line end stay as they are. A table that is not
    there begins with its header. Nothing is written. Raises BadInput where a table cannot be read, Refused where an
    earlier addition cannot be completed.
    """
    finish(raw)
    return _texts(raw, rows)


def _texts(raw: Path, rows: Rows) -> dict[str, str]:
    if strange := [name for name in rows if not is_table(name)]:  # such as one that leads out of the folder
        fix = "A domain is called by small letters, digits and hyphens, such as `my-domain`."
        raise BadInput(Problem(name, 0, "", "", "no table of the raw data", fix) for name in strange)
    return {name: _with_rows(raw / name, name, own) for name, own in rows.items() if own}


def _with_rows(path: Path, name: str, rows: list[dict[str, str]]) -> str:
    text, mark = _read(path, name)
    plain, _ = one_kind_of_line_end(text, name)
    lines, torn = lines_of(plain, name)
    if torn:
        raise BadInput(torn)
    model = RAW_TABLES.get(name, FindingRow).model_fields
    filled = {column for row in rows for column, cell in row.items() if cell}
    known = [*model, *sorted(filled - {*model})]  # the check says of a column that there is no such one
    if not lines:
        header = [column for column in known if column in filled or model[column].is_required()]
        return mark + _csv([header, *_cells(header, rows)], ",", "\n")
    delimiter, _ = delimiter_of(plain)
    end = _line_end(text)
    header = lines[0][1][: used(lines[0][1])]
    if new := [column for column in known if column in filled - {*header}]:
        header += new
        text = _widened(text, lines, header, delimiter)
    last = "" if not text.endswith(("\n", "\r")) else end
    added = _csv(_cells(header, rows), delimiter, end).removesuffix(end)
    return mark + text + ("" if last else end) + added + last


def _read(path: Path, name: str) -> tuple[str, str]:
    """The text of a table and its byte order mark; empty where there is no such table."""
    if not os.path.lexists(path):
        return "", ""
    text, problem = read_text(path, name)
    if problem:
        raise BadInput([problem])
    return text, BOM if path.read_bytes().startswith(BOM.encode()) else ""


def _line_end(text: str) -> str:
    """What ends the first line."""
    first, end, _ = text.partition("\n" if "\n" in text else "\r")
    return ("\r" if first.endswith("\r") else "") + (end or "\n")


def _widened(text: str, lines: list[tuple[int, list[str]]], header: list[str], delimiter: str) -> str:
    """The text with this header, and in each line a cell for each column."""
    split = "\n" if "\n" in text else "\r"
    physical = text.split(split)
    for number, cells in lines:
        line = physical[number - 1]
        content = line.removesuffix("\r")
        if cells is lines[0][1]:
            content = _csv([header], delimiter, "")
        else:
            content += delimiter * (len(header) - len(cells))
        physical[number - 1] = content + line[len(line.removesuffix("\r")) :]
    return split.join(physical)


def _cells(header: list[str], rows: list[dict[str, str]]) -> list[list[str]]:
    return [[row.get(column, "") for column in header] for row in rows]


def _csv(records: Iterable[list[str]], delimiter: str, end: str) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=end).writerows(records)
    return buffer.getvalue()


@contextmanager
def tried(raw: Path, texts: Mapping[str, str]) -> Iterator[Path]:
    """A copy of the raw data with these tables in place of theirs, to be checked before anything is written."""
    with TemporaryDirectory() as beside:
        copy = Path(beside, "raw")
        for path in data_files(raw):
            target = copy / path.relative_to(raw)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        for name, text in texts.items():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes(text.encode())
        yield copy


# ---------------------------------------------------------------- writing, all or nothing
#
# 1. Each new table is written beside the old one, under a hidden name that nothing reads, and brought to the disk.
# 2. The journal is renamed into its place: from here on the change counts as made.
# 3. The new tables are renamed into theirs, one after another, and the journal is removed.
#
# What is interrupted before 2 has changed nothing. What is interrupted after it is completed by the next command, which
# finds the journal: a table whose draft is still there has yet to be renamed. The journal holds the hash of each table
# as it was, so that a table that somebody has edited meanwhile is not overwritten. A lock of the operating system keeps
# two processes apart, and ends with them: a journal that is found under the lock is one that was left behind.


def write_all(raw: Path, texts: Mapping[str, str]) -> None:
    """Put these texts in the place of tables of the raw data: of all of them, or, where that fails, of none.

    An interruption at any moment leaves what was there, or a change that the next `finish` completes. Raises Refused
    where a table cannot be written.
    """
    with _alone(raw):
        _finish(raw)
        _write(raw, texts)


def append_all(raw: Path, rows: Rows, texts: Mapping[str, str]) -> None:
    """Add rows as `write_all` writes, if this gives `texts`: what `appended` gave, and what was checked since.

    Raises Refused, too, where somebody has edited one of the tables in the meantime; then nothing is written.
    """
    with _alone(raw):
        _finish(raw)
        if _texts(raw, rows) != texts:
            raise Refused(
                f"A table in {raw} was edited while the new rows were checked. Nothing was changed: try again."
            )
        _write(raw, texts)


def finish(raw: Path) -> None:
    """Complete an addition of rows that was interrupted; without one, do nothing.

    Raises Refused where that cannot be done, such as where one of its tables has been edited since.
    """
    if (raw / JOURNAL).exists():
        with _alone(raw):
            _finish(raw)


def _write(raw: Path, texts: Mapping[str, str]) -> None:
    _remove_drafts(raw)
    try:
        _prepare(raw, texts)
    except BaseException as error:
        if not (raw / JOURNAL).exists():
            _remove_drafts(raw)
        if isinstance(error, OSError):
            place = error.filename or raw
            raise Refused(f"{place} cannot be written: {error.strerror}. Nothing was changed.") from None
        raise
    _finish(raw)


def _prepare(raw: Path, texts: Mapping[str, str]) -> None:
    """Write the drafts, then the journal."""
    before = {}
    for name, text in texts.items():
        target, draft = raw / name, _draft(raw / name)
        content, was = text.encode(), _hash(target)
        if sha256(content).hexdigest() == was:
            continue
        before[name] = was
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(EACCES, "it is write-protected", str(target))
        draft.write_bytes(content)
        if target.exists():
            shutil.copymode(target, draft)
        _to_disk(draft)
    journal = _draft(raw / JOURNAL)
    journal.write_text(json.dumps(before), encoding="utf-8")
    _to_disk(journal, *{_draft(raw / name).parent for name in before})
    journal.replace(raw / JOURNAL)


def _finish(raw: Path) -> None:
    """Rename the drafts that the journal names into their places, and remove the journal, if there is one."""
    journal = raw / JOURNAL
    if not journal.exists():
        return
    _to_disk(raw)
    before = _journal(journal)
    waiting = [name for name in before if _draft(raw / name).exists()]
    for name, was in before.items():
        if (name in waiting) != (_hash(raw / name) == was):
            raise Refused(_half_written(raw / name, journal))
    try:
        for name in waiting:
            _draft(raw / name).replace(os.path.realpath(raw / name))
        _to_disk(*{_draft(raw / name).parent for name in before})
        journal.unlink()
    except OSError as error:
        said = f"{error.filename2 or error.filename} cannot be replaced: {error.strerror}. "
        raise Refused(f"{said}The other tables have their new rows; the next command completes this.") from None


def _journal(journal: Path) -> dict[str, str | None]:
    """The hash of each table as it was before the work; only of tables that can be there."""
    try:
        before = json.loads(journal.read_text(encoding="utf-8")) if journal.is_file() else None
    except ValueError:
        before = None
    if not isinstance(before, dict) or not all(map(is_table, before)):
        said = f"{journal} is not as an addition of rows leaves it. See whether a table lacks rows that its draft has"
        raise Refused(f"{said} (`{DRAFT}` and the name of the table), then remove the draft and {journal.name}.")
    return before


def _half_written(table: Path, journal: Path) -> str:
    """What to say where a table is not the one that a draft was made from, or its draft is gone."""
    return (
        f"The work was interrupted while rows were added to {journal.parent}, and {table} or its draft "
        f"{_draft(table).name} has been changed since. Add to the table the rows that only the draft has, if there are "
        f"any, then remove the draft and {journal}."
    )


def _draft(target: Path) -> Path:
    """Where the new content of a file stands until it is renamed; beside the file itself, where `target` is a link."""
    real = Path(os.path.realpath(target))
    return real.with_name(f"{DRAFT}{real.name}")


def _remove_drafts(raw: Path) -> None:
    """Remove the drafts of work that was interrupted before it had changed anything."""
    for path in (*raw.glob(f"{DRAFT}*"), *raw.glob(f"*/{DRAFT}*")):
        path.unlink()


def _hash(path: Path) -> str | None:
    return sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _to_disk(*paths: Path) -> None:
    """Wait until files, and which files folders hold, are on the disk, as far as the system offers that."""
    for path in paths:
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


@contextmanager
def _alone(raw: Path) -> Iterator[None]:
    """Wait for the other processes that write to this folder."""
    if fcntl is None:
        yield
        return
    raw.mkdir(parents=True, exist_ok=True)
    handle = os.open(raw, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
