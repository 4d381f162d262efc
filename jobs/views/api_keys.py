"""The API keys page: add, test, replace and revoke. A stored key goes in and never comes out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django import forms
from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import access
from dashboard.access import MemberRequest
from dashboard.models import Role, Workspace
from dashboard.web.answers import form_status
from jobs.forms.api_key import ApiKeyForm, ChangeKeyForm, ReplaceKeyForm, providers_with_keys
from jobs.models import ApiKey, Job
from jobs.models.job import OPEN_STATES
from jobs.operations.api_keys import health, keys
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import callback_check
from jobs.operations.jobs.callback_check import Check, check_of
from jobs.operations.providers import all_providers
from jobs.providers.base import Provider
from jobs.providers.reply import KeyReport

REFUSED = "refused"
NOT_STORED = (
    "Nothing was stored. Paste it again, whole, and try once more; or paste it and store it all the same. "
    "Jobs then wait for a better one."
)
NOT_CHANGED = "Nothing was changed. Look at what you typed, or store it all the same."
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
    submitted: tuple[tuple[str, str], ...]
    """What was entered along with it, by label; of a secret, that there is one."""
    notice: str
    """What is not done with it that one may expect."""
    callbacks: Check | None
    """How the last check of callbacks went; None where there is nothing to check."""


@require_safe
@access.members(Role.VIEWER)
def api_keys(request: MemberRequest) -> HttpResponse:
    return render(request, "api_keys/api_keys.html", {"cards": _cards(request.workspace)})


def _cards(workspace: Workspace, only: int | None = None) -> list[KeyCard]:
    """The workspace's keys, or the one with the id *only*; keys of a provider that is no longer there are left out."""
    shown = workspace.api_keys.usable().for_page()
    providers = {one.slug: one for one in all_providers()}
    used = Job.objects.present().filter(workspace=workspace, api_key__isnull=False).values("api_key")
    counted = used.annotate(total=Count("id"), still=Count("id", Q(state__in=OPEN_STATES)))
    counts = {row["api_key"]: (row["total"], row["still"]) for row in counted}
    cards = []
    for key in shown.filter(pk=only) if only else shown:
        if (provider := providers.get(key.provider)) is None:
            continue
        stored = {row.name for row in key.further_secrets.all()}
        options = [
            (param.label, "stored" if param.name in stored else str(key.options.get(param.name, "")))
            for param in provider.key_params
        ]
        jobs, open_jobs = counts.get(key.pk, (0, 0))
        cards.append(
            KeyCard(
                key=key,
                provider=provider,
                tone=TONES[ApiKey.Health(key.health)],
                jobs=jobs,
                open_jobs=open_jobs,
                submitted=tuple((label, text) for label, text in options if text),
                notice=provider.key_notice(key.options),
                callbacks=check_of(key) if callback_check.can_be_checked(provider) else None,
            )
        )
    return cards


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def new(request: MemberRequest) -> HttpResponse:
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        slug, label, secret = (form.cleaned_data[name] for name in ("provider", "label", "secret"))
        submitted = form.submitted()
        if not _is_refused(request, form, partial(health.refusal, slug, secret, submitted)):
            return _tested(request, keys.add(request.workspace, request.user, slug, label, secret, submitted))
    shown = {"form": form, "providers": providers_with_keys(), "may_insist": _may_insist(form)}
    return render(request, "api_keys/new.html", shown, status=form_status(request, form))


@require_POST
@access.members(Role.ADMIN)
def test(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.usable(), pk=key_id, provider__in=_slugs())
    if not request.htmx:
        return _tested(request, key)
    health.test(key, request.user)
    return render(request, "api_keys/_key.html", {"card": _cards(request.workspace, key.pk)[0]})


