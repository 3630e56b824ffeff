"""Write a backup of the database while everything runs."""

from __future__ import annotations

from pathlib import Path

from reinforce.domain.errors import ReinforceError
from reinforce.store.operating.copies import write_copy
from reinforce.store.session import Database


def backup(database: Database, file: Path, *, force: bool = False) -> int:
    """Write a backup to `file`; returns its size in bytes. It holds no key.

    Raises ReinforceError if the file is there already (unless `force`) or cannot be written.
    """
    if file.exists() and not force:
        raise ReinforceError(f"{file} is there already", "Give another name, or --force to write over it.")
    write_copy(database, file)
    return file.stat().st_size
