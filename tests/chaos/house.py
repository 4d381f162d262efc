"""Worker and web processes without broker or supervisor, cheap enough to be killed every half second.

`python -m tests.chaos.house PORT` sets Django up for the installation in the environment, then forks what its input
asks for, a line each: `worker` runs everything due, as hints and sweep say, `web` serves the pages at PORT, `buyer`
with what `tests.chaos.buyer` takes places orders. It answers each line with the new process's id. What it forked dies
with it.
"""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

HANDS = 4
"""Things that one worker does at the same time."""
REST = 3.0
"""Seconds that a key rests whose provider does not answer: a minute would make a trial last all day."""
PAUSE = 0.15
"""Seconds between two sweeps of a worker."""


def main(port: int) -> None:
    """Serve requests for processes until the input ends."""
    _set_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _die_with_parent()
            _become(port, *line.split())
            os._exit(0)
        print(pid, flush=True)


def _become(port: int, role: str, *told: str) -> None:
    if role == "worker":
        work()
    elif role == "web":
        serve(port)
    else:
        from tests.chaos.buyer import buy

        buy(*told)


def _set_up() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    settings.CELERY_BROKER_URL = "memory://"  # so that hints are given; `work` takes them
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}  # nobody looks at the pages
    call_command("migrate", verbosity=0)
    from jobs.operations.api_keys import health

    health.OPEN_SECONDS = REST
    import jobs.operations.jobs.poll
    import jobs.operations.jobs.submit
    import jobs.operations.results.fetch
    import jobs.operations.sweep  # noqa: F401 - loaded once, before forking

    connections.close_all()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdin.close()


def work() -> None:
    """Run tasks as hints ask for them, and sweep."""
    from jobs import tasks
    from jobs.operations import enqueue, sweep

    pool = ThreadPoolExecutor(HANDS)

    def take(name: str, args: tuple[int | str, ...], delay: float) -> None:
        task = getattr(tasks, name.rpartition(".")[2])
        threading.Timer(delay, lambda: pool.submit(_run, task, args)).start()

    enqueue._send = take
    sweep.EVERY = PAUSE / 2
    while True:
        if pool._work_queue.qsize() < 2 * HANDS:
            _run(tasks.sweep, ())
        time.sleep(PAUSE)


def _run(task: Callable[..., None], args: tuple[int | str, ...]) -> None:
    """One task; what it fails over is told, and the row that it is about stays due."""
    from django.db import close_old_connections

    try:
        task(*args)
    except Exception as error:
        print(f"{task}: {error!r}", file=sys.stderr, flush=True)
    finally:
        close_old_connections()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 128


class _Quiet(WSGIRequestHandler):
    def log_request(self, *args: object) -> None:
        return


def serve(port: int) -> None:
    from django.core.wsgi import get_wsgi_application

    server = _bound(port)
    server.set_app(get_wsgi_application())
    server.serve_forever()


def _bound(port: int) -> _Server:
    """A server at *port*, as soon as the one that was killed has let go of it."""
    while True:
        try:
            return _Server(("127.0.0.1", port), _Quiet)
        except OSError:
            time.sleep(0.1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
