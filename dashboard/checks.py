"""What must be right before anything starts."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from dashboard import vault
from dashboard.models import StoredSecret


@register(Tags.security)
def master_keys_are_usable(**kwargs: Any) -> list[CheckMessage]:
    """Refuse to start with a missing, short or example master key."""
    try:
        vault.current_master_key_id()
    except vault.MasterKeysUnusable as error:
        return [Error(str(error), hint=_HOW_TO_MAKE_ONE, id="dashboard.E001")]
    return []


@register(Tags.database)
def no_secret_has_lost_its_master_key(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse to start when a stored secret could not be opened with the master keys at hand."""
    if "default" not in (databases or ()) or not _has_secrets_table():
        return []
    try:
        known = vault.known_master_key_ids()
    except vault.MasterKeysUnusable:
        return []
    lost = StoredSecret.objects.exclude(master_key_id__in=known).count()
    message = f"{lost} stored secrets are wrapped by a master key that is not in MASTER_KEYS."
    return (
        [Error(message, hint="Put the earlier master key back, at the end of the list.", id="dashboard.E002")]
        if lost
        else []
    )


_HOW_TO_MAKE_ONE = 'Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'


def _has_secrets_table() -> bool:
    return StoredSecret._meta.db_table in connections["default"].introspection.table_names()
