"""Somebody withdraws: their photos go at once, and what was made from them is flagged for the team to delete.

The team deletes it in one confirmed step that cannot be undone: then the withdrawal is settled.

First the photos are removed, in one transaction under the version's lock: an upload or an order at the same moment
either came before, and is found, or waits for the lock and finds the consent withdrawn and the photos gone. Then the
jobs are flagged, those not yet sent are stopped, and the provider is asked to stop the others. Photos that were picked
from pictures of these jobs go next: from a flagged job nobody picks any more. At last each provider that keeps photos
itself is asked to forget them. The sweep does all this again until the team has settled it, so a process that dies in
between, or a provider that did not answer, leaves nothing out.
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from dashboard.models import AuditEntry, User, Workspace
from jobs import versions
from jobs.models import Checkpoint, Consent, GeneratedImage, Job, JobState, Photo, PhotoSet
from jobs.operations.api_keys import keys
from jobs.operations.cleanup import retention
from jobs.operations.consents import links
from jobs.operations.consents.provenance import made_from
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import sentences
from jobs.operations.jobs.actions import cancel
from jobs.operations.jobs.state import CLEAN, By, add_event, change, locked, move
from jobs.operations.photos import uploads
from jobs.operations.photos.counts import recount
from jobs.operations.providers import all_providers, provider
from jobs.providers.base import Capability
from jobs.providers.errors import Refused, Unavailable
from jobs.providers.order import Kind


def withdraw(consent: Consent, user: User | None = None) -> None:
    """Take the consent back, by the person themselves or, with *user*, by a member on their word. Twice is once."""
    # Jobs are locked before workspaces, so this cannot wait until the photos are removed.
    retention.take_off_jobs(consent.workspace, list(consent.photos()))
    with transaction.atomic():
        standing = Consent.objects.standing().filter(pk=consent.pk)
        if standing.update(withdrawn_at=Now(), withdrawn_by=user) != 1:
            return
        _end_addresses(consent.workspace)
        _remove(consent.workspace, list(consent.photos().filter(erased_at=None)))
        said = f"{consent.person} withdrew the consent to photos."
        if user is not None:
            said = f"{user} noted that {said}"
        AuditEntry.note(consent.workspace, user, "consent.withdrawn", said)
    # Whoever sends a part at this moment finds the link closed at the next one, and that drops it.
    uploads.forget_all(links.sender(consent))
    flag(consent)


def flag(consent: Consent) -> None:
    """Flag and stop whatever rests on the withdrawn *consent*, and remove pictures of it that became photos; when
    there is nothing, it is settled at once."""
    jobs = _flag_jobs(consent)
    # Copies of pictures of these jobs that became photos.
    if picked := list(Photo.objects.filter(pk__in=made_from(consent).picked, erased_at=None)):
        retention.take_off_jobs(consent.workspace, picked)
        with transaction.atomic():
            versions.touch(consent.workspace)
            _remove(consent.workspace, picked)
        jobs = _flag_jobs(consent)  # an order of those photos may have come in between
    _forget_at_providers(jobs)
    if not jobs:
        Consent.objects.to_settle().filter(pk=consent.pk).update(settled_at=Now())
    count_open(consent.workspace)


def flag_again() -> None:
    """For every withdrawal that is not settled: what was made meanwhile is flagged too."""
    for consent in Consent.objects.to_settle().select_related("workspace"):
        flag(consent)


def count_open(workspace: Workspace) -> None:
    """Keep on the workspace how many withdrawals wait to be settled."""
    waiting = Consent.objects.to_settle().filter(workspace=workspace).count()
    changed = Workspace.objects.filter(pk=workspace.pk).exclude(open_withdrawals=waiting)
    with transaction.atomic():
        if changed.update(open_withdrawals=waiting):
            versions.touch(workspace)


def _flag_jobs(consent: Consent) -> frozenset[int]:
    """Flag the jobs that rest on the consent's photos: their ids."""
    jobs = made_from(consent).jobs
    consent.jobs.add(*jobs)
    for pk in Job.objects.filter(pk__in=jobs, withdrawn_at=None).values_list("pk", flat=True):
        with locked(pk) as job:
            change(job, withdrawn_at=Now())
            job.job_photos.filter(photo__erased_at__isnull=False).forget()
            add_event(job, sentences.WITHDRAWN, kind="alert")
            if job.state == JobState.READY:
                said = sentences.WITHDRAWN_UNSENT
                move(job, JobState.CANCELLED, said, by=By.WITHDRAWAL, next_action_at=None, **CLEAN)
        if JobState(job.state).is_open:
            with suppress(NotPossible):
                cancel(job, None)
    return jobs