@require_POST
@access.members(Role.ADMIN)
def check_callbacks(request: MemberRequest, key_id: int) -> HttpResponse:
    """Order a rehearsal, and show that its callback is waited for."""
    key = get_object_or_404(request.workspace.api_keys.usable(), pk=key_id, provider__in=_slugs())
    try:
        callback_check.ask(key, request.user)
    except NotPossible as impossible:
        if request.htmx:
            return _callbacks(request, key, impossible.sentence)
        messages.error(request, impossible.sentence)
        return redirect("api_keys", request.workspace.slug)
    key.refresh_from_db()
    return _callbacks(request, key) if request.htmx else redirect("api_keys", request.workspace.slug)


@require_safe
@access.members(Role.VIEWER)
def callbacks(request: MemberRequest, key_id: int) -> HttpResponse:
    """How the last check of callbacks went; it asks again by itself for as long as one is waited for."""
    return _callbacks(request, get_object_or_404(request.workspace.api_keys.usable(), pk=key_id, provider__in=_slugs()))


def _callbacks(request: MemberRequest, key: ApiKey, sentence: str = "") -> HttpResponse:
    check = Check("failed", sentence, "warn") if sentence else check_of(key)
    return render(request, "api_keys/_callbacks.html", {"key": key, "check": check})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def change(request: MemberRequest, key_id: int) -> HttpResponse:
    """Another name, and other options; what is not typed stays as it is."""
    key = get_object_or_404(request.workspace.api_keys.changeable(), pk=key_id, provider__in=_slugs())
    form = ChangeKeyForm(key, request.POST or None)
    form.confirm(request)
    if form.is_valid():
        submitted, label = form.submitted(), form.cleaned_data["label"]
        if not _is_refused(request, form, partial(health.refusal_of_change, key, request.user, submitted)):
            try:
                keys.change(key, request.user, label, submitted)
            except NotPossible as impossible:
                form.add_error(None, impossible.sentence)
            else:
                key.label = label
                return _tested(request, key)
    shown = {"form": form, "key": key, "may_insist": _may_insist(form)}
    return render(request, "api_keys/change.html", shown, status=form_status(request, form))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@access.members(Role.ADMIN)
def replace(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.changeable(), pk=key_id, provider__in=_slugs())
    form = ReplaceKeyForm(request.POST or None)
    form.confirm(request)
    if form.is_valid():
        secret = form.cleaned_data["secret"]
        if not _is_refused(request, form, partial(health.refusal_of_other, key, request.user, secret)):
            keys.replace(key, request.user, secret)
            return _tested(request, key)
    shown = {"form": form, "key": key, "may_insist": _may_insist(form)}
    return render(request, "api_keys/replace.html", shown, status=form_status(request, form))


@require_POST
@access.members(Role.ADMIN)
def revoke(request: MemberRequest, key_id: int) -> HttpResponse:
    key = get_object_or_404(request.workspace.api_keys.changeable(), pk=key_id)
    keys.revoke(key, request.user)
    messages.success(request, f"“{key}” was revoked and its key destroyed.")
    return redirect("api_keys", request.workspace.slug)


def _is_refused(request: MemberRequest, form: forms.Form, refusal: Callable[[], KeyReport | None]) -> bool:
    """Whether the provider does not accept what was typed, and nobody insists on storing it all the same."""
    refused = None if "insist" in request.POST else refusal()
    if refused is not None:
        sentence = f"{refused.sentence} {NOT_STORED if 'secret' in form.fields else NOT_CHANGED}"
        options = [name for name in form.fields if refused.about and name.endswith(f"-{refused.about}")]
        to_blame = options[0] if options else "secret" if "secret" in form.fields else None
        form.add_error(to_blame, forms.ValidationError(sentence, code=REFUSED))
    return refused is not None


def _may_insist(form: forms.Form) -> bool:
    return any(form.has_error(name, REFUSED) for name in (NON_FIELD_ERRORS, *form.fields))


def _tested(request: MemberRequest, key: ApiKey) -> HttpResponse:
    """Try the key and say what came of it on the list."""
    report = health.test(key, request.user)
    say = messages.success if report.ok else messages.warning
    say(request, f"{key}: {report.sentence}")
    return redirect("api_keys", request.workspace.slug)


def _slugs() -> list[str]:
    return [one.slug for one in all_providers()]
