"""The outbox: every post on its way, moved by conditional updates only.

A move is one `UPDATE … WHERE id = ? AND fence = ? AND state = ?`, with the fence and the state the row was read with.
It counts only if it changed a row; else somebody else got there first and the caller has to let go. Which moves there
are is `domain.sending.outbox.MOVES`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from reinforce.domain.accounts.account import AccountState
from reinforce.domain.errors import Conflict, NotFound
from reinforce.domain.nugget import Form
from reinforce.domain.planning.feed_rows import counted_from
from reinforce.domain.post_forms import FORMS
from reinforce.domain.sending.outbox import IN_FLIGHT, MOVES, PROVING, TERMINAL, OutboxItem, Planned, State
from reinforce.store import tables as t
from reinforce.store.accounts import accounts
from reinforce.store.one_trip import Change, make_changes
from reinforce.store.operating import audit
from reinforce.store.people import cohorts
from reinforce.store.sending import deletions
from reinforce.store.session import database_now

REPEAT_AFTER = timedelta(days=90)
ADOPTED = "found on the timeline; the row that sent it was lost with what came after the backup"
UNDER_WAY = frozenset({State.PLANNED, State.HELD}) | IN_FLIGHT

_o = t.outbox.c


class IllegalMove(ValueError):
    """A move that is not in the table of moves: a bug of the caller, not something that happens."""


# --- in -----------------------------------------------------------------------------------------------------------


def add(connection: Connection, planned: Planned, now: datetime, repeat_after: timedelta = REPEAT_AFTER) -> OutboxItem:
    """Put a post into the outbox as planned; `now` and `repeat_after` are programme time.

    Raises Conflict if its occurrence is taken (somebody planned the same slot or reply), or if the account has the
    same text under way or posted it less than `repeat_after` ago. The transaction stays usable.
    """
    _known(planned)
    # Held until the end of the transaction, so that two plans of one account can't both find the text free. The cohort
    # comes first, as it does where a post is sent: its version is raised at the end.
    accounts.kept_behind_cohort(connection, planned.account_id, planned.cohort_id)
    # As whoever chose it reckoned: from when it is to go out, and from when the other was to.
    if text_taken(connection, planned.account_id, planned.text_hash, max(now, planned.due_at) - repeat_after):
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


def _known(planned: Planned) -> None:
    """A form that no list knows could not be found by people: raises ValueError, a bug of the caller."""
    if planned.form not in FORMS:
        raise ValueError(f"no post has the form {planned.form!r}: add it to reinforce/domain/post_forms.py")


def adopt(
    connection: Connection, planned: Planned, remote_id: int, posted_at: datetime, now: datetime
) -> OutboxItem | None:
    """Put a post of ours on record that stands on the timeline and has no row here; None if its occurrence has one."""
    _known(planned)
    values = {name: getattr(planned, name) for name in Planned.__dataclass_fields__}
    values |= {"state": State.POSTED.value, "fence": 0, "owner": "", "rounds": 0, "outcome": ADOPTED}
    values |= {"remote_id": remote_id, "posted_at": posted_at, "created_at": now}
    try:
        with connection.begin_nested():
            row = connection.execute(insert(t.outbox).values(**values).returning(*_o)).mappings().one()
    except IntegrityError:
        return None
    return _item(row)


def taken_since(connection: Connection, account_id: int, since: datetime) -> Callable[[str], bool]:
    """Tells of a text (its hash) what `text_taken` does, for one account and time."""
    return lambda text_hash: text_taken(connection, account_id, text_hash, since)


def text_taken(connection: Connection, account_id: int, text_hash: str, since: datetime) -> bool:
    """True if the account has this text under way, or posted it after `since` (programme time) and it is still
    there."""
    posted = and_(_o.state == State.POSTED.value, _o.posted_at >= since, ~deletions.IS_DELETED)
    there = select(_o.posted_at, _o.due_at).where(_o.account_id == account_id, _o.text_hash == text_hash)
    found = connection.execute(there.where(or_(_in(UNDER_WAY), posted)))
    return any(row.posted_at is None or counted_from(row.posted_at, row.due_at) > since for row in found)


# --- moves --------------------------------------------------------------------------------------------------------


def move(
    connection: Connection,
    item: OutboxItem,
    to: State,
    beside: Sequence[Change] = (),
    told: audit.Row | None = None,
    /,
    **changes: Any,
) -> OutboxItem | None:
    """Move `item` to `to` and set `changes`; None if it is no longer as it was read. Raises IllegalMove.

    What is to be changed `beside` it is changed in the same trip, whatever becomes of the move; with anything beside
    it, it has to be the one move of its transaction. If it is moved, the audit log is `told` so in the same trip, which
    may then be a transaction by itself (`Database.at_once`).
    """
    if (item.state, to) not in MOVES:
        raise IllegalMove(f"there is no move from {item.state.value} to {to.value}")
    return _move(connection, item, to, changes, beside=beside, told=told)


def prove(connection: Connection, item: OutboxItem, to: State, **changes: Any) -> OutboxItem | None:
    """A move that is open only while the account is unproven; None if the row or the account is not so any more."""
    if (item.state, to) not in PROVING:
        raise IllegalMove(f"proving makes no move from {item.state.value} to {to.value}")
    unproven = exists().where(t.account.c.id == item.account_id, t.account.c.state == AccountState.UNPROVEN.value)
    return _move(connection, item, to, changes, unproven)


def claim(connection: Connection, item: OutboxItem, owner: str, lease: timedelta) -> OutboxItem | None:
    """Make a planned post `owner`'s for `lease`, by the database's clock; None if somebody else got it first."""
    if item.state is not State.PLANNED:
        raise IllegalMove(f"only a planned post can be claimed, not a {item.state.value} one")
    until = database_now(connection) + lease
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


def reschedule(
    connection: Connection, item: OutboxItem, due_at: datetime, grace_until: datetime, decision: Mapping[str, Any]
) -> OutboxItem | None:
    """Give a planned post another time; None if it is no longer as it was read. Its fence is raised: whoever read it
    before can't claim it as it was."""
    if item.state is not State.PLANNED:
        raise IllegalMove(f"only a planned post gets another time, not a {item.state.value} one")
    values = {"fence": item.fence + 1, "due_at": due_at, "grace_until": grace_until, "decision": dict(decision)}
    moved = _move(connection, item, State.PLANNED, values)
    if moved is not None and item.cohort_id is not None:
        # A plan that was made from the snapshot before must choose again.
        cohorts.raise_version(connection, item.cohort_id)
    return moved


