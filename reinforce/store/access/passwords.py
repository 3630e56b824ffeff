"""How a password is kept and compared: Argon2id with the second recommended option of RFC 9106 (64 MiB, 3 rounds)."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

_HASHER = PasswordHasher()
# Each takes 64 MiB: a crowd of attempts waits in line instead of eating the memory of the daemon beside us.
_AT_ONCE = threading.BoundedSemaphore(2)


def hashed(password: str) -> str:
    """What is kept of a password (`domain.access.passwords.checked_password`)."""
    with _AT_ONCE:
        return _HASHER.hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether `password` is the one of `kept`; "" is nobody's. It takes as long for nobody's as for a wrong one."""
    with _AT_ONCE:
        try:
            return _HASHER.verify(kept or _nobodys(), password) and bool(kept)
        except (VerifyMismatchError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether `kept` was made with less effort than is made now."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
