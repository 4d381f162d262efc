"""The models page: every checkpoint of the workspace, by the training that made it."""

from pathlib import PurePosixPath

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from jobs.files.downloads import attachment
from jobs.forms.lists import PagingForm
from jobs.keyset import page_before
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions
from jobs.pages.trainings import trained, trainings

PAGE_SIZE = 30


@require_safe
@access.members(Role.VIEWER)
def models(request: MemberRequest) -> HttpResponse:
    """Trainings newest first, with the checkpoints they left."""
    paging = PagingForm(request.GET)
    if not paging.is_valid():
        raise BadRequest("This address names no page of models.")
    before = paging.cleaned_data["before"]
    page = page_before(trainings(request.workspace), before, PAGE_SIZE)
    shown = {"trainings": [trained(job) for job in page.rows], "older": page.older, "before": before}
    return render(request, "models/models.html", shown)


@require_safe
@access.members(Role.VIEWER)
def download(request: MemberRequest, checkpoint_id: int) -> HttpResponseBase:
    """The checkpoint's file, resumable; 404 until it is kept here."""
    checkpoints = request.workspace.checkpoints.filter(deleted_at=None).select_related("job")
    checkpoint = get_object_or_404(checkpoints, pk=checkpoint_id)
    if not checkpoint.can_be_downloaded:
        raise Http404
    # For example `rex-second-try-step-1200-lora.safetensors`: no ending that only the provider says it has.
    name = checkpoint.job.name
    stem = slugify(name[:60] + str(checkpoint).removeprefix(name), allow_unicode=True) or f"checkpoint-{checkpoint.pk}"
    file_name = f"{stem}{PurePosixPath(checkpoint.file).suffix}"
    return attachment(request, checkpoint.file, file_name, "application/octet-stream")


@require_POST
@access.members(Role.EDITOR)
def keep(request: MemberRequest, checkpoint_id: int) -> HttpResponse:
    """Copy a checkpoint here that was left at its provider."""
    checkpoints = request.workspace.checkpoints.filter(deleted_at=None)
    checkpoint = get_object_or_404(checkpoints, pk=checkpoint_id)
    try:
        actions.keep(checkpoint, request.user)
    except NotPossible as impossible:
        messages.error(request, impossible.sentence)
    else:
        messages.success(request, "It is being copied here.")
    page = "job" if request.POST.get("from") == "job" else "models"
    rest = [checkpoint.job_id] if page == "job" else []
    return redirect(f"{reverse(page, args=[request.workspace.slug, *rest])}#checkpoint-{checkpoint.pk}")
