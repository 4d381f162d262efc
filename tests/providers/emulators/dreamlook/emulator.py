"""The emulator as a whole: it takes a request and says what is answered, and with which fault."""

from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from tests.providers.emulators import answers, base
from tests.providers.emulators.answers import Answer, of_json
from tests.providers.emulators.dreamlook import odd
from tests.providers.emulators.dreamlook.admission import TYPES, complaints
from tests.providers.emulators.dreamlook.faults import CATALOGUE
from tests.providers.emulators.dreamlook.jobs import Job
from tests.providers.emulators.dreamlook.service import Pace, Service
from tests.providers.emulators.dreamlook.visits import Visitor
from tests.providers.emulators.faults import Fault
from tests.providers.emulators.files import GOOGLE
from tests.providers.emulators.server import Seen

KEY = "dl-emulator"


class Emulator(base.Emulator):
    """A dreamlook of one's own at *url*. *visits_photos* lets it fetch what orders point to, on this computer only."""

    catalogue = CATALOGUE
    signing = GOOGLE
    running = {"state": "running"}
    otherwise = {"state": "failure", "failure_reason": "It only says so."}

    def __init__(
        self, *, port: int = 0, seed: int = 1, speed: float = 1.0, pace: Pace | None = None, visits_photos: bool = False
    ) -> None:
        super().__init__(port=port, seed=seed, speed=speed)
        self.service = Service(self.clock, self.faults, self.files, pace or Pace(), seed)
        self.service.open_account(KEY)
        self.visitor = Visitor() if visits_photos else None
        self.old_spelling = False
        """Whether `image-gen` is the only spelling of a job type that it understands in an address."""

    @property
    def books(self) -> Service:
        return self.service

    def respond(self, seen: Seen) -> tuple[Answer, Fault | None]:
        path = urlsplit(seen.path).path
        if seen.key not in self.service.tokens:
            return of_json(401, {"detail": "Invalid API key"}), None
        if seen.method == "POST" and path in TYPES:
            fault = self.faults.take("submit")
            return answers.spoilt(self._submit(seen, TYPES[path], fault), fault), fault
        words = path.strip("/").split("/")
        if seen.method == "GET" and words[0] == "jobs" and len(words) in {2, 3} and self._type(words[1]):
            return self._jobs(seen.key, self._type(words[1]), words[2:])
        return of_json(404, {"detail": "Not Found"}), None

    def _type(self, word: str) -> str:
        """The job type called *word* in an address, or nothing."""
        known = {kind.replace("_", "-") if self.old_spelling else kind: kind for kind in TYPES.values()}
        return known.get(word, "")

    def _submit(self, seen: Seen, job_type: str, fault: Fault | None) -> Answer:
        body = seen.json()
        if fault is not None and not fault.accept:
            return of_json(200, {"job_id": f"db_{'0' * 8}"})
        if wrong := complaints(job_type, body):
            return of_json(422, {"detail": wrong})
        order: dict[str, Any] = body if isinstance(body, dict) else {}
        if order.get("dry_run"):
            return self._rehearse(job_type, order)
        if not self.service.can_pay(seen.key, job_type, order):
            return of_json(403, {"detail": "Not enough tokens"})
        return self._taken(seen.key, job_type, order, fault)

    def _rehearse(self, job_type: str, order: dict[str, Any]) -> Answer:
        """Nothing is charged or kept; one callback with made-up results comes back."""
        done = self.service.rehearse(job_type, order)
        if done.callback:
            self.ringer.ring_later(done.callback, self.service.described(done, self.url), self.faults.take("callback"))
        return of_json(200, {"job_id": done.id})

    def _taken(self, account: str, job_type: str, order: dict[str, Any], fault: Fault | None) -> Answer:
        known = next(reversed(self.service.jobs), "")
        name = fault.name if fault else ""
        for _ in range(2 if name == "twice" else 1):
            job = self.service.take(account, job_type, order)
        if self.visitor is not None:
            self.visitor.fetch_later(job)
        if name == "ring_first":
            self.ringer.ring(job.callback, self.service.described(job, self.url))
        said = {"id": fault.body if fault else None, "known_id": known}.get(name, job.id)
        return of_json(200, {} if name == "no_id" else {"job_id": said})

    def _jobs(self, account: str, job_type: str, job_id: list[str]) -> tuple[Answer, Fault | None]:
        fault = self.faults.take("read" if job_id else "list")
        if not job_id:
            return answers.spoilt(self._list(account, job_type, fault), fault), fault
        job = self.service.find(account, job_type, job_id[0])
        if job is None:
            return of_json(404, {"detail": "Job not found"}), None
        return answers.spoilt(of_json(200, odd.spoilt(self._described(job, fault), fault)), fault), fault

    def _list(self, account: str, job_type: str, fault: Fault | None) -> Answer:
        then = self.clock.now() - (fault.seconds if fault and fault.name == "stale" else 0)
        jobs = self.service.latest(account, job_type, then)
        described = [self._described(job, fault, then) for job in jobs]
        return of_json(200, odd.spoilt_list(described, fault))

    def _described(self, job: Job, fault: Fault | None, now: float | None = None) -> dict[str, Any]:
        skew = fault.seconds if fault and fault.name == "skew" else 0.0
        return self.service.described(job, self.url, now, skew)

    def tick(self) -> None:
        """Ring for each job when it has ended."""
        for job in self.service.ended_unrung():
            if job.callback:
                described = self.service.described(job, self.url)
                self.ringer.ring_later(job.callback, described, self.faults.take("callback"))

    def ring(self, job_id: str, fault: Fault | None = None, **changes: Any) -> None:
        """Ring for a job now, whatever its state; *changes* to what is said of it."""
        job = self.service.jobs[job_id]
        self.ringer.ring(job.callback, self.service.described(job, self.url) | changes, fault)

    def fail(self, job_id: str, reason: object) -> None:
        """Let a job end here and now with this reason."""
        job = self.service.jobs[job_id]
        self.service.jobs[job_id] = replace(job, fails=reason, queue_seconds=0, work_seconds=0, at=self.clock.now())


def emulated(**options: Any) -> AbstractContextManager[Emulator]:
    """A running emulator that has not failed over anything itself."""
    return base.running(Emulator(**options))
