"""API keys: what is done with them, and the one door through which a stored key leaves the vault.

Along with a key come options that may be read, and further secrets that may not, such as a bucket's.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from dashboard import vault
from dashboard.models import AuditEntry, StoredSecret, User, Workspace
from dashboard.tokens import token_hash
from jobs.models import ApiKey, Job, JobState, KeySecret
from jobs.models.job import OPEN_STATES
from jobs.operations.errors import NotPossible
from jobs.operations.jobs import sentences
from jobs.operations.providers import provider
from jobs.providers.base import Capability
from jobs.providers.credentials import Credentials, Secret
from jobs.providers.errors import KeyRefused
from jobs.providers.params import Param
from jobs.providers.registry import PROVIDERS

PRACTICE = "practice"
LEAST_LENGTH_FOR_LAST_FOUR = 20
"""Of a shorter key, four characters would give away too much."""


def account_hash(key: ApiKey) -> str:
    """Tells the account, and the place in it, that *key* opens from others. It changes with the key and its options."""
    return token_hash(json.dumps([key.fingerprint, key.options], sort_keys=True))


@dataclass(frozen=True)
class SubmittedOptions:
    """What a person entered along with a key, by the names of `Provider.key_params`.

    *options* are all there are; of the secrets, what is neither in *secrets* nor *forgotten* stays as it is.
    """

    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    forgotten: frozenset[str] = frozenset()

    @classmethod
    def typed(
        cls, options: Mapping[str, str], secrets: Mapping[str, str], forgotten: Iterable[str] = ()
    ) -> "SubmittedOptions":
        """What was typed into a form: from here on nothing prints a secret."""
        return cls(options, {name: Secret(text) for name, text in secrets.items()}, frozenset(forgotten))


NOTHING = SubmittedOptions()


def credentials(key: ApiKey, purpose: str, user: User | None = None) -> Credentials:
    """Open *key* for one use; where none is needed, nothing. Raises `KeyRefused` when the key is no longer there.

    The row is read again: a key that was replaced a moment ago is used in its new form.
    """
    fresh = ApiKey.objects.select_related("secret").get(pk=key.pk)
    options = {name: str(value) for name, value in fresh.options.items()}
    if not provider(fresh.provider).can(Capability.NEEDS_KEY):
        return Credentials(account=str(fresh.pk), options=options)
    if fresh.secret is None:
        why = (
            "was revoked. Add another key of the same account"
            if fresh.revoked_at
            else "is not here any more. Replace it"
        )
        raise KeyRefused(f"The key {fresh.label} {why}.")
    further = open_secrets(fresh, purpose, user)
    return Credentials(str(fresh.pk), _open(fresh, fresh.secret, purpose, user), options, further)


def _open(key: ApiKey, stored: StoredSecret, purpose: str, user: User | None) -> Secret:
    """Open a secret for its provider: the one host that the guarded client sends it to is written down along."""
    host = provider(stored.provider).key_host if stored.provider in PROVIDERS else ""
    return Secret(vault.open_secret(stored, purpose, host, user, holder=_holder(key.pk)))


@transaction.atomic
def add(
    workspace: Workspace,
    user: User,
    provider_slug: str,
    label: str,
    secret_text: str,
    submitted: SubmittedOptions = NOTHING,
) -> ApiKey:
    """Store a new key. Open jobs of the workspace whose key was revoked go on with this one, if it knows them."""
    key = ApiKey(
        workspace=workspace, provider=provider_slug, label=label, options=dict(submitted.options), added_by=user
    )
    key.save(force_insert=True)  # its id first: what is stored is bound to it
    _put_in_vault(key, secret_text)
    key.save(update_fields=["secret", "fingerprint", "last_four"])
    store_secrets(key, submitted)
    # Those not sent yet, and those that live where the new key can ask after them.
    revoked = ApiKey.objects.filter(workspace=workspace, provider=provider_slug, revoked_at__isnull=False)
    same_place = [other.pk for other in revoked if place(other) == place(key)]
    waiting = Job.objects.open().filter(api_key__in=revoked, provider=provider_slug, needs_decision=False)
    known = waiting.filter(Q(state=JobState.READY) | Q(api_key__in=same_place))
    known.update(api_key=key, next_action_at=Now())
    service = provider(provider_slug).label if provider_slug in PROVIDERS else provider_slug
    AuditEntry.note(workspace, user, "key.added", f"{user} added the API key {label} of {service}.")
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
def change(key: ApiKey, user: User, label: str, submitted: SubmittedOptions) -> None:
    """Give a key another name and other options; secrets that were not entered anew stay as they are.

    Raises `NotPossible` when jobs would be left behind where nobody could ask after them, or when secrets would go
    along to another place.
    """
    locked = _lock(key)
    if locked is None:
        return
    if place(locked) != place(locked, submitted.options):
        _let_go(locked)
    _keep_secrets_at_home(locked, submitted)
    said = _what_changes(locked, label, submitted)
    locked.label, locked.options = label, dict(submitted.options)
    store_secrets(locked, submitted)
    _start_afresh(locked, "label", "options")
    if said:
        sentence = f"{user} changed {' and '.join(said)} of the API key {locked.label}."
        AuditEntry.note(locked.workspace, user, "key.changed", sentence)


def _let_go(key: ApiKey) -> None:
    """Make sure that *key* can leave its place. Raises `NotPossible`."""
    # Jobs that the provider has, or may have, or keeps results of that we have not got yet.
    at_provider = Q(state__in=OPEN_STATES - {JobState.READY}) | Q(results_pending=True)
    if left := Job.objects.filter(at_provider, api_key=key).count():
        raise NotPossible(sentences.would_leave_jobs(left))


def _keep_secrets_at_home(key: ApiKey, submitted: SubmittedOptions) -> None:
    """Make sure that no stored secret is sent anywhere else than before. Raises `NotPossible`.

    Orders bring the further secrets along, and nobody may see those: not even who could point them at a place of their
    own, with a key of their own.
    """
    asked = params(key.provider)
    moved = {param.name for param in asked if key.options.get(param.name, "") != submitted.options.get(param.name, "")}
    left_all = place(key) != place(key, submitted.options)
    stored = set(key.further_secrets.values_list("name", flat=True)) - {*submitted.secrets, *submitted.forgotten}
    going = [param.label for param in asked if param.name in stored and (left_all or moved & {*param.goes_to})]
    if going:
        raise NotPossible(sentences.secrets_stay(going))


def _what_changes(key: ApiKey, label: str, submitted: SubmittedOptions) -> list[str]:
    """What is different from now, in words and without what it is."""
    names = {
        name for name in {*key.options, *submitted.options} if key.options.get(name) != submitted.options.get(name)
    }
    names |= {*submitted.secrets, *submitted.forgotten}
    labels = [f"“{param.label}”" for param in params(key.provider) if param.name in names]
    return [*(["the name"] if label != key.label else []), *labels]


def _start_afresh(key: ApiKey, *changed: str) -> None:
    """Forget how well the key worked, save it, and look at its jobs now."""
    key.health, key.last_result = ApiKey.Health.UNTESTED, ""
    key.paused_until, key.failures_in_row = None, 0
    key.save(update_fields=[*changed, "health", "last_result", "paused_until", "failures_in_row"])
    Job.objects.open().filter(api_key=key, needs_decision=False).update(next_action_at=Now())


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


def practice_key(workspace: Workspace) -> ApiKey:
    """The workspace's practice key, made when there is none."""
    found = workspace.api_keys.usable().filter(provider=PRACTICE).order_by("id").first()
    return found or workspace.api_keys.create(
        provider=PRACTICE,
        label="Practice",
        health=ApiKey.Health.WORKING,
        last_result="Needs no key and costs nothing.",
    )


