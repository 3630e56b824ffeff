"""Posts of ours that are to be taken off X: a queue for each account, worked off in the order in which it was filled.

Deleting is safe to repeat: a post that is gone already is as good as deleted. So what a killed process left behind is
just asked for again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from reinforce.domain.errors import NotAllowed
from reinforce.domain.sending.outbox import OutboxItem
from reinforce.store import tables as t

_d = t.deletion.c


class DeletionState(StrEnum):
    """Where a deletion stands. REFUSED: X won't, and has said why. WITHDRAWN: it is not wanted any more."""

    ASKED = "asked"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


# Of a row of the outbox: its post was taken off X.
IS_DELETED = exists().where(_d.outbox_id == t.outbox.c.id, _d.state == DeletionState.DONE.value)


@dataclass(frozen=True, slots=True)
class Deletion:
    """A post to be taken off X. `not_before` is machine time, `asked_at` and `done_at` programme time."""

    id: int
    outbox_id: int
    account_id: int
    state: DeletionState
    reason: str
    tries: int
    not_before: datetime | None
    outcome: str
    asked_at: datetime
    done_at: datetime | None


def ask(connection: Connection, item: OutboxItem, reason: str, now: datetime) -> bool:
    """Ask for the deletion of a post; False if it was asked for already (one that X refused, or that was withdrawn, is
    asked for again).

    Raises NotAllowed for a post that is not known to be on X.
    """
    if item.remote_id is None:
        raise NotAllowed(
            f"post {item.id} is {item.state.value}: there is nothing on X to delete", "See it with: reinforce outbox"
        )
    known = connection.execute(select(_d.state).where(_d.outbox_id == item.id).with_for_update()).scalar()
    if known is None:
        row = {"outbox_id": item.id, "account_id": item.account_id, "state": DeletionState.ASKED.value}
        row |= {"reason": reason, "tries": 0, "outcome": "", "asked_at": now}
        connection.execute(insert(t.deletion).values(**row))
        return True
    if known not in (DeletionState.REFUSED.value, DeletionState.WITHDRAWN.value):
        return False
    again = {"state": DeletionState.ASKED.value, "reason": reason, "outcome": "", "not_before": None, "asked_at": now}
    connection.execute(update(t.deletion).where(_d.outbox_id == item.id).values(**again))
    return True


def withdraw(connection: Connection, item_ids: Collection[int]) -> int:
    """Ask no more for the deletion of these posts; how many had not been deleted yet. A call that is just on its way
    can't be held back: then the post is deleted, and that is written down."""
    asked = _d.outbox_id.in_(item_ids) & (_d.state == DeletionState.ASKED.value)
    return connection.execute(update(t.deletion).where(asked).values(state=DeletionState.WITHDRAWN.value)).rowcount


def next_asked(connection: Connection, account_id: int) -> tuple[Deletion, int] | None:
    """The oldest deletion that an account is still asked for, and X's id of its post."""
    query = (
        select(t.deletion, t.outbox.c.remote_id)
        .join(t.outbox, t.outbox.c.id == _d.outbox_id)
        .where(_d.account_id == account_id, _d.state == DeletionState.ASKED.value)
        .order_by(_d.id)
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else (_deletion(row), row["remote_id"])


def accounts_asked(connection: Connection) -> frozenset[int]:
    """The accounts that are asked to delete anything."""
    query = select(_d.account_id).where(_d.state == DeletionState.ASKED.value).distinct()
    return frozenset(connection.execute(query).scalars())


def refused(connection: Connection) -> tuple[int, ...]:
    """The posts (rows of the outbox) that X won't delete, in order."""
    query = select(_d.outbox_id).where(_d.state == DeletionState.REFUSED.value).order_by(_d.id)
    return tuple(connection.execute(query).scalars())


def of_posts(connection: Connection, item_ids: Collection[int]) -> dict[int, Deletion]:
    """What is known of the deletion of these posts, by post."""
    query = select(t.deletion).where(_d.outbox_id.in_(item_ids))
    return {row["outbox_id"]: _deletion(row) for row in connection.execute(query).mappings()}


def settle(connection: Connection, deletion: Deletion, state: DeletionState, **changes: Any) -> bool:
    """Write down how a try ended; False if somebody else had written down more."""
    values = {"state": state.value, "tries": deletion.tries + 1, **changes}
    open_to = [DeletionState.ASKED.value]
    if state is DeletionState.DONE:
        open_to.append(DeletionState.WITHDRAWN.value)  # what happened, happened
    asked = (_d.id == deletion.id) & _d.state.in_(open_to)
    return connection.execute(update(t.deletion).where(asked).values(**values)).rowcount == 1


def _deletion(row: Any) -> Deletion:
    values = {name: row[name] for name in Deletion.__dataclass_fields__}
    return Deletion(**{**values, "state": DeletionState(row["state"])})
