"""What the sweep does about deleted things: it may die anywhere and be done twice."""

from dashboard.models import Workspace
from jobs.models import Checkpoint, GeneratedImage, Job, Photo
from jobs.operations.erasing import clear, doomed
from jobs.operations.transitions import locked


def erase() -> None:
    """Clear rows whose time for undo is over, what arrived for withdrawn jobs, and files that no row has any more."""
    _clear_late_arrivals()
    _let_originals_go()
    clear.clear_due()
    doomed.remove_due()


def _clear_late_arrivals() -> None:
    """Results that came after their job was deleted because somebody withdrew: nobody shall see them."""
    settled = Job.objects.filter(withdrawn_at__isnull=False, deleted_at__isnull=False, results_pending=False)
    recent = list(settled.order_by("-withdrawn_at").values_list("pk", flat=True)[: clear.AT_ONCE])
    if not recent:
        return
    for model in (GeneratedImage, Checkpoint):
        late = model._default_manager.filter(job__in=recent, deleted_at=None)
        for job_id in sorted(set(late.values_list("job_id", flat=True))):
            with locked(job_id):
                late.filter(job=job_id).update(**clear.AT_ONCE_GONE)


def _let_originals_go() -> None:
    """In workspaces that keep no originals: they go once the copies without metadata are made of them."""
    for workspace in Workspace.objects.filter(keep_originals=False):
        ready = Photo.objects.filter(workspace=workspace, state=Photo.State.READY).exclude(original="")
        clear.originals_gone(list(ready.select_related("workspace")[: clear.AT_ONCE]))
