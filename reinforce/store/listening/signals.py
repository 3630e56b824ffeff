"""Counts seen on our own posts at times: likes, reposts, quotes, replies, impressions, votes of a poll's options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, insert, select

from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t

_s = t.signal.c
# Kinds beside the counts' own names: how many voted for the option at this place; the poll has ended; X has it no more.
VOTES = "votes:"
POLL_CLOSED = "poll_closed"
GONE = "gone"


@dataclass(frozen=True, slots=True)
class Measured:
    """A post of ours that is out, and when it was last counted (programme time; None: never)."""

    outbox_id: int
    remote_id: int
    posted_at: datetime
    is_poll: bool
    last_at: datetime | None
    poll_closed: bool


def posted_since(connection: Connection, account_id: int, since: datetime) -> tuple[Measured, ...]:
    """The account's posts since `since` (programme time) that X still has, the oldest first."""
    o = t.outbox.c
    last = select(func.max(_s.at)).where(_s.outbox_id == o.id).scalar_subquery()
    closed = select(func.count()).where(_s.outbox_id == o.id, _s.kind == POLL_CLOSED).scalar_subquery()
    gone = select(_s.id).where(_s.outbox_id == o.id, _s.kind == GONE).exists()
    query = (
        select(o.id, o.remote_id, o.posted_at, o.poll.label("poll"), last.label("last_at"), closed.label("closed"))
        .where(o.account_id == account_id, o.state == State.POSTED.value, o.posted_at >= since, ~gone)
        .where(o.remote_id.is_not(None))
        .order_by(o.posted_at, o.id)
    )
    return tuple(
        Measured(row.id, row.remote_id, row.posted_at, row.poll is not None, row.last_at, row.closed > 0)
        for row in connection.execute(query)
    )


def record(connection: Connection, outbox_id: int, counts: Mapping[str, int], now: datetime) -> None:
    """Keep what was counted at `now` (programme time)."""
    rows = [{"outbox_id": outbox_id, "kind": kind, "value": value, "at": now} for kind, value in counts.items()]
    if rows:
        connection.execute(insert(t.signal), rows)


def latest(connection: Connection, outbox_id: int) -> dict[str, int]:
    """The newest count of each kind on one post."""
    newest = select(_s.kind, func.max(_s.id).label("id")).where(_s.outbox_id == outbox_id).group_by(_s.kind).subquery()
    query = select(_s.kind, _s.value).join(newest, and_(newest.c.id == _s.id))
    return {row.kind: row.value for row in connection.execute(query)}
