"""The unguessable words in links: invitations, requests for photos, callbacks. Only a hash of each is kept."""

import hashlib
import secrets


def new_token() -> str:
    """256 random bits, fit for an address."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """The SHA-256 under which *token* is kept; whatever a stranger puts into an address has one."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
