"""Copy what a job made into our storage, while the provider still has it.

Pictures come first and appear as they arrive; checkpoints are streamed and go on where they broke off. Every row is
filled once (its state is compared and set), so that the same fetch twice, or at once, changes nothing.

When all of it is here, or known to be missing, the job's story says what came and names what did not.
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
from jobs.operations.results import sentences
from jobs.operations.results.artifacts import Failures, Fetching, NotNow, recount_locked
from jobs.operations.results.checkpoints import fetch_checkpoint
from jobs.operations.results.images import Batch, fetch_images
from jobs.providers.errors import KeyRefused

MARGIN = 15.0
"""Seconds that a lease outlives the longest call, for decoding and storing."""
LONGEST_WAIT = 600.0
NO_ROOM_WAIT = 60.0
MOST_TRIES = 100
"""Runs in a row without a single result, about 16 hours, after which what is left counts as missing, unless its
provider still is to have it."""
_LOST = frozenset({Checkpoint.State.MISSING, Checkpoint.State.EXPIRED})
_NAMED = 6
"""So many missing pictures are named one by one."""


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
        if job.api_key is not None and waiting.is_usable(job.api_key):
            health.rejected(job.api_key, "Not accepted when its results were fetched.")
        if job.results_pending:
            waiting.wait_for_key(job)
    except storage.Full:
        with locked(job.pk) as row:
            if row.results_pending:
                change(row, next_action_at=in_seconds(NO_ROOM_WAIT))
            if not row.events.filter(kind="no_room").exists():
                add_event(row, sentences.DISK_FULL, kind="no_room")
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


def _try_later(job: Job) -> None:
    """While the job still runs, the next look at it brings us back; afterwards its own due time does."""
    with locked(job.pk) as row:
        if not row.results_pending or not JobState(row.state).is_final:
            return
        to_be_there = row.checkpoints.filter(state=Checkpoint.State.WAITING, expires_at__gt=Now())
        if row.tries >= MOST_TRIES and not to_be_there.exists():
            row.generated_images.filter(state=GeneratedImage.State.WAITING).update(state=GeneratedImage.State.MISSING)
            row.checkpoints.filter(state=Checkpoint.State.WAITING).update(state=Checkpoint.State.MISSING)
            change(row, tries=0, next_action_at=Now())
        else:
            change(row, tries=row.tries + 1, next_action_at=in_seconds(backoff(row.tries, most=LONGEST_WAIT)))


def finish(job_id: int) -> None:
    """Close the results of a job that has ended, if none is still to come."""
    with locked(job_id) as job:
        if not job.results_pending or not JobState(job.state).is_final:
            return
        pictures, files = job.generated_images, job.checkpoints
        if pictures.filter(state=GeneratedImage.State.WAITING).exists():
            return
        if files.filter(state=Checkpoint.State.WAITING).exists():
            return
        # What a successful job should have made and we don't have: how many, and what they are called.
        missing = [*_missing_pictures(job), *_missing_checkpoints(job)] if job.state == JobState.SUCCESS else []
        count = sum(number for number, _ in missing)
        change(job, results_pending=False, next_action_at=None, tries=0, missing_count=count, queue_reason="")
        came = pictures.filter(state=GeneratedImage.State.READY, is_sample=False).count()
        kept = files.filter(state=Checkpoint.State.KEPT).count()
        if came or kept or missing:
            names = tuple(name for _, name in missing)
            add_event(job, sentences.results_here(came, kept, names), kind="results")
        if left := files.at_provider().count():
            recount_locked(job)
            add_event(job, sentences.left_at_provider(provider(job.provider).label, left), kind="results")


def _missing_pictures(job: Job) -> list[tuple[int, str]]:
    announced = job.generated_images.filter(is_sample=False)
    lost = announced.filter(state=GeneratedImage.State.MISSING).order_by("position")
    numbers = [position + 1 for position in lost.values_list("position", flat=True)]
    named = [(1, sentences.picture(number)) for number in numbers]
    if len(numbers) > _NAMED:
        named = [(len(numbers), sentences.pictures(len(numbers)))]
    never = provider(job.provider).expected_images(job.as_order()) - announced.count()
    return [*named, (never, sentences.undelivered(never))] if never > 0 else named


def _missing_checkpoints(job: Job) -> list[tuple[int, str]]:
    if provider(job.provider).keeps_model(job.as_order()) and not job.checkpoints.exists():
        return [(1, sentences.checkpoint_at(None).lower())]
    lost = job.checkpoints.filter(state__in=_LOST).order_by("step")
    return [(1, sentences.checkpoint_at(step).lower()) for step in lost.values_list("step", flat=True)]
