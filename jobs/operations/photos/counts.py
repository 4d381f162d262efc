"""Keep a photo set's count and cover in step with its photos."""

from dashboard.models import Workspace
from jobs import versions
from jobs.models import Photo, PhotoSet

COVER_SIZE = 4


def recount(workspace: Workspace, photo_set_id: int, *changed: int) -> None:
    """Count the photos that trainings get, choose the set's cover, show photos with the ids *changed* as changed.

    Call it in the transaction of the change, after it. The workspace is locked from before the change on, so two
    photos that get ready at once are counted one after the other.
    """
    version = versions.touch(workspace)
    Photo.objects.filter(pk__in=changed).update(version=version)
    ready = Photo.objects.filter(photo_set=photo_set_id).to_train_on()
    cover = list(ready.in_order().values_list("thumbnail", flat=True)[:COVER_SIZE])
    PhotoSet.objects.filter(pk=photo_set_id).update(photo_count=ready.count(), cover=cover, version=version)
