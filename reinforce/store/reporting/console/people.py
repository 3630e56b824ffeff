"""The learners a rehearsal can act as, and whether a stop holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from reinforce.domain.cohort import LIVE
from reinforce.domain.sending.outbox import State
from reinforce.store import tables as t
from reinforce.store.people.people import is_linked


@dataclass(frozen=True, slots=True)
class Actor:
    """A linked live learner of a cohort; `answered` says whether they have already answered the post in question."""

    id: int
    name: str
    handle: str
    remote_user_id: int
    stopped_at: datetime | None
    answered: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What was written because of a learner: replies to them, and texts of any kind that hold their handle."""

    replies: int
    naming: int


def actors(
    connection: Connection, cohort_id: int, outbox_id: int | None = None, *, limit: int = 8
) -> tuple[Actor, ...]:
    """The first `limit` linked learners of a cohort, those who can still answer `outbox_id` first."""
    p = t.learner.c
    answered = (
        select(func.count())
        .where(t.inbound.c.learner_id == p.id, t.inbound.c.outbox_id == (-1 if outbox_id is None else outbox_id))
        .correlate(t.learner)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(p.id, p.name, p.handle, p.remote_user_id, p.stopped_at, answered)
        .join(t.enrollment, t.enrollment.c.learner_id == p.id)
        .where(
            t.enrollment.c.cohort_id == cohort_id,
            t.enrollment.c.state.in_([state.value for state in LIVE]),
            is_linked(),
        )
        .order_by(p.id)
        .limit(limit)
    )
    people = [Actor(id_, name, handle, remote, stopped, bool(n)) for id_, name, handle, remote, stopped, n in rows]
    return tuple(sorted(people, key=lambda actor: (actor.stopped_at is not None, actor.answered)))


def actor_by_id(connection: Connection, learner_id: int) -> Actor | None:
    """One learner as a rehearsal can act for them; None if there is none or they are not linked."""
    p = t.learner.c
    row = connection.execute(
        select(p.id, p.name, p.handle, p.remote_user_id, p.stopped_at).where(p.id == learner_id, is_linked())
    ).first()
    return None if row is None else Actor(*row, answered=False)


def memory_updated_at(connection: Connection, nugget_id: int) -> datetime | None:
    """When the belief about a nugget was last computed (programme time); None if it never was."""
    m = t.memory.c
    return connection.execute(select(func.max(m.updated_at)).where(m.nugget_id == nugget_id)).scalar()


def written_since(connection: Connection, actor: Actor, since: datetime) -> Written:
    """What the house wrote, or means to write, to or about a learner since `since` (programme time)."""
    o = t.outbox.c
    under_way = (o.created_at >= since, o.state.not_in([State.CANCELLED.value, State.SKIPPED.value]))
    replies = connection.execute(
        select(func.count())
        .select_from(t.outbox.join(t.inbound, t.inbound.c.id == o.inbound_id))
        .where(*under_way, t.inbound.c.learner_id == actor.id)
    ).scalar_one()
    texts = connection.execute(select(o.text).where(*under_way)).scalars()
    handle = f"@{actor.handle.lower()}"
    return Written(replies, sum(handle in text.lower() for text in texts))
