"""The list of jobs: where everybody begins."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.numbers import LARGEST_ID, whole_number
from jobs import page_polling
from jobs.forms.job_filter import KINDS, TABS, JobFilter
from jobs.page_polling import Poller
from jobs.pages import job_list as pages
from jobs.pages.job_list import Counts, ListPage, counts


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
        "poller": _poller(request, asked, page, now),
    }
    context["older"] = f"{request.path}{asked.after(page.oldest).address()}"
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
    context["poller"] = _next_poller(request, asked, newest, oldest, now)
    return render(request, "jobs/_changes.html", context)


def _around(request: MemberRequest, asked: JobFilter, now: Counts) -> dict[str, Any]:
    """What stands above the cards and counts along."""
    numbers = {"running": now.running, "needs-you": now.needs_you}
    tabs = [Tab(name, asked.on(key).address(), numbers.get(key, 0), asked.tab == key) for key, name in TABS.items()]
    return {"asked": asked, "counts": now, "tabs": tabs, "kinds": KINDS}


def _poller(request: MemberRequest, asked: JobFilter, page: ListPage, now: Counts) -> Poller:
    """The poller of a page just shown. Only the first page grows at its top."""
    newest = page.newest if not asked.before else LARGEST_ID
    return _next_poller(request, asked, newest, page.oldest if page.has_older else 0, now)


def _next_poller(request: MemberRequest, asked: JobFilter, newest: int, oldest: int, now: Counts) -> Poller:
    shown: dict[str, str | int] = {**asked.query(), "newest": newest, "oldest": oldest}
    since, busy = request.workspace.version, now.running > 0
    return page_polling.poller(request, "job_changes", since=since, busy=busy, query=shown)


def _place(request: MemberRequest, name: str) -> int:
    return whole_number(request.GET.get(name, "")) or 0
