"""What a job made, as its provider speaks of it: rows that wait to be fetched, counted, and opened for reading."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from dashboard.models import Keep
from jobs import search
from jobs.files.storage import Full
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.jobs.state import change, locked, show
from jobs.operations.leases import Held
from jobs.operations.providers import provider
from jobs.operations.results import sentences
from jobs.operations.storable import as_json, clean
from jobs.providers.base import Provider
from jobs.providers.credentials import Credentials
from jobs.providers.errors import KeyRefused, NotThere, ProviderError, Refused, TooMany
from jobs.providers.order import Kind
from jobs.providers.reply import Artifact, ArtifactKind, Download, State

LONGEST_ID = 200
_LARGEST_SEED = 2**63 - 1
SHOWN = 4
UNDER_WAY = frozenset({State.QUEUED, State.RUNNING, State.UNKNOWN})
MOST_FRESH = 3
"""So many fresh addresses in a row may turn out useless before a result counts as gone."""


def pack(artifact: Artifact) -> dict[str, Any]:
    """*artifact* as a row keeps it."""
    return as_json({**asdict(artifact), "expires_at": artifact.expires_at and artifact.expires_at.isoformat()})


def unpack(kept: dict[str, Any]) -> Artifact:
    """What `pack` kept."""
    ends = kept["expires_at"]
    return Artifact(
        **{**kept, "kind": ArtifactKind(kept["kind"]), "expires_at": parse_datetime(ends) if ends else None}
    )


def keep_new(job: Job, artifacts: tuple[Artifact, ...], *, final: bool) -> int:
    """Rows for those *artifacts* of a locked *job* that have none yet, and how many those were.

    One that is announced but not available is left for later; when the job has ended there is no later, and it is
    kept as missing.
    """
    sound = {one.id: one for one in artifacts if 0 < len(one.id) <= LONGEST_ID}
    checkpoints = [one for one in sound.values() if one.kind is ArtifactKind.CHECKPOINT and (one.available or final)]
    known = set(job.checkpoints.values_list("provider_result_id", flat=True)) if checkpoints else set()
    rows = [
        Checkpoint(
            workspace=job.workspace,
            job=job,
            provider=job.provider,
            provider_result_id=one.id,
            artifact=pack(one),
            step=one.step,
            is_lora=one.is_lora,
            base_model=job.base_model,
            model_type=clean(one.model_type or job.spec.model_type, 20),
            file_format=clean(one.file_format, 20),
            state=_state(job, one),
            size_bytes=one.size,
            expires_at=_expires_at(job, one),
        )
        for one in checkpoints
        if one.id not in known
    ]
    Checkpoint.objects.bulk_create(rows, ignore_conflicts=True)
    images = [one for one in sound.values() if one.kind is ArtifactKind.IMAGE]
    return len(rows) + _keep_images(job, images, final=final)


def _state(job: Job, artifact: Artifact) -> Checkpoint.State:
    """Whether a checkpoint is copied here by itself, as the workspace wants it."""
    if not artifact.available:
        return Checkpoint.State.MISSING
    keep = Keep(job.workspace.keep)
    wanted = keep is Keep.ALWAYS or (keep is Keep.LORA and artifact.is_lora)
    return Checkpoint.State.WAITING if wanted else Checkpoint.State.AT_PROVIDER


def _expires_at(job: Job, artifact: Artifact) -> datetime | None:
    """When the provider deletes a checkpoint that is there now; where it does not say, or names a time that is over
    (P24), what it usually does counts, by our clock."""
    keeps_for = provider(job.provider).keeps_for
    if keeps_for is None:
        return artifact.expires_at
    said, now = artifact.expires_at, timezone.now()
    return said if said is not None and said > now else now + keeps_for


def _keep_images(job: Job, artifacts: list[Artifact], *, final: bool) -> int:
    known = set(job.generated_images.values_list("provider_result_id", flat=True)) if artifacts else set()
    if all(one.id in known or not (one.available or final) for one in artifacts):
        return 0
    made_with = dict(job.checkpoints.values_list("provider_result_id", "pk"))
    if job.checkpoint is not None:
        made_with[job.checkpoint.provider_result_id] = job.checkpoint.pk
    groups = ([one for one in artifacts if one.is_sample is is_sample] for is_sample in (False, True))
    placed = [(position, one) for group in groups for position, one in enumerate(group)]
    rows = [
        _image(job, one, made_with, position)
        for position, one in placed
        if one.id not in known and (one.available or final)
    ]
    GeneratedImage.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _image(job: Job, artifact: Artifact, made_with: dict[str, int], position: int) -> GeneratedImage:
    asked = job.spec.generations[artifact.prompt_index : artifact.prompt_index + 1] if not artifact.is_sample else ()
    values = dict(asked[0]) if asked else {}
    prompt = str(values.get("prompt") or "")
    seed = artifact.seed if artifact.seed is not None and abs(artifact.seed) <= _LARGEST_SEED else None
    return GeneratedImage(
        workspace=job.workspace,
        job=job,
        provider_result_id=artifact.id,
        artifact=pack(artifact),
        is_sample=artifact.is_sample,
        checkpoint_id=made_with.get(artifact.checkpoint_id),
        position=position,
        prompt=prompt,
        search_text=search.folded(prompt),
        seed=seed,
        settings=values,
        state=GeneratedImage.State.WAITING if artifact.available else GeneratedImage.State.MISSING,
    )


def recount(job_id: int) -> None:
    """Count the results of a job again, for example after pictures of it were deleted or brought back."""
    with locked(job_id) as job:
        recount_locked(job)


def recount_locked(job: Job) -> None:
    """The same for a job that the caller has locked."""
    images = job.generated_images.filter(state=GeneratedImage.State.READY, deleted_at=None)
    results, samples = images.filter(is_sample=False), images.filter(is_sample=True)
    gone = [Checkpoint.State.MISSING, Checkpoint.State.EXPIRED]
    thumbnails = list(results.order_by("position", "id").values_list("thumbnail", flat=True)[:SHOWN])
    if not thumbnails:
        # Before there are any: the latest drawn during training, with photos where those are few.
        latest = samples.order_by("-position", "-id").values_list("thumbnail", flat=True)[:SHOWN]
        thumbnails = [*latest, *(job.photo_set.cover if job.photo_set and job.photo_count else [])][:SHOWN]
    change(
        job,
        image_count=results.count(),
        checkpoint_count=job.checkpoints.exclude(state__in=gone).filter(deleted_at=None).count(),
        thumbnails=thumbnails,
    )
    show(job)


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
            with suppress(NotThere), _sorted_errors():
                if artifact.url:
                    return self.service.download(artifact, self.credentials, offset, validator)
            if asked == MOST_FRESH:
                raise Expired(sentences.no_longer_there(artifact.expires_at))
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
