"""API keys: what is done with them, and the one door through which a stored key leaves the vault."""

from dataclasses import replace as replace_fields

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from dashboard import vault
from dashboard.models import AuditEntry, StoredSecret, User, Workspace
from jobs.models import ApiKey, Job, JobState
from jobs.models.job import OPEN_STATES
from jobs.operations.api_keys.told import (
    NOTHING,
    Told,
    destroy_secrets,
    keep_secrets,
    open_secrets,
    params,
    place,
)
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import sentences
from jobs.operations.providers import provider
from jobs.providers.credentials import Credentials, Secret
from jobs.providers.errors import KeyRefused, NoCredit, ProviderError
from jobs.providers.reply import KeyReport

PRACTICE = "practice"
LEAST_LENGTH_FOR_LAST_FOUR = 20
"""Of a shorter key, four characters would give away too much."""


def credentials(key: ApiKey, purpose: str, user: User | None = None) -> Credentials:
    """Open *key* for one use. The practice key opens nothing. Raises `KeyRefused` when the key is no longer there.

    The row is read again: a key that was replaced a moment ago is used in its new form.
    """
    fresh = ApiKey.objects.select_related("secret").get(pk=key.pk)
    options = {name: str(value) for name, value in fresh.options.items()}
    if fresh.provider == PRACTICE:
        return Credentials(account=str(fresh.pk), options=options)
    if fresh.secret is None:
        raise KeyRefused(f"The key {fresh.label} was revoked. Add another key of the same account.")
    further = open_secrets(fresh, purpose, user)
    return Credentials(str(fresh.pk), _open(fresh.secret, purpose, user), options, further)


def _open(stored: StoredSecret, purpose: str, user: User | None) -> Secret:
    return Secret(vault.open_secret(stored, purpose, user=user))


@transaction.atomic
def add(
    workspace: Workspace,
    user: User,
    provider_slug: str,
    label: str,
    secret_text: str,
    told: Told = NOTHING,
) -> ApiKey:
    """Store a new key. Open jobs of the workspace whose key was revoked go on with this one, if it knows them."""
    key = ApiKey(workspace=workspace, provider=provider_slug, label=label, options=dict(told.options), added_by=user)
    _put_in_vault(key, secret_text)
    key.save(force_insert=True)
    keep_secrets(key, told)
    _take_over_waiting_jobs(key)
    AuditEntry.note(workspace, user, "key.added", f"{user} added the API key {label} ({provider_slug}).")
    return key


@transaction.atomic
def replace(key: ApiKey, user: User, secret_text: str) -> None:
    """Put a new key in the place of the old one; jobs that wait for a key are looked at now.

    The row is locked, so that of two replacements at once neither leaves its secret behind. A key that was revoked
    or is the practice key stays as it is.
    """
    locked = _lock(key)
    if locked is None:
        return
    old = locked.secret
    _put_in_vault(locked, secret_text)
    locked.replaced_at = timezone.now()
    _start_afresh(locked, "secret", "last_four", "fingerprint", "replaced_at")
    if old is not None:
        old.delete()
    AuditEntry.note(locked.workspace, user, "key.replaced", f"{user} replaced the API key {locked.label}.")


@transaction.atomic
def change(key: ApiKey, user: User, label: str, told: Told) -> None:
    """Give a key another name and other options; secrets that were not told anew stay as they are.

    Raises `NotPossible` when jobs would be left behind where nobody could ask after them, or when secrets would go
    along to another place.
    """
    locked = _lock(key)
    if locked is None:
        return
    if place(locked) != place(locked, told.options):
        _let_go(locked, told)
    said = _what_changes(locked, label, told)
    locked.label, locked.options = label, dict(told.options)
    keep_secrets(locked, told)
    _start_afresh(locked, "label", "options")
    if said:
        sentence = f"{user} changed {' and '.join(said)} of the API key {locked.label}."
        AuditEntry.note(locked.workspace, user, "key.changed", sentence)


def _let_go(key: ApiKey, told: Told) -> None:
    """Make sure that *key* can leave its place. Raises `NotPossible`.

    Orders bring the further secrets along, and nobody may see those: not even who could point them at a place of their
    own, with a key of their own.
    """
    if left := _living_there(key):
        raise NotPossible(sentences.would_leave_jobs(left))
    names = set(key.further_secrets.values_list("name", flat=True)) - {*told.secrets, *told.forgotten}
    if names:
        labels = [param.label for param in params(key.provider) if param.name in names]
        raise NotPossible(sentences.secrets_stay(labels))


def _living_there(key: ApiKey) -> int:
    """How many jobs the provider has, or may have, or keeps results of that we have not got yet."""
    at_provider = Q(state__in=OPEN_STATES - {JobState.READY}) | Q(results_pending=True)
    return Job.objects.filter(at_provider, api_key=key).count()


def _what_changes(key: ApiKey, label: str, told: Told) -> list[str]:
    """What is different from now, in words and without what it is."""
    names = {name for name in {*key.options, *told.options} if key.options.get(name) != told.options.get(name)}
    names |= {*told.secrets, *told.forgotten}
    labels = [f"“{param.label}”" for param in params(key.provider) if param.name in names]
    return [*(["the name"] if label != key.label else []), *labels]


