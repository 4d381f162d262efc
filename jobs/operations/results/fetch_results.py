"""Copy what a job made into our storage, while the provider still has it.

Pictures come first and appear as they arrive; checkpoints are streamed and go on where they broke off. Every row is
filled once (its state is compared and set), so that the same fetch twice, or at once, changes nothing.
"""

from django.db.models.functions import Now

from jobs.files import storage
from jobs.models import Checkpoint, GeneratedImage, Job, JobState
from jobs.operations.api_keys import health, keys, waiting
from jobs.operations.clock import backoff, in_seconds
from jobs.operations.failpoints import reach
from jobs.operations.jobs import quarantine
from jobs.operations.jobs.state import add_event, change, locked
from jobs.operations.leases import Held, lease
from jobs.operations.providers import provider
from jobs.operations.results import words
from jobs.operations.results.fetch_checkpoint import fetch_checkpoint
from jobs.operations.results.fetch_image import Batch, fetch_images
from jobs.operations.results.fetching import Failures, Fetching, NotNow
from jobs.operations.results.finish_results import finish
from jobs.providers.errors import KeyRefused

MARGIN = 15.0
"""Seconds that a lease outlives the longest call, for decoding and storing."""
LONGEST_WAIT = 600.0
NO_ROOM_WAIT = 60.0
MOST_TRIES = 100
"""Runs in a row without a single result, about 16 hours, after which what is left counts as missing."""


def fetch(job_id: int) -> None:
    """Fetch everything of the job that waits to be fetched. Does nothing while somebody else is at it."""
    job = Job.objects.select_related("workspace", "api_key", "checkpoint", "photo_set").filter(pk=job_id).first()
    if job is None:
        return
    with lease(f"results:{job_id}", provider(job.provider).longest_call + MARGIN) as held:
        if held is not None:
            with quarantine.contained(job_id, "fetch its results"):
                _fetch(job, held)


def _fetch(job: Job, held: Held) -> None:
    try:
        opened = keys.credentials(waiting.key_of(job), "results")
        _fetch_all(Fetching(job, provider(job.provider), opened, held))
    except KeyRefused:
        _wait_for_key(job)
    except storage.Full:
        _wait_for_room(job)
    except NotNow:
        _try_later(job)
    else:
        reach("results.all_fetched")
        finish(job.pk)


def _fetch_all(fetching: Fetching) -> None:
    failures = Failures()
    with Batch(fetching.job) as batch:
        fetch_images(fetching, batch, failures)
    files = fetching.job.checkpoints.filter(state=Checkpoint.State.WAITING)
    for file in files.order_by("-is_lora", "size_bytes", "id"):
        with failures.counted():
            fetch_checkpoint(fetching, file)
        reach("results.checkpoint_fetched")
    failures.sum_up()


def _wait_for_key(job: Job) -> None:
    if job.api_key is not None and waiting.is_usable(job.api_key):
        health.rejected(job.api_key, "Not accepted when its results were fetched.")
    if job.results_pending:
        waiting.wait_for_key(job)


def _wait_for_room(job: Job) -> None:
    with locked(job.pk) as row:
        if row.results_pending:
            change(row, next_action_at=in_seconds(NO_ROOM_WAIT))
        if not row.events.filter(kind="no_room").exists():
            add_event(row, words.DISK_FULL, kind="no_room")


def _try_later(job: Job) -> None:
    """While the job still runs, the next look at it brings us back; afterwards its own due time does."""
    with locked(job.pk) as row:
        if not row.results_pending or not JobState(row.state).is_final:
            return
        if row.tries >= MOST_TRIES:
            _give_up(row)
        else:
            change(row, tries=row.tries + 1, next_action_at=in_seconds(backoff(row.tries, most=LONGEST_WAIT)))


def _give_up(row: Job) -> None:
    row.generated_images.filter(state=GeneratedImage.State.WAITING).update(state=GeneratedImage.State.MISSING)
    row.checkpoints.filter(state=Checkpoint.State.WAITING).update(state=Checkpoint.State.MISSING)
    change(row, tries=0, next_action_at=Now())
