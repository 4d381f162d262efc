"""Orphaned files: rows gave them up, and they are removed unless another row has the same one.

Files are named by their content, so two rows may share one. Whether a row has it is asked under the workspace's lock,
which whoever copies rows holds too; what no row has, nobody can copy afterwards. An upload stores its file a moment
before its row: a file that was stored, or stored again, within `QUIET` seconds is left for the next time.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models.functions import Now

from dashboard.models import Workspace
from jobs.files import storage
from jobs.models import Checkpoint, GeneratedImage, JobPhoto, OrphanedFile, Photo
from jobs.operations.clock import in_seconds

QUIET = 60.0
AT_ONCE = 100
HOLDERS = (
    *((Photo, field) for field in Photo.FILES),
    (GeneratedImage, "file"),
    (GeneratedImage, "thumbnail"),
    (Checkpoint, "file"),
)
"""Every column that names a stored file."""


def add(workspace_id: int, names: Iterable[str]) -> None:
    """Note files that a row gives up, in the transaction in which it does. Empty names are passed over."""
    OrphanedFile.objects.bulk_create(OrphanedFile(workspace_id=workspace_id, name=name) for name in set(names) if name)


def remove_due() -> None:
    """Remove the files that were given up `QUIET` seconds ago, unless a row has them."""
    due = OrphanedFile.objects.filter(created_at__lte=in_seconds(-QUIET)).order_by("id")[:AT_ONCE]
    found: dict[int, list[OrphanedFile]] = {}
    for file in due:
        found.setdefault(file.workspace_id, []).append(file)
    for workspace_id, files in found.items():
        removed = [file.pk for file in _free(Workspace(pk=workspace_id), files) if storage.discard(file.name, QUIET)]
        OrphanedFile.objects.filter(pk__in=removed).delete()


@transaction.atomic
def _free(workspace: Workspace, files: Sequence[OrphanedFile]) -> list[OrphanedFile]:
    """Those of *files* that can go. What a row has is no orphan, what is being sent is looked at again later."""
    workspace.lock()
    names = {file.name for file in files}
    held: set[str] = set()
    for model, field in HOLDERS:
        rows = model._default_manager.filter(workspace=workspace.pk, **{f"{field}__in": names})
        held |= set(rows.values_list(field, flat=True))
    sent = _sent(workspace.pk, names)
    OrphanedFile.objects.filter(pk__in=[file.pk for file in files if file.name in sent]).update(created_at=Now())
    others = [file for file in files if file.name not in sent]
    OrphanedFile.objects.filter(pk__in=[file.pk for file in others if file.name in held]).delete()
    return [file for file in others if file.name not in held]


def _sent(workspace_id: int, names: set[str]) -> set[str]:
    """Those of *names* that an order under way is sent, former crops for example: they are looked at again later.
    Photos that were removed for good are not among them, whatever goes on."""
    rows = JobPhoto.objects.of_open_jobs().filter(job__workspace=workspace_id, photo__erased_at=None, file__in=names)
    return set(rows.values_list("file", flat=True))
