"""Deleting what was kept for long enough, a batch at a time; and the words of replies that X has no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, Text, and_, case, cast, delete, func, or_, select, update

from reinforce.domain.listening.intents import Intent
from reinforce.domain.privacy.retention import Kept
from reinforce.domain.sending.outbox import TERMINAL
from reinforce.store import tables as t
from reinforce.store.listening import signals

BATCH = 500
_i = t.inbound.c
_GONE = and_(_i.gone_at.is_not(None), _i.purged_at.is_(None))
# Whoever is on no roster and wants silence is known by what they wrote: their X user id stays with it.
_SILENCING = (Intent.STOP.value, Intent.PAUSE.value)


def due(connection: Connection, kind: Kept, before: datetime) -> int:
    """How many rows of a kind are older than `before`, and go."""
    table, which = _due(kind, before)
    return int(connection.execute(select(func.count()).select_from(table).where(which)).scalar_one())


def let_go(connection: Connection, kind: Kept, before: datetime, now: datetime) -> int:
    """Delete at most a batch of a kind that is older than `before`; returns how many. `now` is programme time."""
    table, which = _due(kind, before)
    ids = connection.execute(select(table.c.id).where(which).order_by(table.c.id).limit(BATCH)).scalars().all()
    if ids and kind is Kept.TEXTS:
        _purge(connection, list(ids), now)
    elif ids:
        connection.execute(delete(table).where(table.c.id.in_(ids)))
    return len(ids)


def has_gone(connection: Connection) -> bool:
    """Whether there are words of replies that X does not show any more."""
    return connection.execute(select(_i.id).where(_GONE).limit(1)).first() is not None


def purge_gone(connection: Connection, now: datetime) -> int:
    """Take out the words of at most a batch of replies that X does not show any more; that they came stays. Returns how
    many."""
    ids = connection.execute(select(_i.id).where(_GONE).order_by(_i.id).limit(BATCH)).scalars().all()
    if ids:
        _purge(connection, list(ids), now)
    return len(ids)


def retained_at(connection: Connection) -> datetime | None:
    """When what was kept for long enough was last deleted, to the end; None: never."""
    return connection.execute(select(t.workspace.c.retained_at)).scalar()


def set_retained(connection: Connection, now: datetime) -> None:
    """It was, at `now` (programme time)."""
    connection.execute(update(t.workspace).values(retained_at=now))


def _purge(connection: Connection, ids: list[int], now: datetime) -> None:
    """The words, who wrote them where that is nobody's on a roster, and what was copied of the words."""
    read_as = func.lower(cast(_i.read_as, Text))
    wants_silence = or_(*(read_as.contains(f'"{word}"') for word in _SILENCING))
    author = case((or_(_i.learner_id.is_not(None), wants_silence), _i.author_remote_id), else_=0)
    values = {"text": "", "author_handle": "", "read_why": "", "author_remote_id": author, "purged_at": now}
    connection.execute(update(t.inbound).where(_i.id.in_(ids)).values(**values))
    connection.execute(update(t.inquiry).where(t.inquiry.c.inbound_id.in_(ids)).values(topic=""))


def joiners_due(connection: Connection, before: datetime) -> tuple[int, ...]:
    """Who came into open cohorts by their own word, has been in none since `before`, and is nobody's employee."""
    query = select(t.learner.c.id).where(_joined_and_gone(before)).order_by(t.learner.c.id).limit(BATCH)
    return tuple(connection.execute(query).scalars())


def _joined_and_gone(before: datetime) -> ColumnElement[bool]:
    p, e = t.learner.c, t.enrollment.c
    stays = select(e.id).where(e.learner_id == p.id, or_(e.ended_at.is_(None), e.ended_at >= before)).exists()
    return and_(p.employee_id == "", p.created_at < before, ~stays)


def _due(kind: Kept, before: datetime) -> tuple[Table, ColumnElement[bool]]:
    if kind is Kept.TEXTS:
        return t.inbound, and_(
            _i.received_at < before, _i.purged_at.is_(None), _i.graded_at.is_not(None), _i.needs_person.is_(False)
        )
    if kind is Kept.COUNTS:
        s, later = t.signal.c, t.signal.alias("later")
        newer = select(later.c.id).where(later.c.outbox_id == s.outbox_id, later.c.kind == s.kind, later.c.id > s.id)
        lasting = s.kind.in_((signals.POLL_CLOSED, signals.GONE))
        return t.signal, and_(s.at < before, ~lasting, newer.exists())
    if kind is Kept.ATTEMPTS:
        settled = select(t.outbox.c.id).where(t.outbox.c.state.in_(sorted(state.value for state in TERMINAL)))
        return t.attempt, and_(t.attempt.c.started_at < before, t.attempt.c.outbox_id.in_(settled))
    if kind is Kept.JOINERS:
        return t.learner, _joined_and_gone(before)
    v = t.invitation.c
    return t.invitation, func.coalesce(v.used_at, v.expires_at) < before
