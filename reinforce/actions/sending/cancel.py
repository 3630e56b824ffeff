"""Withdraw a post that has not been sent."""

from __future__ import annotations

from datetime import datetime

from reinforce.domain.errors import Conflict, NotAllowed
from reinforce.domain.sending.outbox import OutboxItem, State
from reinforce.store.operating import audit
from reinforce.store.sending import attempts, outbox
from reinforce.store.session import Database


def cancel(database: Database, item_id: int, *, actor: str, reason: str, now: datetime) -> OutboxItem:
    """Withdraw a planned or leased post; its slot becomes free for another. `reason` is shown to people.

    A post that may have been sent once keeps its slot: it is skipped instead, or a new one could double it.
    Raises NotFound, NotAllowed if it is on its way or has ended, Conflict if it began to be sent just now.
    """
    with database.write() as connection:
        item = outbox.item(connection, item_id)
        if item.state not in (State.PLANNED, State.LEASED):
            raise NotAllowed(f"post {item_id} is {item.state.value} and can't be withdrawn any more")
        doubtful = attempts.may_have_been_sent(connection, item_id)
        leave = outbox.skip if doubtful else outbox.cancel
        moved = leave(connection, item, reason)
        if moved is None:
            raise Conflict(f"post {item_id} began to be sent just now", "Look at it again: reinforce outbox")
        audit.record(connection, actor, f"post.{moved.state.value}", f"outbox/{item_id}", {}, now)
    return moved
