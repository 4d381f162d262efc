"""One checkpoint from the provider into our storage: streamed, going on where it broke off, hashed, never opened."""

import time

from jobs.files import storage
from jobs.models import Checkpoint
from jobs.operations import words
from jobs.operations.count_results import recount_locked
from jobs.operations.failpoints import reach
from jobs.operations.fetching import Fetching, Gone, NotNow, chunks
from jobs.operations.transitions import change, locked, tell
from jobs.providers.errors import NotThere

LARGEST = 16 * 1024**3
"""Bytes a checkpoint may have when the provider did not say."""
FORMATS = frozenset({"safetensors", "ckpt", "pt", "bin", "zip"})
RENEW = 5.0
"""Seconds of streaming after which the lease is held longer."""


def fetch_checkpoint(fetching: Fetching, checkpoint: Checkpoint) -> None:
    """Store *checkpoint*. Raises `NotNow`, `KeyRefused` or `storage.Full`; what has arrived by then is kept."""
    fetching.keep_going()
    try:
        stored = _receive(fetching, checkpoint)
    except (Gone, NotThere) as error:
        _give_up(checkpoint, Checkpoint.State.EXPIRED, str(error))
    except storage.TooLarge:
        _give_up(checkpoint, Checkpoint.State.MISSING, "it is larger than the provider said")
    except storage.Busy as error:
        raise NotNow from error
    else:
        reach("results.checkpoint_stored")
        _keep(checkpoint, stored)


def _receive(fetching: Fetching, checkpoint: Checkpoint) -> storage.Stored:
    size = checkpoint.size_bytes
    limit = int(size * 1.01) + 1024 if size else LARGEST
    suffix = f".{checkpoint.file_format}" if checkpoint.file_format in FORMATS else ".bin"
    resume_key = f"{checkpoint.job_id}-{checkpoint.provider_result_id}"
    with storage.receive(checkpoint.workspace_id, "checkpoints", suffix, limit, resume_key) as sink:
        if not size or sink.offset < size:
            _stream(fetching, checkpoint, sink)
        if size and sink.offset < size:
            raise NotNow
        return sink.commit()


def _stream(fetching: Fetching, checkpoint: Checkpoint, sink: storage.Sink) -> None:
    download = fetching.open(checkpoint, sink.offset)
    if download.offset != sink.offset:
        # The server began again at the start, so the file may be another one: what we had is dropped.
        sink.restart()
    renewed = time.monotonic()
    for chunk in chunks(download):
        sink.write(chunk)
        if time.monotonic() - renewed > RENEW:
            fetching.keep_going()
            renewed = time.monotonic()
    if download.total is not None and sink.offset < download.total:
        raise NotNow


def _keep(checkpoint: Checkpoint, stored: storage.Stored) -> None:
    kept = {"file": stored.name, "sha256": stored.sha256, "size_bytes": stored.size}
    with locked(checkpoint.job_id) as job:
        waiting = job.checkpoints.filter(pk=checkpoint.pk, state=Checkpoint.State.WAITING)
        if waiting.update(state=Checkpoint.State.KEPT, **kept):
            change(job, tries=0)
            recount_locked(job)


def _give_up(checkpoint: Checkpoint, state: Checkpoint.State, why: str) -> None:
    with locked(checkpoint.job_id) as job:
        if job.checkpoints.filter(pk=checkpoint.pk, state=Checkpoint.State.WAITING).update(state=state):
            tell(job, words.could_not_keep(words.checkpoint_at(checkpoint.step), why), kind="results")
            recount_locked(job)
