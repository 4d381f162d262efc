"""The unguessable words in addresses that providers get: ours to recognise, kept only as hashes."""

import hashlib
import secrets


def fresh() -> str:
    """A token of 256 bits, for the callback address of one attempt."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """The SHA-256 under which a callback token is kept."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def hash_in(url: str) -> str:
    """The hash of the token that a callback address carries, ours or not."""
    return token_hash(url.rstrip("/").rpartition("/")[2])


def lending(token: str) -> str:
    """The token with which the attempt's photos are lent. It says nothing about the callback token."""
    return hashlib.sha256(f"likeness.lent:{token}".encode(errors="replace")).hexdigest()
