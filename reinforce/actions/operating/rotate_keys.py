"""Change the key that account tokens are encrypted with, while everything runs.

a new key on top of the file |> everything encrypted anew, in one transaction |> the old key out of the file: whoever
dies between two of these leaves a key file and a database that fit together, and a second run ends what the first
began. Nothing else seals meanwhile (`store.accounts.credentials.lock`), and who sealed before is waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from reinforce.domain.errors import ReinforceError
from reinforce.domain.sending.kill_points import Checkpoint, unwatched
from reinforce.store.accounts import credentials
from reinforce.store.accounts.credentials import Cipher
from reinforce.store.operating import audit
from reinforce.store.session import Database


class KeyFile(Cipher, Protocol):
    """The keys and where they stand (secrets.Keyring)."""

    def add_key(self) -> None:
        """Put a new key on top: from now on it encrypts."""

    def drop_old_keys(self) -> int:
        """Leave only the key on top; returns how many went."""

    def opens_with_first(self, sealed: bytes) -> bool:
        """True if the key on top opens this."""


class Step(StrEnum):
    """Where a rotation may be interrupted."""

    BEFORE_KEY = "before-key"
    KEY_ADDED = "key-added"
    BEFORE_COMMIT = "before-commit"
    COMMITTED = "committed"
    OLD_DROPPED = "old-dropped"


@dataclass(frozen=True, slots=True)
class Rotated:
    """`resealed` counts what was encrypted anew, `dropped` the old keys that were taken away."""

    resealed: int
    dropped: int


def rotate_keys(
    database: Database,
    keys: KeyFile,
    *,
    actor: str,
    now: datetime,
    new_key: bool = True,
    keep_old: bool = False,
    checkpoint: Checkpoint = unwatched,
) -> Rotated:
    """Make a new key (unless one was put on top already, `new_key` False), encrypt everything with it, drop the old.

    `keep_old` leaves the old keys in the file, for backups that were made before. Raises ReinforceError, with nothing
    changed but a key more in the file, if something stored opens with none of the keys.
    """
    with database.write() as connection:
        credentials.lock(connection)
        checkpoint(Step.BEFORE_KEY)
        if new_key:
            keys.add_key()
            checkpoint(Step.KEY_ADDED)
        resealed = credentials.reseal(connection, keys)
        audit.record(connection, actor, "secrets.rotate", "workspace/1", {"resealed": resealed}, now)
        checkpoint(Step.BEFORE_COMMIT)
    checkpoint(Step.COMMITTED)
    dropped = 0 if keep_old or not new_key else _drop_old(database, keys)
    checkpoint(Step.OLD_DROPPED)
    return Rotated(resealed, dropped)


def _drop_old(database: Database, keys: KeyFile) -> int:
    """Take the old keys away, once it was seen that nothing needs them."""
    with database.write() as connection:
        credentials.lock(connection)
        needing = sum(not keys.opens_with_first(ciphertext) for _, _, ciphertext in credentials.sealed(connection))
        if needing:
            raise ReinforceError(
                f"{needing} stored credentials still need an old key, so none was taken away",
                "Run `reinforce secrets rotate` again.",
            )
        return keys.drop_old_keys()
