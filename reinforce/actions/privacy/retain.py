"""Keep nothing for longer than it is to be kept, a day's step; and within a tick the words of what X has no more.

Small batches, a transaction each: nobody waits for it. What was done is in the audit log, as counts.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from reinforce.domain.errors import Conflict
from reinforce.domain.privacy.keyed_hash import KeyedHash
from reinforce.domain.privacy.retention import DESCRIBED, Kept, Times
from reinforce.store.operating import audit
from reinforce.store.privacy import erasing, meanwhile, retaining, suppression
from reinforce.store.privacy.erasing import Person
from reinforce.store.privacy.keeping_away import marks_of
from reinforce.store.privacy.suppression import Entry, Kind
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
    database: Database,
    times: Times,
    *,
    now: datetime,
    wall: datetime,
    keyed: KeyedHash | None = None,
    at_once: bool = False,
) -> Mapping[str, int]:
    """Delete what has been kept for long enough, once a day (`at_once`: now); what X shows no more, each time.

    Returns how many rows of what went. `now` is programme time, `wall` machine time, which attempts are stamped with.
    `keyed` makes the hash by which a stop is known that no row bears any more; without it who said stop is kept.
    """
    gone: Counter[str] = Counter()
    with database.read() as connection:
        last, purges = retaining.retained_at(connection), retaining.has_gone(connection)
    if purges:
        with database.write() as connection:
            gone["gone_from_x"] = retaining.purge_gone(connection, now)
    if at_once or last is None or not timedelta() <= now - last < EVERY:
        _daily(database, times, gone, now, wall)
        before = times.before(Kept.JOINERS, now)
        if before is not None:
            gone[Kept.JOINERS.value] += _let_joiners_go(database, keyed, before, wall)
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
        if kind is Kept.JOINERS:
            continue  # people, not rows: they go one by one, with all that is held of them
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


def _let_joiners_go(database: Database, keyed: KeyedHash | None, before: datetime, wall: datetime) -> int:
    """Whoever left the last open cohort before then goes as if erased, but may join again. How many they were."""
    with database.read() as connection:
        due = retaining.joiners_due(connection, before)
    gone = 0
    for learner_id in due:
        try:
            with database.write() as connection:
                meanwhile.alone(connection)
                person = erasing.person_by_learner(connection, learner_id)
                if person is None or learner_id not in retaining.joiners_due(connection, before):
                    continue
                if person.stopped and not _keep_stop(connection, keyed, person, wall):
                    continue
                erasing.lock(connection, person)
                erasing.take_out(connection, erasing.collect(connection, person))
                gone += 1
        except Conflict:
            continue  # a reply to them is being sent: tomorrow
    return gone


def _keep_stop(connection: Connection, keyed: KeyedHash | None, person: Person, wall: datetime) -> bool:
    if keyed is None:
        return False
    suppression.key_for(connection, keyed)
    together = uuid.uuid4().hex
    marks = marks_of(keyed, person)
    suppression.add(connection, [Entry(Kind.STOPPED, mark, keyed.key_id, together, wall) for mark in marks])
    return True


def show(database: Database, times: Times, *, now: datetime, wall: datetime) -> tuple[KeptKind, ...]:
    """Every kind with its time, and how much of it is due."""
    found = []
    with database.read() as connection:
        for kind in Kept:
            before = times.before(kind, wall if kind is Kept.ATTEMPTS else now)
            due = 0 if before is None else retaining.due(connection, kind, before)
            found.append(KeptKind(kind, times.days[kind], due, DESCRIBED[kind]))
    return tuple(found)
