"""Answers of the API that are kept for a day, so that a call that is sent again is not done again.

A row is claimed before the call is done and filled in after it, each in a transaction of its own. What was answered is
sealed by who calls (web/api/calls.py): it can be read with their token and key alone. Instants are machine time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from reinforce.store import tables as t

KEPT_FOR = timedelta(days=1)
_k = t.kept_answer.c


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a call. `asked` is a hash of what it said; `status` is None while it is being done."""

    asked: str
    status: int | None
    sealed: str


def claim(connection: Connection, mark: str, asked: str, now: datetime) -> KeptAnswer | None:
    """Claim a call; the answer that is kept if it was claimed before. Forgets what is older than a day."""
    connection.execute(delete(t.kept_answer).where(_k.at <= now - KEPT_FOR))
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    row = {"mark": mark, "asked": asked, "sealed": "", "at": now}
    if connection.execute(insert(t.kept_answer).values(row).on_conflict_do_nothing().returning(_k.id)).first():
        return None
    found = connection.execute(select(_k.asked, _k.status, _k.sealed).where(_k.mark == mark)).one()
    return KeptAnswer(*found)


def keep(connection: Connection, mark: str, status: int, sealed: str) -> None:
    """Keep what was answered to a call that was claimed."""
    connection.execute(update(t.kept_answer).where(_k.mark == mark).values(status=status, sealed=sealed))


def release(connection: Connection, mark: str) -> None:
    """Forget a claim: nothing was done."""
    connection.execute(delete(t.kept_answer).where(_k.mark == mark))
