"""What every emulated provider is: a server with time, faults, a bucket and a telephone, that can be steered."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any, ClassVar, Protocol, TypeVar
from urllib.parse import urlsplit

from tests.providers.emulators import answers, control, downloads
from tests.providers.emulators.answers import Answer
from tests.providers.emulators.callbacks import Ringer
from tests.providers.emulators.clock import Clock
from tests.providers.emulators.faults import Fault, Faults
from tests.providers.emulators.files import Content, Files, Signing
from tests.providers.emulators.server import Seen, Server

_TICK = 0.02


class Books(Protocol):
    """The part of a provider's memory that is the same for all: who may come, and what was charged."""

    @property
    def ledger(self) -> list[Any]:
        """A dataclass for each charge, with `job_id`, `request` and `callback` at least."""

    @property
    def jobs(self) -> Mapping[str, Any]:
        """Every job by its id, with `outcome` and `made` at least."""

    def open_account(self, key: str, tokens: int = 1_000_000) -> None: ...

    def told(self) -> dict[str, Any]:
        """What somebody in another process may want to know."""


class Emulator:
    """A provider of one's own at *url*. What it does with a request to its API is `respond`'s."""

    catalogue: ClassVar[Mapping[str, list[Fault]]]
    signing: ClassVar[Signing]
    running: ClassVar[dict[str, Any]]
    """What a job object says while the job runs."""
    otherwise: ClassVar[dict[str, Any]]
    """What a callback says that does not tell the truth."""

    def __init__(self, *, port: int, seed: int, speed: float) -> None:
        self.clock, self.faults = Clock(speed), Faults(seed, self.catalogue)
        self.files = Files(seed, self.signing)
        self.ringer = Ringer(self.running, self.otherwise)
        self.stopped: Event = self.ringer.stopped
        self.server = Server(port, self)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._threads = [
            Thread(target=self.server.serve_forever, args=(_TICK,), daemon=True),
            Thread(target=self._live, daemon=True),
        ]

    @property
    def books(self) -> Books:
        raise NotImplementedError

    def respond(self, seen: Seen) -> tuple[Answer, Fault | None]:
        """The answer to a request to the API, and the fault that it meets."""
        raise NotImplementedError

    def tick(self) -> None:
        """Do what time brings; called all the while."""

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        self.server.shutdown()
        self.server.server_close()
        for thread in self._threads:
            thread.join()

    def answer(self, seen: Seen) -> tuple[Answer, Fault | None]:
        """What to put on the wire, and how."""
        path = urlsplit(seen.path).path
        if path.startswith("/emulator/"):
            return control.steer(self, seen), None
        return self._download(seen) if path.startswith("/files/") else self.respond(seen)

    def _download(self, seen: Seen) -> tuple[Answer, Fault | None]:
        fault = self.faults.take("download")
        found = self.files.open(seen.path, self.clock.now())
        if not isinstance(found, Content):
            return downloads.xml_error(*found), None
        answer = downloads.served(found, seen.headers.get("range"), seen.headers.get("if-range"), fault)
        return answers.spoilt(answer, fault), fault

    def _live(self) -> None:
        while not self.stopped.wait(_TICK):
            self.tick()


E = TypeVar("E", bound=Emulator)


@contextmanager
def running(emulator: E) -> Iterator[E]:
    """*emulator* while it runs; it must not have failed over anything itself."""
    emulator.start()
    try:
        yield emulator
    finally:
        emulator.stop()
    assert emulator.server.errors == []
