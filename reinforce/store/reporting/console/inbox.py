"""What came back, as the inbox lists it: what it was read as, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select, true

from reinforce.domain.access.rights import EVERYTHING, Scope
from reinforce.domain.cohort import LIVE
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.reporting.console.rows import value_from

PAGE = 50


@dataclass(frozen=True, slots=True)
class InboundLine:
    """One post that mentions or answers us. `read_as` lists intents, the most binding first, empty until it was read.

    `rating` is FSRS's 1 (Again) to 4 (Easy), None where nothing was graded. `answers` is the text of our post that it
    answers. `our_replies` counts what we wrote back (at most one). `inquiry_id`: it is in the list of questions under
    this number; `tip`: the nugget that was made of it. `gone_at`: X shows it no more. Times are UTC: `created_at` X's
    own stamp.
    """

    id: int
    account_id: int
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
    right: bool | None
    needs_person: bool
    gone_at: datetime | None
    inquiry_id: int | None
    tip: str
    outbox_id: int | None
    answers: str
    nugget: str
    cohort: str
    zone: str
    our_replies: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """One page of the inbox, newest first; `waiting` counts what needs a person in all that may be seen."""

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
    named: Scope = EVERYTHING,
) -> InboxPage:
    """The inbox as far as `named` reaches, newest first. `before` is the row id the list goes on from."""
    statement = _lines().where(inbound_within(named))
    if needs_person:
        statement = statement.where(t.inbound.c.needs_person.is_(True))
    if cohort:
        statement = statement.where(t.cohort.c.slug == cohort)
    if before is not None:
        statement = statement.where(t.inbound.c.id < before)
    rows = connection.execute(statement.order_by(t.inbound.c.id.desc()).limit(limit + 1)).mappings().all()
    waiting = waiting_for_a_person(connection, named)
    return InboxPage(tuple(_line(row) for row in rows[:limit]), waiting, len(rows) > limit)


def waiting_for_a_person(connection: Connection, named: Scope = EVERYTHING) -> int:
    """How many replies wait for a person, as far as `named` reaches."""
    waiting = select(func.count()).where(t.inbound.c.needs_person.is_(True), inbound_within(named))
    return int(connection.execute(waiting).scalar_one())


def inbound_within(named: Scope) -> ColumnElement[bool]:
    """The condition that what somebody wrote is for whoever sees names in these cohorts: it answers a post of one of
    them, or no cohort's post, and its author learns in one of them."""
    if named.everything:
        return true()
    i, o, e = t.inbound.c, t.outbox.alias("answered").c, t.enrollment.c
    cohorts = sorted(named.cohorts)
    ours = select(o.id).where(o.id == i.outbox_id, o.cohort_id.in_(cohorts))
    anybodys = select(o.id).where(o.id == i.outbox_id, o.cohort_id.is_not(None))
    live = [state.value for state in LIVE]
    learns = select(e.id).where(e.learner_id == i.learner_id, e.cohort_id.in_(cohorts), e.state.in_(live))
    return or_(ours.exists(), and_(~anybodys.exists(), learns.exists()))


def answers_to(connection: Connection, outbox_id: int, *, limit: int = PAGE) -> tuple[InboundLine, ...]:
    """What came back to one post, the first `limit`, oldest first."""
    statement = _lines().where(t.inbound.c.outbox_id == outbox_id).order_by(t.inbound.c.created_at).limit(limit)
    return tuple(_line(row) for row in connection.execute(statement).mappings())


def inbound_by_remote_id(connection: Connection, remote_id: int) -> InboundLine | None:
    """One post by its id on the service; None until it was read."""
    row = connection.execute(_lines().where(t.inbound.c.remote_id == remote_id)).mappings().first()
    return None if row is None else _line(row)


def inbound_line(connection: Connection, inbound_id: int, named: Scope = EVERYTHING) -> InboundLine | None:
    """One post by its row, as far as `named` reaches; None beyond."""
    statement = _lines().where(t.inbound.c.id == inbound_id, inbound_within(named))
    row = connection.execute(statement).mappings().first()
    return None if row is None else _line(row)


def _lines() -> Select[Any]:
    i, reply, made = t.inbound.c, t.outbox.alias("reply"), t.nugget.alias("made")
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
        t.inquiry.c.id.label("inquiry_id"),
        func.coalesce(made.c.title, "").label("tip"),
    ).select_from(
        t.inbound.outerjoin(t.learner, t.learner.c.id == i.learner_id)
        .outerjoin(t.outbox, t.outbox.c.id == i.outbox_id)
        .outerjoin(t.cohort, t.cohort.c.id == t.outbox.c.cohort_id)
        .outerjoin(t.nugget, t.nugget.c.id == t.outbox.c.nugget_id)
        .outerjoin(t.inquiry, t.inquiry.c.inbound_id == i.id)
        .outerjoin(made, made.c.inbound_id == i.id)
    )


def _line(row: RowMapping) -> InboundLine:
    return value_from(InboundLine, row, read_as=tuple(row["read_as"] or ()))
