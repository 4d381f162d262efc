"""The vault: the only place that sees a master key, and the only one that reads or writes a `StoredSecret`'s bytes.

Each secret is encrypted with AES-256-GCM under a random key of its own, and that key is wrapped, again with
AES-256-GCM, by a master key from `MASTER_KEYS`. Both layers are bound to the row and to what holds it: its id, table,
workspace, provider, field and holder are authenticated along with the bytes, so that a ciphertext which was moved,
swapped or cut does not open, nor one that another row was made to point at. Master keys are named by a hash of
themselves; the first in the list wraps new secrets, all unwrap.

VaultError
├── MasterKeyMissing   the secret is wrapped by a master key that is not in `MASTER_KEYS`
└── SecretDamaged      the stored bytes do not belong to this row, or are not whole
"""

import secrets
from collections.abc import Mapping
from typing import TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.crypto import salted_hmac

from dashboard import master_keys
from dashboard.models import SecretUse, StoredSecret, User, Workspace

FORMAT = 2
"""1 knew no holder, and wrote a place in a way that two places could share. It opens still, until `renew`."""
NONCE_BYTES = 12
Buffer: TypeAlias = bytes | memoryview


class VaultError(Exception):
    """The base of all. The message is for the person who looks after the server and holds no secret."""


class MasterKeyMissing(VaultError):
    """The master key that wraps this secret is not in `MASTER_KEYS`."""


class SecretDamaged(VaultError):
    """The stored bytes do not open: changed, cut, or another row's."""


def seal(workspace: Workspace, provider: str, field: str, value: str, holder: str = "") -> StoredSecret:
    """Encrypt *value* for *workspace* and return its saved row. It opens for *holder* alone."""
    stored = StoredSecret(workspace=workspace, provider=provider, field=field, holder=holder)
    _encrypt(stored, value.encode())
    stored.save(force_insert=True)
    return stored


def open_secret(
    stored: StoredSecret, purpose: str, host: str = "", user: User | None = None, *, holder: str = ""
) -> str:
    """Decrypt a secret of *holder* and write down that it was opened, by whom, for what and for which host.

    The use is written first, so that an opening which fails leaves its trace too. Raises `MasterKeyMissing`
    or `SecretDamaged`. The caller wraps the text at once in a type that does not print.
    """
    SecretUse.objects.create(secret_id=stored.pk, user=user, purpose=purpose[:60], host=host[:255])
    if stored.format != 1 and stored.holder != holder:
        raise SecretDamaged(f"Secret {stored.pk} does not open: it belongs to something else.")
    return _decrypt(_unwrap(stored), stored.nonce, stored.ciphertext, stored).decode()


def rewrap(stored: StoredSecret) -> None:
    """Wrap the secret's own key by the first master key; the secret itself is not decrypted.

    The caller holds the row's lock. Raises `MasterKeyMissing` or `SecretDamaged`.
    """
    _wrap(stored, _unwrap(stored))
    stored.save(update_fields=["master_key_id", "wrap_nonce", "wrapped_key"])


def renew(stored: StoredSecret, holder: str) -> None:
    """Encrypt a secret of format 1 anew, for *holder*, who alone can open it from now on.

    The caller holds the row's lock. Raises `MasterKeyMissing` or `SecretDamaged`.
    """
    value = _decrypt(_unwrap(stored), stored.nonce, stored.ciphertext, stored)
    stored.holder = holder
    _encrypt(stored, value)
    stored.save(update_fields=["holder", "format", "nonce", "ciphertext", "master_key_id", "wrap_nonce", "wrapped_key"])


def current_master_key_id() -> str:
    """The name of the master key that wraps new secrets."""
    return next(iter(_master_keys()))


def known_master_key_ids() -> frozenset[str]:
    """The names of all master keys at hand."""
    return frozenset(_master_keys())


def fingerprint(value: str) -> str:
    """Twelve letters by which a person can tell that two keys are the same, useless without our `SECRET_KEY`."""
    return salted_hmac("likeness.fingerprint", value, algorithm="sha256").hexdigest()[:12]


def missing_master_keys() -> list[str]:
    """The names of the master keys that stored secrets need and `MASTER_KEYS` lacks."""
    lost = StoredSecret.objects.exclude(master_key_id__in=known_master_key_ids())
    return list(lost.order_by("master_key_id").values_list("master_key_id", flat=True).distinct())


def _master_keys() -> Mapping[str, bytes]:
    return master_keys.parse(settings.MASTER_KEYS)


def _place(stored: StoredSecret) -> bytes:
    """What both layers are bound to: where this secret is at home. Each part stands behind its length, so that no two
    places are written alike."""
    row = (stored.format, StoredSecret._meta.db_table, stored.pk, stored.workspace_id)
    parts = [*map(str, row), stored.provider, stored.field]
    if stored.format == 1:
        return "|".join(part.replace("|", "||") for part in parts).encode()
    written = [part.encode() for part in (*parts, stored.holder)]
    return b"".join(len(part).to_bytes(4, "big") + part for part in written)


def _encrypt(stored: StoredSecret, value: bytes) -> None:
    own_key = AESGCM.generate_key(bit_length=256)
    stored.format, stored.nonce = FORMAT, secrets.token_bytes(NONCE_BYTES)
    stored.ciphertext = AESGCM(own_key).encrypt(stored.nonce, value, _place(stored))
    _wrap(stored, own_key)


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
