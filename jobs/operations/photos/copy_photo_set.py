"""Make a set of another set's photos: a copy of all, or some of them moved. Consents go where the photos go."""

from collections.abc import Sequence

from django.db import transaction

from dashboard.models import AuditEntry, User
from jobs import versions
from jobs.models import Photo, PhotoSet
from jobs.operations.errors import NotPossible
from jobs.operations.photos.count_photos import recount

STILL_WAITING = "Some photos are still getting ready. Copy the set when they are."


def copy(photo_set: PhotoSet, user: User) -> PhotoSet:
    """A new set with the same photos, captions and consents; its files are the same ones, so it takes no room.

    Raises NotPossible while photos wait to be made ready: their copies would be made ready twice.
    """
    with transaction.atomic():
        if photo_set.photos.waiting().exists():
            raise NotPossible(STILL_WAITING)
        # The version's lock keeps away whoever removes files that no row has.
        made = _make(photo_set, user, f"{photo_set.name[:73]} (copy)")
        photos = list(photo_set.photos.ready().in_order())
        for photo in photos:
            photo.pk, photo.photo_set, photo._state.adding = None, made, True
        Photo.objects.bulk_create(photos)
        recount(photo_set.workspace, made.pk)
        AuditEntry.note(photo_set.workspace, user, "photo_set.copied", f"{user} copied the photos of {photo_set.name}.")
    return made


def split(photo_set: PhotoSet, user: User, name: str, photo_ids: Sequence[int]) -> PhotoSet:
    """A new set called *name* with those of the photos, which leave this one. Jobs keep the photos they were sent."""
    with transaction.atomic():
        made = _make(photo_set, user, name)
        moved = photo_set.photos.present().filter(pk__in=photo_ids)
        ids = list(moved.values_list("pk", flat=True))
        Photo.objects.filter(pk__in=ids).update(photo_set=made)
        recount(photo_set.workspace, made.pk, *ids)
        recount(photo_set.workspace, photo_set.pk)
        said = f"{user} moved photos of {photo_set.name} to {name}."
        AuditEntry.note(photo_set.workspace, user, "photo_set.split", said)
    return made


def _make(photo_set: PhotoSet, user: User, name: str) -> PhotoSet:
    version = versions.touch(photo_set.workspace)
    fields = {"name": name, "subject": photo_set.subject, "created_by": user, "version": version}
    made = photo_set.workspace.photo_sets.create(**fields)
    made.consents.add(*photo_set.consents.standing())
    return made
