"""What fetching one result needs, and the ways in which it does not work."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.db import InterfaceError, OperationalError

from jobs.files.storage import Full
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.leases import Held
from jobs.operations.results import words
from jobs.operations.results.artifacts import unpack
from jobs.providers.base import Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, NotThere, ProviderError, Refused, TooMany
from jobs.providers.order import Kind
from jobs.providers.reply import Artifact, Download, State

UNDER_WAY = frozenset({State.QUEUED, State.RUNNING, State.UNKNOWN})
MOST_FRESH = 3
"""So many fresh addresses in a row may turn out useless before a result counts as gone."""


class NotNow(Exception):
    """It did not work this time; try again later."""


class Gone(Exception):
    """The provider will never give us this result; the message says why, in half a sentence."""


class Expired(Gone):
    """The provider had it, and deleted it."""


class Failures:
    """Lets a result that does not come go by, so that it holds up no other; three of them end the run."""

    MOST = 3

    def __init__(self) -> None:
        self._errors: list[Exception] = []

    @contextmanager
    def counted(self) -> Iterator[None]:
        try:
            yield
        except (KeyRefused, Full, OperationalError, InterfaceError):
            raise
        except Exception as error:
            self._errors.append(error)
            if len(self._errors) >= self.MOST:
                self.sum_up()

    def sum_up(self) -> None:
        """Raises what went wrong, our own failures first, when something is still to be fetched."""
        for error in sorted(self._errors, key=lambda one: isinstance(one, NotNow)):
            raise error


@dataclass(frozen=True)
class Fetching:
    """One run over the results of *job*, under the lease *held*."""

    job: Job
    service: Provider
    credentials: Credentials
    held: Held

    def keep_going(self) -> None:
        """Hold the lease longer. Raises `NotNow` when somebody else took over."""
        if not self.held.renew():
            raise NotNow

    def open(self, row: GeneratedImage | Checkpoint, offset: int = 0, validator: str = "") -> Download:
        """The bytes of *row* from *offset* on, when it is still the file *validator* stands for, else from the start.

        An address that does not work, or never came, is asked for afresh: signed ones die before the results do.
        Raises `NotNow`, `Gone` or `KeyRefused`.
        """
        artifact, asked = unpack(row.artifact), 0
        while True:
            try:
                return self._open(artifact, offset, validator)
            except NotThere as error:
                if asked == MOST_FRESH:
                    raise Expired(words.no_longer_there(artifact.expires_at)) from error
            artifact, asked = self._fresh(artifact), asked + 1

    def _fresh(self, artifact: Artifact) -> Artifact:
        """*artifact* with the address it has now, or without one when it is not spoken of."""
        with _sorted_errors():
            kind = Kind(self.job.kind)
            snapshot = self.service.read(kind, self.job.provider_job_id, self.credentials)
        if snapshot.state in UNDER_WAY and JobState(self.job.state).is_final:
            raise NotNow  # it contradicts what was said before, so what it leaves out proves nothing
        named = [one for one in snapshot.artifacts if one.id == artifact.id and one.available]
        return named[0] if named else replace(artifact, url="")

    def _open(self, artifact: Artifact, offset: int, validator: str) -> Download:
        with _sorted_errors():
            if not artifact.url:
                raise NotThere("It never had an address.")
            return self.service.download(artifact, self.credentials, offset, validator)


def chunks(download: Download) -> Iterator[bytes]:
    """The bytes of *download*. Raises `NotNow` when they break off, `Gone` or `KeyRefused`."""
    with _sorted_errors():
        yield from download.chunks


@contextmanager
def _sorted_errors() -> Iterator[None]:
    """Provider errors in the words of this module; a wrong key and a missing result pass as they are."""
    try:
        yield
    except (KeyRefused, NotThere):
        raise
    except TooMany as error:
        raise NotNow from error
    except Refused as error:
        raise Gone(error.sentence) from error
    except ProviderError as error:
        raise NotNow from error