def _forget_at_providers(jobs: Collection[int]) -> None:
    """Ask those that keep photos to forget the ones of *jobs*, outside of any transaction: it may be a call to
    elsewhere. They are asked at every sweep, for a job that was just being sent has its id only at the next one."""
    able = [service.slug for service in all_providers() if service.can(Capability.FORGET_PHOTOS)]
    sent = Job.objects.filter(pk__in=jobs, provider__in=able).exclude(provider_job_id="").select_related("api_key")
    for job in sent:
        if job.api_key is not None:
            with suppress(Refused, Unavailable):
                opened = keys.credentials(job.api_key, "forget photos")
                provider(job.provider).forget_photos(Kind(job.kind), job.provider_job_id, opened)


def _end_addresses(workspace: Workspace) -> None:
    """What was deleted is shown no more by an address that somebody still has, though its file goes a little later.
    Open pages ask for what is new, and get the others' new addresses."""
    workspace.end_media_addresses()
    versions.touch(workspace)


def _remove(workspace: Workspace, photos: list[Photo]) -> None:
    ids = [photo.pk for photo in photos]
    Photo.objects.filter(pk__in=ids, deleted_at=None).update(deleted_at=Now())
    retention.clear_photos(workspace, photos)
    for photo_set in PhotoSet.objects.filter(photos__in=ids).distinct():
        changed = [photo.pk for photo in photos if photo.photo_set_id == photo_set.pk]
        recount(workspace, photo_set.pk, *changed)


@dataclass(frozen=True)
class Remains:
    """What was made from withdrawn photos and is still here."""

    jobs: list[Job]
    checkpoints: int
    images: int


def remains(consent: Consent) -> Remains:
    """What is to be deleted because of *consent*."""
    jobs = list(consent.jobs.present().select_related("created_by").order_by("-id"))
    ids = [job.pk for job in consent.jobs.all().only("pk")]
    checkpoints = Checkpoint.objects.filter(job__in=ids, deleted_at=None).exclude(state__in=Checkpoint.GONE)
    images = GeneratedImage.objects.filter(job__in=ids, deleted_at=None).exclude(state=GeneratedImage.State.MISSING)
    return Remains(jobs, checkpoints.count(), images.count())


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
            _end_addresses(consent.workspace)
    count_open(consent.workspace)


def _delete(job_id: int, user: User) -> None:
    with locked(job_id) as job:
        images, checkpoints = job.generated_images.filter(deleted_at=None), job.checkpoints.filter(deleted_at=None)
        if job.deleted_at is not None and not images.exists() and not checkpoints.exists():
            return
        images.update(**retention.FOR_GOOD)
        checkpoints.update(**retention.FOR_GOOD)
        job.generated_images.filter(state=GeneratedImage.State.WAITING).update(state=GeneratedImage.State.MISSING)
        job.checkpoints.filter(state=Checkpoint.State.WAITING).update(state=Checkpoint.State.MISSING)
        change(job, deleted_at=Now(), thumbnails=[], image_count=0, checkpoint_count=0)
        if JobState(job.state).is_final:
            change(job, results_pending=False, next_action_at=None)
        add_event(job, sentences.settled_by(user))
