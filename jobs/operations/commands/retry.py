"""Order the same thing again: a new job, so that what happened to the first one stays told."""

from dataclasses import replace

from dashboard.models import User
from jobs.models import ApiKey, Job
from jobs.operations.api_keys.waiting import is_usable
from jobs.operations.commands.create import create
from jobs.operations.commands.drafts import JobDraft
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import sentences


def retry(job: Job, user: User, seen: str = "") -> Job:
    """A new job with the order of *job*: the same photos, settings and key, or another usable key of the provider.

    The photos go out as they are now; *seen* tells which ones somebody saw before (`JobDraft.seen`). While a retry of
    *job* is still open, pressing again returns that one. Raises `NotPossible` when there is no key or the photos are
    gone.
    """
    # Counted before looking for an open one: whoever is overtaken between the two counts the same, or finds it.
    nonce = next_nonce(job)
    return under_way(job) or create(job.workspace, user, replace(draft_of(job), seen=seen), nonce)


def under_way(job: Job) -> Job | None:
    """The retry of *job* that is still open, if any."""
    return Job.objects.present().filter(cloned_from=job, nonce__startswith=_nonce(job, "")).open().first()


def next_nonce(job: Job) -> str:
    """The nonce of the next retry; two presses at once count the same and so make one job."""
    return _nonce(job, str(Job.objects.filter(workspace=job.workspace_id, nonce__startswith=_nonce(job, "")).count()))


def _nonce(job: Job, number: str) -> str:
    return f"retry:{job.pk}:{number}"


def draft_of(job: Job) -> JobDraft:
    """What *job* ordered, to be ordered again. Raises `NotPossible` as `retry`."""
    if job.checkpoint_id is None and not job.base_model:
        raise NotPossible(sentences.ORDER_GONE)
    return JobDraft(
        **vars(job.spec),
        api_key=_key(job),
        photo_set=job.photo_set,
        checkpoint=job.checkpoint,
        cloned_from=job,
        photo_ids=tuple(job.job_photos.in_order().values_list("photo_id", flat=True)),
    )


def _key(job: Job) -> ApiKey:
    """The job's own key, or the workspace's newest that works, when its own was revoked."""
    if job.api_key is not None and job.api_key.revoked_at is None:
        return job.api_key
    others = ApiKey.objects.usable().filter(workspace=job.workspace_id, provider=job.provider).order_by("-pk")
    for key in others:
        if is_usable(key):
            return key
    raise NotPossible(sentences.KEY_GONE)
