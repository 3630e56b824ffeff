"""Attempts to send: made durable before the first byte, closed once it is known how they ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from reinforce.domain.sending.outbox import Attempt, AttemptOutcome, OutboxItem
from reinforce.store import tables as t


def begin(
    connection: Connection, item: OutboxItem, *, since_id: int | None, started_at: datetime, deadline_at: datetime
) -> Attempt:
    """Write down what is about to be sent. To be called in the transaction that moves `item` to sending."""
    last = connection.execute(select(func.max(t.attempt.c.n)).where(t.attempt.c.outbox_id == item.id)).scalar()
    values = {
        "outbox_id": item.id,
        "n": (last or 0) + 1,
        "fence": item.fence,
        "text_hash": item.text_hash,
        "reply_to": item.reply_to,
        "poll": item.poll,
        "since_id": since_id,
        "started_at": started_at,
        "deadline_at": deadline_at,
        "outcome": AttemptOutcome.OPEN.value,
        "detail": "",
    }
    row = connection.execute(insert(t.attempt).values(**values).returning(*t.attempt.c)).mappings().one()
    return _attempt(row)


def finish(connection: Connection, attempt_id: int, outcome: AttemptOutcome, detail: str, at: datetime) -> None:
    """Close an attempt. A later, better knowledge of the same attempt may be written over an earlier one."""
    values = {"outcome": outcome.value, "detail": detail, "finished_at": at}
    connection.execute(update(t.attempt).where(t.attempt.c.id == attempt_id).values(**values))


def attempts(connection: Connection, outbox_id: int) -> tuple[Attempt, ...]:
    """Every attempt of a post, in order."""
    query = select(t.attempt).where(t.attempt.c.outbox_id == outbox_id).order_by(t.attempt.c.n)
    return tuple(_attempt(row) for row in connection.execute(query).mappings())


def may_have_been_sent(connection: Connection, outbox_id: int) -> bool:
    """True if nobody can swear that no attempt of this post has posted it."""
    a = t.attempt.c
    doubtful = [one.value for one in (AttemptOutcome.OPEN, AttemptOutcome.UNKNOWN, AttemptOutcome.DUPLICATE)]
    query = select(a.id).where(a.outbox_id == outbox_id, a.outcome.in_(doubtful)).limit(1)
    return connection.execute(query).first() is not None


def close_open(connection: Connection, outbox_id: int, outcome: AttemptOutcome, detail: str, at: datetime) -> None:
    """Close every attempt of a post of which nothing is known yet."""
    a = t.attempt.c
    values = {"outcome": outcome.value, "detail": detail, "finished_at": at}
    connection.execute(
        update(t.attempt).where(a.outbox_id == outbox_id, a.outcome == AttemptOutcome.OPEN.value).values(**values)
    )


def _attempt(row: RowMapping) -> Attempt:
    values = dict(row)
    values["outcome"] = AttemptOutcome(values["outcome"])
    return Attempt(**values)
