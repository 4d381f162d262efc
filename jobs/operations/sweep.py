"""Look after everything that is due. This is what makes a lost message, a flushed broker or a killed worker harmless.

It reads rows and sends messages; the work itself happens in tasks that claim what they do. Five sweeps at once do what
one does.
"""

from collections.abc import Callable, Collection

from django.db.models import QuerySet
from django.db.models.functions import Now

from dashboard.models import Heartbeat, Workspace
from dashboard.worker import broker
from jobs import versions
from jobs.files import storage
from jobs.models import Attempt, Checkpoint, Job, JobState, Lease
from jobs.operations import set_back
from jobs.operations.cleanup import retention
from jobs.operations.clock import in_seconds
from jobs.operations.consents import withdrawal
from jobs.operations.enqueue import enqueue
from jobs.operations.jobs import quarantine, restores
from jobs.operations.jobs.reconcile import STOPPED
from jobs.operations.jobs.state import ASKED_AFTER, By
from jobs.operations.jobs.submit import lose
from jobs.operations.leases import lease, take
from jobs.operations.photo_grants import archive
from jobs.operations.photos import processing, uploads
from jobs.operations.results.checkpoints import handle_expiry

EVERY = 1.8
"""Seconds that one sweep keeps others away: a little less than beat's period."""
AT_ONCE = 200
CLEANUP = 10.0
"""Seconds between two looks at what was deleted for good."""
EXPIRY = 60.0
"""Seconds between two looks at what providers are about to delete, and at what somebody withdrew."""
LONGEST_CARE = 900.0
"""Seconds after which whoever looks after one of these is taken to have died over it."""
NOTED = 10.0
"""Seconds between two notes that sweeps come to their end."""
OLD_LEASE = 3600.0
OLD_PART = 7 * 24 * 3600.0
"""Seconds for which a file that was to grow may stand still: then nobody goes on with it."""


def sweep() -> None:
    """Enqueue every step that is due, unless somebody swept a moment ago (B05)."""
    set_back.catch_up()
    if take("sweep", EVERY) is None:
        return
    _end_broken_submissions()
    crowded = broker.crowded()
    _enqueue_jobs(crowded)
    if "photos" not in crowded:
        processing.enqueue_due()
    if take("expiry", EXPIRY) is not None:
        handle_expiry()
    versions.publish(dict(Workspace.objects.values_list("pk", "version")))
    Lease.objects.filter(until__lte=in_seconds(-OLD_LEASE)).delete()
    if not Heartbeat.objects.filter(worker=Heartbeat.SWEEP, at__gt=in_seconds(-NOTED)).exists():
        restores.look()  # the note tells it when a backup was made
        Heartbeat.objects.update_or_create(worker=Heartbeat.SWEEP, defaults={"at": Now()})
    _look_after("cleanup", CLEANUP, retention.enforce)
    _look_after("withdrawals", EXPIRY, withdrawal.flag_again)
    _look_after("archives", EXPIRY, archive.revoke_ended)
    # What uploads and downloads left behind that died half-way.
    _look_after("parts", OLD_LEASE, lambda: storage.drop_stale_parts(OLD_PART), uploads.drop_forgotten, clear_up)


def _look_after(name: str, every: float, *works: Callable[[], object]) -> None:
    """Do *works* once in so many seconds, and only one thread at a time: providers and the bucket may hang in them, and
    a sweep that hangs in each of its rounds would take one thread after the other."""
    if take(name, every) is None:
        return
    with lease(f"{name}: at work", LONGEST_CARE) as held:
        if held is not None:
            for work in works:
                work()


def _end_broken_submissions() -> None:
    """Whoever was sending these has died: perhaps the provider has them."""
    for pk in _due().filter(state=JobState.SUBMITTING).values_list("pk", flat=True)[:AT_ONCE]:
        with quarantine.contained(pk, "end its broken submission"):
            attempt = Attempt.objects.filter(job=pk).order_by("-number").first()
            if attempt is not None:
                lose(attempt, STOPPED, by=By.SWEEP)


def _enqueue_jobs(crowded: Collection[str]) -> None:
    """Give a message for each step that is due, but not to a queue that is *crowded*: the next sweep gives it."""
    if "submit" not in crowded:
        for pk in _due().filter(state=JobState.READY).values_list("pk", flat=True)[:AT_ONCE]:
            enqueue("submit", pk)
    if "poll" not in crowded:
        asked_after = _due().filter(state__in=[*ASKED_AFTER, JobState.UNCERTAIN]).exclude(api_key=None)
        for key_id, kind in set(asked_after.values_list("api_key_id", "kind")[: 10 * AT_ONCE]):
            enqueue("poll_key", key_id, kind)
    if "results" not in crowded:
        for pk in _due().filter(results_pending=True).values_list("pk", flat=True)[:AT_ONCE]:
            enqueue("fetch_results", pk)


def clear_up() -> None:
    """Delete files that were stored by a process which died before it wrote that down, and that nobody adopted within
    the hour (D09)."""
    storage.clear_up(OLD_LEASE, _is_known)


def _is_known(name: str) -> bool:
    return Checkpoint.objects.filter(file=name).exists() or Job.objects.filter(photo_archive=name).exists()


def _due() -> QuerySet[Job]:
    return Job.objects.due().order_by("next_action_at")
