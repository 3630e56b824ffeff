"""Signs of life of the processes that work on this database, in machine time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from reinforce.store import tables as t


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """`owner` names a process (host and process id), `role` what it does; `at` is its last sign of life.

    `leader`: it plans and listens for all. `ticked_at` is when its last round ended, None before the first;
    `last_error` says what keeps failing in its rounds ("": nothing).
    """

    owner: str
    role: str
    pid: int
    started_at: datetime
    at: datetime
    leader: bool = False
    ticked_at: datetime | None = None
    last_error: str = ""


def beat(connection: Connection, given: Heartbeat) -> None:
    """Write down a sign of life in place of the one before."""
    values = asdict(given)
    owner = values.pop("owner")
    known = connection.execute(update(t.heartbeat).where(t.heartbeat.c.owner == owner).values(**values))
    # Only `owner` itself writes its row, so nobody can come between the two statements.
    if known.rowcount == 0:
        connection.execute(insert(t.heartbeat).values(owner=owner, **values))


def heartbeats(connection: Connection) -> tuple[Heartbeat, ...]:
    """Every process that has not said goodbye, the latest sign of life first. Dead ones are among them."""
    rows = connection.execute(select(t.heartbeat).order_by(t.heartbeat.c.at.desc())).mappings()
    return tuple(Heartbeat(**row) for row in rows)


def leave(connection: Connection, *, owner: str) -> None:
    """`owner` ends in good order."""
    connection.execute(delete(t.heartbeat).where(t.heartbeat.c.owner == owner))


def forget_dead(connection: Connection, before: datetime) -> int:
    """Remove whoever gave no sign of life since `before`; returns how many."""
    return int(connection.execute(delete(t.heartbeat).where(t.heartbeat.c.at < before)).rowcount)
