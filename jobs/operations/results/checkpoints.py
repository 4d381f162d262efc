"""Checkpoints from the provider into our storage: streamed, going on where they broke off, hashed, never opened.

Of those that only their provider has: a reminder before it deletes them, and the truth afterwards.
"""

import json
import time
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db.models import Min, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.dateformat import format as date_format

from jobs.files import storage
from jobs.models import Checkpoint
from jobs.operations.clock import in_seconds
from jobs.operations.failpoints import reach
from jobs.operations.jobs import quarantine
from jobs.operations.jobs.state import add_event, change, locked, show
from jobs.operations.providers import provider
from jobs.operations.results import sentences
from jobs.operations.results.artifacts import Expired, Fetching, Gone, NotNow, chunks, recount_locked
from jobs.providers.errors import NotThere

LARGEST = 16 * 1024**3
"""Bytes a checkpoint may have when the provider did not say."""
FORMATS = frozenset({"safetensors", "ckpt", "pt", "bin", "zip"})
LARGEST_HEADER = 100_000_000
"""Bytes of a safetensors header, by the format's own limit."""
LARGEST_PARSED = 4 * 1024 * 1024
"""Bytes of a header that is taken apart, which takes some twenty times as much memory. Image models have 0.5 MB."""
RENEW = 5.0
"""Seconds of streaming after which the lease is held longer."""
REMIND = timedelta(hours=12)
"""So long before the end people are reminded."""
REMINDER = "expires_soon"
AT_ONCE = 100


def fetch_checkpoint(fetching: Fetching, checkpoint: Checkpoint) -> None:
    """Store *checkpoint*. Raises `NotNow`, `KeyRefused` or `storage.Full`; what has arrived by then is kept."""
    fetching.keep_going()
    try:
        stored = _receive(fetching, checkpoint)
    except (Expired, NotThere) as error:
        if _is_to_be_there(checkpoint):  # an address that was refused says nothing yet (D01)
            _say_refused(checkpoint)
            raise NotNow from error
        # As far as we can tell it was deleted when it was to be, or before now.
        deleted_at = min(checkpoint.expires_at or timezone.now(), timezone.now())
        _give_up(checkpoint, str(error), state=Checkpoint.State.EXPIRED, expires_at=deleted_at)
    except Gone as error:
        _give_up(checkpoint, str(error), kind="alert")
    except storage.TooLarge:
        _give_up(checkpoint, "it is larger than the provider said", kind="alert")
    except storage.Busy as error:
        raise NotNow from error
    else:
        reach("results.checkpoint_stored")
        kept = {"file": stored.name, "sha256": stored.sha256, "size_bytes": stored.size}
        with locked(checkpoint.job_id) as job:
            waiting = job.checkpoints.filter(pk=checkpoint.pk, state=Checkpoint.State.WAITING)
            if waiting.update(state=Checkpoint.State.KEPT, **kept):
                change(job, tries=0, queue_reason="")
                recount_locked(job)


def _say_refused(checkpoint: Checkpoint) -> None:
    """Say on the job what it waits for, and until when."""
    with locked(checkpoint.job_id) as job:
        label, what = provider(job.provider).label, sentences.checkpoint_at(checkpoint.step)
        said = sentences.refused_for_now(label, what, _written(checkpoint.expires_at or timezone.now()))
        if job.queue_reason != said and change(job, queue_reason=said):
            show(job)


def _receive(fetching: Fetching, checkpoint: Checkpoint) -> storage.Stored:
    size = checkpoint.size_bytes
    limit = int(size * 1.01) + 1024 if size else LARGEST
    suffix = f".{checkpoint.file_format}" if checkpoint.file_format in FORMATS else ".bin"
    # The provider's own names: a database restored from a backup gives our numbers to other jobs.
    resume_key = f"{checkpoint.provider}/{fetching.job.provider_job_id}/{checkpoint.provider_result_id}"
    with storage.receive(checkpoint.workspace_id, "checkpoints", suffix, limit, resume_key) as sink:
        if sink.finished:
            return sink.finished
        if not size or sink.offset < size:
            storage.make_sure_of_room((size or 0) - sink.offset)
            try:
                _stream(fetching, checkpoint, sink)
            except (Gone, NotThere) as error:
                if not (isinstance(error, Expired | NotThere) and _is_to_be_there(checkpoint)):
                    sink.discard()
                raise
        if size and sink.offset < size:
            raise NotNow
        if checkpoint.file_format == "safetensors" and not sink.passes(is_safetensors):
            sink.discard()
            raise Gone(sentences.NOT_SAFETENSORS)
        return sink.commit(noted=True)


