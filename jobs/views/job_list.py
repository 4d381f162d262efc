"""The list of jobs, where everybody begins, and what can be done with many of them at once."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

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
from dashboard.web.answers import way_back
from jobs import formats, page_polling
from jobs.forms.lists import KINDS, TABS, JobFilter
from jobs.models import Job, JobState
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions
from jobs.operations.jobs import order as ordering
from jobs.page_polling import Poller
from jobs.pages import job_list as pages
from jobs.pages.job_list import Counts, counts
from jobs.pages.retry_page import retry_page

MOST, MOST_REASONS, MOST_NAMES = 100, 3, 3
LOOK_FIRST = "Run it again from its own page."
NOT_YOURS = "Only an admin of the workspace may do this."
NOT_YOURS_TO_STOP = "Only an admin, or who started it, may stop it."


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
    action, ids = request.POST.get("action", ""), request.POST.getlist("job")
    jobs = list(request.workspace.jobs.present().filter(pk__in=_ids(ids)).order_by("id"))
    if len(ids) > MOST:
        messages.error(request, f"Up to {MOST} jobs at once. Tick fewer, and come back for the rest.")
    elif action not in _ACTIONS or not jobs:
        messages.error(request, "Tick some jobs first, then choose what to do with them.")
    else:
        _do_each(request, action, jobs)
    return redirect(way_back(request, "jobs"))


def _do_each(request: MemberRequest, action: str, jobs: Iterable[Job]) -> None:
    """Do it to each of *jobs*, and say of how many what happened, and of which why not."""
    done, reasons = defaultdict[str, list[int]](list), defaultdict[str, list[str]](list)
    for job in jobs:
        try:
            done[_ACTIONS[action](request, job)].append(job.pk)
        except NotPossible as impossible:
            reasons[impossible.sentence].append(job.name)
    for words, ids in done.items():
        undo = undo_address(request, ids) if action == "delete" else ""
        messages.success(request, f"{formats.counted(len(ids), 'job')} {words}.", extra_tags=undo)
    for sentence, names in list(reasons.items())[:MOST_REASONS]:
        more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
        messages.warning(request, f"{', '.join(f'“{name}”' for name in names[:MOST_NAMES])}{more}: {sentence}")
    if left := sum(len(names) for names in list(reasons.values())[MOST_REASONS:]):
        messages.warning(request, f"{formats.counted(left, 'job')} more could not be done. Their own pages say why.")


@require_POST
@access.members(Role.ADMIN)
def restore(request: MemberRequest) -> HttpResponse:
    """Bring back the deleted jobs that the address lists."""
    back = 0
    for job in request.workspace.jobs.filter(pk__in=_ids(request.GET.get("ids", "").split(","))):
        try:
            back += actions.restore(job, request.user)
        except NotPossible as problem:
            messages.error(request, f"“{job.name}”: {problem.sentence}")
    if back:
        messages.success(request, f"{formats.counted(back, 'job')} back in the list.")
    return redirect(way_back(request, "jobs"))


def undo_address(request: MemberRequest, job_ids: Iterable[int]) -> str:
    """Where to post to bring back the jobs that were just deleted, and to see the same list again; a message tag."""
    query = urlencode({"ids": ",".join(map(str, job_ids)), "next": way_back(request, "jobs")}, safe=",/")
    return f"undo:{reverse('jobs_restore', args=[request.workspace.slug])}?{query}"


def _cancel(request: MemberRequest, job: Job) -> str:
    _require(allowed=job.may_be_stopped_by(request.membership), sentence=NOT_YOURS_TO_STOP)
    actions.cancel(job, request.user)
    job.refresh_from_db(fields=["state"])
    return {JobState.CANCELLED: "stopped", JobState.LOST: "given up"}.get(JobState(job.state), "asked to stop")


def _retry(request: MemberRequest, job: Job) -> str:
    _require(allowed=request.membership.may(Role.EDITOR))
    if ordering.open_retry(job):
        return "started again already"
    if question := retry_page(job, request.user).question:
        raise NotPossible(f"{question} {LOOK_FIRST}")
    ordering.retry(job, request.user)
    return "started again"


def _delete(request: MemberRequest, job: Job) -> str:
    _require(allowed=request.membership.may(Role.ADMIN))
    actions.delete(job, request.user)
    return "deleted"


_ACTIONS: dict[str, Callable[[MemberRequest, Job], str]] = {"cancel": _cancel, "retry": _retry, "delete": _delete}
"""Each says what happened to the job, in words that follow "2 jobs"."""


def _require(*, allowed: bool, sentence: str = NOT_YOURS) -> None:
    if not allowed:
        raise NotPossible(sentence)


def _ids(given: list[str]) -> list[int]:
    return [number for number in map(whole_number, given) if number is not None][:MOST]
