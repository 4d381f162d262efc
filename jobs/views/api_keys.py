"""The API keys page: add, test, replace and revoke. A stored key goes in and never comes out."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
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
from jobs.operations.api_keys import keys
from jobs.operations.errors import NotPossible
from jobs.operations.providers import all_providers
from jobs.operations.sending import check_callbacks as checking
from jobs.operations.sending.reached import Check, check_of
from jobs.providers.base import Provider

REFUSED = "refused"
NOT_STORED = (
    "Nothing was stored. Paste it again, whole, and try once more; or paste it and store it all the same. "
    "Jobs then wait for a better one."
)
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
    callbacks: Check | None
    """How the last check of callbacks went; None where there is nothing to check."""


@require_safe
@access.members(Role.VIEWER)
def api_keys(request: MemberRequest) -> HttpResponse:
    return render(request, "api_keys/api_keys.html", {"cards": _cards(request)})


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def new(request: MemberRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST or None)
    if form.is_valid() and not _is_refused(request, form, form.cleaned_data["provider"], form.options()):
        typed = form.cleaned_data
        given = (typed["provider"], typed["label"], typed["secret"], form.options())
        return _tested(request, keys.add(request.workspace, request.user, *given))
    shown = {"form": form, "providers": providers_with_keys(), "may_insist": form.has_error("secret", REFUSED)}
    return render(request, "api_keys/new.html", shown, status=form_status(request, form))


@require_POST
@access.members(Role.ADMIN)
def test(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.usable(), pk=key_id, provider__in=_slugs())
    if not request.htmx:
        return _tested(request, key)
    keys.test(key, request.user)
    return render(request, "api_keys/_key.html", {"card": _cards(request, key.pk)[0]})


@require_POST
@access.members(Role.ADMIN)
def check_callbacks(request: MemberRequest, key_id: int) -> HttpResponse:
    """Order a rehearsal, and show that its callback is waited for."""
    key = get_object_or_404(request.workspace.api_keys.usable(), pk=key_id, provider__in=_slugs())
    try:
        checking.ask(key, request.user)
    except NotPossible as impossible:
        return _not_checked(request, key, impossible.sentence)
    key.refresh_from_db()
    return _callbacks(request, key) if request.htmx else redirect("api_keys", request.workspace.slug)


@require_safe
@access.members(Role.VIEWER)
def callbacks(request: MemberRequest, key_id: int) -> HttpResponse:
    """How the last check of callbacks went; it asks again by itself for as long as one is waited for."""
    return _callbacks(request, get_object_or_404(request.workspace.api_keys.usable(), pk=key_id, provider__in=_slugs()))


def _not_checked(request: MemberRequest, key: ApiKey, sentence: str) -> HttpResponse:
    if request.htmx:
        return _callbacks(request, key, sentence)
    messages.error(request, sentence)
    return redirect("api_keys", request.workspace.slug)


def _callbacks(request: MemberRequest, key: ApiKey, sentence: str = "") -> HttpResponse:
    check = Check("failed", sentence, "warn") if sentence else check_of(key)
    return render(request, "api_keys/_callbacks.html", {"key": key, "check": check})


@sensitive_post_parameters("secret")
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def replace(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.changeable(), pk=key_id, provider__in=_slugs())
    form = ReplaceKeyForm(request.POST or None)
    if form.is_valid() and not _is_refused(request, form, key.provider, key.options):
        keys.replace(key, request.user, form.cleaned_data["secret"])
        return _tested(request, key)
    shown = {"form": form, "key": key, "may_insist": form.has_error("secret", REFUSED)}
    return render(request, "api_keys/replace.html", shown, status=form_status(request, form))


@require_POST
@access.members(Role.ADMIN)
def revoke(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.changeable(), pk=key_id)
    keys.revoke(key, request.user)
    messages.success(request, f"“{key}” was revoked and its key destroyed.")
    return redirect("api_keys", request.workspace.slug)


def _is_refused(request: MemberRequest, form: forms.Form, provider: str, options: Mapping[str, str]) -> bool:
    """Whether the provider does not accept the typed key, and nobody insists on storing it all the same."""
    refused = "" if "insist" in request.POST else keys.refusal(provider, form.cleaned_data["secret"], options)
    if refused:
        form.add_error("secret", forms.ValidationError(f"{refused} {NOT_STORED}", code=REFUSED))
    return bool(refused)


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
        _card(key, providers[key.provider], *counts.get(key.pk, (0, 0)))
        for key in (shown.filter(pk=only) if only else shown)
        if key.provider in providers
    ]


def _card(key: ApiKey, provider: Provider, jobs: int, open_jobs: int) -> KeyCard:
    callbacks = check_of(key) if checking.can_be_checked(provider) else None
    return KeyCard(key, provider, TONES[ApiKey.Health(key.health)], jobs, open_jobs, callbacks)


def _job_counts(request: MemberRequest) -> dict[int, tuple[int, int]]:
    """By key: how many jobs used it, and how many of them still run."""
    used = Job.objects.present().filter(workspace=request.workspace, api_key__isnull=False).values("api_key")
    counted = used.annotate(total=Count("id"), still=Count("id", Q(state__in=OPEN_STATES)))
    return {row["api_key"]: (row["total"], row["still"]) for row in counted}
