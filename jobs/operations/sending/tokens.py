"""The unguessable words in addresses that providers get: ours to recognise, kept only as hashes."""

import hashlib

from dashboard.tokens import token_hash


def hash_in(url: str) -> str:
    """The hash of the token that a callback address carries, ours or not."""
    return token_hash(url.rstrip("/").rpartition("/")[2])


def lending(token: str) -> str:
    """The token with which the attempt's photos are lent. It says nothing about the callback token."""
    return hashlib.sha256(f"likeness.lent:{token}".encode(errors="replace")).hexdigest()
