"""The cache that counts tries. When nothing can be counted because the disk is full, it says so."""

from django.core.cache.backends.db import DatabaseCache
from django.db import OperationalError

from dashboard.web.full_disk import is_full


class Counts(DatabaseCache):
    """Django's own keeps nothing and says nothing when it cannot write: to whoever counts, that is a try too many."""

    def _base_set(self, mode: str, key: str, value: object, timeout: object = None) -> bool:
        kept: bool = super()._base_set(mode, key, value, timeout)  # type: ignore[misc]
        if not kept and is_full():
            raise OperationalError("database or disk is full")
        return kept
