"""The outbox: every post on its way, moved by conditional updates only.

A move is one `UPDATE … WHERE id = ? AND fence = ? AND state = ?`, with the fence and the state the row was read with.
It counts only if it changed a row; else somebody else got there first and the caller has to let go. Which moves there
are is `domain.sending.outbox.MOVES`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningUpdate

from reinforce.domain.accounts.account import AccountState
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.nugget import Form
from reinforce.domain.sending.outbox import IN_FLIGHT, MOVES, PROVING, TERMINAL, OutboxItem, Planned, State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.people import cohorts
from reinforce.store.session import database_now

REPEAT_AFTER = timedelta(days=90)
ADOPTED = "found on the timeline; the row that sent it was lost with what came after the backup"
UNDER_WAY = frozenset({State.PLANNED, State.HELD}) | IN_FLIGHT

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
    _other.not_before > bindparam("machine_now", type_=_o.not_before.type),
)
_DUE = (
    _PLANNED.where(_o.due_at <= bindparam("now", type_=_o.due_at.type), _o.grace_until >= bindparam("now"))
    .where(~_IN_FLIGHT, ~_WAITING)
    .order_by(_o.due_at, _o.id)
    .limit(bindparam("limit"))
)
_DUE_TO_ALL = _DUE.where(_o.inbound_id.is_(None), or_(_o.reply_to.is_(None), _o.reply_to_outbox_id.is_not(None)))
_DUE_ONE = _DUE.where(_o.id == bindparam("item"))
_LATE = (
    _PLANNED.where(_o.grace_until < bindparam("now", type_=_o.due_at.type)).order_by(_o.id).limit(bindparam("limit"))
)
_NEXT_SLOT = exists().where(
    _other.cohort_id == _o.cohort_id,
    _other.state == State.PLANNED.value,
    _other.occurrence.startswith("slot/"),
    _other.due_at > _o.due_at,
    _other.due_at <= bindparam("now", type_=_o.due_at.type),
)
_IS_OVERTAKEN = and_(_o.occurrence.startswith("slot/"), _NEXT_SLOT)
_OVERTAKEN = _PLANNED.where(_IS_OVERTAKEN).order_by(_o.id).limit(bindparam("limit"))
_OUTLIVED = (
    _PLANNED.where(or_(_o.grace_until < bindparam("now", type_=_o.due_at.type), _IS_OVERTAKEN))
    .order_by(_o.id)
    .limit(bindparam("limit"))
)


class IllegalMove(ValueError):
    """A move that is not in the table of moves: a bug of the caller, not something that happens."""


# --- in -----------------------------------------------------------------------------------------------------------


def add(connection: Connection, planned: Planned, now: datetime, repeat_after: timedelta = REPEAT_AFTER) -> OutboxItem:
    """Put a post into the outbox as planned; `now` and `repeat_after` are programme time.

    Raises Conflict if its occurrence is taken (somebody planned the same slot or reply), or if the account has the
    same text under way or posted it less than `repeat_after` ago. The transaction stays usable.
    """
    # Held until the end of the transaction, so that two plans of one account can't both find the text free.
    accounts.account_by_id(connection, planned.account_id, lock=True)
    if text_taken(connection, planned.account_id, planned.text_hash, now - repeat_after):
        raise Conflict("the account has posted this text already, or is about to", "Choose another wording.")
    values = {name: getattr(planned, name) for name in Planned.__dataclass_fields__}
    values |= {"state": State.PLANNED.value, "fence": 0, "owner": "", "rounds": 0, "outcome": "", "created_at": now}
    try:
        with connection.begin_nested():
            row = connection.execute(insert(t.outbox).values(**values).returning(*_o)).mappings().one()
    except IntegrityError as error:
        if item_by_occurrence(connection, planned.occurrence) is None:
            raise
        raise Conflict(f"{planned.occurrence} has its post already", "Withdraw that one to plan it anew.") from error
    return _item(row)


def adopt(
    connection: Connection, planned: Planned, remote_id: int, posted_at: datetime, now: datetime
) -> OutboxItem | None:
    """Put a post of ours on record that stands on the timeline and has no row here; None if its occurrence has one."""
    values = {name: getattr(planned, name) for name in Planned.__dataclass_fields__}
    values |= {"state": State.POSTED.value, "fence": 0, "owner": "", "rounds": 0, "outcome": ADOPTED}
    values |= {"remote_id": remote_id, "posted_at": posted_at, "created_at": now}
    try:
        with connection.begin_nested():
            row = connection.execute(insert(t.outbox).values(**values).returning(*_o)).mappings().one()
    except IntegrityError:
        return None
    return _item(row)


def text_taken(connection: Connection, account_id: int, text_hash: str, since: datetime) -> bool:
    """True if the account has this text under way, or posted it at or after `since` (programme time)."""
    posted = and_(_o.state == State.POSTED.value, _o.posted_at >= since)
    taken = select(_o.id).where(_o.account_id == account_id, _o.text_hash == text_hash, or_(_in(UNDER_WAY), posted))
    return connection.execute(taken.limit(1)).first() is not None


# --- moves --------------------------------------------------------------------------------------------------------


def move(connection: Connection, item: OutboxItem, to: State, **changes: Any) -> OutboxItem | None:
    """Move `item` to `to` and set `changes`; None if it is no longer as it was read. Raises IllegalMove."""
    if (item.state, to) not in MOVES:
        raise IllegalMove(f"there is no move from {item.state.value} to {to.value}")
    return _move(connection, item, to, changes)


def prove(connection: Connection, item: OutboxItem, to: State, **changes: Any) -> OutboxItem | None:
    """A move that is open only while the account is unproven; None if the row or the account is not so any more."""
    if (item.state, to) not in PROVING:
        raise IllegalMove(f"proving makes no move from {item.state.value} to {to.value}")
    unproven = exists().where(t.account.c.id == item.account_id, t.account.c.state == AccountState.UNPROVEN.value)
    return _move(connection, item, to, changes, unproven)


def claim(
    connection: Connection, item: OutboxItem, owner: str, lease: timedelta, machine_now: datetime | None = None
) -> OutboxItem | None:
    """Make a planned post `owner`'s for `lease`, by the database's clock (`machine_now`, if read already); None if
    somebody else got it first."""
    if item.state is not State.PLANNED:
        raise IllegalMove(f"only a planned post can be claimed, not a {item.state.value} one")
    until = (machine_now or database_now(connection)) + lease
    return _move(connection, item, State.LEASED, {"fence": item.fence + 1, "owner": owner, "lease_until": until})


def release(connection: Connection, item: OutboxItem, **changes: Any) -> OutboxItem | None:
    """Give a claimed post back; what must not be tried again at once gets a `not_before` (machine time)."""
    return move(connection, item, State.PLANNED, **changes)


def skip(connection: Connection, item: OutboxItem, reason: str) -> OutboxItem | None:
    """Let a post go; `reason` says why, in words for a person."""
    return move(connection, item, State.SKIPPED, outcome=reason)


def cancel(connection: Connection, item: OutboxItem, reason: str) -> OutboxItem | None:
    """Withdraw a post, or clear the way for an edited one: its occurrence becomes free."""
    return move(connection, item, State.CANCELLED, outcome=reason)


def _move(
    connection: Connection, item: OutboxItem, to: State, changes: Mapping[str, Any], *also: ColumnElement[bool]
) -> OutboxItem | None:
    values: dict[str, Any] = {"state": to.value}
    if to not in IN_FLIGHT:
        values |= {"owner": "", "lease_until": None}
    if to is State.UNKNOWN:
        values["unknown_since"] = database_now(connection)
    elif item.state is State.UNKNOWN and to is not State.HELD:
        values["unknown_since"] = None
    values |= changes
    statement = _moving(frozenset(values)).where(*also) if also else _moving(frozenset(values))
    as_read = {"read_id": item.id, "read_fence": item.fence, "read_state": item.state.value}
    row = (
        connection.execute(statement, as_read | {f"new_{name}": new for name, new in values.items()}).mappings().first()
    )
    if row is None:
        return None
    if item.cohort_id is not None and (to in TERMINAL or to is State.HELD):
        # A plan that was made from the snapshot before must choose again.
        cohorts.raise_version(connection, item.cohort_id)
    return _item(row)


@cache
def _moving(names: frozenset[str]) -> ReturningUpdate[Any]:
    """The update that sets columns `names` of a row if it is still as it was read. Few differ, so they are kept: making
    one takes longer than running it."""
    as_read = and_(_o.id == bindparam("read_id"), _o.fence == bindparam("read_fence"))
    new = {_o[name]: bindparam(f"new_{name}", type_=_o[name].type) for name in sorted(names)}
    return update(t.outbox).where(as_read, _o.state == bindparam("read_state")).values(new).returning(*_o)


# --- what is to be done -------------------------------------------------------------------------------------------


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
    values = {"account": account_id, "now": now, "machine_now": database_now(connection), "limit": limit}
    return items_of(connection, _locked(connection, _DUE if to_people else _DUE_TO_ALL, lock=lock), values)


def still_due(connection: Connection, item: OutboxItem, now: datetime, machine_now: datetime) -> OutboxItem | None:
    """`item` as it is, kept for this write transaction, if it may be claimed; `machine_now` is the database's clock."""
    values = {"account": item.account_id, "now": now, "machine_now": machine_now, "limit": 1, "item": item.id}
    return next(iter(items_of(connection, _locked(connection, _DUE_ONE, lock=True), values)), None)