def _holder(key_id: int) -> str:
    """What secrets of the API key with this id are bound to."""
    return f"api key {key_id}"


def renew_secret(stored: StoredSecret) -> None:
    """Bind *stored*, from before secrets knew their holder, to its key. The caller holds the row's lock. Raises
    `VaultError`."""
    further = KeySecret.objects.filter(stored=stored).values_list("api_key", flat=True)
    key_id = ApiKey.objects.filter(secret=stored).values_list("pk", flat=True).union(further).first()
    if key_id is not None:
        vault.renew(stored, _holder(key_id))


def _put_in_vault(key: ApiKey, secret_text: str) -> None:
    key.secret = vault.seal(key.workspace, key.provider, "key", secret_text, _holder(key.pk))
    key.fingerprint = vault.fingerprint(secret_text)
    key.last_four = secret_text[-4:] if len(secret_text) >= LEAST_LENGTH_FOR_LAST_FOUR else ""


def open_secrets(key: ApiKey, purpose: str, user: User | None = None) -> dict[str, Secret]:
    """The further secrets of *key*, by name; each opening is written down."""
    rows = key.further_secrets.select_related("stored").order_by("name")
    return {row.name: _open(key, row.stored, purpose, user) for row in rows}


def store_secrets(key: ApiKey, submitted: SubmittedOptions) -> None:
    """Put *submitted* secrets into the vault, in the place of older ones. The caller holds the key's lock."""
    _destroy(key, {*submitted.secrets, *submitted.forgotten})
    for name, secret in submitted.secrets.items():
        stored = vault.seal(key.workspace, key.provider, name, secret.reveal(), _holder(key.pk))
        KeySecret.objects.create(api_key=key, name=name, stored=stored)


def destroy_secrets(key: ApiKey) -> None:
    """Destroy all further secrets of *key*."""
    _destroy(key, set(key.further_secrets.values_list("name", flat=True)))


def _destroy(key: ApiKey, names: Collection[str]) -> None:
    rows = KeySecret.objects.filter(api_key=key, name__in=names)
    StoredSecret.objects.filter(pk__in=list(rows.values_list("stored_id", flat=True))).delete()


def place(key: ApiKey, options: Mapping[str, str] | None = None) -> dict[str, str]:
    """Where jobs of *key* live: keys of one provider with the same place know each other's jobs."""
    known = key.options if options is None else options
    named = [param for param in params(key.provider) if param.names_place]
    return {param.name: str(known.get(param.name, param.default or "")) for param in named}


def params(provider_slug: str) -> tuple[Param, ...]:
    """What the provider asks for along with a key; nothing when it is no longer there."""
    return provider(provider_slug).key_params if provider_slug in PROVIDERS else ()
