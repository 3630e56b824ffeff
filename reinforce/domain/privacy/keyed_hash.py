"""What names a person, as a keyed hash: enough to know them again, nothing to find them by."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Naming(StrEnum):
    """What a keyed hash is made of. A handle may be given up and taken by somebody else; the other two never are."""

    EMPLOYEE = "employee"
    HANDLE = "handle"
    X_USER = "x"


@dataclass(frozen=True, slots=True)
class KeyedHash:
    """HMAC-SHA256 (RFC 2104) with a key that stands outside the database. Without it, nobody can try out names.

    `key_id` tells keys apart and gives none away: what was made with one key says nothing about another's.
    """

    key: bytes = field(repr=False)

    @property
    def key_id(self) -> str:
        """16 hexadecimal digits."""
        return hashlib.sha256(b"reinforce suppression key\n" + self.key).hexdigest()[:16]

    def of(self, what: Naming, value: object) -> str:
        """64 hexadecimal digits. Case, an @ before a handle and space around make no difference."""
        folded = str(value).strip().removeprefix("@").casefold()
        return hmac.new(self.key, f"{what.value}\n{folded}".encode(), hashlib.sha256).hexdigest()

    def of_person(self, employee_id: str = "", handle: str = "", remote_user_id: int | None = None) -> Iterator[str]:
        """One for each thing that is given."""
        if employee_id:
            yield self.of(Naming.EMPLOYEE, employee_id)
        if remote_user_id is not None:
            yield self.of(Naming.X_USER, remote_user_id)
        elif handle:  # who is linked is known by the X user id; the handle may be another's tomorrow
            yield self.of(Naming.HANDLE, handle)
