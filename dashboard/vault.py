"""The vault: the only place that sees a master key, and the only one that reads or writes a `StoredSecret`'s bytes.

Each secret is encrypted with AES-256-GCM under a random key of its own, and that key is wrapped, again with
AES-256-GCM, by a master key from `MASTER_KEYS`. Both layers are bound to the row: its id, table,
workspace, provider and field are authenticated along with the bytes, so that a ciphertext which was moved, swapped or
cut does not open. Master keys are named by a hash of themselves; the first in the list wraps new secrets, all unwrap.

VaultError
├── MasterKeysUnusable   `MASTER_KEYS` is empty, or one of them is short or an example
├── MasterKeyMissing     the secret is wrapped by a master key that is not in `MASTER_KEYS`
└── SecretDamaged        the stored bytes do not belong to this row, or are not whole
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.utils.crypto import salted_hmac

from dashboard.models import SecretUse, StoredSecret, User, Workspace

FORMAT = 1
KEY_BYTES = 32
NONCE_BYTES = 12
LEAST_DISTINCT_BYTES = 16
"""A random key has about thirty; zeros, a repeated word or `0123456789abcdef…` have fewer."""
_HOW_TO_MAKE_ONE = 'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
Buffer: TypeAlias = bytes | memoryview


class VaultError(Exception):
    """The base of all. The message is for the person who looks after the server and holds no secret."""


class MasterKeysUnusable(VaultError):
    """`MASTER_KEYS` cannot be used as it is."""


class MasterKeyMissing(VaultError):
    """The master key that wraps this secret is not in `MASTER_KEYS`."""


class SecretDamaged(VaultError):
    """The stored bytes do not open: changed, cut, or another row's."""


def seal(workspace: Workspace, provider: str, field: str, value: str) -> StoredSecret:
    """Encrypt *value* for *workspace* and return its saved row. Raises `MasterKeysUnusable`."""
    stored = StoredSecret(workspace=workspace, provider=provider, field=field, format=FORMAT)
    own_key = AESGCM.generate_key(bit_length=256)
    stored.nonce = secrets.token_bytes(NONCE_BYTES)
    stored.ciphertext = AESGCM(own_key).encrypt(stored.nonce, value.encode(), _place(stored))
    _wrap(stored, own_key)
    stored.save(force_insert=True)
    return stored


def open_secret(stored: StoredSecret, purpose: str, host: str = "", user: User | None = None) -> str:
    """Decrypt a secret and write down that it was opened, by whom, for what and for which host.

    The use is written first, so that an opening which fails leaves its trace too. Raises `MasterKeysUnusable`,
    `MasterKeyMissing` or `SecretDamaged`. The caller wraps the text at once in a type that does not print.
    """
    SecretUse.objects.create(secret_id=stored.pk, user=user, purpose=purpose[:60], host=host[:255])
    return _decrypt(_unwrap(stored), stored.nonce, stored.ciphertext, stored).decode()


def rewrap(stored: StoredSecret) -> None:
    """Wrap the secret's own key by the first master key; the secret itself is not decrypted.

    The caller holds the row's lock. Raises `MasterKeysUnusable`, `MasterKeyMissing` or `SecretDamaged`.
    """
    _wrap(stored, _unwrap(stored))
    stored.save(update_fields=["master_key_id", "wrap_nonce", "wrapped_key"])


def current_master_key_id() -> str:
    """The name of the master key that wraps new secrets. Raises `MasterKeysUnusable`."""
    return next(iter(_master_keys()))


def known_master_key_ids() -> frozenset[str]:
    """The names of all master keys at hand. Raises `MasterKeysUnusable`."""
    return frozenset(_master_keys())


def fingerprint(value: str) -> str:
    """Twelve letters by which a person can tell that two keys are the same, useless without our `SECRET_KEY`."""
    return salted_hmac("likeness.fingerprint", value, algorithm="sha256").hexdigest()[:12]


@register(Tags.security)
def master_keys_are_usable(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to start with a missing, short or example master key."""
    try:
        current_master_key_id()
    except MasterKeysUnusable as error:
        return [Error(str(error), hint=_HOW_TO_MAKE_ONE, id="dashboard.E001")]
    return []


@register(Tags.database)
def no_secret_has_lost_its_master_key(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start when a stored secret could not be opened with the master keys at hand."""
    if "default" not in (databases or ()) or not _has_secrets_table():
        return []
    try:
        known = known_master_key_ids()
    except MasterKeysUnusable:
        return []
    lost = StoredSecret.objects.exclude(master_key_id__in=known).count()
    message = f"{lost} stored secrets are wrapped by a master key that is not in MASTER_KEYS."
    return (
        [Error(message, hint="Put the earlier master key back, at the end of the list.", id="dashboard.E002")]
        if lost
        else []
    )


def _has_secrets_table() -> bool:
    return StoredSecret._meta.db_table in connections["default"].introspection.table_names()


def _master_keys() -> Mapping[str, bytes]:
    if not settings.MASTER_KEYS:
        raise MasterKeysUnusable("MASTER_KEYS is empty: it needs at least one key of 64 hexadecimal digits.")
    keys = [_parse(number, text) for number, text in enumerate(settings.MASTER_KEYS, start=1)]
    return {hashlib.sha256(b"likeness master key" + key).hexdigest()[:16]: key for key in keys}


def _parse(number: int, text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise MasterKeysUnusable(f"Key {number} of MASTER_KEYS is not 64 hexadecimal digits.")
    if len(set(key)) < LEAST_DISTINCT_BYTES:
        raise MasterKeysUnusable(f"Key {number} of MASTER_KEYS is an example, not a random key.")
    return key


def _place(stored: StoredSecret) -> bytes:
    """What both layers are bound to: where this secret is at home."""
    parts = (
        stored.format, StoredSecret._meta.db_table, stored.pk, stored.workspace_id, stored.provider, stored.field,
    )  # fmt: skip
    return "|".join(str(part).replace("|", "||") for part in parts).encode()


def _wrap(stored: StoredSecret, own_key: bytes) -> None:
    name, master_key = next(iter(_master_keys().items()))
    stored.master_key_id = name
    stored.wrap_nonce = secrets.token_bytes(NONCE_BYTES)
    stored.wrapped_key = AESGCM(master_key).encrypt(stored.wrap_nonce, own_key, _place(stored))


def _unwrap(stored: StoredSecret) -> bytes:
    master_key = _master_keys().get(stored.master_key_id)
    if master_key is None:
        raise MasterKeyMissing(f"Master key {stored.master_key_id} is not in MASTER_KEYS; {stored.pk} needs it.")
    return _decrypt(master_key, stored.wrap_nonce, stored.wrapped_key, stored)


def _decrypt(key: bytes, nonce: Buffer, ciphertext: Buffer, stored: StoredSecret) -> bytes:
    try:
        return AESGCM(key).decrypt(bytes(nonce), bytes(ciphertext), _place(stored))
    except (InvalidTag, ValueError) as error:
        raise SecretDamaged(f"Secret {stored.pk} does not open: its bytes were changed or belong elsewhere.") from error
