"""Ringing at the other side when a job has ended, as told or not at all. Nothing leaves this computer."""

import http.client
import json
import time
from collections.abc import Callable, Iterator
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from tests.providers.emulators.faults import Fault

Document = dict[str, Any]
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_TIMEOUT = 15


class Ringer:
    """*rings* is every callback tried: address, and the status it was answered with or what went wrong.

    *running* and *otherwise* are what a job object says while it runs, and when it says something else than is true.
    """

    def __init__(self, running: Document, otherwise: Document) -> None:
        self.rings: list[tuple[str, int | str]] = []
        self.heard: dict[str, float] = {}
        """When an address first answered with 200, in seconds since 1970."""
        self._running, self._otherwise = running, otherwise
        self.stopped = Event()

    def ring_later(
        self, url: str, job: Document, fault: Fault | None, then: Callable[[bool], None] = lambda heard: None
    ) -> None:
        """Ring in a thread of its own, and tell *then* what `ring` returns."""
        Thread(target=lambda: then(self.ring(url, job, fault)), daemon=True).start()

    def ring(self, url: str, job: Document, fault: Fault | None = None) -> bool:
        """POST *job* to *url*, with the fault; whether there is no need to ring again."""
        if urlsplit(url).hostname not in LOOPBACK or (fault and fault.name == "never"):
            return True
        if fault is not None and fault.name == "late" and self.stopped.wait(fault.seconds):
            return True
        statuses = []
        for address, body, kind in self._calls(url, job, fault):
            statuses.append(self._post(address, body, kind, slow=bool(fault and fault.name == "drip")))
            self.rings.append((address, statuses[-1]))
            if statuses[-1] == 200:
                self.heard.setdefault(address, time.time())
        return 200 in statuses

    def _post(self, url: str, body: bytes, kind: str, *, slow: bool) -> int | str:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=_TIMEOUT)
        headers = {"Content-Type": kind, "Content-Length": str(len(body))}
        try:
            connection.request("POST", parts.path, self._dripped(body) if slow else body, headers)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__
        finally:
            connection.close()

    def _dripped(self, body: bytes) -> Iterator[bytes]:
        for start in range(0, len(body), 64):
            self.stopped.wait(0.5)
            yield body[start : start + 64]

    def _calls(self, url: str, job: Document, fault: Fault | None) -> Iterator[tuple[str, bytes, str]]:
        """Each request to make: address, body, content type."""
        name, kind = fault.name if fault else "", "application/json"
        body = json.dumps(job).encode()
        spoilt = {
            "malformed": body[: len(body) // 2],
            "huge_body": b'{"x": "' + b"a" * 10_000_000 + b'"}',
            "deep": b"[" * 100_000,
            "disagrees": json.dumps(job | self._otherwise).encode(),
        }
        yield (
            _forged(url) if name == "forged" else url,
            spoilt.get(name, body),
            "text/plain" if name == "odd_type" else kind,
        )
        if name == "reversed":
            yield url, json.dumps(job | self._running).encode(), kind
        for _ in range(fault.count - 1 if fault and name == "many" else 0):
            yield url, body, kind


def _forged(url: str) -> str:
    """*url* with another token in it."""
    return url.rstrip("/")[:-4] + "AAAA/"