def _locked(connection: Connection, query: Select[Any], *, lock: bool) -> Select[Any]:
    postgres = connection.dialect.name == "postgresql"
    return query.with_for_update(skip_locked=True, of=t.outbox) if lock and postgres else query


def accounts_with_due(connection: Connection, now: datetime) -> frozenset[int]:
    """The accounts of which a planned post is due, or too late, at `now` (programme time)."""
    past = or_(_o.due_at <= now, _o.grace_until < now)
    query = select(_o.account_id).where(_o.state == State.PLANNED.value, past).distinct()
    return frozenset(connection.execute(query).scalars())


def outlived(connection: Connection, account_id: int, now: datetime, limit: int = 100) -> tuple[OutboxItem, ...]:
    """What is `late` or `overtaken`, in one look."""
    return items_of(connection, _OUTLIVED, {"account": account_id, "now": now, "limit": limit})


def late(connection: Connection, account_id: int, now: datetime, limit: int = 100) -> tuple[OutboxItem, ...]:
    """Planned posts of an account that are not worth posting any more at `now` (programme time)."""
    return items_of(connection, _LATE, {"account": account_id, "now": now, "limit": limit})


def overtaken(connection: Connection, account_id: int, now: datetime, limit: int = 100) -> tuple[OutboxItem, ...]:
    """Slots' posts that still wait although their cohort's next slot has come: sent now, both would come at once."""
    return items_of(connection, _OVERTAKEN, {"account": account_id, "now": now, "limit": limit})


