"""API keys: what is done with them, and the one door through which a stored key leaves the vault."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from dashboard import vault
from dashboard.models import AuditEntry, StoredSecret, User, Workspace
from jobs.models import ApiKey, Job
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
    return Credentials(str(fresh.pk), _open(fresh.secret, purpose, user), options)


def _open(stored: StoredSecret, purpose: str, user: User | None) -> Secret:
    return Secret(vault.open_secret(stored, purpose, user=user))


@transaction.atomic
def add(
    workspace: Workspace,
    user: User,
    provider_slug: str,
    label: str,
    secret_text: str,
    options: Mapping[str, str] | None = None,
) -> ApiKey:
    """Store a new key. Open jobs of the workspace whose key was revoked go on with this one."""
    key = ApiKey(workspace=workspace, provider=provider_slug, label=label, options=dict(options or {}), added_by=user)
    _put_in_vault(key, secret_text)
    key.save(force_insert=True)
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
    _start_afresh(locked)
    if old is not None:
        old.delete()
    Job.objects.open().filter(api_key=locked, needs_decision=False).update(next_action_at=timezone.now())
    AuditEntry.note(locked.workspace, user, "key.replaced", f"{user} replaced the API key {locked.label}.")


def _start_afresh(key: ApiKey) -> None:
    key.health, key.last_result = ApiKey.Health.UNTESTED, ""
    key.paused_until, key.failures_in_row, key.replaced_at = None, 0, timezone.now()
    vault_fields = ["secret", "last_four", "fingerprint"]
    key.save(update_fields=[*vault_fields, "health", "last_result", "paused_until", "failures_in_row", "replaced_at"])


@transaction.atomic
def revoke(key: ApiKey, user: User) -> None:
    """Destroy the stored key. Jobs that use it keep their reference and wait for another key of the account."""
    locked = _lock(key)
    if locked is None:
        return
    locked.revoked_at = timezone.now()
    locked.save(update_fields=["revoked_at"])
    if locked.secret is not None:
        locked.secret.delete()
    AuditEntry.note(locked.workspace, user, "key.revoked", f"{user} revoked the API key {locked.label}.")


def _lock(key: ApiKey) -> ApiKey | None:
    return (
        ApiKey.objects.changeable()
        .select_for_update(of=("self",))
        .select_related("secret", "workspace")
        .filter(pk=key.pk)
        .first()
    )


def refusal(provider_slug: str, secret_text: str, options: Mapping[str, str]) -> str:
    """Why the provider does not accept this key, which is not stored yet, in a sentence; empty when nobody says so."""
    try:
        report = provider(provider_slug).test_key(Credentials("untold", Secret(secret_text), dict(options)))
    except KeyRefused as error:
        return error.sentence
    except ProviderError:
        return ""
    return "" if report.ok else report.sentence


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
    waiting = Job.objects.open().filter(workspace_id=key.workspace_id, provider=key.provider, needs_decision=False)
    waiting.filter(api_key__revoked_at__isnull=False).update(api_key=key, next_action_at=timezone.now())