def _move(
    connection: Connection,
    item: OutboxItem,
    to: State,
    changes: Mapping[str, Any],
    *also: ColumnElement[bool],
    beside: Sequence[Change] = (),
    told: audit.Row | None = None,
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
    moving = Change(statement, as_read | {f"new_{name}": new for name, new in values.items()})
    # A plan that was made from the snapshot before must choose again.
    counts_for = item.cohort_id if to in TERMINAL or to is State.HELD else None
    if beside and counts_for is not None:
        beside = (*beside, cohorts.version_raised(counts_for))
    moved, *_ = make_changes(connection, moving, *beside, told=told)
    if moved != 1:
        return None
    if not beside and counts_for is not None:
        cohorts.raise_version(connection, counts_for)
    # Rows change by moves only, so one that still had its fence and state is as it was read, but for this one.
    return replace(item, **values | {"state": to})


@cache
def _moving(names: frozenset[str]) -> Update:
    """The update that sets columns `names` of a row if it is still as it was read. Few differ, so they are kept: making
    one takes longer than running it."""
    as_read = and_(_o.id == bindparam("read_id"), _o.fence == bindparam("read_fence"))
    new = {_o[name]: bindparam(f"new_{name}", type_=_o[name].type) for name in sorted(names)}
    return update(t.outbox).where(as_read, _o.state == bindparam("read_state")).values(new)


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


def in_state(connection: Connection, account_id: int, *states: State) -> tuple[OutboxItem, ...]:
    """Every post of an account in one of `states`, in the order they are due."""
    query = select(t.outbox).where(_o.account_id == account_id, _in(states)).order_by(_o.due_at, _o.id)
    return items_of(connection, query)


def accounts_in(connection: Connection, state: State) -> frozenset[int]:
    """The accounts that have a post in `state`."""
    return frozenset(connection.execute(select(_o.account_id).where(_in((state,))).distinct()).scalars())


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


def wordings_used(
    connection: Connection, account_id: int, nugget_ids: Collection[int], since: datetime
) -> dict[int, datetime]:
    """When each wording of these nuggets was last posted on the account since `since`, or is due if it is under way."""
    posted = and_(_o.state == State.POSTED.value, _o.posted_at >= since)
    query = (
        select(_o.wording_id, _o.posted_at, _o.due_at)
        .where(_o.account_id == account_id, _o.nugget_id.in_(nugget_ids), _o.wording_id.is_not(None))
        .where(or_(_in(UNDER_WAY), posted))
    )
    found: dict[int, datetime] = {}
    for wording_id, posted_at, due_at in connection.execute(query):
        at = counted_from(posted_at, due_at)
        found[wording_id] = max(at, found.get(wording_id, at))
    return found


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
