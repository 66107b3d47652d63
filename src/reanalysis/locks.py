"""One run at a time in a folder, by locks of the operating system, which end with their process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from reanalysis.provenance import RECORDS
from reanalysis.refused import Refused

try:
    import fcntl
except ImportError:  # a system without these locks
    fcntl = None


class Busy(Refused):
    """Raised when another run is at work on the same results."""


def run_alone(results: Path) -> IO | None:
    """Make sure that no other run is at work on these results, until the returned file is closed or the process ends.

    Raises Busy when there is one. Jobs that outlive a run that was killed are waited for. The locks are those of the
    operating system, which ends them with their process: none is ever left behind.
    """
    own = lock(results / RECORDS / "run.lock", exclusive=True, wait=False)
    jobs = results / RECORDS / "jobs.lock"
    try:
        left = lock(jobs, exclusive=True, wait=False)
    except Busy:
        print("The last run was killed: waiting for its jobs to end.", file=sys.stderr)
        left = lock(jobs, exclusive=True)
    if left:
        left.close()
    return own


def lock(path: Path, exclusive: bool, wait: bool = True) -> IO | None:
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
