"""Keep a photo set's count and cover in step with its photos."""

from dashboard.models import Workspace
from jobs import versions
from jobs.models import Photo, PhotoSet

COVER_SIZE = 4


def recount(workspace: Workspace, photo_set_id: int, *changed: int) -> None:
    """Count the set's ready photos, choose its cover, and show the photos with the ids *changed* as changed.

    Call it in the transaction of the change, after it: raising the version locks the workspace's row, so two photos
    that get ready at once are counted one after the other.
    """
    version = versions.touch(workspace)
    Photo.objects.filter(pk__in=changed).update(version=version)
    ready = Photo.objects.filter(photo_set=photo_set_id).ready()
    cover = list(ready.in_order().values_list("thumbnail", flat=True)[:COVER_SIZE])
    PhotoSet.objects.filter(pk=photo_set_id).update(photo_count=ready.count(), cover=cover, version=version)