def expired(connection: Connection, longest: timedelta | None = None) -> tuple[OutboxItem, ...]:
    """Posts whose owner let the lease run out, by the database's clock: it died, or was suspended.

    `longest`: no lease is longer. One that ends later was given before the clock was set back; who waited for it would
    keep the account silent for as long.
    """
    leased, now = _in({State.LEASED, State.SENDING}), database_now(connection)
    over = _o.lease_until < now
    if longest is not None:
        over = or_(over, _o.lease_until > now + longest)
    query = select(t.outbox).where(leased, over)
    return items_of(connection, query.order_by(_o.id))


def in_state(connection: Connection, account_id: int, *states: State) -> tuple[OutboxItem, ...]:
    """Every post of an account in one of `states`, in the order they are due."""
    query = select(t.outbox).where(_o.account_id == account_id, _in(states)).order_by(_o.due_at, _o.id)
    return items_of(connection, query)


# --- what there is ------------------------------------------------------------------------------------------------


def item(connection: Connection, item_id: int) -> OutboxItem:
    """The post with this row id. Raises NotFound."""
    found = items_of(connection, select(t.outbox).where(_o.id == item_id))
    if not found:
        raise NotFound(f"there is no post {item_id}", "See what there is with: reinforce outbox")
    return found[0]


