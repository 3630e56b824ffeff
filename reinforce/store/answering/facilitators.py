"""Those who answer: their initials, and how they are told of questions."""

from __future__ import annotations

import difflib
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from reinforce.domain.answering.inquiry import OWED
from reinforce.domain.answering.notices import Channel, Facilitator
from reinforce.domain.errors import Conflict, NotFound
from reinforce.store import tables as t

_f = t.facilitator.c
_ADD = "Add them: reinforce facilitator add NAME --initials AB --email ADDRESS"


def add(connection: Connection, name: str, initials: str, channel: Channel, address: str, now: datetime) -> Facilitator:
    """Add somebody who answers, or bring back one who had left. Raises Conflict if the name is taken."""
    values = {"initials": initials, "channel": channel.value, "address": address, "left_at": None}
    there = connection.execute(select(_f.id, _f.left_at).where(_f.name == name)).first()
    if there is None:
        new = insert(t.facilitator).values(name=name, **values, created_at=now).returning(_f.id)
        return by_id(connection, int(connection.execute(new).scalar_one()))
    if there.left_at is None:
        raise Conflict(f"there is a facilitator {name} already", f"Change them: reinforce facilitator set {name}")
    connection.execute(update(t.facilitator).where(_f.id == there.id).values(**values))
    return by_id(connection, there.id)


def change(connection: Connection, facilitator_id: int, **values: str) -> Facilitator:
    """Change `initials`, `channel` or `address`."""
    connection.execute(update(t.facilitator).where(_f.id == facilitator_id).values(**values))
    return by_id(connection, facilitator_id)


def leave(connection: Connection, facilitator_id: int, now: datetime) -> int:
    """Somebody answers no more: cohorts and unanswered questions are nobody's then, and what waited to be told to them
    is dropped. Returns how many questions are nobody's now."""
    i = t.inquiry.c
    owed = i.state.in_(sorted(state.value for state in OWED))
    freed = update(t.inquiry).where(i.facilitator_id == facilitator_id, owed).values(facilitator_id=None)
    number = connection.execute(freed).rowcount
    cohort = update(t.cohort).where(t.cohort.c.facilitator_id == facilitator_id)
    connection.execute(cohort.values(facilitator_id=None))
    waiting = update(t.notice).where(t.notice.c.facilitator_id == facilitator_id, t.notice.c.state == "waiting")
    connection.execute(waiting.values(state="dropped"))
    connection.execute(
        update(t.facilitator).where(_f.id == facilitator_id).values(left_at=now, channel=Channel.NONE.value, address="")
    )
    return number


def by_id(connection: Connection, facilitator_id: int) -> Facilitator:
    """One, also one who has left. Raises NotFound."""
    found = _read(connection, _f.id == facilitator_id)
    if not found:
        raise NotFound(f"there is no facilitator with the number {facilitator_id}", _ADD)
    return found[0]


def by_name(connection: Connection, name: str) -> Facilitator:
    """One who answers now. Raises NotFound, which tells the nearest names."""
    found = _read(connection, _f.name == name, _f.left_at.is_(None))
    if found:
        return found[0]
    known = [one.name for one in facilitators(connection)]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    raise NotFound(f"there is no facilitator {name}", f"Did you mean {' or '.join(near)}?" if near else _ADD)


def facilitators(connection: Connection) -> tuple[Facilitator, ...]:
    """Everybody who answers now, by name."""
    return _read(connection, _f.left_at.is_(None))


def _read(connection: Connection, *where: object) -> tuple[Facilitator, ...]:
    query = select(_f.id, _f.name, _f.initials, _f.channel, _f.address).where(*where).order_by(_f.name)  # type: ignore[arg-type]
    return tuple(
        Facilitator(row.id, row.name, row.initials, Channel(row.channel), row.address)
        for row in connection.execute(query)
    )
