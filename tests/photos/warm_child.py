"""Children that decode pictures, forked from one process that has loaded the decoders already.

The product starts a new Python for each picture, which takes ten times as long as decoding the small ones of the tests.
These children run the same code under the same limits, and die alone just as well. Tests of the process itself take the
product's own with the fixture `cold_child`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from jobs.photos import intake

COLD = intake.start
SERVE = "import sys; sys.path.insert(0, sys.argv[1]); from tests.photos.warm_child import serve; serve()"


class WarmChild:
    """As much of `subprocess.Popen` as `intake` uses."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._pid = int(line.recv(20))
        self._status: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        if self._status is None:
            self._line.settimeout(timeout)
            try:
                self._status = int(self._line.recv(20))
            except TimeoutError:
                raise subprocess.TimeoutExpired("warm child", timeout or 0) from None
            self._line.close()
        return self._status

    def kill(self) -> None:
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)


class Stove:
    """The process that the children come from, started with the first of them."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lighting = threading.Lock()

    def start(self, task: list[str], picture: IO[bytes], answer: IO[bytes]) -> WarmChild:
        with self._lighting:
            if self._process is None:
                self._light()
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            fds = [picture.fileno(), answer.fileno(), its.fileno()]
            socket.send_fds(self._line, [json.dumps(task).encode()], fds)
        return WarmChild(ours)

    def _light(self) -> None:
        self._line, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        command = [sys.executable, "-I", "-c", SERVE, intake._ROOT]
        with its:
            self._process = subprocess.Popen(command, stdin=its, env=intake._ENVIRONMENT, start_new_session=True)

    def put_out(self) -> None:
        if self._process is not None:
            self._line.close()
            self._process.wait()


@contextmanager
def lit() -> Iterator[None]:
    """All pictures are decoded by warm children."""
    stove = Stove()
    intake.start = stove.start
    yield
    intake.start = COLD
    stove.put_out()


def serve() -> None:
    """Fork a child for each request on standard input, until nobody is at its other end."""
    from jobs.photos import child, codec  # noqa: F401 - for the children
    from jobs.photos.inspection import measure  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    line = socket.socket(fileno=0)
    while True:
        request, fds, _, _ = socket.recv_fds(line, 1 << 16, 3)
        if not request:
            return
        if os.fork() == 0:
            attend(json.loads(request), *fds)
        for fd in fds:
            os.close(fd)


def attend(task: list[str], picture: int, answer: int, told: int) -> None:
    """Fork the child itself, and tell its id and how it ended."""
    from jobs.photos.child import main

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.dup2(picture, 0)
        os.dup2(answer, 1)
        os.closerange(3, max(picture, answer, told) + 1)
        sys.stdin, sys.stdout = os.fdopen(0), os.fdopen(1, "w")
        status = 1
        try:
            main(*task)
            status = 0
        finally:
            os._exit(status)
    line = socket.socket(fileno=told)
    line.send(str(pid).encode())
    _, status = os.waitpid(pid, 0)
    line.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)
