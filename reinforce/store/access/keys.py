"""Random keys that open something: 256 bits, of which only the hash is kept (a plain one: they can't be guessed)."""

from __future__ import annotations

import secrets
from hashlib import sha256


def new_key() -> str:
    """A key nobody can guess, as 43 letters, digits, "-" and "_"."""
    return secrets.token_urlsafe(32)


def key_hash(key: str) -> str:
    """What is kept of a key."""
    return sha256(key.encode()).hexdigest()