def _is_to_be_there(checkpoint: Checkpoint) -> bool:
    """Whether its provider promised to keep *checkpoint* for longer than until now."""
    return checkpoint.expires_at is not None and not checkpoint.has_expired


def _stream(fetching: Fetching, checkpoint: Checkpoint, sink: storage.Sink) -> None:
    download = fetching.open(checkpoint, sink.offset, sink.validator)
    if download.total is not None:  # not every provider says before how large its checkpoints are
        storage.make_sure_of_room(download.total - download.offset)
    if not download.offset:
        # The first time, or another file than the one we had a part of: that part is dropped.
        sink.restart(download.validator)
    elif download.offset != sink.offset:
        raise NotNow
    renewed = time.monotonic()
    for chunk in chunks(download):
        sink.write(chunk)
        if time.monotonic() - renewed > RENEW:
            fetching.keep_going()
            renewed = time.monotonic()
    if download.total is not None and sink.offset < download.total:
        raise NotNow


def is_safetensors(file: BinaryIO, size: int) -> bool:
    """Whether *file*, of *size* bytes, begins as a safetensors file does: https://huggingface.co/docs/safetensors#format

    Eight bytes say how long the header is, the header is a JSON object, and the rest are numbers. Only the head is
    read, and a file of any other format is never opened: formats that can hold programs run them when they are.
    """
    length = int.from_bytes(file.read(8), "little")
    if not 2 <= length <= min(LARGEST_HEADER, size - 8):
        return False
    begin = file.tell()
    is_open = file.read(1) == b"{"
    file.seek(begin + max(0, length - 4096))
    last = file.read(min(length, 4096)).rstrip(b" ")[-1:]  # it is filled up to a round length with spaces
    if not is_open or last != b"}":
        return False
    if length > LARGEST_PARSED:
        return True
    file.seek(begin)
    header = file.read(length)
    try:
        json.loads(header)
    except (ValueError, RecursionError):
        return False
    return True


def _give_up(checkpoint: Checkpoint, why: str, *, kind: str = "results", **changes: Any) -> None:
    with locked(checkpoint.job_id) as job:
        waiting = job.checkpoints.filter(pk=checkpoint.pk, state=Checkpoint.State.WAITING)
        if waiting.update(**{"state": Checkpoint.State.MISSING, **changes}):
            add_event(job, sentences.could_not_keep(sentences.checkpoint_at(checkpoint.step), why), kind=kind)
            recount_locked(job)


def handle_expiry() -> None:
    """Remind of what is deleted soon, once for each job, and mark what was deleted."""
    left = Checkpoint.objects.at_provider().filter(deleted_at=None)
    soon = left.filter(expires_at__lte=in_seconds(REMIND.total_seconds()), expires_at__gt=Now())
    for job_id in _jobs(soon.exclude(job__events__kind=REMINDER)):
        with quarantine.contained(job_id, "remind of its checkpoints"), locked(job_id) as job:
            ending = soon.filter(job=job)
            first = ending.aggregate(first=Min("expires_at"))["first"]
            if first is not None and not job.events.filter(kind=REMINDER).exists():
                said = sentences.expires_soon(provider(job.provider).label, ending.count(), _written(first))
                add_event(job, said, kind=REMINDER)
    gone = Checkpoint.objects.at_provider().filter(expires_at__lte=Now())
    for job_id in _jobs(gone):
        with quarantine.contained(job_id, "mark its checkpoints as deleted"), locked(job_id) as job:
            ended = gone.filter(job=job)
            first = ended.aggregate(first=Min("expires_at"))["first"]
            count = ended.update(state=Checkpoint.State.EXPIRED)
            if count and first is not None:
                add_event(job, sentences.expired(provider(job.provider).label, count, _written(first)), kind="results")
                recount_locked(job)


def _jobs(checkpoints: QuerySet[Checkpoint]) -> list[int]:
    return list(checkpoints.values_list("job_id", flat=True).order_by("job_id").distinct()[:AT_ONCE])


def _written(moment: datetime) -> str:
    """For example `7 June, 14:00`."""
    return date_format(timezone.localtime(moment), "j F, H:i")
