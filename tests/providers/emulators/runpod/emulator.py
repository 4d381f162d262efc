"""The emulator as a whole: it takes a request and says what is answered, and with which fault."""

from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from tests.providers.emulators import answers, base
from tests.providers.emulators.answers import Answer, of_json
from tests.providers.emulators.faults import Fault
from tests.providers.emulators.files import AMAZON
from tests.providers.emulators.runpod import odd
from tests.providers.emulators.runpod.admission import complaint
from tests.providers.emulators.runpod.archive import Opener
from tests.providers.emulators.runpod.faults import CATALOGUE
from tests.providers.emulators.runpod.jobs import Job
from tests.providers.emulators.runpod.service import Pace, Service
from tests.providers.emulators.server import Seen

KEY = "rp-emulator"
_GONE = of_json(404, {"error": "job not found"})
_TOO_OFTEN = of_json(429, {"error": "too many requests"}, Retry_After="1")


class Emulator(base.Emulator):
    """A RunPod of one's own at *url*. *opens_archives* lets it fetch the photos of orders, on this computer only;
    *old_worker* takes no whole number where a float belongs."""

    catalogue = CATALOGUE
    signing = AMAZON
    running = {"status": "IN_PROGRESS"}
    otherwise = {"status": "FAILED", "error": "It only says so."}

    def __init__(
        self,
        *,
        port: int = 0,
        seed: int = 1,
        speed: float = 1.0,
        pace: Pace | None = None,
        opens_archives: bool = False,
        old_worker: bool = False,
    ) -> None:
        super().__init__(port=port, seed=seed, speed=speed)
        self.service = Service(self.clock, self.faults, self.files, pace or Pace(), seed)
        self.service.open_account(KEY)
        self.service.opens_archives, self.service.old_worker = opens_archives, old_worker
        self.opener = Opener(self.stopped)

    @property
    def books(self) -> Service:
        return self.service

    def respond(self, seen: Seen) -> tuple[Answer, Fault | None]:
        version, endpoint, call, *rest = [*urlsplit(seen.path).path.strip("/").split("/"), "", "", ""]
        if seen.key not in self.service.accounts:
            return of_json(401, {"error": "unauthorized"}), None
        if version != "v2" or endpoint not in self.service.endpoints:
            return of_json(404, {"error": "endpoint not found"}), None
        return self._answer(f"{seen.method} {call}", seen, endpoint, self.service.find(endpoint, rest[0]))

    def _answer(self, asked: str, seen: Seen, endpoint: str, job: Job | None) -> tuple[Answer, Fault | None]:
        if asked == "POST run":
            fault = self.faults.take("submit")
            return answers.spoilt(self._submit(seen, endpoint, fault), fault), fault
        if asked == "GET health":
            return self._health(endpoint)
        if asked == "GET status":
            return self._status(job) if self.service.status_limit.takes() else (_TOO_OFTEN, None)
        if asked == "POST cancel":
            return self._cancel(job) if self.service.cancel_limit.takes() else (_TOO_OFTEN, None)
        return of_json(404, {"error": "not found"}), None

    def _submit(self, seen: Seen, endpoint: str, fault: Fault | None) -> Answer:
        if fault is not None and not fault.accept:
            return of_json(200, {"id": "00000000-u1", "status": "IN_QUEUE"})
        if wrong := complaint(seen):
            return of_json(400, {"error": wrong})
        body = seen.json()
        return self._taken(seen.key, endpoint, body if isinstance(body, dict) else {}, fault)

    def _taken(self, account: str, endpoint: str, body: dict[str, Any], fault: Fault | None) -> Answer:
        known = next(reversed(self.service.jobs), "")
        name = fault.name if fault else ""
        for _ in range(2 if name == "twice" else 1):
            job = self.service.take(account, endpoint, body)
        if name == "ring_first" and job.webhook:
            self.ringer.ring(job.webhook, self.service.described(job, self.url))
        said = {"id": fault.body if fault else None, "known_id": known}.get(name, job.id)
        return of_json(200, {"status": "IN_QUEUE"} | ({} if name == "no_id" else {"id": said}))

    def _status(self, job: Job | None) -> tuple[Answer, Fault | None]:
        fault = self.faults.take("read")
        if job is None:
            return _GONE, None
        told = odd.spoilt(self.service.described(job, self.url), fault, job.request)
        return answers.spoilt(of_json(200, told), fault), fault

    def _cancel(self, job: Job | None) -> tuple[Answer, Fault | None]:
        fault = self.faults.take("cancel")
        if job is None:
            return _GONE, None
        if fault is not None and fault.name == "finished_first":
            self.service.end(job)
        if fault is None or fault.accept:
            self.service.cancel(job)
        told = {"id": job.id, "status": job.status(self.clock.now())}
        return answers.spoilt(of_json(200, told), fault), fault

    def _health(self, endpoint: str) -> tuple[Answer, Fault | None]:
        fault = self.faults.take("health")
        odd_counts = {"jobs": [], "workers": {"idle": "none", "running": None}}
        told = {"shy": {}, "odd_counts": odd_counts}.get(fault.name if fault else "", self.service.health(endpoint))
        return answers.spoilt(of_json(200, told), fault), fault

    def tick(self) -> None:
        """Fetch the photos of what begins, and ring for what has ended."""
        for job in self.service.to_open():
            self.opener.open_later(job)
        for job in self.service.to_ring():
            self._ring_later(job)

    def _ring_later(self, job: Job) -> None:
        told, fault = self.service.described(job, self.url), self.faults.take("callback")
        self.ringer.ring_later(job.webhook, told, fault, lambda heard: self.service.rang(job, heard=heard))

    def ring(self, job_id: str, fault: Fault | None = None, **changes: Any) -> None:
        """Ring for a job now, whatever its status; *changes* to what is said of it."""
        job = self.service.jobs[job_id]
        self.ringer.ring(job.webhook, self.service.described(job, self.url) | changes, fault)

    def fail(self, job_id: str, error: object) -> None:
        """Let a job end here and now with this error."""
        self.service.end(self.service.jobs[job_id], error)


def emulated(**options: Any) -> AbstractContextManager[Emulator]:
    """A running emulator that has not failed over anything itself."""
    return base.running(Emulator(**options))
