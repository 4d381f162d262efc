"""The API keys page: add, test, replace and revoke. A stored key goes in and never comes out."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.answers import form_status
from dashboard.models import Role
from jobs.forms.api_key import ApiKeyForm, ReplaceKeyForm, providers_with_keys
from jobs.models import ApiKey, Job
from jobs.models.job import OPEN_STATES
from jobs.operations import keys
from jobs.operations.providers import all_providers
from jobs.providers.base import Provider

TONES = {
    ApiKey.Health.WORKING: "good",
    ApiKey.Health.REJECTED: "bad",
    ApiKey.Health.NO_CREDIT: "warn",
    ApiKey.Health.UNTESTED: "neutral",
}


@dataclass(frozen=True)
class KeyCard:
    """A key as the page shows it. *open_jobs* are those that would wait without it."""

    key: ApiKey
    provider: Provider
    tone: str
    jobs: int
    open_jobs: int


@require_safe
@access.members(Role.VIEWER)
def api_keys(request: MemberRequest) -> HttpResponse:
    return render(request, "api_keys/api_keys.html", {"cards": _cards(request), "may_add": bool(providers_with_keys())})


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def new(request: MemberRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        typed = form.cleaned_data
        key = keys.add(request.workspace, request.user, typed["provider"], typed["label"], typed["secret"])
        return _tested(request, key)
    shown = {"form": form, "providers": providers_with_keys()}
    return render(request, "api_keys/new.html", shown, status=form_status(request, form))


@require_POST
@access.members(Role.ADMIN)
def test(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.usable(), pk=key_id, provider__in=_slugs())
    if not request.htmx:
        return _tested(request, key)
    keys.test(key, request.user)
    return render(request, "api_keys/_key.html", {"card": _cards(request, key.pk)[0]})


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def replace(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.changeable(), pk=key_id, provider__in=_slugs())
    form = ReplaceKeyForm(request.POST or None)
    if form.is_valid():
        keys.replace(key, request.user, form.cleaned_data["secret"])
        return _tested(request, key)
    return render(request, "api_keys/replace.html", {"form": form, "key": key}, status=form_status(request, form))


@require_POST
@access.members(Role.ADMIN)
def revoke(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.changeable(), pk=key_id)
    keys.revoke(key, request.user)
    messages.success(request, f"“{key}” was revoked and its key destroyed.")
    return redirect("api_keys", request.workspace.slug)


def _tested(request: MemberRequest, key: ApiKey) -> HttpResponse:
    """Try the key and say what came of it on the list."""
    report = keys.test(key, request.user)
    say = messages.success if report.ok else messages.warning
    say(request, f"{key}: {report.sentence}")
    return redirect("api_keys", request.workspace.slug)


def _slugs() -> list[str]:
    return [one.slug for one in all_providers()]


def _cards(request: MemberRequest, only: int | None = None) -> list[KeyCard]:
    """The workspace's keys, or the one with the id *only*; keys of a provider that is no longer there are left out."""
    shown = request.workspace.api_keys.usable().for_page()
    providers = {one.slug: one for one in all_providers()}
    counts = _job_counts(request)
    return [
        KeyCard(key, providers[key.provider], TONES[ApiKey.Health(key.health)], *counts.get(key.pk, (0, 0)))
        for key in (shown.filter(pk=only) if only else shown)
        if key.provider in providers
    ]


def _job_counts(request: MemberRequest) -> dict[int, tuple[int, int]]:
    """By key: how many jobs used it, and how many of them still run."""
    used = Job.objects.present().filter(workspace=request.workspace, api_key__isnull=False).values("api_key")
    counted = used.annotate(total=Count("id"), still=Count("id", Q(state__in=OPEN_STATES)))
    return {row["api_key"]: (row["total"], row["still"]) for row in counted}
