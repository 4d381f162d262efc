"""What can be done with many selected jobs at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role
from dashboard.numbers import whole_number
from jobs import formats
from jobs.models import Job
from jobs.operations.commands import retry
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import actions
from jobs.pages.retry_page import retry_page

MOST = 100
LOOK_FIRST = "Run it again from its own page."
NOT_YOURS = "Only an admin of the workspace may do this."
DONE = {"cancel": "stopped or asked to stop", "retry": "started again", "delete": "deleted"}


@dataclass
class Outcome:
    """Which jobs it was done to, and for which reasons not."""

    done: list[int] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


@require_POST
@access.members(Role.EDITOR)
def selected(request: MemberRequest) -> HttpResponse:
    """Cancel, run again or delete the jobs that are ticked; what cannot be done is said and the rest is done."""
    action = request.POST.get("action", "")
    jobs = _jobs(request, request.POST.getlist("job"))
    if action not in DONE or not jobs:
        messages.error(request, "Tick some jobs first, then choose what to do with them.")
    else:
        _tell(request, action, _do(request, action, jobs))
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


def _do(request: MemberRequest, action: str, jobs: Iterable[Job]) -> Outcome:
    outcome = Outcome()
    for job in jobs:
        try:
            _ACTIONS[action](request, job)
            outcome.done.append(job.pk)
        except NotPossible as impossible:
            outcome.reasons.append(f"{job.name}: {impossible.sentence}")
    return outcome


def _cancel(request: MemberRequest, job: Job) -> None:
    _require(allowed=job.may_be_stopped_by(request.membership))
    actions.cancel(job, request.user)


def _retry(request: MemberRequest, job: Job) -> None:
    _require(allowed=request.membership.may(Role.EDITOR))
    question = "" if retry.under_way(job) else retry_page(job, request.user).question
    if question:
        raise NotPossible(f"{question} {LOOK_FIRST}")
    retry.retry(job, request.user)


def _delete(request: MemberRequest, job: Job) -> None:
    _require(allowed=request.membership.may(Role.ADMIN))
    actions.delete(job, request.user)


_ACTIONS: dict[str, Callable[[MemberRequest, Job], None]] = {"cancel": _cancel, "retry": _retry, "delete": _delete}


def _require(*, allowed: bool) -> None:
    if not allowed:
        raise NotPossible(NOT_YOURS)


def _tell(request: MemberRequest, action: str, outcome: Outcome) -> None:
    if outcome.done:
        undo = undo_address(request, outcome.done) if action == "delete" else ""
        messages.success(request, f"{formats.counted(len(outcome.done), 'job')} {DONE[action]}.", extra_tags=undo)
    for reason in outcome.reasons[:3]:
        messages.warning(request, reason)
    if len(outcome.reasons) > 3:
        messages.warning(request, f"{len(outcome.reasons) - 3} more could not be done for the same kind of reason.")


def _jobs(request: MemberRequest, given: list[str]) -> list[Job]:
    return list(request.workspace.jobs.present().filter(pk__in=_ids(given)).order_by("id")[:MOST])


def _ids(given: list[str]) -> list[int]:
    return [number for number in map(whole_number, given) if number is not None][:MOST]
