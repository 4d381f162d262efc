"""The team deletes what was made from withdrawn photos, in one confirmed step that cannot be undone."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from dashboard.models import AuditEntry, User
from jobs.models import Checkpoint, Consent, GeneratedImage, Job, JobState
from jobs.operations.cleanup.retention import FOR_GOOD
from jobs.operations.consents.withdraw import count_open, flag
from jobs.operations.jobs import sentences
from jobs.operations.jobs.state import add_event, change, locked


@dataclass(frozen=True)
class Made:
    """What was made from withdrawn photos and is still here."""

    jobs: list[Job]
    checkpoints: int
    images: int


def made_from(consent: Consent) -> Made:
    """What is to be deleted because of *consent*."""
    jobs = list(consent.jobs.present().select_related("created_by").order_by("-id"))
    ids = [job.pk for job in consent.jobs.all().only("pk")]
    checkpoints = Checkpoint.objects.filter(job__in=ids, deleted_at=None).exclude(state__in=Checkpoint.GONE)
    images = GeneratedImage.objects.filter(job__in=ids, deleted_at=None).exclude(state=GeneratedImage.State.MISSING)
    return Made(jobs, checkpoints.count(), images.count())


def settle(consent: Consent, user: User) -> None:
    """Delete every job, model and picture that rests on the withdrawn *consent*, for good; twice is once."""
    if not Consent.objects.to_settle().filter(pk=consent.pk).exists():
        return
    flag(consent)
    for pk in consent.jobs.order_by("id").values_list("pk", flat=True):
        _delete(pk, user)
    with transaction.atomic():
        if Consent.objects.to_settle().filter(pk=consent.pk).update(settled_at=Now(), settled_by=user):
            sentence = f"{user} deleted all that was made from the photos of {consent.person}."
            AuditEntry.note(consent.workspace, user, "consent.settled", sentence)
    count_open(consent.workspace)


def _delete(job_id: int, user: User) -> None:
    with locked(job_id) as job:
        if job.deleted_at is not None and not _has_results(job):
            return
        job.generated_images.filter(deleted_at=None).update(**FOR_GOOD)
        job.checkpoints.filter(deleted_at=None).update(**FOR_GOOD)
        job.generated_images.filter(state=GeneratedImage.State.WAITING).update(state=GeneratedImage.State.MISSING)
        job.checkpoints.filter(state=Checkpoint.State.WAITING).update(state=Checkpoint.State.MISSING)
        change(job, deleted_at=Now(), thumbnails=[], image_count=0, checkpoint_count=0)
        if JobState(job.state).is_final:
            change(job, results_pending=False, next_action_at=None)
        add_event(job, sentences.settled_by(user))


def _has_results(job: Job) -> bool:
    return job.generated_images.filter(deleted_at=None).exists() or job.checkpoints.filter(deleted_at=None).exists()
