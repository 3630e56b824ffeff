"""Slots on which nothing is posted, with the reason on record: one row for each occurrence."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from reinforce.store import tables as t

_BATCH = 500


def record_quiet(
    connection: Connection, cohort_id: int, occurrence: str, reason: str, decision: Mapping[str, Any], now: datetime
) -> bool:
    """Put on record that an occurrence has no post; False if that was on record already. `now` is programme time."""
    if connection.execute(select(t.quiet.c.id).where(t.quiet.c.occurrence == occurrence)).first() is not None:
        return False
    values = {"cohort_id": cohort_id, "occurrence": occurrence, "reason": reason, "decision": dict(decision), "at": now}
    try:
        with connection.begin_nested():
            connection.execute(insert(t.quiet).values(**values))
    except IntegrityError:
        # Another process got there between our look and our insert; its reason stands.
        return False
    return True


def quiet_at(connection: Connection, occurrences: Collection[str]) -> dict[str, datetime]:
    """When it was put on record of these occurrences that they have no post; the others are left out."""
    q, wanted = t.quiet.c, sorted(occurrences)
    found: dict[str, datetime] = {}
    for start in range(0, len(wanted), _BATCH):
        query = select(q.occurrence, q.at).where(q.occurrence.in_(wanted[start : start + _BATCH]))
        found |= {row.occurrence: row.at for row in connection.execute(query)}
    return found


def forget_quiet(connection: Connection, occurrences: Collection[str]) -> int:
    """Let these be decided anew: what they were to be silent for is no more so. Returns how many were on record."""
    gone = delete(t.quiet).where(t.quiet.c.occurrence.in_(sorted(occurrences)))
    return connection.execute(gone).rowcount
