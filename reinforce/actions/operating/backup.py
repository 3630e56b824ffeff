"""Write a backup of the database while everything runs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from reinforce.domain.errors import ReinforceError
from reinforce.store.operating import audit, workspace
from reinforce.store.operating.copies import write_copy
from reinforce.store.session import Database


def backup(database: Database, file: Path, *, now: datetime, actor: str = "operator", force: bool = False) -> int:
    """Write a backup to `file`; returns its size in bytes. It holds no key. `now` is machine time.

    It was read back and found whole when this returns, and the workspace knows when that was. Raises ReinforceError if
    the file is there already (unless `force`) or cannot be written; what was there is there still then.
    """
    if file.exists() and not force:
        raise ReinforceError(f"{file} is there already", "Give another name, or --force to write over it.")
    write_copy(database, file)
    with database.write() as connection:
        workspace.note_backup(connection, now)
        audit.record(connection, actor, "database.backup", "workspace/1", {}, now)
    return file.stat().st_size
