"""Ordering a job: one page for a training, one for pictures, and the parts of both that answer while one types."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role, Workspace
from jobs import formats
from jobs.forms import prefill
from jobs.forms.generation import NewGeneration
from jobs.forms.new_job import NewJob
from jobs.forms.training import NewTraining
from jobs.models import Job
from jobs.operations.errors import NotPossible
from jobs.operations.jobs.order import PhotosChanged, create_each, recent_twin
from jobs.pages import photos_sent
from jobs.pages.order_summary import summary as summary_of

FORMS: dict[str, type[NewJob]] = {"training": NewTraining, "generation": NewGeneration}
REFITTED = "The photos or your choices changed, so the settings were fitted again. Look at them once more, then start."

Begin = Callable[[Workspace, Mapping[str, str]], dict[str, Any]]


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def new_training(request: MemberRequest) -> HttpResponse:
    """Order a training, and pictures from it when it is done."""
    return _order(request, NewTraining) if request.method == "POST" else _begin(request, NewTraining, prefill.training)


@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.EDITOR)
def new_generation(request: MemberRequest) -> HttpResponse:
    """Order pictures."""
    if request.method == "POST":
        return _order(request, NewGeneration)
    return _begin(request, NewGeneration, prefill.generation)


@require_POST
@access.members(Role.EDITOR)
def fields(request: MemberRequest) -> HttpResponse:
    """The form for what was just chosen, with what was typed still in it."""
    form = _form_class(request)(request.workspace, _typed(request))
    return render(request, "jobs/_order.html", _context(request, form))


@require_POST
@access.members(Role.EDITOR)
def summary(request: MemberRequest) -> HttpResponse:
    """The card beside the form, for what was just typed."""
    form = _form_class(request)(request.workspace, _typed(request), checked=True)
    return render(request, "jobs/_summary.html", _card(form, form))


def _begin(request: MemberRequest, form_class: type[NewJob], begin: Begin) -> HttpResponse:
    values = begin(request.workspace, request.GET.dict())
    form = form_class(request.workspace, values)
    original = form.original()
    if original is not None and original.field_errors:
        form = form_class(request.workspace, values, checked=True)
        form.say(original.field_errors)
    return _page(request, form)


def _order(request: MemberRequest, form_class: type[NewJob]) -> HttpResponse:
    typed = _typed(request)
    if "refresh" in request.POST:
        return _page(request, form_class(request.workspace, typed))
    form = form_class(request.workspace, typed, checked=True)
    if form.was_refitted:
        return _page(request, form_class(request.workspace, typed), note=REFITTED, status=400)
    if not form.is_valid():
        return _page(request, form, status=400)
    return _send(request, form)


def _send(request: MemberRequest, form: NewJob) -> HttpResponse:
    drafts = form.draft(dry_run="rehearse" in request.POST).split()
    key = form.cleaned_data["idempotency_key"]
    if not (form.cleaned_data["again"] or request.workspace.jobs.filter(idempotency_key=key).exists()):
        twin = recent_twin(request.workspace, request.user, drafts, key)
        if twin is not None:
            return _page(request, form, twin=twin, status=409)
    try:
        jobs = create_each(request.workspace, request.user, drafts, key)
    except PhotosChanged as changed:
        return _page(request, form, note=changed.sentence, status=409)
    except NotPossible as impossible:
        form.add_error(None, impossible.sentence)
        return _page(request, form, status=400)
    if len(jobs) == 1:
        return redirect("job", request.workspace.slug, jobs[0].pk)
    messages.success(request, f"{len(jobs)} orders are on their way: one for each prompt.")
    return redirect("jobs", request.workspace.slug)


def _page(
    request: MemberRequest, form: NewJob, *, note: str = "", twin: Job | None = None, status: int = 200
) -> HttpResponse:
    age = formats.age((timezone.now() - twin.created_at).total_seconds()) if twin else ""
    context = {**_context(request, form), "note": note, "twin": twin, "twin_age": age}
    return render(request, f"jobs/new_{form.kind}.html", context, status=status)


def _context(request: MemberRequest, form: NewJob) -> dict[str, Any]:
    checked = form if form.is_bound else type(form)(request.workspace, form.initial, checked=True)
    return {**_card(form, checked), "order_template": f"jobs/_order_{form.kind}.html"}


def _card(form: NewJob, checked: NewJob) -> dict[str, Any]:
    """The card beside *form*, by what it says once it is *checked*."""
    photos = checked.to_send if isinstance(checked, NewTraining) else []
    return {
        "form": form,
        "summary": summary_of(checked),
        "leaving_photos": photos_sent.of_draft(photos, checked.provider),
    }


def _form_class(request: MemberRequest) -> type[NewJob]:
    found = FORMS.get(request.POST.get("kind", ""))
    if found is None:
        raise Http404
    return found


def _typed(request: MemberRequest) -> dict[str, Any]:
    return request.POST.dict()
