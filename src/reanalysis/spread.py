"""Tasks spread over copies of this process, where the operating system can copy one; else done here, one by one."""

from __future__ import annotations

import os
import pickle
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import IO, TypeVar

T = TypeVar("T")


def spread(tasks: Sequence[Callable[[], T]], cores: int) -> list[T]:
    """What each task returns, in their order; a copy takes every so many-th task.

    A copy ends by itself when its tasks are done, also where this process has been killed. Raises RuntimeError, with
    the traceback, when a task fails in a copy.
    """
    cores = min(cores, len(tasks))
    if cores < 2 or sys.platform != "linux":
        return [task() for task in tasks]
    answers = [pickle.load(pipe) for pipe in [_copy(tasks[part::cores]) for part in range(cores)]]  # our own bytes
    if failed := [answer for answer in answers if isinstance(answer, str)]:
        raise RuntimeError(failed[0])
    return [answers[i % cores][i // cores] for i in range(len(tasks))]


def _copy(tasks: Sequence[Callable[[], T]]) -> IO[bytes]:
    """Start a copy of this process for these tasks; what it has to say can be read from the returned file."""
    read, write = os.pipe()
    if os.fork() == 0:
        os.close(read)
        try:
            answer = [task() for task in tasks]
        except BaseException:
            answer = traceback.format_exc()
        with os.fdopen(write, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(write)
    return os.fdopen(read, "rb")
