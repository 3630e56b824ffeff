"""Which workspace a database belongs to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from reinforce.store import tables as t


@dataclass(frozen=True, slots=True)
class Workspace:
    """`rehearsal` marks a workspace for good: it is never connected to X. `created_at` is machine time."""

    instance_id: str
    rehearsal: bool
    created_at: datetime


def workspace(connection: Connection) -> Workspace | None:
    """The workspace of this database; None before `create`."""
    row = connection.execute(select(t.workspace)).mappings().first()
    if row is None:
        return None
    return Workspace(row["instance_id"], row["rehearsal"], row["created_at"])


def create(connection: Connection, *, rehearsal: bool, now: datetime) -> Workspace:
    """Mark this database as a new workspace."""
    made = Workspace(str(uuid.uuid4()), rehearsal, now)
    connection.execute(
        insert(t.workspace).values(id=1, instance_id=made.instance_id, rehearsal=rehearsal, created_at=now)
    )
    return made


def note_backup(connection: Connection, now: datetime) -> None:
    """A sound backup was written; `now` is machine time."""
    connection.execute(update(t.workspace).values(backed_up_at=now))


def backed_up_at(connection: Connection) -> datetime | None:
    """When the last sound backup was written, machine time; None before the first."""
    return connection.execute(select(t.workspace.c.backed_up_at)).scalar()
