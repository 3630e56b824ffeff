"""Keep nothing for longer than it is to be kept, a day's step; and within a tick the words of what X has no more.

Small batches, a transaction each: nobody waits for it. What was done is in the audit log, as counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from reinforce.domain.privacy.retention import DESCRIBED, Kept, Times
from reinforce.store.operating import audit
from reinforce.store.privacy import erasing, retaining
from reinforce.store.session import Database

EVERY = timedelta(days=1)
# In one call; the rest is left to the next.
_BATCHES = 20


@dataclass(frozen=True, slots=True)
class KeptKind:
    """A kind of data: how long it is kept, and how many rows have been kept for longer."""

    kind: Kept
    days: int
    due: int
    what: str


def retain(
    database: Database, times: Times, *, now: datetime, wall: datetime, at_once: bool = False
) -> Mapping[str, int]:
    """Delete what has been kept for long enough, once a day (`at_once`: now); what X shows no more, each time.

    Returns how many rows of what went. `now` is programme time, `wall` machine time, which attempts are stamped with.
    """
    gone: Counter[str] = Counter()
    with database.read() as connection:
        last, purges = retaining.retained_at(connection), retaining.has_gone(connection)
    if purges:
        with database.write() as connection:
            gone["gone_from_x"] = retaining.purge_gone(connection, now)
    if at_once or last is None or not timedelta() <= now - last < EVERY:
        _daily(database, times, gone, now, wall)
    found = {name: count for name, count in gone.items() if count}
    if found:
        with database.write() as connection:
            audit.record(connection, "daemon", "data.retention", "workspace/1", found, now)
    return found


def _daily(database: Database, times: Times, gone: Counter[str], now: datetime, wall: datetime) -> None:
    with database.write() as connection:
        gone["replies_of_the_erased"] = erasing.tidy(connection)
    left = _BATCHES
    for kind in Kept:
        before = times.before(kind, wall if kind is Kept.ATTEMPTS else now)
        while before is not None and left:
            with database.write() as connection:
                count = retaining.let_go(connection, kind, before, now)
            gone[kind.value] += count
            left -= 1
            if count < retaining.BATCH:
                break
    if left:
        with database.write() as connection:
            retaining.set_retained(connection, now)


def show(database: Database, times: Times, *, now: datetime, wall: datetime) -> tuple[KeptKind, ...]:
    """Every kind with its time, and how much of it is due."""
    found = []
    with database.read() as connection:
        for kind in Kept:
            before = times.before(kind, wall if kind is Kept.ATTEMPTS else now)
            due = 0 if before is None else retaining.due(connection, kind, before)
            found.append(KeptKind(kind, times.days[kind], due, DESCRIBED[kind]))
    return tuple(found)
