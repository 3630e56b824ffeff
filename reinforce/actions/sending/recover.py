"""Take over what a dead or suspended process left behind: every lease that ran out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from reinforce.domain.sending.outbox import AttemptOutcome, OutboxItem, State
from reinforce.store.sending import attempts, due, outbox
from reinforce.store.session import Database

DIED = "its process ended, or was held up, before it could say what became of it"


@dataclass(frozen=True, slots=True)
class RecoverOutcome:
    """`released` were claimed but provably not sent; of `unknown` only the timeline can tell."""

    released: tuple[OutboxItem, ...] = ()
    unknown: tuple[OutboxItem, ...] = ()


def recover(database: Database, longest_lease: timedelta | None = None) -> RecoverOutcome:
    """Free what was leased, doubt what was being sent. Leases run out by the database's clock.

    One that ends later than `longest_lease` from now was given before that clock was set back, and is over, too.
    """
    with database.read() as connection:  # nearly always there is nothing: no writer is stopped for it
        if not due.expired(connection, longest_lease):
            return RecoverOutcome()
    with database.write() as connection:
        moved = [_take_over(connection, item) for item in due.expired(connection, longest_lease)]
    there = [item for item in moved if item is not None]
    return RecoverOutcome(
        released=tuple(item for item in there if item.state is State.PLANNED),
        unknown=tuple(item for item in there if item.state is State.UNKNOWN),
    )


def _take_over(connection: Connection, item: OutboxItem) -> OutboxItem | None:
    if item.state is State.LEASED:
        return outbox.release(connection, item)
    moved = outbox.move(connection, item, State.UNKNOWN, outcome=DIED)
    if moved is not None:
        attempts.close_open(connection, item.id, AttemptOutcome.UNKNOWN, DIED)
    return moved