def item_by_occurrence(connection: Connection, occurrence: str) -> OutboxItem | None:
    """The live post of an occurrence; None if there is none, or it was withdrawn."""
    live = and_(_o.occurrence == occurrence, _o.state != State.CANCELLED.value)
    return next(iter(items_of(connection, select(t.outbox).where(live))), None)


def waiting(connection: Connection, nugget_ids: Collection[int]) -> tuple[OutboxItem, ...]:
    """Posts that say one of these nuggets, or ask about it, and have not begun to be sent; reveals aside."""
    query = select(t.outbox).where(
        _o.nugget_id.in_(nugget_ids),
        _o.form.in_([form.value for form in Form]),
        _in((State.PLANNED, State.LEASED)),
    )
    return items_of(connection, query.order_by(_o.due_at, _o.id))


def items(
    connection: Connection,
    *,
    cohort_id: int | None = None,
    account_id: int | None = None,
    states: Collection[State] | None = None,
    limit: int = 100,
) -> tuple[OutboxItem, ...]:
    """Posts, the latest due first; `None` leaves a choice open."""
    query = select(t.outbox).order_by(_o.due_at.desc(), _o.id.desc()).limit(limit)
    if cohort_id is not None:
        query = query.where(_o.cohort_id == cohort_id)
    if account_id is not None:
        query = query.where(_o.account_id == account_id)
    if states is not None:
        query = query.where(_in(states))
    return items_of(connection, query)


def posted_between(
    connection: Connection,
    start: datetime,
    end: datetime,
    *,
    cohort_id: int | None = None,
    account_id: int | None = None,
) -> tuple[OutboxItem, ...]:
    """Posts that went out at or after `start` and before `end` (programme time), in order."""
    query = select(t.outbox).where(_o.state == State.POSTED.value, _o.posted_at >= start, _o.posted_at < end)
    if cohort_id is not None:
        query = query.where(_o.cohort_id == cohort_id)
    if account_id is not None:
        query = query.where(_o.account_id == account_id)
    return items_of(connection, query.order_by(_o.posted_at, _o.id))


def wordings_used(
    connection: Connection, account_id: int, nugget_ids: Collection[int], since: datetime
) -> dict[int, datetime]:
    """When each wording of these nuggets was last posted on the account since `since`, or is due if it is under way."""
    when = func.max(func.coalesce(_o.posted_at, _o.due_at))
    posted = and_(_o.state == State.POSTED.value, _o.posted_at >= since)
    query = (
        select(_o.wording_id, when)
        .where(_o.account_id == account_id, _o.nugget_id.in_(nugget_ids), _o.wording_id.is_not(None))
        .where(or_(_in(UNDER_WAY), posted))
        .group_by(_o.wording_id)
    )
    return dict(connection.execute(query).all())


def remote_ids(connection: Connection, account_id: int) -> frozenset[int]:
    """X's ids of every post that is known to be one of our rows."""
    query = select(_o.remote_id).where(_o.account_id == account_id, _o.remote_id.is_not(None))
    return frozenset(connection.execute(query).scalars())


def _in(states: Collection[State]) -> ColumnElement[bool]:
    return _o.state.in_(sorted(state.value for state in states))


def items_of(
    connection: Connection, query: Select[Any], values: Mapping[str, Any] | None = None
) -> tuple[OutboxItem, ...]:
    """The posts that a query of whole rows gives."""
    return tuple(_item(row) for row in connection.execute(query, values).mappings())


def _item(row: RowMapping) -> OutboxItem:
    values = dict(row)
    values["state"] = State(values["state"])
    return OutboxItem(**values)
