"""One job: what was ordered, how it goes, what came of it, and what can be done now."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.web.answers import way_back
from jobs import page_polling
from jobs.models import Job
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions
from jobs.operations.jobs import order as ordering
from jobs.pages import job_labels
from jobs.pages.job_page import JobPage, job_page
from jobs.pages.retry_page import retry_page
from jobs.providers.order import Kind
from jobs.views.job_list import undo_address


@require_safe
@access.members(Role.VIEWER)
def job(request: MemberRequest, job_id: int) -> HttpResponse:
    """The job's page."""
    page = _page(request, job_id)
    return render(request, "jobs/job.html", {"page": page, "poller": _poller(request, page)})


@require_safe
@access.members(Role.VIEWER)
def changes(request: MemberRequest, job_id: int) -> HttpResponse:
    """What the page shows now, if it changed since the page last heard from us."""
    if page_polling.may_rest(request):
        return page_polling.nothing()
    page = _page(request, job_id)
    is_changed = page.job.version > page_polling.since(request)
    context = {"page": page, "poller": _poller(request, page), "is_changed": is_changed, "oob": True}
    return render(request, "jobs/_job_changes.html", context)


@require_POST
@access.members(Role.EDITOR)
def cancel(request: MemberRequest, job_id: int) -> HttpResponse:
    """Stop the job."""
    found = _job(request, job_id)
    if not found.may_be_stopped_by(request.membership):
        raise PermissionDenied
    return _try(request, found, lambda: actions.cancel(found, request.user))


@require_POST
@access.members(Role.EDITOR)
def check(request: MemberRequest, job_id: int) -> HttpResponse:
    """Look at the job again now."""
    found = _job(request, job_id)
    return _try(request, found, lambda: actions.check_again(found, request.user))


@require_POST
@access.members(Role.EDITOR)
def retry(request: MemberRequest, job_id: int) -> HttpResponse:
    """Order the same again, as a new job; what is to be known first is shown before."""
    found = _job(request, job_id)
    try:
        again = ordering.open_retry(found)
        page = None if again or "sure" in request.POST else retry_page(found, request.user)
        if page is not None and page.question:
            return render(request, "jobs/retry.html", {"page": page}, status=409)
        again = again or ordering.retry(found, request.user, request.POST.get("seen", ""))
    except NotPossible as impossible:
        messages.error(request, impossible.sentence)
        return _back(request, found)
    return _back(request, again)


@require_safe
@access.members(Role.EDITOR)
def clone(request: MemberRequest, job_id: int) -> HttpResponse:
    """The form of a new order, filled as this job was."""
    found = _job(request, job_id)
    page = "new_training" if Kind(found.kind).trains else "new_generation"
    return redirect(f"{reverse(page, args=[request.workspace.slug])}?{urlencode({'clone': found.pk})}")


@require_POST
@access.members(Role.ADMIN)
def delete(request: MemberRequest, job_id: int) -> HttpResponse:
    """Take the job off the lists, with undo."""
    found = _job(request, job_id)
    try:
        actions.delete(found, request.user)
    except NotPossible as impossible:
        messages.error(request, impossible.sentence)
        return _back(request, found)
    sentence = f"“{found.name}” is deleted. Its pictures stay in the gallery.{job_labels.still_there(found)}"
    messages.success(request, sentence, extra_tags=undo_address(request, [found.pk]))
    return redirect(way_back(request, "jobs"))


@require_POST
@access.members(Role.EDITOR)
def decide(request: MemberRequest, job_id: int) -> HttpResponse:
    """Settle whether the provider has the job: `there` with its id, or not, and what then."""
    found = _job(request, job_id)
    try:
        decision = actions.Decision(request.POST.get("there", ""))
    except ValueError:
        raise BadRequest("No answer was given, and one of them spends money.") from None
    given = request.POST.get("provider_job_id", "")
    return _try(request, found, lambda: actions.decide(found, request.user, decision, given))


def _try(request: MemberRequest, found: Job, act: Callable[[], str]) -> HttpResponse:
    """Do it and say what happens now, or why not; then show the job."""
    try:
        messages.info(request, act())
    except NotPossible as impossible:
        messages.error(request, impossible.sentence)
    return _back(request, found)


def _back(request: MemberRequest, found: Job) -> HttpResponse:
    return redirect("job", request.workspace.slug, found.pk)


def _job(request: MemberRequest, job_id: int) -> Job:
    return get_object_or_404(request.workspace.jobs.present(), pk=job_id)


def _page(request: MemberRequest, job_id: int) -> JobPage:
    found = get_object_or_404(request.workspace.jobs.present().for_page(), pk=job_id)
    return job_page(request.membership, found)


def _poller(request: MemberRequest, page: JobPage) -> page_polling.Poller | None:
    """None once nothing more will happen."""
    if page.is_settled:
        return None
    since = request.workspace.version
    return page_polling.poller(request, "job_page_changes", page.job.pk, since=since, busy=page.is_open)
