"""What came back, as the inbox lists it: what it was read as, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, and_, func, select

from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.reporting.console.rows import value_from

PAGE = 50


@dataclass(frozen=True, slots=True)
class InboundLine:
    """One post that mentions or answers us. `read_as` lists intents, the most binding first, empty until it was read.

    `rating` is FSRS's 1 (Again) to 4 (Easy), None where nothing was graded. `answers` is the text of our post that it
    answers. `our_replies` counts what we wrote back (at most one). Times are UTC: `created_at` X's own stamp.
    """

    id: int
    remote_id: int
    author_handle: str
    learner_id: int | None
    learner: str
    text: str
    created_at: datetime
    received_at: datetime
    graded_at: datetime | None
    read_as: tuple[str, ...]
    read_why: str
    rating: int | None
    needs_person: bool
    outbox_id: int | None
    answers: str
    nugget: str
    cohort: str
    zone: str
    our_replies: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of the inbox, newest first; `waiting` counts what needs a person in the whole inbox."""

    lines: tuple[InboundLine, ...]
    waiting: int
    more: bool


def inbox_page(
    connection: Connection,
    *,
    needs_person: bool = False,
    cohort: str = "",
    before: int | None = None,
    limit: int = PAGE,
) -> InboxPage:
    """The inbox, newest first. `before` is the row id the list goes on from."""
    statement = _lines()
    if needs_person:
        statement = statement.where(t.inbound.c.needs_person.is_(True))
    if cohort:
        statement = statement.where(t.cohort.c.slug == cohort)
    if before is not None:
        statement = statement.where(t.inbound.c.id < before)
    rows = connection.execute(statement.order_by(t.inbound.c.id.desc()).limit(limit + 1)).mappings().all()
    waiting = connection.execute(select(func.count()).where(t.inbound.c.needs_person.is_(True))).scalar_one()
    return InboxPage(tuple(_line(row) for row in rows[:limit]), waiting, len(rows) > limit)


def answers_to(connection: Connection, outbox_id: int) -> tuple[InboundLine, ...]:
    """Everything that came back to one post, oldest first."""
    statement = _lines().where(t.inbound.c.outbox_id == outbox_id).order_by(t.inbound.c.created_at)
    return tuple(_line(row) for row in connection.execute(statement).mappings())


def inbound_by_remote_id(connection: Connection, remote_id: int) -> InboundLine | None:
    """One post by its id on the service; None until it was read."""
    row = connection.execute(_lines().where(t.inbound.c.remote_id == remote_id)).mappings().first()
    return None if row is None else _line(row)


def _lines() -> Select[Any]:
    i, reply = t.inbound.c, t.outbox.alias("reply")
    replies = (
        select(func.count())
        .where(and_(reply.c.inbound_id == i.id, reply.c.state != State.CANCELLED.value))
        .correlate(t.inbound)
        .scalar_subquery()
    )
    return select(
        t.inbound,
        func.coalesce(t.learner.c.name, "").label("learner"),
        func.coalesce(t.outbox.c.text, "").label("answers"),
        func.coalesce(t.nugget.c.title, "").label("nugget"),
        func.coalesce(t.cohort.c.slug, "").label("cohort"),
        func.coalesce(t.cohort.c.zone, "UTC").label("zone"),
        replies.label("our_replies"),
    ).select_from(
        t.inbound.outerjoin(t.learner, t.learner.c.id == i.learner_id)
        .outerjoin(t.outbox, t.outbox.c.id == i.outbox_id)
        .outerjoin(t.cohort, t.cohort.c.id == t.outbox.c.cohort_id)
        .outerjoin(t.nugget, t.nugget.c.id == t.outbox.c.nugget_id)
    )


def _line(row: RowMapping) -> InboundLine:
    return value_from(InboundLine, row, read_as=tuple(row["read_as"] or ()))
