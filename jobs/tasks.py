"""What runs in the background. Each task claims what it does, so that a message may come twice, late, or never.

Arguments that a newer version adds are ignored, so that old and new workers can run side by side.
"""

from typing import Any

from celery import shared_task


@shared_task(acks_late=False, reject_on_worker_lost=False, max_retries=0)
def submit(job_id: int, *newer: Any, **newer_names: Any) -> None:
    """Send one job. Acknowledged before it starts: a message that was taken is never delivered again by itself."""
    from jobs.models import Job
    from jobs.operations.bulkheads import ORDERS
    from jobs.operations.jobs.submit import submit

    ORDERS.run(submit, Job, job_id)


@shared_task
def poll_key(key_id: int, kind: str, *newer: Any, **newer_names: Any) -> None:
    """Ask after everything due under one API key and kind of job."""
    from jobs.models import ApiKey
    from jobs.operations.bulkheads import QUESTIONS
    from jobs.operations.jobs.poll import poll_key

    QUESTIONS.run(poll_key, ApiKey, key_id, kind)


@shared_task
def fetch_results(job_id: int, *newer: Any, **newer_names: Any) -> None:
    """Copy what a job made."""
    from jobs.models import Job
    from jobs.operations.bulkheads import RESULTS
    from jobs.operations.results.fetch import fetch

    RESULTS.run(fetch, Job, job_id)


@shared_task
def email_key_rejected(key_id: int, *newer: Any, **newer_names: Any) -> None:
    """Let the owners know that a key is no longer accepted."""
    from jobs.operations.api_keys import health

    health.email_owners(key_id)


@shared_task
def tell_key_rejected(key_id: int, *newer: Any, **newer_names: Any) -> None:
    """`email_key_rejected` by its name in 0.1.0: an older process may still send it during an upgrade.

    Nobody sends it here. The release after the one that brings this may drop it, with its route.
    """
    email_key_rejected(key_id)


@shared_task
def take_in_photo(photo_id: int, *newer: Any, **newer_names: Any) -> None:
    """Make one upload ready, and then others that wait."""
    from jobs.operations.photos.processing import TAKE_IN, work_through

    work_through(TAKE_IN, photo_id)


@shared_task
def crop_photo(photo_id: int, *newer: Any, **newer_names: Any) -> None:
    """Make the crop of one photo, and then others that wait."""
    from jobs.operations.photos.processing import CROP, work_through

    work_through(CROP, photo_id)


@shared_task
def inspect_photo(photo_id: int, *newer: Any, **newer_names: Any) -> None:
    """Measure one photo for its set's report card, and then others that wait."""
    from jobs.operations.photos.processing import INSPECT, work_through

    work_through(INSPECT, photo_id)


@shared_task
def sweep(*newer: Any, **newer_names: Any) -> None:
    """Look after everything that is due."""
    from jobs.operations.sweep import sweep

    sweep()
