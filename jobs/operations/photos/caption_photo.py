"""Say what is in photos: one by one, or all at once, which can be undone."""

from collections.abc import Mapping

from django.db import transaction
from django.db.models import F

from jobs.models import Photo, PhotoSet
from jobs.operations.photos.count_photos import recount


def caption(photo: Photo, text: str) -> str:
    """Caption one photo; the caption that it had. What one person writes here, undoing a change of all leaves alone.

    A photo that was removed meanwhile stays empty.
    """
    with transaction.atomic():
        photo.workspace.lock()
        former = Photo.objects.values_list("caption", flat=True).get(pk=photo.pk)
        other = Photo.objects.ready().filter(pk=photo.pk).exclude(caption=text)
        if other.update(caption=text, former_caption=None):
            recount(photo.workspace, photo.photo_set_id, photo.pk)
    photo.caption = text
    return former


def caption_if_empty(photo: Photo, text: str) -> None:
    """Caption a photo that nobody captioned yet."""
    with transaction.atomic():
        photo.workspace.lock()
        empty = Photo.objects.usable().filter(pk=photo.pk, caption="")
        if empty.exclude(caption=text).update(caption=text, former_caption=None):
            recount(photo.workspace, photo.photo_set_id, photo.pk)


def caption_all(photo_set: PhotoSet, captions: Mapping[int, str]) -> int:
    """Caption photos of the set, by their ids, those included that are still getting ready; how many changed."""
    with transaction.atomic():
        photo_set.workspace.lock()
        photos = list(photo_set.photos.usable().in_order())
        changed = [photo for photo in photos if captions.get(photo.pk, photo.caption) != photo.caption]
        if not changed:
            return 0
        photo_set.photos.update(former_caption=None)
        for photo in changed:
            photo.former_caption, photo.caption = photo.caption, captions[photo.pk]
        Photo.objects.bulk_update(changed, ["caption", "former_caption"])
        recount(photo_set.workspace, photo_set.pk, *(photo.pk for photo in changed))
    return len(changed)


def undo_all(photo_set: PhotoSet) -> int:
    """Undo the last change of all captions, where nobody wrote another one since; how many came back."""
    with transaction.atomic():
        photo_set.workspace.lock()
        changed = photo_set.photos.usable().exclude(former_caption=None)
        ids = list(changed.values_list("pk", flat=True))
        if ids:
            Photo.objects.filter(pk__in=ids).update(caption=F("former_caption"))
            Photo.objects.filter(pk__in=ids).update(former_caption=None)
            recount(photo_set.workspace, photo_set.pk, *ids)
    return len(ids)