def _start_afresh(key: ApiKey, *changed: str) -> None:
    """Forget how well the key worked, save it, and look at its jobs now."""
    key.health, key.last_result = ApiKey.Health.UNTESTED, ""
    key.paused_until, key.failures_in_row = None, 0
    key.save(update_fields=[*changed, "health", "last_result", "paused_until", "failures_in_row"])
    Job.objects.open().filter(api_key=key, needs_decision=False).update(next_action_at=timezone.now())


@transaction.atomic
def revoke(key: ApiKey, user: User) -> None:
    """Destroy the stored key. Jobs that use it keep their reference and wait for another key of the account."""
    locked = _lock(key)
    if locked is None:
        return
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    destroy_secrets(locked)
    if locked.secret is not None:
        locked.secret.delete()
    AuditEntry.note(locked.workspace, user, "key.revoked", f"{user} revoked the API key {locked.label}.")


def _lock(key: ApiKey) -> ApiKey | None:
    return (
        ApiKey.objects.changeable()
        .select_for_update(of=("self",), no_key=True)
        .select_related("secret", "workspace")
        .filter(pk=key.pk)
        .first()
    )


def refusal(provider_slug: str, secret_text: str, told: Told) -> KeyReport | None:
    """Why the provider does not accept this key, which is not stored yet; None when nobody says so."""
    return _refusal(provider_slug, Credentials("untold", Secret(secret_text), dict(told.options), dict(told.secrets)))


def refusal_of_other(key: ApiKey, user: User, secret_text: str) -> KeyReport | None:
    """Why the provider does not accept another key in the place of *key*; None when nobody says so."""
    further = open_secrets(key, "test", user)
    return _refusal(key.provider, Credentials("untold", Secret(secret_text), dict(key.options), further))


def refusal_of_change(key: ApiKey, user: User, told: Told) -> KeyReport | None:
    """Why the provider would not accept *key* with what is *told* instead; None when nobody says so."""
    now = credentials(key, "test", user)
    kept = {name: secret for name, secret in now.secrets.items() if name not in told.forgotten}
    return _refusal(key.provider, replace_fields(now, options=dict(told.options), secrets=kept | dict(told.secrets)))


def _refusal(provider_slug: str, opened: Credentials) -> KeyReport | None:
    try:
        report = provider(provider_slug).test_key(opened)
    except KeyRefused as error:
        return KeyReport(ok=False, sentence=error.sentence)
    except ProviderError:
        return None
    return None if report.ok else report


def test(key: ApiKey, user: User) -> KeyReport:
    """Try the key as it is now by a call that costs nothing, and keep what came of it."""
    key = ApiKey.objects.get(pk=key.pk)
    try:
        report = provider(key.provider).test_key(credentials(key, "test", user))
    except ProviderError as error:
        return _keep(key, _health_after(error, key), KeyReport(ok=False, sentence=error.sentence))
    return _keep(key, ApiKey.Health.WORKING if report.ok else ApiKey.Health.REJECTED, report)


def _health_after(error: ProviderError, key: ApiKey) -> str:
    """An answer that says nothing about the key leaves its health as it was."""
    if isinstance(error, KeyRefused):
        return ApiKey.Health.REJECTED
    return ApiKey.Health.NO_CREDIT if isinstance(error, NoCredit) else key.health


def _keep(key: ApiKey, health: str, report: KeyReport) -> KeyReport:
    changes = {"health": health, "last_result": report.sentence[:300], "last_used_at": timezone.now()}
    if report.ok:
        changes |= {"paused_until": None, "failures_in_row": 0}
    # A key that was replaced while its predecessor was tried keeps its own, untested state.
    ApiKey.objects.filter(pk=key.pk, secret_id=key.secret_id).update(**changes)
    return report


def practice_key(workspace: Workspace) -> ApiKey:
    """The workspace's practice key, made when there is none."""
    found = workspace.api_keys.usable().filter(provider=PRACTICE).order_by("id").first()
    return found or workspace.api_keys.create(
        provider=PRACTICE,
        label="Practice",
        health=ApiKey.Health.WORKING,
        last_result="Needs no key and costs nothing.",
    )


def _put_in_vault(key: ApiKey, secret_text: str) -> None:
    key.secret = vault.seal(key.workspace, key.provider, "key", secret_text)
    key.fingerprint = vault.fingerprint(secret_text)
    key.last_four = secret_text[-4:] if len(secret_text) >= LEAST_LENGTH_FOR_LAST_FOUR else ""


def _take_over_waiting_jobs(key: ApiKey) -> None:
    """Jobs of revoked keys go on with *key*: those not sent yet, and those that live where it can ask after them."""
    revoked = ApiKey.objects.filter(workspace=key.workspace_id, provider=key.provider, revoked_at__isnull=False)
    same_place = [other.pk for other in revoked if place(other) == place(key)]
    waiting = Job.objects.open().filter(api_key__in=revoked, provider=key.provider, needs_decision=False)
    known = waiting.filter(Q(state=JobState.READY) | Q(api_key__in=same_place))
    known.update(api_key=key, next_action_at=timezone.now())
