"""The list of jobs, where everybody begins, and what can be done with many of them at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.numbers import LARGEST_ID, whole_number
from jobs import formats, page_polling
from jobs.forms.lists import KINDS, TABS, JobFilter
from jobs.models import Job
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions
from jobs.operations.jobs import order as ordering
from jobs.page_polling import Poller
from jobs.pages import job_list as pages
from jobs.pages.job_list import Counts, counts
from jobs.pages.retry_page import retry_page

MOST = 100
LOOK_FIRST = "Run it again from its own page."
NOT_YOURS = "Only an admin of the workspace may do this."
DONE = {"cancel": "stopped or asked to stop", "retry": "started again", "delete": "deleted"}


@dataclass(frozen=True)
class Tab:
    """One state to look at; its *number* is shown where it is small enough to count."""

    label: str
    address: str
    number: int
    is_current: bool


@require_safe
@access.members(Role.VIEWER)
def job_list(request: MemberRequest) -> HttpResponse:
    """Jobs, newest first, filtered as the address says; for "show older" only the cards."""
    asked = JobFilter.asked(request.GET)
    page = pages.list_page(request, asked)
    is_more = bool(request.htmx) and asked.before > 0
    now = counts(request.workspace, request.user)
    context = {
        "asked": asked,
        "page": page,
        **_around(request, asked, now),
        # Only the first page grows at its top, and only the last one has nothing below it.
        "poller": _poller(
            request, asked, LARGEST_ID if asked.before else page.newest, page.oldest if page.has_older else 0, now
        ),
        "older": f"{request.path}{asked.after(page.oldest).address()}",
    }
    response = render(request, "jobs/_more.html" if is_more else "jobs/job_list.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_safe
@access.members(Role.VIEWER)
def changes(request: MemberRequest) -> HttpResponse:
    """What changed since the asking page last heard from us; nothing else."""
    if page_polling.may_rest(request):
        return page_polling.nothing()
    asked, newest, oldest = JobFilter.asked(request.GET), _place(request, "newest"), _place(request, "oldest")
    found = pages.changes(request, asked, page_polling.since(request), newest, oldest)
    if found is None:
        return HttpResponseClientRefresh()
    now = counts(request.workspace, request.user)
    newest = max(newest, *(card.id for card in found.new), 0)
    context: dict[str, Any] = {"found": found, **_around(request, asked, now), "oob": True}
    if asked.tab and (found.new or found.changed or found.gone):
        context["again"] = pages.again(request, asked, oldest)
    context["poller"] = _poller(request, asked, newest, oldest, now)
    return render(request, "jobs/_changes.html", context)


def _around(request: MemberRequest, asked: JobFilter, now: Counts) -> dict[str, Any]:
    """What stands above the cards and counts along."""
    numbers = {"running": now.running, "needs-you": now.needs_you}
    tabs = [Tab(name, asked.on(key).address(), numbers.get(key, 0), asked.tab == key) for key, name in TABS.items()]
    return {"asked": asked, "counts": now, "tabs": tabs, "kinds": KINDS}


def _poller(request: MemberRequest, asked: JobFilter, newest: int, oldest: int, now: Counts) -> Poller:
    shown: dict[str, str | int] = {**asked.query(), "newest": newest, "oldest": oldest}
    since, busy = request.workspace.version, now.running > 0
    return page_polling.poller(request, "job_changes", since=since, busy=busy, query=shown)


def _place(request: MemberRequest, name: str) -> int:
    return whole_number(request.GET.get(name, "")) or 0


@require_POST
@access.members(Role.EDITOR)
def selected(request: MemberRequest) -> HttpResponse:
    """Cancel, run again or delete the jobs that are ticked; what cannot be done is said and the rest is done."""
    action = request.POST.get("action", "")
    ticked = request.workspace.jobs.present().filter(pk__in=_ids(request.POST.getlist("job")))
    jobs = list(ticked.order_by("id")[:MOST])
    if action not in DONE or not jobs:
        messages.error(request, "Tick some jobs first, then choose what to do with them.")
        return redirect("jobs", request.workspace.slug)
    done, reasons = list[int](), list[str]()
    for job in jobs:
        try:
            _ACTIONS[action](request, job)
            done.append(job.pk)
        except NotPossible as impossible:
            reasons.append(f"{job.name}: {impossible.sentence}")
    if done:
        undo = undo_address(request, done) if action == "delete" else ""
        messages.success(request, f"{formats.counted(len(done), 'job')} {DONE[action]}.", extra_tags=undo)
    for reason in reasons[:3]:
        messages.warning(request, reason)
    if len(reasons) > 3:
        messages.warning(request, f"{len(reasons) - 3} more could not be done for the same kind of reason.")
    return redirect("jobs", request.workspace.slug)


@require_POST
@access.members(Role.ADMIN)
def restore(request: MemberRequest) -> HttpResponse:
    """Bring back the deleted jobs that the address lists."""
    jobs = request.workspace.jobs.filter(pk__in=_ids(request.GET.get("ids", "").split(",")))
    try:
        for job in jobs:
            actions.restore(job, request.user)
    except NotPossible as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, f"{formats.counted(len(jobs), 'job')} back in the list.")
    return redirect("jobs", request.workspace.slug)


def undo_address(request: MemberRequest, job_ids: Iterable[int]) -> str:
    """Where to post to bring back the jobs that were just deleted, as a message tag."""
    ids = ",".join(map(str, job_ids))
    return f"undo:{reverse('jobs_restore', args=[request.workspace.slug])}?ids={ids}"


def _cancel(request: MemberRequest, job: Job) -> None:
    _require(allowed=job.may_be_stopped_by(request.membership))
    actions.cancel(job, request.user)


def _retry(request: MemberRequest, job: Job) -> None:
    _require(allowed=request.membership.may(Role.EDITOR))
    question = "" if ordering.open_retry(job) else retry_page(job, request.user).question
    if question:
        raise NotPossible(f"{question} {LOOK_FIRST}")
    ordering.retry(job, request.user)


def _delete(request: MemberRequest, job: Job) -> None:
    _require(allowed=request.membership.may(Role.ADMIN))
    actions.delete(job, request.user)


_ACTIONS: dict[str, Callable[[MemberRequest, Job], None]] = {"cancel": _cancel, "retry": _retry, "delete": _delete}


def _require(*, allowed: bool) -> None:
    if not allowed:
        raise NotPossible(NOT_YOURS)


def _ids(given: list[str]) -> list[int]:
    return [number for number in map(whole_number, given) if number is not None][:MOST]
