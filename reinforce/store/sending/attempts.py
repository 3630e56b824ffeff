"""Attempts to send: made durable before the first byte, closed once it is known how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from reinforce.domain.sending.outbox import Attempt, AttemptOutcome, OutboxItem
from reinforce.store import tables as t
from reinforce.store.one_trip import Change
from reinforce.store.session import database_clock

_COLUMNS = [t.attempt.c[name] for name in Attempt.__dataclass_fields__]
_OF_POST = select(*_COLUMNS).where(t.attempt.c.outbox_id == bindparam("post")).order_by(t.attempt.c.n)
_BEGIN = insert(t.attempt).values({one.name: bindparam(f"begun_{one.name}", type_=one.type) for one in _COLUMNS})
_FINISH = (
    update(t.attempt)
    .where(t.attempt.c.outbox_id == bindparam("tried"), t.attempt.c.n == bindparam("attempt"))
    .values(outcome=bindparam("ended"), detail=bindparam("words"), finished_at=database_clock())
)


def beginning(
    item: OutboxItem,
    earlier: Sequence[Attempt],
    *,
    since_id: int | None,
    started_at: datetime,
    deadline_at: datetime,
) -> tuple[Attempt, Change]:
    """What is about to be sent, after `earlier` attempts of the same post, and the change that writes it down: to be
    made in the transaction that moves `item` to sending, which must not commit if it could not."""
    attempt = Attempt(
        outbox_id=item.id,
        n=earlier[-1].n + 1 if earlier else 1,
        fence=item.fence,
        text_hash=item.text_hash,
        reply_to=item.reply_to,
        poll=item.poll,
        since_id=since_id,
        started_at=started_at,
        deadline_at=deadline_at,
        finished_at=None,
        outcome=AttemptOutcome.OPEN,
        detail="",
    )
    values = asdict(attempt) | {"outcome": attempt.outcome.value}
    return attempt, Change(_BEGIN, {f"begun_{name}": value for name, value in values.items()})


def finished(attempt: Attempt, outcome: AttemptOutcome, detail: str) -> Change:
    """Close an attempt. A later, better knowledge of the same attempt may be written over an earlier one."""
    here = {"tried": attempt.outbox_id, "attempt": attempt.n}
    return Change(_FINISH, {**here, "ended": outcome.value, "words": detail})


def attempts(connection: Connection, outbox_id: int) -> tuple[Attempt, ...]:
    """Every attempt of a post, in order."""
    return tuple(_attempt(row) for row in connection.execute(_OF_POST, {"post": outbox_id}).mappings())


def may_have_been_sent(connection: Connection, outbox_id: int) -> bool:
    """True if nobody can swear that no attempt of this post has posted it."""
    a = t.attempt.c
    doubtful = [one.value for one in (AttemptOutcome.OPEN, AttemptOutcome.UNKNOWN, AttemptOutcome.DUPLICATE)]
    query = select(a.id).where(a.outbox_id == outbox_id, a.outcome.in_(doubtful)).limit(1)
    return connection.execute(query).first() is not None


def close_open(connection: Connection, outbox_id: int, outcome: AttemptOutcome, detail: str) -> None:
    """Close every attempt of a post of which nothing is known yet."""
    a = t.attempt.c
    values = {"outcome": outcome.value, "detail": detail, "finished_at": database_clock()}
    connection.execute(
        update(t.attempt).where(a.outbox_id == outbox_id, a.outcome == AttemptOutcome.OPEN.value).values(**values)
    )


def _attempt(row: RowMapping) -> Attempt:
    values = dict(row)
    values["outcome"] = AttemptOutcome(values["outcome"])
    return Attempt(**values)
