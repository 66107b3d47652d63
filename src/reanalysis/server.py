"""A process that has the library imported, from which the jobs of a run are started.

Importing numpy, scipy and matplotlib takes longer than most jobs. Where the operating system can copy a process
(Linux), a run imports once what its stages need, and each job is a copy of that process. It writes to the output of the
command that asked for it, gives it its exit code, and ends when that command is killed. Without a server, as on a
cluster or another system, a job imports what it needs and does the same.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterable
from importlib import import_module

ADDRESS = "REANALYSIS_SERVER"  # in the environment of the jobs; where it is set and empty, no server is started


def start(stages: Iterable[str]):
    """Start a server for these stages and return it: it ends when its `stdin` is closed, or this process.

    None where no process can be copied, or where the environment names a server.
    """
    if sys.platform != "linux" or ADDRESS in os.environ:
        return None
    from subprocess import PIPE, Popen
    from tempfile import mkdtemp

    os.environ[ADDRESS] = os.path.join(mkdtemp(prefix="reanalysis-"), "jobs")  # noqa: PTH118 - quicker than pathlib
    return Popen([sys.executable, "-m", __name__, os.environ[ADDRESS], *stages], stdin=PIPE)


def stop(process) -> None:
    """End a server, if there is one; jobs that begin from now on work by themselves."""
    os.environ[ADDRESS] = ""
    if process:
        process.stdin.close()


def ask(stage: str, *numbers: int) -> int | None:
    """Have the server do a stage in the current folder; its exit code, or None where there is no server.

    The numbers are those that `jobs.run_stage` takes: on how many cores, in how many parts, and which of these.
    """
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(address)
        request = json.dumps([stage, numbers, os.getcwd()]).encode()  # noqa: PTH109
        socket.send_fds(connection, [request], [sys.stdout.fileno(), sys.stderr.fileno()])
    except OSError:
        return None
    answer = connection.recv(8)
    return int(answer) if answer else 1  # a job that was killed gives no answer


def serve(address: str, stages: Iterable[str]) -> None:
    """Import what these stages need, and start jobs for whoever asks at this address, until the standard input ends."""
    import select
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run ends this process
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the jobs: each answers for itself
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()

    waiting = [module for stage in stages for module in _needed(stage)]
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [], 0 if waiting else None)
        if sys.stdin in ready:
            break
        if listener in ready:
            _begin(listener)
        elif waiting:
            import_module(waiting.pop(0))
    os.unlink(address)  # noqa: PTH108
    os.rmdir(os.path.dirname(address))  # noqa: PTH106, PTH120


def _needed(stage: str) -> list[str]:
    """The modules that a stage imports, in their order."""
    from reanalysis.pipeline import STAGES
    from reanalysis.stages import imports

    return ["reanalysis.jobs", *imports(STAGES[stage])]


def _begin(listener: socket.socket) -> None:
    """Start the job that a command asks for, once all that its stage needs is imported."""
    import signal

    connection, _ = listener.accept()
    request, files, _, _ = socket.recv_fds(connection, 4096, 2)
    if request:  # else the command has ended
        stage, numbers, folder = json.loads(request)
        for module in _needed(stage):
            import_module(module)
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            listener.close()
            for target, file in enumerate(files, start=1):
                os.dup2(file, target)
            os.chdir(folder)
            _work(connection, stage, numbers)
    for file in files:
        os.close(file)
    connection.close()


def _work(connection: socket.socket, stage: str, numbers: Iterable[int]) -> None:
    """Do a stage in the current folder, and end this process."""
    from threading import Thread

    from reanalysis.jobs import run_stage

    # whoever asked says no more: what can be read is the end of that process
    Thread(target=lambda: connection.recv(1) or os._exit(1), daemon=True).start()
    code = 1
    try:
        run_stage(stage, *numbers)
        code = 0
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        connection.send(str(code).encode())
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
