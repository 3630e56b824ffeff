"""What is to be done: posts that are due, their claim, posts not worth sending any more, and leases that ran out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, exists, or_, select, update

from reinforce.domain.sending.outbox import IN_FLIGHT, OutboxItem, State
from reinforce.store import tables as t
from reinforce.store.sending.outbox import items_of
from reinforce.store.session import database_clock, database_now

_o = t.outbox.c
_other = t.outbox.alias("other").c
# Looked at for each account, tick after tick, so they are made once.
_PLANNED = select(t.outbox).where(_o.account_id == bindparam("account"), _o.state == State.PLANNED.value)
_IN_FLIGHT = exists().where(
    _other.account_id == _o.account_id, _other.state.in_(sorted(state.value for state in IN_FLIGHT))
)
_WAITING = exists().where(
    _other.account_id == _o.account_id,
    _other.state == State.PLANNED.value,
    _other.not_before > database_clock(),
)
_DUE = (
    _PLANNED.where(_o.due_at <= bindparam("now", type_=_o.due_at.type), _o.grace_until >= bindparam("now"))
    .where(~_IN_FLIGHT, ~_WAITING)
    .order_by(_o.due_at, _o.id)
    .limit(bindparam("limit"))
)
_DUE_TO_ALL = _DUE.where(_o.inbound_id.is_(None), or_(_o.reply_to.is_(None), _o.reply_to_outbox_id.is_not(None)))
_NEXT_SLOT = exists().where(
    _other.cohort_id == _o.cohort_id,
    _other.state == State.PLANNED.value,
    _other.occurrence.startswith("slot/"),
    _other.due_at > _o.due_at,
    _other.due_at <= bindparam("now", type_=_o.due_at.type),
)
_IS_OVERTAKEN = and_(_o.occurrence.startswith("slot/"), _NEXT_SLOT)
# It keeps the row on Postgres, or leaves it to whoever keeps it already. Compared by "=", it is run once, not for each
# row of the table.
_DUE_ID = (
    _DUE.with_only_columns(_o.id)
    .where(_o.id == bindparam("item"), ~_IS_OVERTAKEN)
    .with_for_update(skip_locked=True, of=t.outbox)
)
_CLAIM = (
    update(t.outbox)
    .where(
        _o.id == _DUE_ID.correlate(None).scalar_subquery(),
        _o.fence == bindparam("read_fence"),
        _o.state == State.PLANNED.value,
    )
    .values(
        state=State.LEASED.value,
        fence=_o.fence + 1,
        owner=bindparam("new_owner"),
        lease_until=bindparam("new_lease_until", type_=_o.lease_until.type),
    )
)
_OUTLIVED = (
    _PLANNED.where(or_(_o.grace_until < bindparam("now", type_=_o.due_at.type), _IS_OVERTAKEN))
    .order_by(_o.id)
    .limit(bindparam("limit"))
)
_LEASED = _o.state.in_([State.LEASED.value, State.SENDING.value])


def due(
    connection: Connection,
    account_id: int,
    now: datetime,
    *,
    limit: int = 20,
    lock: bool = False,
    to_people: bool = True,
) -> tuple[OutboxItem, ...]:
    """Planned posts of an account that may be claimed at `now` (programme time), the oldest first.

    Empty while another post of the account is in flight, and while one waits for its `not_before`: what throttled
    that one would throttle the next as well, and the order would be lost. `lock`, in a write transaction, keeps the
    rows for it on Postgres and leaves out those that somebody else keeps. Without `to_people`, replies to what people
    wrote are left out.
    """
    query = _DUE if to_people else _DUE_TO_ALL
    if lock:
        query = query.with_for_update(skip_locked=True, of=t.outbox)
    return items_of(connection, query, {"account": account_id, "now": now, "limit": limit})


def accounts_with_due(connection: Connection, now: datetime) -> frozenset[int]:
    """The accounts of which a planned post is due, or too late, at `now` (programme time)."""
    past = or_(_o.due_at <= now, _o.grace_until < now)
    query = select(_o.account_id).where(_o.state == State.PLANNED.value, past).distinct()
    return frozenset(connection.execute(query).scalars())


def outlived(connection: Connection, account_id: int, now: datetime, limit: int = 100) -> tuple[OutboxItem, ...]:
    """Planned posts of an account not worth posting any more at `now` (programme time): those past their grace, and
    slots' posts whose cohort's next slot has come, for both would come at once."""
    return items_of(connection, _OUTLIVED, {"account": account_id, "now": now, "limit": limit})


def expired(connection: Connection, longest: timedelta | None = None) -> tuple[OutboxItem, ...]:
    """Posts whose owner let the lease run out, by the database's clock: it died, or was suspended.

    `longest`: no lease is longer. One that ends later was given before the clock was set back; who waited for it would
    keep the account silent for as long.
    """
    now = database_now(connection)
    over = _o.lease_until < now
    if longest is not None:
        # Twice: one that is given between this look at the clock and the look at the rows is no such one.
        over = or_(over, _o.lease_until > now + 2 * longest)
    query = select(t.outbox).where(_LEASED, over)
    return items_of(connection, query.order_by(_o.id))


def claim_due(
    connection: Connection, item: OutboxItem, owner: str, now: datetime, lease_until: datetime
) -> OutboxItem | None:
    """Make a planned post `owner`'s until `lease_until` (the database's time), if it is due at `now` (programme
    time) still, as `due` says, and not overtaken; None if it is not, or somebody else got it first."""
    values = {"account": item.account_id, "now": now, "limit": 1, "item": item.id, "read_fence": item.fence}
    values |= {"new_owner": owner, "new_lease_until": lease_until}
    if connection.execute(_CLAIM, values).rowcount != 1:
        return None
    return replace(item, state=State.LEASED, fence=item.fence + 1, owner=owner, lease_until=lease_until)
