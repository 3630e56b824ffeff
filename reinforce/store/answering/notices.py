"""What facilitators are to be told, and how far that is: rows that survive a restart, claimed by whoever sends them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from reinforce.domain.answering.inquiry import OWED, InquiryState
from reinforce.domain.answering.notices import Channel, NoticeKind, NoticeState
from reinforce.store import tables as t
from reinforce.store.session import database_now

_n, _q = t.notice.c, t.inquiry.c
_COLUMNS = ("inquiry_id", "facilitator_id", "kind", "state", "attempts", "last_error", "created_at")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A notice that this process sends. `attempts` counts this one."""

    id: int
    kind: NoticeKind
    inquiry_id: int
    attempts: int


def raise_due(connection: Connection, now: datetime) -> int:
    """Write down what is to be told at `now` (programme time) and is not on record yet. Returns how many rows were new.

    Once for each inquiry, facilitator and kind: whoever gets a question later is told of it anew."""
    unanswered = _q.state == InquiryState.OPEN.value
    owed = _q.state.in_([InquiryState.OPEN.value, InquiryState.ANSWERED.value])
    # What is overdue needs no word that it will be due soon.
    kinds = {
        NoticeKind.NEW: and_(unanswered, or_(_q.due_at.is_(None), _q.due_at > now)),
        NoticeKind.DUE_SOON: and_(unanswered, _q.due_soon_at <= now, _q.due_at > now),
        NoticeKind.OVERDUE: and_(owed, _q.due_at <= now),
    }
    return sum(_raise(connection, kind, which, now) for kind, which in kinds.items())


def _raise(connection: Connection, kind: NoticeKind, which: Any, now: datetime) -> int:
    told = exists().where(_n.inquiry_id == _q.id, _n.facilitator_id == _q.facilitator_id, _n.kind == kind.value)
    f = t.facilitator.c
    instant = literal(now, type_=_n.created_at.type)
    row = select(_q.id, _q.facilitator_id, literal(kind.value), literal("waiting"), literal(0), literal(""), instant)
    rows = row.join(t.facilitator, f.id == _q.facilitator_id).where(which, f.channel != Channel.NONE.value, ~told)
    make = sqlite_insert if connection.dialect.name == "sqlite" else postgres_insert
    added = make(t.notice).from_select(_COLUMNS, rows).on_conflict_do_nothing()
    return max(connection.execute(added).rowcount, 0)


def facilitators_waiting(connection: Connection, limit: int) -> tuple[int, ...]:
    """Those whom something is to be told now, by the database's clock, whoever waited longest first."""
    query = select(_n.facilitator_id).where(_ready(connection)).group_by(_n.facilitator_id)
    return tuple(connection.execute(query.order_by(func.min(_n.id)).limit(limit)).scalars())


def claim(connection: Connection, facilitator_id: int, lease: timedelta, most: int) -> tuple[Claimed, ...]:
    """Take everything that waits to be told to somebody, for `lease`; what a process that died had taken, too."""
    mine = select(_n.id).where(_n.facilitator_id == facilitator_id, _ready(connection)).order_by(_n.id).limit(most)
    ids = connection.execute(_locked(connection, mine)).scalars().all()
    until = database_now(connection) + lease
    values = {"state": NoticeState.SENDING.value, "claimed_until": until, "attempts": _n.attempts + 1}
    changed = update(t.notice).where(_n.id.in_(ids)).values(**values)
    rows = connection.execute(changed.returning(_n.id, _n.kind, _n.inquiry_id, _n.attempts)).all()
    return tuple(
        sorted((Claimed(r.id, NoticeKind(r.kind), r.inquiry_id, r.attempts) for r in rows), key=lambda c: c.id)
    )


def _locked(connection: Connection, query: Select[Any]) -> Select[Any]:
    return query if connection.dialect.name == "sqlite" else query.with_for_update(skip_locked=True)


def _ready(connection: Connection) -> Any:
    machine_now = database_now(connection)
    waits = and_(_n.state == NoticeState.WAITING.value, or_(_n.not_before.is_(None), _n.not_before <= machine_now))
    left = and_(_n.state == NoticeState.SENDING.value, _n.claimed_until < machine_now)
    return or_(waits, left)


def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Not worth telling any more."""
    _settle(connection, ids, state=NoticeState.DROPPED.value)


def sent(connection: Connection, ids: Sequence[int]) -> None:
    """The other side has taken it."""
    _settle(connection, ids, state=NoticeState.SENT.value, sent_at=database_now(connection), last_error="")


def failed(connection: Connection, ids: Sequence[int], words: str, wait: timedelta | None) -> None:
    """It was not taken: try again after `wait` of machine time, or never (None)."""
    state = NoticeState.FAILED if wait is None else NoticeState.WAITING
    not_before = None if wait is None else database_now(connection) + wait
    _settle(connection, ids, state=state.value, not_before=not_before, last_error=words[:300])


def _settle(connection: Connection, ids: Sequence[int], **values: Any) -> None:
    mine = and_(_n.id.in_(ids), _n.state == NoticeState.SENDING.value)
    connection.execute(update(t.notice).where(mine).values(claimed_until=None, **values))


def retry_failed(connection: Connection, facilitator_id: int) -> int:
    """Their address was mended: what was given up is tried again. Returns how many."""
    lost = and_(
        _n.facilitator_id == facilitator_id, _n.state.in_([NoticeState.FAILED.value, NoticeState.WAITING.value])
    )
    again = {"state": NoticeState.WAITING.value, "not_before": None, "attempts": 0}
    return connection.execute(update(t.notice).where(lost).values(**again)).rowcount


def failing(connection: Connection) -> tuple[tuple[str, int, str], ...]:
    """(facilitator, how many, last words) of what could not be told and is not given up as unneeded."""
    f = t.facilitator.c
    wanted = _q.state.in_([state.value for state in OWED])
    query = (
        select(f.name, func.count(), func.max(_n.last_error))
        .join(t.notice, _n.facilitator_id == f.id)
        .join(t.inquiry, _q.id == _n.inquiry_id)
        .where(wanted, _n.last_error != "", _n.state.in_([NoticeState.FAILED.value, NoticeState.WAITING.value]))
        .group_by(f.name)
        .order_by(f.name)
    )
    return tuple((row[0], int(row[1]), row[2]) for row in connection.execute(query))
