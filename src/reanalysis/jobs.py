"""What every job does around its work: keep a log and a record, and explain to people what is wrong with the input."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from reanalysis.problems import BadInput
from reanalysis.provenance import (
    RECORDS,
    Changed,
    contents,
    files,
    finished,
    hashes,
    read_record,
    record_path,
    unfinished,
    write_record,
)
from reanalysis.schema.config import Config, partial

try:
    import fcntl
except ImportError:  # a system without these locks
    fcntl = None


class Busy(Exception):
    """Raised when another run is at work on the same results."""


@contextmanager
def job(
    log: str, inputs: Iterable[str], outputs: Iterable[str], choices: Mapping[str, Mapping] | None = None
) -> Iterator[Config]:
    """Do the work of a job in the body; the record is written last, so that what was cut short proves nothing.

    The body is given the configuration, as far as `choices` has its sections. Paths start from the current folder.
    On failure the reason is written to `log`, and the process ends with exit code 1. Bad input, and input that was
    edited while the job was reading it, is explained without a traceback; anything else is a defect and leaves its
    traceback in the log.
    """
    inputs, outputs = list(map(Path, inputs)), list(map(Path, outputs))
    path, note = Path(log), record_path(outputs[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("", encoding="utf-8")
    lock = _lock(Path(outputs[0].parts[0], RECORDS, "jobs.lock"), exclusive=False)
    try:
        before = hashes(files(inputs))
        record = unfinished(read_record(note))
        write_record(note, record)
        yield partial(choices or {})
        now = contents(Path())
        if edited := [name for name, value in before.items() if now(name) != value]:
            raise Changed(f"{', '.join(edited)}: edited while it was being read. Run again.")
        write_record(note, finished(record, before, outputs, choices or {}))
    except (BadInput, Changed) as error:
        path.write_text(f"{error}\n", encoding="utf-8")
        sys.exit(1)
    except Exception:
        path.write_text(traceback.format_exc(), encoding="utf-8")
        sys.exit(1)
    finally:
        if lock:
            lock.close()


def run_alone(results: Path) -> IO | None:
    """Make sure that no other run is at work on these results, until the returned file is closed or the process ends.

    Raises Busy when there is one. Jobs that outlive a run that was killed are waited for. The locks are those of the
    operating system, which ends them with their process: none is ever left behind.
    """
    lock = _lock(results / RECORDS / "run.lock", exclusive=True, wait=False)
    jobs = results / RECORDS / "jobs.lock"
    try:
        left = _lock(jobs, exclusive=True, wait=False)
    except Busy:
        print("The last run was killed: waiting for its jobs to end.", file=sys.stderr)
        left = _lock(jobs, exclusive=True)
    if left:
        left.close()
    return lock


def _lock(path: Path, exclusive: bool, wait: bool = True) -> IO | None:
    """The open file while it is locked; None where the file system offers no locks or cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("a")
    except OSError:
        return None
    try:
        if fcntl:
            fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        handle.close()
        raise Busy("Another run is at work in this folder. Wait until it has ended, then run again.") from None
    except OSError:
        handle.close()
        return None
    return handle
